package prescribed

import (
	"bytes"
	"math"

	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/telegram"
)

// form is one way in which a line may have been sent, cell by cell, and how it explains what
// was received.
type form struct {
	cells []cell
	ops   []align.Op
	cost  float64 // of the damage, of what is not known of it, and of prior
	prior float64 // how unlikely it is that a meter sends such a line there
	text  bool    // it has a text of any length
	odd   bool    // it has a unit that nobody knows, as damage makes of others
}

// surprise makes a form dearer that is not as the dialect prescribes it.
func (f *form) surprise(price float64) {
	f.cost += price
	f.prior += price
}

// worst is the most differences that a line may have from what was received.
const worst = 10

// fit holds cells against a received line; false where they are too far apart.
func fit(cells []cell, seg []byte, costs *channel.Costs) (form, bool) {
	f := form{cells: cells}
	if len(cells)-len(seg) > worst || len(seg)-len(cells) > worst {
		return f, false
	}
	f.ops = align.Within(worst, len(cells), len(seg), func(i, j int) bool { return cells[i].takes(seg[j]) })
	if f.ops == nil {
		return f, false
	}
	const more = 0.5 // for each further byte of a run
	i, j, last := 0, 0, align.Same
	for _, o := range f.ops {
		switch {
		case o == align.Same:
		case o == align.Other:
			f.cost += cells[i].reading(seg[j], costs)
		case o == last:
			f.cost += more
		case o == align.Lost:
			f.cost += cells[i].vanish(costs)
		default:
			f.cost += float64(costs.Insert())
		}
		last = o
		if o != align.Added {
			f.cost += cells[i].entropy(seg[min(j, len(seg)-1)])
			i++
		}
		if o != align.Lost {
			j++
		}
	}
	return f, true
}

// differences counts how much was received otherwise.
func (f *form) differences() (n int) {
	for _, o := range f.ops {
		if o != align.Same {
			n++
		}
	}
	return n
}

// literals appends text that is itself.
func literals(cells []cell, text string) []cell {
	for i := range len(text) {
		cells = append(cells, cell{literal, text[i]})
	}
	return cells
}

// valuesOf returns what stands in each pair of parentheses of a received line.
func valuesOf(seg []byte) (list [][]byte) {
	for {
		n := bytes.IndexByte(seg, '(')
		if n < 0 {
			return list
		}
		seg = seg[n+1:]
		end := bytes.IndexByte(seg, ')')
		if open := bytes.IndexByte(seg, '('); end < 0 || open >= 0 && open < end {
			end = max(open, 0)
			if open < 0 {
				end = len(bytes.TrimRight(seg, "\r\n"))
			}
		}
		list = append(list, seg[:end])
	}
}

// closedIn is valuesOf where a '(' is lost or damaged: what ends in each ')'.
func closedIn(seg []byte) (list [][]byte) {
	open := max(bytes.IndexByte(seg, '('), 0)
	for seg = seg[open:]; ; {
		end := bytes.IndexByte(seg, ')')
		if end < 0 {
			return list
		}
		value := seg[:end]
		if len(value) > 0 && !telegram.IsDigit(value[0]) {
			value = value[1:]
		}
		list, seg = append(list, value), seg[end+1:]
	}
}

// forms lists the ways in which a line of a table may have been sent, given what was received.
func (l *line) forms(seg []byte) [][]cell {
	got := valuesOf(seg)
	list := l.formsOf(seg, got)
	if closed := closedIn(seg); len(closed) != len(got) {
		list = append(list, l.formsOf(seg, closed)...)
	}
	return list
}

// formsOf is forms, given the values that were received.
func (l *line) formsOf(seg []byte, got [][]byte) [][]cell {
	fixed, group := 0, 0
	for _, it := range l.items {
		if it.many != nil {
			group = len(it.many)
		} else {
			fixed++
		}
	}
	repeats := []int{0}
	if group > 0 {
		n := max(len(got)-fixed, 0)
		repeats = []int{n / group}
		if n%group > 0 {
			repeats = append(repeats, n/group+1)
		}
	}
	var list [][]cell
	for _, n := range repeats {
		list = append(list, l.spelled(seg, got, n)...)
	}
	return list
}

