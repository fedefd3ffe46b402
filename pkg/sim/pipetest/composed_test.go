package pipetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim/forms"
	"p1/pkg/sim/longtest"
)

// composedEnv names a file for the list of what comes out wrong.
const composedEnv = "P1_COMPOSED"

// Telegrams composed of all forms that lines are known to have: every value stands in a
// column that says its quantity and its unit, or is said.
func TestComposed(t *testing.T) {
	streams := compose(longtest.Pick(400, 5000, 50_000))
	fixed := throughPipe(t, streams)
	var list findings
	var all []byte
	meters := map[string]*forms.Stream{} // by what p1csv calls them, right or wrong
	for i := range streams {
		s := &streams[i]
		out, said := rowsOf(t, fixed[sourceName(i)], "p1csv --profile all --format json")
		if list.judgeRecords(s, out, said) {
			all = append(all, fixed[sourceName(i)]...)
			meters[column(out[0], "meter")] = s
			list.judgeColumns(t, s, fixed[sourceName(i)])
			list.judgeDefault(t, s, fixed[sourceName(i)])
		}
	}
	for _, table := range composedTables {
		rows, _ := rowsOf(t, all, "p1csv --format json --table "+table.name)
		list.judgeTable(meters, table, rows)
	}
	list.report(t)
}

// compose draws streams of one to twenty telegrams.
func compose(telegrams int) []forms.Stream {
	var streams []forms.Stream
	for seed := uint64(1); telegrams > 0; seed++ {
		n := min(telegrams, 1+int(seed*7%20))
		streams = append(streams, forms.Compose(seed, n))
		telegrams -= n
	}
	return streams
}

func sourceName(i int) string { return fmt.Sprintf("s%04d.log", i) }

// doubts are what p1fix thinks of numbers that are drawn at random, so that powers and
// energies do not belong together: how they are read is the matter here.
var doubts = regexp.MustCompile(`"doubted":\[[^]]*\],`)

// throughPipe sends each stream as a log of its own, and returns the records of each.
func throughPipe(t *testing.T, streams []forms.Stream) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	records := map[string][]byte{}
	for i := range streams {
		name := sourceName(i)
		write(t, filepath.Join(dir, name), streams[i].Log())
		records[name] = doubts.ReplaceAll(runSaying(t, dir, "p1cat "+name+" | p1frame | p1fix"), nil)
	}
	return records
}

// A cell is one value of a row, in the order of the columns.
type cell struct{ column, text string }

// rowsOf runs a stage on records, and returns its rows and what it said.
func rowsOf(t *testing.T, in []byte, line string) (rows [][]cell, said string) {
	t.Helper()
	p, w := startFed(t, line)
	go func() {
		w.Write(in)
		w.Close()
	}()
	out := p.rest()
	s := p.stages[0]
	if s.code != 0 {
		t.Errorf("%s: exit code %d: %s", line, s.code, s.stderr.String())
	}
	for l := range bytes.Lines(out) {
		rows = append(rows, cells(t, l))
	}
	return rows, s.stderr.String()
}

// cells reads a JSON object, its numbers with their digits.
func cells(t *testing.T, line []byte) []cell {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var row []cell
	for d.More() {
		token, err := d.Token()
		must(t, err)
		if token == json.Delim('{') {
			continue
		}
		value, err := d.Token()
		must(t, err)
		if value == nil {
			value = ""
		}
		row = append(row, cell{token.(string), fmt.Sprint(value)})
	}
	return row
}

// column returns what stands in a column.
func column(row []cell, name string) string {
	i := slices.IndexFunc(row, func(c cell) bool { return c.column == name })
	if i < 0 {
		return ""
	}
	return row[i].text
}

// A finding is something that came out wrong.
type finding struct{ kind, line, got, want string }

// findings are those, with how many facts there were.
type findings struct {
	all   []finding
	facts int
	read  map[string]bool // lines of the stream whose number stands in a column
}

func (x *findings) add(kind, line, got, want string) {
	x.all = append(x.all, finding{kind, line, got, want})
}

// report fails for each kind, and writes examples of all into the file.
func (x *findings) report(t *testing.T) {
	byKind := map[string][]finding{}
	for _, f := range x.all {
		byKind[f.kind] = append(byKind[f.kind], f)
	}
	var kinds []string
	for k := range byKind {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), len(byKind[b])-len(byKind[a]))
	})
	var text bytes.Buffer
	for _, k := range kinds {
		t.Errorf("%d times: %s: %s: %s, want %s", len(byKind[k]), k, byKind[k][0].line, byKind[k][0].got, byKind[k][0].want)
		fmt.Fprintf(&text, "## %s: %d times\n\n| line | came out | right |\n|---|---|---|\n", k, len(byKind[k]))
		seen := map[string]bool{}
		for _, f := range byKind[k] {
			if row := fmt.Sprintf("| `%.160q` | `%.120s` | %s |\n", f.line, f.got, f.want); !seen[f.line] && len(seen) < 6 {
				seen[f.line] = true
				text.WriteString(row)
			}
		}
		text.WriteString("\n")
	}
	t.Logf("%d facts, %d wrong", x.facts, len(x.all))
	if name := os.Getenv(composedEnv); strings.HasSuffix(name, ".md") {
		write(t, name, text.Bytes())
	}
}

