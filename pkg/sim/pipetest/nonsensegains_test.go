package pipetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
	"p1/pkg/sim/nonsense"
)

// gainColumns are the registers whose gains are added up, with their columns; all have
// three decimals.
var gainColumns = map[string]string{
	"1-0:1.8.0": "import_kwh", "1-0:1.8.1": "import_t1_kwh", "1-0:1.8.2": "import_t2_kwh",
	"1-0:2.8.0": "export_kwh", "1-0:2.8.1": "export_t1_kwh", "1-0:2.8.2": "export_t2_kwh",
	"1-0:3.8.0": "reactive_import_kvarh", "1-0:4.8.0": "reactive_export_kvarh", "1-0:15.8.0": "combined_kwh",
	"0-1:24.2.1": "gas_m3", "0-1:24.2.3": "gas_m3",
}

// gains are what registers have gained in all, in their last digits, by column.
type gains map[string]int64

// A counting adds up what the lines of telegrams gain. A fall counts nothing, and from
// there on it is counted anew: the register was set back, or is another one's. So it is
// with another meter, also of what hangs on its M-Bus: rows are of one meter each.
type counting struct {
	gains gains
	last  map[string]int64
	meter string // its header
}

func newCounting() *counting { return &counting{gains: gains{}} }

// take adds the lines that are believed.
func (c *counting) take(text string, believed func(line int) bool) {
	lines := strings.Split(text, "\r\n")
	if c.meter != lines[0] {
		c.meter, c.last = lines[0], map[string]int64{}
	}
	for i, line := range lines {
		code, values, _ := strings.Cut(line, "(")
		column, ok := gainColumns[code]
		if !ok || !believed(i+1) {
			continue
		}
		values = values[strings.LastIndexByte(values, '(')+1:]
		number, _, _ := strings.Cut(strings.TrimRight(values, ")"), "*")
		n, err := strconv.ParseInt(strings.Replace(number, ".", "", 1), 10, 64)
		if err != nil {
			continue
		}
		if before, known := c.last[column]; known {
			c.gains[column] += max(n-before, 0)
		}
		c.last[column] = n
	}
}

// ofTruth is what the registers gained.
func (x *lies) ofTruth() gains {
	c := newCounting()
	for _, t := range x.telegrams {
		c.take(string(t.Right), func(int) bool { return true })
	}
	return c.gains
}

// A moment is what registers have gained by the clock of a telegram.
type moment struct {
	at     int64
	gained gains
	timed  bool // the clock is believed too
}

// ofBelieved is what they gained by the readings that p1fix does not doubt, telegram by
// telegram.
func (x *lies) ofBelieved(t *testing.T, fixed string) []moment {
	t.Helper()
	f, err := os.Open(fixed)
	must(t, err)
	defer f.Close()
	c, list := newCounting(), []moment{}
	eachVerdict(t, f, func(v *verdict) {
		c.take(string(v.Raw), func(line int) bool { return !v.doubts(line) })
		i, ok := x.at[v.Offset]
		if !ok {
			t.Fatalf("a telegram at %d: none was sent there", v.Offset)
		}
		sent := &x.telegrams[i]
		timed := v.Suspect != "" || !slices.ContainsFunc(sent.Lines, func(l nonsense.Line) bool { return nonsense.TellsTime(l.Right) })
		list = append(list, moment{sent.Clock.Unix(), maps.Clone(c.gains), timed})
	})
	return list
}

// everyRow runs p1csv --every.
func everyRow(t *testing.T, dir, flags string) []map[string]string {
	t.Helper()
	p := start(t, dir, nil, "p1csv --profile all "+flags+" fixed.jsonl")
	rows := parseTable(t, p.rest()).rows
	if p.stages[0].code != 0 {
		t.Errorf("p1csv ends with %d: %s", p.stages[0].code, &p.stages[0].stderr)
	}
	return rows
}

// add adds the gains of a row.
func (g gains) add(t *testing.T, row map[string]string) {
	t.Helper()
	for name, cell := range row {
		if column, ok := strings.CutSuffix(name, "_gain"); ok && cell != "" {
			n, err := strconv.ParseInt(strings.Replace(cell, ".", "", 1), 10, 64)
			must(t, err)
			g[column] += n
		}
	}
}

// ofRows adds up the gains of all rows.
func ofRows(t *testing.T, rows []map[string]string) gains {
	t.Helper()
	sum := gains{}
	for _, row := range rows {
		sum.add(t, row)
	}
	return sum
}

