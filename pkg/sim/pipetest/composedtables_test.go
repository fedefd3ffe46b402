package pipetest

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"p1/pkg/sim/forms"
)

// A composedTable is a table of what changes, and what of a fact has to stand in it.
type composedTable struct {
	name string
	rows func(f *forms.Fact) []wanted
}

// A wanted row has these cells. Cells with a unit may have another unit's number.
type wanted struct {
	what  string // of the form, for the list
	cells []wantedCell
	noted bool // note says something
	may   bool // it may be missing
}

type wantedCell struct{ column, text, unit string }

var composedTables = []composedTable{
	{"peaks", peakRows},
	{"gas", func(f *forms.Fact) []wanted { return deviceRows(f, "gas_m3", "gas") }},
	{"water", func(f *forms.Fact) []wanted { return deviceRows(f, "water_m3", "water", "hot water") }},
	{"heat", func(f *forms.Fact) []wanted { return deviceRows(f, "heat_gj", "heat", "cooling", "heat or cooling") }},
	{"failures", failureRows},
	{"messages", messageRows},
}

// meterOf is what says the identifier of a stream's meter: a line, or the header.
func meterOf(s *forms.Stream) forms.Fact {
	var last forms.Fact
	for _, f := range s.Telegrams[0].Facts {
		if f.Kind == forms.Meter {
			last = f
		}
	}
	return last
}

// judgeTable compares a table with what the lines mean: every row that is wanted is
// there, and every row is wanted. meters are the streams by what p1csv calls the meter.
func (x *findings) judgeTable(meters map[string]*forms.Stream, table composedTable, rows [][]cell) {
	there := map[string][][]cell{}
	for _, row := range rows {
		meter := column(row, "meter")
		there[meter] = append(there[meter], row)
	}
	for meter, s := range meters {
		x.judgeStream(s, table, there[meter])
	}
}

func (x *findings) judgeStream(s *forms.Stream, table composedTable, there [][]cell) {
	used := make([]bool, len(there))
	seen := map[string]bool{}
	for _, telegram := range s.Telegrams {
		for i := range telegram.Facts {
			f := &telegram.Facts[i]
			if seen[f.Line] {
				continue
			}
			seen[f.Line] = true
			for _, w := range table.rows(f) {
				w.noted = w.noted && (!f.Ahead || hasClock(telegram.Facts))
				w.may = w.may || f.Code == "7-0:23.1.0" && hasCode(telegram.Facts, "7-0:23.2.0")
				x.judgeWanted(f, table.name, w, there, used)
			}
		}
	}
	for i, row := range there {
		if !used[i] && !isSaidBy(s, row) {
			x.add("--table "+table.name+": a row of no line", fmt.Sprintf("seed %d", s.Seed), brief(row), "no row")
		}
	}
}

// hasClock tells whether a telegram says when it was sent: then a device can be ahead of
// it.
func hasClock(facts []forms.Fact) bool {
	return slices.ContainsFunc(facts, func(f forms.Fact) bool { return f.Kind == forms.Clock && f.Time != "" })
}

func hasCode(facts []forms.Fact, code string) bool {
	return slices.ContainsFunc(facts, func(f forms.Fact) bool { return f.Code == code })
}

// isSaidBy tells whether a row that no fact asks for is of something that a line says: an
// earlier reading on the line of an old device, a peak that is not of an active power, or
// a device that was never read, without a reading.
func isSaidBy(s *forms.Stream, row []cell) bool {
	if column(row, "peak_kw") != "" {
		return false
	}
	for _, name := range []string{"gas_m3", "water_m3", "heat_gj", "peak_kvar"} {
		if text := column(row, name); text != "" {
			return slices.ContainsFunc(s.Telegrams, func(t forms.Telegram) bool {
				inVar := []byte(strings.ReplaceAll(text, ".", "")) // of a peak in var
				return (bytes.Contains(t.Text, []byte(text)) || bytes.Contains(t.Text, inVar)) && (name != "peak_kvar" || bytes.Contains(t.Text, []byte("var)")))
			})
		}
	}
	note := column(row, "note")
	return note == "never read" || note == "never set"
}

