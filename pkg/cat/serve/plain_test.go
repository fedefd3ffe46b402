package serve

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/record"
)

// strict reads a stream as strict readers do, by what is published of the one in
// Home Assistant: the bytes are decoded as ASCII, a telegram is whatever its pattern
// finds, and the four digits after the '!' are compared with CRC-16/ARC, which is
// calculated here a bit at a time.
type strict struct {
	buffer    string
	telegrams []string
	refused   int
	checks    bool // the profile of a meter with CRC
}

var strictPattern = regexp.MustCompile(`/[^/]+?![A-F0-9]{0,4}\x00?\r\n`)

// take takes bytes as they come off the connection; what is not ASCII ends it.
func (s *strict) take(data string) error {
	for i := range len(data) {
		if data[i] > 0x7F {
			return fmt.Errorf("byte %d is %02X: 'ascii' codec can't decode it", i, data[i])
		}
	}
	s.buffer += data
	for {
		at := strictPattern.FindStringIndex(s.buffer)
		if at == nil {
			return nil
		}
		telegram := s.buffer[at[0]:at[1]]
		s.buffer = s.buffer[at[1]:]
		if s.checks && !strictCRC(telegram) {
			s.refused++
			continue
		}
		s.telegrams = append(s.telegrams, telegram)
	}
}

func strictCRC(telegram string) bool {
	end := strings.LastIndexByte(telegram, '!') + 1
	want, err := strconv.ParseUint(strings.TrimRight(telegram[end:], "\r\n"), 16, 16)
	register := uint64(0)
	for _, c := range []byte(telegram[:end]) {
		for bit := range 8 {
			feedback := (register ^ uint64(c)>>bit) & 1
			register >>= 1
			if feedback == 1 {
				register ^= 0xA001
			}
		}
	}
	return err == nil && register == want
}

// read lets a strict reader read a stream in pieces of a size.
func read(t *testing.T, stream string, checks bool) (*strict, error) {
	t.Helper()
	s := &strict{checks: checks}
	for piece := range slices.Chunk([]byte(stream), 700) {
		if err := s.take(string(piece)); err != nil {
			return s, err
		}
	}
	return s, nil
}

// readings are the lines of a telegram that hold registers and times, those that go
// on with one above joined to it.
var (
	reading  = regexp.MustCompile(`(?m)^[01]-\d:(\d+\.\d+\.\d+)(?:\*\d+)?\(.*\r\n(?:\(.*\r\n)*`)
	messages = regexp.MustCompile(`^96\.13\.`)
)

func readings(telegram string) []string {
	var list []string
	for _, m := range reading.FindAllStringSubmatch(telegram, -1) {
		if !messages.MatchString(m[1]) {
			list = append(list, strings.ReplaceAll(m[0], "\r\n", ""))
		}
	}
	return list
}

// strictGets checks that a strict reader gets each of the telegrams with --plain, and
// every reading in it as it was.
func strictGets(t *testing.T, list []*record.Telegram) (said []string) {
	t.Helper()
	stream, said := handedOn(t, list, usual, true)
	s, err := read(t, stream, true)
	if err != nil || s.refused > 0 || len(s.telegrams) != len(list) || s.buffer != "" {
		t.Fatalf("a strict reader gets %d of %d telegrams, refuses %d, keeps %d bytes: %v",
			len(s.telegrams), len(list), s.refused, len(s.buffer), err)
	}
	for i, tel := range list {
		want, got := readings(string(tel.Raw)), readings(s.telegrams[i])
		if len(want) < 8 || !slices.Equal(got, want) {
			t.Fatalf("telegram %d: readings\n%q\nwant\n%q", i+1, got, want)
		}
	}
	return said
}

func TestStrictReaderGetsRealTelegrams(t *testing.T) {
	list := repaired(t, realLog(t))
	if len(list) != 54 {
		t.Fatalf("%d telegrams, want 54", len(list))
	}
	asTheyAre, _ := handedOn(t, list, usual, false)
	if s, err := read(t, asTheyAre, true); err == nil {
		t.Errorf("a strict reader takes %d of them as they are: is it strict?", len(s.telegrams))
	}
	said := strictGets(t, list)
	want := []string{"0-0:96.13.0 is emptied and the CRC calculated anew, for readers that take ASCII only"}
	if !slices.Equal(said, want) {
		t.Errorf("it says %q", said)
	}
}

