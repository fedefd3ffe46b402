package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/capture"
	"p1/pkg/cat/seal"
	"p1/pkg/cat/sources"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// captures writes what the sources deliver.
func captures(c *cli.Context) error {
	if err := check(c.Args().Slice(), c.Bool("follow")); err != nil {
		return err
	}
	if c.NArg() == 0 && tool.IsTerminal(c.App.Reader) {
		tool.Say(c)(waitsFor(sources.PortAt(c.App.Reader)))
	}
	written := tool.JSON
	if c.Bool("raw") {
		written = tool.Bytes
	}
	if err := tool.CheckOutput(c, tool.FlagOutput, written); err != nil {
		return err
	}
	pace, err := pace(c)
	if err != nil {
		return err
	}
	around, err := unwrapping(c)
	if err != nil {
		return err
	}
	o := sources.Options{Unwrap: around, Follow: c.Bool("follow"), Pace: pace, Say: tool.Say(c)}
	terminal := seal.NewTerminal()
	defer terminal.Close()
	if o.Unseal, err = unsealing(c, terminal.Ask); err != nil {
		return err
	}
	what := capture.Options{
		Raw: c.Bool("raw"), ASCII: c.Bool(tool.FlagASCII), Open: o.Open, Stdin: c.App.Reader, Live: sources.Endless,
	}
	if what.Raw {
		what.Open = guarded(o.OpenRecords, tool.Guard(c))
	}
	if what.Open, err = watched(c, small(what.Open)); err != nil {
		return err
	}
	if what.Archive, err = openArchive(c); err != nil {
		return err
	}
	return runCapture(c, what)
}

// waitsFor says what p1cat waits for that reads a terminal, or what it reads there if that
// is a port.
func waitsFor(port string) string {
	if port != "" {
		return "reads " + port + " as it is set, and a terminal changes line ends; p1cat " + port + " sets it for a meter"
	}
	return "reads what is typed or pasted here, up to " + tool.EndOfInput() + "; a log or a port is named: " +
		"p1cat p1.log, p1cat /dev/ttyUSB0; --ports lists the ports, --help says more"
}

// runCapture runs a capture until it ends or a signal comes.
func runCapture(c *cli.Context, o capture.Options) error {
	unread := 0
	names := tool.Inputs(c, func(err error) {
		unread++
		tool.SayError(c)(err)
	})
	out, err := fileio.Create(c.String(tool.FlagOutput), c.App.Writer)
	if err != nil {
		return err
	}
	bar := newProgress(c.App.ErrWriter, names)
	o.Progress = bar.show
	o.Failed = func(err error) {
		bar.clear()
		tool.SayError(c)(err)
	}
	sig := tool.WatchSignals()
	ctx, cancel := sig.Context(c.Context)
	defer cancel()
	result, err := capture.Run(ctx, names, out, o)
	bar.clear()
	switch {
	case result.Stopped:
		return errors.Join(err, sig.Ended())
	case err == nil && unread+result.Failures > 0:
		return tool.ErrReported
	}
	return err
}

// liveMemory keeps a capture small that runs for years: a line is so slow that
// collecting garbage early costs nothing.
const liveMemory = 22 << 20

// guarded ends a source with an error where a record is refused.
func guarded(open capture.Open, refuses func(record.Record) error) capture.Open {
	return func(name string, stdin io.Reader) (sources.Source, error) {
		s, err := open(name, stdin)
		if err != nil {
			return nil, err
		}
		return guardedSource{s, refuses}, nil
	}
}

type guardedSource struct {
	sources.Source
	refuses func(record.Record) error
}

func (s guardedSource) Next(ctx context.Context) (record.Record, error) {
	r, err := s.Source.Next(ctx)
	if err == nil {
		err = s.refuses(r)
	}
	return r, err
}

// small keeps the process small once a live source is opened.
func small(open capture.Open) capture.Open {
	return func(name string, stdin io.Reader) (sources.Source, error) {
		if sources.Endless(name) && os.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(liveMemory)
		}
		return open(name, stdin)
	}
}

// check refuses sources that would never be read. What cannot be expanded is said when
// it is opened.
func check(args []string, follow bool) error {
	var names []string
	for _, arg := range args {
		matches, err := fileio.Expand([]string{arg})
		if err != nil {
			matches = []string{arg}
		}
		names = append(names, matches...)
	}
	if follow && len(names) != 1 {
		return tool.Usagef("--follow takes one file, and %d are named: run a p1cat for each", len(names))
	}
	for i, name := range names {
		if i+1 < len(names) && sources.Endless(name) {
			return tool.Usagef("%s has no end, so that what is named after it would never be read: "+
				"name it last, or run a p1cat for each", sources.Shown(name))
		}
	}
	return nil
}