// rank puts what follows from something else behind it.
func rank(kind string) int {
	switch {
	case strings.HasPrefix(kind, "in no line"):
		return 2
	case strings.HasPrefix(kind, "--table"):
		return 1
	}
	return 0
}

// judgeRecords compares the records with what the lines mean, both ways: every fact is
// in a column, and every cell is of a fact. It tells whether there is a row for each
// telegram.
func (x *findings) judgeRecords(s *forms.Stream, rows [][]cell, said string) bool {
	if len(rows) != len(s.Telegrams) {
		x.add("rows: telegrams "+lostAs(s), fmt.Sprintf("seed %d, of %d telegrams", s.Seed, len(s.Telegrams)), fmt.Sprintf("%d rows; %.200s", len(rows), said), fmt.Sprint(len(s.Telegrams)))
		return false
	}
	x.read = map[string]bool{}
	for i, row := range rows {
		x.judgeRow(s.Telegrams[i].Facts, row, said)
	}
	if got, want := column(rows[0], "meter"), meterOf(s); got != want.Text {
		x.add("meter: "+want.Form, want.Line, "meter="+got, want.Text)
	}
	return true
}

// lostAs says what is unusual of a stream as a whole.
func lostAs(s *forms.Stream) string {
	text := s.Telegrams[0].Text
	kind := "without a CRC"
	switch {
	case s.Signed:
		return "signed"
	case !bytes.Contains(text, []byte("\r\n\r\n")):
		return kind + ", no empty line"
	case text[4] < '0' || text[4] > '9':
		return kind + ", no digit in the header"
	case bytes.Contains(text, []byte(".255(")):
		return kind + ", a sixth group"
	}
	return kind
}

func (x *findings) judgeRow(facts []forms.Fact, row []cell, said string) {
	if why := column(row, "suspect"); why != "" {
		x.add("suspect", facts[0].Line, why, "not suspect")
	}
	claimed := map[string]bool{}
	for i := range facts {
		f, found := &facts[i], false
		x.facts++
		begin := stems(f)
		for _, c := range row {
			if c.text != "" && shows(f, begin, c) {
				claimed[c.column], found = true, true
			}
		}
		if found && f.Kind == forms.Number && f.Of == "" {
			x.read[f.Line] = true
		}
		x.judgeFact(f, row, said, found)
	}
	for _, c := range row[min(len(row), 8):] {
		if c.text != "" && !claimed[c.column] {
			f := nearest(facts, c)
			x.add("in no line: "+kindOf(&f), f.Line, c.column+"="+c.text, "nothing, or another column")
		}
	}
}

