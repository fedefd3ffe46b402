package yield

import (
	"flag"
	"fmt"
	"math"
	"testing"
)

var (
	telegrams  = flag.Int("yield.telegrams", 0, "telegrams a row; 0: a short run of the rows that have a floor")
	rows       = flag.String("yield.rows", "", "only rows whose meter/channel matches this regular expression")
	seed       = flag.Uint64("yield.seed", 1, "another seed is other houses, times and damage")
	confidence = flag.Float64("yield.confidence", 0.999, "the least confidence of a repair")
	parallel   = flag.Int("yield.parallel", 2, "rows at a time; 1 for times that can be compared")
	strict     = flag.Bool("yield.strict", false, "fail below the floors")
	why        = flag.Bool("yield.why", false, "list why telegrams are refused, and the first that are wrong")
	random     = flag.Int("yield.random", 2_000, "telegrams with a random CRC")

	randomMeter = flag.String("yield.meter", "nl", "the meter that sends them")
)

// shortRun is how many telegrams a row has unless told otherwise.
const shortRun = 100

// least is the share of all telegrams, over all rows, that must be right however
// short the run.
const least = 0.6

// chosen returns the rows to measure and the telegrams of each.
func chosen(t *testing.T) ([]Row, int) {
	t.Helper()
	list, n := Rows(), *telegrams
	if n == 0 {
		n = shortRun
		if *rows == "" {
			list = Floors()
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
func measureAll(list []Row, n int) []chan outcome {
	done := make([]chan outcome, len(list))
	slots := make(chan struct{}, max(*parallel, 1))
	for i := range list {
		done[i] = make(chan outcome, 1)
	}
	go func() {
		for i, row := range list {
			slots <- struct{}{}
			go func() {
				r, err := row.Measure(n, *seed, *confidence)
				done[i] <- outcome{r, err}
				<-slots
			}()
		}
	}()
	return done
}

// What the decoder reaches on every line, and that it is as often right as it
// says.
func TestYield(t *testing.T) {
	list, n := chosen(t)
	var all Reliability
	right, sent := 0, 0
	fmt.Fprint(t.Output(), Heading())
	for i, done := range measureAll(list, n) {
		o := <-done
		if o.err != nil {
			t.Errorf("%s: %v", list[i].Name(), o.err)
			continue
		}
		fmt.Fprint(t.Output(), o.result)
		if *why {
			fmt.Fprint(t.Output(), o.result.Why())
		}
		all.Merge(o.result.Reliability)
		right += o.result.Right
		sent += o.result.Telegrams
		checkFloor(t, o.result)
	}
	fmt.Fprintf(t.Output(), "\n%s", &all)
	checkReliability(t, all.Total())
	if *rows == "" && float64(right) < least*float64(sent) {
		t.Errorf("%d of %d telegrams are right, want %.0f %%", right, sent, least*100)
	}
}

// checkFloor asks for the floor, where it is to, and for no more luck than
// there is in damage: half of it never meets a CRC by accident, the other half
// once in 32,768.
func checkFloor(t *testing.T, r Result) {
	t.Helper()
	if *strict && r.Share() < r.Row.Floor {
		t.Errorf("%s: %.2f %% right, want %.2f %%", r.Row.Name(), r.Share()*100, r.Row.Floor*100)
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
	if all.Wrong > 1+all.Repairs/10_000 {
		t.Errorf("%d of %d repairs are wrong, want at most 10 in 100,000", all.Wrong, all.Repairs)
	}
}

// A CRC that means nothing is believed as seldom as chance has it, and hardly
// ever repaired. In a short run chance has little to say.
func TestRandomCRC(t *testing.T) {
	r, err := MeasureRandomCRC(*randomMeter, *random, *seed, *confidence)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(t.Output(), r)
	if r.Good != knownAfter {
		t.Errorf("%d of %d good telegrams are ok", r.Good, knownAfter)
	}
	chance := float64(r.Telegrams) / (1 << 16)
	if off := math.Abs(float64(r.OK) - chance); off > 5*math.Sqrt(chance+1) {
		t.Errorf("%d are ok, by chance %.1f would be", r.OK, chance)
	}
	if most := 1 + r.Telegrams/10_000; r.Repaired > most {
		t.Errorf("%d are repaired, want at most %d", r.Repaired, most)
	}
}

// A meter without CRC: nothing confirms a repair, so there is none.
func TestNothingIsRepairedWithoutCRC(t *testing.T) {
	for _, noise := range []string{"slow-rise", "flip", "overrun", "slip"} {
		row := Row{Meter: "dsmr3", Channel: noise, Options: "noise=" + noise}
		r, err := row.Measure(shortRun, *seed, *confidence)
		if err != nil {
			t.Fatal(err)
		}
		if r.Repaired > 0 || r.Damaged == 0 {
			t.Errorf("%s: %d of %d damaged telegrams are repaired", noise, r.Repaired, r.Damaged)
		}
	}
}
