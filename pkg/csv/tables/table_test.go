package tables

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// frozen are the headings that must never change.
var frozen = map[string]string{
	Default: "time,utc_offset,meter,status,confidence,suspect,tariff," +
		"import_kwh,import_t1_kwh,import_t2_kwh,export_kwh,export_t1_kwh,export_t2_kwh," +
		"import_kw,export_kw,voltage_l1_v,voltage_l2_v,voltage_l3_v,current_l1_a,current_l2_a,current_l3_a," +
		"import_l1_kw,import_l2_kw,import_l3_kw,export_l1_kw,export_l2_kw,export_l3_kw," +
		"interval_import_kw,interval_export_kw,net_current_a",
	Seed: "timeString,kWhIn,kWhOut,Voltage3,Voltage5,Voltage7,Amp3,Amp5,Amp7,kWIn,kWOut," +
		"kWInfromConsumption,TotalAmp,VoltStress,AmpStress,kWStress",
	Validity: "time,source,offset,seq,valid,status,confidence,edits_line,edits_logger," +
		"unexpected_bytes,crc_sent,crc_calc",
}

// kindsOfTable are options for every table there is, by the names of frozen where
// their columns are.
func kindsOfTable(t testing.TB) map[string]Options {
	kinds := map[string]Options{
		Default:    {},
		Seed:       limits(t, Options{Profile: Seed}),
		Validity:   {Table: Validity},
		"watts":    {Units: W},
		"columns":  {Columns: []string{"time", "1-0:1.8.0", "suspect", "source", "gas_m3", "clock"}},
		"all in W": {Profile: All, Units: W},
	}
	for _, p := range Profiles()[2:] {
		kinds[p] = Options{Profile: p}
	}
	return kinds
}

