// Package charttest makes reports up for tests of pictures and pages: usual ones, and
// those at the limits of what a report can hold. No figure in them was measured.
package charttest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
)

// Hostile is what a stream may say in the hope that a page believes it.
const Hostile = `"><script>alert(1)</script><img src=http://example.com/x onerror=alert(2)>'&amp;{{.}}]]>` + "\u202e\x00\uffff"

// Reports returns reports by what they are like.
func Reports() map[string]*diagnose.Report {
	return map[string]*diagnose.Report{
		"empty":   {},
		"clean":   Clean(),
		"one":     One(),
		"noisy":   Noisy(),
		"decade":  Decade(),
		"hostile": MakeHostile(),
		"numbers": Numbers(),
	}
}

const clock = "2026-11-20"

// telegram is what the made-up meter sends.
var telegram = []string{
	"/AUX5990180000", "", "0-0:1.0.0(261120180000W)", "0-0:42.0.0(AUX1234567890123)", "0-0:96.1.0(9876543210)",
	"0-0:96.14.0(0001)", "0-0:96.50.68(ON)", "0-0:17.0.0(90.000*kW)", "1-0:1.8.0(008234.524*kWh)",
	"1-0:1.8.1(005120.110*kWh)", "1-0:1.8.2(003114.414*kWh)", "1-0:2.8.0(000012.001*kWh)", "1-0:3.8.0(000221.000*kvarh)",
	"1-0:32.7.0(236.4*V)", "1-0:52.7.0(235.1*V)", "1-0:72.7.0(238.0*V)", "1-0:31.7.0(2*A)", "1-0:14.7.0(49.98*Hz)",
	"0-0:98.1.0(261101000000W)(008100.000*kWh)(005000.000*kWh)", "0-0:96.13.0(" + strings.Repeat("\u00ff", 1024) + ")", "!5B60",
}

// sample fills what the report knows of the telegram.
func sample(r *diagnose.Report) {
	at := 0
	for _, l := range telegram {
		r.Sample, r.Offsets = append(r.Sample, l), append(r.Offsets, at)
		at += len([]rune(l)) + 2
	}
}

// code returns the name of a line.
func code(line string) string {
	c, _, _ := strings.Cut(line, "(")
	switch {
	case strings.HasPrefix(line, "/"):
		return "header"
	case strings.HasPrefix(line, "!"):
		return "!"
	}
	return c
}

func share(v, half float64) diagnose.Share {
	return diagnose.Share{Value: v, Low: max(v-half, 0), High: min(v+half, 1)}
}

// Clean is a line without damage.
func Clean() *diagnose.Report {
	r := &diagnose.Report{
		Source: "eon-clean.log", Streams: 1, Receiver: "unknown", Clean: true,
		Headline: "The line is clean: no damage in 54 telegrams.",
		Sure:     "With 95 % confidence fewer than 3 in 54 telegrams are damaged.",
		Do:       "Nothing.",
		Totals:   diagnose.Totals{Telegrams: 54, Intact: 54, Bytes: 54 * 2360},
		BinSize:  16,
		Rhythm:   diagnose.Rhythm{Windows: 5, Window: 10, Limit: 2.4, Burstiness: math.NaN(), Verdict: "There is no damage to say anything of."},
	}
	sample(r)
	d := diagnose.Day{Date: clock}
	d.Hours[18] = diagnose.Tally{Telegrams: 54, Bytes: 54 * 2360}
	r.Grid = []diagnose.Day{d}
	r.Segments = []diagnose.Segment{{Name: "start", Begin: clock + "T18:00:00+01:00", End: clock + "T18:09:00+01:00",
		Tally: d.Hours[18], Damage: diagnose.Share{High: 0.066}}}
	return r
}

