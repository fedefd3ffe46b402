package pipetest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/tooltest"
)

// outputs are what can be made of a log, by the name of the golden file after
// the log's own.
var outputs = map[string]string{
	"telegrams.jsonl": "p1frame | p1fix --ascii=false", // whatever the platform's default
	"records.csv":     "p1frame | p1fix | p1csv",
	"seed.csv":        "p1frame | p1fix | p1csv --profile seed",
	"hu.csv":          "p1frame | p1fix | p1csv --profile hu",
	"nl.csv":          "p1frame | p1fix | p1csv --profile nl",
	"all.csv":         "p1frame | p1fix | p1csv --profile all --tz Europe/Amsterdam",
	"all.jsonl":       "p1frame | p1fix | p1csv --profile all --format json",
	"records.influx":  "p1frame | p1fix | p1csv --format influx",
	"validity.csv":    "p1frame | p1fix | p1csv --table validity",
	"framed.csv":      "p1frame | p1csv --table validity",
	"noise.csv":       "p1frame | p1fix | p1noise",
	"summary.txt":     "p1frame | p1fix | p1noise --summary",
}

// goldens are the outputs that are kept of each log.
var goldens = map[string][]string{
	"hu-clean":    {"telegrams.jsonl", "records.csv", "hu.csv", "records.influx", "seed.csv", "validity.csv", "noise.csv", "summary.txt"},
	"hu-noisy":    {"records.csv", "seed.csv", "validity.csv", "framed.csv", "noise.csv", "summary.txt"},
	"hu-noisy-lf": {"records.csv", "validity.csv"},
	"nl-clean":    {"records.csv", "nl.csv", "all.csv", "validity.csv"},
	"nl-noisy":    {"telegrams.jsonl", "records.csv", "validity.csv", "noise.csv", "summary.txt"},
	"dsmr3":       {"telegrams.jsonl", "records.csv", "all.csv", "all.jsonl", "validity.csv", "noise.csv", "summary.txt"},
}

// What the pipe makes of the logs has not changed unnoticed.
func TestGolden(t *testing.T) {
	for log, names := range goldens {
		for _, name := range names {
			t.Run(log+"."+name, func(t *testing.T) {
				t.Parallel()
				out := run(t, testdata, "p1cat "+log+".log | "+outputs[name])
				tooltest.Golden(t, filepath.Join(testdata, "golden", log+"."+name), out)
			})
		}
	}
}

// No golden file is left over from a test that is gone.
func TestGoldenIsComplete(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(testdata, "golden"))
	must(t, err)
	for _, e := range entries {
		log, name, _ := strings.Cut(e.Name(), ".")
		known := false
		for _, n := range goldens[log] {
			known = known || n == name
		}
		if log == "dialect" {
			meterName, kind, _ := strings.Cut(name, ".")
			known = slices.Contains(sim.Meters(), meterName) && (kind == "jsonl" || kind == "records.jsonl")
		}
		if !known {
			t.Errorf("no test makes golden/%s", e.Name())
		}
	}
}

// symptoms returns the folders of the logs by symptom.
func symptoms(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(testdata, "symptom", "*", "p1.log"))
	must(t, err)
	var dirs []string
	for _, name := range found {
		dirs = append(dirs, filepath.Dir(name))
	}
	if len(dirs) < 8 {
		t.Fatalf("only %d logs by symptom are found", len(dirs))
	}
	return dirs
}

var query = regexp.MustCompile(`demo:(\S+)'`)

// Each symptom shows: some telegrams are hit, the others and what is repaired are
// what the meter sent, and nothing is lost.
func TestSymptoms(t *testing.T) {
	for _, dir := range symptoms(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			demo := query.FindSubmatch(read(t, filepath.Join(dir, "README.md")))
			if demo == nil {
				t.Fatal("its README has no command")
			}
			x := simulate(t, string(demo[1]))
			if !bytes.Equal(x.log, read(t, filepath.Join(dir, "p1.log"))) {
				t.Fatal("the log is not that of its command")
			}
			hit := 0
			for _, tx := range x.sent {
				if tx.Hits > 0 {
					hit++
				}
			}
			list := lines(t, run(t, dir, "p1cat p1.log | p1frame | p1fix"))
			conserve(t, "p1fix", list, x.log)
			x.checkTruth(t, list)
			ok := len(telegrams(list, "ok"))
			if hit == 0 || ok != len(x.sent)-hit {
				t.Errorf("%d of %d telegrams were hit, %d are ok", hit, len(x.sent), ok)
			}
			noise := run(t, dir, "p1cat p1.log | p1frame | p1fix | p1noise")
			tooltest.Golden(t, filepath.Join(dir, "noise.csv"), noise)
		})
	}
}
