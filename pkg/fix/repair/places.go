package repair

import (
	"math"

	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// places counts where in a shape's text the line has hit. A meter that pauses
// inside its telegrams shows there: the first byte after a pause is hit a
// hundred times as often as others.
type places struct {
	hits      []float64
	telegrams float64
	valid     int     // telegrams with which nothing was wrong but what the logger has done
	against   float64 // what damaged telegrams say against the text: see hearsay
	// doubt is, of a shape that is known from a telegram that was repaired by what is
	// prescribed, how likely that repair is wrong; 0 for all others.
	doubt float64
}

// A place stands out when it was hit so many times, and so much more often than
// others.
const (
	minHits  = 3
	standout = 8
)

// gains returns how much less a hit costs at each place of a shape than
// elsewhere, in the memory of a list.
func (d *decoder) gains(list []float64, shape *expect.Shape) []float64 {
	gains := zeros(list, len(shape.Text))
	p := d.places[shape]
	if p == nil {
		return gains
	}
	base := d.line.HitRate()
	for at, hits := range p.hits {
		if hits < minHits {
			continue
		}
		if ratio := hits / p.telegrams / base; ratio > standout {
			gains[at] = math.Log(ratio)
		}
	}
	return gains
}

// placesOf returns the places of a shape.
func (d *decoder) placesOf(shape *expect.Shape) *places {
	p := d.places[shape]
	if p == nil {
		p = &places{hits: make([]float64, len(shape.Text))}
		d.places[shape] = p
	}
	return p
}

// longRun is from where on a run of lost or added bytes is one event, not many.
const longRun = 3

// observe learns of the line from a telegram and its edits.
func (d *decoder) observe(shape *expect.Shape, raw []byte, edits []record.Edit) {
	p := d.placesOf(shape)
	p.telegrams++
	d.line.Sent(len(raw) - (shape.FillEnd - shape.FillStart))
	hit := false
	for _, e := range edits {
		if e.By == record.ByLogger {
			continue
		}
		hit = true
		if e.At < len(p.hits) && len(e.Now) > 0 {
			p.hits[e.At]++
		}
		d.learn(e)
	}
	if !hit {
		p.valid++
	}
	d.line.Settle()
}

func (d *decoder) learn(e record.Edit) {
	switch {
	case len(e.Got) == 1 && len(e.Now) == 1:
		d.line.Hit(e.Now[0], e.Got[0])
	case len(e.Now) > 0 && len(e.Now) < longRun:
		for _, b := range e.Now {
			d.line.Vanished(b)
		}
	case len(e.Got) > 0 && len(e.Got) < longRun:
		for range e.Got {
			d.line.Added()
		}
	}
}
