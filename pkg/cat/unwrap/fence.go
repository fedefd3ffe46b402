package unwrap

import "bytes"

// A block of code in Markdown, as people post a log in a forum (CommonMark 0.31, §4.5):
// a line of three or more backticks or tildes before it and after it.
//
//	Hello, can anybody read this?␊       left out
//	```text␊                             left out
//	1-0:1.8.0(008234.524*kWh)␊
//	```␊                                 left out
//
// What stands outside of the blocks is the author's, but for lines of P1.
func fenceForm() form {
	return form{
		name: "code block",
		says: "a post stands around a block of code: taken off (of the meter's bytes, the post may have lost some)",
		look: func(s *sample) maker {
			var inside [][]byte
			open, fences := false, 0
			for _, line := range s.lines {
				switch {
				case isFence(line):
					open = !open
					fences++
				case open:
					inside = append(inside, line)
				case isPlain(line):
					return nil
				}
			}
			if fences == 0 || len(inside) == 0 && !s.told || !s.makesSense(inside) {
				return nil
			}
			return func() layer {
				l := &lined{}
				open := false
				l.each = func(p stamped, out sink) {
					text, _ := cutEnd(p.data)
					switch {
					case isFence(text):
						open = !open
					case open || isPlain(text):
						out(p)
					}
				}
				return l
			}
		},
	}
}

// isFence reports whether a line begins or ends a block: nothing stands in it but the mark
// and the name of a language.
func isFence(line []byte) bool {
	const least, longest = 3, 40
	text := bytes.TrimSpace(line)
	if len(text) > longest || len(text) == 0 || text[0] != '`' && text[0] != '~' {
		return false
	}
	name := bytes.TrimLeft(text, string(text[:1]))
	return len(text)-len(name) >= least && !bytes.ContainsFunc(name, func(r rune) bool {
		return r > 'z' || !isLetter(byte(r)) && (r < '0' || r > '9') && r != '-' && r != '+'
	})
}
