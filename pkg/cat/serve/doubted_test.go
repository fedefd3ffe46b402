package serve

import (
	"bytes"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

type gathered [][]byte

func (k *gathered) Send(telegram []byte) error { *k = append(*k, bytes.Clone(telegram)); return nil }
func (k *gathered) Close() error               { return nil }

// Doubted lines are cut, with those that go on with them, and what is left is signed; of a
// telegram without a CRC there is nothing to sign.
func TestDoubtedLinesAreCut(t *testing.T) {
	const header, gas = "/ABC5x\r\n\r\n0-0:1.0.0(260301100000W)\r\n1-0:1.8.0(1*kWh)\r\n", "0-1:24.3.0(260301100000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00000.000)\r\n"
	const rest = "0-1:24.4.0(1)\r\n!"
	doubts := []record.Doubt{{Line: 5, Code: "0-1:24.3.0"}, {Line: 4, Code: "1-0:9.9.9"}, {Line: 99, Code: "1-0:1.8.0"}}
	for _, c := range []struct {
		name, digits string
		status       record.Status
		crc          string
		asSent       bool
		want         string
	}{
		{"ARC", crc.ARC.Digits([]byte(header + gas + rest)), record.OK, "ARC", false, header + rest + crc.ARC.Digits([]byte(header+rest)) + "\r\n"},
		{"X25", crc.X25.Digits([]byte(header + gas + rest)), record.Repaired, "X25", false, header + rest + crc.X25.Digits([]byte(header+rest)) + "\r\n"},
		{"none", "", record.Unchecked, "none", false, header + rest + "\r\n"},
		{"as sent", crc.ARC.Digits([]byte(header + gas + rest)), record.OK, "ARC", true, header + gas + rest + crc.ARC.Digits([]byte(header+gas+rest)) + "\r\n"},
	} {
		var out gathered
		var said []string
		s := New(&out, Options{Only: []record.Status{record.OK, record.Repaired, record.Unchecked}, AsSent: c.asSent, Say: func(w string) { said = append(said, w) }})
		x := &record.Telegram{Status: c.status, CRC: c.crc, Raw: []byte(header + gas + rest + c.digits + "\r\n"), Doubted: doubts}
		for range 2 {
			if err := s.Take(x); err != nil {
				t.Fatal(err)
			}
		}
		if len(out) != 2 || string(out[0]) != c.want {
			t.Errorf("%s: %q, want %q", c.name, out, c.want)
		}
		if (len(said) == 1 && strings.Contains(said[0], "0-1:24.3.0")) == c.asSent {
			t.Errorf("%s: said %q", c.name, said)
		}
		if err := telegram.Check(out[0]); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Of an unchecked telegram of which some lines are trusted the others are cut.
func TestUntrustedLinesAreCut(t *testing.T) {
	const head, wrong, end = "/ABC5x\r\n\r\n1-0:1.8.1(00001.000*kWh)\r\n", "1-0:1.8.2(90002.000*kWh)\r\n", "!\r\n"
	x := &record.Telegram{
		Status: record.Unchecked, CRC: record.CRCNone, Raw: []byte(head + wrong + end),
		Trusted: []record.Trusted{{Line: 3, Code: "1-0:1.8.1", Confidence: 0.9999}},
	}
	for _, asSent := range []bool{false, true} {
		var out gathered
		var said []string
		s := New(&out, Options{Only: []record.Status{record.Unchecked}, AsSent: asSent, Say: func(w string) { said = append(said, w) }})
		if err := s.Take(x); err != nil {
			t.Fatal(err)
		}
		want := head + end
		if asSent {
			want = string(x.Raw)
		}
		if len(out) != 1 || string(out[0]) != want {
			t.Errorf("as sent %v: %q", asSent, out)
		}
		if strings.Contains(strings.Join(said, ""), "CRC") {
			t.Errorf("there is no CRC, and it says %q", said)
		}
	}
}
