package main

import (
	"os"
	"strings"
	"testing"

	"p1/pkg/frame"
	"p1/pkg/frame/pseudonym"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
)

// The framing keeps nothing of a record, nor changes one, with pseudonyms or without;
// of chunks, and of records that are framed already.
func TestFramerKeepsNothing(t *testing.T) {
	plain := func(w record.Writer) record.Stage { return closing{frame.New(w, frame.Options{}), w} }
	hidden := func(w record.Writer) record.Stage {
		names := pseudonym.New(w, pseudonym.Options{})
		return anonymised{closing{frame.New(names, frame.Options{}), names}, names}
	}
	for _, log := range []string{"nl-noisy.log", "hu-noisy.log", "hu-noisy-lf.log", "hu-clean.log"} {
		data, err := os.ReadFile("../../testdata/" + log)
		if err != nil {
			t.Fatal(err)
		}
		for _, records := range [][]record.Record{tooltest.Chunks(data), tooltest.Framed(t, data), tooltest.Repaired(t, data)} {
			for _, build := range []func(record.Writer) record.Stage{plain, hidden} {
				made := tooltest.KeepsNothing(t, tooltest.Filter(build), records)
				if n := strings.Count(made, `"type":"telegram"`); t.Failed() || n < 10 {
					t.Fatalf("%s: %d telegrams", log, n)
				}
			}
		}
	}
}