// One is a line with a single hit.
func One() *diagnose.Report {
	r := Clean()
	r.Clean = false
	r.Headline = "One hit of the line in 54 telegrams: too few to name a cause."
	r.Totals.Intact, r.Totals.Repaired, r.Totals.Events = 53, 1, 1
	r.Grid[0].Hours[18].Damaged, r.Grid[0].Hours[18].Events = 1, 1
	r.Findings = []diagnose.Finding{{Signature: diagnose.Flip, Title: "a single bit was inverted", Events: 1, Share: diagnose.Share{Value: 1, Low: 0.21, High: 1}}}
	r.Places = []diagnose.Place{{Offset: 32, Code: "0-0:1.0.0", Events: 1, Rate: 1.0 / 54}}
	r.Pairs = []diagnose.Pair{{Sent: '8', Got: '9', Events: 1}}
	r.Bits.Sent[1][0], r.Bits.Wrong[1][0] = 40000, 1
	r.Worst = []diagnose.WorstTelegram{{Source: r.Source, Offset: 4720, Time: clock + "T18:00:20+01:00", Status: "repaired", Confidence: 0.999999, Events: 1,
		Lines: []diagnose.WorstLine{{Code: "1-0:32.7.0", Cells: Cells("1-0:32.7.0(236.4*V)\r\n", map[int]int{12: '7'})}}}}
	return r
}

// Cells draws a line in which some places were received as others, -1 for nothing.
func Cells(sent string, got map[int]int) []diagnose.Cell {
	var cells []diagnose.Cell
	for i, b := range []byte(sent) {
		c := diagnose.Cell{Sent: int(b), Got: int(b)}
		if g, ok := got[i]; ok {
			c.Got, c.Hit = g, true
		}
		cells = append(cells, c)
	}
	return cells
}

// Noisy is a day on a line with slow rising edges, and a change in its middle.
func Noisy() *diagnose.Report {
	r := Clean()
	rng := rand.New(rand.NewPCG(6, 1))
	r.Clean, r.Source, r.Receiver = false, "eon-noisy.log", "unknown"
	r.Headline = "Rising logic edges come too late: 94 % of the damage is bits 1 after a 0 that were read as 0."
	r.Sure = "Very sure: 5,263 hits, and no other mechanism explains more than 2 % of them."
	r.Do = "With a transistor as receiver take a collector resistor of 1.2 to 2.2 kΩ; on an inverting input take a weaker pull-up, 2.2 to 4.7 kΩ."
	r.Totals = diagnose.Totals{Telegrams: 8640, Intact: 1123, Repaired: 7465, Remaining: 52, Salvaged: 47, Events: 18620, Bytes: 20390400, NoiseBytes: 79, Gaps: 1, Unexamined: 5}
	r.Findings = []diagnose.Finding{
		{Signature: diagnose.OnesLost, Title: "rising edges come too late (ones lost)", Events: 17503, Share: share(0.94, 0.004), Evidence: []string{
			"17,221 bytes were read with the first 1 after a 0 missing: '.' as 0x0C, '8' as '0', '-' as 0x08.",
			"Edges are late by about half a bit: of the bytes hit 92 % lost all of their edges, 8 % only some.",
			"The first byte after a pause is hit 130 times as often as others."}},
		{Signature: diagnose.Deleted, Title: "single bytes vanish", Events: 710, Share: share(0.038, 0.003), Evidence: []string{"Of bytes of all values, as a receiver drops that throws away what has no stop bit."}},
		{Signature: diagnose.Late, Title: "all bits read one bit time late", Events: 112, Share: share(0.006, 0.001)},
		{Signature: diagnose.Garbled, Title: "bytes that became others without a pattern", Events: 295, Share: share(0.0158, 0.0018)},
	}
	r.Remedies = []diagnose.Remedy{
		{Receiver: "transistor", Cause: "The collector resistor is too weak for the capacitance behind it, or the transistor is slow to leave saturation.", Do: "1.2 to 2.2 kΩ at the collector, the inverter next to the UART, a resistor from base to emitter; or a 74HC14."},
		{Receiver: "direct", Cause: "The pull-up of the wire is too strong for the optocoupler in the meter, which sinks 4 mA.", Do: "A weaker pull-up: 2.2 to 4.7 kΩ."},
		{Receiver: "any", Cause: "The cable is long, or shares a pair with another signal.", Do: "A shorter cable; data and its ground in one pair."},
	}
	r.Decides = []string{"Which receiver it is: --receiver transistor, direct, hc14, opto or ftdi.", "Whether a 4.7 kΩ pull-up makes it better or worse."}
	r.Doubts = []string{"The logger drops unprintable bytes, so that a byte that vanished on the line and one that became unprintable look alike."}
	r.Notes = []string{"The logger dropped bytes outside 0x20 to 0x7E (PuTTY's \"printable output\"); that is no damage of the line."}
	r.Unknown = diagnose.Tally{Telegrams: 3, Damaged: 3, Remaining: 3}
	grid(r, rng, 1, 0.87)
	places(r, rng)
	bytesAndBits(r, rng)
	r.Rhythm = diagnose.Rhythm{Windows: 864, Window: 10, Dispersion: 1.08, Limit: 1.12, Top: 0.132, Burstiness: -0.04, Verdict: "A steady fault: hits come as evenly as independent ones would. No thunderstorms, no motors that start."}
	marks(r)
	worst(r, rng)
	return r
}

