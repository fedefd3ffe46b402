package tool

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
)

// The completion of a command line is asked for by a script of the shell:
//
//	p1csv --completion bash                       writes that script
//	p1csv --complete=--table=ga -- -o day.csv     what it runs at Tab: the word that the cursor
//	                                              is in, and the words before it
//	words
//	--table=gas	                                  the answer
//
// So what is offered is always what the command takes that is installed, and the flags are
// described once, in the command. The first line of the answer tells what the shell is to do,
// see [offer]; then come whole words, each with what it does after a tab.

// completeMark begins the argument that asks what a word may become.
const completeMark = "--complete="

const flagCompletion = "completion"

// commandName stands in the scripts for the command's name.
const commandName = "P1COMMAND"

//go:embed completion
var scripts embed.FS

// shells are those that there is a script for.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

func completionFlag() cli.Flag {
	return Group(helpSection, OneOf(&cli.StringFlag{
		Name:  flagCompletion,
		Usage: "write the completion of this command's flags and their values for `SHELL`, and do nothing else: " + display.Listed(shells(), "or"),
	}, shells))[0]
}

// scripted lets an action run only where no script is asked for.
func scripted(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		if !c.IsSet(flagCompletion) {
			return action(c)
		}
		shell := c.String(flagCompletion)
		if !slices.Contains(shells(), shell) {
			return Usagef("--%s %s: there is none for it, but for %s%s", flagCompletion, shell, display.Listed(shells(), "and"), display.Meant(shell, shells()))
		}
		text, err := scripts.ReadFile("completion/" + shell)
		if err == nil {
			_, err = io.WriteString(c.App.Writer, strings.ReplaceAll(string(text), commandName, c.App.Name))
		}
		return err
	}
}

// offer is what a word may become.
type offer struct {
	words []offered
	files string // "files" or "directories" if their names are offered too
	open  bool   // a word may go on: no blank is written behind it
}

// offered is a whole word, and what it does.
type offered struct{ word, does string }

// asked reports whether a script of a shell asks what a word may become, and answers.
func asked(app *cli.App, args []string) bool {
	if len(args) < 2 {
		return false
	}
	word, ok := strings.CutPrefix(args[1], completeMark)
	if !ok {
		return false
	}
	before := args[2:]
	if len(before) > 0 && before[0] == "--" {
		before = before[1:]
	}
	app.Setup()
	o := complete(app, before, word)
	head := []string{"words"}
	if o.files != "" {
		head = append(head, o.files)
	}
	if o.open {
		head = append(head, "open")
	}
	fmt.Fprintln(app.Writer, strings.Join(head, " "))
	for _, w := range o.words {
		fmt.Fprintln(app.Writer, w.word+"\t"+w.does)
	}
	return true
}

// complete finds what a word may become that stands behind others.
func complete(app *cli.App, before []string, word string) offer {
	given := map[string]bool{} // the flags before it
	var open cli.Flag          // the one whose value it is
	for i, w := range before {
		switch name, _, joined := strings.Cut(strings.TrimLeft(w, "-"), "="); {
		case open != nil:
			open = nil
		case w == "--":
			return argument(app, word)
		case len(w) > 1 && w[0] == '-':
			f := flagNamed(app, name)
			if f == nil {
				continue
			}
			given[f.Names()[0]] = true
			if takesValue(f) && !joined && i < len(before) {
				open = f
			}
		}
	}
	name, value, joined := strings.Cut(word, "=")
	switch f := flagNamed(app, strings.TrimLeft(name, "-")); {
	case open != nil:
		return values(open, "", word)
	case strings.HasPrefix(word, "-") && joined && f != nil:
		return values(f, name+"=", value)
	case strings.HasPrefix(word, "-"):
		return flagNames(app, given, word)
	}
	return argument(app, word)
}

// flagNamed is the flag of a name without dashes; nil where there is none.
func flagNamed(app *cli.App, name string) cli.Flag {
	for _, f := range app.VisibleFlags() {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func takesValue(f cli.Flag) bool { return f.(cli.DocGenerationFlag).TakesValue() }

// flagNames are the flags that a word may become, but those that were given and count once.
func flagNames(app *cli.App, given map[string]bool, word string) (o offer) {
	for _, s := range Sections(app) {
		for _, f := range s.Flags {
			if given[f.flag.Names()[0]] && !repeats(f.flag) {
				continue
			}
			for _, name := range f.Names {
				if strings.HasPrefix(name, word) {
					o.words = append(o.words, offered{name, f.Text})
				}
			}
		}
	}
	return o
}

// repeats reports whether a flag may be given again.
func repeats(f cli.Flag) bool {
	switch f.(type) {
	case *cli.StringSliceFlag, *FilesFlag:
		return true
	}
	return false
}

// values are what the value of a flag may become. What stands before it in the same word is
// to stand before each.
func values(f cli.Flag, before, value string) (o offer) {
	switch f := f.(type) {
	case *cli.BoolFlag:
		return offer{words: beginning(before, value, []string{"true", "false"})}
	case *FileFlag:
		o.files = "files"
		if f.own != nil {
			o.files = "directories"
		}
	case *FilesFlag:
		o.files = "files"
	case *WordFlag:
		words := f.words()
		if f.list {
			o.open = true
			end := strings.LastIndexByte(value, ',') + 1
			had := strings.Split(value[:end], ",")
			words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(had, w) })
			before, value = before+value[:end], value[end:]
		}
		o.words = beginning(before, value, words)
	}
	return o
}

// beginning are the words that begin with a text.
func beginning(before, text string, words []string) (list []offered) {
	for _, w := range words {
		if strings.HasPrefix(w, text) {
			list = append(list, offered{word: before + w})
		}
	}
	return list
}

// argument is what an argument may become.
func argument(app *cli.App, word string) offer {
	o := offer{files: "files"}
	if words, ok := app.Metadata[argumentWords].(func(string) []string); ok {
		o.words, o.open = beginning("", word, words(word)), true // what has a query may go on
	}
	if strings.Contains(word, ":") && len(o.words) > 0 {
		o.files = "" // it is no file
	}
	return o
}
