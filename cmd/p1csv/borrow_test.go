package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/tables"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
	"p1/pkg/tool"
)

// No table keeps anything of a record: what borrowed records make is what others make.
func TestTablesBorrow(t *testing.T) {
	logs, err := filepath.Glob("../../testdata/dialect/*.log")
	if err != nil || len(logs) < 10 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	var _ tool.Borrower = (*tables.Writer)(nil)
	var _ tool.Borrower = (*both)(nil)
	rows := 0
	for _, o := range []tables.Options{
		{}, {Table: tables.Validity}, {Table: tables.Gas}, {Table: tables.Water}, {Table: tables.Heat}, {Table: tables.Peaks},
		{Table: tables.Failures}, {Table: tables.Messages}, {Table: tables.Events}, {Every: 15 * time.Minute},
		{Profile: "all", Format: tables.JSON}, {Format: tables.Influx}, {AcceptBad: true, Profile: "seed"},
	} {
		for _, log := range logs {
			data, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			want := tableOf(t, o, data, func(s tool.Stage) record.Writer { return tooltest.Kept{Stage: s} })
			got := tableOf(t, o, data, func(s tool.Stage) record.Writer { return tooltest.Spoiled{Stage: s} })
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

func tableOf(t *testing.T, o tables.Options, log []byte, through func(tool.Stage) record.Writer) string {
	t.Helper()
	var out bytes.Buffer
	rows, err := tables.New(&out, o)
	if err != nil {
		t.Fatal(err)
	}
	tooltest.Frame(t, log, through(rows))
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
