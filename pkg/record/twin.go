package record

import (
	"encoding/binary"

	"p1/pkg/align"
)

// From one telegram to the next one byte in a hundred changes, most often a digit that
// becomes another digit. So the JSON text of a telegram is most often that of the one
// before but for these bytes, and so are its bytes, when text is read.
//
//	raw   1-0:1.8.0(008234.524*kWh)␍␊    1-0:1.8.0(008234.525*kWh)␍␊
//	text  1-0:1.8.0(008234.524*kWh)\r\n   1-0:1.8.0(008234.525*kWh)\r\n
//	      └────────── run ────────┘                       ↑
//
// twin is the raw of the telegram before, and its text as [AppendBytes] writes it, the
// first quote left out. Runs are the bytes that stand for themselves. A byte that
// changes is changed in both, so that they always belong together. The zero value fits
// nothing.
//
// It is no template of a telegram, which says where digits are: what may change here is
// any byte that JSON writes as it is, wherever that stands.
type twin struct {
	raw, text []byte
	runs      []run
}

// run is n bytes that begin at one place of the raw and at another one of the text.
type run struct {
	at [2]int
	n  int
}

// The sides of a pair.
const (
	ofRaw = iota
	ofText
)

// learn makes raw and its text the pair.
func (t *twin) learn(raw []byte, ascii bool) {
	t.raw = append(t.raw[:0], raw...)
	t.text = AppendBytes(t.text[:0], raw, ascii)
	t.text = t.text[:copy(t.text, t.text[1:])]
	t.runs = t.runs[:0]
	text := 0
	for i := 0; i < len(raw); {
		if n := writtenLen(raw[i:]); n > 0 {
			t.runs = append(t.runs, run{[2]int{i, text}, n})
			i, text = i+n, text+n
		}
		for i <= len(raw)-wordLen && binary.LittleEndian.Uint64(raw[i:]) == filler {
			i, text = i+wordLen, text+wordLen*escapedLen(0xFF, ascii)
		}
		for i < len(raw) && !plain[raw[i]] {
			text += escapedLen(raw[i], ascii)
			i++
		}
	}
}

// writtenLen returns how many plain bytes data begins with.
func writtenLen(data []byte) int {
	i := 0
	for i <= len(data)-wordLen {
		n := writtenRun(binary.LittleEndian.Uint64(data[i:]))
		if i += n; n < wordLen {
			return i
		}
	}
	for i < len(data) && plain[data[i]] {
		i++
	}
	return i
}

// escapedLen is how many bytes appendEscaped appends.
func escapedLen(c byte, ascii bool) int {
	if c >= 0xA0 && !ascii || c == '\r' || c == '\n' || c == '"' || c == '\\' {
		return 2
	}
	return mostEscaped
}

// asRaw makes raw one of the pair, and its text the other. It reports false where they
// differ in more than plain bytes.
func (t *twin) asRaw(raw []byte) bool {
	return len(raw) == len(t.raw) && len(raw) > 0 && t.follow(t.raw, raw, ofRaw)
}

// asText is asRaw for the text that the rest of a line begins with.
func (t *twin) asText(rest []byte) bool {
	return len(rest) >= len(t.text) && len(t.text) > 0 && t.follow(t.text, rest[:len(t.text)], ofText)
}

// follow makes one side of the pair, as it was, what it is now, and the other what goes
// with that.
func (t *twin) follow(was, now []byte, side int) bool {
	r := 0
	for at := align.NextChange(was, now, 0); at < len(now); at = align.NextChange(was, now, at+1) {
		for r < len(t.runs) && at >= t.runs[r].at[side]+t.runs[r].n {
			r++
		}
		if r == len(t.runs) || at < t.runs[r].at[side] || !plain[now[at]] {
			return false
		}
		n := at - t.runs[r].at[side]
		t.raw[t.runs[r].at[ofRaw]+n], t.text[t.runs[r].at[ofText]+n] = now[at], now[at]
	}
	return true
}
