package chart

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	gtext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"p1/pkg/noise/words"
)

// Picture is a chart that is ready to be drawn.
type Picture struct {
	Title   string // a few words
	Unit    string // what is drawn, and its unit
	Words   string // what it shows, for who cannot see it
	Nothing string // why there is nothing to draw; else empty
	Width   int    // CSS pixels

	wide bool
	tall vg.Length // of the plot with its axes, without head
	plot *plot.Plot
	keys []key
}

// key explains a colour or a sign.
type key struct {
	draw func(c draw.Canvas, at vg.Point) // around a point, at most keySize wide
	text string
}

const (
	keySize  = 12
	textSize = 12
	margin   = 4 // around the picture
)

// none makes a picture of a sentence.
func (p *Picture) none(why string) {
	p.Nothing, p.Words, p.plot, p.keys, p.tall = why, why, nil, nil, 0
}

// axes begins a picture: a plot of so many pixels in height with plain axes.
func (p *Picture) axes(tall float64) *plot.Plot {
	p.tall = vg.Length(tall)
	p.plot = plot.New()
	p.plot.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.plot.X, &p.plot.Y} {
		a.Padding, a.Tick.Length = 0, 0
		a.LineStyle = draw.LineStyle{Color: solid(grid), Width: 1}
		a.Tick.Label = style(solid(muted), textSize-1, a.Tick.Label.XAlign, a.Tick.Label.YAlign)
		a.Label.TextStyle = style(solid(muted), textSize-1, draw.XCenter, draw.YBottom)
		a.Label.Padding = 2
	}
	p.plot.X.Padding, p.plot.Y.Padding = 4, 4
	p.plot.Y.LineStyle.Width = 0
	return p.plot
}

func style(i Colour, size float64, x gtext.XAlignment, y gtext.YAlignment) gtext.Style {
	return gtext.Style{
		Color: i, XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler,
		Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Length(size)),
	}
}

func bold(s gtext.Style) gtext.Style {
	s.Font.Weight = xfont.WeightBold
	return s
}

// shape is what a picture draws on its axes.
type shape func(c draw.Canvas, p *plot.Plot)

// Plot makes it a plotter of gonum.
func (s shape) Plot(c draw.Canvas, p *plot.Plot) { s(c, p) }

// SVG gives the picture as an element for an HTML page, which has [Style] and the
// title beside it.
func (p *Picture) SVG() string { return p.element("", false) }

// WriteSVG writes the picture as a file.
func (p *Picture) WriteSVG(w io.Writer) error {
	_, err := io.WriteString(w, xml.Header+p.element("<style>"+ownStyle()+"</style>\n", true))
	return err
}

func (p *Picture) element(styles string, alone bool) string {
	h := p.height(alone)
	c := newCanvas(vg.Length(p.Width), h)
	p.draw(draw.NewCanvas(c, vg.Length(p.Width), h), alone)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg"`)
	if !alone {
		b.Reset() // HTML knows the name space
		b.WriteString(`<svg`)
	}
	fmt.Fprintf(&b, ` class="p1c" role="img" viewBox="0 0 %d %s"`, p.Width, number(float64(h)))
	if alone {
		fmt.Fprintf(&b, ` width="%d" height="%s"`, p.Width, number(float64(h)))
	}
	fmt.Fprintf(&b, ` aria-label="%s">`+"\n<title>%s</title>\n<desc>%s</desc>\n%s",
		escaped(p.Title+". "+p.Words), escaped(p.Title), escaped(p.Words), styles)
	if alone {
		fmt.Fprintf(&b, `<path class="f-paper" d="M0 0H%dV%sH0Z"/>`+"\n", p.Width, number(float64(h)))
	}
	b.Write(c.out.Bytes())
	b.WriteString("</svg>\n")
	return b.String()
}

func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// WritePNG writes the picture as an image of twice as many pixels, in the light
// palette.
func (p *Picture) WritePNG(w io.Writer) error {
	h := p.height(true)
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(p.Width), h), vgimg.UseDPI(2*72), vgimg.UseBackgroundColor(solid(paper)))
	p.draw(draw.NewCanvas(c, vg.Length(p.Width), h), true)
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// height returns that of the whole picture.
func (p *Picture) height(alone bool) vg.Length {
	return p.head(draw.Canvas{}, alone, false) + p.tall + 2*margin
}

