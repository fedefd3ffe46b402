package plausible

import (
	"fmt"
	"strconv"
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
	noSum
)

// doubt is what is wrong with a line, in numbers.
type doubt struct {
	why         why
	from, to    int64   // units
	dt          int64   // seconds
	most, power float64 // units, kW
}

// words says it, of a line of a register.
func (d doubt) words(r *register) string {
	switch d.why {
	case noDate:
		return "a date that cannot be"
	case back:
		return fmt.Sprintf("went back by %d s", d.dt)
	case ahead:
		return fmt.Sprintf("%d s ahead of when it came", d.dt)
	case fell:
		return fmt.Sprintf("fell from %s to %s %s", r.number(float64(d.from)), r.number(float64(d.to)), r.unit)
	case gained:
		return fmt.Sprintf("gained %s %s in %d s: at most %s", r.number(float64(d.to-d.from)), r.unit, d.dt, r.number(d.most))
	case still:
		return fmt.Sprintf("stands still at a power of %.3f: %s %s are missing", d.power, r.number(d.most), r.unit)
	case noSum:
		return "not the sum of its tariffs"
	}
	return ""
}

// number writes units of a register in what it counts.
func (r *register) number(units float64) string {
	return strconv.FormatFloat(units*pow10(-r.scale), 'f', max(r.scale, 0), 64)
}
