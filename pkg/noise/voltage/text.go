package voltage

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"p1/pkg/display"
	"p1/pkg/record"
)

// Report takes records, and prints the [Evidence] as a text for people when it is
// closed.
type Report struct {
	record.BaseStage
	*Counter
	w io.Writer
}

// NewReport returns a Report of what the counter takes, that will be printed to w.
func NewReport(w io.Writer, c *Counter) *Report { return &Report{Counter: c, w: w} }

// Close prints the text. It fails with the error of the writer.
func (r *Report) Close() error {
	_, err := io.WriteString(r.w, display.Lines(r.Evidence().Text()))
	return err
}

// Text lays the evidence out for people, in lines of at most 99 columns.
func (e *Evidence) Text() string {
	var b strings.Builder
	l := &e.Limits
	b.WriteString("voltage by EN 50160: ten-minute means, root of the mean of the squares\n\n")
	fmt.Fprintf(&b, "nominal        %s V\n", l.Nominal.Limit())
	fmt.Fprintf(&b, "limits         %s V (+10 %%), %s V (-10 %%), %s V (-15 %%)\n", l.Above.Limit(), l.Below.Limit(), l.Lowest.Limit())
	e.Telegrams.write(&b)
	for i := range e.Meters {
		e.Meters[i].write(&b, l)
	}
	if len(e.Meters) == 0 {
		b.WriteString("\nNo voltage that can be used: nothing can be said of the grid.\n")
		return b.String()
	}
	if e.Telegrams.Repaired+e.Telegrams.Salvaged > 0 {
		b.WriteString(repairedRemark)
	}
	b.WriteString(remarks)
	return b.String()
}

// remarks say what the figures are worth.
const remarks = `
A value stands for the time until the next one, for 10 s at most; what was lost is a hole and
counts nowhere. A mean is judged where 90 % of its ten minutes are covered and no interruption
(below 5 % of the nominal voltage) is in them. A week is 168 hours from the first ten minutes on;
where the means that are not judged could change it, there is no verdict. A meter samples, and is
no instrument of class A (EN 61000-4-30): this shows where such an instrument should be installed.
`

const repairedRemark = `
"repaired" counts the values of telegrams that the line had damaged, "digits" what it had damaged
of the voltages themselves; * marks a voltage, or a mean, that such a value is part of.
`

// Limit writes a limit without a zero that says nothing.
func (v Volts) Limit() string { return strings.TrimSuffix(v.String(), ".0") }

// Count is how many telegrams something became of.
type Count struct {
	Name   string
	N      int64
	Remark string
	Used   bool
}

// Counts lists what became of the telegrams.
func (t *Telegrams) Counts() []Count {
	return []Count{
		{"ok", t.OK, "", true},
		{"repaired", t.Repaired, "the CRC holds after the repair", true},
		{"salvaged", t.Salvaged, "single lines, each of them trusted", true},
		{"unchecked", t.Unchecked, "NOT VERIFIED: this meter sends no CRC", true},
		{"damaged", t.Damaged, "no voltage in them can be trusted", false},
		{"suspect", t.Suspect, "the content contradicts what is known of the meter", false},
		{"no time", t.NoClock, "the clock cannot be read, or was not set", false},
		{"no voltage", t.NoVoltage, "", false},
		{"repeated", t.Repeated, "that time was reported by other telegrams before", false},
		{"came twice", t.Twice, "the clock was put back: only their highest and lowest values count", false},
		{"beyond", t.Beyond, fmt.Sprintf("only %d meters and %d weeks are kept", maxMeters, maxWeeks), false},
	}
}

// write says how many telegrams are used, and why others are not.
func (t *Telegrams) write(b *strings.Builder) {
	line := func(name string, n int64, remark string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-14s %10d  %s", name, n, remark), " ") + "\n")
	}
	line("telegrams", t.Total, "")
	for _, used := range []bool{true, false} {
		if used {
			line("used", t.Used(), "")
		} else {
			line("not used", t.Total-t.Used(), "")
		}
		for _, c := range t.Counts() {
			if c.Used == used && c.N > 0 {
				line("  "+c.Name, c.N, c.Remark)
			}
		}
	}
}

