package repair

import (
	"encoding/binary"
	"slices"

	"p1/pkg/dlms"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

const (
	// mostSteps is how many frames a meter may have sent since the last known one, or before
	// the next one, or since it began to count anew.
	mostSteps = 1000
	// probes is how many blocks of a text tell whether a counter is that of a frame, and
	// enoughProbed how many bytes of them must be there: of another counter so many are
	// once in 10⁹ times.
	probes       = 8
	enoughProbed = 10
	// mostShift is by how many bytes what was received may have been shifted.
	mostShift = 20
)

// probe is what tells the counter of a frame by what stands in it.
type probe struct {
	keys     *dlms.Keys
	form     dlms.Form
	text     []byte
	head     int
	blocks   []int
	received []byte
	shifts   []int
}

func newProbe(keys *dlms.Keys, form dlms.Form, shape *expect.Shape, received []byte) *probe {
	p := &probe{keys: keys, form: form, text: shape.Text, head: len(form.Head(0, len(shape.Text))), received: received}
	fixed := func(block int) (n int) {
		for i := block * dlms.BlockSize; i < (block+1)*dlms.BlockSize; i++ {
			if shape.FieldAt[i] < 0 {
				n++
			}
		}
		return n
	}
	for i := range len(p.text) / dlms.BlockSize {
		p.blocks = append(p.blocks, i)
	}
	slices.SortStableFunc(p.blocks, func(a, b int) int { return fixed(b) - fixed(a) })
	p.blocks = p.blocks[:min(len(p.blocks), probes)]
	for shift := -mostShift; shift <= mostShift; shift++ {
		p.shifts = append(p.shifts, shift)
	}
	if d := len(received) - (p.head + len(p.text) + form.Tail()); d < -mostShift || d > mostShift {
		p.shifts = append(p.shifts, d)
	}
	return p
}

// fits reports whether what was received is a frame with a counter.
func (p *probe) fits(counter uint32) bool {
	var sent [probes][dlms.BlockSize]byte
	for n, block := range p.blocks {
		p.keys.Block(sent[n][:], p.form, counter, block)
		for i := range sent[n] {
			sent[n][i] ^= p.text[block*dlms.BlockSize+i]
		}
	}
	for _, shift := range p.shifts {
		same := 0
		for n, block := range p.blocks {
			at := p.head + block*dlms.BlockSize + shift
			for i, c := range sent[n] {
				if uint(at+i) < uint(len(p.received)) && p.received[at+i] == c {
					same++
				}
			}
		}
		if same >= enoughProbed {
			return true
		}
	}
	return false
}

// counterOf finds the counter of the frame of entry i, if it is one around a text of this shape.
func (s *sealer) counterOf(keys *dlms.Keys, shape *expect.Shape, received []byte, b *batch, i int) (uint32, bool) {
	p := newProbe(keys, s.form, shape, received)
	if at := p.head - 4; len(received) >= at+4 {
		if c := binary.BigEndian.Uint32(received[at:]); p.fits(c) {
			return c, true
		}
	}
	if before, ok := s.before(b, i); ok {
		for c := before + 1; c != before+1+mostSteps; c++ {
			if p.fits(c) {
				return c, true
			}
		}
	} else if s.ended {
		for c := s.next - 1; c != s.next-1-mostSteps; c-- {
			if p.fits(c) {
				return c, true
			}
		}
	}
	for c := uint32(0); c < mostSteps; c++ {
		if p.fits(c) {
			return c, true
		}
	}
	return 0, false
}

// before is the counter of the last known frame before entry i.
func (s *sealer) before(b *batch, i int) (uint32, bool) {
	for j := i - 1; j >= 0; j-- {
		e := &b.list[j]
		if t, ok := e.record.(*record.Telegram); ok && e.framed() && t.Status.Valid() && e.shape != nil {
			return e.counter, true
		}
	}
	return s.last, s.known
}
