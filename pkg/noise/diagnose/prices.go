package diagnose

import (
	"math"
)

// prices are what hits of single bytes cost: −ln of how likely the likeliest shape with a
// pattern makes a byte that it strikes another.
type prices struct {
	stretches stretches
	of        map[byte]*[256]float64
}

func (p *prices) cost(sent, got byte) float64 {
	costs := p.of[sent]
	if costs == nil {
		costs = p.price(sent)
		p.of[sent] = costs
	}
	return costs[got]
}

// price works out the costs of a byte.
func (p *prices) price(sent byte) *[256]float64 {
	var best [256]float64
	read := lineReadings()[sent]()
	for i, one := range shapes() {
		if s := one.signature; s == Garbled || s == Deleted {
			continue
		}
		o := receiving{}.outcomesOf(i, read, sent)
		struck := 0.0
		for _, x := range o {
			struck += x
		}
		for got := range best {
			best[got] = max(best[got], o[got]/max(struck, math.SmallestNonzeroFloat64))
		}
	}
	for got := range best {
		best[got] = min(-math.Log(best[got]), anyByte)
	}
	return &best
}
