package circuit

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// heading of the table of signatures. Values are in V, Ω, m, mA, µs, ns and pF; late
// and early, in µs, are the margins of [Result], empty where edges are missing.
var heading = []string{
	"sweep", "row", "column", "receiver", "supply_v", "pullup_ohm", "sink_ma", "tau_us", "floor_v", "cable_m", "behind",
	"base_ohm", "bleed_ohm", "out_ohm", "divide_ohm", "transit_ns", "series_ohm", "load_pf", "low_v", "high_v",
	"verdict", "bytes", "right", "ones_lost", "zeros_lost", "both", "lost", "framing", "late_us", "early_us",
}

// Fields are a line of the table.
func Fields(sweep string, p Point, r Result) []string {
	n := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	return []string{
		sweep, p.Row, p.Column, string(p.Kind), n(p.Supply), n(p.PullUp), n(p.Sink * 1e3), n(p.Tau * 1e6), n(p.Floor), n(p.Cable), strconv.FormatBool(p.Behind),
		n(p.Base), n(p.Bleed), n(p.Out), n(p.Divide), n(p.Transit * 1e9), n(p.Series), n(p.Load * 1e12), n(p.Low), n(p.High),
		string(r.Verdict), strconv.Itoa(r.Sent), strconv.Itoa(r.Right), strconv.Itoa(r.Ones), strconv.Itoa(r.Zeros), strconv.Itoa(r.Both),
		strconv.Itoa(r.Lost), strconv.Itoa(r.Framing), micro(r.Late), micro(r.Early),
	}
}

func micro(seconds float64) string {
	if math.IsNaN(seconds) {
		return ""
	}
	return strconv.FormatFloat(seconds*1e6, 'f', 2, 64)
}

// WriteTable writes the table of signatures; results are those of all points of the
// sweeps, in order.
func WriteTable(w io.Writer, sweeps []Sweep, results []Result) error {
	out := csv.NewWriter(w)
	lines := [][]string{heading}
	for _, s := range sweeps {
		for i, p := range s.Points {
			lines = append(lines, Fields(s.Name, p, results[i]))
		}
		results = results[len(s.Points):]
	}
	return out.WriteAll(lines)
}

// worse reports whether a is a worse result than b.
func worse(a, b Result) bool {
	x, y := a.least(), b.least()
	return x < y || x == y && a.Right < b.Right
}

// least is the smaller margin; where edges are missing it is as bad as can be.
func (r Result) least() float64 {
	if math.IsNaN(r.Late) {
		return math.Inf(-1)
	}
	return min(r.Late, r.Early)
}

// cell is what a place in a table shows: the worst result of its points.
func cell(r Result) string {
	margins := "–"
	if !math.IsNaN(r.Late) {
		margins = fmt.Sprintf("%.2f / %.2f", r.Late*1e6, r.Early*1e6)
	}
	if r.Verdict == Clean {
		return margins
	}
	return fmt.Sprintf("**%s** %s", r.Verdict, strings.TrimSuffix(margins, "–"))
}

// WriteSummary writes the sweep as a table in Markdown.
func (s Sweep) WriteSummary(w io.Writer, results []Result) error {
	var rows, columns []string
	worst := map[[2]string]Result{}
	for i, p := range s.Points {
		if !slices.Contains(rows, p.Row) {
			rows = append(rows, p.Row)
		}
		if !slices.Contains(columns, p.Column) {
			columns = append(columns, p.Column)
		}
		at := [2]string{p.Row, p.Column}
		if r, ok := worst[at]; !ok || worse(results[i], r) {
			worst[at] = results[i]
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\nFixed: %s.\n\n| %s | %s |\n|%s\n", s.Title, s.Fixed, s.Rows, strings.Join(columns, " | "), strings.Repeat("---|", len(columns)+1))
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |", row)
		for _, column := range columns {
			fmt.Fprintf(&b, " %s |", strings.TrimSpace(cell(worst[[2]string{row, column}])))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
