package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"

	"p1/pkg/noise/words"
)

// vectors is a canvas of SVG elements that hold classes instead of colours, and no style
// attributes, which a strict policy of a page would refuse.
type vectors struct {
	letters
	out bytes.Buffer
}

// number writes a length to a tenth of a pixel.
func number(v float64) string {
	if !words.Finite(v) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(10*v)/10+0, 'f', -1, 64)
}

func (c *vectors) fill(colour Colour, corners ...point) {
	if len(corners) == 0 {
		return
	}
	c.filled(colour)
	c.path(corners)
	c.out.WriteString("Z\"/>\n")
}

// disc draws two halves of a circle, as SVG draws no arc between equal points.
func (c *vectors) disc(colour Colour, middle point, radius float64) {
	c.filled(colour)
	left, right, y, r := number(middle.x-radius), number(middle.x+radius), number(middle.y), number(radius)
	fmt.Fprintf(&c.out, "M%[2]s %[3]sA%[4]s %[4]s 0 0 0 %[1]s %[3]sA%[4]s %[4]s 0 0 0 %[2]s %[3]sZ\"/>\n", left, right, y, r)
}

// filled begins a filled path.
func (c *vectors) filled(colour Colour) {
	fmt.Fprintf(&c.out, `<path class="f-%s"`, palettes[colour.role].name)
	c.opacity("fill-opacity", colour)
	c.out.WriteString(` d="`)
}

func (c *vectors) stroke(l line, along ...point) {
	if len(along) < 2 {
		return
	}
	fmt.Fprintf(&c.out, `<path class="s-%s"`, palettes[l.colour.role].name)
	if l.width != 1 {
		fmt.Fprintf(&c.out, ` stroke-width="%s"`, number(l.width))
	}
	for i, d := range l.dash {
		c.out.WriteString([]string{` stroke-dasharray="`, " "}[min(i, 1)] + number(d))
		if i == len(l.dash)-1 {
			c.out.WriteByte('"')
		}
	}
	c.opacity("stroke-opacity", l.colour)
	c.out.WriteString(` d="`)
	c.path(along)
	c.out.WriteString("\"/>\n")
}

func (c *vectors) opacity(name string, colour Colour) {
	if colour.opacity < 1 {
		fmt.Fprintf(&c.out, ` %s="%s"`, name, strconv.FormatFloat(math.Round(100*colour.opacity)/100, 'f', -1, 64))
	}
}

// path writes the way along points.
func (c *vectors) path(along []point) {
	for i, p := range along {
		c.out.WriteString([]string{"M", "L"}[min(i, 1)] + number(p.x) + " " + number(p.y))
	}
}

func (c *vectors) text(s style, at point, words string) {
	if words == "" {
		return
	}
	// The length makes another font than that which was measured fit.
	fmt.Fprintf(&c.out, `<text class="f-%s" x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs"`,
		palettes[s.colour.role].name, number(at.x), number(at.y), number(s.size), number(c.width(s, words)))
	if s.bold {
		c.out.WriteString(` font-weight="bold"`)
	}
	c.out.WriteByte('>')
	xml.EscapeText(&c.out, []byte(words)) // a Buffer takes everything
	c.out.WriteString("</text>\n")
}
