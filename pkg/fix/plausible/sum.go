package plausible

// broken is for how long a sum that always held has not.
type broken struct {
	times int
	since int64 // the moment it was first broken
}

// judgeSums doubts the register that is wrong in a sum which always held before.
func (m *Meter) judgeSums() {
	l := m.l
	for i := range l.sums {
		s := &l.sums[i]
		if s.Holds(l.values) || !s.Proven() || m.explained(i) {
			continue
		}
		if b := &l.broken[i]; b.times >= convincing && m.said.passed-b.since >= counting {
			continue // it is none any more
		}
		if k := m.culprit(i); k >= 0 {
			m.found[k] = finding{odd, noSum}
			m.met |= odd.bit()
		}
	}
	if m.met&stands.bit() != 0 {
		m.standTogether()
	}
}

// standTogether doubts a total that stands still while one of its parts does so that must
// have gone on.
func (m *Meter) standTogether() {
	for i := range m.l.sums {
		s := &m.l.sums[i]
		total := &m.l.readings[s.Total]
		if !s.Proven() || !m.found[s.Total].how.goesOn() || total.value != total.r.base.value {
			continue
		}
		for _, p := range s.Parts {
			if m.found[p].how == stands {
				m.found[s.Total] = m.found[p]
			}
		}
	}
}

// members calls f for each reading of a sum.
func (m *Meter) members(i int, f func(k int)) {
	s := &m.l.sums[i]
	f(s.Total)
	for _, p := range s.Parts {
		f(p)
	}
}

// explained reports whether one of the readings of a sum is doubted or cannot be read.
func (m *Meter) explained(i int) bool {
	found := false
	m.members(i, func(k int) { found = found || !m.found[k].how.goesOn() })
	return found
}

// culprit is the reading of a broken sum that is wrong most likely: with the value that
// makes the sum hold it goes on from its base, and as its power says. It is -1 where there
// is none.
func (m *Meter) culprit(i int) int {
	l := m.l
	worst, by := -1, 0.0
	m.members(i, func(k int) {
		x := &l.readings[k]
		right, _ := l.sums[i].Solve(k, l.values)
		right *= x.step
		gain := right - x.r.base.value
		most, _ := m.most(x, &x.r.base, 1)
		if gain < 0 || float64(gain) > most || m.vouched(i, k) {
			return
		}
		if off := m.off(x, x.value) - m.off(x, right); worst < 0 || off > by {
			worst, by = k, off
		}
	})
	return worst
}

// vouched reports whether a reading is part of another sum, which holds.
func (m *Meter) vouched(but, k int) bool {
	found := false
	for i := range m.l.sums {
		if s := &m.l.sums[i]; i != but && s.Proven() && s.Holds(m.l.values) {
			m.members(i, func(other int) { found = found || other == k })
		}
	}
	return found
}

// off is by how many units a value is not what the power of its register says.
func (m *Meter) off(x *reading, value int64) float64 {
	expected := 0.0
	if f := x.r.flow; f != nil && m.counts(x.r) {
		expected = (f.wideWith(m.said.dt) - x.r.wide) * one
	}
	d := float64(value-x.r.base.value) - expected
	return max(d, -d)
}

// learnSums follows the sums whose readings are believed.
func (m *Meter) learnSums() {
	l := m.l
	calm := m.met&^(same.bit()|follows.bit()) == 0
	for i := range l.sums {
		if calm {
			l.sums[i].Learn(l.values)
			continue
		}
		s, b := &l.sums[i], &l.broken[i]
		whole, wrong := true, false
		m.members(i, func(k int) {
			whole = whole && m.found[k].how.believed()
			wrong = wrong || m.found[k].how == odd
		})
		switch {
		case whole:
			s.Learn(l.values)
			*b = broken{}
		case wrong:
			if b.times == 0 {
				b.since = m.said.passed
			}
			b.times++
		}
	}
}
