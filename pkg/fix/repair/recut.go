package repair

import (
	"bytes"

	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

const (
	// maxJoined is how many records one transmission may have been cut into.
	maxJoined = 4
	// maxPieces is how many transmissions may have run together.
	maxPieces = 16
)

// recut cuts refused telegrams anew: a false end has cut one transmission into
// several records, or two have run together since the end of one and the
// beginning of the next were hit. New boundaries stand where a telegram between
// them can be repaired.
func (f *Fixer) recut(b *batch) {
	for i := 0; i < len(b.list); i++ {
		e := &b.list[i]
		if !e.open || e.shape != nil || e.whole || len(e.about.out) > 0 {
			continue
		}
		e.whole = true
		for n := 1; n <= 2*maxJoined; n++ {
			w, ok := b.join(i, n)
			if !ok {
				break
			}
			pieces, complete := f.pieces(w)
			if len(pieces) > 0 && f.replace(b, i, w, asList(pieces)) {
				i += len(pieces) - 1
				break
			}
			if complete {
				break // it does not go on in the next record
			}
		}
	}
}

// joint is the received bytes of neighbouring records.
type joint struct {
	first     *record.Telegram
	records   []entry
	telegrams int // of the records
	received  []byte
	starts    []int // where the records begin in received
}

// join joins the n records from entry i on, refused telegrams and noise; false
// where there are no so many.
func (b *batch) join(i, n int) (w joint, ok bool) {
	if i+n > len(b.list) {
		return w, false
	}
	w.records = b.list[i : i+n]
	w.first = w.records[0].record.(*record.Telegram)
	for _, e := range w.records {
		switch r := e.record.(type) {
		case *record.Telegram:
			if !e.open || e.shape != nil || r.ReceivedRaw != nil {
				return w, false
			}
			w.telegrams++
		case *record.Noise:
		default:
			return w, false
		}
		data, err := record.Received(e.record)
		at := w.first.Offset + int64(len(w.received))
		if err != nil || e.record.Where().Offset != at || len(w.received)+len(data) > record.MaxTelegram {
			return w, false
		}
		w.starts = append(w.starts, len(w.received))
		w.received = append(w.received, data...)
	}
	return w, w.telegrams <= maxJoined
}

// pieces cuts the bytes where a transmission of a known shape ends and the next
// one begins, into telegrams. There are none where that changes nothing. It also
// reports whether the last one is complete, so that no bytes after belong to it.
func (f *Fixer) pieces(w joint) (list []*record.Telegram, complete bool) {
	text := w.received
	lf := bytes.IndexByte(text, '\r') < 0 && bytes.IndexByte(text, '\n') >= 0
	if lf {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	lines := marksOf(text)
	for _, k := range f.senders(text) {
		for _, shape := range k.meter.Shapes() {
			cuts, ended, ok := newOutline(shape).cuts(text, lines, maxPieces)
			complete = complete || ended
			if !ok || !w.changed(text, cuts, lf) {
				continue
			}
			return w.split(text, cuts, lf), complete
		}
	}
	return nil, complete
}

// changed reports whether cuts at these places of text make other telegrams of
// the bytes than there are.
func (w *joint) changed(text []byte, cuts []int, lf bool) bool {
	const alike = 16 // bytes that the repair of a telegram's ends copes with
	k := 0
	for i, e := range w.records[1:] {
		if isNoise(e.record) {
			if i+2 == len(w.records) {
				return true // it is the end of the last telegram
			}
			continue
		}
		if k == len(cuts) {
			return true
		}
		at := cuts[k]
		if lf {
			at -= bytes.Count(text[:at], []byte("\r"))
		}
		if d := at - w.starts[i+1]; d > alike || d < -alike {
			return true
		}
		k++
	}
	return k < len(cuts)
}

// split makes a telegram of each part of text between two cuts.
func (w *joint) split(text []byte, cuts []int, lf bool) []*record.Telegram {
	var list []*record.Telegram
	kind, _ := crc.Named(w.first.CRC)
	offset := w.first.Offset
	start := 0
	for k := 0; k <= len(cuts); k++ {
		end := len(text)
		if k < len(cuts) {
			end = cuts[k]
		}
		raw := bytes.Clone(text[start:end])
		t := &record.Telegram{
			Origin: record.Origin{Source: w.first.Source, Session: w.first.Session, Offset: offset},
			Live:   w.first.Live, Seq: w.first.Seq + int64(k), Status: record.Bad, CRC: w.first.CRC, Raw: raw,
		}
		t.Time = w.timeOf(offset)
		offset += int64(len(raw))
		if lf && bytes.IndexByte(raw, '\n') >= 0 {
			t.EOL = record.EOLLF
			offset -= int64(bytes.Count(raw, []byte("\r")))
		}
		if bang := endLine(raw); bang >= 0 {
			t.CRCSent = telegram.SentCRC(bytes.TrimRight(raw[bang:], "\r\n"))
			t.CRCCalc = kind.Digits(raw[:bang+1])
		}
		list = append(list, t)
		start = end
	}
	return list
}

// timeOf returns when the record arrived that begins at an offset, if one does.
func (w *joint) timeOf(offset int64) string {
	for _, e := range w.records {
		if t, ok := e.record.(*record.Telegram); ok && t.Offset == offset {
			return t.Time
		}
	}
	return ""
}

func asList(telegrams []*record.Telegram) (list []record.Record) {
	for _, t := range telegrams {
		list = append(list, t)
	}
	return list
}

// replace puts the pieces, telegrams and noise, in the place of the joined records, from entry i
// on, if one of them can be repaired.
func (f *Fixer) replace(b *batch, i int, w joint, pieces []record.Record) bool {
	end := i + len(w.records)
	before := b.list[i].seq // the telegrams before
	if !isNoise(b.list[i].record) {
		before--
	}
	seq := before
	fresh := make([]entry, len(pieces))
	for k, r := range pieces {
		if !isNoise(r) {
			seq++
		}
		fresh[k] = entry{record: r, seq: seq, open: !isNoise(r), whole: true}
		if t, ok := r.(*record.Telegram); ok {
			fresh[k].couple = f.recouple(t)
		}
	}
	moved := seq - before - int64(w.telegrams)
	next := b.next
	if next != nil {
		next = &neighbour{next.shape, &expect.Observed{Seq: next.seen.Seq + moved, Values: next.seen.Values, Stale: next.seen.Stale}}
	}
	trial := &batch{next: next, trial: true}
	trial.list = append(append(append(trial.list, b.list[:i]...), fresh...), b.list[end:]...)
	for j := i + len(fresh); j < len(trial.list); j++ {
		trial.list[j].shift(moved)
	}
	refused := trial.refused()
	for range 2 {
		for k := range fresh {
			if e := &trial.list[i+k]; e.open && e.shape == nil {
				f.decide(trial, i+k)
			}
			if e := &trial.list[i+k]; e.open && e.shape == nil {
				f.decideStranger(trial, i+k)
			}
		}
	}
	if trial.refused() == refused {
		for j := i + len(fresh); j < len(trial.list); j++ {
			trial.list[j].shift(-moved)
		}
		return false
	}
	for j := i + len(fresh); j < len(trial.list); j++ {
		if t, ok := trial.list[j].record.(*record.Telegram); ok {
			t.Seq += moved
		}
	}
	b.list, b.next = trial.list, trial.next
	f.count += moved
	f.shift += moved
	return true
}

// shift moves the number of a transmission.
func (e *entry) shift(by int64) {
	e.seq += by
	if e.seen != nil {
		e.seen = &expect.Observed{Seq: e.seen.Seq + by, Values: e.seen.Values, Stale: e.seen.Stale}
	}
}

// endLine returns the place of the '!' with which the last line begins, where
// that can be an end line, or, where its CRC stands in a line below, the one
// before it; else -1.
func endLine(raw []byte) int {
	const longest = 1 + 4 + 4 // '!', the digits, and what the line has added
	text := bytes.TrimRight(raw, "\r\n")
	at := bytes.LastIndexAny(text, "\r\n") + 1
	if n := bytes.LastIndexByte(text, '!'); n > 0 && n < at && telegram.SentCRC(text[n:]) != "" {
		at = bytes.LastIndexAny(text[:n], "\r\n") + 1
	}
	if at < len(text) && text[at] == '!' && len(text)-at <= longest {
		return at
	}
	return -1
}
