package tables

import (
	"strings"

	"p1/pkg/telegram"
)

// need is what must be found out of a telegram before a column can be read.
type need int

const (
	needDevices  need = 1 << iota // which M-Bus device is the first of its medium
	needComputed                  // the readings, and the interval since the last ones
)

// quantity is a column of the records table, and how its value is read: by one of the
// three that follow needs.
type quantity struct {
	column
	needs  need
	number bool                          // the number in the line with the column's code
	byCode func(v *view, slot int) value // from that line, whose slot it is given
	read   func(*view) value
	words  string // a few for people, "" where the name does
	slot   int
	nth    int        // which number of the line, where it has several
	device *deviceRef // whose reading it is, nil for none
	// kilo is whether the table shows it in a thousandth of its unit.
	kilo bool
}

// own are the columns that stand for no line of the telegram.
func (o *Options) own() []quantity {
	field := func(name string, k kind, r role, read func(*view) value) quantity {
		return quantity{column: column{name: name, kind: k, role: r}, read: read}
	}
	text := func(name string, r role, read func(*view) string) quantity {
		return field(name, textKind, r, func(v *view) value { return textValue(read(v)) })
	}
	stamp := field("time", timeKind, stampRole, func(v *view) value { return clockValue(v.clock, v.clockOK) })
	stamp.code, stamp.what = telegram.ClockCode, telegram.KindClock
	return append([]quantity{
		stamp,
		field(offsetName, offsetKind, fieldRole, func(v *view) value { return offsetValue(v.clock) }),
		field("host_time", timeKind, hostRole, func(v *view) value { return v.hostTime() }),
		text("clock", fieldRole, func(v *view) string { return v.odd.words() }),
		field("meter", textKind, tagRole, func(v *view) value { return meterValue(v.meter) }),
		text("status", tagRole, func(v *view) string { return string(v.from.Status) }),
		field("confidence", numberKind, fieldRole, func(v *view) value { return confidenceValue(v.from) }),
		text("suspect", fieldRole, func(v *view) string { return v.from.Suspect }),
		text("source", tagRole, func(v *view) string { return v.from.Source }),
		text("header", fieldRole, func(v *view) string { return latin1(string(v.said.Header())) }),
	}, o.computed()...)
}

// ofCode returns the column of what stands under a code.
func (o *Options) ofCode(m telegram.Meaning) quantity {
	q := quantity{column: column{name: o.named(m.Name, m.Unit), code: m.Code, unit: m.Unit, what: m.Kind}, nth: m.Nth, words: m.Title}
	switch {
	case m.Kind == telegram.KindClock:
		q.kind = timeKind
		q.byCode = (*view).timeOf
	case m.Kind == telegram.Register, m.Kind == telegram.Instant, m.Unit != "" && m.Kind != telegram.History:
		q.kind = numberKind
		q.number = true
	case m.Kind == telegram.Identifier:
		q.byCode = (*view).identifier
	case strings.HasPrefix(m.Code, "0-0:96.13."):
		q.read = func(v *view) value { return v.message(m.Code) }
	case m.Kind == telegram.Switch:
		q.byCode = (*view).text
	default:
		q.byCode = (*view).asSent
	}
	return q
}

// hasTime reports whether a time may stand beside the reading.
func hasTime(m telegram.Meaning) bool {
	return m.Kind == telegram.Register || m.Kind == telegram.Instant
}

// timeOfCode returns the column of the time beside the reading under a code.
func (o *Options) timeOfCode(m telegram.Meaning) quantity {
	return quantity{
		column: column{name: m.Name + "_time", kind: timeKind, code: m.Code, what: telegram.KindClock},
		byCode: (*view).timeOf,
	}
}

// monthEnds returns the columns of the values that a Hungarian meter keeps of the
// last month's end.
func (o *Options) monthEnds(entries []telegram.Entry) []quantity {
	list := []quantity{{
		column: column{name: "month_end_time", kind: timeKind, code: monthEndCode, what: telegram.KindClock},
		read: func(v *view) value {
			m := v.monthEnd()
			return clockValue(v.near(m.At), m.AtOK)
		},
	}}
	for _, e := range entries {
		list = append(list, quantity{
			column: column{name: o.named(e.Name, e.Unit), kind: numberKind, code: monthEndCode, unit: e.Unit, what: telegram.History},
			read:   func(v *view) value { return v.monthEndEntry(e.Name, e.Unit) },
		})
	}
	return list
}

// monthEndCode is the code of the values of past months.
const monthEndCode = "0-0:98.1.0"

// usualMonthEnd are the entries of a Hungarian 0-0:98.1.0 as four makes of
// meters send them: thirteen registers and six powers.
func usualMonthEnd() []telegram.Entry {
	line := monthEndCode + "(230801000000S)" +
		strings.Repeat("(000000.000*kWh)", 6) + strings.Repeat("(000000.000*kvarh)", 6) + "(000000.000*kWh)" +
		strings.Repeat("(00.000*kW)", 6)
	m, _ := telegram.Parse([]byte("/AUX5\r\n\r\n" + line + "\r\n!\r\n")).MonthEnd()
	return m.Entries
}
