package sim

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// Who draws: each part of the simulation has a generator of its own, so that
// the noise never changes the house.
const (
	forHouse = iota + 1
	forMeter
	forLine
	forCRC
	forBus
	forReplacement
	forReplacementGas
	forReceiver // and the next one
)

// dice draws whole numbers. It relies on nothing of math/rand/v2 but the raw
// PCG sequence, which is the same everywhere.
type dice struct {
	pcg *rand.PCG
}

func newDice(seed, purpose uint64) dice {
	return dice{rand.NewPCG(seed, purpose)}
}

// below draws one of 0 … n-1.
func (d dice) below(n int) int {
	high, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(high)
}

// between draws one of low … high.
func (d dice) between(low, high int) int {
	return low + d.below(high-low+1)
}

// chance is true with probability p.
func (d dice) chance(p float64) bool {
	return d.pcg.Uint64()>>11 < uint64(p*(1<<53))
}

// gauss draws from the normal distribution of mean 0 and standard deviation 1. What
// comes of it is rounded to ticks, which hides the last digits, in which platforms
// may differ.
func (d dice) gauss() float64 {
	centre := float64(d.pcg.Uint64()>>11) + 0.5
	return math.Sqrt2 * math.Erfinv(centre/(1<<52)-1)
}

// walk moves v by at most step and keeps it within low and high.
func (d dice) walk(v, step, low, high int) int {
	return min(max(v+d.between(-step, step), low), high)
}

// digits draws n decimal digits.
func (d dice) digits(n int) string {
	s := make([]byte, n)
	for i := range s {
		s[i] = byte('0' + d.below(10))
	}
	return string(s)
}
