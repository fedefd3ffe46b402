package diagnose

import (
	"cmp"
	"math"
	"slices"
)

// A line's damage wanders by itself: with the temperature, the load, what the meter
// sends. What a change of the user's did shows only as far as it is more than that. So
// the logarithm of how often telegrams are hit, in blocks of time, is taken for
//
//	level of the segment + daily rhythm + drift + scatter of the block + chance of the count
//
// where drift is a process that forgets itself after some time (Ornstein and Uhlenbeck
// 1930: its covariance is s²·exp(−Δt/τ)), and the scatter w is each block's own. How
// strong they are is not known: s, w and τ go through a grid, each point weighted by how
// likely it makes the whole log (restricted likelihood, Patterson and Thompson 1971, so
// that the levels cost what they are worth), and by how usual such a line is. An interval
// is that of the mixture, and so holds what a short log cannot tell of its own drift.

// drift is how a line wanders by itself.
type drift struct {
	strength float64 // s: standard deviation, of the logarithm of the rate
	memory   float64 // τ: seconds after which it has forgotten itself
	scatter  float64 // w: standard deviation of what is each block's own
}

// usual is the logarithm of how often lines drift like that, beside others. It was
// chosen so that on lines with many kinds of drift and storms at most one interval in
// twenty misses (TestChanges). A line without any drift is rare.
func (d drift) usual() float64 {
	return 2*math.Log(d.strength) - d.strength/0.25 - d.scatter/0.4
}

const (
	day   = 86400.0 // seconds
	daily = 0.2     // how strong a daily rhythm is, mostly: standard deviation of the amplitudes of its sine and cosine, of the logarithm
)

// drifts is the grid: memories from a block to several times the log.
func drifts(length float64) []drift {
	var all []drift
	for _, memory := range []float64{0.02, 0.06, 0.2, 0.6, 2, 6} {
		for _, strength := range []float64{0.05, 0.1, 0.17, 0.3, 0.45, 0.7, 1, 1.5} {
			for _, scatter := range []float64{0, 0.1, 0.2, 0.35, 0.55, 0.85, 1.3} {
				all = append(all, drift{strength, memory * length, scatter})
			}
		}
	}
	return all
}

// rate is the logarithm of its hits for each telegram, and chance the variance of that
// by the count alone. Half a hit is added, so that none is not nothing.
func (b *block) rate() float64   { return math.Log((b.hits + 0.5) / b.telegrams) }
func (b *block) chance() float64 { return 1 / (b.hits + 0.5) }

// sweep runs the filter of Kalman (1960) over blocks in the order of time, and gives for
// each block and each column what is left of it when the past is known, over its standard
// deviation. Column 0 is the rate, column 1+k says which blocks are of segment k, the last
// two are the time of day. It returns the logarithm of the covariance's determinant.
func (d drift) sweep(blocks []block, segments int, take func(row []float64)) (logDeterminant float64) {
	state, row := make([]float64, segments+3), make([]float64, segments+3)
	variance := d.strength * d.strength
	for i := range blocks {
		b := &blocks[i]
		if i > 0 {
			kept := math.Exp(-(b.at - blocks[i-1].at) / d.memory)
			for k := range state {
				state[k] *= kept
			}
			variance = kept*kept*variance + (1-kept*kept)*d.strength*d.strength
		}
		total := variance + d.scatter*d.scatter + b.chance()
		gain, scale := variance/total, 1/math.Sqrt(total)
		clear(row)
		row[0], row[1+b.segment], row[segments+1], row[segments+2] = b.rate(), 1, b.cos, b.sin
		for k := range row {
			left := row[k] - state[k]
			state[k] += gain * left
			row[k] = left * scale
		}
		variance *= 1 - gain
		logDeterminant += math.Log(total)
		take(row)
	}
	return logDeterminant
}

// fit is what one kind of drift makes of the blocks.
type fit struct {
	drift
	weight float64
	level  []float64   // of each segment: the logarithm of its hits for each telegram
	spread [][]float64 // covariance of the levels
}

