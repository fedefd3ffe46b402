package unwrap

import (
	"bytes"
	"regexp"
)

// Dashes for hyphens, as editors and mail programs set them while one types or pastes.
//
//	1–0:1.8.0(008234.524*kWh)␍␊
//	 └ U+2013, or another dash; a hyphen in each code
//
// Three codes that have one are enough: no line makes the same three bytes of one.
func dashForm() form {
	return form{
		name: "dashes",
		says: "codes have dashes for hyphens: put right",
		look: func(s *sample) maker {
			n := 0
			if bytes.IndexByte(s.data, "\u2010"[0]) < 0 {
				return nil
			}
			for _, line := range s.lines {
				if dashed.Match(line) && isPlain(undash(line)) {
					n++
				}
			}
			if n < fewLines && !s.told {
				return nil
			}
			return func() layer {
				l := &lined{}
				l.each = func(p stamped, out sink) {
					p.data = undash(p.data)
					out(p)
				}
				return l
			}
		},
	}
}

// dashed is a code whose hyphen is a dash: U+2010 to U+2014, or the minus sign U+2212.
var dashed = regexp.MustCompile(`([0-9])(?:[\x{2010}-\x{2014}]|\x{2212})([0-9]{1,3}:)`)

func undash(line []byte) []byte {
	if bytes.IndexByte(line, "\u2010"[0]) < 0 {
		return line
	}
	return dashed.ReplaceAll(line, []byte("$1-$2"))
}
