package unwrap

import (
	"bytes"

	"p1/pkg/foreign"
)

// Hex, bare or with something between the bytes.
//
//	312D303A312E382E30283030…␊                  xxd -p, Python's hex()
//	31 2D 30 3A 31 2E 38 2E 30 28 30 30 …␊      terminals
//	31:2D:30:3A:31:2E:38:2E:30:28:30:30:…␊      ESPHome
//	0x31, 0x2D, 0x30, 0x3A, …␊                  C
//	$31 $2D $30 $3A …␊                          terminals
//
// It is only looked for where nothing is P1 as it stands: meters send hex of their own.
func hexForm() form {
	return form{
		name: "hex", live: true,
		says: "bytes are written as hex digits: read back",
		look: func(s *sample) maker {
			if s.hasP1() && !s.told {
				return nil
			}
			fit, cut := 0, 0 // lines of hex, and those of them without the meter's line end
			var data, lines []byte
			for i, line := range s.lines {
				part, ok := unhex(line)
				for n := 1; s.part && !ok && n < 4; n++ { // it may end within a byte
					part, ok = unhex(line[:len(line)-n])
				}
				if ok && i < enoughLines {
					fit++
					if !hasEnd(part) {
						cut++
					}
				}
				data, lines = append(data, part...), append(append(lines, part...), '\n')
			}
			if fit == 0 || !s.told && 10*fit < 9*len(s.first()) {
				return nil
			}
			bare := 10*cut >= 9*fit && s.meters(lines)
			if !bare && !s.meters(data) {
				return nil
			}
			return func() layer { return hexLines(bare) }
		},
	}
}

// hasEnd reports whether a line ends in data.
func hasEnd(data []byte) bool { return bytes.ContainsAny(data, "\r\n") }

// meters reports whether bytes that were read back are a meter's: P1, or another language
// that meters speak, or once more a form.
func (s *sample) meters(data []byte) bool {
	if s.told {
		return true
	}
	if p, _ := foreign.Protocol(data); p != nil {
		return true
	}
	inner := newSample(data, true)
	if inner.isPlain() {
		return true
	}
	return s.makesSense(inner.lines)
}

// hexLines reads lines of hex; bare tells that the meter's line ends are not among the bytes.
func hexLines(bare bool) layer {
	l := &lined{}
	odd := -1 // the first digit of a byte, at the end of a part of a long line
	l.each = func(p stamped, out sink) {
		text, end := cutEnd(p.data)
		if odd >= 0 {
			text = append([]byte{byte(odd)}, text...)
			odd = -1
		}
		if n := len(text); len(end) == 0 && n > 0 && hexDigits(text)%2 == 1 {
			odd = int(text[n-1])
			text = text[:n-1]
		}
		data, ok := unhex(text)
		if !ok {
			l.pass(p, out)
			return
		}
		if p.data = data; bare {
			p.data = append(p.data, '\n')
		}
		if len(p.data) > 0 {
			out(p)
		}
	}
	return l
}

func hexDigits(text []byte) int {
	n := 0
	for _, c := range text {
		if hexValue([]byte{c}) >= 0 {
			n++
		}
	}
	return n
}

// unhex returns the bytes that a line of hex stands for; false where it is none. An empty
// line stands for none.
func unhex(line []byte) ([]byte, bool) {
	text := bytes.TrimSpace(line)
	out := make([]byte, 0, len(text)/2)
	for len(text) > 0 {
		switch {
		case len(text) > 1 && (text[0] == '0' || text[0] == '\\') && text[1]|0x20 == 'x':
			text = text[2:]
			fallthrough
		default:
			if len(text) < 2 {
				return nil, false
			}
			v := hexValue(text[:2])
			if v < 0 {
				return nil, false
			}
			out, text = append(out, byte(v)), text[2:]
		case bytes.IndexByte([]byte(" \t:,;-$"), text[0]) >= 0:
			text = text[1:]
		}
	}
	return out, true
}
