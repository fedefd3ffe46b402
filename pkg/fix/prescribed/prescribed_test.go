package prescribed

import (
	"bytes"
	"strings"
	"testing"

	"p1/pkg/channel"
)

// invented is a telegram of P1 companion standard 5.0.2 whose values are nobody's.
const invented = "/QQZ5\\INVENTED-77\r\n\r\n" +
	"1-3:0.2.8(50)\r\n" +
	"0-0:1.0.0(240517093412S)\r\n" +
	"0-0:96.1.1(4530303939383837373636353535343433)\r\n" +
	"1-0:1.8.1(003141.592*kWh)\r\n" +
	"1-0:1.8.2(002718.281*kWh)\r\n" +
	"1-0:2.8.1(000000.000*kWh)\r\n" +
	"1-0:2.8.2(000000.017*kWh)\r\n" +
	"0-0:96.14.0(0002)\r\n" +
	"1-0:1.7.0(00.777*kW)\r\n" +
	"1-0:2.7.0(00.000*kW)\r\n" +
	"0-0:96.7.21(00011)\r\n" +
	"0-0:96.7.9(00003)\r\n" +
	"1-0:99.97.0(1)(0-0:96.7.19)(230102030405W)(0000000321*s)\r\n" +
	"1-0:32.32.0(00002)\r\n" +
	"1-0:32.36.0(00000)\r\n" +
	"0-0:96.13.0()\r\n" +
	"1-0:32.7.0(229.4*V)\r\n" +
	"1-0:31.7.0(003*A)\r\n" +
	"1-0:21.7.0(00.777*kW)\r\n" +
	"1-0:22.7.0(00.000*kW)\r\n" +
	"!0000\r\n"

func costs() *channel.Costs { return channel.NewModel(false).Costs() }

// A telegram that keeps the standard is what its dialect prescribes, to the byte.
func TestStandardTelegram(t *testing.T) {
	p := Of([]byte(invented), costs()).Best
	if p.Dialect != "dsmr5" || string(p.Shape.Text) != invented || p.Differences != 0 || p.Strange {
		t.Errorf("%s, %d differences, strange %v:\n%s", p.Dialect, p.Differences, p.Strange, p.Shape.Text)
	}
}

// Whichever byte of the prescribed text is lost, or read as another, the plan has it again; those
// of names and numbers it leaves open.
func TestEachByteOfTheTextIsPrescribed(t *testing.T) {
	whole := Of([]byte(invented), costs()).Best.Shape
	for at := 1; at < len(invented); at += 2 + at%2 {
		if whole.FieldAt[at] >= 0 || at > whole.Bang {
			continue
		}
		for _, hit := range []string{"", "\x01"} {
			log := []byte(invented[:at] + hit + invented[at+1:])
			plans := Of(log, costs())
			if plans == nil {
				t.Fatalf("without byte %d, %q, there is no plan", at, invented[at])
			}
			found := bytes.Equal(plans.Best.Shape.Text, whole.Text)
			for _, p := range plans.Others() {
				found = found || bytes.Equal(p.Shape.Text, whole.Text)
			}
			if !found {
				t.Errorf("%q for byte %d of %q", hit, at, lineAt(invented, at))
			}
		}
	}
}

func lineAt(text string, at int) string {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	return text[start : at+strings.IndexByte(text[at:], '\n')]
}

// Lines that the standard has and this meter leaves out, and such as no table holds, are no
// damage.
func TestOtherLines(t *testing.T) {
	for _, change := range [][2]string{
		{"1-0:2.8.2(000000.017*kWh)\r\n", ""},
		{"0-0:96.14.0(0002)\r\n", "0-0:96.14.0(0002)\r\n1-0:81.7.4(012.3)\r\n"},
		{"1-0:32.36.0(00000)\r\n", "1-0:14.7.0(49.99*Hz)\r\n"},
	} {
		log := strings.Replace(invented, change[0], change[1], 1)
		if p := Of([]byte(log), costs()).Best; string(p.Shape.Text) != log || p.Differences != 0 {
			t.Errorf("%q for %q: %d differences\n%s", change[1], change[0], p.Differences, p.Shape.Text)
		}
	}
}

// A line whose line end is damaged is one of its own.
func TestLines(t *testing.T) {
	log := strings.Replace(invented, "(003141.592*kWh)\r\n", "(003141.592*kWh)\r\x00", 1)
	n := 0
	Lines([]byte(log), func(start, end int) { n++ })
	if want := strings.Count(invented, "\n"); n != want {
		t.Errorf("%d lines, want %d", n, want)
	}
}

// A line that nothing explains, or that has swallowed another one, is none to be sure of; those
// behind it are, also where it looks like an end, and their digits are values that may be others.
func TestLinesBehindStrangeOnes(t *testing.T) {
	for _, change := range [][2]string{
		{"1-0:1.8.2(002718.281*kWh)\r\n", "!-p2\xb1n8.1(002718.281*kWhi\r\n"},
		{"1-0:1.8.2(002718.281*kWh)\r\n", "1-0:1.8.2(002718.281*kWh\xafH(j\x82\xd2\x92r\xc2r\x82B\x82\x82\x8aRZ]\xa1)\r\n"},
	} {
		log := []byte(strings.Replace(invented, change[0], change[1], 1))
		shape, lines := Of(log, costs()).Lines(costs())
		n := 0
		Lines(log, func(start, end int) {
			strange := string(log[start:end]) == change[1]
			l := lines[n]
			n++
			switch {
			case strange && l.Likely > 0:
				t.Errorf("%q is likely %f", change[1], l.Likely)
			case !strange && (l.Likely < 0.99 || string(shape.Text[l.Start:l.End]) != string(log[start:end])):
				t.Errorf("behind %q: %q is likely %f", change[1], log[start:end], l.Likely)
			}
		})
		if field := shape.FieldAt[bytes.Index(shape.Text, []byte("229.4"))]; field < 0 || n != len(lines) {
			t.Errorf("behind %q no number is a value, or of %d lines %d are told", change[1], n, len(lines))
		}
	}
}

// Text that is no telegram has no plan, and each line of each table can be written down.
func TestNoTelegram(t *testing.T) {
	for _, text := range []string{"", "\n", strings.Repeat("1-0:1.8.0(", 400), strings.Repeat("\n", 500), "/ABC5\r\n\r\nno code\r\n!\r\n"} {
		if p := Of([]byte(text), costs()); p != nil {
			t.Errorf("%.20q: a plan", text)
		}
	}
	for _, l := range all().lines {
		if len(l.items) == 0 || len(l.forms([]byte(l.code+"()\r\n"))) == 0 {
			t.Errorf("line %q has no form", l.code)
		}
	}
}

func FuzzPlans(f *testing.F) {
	f.Add([]byte(invented))
	f.Add([]byte(strings.ReplaceAll(invented, "0", " ")))
	f.Fuzz(func(t *testing.T, received []byte) {
		plans := Of(received, costs())
		if plans == nil {
			return
		}
		for _, p := range append(plans.Others(), plans.Best) {
			if len(p.Shape.Text) == 0 || len(p.lines) == 0 {
				t.Fatal("an empty plan")
			}
		}
	})
}

// A telegram that is cut off behind a code has a line that is that code and nothing else.
func TestCutBehindCode(t *testing.T) {
	text := "/Lux5\\253663629_D\r\n\r\n1-3:0.2.8(42)\r\n0-0:1.0.0(260301000000W)\r\n1-0:1.8.0(007053.127*kWh)\r\n1-0:2.8.0"
	for n := range len(text) + 1 {
		Of([]byte(text[:n]), channel.NewModel(false).Costs())
	}
}
