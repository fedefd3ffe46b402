package tool

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/fileio"
	"p1/pkg/record"
)

// Filter runs a stage that writes records: it reads the files named as
// arguments, or standard input, and writes to -o or standard output.
func Filter(c *cli.Context, build func(record.Writer) (record.Stage, error)) error {
	if err := CheckOutput(c, FlagOutput, JSON); err != nil {
		return err
	}
	var t tally
	return runStage(c, nil, &t, func(out io.Writer) (record.Stage, error) {
		w := &tallyWriter{record.NewWriter(out, c.Bool(FlagASCII)), &t}
		stage, err := build(w)
		return flushing{stage, w}, err
	})
}

// Sink runs a stage that writes something other than records.
func Sink(c *cli.Context, build func(io.Writer) (record.Stage, error)) error {
	return SinkUntil(c, nil, build)
}

// SinkUntil is Sink for a command that watches for signals already; nil where it
// does not.
func SinkUntil(c *cli.Context, sig *Signals, build func(io.Writer) (record.Stage, error)) error {
	var t tally
	return runStage(c, sig, &t, func(out io.Writer) (record.Stage, error) {
		stage, err := build(out)
		t.ender, _ = stage.(ender)
		return tallyStage{stage, &t}, err
	})
}

func runStage(c *cli.Context, sig *Signals, t *tally, build func(io.Writer) (record.Stage, error)) error {
	if c.NArg() == 0 && IsTerminal(c.App.Reader) {
		Say(c)(waitsFor(c.App.Name))
	}
	inputs := expanded(c)
	out, err := fileio.Create(c.String(FlagOutput), c.App.Writer)
	if err != nil {
		return err
	}
	stage, err := build(out)
	if err != nil {
		return errors.Join(err, out.Abandon(), out.Discard())
	}
	w := &written{Stage: stage, out: out, sources: outputs(c)}
	err = run(c, inputs, sig, w)
	if err != nil {
		err = errors.Join(err, out.Abandon()) // unless something was written
	}
	if !w.ended {
		err = errors.Join(err, out.Discard())
	}
	return t.end(c, errors.Join(err, out.Close()))
}

// waitsFor says what a command waits for that reads a terminal.
func waitsFor(name string) string {
	pipe := "p1cat p1.log"
	for _, stage := range []string{"p1frame", "p1fix"} {
		if stage == name {
			break
		}
		pipe += " | " + stage
	}
	return "waits for records, which nobody types: " + EndOfInput() + " ends it; they come from the commands before it, " +
		pipe + " | " + name + ", or from a file of them, " + name + " day.jsonl; --help says more"
}

// EndOfInput is how a person at a terminal ends what is typed.
func EndOfInput() string {
	if runtime.GOOS == "windows" {
		return "Ctrl-Z and Enter"
	}
	return "Ctrl-D"
}

// Inputs returns the names of what is to be read, patterns expanded. What cannot be
// expanded is left out, and failed is told why.
func Inputs(c *cli.Context, failed func(error)) []string {
	var names []string
	for _, in := range expanded(c) {
		if in.err != nil {
			failed(in.err)
			continue
		}
		names = append(names, in.name)
	}
	return names
}

// arguments are the names that are given, or standard input.
func arguments(c *cli.Context) []string {
	if c.NArg() == 0 {
		return []string{fileio.Stdin}
	}
	return c.Args().Slice()
}

// tallyWriter counts the telegrams that a stage writes.
type tallyWriter struct {
	record.Writer
	tally *tally
}

func (w *tallyWriter) Write(r record.Record) error {
	w.tally.count(r)
	w.tally.doubt(r)
	return w.Writer.Write(r)
}

// tallyStage counts the telegrams that a stage reads.
type tallyStage struct {
	record.Stage
	tally *tally
}

func (s tallyStage) Take(r record.Record) error {
	s.tally.count(r)
	return s.Stage.Take(r)
}

// flushing makes a stage's Flush and Close reach the records that it writes.
type flushing struct {
	record.Stage
	w record.Writer
}