// rowsLate says of which row on the gains so far are not those of the readings that were
// believed until its end. Rows of two meters overlap, and are left out; so is a row that
// ends with a telegram whose clock is nonsense.
func rowsLate(t *testing.T, rows []map[string]string, list []moment) string {
	t.Helper()
	if slices.ContainsFunc(rows, func(row map[string]string) bool { return row["meter"] != rows[0]["meter"] }) {
		return ""
	}
	sum, n := gains{}, 0
	for _, row := range rows {
		sum.add(t, row)
		begin, err := time.Parse(time.RFC3339, row["time"])
		must(t, err)
		length, err := strconv.ParseInt(row["duration_s"], 10, 64)
		must(t, err)
		for n < len(list) && list[n].at <= begin.Unix()+length {
			n++
		}
		if n == 0 || !list[n-1].timed {
			continue
		}
		if d := list[n-1].gained.differ(sum); d != "" {
			return row["time"] + ": " + d
		}
	}
	return ""
}

// differ says where two sums are not the same. A column that p1csv does not have, as
// it has two of gas, is left out.
func (g gains) differ(rows gains) string {
	var list []string
	for _, column := range slices.Sorted(maps.Keys(g)) {
		if got, ok := rows[column]; ok && got != g[column] {
			list = append(list, fmt.Sprintf("%s %d for %d", column, got, g[column]))
		}
	}
	return strings.Join(list, ", ")
}

// checkGains runs a stream through p1fix and p1csv: each gain stands in the row of the
// reading that shows it, and the gains of all rows add up to what
// the believed readings gained and, where no level is new, to what the registers did.
func checkGains(t *testing.T, name string, p nonsense.Plan, sameLevel bool) {
	t.Helper()
	x := tell(t, p)
	dir := filepath.Dir(x.file)
	truth := x.ofTruth()
	if len(truth) < 2 {
		t.Fatalf("%s: only %d registers", name, len(truth))
	}
	for _, flags := range someLookaheads {
		x.fix(t, "-o fixed.jsonl "+flags, func(*verdict) {})
		believed := x.ofBelieved(t, filepath.Join(dir, "fixed.jsonl"))
		for _, every := range []string{"--every 15m", "--every 1h", "--every 1d"} {
			list := everyRow(t, dir, every)
			rows := ofRows(t, list)
			if late := rowsLate(t, list, believed); late != "" {
				t.Errorf("%s %s, %s: a gain stands in another row than that of its reading, %s", name, flags, every, late)
			}
			if d := believed[len(believed)-1].gained.differ(rows); d != "" {
				t.Errorf("%s %s, %s: the rows add up to another gain than the readings that were believed: %s", name, flags, every, d)
			}
			if d := truth.differ(rows); d != "" && sameLevel {
				t.Errorf("%s %s, %s: the rows add up to another gain than the registers had: %s", name, flags, every, d)
			}
		}
	}
}

// The gains of all rows add up, with every kind of nonsense, gaps, resets and replacements.
func TestNonsenseGains(t *testing.T) {
	t.Parallel()
	for i, m := range nonsenseMeters {
		six := func(options string, at ...nonsense.At) nonsense.Plan {
			p := plan(t, m.name, 6*m.hourly, "&start=2026-05-12T10:00:00"+options)
			p.At = at
			return p
		}
		for j, c := range []struct {
			name      string
			plan      nonsense.Plan
			sameLevel bool
		}{
			{"mixed", mixed(t, m.name, m.gas), true},
			{"frozen, then repeated", six("", nonsense.At{Seq: m.hourly, Name: "frozen"}, nonsense.At{Seq: 3 * m.hourly, Name: "repeated"}), true},
			{"outage and a gap", six("&off=2026-05-12T12:30:00/7200", nonsense.At{Seq: m.hourly, Name: "outage"}), true},
			{"power failure", six("&failure=2026-05-12T12:30:00/86400"), true},
			{"reset", six("", nonsense.At{Seq: m.hourly, Name: "reset"}), false},
			{"reset after nonsense", six("", nonsense.At{Seq: m.hourly, Name: "frozen"}, nonsense.At{Seq: 3 * m.hourly, Name: "reset"}), false},
			{"another identifier", six("&replace=2026-05-12T12:30:00"), false},
		} {
			if !longtest.Asked() && (i+j)%3 > 0 {
				continue // each meter and each case, but not all of both
			}
			t.Run(m.name+" "+c.name, func(t *testing.T) {
				t.Parallel()
				checkGains(t, m.name+", "+c.name, c.plan, c.sameLevel)
			})
		}
	}
}
