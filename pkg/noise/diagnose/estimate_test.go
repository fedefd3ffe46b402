package diagnose_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"p1/hardware/circuit"
	"p1/hardware/lateness"
	"p1/pkg/noise/diagnose"
	"p1/pkg/sim/longtest"
)

// bit is a bit time in µs.
const bit = 1e6 / 115200

// The ranges hold the truth of simulated lines, whose lateness and scatter are known, and
// what becomes of the line when its edges come earlier by what is said. Where the range of
// resistors has a circuit for it: the line is simulated by its edges, not by a circuit.
func TestEstimates(t *testing.T) {
	for _, c := range []struct {
		noise         string
		late, scatter float64 // µs
		receiver      string
		part          string
	}{
		{"slow-rise", 3.12, 0.26, "transistor", "collector resistor of 2.2 kΩ"},
		{"slow-rise", 3.6, 0.26, "transistor", "collector resistor of 2.2 kΩ"},
		{"slow-rise", 3.12, 0.26, "ftdi", "pull-up of 1.8 kΩ to 5 V instead"},
		{"slow-rise", 3.12, 0.26, "direct", "pull-up of 1 kΩ to 3.3 V instead"},
		{"slow-fall", 2.7, 0.26, "transistor", "pull-up of 1.5 kΩ"},
		{"slow-fall", 2.7, 0.26, "hc14", "pull-up of 1.5 kΩ"},
		{"slow-fall", 2.7, 0.26, "direct", "pull-up of 1 kΩ to 3.3 V instead"},
	} {
		query := func(late float64) string {
			return fmt.Sprintf("meter=hu&telegrams=%d&noise=%s&rate=1&pause-rate=1&scatter=%g&late=%g", longtest.Pick(120, 300, 300), c.noise, c.scatter, max(late, 0))
		}
		log, _ := simulated(t, query(c.late))
		r := diagnosed(t, diagnose.Options{Receiver: c.receiver}, log)
		e := r.Estimate
		if e.Says == "" || !strings.Contains(e.Says, c.part) {
			t.Errorf("%+v: %+v", c, e)
			continue
		}
		t.Logf("%s, late %g, %s: %s %s", c.noise, c.late, c.receiver, e.Says, e.Rests)
		if !holds(e.Late, c.late) || !holds(e.Scatter, c.scatter/bit) {
			t.Errorf("%+v: late %v µs, scatter %v bit", c, e.Late, e.Scatter)
		}
		if e.Day != 8640 {
			t.Errorf("%v telegrams a day", e.Day)
		}
		for _, earlier := range e.Earlier {
			after, _ := simulated(t, query(c.late-earlier))
			then := diagnosed(t, diagnose.Options{}, after).Totals
			damaged := float64(then.Repaired + then.Remaining)
			chance := 3*math.Sqrt(damaged+1) + 1
			share := func(x float64) float64 { return x / e.Day * float64(then.Telegrams) }
			if damaged < share(e.Then[0])-chance || damaged > share(e.Then[1])+chance {
				t.Errorf("%+v, %.2f µs earlier: %v of %d damaged, said were %v of %v", c, earlier, damaged, then.Telegrams, *e.Then, e.Day)
			}
		}
	}
}

// The resistor of a simulated circuit that is in no line of the table is in the range, and
// so is what the recommended one does in that circuit.
func TestEstimatesOfCircuits(t *testing.T) {
	built := circuit.Built()
	weak, slow, strong := built[0], built[4], built[3]
	weak.Out, weak.Divide, weak.Load, weak.Cable, weak.Low, weak.High = 8200, 0, 800e-12, 2, 1.95, 2.05
	slow.PullUp, slow.Sink, slow.Tau, slow.Cable, slow.Low, slow.High = 2700, 10e-3, 0.8e-6, 10, 1.35, 1.45
	strong.PullUp, strong.Sink, strong.Tau, strong.Cable, strong.Low, strong.High = 1100, 4e-3, 1.4e-6, 14, 1.175, 1.225
	for _, c := range []struct {
		receiver, part, noise string
		values, better        circuit.Values
	}{
		{"transistor", lateness.Collector, "slow-rise", weak, with(weak, func(v *circuit.Values) { v.Out = 2200 })},
		{"direct", lateness.PullUp, "slow-fall", slow, with(slow, func(v *circuit.Values) { v.PullUp = 1000 })},
		{"ftdi", lateness.PullUp, "slow-rise", strong, with(strong, func(v *circuit.Values) { v.PullUp = 1800 })},
	} {
		ohm := c.values.PullUp
		if c.part == lateness.Collector {
			ohm = c.values.Out
		}
		now, then := measured(t, c.part, c.values), measured(t, c.part, c.better)
		log, _ := simulated(t, fmt.Sprintf("meter=hu&telegrams=300&noise=%s&rate=1&pause-rate=1&scatter=0.3&late=%.3f", c.noise, math.Abs(now)))
		e := diagnosed(t, diagnose.Options{Receiver: c.receiver}, log).Estimate
		if e.Says == "" {
			t.Errorf("%s, %g Ω, %.2f µs late: %+v", c.receiver, ohm, now, e)
			continue
		}
		t.Logf("%s, %g Ω, %.2f µs late, then %.2f: %s", c.receiver, ohm, now, then, e.Says)
		if !holds(e.Late, math.Abs(now)) || !holds(e.Ohm, ohm) || !holds(e.Earlier, math.Abs(now-then)) {
			t.Errorf("%s: %g Ω, %.2f µs late, %.2f µs earlier: %v Ω, %v, %v µs", c.receiver, ohm, now, now-then, *e.Ohm, *e.Late, *e.Earlier)
		}
	}
}

func with(v circuit.Values, change func(*circuit.Values)) circuit.Values {
	change(&v)
	return v
}

// measured is how late the rising edges of a circuit come, in µs.
func measured(t *testing.T, part string, v circuit.Values) float64 {
	t.Helper()
	row, ok, err := circuit.Late{Row: lateness.Row{Part: part}, Values: v}.Measure()
	if errors.Is(err, circuit.ErrMissing) {
		t.Skip(err)
	}
	if err != nil || !ok {
		t.Fatalf("%+v: %v", v, err)
	}
	return row.Mean
}

func holds(of *[2]float64, x float64) bool { return of[0] <= x && x <= of[1] }

// Nothing is said of a resistor where the log does not carry it, and where that can be told
// it says why.
func TestNoEstimate(t *testing.T) {
	for _, c := range []struct{ query, receiver, needs string }{
		{"noise=slow-rise", "transistor", "now and then"},
		{"noise=slow-rise&rate=1&pause-rate=1&late=3.12&scatter=0.26", "unknown", "--receiver transistor"},
		{"noise=slow-rise&rate=1&pause-rate=1&late=3.12&scatter=0.26", "opto", "no receiver with an optocoupler"},
		{"noise=slow-rise&rate=1&pause-rate=1&late=3.0&scatter=0.26", "transistor", "20 are the least"},
		{"noise=flip", "transistor", ""},
		{"noise=clean", "transistor", ""},
	} {
		log, _ := simulated(t, "meter=hu&telegrams=100&"+c.query)
		e := diagnosed(t, diagnose.Options{Receiver: c.receiver}, log).Estimate
		if e.Says != "" || e.Rests != "" || e.Ohm != nil || (e.Needs == "") != (c.needs == "") || !strings.Contains(e.Needs, c.needs) {
			t.Errorf("%+v: %+v", c, e)
		}
	}
}
