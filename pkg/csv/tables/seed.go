package tables

import (
	"strings"
	"time"

	"p1/pkg/telegram"
)

// seedColumns are those of the profile seed: of the script that these tools descend
// from, with its meanings. The phases are named 3, 5 and 7 after the first digit of
// their OBIS codes.
func (o *Options) seedColumns() []quantity {
	list := []quantity{{column: column{name: "timeString", role: stampRole}, read: (*view).timeString}}
	for _, c := range [][2]string{
		{"kWhIn", "1-0:1.8.0"}, {"kWhOut", "1-0:2.8.0"},
		{"Voltage3", "1-0:32.7.0"}, {"Voltage5", "1-0:52.7.0"}, {"Voltage7", "1-0:72.7.0"},
		{"Amp3", "1-0:31.7.0"}, {"Amp5", "1-0:51.7.0"}, {"Amp7", "1-0:71.7.0"},
		{"kWIn", "1-0:1.7.0"}, {"kWOut", "1-0:2.7.0"},
	} {
		q := o.ofCode(telegram.Lookup(c[1]))
		q.name = c[0]
		list = append(list, q)
	}
	computed := func(name, unit string, k kind, read func(*view) value) {
		list = append(list, quantity{column: column{name: name, kind: k, unit: unit}, needs: needComputed, read: read})
	}
	computed("kWInfromConsumption", "kW", numberKind, func(v *view) value { return v.step.consumption() })
	computed("TotalAmp", "A", numberKind, (*view).totalAmp)
	computed("VoltStress", "", textKind, func(v *view) value { return v.stress(voltage, o.LimitVoltage) })
	computed("AmpStress", "", textKind, func(v *view) value { return v.stress(current, o.LimitCurrent) })
	computed("kWStress", "", textKind, func(v *view) value { return v.powerStress(o.LimitPower) })
	return list
}

// timeString is the meter's own text, which stands for a moment only where it ends in
// S or W.
func (v *view) timeString() value {
	text := v.lastText(telegram.ClockCode)
	is := textValue(latin1(v.arena.text(text)))
	if c, err := telegram.ParseClock(is.text); err == nil {
		is.clock = c
	}
	return is
}

// consumption returns the energy imported in an interval as the power of ten
// seconds, kWh × 360, where it is less than 15 s long.
func (i interval) consumption() value {
	if !i.imported.known || i.elapsed <= 0 || i.elapsed >= 15*time.Second {
		return value{}
	}
	return numberOr(times(i.imported.Decimal, 360))
}

// totalAmp returns the mean current of the phases in A, negative while
// importing, where power flows in no more than one direction.
func (v *view) totalAmp() value {
	in, out := v.reading(importPower), v.reading(exportPower)
	switch {
	case !in.ok || !out.ok || v.partial:
		return value{}
	case out.Digits == 0:
		return v.amperes(telegram.Decimal{Digits: -in.Digits, Scale: in.Scale})
	case in.Digits == 0:
		return v.amperes(out.Decimal)
	}
	return value{}
}

// stress names the phases whose reading is above the limit.
func (v *view) stress(phases basis, limit telegram.Decimal) value {
	var names []string
	for i, name := range [...]string{"3", "5", "7"} {
		if p := v.reading(phases + basis(i)); p.ok && above(p.Decimal, limit) {
			names = append(names, name)
		}
	}
	return textValue(strings.Join(names, " "))
}

// powerStress tells whether the power in either direction is above the limit.
func (v *view) powerStress(limit telegram.Decimal) value {
	in, out := v.reading(importPower), v.reading(exportPower)
	switch {
	case in.ok && above(in.Decimal, limit), out.ok && above(out.Decimal, limit):
		return textValue("True")
	case in.ok || out.ok:
		return textValue("False")
	}
	return value{}
}
