package page

import (
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"p1/pkg/noise/chart"
	"p1/pkg/noise/voltage"
	"p1/pkg/noise/words"
)

//go:embed voltage.html
var voltageLayout string

//go:embed voltage.css
var voltageStyles string

// WriteVoltage writes the page of what the voltages show by EN 50160, which prints on two
// sheets for each meter. Its pictures need a counter that was asked to [voltage.Counter.Draw].
// It fails with the error of the writer.
func WriteVoltage(w io.Writer, e *voltage.Evidence) error {
	v := &voltageView{Frame: newFrame("Voltage by EN 50160", voltageStyles), Limits: e.Limits, Counted: used(&e.Telegrams)}
	for i := range e.Meters {
		v.Meters = append(v.Meters, newMeterView(&e.Meters[i], &e.Limits))
	}
	return render(w, voltageLayout, v)
}

// voltageView is what the layout reads.
type voltageView struct {
	Frame   frame
	Limits  voltage.Limits
	Meters  []meterView
	Counted []fact
}

// meterView is a meter.
type meterView struct {
	*voltage.Meter
	Tone, Headline string
	Notes          []string
	Tiles          []tile
	Phases         []string
	Weeks, Others  []weekView
	Curves         []picture
	Hours          picture
	Times          [][]string
	Extremes       [][]string
	Groups         []excursions
	Sliding        [][]string
}

// Pictured reports whether pictures show something: a mean, or an interruption.
func (v *meterView) Pictured() bool {
	return v.Drawn() && slices.ContainsFunc(v.Live(), func(p *voltage.Phase) bool { return p.Means.Judged+p.Means.Interrupted > 0 })
}

// weekView is a week with the verdicts on each phase.
type weekView struct {
	From  string
	Cells []weekCell

	begins        int64
	beyond, worst int
}

type weekCell struct {
	Phase  string
	Rules  []rule
	Remark string
}

// rule is a verdict, and on which of the two rules, where they differ.
type rule struct{ Name, Class, Verdict string }

// excursions are the times beyond a limit of one kind. All are those that the evidence
// lists, where they are more than stand on paper.
type excursions struct {
	Title, None  string
	Rows, All    [][]string
	Remark, More string
}

// Limits of what stands on paper.
const (
	maxWeeks = 5
	maxMeans = 8
	maxTimes = 6
)

func newMeterView(m *voltage.Meter, l *voltage.Limits) meterView {
	v := meterView{Meter: m, Tiles: tilesOf(m), Times: timesOf(m), Extremes: extremesOf(m), Notes: notesOf(m)}
	v.Tone, v.Headline = judged(m)
	live := m.Live()
	for _, p := range live {
		v.Phases = append(v.Phases, p.Name)
	}
	v.Weeks, v.Others = worstWeeks(weeksOf(live))
	wide, narrow := chart.VoltageOverTime(m, l, chart.Wide), chart.VoltageOverTime(m, l, chart.Narrow)
	for n := range wide {
		v.Curves = append(v.Curves, pictureOf(wide[n], narrow[n]))
	}
	v.Hours = pictureOf(chart.VoltageHours(m, l, chart.Wide), chart.VoltageHours(m, l, chart.Narrow))
	v.Groups = []excursions{
		excursionsOf("Ten-minute means beyond ±10 %", none(live, "None of the means that are judged is beyond ±10 %.", "No mean is judged.", func(p *voltage.Phase) int64 { return p.Means.Judged }), live, maxMeans,
			func(p *voltage.Phase) (_, _ *voltage.Excursions) { return &p.MeansAbove, &p.MeansBelow }),
		excursionsOf("Single values beyond ±10 %", none(live, "In the minutes that are known no value is beyond ±10 %.", "For how long the voltage was beyond ±10 % is not known.",
			func(p *voltage.Phase) int64 { return p.Seconds.Covered }), live, maxTimes,
			func(p *voltage.Phase) (_, _ *voltage.Excursions) { return &p.ValuesAbove, &p.ValuesBelow }),
	}
	for _, p := range live {
		if high := p.Sliding.Highest; high != nil {
			v.Sliding = append(v.Sliding, []string{p.Name, high.Text() + " V", moment(high.At), words.Count(p.Sliding.Above.Count), voltage.Minutes(p.Sliding.Above.Seconds)})
		}
	}
	return v
}

// unverified reports whether no CRC has verified values of a meter.
func unverified(m *voltage.Meter) bool {
	return slices.ContainsFunc(m.Phases, func(p voltage.Phase) bool { return p.Values.Unchecked > 0 })
}

// unlessVerified is what is added to what is said of a phase where no CRC has verified it.
func unlessVerified(p *voltage.Phase) string {
	if p.Values.Unchecked > 0 {
		return ", not verified"
	}
	return ""
}

// judged says in one sentence whether a meter's voltage was as EN 50160 wants it, and the
// tone of that. What nothing verifies is never fine or ill.
func judged(m *voltage.Meter) (tone, headline string) {
	tone, headline = byStandard(m)
	if unverified(m) {
		tone, headline = "other", "Not verified, since this meter sends no CRC: "+strings.ToLower(headline[:1])+headline[1:]
	}
	return tone, headline
}

