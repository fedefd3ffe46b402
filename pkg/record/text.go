package record

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Meter bytes to JSON text and back, eight at a time: lines of some twenty plain
// characters, CR LF between them, and runs of 0xFF that UTF-8 writes as C3 BF.
//
//	1-0:1.8.0(008234.524*kWh)␍␊    1-0:1.8.0(008234.524*kWh)\r\n
//	└ word ┘└ word ┘└ word ┘└┘     └ word ┘└ word ┘└ word ┘└──┘

const (
	wordLen = 8
	ones    = 0x0101010101010101 // a 1 in each byte of a word
	highs   = 0x80 * ones        // bit 7 of each byte

	filler     = 0xFF * ones        // what fills the message of Hungarian meters
	fillerText = 0xBFC3BFC3BFC3BFC3 // four of these bytes in UTF-8
)

// plainRun returns how many bytes of the word, from its first on, stand for
// themselves in JSON: none below 0x20, no quote, no backslash, none from 0x80 on.
// A subtraction borrows from the bytes after the first one that is odd, never from
// those before it.
func plainRun(w uint64) int {
	odd := w | (w - 0x20*ones) | ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones)
	return bits.TrailingZeros64(odd&highs) / 8
}

// writtenRun is plainRun without 0x7F, which is read as it is but written escaped.
func writtenRun(w uint64) int {
	odd := w | (w - 0x20*ones) | ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones) | (w + ones)
	return bits.TrailingZeros64(odd&highs) / 8
}

// crlf is CR LF as JSON writes it.
const crlf = `\r\n`

// mostEscaped is how long a byte can become: \u00xx.
const mostEscaped = 6

// AppendBytes appends meter bytes as a JSON string, one code point a byte.
// Bytes from 0x7F to 0x9F are always escaped: some programs take U+0085 for the
// end of a line.
func AppendBytes(b, data []byte, ascii bool) []byte {
	b = append(slices.Grow(b, mostEscaped*len(data)+2*wordLen), '"')
	out, o, i := b[:cap(b)], len(b), 0
	for i <= len(data)-wordLen {
		w := binary.LittleEndian.Uint64(data[i:])
		binary.LittleEndian.PutUint64(out[o:], w) // what is odd is written over
		n := writtenRun(w)
		o, i = o+n, i+n
		if n == wordLen {
			continue
		}
		switch c := data[i]; {
		case c == '\r' && i+1 < len(data) && data[i+1] == '\n':
			o += copy(out[o:], crlf)
			i += 2
		case c >= 0xA0 && !ascii:
			n := putHigh(out[o:], data[i:])
			o, i = o+2*n, i+n
		default:
			o = len(appendEscaped(out[:o], c, ascii))
			i++
		}
	}
	b = out[:o]
	for _, c := range data[i:] {
		b = appendByte(b, c, ascii)
	}
	return append(b, '"')
}

// putHigh writes the bytes from 0xA0 on that data begins with as two bytes of UTF-8
// each, and returns how many they are.
func putHigh(out, data []byte) int {
	i := 0
	for i <= len(data)-wordLen {
		w := binary.LittleEndian.Uint64(data[i:])
		to := out[2*i : 2*i+2*wordLen]
		switch {
		case w == filler:
			binary.LittleEndian.PutUint64(to, fillerText)
			binary.LittleEndian.PutUint64(to[wordLen:], fillerText)
		case w&(w<<1|w<<2)&highs == highs: // bit 7, and bit 6 or 5, of all eight
			binary.LittleEndian.PutUint64(to, highPairs(uint32(w)))
			binary.LittleEndian.PutUint64(to[wordLen:], highPairs(uint32(w>>32)))
		default:
			return i + putHighTail(to, data[i:])
		}
		i += wordLen
	}
	return i + putHighTail(out[2*i:], data[i:])
}

// putHighTail is putHigh a byte at a time.
func putHighTail(out, data []byte) int {
	i := 0
	for ; i < len(data) && data[i] >= 0xA0; i++ {
		out[2*i], out[2*i+1] = 0xC0|data[i]>>6, 0x80|data[i]&0x3F
	}
	return i
}

// highPairs returns the two-byte UTF-8 of four bytes from 0x80 on.
func highPairs(four uint32) uint64 {
	w := uint64(four)
	w = (w | w<<16) & 0x0000FFFF0000FFFF
	w = (w | w<<8) & 0x00FF00FF00FF00FF
	return 0x80C080C080C080C0 | w>>6&0x0003000300030003 | w<<8&0x3F003F003F003F00
}

// appendByte appends any byte.
func appendByte(b []byte, c byte, ascii bool) []byte {
	if plain[c] {
		return append(b, c)
	}
	return appendEscaped(b, c, ascii)
}

