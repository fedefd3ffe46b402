package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/table"
	"p1/pkg/tool"
)

// spoiled gives each record on in memory that is written over afterwards, as a stage
// gets it that borrows.
type spoiled struct{ stage tool.Stage }

func (s spoiled) Write(r record.Record) error {
	r = record.Keep(r)
	err := s.stage.Take(r)
	if t, ok := r.(*record.Telegram); ok {
		for i := range t.Raw {
			t.Raw[i] = '7'
		}
		*t = record.Telegram{Status: record.OK, Suspect: "spoiled"}
	}
	return err
}

func (s spoiled) Flush() error { return nil }

// kept gives each record on in memory of its own.
type kept struct{ stage tool.Stage }

func (k kept) Write(r record.Record) error { return k.stage.Take(record.Keep(r)) }
func (k kept) Flush() error                { return nil }

// No table keeps anything of a record: what borrowed records make is what others make.
func TestTablesBorrow(t *testing.T) {
	logs, err := filepath.Glob("../../testdata/dialect/*.log")
	if err != nil || len(logs) < 10 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	var _ tool.Borrower = (*table.Writer)(nil)
	var _ tool.Borrower = (*both)(nil)
	rows := 0
	for _, o := range []table.Options{
		{}, {Table: table.Validity}, {Table: table.Gas}, {Table: table.Water}, {Table: table.Heat}, {Table: table.Peaks},
		{Table: table.Failures}, {Table: table.Messages}, {Table: table.Events}, {Every: 15 * time.Minute},
		{Profile: "all", Format: table.JSON}, {Format: table.Influx}, {AcceptBad: true, Profile: "seed"},
	} {
		for _, log := range logs {
			data, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			want := tableOf(t, o, data, func(s tool.Stage) record.Writer { return kept{s} })
			got := tableOf(t, o, data, func(s tool.Stage) record.Writer { return spoiled{s} })
			if got != want {
				t.Errorf("%s, %+v: the table of borrowed records is\n%.300s\nwant\n%.300s", log, o, got, want)
			}
			rows += strings.Count(want, "\n")
		}
	}
	if rows < 300 {
		t.Errorf("%d rows are compared", rows)
	}
}

func tableOf(t *testing.T, o table.Options, log []byte, through func(tool.Stage) record.Writer) string {
	t.Helper()
	var out bytes.Buffer
	rows, err := table.New(&out, o)
	if err != nil {
		t.Fatal(err)
	}
	f := frame.New(through(rows), frame.Options{})
	for offset := 0; len(log) > 0; {
		n := min(len(log), record.MaxData)
		c := &record.Chunk{Origin: record.Origin{Source: "p1.log", Offset: int64(offset)}, Data: log[:n]}
		if err := f.Take(c); err != nil {
			t.Fatal(err)
		}
		log, offset = log[n:], offset+n
	}
	if err := f.Close(); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
