package yield

import (
	"flag"
	"fmt"
	"math"
	"testing"

	"p1/pkg/sim/longtest"
)

var (
	telegrams  = flag.Int("yield.telegrams", 0, "telegrams a row; 0: a short run of the rows that have a floor")
	rows       = flag.String("yield.rows", "", "only rows whose meter/channel matches this regular expression")
	seed       = flag.Uint64("yield.seed", 1, "another seed is other houses, times and damage")
	confidence = flag.Float64("yield.confidence", 0.999, "the least confidence of a repair")
	parallel   = flag.Int("yield.parallel", 2, "rows at a time; 1 for times that can be compared")
	strict     = flag.Bool("yield.strict", false, "fail below the floors without an allowance for chance")
	why        = flag.Bool("yield.why", false, "list why telegrams are refused, and the first that are wrong")
	pool       = flag.Int("yield.pool", 0, "go on with further seeds until this many repairs are judged")
	random     = flag.Int("yield.random", longtest.Pick(500, 1_000, 2_000), "telegrams with a random CRC")

	randomMeter = flag.String("yield.meter", "nl", "the meter that sends them")
)

// shortRun is how many telegrams a row has unless told otherwise.
func shortRun() int { return longtest.Pick(40, 600, 2000) }

// least is the share of all telegrams, over all rows, that must be right however
// short the run.
const least = 0.6

// chosen returns the rows to measure and the telegrams of each.
func chosen(t *testing.T) ([]Row, int) {
	t.Helper()
	list, n := Rows(), *telegrams
	if s, err := surveyRealLog(); err == nil {
		list = append(list, ReplayRow(s))
	} else {
		fmt.Fprintf(t.Output(), "no row of real damage: %v\n", err)
	}
	if n == 0 {
		n = shortRun()
		if *rows == "" {
			list = WithFloor(list)
		}
	}
	list, err := Select(list, *rows)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatalf("no row matches %q", *rows)
	}
	return list, n
}

// outcome is a result or why there is none.
type outcome struct {
	result Result
	err    error
}

// measureAll measures some rows at a time and gives their results in order.
// Each row is a world of its own, so the order of the work shows in the times
// only.
func measureAll(list []Row, n int, seed uint64) []chan outcome {
	done := make([]chan outcome, len(list))
	slots := make(chan struct{}, max(*parallel, 1))
	for i := range list {
		done[i] = make(chan outcome, 1)
	}
	go func() {
		for i, row := range list {
			slots <- struct{}{}
			go func() {
				r, err := row.Measure(n, seed, *confidence)
				done[i] <- outcome{r, err}
				<-slots
			}()
		}
	}()
	return done
}

// sum is what came of all rows together.
type sum struct {
	right, sent int
	reliability Reliability
	lines       int // of salvaged telegrams, said to be right
	linesWrong  int
}

// measure adds the rows of a seed, and shows each of them or the wrong ones only.
func (s *sum) measure(t *testing.T, list []Row, n int, seed uint64, show bool) {
	t.Helper()
	for i, done := range measureAll(list, n, seed) {
		o := <-done
		if o.err != nil {
			t.Errorf("%s: %v", list[i].Name(), o.err)
			continue
		}
		if show || o.result.Wrong > 0 {
			fmt.Fprint(t.Output(), o.result)
		}
		if show && *why || o.result.Wrong > 0 {
			fmt.Fprint(t.Output(), o.result.Why())
		}
		s.reliability.Merge(o.result.Reliability)
		s.right += o.result.Right
		s.sent += o.result.Telegrams
		s.lines += o.result.Trusted
		s.linesWrong += o.result.TrustedWrong
		checkFloor(t, o.result)
	}
}

// nextSeed is how far the seeds of a pool lie apart: rows take those in between.
const nextSeed = 1009

// What the decoder reaches on every line, and that it is as often right as it
// says. The table is that of one seed; the pool takes as many as it needs.
func TestYield(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures, and takes minutes under the race detector")
	}
	list, n := chosen(t)
	var all sum
	fmt.Fprint(t.Output(), Heading())
	all.measure(t, list, n, *seed, true)
	for seed := *seed + nextSeed; all.reliability.Total().Repairs < *pool; seed += nextSeed {
		before := all.reliability.Total().Repairs
		all.measure(t, list, n, seed, false)
		if all.reliability.Total().Repairs == before {
			t.Fatalf("%d repairs, and seed %d adds none", before, seed)
		}
	}
	total := all.reliability.Total()
	fmt.Fprintf(t.Output(), "\n%s%s", &all.reliability, total.Verdict())
	checkReliability(t, total)
	checkLines(t, all.linesWrong, all.lines)
	if *rows == "" && float64(all.right) < least*float64(all.sent) {
		t.Errorf("%d of %d telegrams are right, want %.0f %%", all.right, all.sent, least*100)
	}
}

// rare is how often a row that reaches its floor may fail by chance.
const rare = 1e-3

// checkFloor asks for the floor, and for no more luck than there is in damage: half
// of it never meets a CRC by accident, the other half once in 32,768.
func checkFloor(t *testing.T, r Result) {
	t.Helper()
	if right, of := r.Counted(); r.Share() < r.Row.Floor && (*strict || isBelow(r)) {
		t.Errorf("%s: %d of %d, %.2f %%, are right, want %.2f %%", r.Row.Name(), right, of, r.Share()*100, r.Row.Floor*100)
	}
	if r.ByLuck > 1+r.Damaged/5000 {
		t.Errorf("%s: %d damaged telegrams are ok", r.Row.Name(), r.ByLuck)
	}
}

