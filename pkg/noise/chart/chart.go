// Package chart takes a [diagnose.Report], or the evidence of a [voltage.Meter], and gives
// one of its pictures, as SVG or PNG. Lengths are CSS pixels, and text is as large as it says at the width for which a
// picture is drawn.
//
// Colours are roles (see [Colour]), so that one SVG does for light and dark: the page
// around it, or the file itself, says what each role looks like. Text of the stream
// is escaped, and whatever the numbers of the report are (not a number, endless, -1
// for none), they are left out where they cannot be drawn.
package chart

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// Kind names a picture.
type Kind string

// The pictures.
const (
	Causes      Kind = "causes"      // which mechanism did how much of the damage
	Reliability Kind = "reliability" // share of good telegrams over time, before and after repair
	Hours       Kind = "hours"       // damage by day and hour of the day
	Positions   Kind = "positions"   // damage by place in the telegram
	Bits        Kind = "bits"        // bits read as their opposite, by the edges beside them
	Marks       Kind = "marks"       // damage between the changes that the user made
	Edge        Kind = "edge"        // what a late edge does to a bit, where one is to blame
)

// Kinds lists the pictures in the order in which they tell most.
func Kinds() []Kind { return []Kind{Causes, Reliability, Hours, Positions, Bits, Marks, Edge} }

// Most returns the picture that tells most of a report: whether a change helped,
// where the user made one, else what did the damage, else how reliable the line is.
func Most(r *diagnose.Report) Kind {
	switch {
	case len(r.Compared) > 0:
		return Marks
	case len(r.Findings) > 0:
		return Causes
	}
	return Reliability
}

// Widths of pictures, in CSS pixels: for a page on a desktop, and for a phone of 360.
const (
	Wide   = 720
	Narrow = 328
)

// Draw draws a picture so that it is legible at a width.
func Draw(r *diagnose.Report, k Kind, width int) *Picture {
	p := newPicture(width)
	switch k {
	case Reliability:
		p.reliability(r)
	case Hours:
		p.hours(r)
	case Positions:
		p.positions(r)
	case Bits:
		p.bits(r)
	case Marks:
		p.marks(r)
	case Edge:
		p.edge(r)
	default:
		p.causes(r)
	}
	return p
}

func newPicture(width int) *Picture {
	return &Picture{Width: width, letters: letters{}, wide: width >= (Wide+Narrow)/2}
}

// most returns the highest of the numbers that can be drawn; 0 if there is none.
func most[T any](all []T, value func(T) float64) float64 {
	highest := 0.0
	for _, one := range all {
		if v := value(one); words.Finite(v) {
			highest = max(highest, v)
		}
	}
	return highest
}

// part brings a share into 0 to 1; ok is false where it is no number.
func part(v float64) (share float64, ok bool) {
	return min(max(v, 0), 1), words.Finite(v) && v >= 0
}

// ceiling returns the next of 1, 2, 2.5, 5, 10, … at or above v, where an axis ends.
func ceiling(v float64) float64 {
	if !words.Finite(v) || v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// short cuts text to so many characters.
func short(text string, n int) string {
	chars := []rune(strings.TrimSpace(text))
	if len(chars) > n {
		return string(chars[:n-1]) + "…"
	}
	return string(chars)
}

// sortedBy returns a copy in the order of a key.
func sortedBy[T any, K cmp.Ordered](all []T, key func(T) K) []T {
	return slices.SortedStableFunc(slices.Values(all), func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}
