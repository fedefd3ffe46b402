package tables

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"p1/pkg/csv/sorted"
	"p1/pkg/record"
)

// merging puts telegrams in the order of their clocks before rows are made of them,
// and leaves out copies, so that it does not matter which logs overlap, or which comes
// first: what is computed from one row to the next is right only then.
//
//	a.log   01:00 01:10 01:20                     ┐ 01:00 01:10 01:20
//	b.log         01:10 01:20 01:30 (two copies)  ┘ 01:30
//
// It keeps whole telegrams, not rows: of a row that was computed too early nothing can
// be made. They are kept as records, whose numbers are the meter's own digits.
//
// What has just come in from a live source cannot wait for the end. It becomes a row at
// once, after all that came before it, and is a copy if it is one of what came within the
// last minutes.
type merging struct {
	rows
	ahead  *ahead // nil where telegrams are not in order, or nobody hopes so
	o      Options
	parser parser
	words  dictionary
	sorted *sorted.Sorter
	held   bool // something is in it
	keeper keeper
	before before // where telegrams without a clock go
	clocks perMeter[before]
	back   stretches // over which clocks were set back
	recent perMeter[recent]
	now    func() time.Time

	saidDisk bool
	copies   int // left out
	timeless int // telegrams that cannot be told from others
}

// before is the telegram with a clock that came last.
type before struct {
	origin record.Origin
	turn   turn
}

// turn is where a telegram stands in the order: its clock's time, whether the offset of
// that is not known, and whether the clock is its own.
type turn struct {
	at       int64
	floating bool
	own      bool
}

func newMerging(r rows, a *ahead, o Options) *merging {
	t := &merging{rows: r, ahead: a, o: o, words: dictionary{}, now: time.Now, before: before{turn: turn{at: math.MinInt64}}}
	t.sorted = sorted.New(o.Output, t.sayDisk)
	if a != nil {
		a.spool.say = t.sayDisk
	}
	return t
}

// sayDisk says where telegrams are kept, and what that takes.
func (t *merging) sayDisk(on sorted.Disk) {
	if t.o.Say == nil || t.saidDisk {
		return
	}
	t.saidDisk = true
	const mega, million = 1_000_000, 1_000_000
	t.o.Say(fmt.Sprintf("until the end, when they are put in the order of their clocks, telegrams are kept in temporary files in %s: "+
		"%d MB so far, %d MB for each million", on.Dir, on.Bytes/mega, on.Bytes*million/on.Items/mega))
}

func (t *merging) take(from *record.Telegram) error {
	switch {
	case !t.o.accepts(from):
		return nil
	case t.ahead != nil && t.arrives(&moment{from: from, host: hostOf(from)}):
		if err := t.inOrder(); err != nil { // what has just come in has its row at once
			return err
		}
	case t.ahead != nil:
		if err := t.ahead.spool.add(from); err != nil {
			return err
		}
		return t.orSort(t.rows.take(from))
	}
	return t.sort(from)
}

// orSort makes all rows anew where an error says that the order is broken.
func (t *merging) orSort(err error) error {
	if t.ahead == nil || !errors.Is(err, errOrder) {
		return err
	}
	a := t.ahead
	t.ahead, a.order.strict = nil, false
	err = a.out.settle(false)
	if err == nil {
		t.rows, err = a.fresh()
	}
	if err == nil {
		err = a.spool.each(t.sort)
	}
	return errors.Join(err, a.spool.close())
}

// inOrder hands on the rows so far.
func (t *merging) inOrder() error {
	a := t.ahead
	t.ahead, a.order.strict = nil, false
	return errors.Join(a.out.settle(true), a.spool.close())
}

// sort keeps a telegram until all have come.
func (t *merging) sort(from *record.Telegram) error {
	said, _ := t.parser.parse(from)
	var m moment
	m.take(from, said, nil)
	if t.arrives(&m) {
		return t.takeLive(m)
	}
	p := t.turnOf(&m)
	t.held = true
	return t.sorted.Add(p.key(), t.keeper.keep(from))
}

// turnOf tells where a telegram stands. One without a clock follows the one it came
// after.
func (t *merging) turnOf(m *moment) turn {
	switch {
	case m.clockOK:
		t.before = before{m.from.Origin, turn{m.clock.Time.Unix(), m.clock.Season == 0, false}}
		t.look(m.meter)
		p := t.before.turn
		p.own = true
		return p
	case !t.before.origin.SameStream(m.from.Origin):
		t.before = before{m.from.Origin, turn{at: math.MinInt64}}
	}
	t.timeless++
	return t.before.turn
}

// look remembers where a clock was set back, as a log shows that goes on: one that begins
// anew is read a second time.
func (t *merging) look(meter string) {
	now, last := t.before, t.clocks.of(meter)
	step := last.turn.at - now.turn.at
	if last.origin.SameStream(now.origin) && now.origin.Offset > last.origin.Offset && last.turn.floating == now.turn.floating && step > 0 && step <= hour {
		t.back.begin(now.turn.at)
		t.back.extend(last.turn.at)
	}
	*last = now
}

