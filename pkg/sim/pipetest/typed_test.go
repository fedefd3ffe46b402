package pipetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
	"p1/pkg/sim/nonsense"
)

// typedLogs are logs whose rows are of all kinds: repaired, salvaged, doubted and suspect ones,
// with gaps, on the days when the clocks change; and a month of a Dutch meter. They are made
// in a directory, as records, and each has the flags that its tables are made with.
func typedLogs(t *testing.T, dir string) map[string]string {
	t.Helper()
	month := longtest.Pick(0, 2000, 20_160) // each two minutes
	logs := map[string]string{}
	for name, c := range map[string]struct{ source, flags string }{
		"nl-month":  {fmt.Sprintf("demo:?meter=nl&telegrams=%d&every=2m&start=2026-03-04T00:00:00&noise=flip", month), "--profile nl --salvaged"},
		"hu-spring": {"demo:?meter=hu&telegrams=200&every=1m&start=2026-03-29T00:30:00&noise=cut", "--profile hu --salvaged"},
		"nl-autumn": {"demo:?meter=nl&telegrams=200&every=1m&start=2026-10-25T01:30:00S&noise=burst", "--profile nl --salvaged"},
	} {
		all := bytes.SplitAfter(run(t, dir, "p1cat "+c.source+" | p1frame | p1fix --quiet"), []byte("\n"))
		write(t, filepath.Join(dir, name+".jsonl"), bytes.Join(slices.Delete(all, 100, 110), nil)) // a gap
		logs[name] = c.flags
	}
	p := plan(t, "nl", 600, "&start=2026-03-28T22:00:00")
	p.Share, p.Kinds = 0.05, nonsense.Once()
	x := tell(t, p)
	write(t, filepath.Join(dir, "lies.jsonl"), run(t, filepath.Dir(x.file), "p1cat nonsense.log | p1frame | p1fix --quiet"))
	logs["lies"] = "--profile nl"
	return logs
}

// csvTable reads CSV.
func csvTable(t *testing.T, text []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	must(t, err)
	return rows
}

// kindsIn fails unless rows of each kind are among those of tables.
func kindsIn(t *testing.T, tables map[string][][]string) {
	t.Helper()
	var statuses []string
	suspect, gaps, offsets := 0, 0, map[string]bool{}
	for _, rows := range tables {
		at := func(name string) int { return slices.Index(rows[0], name) }
		for i, row := range rows[1:] {
			statuses = append(statuses, row[at("status")])
			offsets[row[at("utc_offset")]] = true
			if row[at("suspect")] != "" {
				suspect++
			}
			if now, err := time.Parse(time.RFC3339, row[at("time")]); err == nil && i > 0 {
				if before, err := time.Parse(time.RFC3339, rows[i][at("time")]); err == nil && now.Sub(before) > 2*time.Minute {
					gaps++
				}
			}
		}
	}
	for _, status := range []string{"ok", "repaired", "salvaged"} {
		if !slices.Contains(statuses, status) {
			t.Errorf("no row is %s", status)
		}
	}
	if suspect == 0 || gaps == 0 || !offsets["+01:00"] || !offsets["+02:00"] {
		t.Errorf("%d rows are suspect, %d gaps, offsets %v", suspect, gaps, offsets)
	}
}

// A workbook shows in LibreOffice what stands in CSV, cell by cell: numbers as numbers with
// their decimals, times as times, text as text.
func TestWorkbookInOffice(t *testing.T) {
	t.Parallel()
	longtest.Needs(t, "opens four workbooks in LibreOffice")
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("there is no soffice")
	}
	dir := t.TempDir()
	tables := map[string][][]string{}
	for name, flags := range typedLogs(t, dir) {
		want := csvTable(t, run(t, dir, "p1csv "+flags+" "+name+".jsonl"))
		tables[name] = want
		run(t, dir, "p1csv "+flags+" --table records,gas -o "+name+".xlsx "+name+".jsonl")
		gas := csvTable(t, run(t, dir, "p1csv --table gas "+name+".jsonl"))
		rows := convertBook(t, office, dir, name)
		rest := sameSheet(t, name, want, rows)
		sameSheet(t, name+", gas", gas, rest)
	}
	kindsIn(t, tables)
}

