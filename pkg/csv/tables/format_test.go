package tables

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"p1/pkg/record"
)

// point is a line of the line protocol, as a library reads it.
type point struct {
	measurement string
	tags        map[string]string
	fields      map[string]string // a number as it is written, text in quotes
	at          time.Time
}

// points reads lines, none of which may lack its time.
func points(t testing.TB, text string) []point {
	t.Helper()
	var list []point
	d := lineprotocol.NewDecoderWithBytes([]byte(text))
	for d.Next() {
		m, err := d.Measurement()
		p := point{measurement: string(m), tags: map[string]string{}, fields: map[string]string{}}
		for err == nil {
			var key, value []byte
			if key, value, err = d.NextTag(); key == nil {
				break
			}
			p.tags[string(key)] = string(value)
		}
		for err == nil {
			var key, value []byte
			var kind lineprotocol.ValueKind
			if key, kind, value, err = d.NextFieldBytes(); key == nil {
				break
			}
			switch kind {
			case lineprotocol.Float:
				p.fields[string(key)] = string(value)
			case lineprotocol.String:
				v, e := lineprotocol.NewValueFromBytes(kind, value)
				if err == nil {
					err = e
				}
				p.fields[string(key)] = strconv.Quote(v.StringV())
			default:
				t.Errorf("the field %s is a %v", key, kind)
			}
		}
		if err == nil {
			p.at, err = d.Time(lineprotocol.Nanosecond, time.Time{})
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if p.at.IsZero() {
			t.Errorf("a line without a time in\n%s", text)
		}
		list = append(list, p)
	}
	return list
}

// objects reads JSON lines: numbers as they are written, text in quotes, and the
// keys in their order.
func objects(t testing.TB, text string) (keys [][]string, rows []map[string]string) {
	t.Helper()
	for line := range strings.Lines(text) {
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		var order []string
		row := map[string]string{}
		for {
			token, err := d.Token()
			if err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			if token == json.Delim('}') {
				break
			}
			if token == json.Delim('{') {
				continue
			}
			key := token.(string)
			order = append(order, key)
			value, err := d.Token()
			if err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			switch v := value.(type) {
			case json.Number:
				row[key] = string(v)
			case string:
				row[key] = strconv.Quote(v)
			case nil:
			default:
				t.Errorf("%s is %v", key, v)
			}
		}
		if len(order) != len(slices.Compact(slices.Sorted(slices.Values(order)))) {
			t.Errorf("a key comes twice in %s", line)
		}
		keys, rows = append(keys, order), append(rows, row)
	}
	return keys, rows
}

// odd are texts that a format may trip over.
var odd = []string{
	"0002", "", "a b", "a,b", "a=b", `"`, `say "x"`, `\`, `a\`, `\\`, `a\,b`, `\2M550T-1012`, "#", " ", "  x ", ",", "=", "{}", "null",
	"\xFF\x80", "\x00", "\u2028", "1", "1i", "true", "'", "`", "a\tb", "a\nb", "-1.5", "$(x)", "<&>",
}

// oddDay is a run of telegrams of odd meters, some without a clock.
func oddDay(rng *rand.Rand) []record.Record {
	var day []record.Record
	for i := range 200 {
		changes := lines{
			"0-0:1.0.0":   fmt.Sprintf("2308240112%02dS", i%60),
			"0-0:96.14.0": strings.Trim(odd[rng.IntN(len(odd))], "()*\n"),
			"0-0:96.1.0":  strings.Trim(odd[rng.IntN(len(odd))], "()*\n"),
			"1-0:1.8.0":   fmt.Sprintf("%0*d.%03d*kWh", 1+rng.IntN(9), rng.IntN(1e6), rng.IntN(1000)),
			"1-0:1.7.0":   []string{"-0.5*kW", "", "x*kW", "12345678901234567.8*kW", "1234567890123456789*kW", "00.000*kW"}[rng.IntN(6)],
		}
		if rng.IntN(5) == 0 {
			changes["0-0:1.0.0"] = []string{"", "gone", "230824011200", "231301000000W"}[rng.IntN(4)]
		}
		r := ok(raw(3, changes))
		r.Suspect = odd[rng.IntN(len(odd))]
		r.Source = odd[rng.IntN(len(odd))]
		day = append(day, r)
	}
	return day
}

// TestSameRows compares the three formats, cell by cell, as other readers read
// them.
func TestSameRows(t *testing.T) {
	day := oddDay(rand.New(rand.NewPCG(9, 10)))
	for name, o := range kindsOfTable(t) {
		var said []string
		o.Say = func(words string) {
			if !strings.Contains(words, ": the cell ") {
				said = append(said, words)
			}
		}
		names, rows := read(t, made(t, o, day...), ',')
		columns := columnsOfTable(t, o, day)
		o.Format = JSON
		keys, asJSON := objects(t, made(t, o, day...))
		if len(asJSON) != len(rows) {
			t.Fatalf("%s: %d rows as JSON, %d as CSV", name, len(asJSON), len(rows))
		}
		for i, row := range rows {
			if !slices.Equal(keys[i], names) {
				t.Fatalf("%s: keys %v, columns %v", name, keys[i], names)
			}
			for _, c := range columns {
				want := row[c.name]
				if want != "" && c.kind != numberKind {
					want = strconv.Quote(want)
				}
				if got := asJSON[i][c.name]; got != want {
					t.Errorf("%s: %s is %s as JSON, %s as CSV", name, c.name, got, want)
				}
			}
		}
		if said != nil {
			t.Errorf("%s: said %q", name, said)
		}
		o.Format = Influx
		left := samePoints(t, name, points(t, made(t, o, day...)), rows, columns)
		if left == 0 || left == len(rows) || len(said) != 1 || !strings.Contains(said[0], " whose time has no offset (") || !strings.Contains(said[0], " without a time") {
			t.Errorf("%s: of %d rows %d have no time, and it says %q", name, len(rows), left, said)
		}
	}
}

// samePoints compares points with rows, and returns how many rows have no time.
func samePoints(t *testing.T, name string, points []point, rows grid, columns []column) (left int) {
	for _, row := range rows {
		at, sure := time.Time{}, false
		tags, fields := map[string]string{}, map[string]string{}
		for _, c := range columns {
			switch cell := row[c.name]; {
			case cell == "":
			case c.role == stampRole:
				if cell[len(cell)-1] == 'S' { // profile seed: the meter's own text
					summer, err := time.Parse("060102150405S-07:00", cell+"+02:00")
					at, sure = summer, err == nil
					continue
				}
				rfc, err := time.Parse(time.RFC3339, cell)
				at, sure = rfc, err == nil
			case c.role == tagRole:
				tags[c.name] = cell
			case c.kind == numberKind:
				fields[c.name] = cell
			default:
				fields[c.name] = strconv.Quote(cell)
			}
		}
		if !sure {
			left++
			continue
		}
		if len(points) == 0 {
			t.Fatalf("%s: too few points", name)
		}
		p := points[0]
		points = points[1:]
		if !p.at.Equal(at) || len(p.tags) != len(tags) || len(p.fields) != len(fields) {
			t.Fatalf("%s: the point is %v, the row %v", name, p, row)
		}
		for key, want := range tags {
			if got := p.tags[key]; got != want && (!strings.Contains(want, `\`) || got != slashed(want)) {
				t.Errorf("%s: the tag %s is %q, want %q", name, key, got, want)
			}
		}
		for key, want := range fields {
			if got := p.fields[key]; got != want {
				t.Errorf("%s: the field %s is %q, want %q", name, key, got, want)
			}
		}
	}
	if len(points) > 0 {
		t.Errorf("%s: %d points too many", name, len(points))
	}
	return left
}

// slashed is a tag whose backslashes cannot stay.
func slashed(tag string) string {
	return map[string]string{`\`: "/", `a\`: "a/", `\\`: `\/`, `a\,b`: "a/,b"}[tag]
}

// columnsOfTable returns the columns that a table has.
func columnsOfTable(t testing.TB, o Options, day []record.Record) []column {
	t.Helper()
	if o.Format == JSON {
		o.Format = CSV // whose columns are the same, and kept
	}
	w, err := New(io.Discard, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range day {
		if err := w.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return columnsOf(t, w)
}

// columnsOf returns the columns of a table of records, or of verdicts.
func columnsOf(t testing.TB, w *Writer) []column {
	t.Helper()
	var below sink
	switch rows := w.rows.(type) {
	case *validity:
		below = rows.sink
	case *records:
		below = rows.sink
	}
	switch below := below.(type) {
	case *csvSink:
		return below.columns
	case *influxSink:
		return below.columns
	}
	t.Fatalf("%T of %T has no columns", below, w.rows)
	return nil
}

func TestFormatGoldens(t *testing.T) {
	r := ok(first)
	r.Status, r.Confidence, r.Suspect = record.Repaired, 0.875, `"a\`
	o := Options{Columns: []string{"time", "utc_offset", "meter", "status", "confidence", "suspect", "import_kwh", "export_l1_kw", "tariff"}}
	o.Format = JSON
	want := `{"time":"2023-08-24T01:21:30+02:00","utc_offset":"+02:00","meter":"9912345678","status":"repaired",` +
		`"confidence":0.875000,"suspect":"\"a\\","import_kwh":8234.524,"export_l1_kw":null,"tariff":"0002"}` + "\n"
	if got := made(t, o, r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	o.Format = Influx
	// date -u -d 2023-08-23T23:21:30Z +%s
	want = `p1,meter=9912345678,status=repaired utc_offset="+02:00",confidence=0.875000,suspect="\"a\\",` +
		`import_kwh=8234.524,tariff="0002" 1692832890000000000` + "\n"
	if got := made(t, o, r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestHollow has rows that have a time and nothing else.
func TestHollow(t *testing.T) {
	var said []string
	o := Options{Format: Influx, Columns: []string{"time", "meter", "gas_m3"}, Say: func(words string) { said = append(said, words) }}
	if got := made(t, o, ok(first), ok(raw(0, lines{"0-0:1.0.0": "gone"}))); got != "" {
		t.Errorf("got %q", got)
	}
	if len(said) != 1 || !strings.Contains(said[0], "1 without a time") || !strings.Contains(said[0], "1 without a value") {
		t.Errorf("said %q", said)
	}
}