// grid fills so many days with damage at about a rate.
func grid(r *diagnose.Report, rng *rand.Rand, days int, rate float64) {
	r.Grid = nil
	begin := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for d := range days {
		day := diagnose.Day{Date: begin.AddDate(0, 0, d).Format("2006-01-02")}
		for h := range day.Hours {
			t := diagnose.Tally{Telegrams: 360, Bytes: 360 * 2360}
			p := min(rate*(0.8+0.4*math.Sin(float64(h)/24*math.Pi)), 1)
			n := float64(t.Telegrams)
			t.Damaged = int64(min(max(n*p+math.Sqrt(n*p*(1-p))*rng.NormFloat64(), 0), n))
			t.Events = t.Damaged + int64(float64(t.Damaged)*(1.1+0.3*rng.Float64()))
			if rng.Float64() < 2*p {
				t.Remaining = min(t.Damaged, int64(rng.IntN(5)))
			}
			day.Hours[h] = t
		}
		r.Grid = append(r.Grid, day)
	}
}

func places(r *diagnose.Report, rng *rand.Rand) {
	r.Places, r.Pauses, r.Lines = nil, nil, nil
	for i, l := range r.Sample {
		hits := int64(0)
		length := len([]rune(l)) + 2
		for at := 0; at < length; at += r.BinSize {
			n := int64(20 + rng.IntN(60))
			if strings.HasPrefix(l, "0-0:96.13.0") && at > 0 {
				n = int64(rng.IntN(2))
			}
			if i == 0 && at == 0 || strings.HasPrefix(l, "0-0:96.13.0") && at == 0 || strings.HasPrefix(l, "1-0:32") && at == 0 {
				n = int64(1700 + rng.IntN(400))
				r.Pauses = append(r.Pauses, diagnose.Place{Offset: r.Offsets[i], Code: code(l), Events: n, Rate: float64(n) / 8640})
			}
			hits += n
			r.Places = append(r.Places, diagnose.Place{Offset: r.Offsets[i] + at, Code: code(l), Column: at, Events: n, Rate: float64(n) / 8640})
		}
		r.Lines = append(r.Lines, diagnose.LineDamage{Code: code(l), Offset: r.Offsets[i], Length: length, Events: hits, Rate: float64(hits) / 8640 / float64(length)})
	}
}

