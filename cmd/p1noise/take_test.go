package main

import (
	"io"
	"os"
	"testing"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
)

// No report keeps anything of a record, nor changes one.
func TestReportsKeepNothing(t *testing.T) {
	outputs := map[string]func(io.Writer) record.Stage{
		"log":     func(w io.Writer) record.Stage { return report.NewLog(w) },
		"summary": func(w io.Writer) record.Stage { return report.NewSummary(w, report.SummaryOptions{}) },
		"json":    func(w io.Writer) record.Stage { return report.NewJSON(w, diagnose.Options{}) },
		"voltage": func(w io.Writer) record.Stage {
			counter, err := voltage.NewCounter(voltage.Nominal)
			if err != nil {
				t.Fatal(err)
			}
			return voltage.NewReport(w, counter)
		},
	}
	for _, log := range []string{"nl-noisy.log", "hu-noisy.log", "hu-noisy-lf.log", "hu-clean.log"} {
		data, err := os.ReadFile("../../testdata/" + log)
		if err != nil {
			t.Fatal(err)
		}
		for _, records := range [][]record.Record{tooltest.Framed(t, data), tooltest.Repaired(t, data)} {
			for name, build := range outputs {
				made := tooltest.KeepsNothing(t, build, records)
				if t.Failed() || len(made) < 40 {
					t.Fatalf("%s, %s: %.300s", log, name, made)
				}
			}
		}
	}
}
