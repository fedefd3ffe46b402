package index

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"reflect"
	"testing"
	"time"

	"p1/pkg/telegram"
)

func all(*Meter, string) bool { return true }

// sample is an index with all that one may hold.
func sample() *Day {
	values := func(texts ...string) (v Values) {
		for _, text := range texts {
			d, ok := telegram.ParseDecimal(text)
			v = append(v, Value{d, ok})
		}
		return v
	}
	two := Ints{1, 2}
	return &Day{
		Key:    Key{Version: version, Name: "p1.jsonl", Size: 5, Mtime: time.Unix(1700000000, 123).UTC(), Zone: "Europe/Amsterdam"},
		Counts: Counts{Telegrams: 180, Timeless: 1, Stray: 2, Noise: 3, Broken: true},
		Meters: []*Meter{{
			Name: "E\"1\n", Start: Ints{900, 1800}, Offset: Ints{3600, -3600}, From: two, To: two, Telegrams: two, Repaired: two,
			Unverified: two, Doubted: two, Suspect: two, Salvaged: two, Lost: two, Period: 10, Has: "import_kwh voltage_l1_v",
			Columns: map[string]*Series{
				"import_kwh":   {Column: "import_kwh", First: values("0001.500", "-"), Last: values("1.510", "12345678.123456"), Gain: values("0.010", "-"), Count: two},
				"voltage_l1_v": {Column: "voltage_l1_v", Min: values("229.9", "-"), Max: values("230.1", "-0.5"), Sum: values("20700.0", "-"), Above: values("0", "-"), Below: values("-", "7"), Count: two},
			},
			Readings: []*Readings{{Column: "gas_m3", Device: "G\"1", At: Ints{1800}, Value: values("4711.235")}},
		}},
		Events: []Event{{Event: "gap", Time: "2026-03-01T00:00:00+01:00", Meter: "E", Count: 3, Note: "unplugged"}, {Event: "power_failure", Time: "2026-03-01T00:00:00+01:00", Length: 240}},
		Peaks:  []Peak{{Month: "2026-03", Register: "import", KW: "4.329"}},
		Diagnosis: &Diagnosis{Telegrams: 180, Intact: 170, Repaired: 7, Remaining: 3, Hits: 12,
			Findings: []Finding{{Cause: "slip", Hits: 11.5}, {Cause: "cut", Hits: 0.5}}},
	}
}

func written(t *testing.T, d *Day) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is written is read again, digit by digit.
func TestReadIsWhatWasWritten(t *testing.T) {
	d := sample()
	got, err := read(written(t, d), d.Key, all)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, d) {
		t.Errorf("got %+v, want %+v", got, d)
	}
	if text := got.Meters[0].Columns["import_kwh"].Last[1].String(); text != "12345678.123456" {
		t.Errorf("digits are lost: %s", text)
	}
	one, err := read(written(t, d), d.Key, func(_ *Meter, column string) bool { return column == "voltage_l1_v" })
	if err != nil || len(one.Meters[0].Columns) != 1 {
		t.Errorf("%v, %v", one, err)
	}
}

// An index of another file, of another state of it, or of another form is none.
func TestOtherKeys(t *testing.T) {
	d := sample()
	text := written(t, d)
	for i, change := range []func(*Key){
		func(k *Key) { k.Name = "other" }, func(k *Key) { k.Size++ }, func(k *Key) { k.Mtime = k.Mtime.Add(1) },
		func(k *Key) { k.Zone = "" }, func(k *Key) { k.Version++ },
	} {
		key := d.Key
		change(&key)
		if _, err := read(text, key, all); err == nil {
			t.Errorf("key %d is taken for the same", i)
		}
	}
}

// damages are an index cut off, without a byte, and with one more, at each place.
func damages(text []byte) (list [][]byte) {
	for at := range text {
		list = append(list, text[:at], append(bytes.Clone(text[:at]), text[at+1:]...), append(append(bytes.Clone(text[:at]), ' '), text[at:]...))
	}
	return list
}

// A damaged index is none, wherever it was cut off: at the end of a line, too.
func TestDamagedIndex(t *testing.T) {
	d := sample()
	text := written(t, d)
	for _, damaged := range append(damages(text), append(bytes.Clone(text[:len(text)/2]), make([]byte, len(text)-len(text)/2)...), append(bytes.Clone(text), text...)) {
		if _, err := read(damaged, d.Key, all); err == nil {
			t.Fatalf("%q is taken for an index", damaged)
		}
	}
}

// One that somebody else has written is an error, or has lists of one length in all that a question
// looks into: none panics.
func TestForeignIndex(t *testing.T) {
	d := sample()
	text, err := whole(written(t, d))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, damaged := range damages(text) {
		got, err := read(fmt.Appendf(damaged[:len(damaged):len(damaged)], endLine, crc32.ChecksumIEEE(damaged)), d.Key, all)
		if err != nil {
			refused++
			continue
		}
		for _, m := range got.Meters {
			for _, r := range m.Readings {
				if len(r.At) != len(r.Value) {
					t.Fatalf("%q: %d readings at %d times", damaged, len(r.Value), len(r.At))
				}
			}
			for _, list := range m.lists() {
				if len(*list) != len(m.Start) {
					t.Fatalf("%q: lists of %d and %d", damaged, len(*list), len(m.Start))
				}
			}
			for name, s := range m.Columns {
				if !s.fits(len(m.Start)) {
					t.Fatalf("%q: a list of %s has another length", damaged, name)
				}
			}
		}
	}
	if refused < len(text) {
		t.Errorf("only %d of %d are refused", refused, 3*len(text))
	}
	for _, change := range [][2]string{
		{`"gain":"0.010 -",`, ""}, {`"first":"1.500 -",`, ""}, {`"last":"1.510 12345678.123456",`, ""}, {`"gain":"0.010 -"`, `"gain":""`},
		{`"min":"229.9 -",`, ""}, {`"max":"230.1 -0.5",`, ""}, {`"sum":"20700.0 -",`, ""}, {`"column":"import_kwh"`, `"column":"voltage_l1_v"`},
		{`"column":"import_kwh"`, `"column":"import_kwt"`}, {`"start":"900 1800"`, `"start":"900 9223372036854775807"`},
		{`"offset":"3600 -3600"`, `"offset":"3600 -86401"`}, {`"start":"900 1800"`, `"start":"900"`}, {`"start":"900 1800",`, ""},
	} {
		foreign := bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(foreign, text) {
			t.Errorf("%s is not there", change[0])
		}
		if _, err := read(fmt.Appendf(foreign, endLine, crc32.ChecksumIEEE(foreign)), d.Key, all); err == nil {
			t.Errorf("with %q instead of %q it is taken for an index", change[1], change[0])
		}
	}
	if fmt.Sprint(Columns()[0]) != "{import_kwh kWh true}" {
		t.Errorf("%v", Columns()[0])
	}
}