// checkReliability asks for no more wrong repairs than predicted, and for at
// most 10 in 100,000, where one is always allowed.
func checkReliability(t *testing.T, all Bin) {
	t.Helper()
	if float64(all.Wrong) > max(all.Bearable(), 1) {
		t.Errorf("%d repairs are wrong, predicted are %.3f and bearable %.2f", all.Wrong, all.Predicted, all.Bearable())
	}
	if all.Wrong > max(all.Repairs/10_000, 1) {
		t.Errorf("%d of %d repairs are wrong, want at most 10 in 100,000", all.Wrong, all.Repairs)
	}
}

// checkLines asks that of the lines that are trusted without a CRC no more are wrong
// than the least confidence allows, and three standard deviations.
func checkLines(t *testing.T, wrong, all int) {
	t.Helper()
	bearable := (1 - *confidence) * float64(all)
	bearable += 3 * math.Sqrt(bearable)
	fmt.Fprintf(t.Output(), "%d of %d lines of salvaged telegrams are wrong, bearable %.1f\n", wrong, all, bearable)
	if float64(wrong) > max(bearable, 1) {
		t.Errorf("%d of %d trusted lines are wrong, bearable are %.1f", wrong, all, bearable)
	}
}

// A CRC that means nothing is believed as seldom as chance has it, and hardly
// ever repaired. Of a million, 3 to 32 are ok. In a short run chance has little to
// say.
func TestRandomCRC(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures, and takes minutes under the race detector")
	}
	r, err := MeasureRandomCRC(*randomMeter, *random, *seed, *confidence)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(t.Output(), r)
	if r.Good != knownAfter {
		t.Errorf("%d of %d good telegrams are ok", r.Good, knownAfter)
	}
	if low, high := byChance(float64(r.Telegrams)/(1<<16), 1e-4); r.OK < low || r.OK > high {
		t.Errorf("%d are ok, by chance %d to %d would be", r.OK, low, high)
	}
	if most := max(r.Telegrams/10_000, 1); r.Repaired > most {
		t.Errorf("%d are repaired, want at most %d", r.Repaired, most)
	}
}

// byChance returns how many there are at least and at most of something rare; to
// be below, or above, has a probability of tail or less.
func byChance(mean, tail float64) (low, high int) {
	p := math.Exp(-mean) // of exactly n
	below := 0.0
	for n := 0; ; n++ {
		if below <= tail {
			low = n
		}
		below += p
		if 1-below <= tail {
			return low, n
		}
		p *= mean / float64(n+1)
	}
}

// isBelow reports whether a row is so far below its floor that chance does not say why.
func isBelow(r Result) bool {
	right, of := r.Counted()
	return r.Row.Floor > 0 && atMost(right, of, r.Row.Floor) < rare
}

// atMost is the probability that at most k of n are right where each is with a
// probability of p: a binomial distribution.
func atMost(k, n int, p float64) float64 {
	of, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for i := range k + 1 {
		are, _ := math.Lgamma(float64(i + 1))
		not, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(of - are - not + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

func TestAtMost(t *testing.T) {
	for _, c := range []struct {
		k, n int
		p    float64
		want float64
	}{{0, 0, 0.95, 1}, {1, 2, 0.5, 0.75}, {2, 3, 0.9, 0.271}, {3, 3, 0.9, 1}, {788, 800, 0.995, 0.000882}, {789, 800, 0.995, 0.00276}} {
		if got := atMost(c.k, c.n, c.p); math.Abs(got-c.want) > 0.01*c.want {
			t.Errorf("at most %d of %d at %g: %g, want %g", c.k, c.n, c.p, got, c.want)
		}
	}
}

// A row below its floor fails, and one at its floor does not, however few there are.
func TestFloorIsAGate(t *testing.T) {
	for _, c := range []struct {
		right, of int
		floor     float64
		fails     bool
	}{{800, 800, 0.995, false}, {790, 800, 0.995, false}, {780, 800, 0.995, true}, {740, 800, 0.95, false}, {730, 800, 0.95, true}, {38, 40, 0.995, false}, {30, 40, 0.95, true}, {0, 1, 0, false}} {
		fixed := Result{Row: Row{Floor: c.floor, Fixed: true}, InFixedRight: c.right, InFixed: c.of, Telegrams: 9999}
		all := Result{Row: Row{Floor: c.floor}, Right: c.right, Telegrams: c.of, InFixed: 9999}
		for _, r := range []Result{fixed, all} {
			if got := isBelow(r); got != c.fails {
				t.Errorf("%d of %d at a floor of %g: below is %v", c.right, c.of, c.floor, got)
			}
		}
	}
}

func TestByChance(t *testing.T) {
	for _, c := range []struct {
		telegrams, low, high int
	}{{1_000_000, 3, 32}, {2_000, 0, 2}, {1, 0, 0}} {
		if low, high := byChance(float64(c.telegrams)/(1<<16), 1e-4); low != c.low || high != c.high {
			t.Errorf("of %d %d to %d, want %d to %d", c.telegrams, low, high, c.low, c.high)
		}
	}
}

// A meter without CRC: nothing confirms a repair, so there is none.
func TestNothingIsRepairedWithoutCRC(t *testing.T) {
	for _, noise := range []string{"slow-rise", "flip", "overrun", "slip"} {
		row := Row{Meter: "dsmr3", Channel: noise, Options: "noise=" + noise}
		r, err := row.Measure(100, *seed, *confidence)
		if err != nil {
			t.Fatal(err)
		}
		if r.Repaired > 0 || r.Damaged == 0 {
			t.Errorf("%s: %d of %d damaged telegrams are repaired", noise, r.Repaired, r.Damaged)
		}
	}
}
