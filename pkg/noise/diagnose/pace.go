package diagnose

import (
	"maps"
	"slices"
	"time"

	"p1/pkg/noise/verdict"
)

// pace gathers how often the meter sends.
type pace struct {
	last  time.Time
	since int           // telegrams from the last one whose time is known
	steps map[int]int64 // by seconds from one telegram to the next, rounded
}

// longestStep is the longest time between two telegrams that counts, in s: longer ones
// are holes in the log.
const longestStep = 60

// add takes the next telegram, and its time where that is sure.
func (p *pace) add(own verdict.Moment, sure bool) {
	p.since++
	if !sure {
		return
	}
	at := own.Clock.Time
	if !p.last.IsZero() {
		each := at.Sub(p.last).Seconds() / float64(p.since)
		if step := int(each + 0.5); step >= 1 && step <= longestStep {
			if p.steps == nil {
				p.steps = map[int]int64{}
			}
			p.steps[step] += int64(p.since)
		}
	}
	p.last, p.since = at, 0
}

// rest forgets where it is: another log begins.
func (p *pace) rest() { p.last, p.since = time.Time{}, 0 }

// aDay is how many telegrams come in a day, by the median time between two; 0 where that
// is not known.
func (p *pace) aDay() float64 {
	all := int64(0)
	for _, n := range p.steps {
		all += n
	}
	sum := int64(0)
	for _, step := range slices.Sorted(maps.Keys(p.steps)) {
		sum += p.steps[step]
		if 2*sum >= all {
			return 86400 / float64(step)
		}
	}
	return 0
}
