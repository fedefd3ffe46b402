package repair

import (
	"slices"

	"p1/pkg/dlms"
	"p1/pkg/record"
)

// The boundaries of frames are told by their heads and lengths, so that one hit there makes noise
// of a frame, or of a part of it:
//
//	DB 0A 53 41 47 …                 no head that p1frame finds: noise, up to the next one
//	DB 08 53 41 47 … 82 01 1B 30 …   a length that is too small: a frame, and noise after it
//	DB 08 53 41 47 … 82 04 1B 30 …   bytes of it lost, and the head of the next one hit: a frame
//	                                 that ends in the next one, and noise after it
//
// What lies between two known frames is cut anew by what heads look like nearly and by how long
// frames are. New boundaries stand where a telegram between them can be repaired.

const (
	// headProbe is how many bytes of a head tell it: all but the lower half of the counter.
	headProbe = 16
	// likeHead is how many of them must be there: of random bytes so many are at one of two
	// million places.
	likeHead = 7
	// strayed is by how many bytes those behind others may be shifted.
	strayed = 3
	// shorter and longer are by how many bytes what was received of a frame may be.
	shorter, longer = 64, 32
)

// reframe cuts refused frames, and noise, anew.
func (f *Fixer) reframe(b *batch) {
	if f.options.Keys == nil || len(f.sealers) == 0 {
		return
	}
	for i := 0; i < len(b.list); i++ {
		w := b.run(i)
		if len(w.records) == 0 {
			continue
		}
		n := len(w.records)
		if pieces := f.frameCuts(&w); len(pieces) <= maxPieces && !w.sameCuts(pieces) {
			before := len(b.list)
			f.replace(b, i, w, f.asRecords(b, i, &w, pieces))
			n += len(b.list) - before
		}
		i += n - 1
	}
}

// run joins the noise and the refused frames from entry i on.
func (b *batch) run(i int) (w joint) {
	const most = 4 * record.MaxTelegram
	for n := i; n < len(b.list); n++ {
		e := &b.list[n]
		if !isNoise(e.record) && !(e.open && e.shape == nil && e.framed()) {
			break
		}
		data, err := record.Received(e.record)
		at := e.record.Where()
		if n > i {
			first := b.list[i].record.Where()
			if !first.SameStream(at) || at.Offset != first.Offset+int64(len(w.received)) {
				break
			}
		}
		if err != nil || len(w.received)+len(data) > most {
			break
		}
		if !isNoise(e.record) {
			w.telegrams++
		}
		w.starts = append(w.starts, len(w.received))
		w.received = append(w.received, data...)
		w.records = b.list[i : n+1]
	}
	return w
}

// piece is a part of received bytes: a frame, or noise.
type piece struct {
	span
	frame bool
}

// frameCuts cuts received bytes into frames and noise.
func (f *Fixer) frameCuts(w *joint) (list []piece) {
	s := &f.sealers[0]
	k := f.named(s.header, s.id)
	if k == nil || len(k.meter.Shapes()) == 0 {
		return nil
	}
	n := len(k.meter.Shapes()[0].Text)
	head := s.form.Head(s.last, n)
	size := len(head) + n + s.form.Tail() + s.wraps
	starts := headsIn(w.received, head[:min(len(head), headProbe)])
	at := 0
	for _, next := range append(slices.Clone(starts), len(w.received)) {
		headed := slices.Contains(starts, at)
		for at < next {
			p := piece{span{at, next}, headed || next-at >= size-shorter}
			if p.frame && next-at > size+longer {
				p.end = at + size
			}
			list = append(list, p)
			at, headed = p.end, false
		}
	}
	return list
}

// headsIn lists where in received bytes a frame may begin with a head.
func headsIn(data, head []byte) (list []int) {
	last, best := -len(head), 0
	for at := range data {
		n := headLikeness(data[at:], head)
		switch {
		case n < likeHead:
		case at-last >= len(head):
			list, last, best = append(list, at), at, n
		case n > best:
			list[len(list)-1], last, best = at, at, n
		}
	}
	return list
}

// headLikeness counts the bytes of a head with which data begins, where those behind some place
// may have moved a little.
func headLikeness(data, head []byte) (most int) {
	for shift := -strayed; shift <= strayed; shift++ {
		n := 0
		for i, c := range head {
			if i < len(data) && data[i] == c || uint(i+shift) < uint(len(data)) && data[i+shift] == c {
				n++
			}
		}
		if n = 2 * n; shift == 0 {
			n++ // of two places that are as good, the one at which nothing has moved
		}
		most = max(most, n)
	}
	return most / 2
}

// sameCuts reports whether the pieces are the records that there are.
func (w *joint) sameCuts(list []piece) bool {
	if len(list) != len(w.records) {
		return len(list) == 0
	}
	for i, p := range list {
		if p.start != w.starts[i] || p.frame == isNoise(w.records[i].record) {
			return false
		}
	}
	return true
}

// asRecords makes records of pieces, in place of those from entry i on.
func (f *Fixer) asRecords(b *batch, i int, w *joint, list []piece) (records []record.Record) {
	seq := f.numberOf(b, i, w)
	first := w.records[0].record.Where()
	for _, p := range list {
		at := first
		at.Offset += int64(p.start)
		data := slices.Clone(w.received[p.start:p.end])
		time, live := w.arrival(p.start)
		if !p.frame {
			records = append(records, &record.Noise{Origin: at, Live: live, Time: time, Data: data})
			continue
		}
		t := &record.Telegram{
			Origin: at, Live: live, Time: time, Seq: seq, Status: record.Bad, CRC: record.CRCUnknown,
			Cipher: record.CipherFailed, Why: string(headless), Raw: data, ReceivedRaw: data,
		}
		if _, found := dlms.Look(data); found == dlms.Yes {
			t.Why = string(tagFails)
		}
		records = append(records, t)
		seq++
	}
	return records
}

// numberOf is the number of the first telegram from entry i on.
func (f *Fixer) numberOf(b *batch, i int, w *joint) int64 {
	for _, e := range w.records {
		if t, ok := e.record.(*record.Telegram); ok {
			return t.Seq
		}
	}
	for j := i - 1; j >= 0; j-- {
		if t, ok := b.list[j].record.(*record.Telegram); ok {
			return t.Seq + 1
		}
	}
	return f.number + 1
}

// arrival returns when the record that begins at a place of what was received arrived, where one
// does, and whether it is live.
func (w *joint) arrival(at int) (time string, live bool) {
	for i, e := range w.records {
		live = record.IsLive(e.record)
		if w.starts[i] != at {
			continue
		}
		switch r := e.record.(type) {
		case *record.Telegram:
			return r.Time, live
		case *record.Noise:
			return r.Time, live
		}
	}
	return "", live
}
