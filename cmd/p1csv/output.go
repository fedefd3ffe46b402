package main

import (
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// check reports what cannot be written, before a file is overwritten for nothing.
func check(c *cli.Context, o tables.Options, names []string) error {
	o.Say = nil
	if _, err := tables.NewSeveral(io.Discard, o, names); err != nil {
		return err
	}
	if c.String(tool.FlagOutput) == "" && tables.Packed(o.Format) && tool.IsTerminal(c.App.Writer) {
		return tool.Usagef("--format %s is not for a terminal: -o FILE.%s", o.Format, o.Format)
	}
	return nil
}

// bound lets a format that has much in memory make room for it more often, where the user has
// not said how much there is.
func bound(o tables.Options) {
	const room = 64 << 20
	if tables.Packed(o.Format) && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(room)
	}
}

// output is tables that say at the end how many rows they have, and why they have none.
type output struct {
	*tables.Several
	names []string
}

// Take refuses a source that goes on where a file is whole at its end only.
func (o output) Take(r record.Record) error {
	err := o.Several.Take(r)
	if live, ok := err.(*tables.LiveError); ok {
		return &tool.UsageError{Err: live}
	}
	return err
}

// Ending says it.
func (o output) Ending() (words string, loud bool) {
	var all []string
	for i, is := range o.Outcomes() {
		words := tool.Counted(is.Rows, "row")
		if len(o.names) > 1 {
			words = o.names[i] + " " + words
		}
		if is.Why != "" {
			words += ": " + is.Why
		}
		all, loud = append(all, words), loud || is.LeftOut
	}
	return strings.Join(all, ", "), loud
}

// saved reports whether all that is read stands in files that are not followed: such a source
// is not live, whatever it was when it was saved.
func saved(c *cli.Context) bool {
	if c.Bool(tool.FlagFollow) {
		return false
	}
	for _, name := range tool.Inputs(c, func(error) {}) {
		stat := func() (fs.FileInfo, error) { return os.Stat(name) }
		if name == fileio.Stdin {
			f, ok := c.App.Reader.(*os.File)
			if !ok {
				return false
			}
			stat = f.Stat
		}
		if info, err := stat(); err == nil && !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// expected is how many rows the files that are named make, from what their first lines take
// on disk; 0 where that cannot be known, as of standard input.
func expected(c *cli.Context, o tables.Options) (rows int64) {
	if o.Format != tables.XLSX {
		return 0
	}
	for _, name := range tool.Inputs(c, func(error) {}) {
		rows += lines(name)
	}
	return rows
}

// lines is how many lines a file has, as far as its beginning says.
func lines(name string) int64 {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return 0 // a pipe is read once
	}
	in, err := fileio.Open(name, nil, fileio.Records)
	if err != nil {
		return 0 // said when it is read
	}
	defer in.Close()
	const much = 16 << 20
	n := &lineCounter{}
	if _, err := io.Copy(n, io.LimitReader(in, much)); err != nil || in.Consumed() == 0 {
		return 0
	}
	return n.lines * in.Size / in.Consumed()
}

type lineCounter struct{ lines int64 }

func (n *lineCounter) Write(b []byte) (int, error) {
	for _, c := range b {
		if c == '\n' {
			n.lines++
		}
	}
	return len(b), nil
}
