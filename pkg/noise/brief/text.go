package brief

import (
	"fmt"
	"strings"

	"p1/pkg/display"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/usage"
	"p1/pkg/noise/voltage"
	"p1/pkg/noise/words"
	"p1/pkg/telegram"
)

// Most is how many bytes the text has at most.
const Most = 4000

// What is told at most, if it fits; then fewer months, and then fewer meters.
const (
	mostMonths = 13
	mostMeters = 3
	mostWords  = 400 // characters of a sentence of the diagnosis
)

// text is all of it. It has room for the last months at least of some meters: what is always
// there is less than half of it.
func (b *Brief) text() string {
	counts, diagnosis, volts := b.counter.Counts(), b.diagnoser.Report(), b.voltages.Evidence()
	for meters := mostMeters; ; meters-- {
		for months := mostMonths; months >= 0; months-- {
			var s strings.Builder
			s.WriteString("What a smart meter and its line say, by p1noise --brief. Identifiers are left out.\n")
			b.writeMeters(&s, meters, months, &counts, volts)
			writeLine(&s, &counts, &diagnosis)
			s.WriteString(explained)
			if s.Len() <= Most || meters == 0 && months == 0 {
				return s.String()
			}
		}
	}
}

// explained are the words of the text.
const explained = `
Words: a telegram is what the meter sends at once, every few seconds, with its checksum (CRC). Usable are
those whose CRC holds, or that were repaired until it did; those of a meter that sends no CRC are read, and
may be wrong. 98 % of one each 10 s: of all that a meter sends which sends each 10 s, 98 % are usable. Damaged:
other bytes came in than the meter sent; the line between meter and computer does that. Import is energy from
the grid, export energy to it, in kWh since the month before, as far as there are telegrams; * holds also what
was gained before the month, since the time that the row names. Highest kW: of single telegrams, not of
quarters of an hour. Voltages should be 207 to 253 V (EN 50160, 230 V ± 10 %).
`

func (b *Brief) writeMeters(s *strings.Builder, meters, months int, counts *report.Counts, volts *voltage.Evidence) {
	pace := counts.Pace()
	real, strays := b.usage.Meters()
	if len(real) > 1 {
		pace = 0 // that of which of them?
	}
	for i, m := range real[:min(meters, len(real))] {
		fmt.Fprintf(s, "\nmeter %d, dialect %s: %s\n", i+1, m.Dialect, m.Span(pace))
		if holes := m.Holes(); holes != "" {
			s.WriteString(holes + "\n")
		}
		writeMonths(s, m, months)
		for _, v := range volts.Meters {
			if v.Name == display.Short(m.Name, voltage.MaxName) {
				writeVoltages(s, &v)
			}
		}
	}
	if more := len(real) - meters; more > 0 {
		fmt.Fprintf(s, "\nand %s\n", words.Plural(int64(more), "more meter"))
	}
	if strays > 0 {
		fmt.Fprintf(s, "\nand %s without a CRC under other identifiers, which most likely are bit errors\n", words.Plural(strays, "telegram"))
	}
	if n := b.usage.Beyond(); n > 0 {
		fmt.Fprintf(s, "\n%s of more meters or months are left out\n", words.Plural(n, "telegram"))
	}
}

// writeMonths writes the last months.
func writeMonths(s *strings.Builder, m *usage.Meter, most int) {
	list, before := m.Months(most)
	if len(list) > 0 {
		fmt.Fprintf(s, "%-7s %12s %12s %12s %10s\n", "month", "import kWh", "export kWh", "gas m3", "highest kW")
	}
	for _, one := range list {
		fmt.Fprintf(s, "%-7s %12s %12s %12s", one.Name, one.Import, one.Export, one.Gas)
		if one.Highest != "" {
			fmt.Fprintf(s, " %10s on %s", one.Highest, one.At)
		}
		if one.Since != "" {
			s.WriteString("  * since " + one.Since)
		}
		s.WriteString("\n")
	}
	if before > 0 {
		fmt.Fprintf(s, "(and %s before)\n", words.Plural(int64(before), "month"))
	}
}

// writeVoltages writes the extremes of each phase.
func writeVoltages(s *strings.Builder, m *voltage.Meter) {
	lasting, told := false, false
	for _, p := range m.Phases {
		if !p.Live || p.Highest == nil || p.Lowest == nil {
			continue
		}
		fmt.Fprintf(s, "voltage %s: %s V (%s) to %s V (%s)", p.Name,
			p.Lowest.Volts.Decimal, minute(p.Lowest.At), p.Highest.Volts.Decimal, minute(p.Highest.At))
		told = true
		if p.Seconds.Covered > 0 {
			lasting = true
			fmt.Fprintf(s, "; %s s below 207 V, %s s above 253 V, of %s s", words.Count(p.Seconds.Below), words.Count(p.Seconds.Above), words.Count(p.Seconds.Covered))
		}
		s.WriteString("\n")
	}
	if told && !lasting {
		s.WriteString("how long voltages were too low or too high is not known: telegrams are more than 10 s apart\n")
	}
}

func minute(m voltage.Moment) string { return telegram.Clock(m).Time.Format("2006-01-02 15:04") }

// writeLine writes what became of the telegrams, and why.
func writeLine(s *strings.Builder, c *report.Counts, r *diagnose.Report) {
	became := fmt.Sprintf("%s damaged, of which %s repaired", words.Count(c.Damaged), words.Count(c.Repaired))
	if r.Excused {
		became = "none of them valid"
	}
	fmt.Fprintf(s, "\nline: %s, %s; p1cat tells of %s where bytes may be missing; %s that belong to no telegram\n",
		words.Plural(c.Telegrams, "telegram"), became, words.Plural(c.Gaps, "place"), words.Plural(c.NoiseBytes, "byte"))
	if r.Excused {
		// What it is instead may be said in words of whoever wrote it.
		s.WriteString("diagnosis: nothing can be read, and that is no fault of the line: p1noise --summary says why\n")
		return
	}
	says := func(name, text string) {
		if text != "" {
			fmt.Fprintf(s, "%s: %s\n", name, display.Short(text, mostWords))
		}
	}
	says("diagnosis", r.Headline)
	says("in short", r.Plain)
	says("how sure", r.Sure)
	if len(r.Remedies) > 0 {
		says("remedy, if the receiver is "+r.Remedies[0].Receiver, r.Remedies[0].Do)
	}
}
