package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// positions draws damage by place in the telegram, and marks the pauses.
func (p *Picture) positions(r *diagnose.Report) {
	p.Title = "Damage by place in the telegram"
	bars := 110
	if p.wide {
		bars = 240
	}
	heights, width, per := stretches(r, bars)
	highest := most(heights, same)
	if highest == 0 {
		p.none("No damage has a place in the telegram.")
		return
	}
	p.Unit = fmt.Sprintf("Hits of the line%s in each stretch of %s", per, words.Plural(int64(width), "byte"))
	p.keys = []key{{swatch(solid(bad)), "hits"}}
	if len(r.Pauses) > 0 {
		p.keys = append(p.keys, key{tip(solid(mark)), "stands out, as after a pause of the meter"})
	}
	p.Words = fmt.Sprintf("Most hits at byte %s: %s%s.%s", words.Count(int64(slices.Index(heights, highest)*width)), words.Number(highest), per, pauseWords(r.Pauses))
	pl := p.axes(230)
	pl.x = axis{to: float64(len(heights) * width), title: "bytes from the beginning of the telegram"}
	pl.x.ticks = evenTicks(pl.x.to, map[bool]int{true: 8, false: 4}[p.wide])
	pl.y = axis{to: ceiling(highest * 1.1)} // room for the signs of pauses
	pl.y.ticks = evenTicks(pl.y.to, 5)
	pl.shapes = []shape{rungs, columns(heights, width), pauses(r.Pauses)}
}

// maxEnd is how long a telegram may be for a picture, in bytes.
const maxEnd = 1 << 20

// stretches joins the places into at most so many stretches of equal width, in bytes.
// Heights are hits, or those per 100 telegrams where they are one at least.
func stretches(r *diagnose.Report, bars int) (heights []float64, width int, per string) {
	end := 0 // of the telegram, its last line being short
	for _, at := range r.Offsets {
		if at < maxEnd {
			end = max(end, at+1)
		}
	}
	for _, one := range r.Places {
		if one.Offset >= 0 && one.Offset < maxEnd {
			end = max(end, one.Offset+max(r.BinSize, 1))
		}
	}
	width = max((end+bars-1)/bars, r.BinSize, 1)
	rates, counts := make([]float64, end/width+1), make([]float64, end/width+1)
	for _, one := range r.Places {
		if n := one.Offset / width; one.Offset >= 0 && one.Offset < end && words.Finite(one.Rate) && one.Rate > 0 {
			rates[n] += 100 * one.Rate
			counts[n] += float64(max(one.Events, 0))
		}
	}
	if most(rates, same) >= 1 || most(counts, same) == 0 {
		return rates, width, " per 100 telegrams"
	}
	return counts, width, ""
}

func same(v float64) float64 { return v }

func pauseWords(all []diagnose.Place) string {
	var at []string
	for _, one := range all[:min(len(all), 8)] {
		at = append(at, words.Count(int64(one.Offset)))
	}
	if len(at) == 0 {
		return ""
	}
	return " Hit far more often than others: byte " + strings.Join(at, ", ") + "."
}

// evenTicks returns about so many ticks from 0 on at round numbers.
func evenTicks(end float64, n int) []tick {
	step := ceiling(end / float64(n))
	var t []tick
	for v := 0.0; v <= end*(1+1e-9) && len(t) <= 2*n; v += step {
		t = append(t, tick{v, words.Number(math.Round(v*1e6) / 1e6)})
	}
	return t
}

func columns(heights []float64, width int) shape {
	return func(c canvas, p *plane) {
		for n, height := range heights {
			if height <= 0 {
				continue
			}
			left, right := p.across(float64(n*width)), p.across(float64((n+1)*width))
			if right-left > 3 {
				right -= 0.7
			}
			top := min(p.up(height), p.bottom-1) // something is to be seen of each
			box(c, solid(bad), left, top, max(right, left+1.5), p.bottom)
		}
	}
}

// pauses tags each pause with its offset.
func pauses(all []diagnose.Place) shape {
	var at []tag
	for _, one := range all {
		at = append(at, tag{float64(one.Offset), words.Count(int64(one.Offset))})
	}
	return tags(at, line{colour: faint(mark, 0.6), width: 1, dash: []float64{2, 3}})
}