// checked fills in options.
func checked(t testing.TB, o Options) Options {
	t.Helper()
	o, err := o.check()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestHeadings(t *testing.T) {
	for _, name := range []string{Default, Seed, Validity} {
		o := kindsOfTable(t)[name]
		if got := made(t, o); got != frozen[name]+"\n" {
			t.Errorf("%s: an empty table is %q", name, got)
		}
		want := "\uFEFF" + strings.ReplaceAll(frozen[name], ",", ";") + "\r\n"
		if got := made(t, ExcelEU(o)); got != want {
			t.Errorf("%s: an empty table for spreadsheets is %q", name, got)
		}
		o.NoHeader = true
		if got := made(t, o); got != "" {
			t.Errorf("%s: an empty table without heading is %q", name, got)
		}
	}
}

func TestNothingIsWrittenBeforeFlush(t *testing.T) {
	var b bytes.Buffer
	w, err := New(&b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Take(ok(raw(8, nil))); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 0 {
		t.Errorf("%d bytes before Flush", b.Len())
	}
	for lines := 2; lines < 5; lines++ {
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), "\n"); got != lines {
			t.Errorf("%d lines after Flush, want %d", got, lines)
		}
		if err := w.Take(ok(raw(8, nil))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKeepsNoMemory overwrites a telegram once it is taken.
func TestKeepsNoMemory(t *testing.T) {
	for name, o := range kindsOfTable(t) {
		var b bytes.Buffer
		w, err := New(&b, o)
		if err != nil {
			t.Fatal(err)
		}
		r := ok(raw(8, nil))
		want := made(t, o, r)
		if err := w.Take(r); err != nil {
			t.Fatal(err)
		}
		clear(r.Raw)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s: %q", name, b.String())
		}
	}
}

// TestFlushes takes the same telegrams with Flush at other places.
func TestFlushes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []record.Record
	for _, d := range day() {
		all = append(all, d)
	}
	for name, o := range kindsOfTable(t) {
		want := made(t, o, all...)
		for range 3 {
			var b bytes.Buffer
			w, err := New(&b, o)
			if err != nil {
				t.Fatal(err)
			}
			often := 1 + rng.IntN(300)
			for _, r := range all {
				err := w.Take(r)
				for rng.IntN(often) == 0 {
					err = errors.Join(err, w.Flush())
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if b.String() != want {
				t.Errorf("%s: other bytes with a Flush in %d telegrams", name, often)
			}
		}
	}
}

func TestOtherRecords(t *testing.T) {
	for name, o := range kindsOfTable(t) {
		w, err := New(io.Discard, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Take(&record.Chunk{}); !errors.Is(err, record.ErrChunks) {
			t.Errorf("%s: a chunk gives %v", name, err)
		}
		got := made(t, o, &record.Noise{Data: raw(0, nil)}, &record.Gap{Why: record.GapStart}, &record.Other{Type: "pulse"})
		if got != made(t, o) {
			t.Errorf("%s: records of other types make %q", name, got)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		name  string
		o     Options
		wrong []string // words of the error; none: it is no error
	}{
		{"nothing said", Options{}, nil},
		{"named", Options{Table: Records, Profile: Default}, nil},
		{"tab", Options{Delimiter: '\t'}, nil},
		{"no ASCII", Options{Delimiter: '·'}, nil},
		{"comma and point", Options{Delimiter: ','}, nil},
		{"semicolon and comma", Options{Delimiter: ';', DecimalComma: true}, nil},
		{"spreadsheet", ExcelEU(Options{Delimiter: ','}), nil},
		{"unknown table", Options{Table: "steam"}, []string{"steam", Records, Validity, Gas, Events}},
		{"unknown profile", Options{Profile: "xx"}, []string{"xx", Default, Seed, All}},
		{"unknown profile of another table", Options{Table: Validity, Profile: "xx"}, []string{"xx"}},
		{"quote", Options{Delimiter: '"'}, []string{"delimiter"}},
		{"CR", Options{Delimiter: '\r'}, []string{"delimiter"}},
		{"LF", Options{Delimiter: '\n'}, []string{"delimiter"}},
		{"no character", Options{Delimiter: 0xD800}, []string{"delimiter"}},
		{"comma twice", Options{Delimiter: ',', DecimalComma: true}, []string{"comma", "delimiter"}},
		{"comma unsaid", Options{DecimalComma: true}, []string{"comma", "delimiter"}},
	} {
		_, err := New(io.Discard, test.o)
		if (err != nil) != (test.wrong != nil) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		for _, word := range test.wrong {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q does not say %q", test.name, err, word)
			}
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteError(t *testing.T) {
	for name, o := range kindsOfTable(t) {
		w, err := New(broken{}, o)
		if err != nil {
			t.Fatal(err)
		}
		taken := 0
		for err == nil && taken <= 2000 {
			err = w.Take(ok(raw(0, nil)))
			taken++
		}
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: Take %d gives %v", name, taken, err)
		}
		if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: Close gives %v", name, err)
		}
	}
}

func TestColumns(t *testing.T) {
	of := func(o Options) []column {
		w, err := New(io.Discard, o)
		if err != nil {
			t.Fatal(err)
		}
		return columnsOf(t, w)
	}
	var got []kind
	for _, c := range of(Options{Profile: Seed}) {
		got = append(got, c.kind)
	}
	want := slices.Repeat([]kind{numberKind}, 16)
	want[0], want[13], want[14], want[15] = textKind, textKind, textKind, textKind
	if !slices.Equal(got, want) {
		t.Errorf("kinds of seed are %v", got)
	}
	if got, want := of(Options{})[:5], []column{
		{name: "time", kind: timeKind, role: stampRole, code: telegram.ClockCode, what: telegram.KindClock},
		{name: "utc_offset", kind: offsetKind},
		{name: "meter", role: tagRole},
		{name: "status", role: tagRole},
		{name: "confidence", kind: numberKind},
	}; !slices.Equal(got, want) {
		t.Errorf("default begins with %v", got)
	}
}

// TestSheet writes a table of columns of each kind.
func TestSheet(t *testing.T) {
	var b bytes.Buffer
	at := clockOf(t, "2026-07-01T00:00:00+02:00")
	s, err := newSheet(&b, ExcelEU(Options{}), []column{{name: "1-0:14.7.0"}, {name: "=x.y", kind: numberKind}, {name: "at", kind: timeKind}})
	for _, err := range []error{err, s.add(textValue("=1.5"), numberValue(telegram.Decimal{Digits: -15, Scale: 1}), offsetValue(at)), s.add(textValue("a;b"), value{}, value{}), s.close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "\uFEFF1-0:14.7.0;=x.y;at\r\n'=1.5;-1,5;\"=\"\"+02:00\"\"\"\r\n\"a;b\";;\r\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestHostileText(t *testing.T) {
	for _, test := range []struct{ tariff, plain, guarded string }{
		{"0002", "0002", `="0002"`},
		{"1E40", "1E40", `="1E40"`},
		{"DEC1", "DEC1", `="DEC1"`},
		{`3" 1/2`, `3" 1/2`, `="3"" 1/2"`},
		{`=cmd|' /C calc'!A0`, `=cmd|' /C calc'!A0`, `'=cmd|' /C calc'!A0`},
		{"+1", "+1", "'+1"},
		{"-1", "-1", "'-1"},
		{"@SUM(A1", "@SUM(A1", "'@SUM(A1"},
		{"a,b;c", "a,b;c", "a,b;c"},
		{`say "x"`, `say "x"`, `say "x"`},
		{"\t=1", "\uFFFD=1", "\uFFFD=1"},
		{"a\rb\x00\x1b[2J", "a\uFFFDb\uFFFD\uFFFD[2J", "a\uFFFDb\uFFFD\uFFFD[2J"},
		{"T\xE9rif \x85", "Térif \uFFFD", "Térif \uFFFD"},
	} {
		r := ok(raw(0, lines{"0-0:96.14.0": test.tariff}))
		_, rows := read(t, made(t, Options{}, r), ',')
		if got := rows[0]["tariff"]; got != test.plain {
			t.Errorf("tariff %q is %q", test.tariff, got)
		}
		_, rows = read(t, made(t, ExcelEU(Options{}), r), ';')
		if got := rows[0]["tariff"]; got != test.guarded {
			t.Errorf("tariff %q for spreadsheets is %q", test.tariff, got)
		}
		_, rows = read(t, made(t, Options{BOM: true}, r), ',')
		if got, isNumber := rows[0]["tariff"], strings.HasPrefix(test.guarded, "="); got != test.guarded && !(isNumber && got == test.plain) {
			t.Errorf("tariff %q with a byte order mark is %q", test.tariff, got)
		}
	}
	r := ok(raw(0, nil))
	r.Source, r.Suspect = "-o\n.log", "@\xFF"
	_, rows := read(t, made(t, ExcelEU(Options{Table: Validity}), r), ';')
	if got := rows[0]["source"]; got != "'-o\uFFFD.log" {
		t.Errorf("source is %q", got)
	}
	_, rows = read(t, made(t, ExcelEU(Options{}), r), ';')
	if got := rows[0]["suspect"]; got != "'@\uFFFD" {
		t.Errorf("suspect is %q", got)
	}
}
