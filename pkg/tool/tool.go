// Package tool takes a command's flags and arguments and gives its exit code: it
// is what the five commands share, the run wrapper, errors with their exit
// codes, inputs and outputs, and Signals.
package tool

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
	"p1/pkg/fileio"
	"p1/pkg/foreign"
	"p1/pkg/record"
)

// Exit codes of all five commands.
const (
	ExitOK          = 0
	ExitFailed      = 1   // input or output failed
	ExitUsage       = 2   // wrong usage
	ExitNotRecords  = 3   // not a record stream
	ExitStrict      = 4   // --strict: not every telegram is valid, or one is suspect
	ExitInterrupted = 130 // SIGINT
	ExitClosedPipe  = 141 // as a shell reports SIGPIPE
)

// UsageError is wrong usage: exit code 2.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef returns a [UsageError].
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

var (
	// ErrInterrupted ends a command that a signal has stopped, after its tail.
	ErrInterrupted = errors.New("interrupted")
	// ErrStrict ends a command under --strict.
	ErrStrict = errors.New("not every telegram is valid")
	// ErrReported ends a command whose failure has been said already.
	ErrReported = errors.New("failed")
)

// App returns a command line with the habits that all five share. The example
// is one line or more of shell, indented by nobody.
func App(name, usage, args, description, example string, flags []cli.Flag, action cli.ActionFunc) *cli.App {
	app := &cli.App{
		Name:            name,
		Usage:           usage,
		UsageText:       name + " [options] " + args,
		Description:     description + exampleMark + indent(example),
		Version:         version(),
		HideVersion:     true, // cli's own flag says it in another way
		Flags:           append(slices.Clip(flags), completionFlag(), cli.HelpFlag, versionFlag()),
		Action:          versionOr(scripted(apart(action))),
		HideHelpCommand: true, // else a file named h runs help

		DisableSliceFlagSeparator: true, // a flag that may be given again takes a comma as it is
		ExitErrHandler:            func(*cli.Context, error) {},

		CustomAppHelpTemplate: helpTemplate,
	}
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return &UsageError{explain(app.Flags, err)} }
	app.ExtraInfo = func() map[string]string { return map[string]string{"help": helpText(app)} }
	return app
}

