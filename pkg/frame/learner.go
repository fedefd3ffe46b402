package frame

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// learner finds by which CRC a meter signs, where no known kind holds, from telegrams that
// nothing but their CRC speaks against. While it learns from a log, records are held back,
// so that the first telegrams are verified too; of a live line those that come after.
type learner struct {
	header []byte       // of the meter
	list   []crc.Signed // telegrams that look whole, and by which no kind holds
	over   bool         // what was held back has been let go: nothing is held any more
	found  bool
	masked bool // and it is a known one, moved by what somebody has masked
	fills  []fill
	rest   []crc.Signed // those in a row, at last, that do not verify by what was found
}

// enough is how many telegrams are looked at, and maxLearned how many bytes of them.
const (
	enough     = 64
	maxLearned = 1 << 20
)

// fewMasked telegrams may show that something in them was masked, and all but one of
// nearlyAll have to agree on a CRC of a known polynomial where nothing looks masked.
const (
	fewMasked = 4
	nearlyAll = 10
)

// due reports whether so many telegrams are worth a look. Five are the fewest that can be
// certain, but a look takes time, and a logger that alters bytes is found before.
func due(n int) bool { return n == manyWhole+2 || n == enough }

// waits reports whether what comes is to be held back.
func (l *learner) waits() bool { return !l.over && !l.found && len(l.list) > 0 }

// add takes a telegram up to its '!', and what was sent as its CRC. It reports whether the
// telegrams are worth a look by now.
func (l *learner) add(text []byte, sent string) bool {
	if header := untilEOL(text); !sameHeader(header, l.header) { // else one of them may be damaged
		*l = learner{header: bytes.Clone(header), over: l.over}
	}
	sum, err := strconv.ParseUint(sent, 16, 16)
	if err != nil || len(l.list) == enough || len(text) > crc.MaxText || (len(l.list)+1)*len(text) > maxLearned {
		return false
	}
	l.list = append(l.list, crc.Signed{Text: bytes.Clone(text), Sum: uint16(sum)})
	return due(len(l.list)) || len(l.list) >= fewMasked && (len(telegram.Masks(text)) > 0 || len(telegram.Emptied(text)) > 0)
}

// find looks for the meter's CRC: a known one that has moved by what somebody has masked, or
// any. alone says that no telegram of the stream has held by another one, and last that no
// more telegrams are waited for.
func (l *learner) find(alone, last bool) (crc.Kind, bool) {
	kind, ok := l.findMasked(last)
	l.masked = ok
	if !ok && (last || l.found || due(len(l.list))) {
		if kind, ok = crc.Find(l.list); ok && slices.ContainsFunc(crc.Kinds(), kind.SamePolynomial) {
			// The line, or the logger, may have changed the same in several telegrams, or all.
			ok = alone && (!kind.Moved() || last && l.holding(kind)*nearlyAll >= len(l.list)*(nearlyAll-1))
		}
	}
	l.found = ok
	return kind, ok
}

// findMasked looks for a known CRC that has moved, where an identifier looks masked.
func (l *learner) findMasked(last bool) (crc.Kind, bool) {
	text := l.list[len(l.list)-1].Text
	spans := telegram.Masks(text)
	if len(spans) == 0 && len(telegram.Emptied(text)) == 0 {
		return crc.ARC, false
	}
	early := len(spans) == 0 || spans[0].Start < len(text)/2 // what varies in length stands behind it
	if len(spans) > 0 {
		if kind, ok := crc.FindMoved(maskedAlike(l.list), early); ok {
			return kind, true
		}
	}
	if len(l.list)%fewMasked != 0 && !last {
		return crc.ARC, false
	}
	fills := l.findFills()
	if fills == nil {
		return crc.ARC, false
	}
	list := slices.Clone(l.list)
	for i := range list {
		list[i].Text, _ = filled(list[i].Text, fills)
	}
	kind, ok := crc.FindMoved(maskedAlike(list), early)
	if ok {
		l.list, l.fills = list, fills
	}
	return kind, ok
}

// maskedAlike are the telegrams in which the same looks masked as in the last one: a hand has
// done the same to all. Noise too makes an identifier look masked, in one of many telegrams,
// and moves the CRCs of several by the same; but that is not one and the same hit.
func maskedAlike(list []crc.Signed) (alike []crc.Signed) {
	want := masksIn(list[len(list)-1].Text)
	for _, s := range list {
		if masksIn(s.Text) == want {
			alike = append(alike, s)
		}
	}
	return alike
}

// masksIn is all that looks masked in a text.
func masksIn(text []byte) string {
	var all []byte
	for _, s := range telegram.Masks(text) {
		all = append(append(all, s.Of(text)...), '\n')
	}
	return string(all)
}

// headerBy is the header of the telegrams that verify.
func (l *learner) headerBy(kind crc.Kind) []byte {
	for _, s := range l.list {
		if kind.Sum(s.Text) == s.Sum {
			return bytes.Clone(untilEOL(s.Text))
		}
	}
	return l.header
}

// holding counts the telegrams that verify.
func (l *learner) holding(kind crc.Kind) (n int) {
	for _, s := range l.list {
		if kind.Sum(s.Text) == s.Sum {
			n++
		}
	}
	return n
}

// of reports whether the CRC of a telegram's meter was learned. Start value and final XOR
// can't be told apart at one length, so that its telegrams of another may not verify.
func (l *learner) of(raw []byte) bool { return l.found && bytes.Equal(untilEOL(raw), l.header) }

