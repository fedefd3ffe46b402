package unwrap

import "bytes"

// Caret notation, as cat -v and cat -A write what cannot be printed.
//
//	1-0:1.8.0(008234.524*kWh)^M␊       cat -v
//	1-0:1.8.0(008234.524*kWh)^M$␊      cat -A
//	1-0:1.8.0(008234.524*kWh)^M$␍␊     the same, saved with the line ends of Windows
//	0-0:96.13.0(M-^?M-^?M-^?)^M␊       0xFF: M- is bit 7, ^? is 0x7F
//
// A '^' or an "M-" of the meter's own looks the same.
func caretForm() form {
	return form{
		name: "caret notation", live: true,
		says: "bytes are written as by cat -v: read back (a ^ of the meter's own cannot be told from one of these)",
		look: func(s *sample) maker {
			for _, mark := range []string{"$", ""} {
				if s.carets(mark) {
					return func() layer { return caretLines(mark) }
				}
			}
			return nil
		},
	}
}

// carets reports whether nine of ten lines end as those of cat -v do, with the mark of cat -A
// behind that or not, and what they stand for makes sense.
func (s *sample) carets(mark string) bool {
	ends := func(end string) bool {
		return s.share(func(line []byte) bool { return bytes.HasSuffix(line, []byte(end)) })
	}
	if s.share(octalEnd.Match) {
		return false // sed -n l ends lines with $ too
	}
	if !ends("^M"+mark) && (mark == "" || s.live || !ends(mark)) {
		return false
	}
	var text []byte
	for _, line := range s.lines {
		text = append(append(text, uncaret(bytes.TrimSuffix(line, []byte(mark)))...), '\n')
	}
	return s.makesSense(newSample(text, true).lines)
}

// caretLines reads lines whose end has a mark before it.
func caretLines(mark string) layer {
	l := &lined{}
	l.each = func(p stamped, out sink) {
		text, end := cutEnd(p.data)
		if !bytes.HasSuffix(text, []byte(mark)) {
			l.pass(p, out)
			return
		}
		p.data = uncaret(text[:len(text)-len(mark)])
		if bytes.HasSuffix(p.data, []byte("\r")) { // a CR of the file's own is another program's
			end = bytes.TrimLeft(end, "\r")
		}
		p.data = append(p.data, end...)
		out(p)
	}
	return l
}

// uncaret returns the bytes that a text in caret notation stands for.
func uncaret(text []byte) []byte {
	out := make([]byte, 0, len(text)+1)
	for len(text) > 0 {
		high := byte(0)
		rest := text
		if len(rest) > 2 && rest[0] == 'M' && rest[1] == '-' {
			high, rest = 0x80, rest[2:]
		}
		switch {
		case len(rest) > 1 && rest[0] == '^' && (rest[1] >= '@' && rest[1] <= '_' || rest[1] == '?'):
			out, text = append(out, high|rest[1]^0x40), rest[2:]
		case high != 0 && rest[0] >= ' ' && rest[0] < 0x7F:
			out, text = append(out, high|rest[0]), rest[1:]
		default:
			out, text = append(out, text[0]), text[1:]
		}
	}
	return out
}
