// Package pseudonym takes telegram and noise records and gives the same records
// with pseudonyms in place of what names a meter, its owner or a device, so that a
// log can be shown to others.
//
//	/AUX57776772044␍␊                    /AUX50000026385␍␊
//	0-0:96.1.0(7776772044)␍␊        →    0-0:96.1.0(0000026385)␍␊
//	1-0:1.8.0(007382.590*kWh)␍␊          1-0:1.8.0(007382.590*kWh)␍␊
//	!E24B␍␊                              !E24B␍␊
//
// What is replaced: the digits of the values of lines whose OBIS code names
// somebody (the dictionary's kind Identifier), numbers of six or more digits in the
// header, and the same numbers elsewhere on lines that are no readings. Letters
// stay, they name the maker, and so do numbers of fewer digits, they name a type.
//
// Nothing moves: a record keeps its length, its status and the number of its edits
// (but of what came encrypted and could be read only the text is left).
// The CRC keeps holding where it held, since a pseudonym is chosen so that it does
// not change it. A pseudonym depends on the identifier alone, and is its own
// pseudonym.
//
// Damage stays. In a damaged telegram the names that its neighbours have are looked
// for, and what was done to a character is done to the pseudonym's. Where a name
// should stand and cannot be made out, what stands there is overwritten with '?',
// and so are runs of bytes in noise that are no text: a receiver that is out of
// step delivers the bits of digits, only grouped anew.
package pseudonym

import (
	"fmt"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Writer is a [record.Writer] that hands records on with pseudonyms in them.
type Writer struct {
	out     record.Writer
	options Options

	at      record.Origin // of the stream
	known   *known
	logger  channel.LoggerFinder // tells the CRC of a stream in which none holds
	learned bool                 // names of the stream are known
	held    []record.Record      // while they are not
	parts   [][]part             // of the damaged telegrams in held
	size    int                  // bytes in held
	seen    bool                 // there were bytes in the stream
	shorter int64                // how many bytes of it were left out, with the frames of encrypted telegrams
	said    map[string]bool
}

// Options are where words for people go.
type Options struct {
	// Say is told, once each, what a person should know who is about to share the
	// log; nil where nobody listens.
	Say func(text string)
}

const (
	// maxHeld and maxHeldBytes bound what is held back until the names are known.
	maxHeld      = 64
	maxHeldBytes = 1 << 20
	// fewHeld damaged telegrams may tell the names, if they agree.
	fewHeld = 8
)

// New returns a Writer that writes to out.
func New(out record.Writer, o Options) *Writer {
	return &Writer{out: out, options: o, known: newKnown(), said: map[string]bool{}}
}

// Write hands the record on, or holds it back while the names in it are not known:
// until a valid telegram comes, or damaged ones agree, or there are too many.
func (w *Writer) Write(r record.Record) error {
	r = record.Keep(r)
	if _, other := r.(*record.Other); !other && !w.at.SameStream(r.Where()) {
		if err := w.endStream(); err != nil {
			return err
		}
		w.at, w.known, w.logger = r.Where(), newKnown(), channel.LoggerFinder{}
		w.learned, w.seen, w.shorter = false, false, 0
	}
	t, ok := r.(*record.Telegram)
	if ok && certain(t.Status) {
		if kind, ok := crc.Named(t.CRC); ok {
			w.known.setKind(kind)
		}
		if len(w.parts) > 0 {
			w.known.vote(w.parts) // they may be of another meter
		}
		w.known.learn(telegram.Parse(t.Raw))
		w.learned = true
		return w.release(r)
	}
	if w.learned {
		return w.write(r)
	}
	return w.hold(r)
}

// certain reports whether a telegram is as the meter sent it. Where there is no
// CRC, nobody knows.
func certain(s record.Status) bool { return s == record.OK || s == record.Repaired }

// hold keeps a record until the names are known.
func (w *Writer) hold(r record.Record) error {
	w.held = append(w.held, r)
	if data, err := record.Received(r); err == nil {
		w.size += len(data)
	}
	known := false
	if t, ok := r.(*record.Telegram); ok {
		w.parts = append(w.parts, partsOf(telegram.Parse(t.Raw)))
		known = w.kindFrom(t) || t.Live
	}
	if known && len(w.parts) >= fewHeld && agree(w.parts) || len(w.held) >= maxHeld || w.size >= maxHeldBytes {
		return w.elect()
	}
	return nil
}

// kindFrom looks for the CRC of a stream in which none holds, and reports whether
// it is known, or there is none: a logger may have left out bytes of every
// telegram, and then it is the one that holds once they are put back.
func (w *Writer) kindFrom(t *record.Telegram) bool {
	if kind, ok := crc.Named(t.CRC); ok && len(w.parts) == 1 {
		w.known.setKind(kind)
	}
	if t.CRCSent == "" {
		return t.CRC == record.CRCNone
	}
	w.logger.Add(t.Raw, t.CRCSent, crc.Kinds()...)
	kind, found := w.logger.Kind()
	if found {
		w.known.setKind(kind)
	}
	return found
}

// elect lets the damaged telegrams vote on the names.
func (w *Writer) elect() error {
	if len(w.parts) > 0 {
		w.known.vote(w.parts)
		w.learned = len(w.known.names) > 0
	}
	return w.release()
}

// release hands on what was held back, and more.
func (w *Writer) release(more ...record.Record) error {
	held := append(w.held, more...)
	w.held, w.parts, w.size = nil, nil, 0
	for _, r := range held {
		if err := w.write(r); err != nil {
			return err
		}
	}
	return nil
}

// Flush flushes what has been handed on.
func (w *Writer) Flush() error { return w.out.Flush() }

// Close hands on what is held back.
func (w *Writer) Close() error { return w.endStream() }

func (w *Writer) endStream() error {
	if err := w.elect(); err != nil {
		return err
	}
	if w.seen && len(w.known.names) == 0 {
		w.say("%s: no telegram in it can be read, so nothing that names a meter was found or replaced", w.at.Source)
	}
	return nil
}

func (w *Writer) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if w.options.Say != nil && !w.said[text] {
		w.said[text] = true
		w.options.Say(text)
	}
}

// write hands a record on.
func (w *Writer) write(r record.Record) error {
	switch r := r.(type) {
	case *record.Noise:
		w.seen = true
		n := *r
		n.Offset -= w.shorter
		n.Data = w.known.damaged(r.Data, false)
		return w.out.Write(&n)
	case *record.Gap:
		g := *r
		g.Offset -= w.shorter
		return w.out.Write(&g)
	case *record.Telegram:
		w.seen = true
		t := w.telegram(r)
		t.Offset -= w.shorter
		w.shorter += length(r) - length(t)
		return w.out.Write(t)
	}
	return w.out.Write(r)
}

// length returns how many bytes a record was received in.
func length(r record.Record) int64 {
	data, err := record.Received(r)
	if err != nil {
		return 0
	}
	return int64(len(data))
}