// judgeColumns asks for columns by their codes: what --profile all reads stands in them,
// or is said. The columns of devices are named before their units are known.
func (x *findings) judgeColumns(t *testing.T, s *forms.Stream, records []byte) {
	t.Helper()
	last := s.Telegrams[len(s.Telegrams)-1].Facts
	var codes []string
	for _, f := range last {
		if x.read[f.Line] && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	if codes == nil {
		return
	}
	rows, said := rowsOf(t, records, "p1csv --format json --columns "+strings.Join(codes, ","))
	row := rows[len(rows)-1]
	for i := range last {
		f := &last[i]
		begin := stems(f)
		if x.read[f.Line] && saidOf(f, said) == "" && !slices.ContainsFunc(row, func(c cell) bool {
			return c.text != "" && (shows(f, begin, c) || beginsAs(f, c) && strings.HasPrefix(f.Code, "0-") && c.text == f.Value)
		}) {
			x.add("--columns: "+kindOf(f), f.Line, elsewhere(f, row), want(f))
		}
	}
}

// judgeDefault looks at the columns that are fixed, and at times that get their offset
// from a zone where the meter gives none.
func (x *findings) judgeDefault(t *testing.T, s *forms.Stream, records []byte) {
	t.Helper()
	rows, said := rowsOf(t, records, "p1csv --format json --tz Europe/Amsterdam")
	row := rows[len(rows)-1]
	last := s.Telegrams[len(s.Telegrams)-1].Facts
	for i := range last {
		f := &last[i]
		if f.Kind == forms.Clock {
			if got := column(row, "time"); got != inAmsterdam(f.Time) {
				x.add("--tz: "+kindOf(f), f.Line, "time="+got, inAmsterdam(f.Time))
			}
		}
		name := fixedColumn(f)
		if name == "" || f.Form == "unknown unit" || !x.read[f.Line] && kindOf(f) == f.Form {
			continue
		}
		if unit := name[strings.LastIndex(name, "_")+1:]; !equal(f.Value, f.Unit, column(row, name), unit) {
			x.add("default profile: "+kindOf(f), f.Line, cmp.Or(saidOf(f, said), name+"="+column(row, name)), want(f))
		}
	}
}

// fixedColumn is the one of the default profile that shows a fact.
func fixedColumn(f *forms.Fact) string {
	for name, line := range columns {
		if f.Kind == forms.Number && f.Of == "" && line[0] == f.Code {
			return name
		}
	}
	return ""
}

// inAmsterdam gives a time of deepest winter or summer its offset, unless it has one.
func inAmsterdam(time string) string {
	const local = len("2006-01-02T15:04:05")
	switch month := time[5:7]; {
	case len(time) > local:
		return time
	case month > "03" && month < "10":
		return time + "+02:00"
	}
	return time + "+01:00"
}

// judgeFact judges one that was found in a column, or not.
func (x *findings) judgeFact(f *forms.Fact, row []cell, said string, found bool) {
	isSaid := strings.Contains(said, saidAs(f))
	switch f.Kind {
	case forms.Clock:
		if got := column(row, "time"); got != f.Time {
			x.add(kindOf(f), f.Line, "time="+got, f.Time)
		}
	case forms.Meter, forms.Past, forms.Failures, forms.Aside:
	case forms.Unread:
		if !isSaid {
			x.add(kindOf(f), f.Line, "nothing said", "said, with the line")
		}
	case forms.Absent:
	default:
		empty := f.Value == "" && f.Text == ""
		if !found && !isSaid && !empty {
			x.add(kindOf(f), f.Line, elsewhere(f, row), want(f))
		}
		if !found && isSaid && mustBeRead(f) && !strings.Contains(said, "more than one line "+saidAs(f)) {
			x.add(kindOf(f)+": said, not read", f.Line, saidOf(f, said), want(f))
		}
	}
}

// kindOf is a fact's form, or the one that all lines of some meters share: 1-1 in place
// of 1-0.
func kindOf(f *forms.Fact) string {
	if strings.HasPrefix(f.Line, "1-1:") && strings.HasPrefix(f.Code, "1-0:") {
		return "1-1 in place of 1-0"
	}
	return f.Form
}

// mustBeRead tells that saying so is not enough: the form is known.
func mustBeRead(f *forms.Fact) bool {
	return f.Form != "unknown unit" && f.Form != "device in another unit"
}

// want is what is right, for the list.
func want(f *forms.Fact) string {
	s := strings.TrimSpace(f.Value + " " + f.Unit + " " + f.Time + f.Text)
	if f.Kind == forms.Device {
		s += fmt.Sprintf(" (%s, channel %d)", f.Medium, f.Channel)
	}
	return s + " in " + strings.Join(stems(f), ", ")
}

// elsewhere says where a value stands that is not where it belongs.
func elsewhere(f *forms.Fact, row []cell) string {
	var at []string
	for _, c := range row {
		if c.text != "" && (c.text == f.Value || c.text == f.Text) {
			at = append(at, c.column+"="+c.text)
		}
	}
	for _, c := range row {
		if beginsAs(f, c) {
			at = append(at, c.column+"="+c.text)
		}
	}
	if at == nil {
		return "nowhere, and not said"
	}
	return strings.Join(at, " ")
}

func saidOf(f *forms.Fact, said string) string {
	for l := range strings.Lines(said) {
		if strings.Contains(l, saidAs(f)) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

// saidAs is by what words to people name a line: its code as it is written.
func saidAs(f *forms.Fact) string {
	code, _, _ := strings.Cut(f.Line, "(")
	return cmp.Or(strings.TrimSpace(code), f.Code)
}

// nearest is the fact that a cell may be made of.
func nearest(facts []forms.Fact, c cell) forms.Fact {
	best := forms.Fact{Form: c.column, Line: "?"}
	longest := 0
	for i := range facts {
		f := &facts[i]
		if f.Value == c.text {
			return *f
		}
		for _, stem := range stems(f) {
			if strings.HasPrefix(c.column, stem+"_") && len(stem) > longest {
				best, longest = *f, len(stem)
			}
		}
	}
	return best
}

// beginsAs tells whether a cell's column begins as one of a fact's.
func beginsAs(f *forms.Fact, c cell) bool {
	return slices.ContainsFunc(stems(f), func(stem string) bool { return c.column == stem || strings.HasPrefix(c.column, stem+"_") })
}
