package table

import (
	"slices"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// moment is one telegram, taken apart: what all rows of it have in common.
type moment struct {
	from    *record.Telegram
	said    *telegram.Telegram // of a salvaged one its trusted lines only
	meter   string
	clock   telegram.Clock // in the table's zone
	clockOK bool
	clockAs string // the clock in the meter's own text
	odd     oddities
	host    time.Time // when it came in, zero where that is not known
	alone   bool      // nothing may be computed from it and others: suspect or salvaged
	partial bool      // some lines cannot be trusted
}

// read takes a telegram apart. Without clocks, its time is what the meter shows.
func (m *moment) read(from *record.Telegram, clocks *timekeeper) {
	*m = moment{from: from, alone: from.Suspect != "", partial: from.Status == record.Salvaged}
	t := telegram.Parse(from.Raw)
	m.said = t
	m.meter = latin1(t.Meter())
	if m.partial {
		m.alone = true
		onlyTrusted(t, from.Trusted)
		if !t.Named() || m.meter != latin1(t.Meter()) {
			m.meter = "" // the line that names it cannot be trusted
		}
	}
	if from.Time != "" {
		m.host, _ = time.Parse(time.RFC3339, from.Time) // else it is zero: not known
	}
	m.readClock(clocks)
}

func (m *moment) readClock(clocks *timekeeper) {
	clock, text, ok := m.said.Clock()
	m.clockAs = latin1(text)
	switch {
	case ok && clocks == nil:
		m.clock, m.clockOK = clock, true
	case ok:
		m.clock, m.odd = clocks.read(m.meter, clock, m.host, !m.alone)
		m.clockOK = true
	case text != "":
		m.odd.unread = "not readable"
	default:
		m.odd.unread = "missing"
	}
}

// onlyTrusted takes the codes and values of all other lines out of a telegram.
func onlyTrusted(t *telegram.Telegram, trusted []record.Trusted) {
	for i := range t.Lines {
		l := &t.Lines[i]
		code := string(l.Code.Of(t.Raw))
		if !slices.ContainsFunc(trusted, func(x record.Trusted) bool { return x.Line == i+1 && x.Code == code }) {
			l.Code, l.Values = telegram.Span{}, nil
		}
		l.Values = slices.DeleteFunc(l.Values, func(v telegram.Value) bool { return v.Unit.End >= l.End })
	}
}

// latin1 returns a meter's bytes as text: one code point for each byte.
func latin1(text string) string {
	for i := 0; i < len(text); i++ {
		if text[i] > 0x7F {
			var b strings.Builder
			for _, c := range []byte(text) {
				b.WriteRune(rune(c))
			}
			return b.String()
		}
	}
	return text
}