// byStandard says it of values that are verified.
func byStandard(m *voltage.Meter) (tone, headline string) {
	live := m.Live()
	if len(live) == 0 {
		return "other", "No phase carries a voltage in what the meter sends."
	}
	var all, broken, kept int64
	for _, w := range weeksOf(live) {
		all++
		switch w.worst {
		case worstBroken:
			broken++
		case 0:
			kept++
		}
	}
	of := func(n int64) string {
		if all == 1 {
			return ""
		}
		if n == all {
			return fmt.Sprintf(" in each of %s", words.Plural(all, "week"))
		}
		return fmt.Sprintf(" in %s of %s", words.Count(n), words.Plural(all, "week"))
	}
	switch {
	case broken > 0:
		return "ill", "The voltage has not kept to EN 50160" + of(broken) + "."
	case kept == all:
		return "fine", "The voltage has kept to EN 50160" + of(kept) + "."
	case kept > 0:
		rest := map[bool]string{true: "other", false: "others"}[all-kept == 1]
		return "other", "The voltage has kept to EN 50160" + of(kept) + "; on the " + rest + " there is no verdict."
	}
	if why := m.NoVerdict(); why != "" {
		return "other", "No verdict by EN 50160: " + strings.ToLower(why[:1]) + why[1:] + "."
	}
	return "other", "No verdict by EN 50160 on both of its rules: too many means are missing."
}

// notesOf says what is odd of phases.
func notesOf(m *voltage.Meter) []string {
	var all []string
	if m.HostTime {
		all = append(all, "Times are those of the computer, since the meter sends none.")
	}
	if m.NoOffset() {
		all = append(all, "Times have no offset: the meter's clock does not say when summer time is in force. So what comes twice in autumn is judged once, and the hour that spring leaves out looks like one without telegrams.")
	}
	for i := range m.Phases {
		for _, note := range m.Phases[i].Notes() {
			all = append(all, m.Phases[i].Name+": "+note+".")
		}
	}
	for _, p := range m.Live() {
		if p.Seconds.Covered == 0 && p.Values.Total > 1 {
			all = append(all, p.Name+": the values come more than 10 s apart, so how long the voltage was as high or low as they say is not known, and there is no mean.")
		}
	}
	if len(m.Live()) > 0 && !m.Drawn() {
		all = append(all, "There are no pictures of this meter: p1noise draws the first four of a log. Give it the log of this one alone.")
	}
	return all
}

func tilesOf(m *voltage.Meter) []tile {
	var all []tile
	for _, p := range m.Live() {
		t := tile{p.Name + ": no ten-minute mean", "–", "too much of each ten minutes is missing"}
		if p.MeanMax != nil {
			t = tile{p.Name + ": highest ten-minute mean" + unlessVerified(p), p.MeanMax.Text() + " V",
				"on " + p.MeanMax.At.Minute() + "; lowest " + p.MeanMin.Text() + " V, on " + p.MeanMin.At.Minute()}
		}
		all = append(all, t)
	}
	return all
}

// moment writes a time for people.
func moment(m voltage.Moment) string { return strings.Replace(m.String(), "T", " ", 1) }

// How bad a verdict is.
const (
	worstUnknown = iota + 1
	worstBroken
)

func badness(v voltage.Verdict) int {
	return map[voltage.Verdict]int{voltage.Unknown: worstUnknown, voltage.Broken: worstBroken}[v]
}

// weeksOf joins the weeks of phases: a row each, a cell for each phase.
func weeksOf(live []*voltage.Phase) []weekView {
	var all []weekView
	at := map[int64]int{} // by when they begin
	for n, p := range live {
		for i := range p.Weeks {
			w := &p.Weeks[i]
			begins := w.From.Time.Unix()
			row, ok := at[begins]
			if !ok {
				row = len(all)
				at[begins] = row
				all = append(all, weekView{From: w.From.Minute(), begins: begins, Cells: make([]weekCell, len(live))})
			}
			all[row].Cells[n] = weekCellOf(p, w)
			all[row].beyond += int(w.Means.Above + w.Means.Below)
			all[row].worst = max(all[row].worst, badness(w.Most), badness(w.All))
		}
	}
	slices.SortFunc(all, func(a, b weekView) int { return cmp.Compare(a.begins, b.begins) })
	return all
}

func weekCellOf(p *voltage.Phase, w *voltage.Week) weekCell {
	m := &w.Means
	beyond := words.Count(m.Above+m.Below) + " of " + words.Plural(m.Judged, "mean") + " beyond ±10 %"
	if m.Judged == 0 {
		beyond = "no mean is judged"
	}
	if m.Above+m.Below > 0 {
		beyond += ", " + m.Within() + " within"
	}
	c := weekCell{Phase: p.Name, Remark: beyond}
	if n := m.Open(); n > 0 {
		c.Remark += "; " + words.Count(n) + " not judged"
	}
	if n := m.Twice; n > 0 {
		c.Remark += "; " + words.Count(n) + " came twice"
	}
	if n := m.Interrupted; n > 0 {
		c.Remark += "; " + words.Count(n) + " interrupted"
	}
	if w.Most == w.All {
		c.Rules = []rule{ruleOf(p, "", w.Most)}
	} else {
		c.Rules = []rule{ruleOf(p, "95 %: ", w.Most), ruleOf(p, "+10/−15 %: ", w.All)}
	}
	return c
}

