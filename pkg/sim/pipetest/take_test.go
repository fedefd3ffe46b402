package pipetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/cat/archive"
	"p1/pkg/cat/serve"
	"p1/pkg/csv/homeassistant"
	"p1/pkg/csv/tables"
	"p1/pkg/fix/repair"
	stages "p1/pkg/frame"
	"p1/pkg/frame/pseudonym"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// ruled is a stage that is held to what [record.Stage] says of Take.
type ruled struct {
	name  string
	build func(out io.Writer) record.Stage
}

// filter is a stage that writes records.
func filter(name string, build func(record.Writer) record.Stage) ruled {
	return ruled{name, func(out io.Writer) record.Stage {
		w := record.NewWriter(out, false)
		s := build(w)
		return ending{s, func() error { return errors.Join(s.Close(), w.Flush()) }}
	}}
}

// ending is a stage with another end.
type ending struct {
	record.Stage
	end func() error
}

func (e ending) Close() error { return e.end() }

func framing(w record.Writer) record.Stage { return stages.New(w, stages.Options{}) }

func anonymising(w record.Writer) record.Stage {
	names := pseudonym.New(w, pseudonym.Options{})
	s := framing(names)
	return ending{s, func() error { return errors.Join(s.Close(), names.Close()) }}
}

func repairing(o repair.Options) func(record.Writer) record.Stage {
	o.MinConfidence = 0.999
	return func(w record.Writer) record.Stage { return repair.New(w, o) }
}

// everyStage lists them.
func everyStage(t testing.TB) []ruled {
	list := []ruled{
		{"archive", func(out io.Writer) record.Stage { return archiving(t, out) }},
		filter("p1frame", framing),
		filter("p1frame --anonymise", anonymising),
		filter("p1fix", repairing(repair.Options{})),
		filter("p1fix --lookahead 0", repairing(repair.Options{Lookahead: repair.NoLookahead})),
		filter("p1fix --again --explain", repairing(repair.Options{Again: true, Explain: true})),
		{"p1noise", func(out io.Writer) record.Stage { return report.NewLog(out) }},
		{"p1noise --summary", func(out io.Writer) record.Stage { return report.NewSummary(out, report.SummaryOptions{}) }},
		{"p1noise --json", func(out io.Writer) record.Stage { return report.NewJSON(out, diagnose.Options{}, diagnose.MaxWorst) }},
		{"p1noise --voltage", func(out io.Writer) record.Stage {
			counter, err := voltage.NewCounter(voltage.Nominal)
			must(t, err)
			return voltage.NewReport(out, counter)
		}},
		{"p1csv --discovery", func(out io.Writer) record.Stage { return discovering(t, out) }},
	}
	for _, plain := range []bool{false, true} {
		o := serve.Options{Only: []record.Status{record.OK, record.Repaired}, Plain: plain, Say: func(string) {}}
		list = append(list, ruled{fmt.Sprintf("p1cat --serve, plain %v", plain),
			func(out io.Writer) record.Stage { return serve.New(&late{out: out}, o) }})
	}
	for _, o := range []tables.Options{
		{}, {Table: tables.Validity}, {Table: tables.Gas}, {Table: tables.Water}, {Table: tables.Heat}, {Table: tables.Peaks},
		{Table: tables.Failures}, {Table: tables.Messages}, {Table: tables.Events}, {Every: 15 * time.Minute},
		{Profile: "all", Format: tables.JSON}, {Format: tables.Influx}, {AcceptBad: true, Profile: "seed"},
	} {
		list = append(list, ruled{fmt.Sprintf("p1csv %+v", o), func(out io.Writer) record.Stage {
			rows, err := tables.New(out, o)
			must(t, err)
			return rows
		}})
	}
	return list
}

// late is a sink that keeps the telegrams until its end, as it may.
type late struct {
	out  io.Writer
	list [][]byte
}

func (l *late) Send(telegram []byte) error { l.list = append(l.list, telegram); return nil }
func (l *late) Close() error {
	_, err := l.out.Write(bytes.Join(l.list, nil))
	return err
}

// archiving returns an archive whose files are written to out at its end.
func archiving(t testing.TB, out io.Writer) record.Stage {
	dir := t.TempDir()
	a := archive.New(archive.Options{Dir: dir, Sync: time.Hour, Say: func(text string) { t.Error(text) }})
	return ending{a, func() error {
		err := a.Close()
		names, _ := filepath.Glob(filepath.Join(dir, "p1-*.zst"))
		for _, name := range names {
			packed, more := os.ReadFile(name)
			err = errors.Join(err, more)
			_, _ = out.Write(packed)
		}
		return err
	}}
}

// discovering returns what tells of the columns, and takes all records that there are.
func discovering(t testing.TB, out io.Writer) record.Stage {
	head, err := tables.NewHead(tables.Options{})
	must(t, err)
	return &discovered{head: head, out: out}
}

type discovered struct {
	record.BaseStage
	head *tables.Head
	out  io.Writer
}

