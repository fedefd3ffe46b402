package tool

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// helpTemplate has the help come from helpText: the template of the library knows sections
// in the order of the alphabet only, and no exit codes.
const helpTemplate = `{{index (call .ExtraInfo) "help"}}`

// exampleMark separates what a command does from its examples.
const exampleMark = "\n\nExample:\n\n"

// About returns what a command does, and its examples, of its description.
func About(app *cli.App) (text, examples string) {
	text, examples, _ = strings.Cut(app.Description, exampleMark)
	return text, examples
}

// How wide the help is, and how far what a flag does is moved in.
const (
	helpWidth  = 80
	helpIndent = "        "
)

// helpText is the help of a command: what it is, examples, what it does, its flags in the
// order in which people need them, and its exit codes.
func helpText(app *cli.App) string {
	var b strings.Builder
	text, examples := About(app)
	fmt.Fprintf(&b, "%s - %s\n\nUsage: %s\n\nExamples:\n\n%s\n\n%s\n", app.Name, app.Usage, app.UsageText, examples, paragraphs(text))
	for _, s := range Sections(app) {
		fmt.Fprintf(&b, "\n%s\n\n", filled("", "", s.Title+":"))
		for _, f := range s.Flags {
			fmt.Fprintf(&b, "  %s\n%s\n", strings.TrimSpace(strings.Join(f.Names, ", ")+" "+f.Value), filled(helpIndent, helpIndent, f.Text))
		}
	}
	b.WriteString("\nExit codes:\n\n")
	for _, s := range Statuses(app) {
		b.WriteString(filled(fmt.Sprintf("  %-6s", s.Code), helpIndent, s.Meaning) + "\n")
	}
	return b.String()
}

// paragraphs fills the lines of text whose paragraphs are separated by empty lines; those
// that are indented stay as they stand.
func paragraphs(text string) string {
	parts := strings.Split(text, "\n\n")
	for i, part := range parts {
		if !strings.HasPrefix(part, " ") {
			parts[i] = filled("", "", part)
		}
	}
	return strings.Join(parts, "\n\n")
}

// filled breaks text into lines that are no wider than the help, unless a word is.
func filled(first, indent, text string) string {
	var b strings.Builder
	line := first
	width := len(first)
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case width+1+n > helpWidth:
			b.WriteString(line + "\n")
			line, width = indent, len(indent)
		default:
			line, width = line+" ", width+1
		}
		line, width = line+word, width+n
	}
	b.WriteString(line)
	return b.String()
}
