package unwrap

import "bytes"

// Line ends as a terminal or a program has translated them: the same run of CR and LF where
// the meter sent CR LF.
//
//	1-0:1.8.0(008234.524*kWh)␊␊          CR became LF (stty icrnl, as cat leaves it)
//	1-0:1.8.0(008234.524*kWh)␍␍          LF became CR (stty inlcr)
//	1-0:1.8.0(008234.524*kWh)␍␀␊         CR NUL LF, as telnet sends a CR
//	1-0:1.8.0(008234.524*kWh)␍␍␊␊        both doubled
//	1-0:1.8.0(008234.524*kWh)␍␍␊         LF became CR LF (onlcr, or a file opened as text)
//	1-0:1.8.0(008234.524*kWh)␍␊␊         a line printed with one more end
//	1-0:1.8.0(008234.524*kWh)␍␊␍␊        a blank line between, or CR became LF, and that CR LF
//	1-0:1.8.0(008234.524*kWh)␊␍          the two exchanged
//
// Behind the header each stands twice. What else stands there, damage has made: it stays as
// it is. Which of two LFs was a CR, nobody can tell where one of them is missing.
func endsForm() form {
	return form{
		name: "line ends",
		says: "line ends were translated, as terminals do: made CR LF again",
		look: func(s *sample) maker {
			for _, t := range translations() {
				if s.endsIn(t.mark) {
					if s.live {
						return func() layer { return &endsLayer{translation: t} }
					}
					return func() layer { return &endsLines{endsLayer: endsLayer{translation: t}} }
				}
			}
			return nil
		},
	}
}

// translation is what CR LF has become, and how that is undone.
type translation struct {
	mark  string
	rules []rule
	alike bool // CR and LF can be told no longer
}

// rule says what stood where from stands now.
type rule struct{ from, to string }

func translations() []translation {
	return []translation{
		{"\n\n", []rule{{"\n\n", "\r\n"}}, true},
		{"\r\r", []rule{{"\r\r", "\r\n"}}, true},
		{"\r\x00\n", []rule{{"\r\x00", "\r"}}, false},
		{"\r\r\n\n", []rule{{"\r\r", "\r"}, {"\n\n", "\n"}}, false},
		{"\r\r\n", []rule{{"\r\n", "\n"}}, false},
		{"\r\n\n", []rule{{"\n\n", "\n"}}, false},
		{"\r\n\r\n", []rule{{"\r\n\r\n", "\r\n"}, {"\r\n", "\n"}, {"\n\r\n", "\n"}}, true},
		{"\n\r", []rule{{"\n\r", "\r\n"}}, false},
	}
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

// endsLayer undoes a translation.
type endsLayer struct {
	translation
	held []byte // what may become the from of a rule
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
		l.settle(false)
	}
	p.data = l.out
	if len(p.data) > 0 || p.timed() {
		out(p)
	}
}

// settle gives what is held as far as it is known; last tells that nothing follows.
func (l *endsLayer) settle(last bool) {
	for len(l.held) > 0 {
		r, may := l.rule(last)
		if may {
			return
		}
		n := 1
		if r.from != "" {
			n = len(r.from)
			l.out = append(l.out, r.to...)
		} else {
			l.out = append(l.out, l.held[0])
		}
		l.held = l.held[:copy(l.held, l.held[n:])]
	}
}

// rule returns the rule that what is held fits; may tells that it may yet fit one.
func (l *endsLayer) rule(last bool) (r rule, may bool) {
	for _, r := range l.rules {
		n := min(len(l.held), len(r.from))
		whole := n == len(r.from)
		if string(l.held[:n]) == r.from[:n] && (whole || !last) {
			return r, !whole
		}
	}
	return rule{}, false
}

// kept says what is lost.
func (l *endsLayer) kept(*zoning) string {
	if l.alike {
		return "; where one of the two was lost, which one it was cannot be told"
	}
	return ""
}

func (l *endsLayer) end(out sink) {
	l.out = l.out[:0]
	if l.settle(true); len(l.out) > 0 {
		out(stamped{data: l.out})
	}
}
