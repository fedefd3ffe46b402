package diagnose_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// What other programs write between telegrams, or do to each of them, and what other
// protocols send, is named; nothing is said of the wiring.
func TestNotTheLine(t *testing.T) {
	clean, _ := simulated(t, "meter=hu&telegrams=12&seed=3")
	dice := rand.New(rand.NewPCG(1, 8))
	for _, c := range []struct {
		name string
		log  []byte
		says string // in headline, sure, do or notes
	}{
		{"debug log", beforeEach(clean, "/", func(n int) string {
			return fmt.Sprintf("2026-11-29 14:00:%02d,123 DEBUG [parser] telegram received, waiting\n", n)
		}), "A program has written between the telegrams"},
		{"separators", beforeEach(clean, "/", func(int) string { return "-----\r\n" }), "A program has written between the telegrams"},
		{"time stamps", beforeEach(clean, "", func(n int) string { return fmt.Sprintf("Nov 29 14:%02d:%02d ", n/60%60, n%60) }), "put text before each line"},
		{"CR to LF", bytes.ReplaceAll(clean, []byte("\r"), []byte("\n")), "turned each CR into LF"},
		{"line ends left out", bytes.ReplaceAll(bytes.ReplaceAll(clean, []byte("\r"), nil), []byte("\n\n"), []byte("\n")), "left out"},
		{"a line taken out", without(clean, "1-0:1.8.0"), "CRC"},
		{"HDLC", many(dice, hdlcFrame), "DLMS frames (HDLC)"},
		{"M-Bus", many(dice, mbusFrame), "M-Bus frames"},
		{"SML", many(dice, smlFile), "SML"},
		{"IEC 62056-21", many(dice, readout), "IEC 62056-21"},
		{"encrypted", many(dice, ciphered), "--key-file"},
	} {
		for _, r := range []diagnose.Report{diagnosed(t, diagnose.Options{}, c.log), framed(t, c.log)} {
			said := strings.Join(append([]string{r.Headline, r.Sure, r.Do}, r.Notes...), " ")
			if !strings.Contains(said, c.says) {
				t.Errorf("%s: %s", c.name, words(&r))
			}
			for _, wrong := range []string{"twisted pair", "ferrite", "Check the wires", "resistor", "crimp"} {
				if len(r.Findings)+len(r.Remedies) > 0 || strings.Contains(said, wrong) {
					t.Errorf("%s: blames the line: %v %v %s", c.name, r.Findings, r.Remedies, words(&r))
				}
			}
		}
	}
}

// Noise is no text of a program and no other protocol: lines that are hit are still to
// blame, also where only printable bytes are kept.
func TestNoiseIsNoProgram(t *testing.T) {
	for seed := range longtest.Pick(1, 1, 15) {
		for _, noise := range []string{"slow-rise", "slow-fall", "slip", "burst", "flip", "late", "overrun", "delete", "cut"} {
			for _, logger := range []string{"raw", "printable"} {
				for _, meter := range longtest.Pick([]string{"nl"}, []string{"be", "se"}, []string{"nl", "hu", "be", "se"}) {
					query := fmt.Sprintf("meter=%s&telegrams=30&seed=%d&noise=%s&logger=%s", meter, seed, noise, logger)
					log, hits := simulated(t, query)
					r := framed(t, log)
					if notes := strings.Join(r.Notes, " "); r.Excused && hits > 10 || strings.Contains(notes, "A program") || hits > 100 && r.Totals.Events == 0 {
						t.Errorf("%s: %d hits, %s", query, hits, words(&r))
					}
				}
			}
		}
	}
}

// Where there is no telegram, it says why, and asks to see whether the meter sends only
// where that would help.
func TestWhyThereIsNothing(t *testing.T) {
	since, _ := simulated(t, "meter=se&telegrams=5")
	for _, c := range []struct {
		name    string
		r       diagnose.Report
		says    string
		mayTurn bool // to the meter
	}{
		{"nothing read", diagnosed(t, diagnose.Options{}, nil), "Nothing was read", false},
		{"since later", diagnosed(t, diagnose.Options{Since: instant(t, "2030-01-01")}, since), "No telegram is from 2030-01-01", false},
		{"silent port", of(t, &record.Gap{Origin: record.Origin{Source: "/dev/ttyUSB0"}, Why: "start"}), "The capture has received no byte", true},
		{"a logger's header", of(t, &record.Noise{Data: []byte("=~=~=~=~= PuTTY log 2023.08.24 01:21:30 =~=~=~=~=\r\n")}), "Nothing but a logger's header", true},
		{"words", of(t, &record.Noise{Data: []byte("hello world\n")}), "No telegram is in what was received", false},
		{"words and a gap", of(t, &record.Gap{Why: "start"}, &record.Noise{Data: []byte("hello world\n")}), "No telegram is in what was received", false},
		{"words, and since", diagnosed(t, diagnose.Options{Since: instant(t, "2030-01-01")}, []byte("hello world\n")), "No telegram is in what was received", false},
	} {
		if !strings.HasPrefix(c.r.Headline, c.says) || strings.Contains(c.r.Do, "meter sends") != c.mayTurn || c.r.Clean || strings.Contains(words(&c.r), "hello") {
			t.Errorf("%s: %s", c.name, words(&c.r))
		}
	}
}

