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
type twin struct {
	raw, text []byte
	runs      []run
}

// run is n bytes that begin at raw in the one and at text in the other.
type run struct{ raw, text, n int }

// learn makes raw and its text the pair.
func (t *twin) learn(raw []byte, ascii bool) {
	t.raw = append(t.raw[:0], raw...)
	t.text = AppendBytes(t.text[:0], raw, ascii)
	t.text = t.text[:copy(t.text, t.text[1:])]
	t.runs = t.runs[:0]
	text := 0
	for i := 0; i < len(raw); {
		if n := writtenLen(raw[i:]); n > 0 {
			t.runs = append(t.runs, run{i, text, n})
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
	if len(raw) != len(t.raw) || len(raw) == 0 {
		return false
	}
	r := 0
	for at := align.NextChange(t.raw, raw, 0); at < len(raw); at = align.NextChange(t.raw, raw, at+1) {
		for r < len(t.runs) && at >= t.runs[r].raw+t.runs[r].n {
			r++
		}
		if r == len(t.runs) || !t.change(r, at-t.runs[r].raw, raw[at]) {
			return false
		}
	}
	return true
}

// asText is asRaw for the text that the rest of a line begins with.
func (t *twin) asText(rest []byte) bool {
	if len(rest) < len(t.text) || len(t.text) == 0 {
		return false
	}
	text := rest[:len(t.text)]
	r := 0
	for at := align.NextChange(t.text, text, 0); at < len(text); at = align.NextChange(t.text, text, at+1) {
		for r < len(t.runs) && at >= t.runs[r].text+t.runs[r].n {
			r++
		}
		if r == len(t.runs) || !t.change(r, at-t.runs[r].text, text[at]) {
			return false
		}
	}
	return true
}

// change changes byte n of a run, where it is in that and c is plain.
func (t *twin) change(r, n int, c byte) bool {
	if n < 0 || !plain[c] {
		return false
	}
	t.raw[t.runs[r].raw+n] = c
	t.text[t.runs[r].text+n] = c
	return true
}
