package telegram_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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
		"0-0:98.1.0(1*kWh)(12\r\n34*kWh)(5)\r\n(6)\r\n(7\r\n8)",
		"0-0:96.13.0(a\r\nb\r\n\r\nc)",
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
		blanks := strings.NewReplacer(" ", "", "\t", "") // those around parentheses are in no piece
		if got := format(p); blanks.Replace(string(got)) != blanks.Replace(string(raw)) {
			t.Fatalf("the pieces of an accepted telegram are %q", got)
		}
	})
}

// FuzzMeanings: what a telegram says of devices, history and messages is said in
// its own bytes, whatever they are.
func FuzzMeanings(f *testing.F) {
	for _, d := range dialects {
		f.Add(d.raw)
	}
	for _, line := range []string{
		"0-0:98.1.0(0)(1-0:1.6.0)(1-0:1.6.0)()",
		"0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(231201000000W)",
		"0-0:98.1.0(230801000000S)(001234.567*kWh)(00\r\n1234.567*kWh)\r\n(01.234*kW )",
		"1-0:1.6.0(02.589*kW)",
		"1-0:99.97.0()",
		"1-0:99.97.0(10)(0-0:96.7.19)(211018104823S)(0000005521*s)(201108115904W)",
		"0-1:24.3.0(260301120000)(00)(60)(255)(0-1:24.2.1)(m3)\r\n(00001.001)",
		"0-1:24.2.0.0()", "0-1:24.3.0(m3)", "0-1:24.2.1()", "0-1:24.1.0()", "0-4:24.1.0(999)",
		"0-0:96.13.0(first\r\nsecond)", "0-0:96.13.1(a (b))", "0-0:96.13.0()", "0-0:96.13.0(c3)",
	} {
		f.Add(telegramOf("ABC5x", line))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4096 {
			return
		}
		p := telegram.Parse(raw)
		sent := func(what string, texts ...string) {
			for _, text := range texts {
				if !bytes.Contains(raw, []byte(text)) {
					t.Fatalf("%s: %q was not sent", what, text)
				}
			}
		}
		channel := 0
		for _, d := range p.Devices() {
			sent("device", d.AtText, d.Text, d.Valve) // its code may be written in another form
			if d.Channel <= channel || d.Channel > 19 || d.OK && d.Code == "" || d.AtOK && d.AtText == "" {
				t.Fatalf("device %+v after channel %d", d, channel)
			}
			channel = d.Channel
		}
		for _, k := range p.Peaks() {
			sent("peak", k.PeriodText, k.AtText, k.Text)
			if k.PeriodText+k.AtText+k.Text == "" {
				t.Fatalf("an empty peak: %+v", k)
			}
		}
		m, ok := p.MonthEnd()
		sent("month end", m.AtText)
		for _, e := range m.Entries {
			sent("month end", e.Text)
		}
		if ok && len(p.Peaks()) > 1 {
			t.Fatal("both Belgian and Hungarian")
		}
		log, said, whole := p.Failures()
		for _, e := range log {
			sent("failure", e.EndText, e.DurationText)
		}
		if whole && said >= 0 && said != len(log) {
			t.Fatalf("%d failures of %d are said to be all", len(log), said)
		}
		for _, m := range p.Messages() {
			if !utf8.ValidString(m.Text) {
				t.Fatalf("message %q", m.Text)
			}
		}
		columns := map[string]string{}
		for _, l := range p.Lines {
			code := string(l.Code.Of(raw))
			if code == "" {
				continue
			}
			m := p.Meanings(code)[0]
			column := m.Column()
			if other, ok := columns[column]; ok && other != m.Code || !columnText.MatchString(column) {
				t.Fatalf("%s is %q, and so is %s", code, column, other)
			}
			columns[column] = m.Code
		}
		if p.Dialect() == "" {
			t.Fatal("no dialect")
		}
	})
}

var columnText = regexp.MustCompile(`^[a-z0-9_]+$`)

// FuzzColumns: two codes have one column only where they are one code.
func FuzzColumns(f *testing.F) {
	for _, pair := range [][2]string{
		{"1-0:1.8.0", "1-0:1.8.0*255"}, {"1-0:1.8.0", "1-0:1.8.0*1"}, {"1-0:21.7.255*255", "1-0:21.7.0"}, {"0-1:24.2.1", "0-2:24.2.1"}, {"0-12:96.1.0", "0-1:96.1.2"},
		{"1-0:1.08.0", "1-0:1.8.0"}, {"1-0:32.7.3", "1-0:32.7.0"}, {"9-9:9.9.9", "99-9:9.9.9"}, {"1-0:1.8.0*255", "1-0:1.8.255"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if telegram.CodeLen([]byte(a+"(")) != len(a) || telegram.CodeLen([]byte(b+"(")) != len(b) || a == "" || b == "" {
			return
		}
		ma, mb := telegram.Lookup(a), telegram.Lookup(b)
		if same := ma.Column() == mb.Column(); same != (telegram.Canonical(a) == telegram.Canonical(b)) {
			t.Fatalf("%s is %s, %s is %s", a, ma.Column(), b, mb.Column())
		}
		if !columnText.MatchString(ma.Column()) || ma.Title == "" {
			t.Fatalf("%s is %+v", a, ma)
		}
	})
}

// FuzzNumber: what is read as a number in some unit has the digits that were sent,
// and nothing else but zeros.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"00012.3*kWh", " 00012,3*KWH ", "12kWh", "12.3m3", "90000*W", "-0.5*kW", "", "*", "ON", "1\r\n2*kWh", "999999999999999999*GJ", "5*foo", "5m3m3"} {
		f.Add(text, "kWh")
		f.Add(text, "W")
	}
	f.Fuzz(func(t *testing.T, text, unit string) {
		p := telegram.Parse([]byte("1-0:1.8.0(" + text + ")\r\n"))
		d, ok := p.Number("1-0:1.8.0", unit)
		if !ok {
			return
		}
		number, _, _ := strings.Cut(text, "*")
		number = strings.NewReplacer("m3", "", "M3", "").Replace(number)
		if got, want := significant(d.String()), significant(number); got != want {
			t.Fatalf("%q in %q is %s", text, unit, d)
		}
		if minus := strings.Contains(number, "-"); minus != (d.Digits < 0) && d.Digits != 0 {
			t.Fatalf("%q in %q is %s", text, unit, d)
		}
	})
}

// significant is the digits of a number without the zeros around them.
func significant(text string) string {
	var b strings.Builder
	for _, c := range text {
		if c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	return strings.Trim(b.String(), "0")
}

// FuzzClock: a time that is read shows its digits in any zone.
func FuzzClock(f *testing.F) {
	for _, text := range []string{"261025023000", "261025023000S", "261025023000W", "260329023000", "700101010000W", "000101000000", "", "991231235959S"} {
		f.Add(text)
	}
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := telegram.ParseClock(text)
		if err != nil {
			return
		}
		first, how := c.In(amsterdam)
		second := c.Second(amsterdam)
		for _, in := range []telegram.Clock{first, second} {
			if !strings.HasPrefix(text, in.Time.Format("060102150405")) || in.Season == 0 {
				t.Fatalf("%s shows %s", text, in.RFC3339())
			}
		}
		if (how == telegram.Twice) != first.Time.Before(second.Time) {
			t.Fatalf("%s is %s and %s", text, first.RFC3339(), second.RFC3339())
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
