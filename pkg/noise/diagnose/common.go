package diagnose

import (
	"bytes"
	"cmp"
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// maxWaiting is how many damaged telegrams wait for a valid one of their meter. If none
// comes they are compared with each other.
const maxWaiting = 64

// form is a line, its digits masked, as some of the damaged telegrams have it.
type form struct {
	text  []byte
	seen  int
	place float64 // sum of the places of the line in its telegrams, 0 to 1
}

// commonLines makes of damaged telegrams what most of them say, line by line: of each
// OBIS code the line that was received most often, in the order in which they came.
// It returns nil where too few agree. Its digits are those of any of the telegrams.
func commonLines(damaged []*record.Telegram) *record.Telegram {
	forms := map[string]*form{}
	for _, t := range damaged {
		received := asSent(t)
		all := telegram.Masked(received)
		at := 0
		for line := range bytes.Lines(received) {
			masked := string(all[at : at+len(line)])
			f := forms[masked]
			if f == nil {
				f = &form{text: bytes.Clone(line)}
				forms[masked] = f
			}
			f.seen++
			f.place += float64(at) / float64(len(received))
			at += len(line)
		}
	}
	least := max(3, len(damaged)/12)
	best := map[string]*form{}
	for masked, f := range forms {
		key := lineKey([]byte(masked))
		if b := best[key]; f.seen >= least && (b == nil || f.seen > b.seen || f.seen == b.seen && bytes.Compare(f.text, b.text) < 0) {
			best[key] = f
		}
	}
	var lines []*form
	for _, f := range best {
		lines = append(lines, f)
	}
	slices.SortFunc(lines, func(a, b *form) int {
		return cmp.Or(cmp.Compare(a.place/float64(a.seen), b.place/float64(b.seen)), bytes.Compare(a.text, b.text))
	})
	t := &record.Telegram{}
	codes := 0
	for _, f := range lines {
		t.Raw = append(t.Raw, f.text...)
		if bytes.IndexByte(f.text, '(') > 0 {
			codes++
		}
	}
	if codes < 3 {
		return nil
	}
	return t
}

// lineKey is what tells a line from others: what stands before its '(', or its first
// byte.
func lineKey(line []byte) string {
	if n := bytes.IndexByte(line, '('); n > 0 {
		return string(line[:n])
	}
	return string(line[:1])
}
