package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// parquetOf reads a file that a table became: its columns with their types, and its rows as
// text, "" for null.
func parquetOf(t testing.TB, text string) (names, types []string, rows [][]string) {
	t.Helper()
	f, err := parquet.OpenFile(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var scales []int
	for _, c := range f.Root().Columns() {
		names, types, scales = append(names, c.Name()), append(types, c.Type().LogicalType().String()), append(scales, 0)
		if !c.Optional() {
			t.Errorf("%s cannot be null", c.Name())
		}
		if d, ok := strings.CutPrefix(types[len(types)-1], "DECIMAL(18,"); ok {
			if scales[len(scales)-1], err = strconv.Atoi(strings.TrimSuffix(d, ")")); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := parquet.NewReader(f)
	defer r.Close()
	batch := make([]parquet.Row, 1)
	for {
		n, err := r.ReadRows(batch)
		for _, row := range batch[:n] {
			cells := make([]string, len(names))
			for _, v := range row {
				cells[v.Column()] = shownValue(v, types[v.Column()], scales[v.Column()])
			}
			rows = append(rows, cells)
		}
		if err == io.EOF {
			return names, types, rows
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func shownValue(v parquet.Value, kind string, scale int) string {
	switch {
	case v.IsNull():
		return ""
	case strings.HasPrefix(kind, "DECIMAL"):
		return telegram.Decimal{Digits: v.Int64(), Scale: scale}.String()
	case strings.HasPrefix(kind, "TIMESTAMP"):
		return time.UnixMicro(v.Int64()).UTC().Format(time.RFC3339Nano)
	}
	return string(v.ByteArray())
}

// TestSameColumns compares Parquet files with CSV, value by value.
func TestSameColumns(t *testing.T) {
	day := oddDay(rand.New(rand.NewPCG(9, 10)))
	for i, r := range day {
		r.(*record.Telegram).Time = fmt.Sprintf("2023-08-24T01:12:%02d.123+02:00", i%60)
	}
	for name, o := range kindsOfTable(t) {
		names, want := read(t, made(t, o, day...), ',')
		columns := columnsOfTable(t, o, day)
		o.Format = Parquet
		var said []string
		o.Say = func(text string) { said = append(said, text) }
		headings, types, got := parquetOf(t, made(t, o, day...))
		if len(got) != len(want) {
			t.Fatalf("%s: %d rows, %d in CSV", name, len(got), len(want))
		}
		if in := slices.DeleteFunc(slices.Clone(headings), func(h string) bool {
			return strings.HasSuffix(h, offsetName) && !slices.Contains(names, h)
		}); !slices.Equal(in, names) {
			t.Fatalf("%s: columns %v, want %v", name, in, names)
		}
		lost := 0
		for i, row := range want {
			for _, c := range columns {
				at := slices.Index(headings, c.name)
				is, cell := got[i][at], row[c.name]
				switch {
				case c.kind == numberKind && cell != "":
					if !strings.HasPrefix(types[at], "DECIMAL(18,") {
						t.Fatalf("%s: %s is %s", name, c.name, types[at])
					}
					scale, _ := strconv.Atoi(strings.Trim(types[at][len("DECIMAL(18,"):], ")"))
					if text, ok := withDecimals(cell, scale); !ok {
						cell = ""
						lost++
					} else {
						cell = text
					}
				case c.kind == timeKind:
					if !strings.HasPrefix(types[at], "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)") {
						t.Fatalf("%s: %s is %s", name, c.name, types[at])
					}
					offset := c.name + "_" + offsetName
					if c.role == stampRole {
						offset = offsetName
					}
					if beside := got[i][slices.Index(headings, offset)]; beside != offsetIn(cell) {
						t.Errorf("%s: row %d: the offset of %s is %q", name, i, cell, beside)
					}
					if clock, err := time.Parse(time.RFC3339Nano, cell); err == nil {
						cell = clock.UTC().Format(time.RFC3339Nano)
					} else if cell != "" { // it has no offset
						cell = ""
						lost++
					}
				case types[at] != "STRING" && c.kind == textKind:
					t.Fatalf("%s: %s is %s", name, c.name, types[at])
				}
				if is != cell {
					t.Errorf("%s: row %d, %s is %q, want %q", name, i, c.name, is, cell)
				}
			}
		}
		nulls := slices.ContainsFunc(said, func(text string) bool { return strings.Contains(text, "null are") })
		if nulls != (lost > 0) {
			t.Errorf("%s: %d values are null, and it says %q", name, lost, said)
		}
	}
}

// withDecimals is a number of CSV with so many decimals, false where it has more of them, or
// more than 18 digits.
func withDecimals(cell string, scale int) (string, bool) {
	whole, decimals, _ := strings.Cut(cell, ".")
	kept := strings.TrimRight(decimals, "0")
	if len(kept) > scale || len(strings.TrimLeft(strings.Trim(whole, "-"), "0"))+scale > 18 {
		return "", false
	}
	if scale == 0 {
		return whole, true
	}
	return whole + "." + kept + strings.Repeat("0", scale-len(kept)), true
}

// All meters have the same columns of the same types, whatever decimals they send.
func TestOneSchema(t *testing.T) {
	var want string
	for _, volts := range []string{"230", "230.1", "230.123"} {
		names, types, _ := parquetOf(t, made(t, Options{Format: Parquet, Profile: Netherlands}, ok(raw(0, lines{"1-0:32.7.0": volts + "*V"}))))
		got := fmt.Sprint(names, types)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("with %s V the columns are\n%s\nwant\n%s", volts, got, want)
		}
	}
	names, types, _ := parquetOf(t, made(t, Options{Format: Parquet, Profile: Netherlands}))
	if got := fmt.Sprint(names, types); got != want {
		t.Errorf("without rows the columns are\n%s\nwant\n%s", got, want)
	}
	for name, want := range map[string]string{
		"import_t1_kwh": "DECIMAL(18,3)", "gas_m3": "DECIMAL(18,3)", "confidence": "DECIMAL(18,6)", "power_failures": "DECIMAL(18,0)", "heat_gj": "DECIMAL(18,7)", "tariff": "STRING",
	} {
		if got := types[slices.Index(names, name)]; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// What does not fit is null, and never rounded; what it was is said.
func TestTooManyDecimals(t *testing.T) {
	var said []string
	o := Options{Format: Parquet, Columns: []string{"import_kwh", "1-0:1.7.0", "time"}, Say: func(text string) { said = append(said, text) }}
	w, err := New(io.Discard, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*record.Telegram{
		ok(raw(0, lines{"1-0:1.8.0": "1.2345*kWh", "1-0:1.7.0": "1.5000*kW"})),
		ok(raw(0, lines{"1-0:1.8.0": "2.0001*kWh", "0-0:1.0.0": "230824012130"})),
		ok(raw(0, lines{"1-0:1.8.0": "1234567890123456.7*kWh"})),
	} {
		if err := w.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "records: null are numbers with more digits than the type of their column, in CSV they are whole: import_kwh: 3, the first 1.2345 (its type is DECIMAL(18,3)); " +
		"and times without an offset (a meter that sends neither S nor W needs --tz, such as --tz Europe/Amsterdam): time: 1"
	if len(said) != 1 || said[0] != want || !w.Outcome().LeftOut {
		t.Errorf("said %q, want %q", said, want)
	}
}

// shelf keeps the parts of a table by their names.
type shelf struct {
	parts map[string]*bytes.Buffer
	open  map[string]bool
	most  int
}

func (s *shelf) part(name string) (io.WriteCloser, error) {
	if s.parts[name] != nil {
		return nil, errors.New(name + " is there")
	}
	s.parts[name], s.open[name] = &bytes.Buffer{}, true
	s.most = max(s.most, len(s.open))
	return &onShelf{s.parts[name], s, name}, nil
}

type onShelf struct {
	*bytes.Buffer
	shelf *shelf
	name  string
}

func (p *onShelf) Close() error {
	delete(p.shelf.open, p.name)
	return nil
}

// shared makes a table of parts, and reports that of each all rows are there and whole.
func shared(t *testing.T, o Options, records []record.Record) (s *shelf, rows int) {
	t.Helper()
	s = &shelf{map[string]*bytes.Buffer{}, map[string]bool{}, 0}
	o.Format, o.Part = Parquet, s.part
	made(t, o, records...)
	if len(s.open) > 0 {
		t.Errorf("open are %v", s.open)
	}
	for _, b := range s.parts {
		_, _, part := parquetOf(t, b.String())
		rows += len(part)
	}
	return s, rows
}

// Each meter and day has its own file, also where more of them are mixed than may be open, which
// are eight.
func TestPartitions(t *testing.T) {
	var records []record.Record
	for hour := range 27 {
		for meter := range 12 {
			at := time.Date(2026, 3, 28, 22+hour, 0, 0, 0, time.UTC)
			clock := at.Format("060102150405") + "W"
			records = append(records, ok(raw(0, lines{"0-0:1.0.0": clock, "0-0:96.1.0": fmt.Sprintf("00%d/%d", meter, meter%3)})))
		}
	}
	for _, meters := range []int{1, 8, 9} {
		some := slices.DeleteFunc(slices.Clone(records), func(r record.Record) bool {
			return meterAbove(r, meters)
		})
		s, rows := shared(t, Options{Partition: true}, some)
		folders := map[string]bool{}
		for name := range s.parts {
			folders[name[:strings.LastIndexByte(name, '/')]] = true
		}
		if rows != len(some) || len(folders) != 3*meters || s.most > min(2*meters, 8) || len(s.parts) != len(folders) {
			t.Errorf("%d meters: %d rows of %d, %d folders, %d files, %d open", meters, rows, len(some), len(folders), len(s.parts), s.most)
		}
		if want := "meter=000%2F0/day=2026-03-29"; !folders[want] {
			t.Errorf("there is no %s in %v", want, slices.Sorted(maps.Keys(folders)))
		}
		if meters > 1 {
			continue
		}
		again, _ := shared(t, Options{Partition: true}, some)
		if !slices.Equal(slices.Sorted(maps.Keys(s.parts)), slices.Sorted(maps.Keys(again.parts))) {
			t.Error("the same rows have other names")
		}
	}
	s, _ := shared(t, Options{Partition: true}, telegrams(raw(0, lines{"0-0:1.0.0": "gone", "0-0:96.1.0": "gone", "0-0:42.0.0": "gone"})))
	for name := range s.parts {
		if !strings.Contains(name, "/day=__HIVE_DEFAULT_PARTITION__/") {
			t.Errorf("a row without a time is in %s", name)
		}
	}
}

// However rows of meters and days are mixed, none is lost, those of a file are in the order in which they came, a
// day of a meter has two files at most, and eight are open.
func TestMixedParts(t *testing.T) {
	for seed := range uint64(longtest.Pick(6, 200, 1000)) {
		dice := rand.New(rand.NewPCG(seed, 21))
		meters, days := 1+dice.IntN(20), 1+dice.IntN(4)
		var records []record.Record
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		want := map[string][]string{}
		for i := range 400 {
			at = at.Add(time.Duration(dice.IntN(2*days*86400/400)) * time.Second)
			meter, is := dice.IntN(meters), at
			if dice.IntN(3) == 0 {
				is = is.AddDate(0, 0, -dice.IntN(days)) // a clock that jumps, or a log after a newer one
			}
			records = append(records, ok(raw(0, lines{"0-0:1.0.0": is.Format("060102150405") + "W", "0-0:96.1.0": fmt.Sprint("M", meter), "1-0:1.8.0": fmt.Sprintf("%06d.000*kWh", i)})))
			place := fmt.Sprintf("meter=M%d/day=%s", meter, is.Format(time.DateOnly))
			want[place] = append(want[place], fmt.Sprintf("%d.000", i))
		}
		s, _ := shared(t, Options{Partition: true, Columns: []string{"time", "meter", "import_kwh"}}, records)
		got, files := map[string][]string{}, map[string]int{}
		for _, name := range slices.Sorted(maps.Keys(s.parts)) {
			place := name[:strings.LastIndexByte(name, '/')]
			_, _, rows := parquetOf(t, s.parts[name].String())
			files[place]++
			last := -1.0
			for _, row := range rows {
				n, err := strconv.ParseFloat(row[len(row)-1], 64)
				if err != nil || n <= last {
					t.Fatalf("seed %d: %s: %q after %v", seed, name, row, last)
				}
				last = n
				got[place] = append(got[place], row[len(row)-1])
			}
		}
		for place, list := range want {
			slices.Sort(list)
			slices.Sort(got[place])
			if !slices.Equal(list, got[place]) || files[place] > 2 {
				t.Errorf("seed %d, %d meters, %d days: %s has %d rows of %d in %d files", seed, meters, days, place, len(got[place]), len(list), files[place])
			}
		}
		if len(got) != len(want) || s.most > maxParts {
			t.Errorf("seed %d: %d places of %d, %d open", seed, len(got), len(want), s.most)
		}
	}
}

// A live source has no end: what has to wait is written once a day, and not before its day is over.
func TestMixedPartsLive(t *testing.T) {
	s := &shelf{map[string]*bytes.Buffer{}, map[string]bool{}, 0}
	var b bytes.Buffer
	w, err := New(&b, Options{Format: Parquet, Partition: true, Part: s.part})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	finished := func() (n int) {
		for name := range s.parts {
			if !s.open[name] && strings.Contains(name, "day=2026-03-01") {
				n++
			}
		}
		return n
	}
	const meters = 12
	for range 10 {
		for meter := range meters {
			r := ok(raw(0, lines{"0-0:1.0.0": at.Format("060102150405") + "W", "0-0:96.1.0": fmt.Sprint("M", meter)}))
			r.Live, r.Time = true, time.Now().Format(time.RFC3339)
			if err := w.Take(r); err != nil {
				t.Fatal(err)
			}
			w.rows.(*records).sink.(*parquetSink).parts.now = func() time.Time { return at.Add(-time.Hour) } // W is an hour ahead
		}
		if done := finished(); at.Day() == 1 && done > 0 {
			t.Errorf("at %v %d files of the day have ended", at, done)
		}
		at = at.Add(10 * time.Minute)
	}
	if done := finished(); done != meters {
		t.Errorf("after the day %d files of it have ended, of %d meters", done, meters)
	}
	if err := w.Close(); err != nil || len(s.parts) != 2*meters || s.most > maxParts {
		t.Errorf("%d files of %d meters and two days, %d open (%v)", len(s.parts), meters, s.most, err)
	}
}

func meterAbove(r record.Record, n int) bool {
	text := string(r.(*record.Telegram).Raw)
	for meter := n; meter < 12; meter++ {
		if strings.Contains(text, fmt.Sprintf("0-0:96.1.0(00%d/", meter)) {
			return true
		}
	}
	return false
}

// The rows of a live source stand in a file for each day, which is there once the day is over;
// those of any other source in one.
func TestDays(t *testing.T) {
	var records []record.Record
	for _, clock := range []string{"260328235950W", "260329000000W", "gone", "260328235959W", "260329000500W", "260329000950W", "260329001100W", "260330000000S", "260331120000S"} {
		r := ok(raw(0, lines{"0-0:1.0.0": clock}))
		r.Live, r.Time = true, time.Now().Format(time.RFC3339)
		records = append(records, r)
	}
	records[2].(*record.Telegram).Time = ""
	s, rows := shared(t, Options{Profile: All}, records)
	want := []string{"2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"}
	if got := slices.Sorted(maps.Keys(s.parts)); rows != len(records) || !slices.Equal(got, want) || s.most != 2 {
		t.Errorf("%d rows of %d in %q, %d open", rows, len(records), got, s.most)
	}
	for _, r := range records {
		r.(*record.Telegram).Live = false
	}
	if s, _ := shared(t, Options{}, records); len(s.parts) != 0 {
		t.Errorf("what is not live has parts %v", s.parts)
	}
}

// Events have times among text: Parquet has them as text with their offset, as CSV does, and a
// workbook as the clock shows them, with the offset beside.
func TestTimesAmongText(t *testing.T) {
	records := []record.Record{ok(raw(0, lines{"0-0:1.0.0": "261025023900S"})),
		&record.Gap{Origin: record.Origin{Source: "p1.log", Offset: 1}, Why: record.GapOverrun},
		ok(raw(0, lines{"0-0:1.0.0": "261025022000W", "0-0:96.14.0": "0007"}))}
	for i, r := range records {
		if r, ok := r.(*record.Telegram); ok {
			r.Offset = int64(i)
		}
	}
	const before, after = "2026-10-25T02:39:00+02:00", "2026-10-25T02:20:00+01:00"
	cells := func(names []string, rows [][]string, event string, columns ...string) (list []string) {
		for _, row := range rows {
			if row[slices.Index(names, "event")] == event {
				for _, c := range columns {
					list = append(list, row[slices.Index(names, c)])
				}
			}
		}
		return list
	}
	names, _, rows := parquetOf(t, made(t, Options{Format: Parquet, Table: Events}, records...))
	if got := cells(names, rows, gapEvent, "before", "after"); !slices.Equal(got, []string{before, after}) {
		t.Errorf("Parquet has the gap between %q", got)
	}
	names, _, rows = workbookOf(t, made(t, Options{Format: XLSX, Table: Events}, records...), false)
	columns := []string{"before", "before_utc_offset", "after", "after_utc_offset"}
	if got := cells(names, rows, gapEvent, columns...); len(got) != 4 || !strings.HasPrefix(got[0], "2026-10-25 02:39:00") || got[1] != "+02:00" ||
		!strings.HasPrefix(got[2], "2026-10-25 02:20:00") || got[3] != "+01:00" {
		t.Errorf("a workbook has the gap between %q", got)
	}
	if got := cells(names, rows, tariffEvent, columns...); len(got) != 4 || got[1] != "" || got[2] != "0007" || got[3] != "" {
		t.Errorf("a workbook has the tariffs %q", got)
	}
}