// of is what is said of records.
func of(t *testing.T, records ...record.Record) diagnose.Report {
	d := diagnose.New(diagnose.Options{})
	for _, r := range records {
		if err := d.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	return d.Report()
}

// Only who has not put p1fix into the pipe is told to.
func TestRepairIsAdvisedOnce(t *testing.T) {
	for status, want := range map[record.Status]bool{record.Bad: true, record.Lost: false, record.Salvaged: false} {
		d := diagnose.New(diagnose.Options{})
		if err := d.Take(&record.Telegram{Status: status, CRC: record.CRCARC, Raw: []byte("/XYZ5\r\n\r\n1-0:1.8.0(000001.000*kWh)\r\n!0000\r\n")}); err != nil {
			t.Fatal(err)
		}
		if r := d.Report(); strings.Contains(r.Do, "Put p1fix") != want {
			t.Errorf("%s: %s %s", status, r.Headline, r.Do)
		}
	}
}

// Telegrams that are alike and complete, but for something that all of them have lost, are
// neither the line's doing nor in order.
func TestNoKnownCRCHolds(t *testing.T) {
	for n, says := range map[int]string{1: "1 complete telegram, and no known CRC", 12: "12 telegrams are complete and alike, but no known CRC holds in any of them."} {
		clean, _ := simulated(t, fmt.Sprintf("meter=hu&telegrams=%d&seed=3", n))
		d := diagnose.New(diagnose.Options{})
		for raw := range bytes.SplitSeq(bytes.TrimPrefix(clean, []byte("/")), []byte("\r\n/")) {
			if !bytes.Contains(raw, []byte("\r\n!")) {
				continue // what the logger wrote before them
			}
			raw = append([]byte("/"), bytes.TrimSuffix(raw, []byte("\r\n"))...)
			if err := d.Take(&record.Telegram{Status: record.Lost, CRC: record.CRCUnknown, CRCSent: "0000", Raw: append(raw, "\r\n"...)}); err != nil {
				t.Fatal(err)
			}
		}
		r := d.Report()
		if !strings.HasPrefix(r.Headline, says) || r.Clean || !r.Excused || strings.Contains(r.Do, "Nothing") || len(r.Remedies) > 0 {
			t.Errorf("%d telegrams: %s", n, words(&r))
		}
	}
}

// Text that was pasted beside one telegram is no damage, and few telegrams give no advice
// about cables, whatever hit them.
func TestFewTelegrams(t *testing.T) {
	one, _ := simulated(t, "meter=hu&telegrams=1&seed=3")
	r := framed(t, append(append([]byte("My log:\n```\n"), one...), "\n```\nThanks!\n"...))
	if !r.Clean || r.Totals.Events > 0 || len(r.Findings) > 0 || !strings.Contains(strings.Join(r.Notes, " "), "The line did not do that") {
		t.Errorf("pasted: %d events, %s %v", r.Totals.Events, words(&r), r.Notes)
	}
	garbage := []byte("\x80\xFF\x91\x82\xC3\xF0\x99\xA8\xE1\xD7\x80\xFF\x91\x82\xC3\xF0\x99\xA8\xE1\xD7\x80\xFF\x91\x82\xC3\xF0\x99\xA8\xE1\xD7")
	if r = framed(t, append(one, garbage...)); r.Totals.Events == 0 || len(r.Remedies) > 0 || !strings.HasPrefix(r.Do, "Take a longer log") {
		t.Errorf("garbage: %d events, %v %s", r.Totals.Events, r.Remedies, words(&r))
	}
}

// beforeEach puts text before each line that begins so.
func beforeEach(log []byte, begin string, text func(n int) string) []byte {
	var out []byte
	n := 0
	for line := range bytes.Lines(log) {
		if bytes.HasPrefix(line, []byte(begin)) {
			out = append(out, text(n)...)
			n++
		}
		out = append(out, line...)
	}
	return out
}

// without leaves out each line that begins so.
func without(log []byte, begin string) []byte {
	var out []byte
	for line := range bytes.Lines(log) {
		if !bytes.HasPrefix(line, []byte(begin)) {
			out = append(out, line...)
		}
	}
	return out
}

// many is twenty frames, one after the other.
func many(dice *rand.Rand, frame func(body []byte) []byte) []byte {
	var out []byte
	for range 20 {
		body := make([]byte, 60+dice.IntN(60))
		for i := range body {
			body[i] = byte(dice.Uint32())
		}
		out = append(out, frame(body)...)
	}
	return out
}

// hdlcFrame is a frame of type 3 with addresses, control byte and both checks.
func hdlcFrame(body []byte) []byte {
	head := []byte{0xA0, byte(len(body) + 13), 0x41, 0x08, 0x83, 0x13}
	head = binary.LittleEndian.AppendUint16(head, crc.X25.Sum(head))
	head = append(append(head, 0xE6, 0xE7, 0x00), body...)
	head = binary.LittleEndian.AppendUint16(head, crc.X25.Sum(head))
	return append(append([]byte{0x7E}, head...), 0x7E)
}

func mbusFrame(body []byte) []byte {
	body = append([]byte{0x53, 0xFF}, body...)
	check := byte(0)
	for _, b := range body {
		check += b
	}
	n := byte(len(body))
	return append(append([]byte{0x68, n, n, 0x68}, body...), check, 0x16)
}

func smlFile(body []byte) []byte {
	out := append([]byte("\x1B\x1B\x1B\x1B\x01\x01\x01\x01\x76"), body...)
	return append(out, "\x1B\x1B\x1B\x1B\x1A\x00\x12\x34"...)
}

// readout is the answer of a meter to "/?!": the check is the XOR of all behind STX.
func readout(body []byte) []byte {
	text := fmt.Sprintf("0.0.0(%08d)\r\n1.8.0(%06d.567*kWh)\r\nF.F(00000000)\r\n!\r\n\x03", body[0], body[1])
	check := byte(0)
	for _, b := range []byte(text) {
		check ^= b
	}
	return append([]byte("/ISk5MT171-0133\r\n\x02"+text), check)
}

func ciphered(body []byte) []byte {
	out := append([]byte{0xDB, 8}, "SAGabcde"...)
	return append(append(out, 0x82, 0, byte(5+len(body)), 0x30), append([]byte{0, 0, 0, 1}, body...)...)
}

// TestFewWholeTelegrams: one telegram whose CRC does not hold, and that keeps every form, is what
// people post in forums with their numbers masked or changed (as in ndokter/dsmr_parser's issue 99
// and dsmrreader/dsmr-reader's issue 1286). Nothing says that the line did it.
func TestFewWholeTelegrams(t *testing.T) {
	const lines = "1-3:0.2.8(50)\r\n0-0:1.0.0(260107195809W)\r\n0-0:96.1.1(4530303131)\r\n1-0:1.8.1(000001.234*kWh)\r\n1-0:1.7.0(00.123*kW)\r\n"
	for _, c := range []struct{ raw, says string }{
		{"/TST5meter\r\n\r\n" + lines + "!0000\r\n", "1 complete telegram, and no known CRC holds in it."},
		{"/TST5meter\r\n" + lines + "!0000\r\n", "1 complete telegram, and no known CRC holds in it."},
		{"/TST5meter\r\n\r\n" + strings.Replace(lines, "4530303131", "XXXXXXXXXX", 1) + "!0000\r\n", "0-0:96.1.1 looks as if somebody had masked it"},
		{"/TST5meter\r\n\r\n" + strings.Replace(lines, "000001.234", "0000X1.234", 1) + "!0000\r\n", ""},
		{"/TST5meter\r\n\r\n" + strings.Replace(lines, "1-0:1.8.1", "1-0:1.8 1", 1) + "!0000\r\n", ""},
	} {
		for _, status := range []record.Status{record.Lost, record.Salvaged, record.Bad} {
			d := diagnose.New(diagnose.Options{})
			if err := d.Take(&record.Telegram{Status: status, CRC: record.CRCARC, CRCSent: "0000", Raw: []byte(c.raw)}); err != nil {
				t.Fatal(err)
			}
			r := d.Report()
			want := c.says != "" && status != record.Bad // there p1fix is missing
			if r.Excused != want || want && !strings.Contains(r.Headline, c.says) {
				t.Errorf("%s %q: %s", status, c.raw, words(&r))
			}
		}
	}
}
