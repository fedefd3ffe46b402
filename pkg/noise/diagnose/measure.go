package diagnose

import (
	"math"
	"math/bits"

	"p1/pkg/uart"
)

// Measures are what a log determines of a line on which every edge is late or scatters by
// itself, with 95 % intervals. Times it does not determine, but for a lateness whose edges
// come wrong on both sides: they stand in units of the scatter of an edge against the start
// edge (a normal distribution).
type Measures struct {
	Edge string `json:"edge,omitempty"` // which bits it is about: "a 1 behind a rising edge", …; empty where nothing is measured
	// Margin is how many times the scatter the edges stay away from the middle of the bit, at
	// bit number Bit; Growth by how much it changes from one bit to the next, which is what a
	// clock does that is off.
	Margin *Measured `json:"margin,omitempty"`
	Bit    float64   `json:"bit,omitempty"`
	Growth *Measured `json:"growth,omitempty"`
	// Common is the share of the scatter, as a variance, that all edges of a character have in
	// common. That of the start edge is: it is half where each edge scatters by itself.
	Common *Measured `json:"common,omitempty"`
	// Late is by how much rising edges come later than start edges, in bits; less than 0 where
	// falling edges are late.
	Late *Measured `json:"late,omitempty"`
}

// Measured is a value with its 95 % interval.
type Measured struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// folds are as many parts of a log, telegram by telegram in turn: how much the values change
// when each is left out tells how sure they are, hits that come together in a telegram
// included (the jackknife; Efron and Stein 1981).
const folds = 50

// student is the 97.5 % point of Student's distribution for so many folds.
const student = 2.01

// fold counts bits that are known to have been sent, and those read wrong.
type fold struct {
	sent  [256]int64
	wrong [8][8]int64 // as in a BitTable
	both  [8]int64    // pairs of bits of one byte that are wrong, both of a row
}

func (f *fold) add(o *fold, sign int64) {
	for i, n := range o.sent {
		f.sent[i] += sign * n
	}
	for row := range o.wrong {
		for k, n := range o.wrong[row] {
			f.wrong[row][k] += sign * n
		}
		f.both[row] += sign * o.both[row]
	}
}

// hit counts the wrong bits of a byte.
func (f *fold) hit(sent, got byte) {
	var of [8]int64
	for w := sent ^ got; w != 0; w &= w - 1 {
		k := bits.TrailingZeros8(w)
		row := besides(sent, k)
		f.wrong[row][k]++
		f.both[row] += of[row]
		of[row]++
	}
}

// exposed counts the bits of a row that were sent, and the pairs of them in one byte.
func (f *fold) exposed(row int) (sent [8]float64, pairs [8][8]float64) {
	for b, n := range f.sent {
		if n == 0 {
			continue
		}
		for k := range 8 {
			if besides(byte(b), k) != row {
				continue
			}
			sent[k] += float64(n)
			for j := range k {
				if besides(byte(b), j) == row {
					pairs[j][k] += float64(n)
				}
			}
		}
	}
	return sent, pairs
}

// measured are the bare values of a fit.
type measured struct {
	bit, margin, growth, common, late float64
	marginError, growthError          float64 // standard errors if all hits are independent
}

// pure are the rows of bits with an edge on one side only, and the row of those that the
// same edges make wrong when they move the other way.
var pure = []struct {
	row, other int
	says       string
}{
	{aOne | edgeBefore, edgeAfter, "a 1 behind a rising edge"},
	{edgeAfter, aOne | edgeBefore, "a 0 before a rising edge"},
	{edgeBefore, aOne | edgeAfter, "a 0 behind a falling edge"},
	{aOne | edgeAfter, edgeBefore, "a 1 before a falling edge"},
}

// leastMeasured is how many wrong bits it takes.
const leastMeasured = few

// measure finds what the log determines of its edges.
func measure(parts *[folds]fold) (out Measures) {
	var all fold
	for i := range parts {
		all.add(&parts[i], 1)
	}
	best, wrong := 0, int64(0)
	for i, p := range pure {
		if n := sum(&all.wrong[p.row]); n > wrong {
			best, wrong = i, n
		}
	}
	if wrong < leastMeasured {
		return out
	}
	of := pure[best]
	center := 0.0
	for k, n := range all.wrong[of.row] {
		center += float64(k) * float64(n) / float64(wrong)
	}
	values := all.fit(of.row, of.other, center)
	var left [folds]measured
	for i := range parts {
		all.add(&parts[i], -1)
		left[i] = all.fit(of.row, of.other, center)
		all.add(&parts[i], 1)
	}
	interval := func(of func(*measured) float64, least float64) *Measured {
		at := func(m *measured) float64 { return of(m) }
		mean, square := 0.0, 0.0
		for i := range left {
			mean += at(&left[i]) / folds
		}
		for i := range left {
			square += (at(&left[i]) - mean) * (at(&left[i]) - mean)
		}
		by := student * max(math.Sqrt(square*(folds-1)/folds), least)
		v := at(&values)
		if math.IsNaN(by) || math.IsInf(by, 0) {
			return nil
		}
		return &Measured{v, v - by, v + by}
	}
	out.Edge, out.Bit = of.says, center
	out.Margin = interval(func(m *measured) float64 { return m.margin }, values.marginError)
	out.Growth = interval(func(m *measured) float64 { return m.growth }, values.growthError)
	if all.both[of.row] >= leastPairs {
		out.Common = interval(func(m *measured) float64 { return m.common }, 0)
	}
	if sum(&all.wrong[of.other]) >= leastPairs {
		out.Late = interval(func(m *measured) float64 { return m.late }, 0)
	}
	return out
}