// hour is one in seconds.
const hour = int64(time.Hour / time.Second)

// key is the turn as bytes, in whose order telegrams come.
func (p turn) key() []byte {
	k := binary.BigEndian.AppendUint64(nil, uint64(p.at)^1<<63)
	return append(k, bit(p.floating), bit(!p.own))
}

func turnOfKey(k []byte) turn {
	return turn{int64(binary.BigEndian.Uint64(k) ^ 1<<63), k[8] == 1, k[9] == 0}
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// lately is how long ago a telegram may have come in that has just done so, and how far
// back the copies of such a one are looked for.
const lately = 10 * time.Minute

// arrives reports whether a telegram has just come in.
func (t *merging) arrives(m *moment) bool {
	if m.host.IsZero() {
		return m.from.Live
	}
	return t.now().Sub(m.host).Abs() <= lately
}

// recent are telegrams of a meter that have become rows within the last minutes.
type recent []*statement

// takeLive makes a row of a telegram at once.
func (t *merging) takeLive(m moment) error {
	if err := t.release(); err != nil {
		return err
	}
	if !m.clockOK {
		t.timeless++
		return t.rows.take(m.from)
	}
	now := state(m, t.words)
	r := t.recent.of(m.meter)
	kept := (*r)[:0]
	copied := false
	for _, old := range *r {
		copied = copied || now.copies(old)
		if now.clock.Time.Sub(old.clock.Time).Abs() <= lately {
			kept = append(kept, old)
		}
	}
	clear((*r)[len(kept):])
	*r = kept
	if copied {
		t.tellCopy(&m)
		return nil
	}
	now.from, now.said = nil, nil // their bytes are not kept
	*r = append(kept, now)
	return t.rows.take(m.from)
}

// tellCopy tells of the first copy in a live stream, which may have no end at which it
// could be said.
func (t *merging) tellCopy(m *moment) {
	if t.copies++; t.copies == 1 && t.o.Say != nil {
		t.o.Say(fmt.Sprintf("the telegram of %s came again: it is left out, and so are others that come twice within %s", m.clock.RFC3339(), span(lately)))
	}
}

// release makes rows of all telegrams that are kept.
func (t *merging) release() error {
	if !t.held {
		return nil
	}
	t.held = false
	g := group{merging: t, unfold: unfold{rows: t.rows, o: &t.o, words: t.words, back: t.back}}
	err := t.sorted.Each(g.take)
	if err == nil {
		err = g.end()
	}
	if err == nil {
		err = g.unfold.end()
	}
	return err
}

func (t *merging) flush() error { return t.orSort(t.rows.flush()) }

// end ends the rows.
func (t *merging) end() error {
	if t.ahead != nil {
		if err := t.rows.close(); !errors.Is(err, errOrder) {
			return errors.Join(err, t.inOrder())
		}
		if err := t.orSort(errOrder); err != nil {
			return err
		}
	}
	if err := t.release(); err != nil {
		return err
	}
	return t.rows.close()
}

func (t *merging) close() error {
	if err := t.end(); err != nil || t.o.Say == nil {
		return err
	}
	if t.copies > 0 {
		t.o.Say(fmt.Sprintf("left out: %d that are copies of telegrams that count (the same meter, clock and registers)", t.copies))
	}
	if t.timeless > 0 && t.o.Every == 0 {
		t.o.Say(fmt.Sprintf("telegrams without a clock cannot be told apart: %d of them have a row each, copies or not", t.timeless))
	}
	return nil
}

func (t *merging) leftOut() bool { return t.rows.leftOut() || t.copies > 0 }

// keeper makes bytes of telegrams, and telegrams of those.
type keeper struct {
	text   bytes.Buffer
	writer *record.LineWriter
	reader *record.LineReader
	line   bytes.Reader
}

// keep returns the line of all of a telegram that a row is made of, until the next call.
func (k *keeper) keep(from *record.Telegram) []byte {
	if k.writer == nil {
		k.writer = record.NewWriter(&k.text, false)
	}
	k.text.Reset()
	needed := needed(from)
	// A telegram has a line, and memory takes it.
	_ = k.writer.Write(&needed)
	_ = k.writer.Flush()
	return k.text.Bytes()
}

// kept returns the telegram of a line. It may stand in the room.
func (k *keeper) kept(line []byte, room *record.Room) (*record.Telegram, error) {
	if k.reader == nil {
		k.reader = record.NewReader("a temporary file", &k.line)
	}
	k.line.Reset(line)
	r, err := k.reader.ReadInto(room)
	if err != nil {
		return nil, err
	}
	return r.(*record.Telegram), nil
}
