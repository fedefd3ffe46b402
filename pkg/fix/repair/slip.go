package repair

import (
	"bytes"
	"math"

	"p1/pkg/channel"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

const (
	// inStep is how many bytes on either side of a slip are given to its
	// inversion, since a slipped byte may look like the one that was sent.
	inStep = 3
	// shortSlip is how long a stretch must be to be a slip: what is shorter, the
	// search among single hits explains.
	shortSlip = 6
	// maxReadings is how many readings of a slip are weighed.
	maxReadings = 256
	// slipCost is the cost of a slip: however long, it is one event.
	slipCost = 10
)

// unslip looks for the telegram of which the receiver missed one start edge: its
// bits are all there, but grouped anew up to a pause. The rest of the telegram
// must be as it was sent.
func (d *decoder) unslip(received []byte, shape *expect.Shape, c expect.Context) outcome {
	n, m := len(shape.Text), len(received)
	if m != n && m != n-1 {
		return outcome{why: tooDamaged}
	}
	from, after := 0, 0
	for from < m && mayBe(shape, from, received[from]) {
		from++
	}
	for after < m-from && mayBe(shape, n-1-after, received[m-1-after]) {
		after++
	}
	from, after = max(0, from-inStep), max(0, after-inStep)
	if m-after-from < shortSlip {
		return outcome{why: noCandidate}
	}
	sent := d.possible(shape, from, n-after)
	o := channel.SlipOptions{Gap: -1, MaxReadings: maxReadings}
	readings := channel.Unslip(sent, received[from:m-after], o)
	raws := make([][]byte, 0, len(readings))
	for _, r := range readings {
		raw := append(bytes.Clone(received[:from]), r.Text...)
		raws = append(raws, append(raw, received[m-after:]...))
	}
	best, result := d.likeliest(raws, shape, c)
	if best == nil {
		return result
	}
	edits := slipEdits(best[from:n-after], received[from:m-after], from)
	result.cost = slipCost
	result.fixed = &repaired{raw: best, edits: edits}
	return result
}

// possible lists what may have been sent at each place from start to end, what
// was sent the last time first.
func (d *decoder) possible(shape *expect.Shape, start, end int) [][]byte {
	r := &reader{shape: shape, crc: d.reader.crc}
	list := make([][]byte, 0, end-start)
	for at := start; at < end; at++ {
		c := shape.Text[at]
		values := []byte{c}
		if shape.FieldAt[at] >= 0 || at > shape.Bang && c > ' ' {
			for _, other := range []byte(r.allowed(at)) {
				if other != c {
					values = append(values, other)
				}
			}
		}
		list = append(list, values)
	}
	return list
}

// likeliest returns the telegram that satisfies the CRC and is most likely sent,
// with the probability that it is right among these.
func (d *decoder) likeliest(raws [][]byte, shape *expect.Shape, c expect.Context) ([]byte, outcome) {
	o := outcome{why: noCandidate}
	costs := make([]float64, len(raws))
	least := math.Inf(1)
	for i, raw := range raws {
		costs[i] = d.priorCost(raw, shape, c)
		least = math.Min(least, costs[i])
	}
	var best []byte
	weight, others, all := 0.0, 0.0, 0.0
	for i, raw := range raws {
		w := mass(costs[i] - least)
		all += w
		if !holds(raw, d.kind) || !complete(raw) {
			continue
		}
		if o.passing++; w > weight {
			others, weight, best = others+weight, w, raw
		} else {
			others += w
		}
	}
	if best == nil {
		return nil, o
	}
	rest := all * (1 + d.unexplained/d.explained)
	o.why = ""
	o.confidence = min(weight/(weight+others+rest*accident), record.MaxConfidence)
	return best, o
}

// priorCost is what the values of a telegram cost, before anything of it was
// received.
func (d *decoder) priorCost(raw []byte, shape *expect.Shape, c expect.Context) float64 {
	sum := 0.0
	values := make([]int64, len(shape.Fields))
	for k := range shape.Fields {
		f := &shape.Fields[k]
		n, ok := f.Value(f.Of(raw))
		if !ok {
			return channel.Never
		}
		values[k] = n
		prior := shape.Prior(k, c)
		sum += prior.Cost(n)
	}
	return sum + brokenSums(shape, values)
}

// slipEdits lists the differences of a stretch in which every byte may be
// another, and one may be missing.
func slipEdits(sent, received []byte, at int) []record.Edit {
	var list []record.Edit
	for i := range sent {
		e := record.Edit{At: at + i, Got: record.Bytes{}, Now: sent[i : i+1]}
		if i < len(received) {
			if received[i] == sent[i] {
				continue
			}
			e.Got = received[i : i+1]
		}
		list = append(list, e)
	}
	return list
}
