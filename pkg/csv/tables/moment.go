package tables

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
	said    *telegram.Telegram // without doubted lines, and of a salvaged one its trusted lines only
	meter   string
	clock   telegram.Clock // in the table's zone
	clockOK bool
	odd     oddities
	host    time.Time // when it came in, zero where that is not known
	alone   bool      // nothing may be computed from it and others: suspect or salvaged
	partial bool      // some lines cannot be trusted, and are not handed on
}

// read takes a telegram apart. Without clocks, its time is what the meter shows.
func (m *moment) read(from *record.Telegram, clocks *timekeeper) {
	m.take(from, telegram.Parse(from.Raw), clocks)
}

// take is read for a telegram that is taken apart already.
func (m *moment) take(from *record.Telegram, t *telegram.Telegram, clocks *timekeeper) {
	*m = moment{from: from, said: t, alone: from.Suspect != "", partial: from.Status == record.Salvaged || from.Trusted != nil}
	m.meter = latin1(t.Meter())
	if m.partial {
		m.alone = m.alone || from.Status == record.Salvaged
		onlyTrusted(t, from.Trusted)
		if !t.Named() || m.meter != latin1(t.Meter()) {
			m.meter = "" // the line that names it cannot be trusted
		}
	}
	if m.meter != "" && underMaskOf(from.Masked, t.NameSpan()) {
		m.meter = nameless + from.Source + nameless + latin1(string(t.Header()))
	}
	withoutDoubted(t, from.Doubted)
	m.host = hostOf(from)
	m.readClock(clocks)
}

// nameless begins what stands for a meter whose name was masked. It tells its telegrams from
// those of other logs, where the same mask may stand for another meter, and is not shown.
const nameless = "\x00"

// meterValue is the name of a meter as a row has it: absent where it is not known. Its text
// tells meters apart all the same.
func meterValue(meter string) value {
	if strings.HasPrefix(meter, nameless) {
		return value{text: meter}
	}
	return textValue(meter)
}

// underMaskOf reports whether a part of a span was masked.
func underMaskOf(masked []record.Mask, s telegram.Span) bool {
	return slices.ContainsFunc(masked, func(m record.Mask) bool { return m.At < s.End && m.At+m.Length > s.Start })
}

// hostOf is when a telegram came in, zero where that is not known.
func hostOf(from *record.Telegram) (at time.Time) {
	if from.Time != "" {
		at, _ = time.Parse(time.RFC3339, from.Time)
	}
	return at
}

func (m *moment) readClock(clocks *timekeeper) {
	clock, sent, ok := m.said.Time()
	switch {
	case ok && clocks == nil:
		m.clock, m.clockOK = clock, true
	case ok:
		m.clock, m.odd = clocks.read(m.meter, clock, m.host, !m.alone)
		m.clockOK = true
	case sent:
		m.odd.unread = "not readable"
	default:
		m.odd.unread = "missing"
	}
}

// hostTime is when the telegram came in, as the record says it; in local time as
// the meter's clock would show it.
func (m *moment) hostTime() value {
	if m.host.IsZero() {
		return value{}
	}
	at := telegram.Clock{Time: m.host}
	if m.clockOK && m.clock.Season != 0 {
		at = telegram.Clock{Time: m.host.In(m.clock.Time.Location()), Season: m.clock.Season}
	}
	return value{form: clockForm, clock: at, text: m.from.Time}
}

// onlyTrusted takes the codes and values of all other lines out of a telegram.
func onlyTrusted(t *telegram.Telegram, trusted []record.Trusted) {
	for i := range t.Lines {
		l := &t.Lines[i]
		code := string(l.Code.Of(t.Raw))
		if !slices.ContainsFunc(trusted, func(x record.Trusted) bool { return x.Line == i+1 && x.Code == code }) {
			l.Code, l.Values = telegram.Span{}, nil
		}
	}
}

// withoutDoubted takes the codes and values of the lines out of a telegram that contradict
// what is known of the meter: the meter sent them, but they are not handed on.
func withoutDoubted(t *telegram.Telegram, doubted []record.Doubt) {
	for _, d := range doubted {
		if d.Line < 1 || d.Line > len(t.Lines) {
			continue
		}
		if l := &t.Lines[d.Line-1]; string(l.Code.Of(t.Raw)) == d.Code {
			l.Code, l.Values = telegram.Span{}, nil
		}
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

// lastText is the text of the last value under a code, as a part of the telegram.
func (m *moment) lastText(code string) []byte {
	values, _ := m.said.Find(code)
	if len(values) == 0 {
		return nil
	}
	return values[len(values)-1].Text.Of(m.said.Raw)
}

// Times reads when telegrams were sent, one after the other, as the rows of tables do.
type Times struct{ clocks timekeeper }

// NewTimes returns one for meters whose zone that is where their clock says neither S nor W;
// nil where it is not known.
func NewTimes(zone *time.Location) *Times { return &Times{timekeeper{zone: zone}} }

// Of is of which meter a telegram is, and when it was sent; false where it does not say when.
// A meter whose name was masked has none.
func (t *Times) Of(from *record.Telegram) (meter string, at time.Time, ok bool) {
	var m moment
	m.read(from, &t.clocks)
	if strings.HasPrefix(m.meter, nameless) {
		m.meter = ""
	}
	return m.meter, m.clock.Time, m.clockOK
}
