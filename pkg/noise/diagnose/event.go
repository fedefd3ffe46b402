package diagnose

import (
	"bytes"
	"slices"

	"p1/pkg/align"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// An event is one hit of the line: sent became got. A byte of which nothing was
// received has an empty got, one that nobody sent an empty sent.
type event struct {
	at   int // where sent begins in the telegram as the meter sent it
	sent []symbol
	got  []byte
	hits []hit // the bytes that did not arrive as they were sent
}

// examination is what the line did to a telegram.
type examination struct {
	sent   []byte // as the meter sent it; of one that was not repaired, digits are those of the one before
	events []event
	known  bool // what was not hit arrived intact, but for what was cut off
	cut    bool
	mute   bool // some lines say nothing
	agreed bool // sent is what damaged telegrams agree on
}

// symbol is a byte that was sent, or a digit of a telegram that was not repaired:
// then all that is known is that it is one.
type symbol int16

const anyDigit symbol = 256

// hit is one byte that did not arrive as it was sent.
type hit struct {
	at   int    // in the telegram as the meter sent it; of an added byte the place it stands before
	sent symbol // nothing: nobody sent it
	got  int    // nothing: it vanished
}

const nothing = -1

// cutCost is how many hits are less likely than that a telegram was cut off.
const cutCost = 8

// placed reports whether it is known which byte was hit: of a run of equal bytes, such
// as the filler of a message, nobody can tell which one is missing.
func (h hit) placed(sent []byte) bool {
	const run = 4
	if h.got != nothing || h.at >= len(sent) {
		return true
	}
	same := 1
	for i := h.at + 1; i < len(sent) && sent[i] == sent[h.at]; i++ {
		same++
	}
	for i := h.at - 1; i >= 0 && sent[i] == sent[h.at] && same < run; i-- {
		same++
	}
	return same < run
}

// closeBy is how many intact bytes may stand between two hits of one event: a
// receiver that has lost its place reads some bytes right by accident.
const closeBy = 4

// hitsOf lists what the edits of a repaired telegram say that the line did.
func hitsOf(t *record.Telegram) []hit {
	var hits []hit
	without := noCR(t)
	for _, e := range t.Edits {
		outside := e.At < 0 || e.At > len(t.Raw) // no edit of this telegram
		if outside || e.By == record.ByLogger || without && isCR(t, e) {
			continue
		}
		for i := range max(len(e.Got), len(e.Now)) {
			h := hit{at: e.At + min(i, len(e.Now)), sent: nothing, got: nothing}
			if i < len(e.Now) {
				h.sent = symbol(e.Now[i])
			}
			if i < len(e.Got) {
				h.got = int(e.Got[i])
			}
			hits = append(hits, h)
		}
	}
	return hits
}

// noCR reports whether a repaired telegram has lost its CR nearly everywhere. Then an
// editor took it away, and a damaged byte that reads as CR is why the record says
// otherwise.
func noCR(t *record.Telegram) bool {
	lost := 0
	for _, e := range t.Edits {
		if isCR(t, e) {
			lost++
		}
	}
	return lost > 4 && 2*lost > bytes.Count(t.Raw, []byte{'\n'})
}

// isCR reports whether an edit puts back the CR of a line end.
func isCR(t *record.Telegram, e record.Edit) bool {
	return len(e.Got) == 0 && string(e.Now) == "\r" && e.At+1 < len(t.Raw) && t.Raw[e.At+1] == '\n'
}

// expected is a telegram as an undamaged line would have logged it, in which any digit
// may stand for another.
type expected struct {
	telegram.Template
	place []int // where each byte stands in the telegram as the meter sent it
	sent  int   // how long that is
}

// newExpected takes a valid telegram and leaves in it what the logger left out and
// changed: of the next one it will do the same.
func newExpected(t *record.Telegram) *expected {
	e := &expected{sent: len(t.Raw)}
	without := noCR(t)
	var text []byte
	p := 0
	add := func(data []byte, at int, moves bool) {
		for i, c := range data {
			if c == '\r' && t.EOL == record.EOLLF {
				continue
			}
			text = append(text, c)
			if moves {
				e.place = append(e.place, at+i)
			} else {
				e.place = append(e.place, at)
			}
		}
	}
	for _, edit := range t.Edits {
		if edit.By != record.ByLogger && !(without && isCR(t, edit)) || edit.At < p || edit.At+len(edit.Now) > len(t.Raw) {
			continue
		}
		add(t.Raw[p:edit.At], p, true)
		add(edit.Got, edit.At, false)
		p = edit.At + len(edit.Now)
	}
	add(t.Raw[p:], p, true)
	e.Set(text)
	return e
}

// comparison is what became of an expected telegram.
type comparison struct {
	hits  []hit
	front int // bytes that are missing before the first one received: it was cut
	back  int // and after the last one
}

// compare aligns received bytes with what was expected. It returns false where they
// have too little in common.
func (e *expected) compare(received []byte) (comparison, bool) {
	n, m := len(e.Text), len(received)
	allows := func(i, j int) bool { return e.allows(i, received[j]) }
	var best comparison
	least := align.Max + cutCost + 1
	try := func(ops []align.Op, from, cost int) {
		if ops == nil {
			return
		}
		hits := e.hits(ops, from, received)
		if cost += len(hits); cost < least {
			least, best = cost, comparison{hits, from, n - from - length(ops)}
		}
	}
	try(align.Bytes(n, m, allows), 0, 0)
	try(align.Head(n, m, allows), 0, cutCost)
	tail := align.Head(n, m, func(i, j int) bool { return allows(n-1-i, m-1-j) })
	slices.Reverse(tail)
	try(tail, n-length(tail), cutCost)
	if least <= align.Max+cutCost {
		return best, true
	}
	return e.hole(received)
}

// compareLines aligns each received line with the expected line that is nearest to it.
// Lines that are near none, or nearly as near to another, say nothing. It returns how many
// of the expected bytes are in lines that were found, and how many received lines say nothing.
func (e *expected) compareLines(received []byte) (hits []hit, found, mute int) {
	const nearer = 2 // differences
	last := 0
	for line := range bytes.Lines(received) {
		best, at := []align.Op(nil), 0
		least := len(line)/3 + 1
		other := least + nearer
		for from := last; from < len(e.Text); {
			to := len(e.Text)
			if n := bytes.IndexByte(e.Text[from:], '\n'); n >= 0 {
				to = from + n + 1
			}
			if length := to - from; max(length, len(line))-min(length, len(line)) < other {
				ops := align.Within(other, length, len(line), func(i, j int) bool { return e.allows(from+i, line[j]) })
				if n := differences(ops); ops != nil && n < least {
					least, other, best, at = n, min(other, least), ops, from
				} else if ops != nil {
					other = min(other, n)
				}
			}
			from = to
		}
		if best != nil && len(line) > 6 && (least == 0 || other >= least+nearer) {
			hits = append(hits, e.hits(best, at, line)...)
			last = at + length(best)
			found += length(best)
		} else if len(line) > 6 {
			mute++
		}
	}
	return hits, found, mute
}

// differences counts the hits of an alignment.
func differences(ops []align.Op) int {
	n := 0
	for _, o := range ops {
		if o != align.Same {
			n++
		}
	}
	return n
}

// length is how many expected bytes an alignment explains.
func length(ops []align.Op) int {
	n := 0
	for _, o := range ops {
		if o != align.Added {
			n++
		}
	}
	return n
}

// hits lists the differences of an alignment that begins with the expected byte
// from.
func (e *expected) hits(ops []align.Op, from int, received []byte) []hit {
	var hits []hit
	i, j := from, 0
	for _, o := range ops {
		h := hit{at: e.at(i), sent: nothing, got: nothing}
		if o != align.Added {
			h.sent = e.symbol(i)
			i++
		}
		if o != align.Lost {
			h.got = int(received[j])
			j++
		}
		if o != align.Same {
			hits = append(hits, h)
		}
	}
	return hits
}

// at is where expected byte i stands in the telegram as the meter sent it.
func (e *expected) at(i int) int {
	if i < len(e.place) {
		return e.place[i]
	}
	return e.sent
}

func (e *expected) symbol(i int) symbol {
	if e.Digit(i) {
		return anyDigit
	}
	return symbol(e.Text[i])
}

// allows reports whether a received byte can be the expected one.
func (e *expected) allows(i int, received byte) bool {
	return e.Text[i] == received || telegram.IsHex(received) && e.Digit(i)
}

// ends returns how many bytes fit from the beginning on, and how many before the end.
func (e *expected) ends(received []byte) (front, back int) {
	n, m := len(e.Text), len(received)
	for front < min(n, m) && e.allows(front, received[front]) {
		front++
	}
	for back < min(n, m) && e.allows(n-1-back, received[m-1-back]) {
		back++
	}
	return front, back
}

// hole is the comparison with a telegram that has lost one long run and nothing
// else.
func (e *expected) hole(received []byte) (comparison, bool) {
	n, m := len(e.Text), len(received)
	front, back := e.ends(received)
	if m >= n || front+back < m {
		return comparison{}, false
	}
	var c comparison
	for i := front; i < n-(m-front); i++ {
		c.hits = append(c.hits, hit{at: e.at(i), sent: e.symbol(i), got: nothing})
	}
	return c, true
}

// garbled is the comparison with a telegram of which a stretch can't be read at all:
// one event, from the first byte that is wrong to the last one.
func (e *expected) garbled(received []byte) (event, bool) {
	const enough = 16 // intact bytes at either end, or it is no such telegram
	n, m := len(e.Text), len(received)
	front, back := e.ends(received)
	if front+back < enough || front+back >= min(n, m) {
		return event{}, false
	}
	one := event{at: e.at(front), got: received[front : m-back]}
	for i := front; i < n-back; i++ {
		h := hit{at: e.at(i), sent: e.symbol(i), got: nothing}
		if j := front + len(one.sent); j < m-back {
			h.got = int(received[j])
		}
		one.sent = append(one.sent, h.sent)
		if h.got == nothing || !e.allows(i, byte(h.got)) {
			one.hits = append(one.hits, h)
		}
	}
	return one, true
}

// group puts hits that stand close together into one event each. The event's got
// holds the intact bytes between them too, as raw has them.
func group(hits []hit, raw []byte) []event {
	var events []event
	for from := 0; from < len(hits); {
		to := from + 1
		for to < len(hits) && hits[to].at-hits[to-1].at <= closeBy+1 {
			to++
		}
		events = append(events, newEvent(hits[from:to], raw))
		from = to
	}
	return events
}

// newEvent joins hits, and the intact bytes between them.
func newEvent(hits []hit, raw []byte) event {
	e := event{at: hits[0].at, hits: hits}
	next := e.at
	for _, h := range hits {
		for ; next < h.at && next < len(raw); next++ {
			e.sent = append(e.sent, symbol(raw[next]))
			e.got = append(e.got, raw[next])
		}
		if h.sent != nothing {
			e.sent = append(e.sent, h.sent)
			next = h.at + 1
		}
		if h.got != nothing {
			e.got = append(e.got, byte(h.got))
		}
	}
	return e
}
