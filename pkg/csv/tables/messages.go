package tables

import (
	"io"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// messageTable makes the rows of the table messages: one whenever a text that the
// meter shows to its owner becomes another one, or goes away.
//
//	0-0:96.13.0(4D41494E54454E414E4345)␍␊    text: MAINTENANCE, sent in hex
//
// (P1 companion standard 5.0.2 §6.12.)
type messageTable struct {
	*sheet
	o      Options
	clocks timekeeper
	parser parser
	words  dictionary
	meters perMeter[knownMessages]
}

// knownMessages is what a meter shows.
type knownMessages struct {
	shown    map[string]uint64 // fingerprints by code, 0 for none
	timeline timeline
}

// maxMessages is how many codes of a meter are followed; there are ten.
const maxMessages = 16

func newMessages(w io.Writer, o Options) (*messageTable, error) {
	t := &messageTable{o: o, clocks: timekeeper{zone: o.Zone}, words: dictionary{}}
	var err error
	t.sheet, err = newSheet(w, o, []column{
		{name: "time", kind: timeKind, role: stampRole},
		{name: offsetName, kind: offsetKind},
		{name: "host_time", kind: timeKind, role: hostRole},
		{name: "meter", role: tagRole},
		{name: "code", role: tagRole},
		{name: "text"},
		{name: "status", role: tagRole},
		{name: "confidence", kind: numberKind},
	})
	return t, err
}

func (t *messageTable) take(from *record.Telegram) error {
	if !t.o.comparable(from) {
		return nil
	}
	m := t.parser.moment(from, &t.clocks)
	known := t.meters.of(m.meter)
	now := state(m, t.words)
	if known.timeline.repeats(now) {
		return nil
	}
	known.timeline.advance(now, known.timeline.ticks(now))
	for _, m := range now.said.Messages() {
		if !known.learn(m) {
			continue
		}
		err := t.add(clockValue(now.clock, now.clockOK), offsetValue(now.clock), now.hostTime(), meterValue(now.meter),
			textValue(m.Code), messageValue(m), textValue(string(from.Status)), confidenceValue(from))
		if err != nil {
			return err
		}
	}
	return nil
}

// learn reports whether a message is another than the one before, and remembers
// it. That there is none at first is no news.
func (k *knownMessages) learn(m telegram.Message) bool {
	if k.shown == nil {
		k.shown = map[string]uint64{}
	}
	now := uint64(0)
	if m.Text != "" {
		now = fingerprint([]byte(m.Text + "!"))
	}
	old, ok := k.shown[m.Code]
	if old == now || !ok && len(k.shown) == maxMessages {
		return false
	}
	k.shown[m.Code] = now
	return true
}
