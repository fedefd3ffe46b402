package tooltest

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"p1/pkg/tool"
)

// ManPage compares the man page in file with that of the command line, or
// rewrites it under -update.
func ManPage(t *testing.T, app *cli.App, file string) {
	t.Helper()
	Golden(t, file, []byte(manPage(app)))
}

// tools are the five commands, for SEE ALSO.
var tools = []string{"p1cat", "p1csv", "p1fix", "p1frame", "p1noise"}

// manPage writes a page of section 1 in the man macros. It is made of nothing
// but the command line, so that it is the same everywhere: no date, no version.
// The page that urfave/cli makes lacks the arguments, the exit status and the
// names of the flags' values. What it says of a flag is what --help says.
func manPage(app *cli.App) string {
	app.Setup()
	p := &page{}
	p.line(".TH", strings.ToUpper(app.Name), "1", "", "", "p1")
	p.line(".SH", "NAME")
	p.text(app.Name + " - " + app.Usage)
	p.line(".SH", "SYNOPSIS")
	p.raw(synopsis(app))
	p.line(".SH", "DESCRIPTION")
	description, example := tool.About(app)
	p.paragraphs(description)
	p.line(".SH", "OPTIONS")
	for i, s := range tool.Sections(app) {
		if i > 0 {
			p.line(".SS", s.Title)
		}
		for _, f := range s.Flags {
			p.option(f)
		}
	}
	p.line(".SH", "EXIT STATUS")
	for _, s := range tool.Statuses(app) {
		p.line(".TP")
		p.line(".B", s.Code)
		p.text(s.Meaning)
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

func seeAlso(name string) string {
	var others []string
	for _, other := range tools {
		if other != name {
			others = append(others, `\fB`+other+`\fR(1)`)
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
func (p *page) option(f tool.Described) {
	var names []string
	for _, name := range f.Names {
		names = append(names, `\fB`+escape(name)+`\fR`)
	}
	head := strings.Join(names, ", ")
	if f.Value != "" {
		head += ` \fI` + escape(f.Value) + `\fR`
	}
	p.line(".TP")
	p.raw(head)
	p.text(f.Text)
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
