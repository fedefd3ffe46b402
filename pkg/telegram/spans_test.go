package telegram_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/telegram"
)

// example is the telegram of the package comment.
const example = "/ISK5\\2M550T-1012\r\n" +
	"\r\n" +
	"1-3:0.2.8(50)\r\n" +
	"1-0:1.8.1(008234.524*kWh)\r\n" +
	"0-1:24.2.1(230824012000S)(00123.456*m3)\r\n" +
	"!5B60\r\n"

// oldGas is the odd one: a reading on a line of its own, and no CRC.
const oldGas = "/ISK5ME162\r\n" +
	"\r\n" +
	"0-1:24.3.0(230824010000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n" +
	"(00123.456)\r\n" +
	"!\r\n"

// simulated returns what a meter sends, n times.
func simulated(t testing.TB, query string, n int) []sim.Transmission {
	t.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	o.Telegrams = n
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var all []sim.Transmission
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		all = append(all, x)
	}
	return all
}

// lineEnd is what may stand between two lines.
func lineEnd(text string) bool { return text == "\n" || text == "\r\n" }

// checkSpans holds the pieces of a telegram against its bytes: lines and their
// ends are all of raw, codes begin lines, and values stand between parentheses,
// one after the other.
func checkSpans(raw []byte) error {
	p := telegram.Parse(raw)
	if !bytes.Equal(p.Raw, raw) {
		return fmt.Errorf("Raw is not what was parsed")
	}
	if len(raw) == 0 {
		if len(p.Lines) != 0 {
			return fmt.Errorf("%d lines of nothing", len(p.Lines))
		}
		return nil
	}
	for i, l := range p.Lines {
		next := len(raw)
		if i+1 < len(p.Lines) {
			next = p.Lines[i+1].Start
		}
		switch {
		case i == 0 && l.Start != 0:
			return fmt.Errorf("the first line begins at %d", l.Start)
		case l.Start > l.End || l.End > next:
			return fmt.Errorf("line %d is %d to %d, and the next begins at %d", i, l.Start, l.End, next)
		case bytes.IndexByte(l.Of(raw), '\n') >= 0:
			return fmt.Errorf("line %d holds a line end", i)
		}
		end := string(raw[l.End:next])
		last := i+1 == len(p.Lines) && (end == "" || end == "\r")
		if !lineEnd(end) && !last {
			return fmt.Errorf("%q after line %d is no line end", end, i)
		}
		if err := checkLine(p, i); err != nil {
			return fmt.Errorf("line %d: %w", i, err)
		}
	}
	if n := len(p.Lines); n == 0 || p.Lines[n-1].Start == len(raw) {
		return fmt.Errorf("%d lines, the last is not there", n)
	}
	return nil
}

