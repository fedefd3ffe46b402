package tables

import (
	"fmt"

	"p1/pkg/telegram"
)

// basis is a number of a telegram that others are computed of. The tariffs of an
// energy follow their total, and the three phases stand together.
type basis int

const (
	importTotal basis = iota
	exportTotal       = importTotal + 1 + basis(tariffCount)
	importPower       = exportTotal + 1 + basis(tariffCount)
	exportPower       = importPower + 1
	voltage           = exportPower + 1
	current           = voltage + 3
	bases             = current + 3
)

// tariffCount is how many tariffs are looked for: 1 to 4, and 11 to 13, which a Kaifa MA110M in
// Israel has.
const tariffCount = 7

var tariffGroups = [tariffCount]int{1, 2, 3, 4, 11, 12, 13}

// basisCodes are the codes of the lines that the numbers are in.
func basisCodes() (codes [bases]string) {
	for i, total := range []basis{importTotal, exportTotal} {
		codes[total] = fmt.Sprintf("1-0:%d.8.0", i+1)
		codes[importPower+basis(i)] = fmt.Sprintf("1-0:%d.7.0", i+1)
		for n, group := range tariffGroups {
			codes[int(total)+1+n] = fmt.Sprintf("1-0:%d.8.%d", i+1, group)
		}
	}
	copy(codes[voltage:], []string{"1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0", "1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"})
	return codes
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
