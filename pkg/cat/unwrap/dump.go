package unwrap

import (
	"bytes"
	"math"
	"strconv"
)

// Dumps: an address, bytes in some notation, and perhaps the characters beside them.
//
//	00000000: 2f41 5558 350d 0a0d 0a30 2d30 3a31 2e30  /AUX5....0-0:1.0            xxd
//	00000000  2f 41 55 58 35 0d 0a 0d  0a 30 2d 30 3a 31 2e 30  |/AUX5....0-0:1.0|  hexdump -C
//	0000000 412f 5855 0d35 0d0a 300a 302d 313a 302e                                hexdump, od -x
//	0000000 040457 054125 006465 006412 030012 030055 030472 030056                od
//	0000000 2f 41 55 58 35 0d 0a 0d 0a 30 2d 30 3a 31 2e 30                        od -t x1
//	0000000   /   A   U   X   5  \r  \n  \r  \n   0   -   0   :   1   .   0        od -c
//	*                                                                  the same once more
//	0000020                                                            where it ends
//
// The addresses say how many bytes each line holds: what stands behind these is for people.
// Words of two bytes have the low one first, as machines have it, but with a colon behind
// the address.
func dumpForm() form {
	return form{
		name: "dump",
		says: "it is a dump with addresses: its bytes are read back",
		look: func(s *sample) maker {
			if s.hasP1() && !s.told {
				return nil
			}
			for _, notation := range notations() {
				for _, base := range []int{16, 8, 10} {
					l := dumpLayer{notation: notation, base: base}
					if s.dumped(l) {
						return func() layer {
							fresh := l
							fresh.each = fresh.line
							return &fresh
						}
					}
				}
			}
			return nil
		},
	}
}

// notation is how a dump writes bytes. read returns those that a text begins with, at most
// so many, and false where it begins with none.
type notation struct {
	colon bool
	read  func(text []byte, most int) ([]byte, bool)
}

func notations() []notation {
	return []notation{
		{true, bigEndian},
		{false, singles},
		{false, words(4, 16)},
		{false, words(6, 8)},
		{false, octets},
		{false, characters},
		{false, words(8, 16)},
	}
}

// dumped reports whether nine of ten lines are of that dump, and its addresses count what
// its lines hold; whole lines of it may be missing here and there.
func (s *sample) dumped(l dumpLayer) bool {
	fit, of, holes := 0, 0, 0
	next, size := int64(-1), int64(0)
	var data []byte
	for _, line := range s.lines {
		if string(line) == "*" {
			next = -1
			continue
		}
		of++
		at, rest, ok := l.address(line)
		hole := size > 0 && next >= 0 && at > next && (at-next)%size == 0
		if !ok || next >= 0 && at != next && !hole {
			next = -1
			continue
		}
		if fit++; hole {
			holes++
		}
		bytes, _ := l.read(rest, maxDumped)
		size = int64(len(bytes))
		data, next = append(data, bytes...), at+size
	}
	return (s.told && fit > 0 || of >= 2 && 10*fit >= 9*of && 4*holes < fit) && len(data) > 0 && s.meters(data)
}

const (
	// maxDumped is how many bytes a line of a dump holds.
	maxDumped = 64
	// maxRepeated is how many bytes a '*' stands for: a meter's field of one byte is no
	// longer.
	maxRepeated = 4 << 10
)

// dumpLayer reads a dump back. A line is held until the next address says how many bytes
// are its own.
type dumpLayer struct {
	lined
	notation
	base  int
	at    int64
	held  []byte
	from  stamped
	star  bool
	after int64 // the address behind what was given
	lost  Hole
}

// Hole is what lines are missing of a dump, by the addresses of the others.
type Hole struct {
	Bytes int64 // of all holes
	First int64 // the address of the first
	Line  int64 // the number of the line behind that one, in the file
}

func (l *dumpLayer) hole() Hole { return l.lost }

// address reads the address that a line begins with.
func (l *dumpLayer) address(line []byte) (at int64, rest []byte, ok bool) {
	const least, longest = 4, 16
	n := 0
	for n < len(line) && n < longest && hexValue(line[n:n+1]) >= 0 {
		n++
	}
	if n < least {
		return 0, nil, false
	}
	v, err := strconv.ParseInt(string(line[:n]), l.base, 64)
	rest = line[n:]
	if l.colon != bytes.HasPrefix(rest, []byte(":")) || err != nil || v > math.MaxInt64/2 {
		return 0, nil, false
	}
	if l.colon {
		rest = rest[1:]
	}
	return v, rest, len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t'
}

