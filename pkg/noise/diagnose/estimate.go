package diagnose

import (
	"fmt"
	"math"
	"math/bits"

	"p1/hardware/lateness"
	"p1/pkg/noise/words"
)

// A trial is a value of a part that hardware/README.md recommends against late edges.
type trial struct {
	signature Signature
	receiver  string
	part      string
	ohm       float64
	larger    bool // it is larger than what does the harm
}

// trials are, of what is recommended, the values that were simulated.
var trials = []trial{
	{OnesLost, "transistor", lateness.Collector, 2200, false},
	{OnesLost, "hc14", lateness.PullUp, 1500, true},
	{OnesLost, "ftdi", lateness.PullUp, 1800, true},
	{OnesLost, "direct", lateness.PullUp, 1000, true},
	{ZerosLost, "transistor", lateness.PullUp, 1500, false},
	{ZerosLost, "hc14", lateness.PullUp, 1500, false},
	{ZerosLost, "ftdi", lateness.PullUp, 1800, false},
	{ZerosLost, "direct", lateness.PullUp, 1000, false},
}

// trialOf returns the trial for a receiver.
func trialOf(s Signature, receiver string) (trial, bool) {
	for _, t := range trials {
		if t.signature == s && t.receiver == receiver {
			return t, true
		}
	}
	return trial{}, false
}

// estimate says what the recommended value of a resistor would bring.
func (d *Diagnoser) estimate(m *mixture, r *Report) Estimate {
	if r.Excused || len(r.Findings) == 0 || r.Receiver == Unknown || r.Totals.Telegrams == 0 {
		return Estimate{}
	}
	s := r.Findings[0].Signature
	if s != OnesLost && s != ZerosLost {
		return Estimate{}
	}
	t, known := trialOf(s, r.Receiver)
	l, day := lateIn(&r.Edges, s), d.pace.aDay()
	switch {
	case !known:
		return Estimate{Needs: "What another resistor would bring cannot be said: no receiver with an optocoupler of its own was simulated. Measure the voltage at its output with an oscilloscope."}
	case d.parity > 0:
		return Estimate{}
	case l.wrong < few:
		return Estimate{Needs: fmt.Sprintf("What another resistor would bring cannot be said of %s: 20 are the least. Take a longer log.", words.Plural(int64(l.wrong), "wrong bit"))}
	case d.inSpells(m, r):
		return Estimate{Needs: "What another resistor would bring cannot be said: the edges are late in spells, not always, and the log does not show how late they are between these. Find out what happens then; an oscilloscope at the receiver's output shows the edges."}
	case day == 0:
		return Estimate{}
	}
	return d.invert(t, l, r, day)
}

// inSpells reports whether some characters have late edges and others have not: hits of
// whole bytes, or in clusters, or in fewer telegrams than so many late edges would hit if
// each were late by itself.
func (d *Diagnoser) inSpells(m *mixture, r *Report) bool {
	s := r.Findings[0].Signature
	if bytes, all := d.together(m, s); 2*all > bytes {
		return true
	}
	if r.Rhythm.Windows >= leastWindows && r.Rhythm.Dispersion > r.Rhythm.Limit && r.Rhythm.Top >= 0.35 {
		return true
	}
	l := lateIn(&r.Edges, s)
	away := l.away(l.wrong)
	chars := d.characters(r)
	alone := chars.damaged(l.signed(l.by(away, leastScatter)), leastScatter, false)
	return damagedShare(r).High < alone/2
}

// signed is a lateness of rising edges against start edges: less than 0 where the falling
// ones are late.
func (l late) signed(by float64) float64 {
	if l.edge == "falling" {
		return -by
	}
	return by
}

// damagedShare is the share of damaged telegrams.
func damagedShare(r *Report) Share {
	return wilson(float64(r.Totals.Repaired+r.Totals.Remaining), float64(r.Totals.Telegrams))
}

// scatters is at how many scatters it is looked.
const scatters = 11

// invert finds the values of the part that make edges as late as the log says, for every
// scatter that it allows, and what the recommended value would do in the same circuit.
func (d *Diagnoser) invert(t trial, l late, r *Report, day float64) Estimate {
	var ohm, scatter, by, earlier, then span
	chars := d.characters(r)
	most := l.mostScatter()
	aside := 0 // circuits in which the recommended value would be as bad
	for i := range scatters {
		own := leastScatter + (most-leastScatter)*float64(i)/(scatters-1)
		for _, sigmas := range []float64{-1.96, 0, 1.96} {
			bit := l.by(l.away(l.wrong+sigmas*math.Sqrt(l.wrong)), own)
			for _, c := range lateness.Curves(t.receiver, t.part) {
				better, ok := c.At(t.ohm)
				for _, x := range c.Ohms(l.signed(bit) * bitMicroseconds) {
					f, _ := c.At(x)
					if !ok || f.Own > relative(own)*bitMicroseconds {
						continue
					}
					if (x < t.ohm) != t.larger {
						aside++
						continue
					}
					ohm.add(x)
					scatter.add(own)
					by.add(bit * bitMicroseconds)
					earlier.add(math.Abs(f.Mean - better.Mean))
					for _, mean := range []float64{better.Least, better.Mean, better.Most} {
						then.add(day * chars.damaged(mean/bitMicroseconds, own, false))
						then.add(day * chars.damaged(mean/bitMicroseconds, own, true))
					}
				}
			}
		}
	}
	if !ohm.any {
		return Estimate{Needs: fmt.Sprintf("In none of the simulated circuits with this receiver does a %s make the edges as late as this log shows them. Measure it, and the edges with an oscilloscope.", t.part)}
	}
	now := damagedShare(r)
	e := Estimate{
		Part: t.part, Try: t.ohm, Ohm: ohm.pair(), Scatter: scatter.pair(), Late: by.pair(), Earlier: earlier.pair(),
		Day: day, Now: &[2]float64{now.Low * day, now.High * day}, Then: then.pair(),
	}
	e.say(r, aside > 0)
	return e
}

