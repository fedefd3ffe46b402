package index

import (
	"bytes"
	"fmt"
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

// A damaged index is an error, or one whose lists are all of one length: none panics.
func TestDamagedIndex(t *testing.T) {
	d := sample()
	text := written(t, d)
	refused := 0
	for at := range text {
		for _, damaged := range [][]byte{text[:at], append(bytes.Clone(text[:at]), text[at+1:]...), append(append(bytes.Clone(text[:at]), ' '), text[at:]...)} {
			got, err := read(damaged, d.Key, all)
			if err != nil {
				refused++
				continue
			}
			for _, m := range got.Meters {
				for _, r := range m.Readings {
					if len(r.At) != len(r.Value) {
						t.Fatalf("at %d: %d readings at %d times", at, len(r.Value), len(r.At))
					}
				}
				for _, list := range m.lists() {
					if len(*list) != len(m.Start) {
						t.Fatalf("at %d: lists of %d and %d", at, len(*list), len(m.Start))
					}
				}
				for name, s := range m.Columns {
					if !s.fits(len(m.Start)) {
						t.Fatalf("at %d: a list of %s has another length", at, name)
					}
				}
			}
		}
	}
	if refused < len(text) {
		t.Errorf("only %d of %d damaged indexes are refused", refused, 3*len(text))
	}
	if fmt.Sprint(Columns()[0]) != "{import_kwh kWh true}" {
		t.Errorf("%v", Columns()[0])
	}
}
