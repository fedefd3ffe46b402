package channel

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Logger is what a logger has done to every byte of a log, and how to undo it.
// The zero value has done nothing.
//
//	the meter sends   0-0:96.13.0(FF FF FF…)␍␊
//	                  0-0:96.13.0(C3 BF C3 BF C3 BF…)␍␊            utf8, and other codings
//	                  0-0:96.13.0(???…)␍␊                          ascii: which byte is lost
//	                  0-0:96.13.0(EF BF BD EF BF BD EF BF BD…)␍␊   replacement: likewise
//	                  0-0:96.13.0(7F 7F 7F…)␍␊                     sevenbit: likewise
//	                  0-0:96.13.0()␍␊                              fill: bytes are left out
//	                  0-0:96.13.0(FF FF FF…)␍␍␊                    crcrlf
//	                  0-0:96.13.0(FF FF FF…)␍                      cr
//	/ISK5\2M550T-1012␍␊␍␊1-3:0.2.8(50)␍␊
//	/ISK5\2M550T-1012␍␊1-3:0.2.8(50)␍␊                             blank: grep ., a forum
//
// The last three occur together with any other one. Loggers can be compared.
type Logger struct {
	ends   ends
	blank  bool // the empty line behind the header is gone
	coding *coding
	symbol symbol
	fill   Fill
}

// ends is what has become of CR LF.
type ends int

const (
	asSent ends = iota
	crcrlf      // LF has become CR LF once more: a file opened as text on Windows
	crOnly      // LF is gone
)

// LineEnds returns the logger that has made of CR LF what most of a telegram's
// lines end in, and has left out the empty line behind the header if that is not
// there; the zero value where the lines end in CR LF and it is.
func LineEnds(raw []byte) Logger {
	lf := bytes.Count(raw, []byte{'\n'})
	l := Logger{ends: endsOf(raw)}
	if l.ends == crcrlf && 2*bytes.Count(raw, []byte("\r\r\n")) <= lf {
		l.ends = asSent
	}
	return l.withBlank(raw)
}

// withBlank returns the logger that has also left out the empty line behind the header
// of a telegram if it has.
func (l Logger) withBlank(raw []byte) Logger {
	plain, _ := l.Undo(raw)
	l.blank = headed(plain) > 0
	return l
}

// headed returns how long the header is with its line end where a code follows it in
// place of the empty line; 0 where that is not so.
func headed(raw []byte) int {
	n := bytes.IndexByte(raw, '\n') + 1
	if n < 5 || !telegram.IsHeader(bytes.TrimRight(raw[1:n], "\r\n")) || telegram.CodeLen(raw[n:]) == 0 {
		return 0
	}
	return n
}

// endsOf returns what has become of CR LF in a telegram.
func endsOf(raw []byte) ends {
	switch {
	case bytes.Contains(raw, []byte("\r\r\n")):
		return crcrlf
	case bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0:
		return crOnly
	}
	return asSent
}

// symbol is a text that a logger writes in place of different bytes; of a long
// run of it, each was the byte B.
type symbol struct {
	text string
	b    byte
}

// String names what was done, such as "crcrlf, utf8-437".
func (l Logger) String() string {
	var names []string
	switch l.ends {
	case crcrlf:
		names = append(names, "crcrlf")
	case crOnly:
		names = append(names, "cr")
	}
	if l.blank {
		names = append(names, "blank")
	}
	if l.coding != nil {
		names = append(names, l.coding.name)
	}
	if l.symbol.text != "" {
		names = append(names, l.symbol.name())
	}
	if l.fill.N > 0 {
		names = append(names, "fill")
	}
	return strings.Join(names, ", ")
}

func (s symbol) name() string {
	switch s.text {
	case "?":
		return "ascii"
	case string(utf8.RuneError):
		return "replacement"
	case string([]byte{s.b & 0x7F}):
		return "sevenbit"
	}
	return "symbol"
}

// Fill returns the fill that the logger has left out, if it has.
func (l Logger) Fill() (Fill, bool) { return l.fill, l.fill.N > 0 }

// Undo returns a telegram as it was before the logger, and the edits that lead to
// it. What the logger cannot have written stays, so a damaged telegram is undone
// as far as it goes.
func (l Logger) Undo(received []byte) ([]byte, []record.Edit) {
	raw, edits := received, []record.Edit(nil)
	for _, step := range []func(w *rewriter){l.ends.undo, l.undoBlank, l.undoCoding, l.symbol.undo, l.fill.undo} {
		w := rewriter{rest: raw}
		step(&w)
		if len(w.edits) > 0 || w.unit > 0 {
			next, more := w.done()
			raw, edits = next, record.Compose(edits, more)
		}
	}
	return raw, edits
}

// undoBlank puts the empty line back behind the header.
func (l Logger) undoBlank(w *rewriter) {
	if n := headed(w.rest); l.blank && n > 0 {
		w.keep(n)
		w.put([]byte("\r\n"))
	}
}

func (l Logger) undoCoding(w *rewriter) {
	if l.coding != nil {
		l.coding.undo(w)
	}
}

// undo takes a CR away before each LF, or puts an LF after each CR.
func (e ends) undo(w *rewriter) {
	for e != asSent {
		n := bytes.IndexByte(w.rest, '\r')
		if n < 0 {
			return
		}
		w.keep(n)
		switch {
		case e == crOnly:
			w.keep(1)
			w.put([]byte{'\n'})
		case bytes.HasPrefix(w.rest, []byte("\r\n")):
			w.drop(1)
		default:
			w.keep(1)
		}
	}
}

// undo writes the byte in place of each symbol of a long run. A symbol of several
// bytes is no text of a meter: alone it is some byte that nobody knows, and more
// likely this one than several.
func (s symbol) undo(w *rewriter) {
	if s.text == "" {
		return
	}
	size := len(s.text)
	for {
		n := bytes.Index(w.rest, []byte(s.text))
		if n < 0 {
			return
		}
		w.keep(n)
		run := s.run(w.rest)
		if size == 1 && run < telegram.MinFill {
			w.keep(run)
			continue
		}
		for range run {
			w.change(size, s.b)
		}
	}
}

// run returns how many symbols text begins with.
func (s symbol) run(text []byte) int {
	n := 0
	for ; bytes.HasPrefix(text, []byte(s.text)); text = text[len(s.text):] {
		n++
	}
	return n
}

// undo puts the fill into the value that it was left out of.
func (f Fill) undo(w *rewriter) {
	mark := []byte("\n" + f.Code + "()")
	if at := bytes.Index(w.rest, mark); f.N > 0 && at >= 0 {
		w.keep(at + len(mark) - 1)
		w.put(bytes.Repeat([]byte{f.B}, f.N))
	}
}
