package chart

import (
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
)

// point is a place in a picture, in CSS pixels from its left and upper edge.
type point struct{ x, y float64 }

// canvas is what a picture is drawn on: an SVG or a PNG.
type canvas interface {
	fill(colour Colour, corners ...point)
	disc(colour Colour, middle point, radius float64)
	stroke(s line, along ...point)
	text(s style, at point, words string) // the base line begins at a point
	width(s style, words string) float64
}

// line is what a drawn line looks like.
type line struct {
	colour Colour
	width  float64
	dash   []float64 // how long it is there and away in turn; none: it is whole
}

// style is what letters look like.
type style struct {
	colour Colour
	size   float64
	bold   bool
}

// side is which part of a text stands at a point.
type side float64

const (
	begin  side = 0
	middle side = 0.5
	end    side = 1
)

// write puts words with one of their sides at a point of the base line.
func write(c canvas, s style, at point, part side, words string) {
	if part != begin {
		at.x -= float64(part) * c.width(s, words)
	}
	c.text(s, at, words)
}

// rise is how far above the base line the middle of a figure or a capital is, in sizes of
// the letters.
const rise = 0.36

// box fills the rectangle between two corners.
func box(c canvas, colour Colour, left, top, right, bottom float64) {
	c.fill(colour, point{left, bottom}, point{right, bottom}, point{right, top}, point{left, top})
}

// letters measures text in the typeface of the pictures, and gives its faces. Liberation
// Sans is as wide as Arial and Helvetica, which a browser may have instead. Where it has
// no letter for a character it draws a box.
type letters map[style]font.Face

// typeface is Liberation Sans, regular and bold. It is part of the program, and can be
// read.
var typeface = sync.OnceValue(func() (fonts [2]*opentype.Font) {
	fonts[0], _ = opentype.Parse(liberationsansregular.TTF)
	fonts[1], _ = opentype.Parse(liberationsansbold.TTF)
	return fonts
})

// dense is how many pixels of a PNG stand for one of CSS.
const dense = 2

// face returns the letters of a style as they are drawn in a PNG.
func (l letters) face(s style) font.Face {
	s.colour = Colour{}
	if f, ok := l[s]; ok {
		return f
	}
	f := typeface()[0]
	if s.bold {
		f = typeface()[1]
	}
	const inch = 72 // sizes are pixels, and a point is one at so many to the inch
	made, _ := opentype.NewFace(f, &opentype.FaceOptions{Size: s.size, DPI: dense * inch, Hinting: font.HintingNone})
	l[s] = made
	return made
}

// width returns how much room words take.
func (l letters) width(s style, words string) float64 {
	return float64(font.MeasureString(l.face(s), words)) / 64 / dense
}
