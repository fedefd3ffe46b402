package chart

import (
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"strings"

	"p1/pkg/noise/words"
)

// Picture is a chart that is ready to be drawn.
type Picture struct {
	Title   string // a few words
	Unit    string // what is drawn, and its unit
	Words   string // what it shows, for who cannot see it
	Nothing string // why there is nothing to draw; else empty
	Width   int    // CSS pixels

	letters letters
	wide    bool
	plane   *plane
	keys    []key
}

// key explains a colour or a sign.
type key struct {
	sign sign
	text string
}

// sign draws something around a point, at most keySize wide.
type sign func(c canvas, at point)

const (
	keySize  = 12
	textSize = 12
	margin   = 4 // around the picture
)

// none makes a picture of a sentence.
func (p *Picture) none(why string) {
	p.Nothing, p.Words, p.plane, p.keys = why, why, nil, nil
}

// axes begins a picture: a plane that is so high with the texts of its axes.
func (p *Picture) axes(tall float64) *plane {
	p.plane = &plane{tall: tall}
	return p.plane
}

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
	c := &vectors{letters: p.letters}
	p.draw(c, h, alone)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg"`)
	if !alone {
		b.Reset() // HTML knows the name space
		b.WriteString(`<svg`)
	}
	fmt.Fprintf(&b, ` class="p1c" role="img" viewBox="0 0 %d %s"`, p.Width, number(h))
	if alone {
		fmt.Fprintf(&b, ` width="%d" height="%s"`, p.Width, number(h))
	}
	fmt.Fprintf(&b, ` aria-label="%s">`+"\n<title>%s</title>\n<desc>%s</desc>\n%s",
		escaped(p.Title+". "+p.Words), escaped(p.Title), escaped(p.Words), styles)
	if alone {
		fmt.Fprintf(&b, `<path class="f-paper" d="M0 0H%dV%sH0Z"/>`+"\n", p.Width, number(h))
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
	c := newPixels(p.letters, float64(p.Width), h)
	p.draw(c, h, true)
	return png.Encode(w, c.image)
}

// height returns that of the whole picture.
func (p *Picture) height(alone bool) float64 {
	h := p.head(nil, alone) + 2*margin
	if p.plane != nil {
		h += p.plane.tall
	}
	return h
}

func (p *Picture) draw(c canvas, height float64, alone bool) {
	head := p.head(c, alone)
	if p.plane != nil {
		p.plane.draw(c, margin, margin+head, float64(p.Width)-margin, height-margin)
	}
}

// head draws the title, which a page has already, the unit and the keys from the top
// down; without a canvas it only measures them. It returns their height.
func (p *Picture) head(c canvas, alone bool) float64 {
	y := 0.0
	put := func(s style, words string, after float64) {
		for _, line := range p.wrap(s, words, float64(p.Width)-2*margin) {
			y += s.size * 1.25
			if c != nil {
				c.text(s, point{margin, margin + y - 0.2*s.size}, line)
			}
		}
		y += after
	}
	if alone {
		put(style{colour: solid(text), size: textSize + 4, bold: true}, p.Title, 4)
	}
	if p.Nothing != "" {
		put(style{colour: solid(text), size: textSize}, p.Nothing, 4)
		return y
	}
	put(style{colour: solid(muted), size: textSize}, p.Unit, 8)
	return y + p.legend(c, y)
}

// legend draws the keys below y, as many in a row as there is room for.
func (p *Picture) legend(c canvas, y float64) float64 {
	const row, between, beside = 18, 14, 5
	s := style{colour: solid(text), size: textSize}
	x, below := 0.0, 0.0
	for i, k := range p.keys {
		width := keySize + beside + p.letters.width(s, k.text)
		if i == 0 {
			below = row
		} else if x+width > float64(p.Width)-2*margin {
			x, below = 0, below+row
		}
		if c != nil {
			base := margin + y + below - 5
			k.sign(c, point{margin + x + keySize/2, base - rise*s.size})
			c.text(s, point{margin + x + keySize + beside, base}, k.text)
		}
		x += width + between
	}
	if below > 0 {
		below += 6
	}
	return below
}

// wrap breaks text into lines of a width, but not between a number and its unit.
func (p *Picture) wrap(s style, text string, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(words.Joined(text), " ") {
		switch longer := strings.TrimSpace(line + " " + word); {
		case line == "" || p.letters.width(s, longer) <= width:
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

// swatch is the key of a filled colour.
func swatch(i Colour) sign {
	return func(c canvas, at point) { box(c, i, at.x-5, at.y-5, at.x+5, at.y+5) }
}

// dot and least are the signs of a value, and of one that is at least so high.
func dot(i Colour) sign {
	return func(c canvas, at point) { c.disc(i, at, 3) }
}

func least(i Colour) sign {
	return func(c canvas, at point) {
		c.fill(i, point{at.x - 4, at.y + 3}, point{at.x + 4, at.y + 3}, point{at.x, at.y - 4})
	}
}