func TestStrictReaderGetsDialects(t *testing.T) {
	for meter, words := range map[string][]string{
		"hu":          {"0-0:96.13.0 is emptied and the CRC calculated anew"},
		"hu-holley":   {"0-0:98.1.0 is joined into one line and the CRC calculated anew", "CRC is X25"},
		"hu-sagemcom": nil, "nl": nil, "dsmr4": nil, "be": nil, "se": nil, "no": nil, "lt": nil, "ch": nil,
	} {
		t.Run(meter, func(t *testing.T) {
			list := repaired(t, demo("meter=%s&telegrams=12", meter))
			said := strictGets(t, list)
			if len(said) != len(words) {
				t.Fatalf("it says %q", said)
			}
			for i, w := range words {
				if !strings.Contains(said[i], w) {
					t.Errorf("it says %q, want %q", said[i], w)
				}
			}
			if words == nil {
				plain, _ := handedOn(t, list, usual, true)
				raw, _ := handedOn(t, list, usual, false)
				if plain != raw {
					t.Error("what is plain already is changed")
				}
			}
		})
	}
}

func TestStrictReaderGetsSpelledCRC(t *testing.T) {
	for _, crc := range []string{"lower", "unpadded"} {
		said := strictGets(t, repaired(t, demo("meter=nl&telegrams=40&crc=%s", crc)))
		if len(said) != 1 || !strings.Contains(said[0], "four upper-case digits") {
			t.Errorf("%s: it says %q", crc, said)
		}
	}
}

// sign makes a telegram of the lines.
func sign(lines ...string) *record.Telegram {
	text := "/SIM5test\r\n\r\n" + strings.Join(lines, "\r\n") + "\r\n!"
	b := body{text: []byte(text)}
	return &record.Telegram{
		Status: record.OK, CRC: record.CRCARC,
		Raw: fmt.Appendf(nil, "%s%04X\r\n", text, b.kind.Sum(b.text)),
	}
}

func TestPlainLines(t *testing.T) {
	const import1, export1 = "1-0:1.8.0(000001.000*kWh)", "1-0:2.8.0(000002.000*kWh)"
	for _, c := range []struct {
		name      string
		in, plain []string
	}{
		{"hex message", []string{"0-0:96.13.0(303132)", import1}, []string{"0-0:96.13.0(303132)", import1}},
		{"message in Latin-1", []string{"0-0:96.13.0(\xE1ram)", import1}, []string{"0-0:96.13.0()", import1}},
		{"other message", []string{"0-0:96.13.1(\x00)", import1}, []string{"0-0:96.13.1()", import1}},
		{"parentheses in a message", []string{"0-0:96.13.0(a)\xFF(b)", import1}, []string{"0-0:96.13.0()", import1}},
		{"a slash in a message", []string{"0-0:96.13.0(1/2)", import1}, []string{"0-0:96.13.0()", import1}},
		{"wrapped message", []string{"0-0:96.13.0(abc", "def)", import1}, []string{"0-0:96.13.0(abcdef)", import1}},
		{"wrapped message of any bytes", []string{"0-0:96.13.0(\xFF\xFF", "\xFF", "(\xFF)", import1}, []string{"0-0:96.13.0()", import1}},
		{"last line", []string{import1, "0-0:96.13.0(\xFF", "\xFF)"}, []string{import1, "0-0:96.13.0()"}},
		{"wrapped values", []string{"0-0:98.1.0(1)", "(2)(3)", "(4)", import1}, []string{"0-0:98.1.0(1)(2)(3)(4)", import1}},
		{"wrapped in a value", []string{"0-0:98.1.0(1)(00", "2)", "(3)", import1}, []string{"0-0:98.1.0(1)(002)(3)", import1}},
		{"a line that is none", []string{import1, "what", export1}, []string{import1, "what", export1}},
		{"gas of DSMR 3", []string{"0-1:24.3.0(2603)(m3)", "(00123.456)", export1}, []string{"0-1:24.3.0(2603)(m3)", "(00123.456)", export1}},
		{"LF alone", []string{import1 + "\n" + export1}, []string{import1, export1}},
		{"a register that is not ASCII", []string{"1-0:1.8.0(00000\xB1.000*kWh)"}, nil},
		{"a control character", []string{import1, "what\x07"}, nil},
		{"a CR in a line", []string{"1-0:1.8.0(0000\r01.000*kWh)"}, nil},
	} {
		got, said := handedOn(t, []*record.Telegram{sign(c.in...), sign(c.in...)}, usual, true)
		want := ""
		if c.plain != nil {
			want = strings.Repeat(string(sign(c.plain...).Raw), 2)
		}
		if got != want {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, got, want)
		}
		if changed := !slices.Equal(c.in, c.plain); (len(said) == 1) != changed || len(said) > 1 {
			t.Errorf("%s: it says %q", c.name, said)
		}
	}
}

