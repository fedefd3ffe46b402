package tables

import "p1/pkg/telegram"

// basis is a number of a telegram that others are computed of. The tariffs of an
// energy follow their total, and the three phases stand together.
type basis int

const (
	importTotal basis = iota
	importT1
	importT2
	exportTotal
	exportT1
	exportT2
	importPower
	exportPower
	voltage
	current = voltage + 3
	bases   = current + 3
)

// basisCodes are the codes of the lines that the numbers are in.
func basisCodes() [bases]string {
	return [...]string{
		"1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2", "1-0:1.7.0", "1-0:2.7.0",
		"1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0", "1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0",
	}
}

// unit is the one that a number is computed with.
func (b basis) unit() string {
	switch {
	case b < importPower:
		return "kWh"
	case b < voltage:
		return "kW"
	case b < current:
		return "V"
	}
	return "A"
}

// reading is one number of a telegram.
type reading struct {
	telegram.Decimal
	present bool // the telegram has the line
	ok      bool // and it can be read
}

// reading returns a number that others are computed of.
func (v *view) reading(b basis) reading {
	slot := v.bases[b]
	d, ok := v.number(slot, b.unit(), 0)
	return reading{d, v.slots[slot].line >= 0, ok}
}

// computed are the columns that are computed from the readings.
func (o *Options) computed() []quantity {
	number := func(name, unit string, read func(*view) value) quantity {
		return quantity{
			column: column{name: o.named(name, unit), kind: numberKind, unit: unit, what: telegram.Instant},
			needs:  needComputed,
			read:   read,
		}
	}
	return []quantity{
		number("interval_import", "kW", func(v *view) value { return v.step.power(v.step.imported) }),
		number("interval_export", "kW", func(v *view) value { return v.step.power(v.step.exported) }),
		number("net_current", "A", (*view).netCurrent),
	}
}

// netCurrent returns the mean current of the phases in A, positive while
// importing.
func (v *view) netCurrent() value {
	in, out := v.reading(importPower), v.reading(exportPower)
	if !in.ok || !out.ok || v.partial {
		return value{}
	}
	net, ok := minus(in.Decimal, out.Decimal)
	if !ok {
		return value{}
	}
	return v.amperes(net)
}

// amperes returns the current in A that carries a power of kW at the mean of the
// voltages, absent where there is no voltage.
func (v *view) amperes(power telegram.Decimal) value {
	sum, n := v.voltages()
	if sum.Digits <= 0 {
		return value{}
	}
	return numberOr(rounded(power, 1000*n, sum))
}

// voltages returns the sum of the voltages that are there and not zero, and
// how many they are: a phase that is off tells nothing of the others.
func (v *view) voltages() (sum telegram.Decimal, n int64) {
	for phase := voltage; phase < current; phase++ {
		r := v.reading(phase)
		if !r.ok || r.Digits == 0 {
			continue
		}
		var fits bool
		if sum, fits = sum.Plus(r.Decimal); !fits {
			return sum, 0
		}
		n++
	}
	return sum, n
}