func checkLine(p *telegram.Telegram, i int) error {
	l, first := p.Lines[i], i
	text := l.Of(p.Raw)
	code := l.Code.Of(p.Raw)
	if len(code) > 0 && (l.Code.Start != l.Start || telegram.CodeLen(text) != len(code)) {
		return fmt.Errorf("code %v of line %v", l.Code, l.Span)
	}
	at := l.Code.End
	if len(code) == 0 {
		at = l.Start
	}
	if len(code) == 0 && len(l.Values) > 0 && text[0] != '(' {
		// The line begins inside a value: it has those that begin in it.
		i--
		for i > 0 && p.Lines[i].Code.End == 0 {
			i--
		}
		for _, v := range l.Values {
			if v.Text.Start <= l.Start || v.Unit.End >= l.End || !slices.Contains(p.Lines[i].Values, v) {
				return fmt.Errorf("value %v of a line that begins inside a value", v)
			}
		}
		return nil
	}
	skip := func() {
		for at < l.End && (p.Raw[at] == ' ' || p.Raw[at] == '\t') {
			at++
		}
	}
	nested := bytes.Contains(text, []byte("((")) || regexp.MustCompile(`\)[ \t]*[^( \t]`).Match(text)
	for _, v := range l.Values {
		if skip(); at == l.End {
			// The value stands in a line that continues this one.
			i++
			if len(code) == 0 || i == len(p.Lines) || p.Lines[i].Code.End > 0 {
				return fmt.Errorf("value %v stands in no line that continues it", v)
			}
			l = p.Lines[i]
			at = l.Start
			skip()
		}
		unit := v.Unit.Start - v.Text.End
		switch {
		case v.Unit.End >= l.End && bytes.IndexByte(p.Raw[v.Text.Start:v.Unit.End], '\n') >= 0:
			// It goes over lines: none of them may be a line of its own.
			for l.End < v.Unit.End {
				if i++; i == len(p.Lines) || p.Lines[i].Code.End > 0 || p.Raw[p.Lines[i].Start] == '!' {
					return fmt.Errorf("value %v goes into a line of its own", v)
				}
				l = p.Lines[i]
			}
			if v.Text.Start != at+1 || bytes.ContainsAny(p.Raw[v.Text.Start:v.Unit.End], "()") {
				return fmt.Errorf("value %v after %d goes over lines", v, at)
			}
		case v.Text.Start != at+1 || v.Text.Start > v.Text.End || v.Unit.Start > v.Unit.End || v.Unit.End >= l.End:
			return fmt.Errorf("value %v after %d in %q", v, at, p.Raw)
		case p.Raw[at] != '(' || p.Raw[v.Unit.End] != ')':
			return fmt.Errorf("value %v stands in no parentheses", v)
		case unit == 0 && v.Unit.Start != v.Unit.End, unit == 1 && p.Raw[v.Text.End] != '*', unit > 1:
			return fmt.Errorf("unit of %v", v)
		case bytes.IndexByte(p.Raw[v.Text.Start:v.Unit.End], ')') >= 0 && (!nested || len(code) == 0 || anyCode.Match(p.Raw[v.Text.Start:v.Unit.End])):
			return fmt.Errorf("value %v holds a ')'", v)
		case bytes.IndexByte(v.Unit.Of(p.Raw), '*') >= 0:
			return fmt.Errorf("unit of %v holds a '*'", v)
		}
		at = v.Unit.End + 1
	}
	if skip(); l.Values != nil && at != l.End && (len(code) > 0 || at < p.Lines[first].End) {
		return fmt.Errorf("%q is left", p.Raw[at:l.End])
	}
	return nil
}

// checkLineAt asks for the line of each byte.
func checkLineAt(raw []byte) error {
	p := telegram.Parse(raw)
	want := -1
	for at := range raw {
		if want+1 < len(p.Lines) && at == p.Lines[want+1].Start {
			want++
		}
		if got := p.LineAt(at); got != want {
			return fmt.Errorf("LineAt(%d) = %d, want %d", at, got, want)
		}
	}
	return nil
}

// format writes the pieces of a telegram that [telegram.Check] accepts.
func format(p *telegram.Telegram) []byte {
	var b []byte
	for i, l := range p.Lines {
		switch {
		case i == 0:
			b = append(append(b, '/'), p.Header()...)
		case i+1 == len(p.Lines):
			b = append(append(b, '!'), p.Raw[l.Start+1:]...)
			return b
		case i > 1:
			b = append(b, l.Code.Of(p.Raw)...)
			for _, v := range l.Values {
				if v.Text.Start > l.End {
					break // written with the line that it stands in
				}
				b = append(append(b, '('), v.Text.Of(p.Raw)...)
				if v.Unit.Start > v.Text.End {
					b = append(append(b, '*'), v.Unit.Of(p.Raw)...)
				}
				b = append(b, ')')
			}
		}
		b = append(b, "\r\n"...)
	}
	return b
}

