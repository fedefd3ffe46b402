package tool

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Described is a flag in words: for the help, the man page and the shells' completion.
type Described struct {
	Names []string // the short one first: -o, --output
	Value string   // what its value is called; empty where it takes none
	Text  string   // what it does, and its default
	flag  cli.Flag
}

// Section is flags that belong together.
type Section struct {
	Title string
	Flags []Described
}

// Titles of sections that several commands have.
const (
	mainSection = "Options"
	// Damage is the section of what is done where not all is as it should be.
	Damage      = "What is damaged or no record"
	helpSection = "Help"
)

// Group puts flags into a section of the help and the man page. Sections and flags come in
// the order in which a command lists them, those without a section first.
func Group(title string, flags ...cli.Flag) []cli.Flag {
	for _, f := range flags {
		*category(f) = title
	}
	return flags
}

// category is where a flag says to which section it belongs.
func category(f cli.Flag) *string {
	switch f := f.(type) {
	case *cli.BoolFlag:
		return &f.Category
	case *cli.IntFlag:
		return &f.Category
	case *cli.Float64Flag:
		return &f.Category
	case *cli.DurationFlag:
		return &f.Category
	case *cli.StringFlag:
		return &f.Category
	case *cli.StringSliceFlag:
		return &f.Category
	case *FileFlag:
		return &f.Category
	case *FilesFlag:
		return &f.Category
	case *WordFlag:
		return &f.Category
	}
	panic(fmt.Sprintf("a flag of type %T has no section", f))
}

// Sections returns the flags of a command that its help shows, after [cli.App.Setup].
func Sections(app *cli.App) []Section {
	all := []Section{{Title: mainSection}}
	for _, f := range app.VisibleFlags() {
		title := mainSection
		switch own := *category(f); {
		case own != "":
			title = own
		case slices.Contains(f.Names(), "help"), slices.Contains(f.Names(), "version"):
			title = helpSection
		}
		at := slices.IndexFunc(all, func(s Section) bool { return s.Title == title })
		if at < 0 {
			at = len(all)
			all = append(all, Section{Title: title})
		}
		all[at].Flags = append(all[at].Flags, describe(f))
	}
	return slices.DeleteFunc(all, func(s Section) bool { return len(s.Flags) == 0 })
}

// describe says what a flag is.
func describe(f cli.Flag) Described {
	d := Described{flag: f}
	for _, name := range f.Names() {
		dash := "--"
		if len(name) == 1 {
			dash = "-"
		}
		d.Names = append(d.Names, dash+name)
	}
	slices.SortStableFunc(d.Names, func(a, b string) int { return len(a) - len(b) })
	doc := f.(cli.DocGenerationFlag)
	usage := doc.GetUsage()
	if doc.TakesValue() {
		d.Value = "value"
		if parts := strings.Split(usage, "`"); len(parts) == 3 {
			d.Value = parts[1]
		}
	}
	d.Text = strings.ReplaceAll(usage, "`", "")
	if usual := usualValue(doc); usual != "" {
		d.Text += " (default: " + usual + ")"
	}
	return d
}

// usualValue returns the default of a flag, nothing where that is to be off.
func usualValue(flag cli.DocGenerationFlag) string {
	switch usual := flag.GetDefaultText(); usual {
	case "false":
		return ""
	case `","`:
		return "a comma"
	default:
		return strings.Trim(usual, `"`)
	}
}

// Status is an exit code of a command and what it says.
type Status struct{ Code, Meaning string }

// Statuses are the exit codes that a command can have, which depends on what it reads.
func Statuses(app *cli.App) []Status {
	failed := "An input could not be read, though the others were, the output could not be written, or one file is both."
	switch {
	case hasFlag(app, "allow-unverified"):
		failed += " Or the key opens none of the encrypted telegrams, which are written all the same."
	case hasFlag(app, "metrics"):
		failed += " Or the metrics could not be written at the end, or the page or the picture."
	}
	list := []Status{
		{"0", "Everything was read and written. Damaged telegrams are no failure."},
		{"1", failed},
		{"2", "The command line is wrong. Nothing was written to standard output."},
	}
	if hasFlag(app, flagKeepGoing) {
		list = append(list, Status{"3", "A line of the input is not a record, or a newer version of these tools has made it. What stood before it was written."})
	}
	if hasFlag(app, "raw") {
		list = append(list, Status{"3", "With --raw, a line of records is none, or a newer version of these tools has made it; without, the input holds records other than chunks and gaps. What stood before it was written."})
	}
	if hasFlag(app, flagStrict) {
		list = append(list, Status{"4", "With --strict: everything was read and written, but a telegram is not valid, or is suspect."})
	}
	interrupted := "Interrupted. What was read before was written."
	if !hasFlag(app, flagKeepGoing) {
		interrupted += " SIGTERM, however, is how a service is told to end: 0."
	}
	return append(list,
		Status{"130", interrupted},
		Status{"141", "Nobody reads the output any more, as when it goes to head. It is what a shell shows for SIGPIPE, and nothing is said."},
	)
}
