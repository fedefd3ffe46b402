package diagnose

import (
	"fmt"
	"math"
	"time"
)

// closed returns the segments with their shares of damaged telegrams.
func (s *spread) closed() []Segment {
	out := make([]Segment, len(s.segments))
	for i, seg := range s.segments {
		seg.Damage = wilson(float64(seg.Damaged), float64(seg.Telegrams))
		out[i] = seg
	}
	return out
}

// compare says what each mark changed, from the segment before it to the one behind.
//
// The ratio of two rates of events has a 95 % interval of exp(±1.96 √(D₁/n₁ + D₂/n₂))
// around it, where D is the dispersion on that side: events in storms say less than
// independent ones. Half an event is added to each side, so that none is not nothing.
func (s *spread) compare() []Comparison {
	segments := s.closed()
	var out []Comparison
	for i, m := range s.marks {
		before, after := segments[i], segments[i+1]
		c := Comparison{Mark: m.Name, At: m.At.Format(time.RFC3339), Before: before, After: after, Ratio: -1, Low: 0, High: -1}
		if before.Telegrams > 0 && after.Telegrams > 0 {
			c.measure(s.rhythms[i].dispersion(), s.rhythms[i+1].dispersion())
		}
		c.Verdict = c.verdict()
		out = append(out, c)
	}
	return out
}

func (c *Comparison) measure(dispersion1, dispersion2 float64) {
	n1, n2 := float64(c.Before.Events), float64(c.After.Events)
	b1, b2 := float64(c.Before.Bytes), float64(c.After.Bytes)
	if n1 > 0 {
		c.Ratio = n2 / b2 * b1 / n1
	}
	n1, n2 = n1+0.5, n2+0.5
	ratio := n2 / b2 * b1 / n1
	spread := math.Exp(1.96 * math.Sqrt(dispersion1/n1+dispersion2/n2))
	c.Low, c.High = ratio/spread, ratio*spread
}

func (c *Comparison) verdict() string {
	switch {
	case c.Before.Telegrams == 0:
		return "No telegram came before this change: nothing can be compared."
	case c.After.Telegrams == 0:
		return "No telegram has come since this change: nothing can be compared."
	case c.Before.Events == 0 && c.After.Events == 0:
		return "No damage before, none since."
	case c.High < 1:
		return fmt.Sprintf("It helped: the damage fell to %s of what it was (95 %% interval %s to %s).", percentOf(c.Ratio), percentOf(c.Low), percentOf(c.High))
	case c.Low > 1:
		return fmt.Sprintf("It made things worse: %s the damage (95 %% interval %s to %s).", times(c.Ratio), times(c.Low), times(c.High))
	}
	return fmt.Sprintf("No difference is proved: the damage may have changed to anything from %s to %s of what it was. More telegrams will tell.", percentOf(c.Low), percentOf(c.High))
}

func percentOf(share float64) string {
	if share < 0 {
		return "an unknown part"
	}
	switch p := 100 * share; {
	case p == 0:
		return "0 %"
	case p < 0.1:
		return "less than 0.1 %"
	case p < 10:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}

func times(ratio float64) string {
	if ratio < 0 {
		return "many times"
	}
	return fmt.Sprintf("%.1f times", ratio)
}
