package tooltest

import (
	"testing"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// Kept gives each record to the stage in memory of its own.
type Kept struct{ tool.Stage }

// Write gives it a record.
func (k Kept) Write(r record.Record) error { return k.Take(record.Keep(r)) }

// Spoiled gives each record to the stage in memory that is written over afterwards, as
// a stage gets it that is a [tool.Borrower].
type Spoiled struct{ tool.Stage }

// Write gives it a record.
func (s Spoiled) Write(r record.Record) error {
	r = record.Keep(r)
	err := s.Take(r)
	if t, ok := r.(*record.Telegram); ok {
		for i := range t.Raw {
			t.Raw[i] = '7'
		}
		*t = record.Telegram{Status: record.OK, Suspect: "spoiled"}
	}
	return err
}

// Frame writes the telegrams and the noise of a log.
func Frame(tb testing.TB, log []byte, out record.Writer) {
	tb.Helper()
	f := frame.New(out, frame.Options{})
	for at := 0; at < len(log); at += record.MaxData {
		c := &record.Chunk{Origin: record.Origin{Source: "p1.log", Offset: int64(at)}, Data: log[at:min(at+record.MaxData, len(log))]}
		if err := f.Take(c); err != nil {
			tb.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}
