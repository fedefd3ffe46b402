package tables

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"

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
	p := newTwin(f)
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
		p.check(t, a, b, c, a)
	})
}

// twin are two tables of the same telegrams, one of which forgets each before the
// next comes.
type twin struct {
	one, forgetful   *records
	rows, forgetting bytes.Buffer
}

func newTwin(t testing.TB) *twin {
	t.Helper()
	p := &twin{}
	for _, side := range []struct {
		table **records
		rows  *bytes.Buffer
	}{{&p.one, &p.rows}, {&p.forgetful, &p.forgetting}} {
		o, err := (&Options{NoHeader: true, AcceptBad: true, Salvaged: true, Profile: Default, Columns: []string{
			"clock", "1-0:2.8.3", "message", "header", "1-0:9.9.9",
		}}).check()
		if err == nil {
			*side.table, err = newRecords(side.rows, o)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *twin) check(t *testing.T, list ...*record.Telegram) {
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

// Rows are those of encoding/csv, by way of gocsv, whatever cells and delimiter are.
func TestRowsAsGocsv(t *testing.T) {
	d := rand.New(rand.NewPCG(9, 9))
	type cells struct {
		A string `csv:"a"`
		B string `csv:"b"`
		C string `csv:"c"`
	}
	columns := []column{{name: "a"}, {name: "b"}, {name: "c", kind: timeKind}}
	at, err := telegram.ParseClock("260301000000W")
	if err != nil {
		t.Fatal(err)
	}
	for _, comma := range ",;\t.1a -é" {
		for _, crlf := range []bool{false, true} {
			var got, want bytes.Buffer
			o, w := Options{Delimiter: comma, CRLF: crlf}, csv.NewWriter(&want)
			w.Comma, w.UseCRLF = comma, crlf
			s := newCSV(writer{bufio.NewWriter(&got)}, o, columns)
			rows := make([]cells, 3000)
			err := s.begin()
			for i := range rows {
				a, b := oddCell(d), oddCell(d)
				rows[i] = cells{oneLine(a), oneLine(b), "2026-03-01T00:00:00+01:00"}
				err = errors.Join(err, s.write([]value{textValue(a), textValue(b), clockValue(at, true)}))
			}
			if err := errors.Join(err, s.flush(), gocsv.MarshalCSV(rows, gocsv.NewSafeCSVWriter(w))); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() {
				t.Errorf("with %q, rows are\n%.1000s\nwant\n%.1000s", comma, &got, &want)
			}
		}
	}
}

func oddCell(d *rand.Rand) string {
	text := make([]byte, d.IntN(6))
	for i := range text {
		text[i] = "0123456789.,;\"'= @-\r\n\t\x00\xffab"[d.IntN(26)]
	}
	return string(text)
}

// What the arena keeps stays, whatever it is given then.
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

// A row costs one allocation at most, once the meter is known.
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
		if n := testing.AllocsPerRun(len(day)-2, take); n > 1 {
			t.Errorf("%s: %v allocations a row", name, n)
		}
	}
}
