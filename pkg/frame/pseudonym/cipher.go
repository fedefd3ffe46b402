package pseudonym

import (
	"bytes"
	"slices"

	"p1/pkg/record"
)

// A telegram that came encrypted has the key "cipher". Where it could be read, the
// shared log holds the text alone: the frame holds the names too and cannot be
// changed without the key. Where it could not, the frame stays, but for the number
// of the meter in its system title, without which nobody can read it any more.
//
//	DB 08 53 41 47 67 70 05 8D 1C 82 04 1B 30 …     as received
//	DB 08 53 41 47 00 00 00 00 00 82 04 1B 30 …     the maker's letters stay
const (
	titleAt   = 2 // after DB and the length of the title
	titleSize = 8
	makerSize = 3
)

// sealed takes the number out of the title of a frame that nobody could read.
func (w *Writer) sealed(r *record.Telegram) *record.Telegram {
	w.say("%s: encrypted telegrams that could not be read stay so; the number of the meter in them became zeros, so that no key opens them any more", r.Source)
	t := *r
	t.Raw = bytes.Clone(r.Raw)
	if title := titleOf(t.Raw); title != nil {
		w.known.rememberTitle(title)
		clear(title[makerSize:])
	}
	t.ReceivedRaw = t.Raw
	return &t
}

// titleOf returns the system title that a frame begins with.
func titleOf(frame []byte) []byte {
	if len(frame) < titleAt+titleSize || frame[0] != 0xDB || frame[1] != titleSize {
		return nil
	}
	return frame[titleAt : titleAt+titleSize]
}

// maxTitles is how many meters of a stream are known by their system title.
const maxTitles = 4

func (k *known) rememberTitle(title []byte) {
	old := func(t []byte) bool { return bytes.Equal(t, title) }
	if slices.ContainsFunc(k.titles, old) || len(bytes.Trim(title[makerSize:], "\x00")) == 0 {
		return
	}
	if k.titles = append(k.titles, bytes.Clone(title)); len(k.titles) > maxTitles {
		k.titles = k.titles[1:]
	}
}

// clearTitles takes the numbers of known titles out of what is left of frames.
func (k *known) clearTitles(out []byte) {
	for _, title := range k.titles {
		for at := bytes.Index(out, title); at >= 0; at = bytes.Index(out, title) {
			clear(out[at+makerSize : at+titleSize])
		}
	}
}
