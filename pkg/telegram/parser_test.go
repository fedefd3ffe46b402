package telegram_test

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/telegram"
)

// FuzzParser: whatever comes after what, a Parser and a Namer return what Parse and
// Identity do, and where the Parser says that all stands where it stood, it does. The
// second telegram is the first one with some bytes changed: for each one its place
// (two bytes) and what is there now.
func FuzzParser(f *testing.F) {
	at := func(raw []byte, part string, now byte) []byte {
		return append(binary.BigEndian.AppendUint16(nil, uint16(bytes.Index(raw, []byte(part)))), now)
	}
	for _, d := range dialects {
		f.Add(d.raw, []byte{})
		f.Add(d.raw, at(d.raw, "(", '0'))
		f.Add(d.raw, at(d.raw, "0", '1'))
	}
	for _, line := range []string{
		"0-0:96.1.1(45)\r\n0-0:96.1.0(46)", "0-0:96.1.2(45)\r\n0-0:96.1.0(46)", "0-0:96.13.0(\n0-0:96.1.2(1)\r\n1-0:1.8.0(1)",
		"0-0:98.1.0(1*kWh)(12\r\n34*kWh)(5)\r\n(6)\r\n(7\r\n8)", "0-0:96.14.0(a\r\nb\r\n\r\nc)", "0-0:0.0.0(0-0:A.0.0(0)0)(0)", "0-0:96.1.0(1\r\n0-0:96.1.1(2)", "!1(2", "!\r\n0-0:6.0.0(0)",
	} {
		raw := telegramOf("AUX5990", line)
		for _, part := range []string{"1)", "2(", "2)", "14.0", "34", "7", "6", "c)", "!1", "A.0"} {
			if bytes.Contains(raw, []byte(part)) {
				for _, now := range "10A!(\n" {
					f.Add(raw, at(raw, part, byte(now)))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, first, changes []byte) {
		if len(first) > 4096 || len(changes) > 300 {
			return
		}
		second := bytes.Clone(first)
		for ; len(changes) >= 3 && len(first) > 0; changes = changes[3:] {
			second[int(binary.BigEndian.Uint16(changes))%len(first)] = changes[2]
		}
		var p telegram.Parser
		var n telegram.Namer
		var before telegram.Telegram
		for i, raw := range [][]byte{first, second, second, first} {
			got, same := p.Parse(raw)
			want := telegram.Parse(raw)
			if !reflect.DeepEqual(got.Lines, want.Lines) || !bytes.Equal(got.Raw, raw) {
				t.Fatalf("telegram %d: %+v, want %+v", i, got, want)
			}
			if same && (!reflect.DeepEqual(want.Lines, before.Lines) || !sameCodes(want, &before)) || i == 2 && !same && len(raw) > 0 {
				t.Fatalf("telegram %d, %q: same is %v", i, raw, same)
			}
			header, name := n.Identity(raw)
			wantHeader, wantName := telegram.Identity(raw)
			if !bytes.Equal(header, wantHeader) || !bytes.Equal(name, wantName) {
				t.Fatalf("telegram %d is %q, %q, want %q, %q", i, header, name, wantHeader, wantName)
			}
			before = *want
		}
	})
}

func sameCodes(a, b *telegram.Telegram) bool {
	for i := range a.Lines {
		if !bytes.Equal(a.Lines[i].Code.Of(a.Raw), b.Lines[i].Code.Of(b.Raw)) {
			return false
		}
	}
	return true
}

// BenchmarkParser is BenchmarkParse for telegrams that follow each other.
func BenchmarkParser(b *testing.B) {
	for _, name := range sim.Meters() {
		all := simulated(b, "?meter="+name, 60)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(all[0].Sent)))
			b.ReportAllocs()
			var p telegram.Parser
			for i := range b.N {
				p.Parse(all[i%len(all)].Sent)
			}
		})
	}
}

// TestUnread: what cannot be read is told from what belongs to a line above.
func TestUnread(t *testing.T) {
	p := telegram.Parse(telegramOf("ABC5x", "1-0:1.8.0(1*kWh)", "", "1-0:1.8.x(1)", "0-0:96.13.0(3031", "3233", "3435)", "garbage", "1-0:1.7.0(1)x", "(7)"))
	var got []string
	for _, i := range p.Unread() {
		got = append(got, string(p.Lines[i].Of(p.Raw)))
	}
	if want := "1-0:1.8.x(1)|garbage|1-0:1.7.0(1)x"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %s", got, want)
	}
}
