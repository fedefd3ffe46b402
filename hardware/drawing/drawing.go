// Package drawing takes a circuit as lines of text and gives a picture of it in SVG,
// and which pins are joined.
//
// A line is a word, what it is about, and points on a grid of 10 pixels, x,y, y
// downwards. A text with blanks stands in quotes. '#' begins a comment.
//
//	size 60,30
//	text 1,2 "a note"
//	wire 1,1 5,1 5,8           horizontal and vertical pieces
//	lead red 1,1 5,1           a wire of a colour
//	dot 5,1                    wires that cross here are joined
//	resistor R1 "1.5 kΩ" 5,1 5,7
//	capacitor C1 "100 nF" 5,1 5,7
//	jumper JP1 "" 5,1 9,1
//	npn Q1 BC547B 9,9          base here, collector 3 right and 4 up, emitter 4 down
//	schmitt U1 74HC14 9,9      input here, output 9 right
//	supply +5V 5,1             pins of one name are joined
//	ground 5,9
//	plug J1 "P1 port" 1,1 right 2:request 3:ground    pins 2 apart, from here down
//	strip 1,1 21,1             of a stripboard, with a hole each 4
//	to92 Q1 BC547B 5,1         on a stripboard: collector, base, emitter, 4 apart
//
// A part is joined to a wire where its pin is an end or a corner of it, or a dot.
package drawing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Drawing is a circuit.
type Drawing struct {
	width, height int
	svg           strings.Builder // what has been drawn
	wires         [][2]point
	pins          []pin
	dots          []point
	values        map[string]string // of the parts by their names: "R1" is "1.5 kΩ"
}

type point struct{ x, y int }

// pin is a place where something else can be joined; pins of one name are one.
type pin struct {
	name string
	at   point
}

// Parse reads a drawing. Its errors begin with the number of the line.
func Parse(text string) (*Drawing, error) {
	d := &Drawing{values: map[string]string{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words, err := split(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(words) == 0 {
			continue
		}
		if err := d.add(words); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if d.width == 0 {
		return nil, fmt.Errorf("line %d: there is no size", n)
	}
	return d, nil
}

// split cuts a line into words; those in quotes may hold blanks.
func split(line string) ([]string, error) {
	var words []string
	line = strings.TrimSpace(line)
	for line != "" && line[0] != '#' {
		var word string
		if line[0] == '"' {
			var closed bool
			if word, line, closed = strings.Cut(line[1:], `"`); !closed {
				return nil, fmt.Errorf("the quote before %q is not closed", word)
			}
		} else {
			word, line, _ = strings.Cut(line, " ")
		}
		words = append(words, word)
		line = strings.TrimSpace(line)
	}
	return words, nil
}

// add draws what a line says.
func (d *Drawing) add(words []string) error {
	var names []string
	var at []point
	var rest []string
	for _, w := range words[1:] {
		p, isPoint := parsePoint(w)
		switch {
		case isPoint:
			at = append(at, p)
		case len(at) == 0:
			names = append(names, w)
		default:
			rest = append(rest, w)
		}
	}
	i := slices.IndexFunc(shapes, func(s shape) bool { return s.word == words[0] })
	if i < 0 {
		return fmt.Errorf("%q is no known word", words[0])
	}
	s := shapes[i]
	if len(names) != s.names || len(at) < s.points || len(at) > s.points && s.word != "wire" && s.word != "lead" {
		return fmt.Errorf("%s wants %d names and %d points", s.word, s.names, s.points)
	}
	return s.draw(d, names, at, rest)
}

func parsePoint(w string) (point, bool) {
	left, right, ok := strings.Cut(w, ",")
	x, errX := strconv.Atoi(left)
	y, errY := strconv.Atoi(right)
	return point{x, y}, ok && errX == nil && errY == nil
}

// part notes a part's pins. A part may be drawn in pieces that have different pins.
func (d *Drawing) part(name, value string, pins ...pin) error {
	for _, p := range pins {
		if slices.ContainsFunc(d.pins, func(q pin) bool { return p.name == q.name }) {
			return fmt.Errorf("%s is there twice", p.name)
		}
	}
	if d.values[name] == "" {
		d.values[name] = value
	}
	d.pins = append(d.pins, pins...)
	return nil
}

// Nets returns the names of the pins that are joined, a sorted list for each net,
// sorted. The pins of a resistor or capacitor both have its name. Supplies and
// ground are in it by their names.
func (d *Drawing) Nets() [][]string {
	parent := map[point]point{}
	var root func(p point) point
	root = func(p point) point {
		if q, ok := parent[p]; ok && q != p {
			return root(q)
		}
		return p
	}
	join := func(a, b point) { parent[root(a)] = root(b) }
	named := map[string]point{}
	for _, p := range d.pins {
		if first, ok := named[p.name]; ok && strings.HasPrefix(p.name, "=") {
			join(p.at, first)
		}
		named[p.name] = p.at
	}
	for _, w := range d.wires {
		join(w[0], w[1])
		for _, dot := range d.dots {
			if between(dot, w) {
				join(dot, w[0])
			}
		}
	}
	nets := map[point][]string{}
	for _, p := range d.pins {
		r, name := root(p.at), strings.TrimPrefix(p.name, "=")
		if p.name == name || !slices.Contains(nets[r], name) {
			nets[r] = append(nets[r], name)
		}
	}
	var list [][]string
	for _, net := range nets {
		slices.Sort(net)
		list = append(list, net)
	}
	slices.SortFunc(list, slices.Compare)
	return list
}

// between reports whether a point lies on a piece of wire.
func between(p point, w [2]point) bool {
	a, b := w[0], w[1]
	return p.x >= min(a.x, b.x) && p.x <= max(a.x, b.x) && p.y >= min(a.y, b.y) && p.y <= max(a.y, b.y)
}

// SVG returns the picture.
func (d *Drawing) SVG() []byte { return d.svgFrom(0, 10*d.width) }

// Around returns as much of the picture as is so many pixels wide and as high as all of
// it, with a part in the middle, as far as the picture reaches.
func (d *Drawing) Around(part string, width int) []byte {
	low, high, _ := d.extent(part)
	left := min(max(5*(low.x+high.x)-width/2, 0), max(10*d.width-width, 0))
	return d.svgFrom(left, width)
}

func (d *Drawing) svgFrom(left, width int) []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%[4]d 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12" stroke-linecap="round" stroke-linejoin="round">
<rect width="%[5]d" height="%[2]d" fill="#fff"/>
%[3]s</svg>
`, width, 10*d.height, d.svg.String(), left, 10*d.width)
}
