package expect_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/fix/expect"
	"p1/pkg/sim"
	"p1/pkg/telegram"
)

// simulated returns what a meter sends.
func simulated(t testing.TB, query string) [][]byte {
	t.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		all = append(all, x.Plain)
	}
	return all
}

// allowed reports whether the shape allows every byte of raw.
func allowed(s *expect.Shape, raw []byte) bool {
	if len(raw) != len(s.Text) {
		return false
	}
	for i, c := range raw {
		if !s.Allows(i, c) {
			return false
		}
	}
	return true
}

// allowedBySome reports whether one of the shapes allows every byte of raw.
func allowedBySome(m *expect.Meter, raw []byte) bool {
	for _, s := range m.Shapes() {
		if allowed(s, raw) {
			return true
		}
	}
	return false
}

// checkShape holds a shape against its own text: only what stands in
// parentheses and the digits of the CRC vary.
func checkShape(s *expect.Shape) error {
	n := len(s.Text)
	if len(s.Varies) != n || len(s.Places) != n {
		return fmt.Errorf("%d bytes with %d and %d marks", n, len(s.Varies), len(s.Places))
	}
	inValue := make([]bool, n)
	for _, l := range telegram.Parse(s.Text).Lines {
		for _, v := range l.Values {
			for i := v.Text.Start; i < v.Unit.End; i++ {
				inValue[i] = true
			}
		}
	}
	bang := bytes.LastIndexByte(s.Text, '!')
	end := bang + 1 + len(bytes.TrimRight(s.Text[bang+1:], "\r\n"))
	for i := range n {
		crc := i > bang && i < end
		value := s.Places[i] == telegram.InValue
		if value != inValue[i] {
			return fmt.Errorf("byte %d: value %v, want %v", i, value, inValue[i])
		}
		if s.Varies[i] && !inValue[i] && !crc || crc && !s.Varies[i] {
			return fmt.Errorf("byte %d, %q: varies %v", i, s.Text[i], s.Varies[i])
		}
	}
	return nil
}

// TestLearnSimulated: telegrams of one simulated meter are of one shape, and
// that shape allows each of them, also those that it has learned long ago.
func TestLearnSimulated(t *testing.T) {
	for _, name := range sim.Meters() {
		all := simulated(t, "?telegrams=120&start=2026-03-29T01:50:00&meter="+name)
		var m expect.Meter
		for i, raw := range all {
			m.Learn(raw, 1)
			s := m.Shapes()[0]
			if !bytes.Equal(s.Text, raw) {
				t.Fatalf("%s: the last used shape is not that of telegram %d", name, i+1)
			}
			if err := checkShape(s); err != nil {
				t.Fatalf("%s: telegram %d: %v", name, i+1, err)
			}
		}
		if n := len(m.Shapes()); n != 1 {
			t.Errorf("%s: %d shapes", name, n)
		}
		for i, raw := range all {
			if !allowedBySome(&m, raw) {
				t.Fatalf("%s: telegram %d is not allowed any more", name, i+1)
			}
		}
		// What never varied is allowed as it is, and nothing else.
		s := m.Shapes()[0]
		for i, c := range s.Text {
			for b := range 256 {
				if got, want := s.Allows(i, byte(b)), byte(b) == c || s.Varies[i] && telegram.Alike(byte(b), c); got != want {
					t.Fatalf("%s: byte %d, %q: %q allowed: %v", name, i, c, b, got)
				}
			}
		}
	}
}

// TestLearnRandom learns made-up telegrams whose values take any characters.
func TestLearnRandom(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		var m expect.Meter
		var known [][]byte
		widths := 1 + d.IntN(3)
		for range 60 {
			value := make([]byte, 1+d.IntN(widths))
			for i := range value {
				value[i] = "0123456789ABCDEFabcdefSWONKkmx.*- "[d.IntN([]int{3, 12, 34}[d.IntN(3)])]
			}
			raw := fmt.Appendf(nil, "/AUX5990\r\n\r\n1-0:1.8.0(%s)\r\n!%04X\r\n", value, d.IntN(1<<16))
			before := len(m.Shapes())
			fits := allowedValue(&m, value, raw)
			m.Learn(raw, 1)
			if got := len(m.Shapes()); got != min(before+map[bool]int{true: 0, false: 1}[fits], 8) {
				t.Fatalf("%q fits: %v, and %d shapes became %d", value, fits, before, got)
			}
			known = append(known, raw)
			seen := map[*expect.Shape]bool{}
			for _, s := range m.Shapes() {
				if seen[s] {
					t.Fatal("a shape is listed twice")
				}
				seen[s] = true
				if err := checkShape(s); err != nil {
					t.Fatalf("%q: %v", s.Text, err)
				}
			}
			if !bytes.Equal(m.Shapes()[0].Text, raw) {
				t.Fatalf("%q is not the last used shape", raw)
			}
			if len(m.Shapes()) == 8 {
				continue // one may have been forgotten
			}
			for _, old := range known {
				if !allowedBySome(&m, old) {
					t.Fatalf("%q is not allowed any more after %q", old, raw)
				}
			}
		}
	}
}

// allowedValue reports whether a known shape has a value that is like this one:
// of the same width, each character the same or of the same kind.
func allowedValue(m *expect.Meter, value, raw []byte) bool {
	for _, s := range m.Shapes() {
		if len(s.Text) != len(raw) {
			continue
		}
		at := bytes.IndexByte(s.Text, '(') + 1
		like := true
		for i, c := range value {
			like = like && (c == s.Text[at+i] || telegram.Alike(c, s.Text[at+i]))
		}
		if like {
			return true
		}
	}
	return false
}

