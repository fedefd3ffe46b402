package plausible

import (
	"fmt"
	"slices"
	"strings"

	"p1/pkg/telegram"
)

// maxTold is how often a [Judge] tells of levels: a meter may go mad.
const maxTold = 50

// note keeps in words that a register goes on from another level than before, or from the
// same one after it has shown another three times at least. What is told is what was
// believed; a base that was never sure is no news.
func (m *Meter) note(x *reading, f *finding) {
	r := x.r
	if m.say == nil || r.base.seen < convincing || f.how == follows && !r.candidate.known {
		return // as nearly always
	}
	number := func(value int64) string { return x.number(float64(value)) + " " + r.unit }
	before, now := number(r.base.value), number(x.value)
	switch {
	case f.how == begins:
		m.news = append(m.news, fmt.Sprintf("%s replaced: device %s with %s before, %s with %s from now on",
			r.code, telegram.DecodeID(string(r.id)), before, telegram.DecodeID(string(x.device.Of(m.l.Text))), now))
	case f.how == replaces:
		m.news = append(m.news, fmt.Sprintf("%s reset or replaced: %s before, %s from now on", r.code, before, now))
	case f.how == returns:
		m.news = append(m.news, fmt.Sprintf("%s outage over: %s before it, %s in it, %s now", r.code, number(r.old.value), before, now))
	case f.how == follows && r.candidate.seen >= convincing:
		m.news = append(m.news, fmt.Sprintf("%s outage over: %s before it, %s in it, %s now", r.code, before, number(r.candidate.value), now))
	}
}

// tell tells of all that was noted of a telegram, in one piece.
func (m *Meter) tell() {
	t := telegram.Parse(m.l.Text)
	who := "meter " + t.Meter()
	if clock, _, ok := t.Time(); ok && m.said.why == sound {
		who += " at " + clock.RFC3339()
	}
	const most = 4
	if more := len(m.news) - most; more > 0 {
		m.news = append(m.news[:most], fmt.Sprintf("and so %d other registers", more))
	}
	m.say(who + ": " + strings.Join(m.news, "; "))
	m.news = m.news[:0]
}

// sayer returns what the meters of the judge tell their news with, each once though a log is
// read twice; nil where nobody wants to know.
func (j *Judge) sayer() func(string) {
	if j.Say == nil {
		return nil
	}
	return func(text string) {
		if len(j.told) == maxTold || slices.Contains(j.told, text) {
			return
		}
		if j.told = append(j.told, text); len(j.told) == maxTold {
			text += "; more of this kind is not told"
		}
		j.Say(text)
	}
}