func (f flushing) Flush() error { return then(f.Stage.Flush, f.w.Flush) }
func (f flushing) Close() error { return then(f.Stage.Close, f.w.Flush) }

// written makes a stage's Flush reach the output, once a record was understood: an
// input of something else leaves no heading behind.
type written struct {
	record.Stage
	out        *fileio.Output
	sources    *sources
	understood bool
	ended      bool // its end is written too
}

func (w *written) Take(r record.Record) error {
	if err := w.sources.check(r); err != nil {
		return err
	}
	err := w.Stage.Take(r)
	w.understood = w.understood || err == nil
	return err
}

func (w *written) Flush() error {
	if !w.understood {
		return nil
	}
	return then(w.Stage.Flush, w.out.Flush)
}

// Close ends what is written.
func (w *written) Close() error {
	err := w.Stage.Close()
	w.ended = err == nil
	return err
}

// end closes the stage. Where no record came, and the input did not end well or would put a
// report of nothing in the place of something, it is left alone; kept says that of a file.
func (w *written) end(well bool) (kept bool, err error) {
	if kept = w.out.Holds(); !w.understood && (!well || kept) {
		return well && kept, w.out.Abandon()
	}
	return false, w.Close()
}

// then does the second only where the first went well.
func then(first, second func() error) error {
	if err := first(); err != nil {
		return err
	}
	return second()
}

// run feeds the stage with the records of all inputs. After the first signal it
// goes on to the end of standard input, since the stage before it gets the same
// signal, but no further in files.
func run(c *cli.Context, inputs []input, sig *Signals, stage *written) error {
	if sig == nil {
		sig = WatchSignals()
	}
	feed := newFeed(c, inputs, sig)
	ended, err := consume(stage, feed)
	if errors.Is(err, record.ErrEnough) {
		return stage.Close() // and no waiting for a live input to end
	}
	if err == nil || errors.As(err, new(*record.LineError)) {
		well := err == nil && !feed.failed && feed.skipped == 0
		kept, ending := stage.end(well)
		if err = errors.Join(err, ending); kept {
			Say(c)("no records came in: " + c.String(FlagOutput) + " is left as it was")
		}
	}
	if !ended {
		return err // the feed is still reading
	}
	if feed.skipped > 0 {
		Say(c)(fmt.Sprintf("passed over %d lines that are no records, the first: %v", feed.skipped, feed.firstSkipped))
	}
	switch {
	case err != nil:
		return err
	case sig.interruptedNow() != nil:
		return ErrInterrupted
	case feed.failed:
		return ErrReported
	}
	return nil
}

// consume gives the stage what the feed delivers, and flushes it whenever there
// is nothing more at hand. It reports whether the feed has ended.
func consume(stage record.Stage, f *feed) (ended bool, err error) {
	for {
		b, ok, err := receive(stage, f)
		if err != nil || !ok {
			return err == nil, err
		}
		for i, r := range b.records {
			if err := stage.Take(r); err != nil {
				if errors.Is(err, record.ErrChunks) {
					err = &record.LineError{Name: b.name, Line: b.lines[i], Err: err}
				}
				return false, err
			}
		}
		if b.err != nil {
			f.wait()
			return true, b.err
		}
		f.giveBack(b)
	}
}

// receive returns the next batch; ok is false after the last one.
func receive(stage record.Stage, f *feed) (b *batch, ok bool, err error) {
	if f.batches == nil {
		if err := stage.Flush(); err != nil {
			return nil, false, err
		}
		if stage.Wait() == 0 {
			b, ok = f.next()
			return b, ok, nil
		}
		f.readBeside()
	}
	select {
	case b, ok = <-f.batches:
		return b, ok, nil
	default:
	}
	if err := stage.Flush(); err != nil {
		return nil, false, err
	}
	for {
		var expired <-chan time.Time
		if d := stage.Wait(); d > 0 {
			expired = time.After(d)
		}
		select {
		case b, ok = <-f.batches:
			return b, ok, nil
		case <-expired:
			if err := errors.Join(stage.Expire(), stage.Flush()); err != nil {
				return nil, false, err
			}
		}
	}
}