// Whatever a telegram holds: its plain form is ASCII and has the right CRC, every
// reader finds it, and it is its own plain form.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{
		"1-0:1.8.0(1)", "0-0:96.13.0(\xFF\xFF)", "0-0:98.1.0(1)\r\n(2)", "0-0:96.13.0(\n)\r\n1-0:1.8.0(1", "x\n\n(", "0-1:24.3.0(1)\r\n(2)", "(\r\n0-0:96.13.0(/!\r\n)",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, lines string, signed bool) {
		b := body{text: []byte("/SIM5x\r\n\r\n" + lines + "\r\n!")}
		if signed {
			b.digits = fmt.Appendf(nil, "%04X", b.kind.Sum(b.text))
		}
		raw, _, err := b.plain()
		if err != nil {
			return
		}
		for _, c := range raw {
			if (c < 0x20 || c > 0x7E) && c != '\r' && c != '\n' {
				t.Fatalf("%q holds %02X", raw, c)
			}
		}
		if signed && !strictCRC(string(raw)) {
			t.Fatalf("the CRC of %q does not hold", raw)
		}
		status, kind := record.Unchecked, record.CRCNone
		if signed {
			status, kind = record.OK, record.CRCARC
		}
		again, ok := open(&record.Telegram{Status: status, CRC: kind, Raw: raw})
		if !ok {
			t.Fatalf("%q is refused", raw)
		}
		if twice, done, err := again.plain(); err != nil || string(twice) != string(raw) || len(done.words()) > 0 {
			t.Fatalf("%q\nagain\n%q: %v %q", raw, twice, err, done.words())
		}
	})
}

// The same over the network: a strict reader at a socket, of the simulated meter and,
// where it is here, the real log.
func TestStrictReaderOverTCP(t *testing.T) {
	for name, n := range map[string]int{demo("meter=hu&telegrams=60"): 60, "real": 54} {
		t.Run(name, func(t *testing.T) {
			if name == "real" {
				name = realLog(t)
			}
			list := repaired(t, name)
			words := &said{}
			s, address := listening(t, words)
			conn := dial(t, address)
			s.await(t, 1)
			stage := New(s, Options{Only: []record.Status{record.OK, record.Repaired}, Plain: true, Say: words.say})
			for _, tel := range list {
				must(t, stage.Take(tel))
			}
			must(t, stage.Close())
			reader := &strict{checks: true}
			buf := make([]byte, 1000)
			for {
				k, err := conn.Read(buf)
				must(t, reader.take(string(buf[:k])))
				if err == io.EOF {
					break
				}
				must(t, err)
			}
			if len(reader.telegrams) != n || len(list) != n || reader.refused > 0 || reader.buffer != "" {
				t.Errorf("it gets %d of %d telegrams, and refuses %d", len(reader.telegrams), n, reader.refused)
			}
		})
	}
}
