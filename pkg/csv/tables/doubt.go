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
//	1-0:1.8.0(008234.524*V)              not in kWh, and nothing that becomes kWh
type doubts struct {
	say  func(string)
	told map[string]bool
}

// maxDoubts is how many codes are told of.
const maxDoubts = 50

// about tells of values that could not be read, unless they are empty.
func (d *doubts) about(t *telegram.Telegram, code, column, unit string, values []telegram.Value) {
	if d.say == nil || d.told[code] || len(d.told) >= maxDoubts || len(values) == 0 {
		return
	}
	last := values[len(values)-1]
	sent := last.Text.Of(t.Raw)
	text := strings.TrimSpace(latin1(string(sent)))
	if text == "" || isFiller(sent) {
		return
	}
	if d.told == nil {
		d.told = map[string]bool{}
	}
	d.told[code] = true
	if sent := string(last.Unit.Of(t.Raw)); sent != "" {
		text += "*" + latin1(sent)
	}
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	what := "a number"
	if unit != "" {
		what += " in " + unit
	}
	d.say(fmt.Sprintf("%s(%s) is not %s, or has more than 18 digits: the cell %s is empty there, and in every other such row", code, oneLine(text), what, column))
}
