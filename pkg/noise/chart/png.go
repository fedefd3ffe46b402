package chart

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"p1/pkg/noise/words"
)

// pixels is a canvas that is an image in the light palette, with so many pixels for one
// of CSS as dense says.
type pixels struct {
	letters
	image *image.RGBA
	inks  vector.Rasterizer // the shape that is being drawn
}

func newPixels(l letters, width, height float64) *pixels {
	c := &pixels{letters: l, image: image.NewRGBA(image.Rect(0, 0, int(math.Ceil(dense*width)), int(math.Ceil(dense*height))))}
	draw.Draw(c.image, c.image.Bounds(), image.NewUniform(solid(paper)), image.Point{}, draw.Src)
	return c
}

func (c *pixels) fill(colour Colour, corners ...point) { c.cover(colour, corners) }

func (c *pixels) disc(colour Colour, middle point, radius float64) {
	c.cover(colour, circle(middle, radius))
}

// stroke draws the outline of each dash. Where one turns sharply it is cut in two, with a
// disc at the corner.
func (c *pixels) stroke(l line, along ...point) {
	var outlines [][]point
	for _, dash := range dashes(along, l.dash) {
		first := 0
		for n := 1; n < len(dash); n++ {
			last := n == len(dash)-1
			if !last && mitre(dash[n-1], dash[n], dash[n+1]) == (point{}) {
				outlines = append(outlines, circle(dash[n], l.width/2))
			} else if !last {
				continue
			}
			outlines = append(outlines, outline(dash[first:n+1], l.width))
			first = n
		}
	}
	c.cover(l.colour, outlines...)
}

// outline goes round a line: along one side of it, and back along the other.
func outline(along []point, width float64) []point {
	end := len(along) - 1
	all := make([]point, 2*len(along))
	for n, p := range along {
		m := mitre(along[max(n-1, 0)], p, along[min(n+1, end)])
		x, y := m.x*width/2, m.y*width/2
		all[n], all[len(all)-1-n] = point{p.x + x, p.y + y}, point{p.x - x, p.y - y}
	}
	return all
}

// mitre returns the way from the middle of a line to its edge at b, between a and c, in
// halves of its width; nothing where it turns by more than a third of a turn.
func mitre(a, b, c point) point {
	in, out := upright(a, b), upright(b, c)
	switch {
	case in == point{}:
		return out
	case out == point{}:
		return in
	}
	sum := point{in.x + out.x, in.y + out.y}
	long := sum.x*sum.x + sum.y*sum.y
	if long < 1 {
		return point{}
	}
	return point{2 * sum.x / long, 2 * sum.y / long}
}

// upright returns one pixel at right angles to the way from a to b; nothing if they are
// the same.
func upright(a, b point) point {
	long := math.Hypot(b.x-a.x, b.y-a.y)
	if long == 0 {
		return point{}
	}
	return point{(a.y - b.y) / long, (b.x - a.x) / long}
}

// dashes cuts the way along points into the parts that are to be seen.
func dashes(along []point, pattern []float64) [][]point {
	if len(pattern) == 0 || len(along) < 2 {
		return [][]point{along}
	}
	all := [][]point{{along[0]}}
	turn, left := 0, pattern[0] // of the pattern, and what is left of it
	for n := 1; n < len(along); n++ {
		a, b := along[n-1], along[n]
		long := math.Hypot(b.x-a.x, b.y-a.y)
		for at := 0.0; at < long; {
			step := min(left, long-at)
			at, left = at+step, left-step
			p := point{a.x + (b.x-a.x)*at/long, a.y + (b.y-a.y)*at/long}
			seen := turn%2 == 0
			if seen {
				all[len(all)-1] = append(all[len(all)-1], p)
			}
			if left <= 0 {
				turn++
				left = pattern[turn%len(pattern)]
				if !seen {
					all = append(all, []point{p})
				}
			}
		}
	}
	return all
}

// circle returns corners around a middle, so many that no eye sees them.
func circle(middle point, radius float64) []point {
	const corners = 32
	all := make([]point, corners)
	for n := range all {
		sin, cos := math.Sincos(-2 * math.Pi * float64(n) / corners)
		all[n] = point{middle.x + radius*cos, middle.y + radius*sin}
	}
	return all
}

// cover lays a colour once over all that is within outlines, of which each goes round in
// the same direction.
func (c *pixels) cover(colour Colour, outlines ...[]point) {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, corners := range outlines {
		for _, p := range corners {
			if !words.Finite(p.x) || !words.Finite(p.y) {
				return
			}
			left, top, right, bottom = min(left, p.x), min(top, p.y), max(right, p.x), max(bottom, p.y)
		}
	}
	size := c.image.Bounds().Max
	in := func(v float64, end int) int { return int(min(max(v*dense, 0), float64(end))) }
	area := image.Rect(in(left, size.X), in(top, size.Y), in(right+1, size.X), in(bottom+1, size.Y))
	if left > right || area.Empty() {
		return
	}
	c.inks.Reset(area.Dx(), area.Dy())
	for _, corners := range outlines {
		for n, p := range corners {
			x, y := near(p.x*dense-float64(area.Min.X)), near(p.y*dense-float64(area.Min.Y))
			if n == 0 {
				c.inks.MoveTo(x, y)
			} else {
				c.inks.LineTo(x, y)
			}
		}
		c.inks.ClosePath()
	}
	c.inks.Draw(c.image, area, image.NewUniform(colour), image.Point{})
}

// near brings what is far outside of every picture to where it takes no time to draw.
func near(v float64) float32 { return float32(min(max(v, -1e4), 1e4)) }

func (c *pixels) text(s style, at point, words string) {
	d := font.Drawer{Dst: c.image, Src: image.NewUniform(s.colour), Face: c.face(s),
		Dot: fixed.Point26_6{X: fixed.Int26_6(at.x * dense * 64), Y: fixed.Int26_6(at.y * dense * 64)}}
	d.DrawString(words)
}
