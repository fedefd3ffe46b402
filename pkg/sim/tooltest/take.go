package tooltest

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
)

// KeepsNothing checks that a stage keeps the rule of Take in [record.Stage]: of records
// that are written over as soon as Take has returned, it makes what it makes of others,
// and it changes none. It returns what the stage that build makes has written.
func KeepsNothing(t testing.TB, build func(io.Writer) record.Stage, records []record.Record) string {
	t.Helper()
	run := func(spoiled bool) string {
		var out bytes.Buffer
		s := build(&out)
		for _, r := range records {
			take(t, s, r, spoiled)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	want, got := run(false), run(true)
	if got != want {
		t.Errorf("of records that it cannot keep it makes\n%.500s\nwant\n%.500s", got, want)
	}
	return want
}

// Filter makes of a stage that writes records one that writes their lines.
func Filter(build func(record.Writer) record.Stage) func(io.Writer) record.Stage {
	return func(out io.Writer) record.Stage {
		w := record.NewWriter(out, false)
		return filter{build(w), w}
	}
}

type filter struct {
	record.Stage
	w record.Writer
}

func (f filter) Close() error { return errors.Join(f.Stage.Close(), f.w.Flush()) }

// take gives a record to a stage, in memory of its own, which is written over afterwards
// where it is to be spoiled.
func take(t testing.TB, s record.Stage, r record.Record, spoiled bool) {
	t.Helper()
	r = record.Keep(r)
	as := record.Keep(r)
	if err := s.Take(r); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r, as) {
		t.Errorf("Take has made of %.300v\n%.300v", as, r)
	}
	if !spoiled {
		return
	}
	switch r := r.(type) {
	case *record.Telegram:
		spoil(r.Raw)
		spoil(r.ReceivedRaw)
		*r = record.Telegram{Status: record.OK, Suspect: "spoiled"}
	case *record.Chunk:
		spoil(r.Data)
		*r = record.Chunk{Time: "spoiled"}
	case *record.Noise:
		spoil(r.Data)
		*r = record.Noise{Time: "spoiled"}
	case *record.Gap:
		*r = record.Gap{Why: "spoiled"}
	}
}

func spoil(data []byte) {
	for i := range data {
		data[i] = '7'
	}
}

// Log returns the bytes of a source.
func Log(t testing.TB, name string) []byte {
	t.Helper()
	records, err := delivered(name)
	if err != nil {
		t.Fatal(err)
	}
	var log []byte
	for _, r := range records {
		log = append(log, r.(*record.Chunk).Data...)
	}
	return log
}

// Chunks returns the chunks of a log.
func Chunks(log []byte) []record.Record {
	var chunks []record.Record
	for at := 0; at < len(log); at += record.MaxData {
		chunks = append(chunks, &record.Chunk{
			Origin: record.Origin{Source: "p1.log", Offset: int64(at)}, Data: log[at:min(at+record.MaxData, len(log))],
		})
	}
	return chunks
}

// Framed returns the telegrams and the noise of a log.
func Framed(t testing.TB, log []byte) []record.Record { return must(t, framing, Chunks(log)) }

// Repaired returns what the repair makes of a log.
func Repaired(t testing.TB, log []byte) []record.Record { return must(t, repairing, Framed(t, log)) }

func framing(w record.Writer) record.Stage { return frame.New(w, frame.Options{}) }

func repairing(w record.Writer) record.Stage {
	return repair.New(w, repair.Options{MinConfidence: 0.999})
}

// through returns what a stage makes of records.
func through(build func(record.Writer) record.Stage, records []record.Record) ([]record.Record, error) {
	var out list
	s := build(&out)
	for _, r := range records {
		if err := s.Take(r); err != nil {
			return nil, err
		}
	}
	return out, s.Close()
}

func must(t testing.TB, build func(record.Writer) record.Stage, records []record.Record) []record.Record {
	t.Helper()
	out, err := through(build, records)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// list keeps what is written.
type list []record.Record

func (l *list) Write(r record.Record) error { *l = append(*l, record.Keep(r)); return nil }
func (l *list) Flush() error                { return nil }
