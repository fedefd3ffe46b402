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

// quantity is a column of the records table, and how its value is read.
type quantity struct {
	column
	needs need
	read  func(*scene) value
	// byCode, where read is nil, reads it from the line with the column's code,
	// whose slot it is given.
	byCode func(s *scene, slot int) value
	slot   int
}

// cell writes a value of the column.
func (o *Options) cell(k *ink, c *column, v value) string {
	switch {
	case !v.known:
		return ""
	case v.text != "":
		return v.text
	case c.kind == timeKind:
		return string(o.clockCell(k, v.clock))
	}
	return string(o.show(k, v.number, c.unit))
}

// own are the columns that stand for no line of the telegram.
func (o *Options) own() []quantity {
	text := func(name string, r role, read func(*scene) string) quantity {
		return quantity{column: column{name: name, role: r}, read: func(s *scene) value { return textValue(read(s)) }}
	}
	list := []quantity{
		{column: column{name: "time", kind: timeKind, role: stampRole, code: telegram.ClockCode, what: telegram.KindClock},
			read: func(s *scene) value { return value{known: s.clockOK, clock: s.clock} }},
		text("utc_offset", fieldRole, func(s *scene) string { return string(offsetCell(&s.ink, s.clock)) }),
		text("host_time", hostRole, func(s *scene) string { return o.hostTime(&s.moment) }),
		text("clock", fieldRole, func(s *scene) string { return s.odd.words() }),
		text("meter", tagRole, func(s *scene) string { return s.meter }),
		text("status", tagRole, func(s *scene) string { return string(s.from.Status) }),
		text("confidence", fieldRole, func(s *scene) string { return string(confidenceCell(&s.ink, s.from)) }),
		text("suspect", fieldRole, func(s *scene) string { return s.from.Suspect }),
		text("source", tagRole, func(s *scene) string { return s.from.Source }),
		text("header", fieldRole, func(s *scene) string { return latin1(string(s.said.Header())) }),
	}
	for i := range list {
		switch list[i].name {
		case "utc_offset", "host_time":
			list[i].kind = timeKind
		case "confidence":
			list[i].kind = numberKind
		}
	}
	return append(list, o.computed()...)
}

// hostTime is when the telegram came in, as the record says it; in local time as
// the meter's clock would show it.
func (o *Options) hostTime(m *moment) string {
	switch {
	case m.host.IsZero():
		return ""
	case o.LocalTime && m.clockOK && m.clock.Season != 0:
		return telegram.Clock{Time: m.host.In(m.clock.Time.Location())}.Local()
	}
	return m.from.Time
}

// computed are the columns that are computed from the readings.
func (o *Options) computed() []quantity {
	number := func(name, unit string, read func(*scene) numberCell) quantity {
		return quantity{
			column: column{name: o.named(name, unit), kind: numberKind, unit: unit, what: telegram.Instant},
			needs:  needComputed,
			read: func(s *scene) value {
				d, ok := telegram.ParseDecimal(string(read(s)))
				return value{known: ok, number: d}
			},
		}
	}
	return []quantity{
		number("interval_import", "kW", func(s *scene) numberCell { return s.step.power(&s.readings.ink, s.step.imported) }),
		number("interval_export", "kW", func(s *scene) numberCell { return s.step.power(&s.readings.ink, s.step.exported) }),
		number("net_current", "A", func(s *scene) numberCell { return s.readings.netCurrent() }),
	}
}

// ofCode returns the column of what stands under a code.
func (o *Options) ofCode(m telegram.Meaning) quantity {
	q := quantity{column: column{name: o.named(m.Name, m.Unit), code: m.Code, unit: m.Unit, what: m.Kind}}
	switch {
	case m.Kind == telegram.KindClock:
		q.kind = timeKind
		q.byCode = (*scene).timeOf
	case m.Kind == telegram.Register, m.Kind == telegram.Instant, m.Unit != "" && m.Kind != telegram.History:
		q.kind = numberKind
		q.byCode = func(s *scene, slot int) value { return s.number(slot, m.Unit) }
	case m.Kind == telegram.Identifier:
		q.byCode = (*scene).identifier
	case strings.HasPrefix(m.Code, "0-0:96.13."):
		q.read = func(s *scene) value { return s.message(m.Code) }
	case m.Kind == telegram.Switch:
		q.byCode = (*scene).text
	default:
		q.byCode = (*scene).asSent
	}
	return q
}

// hasTime reports whether a time may stand before the reading.
func hasTime(m telegram.Meaning) bool {
	return m.Kind == telegram.Register || m.Kind == telegram.Instant
}

// timeOfCode returns the column of the time before the reading under a code.
func (o *Options) timeOfCode(m telegram.Meaning) quantity {
	return quantity{
		column: column{name: m.Name + "_time", kind: timeKind, code: m.Code, what: telegram.KindClock},
		byCode: (*scene).timeOf,
	}
}

// monthEnds returns the columns of the values that a Hungarian meter keeps of the
// last month's end.
func (o *Options) monthEnds(entries []telegram.Entry) []quantity {
	list := []quantity{{
		column: column{name: "month_end_time", kind: timeKind, code: monthEndCode, what: telegram.KindClock},
		read: func(s *scene) value {
			m := s.monthEnd()
			return value{known: m.AtOK, clock: s.near(m.At)}
		},
	}}
	for _, e := range entries {
		list = append(list, quantity{
			column: column{name: o.named(e.Name, e.Unit), kind: numberKind, code: monthEndCode, unit: e.Unit, what: telegram.History},
			read:   func(s *scene) value { return s.monthEndEntry(e.Name, e.Unit) },
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
