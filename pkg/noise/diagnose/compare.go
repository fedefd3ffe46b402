package diagnose

import (
	"fmt"
	"math"

	"p1/pkg/noise/words"
)

// atOnce is how many segments are held against one kind of drift: of more the sums take
// long, and a drift is known well by then.
const atOnce = 16

// closed returns the segments with their shares of damaged telegrams and how often
// telegrams were hit, and what each mark changed, from the segment before it to the one
// after: both are read off the same levels (see [wander]).
func (s *spread) closed() ([]Segment, []Comparison) {
	segments := make([]Segment, len(s.segments))
	for i, one := range s.segments {
		one.Damage = wilson(float64(one.Damaged), float64(one.Telegrams))
		segments[i] = one
	}
	compared := make([]Comparison, len(s.marks))
	for from := 0; from < len(s.marks); from += atOnce - 1 {
		to := min(from+atOnce, len(segments))
		w := s.blocks.wander(from, to)
		for i := from; i < to; i++ {
			segments[i].Storms = w.stormy[i-from]
			if segments[i].Telegrams > 0 {
				_, middle, _ := w.interval(map[int]float64{i - from: 1})
				segments[i].Hits = levelOf(middle, middle, middle)
			}
		}
		for i := from; i+1 < to; i++ {
			compared[i] = compare(s.marks[i], segments[i], segments[i+1])
			c := &compared[i]
			before, last := w.enough(i-from, c.Before), i+2 == len(segments)
			enough := before && w.enough(i-from+1, c.After)
			switch {
			case enough:
				c.measure(w, i-from, last)
				segments[i+1].Hits.Low, segments[i+1].Hits.High = c.Low*c.Before.Hits.Value, c.High*c.Before.Hits.Value
				c.After = segments[i+1]
			case before && last && c.After.Telegrams > 0:
				c.Days = w.daysMore(i - from)
			}
			c.Verdict = c.verdict(enough)
		}
	}
	return segments, compared
}

func compare(m Mark, before, after Segment) Comparison {
	return Comparison{Mark: m.Name, At: m.At.String(), Before: before, After: after, Ratio: -1, High: -1}
}

func levelOf(low, middle, high float64) Level {
	return Level{Value: math.Exp(middle), Low: math.Exp(low), High: math.Exp(high)}
}

// measure finds the ratio of the levels, and, where no more telegrams came before
// another change, how many days would tell.
func (c *Comparison) measure(w *wander, before int, last bool) {
	ratio := levelOf(w.interval(map[int]float64{before: -1, before + 1: 1}))
	c.Low, c.High = ratio.Low, ratio.High
	if c.Before.Events+c.Before.Damaged > 0 {
		c.Ratio = ratio.Value
	}
	if last && !c.tells() {
		c.Days = w.daysMore(before)
	}
}

// enough reports whether there is so much log of a segment that something can be said of
// it. Within minutes a line can change by itself: of the real noisy one the damage rose
// tenfold ten minutes after the log had begun, and stayed so.
func (w *wander) enough(segment int, s Segment) bool {
	if s.Telegrams < leastTelegrams {
		return false
	}
	first, last := w.reach(segment)
	return last-first >= leastTime
}

const (
	leastTelegrams = 100
	leastTime      = 13 * 60 // seconds between the middles of the first window and the last: a quarter of an hour
)

// reach is when a segment begins and ends, in seconds since 1970.
func (w *wander) reach(segment int) (first, last float64) {
	first, last = math.Inf(1), math.Inf(-1)
	for _, b := range w.blocks {
		if b.segment == segment {
			first, last = min(first, b.begin), max(last, b.end)
		}
	}
	return first, last
}

// tells reports whether a halving or a doubling would have shown.
func (c *Comparison) tells() bool {
	return c.High < 1 || c.Low > 1 || c.Low > 0.5 && c.High < 2
}

