package pipebench

import (
	"runtime"
	"slices"
	"testing"

	"p1/pkg/sim/longtest"
)

// task is something that is measured beside the reference.
type task struct {
	name    string
	capture string // repeated to the size; empty for none
	demo    string // in its place
	saved   bool   // only the last stage, from what the one before has saved

	recorded float64 // the ratio of CPU seconds that was measured last
	gate     float64 // what it must reach
}

// tasks are those of the table.
var tasks = []task{
	{name: "Hungarian", capture: hungarian, demo: likeReal, recorded: 4.8, gate: 4},
	{name: "Dutch", demo: dutch, recorded: 7.5, gate: 6},
	{name: "saved, to CSV", capture: hungarian, demo: likeReal, saved: true, recorded: 1.1, gate: 1},
}

// pair is a run of a task and one of the reference before it.
type pair struct{ reference, run cost }

// ratio is how many times the CPU seconds of the reference the run took.
func (p pair) ratio() float64 { return p.run.cpu().Seconds() / p.reference.cpu().Seconds() }

// measure runs a task over a log and the reference over the same log, so often.
func (t task) measure(tb testing.TB, p programs, l *log, runs int) []pair {
	tb.Helper()
	commands := [][]string{{"p1cat", l.name}, {"p1frame"}, {"p1fix"}, {"p1csv", "-o", p.table}}
	if t.saved {
		saved := l.name + ".jsonl"
		p.pipe(tb, []string{"p1cat", l.name}, []string{"p1frame"}, []string{"p1fix", "-o", saved})
		commands = [][]string{{"p1csv", "-o", p.table, saved}}
	}
	var pairs []pair
	for range runs {
		reference := p.reference(tb, l.name)
		run, _ := p.pipe(tb, commands...)
		if n := countLines(tb, p.table); n != l.telegrams+1 {
			tb.Fatalf("%s: %d lines in the table, want a heading and %d rows", t.name, n, l.telegrams)
		}
		pairs = append(pairs, pair{reference, run})
	}
	return pairs
}

// The pipe has not become twice as slow as it was recorded, in CPU seconds and beside
// the reference. Of three runs the best counts, since others may use the machine.
func TestRatio(t *testing.T) {
	longtest.Needs(t, "measures")
	p := build(t)
	if p.crc == "" {
		t.Skip("there is no C compiler for the reference")
	}
	for _, task := range tasks {
		l := makeLog(t, task.capture, task.demo, 30*mb)
		pairs := task.measure(t, p, l, 3)
		best := slices.MinFunc(pairs, func(a, b pair) int { return int(1e6 * (a.ratio() - b.ratio())) })
		t.Logf("%s (%s), %d telegrams: %.2f times the CPU seconds of the reference, recorded %.2f",
			task.name, l.what, l.telegrams, best.ratio(), task.recorded)
		if best.ratio() > 2*task.recorded {
			t.Errorf("%s: %.2f times the CPU seconds of the reference, and %.2f were recorded: %v",
				task.name, best.ratio(), task.recorded, best.run)
		}
		for _, process := range best.run.processes {
			if runtime.GOOS == "linux" && process.peak < 1 {
				t.Errorf("%s needed %.1f MB", process.name, process.peak)
			}
		}
	}
}

// The reference is the CRC that telegrams carry.
func TestReference(t *testing.T) {
	dir := t.TempDir()
	p := programs{dir: dir, crc: buildReference(t, dir)}
	if p.crc == "" {
		t.Skip("there is no C compiler for the reference")
	}
	checkReference(t, p)
}