// another reports whether two telegrams that do not verify have the same length, which
// those that do have not.
func (l *learner) another(kind crc.Kind) bool {
	fail := map[int]int{}
	last := len(l.list[len(l.list)-1].Text)
	for _, s := range l.list {
		if kind.Sum(s.Text) == s.Sum {
			fail[len(s.Text)] = -enough
		}
		fail[len(s.Text)]++
	}
	return fail[last] == 2
}

// learnKind looks for the CRC of a meter that none of the known ones verifies, and takes
// it for the stream's where it is certain.
func (s *stream) learnKind(t *candidate) {
	l := &s.learner
	if s.live {
		l.over = true
	}
	due := l.add(t.Raw[:t.bang+1], t.CRCSent)
	switch {
	case l.found && l.another(s.found.kind), !l.found && due:
		s.findKind(len(l.list) == enough)
	case l.found:
		s.findAnother(t.Raw[:t.bang+1], t.CRCSent)
	default:
		return
	}
	s.verify([]held{{&t.Telegram, t}})
}

// findAnother looks for the CRC of another meter, of the same name, whose identifiers were
// masked too: by what was found none of its telegrams verifies.
func (s *stream) findAnother(text []byte, sent string) {
	before := s.learner
	next := learner{header: before.header, list: before.rest, over: before.over}
	next.add(text, sent)
	s.learner.rest = next.list
	if n := len(next.list); n == 0 || n%fewMasked != 0 {
		return
	}
	kind, ok := next.findMasked(false)
	if !ok || kind == s.found.kind {
		return
	}
	next.found, next.masked = true, true
	s.learner = next
	s.takeFound(kind)
	s.sayMasked(kind)
}

// findKind takes a CRC that is found for the stream's; last says that no more telegrams are
// waited for.
func (s *stream) findKind(last bool) {
	l := &s.learner
	if _, found := s.logger.Found(); found {
		return // it is undone by p1fix
	}
	before := *l
	kind, ok := l.find(s.found.trust == 0 || before.found, last)
	if !ok || kind == s.found.kind {
		l.found, l.masked = before.found, before.masked
		return
	}
	s.takeFound(kind)
	switch {
	case l.masked && !before.masked:
		s.sayMasked(kind)
	case !l.masked:
		s.sayLearned(kind)
	}
}

// takeFound makes the CRC that was found the stream's.
func (s *stream) takeFound(kind crc.Kind) {
	l := &s.learner
	l.header = l.headerBy(kind)
	s.found.take(kind, l.header)
	s.found.fills = l.fills
	s.checks = withCRC
	s.whole = whole{}
}

// sayLearned tells of a CRC that was found, in a form that can be reported.
func (s *stream) sayLearned(kind crc.Kind) {
	l := &s.learner
	what := "which is no CRC that is known of meters"
	if kind.Moved() {
		what = "which is a known CRC with another start value or final XOR: the meter's own, or something was changed by hand in all telegrams"
	}
	s.say(fmt.Sprintf("%s: the meter /%s signs with %s, %s: found by algebra in %d telegrams, "+
		"of which %d verify; please report both names", s.source, bytes.TrimPrefix(l.header, []byte("/")), kind.Name(), what, len(l.list), l.holding(kind)))
}

// sayMasked tells of what was masked by hand.
func (s *stream) sayMasked(kind crc.Kind) {
	l := &s.learner
	last := l.list[len(l.list)-1].Text
	var where []string
	for _, span := range telegram.Masks(last) {
		place := telegram.PlaceOf(last, span.Start)
		if l.fills != nil {
			place += fmt.Sprintf(" (%d bytes)", span.End-span.Start)
		}
		where = append(where, place)
	}
	was := "was"
	if len(where) > 1 {
		was = "were"
	}
	s.say(fmt.Sprintf("%s: %s %s masked by hand before the log was handed on, which moves the CRC of each telegram in the same way (%s): "+
		"%d of %d telegrams agree on it, so that all but what is masked can be verified, and repaired",
		s.source, strings.Join(where, " and "), was, kind.Name(), l.holding(kind), len(l.list)))
}

// verify makes those of a list ok that hold by a kind that was found since.
func (s *stream) verify(list []held) {
	if !s.learner.found {
		return
	}
	kind := s.found.kind
	for _, h := range list {
		t := h.open
		if t != nil && t.verdict == fails {
			t.bang = s.fill(&t.Telegram, t.bang)
		}
		if t == nil || t.bang == noEnd || t.verdict != fails {
			continue
		}
		t.CRC, t.CRCCalc = kind.Name(), kind.Digits(t.Raw[:t.bang+1])
		t.Masked = channel.Masked(kind, t.Raw)
		if t.CRCCalc == t.CRCSent {
			t.Status, t.verdict = record.OK, holds
		}
	}
}

// take makes a kind the one in force, of a meter with this header.
func (f *finding) take(kind crc.Kind, header []byte) {
	f.kind, f.trust, f.claim = kind, firm, claim{}
	f.header = append(f.header[:0], header...)
	f.learned = kind
	if !slices.Contains(f.believed, kind) {
		f.believed = append(f.believed, kind)
	}
}

// kinds are those by which a telegram may hold.
func (f *finding) kinds() []crc.Kind {
	if f.learned == crc.ARC {
		return crc.Kinds()
	}
	return append(crc.Kinds(), f.learned)
}
