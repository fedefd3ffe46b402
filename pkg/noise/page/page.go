// Package page takes a [diagnose.Report], or the evidence of a voltage, and gives one
// self-contained HTML page: what is wrong with a line, how sure that is, what to do, and the
// pictures that show it; or what the grid's voltage was, for its operator; or what else is
// known, in files beside it.
//
// A page has no script and loads nothing; its policy forbids both. It can be read
// offline, on a phone, in the dark and on paper. Whatever comes from the stream is
// escaped (html/template), and what a report holds without limit is drawn up to one.
package page

import (
	_ "embed"
	"html/template"
	"io"
	"math"

	"p1/pkg/noise/chart"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/words"
)

//go:embed page.html
var layout string

// Write writes the page. It fails with the error of the writer.
func Write(w io.Writer, r *diagnose.Report) error {
	v := newView(r)
	var err error
	if v.Circuit, err = circuitOf(r); err != nil {
		return err
	}
	return render(w, layout, v)
}

// view is what the layout reads.
type view struct {
	*diagnose.Report
	Frame frame

	Tone          string // of the header: fine, ill or other
	Findings      []finding
	Edge          picture
	Advice        []advice
	Circuit       *circuit
	Marks         picture
	Storms        string
	Compared      []comparison
	MoreCompared  int
	Reliability   picture
	Tiles         []tile
	Hours         picture
	NoTime        string
	Rhythm        []fact
	Positions     picture
	NoPlace       string
	Lines         []line
	MoreLines     int
	Bits          picture
	WrongBits     []row
	Pairs, Values []row
	Worst         []worst
	Counted       []fact
}

type fact struct{ Name, Value, Remark string }

type finding struct {
	Title, Events, Share, Interval string
	Bar                            template.HTML
	Evidence                       []string
}

// advice is what to do for a receiver.
type advice struct {
	Receiver string
	Remedies []diagnose.Remedy
	Open     bool
}

type comparison struct {
	Mark, At, Verdict, Before, After, Ratio string
}

// Limits of what is listed.
const (
	maxCompared = 12
	maxRows     = 16
)

func newView(r *diagnose.Report) *view {
	v := &view{
		Report:      r,
		Frame:       newFrame("What the line did: "+r.Source, ""),
		Tone:        tone(r),
		Findings:    findings(r),
		Edge:        draw(r, chart.Edge),
		Advice:      adviceOf(r),
		Marks:       draw(r, chart.Marks),
		Storms:      storms(r),
		Reliability: draw(r, chart.Reliability),
		Hours:       draw(r, chart.Hours),
		NoTime:      noTime(&r.Unknown),
		Positions:   draw(r, chart.Positions),
		Bits:        draw(r, chart.Bits),
		WrongBits:   wrongBits(&r.Bits),
		Pairs:       pairs(r),
		Values:      values(r),
		Worst:       worstOf(r),
		Counted:     totals(&r.Totals),
		Tiles:       reliabilityTiles(r),
	}
	if r.Totals.Events > 0 {
		v.Rhythm = rhythm(&r.Rhythm)
		v.Lines, v.MoreLines = lines(r)
	}
	v.Compared, v.MoreCompared = compared(r), max(len(r.Compared)-maxCompared, 0)
	v.NoPlace = noPlace(r)
	return v
}

// tone is how the page begins: that nothing is wrong, that something is, or neither.
func tone(r *diagnose.Report) string {
	switch {
	case r.Clean:
		return "fine"
	case r.Excused || r.Totals.Telegrams == 0 && len(r.Findings) == 0:
		return "other"
	}
	return "ill"
}

// noTime says how many telegrams are in no picture of time.
func noTime(t *diagnose.Tally) string {
	if t.Telegrams == 0 {
		return ""
	}
	return "Of " + words.Plural(t.Telegrams, "telegram") + ", " + words.Count(t.Damaged) + " of them damaged, no time is known."
}

// storms says what the levels of the segments leave aside.
func storms(r *diagnose.Report) string {
	n := int64(0)
	for _, s := range r.Segments {
		n += s.Storms
	}
	if n <= 0 {
		return ""
	}
	return "Left aside as storms, in which telegrams are hit several times as often as around them: " + words.Plural(n, "telegram") + "."
}

func draw(r *diagnose.Report, k chart.Kind) picture {
	return pictureOf(chart.Draw(r, k, chart.Wide), chart.Draw(r, k, chart.Narrow))
}

func findings(r *diagnose.Report) []finding {
	var all []finding
	for _, f := range r.Findings[:min(len(r.Findings), maxRows)] {
		events := "–"
		if f.Events >= 0 && f.Events < 1e15 {
			events = words.Plural(int64(math.Round(f.Events)), "hit")
		}
		all = append(all, finding{words.Capital(f.Title), events, words.Percent(f.Share.Value), words.Interval(f.Share.Low, f.Share.High),
			template.HTML(chart.Bar(f.Share)), f.Evidence})
	}
	return all
}

func adviceOf(r *diagnose.Report) []advice {
	var all []advice
	at := map[string]int{}
	for _, one := range r.Remedies {
		i, ok := at[one.Receiver]
		if !ok {
			i = len(all)
			at[one.Receiver] = i
			all = append(all, advice{Receiver: one.Receiver, Open: one.Receiver == r.Receiver || one.Receiver == "any"})
		}
		one.Cause = words.Capital(one.Cause)
		all[i].Remedies = append(all[i].Remedies, one)
	}
	return all
}