// table writes rows of cells under a heading, all but the first cell to the right.
func table(b *strings.Builder, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	b.WriteByte('\n')
	for _, row := range rows {
		line := fmt.Sprintf("%-*s", widths[0], row[0])
		for i, cell := range row[1:] {
			line += fmt.Sprintf("  %*s", widths[i+1], cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// write writes what is known of a meter.
func (m *Meter) write(b *strings.Builder, l *Limits) {
	fmt.Fprintf(b, "\nmeter          %s\n", m.Name)
	fmt.Fprintf(b, "from           %s\nto             %s\n", m.From, m.To)
	if m.HostTime {
		b.WriteString("times          are the host's, since the meter sends none\n")
	}
	if m.NoOffset() {
		b.WriteString("times          without an offset: the clock does not say when summer time is in force, so what\n" +
			"               comes twice in autumn is judged once, and what spring leaves out is a hole\n")
	}
	for i := range m.Phases {
		for _, note := range m.Phases[i].Notes() {
			fmt.Fprintf(b, "%-14s %s\n", m.Phases[i].Name, note)
		}
	}
	live := m.Live()
	table(b, valuesTable(live, l))
	table(b, extremes("value", live, func(p *Phase) (high, low *Extreme) { return p.Highest, p.Lowest }))
	table(b, meansTable(live, l))
	table(b, extremes("mean", live, func(p *Phase) (high, low *Extreme) { return p.MeanMax, p.MeanMin }))
	table(b, weeksTable(live))
	if why := m.NoVerdict(); why != "" {
		b.WriteString(why + ": no verdict.\n")
	}
	table(b, excursionsTable("mean beyond", live, func(p *Phase) (_, _ *Excursions) { return &p.MeansAbove, &p.MeansBelow }))
	table(b, excursionsTable("value beyond", live, func(p *Phase) (_, _ *Excursions) { return &p.ValuesAbove, &p.ValuesBelow }))
	if sliding := slidingTable(live, l); len(sliding) > 1 {
		table(b, sliding)
		fmt.Fprintf(b, "Inverters switch off by this mean (EN 50549-1), by default above %s V.\n", l.Above.Limit())
	}
}

// Live are the phases that carry a voltage.
func (m *Meter) Live() []*Phase {
	var list []*Phase
	for i := range m.Phases {
		if m.Phases[i].Live {
			list = append(list, &m.Phases[i])
		}
	}
	return list
}

// NoOffset reports whether the meter's clock does not say when summer time is in force.
func (m *Meter) NoOffset() bool { return m.From.Season == 0 || m.To.Season == 0 }

// Notes says what is odd of a phase.
func (p *Phase) Notes() []string {
	var all []string
	if !p.Live && p.Values.Total > 0 {
		all = append(all, fmt.Sprintf("no voltage in any of %d values: not connected, and not judged", p.Values.Total))
	}
	if p.Unreadable > 0 {
		all = append(all, fmt.Sprintf("%d values are no voltage", p.Unreadable))
	}
	if n := p.Means.Twice; n > 0 {
		all = append(all, fmt.Sprintf("the clock was put back: %d of its ten minutes came twice, judged is the first", n))
	}
	if p.Live && p.Decimals == 0 {
		all = append(all, "in whole volts: a mean may be off by up to 0.5 V")
	}
	return all
}

// Minutes writes seconds in minutes, with one decimal.
func Minutes(seconds int64) string {
	if seconds > 0 && seconds < 6 {
		return "<0.1"
	}
	tenths := (seconds + 3) / 6
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// fixed marks a voltage of which digits were repaired.
const fixed = "*"

// Text writes the voltage, with a mark where digits were repaired.
func (e *Extreme) Text() string {
	if e.Repaired {
		return fixed + e.Volts.String()
	}
	return e.Volts.String()
}

// extremes are the highest and the lowest voltage of each phase that has them.
func extremes(name string, phases []*Phase, of func(*Phase) (high, low *Extreme)) [][]string {
	rows := [][]string{{name, "highest", "at", "lowest", "at"}}
	for _, p := range phases {
		if high, low := of(p); high != nil && low != nil {
			rows = append(rows, []string{p.Name, high.Text(), high.At.String(), low.Text(), low.At.String()})
		}
	}
	return rows
}

// valuesTable has the minutes beyond the limits by the values, and how many of these
// were repaired.
func valuesTable(phases []*Phase, l *Limits) [][]string {
	rows := [][]string{{"minutes", "covered", "above " + l.Above.Limit(), "below " + l.Below.Limit(), "below " + l.Lowest.Limit(),
		"interrupted", "values", "repaired", "digits"}}
	for _, p := range phases {
		s, v := &p.Seconds, &p.Values
		rows = append(rows, []string{p.Name, Minutes(s.Covered), Minutes(s.Above), Minutes(s.Below), Minutes(s.Lowest), Minutes(s.Interrupted),
			fmt.Sprint(v.Total), fmt.Sprint(v.Repaired), fmt.Sprint(v.RepairedDigits)})
	}
	return rows
}

func meansTable(phases []*Phase, l *Limits) [][]string {
	rows := [][]string{{"means", "judged", "above " + l.Above.Limit(), "below " + l.Below.Limit(), "below " + l.Lowest.Limit(), "incomplete", "interrupted"}}
	for _, p := range phases {
		rows = append(rows, append([]string{p.Name}, p.Means.cells()...))
	}
	return rows
}

func (m *Means) cells() []string {
	var cells []string
	for _, n := range []int64{m.Judged, m.Above, m.Below, m.Lowest, m.Incomplete, m.Interrupted} {
		cells = append(cells, fmt.Sprint(n))
	}
	return cells
}

// weeksTable has a row for each week of each phase.
func weeksTable(phases []*Phase) [][]string {
	rows := [][]string{{"week from", "phase", "judged", "not judged", "beyond ±10 %", "within", "95 % rule", "+10/-15 %"}}
	for _, p := range phases {
		for i := range p.Weeks {
			w := &p.Weeks[i]
			rows = append(rows, []string{w.From.String(), p.Name, fmt.Sprint(w.Means.Judged), fmt.Sprint(w.Means.Open()),
				fmt.Sprint(w.Means.Above + w.Means.Below), w.Means.Within(), w.Most.Text(), w.All.Text()})
		}
	}
	return rows
}

// Within writes which part of the judged means is within ±10 %, rounded down: 95.0 % are
// at least 95 %.
func (m *Means) Within() string {
	if m.Judged == 0 {
		return "-"
	}
	n := 1000 * (m.Judged - m.Above - m.Below) / m.Judged
	return fmt.Sprintf("%d.%d %%", n/10, n%10)
}

// Text writes the verdict for people.
func (v Verdict) Text() string {
	if v == Unknown {
		return "no verdict"
	}
	return string(v)
}

// NoVerdict says why there is no verdict, where there is none on any week; else nothing.
func (m *Meter) NoVerdict() string {
	live := m.Live()
	for _, p := range live {
		for i := range p.Weeks {
			if p.Weeks[i].Most != Unknown || p.Weeks[i].All != Unknown {
				return ""
			}
		}
	}
	switch {
	case len(live) == 0:
		return ""
	case m.To.Time.Sub(m.From.Time) < secondsOf(inWeek*tenMinutes-maxHold):
		return fmt.Sprintf("Less than the %d ten-minute means of a week", inWeek)
	}
	return fmt.Sprintf("No week has enough of its %d means", inWeek)
}

// excursionsTable has a row for each of the worst excursions.
func excursionsTable(name string, phases []*Phase, of func(*Phase) (above, below *Excursions)) [][]string {
	rows := [][]string{{name, "from", "to", "minutes", "worst", "at"}}
	for _, p := range phases {
		above, below := of(p)
		rows = above.rows(rows, p.Name+" above")
		rows = below.rows(rows, p.Name+" below")
	}
	return rows
}

func (e *Excursions) rows(rows [][]string, name string) [][]string {
	for i := range e.Worst {
		x := &e.Worst[i]
		rows = append(rows, []string{name, x.From.String(), x.To.Short(x.From), Minutes(x.Seconds), x.Worst.Text(), x.Worst.At.Short(x.From)})
	}
	if more := e.Count - int64(len(e.Worst)); more > 0 {
		rows = append(rows, []string{name, fmt.Sprintf("and %d more", more)})
	}
	return rows
}

// Short writes a time without what it has in common with another one: the date, and the
// offset, which are different ones where the clock was put forward or back between them.
func (m Moment) Short(o Moment) string {
	layout := "01-02 15:04:05"
	if m.Time.Format(time.DateOnly) == o.Time.Format(time.DateOnly) {
		layout = time.TimeOnly
	}
	if m.Offset() != o.Offset() {
		layout += "-07:00"
	}
	return m.Time.Format(layout)
}

// slidingTable is about the limit by which inverters switch off.
func slidingTable(phases []*Phase, l *Limits) [][]string {
	rows := [][]string{{"any 10 minutes", "times above " + l.Above.Limit(), "minutes", "highest mean", "when it ended"}}
	for _, p := range phases {
		if high := p.Sliding.Highest; high != nil {
			rows = append(rows, []string{p.Name, fmt.Sprint(p.Sliding.Above.Count), Minutes(p.Sliding.Above.Seconds), high.Text(), high.At.String()})
		}
	}
	return rows
}
