package drawing

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// shape is what a word draws.
type shape struct {
	word          string
	names, points int // names before the points, and points
	draw          func(d *Drawing, names []string, at []point, rest []string) error
}

var shapes = []shape{
	{"size", 0, 1, func(d *Drawing, _ []string, at []point, _ []string) error {
		d.width, d.height = at[0].x, at[0].y
		return nil
	}},
	{"text", 0, 1, func(d *Drawing, _ []string, at []point, rest []string) error {
		d.label(at[0], 0, 4, "start", "#333", strings.Join(rest, " "))
		return nil
	}},
	{"wire", 0, 2, func(d *Drawing, _ []string, at []point, _ []string) error { return d.wire("#222", 1.6, at) }},
	{"lead", 1, 2, lead},
	{"dot", 0, 1, func(d *Drawing, _ []string, at []point, _ []string) error {
		d.dots = append(d.dots, at[0])
		d.put(`<circle cx="%d" cy="%d" r="3.2" fill="#222"/>`, 10*at[0].x, 10*at[0].y)
		return nil
	}},
	{"resistor", 2, 2, resistor},
	{"capacitor", 2, 2, capacitor},
	{"jumper", 2, 2, jumper},
	{"npn", 2, 1, npn},
	{"schmitt", 2, 1, schmitt},
	{"supply", 1, 1, supply},
	{"ground", 0, 1, ground},
	{"plug", 2, 1, plug},
	{"strip", 0, 2, strip},
	{"to92", 2, 1, to92},
}

func (d *Drawing) put(format string, a ...any) { fmt.Fprintf(&d.svg, format+"\n", a...) }

// lead draws a wire of a colour that has a name.
func lead(d *Drawing, names []string, at []point, _ []string) error {
	if strings.Trim(names[0], "abcdefghijklmnopqrstuvwxyz") != "" {
		return fmt.Errorf("%q is no name of a colour", names[0])
	}
	return d.wire(names[0], 4, at)
}

// label writes a text some pixels from a point.
func (d *Drawing) label(at point, dx, dy int, anchor, colour, text string) {
	var safe strings.Builder
	xml.EscapeText(&safe, []byte(text))
	d.put(`<text x="%d" y="%d" text-anchor="%s" fill="%s">%s</text>`, 10*at.x+dx, 10*at.y+dy, anchor, colour, safe.String())
}

// wire draws pieces of wire, which must be horizontal or vertical where they are to
// be followed by eye.
func (d *Drawing) wire(colour string, width float64, at []point) error {
	var path strings.Builder
	for i, p := range at {
		if i > 0 {
			d.wires = append(d.wires, [2]point{at[i-1], p})
			if q := at[i-1]; q.x != p.x && q.y != p.y {
				return fmt.Errorf("the wire from %d,%d to %d,%d is neither horizontal nor vertical", q.x, q.y, p.x, p.y)
			}
		}
		fmt.Fprintf(&path, "%d,%d ", 10*p.x, 10*p.y)
	}
	d.put(`<polyline points="%s" fill="none" stroke="%s" stroke-width="%g"/>`, strings.TrimSpace(path.String()), colour, width)
	return nil
}

// along begins a drawing in the middle of two points, turned so that these lie to the
// left and the right of it, and returns the half of the distance.
func (d *Drawing) along(a, b point) float64 {
	dx, dy := float64(b.x-a.x)*10, float64(b.y-a.y)*10
	d.put(`<g transform="translate(%g %g) rotate(%.1f)" fill="#fff" stroke="#222" stroke-width="1.6">`,
		float64(a.x+b.x)*5, float64(a.y+b.y)*5, math.Atan2(dy, dx)*180/math.Pi)
	return math.Hypot(dx, dy) / 2
}

// nameBeside writes the name and the value of a part between two points.
func (d *Drawing) nameBeside(names []string, a, b point) {
	middle := point{(a.x + b.x) / 2, (a.y + b.y) / 2}
	if a.y == b.y {
		dx := 5 * ((a.x + b.x) % 2)
		d.label(middle, dx, -12, "middle", "#000", strings.TrimSpace(names[0]+"  "+names[1]))
		return
	}
	dy := 5 * ((a.y + b.y) % 2)
	d.label(middle, 13, dy-3, "start", "#000", names[0])
	d.label(middle, 13, dy+12, "start", "#000", names[1])
}

// two notes a part of two pins that nobody can tell apart.
func (d *Drawing) two(names []string, at []point) error {
	return d.part(names[0], names[1], pin{names[0], at[0]}, pin{names[0], at[1]})
}