func (c *Comparison) verdict(enough bool) string {
	switch {
	case c.Before.Telegrams == 0:
		return "No telegram came before this change: nothing can be compared."
	case c.After.Telegrams == 0:
		return "No telegram has come since this change: nothing can be compared."
	case c.Before.Events+c.Before.Damaged+c.After.Events+c.After.Damaged == 0:
		return "No damage before, none since."
	case !enough:
		text := fmt.Sprintf("Too little to compare: %s before this change and %s since. At least %d on either side are needed, over a quarter of an hour.",
			words.Plural(c.Before.Telegrams, "telegram"), words.Count(c.After.Telegrams), leastTelegrams)
		if c.Days != 0 {
			text += " " + c.more()
		}
		return text
	case c.High < 1:
		return fmt.Sprintf("It helped: the damage fell to %s of what it was (95 %% interval %s).", words.Percent(c.Ratio), words.Interval(c.Low, c.High))
	case c.Low > 1 && c.Ratio < 0:
		return fmt.Sprintf("It made things worse: there was no damage before, and now there is at least %s times as much as could have been missed.", words.Number(c.Low))
	case c.Low > 1:
		return fmt.Sprintf("It made things worse: %s times the damage (95 %% interval %s to %s).", words.Number(c.Ratio), words.Number(c.Low), words.Number(c.High))
	case c.tells() && c.Ratio >= 0:
		return fmt.Sprintf("No difference is proved: the damage is %s of what it was, or anything from %s to %s, as the line changes by itself. It was neither halved nor doubled.",
			words.Percent(c.Ratio), words.Percent(c.Low), words.Percent(c.High))
	}
	return fmt.Sprintf("No difference is proved: the damage may have become anything %s, as this line changes by itself. %s", c.between(), c.more())
}

// between says in which interval the ratio lies.
func (c *Comparison) between() string {
	const times = 2 // from here on nobody thinks in per cent
	switch {
	case c.High < times:
		return fmt.Sprintf("from %s to %s of what it was", words.Percent(c.Low), words.Percent(c.High))
	case c.Low < times:
		return fmt.Sprintf("from %s of what it was to %s times as much", words.Percent(c.Low), words.Number(c.High))
	}
	return fmt.Sprintf("from %s to %s times what it was", words.Number(c.Low), words.Number(c.High))
}

// more says what log would tell.
func (c *Comparison) more() string {
	switch {
	case c.Days == 0:
		return "The next change came too soon to tell."
	case c.Days < 0:
		return "However long the log goes on, that will not show a halving or a doubling: there is too little from before the change."
	case c.Days < 1:
		return fmt.Sprintf("About %s more of log would show a halving or a doubling.", words.Plural(max(int64(math.Ceil(24*c.Days)), 1), "hour"))
	}
	return fmt.Sprintf("About %s more of log would show a halving or a doubling.", words.Plural(int64(math.Ceil(c.Days)), "day"))
}

// daysMore is how many more days of log after the last segment's beginning would prove a
// halving or a doubling, if the line goes on as it did; −1 where 60 do not.
func (w *wander) daysMore(before int) float64 {
	for days := 1. / 24; days <= 60; days *= 1.3 {
		if 1.96*w.deviationAfter(before, days*day) < math.Ln2 {
			return days
		}
	}
	return -1
}

// deviationAfter is the standard deviation of the ratio's logarithm after so many seconds
// more, over the likeliest kinds of drift.
func (w *wander) deviationAfter(before int, seconds float64) float64 {
	longer := w.longer(before+1, seconds)
	variance, weight := 0.0, 0.0
	for _, f := range w.likeliest(20) {
		g, _ := f.drift.fit(longer, w.segments)
		_, deviation := g.sum(map[int]float64{before: -1, before + 1: 1})
		variance += f.weight * deviation * deviation
		weight += f.weight
	}
	return math.Sqrt(variance / weight)
}

// longer is the blocks with more of them after the end, like those of a segment.
func (w *wander) longer(segment int, seconds float64) []block {
	sum, n := block{segment: segment}, 0.0
	first, last := w.reach(segment)
	for _, b := range w.blocks {
		if b.segment == segment {
			n++
			sum.telegrams += b.telegrams
			sum.hits += b.hits
		}
	}
	out := append([]block(nil), w.blocks...)
	pace := max(last-first, 60) / n // seconds of a block
	more := min(max(seconds/pace, 1), mostBlocks)
	step := seconds / more
	for i := range int(more) {
		b := block{segment: segment, telegrams: sum.telegrams / n * step / pace, hits: sum.hits / n * step / pace}
		b.place(last + (float64(i)+0.5)*step)
		out = append(out, b)
	}
	return out
}
