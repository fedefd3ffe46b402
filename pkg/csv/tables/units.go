package tables

import (
	"math"

	"p1/pkg/telegram"
)

// The units of powers and energies, for Options.Units.
const (
	KW = "kW" // kW, kvar, kVA; kWh, kvarh, kVAh
	W  = "W"  // W, var, VA; Wh, varh, VAh
)

// shown returns the unit in which the table shows what is measured in a unit.
func (o *Options) shown(unit string) string {
	if o.Units != W {
		return unit
	}
	switch unit {
	case "kW", "kWh", "kvar", "kvarh", "kVA", "kVAh":
		return unit[1:]
	}
	return unit
}

// inUnits returns a number of a unit in the one that shown gives for it, exact; false
// where it has too many digits then.
func (o *Options) inUnits(d telegram.Decimal, unit string) (telegram.Decimal, bool) {
	if o.shown(unit) == unit {
		return d, true
	}
	return thousandfold(d)
}

// thousandfold returns d × 1000 with the same digits, false where it has too
// many of them.
func thousandfold(d telegram.Decimal) (telegram.Decimal, bool) {
	d.Scale -= 3
	for ; d.Scale < 0; d.Scale++ {
		if abs(d.Digits) > math.MaxInt64/10 {
			return d, false
		}
		d.Digits *= 10
	}
	return d, true
}

// named returns the name of a column with the unit after it, as the dictionary
// writes it: import_kwh, or import_wh.
func (o *Options) named(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + "_" + telegram.UnitName(o.shown(unit))
}