func (d *discovered) Take(r record.Record) error { _, err := d.head.Take(r); return err }
func (d *discovered) Close() error {
	meter, columns, err := d.head.Known()
	if err != nil {
		_, err = io.WriteString(d.out, err.Error())
		return err
	}
	return homeassistant.Write(d.out, "p1", meter, columns)
}

// kept keeps what is written.
type kept []record.Record

func (k *kept) Write(r record.Record) error { *k = append(*k, record.Keep(r)); return nil }
func (k *kept) Flush() error                { return nil }

// through returns what a stage makes of records.
func through(t testing.TB, build func(record.Writer) record.Stage, records []record.Record) []record.Record {
	t.Helper()
	var out kept
	s := build(&out)
	for _, r := range records {
		must(t, s.Take(r))
	}
	must(t, s.Close())
	return out
}

// chunksOf returns a log in chunks.
func chunksOf(log []byte) []record.Record {
	var chunks []record.Record
	for at := 0; at < len(log); at += record.MaxData {
		chunks = append(chunks, &record.Chunk{
			Origin: record.Origin{Source: "p1.log", Offset: int64(at)}, Data: log[at:min(at+record.MaxData, len(log))],
		})
	}
	return chunks
}

// ruledLogs are logs of all kinds of damage, of all dialects, and one in which the numbers of
// telegrams move since they are cut anew.
func ruledLogs(t testing.TB) [][]byte {
	t.Helper()
	logs := [][]byte{simulate(t, "?meter=hu&telegrams=24&noise=overrun+cut+flip&seed=3").log}
	for _, pattern := range []string{"nl-noisy.log", "hu-noisy.log", "hu-noisy-lf.log", "hu-clean.log", "dialect/*.log"} {
		names, err := filepath.Glob("../../../testdata/" + pattern)
		must(t, err)
		for _, name := range names {
			log, err := os.ReadFile(name)
			must(t, err)
			logs = append(logs, log)
		}
	}
	if len(logs) < 15 {
		t.Fatalf("%d logs", len(logs))
	}
	return logs
}

// Every stage keeps the rule of Take: of records that are written over as soon as Take has
// returned it makes what it makes of others, and it changes none.
func TestTakeKeepsNothing(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for i, log := range ruledLogs(t) {
		if i%longtest.Pick(3, 1, 1) > 0 {
			continue // one in three
		}
		chunks := chunksOf(log)
		framed := through(t, framing, chunks)
		repaired := through(t, repairing(repair.Options{}), framed)
		reversed := slices.Clone(framed)
		slices.Reverse(reversed) // valid ones are suspect while damaged ones wait
		for _, s := range everyStage(t) {
			for input, records := range map[string][]record.Record{
				"chunks": chunks, "framed": framed, "repaired": repaired, "reversed": reversed,
			} {
				if !s.takes(input, i) {
					continue
				}
				want, got := made(t, s, records, false), made(t, s, records, true)
				if want != got || t.Failed() {
					t.Fatalf("%s, %s: of records that it cannot keep it makes\n%.500s\nwant\n%.500s", s.name, input, got, want)
				}
				counts[s.name] += len(want)
				for _, word := range []string{`"status":"repaired"`, `"suspect":`, `"explain":`} {
					counts[word] += strings.Count(want, word)
				}
			}
		}
	}
	for what, n := range counts {
		if n < 50 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// takes reports whether a stage is given this form of a log: it is what comes to it, or,
// of one log, what is not as it should be.
func (s ruled) takes(input string, log int) bool {
	switch {
	case input == "chunks":
		return s.name == "archive" || strings.HasPrefix(s.name, "p1frame")
	case input == "reversed":
		return log == 0 && strings.HasPrefix(s.name, "p1fix")
	case s.name == "p1fix --again --explain":
		return input == "repaired"
	case strings.HasPrefix(s.name, "p1fix"):
		return input == "framed"
	}
	return input == "repaired" || log == 0 || strings.HasPrefix(s.name, "p1csv")
}

// made returns what a stage makes of records, each in memory of its own, which is written
// over after Take where it is to be spoiled.
func made(t testing.TB, s ruled, records []record.Record, spoiled bool) string {
	t.Helper()
	var out bytes.Buffer
	stage := s.build(&out)
	for _, r := range records {
		r = record.Keep(r)
		as := record.Keep(r)
		must(t, stage.Take(r))
		if !reflect.DeepEqual(r, as) {
			t.Fatalf("%s has made of %.300v\n%.300v", s.name, as, r)
		}
		if spoiled {
			spoil(r)
		}
	}
	must(t, stage.Close())
	return out.String()
}

func spoil(r record.Record) {
	over := func(data []byte) {
		for i := range data {
			data[i] = '7'
		}
	}
	switch r := r.(type) {
	case *record.Telegram:
		over(r.Raw)
		over(r.ReceivedRaw)
		*r = record.Telegram{Status: record.OK, Suspect: "spoiled"}
	case *record.Chunk:
		over(r.Data)
		*r = record.Chunk{Time: "spoiled"}
	case *record.Noise:
		over(r.Data)
		*r = record.Noise{Time: "spoiled"}
	case *record.Gap:
		*r = record.Gap{Why: "spoiled"}
	}
}
