// Package wrapped turns a capture into the file that another program would have made of
// it, and says what such a file has left of the bytes.
//
//	capture ─► Form.Wrap ─► the file: a stamp before each line, a hex dump, a page …
//	        └► Form.Left ─► the bytes that the file still tells, where it does not tell all
//
// It makes what p1cat is measured by, so it knows nothing of how p1cat takes forms off.
// How each program writes is taken from its source, its manual or what people have posted
// of its output; where none of these says it, the comment says so.
package wrapped

import (
	"bytes"
	"time"
)

// A Piece is what arrived at once, mostly one telegram, and when its first byte did.
type Piece struct {
	At   time.Time
	Data []byte
}

// A Capture is a log in the pieces in which it arrived.
type Capture []Piece

// Bytes is the log.
func (c Capture) Bytes() []byte {
	var all []byte
	for _, p := range c {
		all = append(all, p.Data...)
	}
	return all
}

// A Form is what one program, or one habit, makes of a log.
type Form struct {
	Name string
	File string // how such a file is called; empty: p1.log

	Wrap func(c Capture) Capture

	// Left is what the file has left of the bytes, in each way in which that can be
	// read; nil: every byte.
	Left func(c Capture) [][]byte

	// Files is for files that hold several logs: the logs.
	Files func(c Capture) []Capture

	Needs   string // a command that makes such files; empty: none
	Stamp   Stamp  // whether it says when the lines arrived
	Armour  bool   // the log is written as printable ASCII in which nothing else is lost
	Loose   bool   // where the lines ended is not told for sure
	Natural bool   // the log stands in it as it is: nothing has to be taken off
	Unasked bool   // seen in the field, but nobody has asked for it yet: measured only
}

// A Stamp is how well a form says when lines arrived.
type Stamp int

// The kinds of stamps.
const (
	NoStamp     Stamp = iota
	TimeOfDay         // no date, or no zone
	FullStamp         // date, time and zone, or seconds since 1970
	SinceBefore       // how long after the line before, or after the beginning
)

// Keeps reports whether the form keeps every byte.
func (f Form) Keeps() bool { return f.Left == nil && !f.Loose }

// perPiece changes the bytes of each piece, by a rule that needs nothing before it.
func perPiece(change func([]byte) []byte) func(Capture) Capture {
	return func(c Capture) Capture {
		var out Capture
		for _, p := range c {
			out = append(out, Piece{p.At, change(p.Data)})
		}
		return out
	}
}

// whole changes the log as a whole.
func whole(change func([]byte) []byte) func(Capture) Capture {
	return func(c Capture) Capture {
		if len(c) == 0 {
			return nil
		}
		return Capture{{c[0].At, change(c.Bytes())}}
	}
}

// byteTime is how long a byte takes at 115200 baud.
const byteTime = 10 * time.Second / 115200

// lines cuts a capture after each LF. A line arrives when its first byte does; the last
// one may lack its LF.
func lines(c Capture) []Piece {
	var out []Piece
	open := false // the last line goes on
	for _, p := range c {
		rest, at := p.Data, p.At
		for len(rest) > 0 {
			n := bytes.IndexByte(rest, '\n') + 1
			ended := n > 0
			if !ended {
				n = len(rest)
			}
			if open {
				last := &out[len(out)-1]
				last.Data = append(last.Data[:len(last.Data):len(last.Data)], rest[:n]...)
			} else {
				out = append(out, Piece{at, rest[:n]})
			}
			open = !ended
			at = at.Add(time.Duration(n) * byteTime)
			rest = rest[n:]
		}
	}
	return out
}

// perLine changes each line.
func perLine(change func(line Piece) []byte) func(Capture) Capture {
	return func(c Capture) Capture {
		var out Capture
		for _, l := range lines(c) {
			out = append(out, Piece{l.At, change(l)})
		}
		return out
	}
}

// cut cuts pieces into shorter ones of up to n bytes, as a program gets them that reads
// what there is.
func cut(c Capture, n int) Capture {
	var out Capture
	for _, p := range c {
		for at := 0; at < len(p.Data); at += n {
			end := min(at+n, len(p.Data))
			out = append(out, Piece{p.At.Add(time.Duration(at) * byteTime), p.Data[at:end]})
		}
	}
	return out
}

// one is a reading, alone.
func one(read func([]byte) []byte) func(Capture) [][]byte {
	return func(c Capture) [][]byte { return [][]byte{read(c.Bytes())} }
}

// withoutEnd is a line without what ends it.
func withoutEnd(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }

// eitherEnd reads a log of which only the text of each line was kept: its lines end in LF,
// or in CR LF, as the reader likes.
func eitherEnd(texts [][]byte) [][]byte {
	var lf, crlf []byte
	for _, t := range texts {
		lf = append(append(lf, t...), '\n')
		crlf = append(append(crlf, t...), '\r', '\n')
	}
	return [][]byte{lf, crlf}
}

// texts is the text of each line, after a change.
func texts(log []byte, change func([]byte) []byte) [][]byte {
	var out [][]byte
	for line := range bytes.Lines(log) {
		out = append(out, change(withoutEnd(line)))
	}
	return out
}

// highAs writes something else for each byte above 0x7F.
func highAs(b []byte, other string) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c < 0x80 {
			out = append(out, c)
		} else {
			out = append(out, other...)
		}
	}
	return out
}

// latin1 is UTF-8 in which each byte has become the character of the same number.
func latin1(b []byte) []byte {
	var out []byte
	for _, c := range b {
		out = append(out, string(rune(c))...)
	}
	return out
}

// replacement is U+FFFD in UTF-8.
const replacement = "\uFFFD"
