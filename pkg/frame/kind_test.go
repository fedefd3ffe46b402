package frame_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/frame"
	"p1/pkg/record"
)

// bitwise calculates a CRC-16 as the catalogues define it, bit by bit.
func bitwise(text string, polynomial, invert uint16) uint16 {
	sum := invert
	for _, b := range []byte(text) {
		sum ^= uint16(b)
		for range 8 {
			if sum&1 == 1 {
				sum = sum>>1 ^ polynomial
			} else {
				sum >>= 1
			}
		}
	}
	return sum ^ invert
}

func arc(text string) uint16 { return bitwise(text, 0xA001, 0) }
func x25(text string) uint16 { return bitwise(text, 0x8408, 0xFFFF) }

// modbus is a CRC that no P1 meter is known to use.
func modbus(text string) uint16 { return bitwise(text, 0xA001, 0xFFFF) ^ 0xFFFF }

// signed returns a telegram with another CRC after its '!'.
func signed(tel string, sum func(string) uint16, format string) string {
	text := tel[:strings.LastIndexByte(tel, '!')+1]
	return fmt.Sprintf("%s"+format+"\r\n", text, sum(text))
}

func allSigned(list []string, sum func(string) uint16) []string {
	var out []string
	for _, tel := range list {
		out = append(out, signed(tel, sum, "%04X"))
	}
	return out
}

// framed frames a stream and returns its telegrams and what was said of it.
func framed(t testing.TB, list ...string) ([]*record.Telegram, []string) {
	t.Helper()
	c := &collector{}
	var said []string
	f := frame.New(c, frame.Options{Say: func(text string) { said = append(said, text) }})
	offset := int64(0)
	for _, tel := range list {
		must(t, f.Take(&record.Chunk{Origin: record.Origin{Source: "p1.log", Offset: offset}, Data: []byte(tel)}))
		offset += int64(len(tel))
	}
	must(t, f.Close())
	for _, x := range c.telegrams() {
		checkCalc(t, x)
	}
	return c.telegrams(), said
}

// checkCalc checks that what was calculated is the CRC of the kind that is stated.
func checkCalc(t testing.TB, x *record.Telegram) {
	t.Helper()
	sum, known := map[string]func(string) uint16{record.CRCARC: arc, record.CRCX25: x25}[x.CRC]
	if strings.HasPrefix(x.CRC, "CRC16:") { // that this is the CRC is tested where it is learned
		kind, ok := crc.Named(x.CRC)
		sum, known = func(text string) uint16 { return kind.Sum([]byte(text)) }, ok
	}
	bang := bytes.LastIndexByte(x.Raw, '!')
	if x.Status == record.OK && (!known || x.CRCSent != x.CRCCalc) {
		t.Fatalf("ok by %s, sent %s, calculated %s", x.CRC, x.CRCSent, x.CRCCalc)
	}
	if x.Status == record.OK && x.CRCCalc != fmt.Sprintf("%04X", sum(string(x.Raw[:bang+1]))) {
		t.Fatalf("%s is not the CRC of %q", x.CRCCalc, x.Raw)
	}
}

// kinds writes statuses and kinds as a short text.
func kinds(list []*record.Telegram) string {
	var words []string
	for _, x := range list {
		words = append(words, string(x.Status)+":"+x.CRC)
	}
	return strings.Join(words, " ")
}

// The kind of CRC is the one that holds, and it is followed where it changes.
func TestKindIsFound(t *testing.T) {
	a := sent(t, "meter=se", 6)
	x, m := allSigned(a, x25), allSigned(a, modbus)
	other := sent(t, "meter=nl", 6)
	damaged := func(tel string) string { return strings.Replace(tel, "1-0:1.8.0(", "1-0:1.8.0)", 1) }
	cases := []struct {
		name   string
		stream []string
		want   string
	}{
		{"ARC", a[:3], "ok:ARC ok:ARC ok:ARC"},
		{"X25", x[:3], "ok:X25 ok:X25 ok:X25"},
		{"damaged before any holds", []string{damaged(x[0]), x[1], damaged(x[2])}, "bad:ARC ok:X25 bad:X25"},
		{"another meter", []string{x[0], x[1], x[2], other[0], other[1], x[3], x[4]},
			"ok:X25 ok:X25 ok:X25 ok:ARC ok:ARC ok:X25 ok:X25"},
		{"the same header", []string{a[0], a[1], a[2], x[3], x[4], x[5]}, "ok:ARC ok:ARC ok:ARC bad:ARC ok:X25 ok:X25"},
		{"an accident", []string{a[0], a[1], x[2], a[3], x[4], a[5]}, "ok:ARC ok:ARC bad:ARC ok:ARC bad:ARC ok:ARC"},
		{"one alone", x[:1], "ok:X25"},
		{"an accident where nothing else holds", []string{m[0], m[1], x[2], m[3]}, "bad:ARC bad:ARC bad:ARC bad:ARC"},
		{"the same one twice is one", []string{m[0], x[2], x[2], m[3]}, "bad:ARC bad:ARC bad:ARC bad:ARC"},
		{"two of them", []string{m[0], x[2], m[3], x[4], x[5]}, "bad:ARC ok:X25 bad:X25 ok:X25 ok:X25"},
		{"an accident at first", []string{x[0], a[1], a[2], x[3], a[4]}, "ok:X25 ok:ARC ok:ARC bad:ARC ok:ARC"},
	}
	for _, c := range cases {
		got, said := framed(t, c.stream...)
		if kinds(got) != c.want || said != nil {
			t.Errorf("%s: %s, want %s; said %q", c.name, kinds(got), c.want, said)
		}
	}
}

