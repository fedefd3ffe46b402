package plausible

import (
	"bytes"
	"fmt"
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Judge knows what the meters of a stream have said. The zero value knows nothing.
type Judge struct {
	// Say, if not nil, is told of each level that is believed from now on, and of those that
	// are over: old and new, once.
	Say func(text string)

	meters []*Meter // the one that was looked at last first
	told   []string
}

const (
	maxMeters    = 16
	maxLayouts   = 8
	maxRegisters = 64
)

// Meter is what is believed of one meter, and its telegram that was read last.
type Meter struct {
	// Header and Name are its [telegram.Identity].
	Header, Name []byte

	layouts   []*layout // the one that was used last first
	registers []*register
	flows     []*flow
	clock     clock
	time      moment
	taken     int     // telegrams
	inForce   int64   // the tariff of the telegram before
	named     bool    // registers have gone on in the tariff that their code names
	misnamed  bool    // one has in another
	proven    float64 // kW that two telegrams in a row have stated at least
	foreseen  bool    // what the telegram after the next one says is known

	// What was found in the telegram that was looked at last.
	l       *layout
	said    timing
	checked bool      // a CRC says that it was read as it was sent
	found   []finding // for each reading of l
	met     uint16    // a bit for each how in found

	say  func(text string) // nil where nobody wants to know
	news []string          // what is to be told of that telegram
}

// finding is what is to be made of one reading.
type finding struct {
	how how
	why why // it is not to be used
}

// how a reading goes on from what is believed.
type how uint8

const (
	unread   how = iota // it is no number, or none that was ever read
	same                // it is the base once more
	follows             // it goes on from the base
	returns             // it goes on from the level before that: the base was an outage
	begins              // it is the first one, or a device's with another identifier
	deviates            // it contradicts the base
	replaces            // it contradicts the base, as several did that follow from each other
	stands              // it has not changed although it must have
	odd                 // it is not what a sum says
)

func (h how) bit() uint16 { return 1 << h }

// goesOn reports whether a reading goes on from the base.
func (h how) goesOn() bool { return h == same || h == follows }

func (h how) believed() bool {
	return h == same || h == follows || h == returns || h == begins || h == replaces
}

// Take learns from a telegram, the next one of its stream, and marks it: the lines that
// are to be doubted, and the telegram as a whole where those are most of its registers. One
// that is marked already stays as it is.
func (j *Judge) Take(t *record.Telegram) {
	m := j.Read(t.Raw)
	m.Look(t)
	m.Settle(t)
}

// Uncertain reports whether the telegram after the one that was looked at tells whether
// that is right: so long nothing was sent before it.
func (m *Meter) Uncertain() bool {
	if m.said.unsure || m.said.dt <= hour {
		return false
	}
	return slices.ContainsFunc(m.l.readings, func(x reading) bool { return m.uncertain(&x) })
}

// Foresee is told of the telegram after the next one that is to be looked at.
func (j *Judge) Foresee(raw []byte) {
	m := j.Read(raw)
	for i := range m.l.readings {
		x := &m.l.readings[i]
		x.r.next, x.r.foreseen = x.value, x.ok
	}
	m.foreseen = true
}

func (m *Meter) forgetNext() {
	for _, r := range m.registers {
		r.foreseen = false
	}
	m.foreseen = false
}

// Look reports whether a line of the telegram that was read is to be doubted, and learns
// nothing from it.
func (m *Meter) Look(t *record.Telegram) bool {
	m.look(t)
	return m.doubts() > 0
}

// Settle is [Judge.Take] for the telegram that was looked at last.
func (m *Meter) Settle(t *record.Telegram) {
	switch {
	case len(t.Doubted) > 0:
		m.heed(t.Doubted)
	case m.doubts() > 0 && t.Suspect == "":
		t.Doubted = m.Doubted()
		t.Suspect = m.suspect()
	}
	m.learn(t)
}

// heed believes nothing that was doubted before, by one who knew what came after.
func (m *Meter) heed(list []record.Doubt) {
	for i := range m.found {
		listed := slices.ContainsFunc(list, func(d record.Doubt) bool { return d.Line == m.l.readings[i].line })
		if listed && m.found[i].how.believed() {
			m.found[i].how = deviates
			m.met |= deviates.bit()
		}
	}
}

// Leave forgets what the meters' registers and clocks say, which tells nothing of another
// stream: that may be an older one. How much can flow through a meter stays known.
func (j *Judge) Leave() {
	for _, m := range j.meters {
		m.clock, m.time = clock{}, moment{}
		for _, r := range m.registers {
			r.forget()
		}
		for _, l := range m.layouts {
			l.unsettle()
		}
		for _, f := range m.flows {
			*f = flow{code: f.code}
		}
	}
}

// Forget forgets the meter with this name.
func (j *Judge) Forget(header, name []byte) {
	j.meters = slices.DeleteFunc(j.meters, func(m *Meter) bool { return bytes.Equal(m.Header, header) && bytes.Equal(m.Name, name) })
}

// Read reads what a telegram says, and returns the meter that sent it.
func (j *Judge) Read(raw []byte) *Meter {
	if len(j.meters) > 0 && j.meters[0].isOf(raw) {
		return j.meters[0] // as nearly all are
	}
	header, name := telegram.Identity(raw)
	for i, m := range j.meters {
		if bytes.Equal(m.Header, header) && bytes.Equal(m.Name, name) {
			copy(j.meters[1:i+1], j.meters[:i])
			j.meters[0] = m
			m.read(raw)
			return m
		}
	}
	m := &Meter{Header: bytes.Clone(header), Name: bytes.Clone(name), say: j.sayer()}
	j.meters = slices.Insert(j.meters, 0, m)
	j.meters = j.meters[:min(len(j.meters), maxMeters)]
	m.read(raw)
	return m
}

// isOf reads a telegram that is of the layout before; false where it is not, or of another
// meter.
func (m *Meter) isOf(raw []byte) bool {
	if len(m.layouts) == 0 || !m.layouts[0].follow(raw) {
		return false
	}
	m.l = m.layouts[0]
	return bytes.HasPrefix(raw, m.Header) && bytes.Equal(m.l.name.Of(raw), m.Name)
}

// read reads the values of a telegram.
func (m *Meter) read(raw []byte) {
	for i, l := range m.layouts {
		if l.follow(raw) {
			copy(m.layouts[1:i+1], m.layouts[:i])
			m.layouts[0], m.l = l, l
			l.unsettle()
			return
		}
	}
	l := m.newLayout(raw)
	l.follow(raw)
	m.layouts = slices.Insert(m.layouts, 0, l)
	m.layouts, m.l = m.layouts[:min(len(m.layouts), maxLayouts)], l
}

// registerOf returns the register that stands under a code; nil where there are too many.
func (m *Meter) registerOf(code, unit, medium string) *register {
	if r := m.known(code); r != nil {
		return r
	}
	if len(m.registers) == maxRegisters {
		return nil
	}
	r := newRegister(code, unit, medium)
	if !r.isDevice() {
		r.flow = m.flowOf(code[:len(code)-len(afterPoint(code))-1])
	}
	m.registers = append(m.registers, r)
	return r
}

// known returns the register under a code, nil where none is known.
func (m *Meter) known(code string) *register {
	for _, r := range m.registers {
		if r.code == code {
			return r
		}
	}
	return nil
}

// flowOf returns the power of a quantity, 1-0:1 being that from the grid; nil where
// there are too many.
func (m *Meter) flowOf(quantity string) *flow {
	for _, f := range m.flows {
		if f.code == quantity {
			return f
		}
	}
	if len(m.flows) == maxRegisters {
		return nil
	}
	f := &flow{code: quantity}
	m.flows = append(m.flows, f)
	return f
}

// look decides about each reading of the telegram that was read.
func (m *Meter) look(t *record.Telegram) {
	l := m.l
	m.said, m.checked = m.timing(t), t.Status != record.Unchecked
	m.flowIn()
	for len(m.found) < len(l.readings) {
		m.found = append(m.found, finding{})
	}
	m.found, m.met = m.found[:len(l.readings)], 0
	for i := range l.readings {
		f := &m.found[i]
		if x := &l.readings[i]; x.steady && (x.r.flow == nil || x.r.flow.low == 0) || m.calm(x) {
			*f = finding{how: same}
		} else {
			*f = m.judge(x)
			m.met |= f.how.bit()
		}
	}
	if m.met&replaces.bit() != 0 {
		m.together()
	}
	m.judgeSums()
}

// calm reports whether a reading is the one that is believed once more, as nearly all are,
// and nothing says that it must have changed.
func (m *Meter) calm(x *reading) bool {
	r := x.r
	b := &r.base
	if x.value != b.value || !b.known || !x.ok || x.at != b.at || x.dated != b.dated || r.candidate.known {
		return false
	}
	return r.flow == nil || r.missing+m.demands(r) <= max(float64(demanded*x.step), r.lag)
}

// together believes what came with a reading that is believed: the registers of a meter
// that was reset or replaced are so all at once, those that stand still too.
func (m *Meter) together() {
	for i := range m.found {
		if m.found[i].how != replaces || m.l.readings[i].r.isDevice() {
			continue
		}
		since := m.l.readings[i].r.candidate.since
		for k := range m.found {
			r := m.l.readings[k].r
			if c := &r.candidate; m.found[k].how == deviates && !r.isDevice() && c.known && c.since == since && c.goesOn(m.l.readings[k].value) {
				m.found[k] = finding{how: replaces} // its bit is set
			}
		}
	}
}

// doubts counts the lines that are to be doubted.
func (m *Meter) doubts() int {
	n := 0
	if m.said.why != sound {
		n++
	}
	if m.met&^(same.bit()|follows.bit()) == 0 {
		return n
	}
	for i := range m.found {
		if m.found[i].why != sound {
			n++
		}
	}
	return n
}

// Doubted lists the lines that are to be doubted of the telegram that was looked at.
func (m *Meter) Doubted() []record.Doubt {
	var list []record.Doubt
	if m.said.why != sound {
		list = append(list, record.Doubt{Line: m.l.line, Code: telegram.ClockCode, Why: m.said.words()})
	}
	for i := range m.found {
		if why := m.found[i].why; why != sound {
			x := &m.l.readings[i]
			at := len(list)
			for at > 0 && list[at-1].Line > x.line {
				at--
			}
			list = append(list, record.Doubt{})
			copy(list[at+1:], list[at:])
			list[at] = record.Doubt{Line: x.line, Code: x.r.code, Why: m.words(x, why)}
		}
	}
	return list
}

// suspect says why the telegram as a whole is not to be believed: most of its registers
// are doubted.
func (m *Meter) suspect() string {
	read, doubted, first := 0, 0, -1
	for i := range m.found {
		if m.found[i].how == unread && m.found[i].why == sound {
			continue
		}
		if read++; m.found[i].why != sound {
			if doubted++; first < 0 {
				first = i
			}
		}
	}
	if 2*doubted <= read {
		return ""
	}
	x := &m.l.readings[first]
	return fmt.Sprintf("%d of %d registers are doubted: %s %s", doubted, read, x.r.code, m.words(x, m.found[first].why))
}

// learn follows the telegram that was looked at.
func (m *Meter) learn(t *record.Telegram) {
	l := m.l
	m.taken++
	for i := range l.readings {
		x, f := &l.readings[i], &m.found[i]
		switch b := &x.r.base; {
		case f.how != same:
			m.note(x, f)
			m.follow(x, f)
			x.steady = f.how.goesOn()
		case x.steady && b.seen == convincing && (x.r.flow == nil || x.r.flow.low == 0):
			b.passed, b.unsure = m.said.passed, m.said.unsure // as nearly all
		default:
			m.stay(x)
			x.steady = true
		}
	}
	if len(m.news) > 0 {
		m.tell()
	}
	m.learnSums()
	m.flowOn()
	if m.foreseen {
		m.forgetNext()
	}
	m.clock.follow(l, m.said)
	m.time.follow(t, m.said)
}