func bytesAndBits(r *diagnose.Report, rng *rand.Rand) {
	for i, b := range []byte("./-()*018VAk\r\n") {
		n := int64(2400 / (i + 1))
		r.Bytes = append(r.Bytes, diagnose.ByteDamage{Byte: int(b), Sent: 900000, Changed: n, Vanished: n / 3, Rate: float64(n+n/3) / 900000})
	}
	for i, p := range [][2]int{{'.', 0x0C}, {'.', -1}, {'8', '0'}, {'0', ' '}, {'(', 0}, {'-', 8}, {'\r', -1}, {'9', '0'}, {-1, '~'}, {'k', 'B'}, {'1', ' '}} {
		r.Pairs = append(r.Pairs, diagnose.Pair{Sent: p[0], Got: p[1], Events: int64(3100 / (i + 1))})
	}
	for e := range r.Bits.Sent {
		for b := range r.Bits.Sent[e] {
			r.Bits.Sent[e][b] = 3e6
			r.Bits.Wrong[e][b] = []int64{3, 12, 40, 25, 9, 90, 4000, 700}[e] + int64(rng.IntN(20))
		}
	}
	r.Bits.Sent[2][0], r.Bits.Wrong[2][0], r.Bits.Sent[3][0], r.Bits.Wrong[3][0] = 0, 0, 0, 0
}

func marks(r *diagnose.Report) {
	before := diagnose.Segment{Name: "start", Begin: clock + "T00:00:00+01:00", End: clock + "T18:00:00+01:00",
		Tally: diagnose.Tally{Telegrams: 6480, Damaged: 5640, Remaining: 50, Events: 14100, Bytes: 15292800}, Damage: share(0.8704, 0.008),
		Hits: diagnose.Level{Value: 2.17, Low: 1.9, High: 2.5}}
	after := diagnose.Segment{Name: "new-resistor", Begin: clock + "T18:00:00+01:00", End: clock + "T23:59:50+01:00",
		Tally: diagnose.Tally{Telegrams: 2160, Damaged: 216, Remaining: 2, Events: 260, Bytes: 5097600}, Damage: share(0.10, 0.013),
		Hits: diagnose.Level{Value: 0.12, Low: 0.1, High: 0.145}}
	r.Segments = []diagnose.Segment{before, after}
	r.Compared = []diagnose.Comparison{{Mark: "new-resistor", At: clock + "T18:00:00+01:00", Before: before, After: after,
		Ratio: 0.0553, Low: 0.048, High: 0.063, Verdict: "It helped: 18 times fewer hits for each byte."}}
}

func worst(r *diagnose.Report, rng *rand.Rand) {
	r.Worst = nil
	for n := range 10 {
		w := diagnose.WorstTelegram{Source: r.Source, Offset: int64(n) * 480211, Time: fmt.Sprintf("%sT%02d:10:20+01:00", clock, n+4), Status: "repaired", Confidence: 0.99993, Events: 24 - 2*n}
		if n == 0 {
			w.Status, w.Confidence, w.Why = "lost", 0, "too damaged"
		}
		for i := range min(w.Events, 10) {
			l := r.Sample[2+(i+n)%17]
			got := map[int]int{}
			for range 1 + w.Events/10 {
				at := rng.IntN(len(l))
				got[at] = []int{' ', -1, 0, int(l[at]) ^ 0x10, 0x0C, '0'}[rng.IntN(6)]
			}
			w.Lines = append(w.Lines, diagnose.WorstLine{Code: code(l), Cells: Cells(l+"\r\n", got)})
		}
		r.Worst = append(r.Worst, w)
	}
	long := append([]diagnose.Cell{}, Cells("0-0:96.13.0(", nil)...)
	for i := range 1024 {
		long = append(long, diagnose.Cell{Sent: 0xFF, Got: []int{0xFF, 0x7F}[i/1000], Hit: i >= 1000})
	}
	r.Worst[1].Lines = append(r.Worst[1].Lines, diagnose.WorstLine{Code: "0-0:96.13.0", Cells: long},
		diagnose.WorstLine{Code: "!", Cells: []diagnose.Cell{{Sent: '!', Got: '!'}, {Sent: -2, Got: 'A', Hit: true}, {Sent: -1, Got: 0xF3, Hit: true}}})
}

