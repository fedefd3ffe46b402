package tables

import (
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// The places of a telegram's numbers. The three phases of a quantity stand
// together.
const (
	importTotal = iota
	importT1
	importT2
	exportTotal
	exportT1
	exportT2
	importPower
	exportPower
	voltage
	current     = voltage + 3
	importPhase = current + 3
	exportPhase = importPhase + 3
	places      = exportPhase + 3
)

// placeOf returns the place of the number under an OBIS code and the unit it is
// wanted in, or -1 where the tables have no column for it.
func placeOf(code string) (place int, unit string) {
	switch code {
	case "1-0:1.8.0":
		return importTotal, "kWh"
	case "1-0:1.8.1":
		return importT1, "kWh"
	case "1-0:1.8.2":
		return importT2, "kWh"
	case "1-0:2.8.0":
		return exportTotal, "kWh"
	case "1-0:2.8.1":
		return exportT1, "kWh"
	case "1-0:2.8.2":
		return exportT2, "kWh"
	case "1-0:1.7.0":
		return importPower, "kW"
	case "1-0:2.7.0":
		return exportPower, "kW"
	}
	return phasePlaceOf(code)
}

// phasePlaceOf is placeOf for what is measured phase by phase: 20 is added to
// the quantity's number for L1, 40 for L2, 60 for L3 (IEC 62056-61, group C).
func phasePlaceOf(code string) (place int, unit string) {
	switch code {
	case "1-0:32.7.0":
		return voltage, "V"
	case "1-0:52.7.0":
		return voltage + 1, "V"
	case "1-0:72.7.0":
		return voltage + 2, "V"
	case "1-0:31.7.0":
		return current, "A"
	case "1-0:51.7.0":
		return current + 1, "A"
	case "1-0:71.7.0":
		return current + 2, "A"
	case "1-0:21.7.0":
		return importPhase, "kW"
	case "1-0:41.7.0":
		return importPhase + 1, "kW"
	case "1-0:61.7.0":
		return importPhase + 2, "kW"
	case "1-0:22.7.0":
		return exportPhase, "kW"
	case "1-0:42.7.0":
		return exportPhase + 1, "kW"
	case "1-0:62.7.0":
		return exportPhase + 2, "kW"
	}
	return -1, ""
}

// tariffCode is the OBIS code of the tariff in force.
const tariffCode = "0-0:96.14.0"

// reading is one number of a telegram.
type reading struct {
	telegram.Decimal
	present bool // the telegram has the line
	ok      bool // and it can be read
}

func (r *reading) cell(k *ink) numberCell {
	if !r.ok {
		return ""
	}
	return numberCell(k.number(r.Decimal))
}

// readings is what the records table takes from a telegram.
type readings struct {
	moment
	parser  parser
	ink     ink
	doubts  doubts // told of what cannot be read
	lines   []numberLine
	numbers [places]reading
	tariff  string
}

// numberLine is a line of a telegram with a number in it.
type numberLine struct {
	line  int
	place int
	unit  string // that it is wanted in
}

// read takes the readings of a telegram.
func (r *readings) read(from *record.Telegram, clocks *timekeeper) {
	t, same := r.parser.parse(from)
	r.moment.take(from, t, clocks)
	r.measure(same)
}

// measure reads the numbers and the tariff of the moment, whose lines are those of
// the moment before or not.
func (r *readings) measure(same bool) {
	if !same {
		r.findLines()
	}
	r.numbers = [places]reading{}
	t := r.said
	for _, l := range r.lines {
		n := &r.numbers[l.place]
		n.present = true
		n.Decimal, n.ok = t.NumberOf(t.Lines[l.line].Values, l.unit)
		if !n.ok && r.from.Status.Valid() {
			r.doubt(&t.Lines[l.line], l.unit)
		}
	}
	r.tariff = latin1(r.ink.text(r.lastText(tariffCode)))
}

// findLines finds the lines of the numbers. Of two with the same code the first
// counts.
func (r *readings) findLines() {
	r.lines = r.lines[:0]
	var found [places]bool
	for i := range r.said.Lines {
		place, unit := placeOf(string(r.said.Lines[i].Code.Of(r.said.Raw)))
		if place >= 0 && !found[place] {
			found[place] = true
			r.lines = append(r.lines, numberLine{i, place, unit})
		}
	}
}

// doubt tells of a line whose number cannot be read. It makes its own copy of the
// code: measure has none that outlives it.
func (r *readings) doubt(l *telegram.Line, unit string) {
	code := string(l.Code.Of(r.said.Raw))
	r.doubts.about(r.said, code, telegram.Lookup(code).Column(), unit, l.Values)
}

// voltages returns the sum of the voltages that are there and not zero, and
// how many they are: a phase that is off tells nothing of the others.
func (r *readings) voltages() (sum telegram.Decimal, n int64) {
	for _, v := range r.numbers[voltage : voltage+3] {
		if !v.ok || v.Digits == 0 {
			continue
		}
		var fits bool
		if sum, fits = plus(sum, v.Decimal); !fits {
			return sum, 0
		}
		n++
	}
	return sum, n
}

// amperes returns the current in A that carries a power of kW at the mean of the
// voltages, nothing where there is no voltage.
func (r *readings) amperes(power telegram.Decimal) numberCell {
	sum, n := r.voltages()
	if sum.Digits <= 0 {
		return ""
	}
	return rounded(&r.ink, power, 1000*n, sum)
}
