package telegram_test

import (
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"p1/pkg/telegram"
)

func TestParseClock(t *testing.T) {
	for _, c := range []struct{ text, rfc3339, local, offset string }{
		{"230824012130S", "2023-08-24T01:21:30+02:00", "2023-08-24 01:21:30", "+02:00"},
		{"231029023000S", "2023-10-29T02:30:00+02:00", "2023-10-29 02:30:00", "+02:00"},
		{"231029023000W", "2023-10-29T02:30:00+01:00", "2023-10-29 02:30:00", "+01:00"},
		{"240229235959W", "2024-02-29T23:59:59+01:00", "2024-02-29 23:59:59", "+01:00"},
		{"000101000000W", "2000-01-01T00:00:00+01:00", "2000-01-01 00:00:00", "+01:00"},
		{"691231235959W", "2069-12-31T23:59:59+01:00", "2069-12-31 23:59:59", "+01:00"},
		{"700101010000W", "1970-01-01T01:00:00+01:00", "1970-01-01 01:00:00", "+01:00"}, // never set
		{"150701190000s", "2015-07-01T19:00:00+02:00", "2015-07-01 19:00:00", "+02:00"},
		{"150101190000w", "2015-01-01T19:00:00+01:00", "2015-01-01 19:00:00", "+01:00"},
		{"120401123456", "2012-04-01T12:34:56", "2012-04-01 12:34:56", ""},
	} {
		got, err := telegram.ParseClock(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got.RFC3339() != c.rfc3339 || got.Local() != c.local || got.Offset() != c.offset {
			t.Errorf("%s: %s, %s, %q", c.text, got.RFC3339(), got.Local(), got.Offset())
		}
		season := byte(0)
		if len(c.text) == 13 {
			season = strings.ToUpper(c.text)[12]
		}
		if got.Season != season {
			t.Errorf("%s: season %q", c.text, got.Season)
		}
	}
}

// TestRepeatedHour: between 02:30 in summer time and 02:30 in winter time of
// the same night lies an hour, which only S and W tell apart.
func TestRepeatedHour(t *testing.T) {
	first, err1 := telegram.ParseClock("231029023000S")
	second, err2 := telegram.ParseClock("231029023000W")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if d := second.Time.Sub(first.Time); d != time.Hour {
		t.Errorf("%s lie between them", d)
	}
}

func TestParseClockRefuses(t *testing.T) {
	for _, text := range []string{
		"", "S", "2308240121", "23082401213", "230824012130SS", "230824012130\x13", "230824012130X", "230824012130 ",
		"23082401213OS", "23082A012130S", "-30824012130S", "2308240121 0S",
		"230024012130S", "231324012130S", "230800012130S", "230832012130S", "230431012130S", "230229012130W", "240230012130W",
		"230824242130S", "230824016030S", "230824012160S", "230824012130\x00",
	} {
		if got, err := telegram.ParseClock(text); err == nil {
			t.Errorf("%q is read as %s", text, got.RFC3339())
		}
	}
}

// TestClockRoundTrip writes random times as a meter does and reads them back.
func TestClockRoundTrip(t *testing.T) {
	d := rand.New(rand.NewPCG(5, 6))
	begin := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	end := time.Date(2070, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for range 20000 {
		wall := time.Unix(begin+d.Int64N(end-begin), 0).UTC()
		digits := wall.Format("060102150405")
		for suffix, ahead := range map[string]time.Duration{"": 0, "W": time.Hour, "S": 2 * time.Hour} {
			c, err := telegram.ParseClock(digits + suffix)
			if err != nil {
				t.Fatalf("%s%s: %v", digits, suffix, err)
			}
			if want := wall.Add(-ahead); !c.Time.Equal(want) {
				t.Fatalf("%s%s: %s, want %s", digits, suffix, c.Time, want)
			}
			if c.Time.Format("060102150405") != digits || c.Local() != wall.Format(time.DateTime) {
				t.Fatalf("%s%s is shown as %s", digits, suffix, c.Local())
			}
			if suffix != "" {
				if back, err := time.Parse(time.RFC3339, c.RFC3339()); err != nil || !back.Equal(c.Time) {
					t.Fatalf("%s%s: %s means %s", digits, suffix, c.RFC3339(), back)
				}
			}
		}
	}
}

// withoutZeros is a number's text without leading zeros, and with a digit before
// its point.
func withoutZeros(text string) string {
	body, negative := strings.CutPrefix(text, "-")
	body = strings.TrimSuffix(strings.TrimLeft(body, "0"), ".")
	if body == "" || body[0] == '.' {
		body = "0" + body
	}
	if negative && strings.Trim(body, "0.") != "" {
		body = "-" + body
	}
	return body
}

func checkDecimal(t *testing.T, text string, d telegram.Decimal) {
	t.Helper()
	if got, want := d.String(), withoutZeros(text); got != want {
		t.Fatalf("%q is written %s, want %s", text, got, want)
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok || d.Rat().Cmp(exact) != 0 {
		t.Fatalf("%q is read as %s", text, d.Rat())
	}
	again, ok := telegram.ParseDecimal(d.String())
	// The zero before a point that had none may be a digit too many.
	if long := !ok && d.Scale == 18; !long && again != d {
		t.Fatalf("%q is %v, and written and read again %v", text, d, again)
	}
	if got := string(d.Append([]byte("x"))); got != "x"+d.String() {
		t.Fatalf("Append of %q to x: %s", text, got)
	}
}

// digits returns n random digits.
func digits(d *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + d.IntN(10))
	}
	return string(b)
}

func TestDecimalRoundTrip(t *testing.T) {
	d := rand.New(rand.NewPCG(7, 8))
	for range 20000 {
		n := 1 + d.IntN(18)
		text := digits(d, n)
		if d.IntN(3) == 0 {
			text = strings.Repeat("0", n/2) + text[n/2:]
		}
		if point := d.IntN(n + 1); point > 0 && point < n {
			text = text[:point] + "." + text[point:]
		}
		if d.IntN(4) == 0 {
			text = "-" + text
		}
		got, ok := telegram.ParseDecimal(text)
		if !ok {
			t.Fatalf("%q is refused", text)
		}
		checkDecimal(t, text, got)
	}
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text, want string
		scale      int
	}{
		{"008234.524", "8234.524", 3},
		{"00.000", "0.000", 3},
		{"0", "0", 0},
		{"0002", "2", 0},
		{"-0.5", "-0.5", 1},
		{"-0012.50", "-12.50", 2},
		{"-0.00", "0.00", 2},
		{"999999999999999999", "999999999999999999", 0},
		{"-99999999999999999.9", "-99999999999999999.9", 1},
		{"0.000000000000000001", "", 0}, // 19 digits
		{".000000000000000001", "0.000000000000000001", 18},
	} {
		d, ok := telegram.ParseDecimal(c.text)
		if ok != (c.want != "") {
			t.Errorf("%q: %v, %v", c.text, d, ok)
		}
		if ok && (d.String() != c.want || d.Scale != c.scale) {
			t.Errorf("%q: %s with %d decimals, want %s with %d", c.text, d, d.Scale, c.want, c.scale)
		}
	}
	for _, text := range []string{"", "-", ".", "-.", "1.2.3", "1,2", "1e3", "+1", " 1", "1 ", "--1", "1-", "0x1F", "ON", "١", "1000000000000000000", "0000000000000000001"} {
		if d, ok := telegram.ParseDecimal(text); ok {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

// TestShift: the same digits, a power of ten apart.
func TestShift(t *testing.T) {
	d := rand.New(rand.NewPCG(9, 10))
	for range 5000 {
		x := telegram.Decimal{Digits: d.Int64N(2e9) - 1e9, Scale: d.IntN(6)}
		n := d.IntN(15) - 7
		got := x.Shift(n)
		power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil))
		if n > 0 {
			power.Inv(power)
		}
		if want := new(big.Rat).Mul(x.Rat(), power); got.Rat().Cmp(want) != 0 {
			t.Fatalf("%s shifted by %d is %s", x, n, got)
		}
		if got.Scale < 0 || x.Scale+n >= 0 && got.Digits != x.Digits {
			t.Fatalf("%v shifted by %d is %v", x, n, got)
		}
	}
	if got := (telegram.Decimal{Digits: 230, Scale: 0}).Shift(3).String(); got != "0.230" {
		t.Errorf("230 W are %s kW", got)
	}
	if got := (telegram.Decimal{Digits: 5, Scale: 1}).Shift(-3).String(); got != "500" {
		t.Errorf("0.5 kW are %s W", got)
	}
}

func TestNumber(t *testing.T) {
	p := telegram.Parse([]byte("/AUX5990\r\n\r\n" +
		"1-0:1.8.0(008234.524*kWh)\r\n" +
		"1-0:2.8.0(8234524*Wh)\r\n" +
		"1-0:3.8.0(000012.345*kvarh)\r\n" +
		"1-0:4.8.0(12345*varh)\r\n" +
		"1-0:1.7.0(00.123*kW)\r\n" +
		"1-0:2.7.0(123*W)\r\n" +
		"1-0:32.7.0(234.5*V)\r\n" +
		"1-0:52.7.0(0.2345*kV)\r\n" +
		"1-0:13.7.0(0.998)\r\n" +
		"1-0:5.7.0(*kW)\r\n" +
		"1-0:6.7.0()\r\n" +
		"1-0:7.7.0(0O.123*kW)\r\n" +
		"1-0:8.7.0(5*k)\r\n" +
		"1-0:9.7.0(-0.500*kW)\r\n" +
		"0-1:24.2.1(230824012000S)(00123.456*m3)\r\n" +
		"1-0:1.8.0(1*kWh)\r\n" +
		"!\r\n"))
	for _, c := range []struct{ code, unit, want string }{
		{"1-0:1.8.0", "kWh", "8234.524"}, // the first of two
		{"1-0:2.8.0", "kWh", "8234.524"},
		{"1-0:3.8.0", "kvarh", "12.345"},
		{"1-0:4.8.0", "kvarh", "12.345"},
		{"1-0:1.7.0", "kW", "0.123"},
		{"1-0:2.7.0", "kW", "0.123"},
		{"1-0:2.7.0", "W", "123"},
		{"1-0:9.7.0", "kW", "-0.500"},
		{"1-0:32.7.0", "V", "234.5"},
		{"1-0:13.7.0", "", "0.998"},
		{"0-1:24.2.1", "m3", "123.456"}, // the reading, not its time
		{"1-0:1.7.0", "W", "123"},
		{"1-0:1.7.0", "kWh", ""},
		{"1-0:1.8.0", "kW", ""},
		{"1-0:52.7.0", "V", "234.5"},
		{"1-0:13.7.0", "kW", ""},
		{"1-0:13.7.0", "k", ""},
		{"1-0:5.7.0", "kW", ""},
		{"1-0:6.7.0", "kW", ""},
		{"1-0:7.7.0", "kW", ""},
		{"1-0:8.7.0", "", ""},
		{"1-0:99.7.0", "kW", ""},
	} {
		d, ok := p.Number(c.code, c.unit)
		if ok != (c.want != "") || ok && d.String() != c.want {
			t.Errorf("%s in %q: %s, %v, want %q", c.code, c.unit, d, ok, c.want)
		}
	}
}

func TestText(t *testing.T) {
	p := telegram.Parse([]byte(oldGas))
	if got, ok := p.Text("0-1:24.3.0"); !ok || got != "00123.456" {
		t.Errorf("gas on two lines: %q, %v", got, ok)
	}
	if values, ok := p.Find("0-1:24.3.0"); !ok || len(values) != 7 {
		t.Errorf("gas on two lines: %d values, %v", len(values), ok)
	}
	if got, ok := p.Text("0-1:24.2.1"); ok {
		t.Errorf("a code that stands in a value is found: %q", got)
	}
}

func TestMeter(t *testing.T) {
	lines := func(lines ...string) string {
		return "/ISK5ME162\r\n\r\n" + strings.Join(lines, "\r\n") + "\r\n!\r\n"
	}
	for _, c := range []struct{ name, raw, want string }{
		{"hex", lines("0-0:96.1.1(4530303434303037)"), "E0044007"},
		{"hex in lower case", lines("0-0:96.1.1(4b30)"), "K0"},
		{"hex of small letters", lines("0-0:96.1.1(6b30)"), "6b30"},
		{"a serial number of ten digits", lines("0-0:96.1.0(5234567890)"), "5234567890"},
		{"a serial number that is hex of signs", lines("0-0:96.1.0(2122232425)"), "2122232425"},
		{"Q3D", lines("1-0:0.0.0*255(1EBZ0100000000)", "1-0:1.8.0*255(1*kWh)"), "1EBZ0100000000"},
		{"Q3D, two codes", lines("1-0:0.0.0*255(1EBZ0100000001)", "0-0:96.1.255*255(1EBZ0100000002)"), "1EBZ0100000002"},
		{"LK13, whose header is the model", lines("1-0:96.1.0*255(001TST0012345678)", "1-0:1.8.0*255(1*kWh)"), "001TST0012345678"},
		{"channel 1", lines("1-1:0.0.0(001TST0012345679)", "1-1:1.8.0(1*kWh)"), "001TST0012345679"},
		{"digits that give no text", lines("0-0:96.1.0(7712345678)"), "7712345678"},
		{"text", lines("0-0:42.0.0(AUX1047712345678)"), "AUX1047712345678"},
		{"odd number of digits", lines("0-0:96.1.1(453)"), "453"},
		{"one byte is unprintable", lines("0-0:96.1.1(45301F)"), "45301F"},
		{"DEL", lines("0-0:96.1.1(45307F)"), "45307F"},
		{"96.1.1 before 96.1.0", lines("0-0:42.0.0(c)", "0-0:96.1.0(b)", "0-0:96.1.1(a)"), "a"},
		{"96.1.0 before 42.0.0", lines("0-0:42.0.0(c)", "0-0:96.1.0(b)"), "b"},
		{"an empty one is none", lines("0-0:96.1.1()", "0-0:96.1.0()", "0-0:42.0.0(c)"), "c"},
		{"gas meters do not count", lines("0-1:96.1.0(4730)"), "ME162"},
		{"header", lines("1-0:1.8.0(1*kWh)"), "ME162"},
		{"short header", "/ISK5\r\n\r\n1-0:1.8.0(1*kWh)\r\n!\r\n", ""},
		{"no header", "1-0:1.8.0(1*kWh)\r\n!\r\n", ""},
		{"nothing", "", ""},
	} {
		if got := telegram.Parse([]byte(c.raw)).Meter(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestMeterHex: any identifier of letters and digits that a meter writes in hex
// is read, and no other text.
func TestMeterHex(t *testing.T) {
	d := rand.New(rand.NewPCG(11, 12))
	const allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for n := range 4000 {
		id := make([]byte, 1+d.IntN(20))
		for i := range id {
			id[i] = allowed[d.IntN(len(allowed))]
		}
		want := string(id)
		written := hex.EncodeToString(id)
		if n%2 == 1 {
			i := d.IntN(len(id))
			for strings.IndexByte(allowed, id[i]) >= 0 {
				id[i] = byte(d.IntN(256))
			}
			written = hex.EncodeToString(id)
			want = written
			if i == 0 || i == len(id)-1 {
				id[i] = " \x00\xff"[d.IntN(3)] // that is no part of the name
				written = hex.EncodeToString(id)
				want = string(id[1-min(i, 1) : len(id)-min(i, 1)])
				if len(id) == 1 {
					want = written
				}
			}
		}
		raw := "/ISK5ME162\r\n\r\n0-0:96.1.1(" + written + ")\r\n!\r\n"
		if got := telegram.Parse([]byte(raw)).Meter(); got != want {
			t.Fatalf("%q is read as %q", id, got)
		}
	}
}

func TestClock(t *testing.T) {
	for _, c := range []struct {
		lines, text string
		ok          bool
	}{
		{"0-0:1.0.0(230824012130S)\r\n", "230824012130S", true},
		{"0-0:1.0.0(230824012130)\r\n", "230824012130", true},
		{"0-0:1.0.0(2308240121 0S)\r\n", "2308240121 0S", false},
		{"0-0:1.0.0()\r\n", "", false},
		{"0-1:24.2.1(230824012000S)(00123.456*m3)\r\n", "", false},
	} {
		_, text, ok := telegram.Parse([]byte("/AUX5990\r\n\r\n" + c.lines + "!\r\n")).Clock()
		if text != c.text || ok != c.ok {
			t.Errorf("%q: %q, %v", c.lines, text, ok)
		}
	}
}
