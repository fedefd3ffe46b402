package tables

import (
	"fmt"
	"strings"

	"p1/pkg/telegram"
)

// doubts tells once for each code that its value is not the number which the
// column is for. The cell is empty then, and that must not go unnoticed.
//
//	1-0:1.8.0(1234567890123456789*kWh)   more digits than a number may have
//	1-0:1.8.0(008234.524*V)              in V, which is not the unit of the column
type doubts struct {
	say  func(string)
	told map[string]bool
}

// maxDoubts is how many codes are told of.
const maxDoubts = 50

// maxSaid is how many bytes of a value are told.
const maxSaid = 40

// about tells of a line that could not be read, unless its last value is empty.
func (d *doubts) about(t *telegram.Telegram, q *quantity, l *telegram.Line) {
	last := l.Values[len(l.Values)-1]
	sent := last.Text.Of(t.Raw)
	text := strings.TrimSpace(latin1(string(sent)))
	if text == "" || isFiller(sent) || !d.isNew(q.code) {
		return
	}
	if unit := string(last.Unit.Of(t.Raw)); unit != "" {
		text += "*" + latin1(unit)
	}
	d.tell(q, fmt.Sprintf("%s(%s)", l.Code.Of(t.Raw), text), whyNot(t, l.Values, q.unit))
}

// aboutDevice tells of a device's reading that is in another unit.
func (d *doubts) aboutDevice(from *telegram.Device, q *quantity) {
	if d.isNew(from.Code) {
		d.tell(q, fmt.Sprintf("%s(%s*%s)", from.Code, from.Text, latin1(from.Unit)), otherUnit(from.Unit, q.unit))
	}
}

// isNew reports whether something is to be told of a code, and remembers that it was.
func (d *doubts) isNew(code string) bool {
	if d.say == nil || d.told[code] || len(d.told) >= maxDoubts {
		return false
	}
	if d.told == nil {
		d.told = map[string]bool{}
	}
	d.told[code] = true
	return true
}

func (d *doubts) tell(q *quantity, line, why string) {
	d.say(fmt.Sprintf("%s %s: the cell %s is empty there, and in every other such row", brief(line), why, q.name))
}

// brief is text of a meter for people, cut where it is long.
func brief(text string) string {
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "…"
	}
	return oneLine(text)
}

// whyNot says why none of the values is a number in a unit.
func whyNot(t *telegram.Telegram, values []telegram.Value, unit string) string {
	if measures := t.Measures(values); len(measures) > 0 {
		return otherUnit(latin1(measures[0].Unit), unit)
	}
	text := string(values[len(values)-1].Text.Of(t.Raw))
	if _, sent, _ := t.Stamp(values); sent == text {
		return "is a time, and no number"
	}
	if plain := strings.TrimLeft(strings.TrimSpace(text), "-"); len(plain) > 18 && strings.Trim(plain, "0123456789.,") == "" {
		return "has more than 18 digits"
	}
	return "is not a number"
}

// otherUnit says that a number is in another unit than its column, whose name is no
// place for it.
func otherUnit(sent, unit string) string {
	switch {
	case unit == "":
		return "is in " + sent + ", and the column is for a number without a unit"
	case sent == "":
		return "has no unit, and should be in " + unit
	}
	return "is in " + sent + ", not in " + unit + " (--profile all has a column for each unit)"
}

// sayOdd says that what a meter sent in the place of a number cannot stand in the table,
// unless that was told already.
func (o *Options) sayOdd(told *bool, what, text, unit, where, wanted string) {
	if *told || o.Say == nil {
		return
	}
	*told = true
	o.Say(fmt.Sprintf("%s: %s %q in %q %s is no number %s: it is left out",
		o.Table, what, oneLine(latin1(text)), oneLine(latin1(unit)), where, wanted))
}
