package unwrap

// UTF-16 without a byte order mark: two bytes for each of the meter's, one of them 0.
//
//	1 ␀ - ␀ 0 ␀ : ␀ 1 ␀ . ␀ 8 ␀ . ␀ 0 ␀      the low byte first, or the high one
//
// A character up to U+00FF is one byte of the meter; others become UTF-8.
func wideForm() form {
	return form{
		name: "UTF-16",
		says: "it is UTF-16 without a byte order mark: decoded",
		look: func(s *sample) maker {
			for _, low := range []int{0, 1} {
				if s.wide(low) {
					return func() layer { return &wideLayer{low: low} }
				}
			}
			return nil
		},
	}
}

// wide reports whether nine of ten pairs have a 0 and another byte, which is at the place
// low.
func (s *sample) wide(low int) bool {
	const least = 16 // pairs
	data := s.data[:min(len(s.data), enoughBytes)]
	fit, of := 0, len(data)/2
	for i := 0; i+1 < len(data); i += 2 {
		if data[i+low] != 0 && data[i+1-low] == 0 {
			fit++
		}
	}
	return of >= least && 10*fit >= 9*of
}

// wideLayer decodes UTF-16.
type wideLayer struct {
	low int
	odd []byte // the first byte of a pair
	out []byte
}

func (l *wideLayer) take(p stamped, out sink) {
	const byteOrderMark = 0xFEFF
	l.out = l.out[:0]
	for _, c := range p.data {
		l.odd = append(l.odd, c)
		if len(l.odd) < 2 {
			continue
		}
		r := rune(l.odd[l.low]) | rune(l.odd[1-l.low])<<8
		if l.odd = l.odd[:0]; r != byteOrderMark {
			l.out = appendChar(l.out, r)
		}
	}
	if p.data = l.out; len(p.data) > 0 {
		out(p)
	}
}

func (l *wideLayer) end(out sink) {
	if len(l.odd) > 0 {
		out(stamped{data: l.odd})
	}
}