// say writes the sentences.
func (e *Estimate) say(r *Report, aside bool) {
	then := fmt.Sprintf("between %s and %s", whole(math.Floor(e.Then[0])), whole(math.Ceil(e.Then[1])))
	if e.Then[1] < 0.5 {
		then = "fewer than one"
	}
	e.Says = fmt.Sprintf("With a %s of %s instead of one of about %s the edges would come %s µs earlier: of %s telegrams a day %s damaged by late edges, instead of %s to %s damaged today.",
		e.Part, kiloOhms(e.Try), ohmsRange(e.Ohm), micros(e.Earlier), whole(e.Day), then, whole(math.Floor(e.Now[0])), whole(math.Ceil(e.Now[1])))
	if e.Then[1] > e.Now[0]/2 {
		e.Says += " So the log does not show whether that is enough."
	}
	e.Rests = fmt.Sprintf("These are ranges. They rest on how often this log has a bit read wrong beside such an edge, which makes the edges %s µs late if each scatters by itself by %.2f to %.2f bit; on the simulated circuits of hardware/README.md, with cables of 2 to 20 m, in which such a resistor does that; and on the scatter staying as it is. None of these circuits has been measured. Measure the resistor that is there before you change it.",
		micros(e.Late), e.Scatter[0], e.Scatter[1])
	if aside {
		e.Rests += fmt.Sprintf(" In some of them a %s of %s would not help: if yours is as good already, look for the next remedy.", e.Part, kiloOhms(e.Try))
	}
	if others := 1 - r.Findings[0].Share.Value; others > 0.02 {
		e.Rests += fmt.Sprintf(" What does the other %s of the damage stays.", words.Part(others))
	}
}

// whole writes a number of telegrams, to three digits where there are more.
func whole(n float64) string {
	if n >= 1000 {
		step := math.Pow(10, math.Floor(math.Log10(n))-2)
		n = math.Round(n/step) * step
	}
	return words.Count(int64(math.Round(n)))
}

// kiloOhms writes a resistor.
func kiloOhms(ohm float64) string {
	if ohm < 1000 {
		return fmt.Sprintf("%.0f Ω", ohm)
	}
	return words.Number(ohm/1000) + " kΩ"
}

// ohmsRange writes a range of resistors, outward to two digits.
func ohmsRange(ohm *[2]float64) string {
	low, high := twoDigits(ohm[0], math.Floor), twoDigits(ohm[1], math.Ceil)
	if low >= 1000 {
		return words.Number(low/1000) + " to " + kiloOhms(high)
	}
	return kiloOhms(low) + " to " + kiloOhms(high)
}

func twoDigits(x float64, round func(float64) float64) float64 {
	step := math.Pow(10, math.Floor(math.Log10(x))-1)
	return round(x/step) * step
}

// micros writes a range of µs, outward.
func micros(us *[2]float64) string {
	return fmt.Sprintf("%.1f to %.1f", math.Floor(us[0]*10)/10, math.Ceil(us[1]*10)/10)
}

// span is a range of what was added.
type span struct {
	low, high float64
	any       bool
}

func (s *span) add(x float64) {
	if !s.any {
		*s = span{x, x, true}
	}
	s.low, s.high = min(s.low, x), max(s.high, x)
}

func (s *span) pair() *[2]float64 { return &[2]float64{s.low, s.high} }

// mostRisings is the most rising edges that the data bits of a character can have.
const mostRisings = 4

// characters are those of a telegram, by how many of their data bits begin with a rising
// edge. The second number is 1 where the stop bit does too.
type characters [mostRisings + 1][2]float64

// characters counts them in what was examined.
func (d *Diagnoser) characters(r *Report) characters {
	var c characters
	all := int64(0)
	for b, n := range d.sent {
		stop := 1 - b>>7
		c[bits.OnesCount8(uint8(b)&^(uint8(b)<<1))][stop] += float64(n)
		all += n
	}
	perTelegram := float64(r.Totals.Bytes) / float64(r.Totals.Telegrams) / float64(max(all, 1))
	for k := range c {
		for stop := range c[k] {
			c[k][stop] *= perTelegram
		}
	}
	return c
}

// damaged is the share of telegrams in which at least one rising edge comes more than half
// a bit too late or too early against its start edge, if all come so many bits late on
// average, and each of them and the start edge scatters. A stop bit that is missed damages
// a telegram only with some receivers and drivers.
func (c *characters) damaged(by, scatter float64, stops bool) float64 {
	const step = 0.1 // of the start edge's deviation
	start := math.Hypot(scatter, seenOwn)
	var fails [mostRisings + 2]float64 // by edges
	weights := 0.0
	for u := -8.0; u <= 8; u += step {
		seen := u * start
		one := beyond((0.5+seenLate+seen-by)/scatter) + beyond((0.5-seenLate-seen+by)/scatter)
		right := math.Log1p(-min(one, 1-1e-12))
		weight := math.Exp(-u * u / 2)
		weights += weight
		for k := range fails {
			fails[k] -= weight * math.Expm1(float64(k)*right)
		}
	}
	intact := 0.0 // its logarithm
	for k := range c {
		for stop, n := range c[k] {
			edges := k
			if stops {
				edges += stop
			}
			intact += n * math.Log1p(-min(fails[edges]/weights, 1-1e-12))
		}
	}
	return -math.Expm1(intact)
}

// beyond is the share of a normal distribution beyond so many deviations.
func beyond(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }
