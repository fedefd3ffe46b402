package unwrap

import (
	"bytes"
	"io"
)

// byteOrderMark is that of UTF-8, as editors write it, and as UTF-16's own becomes.
var byteOrderMark = []byte("\uFEFF")

// marks is what WithoutMarks returns.
type marks struct {
	r     io.Reader
	begun bool   // something was read before
	inner bool   // the last byte of that was no line end
	held  []byte // the beginning of a mark, at the end of what was read
	err   error
	small [64]byte
	ready []byte // of small, for reads of a few bytes
}

// WithoutMarks returns a reader that leaves out byte order marks before a telegram or a
// record: at the beginning, and where files were joined.
//
//	!5B60␍␊\xEF\xBB\xBF/ISK5\2M550T-1012␍␊
//	       └── left out ─┘
func WithoutMarks(r io.Reader) io.Reader { return &marks{r: r} }

func (m *marks) Read(p []byte) (int, error) {
	if len(m.ready) == 0 && len(p) >= len(m.small) {
		return m.read(p)
	}
	if len(m.ready) == 0 && len(p) > 0 {
		n, err := m.read(m.small[:])
		if n == 0 {
			return 0, err
		}
		m.ready = m.small[:n]
	}
	n := copy(p, m.ready)
	m.ready = m.ready[n:]
	return n, nil
}

// read reads into p, which has room for more than a mark.
func (m *marks) read(p []byte) (int, error) {
	for {
		n := copy(p, m.held)
		m.held = m.held[:0]
		if m.err == nil {
			var more int
			more, m.err = m.r.Read(p[n:])
			n = m.clean(p[:n+more])
		}
		switch {
		case n > 0:
			return n, nil
		case m.err != nil && len(m.held) == 0:
			return 0, m.err
		}
	}
}

// joined reports whether c, behind a mark at a place of what was read, begins a telegram, or
// not at the beginning of all, a record: a reader of records knows the first mark itself.
func (m *marks) joined(c byte, at int) bool { return c == '/' || c == '{' && (m.begun || at > 0) }

// clean takes the marks out of data, and returns how much is left. The beginning of one at
// the end is held.
func (m *marks) clean(data []byte) int {
	n := len(data)
	for at := 0; ; {
		i := bytes.IndexByte(data[at:n], byteOrderMark[0])
		if i < 0 {
			break
		}
		at += i
		begins := at > 0 && data[at-1] == '\n' || at == 0 && !m.inner
		rest := data[at:n]
		switch {
		case begins && len(rest) > len(byteOrderMark) && bytes.HasPrefix(rest, byteOrderMark) && m.joined(rest[len(byteOrderMark)], at):
			n -= len(byteOrderMark)
			copy(data[at:n], rest[len(byteOrderMark):])
		case begins && bytes.HasPrefix(byteOrderMark, rest) && m.err == nil:
			m.held = append(m.held, rest...)
			n = at
		default:
			at++
		}
	}
	if n > 0 {
		m.begun, m.inner = true, data[n-1] != '\n'
	}
	return n
}
