package tooltest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// ManPage compares the man page in file with that of the command line, or
// rewrites it under -update.
func ManPage(t *testing.T, app *cli.App, file string) {
	t.Helper()
	Golden(t, file, []byte(manPage(app)))
}

// tools are the five commands, for SEE ALSO.
var tools = []string{"p1cat", "p1csv", "p1fix", "p1frame", "p1noise"}

// exampleMark separates the description of a command line from its example.
const exampleMark = "\n\nExample:\n\n"

// manPage writes a page of section 1 in the man macros. It is made of nothing
// but the command line, so that it is the same everywhere: no date, no version.
// The page that urfave/cli makes lacks the arguments, the exit status and the
// names of the flags' values.
func manPage(app *cli.App) string {
	app.Setup()
	p := &page{}
	p.line(".TH", strings.ToUpper(app.Name), "1", "", "", "p1")
	p.line(".SH", "NAME")
	p.text(app.Name + " - " + app.Usage)
	p.line(".SH", "SYNOPSIS")
	p.raw(synopsis(app))
	p.line(".SH", "DESCRIPTION")
	description, example, _ := strings.Cut(app.Description, exampleMark)
	p.paragraphs(description)
	p.line(".SH", "OPTIONS")
	for _, f := range app.VisibleFlags() {
		p.option(f)
	}
	p.line(".SH", "EXIT STATUS")
	for _, s := range statuses(app) {
		p.line(".TP")
		p.line(".B", s.code)
		p.text(s.meaning)
	}
	p.line(".SH", "EXAMPLES")
	p.block(example)
	p.line(".SH", "SEE ALSO")
	p.raw(seeAlso(app.Name))
	return p.String()
}

// synopsis writes "p1cat [options] [SOURCE...]" with its names in italics.
func synopsis(app *cli.App) string {
	words := strings.Fields(app.UsageText)
	for i, w := range words[1:] {
		name := strings.Trim(w, "[].")
		words[i+1] = strings.Replace(w, name, `\fI`+name+`\fR`, 1)
	}
	return `\fB` + words[0] + `\fR ` + strings.Join(words[1:], " ")
}

// status is an exit code and what it says.
type status struct{ code, meaning string }

// statuses are the exit codes that a command can have, which depends on what it
// reads.
func statuses(app *cli.App) []status {
	list := []status{
		{"0", "Everything was read and written. Damaged telegrams are no failure."},
		{"1", "An input could not be read, though the others were, or the output could not be written."},
		{"2", "The command line is wrong. Nothing was written to standard output."},
	}
	if hasFlag(app, "keep-going") {
		list = append(list, status{"3", "A line of the input is not a record, or a newer version of these tools has made it. What stood before it was written."})
	}
	if hasFlag(app, "raw") {
		list = append(list, status{"3", "With --raw, a line of records is none, or a newer version of these tools has made it; without, the input holds records other than chunks and gaps. What stood before it was written."})
	}
	if hasFlag(app, "strict") {
		list = append(list, status{"4", "With --strict: everything was read and written, but a telegram is not valid, or is suspect."})
	}
	interrupted := "Interrupted. What was read before was written."
	if !hasFlag(app, "keep-going") {
		interrupted += " SIGTERM, however, is how a service is told to end: 0."
	}
	return append(list,
		status{"130", interrupted},
		status{"141", "Nobody reads the output any more, as when it goes to head. It is what a shell shows for SIGPIPE, and nothing is said."},
	)
}

func hasFlag(app *cli.App, name string) bool {
	return slices.ContainsFunc(app.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

func seeAlso(name string) string {
	var others []string
	for _, tool := range tools {
		if tool != name {
			others = append(others, `\fB`+tool+`\fR(1)`)
		}
	}
	return strings.Join(others, ", ")
}

// page is a man page being written.
type page struct{ strings.Builder }

// raw writes a line in roff.
func (p *page) raw(line string) { p.WriteString(line + "\n") }

// line writes a macro with its arguments.
func (p *page) line(macro string, args ...string) {
	p.WriteString(macro)
	for _, a := range args {
		if a == "" || strings.Contains(a, " ") {
			a = `"` + a + `"`
		}
		p.WriteString(" " + a)
	}
	p.WriteByte('\n')
}

// text writes lines to be filled.
func (p *page) text(text string) {
	for line := range strings.Lines(text) {
		p.raw(escape(strings.TrimSpace(line)))
	}
}

// paragraphs writes text whose paragraphs are separated by empty lines, those
// that are indented as they stand.
func (p *page) paragraphs(text string) {
	for i, part := range strings.Split(text, "\n\n") {
		if strings.HasPrefix(part, " ") {
			p.block(part)
			continue
		}
		if i > 0 {
			p.line(".PP")
		}
		p.text(part)
	}
}

// block writes indented lines as they stand.
func (p *page) block(text string) {
	p.line(".PP")
	p.line(".RS", "4")
	p.line(".EX")
	p.text(text)
	p.line(".EE")
	p.line(".RE")
}

// option writes a flag: its names, its value, what it does and its default.
func (p *page) option(f cli.Flag) {
	flag, ok := f.(cli.DocGenerationFlag)
	if !ok {
		panic(fmt.Sprintf("the flag %v cannot be described", f.Names()))
	}
	var names []string
	for _, name := range flag.Names() {
		dash := "--"
		if len(name) == 1 {
			dash = "-"
		}
		names = append(names, `\fB`+escape(dash+name)+`\fR`)
	}
	slices.SortStableFunc(names, func(a, b string) int { return len(a) - len(b) })
	usage := flag.GetUsage()
	head := strings.Join(names, ", ")
	if flag.TakesValue() {
		value := "value"
		if parts := strings.Split(usage, "`"); len(parts) == 3 {
			value = parts[1]
		}
		head += ` \fI` + escape(value) + `\fR`
	}
	p.line(".TP")
	p.raw(head)
	text := strings.ReplaceAll(usage, "`", "")
	if def := defaultOf(flag); def != "" {
		text += " (default: " + def + ")"
	}
	p.text(text)
}

// defaultOf returns the default of a flag, nothing where that is to be off.
func defaultOf(flag cli.DocGenerationFlag) string {
	switch def := flag.GetDefaultText(); def {
	case "false":
		return ""
	case `","`:
		return "a comma"
	default:
		return strings.Trim(def, `"`)
	}
}

// escape makes text stand for itself in roff: hyphens that can be copied into a
// shell, straight quotes, and no line that is taken for a macro.
func escape(text string) string {
	text = strings.NewReplacer(
		`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "~", `\(ti`, "^", `\(ha`,
	).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