// Decade is 4,000 days with a million events, and many marks.
func Decade() *diagnose.Report {
	r := Noisy()
	grid(r, rand.New(rand.NewPCG(6, 2)), 4000, 0.02)
	for d := 1300; d < 1400; d++ { // an outage, and a storm after it
		r.Grid[d].Hours = [24]diagnose.Tally{}
	}
	for d := 1400; d < 1440; d++ {
		for h := range 24 {
			r.Grid[d].Hours[h].Damaged, r.Grid[d].Hours[h].Events = 300, 900
		}
	}
	r.Totals = diagnose.Totals{}
	for _, d := range r.Grid {
		for _, t := range d.Hours {
			r.Totals.Telegrams += t.Telegrams
			r.Totals.Repaired += t.Damaged - t.Remaining
			r.Totals.Remaining += t.Remaining
			r.Totals.Events += t.Events
		}
	}
	r.Totals.Intact = r.Totals.Telegrams - r.Totals.Repaired - r.Totals.Remaining
	full(r)
	for n := range 200 {
		at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n*19)
		c := r.Compared[0]
		c.Mark, c.At = fmt.Sprintf("change %d with a rather long name", n), at.Format(time.RFC3339)
		r.Compared = append(r.Compared, c)
		s := r.Segments[1]
		s.Name = c.Mark
		r.Segments = append(r.Segments, s)
	}
	return r
}

// full makes each list as long as it can be.
func full(r *diagnose.Report) {
	for n := range 64 << 10 {
		r.Places = append(r.Places, diagnose.Place{Offset: n, Code: "1-0:1.8.0", Events: 3, Rate: 0.001})
	}
	for n := range 3000 {
		r.Sample, r.Offsets = append(r.Sample, strings.Repeat("x", 900)), append(r.Offsets, 70000+902*n)
		r.Lines = append(r.Lines, diagnose.LineDamage{Code: "1-0:1.8.0", Offset: 70000 + 902*n, Length: 902, Events: 3, Rate: 0.00001})
	}
	r.Pauses = append(r.Pauses, r.Places[:500]...)
	for n := range 256 {
		r.Bytes = append(r.Bytes, diagnose.ByteDamage{Byte: n, Sent: 1e12, Changed: 1e9, Rate: 0.001})
	}
	for n := range r.Worst {
		w := &r.Worst[n]
		w.Lines = nil
		for range 40 {
			l := diagnose.WorstLine{Code: "0-0:96.13.0"}
			for b := range 64 << 10 / 40 {
				l.Cells = append(l.Cells, diagnose.Cell{Sent: b & 0xFF, Got: b>>1&0xFF - 1, Hit: b%3 > 0})
			}
			w.Lines = append(w.Lines, l)
		}
	}
}

