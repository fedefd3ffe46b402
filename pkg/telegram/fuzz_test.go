package telegram_test

import (
	"bytes"
	"strings"
	"testing"

	"p1/pkg/telegram"
)

// FuzzParse: whatever comes in, nothing panics, every byte is in a line or a
// line end, and codes are found where an expression finds them. What Check
// accepts, the pieces write back byte for byte.
func FuzzParse(f *testing.F) {
	short := []byte("/AUX5990\r\n\r\n1-0:1.8.0(008234.524*kWh)\r\n(1)\r\n!D0BA\r\n")
	for n := range short {
		f.Add(short[:n])
		for bit := range 8 {
			flipped := bytes.Clone(short)
			flipped[n] ^= 1 << bit
			f.Add(flipped)
		}
	}
	for _, line := range []string{
		"1-3:0.2.8(42)",
		"0-0:1.0.0(231029023000W)",
		"0-0:96.1.1(4530303434303037313331363530363137)",
		"0-0:96.13.0(\xff\xff\xff\xff\xff\xff\xff\xff)",
		"0-0:96.50.68(ON)",
		"0-0:96.14.0(TARIFF 1)",
		"0-0:96.3.10(1)",
		"0-0:17.0.0(90000*W)",
		"1-0:1.8.0(00000123.456*kWh )",
		"1-0:1.8.0*255(000123.456*kWh)",
		"1-0:1.7.0(0001.234*kW)",
		"1-0:99.97.0(2)(0-0:96.7.19)(211018104823S)(0000005521*s)(201108115904W)(0000004211*s)",
		"0-1:24.2.1(230824012000S)(00123.456*m3)",
		"0-1:24.3.0(230824010000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00123.456)",
		"0-1:24.2.3(240101120500W)(01234.567*m3)",
		"0-0:98.1.0(230801000000S)(001234.567*kWh)\r\n(001234.567*kWh)\r\n(01.234*kW)",
		"0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)",
	} {
		f.Add([]byte("/ISK5\\2M550T-1012\r\n\r\n" + line + "\r\n!\r\n"))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4096 {
			return
		}
		if err := checkSpans(raw); err != nil {
			t.Fatal(err)
		}
		if err := checkLineAt(raw); err != nil {
			t.Fatal(err)
		}
		if err := checkCode(raw); err != nil {
			t.Fatal(err)
		}
		p := telegram.Parse(raw)
		p.Meter()
		if c, text, ok := p.Clock(); ok && !strings.HasPrefix(strings.NewReplacer("\r", "", "\n", "").Replace(strings.TrimLeft(text, " \t\r\n\v\f\u0085\u00A0")), c.Time.Format("060102150405")) {
			t.Fatalf("the clock %q is read as %s", text, c.RFC3339())
		}
		if telegram.Check(raw) != nil {
			return
		}
		if got := format(p); !bytes.Equal(got, raw) {
			t.Fatalf("the pieces of an accepted telegram are %q", got)
		}
	})
}

// FuzzDecimal: what is read as a number is written back, but for leading zeros.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{"008234.524", "0", "00.000", "-0.5", "-12", ".5", "5.", ".", "-", "", "1.2.3", "1e3", "+1", "0x1", "999999999999999999", "1000000000000000000", "0000000000000000001"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := telegram.ParseDecimal(text); ok {
			checkDecimal(t, text, d)
		}
	})
}
