package pseudonym

import (
	"bytes"
	"slices"

	"p1/pkg/crc"
	"p1/pkg/telegram"
)

// known is what a stream's telegrams have told of the names in them.
type known struct {
	kind     crc.Kind
	cache    map[string]string // pseudonyms of identifiers
	names    []*name           // the latest ones last
	secrets  secrets
	titles   [][]byte   // system titles of encrypted frames
	outlines []*outline // the latest ones last
}

// A part is a line of a telegram: a name, or one with a code that names nobody.
type part struct {
	code  string
	text  []byte
	named bool            // it names somebody
	spans []telegram.Span // where, in text
	name  *name           // in an outline
	count *byteCount      // of text, in an outline
}

const (
	// maxNames bounds what is remembered, maxCache and maxSecrets what is kept at
	// hand: a stream of nonsense could name many.
	maxNames   = 64
	maxCache   = 4096
	maxSecrets = 1 << 14
)

func newKnown() *known {
	return &known{
		cache: map[string]string{}, secrets: secrets{},
	}
}

// setKind says which CRC the stream has. Pseudonyms made for another one are
// forgotten.
func (k *known) setKind(kind crc.Kind) {
	if kind != k.kind {
		k.kind = kind
		clear(k.cache)
		k.names, k.outlines = nil, nil
	}
}

// hide writes the pseudonym of an identifier over it.
func (k *known) hide(identifier []byte) {
	if k.kind.Moved() {
		identifier = withoutMask(identifier)
	}
	text := string(identifier)
	hidden, ok := k.cache[text]
	if !ok {
		if len(k.cache) >= maxCache {
			clear(k.cache)
		}
		hidden = string(pseudonymOf(identifier, k.kind))
		k.cache[text] = hidden
	}
	if hidden != text && len(k.secrets) < maxSecrets {
		k.secrets.add(identifier)
	}
	copy(identifier, hidden)
}

// withoutMask is the part of an identifier before what somebody has masked of it, which names
// nobody: a run of one sign at its end.
func withoutMask(identifier []byte) []byte {
	const few = 4
	n := len(identifier)
	if n == 0 {
		return identifier
	}
	if run := n - len(bytes.TrimRight(identifier, string(identifier[n-1:]))); run >= few {
		return identifier[:n-run]
	}
	return identifier
}

// nameOf makes a name of a line.
func (k *known) nameOf(p part) *name {
	n := &name{line: p.text, hidden: bytes.Clone(p.text)}
	for _, s := range p.spans {
		k.hide(s.Of(n.hidden))
	}
	for i := range n.line {
		if n.line[i] != n.hidden[i] {
			if n.from == n.to {
				n.from = i
			}
			n.to = i + 1
		}
	}
	return n
}

// remember keeps the name that a line is.
func (k *known) remember(p part) *name {
	for _, old := range k.names {
		if bytes.Equal(old.line, p.text) {
			return old
		}
	}
	if len(k.names) == maxNames {
		k.names = k.names[:copy(k.names, k.names[1:])]
	}
	n := k.nameOf(p)
	k.names = append(k.names, n)
	return n
}

// learn takes the outline of a telegram that can be trusted.
func (k *known) learn(t *telegram.Telegram) { k.setOutline(partsOf(t)) }

// An outline is the lines of a meter's telegrams.
type outline struct {
	named string // the lines that name somebody, which tell meters apart
	lines []part
	plain map[string]int // the codes of the other ones, with their longest length
}

// maxOutlines is how many meters of a stream are known: it may be several logs, one
// after the other, or a meter was replaced.
const maxOutlines = 4

// setOutline remembers the lines of a telegram.
func (k *known) setOutline(parts []part) {
	o := &outline{plain: map[string]int{}}
	for _, p := range parts {
		if p.named {
			p.name = k.remember(p)
			o.named += string(p.text) + "\n"
		} else {
			o.plain[p.code] = max(o.plain[p.code], len(p.text))
		}
		p.count = countBytes(p.text)
		o.lines = append(o.lines, p)
	}
	k.outlines = slices.DeleteFunc(k.outlines, func(old *outline) bool { return old.named == o.named })
	if len(k.outlines) == maxOutlines {
		k.outlines = slices.Delete(k.outlines, 0, 1)
	}
	k.outlines = append(k.outlines, o)
}

// outlineOf returns the outline that most lines of a text are of, the latest one
// where they are of several.
func (k *known) outlineOf(text []byte) *outline {
	switch len(k.outlines) {
	case 0:
		return &outline{}
	case 1:
		return k.outlines[0]
	}
	var best *outline
	most := -1
	for _, o := range slices.Backward(k.outlines) {
		n := 0
		for _, p := range o.lines {
			mark := p.text
			if !p.named {
				mark = p.text[:len(p.code)+1]
			}
			if bytes.Contains(text, mark) {
				n++
			}
		}
		if n > most {
			best, most = o, n
		}
	}
	return best
}

// partsOf returns the lines of a telegram that have a code, and its header.
func partsOf(t *telegram.Telegram) []part {
	spans := namesOf(t)
	parts := make([]part, 0, len(t.Lines))
	for i := range t.Lines {
		l := &t.Lines[i]
		header := i == 0 && telegram.IsHeader(t.Header())
		if l.Code.End == 0 && !header {
			continue
		}
		p := part{code: string(l.Code.Of(t.Raw)), text: bytes.Clone(l.Of(t.Raw))}
		p.named = header || names(p.code)
		for _, s := range spans {
			if s.Start >= l.Start && s.End <= l.End {
				p.spans = append(p.spans, telegram.Span{Start: s.Start - l.Start, End: s.End - l.Start})
			}
		}
		parts = append(parts, p)
	}
	return parts
}

// vote learns from damaged telegrams: of each name the text that most of them
// have, in the outline of the one that has most lines.
func (k *known) vote(telegrams [][]part) {
	votes := count(telegrams)
	few := (len(telegrams) + 3) / 4 // a damaged code is a code of its own
	var best []part
	for _, parts := range telegrams {
		kept := make([]part, 0, len(parts))
		for _, p := range parts {
			if b := votes[p.code]; b.n >= few {
				if p.named {
					p = b.best
				}
				kept = append(kept, p)
			}
		}
		if len(kept) > len(best) {
			best = kept
		}
	}
	k.setOutline(best)
}

// agree reports whether of each name that damaged telegrams have, more than half
// of all have the same text.
func agree(telegrams [][]part) bool {
	some := false
	for _, b := range count(telegrams) {
		if b.best.named && b.n*4 >= len(telegrams) {
			some = true
			if b.most*2 <= len(telegrams) {
				return false
			}
		}
	}
	return some
}

// A ballot counts the texts of the lines with a code.
type ballot struct {
	n, most int
	texts   map[string]int
	best    part // one with the text that most have
}

func count(telegrams [][]part) map[string]*ballot {
	votes := map[string]*ballot{}
	for _, parts := range telegrams {
		for _, p := range parts {
			b := votes[p.code]
			if b == nil {
				b = &ballot{texts: map[string]int{}}
				votes[p.code] = b
			}
			b.n++
			text := string(p.text)
			if b.texts[text]++; b.texts[text] > b.most {
				b.most, b.best = b.texts[text], p
			}
		}
	}
	return votes
}
