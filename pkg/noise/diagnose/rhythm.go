package diagnose

import (
	"fmt"
	"math"
	"slices"

	"p1/pkg/noise/words"
)

// windowSize is how many telegrams are looked at together.
const windowSize = 10

// rhythm gathers how evenly hits come.
type rhythm struct {
	inWindow, hits  int           // of the window being filled
	windows         map[int]int64 // by their hits
	since           float64       // telegrams since the last damaged one
	n, sum, squares float64       // of the telegrams between two damaged ones
	begun           bool
}

// add takes the hits of the next telegram.
func (r *rhythm) add(hits int) {
	r.inWindow++
	r.hits += hits
	if r.inWindow == windowSize {
		if r.windows == nil {
			r.windows = map[int]int64{}
		}
		r.windows[r.hits]++
		r.inWindow, r.hits = 0, 0
	}
	r.since++
	if hits == 0 {
		return
	}
	if r.begun {
		r.n++
		r.sum += r.since
		r.squares += r.since * r.since
	}
	r.begun, r.since = true, 0
}

// leastWindows is how many windows are needed to say anything.
const leastWindows = 20

// report says what kind of rhythm it is.
func (r *rhythm) report() Rhythm {
	out := Rhythm{Window: windowSize, Dispersion: 1}
	total, squares := 0.0, 0.0
	for hits, n := range r.windows {
		out.Windows += n
		total += float64(hits) * float64(n)
		squares += float64(hits) * float64(hits) * float64(n)
	}
	n := float64(out.Windows)
	if total == 0 {
		out.Verdict = "No damage, no rhythm."
		return out
	}
	if n > 1 {
		// The variance by its mean, from whole numbers: where there is none, this is 0 to
		// the last digit, on every processor.
		out.Dispersion = (n*squares - total*total) / ((n - 1) * total)
		// The dispersion of independent events is χ²(n−1)/(n−1).
		out.Limit = 1 + 2.33*math.Sqrt(2/(n-1))
	}
	out.Top = r.top(n, total)
	if r.n > 1 {
		// Standard deviation and mean, both times n: Goh and Barabási 2008.
		deviation, mean := math.Sqrt(max(r.n*r.squares-r.sum*r.sum, 0)), r.sum
		out.Burstiness = (deviation - mean) / (deviation + mean)
	}
	if out.Verdict = out.verdict(); total < few {
		out.Verdict = "Too few hits to tell clusters from a steady fault."
	}
	return out
}

// top is the share of the hits in the worst tenth of the windows.
func (r *rhythm) top(windows, total float64) float64 {
	var counts []int
	for hits := range r.windows {
		counts = append(counts, hits)
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	left, sum := windows/10, 0.0
	for _, hits := range counts {
		n := min(left, float64(r.windows[hits]))
		sum += n * float64(hits)
		left -= n
	}
	return sum / total
}

func (r *Rhythm) verdict() string {
	worst := fmt.Sprintf("the worst tenth of the time holds %s of the damage", words.Percent(r.Top))
	switch {
	case r.Windows < leastWindows:
		return fmt.Sprintf("Too short to tell clusters from a steady fault: %s of %s, and %d are needed.", words.Plural(r.Windows, "stretch", "stretches"), words.Plural(int64(r.Window), "telegram"), leastWindows)
	case r.Dispersion <= r.Limit:
		return "Steady: the damage comes as evenly as chance allows, so look for a fault that is always there."
	case r.Top < 0.35:
		return "Spread over the whole log, but not evenly: " + worst + ". Something that changes slowly makes it better and worse, such as temperature, load, or what the meter sends."
	}
	return "In clusters: " + worst + ". Look for what happens at these hours near the cable or the computer."
}
