package frame

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"p1/pkg/crc"
	"p1/pkg/telegram"
)

// finding is what a stream's telegrams say of the kind of their CRC. A damaged one
// holds by some kind once in 65,536 times, so that one which holds against the kind in
// force takes from the trust in it, and only replaces it once nothing is left. The
// meter may also have been replaced: where the header is another one, any kind that
// is believed may be its kind.
//
// One telegram that looks undamaged is enough to believe ARC, which the standard
// prescribes and nearly all meters use, as long as no other kind is believed. What looks
// damaged, or holds by any other kind, is a claim: that kind is believed after two
// telegrams with different text, or after one if the stream ends and nothing in it
// contradicts that one. ARC is such another kind in a stream of X25. One telegram is
// contradicted by one of the same meter that holds by another kind, by one that looks
// undamaged and holds by none, and, where it looks damaged itself, by any that holds by none.
type finding struct {
	kind     crc.Kind // in force
	trust    int      // 0: no kind has held yet
	header   []byte   // of the telegram that held last
	believed []crc.Kind
	learned  crc.Kind // that was found by algebra; ARC where none was
	fills    []fill   // of what was masked with another length
	claim    claim
	misfit   misfit // the worst telegram of a meter whose kind is not known
}

// misfit is how a telegram looks that holds by no kind.
type misfit int

const (
	noMisfit misfit = iota
	damaged
	undamaged
)

// claim is a telegram that holds by a kind that is not believed yet.
type claim struct {
	kind    crc.Kind
	text    []byte // up to the '!'; empty where there is no claim
	waits   bool   // it and what follows is held back until the kind is believed or not
	other   bool   // the same meter has sent one that holds by another kind
	misfits int    // telegrams since then that held by no kind
}

// verdict is what the CRC of a telegram comes to.
type verdict int

const (
	fails  verdict = iota // it cannot be read, or is not to be believed
	claims                // it holds by a kind that is not believed yet
	holds
)

const (
	// firm is the most trust that there is in a kind: so many telegrams that hold by
	// another one, and none by this, replace it.
	firm = 2
	// oldClaim telegrams that hold by no kind make a claim void: one of so many holds by
	// the claim's kind by accident once in 65 times.
	oldClaim = 1000
)

// check says whether the CRC of a telegram holds, by which kind it is to be
// calculated, and what that gives; text goes up to its '!', sent is four hex digits,
// or empty where the CRC cannot be read, and sum is what the kind in force gives.
func (f *finding) check(text []byte, sent string, sum uint16) (crc.Kind, uint16, verdict) {
	if sent == crc.Digits(sum) && text[0] == '/' {
		if f.trust == 0 && telegram.Check(text) != nil && !f.believes(f.kind, text) {
			return f.kind, sum, claims
		}
		return f.kind, sum, f.hold(f.kind, text)
	}
	want, err := strconv.ParseUint(sent, 16, 16)
	if err != nil || text[0] != '/' {
		return f.kind, sum, fails
	}
	for _, other := range f.kinds() {
		if other == f.kind || other.Sum(text) != uint16(want) {
			continue
		}
		v := claims
		if f.believes(other, text) {
			v = f.hold(other, text)
		}
		if v == holds {
			return other, uint16(want), v
		}
		return f.kind, sum, v
	}
	f.fitsNone(text)
	return f.kind, sum, fails
}

// hold takes notice of a telegram whose CRC holds by a kind that is believed, and says
// whether that is so by accident.
func (f *finding) hold(k crc.Kind, text []byte) verdict {
	switch {
	case f.foreign(text):
		f.kind, f.trust = k, 1
	case k == f.kind:
		f.trust = min(f.trust+1, firm)
	case f.trust > 1:
		f.trust--
		return fails
	default:
		f.kind = k
	}
	f.header = append(f.header[:0], untilEOL(text)...)
	if !slices.Contains(f.believed, k) {
		f.believed = append(f.believed, k)
	}
	if len(f.claim.text) > 0 {
		f.claim.other = f.claim.other || bytes.Equal(untilEOL(f.claim.text), f.header)
	}
	return holds
}

// foreign reports whether a telegram is of a meter none of whose CRCs has held.
func (f *finding) foreign(text []byte) bool {
	return f.trust == 0 || !bytes.Equal(untilEOL(text), f.header)
}

// believes reports whether a telegram that holds by a kind other than that in force may
// do so. The first one is a claim.
func (f *finding) believes(k crc.Kind, text []byte) bool {
	c := &f.claim
	switch {
	case slices.Contains(f.believed, k):
		return true
	case len(c.text) > 0 && c.kind == k && !bytes.Equal(c.text, text):
		f.accept()
		return true
	case len(c.text) > 0 && c.kind == k:
		return false
	}
	known := !f.foreign(text) // the meter, by another kind
	*c = claim{kind: k, text: bytes.Clone(text), waits: !known || f.trust < firm, other: known}
	if known && f.trust == firm {
		f.trust--
	}
	return false
}

// accept makes the claim's kind a believed one.
func (f *finding) accept() {
	f.believed = append(f.believed, f.claim.kind)
	f.claim = claim{}
}

// fitsNone takes notice of a whole telegram that holds by no kind.
func (f *finding) fitsNone(text []byte) {
	if !f.foreign(text) {
		return // it is damaged
	}
	if f.misfit != undamaged {
		f.misfit = damaged
		if telegram.Check(text) == nil {
			f.misfit = undamaged
		}
	}
	if c := &f.claim; len(c.text) > 0 {
		if c.misfits++; c.misfits == oldClaim {
			*c = claim{}
		}
	}
}

// end decides about a claim that waits when the stream ends.
func (f *finding) end() {
	c := f.claim
	if c.waits && !c.other && (f.misfit == noMisfit || f.misfit == damaged && telegram.Check(c.text) == nil) {
		f.accept()
		f.hold(c.kind, c.text)
	}
}

// whole counts the telegrams of one meter that look undamaged but whose CRC does
// not hold.
type whole struct {
	n      int // as far as manyWhole
	more   int // beyond
	among  int // so many that do not hold, whole or damaged, from the first one on
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
		*w = whole{header: bytes.Clone(untilEOL(text)), sent: sent, among: 1}
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

// sameHeader reports whether two headers may be one, of which one is damaged: they are
// the same at both ends, for half of the longer one at least.
func sameHeader(a, b []byte) bool {
	short := min(len(a), len(b))
	front := 0
	for front < short && a[front] == b[front] {
		front++
	}
	back := 0
	for back < short-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	return 2*(front+back) >= max(len(a), len(b))
}

// words say once that the CRC of a stream is not known, and what can be done.
func (w *whole) words(source string) string {
	var names []string
	for _, k := range crc.Kinds() {
		names = append(names, k.Name())
	}
	text := fmt.Sprintf("%s: telegrams look whole, and no known CRC holds (%s) in any of them; if p1fix repairs none either, "+
		"it is of another kind, or something was taken out of all of them by hand, and p1csv --accept bad makes a table that nothing verifies",
		source, strings.Join(names, ", "))
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
