package frame

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// finding is the kind of CRC that a stream has been found to use. Until one has
// held, all are tried. A damaged telegram holds by some kind once in 65,536 times,
// so that one which holds against the kind found takes from the trust in it, and
// only replaces it once nothing is left. The meter may also have been replaced:
// where the header is another one, all kinds are tried again.
type finding struct {
	kind   crc.Kind
	trust  int    // 0: no kind has held yet
	header []byte // of the telegram that held last
}

// firm is the most trust that there is in a kind: so many telegrams that hold by
// another one, and none by this, replace it.
const firm = 2

// check reports whether the CRC of a telegram holds, by which kind it is to be
// calculated, and what that gives; text goes up to its '!', and sent is four hex
// digits, or empty where the CRC cannot be read.
func (f *finding) check(text []byte, sent string) (k crc.Kind, sum uint16, holds bool) {
	sum = f.kind.Sum(text)
	if sent == record.Digits(sum) && text[0] == '/' {
		return f.kind, sum, f.hold(f.kind, text)
	}
	want, err := strconv.ParseUint(sent, 16, 16)
	if err != nil || text[0] != '/' {
		return f.kind, sum, false
	}
	for _, other := range crc.Kinds() {
		if other != f.kind && other.Sum(text) == uint16(want) && f.hold(other, text) {
			return other, uint16(want), true
		}
	}
	return f.kind, sum, false
}

// hold takes notice of a telegram whose CRC holds by a kind, and reports whether
// that is to be believed.
func (f *finding) hold(k crc.Kind, text []byte) bool {
	switch {
	case f.foreign(text):
		f.kind, f.trust = k, 1
	case k == f.kind:
		f.trust = min(f.trust+1, firm)
	case f.trust > 1:
		f.trust--
		return false
	default:
		f.kind = k
	}
	f.header = append(f.header[:0], untilEOL(text)...)
	return true
}

// foreign reports whether a telegram is of a meter none of whose CRCs has held.
func (f *finding) foreign(text []byte) bool {
	return f.trust == 0 || !bytes.Equal(untilEOL(text), f.header)
}

// whole counts the telegrams of one meter that look undamaged but whose CRC does
// not hold.
type whole struct {
	n      int
	header []byte
	sent   string       // CRC of the first one
	others bool         // another one has another CRC
	differ []difference // for each kind
}

// difference is what the CRCs sent of several telegrams have been XORed with,
// compared with a known kind. Something that was masked by hand, in telegrams that
// are all as long, changes all their CRCs in the same way.
type difference struct {
	kind crc.Kind
	by   uint16
	same bool // in all of them
}

// of reports whether these are telegrams of the meter that sent this one.
func (w *whole) of(text []byte) bool {
	return w.n > 0 && bytes.Equal(untilEOL(text), w.header)
}

// add counts a telegram; text goes up to its '!'.
func (w *whole) add(text []byte, sent string) {
	if !w.of(text) {
		*w = whole{header: bytes.Clone(untilEOL(text)), sent: sent}
	}
	n, err := strconv.ParseUint(sent, 16, 16)
	if err != nil {
		return
	}
	for i, k := range crc.Kinds() {
		by := uint16(n) ^ k.Sum(text)
		if w.n == 0 {
			w.differ = append(w.differ, difference{k, by, true})
		}
		w.differ[i].same = w.differ[i].same && by == w.differ[i].by
	}
	w.others = w.others || sent != w.sent
	w.n++
}

// words say once that the CRC of a stream is not known, and what can be done.
func (w *whole) words(source string) string {
	var names []string
	for _, k := range crc.Kinds() {
		names = append(names, k.Name())
	}
	text := fmt.Sprintf("%s: %d whole telegrams, and no known CRC holds (%s): crc unknown; "+
		"p1fix cannot repair them, but p1csv --accept bad makes a table",
		source, w.n, strings.Join(names, ", "))
	for _, d := range w.differ {
		if d.same && w.others {
			text += fmt.Sprintf("; the difference from %s is the same in all of them: was something masked by hand?", d.kind.Name())
		}
	}
	return text
}

// looksWhole reports whether nothing but the CRC speaks against a telegram.
func looksWhole(raw []byte, sent string) bool {
	return len(sent) == 4 && telegram.Check(raw) == nil
}
