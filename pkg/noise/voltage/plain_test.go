package voltage

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// plainSample is a voltage that is kept in memory.
type plainSample struct{ at, mv int64 }

// plainCount is what a plain computation, second by second over all samples, comes to.
type plainCount struct {
	seconds                Seconds
	means                  Means
	highest, lowest        int64 // mV of values, -1 for none
	meanHigh, meanLow      int64 // cV
	slideHigh              int64 // cV
	slideSeconds           int64
	aboveCount, belowCount int64 // excursions of values
	meansAbove, meansBelow int64 // excursions of means
}

// plainHolds says for how many seconds each sample stands.
func plainHolds(samples []plainSample) []int64 {
	holds := make([]int64, len(samples))
	step := int64(0)
	for i := range samples {
		if i+1 < len(samples) && samples[i+1].at-samples[i].at <= 10 {
			step = samples[i+1].at - samples[i].at
		}
		holds[i] = step
	}
	return holds
}

func squares(mv []int64) *big.Int {
	var sum int64 // of at most 600 times 10^12
	for _, v := range mv {
		sum += v * v
	}
	return big.NewInt(sum)
}

// plainMean is the root of the mean of the squares in cV, rounded half up: with
// x = √(squares/n)/10, that is ⌊(⌊2x⌋+1)/2⌋.
func plainMean(mv []int64) int64 {
	sum, n := squares(mv), big.NewInt(int64(len(mv)*100))
	twice := new(big.Int).Sqrt(sum.Div(sum.Mul(sum, big.NewInt(4)), n))
	return (twice.Int64() + 1) / 2
}

// beyondMean compares the mean of squares with the square of a limit.
func beyondMean(mv []int64, limit int64) int {
	l := big.NewInt(limit)
	return squares(mv).Cmp(l.Mul(l, l).Mul(l, big.NewInt(int64(len(mv)))))
}

// plainly computes without any stream: at[s] is the voltage of each second, -1 in a
// hole. The samples begin at the full ten minutes start or later.
func plainly(samples []plainSample, start, end int64, above, below, lowest, none int64) plainCount {
	c := plainCount{highest: -1, lowest: -1, meanHigh: -1, meanLow: -1, slideHigh: -1}
	at := make([]int64, end-start)
	for i := range at {
		at[i] = -1
	}
	ends := map[int64]bool{}
	for i, hold := range plainHolds(samples) {
		s := samples[i]
		c.highest = max(c.highest, s.mv)
		if s.mv >= none && (c.lowest < 0 || s.mv < c.lowest) {
			c.lowest = s.mv
		}
		for d := range hold {
			at[s.at+d-start] = s.mv
			if s.mv >= none && (d+1 == hold || (s.at+d+1)%600 == 0) {
				ends[s.at+d+1-start] = true
			}
		}
	}
	c.values(at, above, below, lowest, none)
	for from := int64(0); from < int64(len(at)); from += 600 {
		c.interval(at[from:from+600], above, below, lowest, none)
	}
	c.countMeans(at, above, below, none)
	c.slide(at, ends, above, none)
	return c
}

func (c *plainCount) values(at []int64, above, below, lowest, none int64) {
	lastAbove, lastBelow := int64(-1000), int64(-1000)
	for s, v := range at {
		switch {
		case v < 0:
		case v < none:
			c.seconds.Interrupted++
		default:
			c.seconds.Covered++
			if v > above {
				c.seconds.Above++
				if int64(s)-lastAbove > 60 {
					c.aboveCount++
				}
				lastAbove = int64(s) + 1
			}
			if v < below {
				c.seconds.Below++
				if int64(s)-lastBelow > 60 {
					c.belowCount++
				}
				lastBelow = int64(s) + 1
			}
			if v < lowest {
				c.seconds.Lowest++
			}
		}
	}
}

// judgeable returns the voltages of an interval, and whether its mean is judged.
func judgeable(at []int64, none int64) (mv []int64, interrupted, enough bool) {
	for _, v := range at {
		if v >= none {
			mv = append(mv, v)
		} else if v >= 0 {
			interrupted = true
		}
	}
	return mv, interrupted, len(mv) >= 540
}

func (c *plainCount) interval(at []int64, above, below, lowest, none int64) {
	mv, interrupted, enough := judgeable(at, none)
	switch {
	case interrupted:
		c.means.Interrupted++
	case enough:
		c.means.Judged++
		mean := plainMean(mv)
		c.meanHigh = max(c.meanHigh, mean)
		if c.meanLow < 0 || mean < c.meanLow {
			c.meanLow = mean
		}
		if beyondMean(mv, above) > 0 {
			c.means.Above++
		}
		if beyondMean(mv, below) < 0 {
			c.means.Below++
		}
		if beyondMean(mv, lowest) < 0 {
			c.means.Lowest++
		}
	case len(mv) > 0:
		c.means.Incomplete++
	}
}

// countMeans counts the runs of means that follow each other.
func (c *plainCount) countMeans(at []int64, above, below, none int64) {
	wasAbove, wasBelow := false, false
	for from := 0; from < len(at); from += 600 {
		mv, interrupted, enough := judgeable(at[from:from+600], none)
		judged := enough && !interrupted
		isAbove := judged && beyondMean(mv, above) > 0
		isBelow := judged && beyondMean(mv, below) < 0
		if isAbove && !wasAbove {
			c.meansAbove++
		}
		if isBelow && !wasBelow {
			c.meansBelow++
		}
		wasAbove, wasBelow = isAbove, isBelow
	}
}

// slide looks at the ten minutes before the end of each value.
func (c *plainCount) slide(at []int64, ends map[int64]bool, above, none int64) {
	from := int64(0) // of the part that ends
	for end := int64(1); end <= int64(len(at)); end++ {
		if at[end-1] < none || end > 1 && at[end-2] < none && at[end-1] >= none {
			from = end - 1
		}
		if !ends[end] {
			continue
		}
		mv := make([]int64, 0, 600)
		for _, v := range at[max(0, end-600):end] {
			if v >= none {
				mv = append(mv, v)
			}
		}
		if len(mv) >= 540 {
			c.slideHigh = max(c.slideHigh, plainMean(mv))
			if beyondMean(mv, above) > 0 {
				c.slideSeconds += end - from
			}
		}
		from = end
	}
}

// wander makes samples of a voltage that wanders over all limits, with lost ones,
// holes and interruptions. They are not in order of anything but time.
func wander(rng *rand.Rand, start, period int64, n int) []plainSample {
	var samples []plainSample
	mv := int64(200e3) + rng.Int64N(60)*1000
	for at := start + rng.Int64N(period); len(samples) < n; at += period {
		mv += rng.Int64N(41)*100 - 2000
		mv = min(max(mv, 190e3), 260e3)
		switch rng.IntN(400) {
		case 0:
			at += rng.Int64N(500) // a hole
		case 1:
			at += rng.Int64N(3) // the clock drifts
		}
		switch v := mv; {
		case rng.IntN(25) == 0: // lost
		case rng.IntN(800) == 0:
			samples = append(samples, plainSample{at, rng.Int64N(20) * 1000})
		default:
			samples = append(samples, plainSample{at, v})
		}
	}
	return samples
}

// The evidence is what a plain computation over all samples comes to.
func TestEqualsThePlainComputation(t *testing.T) {
	var sum plainCount
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		const start = 1_772_000_400 / 600 * 600
		samples := wander(rng, start, []int64{1, 1, 5, 10, 10, 12}[rng.IntN(6)], 600+rng.IntN(2000))
		tape := newTape()
		for _, s := range samples {
			tape.at(s.at, volts(s.mv), "", "")
		}
		phase := tape.evidence(t).Meters[0].Phases[0]
		end := (samples[len(samples)-1].at+10)/600*600 + 600
		want := plainly(samples, start, end, 253e3, 207e3, 195.5e3, 11.5e3)
		got := gotCount(&phase)
		if !phase.Live {
			t.Fatalf("seed %d: not live", seed)
		}
		if got != want {
			t.Errorf("seed %d\n got %+v\nwant %+v", seed, got, want)
		}
		sum.means.add(want.means)
		sum.slideSeconds += want.slideSeconds
		sum.meansAbove += want.meansAbove
		sum.meansBelow += want.meansBelow
	}
	// What never occurs is not compared.
	if m := sum.means; m.Judged == 0 || m.Incomplete == 0 || m.Interrupted == 0 || m.Above == 0 || m.Below == 0 || m.Lowest == 0 ||
		sum.slideSeconds == 0 || sum.meansAbove == m.Above || sum.meansBelow == m.Below {
		t.Errorf("too little occurs: %+v", sum)
	}
}

func gotCount(p *Phase) plainCount {
	mv := func(e *Extreme) int64 {
		if e == nil {
			return -1
		}
		return e.rank
	}
	return plainCount{p.Seconds, p.Means, mv(p.Highest), mv(p.Lowest), mv(p.MeanMax), mv(p.MeanMin), mv(p.Sliding.Highest),
		p.Sliding.Above.Seconds, p.ValuesAbove.Count, p.ValuesBelow.Count, p.MeansAbove.Count, p.MeansBelow.Count}
}
