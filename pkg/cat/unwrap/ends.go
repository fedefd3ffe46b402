package unwrap

import "bytes"

// Line ends as a terminal or a program has translated them: the same run of CR and LF where
// the meter sent CR LF.
//
//	1-0:1.8.0(008234.524*kWh)␊␊          CR became LF (stty icrnl, as cat leaves it)
//	1-0:1.8.0(008234.524*kWh)␍␍          LF became CR (stty inlcr)
//	1-0:1.8.0(008234.524*kWh)␍␀␊         CR NUL LF, as telnet sends a CR
//	1-0:1.8.0(008234.524*kWh)␍␍␊␊        both doubled
//	1-0:1.8.0(008234.524*kWh)␍␊␊         a line printed with one more end
//	1-0:1.8.0(008234.524*kWh)␍␊␍␊        a blank line between
//	1-0:1.8.0(008234.524*kWh)␊␍          the two exchanged
//
// Behind the header each stands twice. What is left of a run, damage has made: it stays as
// it is. Which of the LFs was a CR, nobody can tell where one of them is missing.
func endsForm() form {
	return form{
		name: "line ends",
		says: "line ends were translated, as terminals do: made CR LF again",
		look: func(s *sample) maker {
			for _, end := range translated() {
				if s.endsIn(end) {
					return func() layer { return &endsLayer{mark: end} }
				}
			}
			return nil
		},
	}
}

// translated lists what CR LF becomes.
func translated() []string {
	return []string{"\n\n", "\r\r", "\r\x00\n", "\r\x00\r\x00\n", "\r\r\n\n", "\r\n\n", "\r\n\r\n", "\n\r"}
}

// isEnd reports whether a byte can be of a translated line end.
func isEnd(c byte) bool { return c == '\r' || c == '\n' || c == 0 }

// endsIn reports whether nine of ten lines end in that, once or several times over.
func (s *sample) endsIn(end string) bool {
	fit, of := 0, 0
	for data := s.data; len(data) > 0 && of < enoughLines; {
		n := bytes.IndexFunc(data, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 })
		if n < 0 {
			break
		}
		m := n
		for m < len(data) && isEnd(data[m]) {
			m++
		}
		if m == len(data) && of > 0 {
			break // it may go on
		}
		if n > 0 {
			of++
			if runs(data[n:m], end) {
				fit++
			}
		}
		data = data[m:]
	}
	return s.believed(fit, of)
}

// runs reports whether text is nothing but end, once or more.
func runs(text []byte, end string) bool {
	for bytes.HasPrefix(text, []byte(end)) {
		text = text[len(end):]
		if len(text) == 0 {
			return true
		}
	}
	return false
}

// endsLayer puts CR LF in place of each end.
type endsLayer struct {
	mark string
	held []byte // what an end may begin with
	out  []byte
}

func (l *endsLayer) take(p stamped, out sink) {
	l.out = l.out[:0]
	for _, c := range p.data {
		if len(l.held) == 0 && !isEnd(c) {
			l.out = append(l.out, c)
			continue
		}
		l.held = append(l.held, c)
		l.settle()
	}
	p.data = l.out
	if len(p.data) > 0 || !p.time.IsZero() {
		out(p)
	}
}

// settle gives what is held as far as it is known.
func (l *endsLayer) settle() {
	for len(l.held) > 0 {
		switch {
		case len(l.held) < len(l.mark) && string(l.held) == l.mark[:len(l.held)]:
			return
		case len(l.held) >= len(l.mark) && string(l.held[:len(l.mark)]) == l.mark:
			l.out = append(l.out, '\r', '\n')
			l.held = l.held[:copy(l.held, l.held[len(l.mark):])]
		default:
			l.out = append(l.out, l.held[0])
			l.held = l.held[:copy(l.held, l.held[1:])]
		}
	}
}

func (l *endsLayer) end(out sink) {
	if len(l.held) > 0 {
		out(stamped{data: l.held})
	}
}
