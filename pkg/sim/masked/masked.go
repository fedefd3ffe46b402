// Package masked takes a simulated capture and gives the same as its owner would hand it on:
// the numbers that name the meter overwritten, the CRCs left as they were.
//
//	0-0:96.1.1(4530303737303434313136343931333737)   sent, and signed
//	0-0:96.1.1(XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX)   in the log
//
// It is done as an editor's "replace all" does it, wherever the text of an identifier stands,
// and then by hand, where the line has damaged the text but not what stands around it. Where
// it has damaged both, the identifier stays, damaged as it is.
package masked

import (
	"bytes"
	"regexp"
	"slices"

	"p1/pkg/sim"
)

// Ways are those in which people mask, from the least to the most that is changed.
func Ways() []string { return []string{"X", "zeros", "tail", "all", "short"} }

// Stream is a capture with masks in it.
type Stream struct {
	// AsLogged says that what was sent has the mask of the log, also where that is shorter
	// than the identifier: where nothing before it changes, its length does not show.
	AsLogged bool

	from  source
	way   string
	masks []mask
}

type source interface {
	Next() (sim.Transmission, bool)
}

// New masks a capture of one meter in one of the ways.
func New(from source, way string) *Stream { return &Stream{from: from, way: way} }

// Next gives the next transmission. What was sent has a mask as long as the identifier, also
// where that in the log is shorter.
func (s *Stream) Next() (sim.Transmission, bool) {
	x, ok := s.from.Next()
	if !ok {
		return x, false
	}
	if s.masks == nil {
		s.masks = masksOf(x.Sent, s.way)
	}
	x.Sent, x.Received, x.Logged = s.over(x.Sent, !s.AsLogged), s.over(x.Received, false), s.over(x.Logged, false)
	x.Plain = x.Sent
	return x, true
}

// Masks are the texts that stand in the place of identifiers.
func (s *Stream) Masks() (list [][]byte) {
	for _, m := range s.masks {
		list = append(list, m.now)
	}
	return list
}

// A mask is what is written in the place of a text, which stands between two others.
type mask struct{ before, text, after, now []byte }

func (s *Stream) over(text []byte, whole bool) []byte {
	for _, m := range s.masks {
		if whole && len(m.now) < len(m.text) {
			m.now = bytes.Repeat(m.now[:1], len(m.text))
		}
		text = bytes.ReplaceAll(text, m.text, m.now)
		at := bytes.Index(text, m.before)
		if at < 0 {
			continue
		}
		at += len(m.before)
		const more = 3 // that the line may have added
		n := bytes.Index(text[at:min(at+len(m.text)+more, len(text))], m.after)
		if n >= 0 {
			text = slices.Concat(text[:at], m.now, text[at+n:])
		}
	}
	return text
}

var (
	named  = regexp.MustCompile(`(\n(?:0-\d:96\.1\.[01]|0-0:42\.0\.0)\()([^)]{6,})(\))`)
	header = regexp.MustCompile(`^(/.{4}(?:\\.)?)(.{6,})(\r)`)
)

// masksOf finds the identifiers of a telegram. The meter's own is that of 0-0:96.1.0 or
// 96.1.1, or of its header where none is; a short mask is put on the first line that names it.
func masksOf(telegram []byte, way string) (list []mask) {
	for _, m := range named.FindAllSubmatch(telegram, -1) {
		list = append(list, mask{m[1], m[2], m[3], masked(m[2], way)})
	}
	if m := header.FindSubmatch(telegram); m != nil && (way == "all" || list == nil) {
		list = append(list, mask{m[1], m[2], m[3], masked(m[2], way)})
	}
	if way == "all" || len(list) == 0 {
		return list
	}
	own := max(0, slices.IndexFunc(list, func(m mask) bool { return bytes.HasPrefix(m.before, []byte("\n0-0:96.1.")) }))
	if way == "short" {
		own = 0
	}
	return list[own : own+1]
}

func masked(text []byte, way string) []byte {
	run := func(c string, n int) []byte { return bytes.Repeat([]byte(c), n) }
	switch keep := len(text) / 3; way {
	case "zeros":
		return run("0", len(text))
	case "tail":
		return append(bytes.Clone(text[:keep]), run("*", len(text)-keep)...)
	case "all":
		return run("*", len(text))
	case "short":
		return run("X", 4)
	}
	return run("X", len(text))
}
