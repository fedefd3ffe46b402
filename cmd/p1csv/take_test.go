package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/tables"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
)

// No table keeps anything of a record, nor changes one.
func TestTablesKeepNothing(t *testing.T) {
	logs, err := filepath.Glob("../../testdata/dialect/*.log")
	if err != nil || len(logs) < 10 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	rows := 0
	framed := make([][]record.Record, len(logs))
	for i, log := range logs {
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		framed[i] = tooltest.Framed(t, data)
	}
	for _, o := range []tables.Options{
		{}, {Table: tables.Validity}, {Table: tables.Gas}, {Table: tables.Water}, {Table: tables.Heat}, {Table: tables.Peaks},
		{Table: tables.Failures}, {Table: tables.Messages}, {Table: tables.Events}, {Every: 15 * time.Minute},
		{Profile: "all", Format: tables.JSON}, {Format: tables.Influx}, {AcceptBad: true, Profile: "seed"},
	} {
		for i, log := range logs {
			want := tooltest.KeepsNothing(t, func(w io.Writer) record.Stage {
				rows, err := tables.New(w, o)
				if err != nil {
					t.Fatal(err)
				}
				return rows
			}, framed[i])
			if t.Failed() {
				t.Fatalf("%s, %+v", log, o)
			}
			rows += strings.Count(want, "\n")
		}
	}
	if rows < 300 {
		t.Errorf("%d rows are compared", rows)
	}
}

// What is told of the columns comes from records that are gone.
func TestDiscoveryKeepsNothing(t *testing.T) {
	data, err := os.ReadFile("../../testdata/hu-clean.log")
	if err != nil {
		t.Fatal(err)
	}
	made := tooltest.KeepsNothing(t, func(w io.Writer) record.Stage {
		head, err := tables.NewHead(tables.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return patient{&discovery{head: head, out: w, topic: "p1"}}
	}, tooltest.Framed(t, data))
	if !strings.Contains(made, "import_kwh") {
		t.Errorf("%.300s", made)
	}
}

// patient is a stage that takes more than it needs.
type patient struct{ record.Stage }

func (p patient) Take(r record.Record) error {
	if err := p.Stage.Take(r); !errors.Is(err, record.ErrEnough) {
		return err
	}
	return nil
}
