package frame

import (
	"bytes"
	"slices"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// fill is a mask that is shorter or longer than what it stands for, and what is read in its
// place: one of the right length, as it were masked with care. The received bytes are kept.
//
//	code  0-0:96.1.1
//	old   (XXXX)
//	now   (XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX)
type fill struct{ code, old, now []byte }

// in returns a text with the right length of mask, and by how much it is longer. Where the
// code is damaged, the mask is known as long as there is one of it.
func (x fill) in(text []byte) ([]byte, int) {
	at := bytes.Index(text, slices.Concat(x.code, x.old))
	switch {
	case at >= 0:
		at += len(x.code)
	case bytes.Count(text, x.old) == 1:
		at = bytes.Index(text, x.old)
	default:
		return text, 0
	}
	more := len(x.now) - len(x.old)
	if len(text)+more > record.MaxTelegram {
		return text, 0
	}
	return slices.Concat(text[:at], x.now, text[at+len(x.old):]), more
}

// filled returns a text with masks of the right length.
func filled(text []byte, fills []fill) (out []byte, more int) {
	for _, x := range fills {
		var n int
		text, n = x.in(text)
		more += n
	}
	return text, more
}

// fill gives a telegram that was received masks of the right length.
func (s *stream) fill(t *record.Telegram, bang int) int {
	raw, more := filled(t.Raw, s.found.fills)
	if more == 0 {
		return bang
	}
	if t.ReceivedRaw == nil {
		t.ReceivedRaw, _ = t.Received()
	}
	t.Raw = raw
	if bang != noEnd {
		bang += more
	}
	return bang
}

// findFills finds the length of what was masked, where masks have another one and what
// stands before them changes from telegram to telegram.
func (l *learner) findFills() []fill {
	last := l.list[len(l.list)-1].Text
	header := len(untilEOL(last))
	var spans []telegram.Span
	for _, s := range slices.Concat(telegram.Masks(last), telegram.Emptied(last)) {
		if s.Start > header {
			spans = append(spans, s)
		}
	}
	if len(spans) == 0 {
		return nil
	}
	slices.SortFunc(spans, func(a, b telegram.Span) int { return a.Start - b.Start })
	var same [][]byte
	var list []crc.Parted
	for _, x := range l.list {
		alike := len(x.Text) == len(last) &&
			!slices.ContainsFunc(spans, func(s telegram.Span) bool { return !bytes.Equal(s.Of(x.Text), s.Of(last)) })
		if alike {
			same = append(same, x.Text)
			list = append(list, crc.Parted{Sum: x.Sum})
		}
	}
	groups := apart(spans, same)
	for i := range list {
		at := 0
		for _, g := range groups {
			list[i].Parts = append(list[i].Parts, same[i][at:g[0].Start])
			at = g[0].End
		}
		list[i].Parts = append(list[i].Parts, same[i][at:])
	}
	lengths, ok := crc.FindFill(list, 'X')
	if !ok {
		return nil
	}
	var fills []fill
	for i, g := range groups {
		fills = append(fills, fillsOf(last, g, lengths[i]-(g[0].End-g[0].Start))...)
	}
	return fills
}

// apart groups spans between which nothing changes: of their lengths nothing but the sum is
// known. There are two groups at most, and the others are as long as they should be.
func apart(spans []telegram.Span, texts [][]byte) (groups [][]telegram.Span) {
	from := -1
	for _, s := range spans {
		constant := from >= 0 && !slices.ContainsFunc(texts, func(t []byte) bool { return !bytes.Equal(t[from:s.Start], texts[0][from:s.Start]) })
		switch n := len(groups); {
		case constant:
			groups[n-1] = append(groups[n-1], s)
		case n == 2:
			return groups
		default:
			groups = append(groups, []telegram.Span{s})
		}
		from = s.End
	}
	return groups
}

// fillsOf shares out how many bytes more the masks of a group have to have: evenly, as where
// one number was replaced in several lines, or else to the first.
func fillsOf(text []byte, group []telegram.Span, more int) (fills []fill) {
	if each := more / len(group); each*len(group) == more {
		for _, s := range group {
			if n := s.End - s.Start + each; n > 0 {
				fills = append(fills, newFill(text, s, n))
			}
		}
		if len(fills) == len(group) {
			return fills
		}
	}
	s := group[0]
	return []fill{newFill(text, s, s.End-s.Start+more)}
}

// newFill is a mask of another length in the place of that in a span: a run of its sign, or,
// where it is a word or nothing, of X.
func newFill(text []byte, s telegram.Span, length int) fill {
	line := bytes.LastIndexByte(text[:s.Start], '\n') + 1
	open := line + max(bytes.LastIndexByte(text[line:s.Start], '('), 0)
	end := min(s.End+max(bytes.IndexByte(text[s.End:], ')'), 0)+1, len(text))
	sign := []byte("X")
	if old := s.Of(text); len(old) > 0 && len(bytes.TrimLeft(old, string(old[:1]))) == 0 {
		sign = old[:1]
	}
	return fill{
		code: bytes.Clone(text[line:open]), old: bytes.Clone(text[open:end]),
		now: slices.Concat(text[open:s.Start], bytes.Repeat(sign, length), text[s.End:end]),
	}
}
