package tool

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"p1/pkg/record"
)

// tally counts telegrams by what became of them, for the words at the end of a run.
type tally struct {
	telegrams int
	are       [outcomes]int
	ender     ender                          // nil where nothing is to be added
	doubted   struct{ lines, telegrams int } // of what is written, for who reads it to know
	withheld  int                            // unchecked telegrams of which some lines are not trusted
}

// outcome is what became of a telegram, for who wants to use it.
type outcome int

const (
	usable outcome = iota // valid, and not suspect
	suspect
	salvaged
	lost
	bad
	outcomes
)

func (o outcome) String() string {
	return [outcomes]string{"usable", "suspect", "salvaged", "lost", "bad"}[o]
}

func outcomeOf(t *record.Telegram) outcome {
	switch {
	case t.Status.Valid() && t.Suspect == "":
		return usable
	case t.Status.Valid():
		return suspect
	case t.Status == record.Salvaged:
		return salvaged
	case t.Status == record.Lost:
		return lost
	}
	return bad
}

func (t *tally) count(r record.Record) {
	if tel, ok := r.(*record.Telegram); ok {
		t.telegrams++
		t.are[outcomeOf(tel)]++
	}
}

// doubt counts the lines of a telegram that are doubted, or not trusted.
func (t *tally) doubt(r record.Record) {
	tel, ok := r.(*record.Telegram)
	if !ok {
		return
	}
	if len(tel.Doubted) > 0 {
		t.doubted.telegrams++
		t.doubted.lines += len(tel.Doubted)
	}
	if tel.Status == record.Unchecked && tel.Trusted != nil && tel.Doubted == nil {
		t.withheld++
	}
}

// doubts says how many lines are doubted, if any.
func (t *tally) doubts() string {
	switch t.doubted.lines {
	case 0:
		return ""
	case 1:
		return "1 line of 1 telegram is doubted: p1noise lists it"
	}
	return fmt.Sprintf("%d lines of %s are doubted: p1noise lists them", t.doubted.lines, Counted(t.doubted.telegrams, "telegram"))
}

// ender is a stage that adds to the line at the end of a run.
type ender interface {
	// Ending returns what is added, and whether the line is to be said where all
	// telegrams were usable, too.
	Ending() (words string, loud bool)
}

// end says at the end of a run what became of the telegrams: of a command that has
// --quiet, where a person sees it, or where not all of them were usable. Of what was
// written it says how many lines are doubted. It returns the error of the run, or that of
// --strict.
func (t *tally) end(c *cli.Context, err error) error {
	var more string
	loud := t.telegrams > t.are[usable]
	strict := err == nil && loud && c.Bool(flagStrict)
	if t.ender != nil {
		words, too := t.ender.Ending()
		more, loud = "; "+words, loud || too
	}
	text := t.words()
	if t.ender != nil && t.telegrams == 0 && !loud {
		text, more, loud = "no telegrams came in", "", true
	}
	switch {
	case strict:
		text = fmt.Sprintf("of %d telegrams %d are not valid and %d are suspect",
			t.telegrams, t.telegrams-t.are[usable]-t.are[suspect], t.are[suspect])
		err = ErrStrict
	case !t.ended(err) || !hasFlag(c.App, flagQuiet) || c.Bool(flagQuiet):
		return err
	}
	if strict || loud || IsTerminal(c.App.ErrWriter) {
		Say(c)(text + more)
	}
	if doubts := t.doubts(); doubts != "" {
		Say(c)(doubts)
	}
	if t.withheld > 0 {
		Say(c)(fmt.Sprintf("%s without a CRC: some lines contradict what the meter said before, and are not handed on (trusted names the others)", Counted(t.withheld, "telegram")))
	}
	return err
}

// ended reports whether a run with this error came to its end, so that what was counted
// is more than a beginning.
func (t *tally) ended(err error) bool {
	return err == nil || errors.Is(err, ErrInterrupted) || errors.Is(err, ErrReported) && t.telegrams > 0
}

// words are such as "804 telegrams: 798 usable, 6 salvaged".
func (t *tally) words() string {
	var parts []string
	for o, n := range t.are {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, outcome(o)))
		}
	}
	text := Counted(t.telegrams, "telegram")
	if parts == nil {
		return text
	}
	return text + ": " + strings.Join(parts, ", ")
}

// Counted returns a number of things, such as "1 row" or "2 rows".
func Counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// IsTerminal reports whether a person sees at once what is written to an output, or types
// what is read from an input.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
