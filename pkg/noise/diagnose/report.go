package diagnose

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"
)

// binSize is how many bytes of the telegram are one place of Report.Places.
const binSize = 16

// maxPairs is how many pairs of bytes are listed.
const maxPairs = 40

// Report says what is known so far. The next Take does not change it.
func (d *Diagnoser) Report() Report {
	d.finish()
	m := d.hits.explain(d.printing, d.sevenBit)
	r := Report{
		Source: d.source, Streams: d.streams, Receiver: cmp.Or(d.options.Receiver, Unknown),
		Totals:  d.totals,
		Clean:   d.totals.Events == 0 && d.totals.Repaired+d.totals.Remaining == 0,
		BinSize: binSize,
		Bytes:   d.byBytes(),
		Pairs:   d.hits.pairs(),
		Bits:    d.bits(),
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
	r.Findings = d.findings(&m, &r)
	d.conclude(&r)
	if e := d.excused(); e != nil {
		e.say(&r)
	}
	r.Plain = plainly(&r)
	return r
}

// findings lists what each signature explains.
func (d *Diagnoser) findings(m *mixture, r *Report) []Finding {
	events := map[Signature]float64{}
	for s, n := range d.runs {
		events[s] += float64(n)
	}
	for i, n := range m.events {
		events[singles[i].signature] += n
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
		f := Finding{Signature: s, Title: s.about().title, Events: n, Share: wilson(n, total)}
		f.Evidence = d.evidence(m, r, &f)
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Signature, b.Signature))
	})
	return out
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
	low := max(middle-half, 0)
	if n == 0 {
		low = 0 // else a last digit is left, which depends on the processor
	}
	return Share{p, low, min(middle+half, 1)}
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

// bits counts the edges, and the bits that were read wrong.
func (d *Diagnoser) bits() BitMatrix {
	var m BitMatrix
	each := func(b int, f func(edge, bit int)) {
		before := 0 // the start bit
		for k := range 8 {
			now := b >> k & 1
			f(before<<1|now, k)
			before = now
		}
	}
	for b, n := range d.sent {
		each(b, func(edge, bit int) { m.Sent[edge][bit] += n })
	}
	for b := range 256 {
		for got, n := range d.hits[b][:vanished] {
			if n > 0 {
				each(b, func(edge, bit int) {
					if (b^got)>>bit&1 == 1 {
						m.Wrong[edge][bit] += n
					}
				})
			}
		}
	}
	return m
}

// edgesLost counts, of the bytes read as others in which several rising (or falling)
// edges may have been late, how many of these edges were, and in how many bytes all.
func (d *Diagnoser) edgesLost(m *mixture, of int) (bytes, all, edges, lost float64) {
	for sent := range 256 {
		b := byte(sent)
		set := b &^ (b << 1)
		if singles[of].signature == ZerosLost {
			set = ^b & (b << 1)
		}
		n := bits.OnesCount8(set)
		if n < 2 {
			continue
		}
		for got, count := range d.hits[sent][:vanished] {
			if count == 0 {
				continue
			}
			part := float64(count) * m.part(of, symbol(sent), got)
			late := bits.OnesCount8(set & (b ^ byte(got)))
			bytes += part
			edges += part * float64(n)
			lost += part * float64(late)
			if late == n {
				all += part
			}
		}
	}
	return bytes, all, edges, lost
}

// lateness estimates how late an edge is, in bits, from the share of the edges that
// are read late in bytes where one is. A circuit simulation gave 3.6 µs for "now and
// then" (taken as 1 in 100) and half a bit, 4.34 µs, for half of them, so the
// scatter of an edge is taken to be normal with 0.32 µs. It returns at most 0.95:
// after a whole bit the stop bit would be gone.
func lateness(share float64) float64 {
	const bit, middle, scatter = 8.68, 4.34, 0.32
	share = min(max(share, 0.001), 0.999)
	return min((middle+scatter*math.Sqrt2*math.Erfinv(2*share-1))/bit, 0.95)
}