// So do 20,000 rows.
func TestLargeWorkbookInOffice(t *testing.T) {
	t.Parallel()
	longtest.NeedsHours(t, "opens a workbook of 20,000 rows in LibreOffice")
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("there is no soffice")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "large.jsonl"), run(t, dir, "p1cat demo:?meter=nl&telegrams=20000&every=1m&start=2026-03-20T00:00:00&noise=burst | p1frame | p1fix --quiet"))
	want := csvTable(t, run(t, dir, "p1csv --salvaged large.jsonl"))
	run(t, dir, "p1csv --salvaged -o large.xlsx large.jsonl")
	begun := time.Now()
	rows := convertBook(t, office, dir, "large")
	t.Logf("%d rows, read by LibreOffice in %.0f s", len(want)-1, time.Since(begun).Seconds())
	if rest := sameSheet(t, "large", want, rows); len(want) < 19000 || slices.ContainsFunc(rest, func(row []officeCell) bool { return !isEmpty(row) }) {
		t.Errorf("%d rows, and %d more", len(want)-1, len(rest))
	}
}

// convertBook lets LibreOffice read a workbook, and returns the cells of all its sheets.
func convertBook(t *testing.T, office, dir, name string) [][]officeCell {
	t.Helper()
	c := exec.Command(office, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")), "--headless",
		"--convert-to", "fods", "--outdir", dir, filepath.Join(dir, name+".xlsx"))
	hung := time.AfterFunc(4*longtest.Patience, func() { c.Process.Kill() })
	out, err := c.CombinedOutput()
	hung.Stop()
	if err != nil {
		t.Fatalf("soffice: %v %s", err, out)
	}
	return readSheet(t, read(t, filepath.Join(dir, name+".fods")))
}

// sameSheet compares the sheets of a table with its CSV, and returns the rows that follow.
func sameSheet(t *testing.T, name string, want [][]string, rows [][]officeCell) [][]officeCell {
	t.Helper()
	var heading []string
	cell := func(i int, column string) officeCell {
		if j := slices.Index(heading, column); j >= 0 && j < len(rows[i]) {
			return rows[i][j]
		}
		return officeCell{}
	}
	i, numbers, times, texts := 0, 0, 0, 0
	for _, row := range want[1:] {
		for i < len(rows) && (isEmpty(rows[i]) || rows[i][0].Text == "time") {
			if !isEmpty(rows[i]) {
				heading = nil
				for _, c := range rows[i] {
					heading = append(heading, c.Text)
				}
			}
			i++
		}
		if i == len(rows) {
			t.Fatalf("%s: rows are missing", name)
		}
		for j, text := range row {
			column := want[0][j]
			got := cell(i, column)
			switch clock, err := time.Parse(time.RFC3339, text); {
			case text == "":
				if got.Kind != "" || got.Text != "" {
					t.Fatalf("%s: row %d, %s: %q in place of nothing", name, i, column, got.Text)
				}
			case err == nil:
				times++
				beside := "utc_offset"
				if column != "time" {
					beside = column + "_utc_offset"
				}
				if want := clock.Format("2006-01-02 15:04:05"); got.Kind != "date" || got.Text != want || cell(i, beside).Text != clock.Format("-07:00") {
					t.Fatalf("%s: row %d, %s: %s is %s %q, beside it %q", name, i, column, text, got.Kind, got.Text, cell(i, beside).Text)
				}
			case isQuantity(column) || column == "confidence":
				numbers++
				if got.Kind != "float" || got.Text != text {
					t.Fatalf("%s: row %d, %s: %s is %s %q", name, i, column, text, got.Kind, got.Text)
				}
			default:
				texts++
				if got.Text != text {
					t.Fatalf("%s: row %d, %s: %q is %s %q", name, i, column, text, got.Kind, got.Text)
				}
			}
		}
		i++
	}
	if len(want) > 10 && (numbers < 10 || times < 10 || texts < 10) {
		t.Errorf("%s: only %d numbers, %d times and %d texts", name, numbers, times, texts)
	}
	return rows[i:]
}

