package tables

import (
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// parser takes telegrams apart one after the other, for tables that keep no memory
// of them.
type parser struct {
	telegrams telegram.Parser
	whole     bool // the last one had all its lines
}

// moment takes a telegram apart in the memory of the one before.
func (p *parser) moment(from *record.Telegram, clocks *timekeeper) (m moment) {
	said, _ := p.parse(from)
	m.take(from, said, clocks)
	return m
}

// parse takes a telegram apart in the memory of the one before. It reports whether
// lines and values stand where they stood in that one, under the same codes.
func (p *parser) parse(from *record.Telegram) (t *telegram.Telegram, same bool) {
	if from.Status == record.Salvaged || from.Trusted != nil || len(from.Doubted) > 0 {
		p.whole = false
		return telegram.Parse(from.Raw), false // of which lines are taken out
	}
	t, same = p.telegrams.Parse(from.Raw)
	same = same && p.whole
	p.whole = true
	return t, same
}