// ReadBytes returns the meter bytes of a JSON string, quotes included; false where it
// is none, or holds a character above U+00FF.
func ReadBytes(text []byte) (Bytes, bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, false
	}
	b, rest, ok := appendText(nil, text[1:])
	return b, ok && len(rest) == 0
}

// appendText appends the meter bytes of the JSON string whose opening quote stands
// before text, and returns what stands after its closing one. It reports false where
// the string holds what is no meter byte, or what is no JSON.
func appendText(b, text []byte) (out, rest []byte, ok bool) {
	b = slices.Grow(b, len(text)+wordLen)
	out, o, i := b[:cap(b)], len(b), 0
	for i <= len(text)-wordLen {
		w := binary.LittleEndian.Uint64(text[i:])
		binary.LittleEndian.PutUint64(out[o:], w) // what is odd is written over
		n := plainRun(w)
		o, i = o+n, i+n
		if n == wordLen {
			continue
		}
		switch c := text[i]; {
		case c == '\\' && i <= len(text)-len(crlf) && string(text[i:i+len(crlf)]) == crlf:
			out[o], out[o+1] = '\r', '\n'
			o, i = o+2, i+len(crlf)
		case c == '"':
			return out[:o], text[i+1:], true
		case c == 0xC2 || c == 0xC3:
			n := putPairs(out[o:], text[i:])
			if n == 0 {
				return b, text, false
			}
			o, i = o+n, i+2*n
		default:
			c, size, ok := readByte(text[i:])
			if !ok {
				return b, text, false
			}
			out[o] = c
			o, i = o+1, i+size
		}
	}
	return appendTail(out[:o], text[i:])
}

// appendTail is appendText a byte at a time.
func appendTail(b, text []byte) (out, rest []byte, ok bool) {
	for len(text) > 0 && text[0] != '"' {
		c, size, ok := readByte(text)
		if !ok {
			return b, text, false
		}
		b = append(b, c)
		text = text[size:]
	}
	if len(text) == 0 {
		return b, text, false
	}
	return b, text[1:], true
}

// putPairs writes the bytes U+0080 to U+00FF that text begins with in UTF-8, C2 or C3
// and a byte that continues it, and returns how many they are.
func putPairs(out, text []byte) int {
	n := 0
	for 2*n <= len(text)-2*wordLen && binary.LittleEndian.Uint64(text[2*n:]) == fillerText &&
		binary.LittleEndian.Uint64(text[2*n+wordLen:]) == fillerText {
		binary.LittleEndian.PutUint64(out[n:], filler)
		n += wordLen
	}
	for 2*n <= len(text)-wordLen {
		w := binary.LittleEndian.Uint64(text[2*n:])
		if w&0xC0FEC0FEC0FEC0FE != 0x80C280C280C280C2 {
			break
		}
		w = w&0x0003000300030003<<6 | w>>8&0x003F003F003F003F
		w = (w | w>>8) & 0x0000FFFF0000FFFF
		binary.LittleEndian.PutUint32(out[n:], uint32(w|w>>16))
		n += wordLen / 2
	}
	for ; 2*n < len(text)-1 && text[2*n]&^1 == 0xC2 && text[2*n+1]&0xC0 == 0x80; n++ {
		out[n] = text[2*n]<<6 | text[2*n+1]&0x3F
	}
	return n
}

// readByte reads the meter byte that text begins with, and returns how long it is
// there; false where it is none.
func readByte(text []byte) (c byte, size int, ok bool) {
	switch c := text[0]; {
	case c == '\\' && len(text) > 1:
		return unescape(text)
	case c >= utf8.RuneSelf:
		if len(text) > 1 && c&^1 == 0xC2 && text[1]&0xC0 == 0x80 {
			return c<<6 | text[1]&0x3F, 2, true
		}
	case c >= 0x20 && c != '"' && c != '\\':
		return c, 1, true
	}
	return 0, 0, false
}

// unescape reads the escape that text begins with, RFC 8259 §7; false where it is
// none, or stands for more than a byte.
func unescape(text []byte) (c byte, size int, ok bool) {
	switch text[1] {
	case 'n':
		return '\n', 2, true
	case 'r':
		return '\r', 2, true
	case 't':
		return '\t', 2, true
	case 'b':
		return '\b', 2, true
	case 'f':
		return '\f', 2, true
	case '"', '\\', '/':
		return text[1], 2, true
	case 'u':
		if len(text) < 6 {
			return 0, 0, false
		}
		n, err := strconv.ParseUint(string(text[2:6]), 16, 8)
		return byte(n), 6, err == nil
	}
	return 0, 0, false
}
