package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
)

// The repair keeps nothing of a record that it has taken, and changes none.
func TestFixerKeepsNothing(t *testing.T) {
	logs := []string{"../../testdata/nl-noisy.log", "../../testdata/hu-noisy.log", "../../testdata/hu-noisy-lf.log", "../../testdata/hu-clean.log"}
	more, err := filepath.Glob("../../testdata/dialect/*.log")
	if err != nil || len(more) < 10 {
		t.Fatalf("%d logs, %v", len(more), err)
	}
	repaired := 0
	for _, log := range append(logs, more...) {
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		framed := tooltest.Framed(t, data)
		for _, lookahead := range []int{repair.FileLookahead, repair.NoLookahead} {
			o := repair.Options{MinConfidence: 0.999, Lookahead: lookahead}
			made := tooltest.KeepsNothing(t, tooltest.Filter(func(w record.Writer) record.Stage { return repair.New(w, o) }),
				framed)
			if t.Failed() {
				t.Fatalf("%s, lookahead %d", log, lookahead)
			}
			repaired += strings.Count(made, `"status":"repaired"`)
		}
	}
	if repaired < 50 {
		t.Errorf("%d telegrams are repaired", repaired)
	}
}

// To decide anew, the repair leaves the records as they were, too.
func TestFixerKeepsNothingAgain(t *testing.T) {
	data, err := os.ReadFile("../../testdata/hu-noisy.log")
	if err != nil {
		t.Fatal(err)
	}
	o := repair.Options{MinConfidence: 0.999, Again: true, Explain: true}
	made := tooltest.KeepsNothing(t, tooltest.Filter(func(w record.Writer) record.Stage { return repair.New(w, o) }),
		tooltest.Repaired(t, data))
	if n := strings.Count(made, `"explain":`); n < 20 {
		t.Errorf("%d telegrams are decided about", n)
	}
}

// Nor where numbers move since telegrams are cut anew, and where valid ones are suspect
// while damaged ones wait.
func TestFixerKeepsNothingOfMovedAndSuspect(t *testing.T) {
	framed := tooltest.Framed(t, tooltest.Log(t, "demo:?meter=hu&telegrams=100&noise=overrun+cut+flip&seed=3"))
	reversed := slices.Clone(framed)
	slices.Reverse(reversed)
	suspect := 0
	for _, records := range [][]record.Record{framed, reversed} {
		made := tooltest.KeepsNothing(t, tooltest.Filter(func(w record.Writer) record.Stage {
			return repair.New(w, repair.Options{MinConfidence: 0.999})
		}), records)
		suspect += strings.Count(made, `"suspect":`)
	}
	if suspect < 5 {
		t.Errorf("%d telegrams are suspect", suspect)
	}
}