func isEmpty(row []officeCell) bool {
	return !slices.ContainsFunc(row, func(c officeCell) bool { return c.Text != "" })
}

// duckdb installs DuckDB for node, by the lock file beside this test, and returns what
// answers a question in SQL with rows of text; null is nil.
func duckdb(t *testing.T) func(question string) [][]*string {
	t.Helper()
	for _, command := range []string{"node", "npm"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Skip("there is no " + command)
		}
	}
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS("duckdb")))
	install := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm ci, which needs the network: %v %s", err, out)
	}
	return func(question string) (rows [][]*string) {
		t.Helper()
		ask := exec.Command("node", "query.js")
		ask.Dir, ask.Stdin = dir, strings.NewReader(question)
		var errors bytes.Buffer
		ask.Stderr = &errors
		out, err := ask.Output()
		if err != nil {
			t.Fatalf("%s\n%v %s", question, err, &errors)
		}
		for line := range bytes.Lines(out) {
			var row []*string
			must(t, json.Unmarshal(line, &row))
			rows = append(rows, row)
		}
		return rows
	}
}

// DuckDB reads from Parquet what stands in CSV: types, what is null, order.
func TestParquetInDuckDB(t *testing.T) {
	t.Parallel()
	longtest.NeedsHours(t, "installs DuckDB")
	ask := duckdb(t)
	dir := t.TempDir()
	tables := map[string][][]string{}
	for name, flags := range typedLogs(t, dir) {
		want := csvTable(t, run(t, dir, "p1csv "+flags+" "+name+".jsonl"))
		tables[name] = want
		file := filepath.Join(dir, name+".parquet")
		run(t, dir, "p1csv "+flags+" -o "+name+".parquet "+name+".jsonl")
		write(t, filepath.Join(dir, "piped.parquet"), run(t, dir, "p1csv "+flags+" --format parquet "+name+".jsonl"))
		if !bytes.Equal(read(t, file), read(t, filepath.Join(dir, "piped.parquet"))) {
			t.Errorf("%s: another file through a pipe", name)
		}
		sameInDuckDB(t, ask, name, want, file)
	}
	kindsIn(t, tables)
}

// sameInDuckDB compares a file with CSV, value by value.
func sameInDuckDB(t *testing.T, ask func(string) [][]*string, name string, want [][]string, file string) {
	t.Helper()
	var names []string
	types := map[string]string{}
	for _, row := range ask("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '" + file + "')") {
		names = append(names, *row[0])
		types[*row[0]] = *row[1]
	}
	got := ask("SELECT * FROM '" + file + "'")
	if len(got) != len(want)-1 {
		t.Fatalf("%s: %d rows, %d in CSV", name, len(got), len(want)-1)
	}
	for j, column := range want[0] {
		at := slices.Index(names, column)
		if j > 0 && at < slices.Index(names, want[0][j-1]) {
			t.Errorf("%s: %s is out of order", name, column)
		}
		for i, row := range want[1:] {
			is, text := got[i][at], row[j]
			switch kind := types[column]; {
			case text == "":
				if is != nil {
					t.Fatalf("%s: row %d, %s: %s in place of null", name, i, column, *is)
				}
			case is == nil:
				t.Fatalf("%s: row %d, %s: null in place of %s", name, i, column, text)
			case kind == "TIMESTAMP WITH TIME ZONE":
				clock, err := time.Parse(time.RFC3339, text)
				must(t, err)
				beside := column + "_utc_offset"
				if column == "time" {
					beside = "utc_offset"
				}
				if offset := got[i][slices.Index(names, beside)]; *is != clock.UTC().Format("2006-01-02 15:04:05+00") || *offset != clock.Format("-07:00") {
					t.Fatalf("%s: row %d, %s: %s is %s, its offset %s", name, i, column, text, *is, *offset)
				}
			case strings.HasPrefix(kind, "DECIMAL(18,"):
				a, _ := new(big.Rat).SetString(text)
				b, ok := new(big.Rat).SetString(*is)
				if !ok || a.Cmp(b) != 0 {
					t.Fatalf("%s: row %d, %s: %s is %s", name, i, column, text, *is)
				}
			case kind != "VARCHAR" || *is != text:
				t.Fatalf("%s: row %d, %s: %q is %s %q", name, i, column, text, kind, *is)
			}
			if isQuantity(column) && !strings.HasPrefix(types[column], "DECIMAL(18,") {
				t.Fatalf("%s: %s is %s", name, column, types[column])
			}
		}
	}
}