// mostForms is how many ways of sending a line are tried.
const mostForms = 8

// spelled lists the forms of a line in which values that may come many times come n times.
func (l *line) spelled(seg []byte, got [][]byte, n int) [][]cell {
	var values [][][]atom
	for _, it := range l.items {
		if it.many == nil {
			values = append(values, it.either)
			continue
		}
		for range n {
			values = append(values, it.many...)
		}
	}
	left := len(seg) - l.least(values) // for what is free
	list := [][]cell{literals(nil, l.code)}
	for i, either := range values {
		var in []byte
		known := len(got) == len(values)
		if known {
			in = got[i]
		}
		var next [][]cell
		for _, cells := range list {
			for _, v := range alternatives(either, in, known, left) {
				if len(next) < mostForms {
					next = append(next, append(append(literals(cells[:len(cells):len(cells)], "("), v...), cell{literal, ')'}))
				}
			}
		}
		list = next
	}
	for i := range list {
		list[i] = literals(list[i], "\r\n")
	}
	return list
}

// least is how long a line is whose free parts are empty.
func (l *line) least(values [][][]atom) int {
	n := len(l.code) + len("\r\n")
	for _, either := range values {
		n += len("()")
		for _, a := range either[0] {
			if !a.free {
				n++
			}
		}
	}
	return n
}

// alternatives lists the ways of a value: those that are as long as what was received, if any
// is; else all.
func alternatives(either [][]atom, in []byte, known bool, left int) (list [][]cell) {
	for _, atoms := range either {
		cells, fits := spell(atoms, in, known, left)
		if fits {
			return [][]cell{cells}
		}
		list = append(list, cells)
		if isHex(atoms) && len(cells)%2 == 1 {
			list[len(list)-1] = hexPairs(len(cells) + 1)
			list = append(list, hexPairs(len(cells)-1))
		}
	}
	return list
}

// spell makes cells of atoms, and reports whether what was received fits them.
func spell(atoms []atom, in []byte, known bool, left int) (cells []cell, fits bool) {
	for _, a := range atoms {
		switch n := left; {
		case !a.free:
			cells = append(cells, a.cell)
		case a.class == nibble:
			if known {
				n = len(in)
			}
			cells = append(cells, hexPairs(max(n, 0))...)
		default:
			if known {
				n = len(in)
			}
			cells = append(cells, words(in, max(n, 0))...)
		}
	}
	fits = known && len(cells) == len(in)
	for i := range cells {
		fits = fits && cells[i].takes(in[i])
	}
	return cells, fits && !(isHex(atoms) && len(cells)%2 == 1)
}

// isHex reports whether a value is hex digits, however many.
func isHex(atoms []atom) bool { return len(atoms) > 0 && atoms[0].free && atoms[0].class == nibble }

func hexPairs(n int) []cell {
	cells := make([]cell, n)
	for i := range cells {
		cells[i] = cell{nibble, '0'}
		if i%2 == 0 {
			cells[i] = cell{high, '3'}
		}
	}
	return cells
}

// words are the cells of n bytes of text: a meter's filler is one byte again and again, and in
// what are digits all are.
func words(in []byte, n int) []cell {
	const filler, nearly = 32, 0.9
	cells := make([]cell, n)
	c := cell{raw, ' '}
	if len(in) >= filler {
		if b, many := commonest(in); float64(many) >= nearly*float64(len(in)) {
			c = cell{literal, b}
			if near := 1024 - n; near > -filler && near < filler {
				cells = make([]cell, 1024) // what the message may hold (P1 companion standard 5.0.2, table 6-12)
			}
		}
	}
	for i := range cells {
		cells[i] = c
	}
	return cells
}

func commonest(in []byte) (b byte, many int) {
	var counts [256]int
	for _, c := range in {
		if counts[c]++; counts[c] > many {
			b, many = c, counts[c]
		}
	}
	return b, many
}

// never is the cost of a line that cannot be explained.
var never = math.Inf(1)