// MakeHostile has hostile text wherever a report has text.
func MakeHostile() *diagnose.Report {
	r := Noisy()
	h := Hostile
	r.Source, r.Receiver, r.Plain, r.Headline, r.Sure, r.Do, r.Joined, r.Supports = h, h, h, h, h, h, h, h
	r.Apart = []diagnose.Single{{Source: h, Headline: h}}
	for i := range r.Findings {
		r.Findings[i] = diagnose.Finding{Signature: diagnose.Signature(h), Title: h, Events: 3, Share: share(0.3, 0.1), Evidence: []string{h, h}}
	}
	for i := range r.Remedies {
		r.Remedies[i] = diagnose.Remedy{Receiver: h, Cause: h, Do: h}
	}
	r.Decides, r.Doubts, r.Notes = []string{h}, []string{h}, []string{h}
	for i := range r.Places {
		r.Places[i].Code = h
	}
	for i := range r.Pauses {
		r.Pauses[i].Code = h
	}
	for i := range r.Lines {
		r.Lines[i].Code = h
	}
	for i := range r.Sample {
		r.Sample[i] = h + r.Sample[i]
	}
	r.Grid = append(r.Grid, diagnose.Day{Date: h}, diagnose.Day{Date: "2026-13-45"})
	r.Rhythm.Verdict = h
	for i := range r.Segments {
		r.Segments[i].Name, r.Segments[i].Begin, r.Segments[i].End = h, h, h
	}
	c := &r.Compared[0]
	c.Mark, c.Verdict, c.Before.Name, c.After.Begin = h, h, h, h
	for i := range r.Worst {
		w := &r.Worst[i]
		w.Source, w.Time, w.Status, w.Why = h, h, h, h
		w.Lines = []diagnose.WorstLine{{Code: h, Cells: Cells(h, map[int]int{0: '<', 5: '>', 6: '&'})}}
	}
	return r
}

// Numbers has numbers that no stream gives.
func Numbers() *diagnose.Report {
	r := Noisy()
	nan, inf := math.NaN(), math.Inf(1)
	odd := []float64{nan, inf, -inf, -1, 1e300, 5e-324}
	for i, v := range odd {
		s := diagnose.Share{Value: v, Low: odd[(i+1)%len(odd)], High: odd[(i+2)%len(odd)]}
		r.Findings = append(r.Findings, diagnose.Finding{Title: "odd", Events: v, Share: s})
		r.Places = append(r.Places, diagnose.Place{Offset: []int{-1, math.MaxInt, math.MinInt}[i%3], Rate: v}, diagnose.Place{Rate: v})
		r.Pauses = append(r.Pauses, diagnose.Place{Offset: []int{-1, math.MaxInt, math.MinInt}[i%3], Rate: v})
		r.Lines = append(r.Lines, diagnose.LineDamage{Offset: -1, Length: -5, Events: -3, Rate: v})
		r.Bytes = append(r.Bytes, diagnose.ByteDamage{Byte: 300 * (i - 1), Sent: -1, Changed: math.MinInt64, Rate: v})
		r.Pairs = append(r.Pairs, diagnose.Pair{Sent: 300 * i, Got: -7, Events: math.MaxInt64})
		c := diagnose.Comparison{Ratio: v, Low: s.Low, High: s.High, After: diagnose.Segment{Damage: s}}
		r.Compared = append(r.Compared, c)
		r.Segments = append(r.Segments, diagnose.Segment{Tally: diagnose.Tally{Telegrams: int64(i)}, Damage: s})
		r.Worst = append(r.Worst, diagnose.WorstTelegram{Confidence: record.Confidence(v), Events: -1, Lines: []diagnose.WorstLine{{Cells: []diagnose.Cell{{Sent: 999, Got: -5, Hit: true}}}, {}}})
	}
	r.Rhythm = diagnose.Rhythm{Windows: -1, Dispersion: nan, Limit: inf, Top: -1, Burstiness: -inf}
	r.Bits.Sent[0][0], r.Bits.Wrong[0][1], r.Bits.Wrong[1][1] = -1, -1, math.MaxInt64
	r.Grid = append(r.Grid, r.Grid[0], diagnose.Day{Date: "0001-01-01", Hours: r.Grid[0].Hours}, diagnose.Day{Date: "9999-12-31", Hours: r.Grid[0].Hours})
	r.Grid[0].Hours[3] = diagnose.Tally{Telegrams: 5, Damaged: 9, Remaining: 99, Events: -1}
	r.Grid[0].Hours[4] = diagnose.Tally{Telegrams: -5, Damaged: -9}
	r.Totals = diagnose.Totals{Telegrams: -1, Events: math.MaxInt64, Repaired: math.MinInt64}
	r.Offsets = r.Offsets[:3]
	r.BinSize = -1
	return r
}