// A bad telegram's CRC is calculated by the kind of the stream.
func TestCalculatedByTheStreamsKind(t *testing.T) {
	list := allSigned(sent(t, "meter=se", 2), x25)
	list[1] = strings.Replace(list[1], "(", "[", 1)
	got, _ := framed(t, list...)
	text := list[1][:strings.LastIndexByte(list[1], '!')+1]
	if want := fmt.Sprintf("%04X", x25(text)); got[1].CRCCalc != want || got[1].Status != record.Bad {
		t.Errorf("%s %s, want %s", got[1].Status, got[1].CRCCalc, want)
	}
}

// Lower case, digits that are not padded, blanks around four of them, and a line end before
// them are the same CRC, by either kind.
func TestSpellings(t *testing.T) {
	list := sent(t, "meter=se", 200)
	for name, sum := range map[string]func(string) uint16{record.CRCARC: arc, record.CRCX25: x25} {
		for _, format := range []string{"%04X", "%04x", "%X", "%x", " %04X", "%04X ", "  %04x  ", "\r\n%04X", "\r\n%04x"} {
			var stream []string
			lengths := map[int]int{}
			for _, tel := range list {
				s := signed(tel, sum, format)
				stream = append(stream, s)
				lengths[len(s)-strings.LastIndexByte(s, '!')]++
			}
			if strings.Contains(format, "04") != (len(lengths) == 1) {
				t.Fatalf("%s: lengths %v", format, lengths)
			}
			got, _ := framed(t, stream...)
			for i, x := range got {
				bang := strings.LastIndexByte(stream[i], '!')
				n, err := strconv.ParseUint(strings.TrimSpace(stream[i][bang+1:]), 16, 16)
				must(t, err)
				if x.Status != record.OK || x.CRC != name || x.CRCSent != fmt.Sprintf("%04X", n) || string(x.Raw) != stream[i] {
					t.Fatalf("%s %s: %s %s %s, raw ends in %q", name, format, x.Status, x.CRC, x.CRCSent, x.Raw[bang:])
				}
			}
			if len(got) != len(stream) {
				t.Fatalf("%s %s: %d telegrams of %d", name, format, len(got), len(stream))
			}
		}
	}
}

// A blank may be a digit that the line has damaged: what is left is no CRC.
func TestBlankInTheCRC(t *testing.T) {
	for _, end := range []string{"! B60", "!5B6 ", "!5 B60", "! 5B6 ", "!5B 60", "! 15B60", "!    ", "!   5"} {
		stream := "/XYZ5abc\r\n\r\n1-0:1.8.0(000001.000*kWh)\r\n" + end + "\r\n"
		got, _ := framed(t, stream)
		if len(got) != 1 || got[0].CRCSent != "" || got[0].Status != record.Bad || string(got[0].Raw) != stream {
			t.Errorf("%q: %s, sent %q", end, kinds(got), got[0].CRCSent)
		}
	}
}

// Of 60,000 telegrams with random CRCs about one holds by accident, by either kind;
// what else is in the stream comes through all the same.
func TestAccidentsDoNotFixTheKind(t *testing.T) {
	short := func(n int) string { return fmt.Sprintf("/XYZ5abc\r\n\r\n1-0:1.8.0(%06d.000*kWh)\r\n!0000\r\n", n) }
	dice := rand.New(rand.NewPCG(1, 2))
	random := func(string) uint16 { return uint16(dice.Uint32()) }
	for name, sum := range map[string]func(string) uint16{record.CRCARC: arc, record.CRCX25: x25} {
		var stream []string
		good := map[int]bool{}
		for n := range 60000 {
			tel := signed(short(n), random, "%04X")
			if n%97 == 96 {
				tel, good[n] = signed(short(n), sum, "%04X"), true
			}
			stream = append(stream, tel)
		}
		got, _ := framed(t, stream...)
		lost, other := 0, 0
		for n, x := range got {
			if good[n] && x.Status != record.OK {
				lost++
			}
			if x.Status == record.OK && x.CRC != name {
				other++
			}
		}
		if lost > 1 || other > 2 {
			t.Errorf("%s: of %d good ones %d are lost, and %d hold by the other kind", name, len(good), lost, other)
		}
	}
}