func (p *Picture) draw(c draw.Canvas, alone bool) {
	c = draw.Crop(c, margin, -margin, margin, -margin)
	head := p.head(c, alone, true)
	if p.plot != nil {
		p.plot.Draw(draw.Crop(c, 0, 0, 0, -head))
	}
}

// head draws the title, which a page has already, the unit and the keys from the top
// down, or only measures them. It returns their height.
func (p *Picture) head(c draw.Canvas, alone, drawn bool) vg.Length {
	y := vg.Length(0)
	put := func(s gtext.Style, words string, after vg.Length) {
		for _, line := range wrap(s, words, vg.Length(p.Width)-2*margin) {
			y += s.Font.Size * 1.25
			if drawn {
				c.FillText(s, vg.Point{X: c.Min.X, Y: c.Max.Y - y + s.Font.Size*0.3}, line)
			}
		}
		y += after
	}
	if alone {
		put(bold(style(solid(text), textSize+4, draw.XLeft, draw.YBottom)), p.Title, 4)
	}
	if p.Nothing != "" {
		put(style(solid(text), textSize, draw.XLeft, draw.YBottom), p.Nothing, 4)
		return y
	}
	put(style(solid(muted), textSize, draw.XLeft, draw.YBottom), p.Unit, 4)
	return y + p.legend(c, y, drawn)
}

// legend draws the keys below y, as many in a row as there is room for.
func (p *Picture) legend(c draw.Canvas, y vg.Length, drawn bool) vg.Length {
	const row, between = 18, 14
	s := style(solid(text), textSize, draw.XLeft, draw.YBottom)
	x, below := vg.Length(0), vg.Length(0)
	for i, k := range p.keys {
		width := keySize + 5 + s.Width(k.text)
		if i == 0 {
			below = row
		} else if x+width > vg.Length(p.Width)-2*margin {
			x, below = 0, below+row
		}
		if drawn {
			at := vg.Point{X: c.Min.X + x, Y: c.Max.Y - y - below + 4}
			k.draw(c, vg.Point{X: at.X + keySize/2, Y: at.Y + 4})
			c.FillText(s, vg.Point{X: at.X + keySize + 5, Y: at.Y}, k.text)
		}
		x += width + between
	}
	if below > 0 {
		below += 6
	}
	return below
}

// wrap breaks text into lines of a width, but not between a number and its unit.
func wrap(s gtext.Style, text string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(words.Joined(text), " ") {
		switch longer := strings.TrimSpace(line + " " + word); {
		case line == "" || s.Width(longer) <= width:
			line = longer
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// ticks are the marks of an axis.
type ticks []plot.Tick

// Ticks makes them a ticker of gonum.
func (t ticks) Ticks(_, _ float64) []plot.Tick { return t }

// rectangle returns the path between two corners.
func rectangle(x0, y0, x1, y1 vg.Length) vg.Path {
	return vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path()
}

func fill(c draw.Canvas, i Colour, p vg.Path) {
	c.SetColor(i)
	c.Fill(p)
}

func line(i Colour, width float64, dash ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: i, Width: vg.Length(width), Dashes: dash}
}

// swatch is the key of a filled colour.
func swatch(i Colour) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) {
		fill(c, i, rectangle(at.X-5, at.Y-5, at.X+5, at.Y+5))
	}
}

// dot and least are the signs of a value, and of one that is at least so high.
func dot(i Colour) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: i, Radius: 3, Shape: draw.CircleGlyph{}}, at)
	}
}

func least(i Colour) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) {
		var p vg.Path
		p.Move(vg.Point{X: at.X - 4, Y: at.Y - 3})
		p.Line(vg.Point{X: at.X + 4, Y: at.Y - 3})
		p.Line(vg.Point{X: at.X, Y: at.Y + 4})
		p.Close()
		fill(c, i, p)
	}
}

// rungs draws lines across the plot at the ticks of the vertical axis.
func rungs(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		c.StrokeLine2(line(solid(grid), 1), c.Min.X, y(t.Value), c.Max.X, y(t.Value))
	}
}