func resistor(d *Drawing, names []string, at []point, _ []string) error {
	half := d.along(at[0], at[1])
	body := min(18, half-6)
	d.put(`<path d="M%g 0H%g M%g 0H%g"/><rect x="%g" y="-6" width="%g" height="12"/></g>`, -half, -body, body, half, -body, 2*body)
	d.nameBeside(names, at[0], at[1])
	return d.two(names, at)
}

func capacitor(d *Drawing, names []string, at []point, _ []string) error {
	half := d.along(at[0], at[1])
	d.put(`<path d="M%g 0H-3 M3 0H%g M-3 -10V10 M3 -10V10"/></g>`, -half, half)
	d.nameBeside(names, at[0], at[1])
	return d.two(names, at)
}

func jumper(d *Drawing, names []string, at []point, _ []string) error {
	half := d.along(at[0], at[1])
	d.put(`<path d="M%g 0H-11 M11 0H%g M-8 -4A12 12 0 0 1 8 -4" fill="none"/><circle cx="-8" r="3"/><circle cx="8" r="3"/></g>`, -half, half)
	d.nameBeside(names, at[0], at[1])
	return d.two(names, at)
}

func npn(d *Drawing, names []string, at []point, _ []string) error {
	x, y := 10*at[0].x, 10*at[0].y
	d.put(`<g transform="translate(%d %d)" fill="none" stroke="#222" stroke-width="1.6"><circle cx="22" r="19" fill="#fff"/><path d="M0 0H16 M16 -12V12 M16 -5L30 -14V-40 M16 5L30 14V40"/><path d="M29 13.5L20.5 12 24.5 6Z" fill="#222"/></g>`, x, y)
	d.label(at[0], 46, -3, "start", "#000", names[0])
	d.label(at[0], 46, 12, "start", "#000", names[1])
	for _, p := range []struct {
		name   string
		dx, dy int
	}{{"c", 24, -23}, {"e", 24, 32}, {"b", -4, -5}} {
		d.put(`<text x="%d" y="%d" fill="#666" font-size="10">%s</text>`, x+p.dx+8, y+p.dy, p.name)
	}
	a := at[0]
	return d.part(names[0], names[1], pin{names[0] + ".b", a}, pin{names[0] + ".c", point{a.x + 3, a.y - 4}}, pin{names[0] + ".e", point{a.x + 3, a.y + 4}})
}

func schmitt(d *Drawing, names []string, at []point, _ []string) error {
	x, y := 10*at[0].x, 10*at[0].y
	d.put(`<g transform="translate(%d %d)" fill="none" stroke="#222" stroke-width="1.6"><path d="M0 0H20 M78 0H90"/><path d="M20 -24L70 0L20 24Z" fill="#fff"/><circle cx="74" r="4" fill="#fff"/><path d="M28 5H40V-5 M34 5V-5H46"/></g>`, x, y)
	d.label(at[0], 45, -28, "middle", "#000", names[0]+"  "+names[1])
	d.put(`<g fill="#666" font-size="10"><text x="%d" y="%d">1</text><text x="%d" y="%d">2</text></g>`, x+10, y-5, x+80, y-7)
	a := at[0]
	return d.part(names[0], names[1], pin{names[0] + ".1", a}, pin{names[0] + ".2", point{a.x + 9, a.y}})
}

func supply(d *Drawing, names []string, at []point, _ []string) error {
	d.put(`<path d="M%d %dv-8m-7 0h14" fill="none" stroke="#222" stroke-width="1.6"/>`, 10*at[0].x, 10*at[0].y)
	d.label(at[0], 0, -12, "middle", "#b00", names[0])
	d.pins = append(d.pins, pin{"=" + names[0], at[0]})
	return nil
}

func ground(d *Drawing, _ []string, at []point, _ []string) error {
	d.put(`<path d="M%d %dv8m-9 0h18m-15 4h12m-8 4h4" fill="none" stroke="#222" stroke-width="1.6"/>`, 10*at[0].x, 10*at[0].y)
	d.pins = append(d.pins, pin{"=ground", at[0]})
	return nil
}

