package diagnose

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"

	"p1/pkg/noise/words"
)

// binSize is how many bytes of the telegram are one place of Report.Places.
const binSize = 16

// maxPairs is how many pairs of bytes are listed.
const maxPairs = 40

// Report says what is known so far. The next Take does not change it.
func (d *Diagnoser) Report() Report {
	d.finish()
	m := d.explain()
	r := Report{
		Source: d.source, Streams: d.streams, Receiver: cmp.Or(d.options.Receiver, Unknown), Joined: d.joined(), Apart: d.apart.list(),
		Totals:  d.totals,
		Clean:   d.totals.Events == 0 && d.totals.Repaired+d.totals.Remaining == 0,
		BinSize: binSize,
		Bytes:   d.byBytes(),
		Pairs:   d.hits.pairs(),
		Bits:    d.bits(),
		Edges:   measure(&d.parts),
		Grid:    d.spread.grid(),
		Unknown: d.spread.unknown,
		Rhythm:  d.rhythm.report(),
		Worst:   slices.Clone(d.worst.list),
		Notes:   d.notes(),
	}
	r.Segments, r.Compared = d.spread.closed()
	if d.sampled != nil {
		sample := layoutOf(d.sampled.Raw)
		r.Pauses = d.places.standOut(sample)
		r.Places = d.places.bins(sample, binSize)
		r.Lines = d.places.byLine(sample)
		r.Sample, r.Offsets = sampleOf(d.sampled)
	}
	if r.Findings = d.findings(&m, &r); d.onlyBeside() {
		r.Findings, r.Totals.Events, r.Clean = nil, 0, d.totals.Repaired+d.totals.Remaining == 0
	}
	r.Spells = d.inSpells(&m, &r)
	if len(r.Findings) > 0 && r.Totals.Telegrams > 0 {
		var proved bool
		r.Supports, proved = r.Bits.supports(r.Findings[0].Signature)
		if n := d.settled()[r.Findings[0].Signature]; n >= few && !proved {
			proved = true
			r.Supports += " What shows it is " + words.Plural(int64(math.Round(n)), "stretch", "stretches") + " in which the receiver was out of step: bit by bit these are what it makes of the telegram then. Their bits are not in the table."
		}
		r.Unproved = !proved
	}
	d.conclude(&m, &r)
	if e := d.excused(); e != nil {
		e.say(&r)
	}
	r.Estimate = d.estimate(&r)
	if len(r.Findings) > 0 && r.Totals.Telegrams > 0 {
		top := &r.Findings[0]
		if text := d.howLate(&m, &r); text != "" {
			top.Evidence = append(top.Evidence, text)
		}
	}
	r.Plain = plainly(&r)
	return r
}

// findings lists what each signature explains.
func (d *Diagnoser) findings(m *mixture, r *Report) []Finding {
	events := map[Signature]float64{}
	for s, n := range d.settled() {
		if s != Slip && s != Overrun && s != torn { // they can be a matter of edges, as hits of bytes are
			events[s] += n
		}
	}
	for s, n := range m.events {
		events[s] += n
	}
	if s := d.unreadable(); s != "" {
		events[s] += float64(max(d.totals.NoiseBytes, 1))
	}
	total := 0.0
	for _, s := range slices.Sorted(maps.Keys(events)) { // the order decides the last digit
		total += events[s]
	}
	var out []Finding
	for s, n := range events {
		if n < 0.5 {
			continue
		}
		if total-n < 0.5 {
			n = total // less than half a hit is none
		}
		f := Finding{Signature: s, Title: s.about().title, Events: n, Share: wilson(n, total)}
		f.Evidence = d.evidence(m, r, &f)
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Signature, b.Signature))
	})
	return out
}

// settled are the runs, those shared out that may have come about in several ways.
func (d *Diagnoser) settled() map[Signature]float64 {
	all := d.several.share(d.prices.stretches.receiver())
	for s, n := range d.runs {
		all[s] += float64(n)
	}
	return all
}

// wilson is the share of n in total with its 95 % interval (Wilson 1927).
func wilson(n, total float64) Share {
	if total <= 0 {
		return Share{High: 1}
	}
	const z = 1.96
	p := n / total
	middle := (p + z*z/(2*total)) / (1 + z*z/total)
	half := z / (1 + z*z/total) * math.Sqrt(p*(1-p)/total+z*z/(4*total*total))
	low, high := max(middle-half, 0), min(middle+half, 1)
	if n == 0 {
		low = 0 // else a last digit is left, which depends on the processor
	}
	if total-n < 0.5 { // less than half a hit is none
		high = 1
	}
	return Share{p, low, high}
}

// byBytes lists what happened to each value of a byte.
func (d *Diagnoser) byBytes() []ByteDamage {
	var out []ByteDamage
	for b, sent := range d.sent {
		one := ByteDamage{Byte: b, Sent: sent, Vanished: d.hits[b][vanished]}
		for _, n := range d.hits[b][:vanished] {
			one.Changed += n
		}
		if sent > 0 {
			one.Rate = min(float64(one.Changed+one.Vanished)/float64(sent), 1)
		}
		if one.Changed+one.Vanished > 0 {
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b ByteDamage) int {
		return cmp.Compare(b.Changed+b.Vanished, a.Changed+a.Vanished)
	})
	return out
}

// pairs lists what became of what.
func (t *hitTable) pairs() []Pair {
	var out []Pair
	for sent := range t {
		for got, n := range t[sent] {
			if n == 0 {
				continue
			}
			p := Pair{sent, got, n}
			if got == vanished {
				p.Got = nothing
			}
			if symbol(sent) == anyDigit {
				p.Sent = -2
			}
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Pair) int { return cmp.Compare(b.Events, a.Events) })
	return out[:min(len(out), maxPairs)]
}

// bits counts bits by the edges beside them, and those that were read wrong.
func (d *Diagnoser) bits() BitTable {
	var t BitTable
	for b := range d.sent {
		n := int64(0)
		for i := range d.parts {
			n += d.parts[i].sent[b]
		}
		for k := range 8 {
			t.Sent[besides(byte(b), k)][k] += n
		}
		for got, n := range d.hits[b][:vanished] {
			for k := range 8 {
				if (b^got)>>k&1 == 1 {
					t.Wrong[besides(byte(b), k)][k] += n
				}
			}
		}
	}
	return t
}

// besides is a bit's row of an [BitTable].
func besides(b byte, k int) int {
	levels := uint16(b)<<1 | 1<<9
	before, now, after := levels>>k&1, levels>>(k+1)&1, levels>>(k+2)&1
	return int(now<<2 | (before^now)<<1 | now ^ after)
}

// together counts, of the bytes read as others in which several edges may have moved, in
// how many all of them did. The edges that a signature moves make the bits wrong that
// movable gives.
func (d *Diagnoser) together(m *mixture, s Signature) (bytes, all float64) {
	for k, kind := range m.kinds {
		if kind.sent == anyDigit || kind.got >= vanished {
			continue
		}
		set := movable(s, byte(kind.sent))
		if bits.OnesCount8(set) < 2 {
			continue
		}
		part := kind.n * m.part(s, k)
		bytes += part
		if set&^(byte(kind.sent)^byte(kind.got)) == 0 {
			all += part
		}
	}
	return bytes, all
}

// movable has the data bits of a byte that are read wrong where all the edges are late
// that a signature is about.
func movable(s Signature, b byte) byte {
	if s == ZerosLost {
		return ^b & (b>>1 | 0x80)
	}
	return b &^ (b << 1)
}
