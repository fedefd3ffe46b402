package repair

import (
	"bytes"
	"fmt"
	"strings"

	"p1/pkg/fix/expect"
)

// spelling is how a meter writes its CRCs, of which their value says nothing:
//
//	!05B6    in upper case, padded to four digits
//	!05b6    in lower case
//	!5B6     not padded
type spelling struct {
	lower  bool
	letter bool // one of them has said so
	zeros  zeroing
}

// zeroing is what was seen of a CRC below 1000, as one in sixteen is.
type zeroing int

const (
	unseen zeroing = iota
	withZeros
	withoutZeros
)

// learn follows the CRC of a telegram that is known.
func (s *spelling) learn(raw []byte) {
	bang := bytes.LastIndexByte(raw, '!')
	if bang < 0 {
		return
	}
	digits := bytes.Trim(raw[bang+1:], " \r\n")
	for _, c := range digits {
		if c > '9' {
			s.lower, s.letter = c >= 'a', true
			break
		}
	}
	switch {
	case len(digits) < 4:
		s.zeros = withoutZeros
	case len(digits) == 4 && digits[0] == '0':
		s.zeros = withZeros
	}
}

// learnAll follows the telegrams from which shapes were learned.
func (s *spelling) learnAll(shapes []*expect.Shape) {
	for _, shape := range shapes {
		s.learn(shape.Text)
	}
}

// guess takes the case from a damaged CRC, as long as no other one has had a letter.
func (s *spelling) guess(received []byte) {
	if s.letter {
		return
	}
	lower := 0
	for _, c := range received {
		switch {
		case c >= 'a' && c <= 'f':
			lower++
		case c >= 'A' && c <= 'F':
			lower--
		}
	}
	s.lower = lower > 0
}

// write writes a CRC as the meter does, false where it takes another number of digits.
func (s *spelling) write(digits []byte, crc uint16) bool {
	text := fmt.Sprintf("%04X", crc)
	if s.lower {
		text = strings.ToLower(text)
	}
	if len(digits) < len(text) {
		text = strings.TrimLeft(text[:3], "0") + text[3:]
	}
	return copy(digits, text) == len(text) && len(text) == len(digits)
}

// writes reports whether the meter writes a CRC in so many digits as these are;
// whole says that they were all received.
func (s *spelling) writes(digits []byte, whole bool) bool {
	switch {
	case digits[0] != '0':
		return true
	case len(digits) < 4:
		return len(digits) == 1
	}
	return s.zeros == withZeros || s.zeros == unseen && whole
}
