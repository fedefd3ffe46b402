// Package capture takes sources and writes what they deliver, as records or as
// bytes, and into an archive: it is what p1cat does.
//
//	source ──┬── lane of 8 MiB ──► standard output
//	         └── lane of 8 MiB ──► archive
//
// A file waits for whoever reads standard output, and needs no lane there.
package capture

import (
	"context"
	"errors"
	"fmt"
	"io"

	"p1/pkg/cat/sources"
	"p1/pkg/fileio"
	"p1/pkg/record"
)

// Open opens a source by name.
type Open func(name string, stdin io.Reader) (sources.Source, error)

// Options are what becomes of what sources deliver.
type Options struct {
	Raw   bool // their bytes alone are written
	ASCII bool // of records, see record.NewWriter
	Open  Open
	Stdin io.Reader
	// Live reports whether a source cannot wait for the reader of what is
	// written. Nil where all can.
	Live func(name string) bool
	// Archive keeps the records, too, and is closed after the last one; nil where
	// none does.
	Archive record.Stage
	// Failed is told why a source, or the archive, has failed.
	Failed func(error)
	// Progress is told of a source after each of its records, as long as that can
	// wait, and, with done, at its end.
	Progress func(s sources.Source, done bool)
}

// Result is what became of the sources.
type Result struct {
	Failures int  // that Failed was told
	Stopped  bool // before their end
}

// Run writes the records of all the sources to out, which it closes, until ctx is done.
// Where one fails, the next one is read; the error is of out, or says that a source
// holds no records.
func Run(ctx context.Context, names []string, out *fileio.Output, o Options) (result Result, err error) {
	failed := func(err error) {
		result.Failures++
		o.Failed(err)
	}
	var w record.Writer = record.NewWriter(out, o.ASCII)
	if o.Raw {
		w = rawWriter{out}
	}
	all := &capture{Options: o, w: w, out: out}
	if o.Archive != nil {
		all.archive = startLane(o.Archive, laneSize, func() {})
		defer func() {
			if err := all.closeArchive(); err != nil {
				failed(err)
			}
		}()
	}
	for _, name := range names {
		err := all.source(ctx, name)
		var write *writeError
		var line *record.LineError
		switch {
		case ctx.Err() != nil:
			result.Stopped = true
			return result, all.finish(result.Failures > 0)
		case errors.As(err, &write):
			return result, errors.Join(err, out.Close())
		case errors.As(err, &line):
			return result, errors.Join(all.finish(true), err)
		case err != nil:
			failed(err)
		}
	}
	return result, all.finish(result.Failures > 0)
}

// output takes records for standard output.
type output struct {
	record.BaseStage
	*capture
}

func (o output) Take(r record.Record) error { return o.w.Write(r) }
func (o output) Flush() error               { return o.flush() }

type capture struct {
	Options
	w       record.Writer
	out     *fileio.Output
	stalled bool  // somebody is still waiting for out, which is left to him
	archive *lane // nil without one
}

// writeError is a failure of the output, which ends the capture.
type writeError struct{ error }

func (e *writeError) Unwrap() error { return e.error }

// source writes all records of one source.
func (c *capture) source(ctx context.Context, name string) error {
	if err := c.flush(); err != nil { // opening may wait
		return &writeError{err}
	}
	s, err := openWith(ctx, name, c.Stdin, c.Open)
	if err != nil {
		return err
	}
	if c.Live != nil && c.Live(name) {
		err = c.copyLive(ctx, s)
	} else {
		err = c.copy(ctx, s)
	}
	c.Progress(s, true)
	if err != nil && !errors.As(err, new(*writeError)) && !errors.As(err, new(*record.LineError)) {
		err = fmt.Errorf("%s: %w", sources.Shown(name), err)
	}
	return errors.Join(err, s.Close())
}

// openWith opens a source, or gives up once ctx is done: a named pipe waits for
// somebody to open its other end.
func openWith(ctx context.Context, name string, stdin io.Reader, open Open) (sources.Source, error) {
	type opened struct {
		s   sources.Source
		err error
	}
	done := make(chan opened, 1)
	go func() {
		s, err := open(name, stdin)
		done <- opened{s, err}
	}()
	select {
	case o := <-done:
		return o.s, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// copy writes the records of a source that can wait.
func (c *capture) copy(ctx context.Context, s sources.Source) error {
	for {
		if !s.Ready() {
			if err := c.flush(); err != nil {
				return &writeError{err}
			}
		}
		r, err := s.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if c.archive != nil {
			_ = c.archive.put(ctx, record.Keep(r)) // ctx is looked at by Next
		}
		if err := c.w.Write(r); err != nil {
			return &writeError{err}
		}
		c.Progress(s, false)
	}
}

// copyLive writes the records of a source that cannot wait.
func (c *capture) copyLive(ctx context.Context, s sources.Source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := startLane(output{capture: c}, laneSize, cancel)
	err := c.carry(ctx, s, out)
	switch failure := out.close(lanePatience); {
	case failure == errStalled:
		c.stalled = true
		return errors.Join(err, failure)
	case failure != nil:
		return &writeError{failure}
	}
	return err
}

func (c *capture) carry(ctx context.Context, s sources.Source, out *lane) error {
	for {
		r, err := s.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		r = record.Keep(r)
		if c.archive != nil {
			c.archive.offer(r)
		}
		out.offer(r)
	}
}

// closeArchive waits until everything is in the archive.
func (c *capture) closeArchive() error {
	if err := c.archive.close(lanePatience); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return c.Archive.Close()
}

// finish writes what is left, unless nobody takes it.
func (c *capture) finish(failed bool) error {
	if c.stalled {
		return nil
	}
	err := c.flush()
	if failed {
		err = errors.Join(err, c.out.Abandon()) // unless something was written
	}
	return errors.Join(err, c.out.Close())
}

func (c *capture) flush() error {
	if err := c.w.Flush(); err != nil {
		return err
	}
	return c.out.Flush()
}

// rawWriter writes the bytes that records hold.
type rawWriter struct{ io.Writer }

func (w rawWriter) Write(r record.Record) error {
	data, err := record.Received(r)
	if err == nil {
		_, err = w.Writer.Write(data)
	}
	return err
}

func (w rawWriter) Flush() error { return nil }
