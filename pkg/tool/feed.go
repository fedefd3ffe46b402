package tool

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/urfave/cli/v2"

	"p1/pkg/fileio"
	"p1/pkg/record"
)

// batch is what was at hand in one read of an input.
type batch struct {
	name    string
	records []record.Record
	lines   []int64     // where each of them stands
	err     error       // ends the command
	room    record.Room // where the records are
}

// manyBatches are in turn: one is read, one waits, one is consumed.
const manyBatches = 3

const (
	// maxBatch keeps few records in memory when they are small.
	maxBatch = 256
	// maxBatchBytes does so when they are large; a record may exceed it alone.
	maxBatchBytes = 1 << 20
)

// feed reads the inputs. It does so between two calls of the stage, as long as the
// stage has time; once that must be called before input may come, it reads beside it
// (a hand-over costs more than a record).
type feed struct {
	c            *cli.Context
	sig          *Signals
	free         chan *batch // those that have been consumed
	next         func() (*batch, bool)
	batches      chan *batch // of a feed that reads beside the stage, else nil
	keepGoing    bool
	failed       bool // an input could not be read; that has been said
	skipped      int
	firstSkipped error
}

// input is something to be read, or why an argument names nothing.
type input struct {
	name string
	err  error
}

// expanded are the inputs, in their order. They are listed before anything is written: an
// output that a pattern matches is none of them.
func expanded(c *cli.Context) []input {
	var all []input
	for _, arg := range arguments(c) {
		names, err := fileio.Expand([]string{arg})
		if err != nil {
			all = append(all, input{err: err})
		}
		for _, name := range names {
			all = append(all, input{name: name})
		}
	}
	return all
}

// newFeed returns a feed of the inputs. The memory of records is used again once their
// batch is given back.
func newFeed(c *cli.Context, inputs []input, sig *Signals) *feed {
	f := &feed{c: c, sig: sig, keepGoing: c.Bool(flagKeepGoing), free: make(chan *batch, manyBatches)}
	for range manyBatches {
		f.free <- &batch{}
	}
	f.next, _ = iter.Pull(func(yield func(*batch) bool) {
		for _, in := range inputs {
			if !f.readFrom(in, yield) {
				return
			}
		}
	})
	return f
}

// readBeside has the feed read beside the stage from now on.
func (f *feed) readBeside() {
	f.batches = make(chan *batch, 1)
	go func() {
		defer close(f.batches)
		for b, ok := f.next(); ok; b, ok = f.next() {
			f.batches <- b
		}
	}()
}

// wait waits until nothing is read any more, which is to be at once.
func (f *feed) wait() {
	for f.batches != nil {
		if _, ok := <-f.batches; !ok {
			return
		}
	}
}

// readFrom reads one input; it returns false to end the feed.
func (f *feed) readFrom(what input, yield func(*batch) bool) bool {
	if what.err != nil {
		f.say(what.err)
		return true
	}
	in, err := f.open(what.name)
	if err != nil {
		f.say(err)
		return true
	}
	ok := f.read(in, yield)
	if err := in.Close(); err != nil {
		f.say(err)
	}
	return ok
}

func (f *feed) say(err error) {
	f.failed = true
	SayError(f.c)(err)
}

// read reads one input to its end; it returns false to end the feed.
func (f *feed) read(in *fileio.Input, yield func(*batch) bool) bool {
	r := record.NewReader(in.Name, in)
	for {
		b, err := f.gather(r, in.Name)
		ended := b.err != nil
		if len(b.records) == 0 && !ended {
			f.giveBack(b)
		} else if !yield(b) {
			return false
		}
		switch {
		case ended:
			return false
		case err == io.EOF:
			return true
		case err != nil && f.c.Bool(FlagFollow) && f.sig.interrupted() != nil:
			return false
		case err != nil:
			f.say(fmt.Errorf("%s: %w", in.Name, err))
			return true
		case in.Name != fileio.Stdin && f.sig.interrupted() != nil:
			return false
		}
	}
}

// gather reads until the next read would wait. The error of the input itself is
// returned, that of a line is put into the batch.
func (f *feed) gather(r *record.LineReader, name string) (*batch, error) {
	b := <-f.free
	b.name = name
	size := 0
	for {
		rec, err := r.ReadInto(&b.room)
		switch {
		case err == nil:
			b.records, b.lines = append(b.records, rec), append(b.lines, r.Line())
			size += recordSize(rec)
		case !isLine(err):
			return b, err
		case !f.keepGoing || errors.Is(err, record.ErrNewer):
			b.err = err
			return b, nil
		default:
			if f.skipped++; f.skipped == 1 {
				f.firstSkipped = err
			}
		}
		if !r.More() || len(b.records) >= maxBatch || size >= maxBatchBytes {
			return b, nil
		}
	}
}

func isLine(err error) bool { return errors.As(err, new(*record.LineError)) }

// giveBack makes a batch that has been consumed ready to be read into.
func (f *feed) giveBack(b *batch) {
	clear(b.records)
	b.records, b.lines, b.err = b.records[:0], b.lines[:0], nil
	b.room.Reset()
	f.free <- b
}

func recordSize(r record.Record) int {
	switch r := r.(type) {
	case *record.Chunk:
		return len(r.Data)
	case *record.Noise:
		return len(r.Data)
	case *record.Telegram:
		return len(r.Raw) + len(r.ReceivedRaw)
	case *record.Other:
		return len(r.Line)
	}
	return 0
}
