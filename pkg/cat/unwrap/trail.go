package unwrap

import "bytes"

// Blanks behind each line, as pages, tables and terminals leave them in what is copied:
// blanks, tabs, or blanks that do not break, U+00A0 as UTF-8 or Latin-1.
//
//	1-0:1.8.0(008234.524*kWh)  ␍␊
//	                         └┘ taken off
//
// Where most lines have as many, as many are taken: on a bad line a digit may become one.
func trailForm() form {
	return form{
		name: "trailing blanks",
		says: "each line ends in blanks: taken off",
		look: func(s *sample) maker {
			runs := map[string]int{}
			fit := 0
			for _, line := range s.first() {
				if n := trailing(line); n > 0 {
					fit++
					runs[string(line[len(line)-n:])]++
				}
			}
			if !s.believed(fit, len(s.first())) || !s.told && !s.isPlain() {
				return nil
			}
			run, n := most(runs)
			if 10*n < 9*fit {
				run = ""
			}
			return func() layer { return trailLayer(run) }
		},
	}
}

// trailLayer takes a run of blanks off each line's end; all that stand there where run is "".
func trailLayer(run string) layer {
	l := &lined{}
	l.each = func(p stamped, out sink) {
		text, end := cutEnd(p.data)
		n := trailing(text)
		if run != "" && bytes.HasSuffix(text, []byte(run)) {
			n = len(run)
		}
		p.data = append(text[:len(text)-n:len(text)-n], end...)
		out(p)
	}
	return l
}

// trailing returns how many bytes of blanks a text ends in.
func trailing(text []byte) int {
	n := len(text)
	for n > 0 {
		switch c := text[n-1]; {
		case c == ' ' || c == '\t':
			n--
		case bytes.HasSuffix(text[:n], []byte("\u00a0")):
			n -= len("\u00a0")
		case c == 0xA0:
			n--
		default:
			return len(text) - n
		}
	}
	return len(text) - n
}