// TestFixedTextIsNotLearned: what differs outside of values is another shape,
// and so is a character that is no digit where a digit varies.
func TestFixedTextIsNotLearned(t *testing.T) {
	const first = "/AUX5990\r\n\r\n1-0:1.8.0(001*kWh)(S)\r\n!0000\r\n"
	const second = "/AUX5990\r\n\r\n1-0:1.8.0(002*kWh)(W)\r\n!FFFF\r\n"
	for _, c := range []struct {
		raw string
		new bool
	}{
		{strings.Replace(second, "002", "999", 1), false},
		{strings.Replace(second, "002", "00A", 1), false},
		{strings.Replace(second, "FFFF", "12ab", 1), false},
		{strings.Replace(second, "990", "991", 1), true},
		{strings.Replace(second, "1.8.0", "2.8.0", 1), true},
		{strings.Replace(second, "002", "02", 1), true},
		{strings.Replace(second, "002", "00.", 1), true},
		{strings.Replace(second, "002", "00S", 1), true},
		{strings.Replace(second, "002", "0.2", 1), true},
		{strings.Replace(second, "(W)", "(0)", 1), true},
		{strings.Replace(second, "(W)", "(\x06)", 1), true},
		{strings.Replace(second, "!FFFF", "!FFF ", 1), true},
		{strings.Replace(second, "\r\n!", "\n!\r", 1), true},
	} {
		var m expect.Meter
		m.Learn([]byte(first), 1)
		m.Learn([]byte(second), 1)
		if n := len(m.Shapes()); n != 1 {
			t.Fatalf("%d shapes of two telegrams with other values", n)
		}
		s := m.Shapes()[0]
		m.Learn([]byte(c.raw), 1)
		if got := len(m.Shapes()) == 2; got != c.new {
			t.Errorf("%q: another shape: %v, want %v", c.raw, got, c.new)
		}
		if c.new && allowed(s, []byte(c.raw)) {
			t.Errorf("%q is allowed by the first shape", c.raw)
		}
	}
}

// TestLastUsedShapesStay: a ninth shape takes the place of the one that was used
// least recently.
func TestLastUsedShapesStay(t *testing.T) {
	of := func(width int) []byte {
		return []byte("/AUX5990\r\n\r\n1-0:1.8.0(" + strings.Repeat("0", width) + ")\r\n!0000\r\n")
	}
	var m expect.Meter
	for width := 1; width <= 8; width++ {
		m.Learn(of(width), 1)
	}
	m.Learn(of(1), 1)
	m.Learn(of(9), 1)
	var got []int
	for _, s := range m.Shapes() {
		got = append(got, bytes.Count(s.Text[bytes.IndexByte(s.Text, '('):bytes.IndexByte(s.Text, ')')], []byte("0")))
	}
	if want := []int{9, 1, 8, 7, 6, 5, 4, 3}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("shapes of the widths %v, want %v", got, want)
	}
	if s := (&expect.Meter{}).Shapes(); len(s) != 0 {
		t.Errorf("a meter that knows nothing has %d shapes", len(s))
	}
}

// TestLearnKeepsNothing overwrites the buffer that telegrams are learned from.
func TestLearnKeepsNothing(t *testing.T) {
	all := simulated(t, "?telegrams=3")
	buf := make([]byte, len(all[0]))
	var m expect.Meter
	for _, raw := range all {
		copy(buf, raw)
		m.Learn(buf, 1)
		clear(buf)
		if !bytes.Equal(m.Shapes()[0].Text, raw) {
			t.Fatal("the shape has changed with the buffer")
		}
	}
	if n := len(m.Shapes()); n != 1 {
		t.Errorf("%d shapes", n)
	}
}

func TestFill(t *testing.T) {
	text := func(value string) []byte {
		return []byte("/AUX5990\r\n\r\n0-0:96.13.0(" + value + ")\r\n1-0:1.8.0(0)\r\n!0000\r\n")
	}
	const at = len("/AUX5990\r\n\r\n0-0:96.13.0(")
	for _, c := range []struct {
		value      string
		start, end int
	}{
		{"", 0, 0},
		{"\xff\xff\xff\xff\xff\xff\xff", 0, 0}, // too short for a filler
		{"\xff\xff\xff\xff\xff\xff\xff\xff", at, at + 8},
		{"        ", 0, 0}, // printable
		{"AB\x00\x00\x00\x00\x00\x00\x00\x00CD", at + 2, at + 10},
		{strings.Repeat("\x7f", 9) + strings.Repeat("\xff", 10) + strings.Repeat("\x7f", 9), at + 9, at + 19},
		{strings.Repeat("\x7f", 9) + strings.Repeat("\xff", 9), at, at + 9}, // of equals the first
		{strings.Repeat("\xff\xfe", 20), 0, 0},
	} {
		var m expect.Meter
		m.Learn(text(c.value), 1)
		if s := m.Shapes()[0]; s.FillStart != c.start || s.FillEnd != c.end {
			t.Errorf("%q: fill %d to %d, want %d to %d", c.value, s.FillStart, s.FillEnd, c.start, c.end)
		}
	}
	for name, length := range map[string]int{"hu": 1024, "nl": 0, "dsmr3": 0} {
		var m expect.Meter
		m.Learn(simulated(t, "?telegrams=1&meter="+name)[0], 1)
		s := m.Shapes()[0]
		if s.FillEnd-s.FillStart != length || bytes.Count(s.Text[s.FillStart:s.FillEnd], []byte{0xFF}) != length {
			t.Errorf("%s: fill %d to %d", name, s.FillStart, s.FillEnd)
		}
	}
}
