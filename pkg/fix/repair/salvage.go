package repair

import (
	"bytes"
	"math"

	"p1/pkg/align"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/fix/prescribed"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// salvage looks for the lines of a refused telegram that can be trusted, by the
// shape of which it has most.
func (f *Fixer) salvage(b *batch, i int) {
	e := &b.list[i]
	t := e.record.(*record.Telegram)
	if t.ReceivedRaw != nil {
		return
	}
	var best *assessment
	for _, c := range f.candidates(b, i, t.Raw) {
		w := c.k.decoder.salvage(t.Raw, c.shape, c.context, e.about.why)
		if w.trust(f.options.MinConfidence); best == nil || len(w.trusted) > len(best.trusted) {
			best = w
		}
	}
	if strange := e.about.why == unknown || e.about.why == tooDamaged || e.about.why == noCandidate; strange && f.fitsBetter(b, i, t.Raw) {
		d := f.strangers.decoder(crc.ARC, f.logs.printable(false), false)
		p := &e.plans.Best
		w := d.salvage(t.Raw, p.Shape, expect.Context{}, e.about.why)
		w.doubtLines(p.Lines)
		w.leaveUntouched()
		if w.trust(f.options.MinConfidence); best == nil || len(w.trusted) > len(best.trusted) {
			best = w
		}
	}
	if best == nil || len(best.trusted) == 0 {
		return
	}
	raw, edits, trusted := best.restore()
	unsigned := t.CRC == record.CRCNone || t.CRC == record.CRCUnknown || e.plans != nil && len(e.plans.Best.Kinds) == 0
	if unsigned {
		best.sayHowSure(trusted)
	}
	if undone, err := record.Undo(raw, edits); err != nil || !bytes.Equal(undone, t.Raw) {
		return
	}
	t.Status, t.Raw, t.Edits, t.Trusted = record.Salvaged, raw, edits, trusted
}

// doubtLines lowers the odds of lines that may be others than the shape has, given how likely
// each of its lines is right.
func (w *assessment) doubtLines(lines []float64) {
	for i := range w.lines {
		if p := &w.lines[i]; p.line != unsure && p.line < len(lines) {
			p.odds *= lines[p.line]
		}
	}
}

// assessment is a telegram that cannot be repaired, line by line.
type assessment struct {
	shape    *expect.Shape
	received []byte
	lines    []segment
	trusted  []int // of lines, those that can be trusted
	burst    int   // how many bytes of a line may be damaged by one event
}

// segment is a received line, and the line of the shape that it was, if it could
// be told.
type segment struct {
	at    span   // in what was received
	line  int    // of the outline, or unsure
	text  []byte // what was sent most likely
	odds  float64
	sent  span // the line in the shape's text
	reads []int64
	// against are the fields that contradict what the meter said before.
	against []int
	ops     []align.Op // how it was received; nil where too much is damaged
}

// severe is how many bytes of a line may be damaged for it to be read at all.
const severe = 3

// maxBurst is how many bytes of a line may be damaged by one event, all of them near each other: a
// receiver that was out of step for a while.
const maxBurst = 16

// longBurst is the same where all depends on what is expected: of a line that always says the same
// nothing need be left but its place.
const longBurst = 40

// near is how many bytes of one event are undamaged in a row at most.
const near = 3

// salvage reads a telegram line by line, without the help of a CRC.
func (d *decoder) salvage(received []byte, shape *expect.Shape, c expect.Context, why reason) *assessment {
	w := &assessment{shape: shape, received: received, burst: maxBurst}
	if why == noCRC {
		w.burst = longBurst
	}
	o := newOutline(shape)
	w.pair(o)
	r := &reader{line: d.line.Costs(), shape: shape, blur: make([]bool, len(shape.Text)+1), gain: d.gains(nil, shape)}
	ops := make([][]align.Op, len(w.lines))
	found := 0
	strange := false
	for i := range w.lines {
		p := &w.lines[i]
		if p.line == unsure {
			strange = true
			continue
		}
		found++
		p.sent = o.lines[p.line]
		ops[i] = w.align(p)
		strange = strange || ops[i] == nil && !w.isFill(p)
	}
	if strange = strange || found < len(o.lines); !strange && why != noCRC {
		// Nothing is to be seen of what keeps the telegram from being
		// repaired, so it is in digits, and rather in those that the
		// telegrams around this one do not tell: not one in ten.
		r.doubt = math.Log(9 * float64(w.digits()) / 10)
	}
	for i := range w.lines {
		if ops[i] != nil {
			w.blurBeside(i, ops, r)
			w.lines[i].ops = ops[i]
			w.lines[i].read(r, ops[i], w.received, c)
		}
	}
	return w
}

// blurBeside lets what was received of a line say little where one beside it
// could not be read: what has damaged that one may reach into this one.
func (w *assessment) blurBeside(i int, ops [][]align.Op, r *reader) {
	p := &w.lines[i]
	beside := func(j int) bool {
		return j >= 0 && j < len(w.lines) && ops[j] == nil && (w.lines[j].line == unsure || !w.isFill(&w.lines[j]))
	}
	missing := i > 0 && w.lines[i-1].line != p.line-1 || i+1 < len(w.lines) && w.lines[i+1].line != p.line+1
	if missing || beside(i-1) || beside(i+1) {
		for at := p.sent.start; at < p.sent.end; at++ {
			r.blur[at] = true
		}
	}
}

// pair finds the line of the outline that each received line was: by its OBIS
// code, or, where that is damaged, by its place between two others.
func (w *assessment) pair(o *outline) {
	last, from := unsure, 0 // the line recognised last, and the segment after it
	lines(w.received, func(at span) {
		p := segment{at: at, line: unsure}
		if n := o.find(w.received[at.start:at.end]); n > last {
			p.line = n
			if gap := n - last - 1; gap == len(w.lines)-from {
				for i := range gap {
					w.lines[from+i].line = last + 1 + i
				}
			}
			last, from = n, len(w.lines)+1
		}
		w.lines = append(w.lines, p)
	})
}

// lines calls f for each line of what was received, also where the end of one is damaged.
func lines(received []byte, f func(span)) {
	some := false
	prescribed.Lines(received, func(start, end int) {
		some = true
		f(span{start, end})
	})
	if !some {
		eachLine(received, f)
	}
}

// align holds a received line against the sent one; nil where too much is
// damaged.
func (w *assessment) align(p *segment) []align.Op {
	line := w.received[p.at.start:p.at.end]
	burst := w.burst
	if d := len(line) - (p.sent.end - p.sent.start); d > burst || d < -burst {
		return nil
	}
	ops := align.Bytes(p.sent.end-p.sent.start, len(line), func(i, j int) bool {
		return mayBe(w.shape, p.sent.start+i, line[j])
	})
	hits, events, far := 0, 0, burst
	for _, o := range ops {
		if far++; o == align.Same {
			continue
		}
		hits++
		if far > near {
			events++
		}
		far = 0
	}
	if hits > severe && (events > 1 || hits > burst) {
		return nil
	}
	return ops
}

// isFill reports whether a line is the one with the meter's filler, which
// loggers drop.
func (w *assessment) isFill(p *segment) bool {
	return w.shape.FillEnd > w.shape.FillStart && p.sent.start <= w.shape.FillStart && w.shape.FillEnd <= p.sent.end
}

// digits counts the bytes of the telegram that may be read as others without
// being seen.
func (w *assessment) digits() int {
	n := 0
	for i := range w.shape.Text {
		if w.shape.FieldAt[i] >= 0 || w.shape.Varies[i] {
			n++
		}
	}
	return max(n, 1)
}

// read reads the fields of a line, and says how likely all of it is right.
func (p *segment) read(r *reader, ops []align.Op, received []byte, c expect.Context) {
	n := p.sent.end - p.sent.start
	var line reader
	line.spans(ops, shortened{text: r.shape.Text[p.sent.start:p.sent.end], from: n}, n)
	from, to := line.from, line.to
	at := func(i int) int { return p.at.start + i }
	p.text = bytes.Clone(r.shape.Text[p.sent.start:p.sent.end])
	p.odds = 1
	for i := range p.text {
		if k := p.sent.start + i; r.shape.FieldAt[k] < 0 && r.shape.Varies[k] {
			if to[i+1]-from[i] != 1 {
				p.odds = 0 // a letter that varies is gone
				return
			}
			p.text[i] = received[at(from[i])]
			if r.doubt > 0 {
				p.odds *= 1 - math.Exp(-r.doubt)*9
			}
		}
	}
	for k := range r.shape.Fields {
		f := &r.shape.Fields[k]
		if f.Start < p.sent.start || f.End > p.sent.end {
			continue
		}
		a, b := from[f.Start-p.sent.start], to[f.End-p.sent.start]
		values := r.fieldValues(k, received[at(a):at(max(a, b))], c)
		if len(values) == 0 {
			p.odds = 0
			return
		}
		sum := 0.0
		for _, v := range values {
			sum += mass(v.cost - values[0].cost)
		}
		p.odds *= r.share / sum
		copy(p.text[f.Start-p.sent.start:f.End-p.sent.start], values[0].text[:])
		p.reads = append(p.reads, int64(k), values[0].n)
		if prior := r.shape.Prior(k, c); contradicts(&prior, values[0].n) {
			p.against = append(p.against, k)
		}
	}
}

// trust chooses the lines that are right with this confidence: those of OBIS
// codes that keep the grammar, and break no sum with others of them.
func (w *assessment) trust(confidence float64) { w.trustBy(func(int) float64 { return confidence }) }

// trustBy does that with a confidence for each line.
func (w *assessment) trustBy(least func(line int) float64) {
	var values = make(map[int]int64)
	for i, p := range w.lines {
		if p.text != nil && min(w.odds(i), record.MaxConfidence) >= least(i) && telegram.CodeLen(p.text) > 0 {
			w.trusted = append(w.trusted, i)
			for k := 0; k < len(p.reads); k += 2 {
				values[int(p.reads[k])] = p.reads[k+1]
			}
		}
	}
	broken := w.brokenSums(values)
	kept := w.trusted[:0]
	for _, i := range w.trusted {
		in := false
		for k := 0; k < len(w.lines[i].reads); k += 2 {
			in = in || broken[int(w.lines[i].reads[k])]
		}
		begins := i == 0 || w.received[w.lines[i].at.start-1] == '\n' || len(kept) > 0 && kept[len(kept)-1] == i-1
		if !in && begins {
			kept = append(kept, i)
		}
	}
	w.trusted = kept
}

// odds is how likely a line is right with those that continue it, as they are to be
// read with it:
//
//	0-0:98.1.0(260301000000W)(00004700.100*kWh)␍␊
//	(00001000.000*kWh)(04.329*kW)␍␊
//
// These must stand there as they were sent, since only a line with a code can be
// put right. What has come to look like one of them must not be read with it.
func (w *assessment) odds(i int) float64 {
	odds, end := w.lines[i].odds, w.lines[i].sent.end
	for rest := w.lines[i+1:]; ; rest = rest[1:] {
		continued := end < len(w.shape.Text) && w.shape.Text[end] == '('
		continues := len(rest) > 0 && w.received[rest[0].at.start] == '('
		switch {
		case continued != continues:
			return 0
		case !continues:
			return odds
		}
		p := &rest[0]
		if p.sent.start != end || !bytes.Equal(p.text, w.received[p.at.start:p.at.end]) {
			return 0
		}
		odds, end = odds*p.odds, p.sent.end
	}
}

// brokenSums returns the fields of the sums that do not hold among values, of
// those whose fields are all there.
func (w *assessment) brokenSums(values map[int]int64) map[int]bool {
	broken := map[int]bool{}
	all := make([]int64, len(w.shape.Fields))
	for k, v := range values {
		all[k] = v
	}
	for i := range w.shape.Sums {
		s := &w.shape.Sums[i]
		fields := append([]int{s.Total}, s.Parts...)
		there := s.Known()
		for _, k := range fields {
			_, ok := values[k]
			there = there && ok
		}
		if there && !s.Holds(all) {
			for _, k := range fields {
				broken[k] = true
			}
		}
	}
	return broken
}

// sayHowSure adds to the trusted lines how likely each is right.
func (w *assessment) sayHowSure(trusted []record.Trusted) {
	for n := range trusted {
		trusted[n].Confidence = min(w.odds(w.trusted[n]), record.MaxConfidence)
	}
}

// restore puts the trusted lines right and leaves all others as they were
// received.
func (w *assessment) restore() (raw []byte, edits []record.Edit, trusted []record.Trusted) {
	next := 0
	for i, p := range w.lines {
		got := w.received[p.at.start:p.at.end]
		if next == len(w.trusted) || w.trusted[next] != i {
			raw = append(raw, got...)
			continue
		}
		next++
		for _, e := range exactEdits(p.text, shortened{text: p.text, from: len(p.text)}, got) {
			e.At += len(raw)
			edits = append(edits, e)
		}
		code := string(p.text[:telegram.CodeLen(p.text)])
		trusted = append(trusted, record.Trusted{Line: bytes.Count(raw, []byte("\n")) + 1, Code: code})
		raw = append(raw, p.text...)
	}
	return raw, edits, trusted
}
