package tables

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// short is a telegram of few lines, each of another sort.
func short() []byte {
	return []byte("/AUX59912345678\r\n\r\n0-0:1.0.0(230824012130S)\r\n0-0:96.1.0(9912345678)\r\n0-0:96.14.0(0002)\r\n" +
		"1-0:1.8.0(008234.524*kWh)\r\n1-0:32.7.0(235.3*V)\r\n1-0:51.7.0(010*A)\r\n1-0:1.7.0(02.949*kW)\r\n" +
		"1-0:2.7.0(00.000*kW)\r\n0-0:96.13.0(\xFF\xFF\xFF\xFF)\r\n!05C6\r\n")
}

// FuzzTable makes every table of whatever bytes with whatever status: rows read
// back with as many cells as the heading, numbers are numbers, text is one line
// of UTF-8, and what is not valid has no record.
func FuzzTable(f *testing.F) {
	seed := short()
	for n := range seed {
		f.Add(seed[:n], "ok", "", n%2 == 0)
		for bit := range longtest.Pick(2, 8, 8) {
			flipped := append([]byte(nil), seed...)
			flipped[n] ^= 1 << bit
			f.Add(flipped, "unchecked", "", bit%2 == 0)
		}
	}
	for _, status := range []string{"ok", "repaired", "unchecked", "bad", "salvaged", "lost", "=1+1"} {
		f.Add(seed, status, "@suspect;\x00", true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, status, suspect string, excel bool) {
		r := &record.Telegram{
			Origin: record.Origin{Source: suspect, Offset: 7}, Trusted: []record.Trusted{{Line: 3, Code: "0-0:1.0.0"}, {Line: 6, Code: "1-0:1.8.0"}}, Status: record.Status(status), Suspect: suspect,
			Raw: raw, Edits: []record.Edit{{At: 3, Got: record.Bytes(suspect), Now: record.Bytes("X5")}},
		}
		kinds := kindsOfTable(t)
		for _, name := range []string{Default, Seed, Validity, Hungary, All} {
			o, rows := kinds[name], 2 // each telegram is taken twice
			if name == All || name == Hungary {
				o.AcceptBad, o.Salvaged = true, true
			}
			if name != Validity && !o.accepts(r) {
				rows = 0
			}
			if excel && name != Hungary {
				checkFormats(t, o, rows, r)
			}
			if o.Delimiter = ','; excel {
				o = ExcelEU(o)
			}
			checkTable(t, made(t, o, r, r), rows, o, columnsOfTable(t, o, []record.Record{r, r}))
		}
	})
}

// checkFormats reads a table back in the other formats.
func checkFormats(t *testing.T, o Options, rows int, r *record.Telegram) {
	o.Format = JSON
	if keys, _ := objects(t, made(t, o, r, r)); len(keys) != rows {
		t.Fatalf("%d objects, want %d", len(keys), rows)
	}
	o.Format = Influx
	if got := len(points(t, made(t, o, r, r))); got != 0 && got != rows {
		t.Fatalf("%d points of %d rows", got, rows)
	}
}

// checkTable reads a table back and looks at every cell of its rows.
func checkTable(t *testing.T, text string, rows int, o Options, columns []column) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
	r.Comma = o.Delimiter
	all, err := r.ReadAll() // which wants as many cells in each row as in the first
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	if len(all) != rows+1 || strings.Count(text, "\n") != rows+1 {
		t.Fatalf("%d rows, want %d, in %q", len(all)-1, rows, text)
	}
	for _, row := range all[1:] {
		for i, cell := range row {
			number := strings.Replace(cell, ",", ".", 1)
			_, isNumber := telegram.ParseDecimal(number)
			_, kept := keptText(cell)
			switch {
			case cell == "", kept && o.KeepText && columns[i].kind != numberKind:
			case columns[i].kind == numberKind && (!isNumber || (number != cell) != (o.DecimalComma && strings.Contains(number, "."))):
				t.Errorf("%s is %q", all[0][i], cell)
			case columns[i].kind == textKind && o.GuardFormulas && strings.ContainsAny(cell[:1], "=+-@"):
				t.Errorf("%s is %q", all[0][i], cell)
			case !utf8.ValidString(cell) || strings.ContainsFunc(cell, unicode.IsControl):
				t.Errorf("%s is %q", all[0][i], cell)
			}
		}
	}
}
