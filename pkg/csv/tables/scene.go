package tables

import (
	"bytes"
	"encoding/hex"
	"time"

	"p1/pkg/telegram"
)

// value is what a telegram says for one column, before it becomes a cell.
type value struct {
	known  bool
	number telegram.Decimal // of a number, in the unit of its column
	clock  telegram.Clock   // of a time
	text   string           // of all else, and of what keeps the form it has
}

func textValue(text string) value { return value{known: text != "", text: text} }

// scene is a moment, with all that columns are read from found in it.
type scene struct {
	moment
	zone  *time.Location
	ink   ink
	lines []int // by slot: where the first line of a code is, -1 for nowhere

	read struct{ devices, month, messages bool } // what of the following is there
	devs []telegram.Device
	ends telegram.MonthEnd
	news []telegram.Message

	bound    *bindings // of the meter's M-Bus devices
	readings *readings // for what is computed, if anything is
	step     interval
}

// values are those of the code with a slot.
func (s *scene) values(slot int) []telegram.Value {
	if i := s.lines[slot]; i >= 0 {
		return s.said.Lines[i].Values
	}
	return nil
}

// number is the number under a code, in a unit.
func (s *scene) number(slot int, unit string) value {
	d, ok := s.said.NumberOf(s.values(slot), unit)
	return value{known: ok, number: d}
}

// timeOf is the time that stands before the reading, or, alone, for it.
//
//	1-0:1.6.0(230501101500S)(04.329*kW)
//	          └────┬──────┘
func (s *scene) timeOf(slot int) value {
	values := s.values(slot)
	if len(values) == 0 {
		return value{}
	}
	c, err := telegram.ParseClock(string(values[0].Text.Of(s.said.Raw)))
	return value{known: err == nil, clock: s.near(c)}
}

// near returns the moment that a time in the telegram stands for. Of the two in
// the repeated hour it is the last one that is over when the telegram is sent.
func (s *scene) near(c telegram.Clock) telegram.Clock {
	if s.zone == nil {
		return c
	}
	first, often := c.In(s.zone)
	if often != telegram.Twice || !s.clockOK {
		return first
	}
	if second := c.Second(s.zone); !second.Time.After(s.clock.Time) {
		return second
	}
	return first
}

// text is the text under a code: that of its last value.
func (s *scene) text(slot int) value {
	values := s.values(slot)
	if len(values) == 0 {
		return value{}
	}
	return textValue(plainText(values[len(values)-1].Text.Of(s.said.Raw)))
}

// plainText is a meter's text, nothing where it is filler.
func plainText(text []byte) string {
	for _, c := range text {
		if c != 0xFF {
			return latin1(string(text))
		}
	}
	return ""
}

// identifier is the text under a code, decoded where it is hex of upper-case
// letters and digits, as the meter's own is.
func (s *scene) identifier(slot int) value {
	v := s.text(slot)
	plain, err := hex.DecodeString(v.text)
	if err != nil || bytes.ContainsFunc(plain, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }) {
		return v
	}
	return textValue(string(plain))
}

// asSent are all values under a code, in their parentheses; of a single one
// without a unit its text.
func (s *scene) asSent(slot int) value {
	values := s.values(slot)
	if len(values) == 1 && values[0].Unit == (telegram.Span{Start: values[0].Unit.End, End: values[0].Unit.End}) {
		return s.text(slot)
	}
	var b []byte
	for _, v := range values {
		b = append(append(b, '('), v.Text.Of(s.said.Raw)...)
		if unit := v.Unit.Of(s.said.Raw); len(unit) > 0 {
			b = append(append(b, '*'), unit...)
		}
		b = append(b, ')')
	}
	return textValue(latin1(string(b)))
}

// message is the message under a code, which may be on a line that is no code
// with values. Of a salvaged telegram such a line cannot be trusted.
func (s *scene) message(code string) value {
	if _, trusted := s.said.Find(code); s.partial && !trusted {
		return value{}
	}
	if !s.read.messages {
		s.read.messages, s.news = true, s.said.Messages()
	}
	for i := range s.news {
		if s.news[i].Code == code {
			return textValue(s.news[i].Text)
		}
	}
	return value{}
}

// monthEnd is what the telegram says of the last month's end.
func (s *scene) monthEnd() *telegram.MonthEnd {
	if !s.read.month {
		s.read.month = true
		s.ends, _ = s.said.MonthEnd()
	}
	return &s.ends
}

// monthEndEntry is one of the values of the month's end, in a unit.
func (s *scene) monthEndEntry(name, unit string) value {
	for _, e := range s.monthEnd().Entries {
		if e.Name == name {
			return value{known: e.OK && e.Unit == unit, number: e.Value}
		}
	}
	return value{}
}

func (s *scene) devices() []telegram.Device {
	if !s.read.devices {
		s.read.devices, s.devs = true, s.said.Devices()
	}
	return s.devs
}
