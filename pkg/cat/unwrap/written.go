package unwrap

import "bytes"

// readBack takes off a form in which control characters are written out: ended tells lines
// whose end is, and back returns the bytes that a line stands for. It returns nil where the
// sample is not of that form.
func (s *sample) readBack(ended func(line []byte) bool, back func(line []byte) []byte) maker {
	if !s.share(ended) {
		return nil
	}
	var text []byte
	for _, line := range s.lines {
		text = append(append(text, back(line)...), '\n')
	}
	lfs := 0
	for _, line := range s.first() {
		lfs += bytes.Count(back(line), newline)
	}
	if !s.makesSense(newSample(text, true).lines) {
		return nil
	}
	return func() layer {
		l := &writtenLayer{back: back, ends: lfs > 0}
		l.each = l.line
		return l
	}
}

// writtenLayer reads control characters back.
type writtenLayer struct {
	lined
	back func(line []byte) []byte
	ends bool // the meter's LFs are among what is written out
}

func (l *writtenLayer) line(p stamped, out sink) {
	text, end := cutEnd(p.data)
	data := l.back(text)
	switch {
	case !l.ends && bytes.HasSuffix(data, []byte("\r")):
		data = append(data, bytes.TrimLeft(end, "\r")...)
	case !l.ends:
		data = append(data, end...)
	case len(data) == len(text):
		l.pass(p, out)
		return
	}
	if p.data = data; len(data) > 0 {
		out(p)
	}
}
