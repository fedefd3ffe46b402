package unwrap

import (
	"bytes"
	"encoding/base64"

	"p1/pkg/telegram"
)

// Base64, as some versions of dsmr-reader log each telegram.
//
//	b'L0lTSzVcMk01NTBULTEwMTINCg0KMS0zOjAuMi44KDUwKQ0K…'␊
//	  └─ /ISK5\2M550T-1012␍␊␍␊1-3:0.2.8(50)␍␊…
func base64Form() form {
	return form{
		name: "base64", live: true,
		says: "telegrams are written in base64: read back",
		look: func(s *sample) maker {
			if !s.share(func(line []byte) bool { return telegram.HasLine(unbase(line)) }) {
				return nil
			}
			return func() layer {
				l := &lined{}
				l.each = func(p stamped, out sink) {
					text := unbase(p.data)
					if len(text) == 0 {
						l.pass(p, out)
						return
					}
					if p.data = text; text[len(text)-1] != '\n' { // it was taken off
						p.data = append(text, '\n')
					}
					out(p)
				}
				return l
			}
		},
	}
}

// unbase returns the bytes that a line of base64 stands for; nil where it is none.
func unbase(line []byte) []byte {
	const least = 64 // shorter ones are words
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
