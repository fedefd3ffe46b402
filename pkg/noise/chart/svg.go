package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"p1/pkg/noise/words"
)

// canvas is gonum's drawing surface as SVG elements that hold classes instead of
// colours, and no style attributes, which a strict policy of a page would refuse.
// Gonum's own has neither.
type canvas struct {
	pen
	height vg.Length
	width  vg.Length
	out    bytes.Buffer
	stack  []pen
}

// pen is the state that Push and Pop keep. The matrix takes a point to a·x+c·y+e,
// b·x+d·y+f, with y upwards.
type pen struct {
	colour           Colour
	line             vg.Length
	dash             []vg.Length
	a, b, c, d, e, f float64
}

func newCanvas(width, height vg.Length) *canvas {
	return &canvas{width: width, height: height, pen: pen{colour: solid(text), line: 1, a: 1, d: 1}}
}

func (c *canvas) Size() (x, y vg.Length)                 { return c.width, c.height }
func (c *canvas) SetLineWidth(w vg.Length)               { c.line = w }
func (c *canvas) SetLineDash(d []vg.Length, _ vg.Length) { c.dash = d }

// SetColor takes a Colour; gonum's own colours, which nothing here uses, become text.
func (c *canvas) SetColor(colour color.Color) {
	i, ok := colour.(Colour)
	if !ok {
		i = solid(text)
	}
	c.colour = i
}

func (c *canvas) Push() { c.stack = append(c.stack, c.pen) }

func (c *canvas) Pop() {
	c.pen = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

func (c *canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.a, c.b, c.c, c.d = c.a*cos+c.c*sin, c.b*cos+c.d*sin, c.c*cos-c.a*sin, c.d*cos-c.b*sin
}

func (c *canvas) Translate(p vg.Point) {
	x, y := float64(p.X), float64(p.Y)
	c.e, c.f = c.a*x+c.c*y+c.e, c.b*x+c.d*y+c.f
}

func (c *canvas) Scale(x, y float64) { c.a, c.b, c.c, c.d = c.a*x, c.b*x, c.c*y, c.d*y }

// at returns where a point is in the picture, whose y goes downwards.
func (c *canvas) at(p vg.Point) (x, y string) {
	px, py := float64(p.X), float64(p.Y)
	return number(c.a*px + c.c*py + c.e), number(float64(c.height) - (c.b*px + c.d*py + c.f))
}

// number writes a length to a tenth of a pixel.
func number(v float64) string {
	if !words.Finite(v) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(10*v)/10+0, 'f', -1, 64)
}

func (c *canvas) Stroke(p vg.Path) {
	if c.line <= 0 || len(p) == 0 {
		return
	}
	fmt.Fprintf(&c.out, `<path class="s-%s"`, palettes[c.colour.role].name)
	if c.line != 1 {
		fmt.Fprintf(&c.out, ` stroke-width="%s"`, number(float64(c.line)))
	}
	for i, d := range c.dash {
		c.out.WriteString([]string{` stroke-dasharray="`, " "}[min(i, 1)] + number(float64(d)))
		if i == len(c.dash)-1 {
			c.out.WriteByte('"')
		}
	}
	c.opacity("stroke-opacity")
	c.path(p)
}

func (c *canvas) Fill(p vg.Path) {
	if len(p) == 0 {
		return
	}
	fmt.Fprintf(&c.out, `<path class="f-%s"`, palettes[c.colour.role].name)
	c.opacity("fill-opacity")
	c.path(p)
}

func (c *canvas) opacity(name string) {
	if c.colour.opacity < 1 {
		fmt.Fprintf(&c.out, ` %s="%s"`, name, strconv.FormatFloat(math.Round(100*c.colour.opacity)/100, 'f', -1, 64))
	}
}

// path writes the shape and ends the element.
func (c *canvas) path(p vg.Path) {
	c.out.WriteString(` d="`)
	for _, s := range p {
		switch s.Type {
		case vg.MoveComp:
			c.step("M", s.Pos)
		case vg.LineComp:
			c.step("L", s.Pos)
		case vg.CurveComp:
			if len(s.Control) == 1 {
				c.step("Q", s.Control[0], s.Pos)
			} else {
				c.step("C", append(s.Control[:len(s.Control):len(s.Control)], s.Pos)...)
			}
		case vg.ArcComp:
			c.arc(s)
		case vg.CloseComp:
			c.out.WriteByte('Z')
		}
	}
	c.out.WriteString("\"/>\n")
}

func (c *canvas) step(command string, points ...vg.Point) {
	c.out.WriteString(command)
	for i, p := range points {
		if i > 0 {
			c.out.WriteByte(' ')
		}
		x, y := c.at(p)
		c.out.WriteString(x + " " + y)
	}
}

// arc draws an arc from where the path stands; as SVG draws none between equal
// points, a circle is two halves.
func (c *canvas) arc(s vg.PathComp) {
	to := func(angle float64) vg.Point {
		sin, cos := math.Sincos(angle)
		return vg.Point{X: s.Pos.X + s.Radius*vg.Length(cos), Y: s.Pos.Y + s.Radius*vg.Length(sin)}
	}
	r := number(float64(s.Radius) * math.Hypot(c.a, c.b))
	sweep := 0
	if s.Angle < 0 {
		sweep = 1
	}
	c.step("L", to(s.Start))
	for half := 1.0; half <= 2; half++ {
		fmt.Fprintf(&c.out, "A%s %s 0 0 %d ", r, r, sweep)
		x, y := c.at(to(s.Start + s.Angle*half/2))
		c.out.WriteString(x + " " + y)
	}
}

func (c *canvas) FillString(f font.Face, p vg.Point, words string) {
	if f.Font.Size <= 0 || words == "" {
		return
	}
	x, y := c.at(p)
	// The length makes another font than that which gonum has measured fit.
	fmt.Fprintf(&c.out, `<text class="f-%s" x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs"`,
		palettes[c.colour.role].name, x, y, number(float64(f.Font.Size)), number(float64(f.Width(words))))
	if f.Font.Weight >= 2 {
		c.out.WriteString(` font-weight="bold"`)
	}
	if angle := -math.Atan2(c.b, c.a) * 180 / math.Pi; math.Abs(angle) > 0.01 {
		fmt.Fprintf(&c.out, ` transform="rotate(%s %s %s)"`, number(angle), x, y)
	}
	c.out.WriteByte('>')
	xml.EscapeText(&c.out, []byte(words)) // a Buffer takes everything
	c.out.WriteString("</text>\n")
}

// DrawImage is for raster images, of which no picture has any.
func (c *canvas) DrawImage(vg.Rectangle, image.Image) {}