// fit finds the levels under a drift, and the logarithm of how likely it makes the blocks.
// The daily rhythm is held to what is usual of it, since a short log shows little of a day.
func (d drift) fit(blocks []block, segments int) (f fit, logLikelihood float64) {
	n := segments + 2
	normal, right := make([][]float64, n), make([]float64, n) // the normal equations
	for k := range normal {
		normal[k] = make([]float64, n)
		if k >= segments {
			normal[k][k] = 1 / (daily * daily)
		}
	}
	squares := 0.0
	determinant := d.sweep(blocks, segments, func(row []float64) {
		squares += row[0] * row[0]
		for k, v := range row[1:] {
			for l, u := range row[1:] {
				normal[k][l] += v * u
			}
			right[k] += v * row[0]
		}
	})
	inverse, log := inverted(normal)
	f = fit{drift: d, level: make([]float64, n), spread: inverse}
	for k := range n {
		for l := range n {
			f.level[k] += inverse[k][l] * right[l]
		}
		squares -= f.level[k] * right[k]
	}
	return f, -0.5 * (determinant + log + squares)
}

// sum is a weighted sum of the levels and its standard deviation.
func (f *fit) sum(of map[int]float64) (mean, deviation float64) {
	variance := 0.0
	for k, a := range of {
		mean += a * f.level[k]
		for l, b := range of {
			variance += a * b * f.spread[k][l]
		}
	}
	return mean, math.Sqrt(max(variance, 1e-12))
}

// inverted is the inverse of a positive definite matrix, which it uses up, and the
// logarithm of its determinant (Gauss and Jordan; such a matrix needs no pivoting).
func inverted(m [][]float64) (inverse [][]float64, logDeterminant float64) {
	inverse = make([][]float64, len(m))
	for k := range inverse {
		inverse[k] = make([]float64, len(m))
		inverse[k][k] = 1
	}
	for k := range m {
		pivot := max(m[k][k], 1e-12) // a segment without blocks is not known at all
		logDeterminant += math.Log(pivot)
		for l := range m {
			m[k][l] /= pivot
			inverse[k][l] /= pivot
		}
		for i := range m {
			factor := m[i][k]
			if i == k || factor == 0 {
				continue
			}
			for l := range m {
				m[i][l] -= factor * m[k][l]
				inverse[i][l] -= factor * inverse[k][l]
			}
		}
	}
	return inverse, logDeterminant
}

// wander is what is known of a line's drift: every kind of it with its weight.
type wander struct {
	blocks   []block
	segments int
	stormy   []int64 // telegrams of each segment that were in storms
	fits     []fit
}

// wanderOf weighs the kinds of drift by the blocks, which are in the order of time.
func wanderOf(blocks []block, segments int, stormy []int64) *wander {
	w := &wander{blocks: blocks, segments: segments, stormy: stormy}
	if len(blocks) == 0 {
		return w
	}
	var logs []float64
	for _, d := range drifts(max(blocks[len(blocks)-1].at-blocks[0].at, 60)) {
		f, log := d.fit(blocks, segments)
		w.fits, logs = append(w.fits, f), append(logs, log+d.usual())
	}
	highest, sum := slices.Max(logs), 0.0
	for i := range w.fits {
		w.fits[i].weight = math.Exp(logs[i] - highest)
		sum += w.fits[i].weight
	}
	for i := range w.fits {
		w.fits[i].weight /= sum
	}
	return w
}

// likeliest lists so many kinds of drift, the likeliest first.
func (w *wander) likeliest(n int) []fit {
	all := slices.SortedStableFunc(slices.Values(w.fits), func(a, b fit) int { return cmp.Compare(b.weight, a.weight) })
	return all[:min(n, len(all))]
}

// interval is the 95 % interval, and the middle, of a weighted sum of the levels.
func (w *wander) interval(of map[int]float64) (low, middle, high float64) {
	means, deviations := make([]float64, len(w.fits)), make([]float64, len(w.fits))
	for i := range w.fits {
		means[i], deviations[i] = w.fits[i].sum(of)
	}
	below := func(x float64) float64 {
		p := 0.0
		for i := range w.fits {
			p += w.fits[i].weight * 0.5 * math.Erfc((means[i]-x)/(deviations[i]*math.Sqrt2))
		}
		return p
	}
	return quantile(below, 0.025), quantile(below, 0.5), quantile(below, 0.975)
}

// quantile is where a rising function reaches p. Logarithms of ratios are within ±60.
func quantile(below func(float64) float64, p float64) float64 {
	low, high := -60.0, 60.0
	for range 60 {
		if middle := (low + high) / 2; below(middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
