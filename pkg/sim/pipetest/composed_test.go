package pipetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/sim/forms"
	"p1/pkg/sim/longtest"
)

// composedEnv turns the test on, and names a file for the list of what comes out wrong.
const composedEnv = "P1_COMPOSED"

// Telegrams composed of all forms that lines are known to have: every value stands in a
// column that says its quantity and its unit, or is said.
func TestComposed(t *testing.T) {
	if os.Getenv(composedEnv) == "" {
		t.Skip("not all forms are read yet: " + composedEnv + "=FILE lists what comes out wrong")
	}
	streams := compose(longtest.Pick(1000, 5000, 50_000))
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

// throughPipe sends each stream as a log of its own, and returns the records of each.
func throughPipe(t *testing.T, streams []forms.Stream) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	records := map[string][]byte{}
	for i := range streams {
		name := sourceName(i)
		write(t, filepath.Join(dir, name), streams[i].Log())
		records[name] = runSaying(t, dir, "p1cat "+name+" | p1frame | p1fix")
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

// judgeColumns asks for columns by their codes: what --profile all reads stands in them.
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
		if x.read[f.Line] && !slices.ContainsFunc(row, func(c cell) bool { return c.text != "" && shows(f, begin, c) }) {
			x.add("--columns: "+kindOf(f), f.Line, cmp.Or(saidOf(f, said), elsewhere(f, row)), want(f))
		}
	}
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
		if !found && isSaid && mustBeRead(f) {
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

// shows tells whether a cell is what a fact says, in a column that says so.
func shows(f *forms.Fact, begin []string, c cell) bool {
	switch f.Kind {
	case forms.Clock:
		return strings.HasSuffix(c.column, "clock") || strings.HasPrefix(c.column, "local_")
	case forms.Meter, forms.Text:
		return reads(f.Text, c.text) && !strings.HasSuffix(c.column, "_kwh")
	case forms.Past, forms.Failures:
		if c.column == "month_end_time" {
			return len(f.Peaks) > 0 && c.text == f.Peaks[0].End
		}
		return strings.HasSuffix(c.column, "history") || strings.HasSuffix(c.column, "log")
	case forms.Aside:
		return f.Value != "" && strings.Contains(c.text, f.Value) || f.Text != "" && c.text == f.Text
	case forms.Absent:
		return beginsAs(f, c) && strings.HasSuffix(c.column, "_time") && isReset(c.text)
	case forms.Unread:
		return false
	}
	for _, stem := range begin {
		rest, ok := strings.CutPrefix(c.column, stem)
		words := strings.Split(rest, "_")
		if !ok || words[0] != "" || !mayFollow(f, words[1:]) {
			continue
		}
		last := words[len(words)-1]
		if last == "time" {
			return f.Time != "" && c.text == f.Time
		}
		if equal(f.Value, f.Unit, c.text, last) {
			return true
		}
	}
	return false
}

// isReset tells whether a time is one that clocks show that were never set.
func isReset(time string) bool {
	return strings.HasPrefix(time, "2000-01-01") || strings.HasPrefix(time, "1970-01-01")
}

// mayFollow tells whether a column's name may go on so after its quantity: with a unit.
// Those of devices, and of second values, are free.
func mayFollow(f *forms.Fact, words []string) bool {
	free := f.Kind == forms.Device || f.Beside || strings.HasPrefix(f.Code, "0-") && !strings.HasPrefix(f.Code, "0-0:")
	return free || len(words) < 2
}

// reads tells whether a cell is a text, as sent or decoded.
func reads(sent, got string) bool {
	if got == sent || sent != "" && strings.TrimLeft(got, "0") == strings.TrimLeft(sent, "0") {
		return true
	}
	if sent == "" {
		return false
	}
	hex := fmt.Sprintf("%X", sent)
	plain := strings.ReplaceAll(strings.ReplaceAll(got, "\uFFFD", ""), " ", "")
	return strings.EqualFold(hex, plain) || strings.Contains(strings.ToUpper(plain), hex) || decoded(sent) == got
}

// decoded is what hex digits stand for.
func decoded(hex string) string {
	var text []byte
	for i := 0; i+1 < len(hex); i += 2 {
		b, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			return hex
		}
		text = append(text, byte(b))
	}
	return strings.TrimSpace(string(text))
}

// A multiple is a unit as so many of another one.
type multiple struct {
	of   string
	many string
}

// sizes are the units that meters send and columns have.
var sizes = map[string]multiple{
	"w": {"w", "1"}, "kw": {"w", "1000"}, "mw": {"w", "1000000"},
	"wh": {"wh", "1"}, "kwh": {"wh", "1000"}, "mwh": {"wh", "1000000"},
	"var": {"var", "1"}, "kvar": {"var", "1000"}, "varh": {"varh", "1"}, "kvarh": {"varh", "1000"},
	"va": {"va", "1"}, "kva": {"va", "1000"}, "vah": {"vah", "1"}, "kvah": {"vah", "1000"},
	"v": {"v", "1"}, "kv": {"v", "1000"}, "mv": {"v", "1/1000"},
	"a": {"a", "1"}, "ka": {"a", "1000"}, "ma": {"a", "1/1000"},
	"hz": {"hz", "1"}, "khz": {"hz", "1000"},
	"m3": {"l", "1000"}, "dm3": {"l", "1"}, "l": {"l", "1"},
	"j": {"wh", "1/3600"}, "mj": {"wh", "10000/36"}, "gj": {"wh", "10000000/36"},
}

// equal tells whether two numbers with their units are the same quantity.
func equal(value, unit, got, gotUnit string) bool {
	a, ok := new(big.Rat).SetString(value)
	b, ok2 := new(big.Rat).SetString(got)
	if !ok || !ok2 {
		return false
	}
	from, known := sizes[strings.ToLower(unit)]
	to, known2 := sizes[gotUnit]
	if !known || !known2 {
		return a.Cmp(b) == 0 && (unit == "" || strings.EqualFold(unit, gotUnit))
	}
	m, _ := new(big.Rat).SetString(from.many)
	n, _ := new(big.Rat).SetString(to.many)
	return from.of == to.of && a.Mul(a, m).Cmp(b.Mul(b, n)) == 0
}

// names are those of columns that the group meanings do not give.
var names = map[string]string{
	"0-0:17.0.0": "limiter", "1-0:31.4.0": "fuse", "1-1:31.4.0": "fuse",
	"0-0:96.7.21": "power_failures", "0-0:96.7.9": "long_power_failures",
	"1-0:32.32.0": "voltage_l1_sags", "1-0:52.32.0": "voltage_l2_sags", "1-0:72.32.0": "voltage_l3_sags",
	"1-0:32.36.0": "voltage_l1_swells", "1-0:52.36.0": "voltage_l2_swells", "1-0:72.36.0": "voltage_l3_swells",
	"1-0:1.4.0": "import_demand", "1-0:2.4.0": "export_demand", "1-0:36.7.0": "net_l1",
}

// quantities are the meanings of group C (IEC 62056-61), of all phases and, 20 more for
// each, of one.
var quantities = map[int]string{
	1: "import", 2: "export", 3: "reactive_import", 4: "reactive_export",
	5: "reactive_q1", 6: "reactive_q2", 7: "reactive_q3", 8: "reactive_q4",
	9: "apparent_import", 10: "apparent_export", 11: "current", 12: "voltage",
	13: "power_factor", 14: "frequency", 15: "combined", 16: "net",
}

// stems are how the columns begin in which a fact may stand.
func stems(f *forms.Fact) []string {
	if f.Kind == forms.Device || f.Kind == forms.Absent {
		return deviceStems(f)
	}
	if f.Kind != forms.Number && f.Kind != forms.Aside && f.Kind != forms.Unread {
		return nil
	}
	if name, ok := names[f.Code]; ok {
		return []string{name}
	}
	var a, b, c, d, e int
	if n, _ := fmt.Sscanf(f.Code, "%d-%d:%d.%d.%d", &a, &b, &c, &d, &e); n < 5 {
		return []string{f.Code}
	}
	if a == 0 && b > 0 {
		return []string{fmt.Sprintf("mbus%d", b), "heat"}
	}
	if a != 1 {
		return []string{"message"}
	}
	phase := ""
	if c > 20 {
		phase = fmt.Sprintf("_l%d", (c-1)/20)
		c = (c-1)%20 + 1
	}
	stem := quantities[c] + phase
	if f.Of != "" {
		stem = f.Of + "_" + stem
	}
	switch {
	case d == 6 && e > 0:
		stem += fmt.Sprintf("_max_t%d", e)
	case d == 6:
		stem += "_max"
	case e > 0:
		stem += fmt.Sprintf("_t%d", e)
	}
	return []string{stem}
}

// deviceStems are those of a device: its medium's, with its channel for a second one, or
// its channel's.
func deviceStems(f *forms.Fact) []string {
	media := map[string][]string{
		"gas": {"gas"}, "water": {"water", "cold_water"}, "hot water": {"hot_water", "warm_water", "water_hot", "water_warm"},
		"heat": {"heat"}, "cooling": {"cooling", "cold"}, "heat or cooling": {"heat", "cooling"}, "electricity": {"electricity", "slave"},
	}
	stems := slices.Clone(media[f.Medium])
	if f.Channel > 0 {
		stems = append(stems, fmt.Sprintf("mbus%d", f.Channel))
	}
	return stems
}
