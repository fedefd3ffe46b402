package tables

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"p1/pkg/record"
)

// frozenChanges are the headings of the tables of what changes.
var frozenChanges = map[string]string{
	Gas:      "time,utc_offset,meter,channel,device,medium,gas_m3,difference_m3,note,status,confidence",
	Water:    "time,utc_offset,meter,channel,device,medium,water_m3,difference_m3,note,status,confidence",
	Heat:     "time,utc_offset,meter,channel,device,medium,heat_gj,difference_gj,note,status,confidence",
	Peaks:    "month,register,time,utc_offset,peak_kw,month_end,meter,status,confidence,peak_kvar,peak_kva",
	Failures: "time,utc_offset,meter,start,duration_s,note,status,confidence",
	Messages: "time,utc_offset,host_time,meter,code,text,status,confidence",
	Events:   "time,utc_offset,host_time,meter,event,code,before,after,count,note,source,offset",
}

// everything is a stream that makes rows in each of the tables.
func everything() []record.Record {
	p := eventful()
	p.put(spoken("X1", "0-0:1.0.0(260302120000W)",
		"0-1:24.1.0(003)", "0-1:96.1.0(G1)", "0-1:24.2.1(260302115500W)(00001.500*m3)",
		"0-2:24.1.0(007)", "0-2:96.1.0(=W1)", "0-2:24.2.1(260302115500W)(00002.500*m3)",
		"0-3:24.1.0(004)", "0-3:96.1.0(H1)", "0-3:24.2.1(260302115500W)(00003.500*GJ)",
		"1-0:1.6.0(260301181500W)(03.100*kW)",
		"1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(0000000240*s)",
		"0-0:96.13.0(=SUM\x01\xFF?)"))
	return p.records
}

func TestChangesHeadings(t *testing.T) {
	if len(frozenChanges)+2 != len(Tables()) {
		t.Errorf("%d headings, %d tables", len(frozenChanges), len(Tables()))
	}
	for table, want := range frozenChanges {
		o := Options{Table: table}
		if got := made(t, o); got != want+"\n" {
			t.Errorf("%s: an empty table is %q", table, got)
		}
		if got := made(t, ExcelEU(o)); got != "\uFEFF"+strings.ReplaceAll(want, ",", ";")+"\r\n" {
			t.Errorf("%s: an empty table for spreadsheets is %q", table, got)
		}
		o.NoHeader = true
		if got := made(t, o); got != "" {
			t.Errorf("%s: an empty table without heading is %q", table, got)
		}
	}
}

// The same rows whatever the format: JSON lines have the cells of the CSV.
func TestChangesInJSON(t *testing.T) {
	for table := range frozenChanges {
		names, rows := read(t, made(t, Options{Table: table}, everything()...), ',')
		if len(rows) == 0 {
			t.Errorf("%s: no rows", table)
		}
		text := made(t, Options{Table: table, Format: JSON}, everything()...)
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		for i, row := range rows {
			var object map[string]any
			if err := d.Decode(&object); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			for _, name := range names {
				cell := ""
				switch v := object[name].(type) {
				case string:
					cell = v
				case json.Number:
					cell = v.String()
				}
				if cell != row[name] || len(object) != len(names) {
					t.Errorf("%s, row %d: %s is %v, and %q in CSV", table, i, name, object[name], row[name])
				}
			}
		}
		if d.More() {
			t.Errorf("%s: more lines in JSON than in CSV", table)
		}
	}
}

// For European spreadsheets: local times, decimal commas, no formulas.
func TestChangesForSpreadsheets(t *testing.T) {
	for table := range frozenChanges {
		text := made(t, ExcelEU(Options{Table: table}), everything()...)
		_, rows := read(t, text, ';')
		_, plain := read(t, made(t, Options{Table: table}, everything()...), ',')
		for i, row := range rows {
			for name, cell := range row {
				kept, isKept := keptText(cell)
				switch {
				case isKept && kept != plain[i][name]:
					t.Errorf("%s: %s is %q, and %q without a spreadsheet", table, name, cell, plain[i][name])
				case isKept:
				case strings.Contains(cell, "T") && strings.HasPrefix(cell, "20"):
					t.Errorf("%s: %s is %q", table, name, cell)
				case cell != "" && strings.ContainsAny(cell[:1], "=@"):
					t.Errorf("%s: %s is %q", table, name, cell)
				case strings.HasSuffix(name, "_m3") || strings.HasSuffix(name, "_gj") || strings.HasSuffix(name, "_kw"):
					if cell != strings.Replace(plain[i][name], ".", ",", 1) {
						t.Errorf("%s: %s is %q", table, name, cell)
					}
				}
			}
		}
	}
}

// keptText is the text that a spreadsheet is to keep, if a cell is one.
func keptText(cell string) (string, bool) {
	if len(cell) < len(`=""`) || cell[:2] != `="` || cell[len(cell)-1] != '"' {
		return "", false
	}
	text := cell[2 : len(cell)-1]
	return strings.ReplaceAll(text, `""`, `"`), strings.Count(text, `"`) == 2*strings.Count(text, `""`)
}

// A telegram may be overwritten once it is taken.
func TestChangesKeepNoMemory(t *testing.T) {
	for table := range frozenChanges {
		want := made(t, Options{Table: table}, everything()...)
		var b bytes.Buffer
		w, err := New(&b, Options{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		room := make(record.Bytes, 1<<12)
		for _, r := range everything() {
			c := *r.(*record.Telegram)
			c.Raw = room[:copy(room, c.Raw)]
			if err := w.Take(&c); err != nil {
				t.Fatal(err)
			}
			clear(room)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s: other rows where telegrams are overwritten:\n%s\nwant\n%s", table, b.String(), want)
		}
	}
}

// What has been taken is in the table after Flush, however often that is.
func TestChangesFlush(t *testing.T) {
	for table := range frozenChanges {
		want := made(t, Options{Table: table}, everything()...)
		var b bytes.Buffer
		w, err := New(&b, Options{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range everything() {
			if err := w.Take(r); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(want, b.String()) {
				t.Fatalf("%s: other rows where it is flushed", table)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s: other rows where it is flushed", table)
		}
	}
}

// Whatever a telegram says, each table is one that can be read back, and a stream
// of it twice makes no more rows of devices and failures than once.
func FuzzChanges(f *testing.F) {
	for _, r := range everything()[len(everything())-2:] {
		f.Add([]byte(r.(*record.Telegram).Raw), []byte("0-0:1.0.0(260302120000W)"))
	}
	f.Add([]byte(fluviusAt("230310120000W", "(230305181500W)(03.100*kW)", "(1)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)").(*record.Telegram).Raw), []byte("x"))
	f.Fuzz(func(t *testing.T, raw, other []byte) {
		if len(raw) > record.MaxTelegram {
			t.Skip()
		}
		changed := append(slices.Clone(raw), other...)
		all := telegrams(raw, changed, raw)
		for _, table := range Tables()[2:] {
			heading := frozenChanges[table]
			text := made(t, Options{Table: table}, all...)
			if names, _ := read(t, text, ','); strings.Join(names, ",") != heading {
				t.Fatalf("%s begins with %q", table, names)
			}
			if table != Failures {
				continue
			}
			if again := made(t, Options{Table: table}, slices.Concat(all, all)...); again != text {
				t.Errorf("%s: once\n%s\ntwice\n%s", table, text, again)
			}
		}
	})
}
