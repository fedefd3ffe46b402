package repair

import (
	"bytes"
	"math"
	"slices"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/fix/prescribed"
	"p1/pkg/record"
)

// strangers decodes telegrams of meters that have never been seen, by what their dialects
// prescribe: with that in the place of what is learned, it goes as it does for known meters.
type strangers struct {
	line *channel.Model
	// vain counts the telegrams of the stream in which nothing is damaged that could be seen,
	// or little, and which nothing explains all the same: their CRC may be of another kind.
	vain     float64
	decoders map[crc.Kind]*decoder
}

// decoder returns the decoder of a kind of CRC.
func (s *strangers) decoder(kind crc.Kind, printable, explain bool) *decoder {
	if s.line == nil {
		s.line, s.decoders = channel.NewModel(printable), map[crc.Kind]*decoder{}
	}
	s.line.SetPrintable(printable)
	d := s.decoders[kind]
	if d == nil {
		d = newDecoder(kind, printable, explain)
		s.decoders[kind] = d
	}
	d.line, d.reader.crc = s.line, spelling{}
	return d
}

// plansOf returns what a telegram may have been by the tables of the dialects, nil where they do
// not tell.
func (f *Fixer) plansOf(e *entry, received []byte) *prescribed.Plans {
	if !e.planned {
		d := f.strangers.decoder(crc.ARC, f.logs.printable(false), f.options.Explain)
		e.plans, e.planned = prescribed.Of(received, d.line.Costs()), true
	}
	return e.plans
}

// guess is a telegram by one plan.
type guess struct {
	outcome
	cost float64
}

// prescribe repairs a telegram by what its dialect prescribes, if that can be done. Other plans
// than the best one are looked at where that one does not explain it.
func (f *Fixer) prescribe(e *entry, received []byte) outcome {
	list, o := f.guesses(nil, &e.plans.Best, received)
	for _, p := range e.plans.Others() {
		if len(list) > 0 && p.Cost > e.plans.Best.Cost+window && o.why == "" {
			continue
		}
		more, _ := f.guesses(list, &p, received)
		list = more
	}
	if len(list) == 0 {
		if o.exhausted && o.why == noCandidate {
			f.strangers.vain++
		}
		return o
	}
	best := 0
	for i := range list {
		if list[i].cost < list[best].cost {
			best = i
		}
	}
	sum := 1.0
	for i := range list {
		if i != best && !bytes.Equal(list[i].fixed.raw, list[best].fixed.raw) {
			sum += mass(list[i].cost - list[best].cost)
		}
	}
	o = list[best].outcome
	o.confidence /= sum
	o.prescribed = true
	if o = f.sure(o, received); o.why == "" {
		f.strangers.vain /= 2
	}
	return o
}

// guesses adds what a telegram was by a plan to a list, for each kind of CRC; why is that of the
// last one.
func (f *Fixer) guesses(list []guess, p *prescribed.Plan, received []byte) ([]guess, outcome) {
	o := outcome{why: noCRC}
	for n, kind := range f.kindsOf(p) {
		d := f.strangers.decoder(kind, f.logs.printable(false), f.options.Explain)
		d.line = d.line.With(p.Text, p.Hits)
		d.explained, d.unexplained = f.strangers.faith(p)
		o = f.sure(d.decode(received, p.Shape, expect.Context{}), received)
		if o.fixed != nil {
			o.kind = kind
			list = append(list, guess{o, o.cost + p.Cost + rareKind*float64(n)})
		}
	}
	return list, o
}

// rareKind is the cost of a CRC of another kind than the first one of a dialect.
const rareKind = 3

// kindsOf lists the kinds of CRC that a telegram of a plan may have.
func (f *Fixer) kindsOf(p *prescribed.Plan) []crc.Kind {
	believed := f.believed()
	if believed == nil {
		return p.Kinds
	}
	return slices.DeleteFunc(slices.Clone(p.Kinds), func(k crc.Kind) bool { return !slices.Contains(believed, k) })
}

// faith is how often telegrams of a plan are explained by it, and how often they are something
// else: the more there is that its dialect does not prescribe, the less it says.
func (s *strangers) faith(p *prescribed.Plan) (explained, unexplained float64) {
	const never, vain, odd = 0.1, 10, 5 // of 100
	unexplained = never + vain*s.vain + odd*p.Surprises
	if p.Strange {
		unexplained += 50
	}
	return 100, unexplained
}

// decideStranger repairs entry i by what is prescribed, where what is known of meters does not
// explain it, now that others of the list may have made another meter known.
func (f *Fixer) decideStranger(b *batch, i int) {
	e := &b.list[i]
	if b.more {
		f.decide(b, i)
	}
	if e.shape == nil && !e.framed() {
		f.decideBy(b, i, f.stranger)
	}
}

// stranger reads entry i as a telegram of a meter that has never been seen: it is of another one
// than those that are known, or that one sends other lines now. Where nothing comes of that, what
// was found before stays.
func (f *Fixer) stranger(b *batch, i int, received []byte) outcome {
	e := &b.list[i]
	known := e.about
	switch known.why {
	case unknown, tooDamaged, noCandidate, ambiguous:
	default:
		return known
	}
	if b.alien || e.record.(*record.Telegram).CRC == record.CRCUnknown || !f.fitsBetter(b, i, received) {
		return known
	}
	o := f.prescribe(e, received)
	if o.why != "" && known.why == unknown {
		known.said, known.weighed, known.confidence = o.why, o.weighed, o.confidence
	}
	if o.why != "" {
		return known
	}
	return o
}

// fitsBetter reports whether what is prescribed explains more of what was received as entry i
// than what is known of meters. Pieces that records are cut into on trial are explained by
// a meter that is known, if there is one: they are many, and most are of no telegram.
func (f *Fixer) fitsBetter(b *batch, i int, received []byte) bool {
	const clearly, enough = 6, 10
	least := math.MaxInt
	if b.trial && len(f.meters) > 0 {
		return false
	}
	for _, c := range f.candidates(b, i, received) {
		if least = min(least, differences(c.shape, received)); least < enough {
			return false
		}
	}
	plans := f.plansOf(&b.list[i], received)
	return plans != nil && plans.Best.Differences+clearly < least
}
