package fileio

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader decodes UTF-16 after its byte order mark.
type utf16Reader struct {
	r       *bufio.Reader
	big     bool
	content Content
	out     []byte // decoded, not handed out yet
	buf     [4096]byte
	odd     []byte // bytes of a character that is not complete yet
	err     error
}

func newUTF16(r *bufio.Reader, big bool, content Content) *utf16Reader {
	// The mark itself is there: it has been seen by Peek.
	_, err := r.Discard(2)
	return &utf16Reader{r: r, big: big, content: content, err: err}
}

// Read hands out decoded bytes; a byte that is left over at the end stays a
// byte.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			if len(u.odd) > 0 {
				u.out, u.odd = u.finish(), nil
				continue
			}
			return 0, u.err
		}
		held := copy(u.buf[:], u.odd)
		var n int
		n, u.err = u.r.Read(u.buf[held:])
		u.decode(u.buf[:held+n])
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) unit(b []byte) rune {
	if u.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

func (u *utf16Reader) decode(b []byte) {
	u.out = u.out[:0]
	for len(b) >= 2 {
		r := u.unit(b)
		size := 2
		if utf16.IsSurrogate(r) {
			if len(b) < 4 {
				break
			}
			if full := utf16.DecodeRune(r, u.unit(b[2:])); full != utf8.RuneError {
				r, size = full, 4
			}
		}
		u.out = u.append(u.out, r)
		b = b[size:]
	}
	u.odd = append([]byte(nil), b...)
}

// finish decodes what the end of the file left incomplete.
func (u *utf16Reader) finish() []byte {
	if len(u.odd) >= 2 {
		return append(u.append(nil, u.unit(u.odd)), u.odd[2:]...)
	}
	return u.odd
}

// append writes one character. In a log, a character above U+00FF (a code page
// has made it from a byte) becomes its UTF-8, so that it can be told later.
func (u *utf16Reader) append(b []byte, r rune) []byte {
	if u.content == Either {
		if u.content = Log; r == '{' {
			u.content = Records
		}
	}
	if u.content == Log && r <= 0xFF {
		return append(b, byte(r))
	}
	return utf8.AppendRune(b, r)
}

var _ io.Reader = (*utf16Reader)(nil)
