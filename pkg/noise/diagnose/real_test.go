package diagnose_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/fix/repair"
	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// realLog is a capture of a Hungarian meter, where it is at hand.
func realLog(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skip("the real logs are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A day behind a transistor inverter whose collector resistor was too weak. An
// alignment of another kind (pkg/sim/yield) finds 96 % of its damage to be ones lost.
func TestNoisyLog(t *testing.T) {
	r := diagnosed(t, diagnose.Options{}, realLog(t, "eon-noisy.log"))
	top := r.Findings[0]
	if top.Signature != diagnose.OnesLost || top.Share.Value < 0.9 || top.Share.Value > 0.97 {
		t.Errorf("found %+v, want ones lost in 90 to 97 %%", top)
	}
	if !strings.Contains(r.Headline, "slow rising logic edge") {
		t.Errorf("the headline says %q", r.Headline)
	}
	var pauses []int
	for _, p := range r.Pauses {
		pauses = append(pauses, p.Offset)
	}
	if !slices.Equal(pauses, []int{0, 1094, 1302}) {
		t.Errorf("pauses at %v, want 0, 1094 and 1302", pauses)
	}
	var receivers []string
	for _, m := range r.Remedies {
		receivers = append(receivers, m.Receiver)
	}
	for _, want := range diagnose.Receivers() {
		if want != diagnose.Unknown && !slices.Contains(receivers, want) {
			t.Errorf("no remedy for %s", want)
		}
	}
	if len(r.Decides) == 0 {
		t.Error("it does not say which fact decides between them")
	}
}

func TestCleanLog(t *testing.T) {
	for _, name := range []string{"eon-clean.log", "eon-clean-lf.log"} {
		r := diagnosed(t, diagnose.Options{}, realLog(t, name))
		if !r.Clean || len(r.Findings) > 0 || r.Headline != "The line is clean: 54 telegrams, none damaged." {
			t.Errorf("%s: %s", name, words(&r))
		}
		// 0.95 of all lines of which this share of the telegrams is damaged show one in 54.
		if !strings.Contains(r.Sure, "fewer than 5.4 % of the telegrams") {
			t.Errorf("%s: %s", name, r.Sure)
		}
	}
}

// TestMarksOfTheNoisyLog: nothing was changed at that line, so no mark helped or harmed,
// at whichever minute it stands.
func TestMarksOfTheNoisyLog(t *testing.T) {
	report := repaired(t, realLog(t, "eon-noisy.log"))
	begin := time.Date(2023, 4, 27, 7, 0, 0, 0, time.FixedZone("", 2*3600))
	step := longtest.Pick(30, 30, 1)
	for minute := 0; minute < 180; minute += step {
		at := begin.Add(time.Duration(minute) * time.Minute)
		r := report(diagnose.Options{Marks: []diagnose.Mark{{At: instant(t, at.Format(time.RFC3339)), Name: "nothing"}}})
		if c := r.Compared[0]; strings.HasPrefix(c.Verdict, "It ") {
			t.Errorf("%s: %s", at, c.Verdict)
		}
	}
}

// repaired repairs a log once, and gives its diagnosis for options.
func repaired(t *testing.T, log []byte) func(diagnose.Options) diagnose.Report {
	t.Helper()
	var records []record.Record
	fixer := repair.New(sink(func(r record.Record) error {
		records = append(records, record.Keep(r))
		return nil
	}), repair.Options{MinConfidence: 0.999})
	send(t, log, fixer.Take)
	if err := fixer.Close(); err != nil {
		t.Fatal(err)
	}
	return func(o diagnose.Options) diagnose.Report {
		d := diagnose.New(o)
		for _, r := range records {
			if err := d.Take(r); err != nil {
				t.Fatal(err)
			}
		}
		return d.Report()
	}
}