var notATime = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^invalid value "(.*)" for flag -(\S+): parse error$`)
})

// explain says of a flag that is not known which one was meant, and of a value that cannot
// be read as a time how one is written.
func explain(flags []cli.Flag, err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		return noFlag(flags, name)
	}
	words := notATime().FindStringSubmatch(err.Error())
	if words == nil {
		return err
	}
	for _, f := range flags {
		if _, ok := f.(*cli.DurationFlag); ok && slices.Contains(f.Names(), words[2]) {
			return fmt.Errorf("--%s: %q is no time: want one such as 60s or 5m", words[2], words[1])
		}
	}
	return err
}

func noFlag(flags []cli.Flag, name string) error {
	known := []string{"help", "version"}
	for _, f := range flags {
		known = append(known, f.Names()...)
	}
	known = slices.DeleteFunc(known, func(n string) bool { return len(n) == 1 })
	for i := range known {
		known[i] = "--" + known[i]
	}
	return fmt.Errorf("there is no flag --%s%s", name, display.Meant("--"+name, known))
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// Run runs the command line and returns its exit code; args[0] is the program's
// name. Words for people go to errw, help and version to out.
func Run(app *cli.App, args []string, in io.Reader, out, errw io.Writer) int {
	if os.Getenv("GOGC") == "" {
		// A stage keeps little and, where telegrams are damaged, makes much: 100 costs
		// 4 % of p1fix, while 400 gives nothing more and needs 38 MB in place of 27.
		debug.SetGCPercent(200)
	}
	app.Reader, app.Writer, app.ErrWriter = in, out, errw
	if asked(app, args) {
		return ExitOK
	}
	err := app.Run(append(args[:1:1], permute(app.Flags, args[1:])...))
	return exitCode(app, err, errw)
}

func exitCode(app *cli.App, err error, errw io.Writer) int {
	var usage *UsageError
	var line *record.LineError
	switch {
	case err == nil:
		return ExitOK
	case isClosedPipe(err):
		return ExitClosedPipe
	case errors.Is(err, ErrInterrupted):
		return besides(app, errw, err, ErrInterrupted, ExitInterrupted)
	case errors.Is(err, ErrReported):
		return besides(app, errw, err, ErrReported, ExitFailed)
	case errors.Is(err, ErrStrict):
		return besides(app, errw, err, ErrStrict, ExitStrict)
	case errors.As(err, &usage):
		tell(app, errw, err, cmp.Or(ownHint(err), app.Name+" --help says how it is used"))
		return ExitUsage
	case errors.As(err, &line):
		if text := noRecords(line); text != "" {
			err = errors.Join(errors.New(text), err)
		}
		tell(app, errw, err, hints(app, err)...)
		return ExitNotRecords
	}
	tell(app, errw, err, ownHint(err))
	return ExitFailed
}

// besides says what is joined to an error that nobody is told of, and returns the exit code of that one.
func besides(app *cli.App, errw io.Writer, err, silent error, code int) int {
	others := slices.DeleteFunc(unjoined(err), func(e error) bool { return errors.Is(e, silent) })
	if err := errors.Join(others...); err != nil {
		tell(app, errw, err, ownHint(err))
	}
	return code
}

// How many characters of a line of words are shown: of an error, which may quote anything,
// some lines of a terminal; of other words, which may list all columns of a table, more.
const (
	maxError = 600
	maxWords = 4000
)

// tell says what is wrong, errors that have come together each on a line of its own,
// and what to do about it. No text of others reaches the terminal but by it and [Say].
func tell(app *cli.App, errw io.Writer, err error, hints ...string) {
	for _, e := range unjoined(err) {
		fmt.Fprintln(errw, display.Line(app.Name+": "+e.Error(), maxError))
	}
	for _, hint := range hints {
		if hint != "" {
			fmt.Fprintln(errw, display.Line("hint: "+hint, maxError))
		}
	}
}

// unjoined returns the errors that [errors.Join] has put together: a line end in any other
// error is part of a name, and is shown as one.
func unjoined(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	parts := joined.Unwrap()
	if len(parts) == 0 || errors.Join(parts...).Error() != err.Error() {
		return []error{err}
	}
	var all []error
	for _, e := range parts {
		all = append(all, unjoined(e)...)
	}
	return all
}

// ownHint is what an error itself says is to be done.
func ownHint(err error) string {
	var own interface{ Hint() string }
	if !errors.As(err, &own) {
		return ""
	}
	return own.Hint()
}

// noRecords says in a sentence what an input is whose first line is no JSON; "" of any other
// line, and of one that begins as a record does.
func noRecords(line *record.LineError) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(line.Text, []byte("\uFEFF")))
	if line.Line != 1 || !errors.Is(line, record.ErrNotJSON) || len(text) == 0 || text[0] == '{' {
		return ""
	}
	name := line.Name
	if name == fileio.Stdin {
		name = "standard input"
	}
	if k := foreign.Content(line.Text); k != nil {
		return name + ": " + k.Name + ". " + k.Do
	}
	return name + " holds no records: a meter's log goes through p1cat and p1frame first"
}

// hints say what to do about a line that is no record.
func hints(app *cli.App, err error) []string {
	switch {
	case errors.As(err, new(interface{ Hint() string })):
		return []string{ownHint(err)}
	case errors.Is(err, record.ErrChunks):
		return []string{"p1cat LOG | p1frame | " + app.Name}
	case errors.Is(err, record.ErrNewer):
		return nil
	}
	var line *record.LineError
	if errors.As(err, &line) && line.Line == 1 && foreign.Content(line.Text) != nil {
		return nil
	}
	all := []string{app.Name + " reads records as JSON lines; a meter's log goes through p1cat first: p1cat LOG | p1frame | p1fix"}
	if hasFlag(app, flagKeepGoing) {
		all = append(all, "--keep-going passes over such lines")
	}
	return all
}

// isClosedPipe reports whether writing failed since nobody reads any more.
func isClosedPipe(err error) bool {
	if runtime.GOOS == "windows" {
		const brokenPipe, noData = syscall.Errno(109), syscall.Errno(232)
		return errors.Is(err, brokenPipe) || errors.Is(err, noData)
	}
	return errors.Is(err, syscall.EPIPE)
}

// permute moves flags before the arguments, where the flag package looks for
// them: p1csv day.jsonl -o day.csv means what it says. "--" ends the flags.
func permute(flags []cli.Flag, args []string) []string {
	lone := map[string]bool{"help": true, "h": true, "version": true, "v": true}
	for _, f := range flags {
		if _, ok := f.(*cli.BoolFlag); ok {
			for _, name := range f.Names() {
				lone[name] = true
			}
		}
	}
	var front, rest []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			rest = append(rest, args[i+1:]...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			rest = append(rest, arg)
			continue
		}
		front = append(front, arg)
		name := strings.TrimLeft(arg, "-")
		switch {
		case name == "help" || name == "h":
			return []string{arg} // arguments would be taken for help topics
		case lone[name] || strings.Contains(name, "="):
		case i+1 == len(args):
			return front // its value is missing: "--" must not become it
		default:
			i++
			front = append(front, args[i])
		}
	}
	return append(append(front, "--"), rest...)
}

// Say returns what writes a line of words for the person at the command to
// standard error, the command's name before it.
func Say(c *cli.Context) func(text string) {
	return func(text string) { fmt.Fprintln(c.App.ErrWriter, display.Line(c.App.Name+": "+text, maxWords)) }
}

// SayError returns what writes an error that does not end the command, as Say does.
func SayError(c *cli.Context) func(err error) {
	return func(err error) { tell(c.App, c.App.ErrWriter, err) }
}
