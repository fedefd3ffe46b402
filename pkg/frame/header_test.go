package frame_test

import (
	"bytes"
	"strings"
	"testing"
)

// oddHeaders do not keep the standard, or hold what may be taken for something else.
var oddHeaders = []string{
	"/ABC9 6534", "/KMP MB6412", "/KMP5 MB 6412 ", "/abcd", "/K", "/", "/KMPX5MT", "/KMP(1) 22", "/KMP5\xb5\x01 6412",
	"/KMP5/ABC2", "/KMP5/ABC2/XYZ3 a", "/KMP5!MT", "/KMP5=MT=~", "/1234", "/ABC9\t65", "/KMP5-0:1.8.0",
}

// Whatever the header is, a telegram with a CRC is one record, and so are those around one
// that is damaged or has lost its '/', its end, or both.
func TestOddHeadersWithCRC(t *testing.T) {
	list := sent(t, "meter=nl", 6)
	for _, header := range oddHeaders {
		var tels []string
		for _, tel := range list {
			tels = append(tels, signed(withHeader(header, tel), arc, "%04X"))
		}
		damaged := strings.Replace(tels[2], "*kWh)", "*kW@)", 1)
		for _, x := range []struct{ name, third, want string }{
			{"whole", tels[2], "ok ok ok ok ok ok"},
			{"damaged", damaged, "ok ok bad ok ok ok"},
			{"no '/'", tels[2][1:], "ok ok bad ok ok ok"},
			{"no line end before the '!'", strings.Replace(tels[2], "\r\n!", "!", 1), "ok ok bad ok ok ok"},
			{"no end", tels[2][:strings.LastIndexByte(tels[2], '!')], "ok ok bad ok ok ok"},
			{"no line end", strings.TrimSuffix(tels[2], "\r\n"), "ok ok ok ok ok ok"},
			{"cut off", tels[2][:500], "ok ok bad ok ok ok"},
		} {
			if header == "/" && x.name == "cut off" {
				continue // nothing tells it from a '/' in what was cut off
			}
			stream := tels[0] + tels[1] + x.third + strings.Join(tels[3:], "")
			got := frameBytes(t, []byte(stream))
			if !bytes.Equal(got.received(t), []byte(stream)) {
				t.Errorf("%q, %s: the records joined are not the stream", header, x.name)
			}
			if s := got.statuses(); s != x.want {
				t.Errorf("%q, %s: %s", header, x.name, s)
			}
		}
	}
}

// A header that was cut off, and another one in the same line.
func TestTwoHeadersInALine(t *testing.T) {
	tel := sent(t, "meter=nl", 3)
	for n := range strings.IndexByte(tel[1], '\r') {
		got := frameBytes(t, []byte(tel[0]+tel[1][:n]+tel[2]))
		if all := got.telegrams(); all[len(all)-1].Status != "ok" || string(all[len(all)-1].Raw) != tel[2] {
			t.Errorf("%q is part of the telegram after it: %s", tel[1][:n], got.statuses())
		}
	}
}
