package tables

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/gocarina/gocsv"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// FuzzAlike: a telegram's row is the same whatever telegram came before, in tables
// that look only for what has changed. The second telegram is the first one with some
// bytes changed: for each its place (two bytes) and what is there now.
func FuzzAlike(f *testing.F) {
	at := func(raw []byte, part string, now byte) []byte {
		return append(binary.BigEndian.AppendUint16(nil, uint16(bytes.Index(raw, []byte(part)))), now)
	}
	seed := short()
	for _, part := range []string{"9912", "0002", "8234", ".524", "kWh", "235", "30S", "S)", "1.8.0", "32.7", "(", "96.1.0", "!"} {
		for _, now := range "17W)\n" {
			f.Add(seed, at(seed, part, byte(now)), "ok")
			f.Add(seed, at(seed, part, byte(now)), "salvaged")
		}
	}
	nl := dutch("230824012130S", "000001.000", "000002.000")
	f.Add(nl, at(nl, "1.8.1", '2'), "repaired")
	var tables []*pair
	for _, o := range []Options{
		{},
		limits(f, Options{Profile: Seed}),
		{Columns: []string{
			"time", "meter", "import_kwh", "import_t1_kwh", "1-0:2.8.1", "tariff", "1-0:32.7.0", "current_l2_a", "message", "net_current_a",
			"interval_import_kw", "header", "1-0:9.9.9",
		}},
	} {
		tables = append(tables, newPair(f, o))
	}
	f.Fuzz(func(t *testing.T, first, changes []byte, status string) {
		if len(first) > 4096 || len(first) == 0 || len(changes) > 100 {
			return
		}
		second := bytes.Clone(first)
		for ; len(changes) >= 3; changes = changes[3:] {
			second[int(binary.BigEndian.Uint16(changes))%len(first)] = changes[2]
		}
		trusted := []record.Trusted{{Line: 3, Code: "0-0:1.0.0"}, {Line: 6, Code: "1-0:1.8.0"}}
		a, b, c := ok(first), ok(second), ok(second)
		b.Status, b.Trusted = record.Status(status), trusted
		for _, p := range tables {
			p.check(t, a, b, c, a)
		}
	})
}

// pair are two tables of the same telegrams, one of which forgets each before the
// next comes.
type pair struct {
	one, forgetful   *records
	rows, forgetting bytes.Buffer
}

func newPair(t testing.TB, o Options) *pair {
	t.Helper()
	p := &pair{}
	for _, side := range []struct {
		table **records
		rows  *bytes.Buffer
	}{{&p.one, &p.rows}, {&p.forgetful, &p.forgetting}} {
		var err error
		o.NoHeader, o.AcceptBad, o.Salvaged = true, true, true
		*side.table, err = newRecords(side.rows, checked(t, o))
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *pair) check(t *testing.T, list ...*record.Telegram) {
	t.Helper()
	p.rows.Reset()
	p.forgetting.Reset()
	for _, from := range list {
		p.forgetful.parser = parser{}
		if err := errors.Join(p.one.take(from), p.forgetful.take(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(p.one.flush(), p.forgetful.flush()); err != nil {
		t.Fatal(err)
	}
	if p.rows.String() != p.forgetting.String() {
		t.Fatalf("rows are\n%swant\n%s", &p.rows, &p.forgetting)
	}
}

// The rows of a fixed table are those that gocsv writes of a struct with the names of
// its columns for tags, whatever their cells hold.
func TestRowsAsGocsv(t *testing.T) {
	d := rand.New(rand.NewPCG(7, 8))
	for name := range frozen {
		columns := columnsOfTable(t, kindsOfTable(t)[name], nil)
		var fields []reflect.StructField
		for i, c := range columns {
			fields = append(fields, reflect.StructField{
				Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(fmt.Sprintf("csv:%q", c.name)),
			})
		}
		var got, want bytes.Buffer
		s, err := newSheet(&got, checked(t, Options{}), columns)
		if err != nil {
			t.Fatal(err)
		}
		rows := reflect.MakeSlice(reflect.SliceOf(reflect.StructOf(fields)), 200, 200)
		for n := range rows.Len() {
			row := make([]value, len(columns))
			for i := range row {
				text := oddCell(d)
				row[i] = textValue(text)
				rows.Index(n).Field(i).SetString(oneLine(text))
			}
			if err := s.add(row...); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(s.close(), gocsv.Marshal(rows.Interface(), &want)); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%s: rows are\n%s\nwant\n%s", name, &got, &want)
		}
	}
}

// Rows are those of encoding/csv, whatever cells and delimiter are.
func TestRowsAsCSV(t *testing.T) {
	d := rand.New(rand.NewPCG(9, 9))
	for _, comma := range ",;\t.1a -é" {
		for _, crlf := range []bool{false, true} {
			o := Options{Delimiter: comma, CRLF: crlf}
			var got, want bytes.Buffer
			s := newCSV(writer{bufio.NewWriter(&got), new(int)}, o, make([]column, 4))
			w := csv.NewWriter(&want)
			w.Comma, w.UseCRLF = comma, crlf
			for range 3000 {
				number := anyDecimal(d)
				at := telegram.Clock{Time: time.Unix(d.Int64N(1<<31), 0).UTC(), Season: 'W'}
				// Text with a time is written as it is, without a look at its signs.
				odd := []value{writtenTime(oddCell(d)), writtenTime(oddCell(d))}
				cells := []string{odd[0].text, odd[1].text, number.String(), at.RFC3339()}
				if err := errors.Join(s.write(append(odd, numberValue(number), clockValue(at, true))), w.Write(cells)); err != nil {
					t.Fatal(err)
				}
			}
			w.Flush()
			if err := s.flush(); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() {
				t.Errorf("with %q, rows are\n%.1000s\nwant\n%.1000s", comma, &got, &want)
			}
		}
	}
}

// writtenTime is a time with the text that it was written as.
func writtenTime(text string) value {
	if text == "" {
		return value{}
	}
	return value{form: clockForm, text: text}
}

func oddCell(d *rand.Rand) string {
	text := make([]byte, d.IntN(6))
	for i := range text {
		text[i] = "0123456789.,;\"'= @-\r\n\t\x00\xffab"[d.IntN(26)]
	}
	return string(text)
}

// A text in an arena stays, whatever comes then.
func TestArena(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 1))
	var k arena
	var got, want []string
	for range 5000 {
		text := bytes.Repeat([]byte{byte(d.IntN(256))}, d.IntN(30))
		if d.IntN(500) == 0 {
			text = bytes.Repeat(text, arenaPiece/10)
		}
		got, want = append(got, k.text(text)), append(want, string(text))
		clear(text)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("what was written has changed")
	}
}

// A row costs no allocation, once the meter is known.
func TestRowAllocations(t *testing.T) {
	for name, o := range map[string]Options{"records": {}, "seed": {Profile: Seed}, "validity": {Table: Validity}, "JSON": {Format: JSON}, "Excel": ExcelEU(Options{})} {
		day := day()
		w, err := New(io.Discard, limits(t, o))
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		take := func() {
			if err := w.Take(day[i]); err != nil {
				t.Fatal(err)
			}
			i++
		}
		take()
		if n := testing.AllocsPerRun(len(day)-2, take); n > 0 {
			t.Errorf("%s: %v allocations a row", name, n)
		}
	}
}