func (l *dumpLayer) line(p stamped, out sink) {
	text, _ := cutEnd(p.data)
	if string(text) == "*" {
		l.star = len(l.held) > 0
		return
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return // of the dump, not of the meter
	}
	at, rest, ok := l.address(text)
	if !ok {
		l.give(out)
		l.pass(p, out)
		return
	}
	l.until(at, out)
	l.miss(at, p.line)
	data, _ := l.read(rest, maxDumped)
	l.at, l.held, l.from = at, append(l.held[:0], data...), p
}

// until gives the line that is held, as the address of the next one has it.
func (l *dumpLayer) until(next int64, out sink) {
	n := next - l.at
	if n > 0 && n < int64(len(l.held)) {
		l.held = l.held[:n]
	}
	size := int64(len(l.held))
	if l.star && size > 0 && n > size && n <= maxRepeated {
		line := l.held
		for more := n - size; more >= size; more -= size {
			l.held = append(l.held, line[:size]...)
		}
	}
	l.give(out)
}

// miss counts the bytes that are missing before an address.
func (l *dumpLayer) miss(next, line int64) {
	n := next - l.after
	if l.after == 0 || n <= 0 {
		return // the dump begins, here or anew
	}
	if l.lost.Bytes == 0 {
		l.lost.First, l.lost.Line = l.after, line
	}
	l.lost.Bytes += n
}

// give gives the line that is held.
func (l *dumpLayer) give(out sink) {
	if len(l.held) > 0 {
		p := l.from
		p.data = l.held
		l.after = l.at + int64(len(l.held))
		out(p)
	}
	l.held, l.star = l.held[:0], false
}

func (l *dumpLayer) end(out sink) {
	l.lined.end(out)
	l.give(out)
}

// fields cuts a text at blanks, up to where the characters beside the bytes begin: behind a
// '|', or behind more blanks than stand between two fields.
//
// mid is after how many fields a second blank may stand; 0 for nowhere.
func fields(text []byte, most, mid int) [][]byte {
	if at := bytes.IndexByte(text, '|'); at >= 0 {
		text = text[:at]
	}
	var list [][]byte
	for len(text) > 0 && len(list) < most {
		n := len(text) - len(bytes.TrimLeft(text, " \t"))
		if len(list) > 0 && n > 1 && (n > 2 || len(list) != mid) {
			break
		}
		text = text[n:]
		end := bytes.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		if end > 0 {
			list = append(list, text[:end])
		}
		text = text[end:]
	}
	return list
}

// bigEndian reads groups of bytes as they stand, as xxd writes them.
func bigEndian(text []byte, most int) ([]byte, bool) {
	var out []byte
	for _, f := range fields(text, most, 0) {
		data, ok := unhex(f)
		if !ok || len(f)%2 != 0 || len(out)+len(data) > most {
			break
		}
		out = append(out, data...)
	}
	return out, len(out) > 0
}

// singles reads bytes of two hex digits each.
func singles(text []byte, most int) ([]byte, bool) {
	var out []byte
	for _, f := range fields(text, most, 8) {
		v := hexValue(f)
		if len(f) != 2 || v < 0 {
			break
		}
		out = append(out, byte(v))
	}
	return out, len(out) > 0
}

// words reads numbers of so many digits, the low byte first.
func words(digits, base int) func([]byte, int) ([]byte, bool) {
	return func(text []byte, most int) ([]byte, bool) {
		var out []byte
		size := 2
		if digits == 8 {
			size = 4
		}
		for _, f := range fields(text, most, 0) {
			v, err := strconv.ParseUint(string(f), base, 8*size)
			if len(f) != digits || err != nil {
				break
			}
			for range size {
				out, v = append(out, byte(v)), v>>8
			}
		}
		return out, len(out) > 0
	}
}

// octets reads bytes of three octal digits each, od -b.
func octets(text []byte, most int) ([]byte, bool) {
	var out []byte
	for _, f := range fields(text, most, 0) {
		if len(f) != 3 || octalValue(f) < 0 {
			break
		}
		out = append(out, byte(octalValue(f)))
	}
	return out, len(out) > 0
}

// characters reads cells of four columns, od -c.
func characters(text []byte, most int) ([]byte, bool) {
	const width = 4
	var out []byte
	for ; len(text) >= width && len(out) < most; text = text[width:] {
		cell := bytes.TrimLeft(text[:width-1], " ")
		c := text[width-1]
		b, known := short[c]
		switch {
		case len(cell) == 0:
			out = append(out, c)
		case string(cell) == `\` && known:
			out = append(out, b)
		case len(cell) == 2 && octalValue(text[1:width]) >= 0:
			out = append(out, byte(octalValue(text[1:width])))
		default:
			return out, len(out) > 0
		}
	}
	return out, len(out) > 0
}
