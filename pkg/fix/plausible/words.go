package plausible

import (
	"fmt"
	"strconv"
	"strings"
)

// why a line is doubted.
type why uint8

const (
	sound  why = iota
	noDate     // of a clock or a device
	back       // the clock
	ahead      // the clock, by the host's
	fell
	gained
	still
	takenBack // by the telegram after
	noSum
)

// words says what is wrong with the clock.
func (s *timing) words() string {
	switch s.why {
	case back:
		return fmt.Sprintf("went back by %d s", s.off)
	case ahead:
		return fmt.Sprintf("%d s ahead of when it came", s.off)
	}
	return "a date that cannot be"
}

// words says what is wrong with a reading that was looked at.
func (m *Meter) words(x *reading, why why) string {
	r := x.r
	switch why {
	case fell:
		return fmt.Sprintf("fell from %s to %s %s", x.number(float64(r.base.value)), x.number(float64(x.value)), r.unit)
	case gained:
		most, dt := m.most(x, &r.base, 1)
		return fmt.Sprintf("gained %s %s in %d s: at most %s", x.number(float64(x.value-r.base.value)), r.unit, dt, x.number(most))
	case still:
		return fmt.Sprintf("stands still at %s: %s %s are missing", m.powerOf(r), x.number(r.missing+m.demands(r)), r.unit)
	case takenBack:
		return fmt.Sprintf("%s %s more than in the next telegram", x.number(float64(x.value-r.next)), r.unit)
	case noSum:
		return "not the sum of its tariffs"
	}
	return "a date that cannot be"
}

// powerOf writes the power that a register counts.
func (m *Meter) powerOf(r *register) string {
	if r.flow == nil {
		return "all powers"
	}
	return fmt.Sprintf("%.3f %s", r.flow.now, strings.TrimSuffix(r.unit, "h"))
}

// number writes units as the line does.
func (x *reading) number(units float64) string {
	return strconv.FormatFloat(units/one, 'f', max(x.scale, 0), 64)
}
