package yield

import (
	"flag"
	"fmt"
	"testing"

	"p1/pkg/sim/longtest"
)

var classTelegrams = flag.Int("yield.class", longtest.Pick(0, 0, 600), "telegrams of each meter and class of damage; 0: none")

// classes are kinds of damage, each after every one of the four meters. Of those with a
// floor that share is aimed at, of the telegrams in which the line has hit at most one byte
// in a hundred; of a slip that ends, of all of them.
var classes = []struct{ row Row }{
	{row: Row{Channel: "slow-rise", Options: "noise=slow-rise", Floor: 0.99}},
	{row: Row{Channel: "slow-rise, all edges", Options: "noise=slow-rise&rate=1&late=3.1&scatter=0.3", Floor: 0.99}},
	{row: Row{Channel: "slow-rise, spells", Options: "noise=slow-rise&rate=0.0003&spell=40&late=4&scatter=0.4", Floor: 0.99}},
	{row: Row{Channel: "slow-fall", Options: "noise=slow-fall", Floor: 0.99}},
	{row: Row{Channel: "slow-fall, all edges", Options: "noise=slow-fall&rate=1&late=3.1&scatter=0.26", Floor: 0.99}},
	{row: Row{Channel: "slow-fall, spells", Options: "noise=slow-fall&rate=0.0003&spell=40&late=4&scatter=0.4", Floor: 0.99}},
	{row: Row{Channel: "jitter of each edge", Options: "noise=jitter&scatter=0.7", Floor: 0.99}},
	{row: Row{Channel: "jitter of characters", Options: "noise=jitter&shift=1.2", Floor: 0.99}},
	{row: Row{Channel: "clock", Options: "noise=clock&clock-error=2&scatter=0.5", Floor: 0.99}},
	{row: Row{Channel: "pulse", Options: "noise=pulse", Floor: 0.99}},
	{row: Row{Channel: "slip", Options: "noise=slip&rate=0.5", Floor: 0.97}},
	{row: Row{Channel: "slip, idle bit", Options: "noise=slip&rate=0.5&gap=1", Floor: 0.97}},
	{row: Row{Channel: "slip, resync=low", Options: "noise=slip&rate=0.5&resync=low", Floor: 0.97}},
	{row: Row{Channel: "slip, resync=level", Options: "noise=slip&rate=0.5&resync=level", Floor: 0.97}},
	{row: Row{Channel: "slip, framing errors dropped", Options: "noise=slip&rate=0.5&framing=drop", Floor: 0.97}},
	{row: Row{Channel: "slip, resync=pause", Options: "noise=slip&rate=0.5&resync=pause"}},
	{row: Row{Channel: "slip and slow-rise", Options: "noise=slip:rate=0.5%2Bslow-rise:rate=0.001"}},
}

// What comes of telegrams by the kind of damage, and by how much of them it has hit.
func TestClasses(t *testing.T) {
	if *classTelegrams == 0 {
		t.Skip("it measures, and takes minutes: -yield.class=100 or P1_LONG=1 runs it")
	}
	const layout = "%-30s %7s %7s %7s %6s %9s %7s  %s\n"
	fmt.Fprintf(t.Output(), layout, "right/refused/wrong", "sent", "damaged", "right", "wrong", "predicted", "ms each", "of the damaged by share of hit bytes: at most 1 %, 5 %, all")
	var all Reliability
	for i := range classes {
		c := &classes[i]
		list, err := Select([]Row{c.row}, *rows)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			continue
		}
		sum := Result{Row: c.row}
		var meters []Row
		for n, m := range Meters() {
			row := c.row
			row.Meter, row.Number = m, 1000+len(classes)*n+i
			meters = append(meters, row)
		}
		for n, done := range measureAll(meters, *classTelegrams, *seed) {
			o := <-done
			if o.err != nil {
				t.Fatal(meters[n].Name(), o.err)
			}
			sum.merge(o.result)
			if *why || o.result.Wrong > 0 {
				fmt.Fprint(t.Output(), o.result, o.result.Why())
			}
		}
		fmt.Fprintf(t.Output(), layout, c.row.Channel, fmt.Sprint(sum.Telegrams), fmt.Sprint(sum.damaged()), fmt.Sprint(sum.Right), fmt.Sprint(sum.Wrong),
			fmt.Sprintf("%.3f", sum.Reliability.Total().Predicted),
			fmt.Sprintf("%.1f", sum.Elapsed.Seconds()*1000/float64(max(sum.damaged(), 1))), sum.byHits())
		all.Merge(sum.Reliability)
	}
	fmt.Fprintf(t.Output(), "\n%s%s", &all, all.Total().Verdict())
	checkReliability(t, all.Total())
}

// merge adds what came of another row.
func (r *Result) merge(other Result) {
	r.Telegrams, r.Right, r.Wrong = r.Telegrams+other.Telegrams, r.Right+other.Right, r.Wrong+other.Wrong
	for i := range r.ByHits {
		r.ByHits[i].add(other.ByHits[i])
	}
	r.Reliability.Merge(other.Reliability)
	r.Elapsed += other.Elapsed
}

// damaged is how many telegrams the line has hit.
func (r *Result) damaged() int {
	n := 0
	for _, c := range r.ByHits {
		n += c.right + c.refused + c.wrong
	}
	return n
}

// byHits is what came of the damaged ones, a share of hit bytes after the other.
func (r *Result) byHits() (text string) {
	for _, c := range r.ByHits {
		n := c.right + c.refused + c.wrong
		text += fmt.Sprintf("  %d/%d/%d", c.right, c.refused, c.wrong)
		if n > 0 {
			text += fmt.Sprintf(" (%.1f %%)", 100*float64(c.right)/float64(n))
		}
	}
	return text
}
