package yield

import (
	"fmt"
	"math"
	"strings"
)

// Reliability gathers repairs by their confidence.
type Reliability [8]Bin

// A Bin holds the repairs with a confidence from one bound to the next.
type Bin struct {
	Repairs   int
	Wrong     int
	Predicted float64 // Σ(1−confidence)
}

// bounds are the lowest confidences of the bins.
var bounds = [len(Reliability{})]float64{0, 0.9, 0.99, 0.999, 0.9995, 0.9999, 0.99999, 0.999999}

// Add adds a repair.
func (r *Reliability) Add(confidence float64, right bool) {
	i := len(bounds) - 1
	for i > 0 && confidence < bounds[i] {
		i--
	}
	r[i].Repairs++
	r[i].Predicted += 1 - confidence
	if !right {
		r[i].Wrong++
	}
}

// Merge adds the repairs of another row.
func (r *Reliability) Merge(other Reliability) {
	for i, b := range other {
		r[i].Repairs += b.Repairs
		r[i].Wrong += b.Wrong
		r[i].Predicted += b.Predicted
	}
}

// Total is all bins together.
func (r *Reliability) Total() Bin {
	var all Bin
	for _, b := range r {
		all.Repairs += b.Repairs
		all.Wrong += b.Wrong
		all.Predicted += b.Predicted
	}
	return all
}

// Bearable is how many may be wrong before the confidences are too high: three
// standard deviations more than predicted.
func (b Bin) Bearable() float64 { return b.Predicted + 3*math.Sqrt(b.Predicted) }

// Verdict says how often repairs are wrong, and how often they may be.
func (b Bin) Verdict() string {
	return fmt.Sprintf("%d of %d repairs are wrong: %.1f in 100,000, at most 10 may be; predicted are %.3f, bearable %.2f\n",
		b.Wrong, b.Repairs, 1e5*float64(b.Wrong)/float64(max(b.Repairs, 1)), b.Predicted, b.Bearable())
}

// String is the table of the bins.
func (r *Reliability) String() string {
	var s strings.Builder
	line := "%-22s %9s %9s %12s %10s\n"
	fmt.Fprintf(&s, line, "confidence", "repairs", "wrong", "predicted", "bearable")
	write := func(name string, b Bin) {
		fmt.Fprintf(&s, line, name, fmt.Sprint(b.Repairs), fmt.Sprint(b.Wrong),
			fmt.Sprintf("%.4f", b.Predicted), fmt.Sprintf("%.2f", b.Bearable()))
	}
	for i, b := range r {
		upper := 1.0
		if i+1 < len(bounds) {
			upper = bounds[i+1]
		}
		if b.Repairs > 0 {
			write(fmt.Sprintf("%g to %g", bounds[i], upper), b)
		}
	}
	write("all", r.Total())
	return s.String()
}