// sumsInDuckDB compares how many values each column of a file has, and the sums of numbers,
// with those of CSV.
func sumsInDuckDB(t *testing.T, ask func(string) [][]*string, stem string) {
	t.Helper()
	f, err := os.Open(stem + ".csv")
	must(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	row, err := r.Read()
	must(t, err)
	names := slices.Clone(row)
	counts, sums := make([]int64, len(names)), make([]int64, len(names)) // in millionths
	rows := 0
	for {
		row, err := r.Read()
		if err != nil {
			break
		}
		rows++
		for i, text := range row {
			if text == "" {
				continue
			}
			counts[i]++
			if isQuantity(names[i]) {
				sums[i] += millionths(t, text)
			}
		}
	}
	question := "SELECT count(*)"
	for _, name := range names {
		sum := "NULL"
		if isQuantity(name) {
			sum = "sum(" + name + ")"
		}
		question += ", count(" + name + "), " + sum
	}
	got := ask(question + " FROM '" + stem + ".parquet'")[0]
	if want := fmt.Sprint(rows); *got[0] != want || rows < 3_000_000 {
		t.Errorf("%s rows, want %s", *got[0], want)
	}
	for i, name := range names {
		if want := fmt.Sprint(counts[i]); *got[1+2*i] != want {
			t.Errorf("%s has %s values, want %s", name, *got[1+2*i], want)
		}
		if sum := got[2+2*i]; sum != nil && millionths(t, *sum) != sums[i] {
			t.Errorf("the sum of %s is %s, want %d millionths", name, *sum, sums[i])
		}
	}
}

// millionths is a number in millionths.
func millionths(t *testing.T, text string) int64 {
	t.Helper()
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	n.Mul(n, big.NewRat(1_000_000, 1))
	if !n.IsInt() || !n.Num().IsInt64() {
		t.Fatalf("%s has too many digits", text)
	}
	return n.Num().Int64()
}

// What pages ask of DuckDB it answers: README.md a row for each hour of a day, FORMATS.md days
// that add up to what the registers gained.
func TestPagesInDuckDB(t *testing.T) {
	t.Parallel()
	longtest.NeedsHours(t, "installs DuckDB")
	ask := duckdb(t)
	dir := t.TempDir()
	run(t, dir, "p1cat demo:?meter=nl&every=1m&telegrams=1440 | p1frame | p1fix -o house.jsonl")
	run(t, dir, "p1csv -o house.parquet house.jsonl")
	run(t, dir, "p1csv --partition lake house.jsonl")
	here := strings.NewReplacer("'house", "'"+dir+"/house", "'lake", "'"+dir+"/lake")
	first := regexp.MustCompile(`duckdb -c "([^"]+)"`).FindStringSubmatch(pageText(t, "README.md"))
	if first == nil {
		t.Fatal("README.md asks DuckDB nothing")
	}
	if hours := ask(here.Replace(first[1])); len(hours) != 24 {
		t.Errorf("%d hours: %v", len(hours), hours)
	}
	const gain = 7 // of T1, all that is used on that day
	gained := csvTable(t, run(t, dir, "p1csv --every 1d --columns import_t1_kwh,import_t2_kwh house.jsonl"))
	asked := 0
	for _, b := range blocks(t, "cmd/p1csv/FORMATS.md") {
		if b.kind != "sql" {
			continue
		}
		asked++
		days := ask(here.Replace(b.text))
		if len(days) != 1 || len(gained) != 2 || *days[0][2] != gained[1][gain] {
			t.Errorf("%v: %v, want what --every has in %s: %v", b, days, gained[0][gain], gained[1:])
		}
	}
	if asked != 1 {
		t.Errorf("FORMATS.md asks DuckDB %d times", asked)
	}
}