// ruleOf is a verdict on a phase; of values that nothing verifies it looks like none.
func ruleOf(p *voltage.Phase, name string, v voltage.Verdict) rule {
	if more := unlessVerified(p); more != "" && v != voltage.Unknown {
		return rule{name, string(voltage.Unknown), v.Text() + more}
	}
	return rule{name, string(v), v.Text()}
}

// worstWeeks are those that stand on paper, and all where there are more.
func worstWeeks(all []weekView) (worst, others []weekView) {
	if len(all) <= maxWeeks {
		return all, nil
	}
	worst = slices.Clone(all)
	slices.SortStableFunc(worst, func(a, b weekView) int {
		return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(b.beyond, a.beyond))
	})
	worst = worst[:maxWeeks]
	slices.SortFunc(worst, func(a, b weekView) int { return cmp.Compare(a.begins, b.begins) })
	return worst, all
}

// timesOf says how long the values of each phase were beyond the limits.
func timesOf(m *voltage.Meter) [][]string {
	var rows [][]string
	for _, p := range m.Live() {
		s := &p.Seconds
		row := []string{p.Name}
		for _, n := range []int64{s.Covered, s.Above, s.Below, s.Lowest, s.Interrupted} {
			row = append(row, voltage.Minutes(n))
		}
		rows = append(rows, row)
	}
	return rows
}

// extremesOf has the highest and the lowest value of each phase.
func extremesOf(m *voltage.Meter) [][]string {
	var rows [][]string
	for _, p := range m.Live() {
		if p.Highest != nil && p.Lowest != nil {
			rows = append(rows, []string{p.Name, p.Highest.Text() + " V", moment(p.Highest.At), p.Lowest.Text() + " V", moment(p.Lowest.At)})
		}
	}
	return rows
}

// none says that nothing is beyond a limit, or, where not a single phase is known, that
// nobody knows.
func none(live []*voltage.Phase, known, unknown string, of func(*voltage.Phase) int64) string {
	for _, p := range live {
		if of(p) > 0 {
			return known
		}
	}
	return unknown
}

// listed is an excursion and its row.
type listed struct {
	*voltage.Excursion
	row []string
}

// excursionsOf lists the excursions of all phases; the longest stand on paper, the others
// beside them.
func excursionsOf(title, none string, live []*voltage.Phase, most int, of func(*voltage.Phase) (above, below *voltage.Excursions)) excursions {
	all, count := listedOf(live, of)
	e := excursions{Title: title, None: none}
	known := words.Count(int64(len(all)))
	furthest := ""
	if count > int64(len(all)) {
		furthest = " that go furthest beyond, at most ten of each phase and side; there were " + words.Count(count) + " in all"
		e.Remark = "These are the " + known + furthest + "."
	}
	if len(all) > most {
		e.All, e.More = rows(all), "All "+known+map[bool]string{true: " that are listed"}[furthest != ""]
		e.Remark = fmt.Sprintf("These are the %d longest of the %s%s.", most, known, furthest)
		slices.SortStableFunc(all, func(a, b listed) int { return cmp.Compare(b.Seconds, a.Seconds) })
		all = all[:most]
	}
	e.Rows = rows(all)
	return e
}

// listedOf are the excursions that the evidence lists, and how many there were.
func listedOf(live []*voltage.Phase, of func(*voltage.Phase) (above, below *voltage.Excursions)) (all []listed, count int64) {
	for _, p := range live {
		above, below := of(p)
		for n, x := range []*voltage.Excursions{above, below} {
			count += x.Count
			side := p.Name + []string{" above", " below"}[n]
			for i := range x.Worst {
				w := &x.Worst[i]
				all = append(all, listed{w, []string{side, moment(w.From), w.To.Short(w.From), voltage.Minutes(w.Seconds), w.Worst.Text() + " V", w.Worst.At.Short(w.From)}})
			}
		}
	}
	return all, count
}

// rows are those of excursions, in the order of time.
func rows(all []listed) (rows [][]string) {
	slices.SortStableFunc(all, func(a, b listed) int { return a.From.Time.Compare(b.From.Time) })
	for _, x := range all {
		rows = append(rows, x.row)
	}
	return rows
}

// used says how many telegrams were used, and why others were not.
func used(t *voltage.Telegrams) []fact {
	all := []fact{{"Telegrams", words.Count(t.Total), ""}, {"used", words.Count(t.Used()), ""}}
	for _, c := range t.Counts() {
		if c.N > 0 {
			all = append(all, fact{c.Name, words.Count(c.N), c.Remark})
		}
	}
	return all
}
