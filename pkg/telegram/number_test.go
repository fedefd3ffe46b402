package telegram_test

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/telegram"
)

// TestNumberSpellings: what meters and loggers make of the number 12.3.
func TestNumberSpellings(t *testing.T) {
	for _, c := range []struct{ value, unit, want string }{
		{"00012.3*kWh", "kWh", "12.3"},
		{" 00012.3*kWh ", "kWh", "12.3"},
		{"00012.3 * kWh", "kWh", "12.3"},
		{"00012.3*KWH", "kWh", "12.3"},
		{"00012.3*Kwh", "kWh", "12.3"},
		{"00012.3kWh", "kWh", "12.3"},
		{"00012.3 kWh", "kWh", "12.3"},
		{"00012.3kWh ", "kWh", "12.3"},
		{"00012,3*kWh", "kWh", "12.3"},
		{"00012.\r\n3*kWh", "kWh", "12.3"},
		{"00012.3\r\n*kWh", "kWh", "12.3"},
		{"00012.3*k\r\nWh", "kWh", "12.3"},
		{"0012300*Wh", "kWh", "12.300"},
		{"0.0123*MWh", "kWh", "12.3"},
		{"00012.3*kWh", "Wh", "12300"},
		{"12.3*m3", "m3", "12.3"},
		{"12.3m3", "m3", "12.3"},
		{"12.3M3", "m3", "12.3"},
		{"12300*l", "m3", "12.300"},
		{"12300*dm3", "m3", "12.300"},
		{"0.0123*GJ", "MJ", "12.3"},
		{"12.3*kVAr", "kvar", "12.3"},
		{"12.3*kvah", "kVAh", "12.3"},
		{"90000*W", "kW", "90.000"},
		{"-0.5*kW", "W", "-500"},
		{"1*MW", "kW", "1000"},
		{"5", "", "5"},
		{" 5 ", "", "5"},

		{"", "kWh", ""},
		{"*kWh", "kWh", ""},
		{"kWh", "kWh", ""},
		{" ", "", ""},
		{"5", "kWh", "5"}, // the dictionary knows it
		{"5", "kW", ""},
		{"5*kWh", "", ""},
		{"5*kWh", "kW", ""},
		{"5*kWh", "kvarh", ""},
		{"5*mW", "kW", ""}, // milliwatts are no megawatts
		{"5*mw", "kW", ""},
		{"5*MA", "A", ""},
		{"5*foo", "kWh", ""},
		{"5foo", "kWh", ""},
		{"1.234,5*kWh", "kWh", ""},
		{"1,234,5*kWh", "kWh", ""},
		{"1 2*kWh", "kWh", ""},
		{"++5*kWh", "kWh", ""},
		{"+5*kWh", "kWh", "5"},
		{"5*m\xb3", "m3", "5"},
		{"5*m³", "m3", "5"},
		{"5*l/h", "m3", ""},
		{"O5*kWh", "kWh", ""},
		{"5e3*kWh", "kWh", ""},
		{"0x5*kWh", "kWh", ""},
		{"ON", "", ""},
		{"999999999999999999*GJ", "J", ""}, // too long
		{"999999999999999999*GJ", "GJ", "999999999999999999"},
	} {
		p := telegram.Parse([]byte("/AUX5990\r\n\r\n1-0:1.8.0(" + c.value + ")\r\n!\r\n"))
		d, ok := p.Number("1-0:1.8.0", c.unit)
		if ok != (c.want != "") || ok && d.String() != c.want {
			t.Errorf("%q in %q: %s, %v, want %q", c.value, c.unit, d, ok, c.want)
		}
	}
}

// TestConversion: a conversion multiplies exactly, and there and back is the same
// number.
func TestConversion(t *testing.T) {
	factors := map[string]map[string]int64{ // in the smallest of the quantity
		"W": {"W": 1, "kW": 1000, "MW": 1000000}, "Wh": {"Wh": 1, "kWh": 1000, "MWh": 1000000}, "varh": {"varh": 1, "kvarh": 1000},
		"VA": {"VA": 1, "kVA": 1000}, "J": {"J": 1, "kJ": 1000, "MJ": 1000000, "GJ": 1000000000}, "V": {"mV": 1, "V": 1000, "kV": 1000000},
		"A": {"mA": 1, "A": 1000}, "m3": {"l": 1, "dm3": 1, "m3": 1000},
	}
	r := rand.New(rand.NewPCG(15, 16))
	for range 200 {
		value := telegram.Decimal{Digits: r.Int64N(1e9), Scale: r.IntN(5)}
		for _, units := range factors {
			for from, f := range units {
				p := telegram.Parse([]byte("1-0:1.8.0(" + value.String() + "*" + from + ")\r\n"))
				for to, by := range units {
					got, ok := p.Number("1-0:1.8.0", to)
					want := new(big.Rat).Mul(value.Rat(), big.NewRat(f, by))
					if !ok || got.Rat().Cmp(want) != 0 {
						t.Fatalf("%s %s is %s %s, %v", value, from, got, to, ok)
					}
				}
			}
		}
	}
}

