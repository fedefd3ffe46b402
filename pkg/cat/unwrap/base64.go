package unwrap

import (
	"bytes"
	"encoding/base64"

	"p1/pkg/telegram"
)

// Base64, as some versions of dsmr-reader log each telegram, and as the command base64 writes
// a file.
//
//	b'L0lTSzVcMk01NTBULTEwMTINCg0KMS0zOjAuMi44KDUwKQ0K…'␊
//	  └─ /ISK5\2M550T-1012␍␊␍␊1-3:0.2.8(50)␍␊…
//	L0lTSzVcMk01NTBULTEwMTINCg0KMS0zOjAuMi44KDUwKQ0KMC0wOjEuMC4wKDI2MTEyOTE0MDAw␊
//	MFcpDQohNUI2MA0K␊
//	└── the last line is shorter
func base64Form() form {
	return form{
		name: "base64", live: true,
		says: "telegrams are written in base64: read back",
		look: func(s *sample) maker {
			lines := s.first()
			if s.part {
				return nil
			}
			text, fit, whole := readBase64(lines)
			if !s.believed(fit, len(lines)) && fit < len(lines) || !telegram.HasLine(text) {
				return nil
			}
			return func() layer { return newBase64(whole) }
		},
	}
}

// readBase64 returns what lines stand for, how many of them are base64, and whether each is
// a telegram.
func readBase64(lines [][]byte) (data []byte, fit int, whole bool) {
	l := &base64Layer{}
	whole = true
	for _, line := range lines {
		part := l.read(line)
		if data = append(data, part...); len(part) > 0 {
			fit++
			whole = whole && part[0] == '/'
		}
	}
	return data, fit, whole
}

// newBase64 reads base64 back. Where each line is a telegram, it ends in a line end, which
// may have been taken off.
func newBase64(whole bool) layer {
	l := &base64Layer{}
	l.each = func(p stamped, out sink) {
		data := l.read(p.data)
		if len(data) == 0 {
			l.pass(p, out)
			return
		}
		if p.data = data; whole && data[len(data)-1] != '\n' {
			p.data = append(data, '\n')
		}
		out(p)
	}
	return l
}

// leastBase64 is how many characters of base64 are no words.
const leastBase64 = 64

// base64Layer reads lines of base64 back.
type base64Layer struct {
	lined
	full int // how long the line before was: the last one may be shorter; 0 where it was that, or no base64
}

// read returns the bytes that a line stands for.
func (l *base64Layer) read(line []byte) []byte {
	least := leastBase64
	text, _ := cutEnd(line)
	if len(text) < l.full {
		least = 1
	}
	data := unbase(line, least)
	if l.full = len(text); len(data) == 0 || least == 1 {
		l.full = 0
	}
	return data
}

// unbase returns the bytes that a line of base64 of at least so many characters stands for;
// nil where it is none.
func unbase(line []byte, least int) []byte {
	text, _ := cutEnd(line)
	if text = unquote(bytes.TrimSpace(text)); len(text) < least {
		return nil
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(out, text)
	if err != nil {
		return nil
	}
	return out[:n]
}
