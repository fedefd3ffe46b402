package plausible

import "p1/pkg/fix/expect"

// kept is how a sum has held so far.
type kept struct {
	apart     int64 // what its total is apart from its parts in the telegram that was read
	known     bool
	low, high int64 // what that has been at least and at most
	times     int   // in a row that it has not held
	since     int64 // the moment of the first of them
}

// holds reports whether a sum holds: not only as it did in the telegram before, from which
// a register that stands still leads away step by step.
func (l *layout) holds(i int) bool {
	s, k := &l.sums[i], &l.kept[i]
	return s.HoldsAt(k.apart) && (!k.known || k.apart-k.low <= expect.MostNear && k.high-k.apart <= expect.MostNear)
}

// learnSum follows a sum whose readings are believed.
func (l *layout) learnSum(i int) {
	s, k := &l.sums[i], &l.kept[i]
	s.LearnAt(k.apart)
	if !k.known {
		k.known, k.low, k.high = true, s.Off, s.Off
	}
	k.low, k.high, k.times = min(k.low, s.Off), max(k.high, s.Off), 0
}

// judgeSums doubts the register that is wrong in a sum which always held before.
func (m *Meter) judgeSums() {
	l := m.l
	for i := range l.sums {
		l.kept[i].apart = l.sums[i].Apart(l.values)
	}
	for i := range l.sums {
		s := &l.sums[i]
		if !s.Proven() || l.holds(i) || m.explained(i) {
			continue
		}
		if b := &l.kept[i]; b.times >= convincing && m.said.passed-b.since >= counting {
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

// standTogether doubts a total that stands still with one of its parts which must have gone
// on: the sum still holds.
func (m *Meter) standTogether() {
	for i := range m.l.sums {
		s := &m.l.sums[i]
		total := &m.l.readings[s.Total]
		if !s.Proven() || !m.l.holds(i) || !m.found[s.Total].how.goesOn() || total.value != total.r.base.value {
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
		if s := &m.l.sums[i]; i != but && s.Proven() && m.l.holds(i) {
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
			l.learnSum(i)
			continue
		}
		whole, wrong := true, false
		m.members(i, func(k int) {
			whole = whole && m.found[k].how.believed() && !m.misfits(k)
			wrong = wrong || m.found[k].how == odd
		})
		switch k := &l.kept[i]; {
		case whole:
			l.learnSum(i)
		case wrong:
			if k.times == 0 {
				k.since = m.said.passed
			}
			k.times++
		}
	}
}

// misfits reports whether a reading is of a sum in which another one is odd: it may be the
// wrong one itself.
func (m *Meter) misfits(k int) bool {
	found := false
	for i := range m.l.sums {
		of, wrong := false, false
		m.members(i, func(other int) {
			of, wrong = of || other == k, wrong || m.found[other].how == odd
		})
		found = found || of && wrong
	}
	return found
}
