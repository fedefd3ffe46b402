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
	for _, s := range telegram.Masks(last) {
		if s.Start > header {
			spans = append(spans, s)
		}
	}
	if len(spans) == 0 {
		return nil
	}
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
	spans = apart(spans, same)
	for i := range list {
		at := 0
		for _, s := range spans {
			list[i].Parts = append(list[i].Parts, same[i][at:s.Start])
			at = s.End
		}
		list[i].Parts = append(list[i].Parts, same[i][at:])
	}
	lengths, ok := crc.FindFill(list, last[spans[0].End-1])
	if !ok {
		return nil
	}
	var fills []fill
	for i, s := range spans {
		fills = append(fills, newFill(last, s, lengths[i]))
	}
	return fills
}

// apart leaves the first of those spans between which nothing changes, two at most: of the
// lengths of several nothing but the sum is known.
func apart(spans []telegram.Span, texts [][]byte) []telegram.Span {
	out := spans[:1:1]
	for _, s := range spans[1:] {
		from := out[len(out)-1].End
		if len(out) < 2 && slices.ContainsFunc(texts, func(t []byte) bool { return !bytes.Equal(t[from:s.Start], texts[0][from:s.Start]) }) {
			out = append(out, s)
		}
	}
	return out
}

// newFill is a mask of another length in the place of that in a span.
func newFill(text []byte, s telegram.Span, length int) fill {
	line := bytes.LastIndexByte(text[:s.Start], '\n') + 1
	open := line + max(bytes.LastIndexByte(text[line:s.Start], '('), 0)
	end := s.End + max(bytes.IndexByte(text[s.End:], ')'), 0) + 1
	mask := bytes.Repeat(text[s.End-1:s.End], max(length, s.End-s.Start))
	copy(mask, s.Of(text))
	return fill{
		code: bytes.Clone(text[line:open]), old: bytes.Clone(text[open:end]),
		now: slices.Concat(text[open:s.Start], mask[:length], text[s.End:end]),
	}
}
