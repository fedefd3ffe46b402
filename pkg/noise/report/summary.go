package report

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"p1/pkg/display"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// Widths in columns.
const (
	defaultWidth = 80
	maxWidth     = 99
	minBar       = 5 // a shorter bar shows nothing
)

// SummaryOptions says how a summary is laid out.
type SummaryOptions struct {
	// Width is that of the terminal in columns: the bars end there. 0 stands
	// for 80, and more than 99 is not used.
	Width int
	// Diagnosis says what the user knows of the line.
	Diagnosis diagnose.Options
}

// Summary counts records, and prints one text for people when it is closed: what is
// wrong with the line, then the counts.
type Summary struct {
	*gathered
	w     io.Writer
	width int
}

// NewSummary returns a Summary that will be printed to w.
func NewSummary(w io.Writer, o SummaryOptions) *Summary {
	width := o.Width
	if width <= 0 {
		width = defaultWidth
	}
	return &Summary{gathered: gather(o.Diagnosis), w: w, width: min(width, maxWidth)}
}

// Close prints the summary. It fails with the error of the writer.
func (s *Summary) Close() error {
	counts, diagnosis := s.counter.Counts(), s.diagnoser.Report()
	var b strings.Builder
	writeDiagnosis(&b, &diagnosis, s.width)
	where := "on the line"
	switch {
	case diagnosis.Excused:
		where = asReceived
	case diagnosis.Clean && counts.Damaged > 0:
		where = "not verified: no CRC that is known confirms them"
	}
	b.WriteString("\n" + counts.text(s.width, where))
	if counts.Telegrams == 0 && len(diagnosis.Findings) > 0 { // else it is what the diagnosis begins with
		b.WriteString("\nThere is no telegram.\n")
	}
	_, err := io.WriteString(s.w, display.Lines(b.String()))
	return err
}

// asReceived is where telegrams were damaged by nothing that the line did.
const asReceived = "as received"

// text lays the counts out, bars at most to the width in columns. It says where the damage
// was done.
func (c *Counts) text(width int, where string) string {
	var b strings.Builder
	c.writeTotals(&b, where)
	if c.Telegrams == 0 {
		return b.String()
	}
	if where != asReceived {
		c.writeReliability(&b)
		c.writePrediction(&b)
	}
	c.writeDays(&b, width)
	c.writeHours(&b, width)
	return b.String()
}

func (c *Counts) writeTotals(b *strings.Builder, where string) {
	line := func(name string, n int64, remark string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-14s %10s  %s", name, words.Count(n), remark), " ") + "\n")
	}
	b.WriteString(strings.TrimRight(fmt.Sprintf("%-14s %s", "source", c.sourceText()), " ") + "\n")
	if len(c.Dialects) > 0 {
		fmt.Fprintf(b, "%-14s %s\n", "dialect", strings.Join(c.Dialects, "; "))
	}
	line("telegrams", c.Telegrams, "")
	if c.LoggerOnly > 0 {
		line("logger", c.LoggerOnly, "intact once what the logger left out is put back")
	}
	if where == asReceived { // no line has damaged them
		line("not valid", c.Damaged, where+", "+percentText(c.Damaged, c.Telegrams)+" of the telegrams")
		line("  salvaged", c.Salvaged, "of these, single lines are usable")
	} else {
		line("damaged", c.Damaged, where)
		line("  repaired", c.Repaired, "")
		line("  remaining", c.Remaining, "not usable as a whole")
		line("    salvaged", c.Salvaged, "of these, single lines are usable")
	}
	if c.Suspect > 0 {
		line("suspect", c.Suspect, "the content contradicts what is known, whatever a CRC says")
	}
	if c.Doubted > 0 {
		line("doubted", c.Doubted, "single lines contradict what is known")
	}
	line("noise", c.NoiseRecords, c.noiseText())
	line("gaps", c.Gaps, "")
	if c.Telegrams > 0 && where != asReceived {
		fmt.Fprintf(b, "%-14s %10s  of the telegrams\n", "rate of damage", percentText(c.Damaged, c.Telegrams))
	}
}

// maxSource is how many characters of a source's name fit in its line.
const maxSource = 50

func (c *Counts) sourceText() string {
	name := display.Short(c.Source, maxSource)
	switch {
	case c.Streams == 0:
		return "none"
	case c.Streams == 1:
		return name
	}
	return fmt.Sprintf("%s (the first of %s streams)", name, words.Count(c.Streams))
}

