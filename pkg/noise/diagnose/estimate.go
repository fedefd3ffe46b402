package diagnose

import (
	"fmt"
	"math"

	"p1/hardware/lateness"
	"p1/pkg/noise/words"
)

// A trial is a value of a part that hardware/README.md recommends against late edges.
type trial struct {
	signature Signature
	receiver  string
	part      string
	ohm       float64
	larger    bool   // it is larger than what does the harm
	to        string // where it pulls up to, if that matters
}

// trials are, of what is recommended, the values that were simulated.
var trials = []trial{
	{OnesLost, "transistor", lateness.Collector, 2200, false, ""},
	{OnesLost, "hc14", lateness.PullUp, 1500, true, ""},
	{OnesLost, "ftdi", lateness.PullUp, 1800, true, " to 5 V"},
	{OnesLost, "direct", lateness.PullUp, 1000, true, " to 3.3 V"},
	{ZerosLost, "transistor", lateness.PullUp, 1500, false, ""},
	{ZerosLost, "hc14", lateness.PullUp, 1500, false, ""},
	{ZerosLost, "ftdi", lateness.PullUp, 1800, false, " to 5 V"},
	{ZerosLost, "direct", lateness.PullUp, 1000, false, " to 3.3 V"},
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
func (d *Diagnoser) estimate(r *Report) Estimate {
	if r.Excused || !d.edgesLate(r) {
		return Estimate{}
	}
	s := r.Findings[0].Signature
	t, known := trialOf(s, r.Receiver)
	l, day := lateIn(&r.Bits, s), d.pace.aDay()
	switch {
	case d.parity > 0 || 2*d.totals.Unknown > r.Totals.Telegrams:
		return Estimate{} // an old meter of 9600 baud; its bits are twelve times as long
	case r.Receiver == Unknown && (r.Spells || l.wrong < few):
		return Estimate{}
	case r.Receiver == Unknown:
		return Estimate{Needs: "What another resistor would bring depends on the receiver. Say which one you have: " + simulatedReceivers + "."}
	case !known:
		return Estimate{Needs: "What another resistor would bring cannot be said: no receiver with an optocoupler of its own was simulated. Measure the voltage at its output with an oscilloscope."}
	case len(r.Compared) > 0:
		return Estimate{Needs: "What another resistor would bring cannot be said of a log in which something was changed: --since TIME takes what came after it."}
	case l.wrong < few:
		return Estimate{Needs: fmt.Sprintf("What another resistor would bring cannot be said of %s: 20 are the least. Take a longer log.", words.Plural(int64(l.wrong), "wrong bit"))}
	case 2*r.Totals.Unexamined > r.Totals.Repaired+r.Totals.Remaining:
		return Estimate{Needs: "What another resistor would bring cannot be said: too little is left of most damaged telegrams to count their wrong bits."}
	case r.Findings[0].Share.Value < 0.5:
		return Estimate{Needs: "What another resistor would bring cannot be said: most of the damage is not that of late edges."}
	case r.Spells:
		return Estimate{Needs: "What another resistor would bring cannot be said: the edges are late now and then, not always, and how late they are otherwise the log does not show. See what is different then: the first byte after a pause, an hour of the day. An oscilloscope at the receiver's output shows the edges."}
	case day == 0:
		return Estimate{}
	}
	return d.invert(t, l, r, day)
}

// edgesLate reports whether the first finding is that edges are late, in telegrams that
// were read.
func (d *Diagnoser) edgesLate(r *Report) bool {
	return r.Totals.Telegrams > 0 && len(r.Findings) > 0 && (r.Findings[0].Signature == OnesLost || r.Findings[0].Signature == ZerosLost)
}

// inSpells reports whether some characters have late edges and others have not: hits of
// whole bytes, or in clusters, or in fewer telegrams than so many late edges would hit if
// each were late by itself. Of few wrong bits that cannot be told.
func (d *Diagnoser) inSpells(m *mixture, r *Report) bool {
	if !d.edgesLate(r) || lateIn(&r.Bits, r.Findings[0].Signature).wrong < few {
		return false
	}
	s := r.Findings[0].Signature
	if d.allTogether(m, s) {
		return true
	}
	if r.Rhythm.Windows >= leastWindows && r.Rhythm.Dispersion > r.Rhythm.Limit && r.Rhythm.Top >= 0.35 {
		return true
	}
	l := lateIn(&r.Bits, s)
	away := l.away(l.wrong)
	chars := d.characters(r)
	alone := chars.damaged(l.signed(l.by(away, leastScatter)), leastScatter, false)
	return damagedShare(r).High < alone/2
}

// allTogether reports whether most bytes that are hit have all their edges late: then these
// do not come late each by itself.
func (d *Diagnoser) allTogether(m *mixture, s Signature) bool {
	bytes, all := d.together(m, s)
	return 2*all > bytes
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
const scatters = 21

// worthwhile is how much another value has to differ from one that does harm.
const worthwhile = 1.2

// quiet is how many times the noise is from turning a bit that has no edge beside it, at
// least, by how seldom that happens.
func quiet(t *BitTable) float64 {
	pick := func(row int) bool { return row&(edgeBefore|edgeAfter) == 0 }
	wrong, sent := float64(rows(&t.Wrong, pick)), float64(rows(&t.Sent, pick))
	return math.Sqrt2 * math.Erfinv(1-2*min((wrong+2*math.Sqrt(wrong)+3)/max(sent, 1), 0.4))
}

// allows reports whether a circuit can have so much scatter of a rising edge against a
// start edge, in bits: its own, and what noise makes of its slopes that is too small to
// turn a bit without edges.
func allows(f lateness.Figures, relative, quiet float64) bool {
	noise := f.Room / quiet * f.PerVolt
	most := math.Hypot(math.Hypot(noise, f.Own), seenOwn*bitMicroseconds)
	return relative*bitMicroseconds >= f.Own && relative*bitMicroseconds <= most
}

// found is a value of a part that explains a log, in one circuit and at one scatter.
type found struct {
	ohm, scatter, by float64 // Ω; bits; bits
	now, then        lateness.Figures
}

// explain finds the values of a part that make edges as late as the log says, for every
// scatter that it allows. Bytes that were lost may have had late edges too.
func (t trial) explain(l late, lost, quiet float64) []found {
	var list []found
	most, chance := l.mostScatter(), 1.96*math.Sqrt(l.wrong)
	curves := lateness.Curves(t.receiver, t.part)
	for i := range scatters {
		own := leastScatter + (most-leastScatter)*float64(i)/(scatters-1)
		for _, wrong := range []float64{l.wrong - chance, l.wrong, l.wrong + lost + chance} {
			by := l.by(l.away(wrong), own)
			for _, c := range curves {
				then, ok := c.At(t.ohm)
				for _, ohm := range c.Ohms(l.signed(by) * bitMicroseconds) {
					if now, _ := c.At(ohm); ok && allows(now, relative(own), quiet) {
						list = append(list, found{ohm, own, by, now, then})
					}
				}
			}
		}
	}
	return list
}

// invert says what the recommended value would do in the circuits that explain the log.
func (d *Diagnoser) invert(t trial, l late, r *Report, day float64) Estimate {
	var ohm, scatter, by, earlier, then span
	chars := d.characters(r)
	aside := false
	for _, f := range t.explain(l, float64(d.hits.vanished()), quiet(&r.Bits)) {
		if t.larger && f.ohm*worthwhile > t.ohm || !t.larger && f.ohm < t.ohm*worthwhile {
			aside = true
			continue
		}
		ohm.add(f.ohm)
		scatter.add(f.scatter)
		by.add(f.by * bitMicroseconds)
		earlier.add(math.Abs(f.now.Mean - f.then.Mean))
		for _, late := range []float64{f.then.Least, f.then.Mean, f.then.Most} {
			then.add(day * chars.damaged(late/bitMicroseconds, f.scatter, false))
			then.add(day * chars.damaged(late/bitMicroseconds, f.scatter, true))
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
	var all span // that were simulated
	for _, c := range lateness.Curves(t.receiver, t.part) {
		all.add(c.Rows[0].Ohm)
		all.add(c.Rows[len(c.Rows)-1].Ohm)
	}
	e.say(r, t.to, aside)
	e.Rests += fmt.Sprintf(" Values of %s were simulated, none beyond.", ohmsRange(all.pair()))
	return e
}

// wires says over which wires the circuits of a part were simulated.
var wires = map[string]string{
	lateness.Collector: "with 160 to 1,050 pF of wire behind it",
	lateness.PullUp:    "on cables of 2 and 20 m",
}

// say writes the sentences.
func (e *Estimate) say(r *Report, to string, aside bool) {
	then := fmt.Sprintf("between %s and %s", whole(math.Floor(e.Then[0])), whole(math.Ceil(e.Then[1])))
	if e.Then[1] < 1 {
		then = "fewer than one"
	}
	e.Says = fmt.Sprintf("With a %s of %s%s instead of one of about %s the edges would come %s µs earlier: of %s telegrams a day %s would be damaged by late edges, instead of %s to %s that are damaged today.",
		e.Part, kiloOhms(e.Try), to, ohmsRange(e.Ohm), micros(e.Earlier), whole(e.Day), then, whole(math.Floor(e.Now[0])), whole(math.Ceil(e.Now[1])))
	if e.Then[1] > e.Now[0]/2 {
		e.Says += " So the log does not show whether that is enough."
	}
	e.Rests = fmt.Sprintf("These are ranges. They rest on three things. First, the edges come %s µs late, each with a scatter of %.2f to %.2f bit: so they do in the simulated circuits of hardware/README.md in which such a %s makes as many bits wrong as this log has, %s, with no more noise than would flip bits that have no edge beside them. Second, your circuit is one of these; none of them has been measured. Third, the scatter stays as it is. Measure the resistor before you change it.",
		micros(e.Late), e.Scatter[0], e.Scatter[1], e.Part, wires[e.Part])
	if aside {
		e.Rests += fmt.Sprintf(" In some of these circuits the edges are as late with a %s of about %s: if yours is that already, see the other remedies.", e.Part, kiloOhms(e.Try))
	}
	if others := 1 - r.Findings[0].Share.Value; others > 0.02 {
		e.Rests += fmt.Sprintf(" What does the other %s of the damage stays.", words.Percent(others))
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
	return words.Number(math.Floor(us[0]*10)/10) + " to " + words.Number(math.Ceil(us[1]*10)/10)
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

// pair is the range. What is next to nothing is nothing: its digits mean nothing.
func (s *span) pair() *[2]float64 {
	if s.low < 1e-6 {
		s.low = 0
	}
	return &[2]float64{s.low, max(s.high, 1e-6)}
}
