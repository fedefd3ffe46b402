package diagnose

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// weather is what the rate of damage does by itself, in a log of counts.
type weather struct {
	rate     float64 // hits for each telegram, when all is calm
	every    float64 // seconds between telegrams
	wander   float64 // standard deviation of the slow drift, of the logarithm of the rate
	memory   float64 // seconds
	daily    float64 // amplitude of the daily rhythm, of the logarithm
	storms   float64 // a day
	lasting  float64 // seconds of a storm, on average: then the rate is tenfold
	clusters bool    // hits come in twos and fives
}

// anyWeather draws a line as they are: some calm, some stormy, hit now and then or in
// every telegram.
func anyWeather(dice *rand.Rand) weather {
	return weather{
		rate:     0.05 * math.Pow(60, dice.Float64()),
		every:    []float64{1, 10, 10, 60}[dice.IntN(4)],
		wander:   0.35 * dice.Float64(),
		memory:   600 * math.Pow(48, dice.Float64()),
		daily:    0.3 * dice.Float64(),
		storms:   12 * dice.Float64(),
		lasting:  60 * math.Pow(15, dice.Float64()),
		clusters: dice.IntN(2) == 0,
	}
}

// counts makes the hits of n telegrams up; from the change-th on the rate is factor times
// as high.
func (w weather) counts(dice *rand.Rand, n, change int, factor float64) []int {
	out := make([]int, n)
	x, phase, storm := dice.NormFloat64()*w.wander, dice.Float64()*2*math.Pi, 0.0
	kept := math.Exp(-w.every / w.memory)
	for i := range out {
		x = kept*x + math.Sqrt(1-kept*kept)*w.wander*dice.NormFloat64()
		log := x + w.daily*math.Sin(phase+2*math.Pi*float64(i)*w.every/86400)
		if storm -= w.every; storm <= 0 && dice.Float64() < w.storms*w.every/86400 {
			storm = dice.ExpFloat64() * w.lasting
		}
		rate := w.rate * math.Exp(log)
		if storm > 0 {
			rate *= 10
		}
		if i >= change {
			rate *= factor
		}
		size := 1
		if w.clusters {
			size = 1 + dice.IntN(5)
			rate /= 3
		}
		for p := dice.ExpFloat64(); p < rate; p += dice.ExpFloat64() {
			out[i] += size
		}
	}
	return out
}

// comparedAt is what the report would say of a mark at the change-th of the telegrams.
func comparedAt(counts []int, every float64, change int) Comparison {
	begin := time.Unix(1.7e9, 0).UTC()
	at := func(i int) time.Time { return begin.Add(time.Duration(float64(i) * every * float64(time.Second))) }
	s := newSpread(Options{Marks: []Mark{{At: Instant{at: at(change)}, Name: "x"}}})
	for i, n := range counts {
		s.at(at(i), "", Tally{Telegrams: 1, Events: int64(n)})
	}
	_, compared := s.closed()
	return compared[0]
}

// helped and harmed report what a person reads.
func helped(c Comparison) bool { return strings.HasPrefix(c.Verdict, "It helped") }
func harmed(c Comparison) bool { return strings.HasPrefix(c.Verdict, "It made things worse") }

// TestChanges: of lines that drift and storm by themselves and were not changed, at most
// one in twenty marks comes out as a change, wherever it stands; where the damage was
// halved or doubled, with 2,000 telegrams on each side, four in five do. The interval
// holds the true ratio as often as it says.
func TestChanges(t *testing.T) {
	logs := longtest.Pick(60, 1000, 4000)
	dice := rand.New(rand.NewPCG(5, 18))
	changed, found, missed := 0, 0, 0
	for range logs {
		w := anyWeather(dice)
		mark := 300 + dice.IntN(3400)
		if c := comparedAt(w.counts(dice, 4000, mark, 1), w.every, mark); helped(c) || harmed(c) {
			changed++
		}
		factor := []float64{0.5, 2}[dice.IntN(2)]
		c := comparedAt(w.counts(dice, 4000, 2000, factor), w.every, 2000)
		if factor > 1 && harmed(c) || factor < 1 && helped(c) {
			found++
		}
		if c.Low > factor || c.High < factor {
			missed++
		}
		// The picture shows the levels, the sentence their ratio.
		before, after := c.Before.Hits, c.After.Hits
		if math.Abs(after.Low-c.Low*before.Value) > 1e-9 || helped(c) && after.High > before.Value || harmed(c) && after.Low < before.Value {
			t.Errorf("%s, but the picture shows %v and %v", c.Verdict, before, after)
		}
	}
	t.Logf("of %d logs: %.1f %% come out as a change without one, %.1f %% of changes are found, %.1f %% of intervals miss",
		logs, 100*float64(changed)/float64(logs), 100*float64(found)/float64(logs), 100*float64(missed)/float64(logs))
	luck := 0 // of few logs: two standard deviations of one in twenty
	if !longtest.Asked() {
		luck = int(2 * math.Sqrt(0.05*0.95*float64(logs)))
	}
	if changed > logs/20+luck || found+luck < logs*4/5 || missed > logs/20+luck {
		t.Errorf("of %d logs: %d changed by nothing, %d of the changes found, %d intervals miss", logs, changed, found, missed)
	}
}

// TestDaysMore: where the log cannot tell, and goes on as long as it says, it tells.
func TestDaysMore(t *testing.T) {
	dice := rand.New(rand.NewPCG(4, 4))
	told, asked := 0, 0
	for range 40 {
		w := anyWeather(dice)
		w.every = 10
		counts := w.counts(dice, 60000, 6000, 1)
		c := comparedAt(counts[:6150], w.every, 6000)
		if c.Days <= 0 || c.Days > 5 {
			continue
		}
		asked++
		more := int(c.Days * 8640)
		if d := comparedAt(counts[:6150+more], w.every, 6000); math.Log(d.High/d.Low)/2 < 1.3*math.Ln2 {
			told++
		}
	}
	if asked < 10 || told*4 < asked*3 {
		t.Errorf("of %d logs that ask for more, %d tell when they have it", asked, told)
	}
}