// A stream whose CRC is of no known kind says so, once and in words.
func TestUnknownIsSaid(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	list := sent(t, "meter=hu", 30)
	got, said := framed(t, allSigned(list, func(string) uint16 { return uint16(dice.Uint32()) })...)
	if len(said) != 1 || !strings.Contains(said[0], "p1.log: telegrams look whole, and no known CRC holds (ARC, X25)") ||
		!strings.Contains(said[0], "p1csv --accept bad") || strings.Contains(said[0], "masked") {
		t.Errorf("said %q", said)
	}
	if n := slices.IndexFunc(got, func(x *record.Telegram) bool { return x.CRC == record.CRCUnknown }); n != 9 {
		t.Errorf("unknown from telegram %d on", n)
	}
	if x := got[29]; x.CRC != record.CRCUnknown || x.Status != record.Bad {
		t.Errorf("the last one is %s, crc %s", x.Status, x.CRC)
	}
}

// Telegrams that are damaged, and look whole, are no sign of an unknown CRC where others
// of the stream hold, or where few look whole: p1fix repairs them.
func TestUnknownIsNotSaidOfDamage(t *testing.T) {
	list := sent(t, "meter=hu", 40)
	wrong := func(n int, from, to string) []string { // the first n, with a byte changed
		out := slices.Clone(list)
		for i := range n {
			out[i] = strings.Replace(out[i], from, to, 1)
			if out[i] == list[i] {
				t.Fatalf("%q is not in %q", from, out[i])
			}
		}
		return out
	}
	for name, stream := range map[string][]string{
		"a unit in the first ones":    wrong(12, "*kWh)", "*kVh)"),
		"a header in the first ones":  wrong(12, "/AUX5", "/AWX5"),
		"in all but one":              wrong(39, "*kWh)", "*kVh)"),
		"a slow line, no CRC holding": {string(simulatedLog(t, "meter=hu&noise=slow-rise&seed=2&telegrams=160"))},
	} {
		got, said := framed(t, stream...)
		if said != nil || len(got) < 40 {
			t.Errorf("%s: said %q; %d telegrams", name, said, len(got))
		}
	}
}

// A live stream may have no end: of one that never holds it is said after a while, once.
func TestUnknownIsSaidOfALiveStream(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	stream := allSigned(sent(t, "meter=nl", 250), func(string) uint16 { return uint16(dice.Uint32()) })
	good := sent(t, "meter=nl", 250)
	for name, want := range map[string]bool{"unknown": true, "damaged at first": false} {
		var said []string
		f := frame.New(&collector{}, frame.Options{Say: func(text string) { said = append(said, text) }})
		offset := int64(0)
		for n := range stream {
			tel := stream[n]
			if !want && n >= 50 {
				tel = good[n]
			}
			must(t, f.Take(&record.Chunk{Origin: record.Origin{Source: "tty", Session: "s", Offset: offset}, Live: true, Data: []byte(tel)}))
			offset += int64(len(tel))
			if n == 60 && said != nil {
				t.Errorf("%s: said after %d telegrams: %q", name, n+1, said)
			}
		}
		if before := len(said); (before == 1) != want || f.Close() != nil || len(said) != before {
			t.Errorf("%s: said %d times before the end, and %q in all", name, before, said)
		}
	}
}

// What the logger left out is no unknown CRC to worry about.
func TestLoggerIsNoUnknownCRC(t *testing.T) {
	var stream []string
	for _, tel := range sent(t, "meter=hu", 30) {
		stream = append(stream, strings.ReplaceAll(tel, "\xff", ""))
	}
	if got, said := framed(t, stream...); said != nil || got[29].CRC != record.CRCUnknown {
		t.Errorf("said %q; %s", said, kinds(got))
	}
}

// The same where the meter is replaced by one whose CRC is not known, and back.
func TestUnknownFromAnotherMeter(t *testing.T) {
	known, other := sent(t, "meter=se", 20), allSigned(sent(t, "meter=nl", 20), modbus)
	var stream []string
	stream = append(stream, known[:3]...)
	stream = append(stream, other...)
	stream = append(stream, known[3:6]...)
	got, said := framed(t, stream...)
	if len(said) != 1 || got[22].CRC != record.CRCUnknown || kinds(got[23:]) != "ok:ARC ok:ARC ok:ARC" {
		t.Errorf("said %q; %s", said, kinds(got))
	}
}
