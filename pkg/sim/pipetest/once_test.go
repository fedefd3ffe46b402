package pipetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
)

// copiesSaid is what p1csv says of copies, with their number.
var copiesSaid = regexp.MustCompile(`(?m)^p1csv: left out: (\d+) that are copies of telegrams .*\n`)

// runTelling is run for a pipe whose p1csv says how many copies it has left out; the
// line with all counts, which follows that, is passed over.
func runTelling(t *testing.T, dir, line string) (out []byte, copies string) {
	t.Helper()
	p := start(t, dir, nil, line)
	out = p.rest()
	for _, s := range p.stages {
		said := s.said()
		if found := copiesSaid.FindStringSubmatch(said); found != nil {
			copies = found[1]
			said = copiesSaid.ReplaceAllString(said, "")
		}
		said = regexp.MustCompile(`(?m)^p1csv: \d+ telegrams: .*\n`).ReplaceAllString(said, "")
		if s.code != 0 || said != "" {
			t.Errorf("%s ends with %d: %s", filepath.Base(s.Path), s.code, said)
		}
	}
	return out, copies
}

// simulated writes the records of a simulated log to a file, and returns its lines.
func simulated(t *testing.T, dir, demo string) [][]byte {
	t.Helper()
	run(t, dir, "p1cat demo:?"+demo+" | p1frame -o whole.jsonl")
	return bytes.SplitAfter(bytes.TrimSuffix(read(t, filepath.Join(dir, "whole.jsonl")), []byte("\n")), []byte("\n"))
}

// scatter writes parts of lines to files, in which all lines are, some of them more than
// once, in any order. It returns their names and how many lines there are too many.
func scatter(t *testing.T, dice *rand.Rand, dir string, lines [][]byte) (names []string, copies int) {
	t.Helper()
	var parts [][][]byte
	most := len(lines)/6 + 1
	for from := 0; from < len(lines); {
		to := min(from+1+dice.IntN(most), len(lines))
		parts = append(parts, lines[max(0, from-dice.IntN(most/2+1)):to])
		from = to
	}
	for range dice.IntN(3) {
		parts = append(parts, parts[dice.IntN(len(parts))])
	}
	dice.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	copies = -len(lines)
	for i, part := range parts {
		names = append(names, fmt.Sprintf("part%d.jsonl", i))
		text := append(bytes.TrimSuffix(bytes.Join(part, nil), []byte("\n")), '\n')
		write(t, filepath.Join(dir, names[i]), text)
		copies += len(part)
	}
	return names, copies
}

// Whatever a log is split into, in whatever order the parts come, with whatever overlaps
// and copies: the table is that of the whole.
func TestCountedOnce(t *testing.T) {
	t.Parallel()
	for _, meter := range []string{"nl", "hu", "be", "se", "lt"} {
		for seed := range uint64(longtest.Pick(2, 1, 3)) {
			dir := t.TempDir()
			dice := rand.New(rand.NewPCG(seed, 15))
			// Both nights in which the clock is changed, or a year; and another meter at last.
			demo := []string{
				"&telegrams=300&every=11m&start=2026-03-28T00:00:00&replace=2026-03-29T22:00:00",
				"&telegrams=300&every=11m&start=2026-10-24T00:00:00&replace=2026-10-25T22:00:00",
			}[seed%2]
			if longtest.Asked() {
				demo = longtest.Pick("", "&telegrams=35041&every=15m", "&telegrams=105121&every=5m") +
					"&start=2026-01-01T00:00:00&replace=" + replaced
			}
			names, copies := scatter(t, dice, dir, simulated(t, dir, "meter="+meter+demo))
			for flags, plain := range map[string]string{
				"--unique": "", "--unique --profile all": "--profile all", "--every 1d": "--every 1d",
				"--every 15m --profile all --format json": "--every 15m --profile all --format json",
			} {
				want := run(t, dir, strings.Join(strings.Fields("p1csv "+plain+" whole.jsonl"), " "))
				got, told := runTelling(t, dir, "p1csv "+flags+" "+strings.Join(names, " "))
				if !bytes.Equal(got, want) {
					t.Errorf("%s, seed %d, %s: the table of %d parts is not that of the whole", meter, seed, flags, len(names))
				}
				if copies > 0 && told != fmt.Sprint(copies) {
					t.Errorf("%s, seed %d, %s: it tells of %s copies, want %d", meter, seed, flags, told, copies)
				}
			}
		}
	}
}

// Through standard input too, of several logs that p1cat reads.
func TestCountedOnceFromLogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := read(t, filepath.Join(testdata, "hu-clean.log"))
	starts := regexp.MustCompile(`(?m)^/`).FindAllIndex(log, -1)
	if len(starts) < 10 {
		t.Fatalf("%d telegrams", len(starts))
	}
	write(t, filepath.Join(dir, "whole.log"), log)
	write(t, filepath.Join(dir, "first.log"), log[:starts[8][0]])
	write(t, filepath.Join(dir, "second.log"), log[starts[3][0]:])
	for _, flags := range []string{"--every 1d", "--every 1m", "--unique"} {
		want := run(t, dir, "p1cat whole.log | p1frame | p1fix | p1csv "+flags)
		for logs, copies := range map[string]string{"second.log first.log": "5", "whole.log whole.log": fmt.Sprint(len(starts))} {
			got, told := runTelling(t, dir, "p1cat "+logs+" | p1frame | p1fix | p1csv "+flags)
			if !bytes.Equal(got, want) || told != copies {
				t.Errorf("%s of %s is not that of the whole; it tells of %s copies, want %s", flags, logs, told, copies)
			}
		}
	}
}

// A real log that is named twice counts once, and so do two halves that overlap.
func TestRealCountedOnce(t *testing.T) {
	t.Parallel()
	file, log := realLog(t, "eon-noisy.log")
	dir := t.TempDir()
	edge := func(at int) int { return at + bytes.Index(log[at:], []byte("\n/")) + 1 }
	write(t, filepath.Join(dir, "first.log"), log[:edge(len(log)*6/10)])
	write(t, filepath.Join(dir, "second.log"), log[edge(len(log)*4/10):])
	gain := func(logs string) string {
		t.Helper()
		out, _ := runTelling(t, dir, "p1cat "+logs+" | p1frame | p1fix --quiet | p1csv --every 1d --columns import_kwh")
		rows := parseTable(t, out).rows
		return rows[len(rows)-1]["import_kwh_gain"]
	}
	for _, logs := range []string{file, file + " " + file, "second.log first.log", "first.log second.log"} {
		if got := gain(logs); got != "0.781" {
			t.Errorf("%s: %s kWh, and the register has gained 0.781", logs, got)
		}
	}
}

// Temporary files are beside the output, and none is left.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run(t, dir, "p1cat demo:?meter=hu&telegrams=5000 | p1frame | p1csv --unique -o out.csv")
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 1 {
		t.Errorf("files are left: %v", left)
	}
}
