package repair

import (
	"bytes"
	"strconv"

	"p1/pkg/align"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// repaired is a candidate that satisfies the CRC.
type repaired struct {
	raw   []byte
	edits []record.Edit
}

// A reason for giving up, as it stands in why.
type reason string

const (
	noCRC       reason = "the CRC cannot be read"
	unknown     reason = "no valid telegram to compare with yet"
	tooDamaged  reason = "too damaged"
	noCandidate reason = "nothing that was considered satisfies the CRC"
	ambiguous   reason = "ambiguous: the CRC alone cannot tell what was sent"
	noValue     reason = "a field has no value that the meter could send"
	unprotected reason = "this stream has no CRC to confirm a repair"
	sealed      reason = "nothing can be repaired in an encrypted frame"
	headless    reason = "the beginning of an encrypted frame cannot be read"
	tagFails    reason = "tag not verified"
	unknownCRC  reason = "no known CRC holds in this stream"
)

// complete reports whether a telegram ends in CR LF after its CRC, which the CRC
// itself does not cover.
func complete(raw []byte) bool { return bytes.HasSuffix(raw, []byte("\r\n")) }

// holds reports whether the CRC of a telegram is one of a kind that holds.
func holds(raw []byte, kind crc.Kind) bool {
	_, ok := heldBy(raw, kind)
	return ok
}

// heldBy returns the first of these kinds by which the CRC of a telegram holds.
func heldBy(raw []byte, kinds ...crc.Kind) (crc.Kind, bool) {
	bang := bytes.LastIndexByte(raw, '!')
	if bang < 0 || raw[0] != '/' {
		return crc.ARC, false
	}
	sent, err := strconv.ParseUint(telegram.SentCRC(bytes.TrimRight(raw[bang:], "\r\n")), 16, 16)
	if err != nil {
		return crc.ARC, false
	}
	for _, k := range kinds {
		if k.Sum(raw[:bang+1]) == uint16(sent) {
			return k, true
		}
	}
	return crc.ARC, false
}

// shortened is a shape's text without a part of its fill.
type shortened struct {
	text []byte
	from int // text[from:] stood cut bytes further on in the shape's text
	cut  int
	all  bool // nothing is left of the fill
}

// origin is the place of text[i] in the shape's text, and so in the repaired raw.
func (s *shortened) origin(i int) int {
	if i >= s.from {
		return i + s.cut
	}
	return i
}

// aligned is how many missing bytes of a fill are left to the alignment; more
// than that are cut out of the expected text first, as one run.
const aligned = 64

// shorten takes out of the shape's text what is missing of its fill.
func shorten(shape *expect.Shape, received []byte) shortened {
	missing, n := 0, shape.FillEnd-shape.FillStart
	if n > 0 {
		missing = n - bytes.Count(received, shape.Text[shape.FillStart:shape.FillStart+1])
	}
	if missing <= aligned {
		return shortened{text: shape.Text, from: len(shape.Text)}
	}
	from := shape.FillEnd - missing
	text := append(bytes.Clone(shape.Text[:from]), shape.Text[shape.FillEnd:]...)
	return shortened{text: text, from: from, cut: missing, all: missing == n}
}

// edits lists the differences between raw and what was received.
func edits(ops []align.Op, raw []byte, short shortened, received []byte) []record.Edit {
	var list []record.Edit
	missing := short.cut
	i, j := 0, 0
	last := align.Same
	refill := func() {
		if missing > 0 && i == short.from {
			e := record.Edit{At: i, Got: record.Bytes{}, Now: raw[i : i+missing]}
			if short.all {
				e.By = record.ByLogger // all of it is gone: no line does that
			}
			list = append(list, e)
			missing = 0
			last = align.Same
		}
	}
	for _, o := range ops {
		if o != align.Added {
			refill()
		}
		at := short.origin(i)
		switch o {
		case align.Same, align.Other:
			if raw[at] != received[j] {
				list = append(list, record.Edit{At: at, Got: received[j : j+1], Now: raw[at : at+1]})
			}
			i++
			j++
		case align.Lost:
			if last == align.Lost {
				e := &list[len(list)-1]
				e.Now = raw[e.At : at+1]
			} else {
				list = append(list, record.Edit{At: at, Got: record.Bytes{}, Now: raw[at : at+1]})
			}
			i++
		case align.Added:
			if last == align.Added {
				e := &list[len(list)-1]
				e.Got = received[j-len(e.Got) : j+1]
			} else {
				list = append(list, record.Edit{At: at, Got: received[j : j+1], Now: record.Bytes{}})
			}
			j++
		}
		last = o
	}
	refill()
	return list
}