func (c *Counts) noiseText() string {
	text := words.Noun(c.NoiseRecords, "record") + ", " + words.Plural(c.NoiseBytes, "byte")
	if c.LoggerHeaders > 0 {
		text += "; " + words.Plural(c.LoggerHeaders, "logger header") + " among them"
	}
	return text
}

func (c *Counts) writeReliability(b *strings.Builder) {
	b.WriteString("\nreliability: three nines are 99.9 % good telegrams\n")
	line := func(name string, failed int64) {
		good := c.Telegrams - failed
		fmt.Fprintf(b, "  %-13s %8s good  (%s of %s: %s)\n", name, percentText(good, c.Telegrams), words.Count(good), words.Count(c.Telegrams), Reliability(failed, c.Telegrams))
	}
	line("before repair", c.Damaged)
	line("after repair", c.Remaining)
	if c.Unchecked > 0 {
		fmt.Fprintf(b, "  No CRC confirms %s of them: digits that were read as others are not seen.\n", words.Count(c.Unchecked))
	} else if c.Remaining == 0 && c.Telegrams > 3 {
		fmt.Fprintf(b, "  With 95 %% confidence fewer than 3 in %s fail.\n", words.Count(c.Telegrams))
	}
}

func (c *Counts) writePrediction(b *strings.Builder) {
	b.WriteString("\nprediction\n")
	c.writeStep(b, "rate of damage", c.Damaged)
	if c.Remaining > 0 {
		c.writeStep(b, "rate that remains after repair", c.Remaining)
	}
}

// writeStep says when a rate steps down, and what the next error makes of it.
func (c *Counts) writeStep(b *strings.Builder, name string, failed int64) {
	fmt.Fprintf(b, "  %s: %s now\n", name, percentText(failed, c.Telegrams))
	if n := cleanUntilStep(failed, c.Telegrams); n > 0 {
		fmt.Fprintf(b, "    %-9s after %s more clean %s", percentText(failed, c.Telegrams+n), words.Count(n), words.Noun(n, "telegram"))
		if pace := c.Pace(); pace > 0 {
			fmt.Fprintf(b, " (%s at one every %d s)", hoursText(n, pace), pace)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "    %-9s with one more error now\n", percentText(failed+1, c.Telegrams+1))
}

// row is a line of a table.
type row struct {
	name string
	Tally
}

func (c *Counts) writeDays(b *strings.Builder, width int) {
	var rows []row
	for _, day := range slices.Sorted(maps.Keys(c.Days)) {
		rows = append(rows, row{day, c.Days[day]})
	}
	if c.OtherDays.Telegrams > 0 {
		rows = append(rows, row{"others", c.OtherDays})
	}
	if c.UnknownDay.Telegrams > 0 {
		rows = append(rows, row{"unknown", c.UnknownDay})
	}
	writeTable(b, "day", rows, width)
	if c.OtherDays.Telegrams > 0 {
		fmt.Fprintf(b, "Only the first %s days are listed; the row others sums up the rest.\n", words.Count(maxDays))
	}
}

func (c *Counts) writeHours(b *strings.Builder, width int) {
	var rows []row
	for hour, tally := range c.Hours {
		if tally.Telegrams > 0 {
			rows = append(rows, row{fmt.Sprintf("%02d", hour), tally})
		}
	}
	if len(rows) > 0 {
		writeTable(b, "hour", rows, width)
	}
}

// writeTable writes rows with a bar for the rate of damage, the longest bar
// being the highest rate.
func writeTable(b *strings.Builder, heading string, rows []row, width int) {
	text := fmt.Sprintf("%-10s %10s %9s %10s %9s", heading, "telegrams", "damaged", "remaining", "rate")
	room := width - len(text) - 2
	b.WriteString("\n" + text + "\n")
	highest := 0.0
	for _, r := range rows {
		highest = max(highest, r.share())
	}
	for _, r := range rows {
		fmt.Fprintf(b, "%-10s %10s %9s %10s %9s", r.name, words.Count(r.Telegrams), words.Count(r.Damaged), words.Count(r.Remaining),
			percentText(r.Damaged, r.Telegrams))
		if room >= minBar && r.Damaged > 0 {
			n := int(math.Round(float64(room) * r.share() / highest))
			b.WriteString("  " + strings.Repeat("#", max(n, 1)))
		}
		b.WriteByte('\n')
	}
}

// share is the rate of damage from 0 to 1.
func (t Tally) share() float64 { return float64(t.Damaged) / float64(t.Telegrams) }