// plug draws a box with pins; the side on which these are is named after the point.
func plug(d *Drawing, names []string, at []point, rest []string) error {
	if len(rest) < 2 || rest[0] != "left" && rest[0] != "right" {
		return fmt.Errorf("%s: left or right, and pins", names[0])
	}
	const width = 150
	x, y, anchor, inset, out := 10*at[0].x-width-10, 10*at[0].y-14, "end", -16, 1
	if rest[0] == "left" {
		x, anchor, inset, out = 10*at[0].x+10, "start", 16, -1
	}
	pins := rest[1:]
	d.put(`<rect x="%d" y="%d" width="%d" height="%d" rx="5" fill="#f3f6fb" stroke="#222" stroke-width="1.6"/>`, x, y, width, 20*len(pins)+8)
	d.put(`<g font-weight="bold">`)
	d.label(point{}, x+width/2, y-7, "middle", "#000", names[0]+"  "+names[1])
	d.put(`</g>`)
	all := []pin{}
	for i, p := range pins {
		number, _, _ := strings.Cut(p, ":")
		place := point{at[0].x, at[0].y + 2*i}
		d.label(place, inset, 4, anchor, "#000", pinText(p))
		d.put(`<path d="M%d %dh%d" stroke="#222" stroke-width="1.6"/>`, 10*place.x, 10*place.y, -10*out)
		all = append(all, pin{names[0] + "." + number, place})
	}
	return d.part(names[0], names[1], all...)
}

// pinText is what stands beside a pin: "2:request" is 2 and request. Where the name
// begins with the number, that stands there once.
func pinText(p string) string {
	number, name, _ := strings.Cut(p, ":")
	if strings.HasPrefix(name, number) {
		return name
	}
	return number + " " + name
}

// pitch is the distance of two holes of a stripboard.
const pitch = 4

// strip draws a strip of copper.
func strip(d *Drawing, _ []string, at []point, _ []string) error {
	a, b := at[0], at[1]
	if a.y != b.y || a.x >= b.x {
		return fmt.Errorf("a strip goes from left to right")
	}
	d.put(`<rect x="%d" y="%d" width="%d" height="28" rx="4" fill="#f0d9bd"/>`, 10*a.x-18, 10*a.y-14, 10*(b.x-a.x)+36)
	for x := a.x; x <= b.x; x += pitch {
		d.put(`<circle cx="%d" cy="%d" r="4" fill="#fff" stroke="#b08a5a" stroke-width="0.8"/>`, 10*x, 10*a.y)
		if x > a.x {
			d.wires = append(d.wires, [2]point{{x - pitch, a.y}, {x, a.y}})
		}
	}
	return nil
}

// to92 draws a transistor with its legs in three strips below each other.
func to92(d *Drawing, names []string, at []point, _ []string) error {
	a := at[0]
	x, y := 10*a.x, 10*a.y
	d.put(`<path d="M%d %dv104a52 52 0 0 0 0 -104z" fill="#555" stroke="#222"/>`, x-8, y-12)
	var pins []pin
	for i, leg := range []string{"c", "b", "e"} {
		d.put(`<circle cx="%d" cy="%d" r="4" fill="#ddd"/><text x="%d" y="%d" font-size="11" fill="#fff">%s</text>`, x, y+10*pitch*i, x+9, y+10*pitch*i+4, strings.ToUpper(leg))
		pins = append(pins, pin{names[0] + "." + leg, point{a.x, a.y + pitch*i}})
	}
	d.label(a, 50, 36, "start", "#000", names[0])
	d.label(a, 50, 51, "start", "#000", names[1])
	return d.part(names[0], names[1], pins...)
}

// extent is the corners of the pins of a part, if there is one of that name.
func (d *Drawing) extent(part string) (low, high point, ok bool) {
	for _, p := range d.pins {
		if name, _, _ := strings.Cut(p.name, "."); name != part {
			continue
		}
		if !ok {
			low, high, ok = p.at, p.at, true
		}
		low = point{min(low.x, p.at.x), min(low.y, p.at.y)}
		high = point{max(high.x, p.at.x), max(high.y, p.at.y)}
	}
	return low, high, ok
}

// Ring draws a ring around a part, so that a reader finds it, and reports whether there
// is one of that name.
func (d *Drawing) Ring(part string) bool {
	low, high, ok := d.extent(part)
	if !ok {
		return false
	}
	// Wide enough for the body, and no longer than the part, whose names are beside it.
	const half = 11
	x0, x1, y0, y1 := 10*low.x, 10*high.x, 10*low.y, 10*high.y
	if x0 == x1 {
		x0, x1 = x0-half, x1+half
	}
	if y0 == y1 {
		y0, y1 = y0-half, y1+half
	}
	d.put(`<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="none" stroke="#c2410c" stroke-width="3.5"/>`, x0, y0, x1-x0, y1-y0, half)
	return true
}