// leastPairs is how many hits of a second kind it takes.
const leastPairs = 10

func sum(counts *[8]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// fit finds the values under which the wrong bits are likeliest.
func (f *fold) fit(row, other int, center float64) (m measured) {
	sent, pairs := f.exposed(row)
	m.bit = center
	m.margin, m.growth, m.marginError, m.growthError = probit(&f.wrong[row], &sent, center)
	m.common = common(&pairs, float64(f.both[row]), func(k int) float64 { return m.margin + m.growth*(float64(k)-center) })
	if n := sum(&f.wrong[other]); n > 0 {
		sent, _ := f.exposed(other)
		total := 0.0
		for _, s := range sent {
			total += s
		}
		against := upper(float64(n) / max(total, 1))
		late := (against - m.margin) / (2 * (against + m.margin))
		if row == edgeAfter || row == aOne|edgeAfter { // its edges come early
			late = -late
		}
		m.late = late + uart.SeenLate
	}
	return m
}

// upper is what a standard normal variable exceeds with a probability.
func upper(p float64) float64 { return math.Sqrt2 * math.Erfinv(1-2*min(max(p, 1e-15), 0.999)) }

// probit fits the margin at each bit, a straight line, by maximum likelihood (Fisher's
// scoring), with standard errors.
func probit(wrong *[8]int64, sent *[8]float64, center float64) (margin, growth, marginError, growthError float64) {
	n, y := 0.0, 0.0
	for k := range sent {
		n += sent[k]
		y += float64(wrong[k])
	}
	margin = upper(y / max(n, 1))
	var a, b, c float64 // of the information matrix
	for range 50 {
		a, b, c = 1e-9, 0, 1e-9
		u, v := 0.0, 0.0
		for k := range sent {
			x := float64(k) - center
			z := margin + growth*x
			p := min(max(math.Erfc(z/math.Sqrt2)/2, 1e-15), 1-1e-15)
			density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
			score := -(float64(wrong[k]) - sent[k]*p) * density / (p * (1 - p))
			weight := sent[k] * density * density / (p * (1 - p))
			u, v = u+score, v+score*x
			a, b, c = a+weight, b+weight*x, c+weight*x*x
		}
		det := a*c - b*b
		if det <= 1e-9*a*c {
			break
		}
		da, dc := (c*u-b*v)/det, (a*v-b*u)/det
		step := min(1, 0.5/max(math.Abs(da), math.Abs(dc), 1e-9))
		margin, growth = margin+step*da, growth+step*dc
		if math.Abs(da)+math.Abs(dc) < 1e-9 {
			break
		}
	}
	det := a*c - b*b
	return margin, growth, math.Sqrt(c / det), math.Sqrt(a / det)
}

// common finds the correlation under which as many pairs are wrong together, each of them
// beyond its margin.
func common(pairs *[8][8]float64, both float64, margin func(k int) float64) float64 {
	expected := func(rho float64) (n float64) {
		for j := range pairs {
			for k, sent := range pairs[j] {
				if sent > 0 {
					n += sent * bothBeyond(margin(j), margin(k), rho)
				}
			}
		}
		return n
	}
	low, high := 0.0, 0.999
	for range 30 {
		middle := (low + high) / 2
		if expected(middle) < both {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// bothBeyond is the probability that two standard normal variables with a correlation exceed
// two limits (Owen 1956, by Simpson's rule over the angle whose sine is the correlation).
func bothBeyond(h, k, rho float64) float64 {
	const steps = 24
	to := math.Asin(rho)
	at := func(angle float64) float64 {
		sin, cos := math.Sincos(angle)
		return math.Exp(-(h*h + k*k - 2*h*k*sin) / (2 * cos * cos))
	}
	total := at(0) + at(to)
	for i := 1; i < steps; i++ {
		total += float64(2+2*(i%2)) * at(to*float64(i)/steps)
	}
	return math.Erfc(h/math.Sqrt2)/2*math.Erfc(k/math.Sqrt2)/2 + total*to/(3*steps)/(2*math.Pi)
}
