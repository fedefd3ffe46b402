package ask

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"p1/pkg/csv/index"
)

// mostSpans of a diagnosis are told: those in which the line did most.
const mostSpans = 5

// Noise answers what is wrong with the line: the diagnoses of the files, which stand in
// their indexes, added up.
func (a *Asker) Noise(ctx context.Context, q Span, progress Progress) (*Answer, error) {
	if a.o.Diagnose == nil {
		return nil, userf("there is no diagnosis here: p1noise --summary has one")
	}
	c, err := a.scope(ctx, q, progress)
	if err != nil {
		return nil, err
	}
	if q.From == "" {
		c.from = c.at(max(c.from.Unix(), c.to.Unix()-24*3600))
	}
	days := slices.DeleteFunc(c.touching(c.from, c.to.Add(-time.Second)), func(d *index.Day) bool { return d.Diagnosis == nil })
	all := index.Diagnosis{Clean: true}
	hits := map[string]float64{}
	for _, d := range days {
		one := d.Diagnosis
		all.Telegrams += one.Telegrams
		all.Intact += one.Intact
		all.Repaired += one.Repaired
		all.Remaining += one.Remaining
		all.Hits += one.Hits
		all.Clean = all.Clean && one.Clean
		for _, f := range one.Findings {
			hits[causeOf(f)] += f.Hits
		}
	}
	answer := c.answer()
	answer.Units["share_percent"] = "%"
	answer.Rows = causes(hits)
	answer.Total = Row{"telegrams": all.Telegrams, "intact": all.Intact, "repaired": all.Repaired, "not_usable_as_a_whole": all.Remaining,
		"hits_of_the_line": all.Hits, "clean": all.Clean, "files": len(days)}
	if len(days) > 1 && !all.Clean {
		answer.Total["most_hits"] = c.mostHits(days)
	}
	answer.Notes = append(answer.Notes, "all telegrams of the files that the span touches are judged, each file by itself, and their hits added up, most likely cause first; what to do about it, and how sure that is, p1noise --summary says")
	if slices.ContainsFunc(days, func(d *index.Day) bool { return len(d.Meters) > 1 }) {
		answer.Notes = append(answer.Notes, "a file with several meters is judged as one line: what is damaged may be another meter's")
	}
	return answer, nil
}

// causeOf is the name of a cause, one of the words that a model is told.
func causeOf(f index.Finding) string {
	if causeWords()[f.Cause] == "" {
		return "other"
	}
	return f.Cause
}

// causes are the rows of what the line does, most hits first.
func causes(hits map[string]float64) []Row {
	sum := 0.0
	var names []string
	for name, n := range hits {
		sum += n
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(hits[b], hits[a]), cmp.Compare(a, b)) })
	rows := []Row{}
	for _, name := range names {
		meaning := cmp.Or(causeWords()[name], "p1noise --summary has words for it")
		rows = append(rows, Row{"cause": name, "meaning": meaning, "share_percent": int(math.Round(100 * hits[name] / max(sum, 1)))})
	}
	return rows
}

// mostHits are the spans of the files in which the line did most to each telegram.
func (c *scope) mostHits(days []*index.Day) (rows []Row) {
	often := func(d *index.Day) float64 { return float64(d.Diagnosis.Hits) / float64(max(d.Diagnosis.Telegrams, 1)) }
	days = slices.Clone(days)
	slices.SortStableFunc(days, func(a, b *index.Day) int { return cmp.Compare(often(b), often(a)) })
	for _, d := range days[:min(mostSpans, len(days))] {
		for _, m := range d.Meters {
			if m.Name != c.meter || len(m.Start) == 0 || d.Diagnosis.Hits == 0 {
				continue
			}
			r := Row{"from": c.time(c.at(m.From[0])), "to": c.time(c.at(m.To[len(m.To)-1])), "telegrams": d.Diagnosis.Telegrams, "hits_of_the_line": d.Diagnosis.Hits}
			if f := d.Diagnosis.Findings; len(f) > 0 {
				r["most"] = causeOf(f[0])
			}
			rows = append(rows, r)
		}
	}
	return rows
}