// pieces writes a telegram's lines as code and values, one line each.
func pieces(p *telegram.Telegram) string {
	var b strings.Builder
	for _, l := range p.Lines {
		fmt.Fprintf(&b, "%s|", l.Code.Of(p.Raw))
		for _, v := range l.Values {
			fmt.Fprintf(&b, "%s %s|", v.Text.Of(p.Raw), v.Unit.Of(p.Raw))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"package comment", example,
			"|\n|\n1-3:0.2.8|50 |\n1-0:1.8.1|008234.524 kWh|\n0-1:24.2.1|230824012000S |00123.456 m3|\n|\n"},
		{"gas on two lines", oldGas,
			"|\n|\n0-1:24.3.0|230824010000 |00 |60 |1 |0-1:24.2.1 |m3 |00123.456 |\n|00123.456 |\n|\n"},
		{"values on many lines", "0-0:98.1.0(1)\r\n(2*kWh)(3)\r\n(4)\r\n1-0:1.8.0(5)\r\n(6)\r\n",
			"0-0:98.1.0|1 |2 kWh|3 |4 |\n|2 kWh|3 |\n|4 |\n1-0:1.8.0|5 |6 |\n|6 |\n"},
		{"values of no line", "/AUX5990\r\n(1)\r\n(2)\r\n", "|\n|1 |\n|2 |\n"},
		{"values after damage", "1-0:1.8.0(1)\r\n1-0:1.8.!(2)\r\n(3)\r\n", "1-0:1.8.0|1 |\n|\n|3 |\n"},
		{"values after an empty line", "1-0:1.8.0(1)\r\n\r\n(3)\r\n", "1-0:1.8.0|1 |\n|\n|3 |\n"},
		{"empty value", "0-0:96.13.0()\r\n", "0-0:96.13.0| |\n"},
		{"empty unit", "1-0:1.7.0(5*)\r\n", "1-0:1.7.0|5 |\n"},
		{"two stars", "1-0:1.8.0*255(5*3*kW)\r\n", "1-0:1.8.0*255|5*3 kW|\n"},
		{"open parenthesis", "1-0:1.7.0((5)\r\n", "1-0:1.7.0|(5 |\n"},
		{"nested", "1-0:0.2.0((A1))(7)\r\n", "1-0:0.2.0|(A1) |7 |\n"},
		{"nested in words", "1-0:0.2.0(a (b) c)\r\n", "1-0:0.2.0|a (b) c |\n"},
		{"nested twice", "1-0:0.2.0(a(b(c))d) ((e)*kW)\r\n", "1-0:0.2.0|a(b(c))d |(e) kW|\n"},
		{"shut once too often", "1-1:0.2.8(A1))\r\n", "1-1:0.2.8|A1) |\n"},
		{"shut once too often, then another", "1-1:0.2.8(A1))(2)\r\n", "1-1:0.2.8|A1) |2 |\n"},
		{"blanks", "1-0:1.7.0 (5*kW) \t(6)  \r\n(7)\r\n", "1-0:1.7.0|5 kW|6 |7 |\n|7 |\n"},
		{"six groups", "1-0:21.7.0.255(01.111*kW)\r\n", "1-0:21.7.0.255|01.111 kW|\n"},
		{"not closed", "1-0:1.7.0(5\r\n(5\r\n", "|\n|\n"},
		{"text after the value", "1-0:1.7.0(5)x\r\n", "|\n"},
		{"no values", "1-0:1.7.0\r\n", "|\n"},
		{"cut", "1-0:1.7.0(5)", "1-0:1.7.0|5 |\n"},
		{"cut in the line end", "1-0:1.7.0(5)\r", "1-0:1.7.0|5 |\n"},
		{"bare LF", "1-0:1.7.0(5)\n1-0:2.7.0(6)\n", "1-0:1.7.0|5 |\n1-0:2.7.0|6 |\n"},
		{"bare CR", "1-0:1.7.0(5)\r1-0:2.7.0(6)\r\n", "|\n"},
		{"two CR", "1-0:1.7.0(5)\r\r\n", "|\n"},
		{"nothing", "", ""},
		{"only a line end", "\r\n", "|\n"},
	} {
		if got := pieces(telegram.Parse([]byte(c.raw))); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
		if err := checkSpans([]byte(c.raw)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSpansOfAnything throws together pieces of telegrams: whatever comes out,
// no byte of it is lost.
func TestSpansOfAnything(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	parts := []string{"\r", "\n", "\r\n", "(", ")", "*", "!", "/", "1-0:1.8.0", "0-0:96.13.0", "1", "-", ":", ".", "kWh", "\x00", "\xff", "(1)", "(2*kW)\r\n"}
	for range 3000 {
		var raw []byte
		for range d.IntN(25) {
			raw = append(raw, parts[d.IntN(len(parts))]...)
		}
		if err := checkSpans(raw); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if err := checkLineAt(raw); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
	}
}

func TestLineAt(t *testing.T) {
	if err := checkLineAt([]byte(oldGas)); err != nil {
		t.Error(err)
	}
	p := telegram.Parse([]byte(example))
	if got := p.LineAt(len(example) + 10); got != 5 {
		t.Errorf("after the telegram: line %d, want the last one, 5", got)
	}
	if got := telegram.Parse(nil).LineAt(0); got != 0 {
		t.Errorf("of nothing: line %d", got)
	}
}

// TestSimulated takes the telegrams of every simulated meter apart and holds
// them against what the simulation knows of them.
func TestSimulated(t *testing.T) {
	for _, name := range sim.Meters() {
		for _, x := range simulated(t, "?start=2026-03-29T01:59:30&meter="+name, 40) {
			if err := telegram.Check(x.Plain); err != nil {
				t.Fatalf("%s: %v in %q", name, err, x.Plain)
			}
			if err := checkSpans(x.Plain); err != nil {
				t.Fatalf("%s: %v in %q", name, err, x.Plain)
			}
			p := telegram.Parse(x.Plain)
			if got := format(p); !bytes.Equal(got, x.Plain) {
				t.Fatalf("%s: the pieces are\n%q, want\n%q", name, got, x.Plain)
			}
			clock, text, ok := p.Clock()
			if ok == (sim.Signs(name) == "none") {
				t.Fatalf("%s: clock %q", name, text)
			}
			if name == "lt" { // whose S and W are an hour further from UTC
				continue
			}
			if ok && (!clock.Time.Equal(x.Clock) || clock.RFC3339() != x.Clock.Format("2006-01-02T15:04:05-07:00")) {
				t.Fatalf("%s: %q is %s, want %s", name, text, clock.RFC3339(), x.Clock)
			}
			if id := p.Meter(); (name == "nl" || name == "dsmr3") && !strings.HasPrefix(id, "E00") || id == "" {
				t.Fatalf("%s: identifier %q", name, id)
			}
		}
	}
}

// TestCutTelegram cuts telegrams off: only the digits of the CRC and the last
// line end may be missing.
func TestCutTelegram(t *testing.T) {
	for _, name := range sim.Meters() {
		raw := simulated(t, "?meter="+name, 1)[0].Plain
		bang := bytes.LastIndexByte(raw, '!')
		for n := range raw {
			if err := telegram.Check(raw[:n]); (err == nil) != (n > bang) {
				t.Fatalf("%s: %d of %d bytes: %v", name, n, len(raw), err)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	edit := func(old, new string) string {
		t.Helper()
		if strings.Count(example, old) != 1 {
			t.Fatalf("%q stands in the example %d times", old, strings.Count(example, old))
		}
		return strings.Replace(example, old, new, 1)
	}
	message := func(line string) string { return edit("1-3:0.2.8(50)", line) }
	for _, c := range []struct{ name, raw, want string }{
		{"whole", example, ""},
		{"two lines of one reading", oldGas, ""},
		{"no digits", edit("!5B60", "!"), ""},
		{"lower case, not padded", edit("!5B60", "!b6"), ""},
		{"no last line end", edit("!5B60\r\n", "!5B60"), ""},
		{"no last LF", edit("!5B60\r\n", "!5B60\r"), ""},
		{"no last CR", edit("!5B60\r\n", "!5B60\n"), ""},
		{"binary message", message("0-0:96.13.0(\xff\x00\x01)"), ""},
		{"more lines of one reading", edit("(50)\r\n", "(50)\r\n(51)\r\n(52)\r\n"), ""},
		{"code with a sixth group", message("1-0:0.2.8*255(50)"), ""},

		{"nothing", "", "only 0 lines"},
		{"no data", "/ISK5x\r\n\r\n!\r\n", "only 3 lines"},
		{"no '/'", edit("/ISK5", "ISK5"), "line 1 is no header"},
		{"no digit in the header", edit("/ISK5", "/ISKE"), "line 1 is no header"},
		{"damaged header", edit("M550T", "M5\x0e0T"), "line 1 is no header"},
		{"text in the empty line", edit("\r\n\r\n", "\r\nx\r\n"), "line 2 is not empty"},
		{"no empty line", edit("\r\n\r\n", "\r\n"), "line 2 is not empty"},
		{"two empty lines", edit("\r\n\r\n", "\r\n\r\n\r\n"), "line 3 is no OBIS line"},
		{"values of no line", edit("1-3:0.2.8(50)", "(50)"), "line 3 is no OBIS line"},
		{"empty line among the lines", edit("(50)\r\n", "(50)\r\n\r\n"), "line 4 is no OBIS line"},
		{"damaged code", edit("1-0:1.8.1", "1-0:1.8 1"), "line 4 is no OBIS line"},
		{"lost parenthesis", edit("kWh)", "kWh"), "line 4 is no OBIS line"},
		{"text after a value", edit("kWh)", "kWh)x"), "line 4 is no OBIS line"},
		{"two lines run together", edit("(50)\r\n", "(50)"), "line 3 is no OBIS line"},
		{"unprintable value", message("1-3:0.2.8(\x00)"), "line 3 is no OBIS line"},
		{"unprintable value that speaks of a message", message("1-3:0.2.8(96.13.\x00)"), "line 3 is no OBIS line"},
		{"bare LF", edit("(50)\r\n", "(50)\n"), "line 3 does not end in CR LF"},
		{"bare CR", edit("(50)\r\n", "(50)\r"), "line 3 is no OBIS line"},
		{"header without CR", edit("1012\r\n", "1012\n"), "line 1 does not end in CR LF"},
		{"no end line", strings.TrimSuffix(example, "!5B60\r\n"), "line 5 is no end line"},
		{"five digits", edit("!5B60", "!5B601"), "line 6 is no end line"},
		{"no hex digit", edit("!5B60", "!5B6O"), "line 6 is no end line"},
		{"blank after the digits", edit("!5B60", "!5B6 "), "line 6 is no end line"},
		{"something after the end", example + "/", "line 6 is no OBIS line"},
		{"two telegrams", example + example, "line 6 is no OBIS line"},
	} {
		got := ""
		if err := telegram.Check([]byte(c.raw)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// codeText is what CodeLen looks for, said in another way.
var codeText = regexp.MustCompile(`^[0-9]{1,3}-[0-9]{1,3}:[0-9]{1,3}[.:][0-9]{1,3}\.[0-9]{1,3}([*.][0-9]{1,3})?[ \t]*\(`)

// anyCode is the same at any place.
var anyCode = regexp.MustCompile(codeText.String()[1:])

// checkCode holds CodeLen and HasLine against the expressions.
func checkCode(text []byte) error {
	if got, want := telegram.CodeLen(text), len(bytes.TrimRight(codeText.Find(text), " \t(")); got != want {
		return fmt.Errorf("CodeLen of %q = %d, want %d", text, got, want)
	}
	if got, want := telegram.HasLine(text), anyCode.Match(text); got != want {
		return fmt.Errorf("HasLine of %q = %v, want %v", text, got, want)
	}
	return nil
}

func TestCodeLen(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"1-0:1.8.0(", 9},
		{"0-0:96.13.0()", 11},
		{"1-0:1.8.0*255(1)", 13},
		{"123-123:123.123.123*123(", 23},
		{"", 0},
		{"1", 0},
		{"1-0:1.8.0", 0},
		{"1-0:1.8.0*255", 0},
		{"1-0:1.8.0*(1)", 0},
		{"1-0:1.8.0*2550(1)", 0},
		{"1-0:1.8.0*255*255(1)", 0},
		{"1-0:1.8.0)", 0},
		{"1-0:1.8.0 (", 9},
		{"1-0:1.8.0 1(", 0},
		{"1-0:1.8.0 ", 0},
		{"1-0:1.8(1)", 0},
		{"1-0:1.8.0.255(1)", 13},
		{"1-0:1.8.0.(1)", 0},
		{"1-0:1.8.0.1.2(1)", 0},
		{"1.0:1.8.0(1)", 0},
		{"1-0.1.8.0(1)", 0},
		{"1-0:72:32.0(1)", 11},
		{"1-0:1.8:0(1)", 0},
		{"1-0:1.8-0(1)", 0},
		{"-0:1.8.0(1)", 0},
		{"1-:1.8.0(1)", 0},
		{"1-0:.8.0(1)", 0},
		{"1-0:1..0(1)", 0},
		{"1-0:1.8.(1)", 0},
		{"1234-0:1.8.0(1)", 0},
		{"1-0:1.8.1234(1)", 0},
		{"1-0:1.8.A(1)", 0},
		{"1-0:1\x2a8.0(1)", 0},
		{" 1-0:1.8.0(1)", 0},
	} {
		if got := telegram.CodeLen([]byte(c.text)); got != c.want {
			t.Errorf("CodeLen(%q) = %d, want %d", c.text, got, c.want)
		}
		if err := checkCode([]byte(c.text)); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		text string
		want bool
	}{
		{"garbage\x00\xff1-0:1.8.0(1)", true},
		{"-----1-0:1.8.0(1)", true},
		{"1-0:1.8.1-0:1.8.0(", true},
		{"1234-0:1.8.0(1)", true}, // three digits of them are a group
		{"-0:1.8.0(1)", false},
		{"1-0:1.8.0", false},
		{"=~=~=~=~= PuTTY log 2026.03.01 00:00:00 =~=~=~=~", false},
	} {
		if got := telegram.HasLine([]byte(c.text)); got != c.want {
			t.Errorf("HasLine(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

// TestCodeRandom makes codes and near misses of a few characters.
func TestCodeRandom(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	codes := 0
	for range 100000 {
		text := []byte(fmt.Sprintf("%d-%d:%d.%d.%d(", d.IntN(1200), d.IntN(10), d.IntN(1200), d.IntN(100), d.IntN(10)))
		if d.IntN(4) == 0 {
			text = append(text[:len(text)-1], fmt.Sprintf("*%d(", d.IntN(1200))...)
		}
		for range d.IntN(3) {
			text[d.IntN(len(text))] = "0123456789-:.*( "[d.IntN(16)]
		}
		if telegram.CodeLen(text) > 0 {
			codes++
		}
		if err := checkCode(text); err != nil {
			t.Fatal(err)
		}
	}
	if codes < 10000 || codes > 90000 {
		t.Errorf("%d of 100000 are codes: the test has lost one of its sides", codes)
	}
}

func TestIsHeader(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"AUX59900000000", true},
		{`ISK5\2M550T-1012`, true},
		{"abc5", true},
		{"KFM5KAIFA-METER", true},
		{"Ene5\\T210-D ESMR5.0", true},
		{"", false},
		{"AUX", false},
		{"AUXE", false},
		{"AU55", false},
		{"A@X5", false},
		{"A[X5", false},
		{"A`X5", false},
		{"A{X5", false},
		{"AUX5\x0e", false},
		{"AUX5\xff", false},
		{"AUX5990(", false},
		{"AUX5990)", false},
		{"/AUX5990", false},
	} {
		if got := telegram.IsHeader([]byte(c.text)); got != c.want {
			t.Errorf("IsHeader(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func TestHeader(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{example, `ISK5\2M550T-1012`},
		{"/AUX5", "AUX5"},
		{"/", ""},
		{"AUX5990\r\n", ""},
		{"1-0:1.8.0(1)\r\n", ""},
		{"", ""},
	} {
		if got := telegram.Parse([]byte(c.raw)).Header(); string(got) != c.want {
			t.Errorf("%q: header %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestSentCRC(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"!5B60", "5B60"},
		{"!5b60", "5B60"},
		{"!aF09", "AF09"},
		{"!B60", "0B60"},
		{"!b", "000B"},
		{"!", ""},
		{"", ""},
		{"5B60", ""},
		{"!5B600", ""},
		{"!5B6G", ""},
		{"!5B6@", ""},
		{"!5B6`", ""},
		{"!5B6 ", ""},
		{"! 5B6", ""},
		{"! 5B60", "5B60"},
		{"!5b60  ", "5B60"},
		{"! 5B6 ", ""},
		{"!5 B60", ""},
		{"!      ", ""},
		{"!5B6\r", ""},
		{"/5B60", ""},
	} {
		if got := telegram.SentCRC([]byte(c.line)); got != c.want {
			t.Errorf("SentCRC(%q) = %q, want %q", c.line, got, c.want)
		}
	}
}
