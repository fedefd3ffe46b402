package tables

import (
	"io"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// seedRow is a row of the profile seed: the columns of the script that these
// tools descend from, with its meanings. The phases are named 3, 5 and 7 after
// the first digit of their OBIS codes.
type seedRow struct {
	TimeString  string     `csv:"timeString" is:"stamp"` // the meter's own text
	ImportKWh   numberCell `csv:"kWhIn"`
	ExportKWh   numberCell `csv:"kWhOut"`
	Voltage3    numberCell `csv:"Voltage3"`
	Voltage5    numberCell `csv:"Voltage5"`
	Voltage7    numberCell `csv:"Voltage7"`
	Amp3        numberCell `csv:"Amp3"`
	Amp5        numberCell `csv:"Amp5"`
	Amp7        numberCell `csv:"Amp7"`
	ImportKW    numberCell `csv:"kWIn"`
	ExportKW    numberCell `csv:"kWOut"`
	Consumption numberCell `csv:"kWInfromConsumption"`
	TotalAmp    numberCell `csv:"TotalAmp"` // negative while importing
	VoltStress  string     `csv:"VoltStress"`
	AmpStress   string     `csv:"AmpStress"`
	PowerStress string     `csv:"kWStress"`
}

// seed makes the rows of the profile seed.
type seed struct {
	*structs[seedRow]
	o       Options
	clocks  *timekeeper
	history history
	now     readings
}

func newSeed(w io.Writer, o Options) (*seed, error) {
	s, err := newStructs[seedRow](w, o)
	return &seed{structs: s, o: o, clocks: o.forFixed(), now: readings{doubts: doubts{say: o.Say}}}, err
}

func (t *seed) take(from *record.Telegram) error {
	if !t.o.accepts(from) {
		return nil
	}
	now := &t.now
	now.read(from, t.clocks)
	n, k := &now.numbers, &now.ink
	t.row = seedRow{
		TimeString:  latin1(now.ink.text(now.lastText(telegram.ClockCode))),
		ImportKWh:   n[importTotal].cell(k),
		ExportKWh:   n[exportTotal].cell(k),
		Voltage3:    n[voltage].cell(k),
		Voltage5:    n[voltage+1].cell(k),
		Voltage7:    n[voltage+2].cell(k),
		Amp3:        n[current].cell(k),
		Amp5:        n[current+1].cell(k),
		Amp7:        n[current+2].cell(k),
		ImportKW:    n[importPower].cell(k),
		ExportKW:    n[exportPower].cell(k),
		Consumption: t.history.next(now).consumption(),
		TotalAmp:    now.totalAmp(),
		VoltStress:  stress(n[voltage:voltage+3], t.o.LimitVoltage),
		AmpStress:   stress(n[current:current+3], t.o.LimitCurrent),
		PowerStress: t.powerStress(),
	}
	return t.add()
}

// consumption returns the energy imported in an interval as the power of ten
// seconds, kWh × 360, where it is less than 15 s long.
func (i interval) consumption() numberCell {
	if !i.imported.known || i.elapsed <= 0 || i.elapsed >= 15*time.Second {
		return ""
	}
	return times(i.imported.Decimal, 360)
}

// totalAmp returns the mean current of the phases in A, negative while
// importing, where power flows in no more than one direction.
func (r *readings) totalAmp() numberCell {
	in, out := &r.numbers[importPower], &r.numbers[exportPower]
	switch {
	case !in.ok || !out.ok || r.partial:
		return ""
	case out.Digits == 0:
		return r.amperes(telegram.Decimal{Digits: -in.Digits, Scale: in.Scale})
	case in.Digits == 0:
		return r.amperes(out.Decimal)
	}
	return ""
}

// stress names the phases whose reading is above the limit.
func stress(phases []reading, limit telegram.Decimal) string {
	var names []string
	for i, name := range []string{"3", "5", "7"} {
		if p := &phases[i]; p.ok && above(p.Decimal, limit) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// powerStress tells whether the power in either direction is above the limit.
func (t *seed) powerStress() string {
	in, out := &t.now.numbers[importPower], &t.now.numbers[exportPower]
	switch {
	case in.ok && above(in.Decimal, t.o.LimitPower), out.ok && above(out.Decimal, t.o.LimitPower):
		return "True"
	case in.ok || out.ok:
		return "False"
	}
	return ""
}
