package diagnose

import (
	"math"
	"math/bits"

	"p1/pkg/uart"
)

// mostRisings is the most rising edges that the data bits of a character can have.
const mostRisings = 4

// characters are those of a telegram, by how many of their data bits begin with a rising
// edge. The second number is 1 where the stop bit does too.
type characters [mostRisings + 1][2]float64

// characters counts them in what was examined.
func (d *Diagnoser) characters(r *Report) characters {
	var c characters
	all := int64(0)
	for b, n := range d.sent {
		stop := 1 - b>>7
		c[bits.OnesCount8(uint8(b)&^(uint8(b)<<1))][stop] += float64(n)
		all += n
	}
	perTelegram := float64(r.Totals.Bytes) / float64(r.Totals.Telegrams) / float64(max(all, 1))
	for k := range c {
		for stop := range c[k] {
			c[k][stop] *= perTelegram
		}
	}
	return c
}

// damaged is the share of telegrams in which at least one rising edge comes more than half
// a bit too late or too early against its start edge, if all come so many bits late on
// average, and each of them and the start edge scatters. A stop bit that is missed damages
// a telegram only with some receivers and drivers.
func (c *characters) damaged(by, scatter float64, stops bool) float64 {
	const step = 0.25 // of the start edge's deviation
	// Where the receiver sees the start edge, from 0 to 1/16 bit: Gauss–Legendre.
	grid := [3]struct{ at, weight float64 }{{0.1127017, 5}, {0.5, 8}, {0.8872983, 5}}
	var fails [mostRisings + 2]float64 // by edges
	weights := 0.0
	for u := -8.0; u <= 8; u += step {
		for _, g := range grid {
			weight := g.weight * math.Exp(-u*u/2)
			seen := u*scatter + g.at*2*uart.SeenLate
			one := uart.Beyond((0.5+seen-by)/scatter) + uart.Beyond((0.5-seen+by)/scatter)
			right := math.Log1p(-min(one, 1-1e-12))
			weights += weight
			for k := range fails {
				fails[k] -= weight * math.Expm1(float64(k)*right)
			}
		}
	}
	intact := 0.0 // its logarithm
	for k := range c {
		for stop, n := range c[k] {
			edges := k
			if stops {
				edges += stop
			}
			intact += n * math.Log1p(-min(fails[edges]/weights, 1-1e-12))
		}
	}
	return -math.Expm1(intact)
}
