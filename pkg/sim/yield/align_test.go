package yield

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
)

// A pattern is the text of one telegram as a log has it, and which bytes of it
// are digits that may change: those of the values and of the CRC. All others are
// the same in each telegram, so whatever is done to them can be seen.
type pattern struct {
	text []byte
	free []bool // any digit will do
	bang int    // where the last line begins
}

// whole is a telegram in a log, if nothing has happened to its ends.
var whole = regexp.MustCompile(`(?s)/[A-Za-z]{3}5.*?\r\n![0-9A-Fa-f]{4}\r\n`)

// patternOf takes the form that more telegrams of a log have than any other. That
// is the undamaged one: each that is damaged looks different.
func patternOf(log []byte) (pattern, error) {
	times := map[string]int{}
	best := ""
	for _, t := range whole.FindAll(log, -1) {
		form := string(newPattern(t).text)
		times[form]++
		if times[form] > times[best] {
			best = form
		}
	}
	if times[best] < 3 {
		return pattern{}, errors.New("yield: no three telegrams of this log are alike")
	}
	return newPattern([]byte(best)), nil
}

// newPattern is the pattern of a telegram; every digit that may change is 0.
func newPattern(telegram []byte) pattern {
	p := pattern{text: bytes.Clone(telegram), free: make([]bool, len(telegram)), bang: bytes.LastIndexByte(telegram, '!')}
	value := false
	for i, b := range telegram {
		value = b == '(' || value && b != ')'
		p.free[i] = value && isDigit(b) || i > p.bang && i <= p.bang+4
		if p.free[i] {
			p.text[i] = '0'
		}
	}
	return p
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// fits reports whether what was read at a place of the pattern may be as sent.
func (p pattern) fits(i int, read byte) bool {
	switch {
	case !p.free[i]:
		return read == p.text[i]
	case i > p.bang:
		return isDigit(read) || read >= 'A' && read <= 'F'
	}
	return isDigit(read)
}

// A change is what was done to one byte: sent is [nothing] where one was
// inserted (before place at), read where it vanished.
type change struct{ at, sent, read int }

const nothing = -1

// How far what was read may be ahead of or after the pattern, and how much of
// the next telegram is looked at to find the end of one.
const (
	band   = 32
	beyond = 40
)

// Where a cell of the alignment was come from.
const (
	both = iota
	vanished
	inserted
)

// align compares the telegram at the beginning of a log with the pattern by their
// edit distance. It returns the changes and how long the telegram is in the log.
func (p pattern) align(log []byte) (changes []change, length int) {
	rows := len(p.text) + beyond
	if len(log) <= len(p.text)+band {
		rows = len(p.text) // the last one
	}
	from, j := p.walk(log, rows)
	for i := rows; i > 0 || j > 0; {
		if i == len(p.text) {
			length = j
		}
		c := change{at: i % len(p.text), sent: nothing, read: nothing}
		step := from[i][j-i+band]
		if step != vanished {
			j--
			c.read = int(log[j])
		}
		if step != inserted {
			i--
			c.at = i % len(p.text)
			c.sent = int(p.text[c.at])
		}
		if i < len(p.text) && (step != both || !p.fits(c.at, byte(c.read))) {
			changes = append(changes, c)
		}
	}
	slices.Reverse(changes)
	return changes, length
}

// walk fills in the edit distances between the beginnings of pattern and log, as
// far as they are not too far from each other: cell d of row i is for i bytes of
// the pattern and i+d-band of the log. It returns where each was come from, and
// where in the log the pattern ends best.
func (p pattern) walk(log []byte, rows int) (from [][]byte, end int) {
	const width, far = 2*band + 1, 1 << 20
	from = make([][]byte, rows+1)
	cells := make([]byte, (rows+1)*width)
	var before, now [width + 1]int // the last cell is for what lies beyond
	before[width], now[width] = far, far
	for i := range from {
		from[i] = cells[i*width : (i+1)*width]
		place := (i + len(p.text) - 1) % len(p.text) // that of the row's byte
		left := far
		for d := range width {
			cost, step := left+1, byte(inserted)
			j := i + d - band
			switch {
			case j < 0 || j > len(log):
				cost = far
			case i == 0 && j == 0:
				cost = 0
			case i > 0:
				if c := before[d+1] + 1; c <= cost {
					cost, step = c, vanished
				}
				if j == 0 {
					break
				}
				c := before[d]
				if !p.fits(place, log[j-1]) {
					c++
				}
				if c <= cost {
					cost, step = c, both
				}
			}
			left = cost
			now[d], from[i][d] = cost, step
		}
		before = now
	}
	best := slices.Index(now[:], slices.Min(now[:]))
	return from, rows + best - band
}
