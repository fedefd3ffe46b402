package tables

import (
	"strings"
	"time"

	"p1/pkg/telegram"
)

// view is a moment, with all that columns are read from found in it.
type view struct {
	moment
	zone  *time.Location
	arena arena
	slots []slot
	bases [bases]int // slots of what others are computed of
	row   int        // counts the telegrams

	read struct{ devices, month, messages bool } // what of the following is there
	devs []telegram.Device
	ends telegram.MonthEnd
	news []telegram.Message

	bound *bindings // of the meter's M-Bus devices
	step  interval
}

// slot is the place of a code that columns are read from.
type slot struct {
	line   int    // the first of the telegram that has the code, -1 for none
	hidden bool   // costs are computed of it, and it has no column, which nobody was told yet
	bare   string // the unit of a number without one
	unit   string // that number is in
	nth    int    // which of several it is
	row    int    // the telegram that number was read of
	number telegram.Decimal
	ok     bool // number can be read
}

// line is the one with the code of a slot, nil where there is none.
func (v *view) line(slot int) *telegram.Line {
	if i := v.slots[slot].line; i >= 0 {
		return &v.said.Lines[i]
	}
	return nil
}

// values are those of the code with a slot.
func (v *view) values(slot int) []telegram.Value {
	if l := v.line(slot); l != nil {
		return l.Values
	}
	return nil
}

// number is the number under a code, in a unit, or of several the one at place nth. It
// is read once, however many columns are made of it.
func (v *view) number(slot int, unit string, nth int) (telegram.Decimal, bool) {
	at := &v.slots[slot]
	if at.row != v.row || at.unit != unit || at.nth != nth {
		at.row, at.unit, at.nth = v.row, unit, nth
		at.number, at.ok = v.said.NumberOf(v.values(slot), unit, at.bare, nth)
	}
	return at.number, at.ok
}

// timeOf is the time that stands beside the reading, or, alone, for it.
//
//	1-0:1.6.0(230501101500S)(04.329*kW)
//	          └────┬──────┘
func (v *view) timeOf(slot int) value {
	c, _, ok := v.said.Stamp(v.values(slot))
	return clockValue(v.near(c), ok)
}

// near returns the moment that a time in the telegram stands for.
func (v *view) near(c telegram.Clock) telegram.Clock {
	at, _ := v.timeIn(v.zone, c)
	return at
}

// text is the text under a code: that of its last value.
func (v *view) text(slot int) value {
	values := v.values(slot)
	if len(values) == 0 {
		return value{}
	}
	text := values[len(values)-1].Text.Of(v.said.Raw)
	if isFiller(text) {
		return value{}
	}
	return textValue(latin1(v.arena.text(text)))
}

// isFiller reports whether a meter's text is nothing but 0xFF.
func isFiller(text []byte) bool {
	for _, c := range text {
		if c != 0xFF {
			return false
		}
	}
	return true
}

// identifier is the text under a code, decoded as the meter's own is.
func (v *view) identifier(slot int) value { return textValue(telegram.DecodeID(v.text(slot).text)) }

// asSent are all values under a code, in their parentheses; of a single one
// without a unit its text.
func (v *view) asSent(slot int) value {
	values := v.values(slot)
	if len(values) == 1 && values[0].Unit == (telegram.Span{Start: values[0].Unit.End, End: values[0].Unit.End}) {
		return v.text(slot)
	}
	var b []byte
	for _, is := range values {
		b = append(append(b, '('), is.Text.Of(v.said.Raw)...)
		if unit := is.Unit.Of(v.said.Raw); len(unit) > 0 {
			b = append(append(b, '*'), unit...)
		}
		b = append(b, ')')
	}
	return textValue(latin1(string(b)))
}

// message is the message under a code, which may be on a line that is no code
// with values. Of a salvaged telegram such a line cannot be trusted.
func (v *view) message(code string) value {
	if _, trusted := v.said.Find(code); v.partial && !trusted {
		return value{}
	}
	if !v.read.messages {
		v.read.messages, v.news = true, v.said.Messages()
	}
	for i := range v.news {
		if v.news[i].Code == code {
			return messageValue(v.news[i])
		}
	}
	return value{}
}

// messageValue is the text of a message, its lines joined.
func messageValue(m telegram.Message) value {
	return textValue(strings.Join(strings.FieldsFunc(m.Text, func(r rune) bool { return r == '\r' || r == '\n' }), " "))
}

// monthEnd is what the telegram says of the last month's end.
func (v *view) monthEnd() *telegram.MonthEnd {
	if !v.read.month {
		v.read.month = true
		v.ends, _ = v.said.MonthEnd()
	}
	return &v.ends
}

// monthEndEntry is one of the values of the month's end, in a unit.
func (v *view) monthEndEntry(name, unit string) value {
	for _, e := range v.monthEnd().Entries {
		if e.Name == name {
			return numberOr(e.Value, e.OK && e.Unit == unit)
		}
	}
	return value{}
}

func (v *view) devices() []telegram.Device {
	if !v.read.devices {
		v.read.devices, v.devs = true, v.said.Devices()
	}
	return v.devs
}