// judgeWanted looks for a row.
func (x *findings) judgeWanted(f *forms.Fact, table string, w wanted, there [][]cell, used []bool) {
	x.facts++
	kind := "--table " + table + ": " + f.Form + w.what
	found := false
	for i, row := range there {
		if w.fits(row) {
			found, used[i] = true, true
			if w.noted && column(row, "note") == "" {
				x.add(kind+": without a note", f.Line, brief(row), "a note")
			}
		}
	}
	if !found && !w.may {
		got := "no row"
		for _, row := range there {
			if column(row, w.cells[0].column) == w.cells[0].text {
				got = brief(row)
			}
		}
		x.add(kind, f.Line, got, w.String())
	}
}

func (w wanted) fits(row []cell) bool {
	return !slices.ContainsFunc(w.cells, func(c wantedCell) bool {
		got := column(row, c.column)
		if c.unit == "" {
			return got != c.text
		}
		return !equal(c.text, c.unit, got, c.column[strings.LastIndex(c.column, "_")+1:])
	})
}

func (w wanted) String() string {
	var cells []string
	for _, c := range w.cells {
		cells = append(cells, strings.TrimSpace(c.column+"="+c.text+" "+c.unit))
	}
	return strings.Join(cells, " ")
}

// brief is a row without what all tables have.
func brief(row []cell) string {
	var cells []string
	for _, c := range row {
		if c.text != "" && !slices.Contains([]string{"meter", "status", "utc_offset", "confidence", "host_time"}, c.column) {
			cells = append(cells, c.column+"="+c.text)
		}
	}
	return strings.Join(cells, " ")
}

// peakRows are those of this month's peak and of the months before. Reactive ones have none.
func peakRows(f *forms.Fact) []wanted {
	var list []wanted
	for _, p := range f.Peaks {
		if p.Register != "" {
			list = append(list, wanted{cells: []wantedCell{{"register", p.Register, ""}, {"peak_kw", p.Value, p.Unit}, {"month_end", p.End, ""}}})
		}
	}
	register := map[string]string{"1-0:1.6.0": "import", "1-0:2.6.0": "export"}[f.Code]
	if register == "" || f.Of != "" {
		return list
	}
	if f.Time != "" {
		list = append(list, wanted{cells: []wantedCell{
			{"month", f.Time[:7], ""}, {"register", register, ""}, {"time", f.Time, ""}, {"peak_kw", f.Value, f.Unit}}})
	}
	for _, p := range f.Peaks {
		list = append(list, wanted{cells: []wantedCell{
			{"month", p.Time[:7], ""}, {"register", register, ""}, {"time", p.Time, ""}, {"peak_kw", p.Value, p.Unit}, {"month_end", p.End, ""}}})
	}
	return list
}

// deviceRows are the readings of devices of a table's media.
func deviceRows(f *forms.Fact, reading string, media ...string) []wanted {
	if f.Kind != forms.Device || !slices.Contains(media, f.Medium) {
		return nil
	}
	second := f.Form == "device, both corrected and not" && strings.HasSuffix(f.Code, "24.2.3")
	w := wanted{noted: f.Ahead || isReset(f.Time), may: f.Unit == "l" || f.Unit == "dm3" || second || f.Code == "7-0:23.2.0"}
	if f.Channel > 0 {
		w.cells = append(w.cells, wantedCell{"channel", fmt.Sprint(f.Channel), ""})
	}
	w.cells = append(w.cells, wantedCell{"time", f.Time, ""}, wantedCell{reading, f.Value, f.Unit})
	return []wanted{w}
}

// failureRows are the entries of the log. Where the clock or the duration was not set,
// there is no start.
func failureRows(f *forms.Fact) []wanted {
	var list []wanted
	for _, c := range f.Cuts {
		lasted := fmt.Sprint(c.Seconds)
		if c.Seconds == math.MaxInt32 {
			lasted = "" // nobody knows
		}
		w := wanted{cells: []wantedCell{{"time", c.End, ""}, {"duration_s", lasted, ""}}}
		if c.Start == "" {
			w.what, w.noted = " (not set)", true
		}
		if !isReset(c.End) { // what began before a clock was set, nobody knows
			w.cells = append(w.cells, wantedCell{"start", c.Start, ""})
		}
		list = append(list, w)
	}
	return list
}

// messageRows are the texts.
func messageRows(f *forms.Fact) []wanted {
	if f.Kind != forms.Text || !strings.HasPrefix(f.Code, "0-0:96.13.") {
		return nil
	}
	return []wanted{{may: f.Text == "", cells: []wantedCell{{"code", f.Code, ""}, {"text", f.Text, ""}}}}
}