func compared(r *diagnose.Report) []comparison {
	var all []comparison
	for _, c := range r.Compared[:min(len(r.Compared), maxCompared)] {
		ratio := "not known"
		if c.Before.Telegrams > 0 && c.Before.Events == 0 {
			ratio = "no damage before"
		}
		if c.Ratio >= 0 && c.Ratio <= math.MaxFloat64 {
			ratio = words.Number(c.Ratio) + " (" + words.Number(c.Low) + " to " + words.Number(c.High) + ")"
		}
		all = append(all, comparison{c.Mark, c.At, c.Verdict, level(c.Before, false), level(c.After, true), ratio})
	}
	return all
}

// level writes how often telegrams of a segment are hit; within is the interval, if any.
func level(s diagnose.Segment, within bool) string {
	if s.Telegrams <= 0 {
		return "no telegrams"
	}
	text := words.Number(100 * s.Hits.Value)
	if within && s.Hits.High > s.Hits.Low {
		text += " (" + words.Number(100*s.Hits.Low) + " to " + words.Number(100*s.Hits.High) + ")"
	}
	return text + ", of " + words.Plural(s.Telegrams, "telegram")
}

// tile is a figure that stands out.
type tile struct{ Title, Value, Remark string }

// reliabilityTiles say how many telegrams came undamaged, and how many can be used. What no
// CRC confirms is never said to be undamaged, only to look so.
func reliabilityTiles(r *diagnose.Report) []tile {
	t := &r.Totals
	if t.Telegrams == 0 {
		return nil
	}
	const usable = "Telegrams that can be used after repair"
	if r.Excused && t.Unknown == 0 {
		return []tile{{"Telegrams that arrived undamaged", "–", "not known"}, rateOf(usable, t.Usable(), t.Telegrams, 0)}
	}
	received := "Telegrams that arrived undamaged"
	if t.Unchecked+t.Unknown > 0 {
		received = "Telegrams in which no damage is seen"
	}
	return []tile{
		rateOf(received, t.Undamaged(), t.Telegrams, t.Unchecked+t.Unknown),
		rateOf(usable, t.Usable(), t.Telegrams, t.Unchecked),
	}
}

// rateOf is a share of telegrams, of which no CRC confirms some.
func rateOf(title string, good, total, unconfirmed int64) tile {
	if good < 0 || good > total {
		return tile{title, "–", "not known"}
	}
	of := words.Count(good) + " of " + words.Count(total)
	switch {
	case unconfirmed > 0 && unconfirmed == good:
		of += "; no CRC confirms them"
	case unconfirmed > 0:
		of += "; no CRC confirms " + words.Count(unconfirmed) + " of these"
	default:
		of += "; " + report.Reliability(total-good, total)
		if total > 3 { // else they are no number
			of += " (three are 99.9 %)"
		}
	}
	return tile{title, words.Ratio(good, total), of}
}

func rhythm(r *diagnose.Rhythm) []fact {
	if r.Windows <= 0 {
		return nil
	}
	return []fact{
		{"Stretches", words.Count(r.Windows), "of " + words.Plural(int64(r.Window), "telegram") + " each, in which hits were counted"},
		{"In the worst tenth", words.Percent(r.Top), "of all hits; about 10 % if all stretches were alike"},
		{"Unevenness", words.Number(r.Dispersion), "variance over mean: 1 where hits come by chance alone, and then below " + words.Number(r.Limit) + " in 99 of 100 logs"},
		{"Bunching", signed(r.Burstiness), "burstiness of the time between damaged telegrams: −1 regular, 0 by chance, 1 in bursts"},
	}
}

func signed(v float64) string {
	if v < 0 {
		return "−" + words.Number(-v)
	}
	return words.Number(v)
}

// noPlace says how many hits have no place in the telegram.
func noPlace(r *diagnose.Report) string {
	placed := int64(0)
	for _, p := range r.Places {
		placed += p.Events
	}
	if n := r.Totals.Events - placed; n > 0 && placed >= 0 {
		return "Of " + words.Plural(r.Totals.Events, "hit") + " " + words.Count(n) + " have no place: telegrams that are cut off, or could be compared with none."
	}
	return ""
}

// totals lists what was counted, without what did not occur.
func totals(t *diagnose.Totals) []fact {
	all := []fact{{"Telegrams", words.Count(t.Telegrams), ""}}
	for _, one := range []struct {
		n            int64
		name, remark string
	}{
		{t.Intact - t.Unchecked, "intact", "as the meter sent them, or but for the logger"},
		{t.Unchecked, "unchecked", "no damage is seen, but the meter sends no CRC that would confirm it"},
		{t.Unknown, "not verified", "no damage is seen, but no known CRC holds; not used as a whole"},
		{t.Repaired, "repaired", "damaged on the line, and put right"},
		{t.Remaining, "remaining", "not usable as a whole"},
		{t.Salvaged, "salvaged", "of the remaining: single lines are usable"},
		{t.Events, "Hits of the line", ""},
		{t.Bytes, "Bytes", "of telegrams, as received"},
		{t.NoiseBytes, "Noise", "in bytes: what belongs to no telegram"},
		{t.Gaps, "Gaps", "in which bytes may be missing"},
		{t.Suspect, "Suspect", "the CRC holds, the content contradicts what is known"},
		{t.Unexamined, "Not examined", "damaged telegrams that could not be compared with a valid one"},
	} {
		if one.n != 0 {
			all = append(all, fact{one.name, words.Count(one.n), one.remark})
		}
	}
	return all
}
