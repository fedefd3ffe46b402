package pipebench

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"p1/pkg/crc"
)

var (
	runs  = flag.Int("pipebench.runs", 0, "print the table, of so many runs each")
	sizes = flag.String("pipebench.sizes", "100,1000", "sizes of the logs in MB")
	gates = flag.Bool("pipebench.gates", false, "fail where a gate is not reached")
)

// mostMB is what a stage may need, whatever the size of the log.
const mostMB = 32

// leastRepaired is how many telegrams p1fix must repair a second of CPU time.
const leastRepaired = 2000

// TestTable prints what each task costs beside the reference.
func TestTable(t *testing.T) {
	if *runs == 0 {
		t.Skip("takes minutes: -pipebench.runs=5 prints the table")
	}
	p := build(t)
	if p.crc == "" {
		t.Fatal("there is no C compiler for the reference")
	}
	for _, size := range sizesOf(t) {
		for _, task := range tasks {
			t.Run(fmt.Sprintf("%s, %d MB", task.name, size), func(t *testing.T) {
				l := makeLog(t, task.capture, task.demo, size*mb)
				pairs := task.measure(t, p, l, *runs)
				t.Logf("%d telegrams, %s\n%s", l.telegrams, l.what, tableOf(pairs, l.telegrams))
				task.checkGates(t, pairs)
			})
		}
	}
	t.Run("p1fix, noisy", func(t *testing.T) { repairs(t, p) })
}

func sizesOf(tb testing.TB) []int {
	var list []int
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			tb.Fatalf("-pipebench.sizes: %q is no size in MB", text)
		}
		list = append(list, n)
	}
	return list
}

// checkGates fails where the task costs more than it may, if that is asked for.
func (t task) checkGates(tb testing.TB, pairs []pair) {
	if !*gates {
		return
	}
	if s := spreadOf(pairs, pair.ratio); s.median > t.gate {
		tb.Errorf("%.2f times the CPU seconds of the reference, and it is to be %g", s.median, t.gate)
	}
	for _, pair := range pairs {
		for _, process := range pair.run.processes {
			if process.peak > mostMB {
				tb.Errorf("%s needed %.1f MB, and may need %d", process.name, process.peak, mostMB)
			}
		}
	}
}

// spread is what several runs gave.
type spread struct{ median, least, most float64 }

func (s spread) String() string { return fmt.Sprintf("%.4g (%.4g to %.4g)", s.median, s.least, s.most) }

func spreadOf[T any](of []T, value func(T) float64) spread {
	var all []float64
	for _, x := range of {
		all = append(all, value(x))
	}
	slices.Sort(all)
	return spread{all[len(all)/2], all[0], all[len(all)-1]}
}

// tableOf is the table of one task: medians, and the least and the most in brackets.
func tableOf(pairs []pair, telegrams int) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	row := func(what string, value func(pair) float64) {
		fmt.Fprintf(w, "%s\t%s\n", what, spreadOf(pairs, value))
	}
	n := float64(telegrams)
	row("telegrams/s", func(p pair) float64 { return n / p.run.wall.Seconds() })
	row("reference, telegrams/s", func(p pair) float64 { return n / p.reference.wall.Seconds() })
	row("share of the reference", func(p pair) float64 { return p.reference.wall.Seconds() / p.run.wall.Seconds() })
	row("CPU s", func(p pair) float64 { return p.run.cpu().Seconds() })
	row("reference, CPU s", func(p pair) float64 { return p.reference.cpu().Seconds() })
	row("times the reference", pair.ratio)
	for i, process := range pairs[0].run.processes {
		row(process.name+", CPU µs a telegram", func(p pair) float64 { return p.run.processes[i].cpu.Seconds() * 1e6 / n })
	}
	for i, process := range pairs[0].run.processes {
		row(process.name+", peak MB", func(p pair) float64 { return p.run.processes[i].peak })
	}
	fmt.Fprintf(w, "this process, peak MB\t%.4g\n", ownPeak())
	w.Flush()
	return out.String()
}

// repairs measures p1fix on a noisy log.
func repairs(t *testing.T, p programs) {
	data, what := load(t, noisy, likeNoisy)
	name := filepath.Join(t.TempDir(), "noisy.log")
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
	framed, fixed := name+".framed.jsonl", name+".fixed.jsonl"
	p.pipe(t, []string{"p1cat", name}, []string{"p1frame", "-o", framed})
	var runsOf []pair
	repaired := 0.0
	for range *runs {
		reference := p.reference(t, name)
		run, _ := p.pipe(t, []string{"p1fix", "-o", fixed, framed})
		out, err := os.ReadFile(fixed)
		if err != nil {
			t.Fatal(err)
		}
		repaired = float64(bytes.Count(out, []byte(`"status":"repaired"`)))
		runsOf = append(runsOf, pair{reference, run})
	}
	perSecond := spreadOf(runsOf, func(p pair) float64 { return repaired / p.run.cpu().Seconds() })
	t.Logf("%s: %.0f repaired, %s a second of CPU time\n%s", what, repaired, perSecond, tableOf(runsOf, int(repaired)))
	if *gates && perSecond.median < leastRepaired {
		t.Errorf("%.0f repaired a second, and it is to be %d", perSecond.median, leastRepaired)
	}
}

// checkReference fails unless the loop gives the CRC of a file as the library does.
func checkReference(t *testing.T, p programs) {
	t.Helper()
	data, _ := load(t, "", likeReal)
	for _, n := range []int{0, 1, 1000, len(data)} {
		name := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(name, data[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		_, out := p.pipe(t, []string{filepath.Base(p.crc), name})
		if want := crc.ARC.Digits(data[:n]); !strings.HasPrefix(out, want+" ") {
			t.Errorf("of %d bytes: %q, want %s", n, out, want)
		}
	}
}