// TestWrapped: values that go over lines, and what only looks so.
func TestWrapped(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"inside a number", "0-0:98.1.0(1*kWh)(12\r\n34*kWh)\r\n1-0:1.7.0(5)\r\n", "0-0:98.1.0|1 kWh|12\r\n34 kWh|\n|\n1-0:1.7.0|5 |\n"},
		{"inside a unit", "0-0:98.1.0(1*k\r\nWh)\r\n", "0-0:98.1.0|1 k\r\nWh|\n|\n"},
		{"before the ')'", "0-0:98.1.0(1*kWh\r\n)\r\n", "0-0:98.1.0|1 kWh\r\n|\n|\n"},
		{"with more values after", "0-0:98.1.0(1\r\n2)(3)(4)\r\n(5)\r\n", "0-0:98.1.0|1\r\n2 |3 |4 |5 |\n|3 |4 |\n|5 |\n"},
		{"twice", "0-0:98.1.0(1\r\n2)(3\r\n4)\r\n", "0-0:98.1.0|1\r\n2 |3\r\n4 |\n|\n|\n"},
		{"in a line of values", "0-0:98.1.0(1)\r\n(2)(3\r\n4)(5)\r\n(6)\r\n", "0-0:98.1.0|1 |2 |3\r\n4 |5 |6 |\n|2 |3\r\n4 |\n|5 |\n|6 |\n"},
		{"bare LF", "0-0:98.1.0(1\n2)\n", "0-0:98.1.0|1\n2 |\n|\n"},
		{"a message of three lines", "0-0:96.13.0(a: b\r\n\r\nc\xff)\r\n", "0-0:96.13.0|a: b\r\n\r\nc\xff |\n|\n|\n"},
		{"an OBIS line", "1-0:1.7.0(5\r\n1-0:2.7.0(6)\r\n", "|\n1-0:2.7.0|6 |\n"},
		{"a damaged OBIS line", "1-0:1.7.0(5\r\n1-0:2.7.0\x006)\r\n", "|\n|\n"},
		{"a damaged OBIS line, printable", "1-0:1.7.0(5\r\n1-0:2.7.0 6)\r\n", "|\n|\n"},
		{"the end", "0-0:96.13.0(5\r\n!1234)\r\n", "|\n|\n"},
		{"a header", "0-0:96.13.0(5\r\n/AUX5)\r\n", "|\n|\n"},
		{"nothing after", "0-0:98.1.0(1\r\n2", "|\n|\n"},
		{"text after the ')'", "0-0:98.1.0(1\r\n2)3\r\n", "|\n|\n"},
		{"of no line", "(1\r\n2)\r\n", "|\n|\n"},
	} {
		if got := pieces(telegram.Parse([]byte(c.raw))); got != c.want {
			t.Errorf("%s: got\n%q, want\n%q", c.name, got, c.want)
		}
		if err := checkSpans([]byte(c.raw)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		whole := []byte("/AUX5990\r\n\r\n" + c.raw + "!\r\n")
		if err := telegram.Check(whole); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
}

// TestWrappedAnywhere breaks a line at each place where the rest of it can still be
// told from a line of its own: the values stay the same.
func TestWrappedAnywhere(t *testing.T) {
	line := "0-0:98.1.0(230801000000S)(007823.105*kWh)(000751.194*kvarh)(04.792*kW)"
	plain, _ := telegram.Parse([]byte(line + "\r\n")).MonthEnd()
	for at := strings.IndexByte(line, ')'); at < len(line); at++ {
		p := telegram.Parse([]byte(line[:at] + "\r\n" + line[at:] + "\r\n1-0:1.7.0(5*kW)\r\n"))
		m, ok := p.MonthEnd()
		if !ok || !m.AtOK || len(m.Entries) != len(plain.Entries) {
			t.Fatalf("%s at %d: %+v", line, at, m)
		}
		for i, e := range m.Entries {
			if e.Value != plain.Entries[i].Value || e.Column() != plain.Entries[i].Column() || !e.OK {
				t.Fatalf("%s at %d: %+v", line, at, e)
			}
		}
		if d, ok := p.Number("1-0:1.7.0", "kW"); !ok || d.String() != "5" {
			t.Fatalf("%s at %d: the next line is %s", line, at, d)
		}
	}
}

// TestTimeBesideBareNumber: a readout by IEC 62056-21 has the unit behind the reading alone; what
// stands beside the readings of past billing periods is a time there too (as a Landis+Gyr ZMD and
// an E570 send them).
func TestTimeBesideBareNumber(t *testing.T) {
	for _, c := range []struct {
		values, number, stamp string
	}{
		{"(00.641*kW)(2608091845)", "0.641", "2608091845"},
		{"(02.142)(2607220915)", "2.142", "2607220915"},
		{"(2607220915)(02.142)", "2.142", "2607220915"},
		{"(02.142)(260722091500)", "2.142", "260722091500"},
		{"(02.142)(20260722091500)", "2.142", "20260722091500"},
		{"(02.142)(9999999999)", "2.142", ""}, // no time: a number
		{"(02)(2607220915)", "2", ""},         // two counts may be
	} {
		p := telegram.Parse([]byte("/TST5meter\r\n\r\n1-1:1.6.0*62" + c.values + "\r\n!\r\n"))
		values, _ := p.Find("1-1:1.6.0*62")
		_, stamp, _ := p.Stamp(values)
		got := p.Measures(values)
		if len(got) == 0 || got[0].Number.String() != c.number || stamp != c.stamp {
			t.Errorf("%s: %v and %q", c.values, got, stamp)
		}
	}
}
