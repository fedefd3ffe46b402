package frame_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// bare takes the CRC off a telegram.
func bare(tel string) string { return tel[:strings.LastIndexByte(tel, '!')+1] + "\r\n" }

// withHeader gives a telegram another header line.
func withHeader(header, tel string) string { return header + tel[strings.IndexByte(tel, '\r'):] }

func allWithHeader(header string, list []string) string {
	var out strings.Builder
	for _, tel := range list {
		out.WriteString(withHeader(header, tel))
	}
	return out.String()
}

// A stream without CRCs is known as one by one whole telegram, as long as none carries a
// CRC; damaged ones among them stay bad.
func TestUnchecked(t *testing.T) {
	tel := sent(t, "meter=dsmr3", 8)
	crc := sent(t, "meter=nl", 5)
	damaged := strings.Replace(tel[2], "*kWh)\r\n", "*kWh\r\n", 1)
	failing := strings.Replace(crc[2], "*kWh)", "*kWn)", 1)
	digits := tel[4][:len(tel[4])-2] + "5\r\n"
	cases := []framedCase{
		{"whole stream", strings.Join(tel[:6], ""), strings.TrimSpace(strings.Repeat("unchecked ", 6))},
		{"one", tel[0], "unchecked"},
		{"two", tel[0] + tel[1], "unchecked unchecked"},
		{"no end of the last line", strings.TrimSuffix(tel[0], "\r\n"), "unchecked"},
		{"a blank behind the '!'", bare(tel[0])[:len(bare(tel[0]))-2] + " \r\n", "unchecked"},
		{"no CRC below", tel[0] + "ABCD0\r\n" + tel[1] + "ABC\r\n" + tel[2] + "(ABC\r\n", "unchecked noise unchecked noise unchecked noise"},
		{"a CRC below", strings.ReplaceAll(crc[0]+crc[1], "!", "!\r\n"), "ok ok"},
		{"a wrong one", strings.ReplaceAll(crc[0]+failing, "!", "!\r\n"), "ok bad"},
		{"a header of hex digits below", withHeader("/ABC5", tel[0]) + withHeader("/ABC5", tel[1]) + withHeader("ABC5", tel[3]),
			"unchecked unchecked bad"},
		{"LF alone", strings.ReplaceAll(tel[0], "\r", ""), "unchecked"},
		{"one, and it is damaged", damaged, "bad"},
		{"one of two damaged", damaged + tel[3], "bad unchecked"},
		{"the other one of two", tel[3] + damaged, "unchecked bad"},
		{"damaged among them", tel[0] + tel[1] + damaged + tel[3] + tel[4], "unchecked unchecked bad unchecked unchecked"},
		{"noise among the first", tel[0] + "~~\r\n" + tel[1] + tel[3], "unchecked noise unchecked unchecked"},
		{"cut off at the end", tel[0] + tel[1] + tel[2] + tel[3][:300], "unchecked unchecked unchecked bad"},
		{"cut off in the second", tel[0] + tel[1][:300], "unchecked bad"},
		{"a lost CRC is not none", bare(crc[0]) + crc[1] + bare(crc[0]) + bare(crc[0]) + bare(crc[0]), "bad ok bad bad bad"},
		{"nor is it where none holds", bare(crc[0]) + failing, "bad bad"},
		{"nor after one", failing + bare(crc[0]) + bare(crc[1]), "bad bad bad"},
		{"several overrule one", failing + bare(crc[0]) + bare(crc[1]) + bare(crc[3]), "bad unchecked unchecked unchecked"},
		{"a digit added by the line", tel[0] + digits + tel[2] + tel[3] + tel[5], "unchecked bad unchecked unchecked unchecked"},
		{"as many with a CRC as without", strings.Repeat(failing, 4) + bare(crc[0]) + bare(crc[1]) + bare(crc[3]) + bare(crc[4]),
			"bad bad bad bad bad bad bad bad"},
	}
	checkFramed(t, cases)
}

// What stands between a header's '/' and the first code is no reason to lose a telegram,
// unless the stream's other ones show that it is damaged.
func TestUncheckedWhateverTheHeader(t *testing.T) {
	tel := sent(t, "meter=dsmr3", 4)
	for _, header := range []string{"/KMP MB6412", "/abcd", "/KM5MT382", "/KAMS5MT", "/K", "/", "/KMP5 MT 382", "/1234", `/a\2b`} {
		for n := 1; n <= 4; n++ {
			for name, stream := range map[string]string{
				"":                       allWithHeader(header, tel[:n]),
				" without an empty line": strings.ReplaceAll(allWithHeader(header, tel[:n]), "\r\n\r\n", "\r\n"),
			} {
				want := strings.TrimSpace(strings.Repeat("unchecked ", n))
				got := frameBytes(t, []byte(stream))
				if s := got.statuses(); s != want || !bytes.Equal(got.received(t), []byte(stream)) {
					t.Errorf("%d with %q%s: %s", n, header, name, s)
				}
			}
		}
	}
	hit := withHeader("/K MP1", tel[1]) // what the line makes of a header
	odd := withHeader("/KMP MB6412", tel[2])
	for _, x := range []struct{ name, stream, want string }{
		{"at first", hit + tel[0] + tel[2] + tel[3], "bad unchecked unchecked unchecked"},
		{"in the middle", tel[0] + hit + tel[2] + tel[3], "unchecked bad unchecked unchecked"},
		{"at last", tel[0] + tel[2] + tel[3] + hit, "unchecked unchecked unchecked bad"},
		{"another meter", tel[0] + tel[1] + tel[3] + odd + odd + odd, "unchecked unchecked unchecked bad unchecked unchecked"},
		{"one that looks like the standard's", odd + odd + tel[0] + odd + odd, "unchecked unchecked unchecked unchecked unchecked"},
		{"a byte that is no text", withHeader("/KMP\x01MB6412", tel[0]), "bad"},
		{"its end is lost", strings.Replace(tel[0], "\r\n\r\n", "", 1), "bad"},
	} {
		if s := frameBytes(t, []byte(x.stream)).statuses(); s != x.want {
			t.Errorf("%s: got %s, want %s", x.name, s, x.want)
		}
	}
}

// Lines of other forms, and values of more than one line, keep the grammar; lines of
// which something is lost do not.
func TestUncheckedLines(t *testing.T) {
	with := func(lines string) string {
		return "/KMP5MT\r\n\r\n1-0:1.8.1(00608.400*kWh)\r\n" + lines + "\r\n1-0:1.7.0(0001.51*kW)\r\n!\r\n"
	}
	cases := []struct{ lines, want string }{
		{"0-1:24.3.0(121030140000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00947.680)", "unchecked"},
		{"0-1:24.3.0(121030140000)(00)(60)(2)(0-1:24.2.1)(m3)(0-1:24.2.2)(m3)\r\n(00947.680)\r\n(00001.000)", "unchecked"},
		{"6-0:1.0.0(00013.345*GJ)(090212160000)", "unchecked"},
		{"0-0:96.13.0(303132333435\r\n363738393A3B\r\n3C)", "unchecked"},
		{"0-0:96.13.0(\r\n3031)", "unchecked"},
		{"0-0:96.13.0(call (06))\r\n0-1:24.3.0(121030140000)(0060)(1)(0-1:24.2.1(m3)\r\n(00947.680)", "bad"},
		{"0-1:24.3.0(121030140000)(00)(60)(1)(0-1:24.2.1)(m3\r\n(00947.680)", "bad"},
		{"0-1:24.3.0(121030140000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n00947.680)", "bad"},
		{"0-1:24.3.0(121030140000)(0060)(1)(0-1:24.2.1(m3)\r\n(00947.680)", "bad"},
		{"0-0:96.13.1(\r\n0-0:96.13.0)", "bad"},
		{"0-0:96.13.0(3031\r\n\x003233)", "bad"},
		{"1-0:2.8.1(00000.001*k\r\nWh)", "bad"},
		{"1-0:2.8.1(00000.001*kWh)1-0:2.8.2(00000.000*kWh)", "bad"},
		{"1-0:2 8.1(00000.001*kWh)", "bad"},
		{"1-0:2.8.1 00000.001*kWh)", "bad"},
	}
	for _, x := range cases {
		stream := with(x.lines)
		got := frameBytes(t, []byte(stream))
		if s := got.statuses(); s != x.want || !bytes.Equal(got.received(t), []byte(stream)) {
			t.Errorf("%q: got %s, want %s", x.lines, s, x.want)
		}
	}
}

// What package telegram takes for a line of a whole telegram keeps the grammar here too.
func TestUncheckedLinesOfOtherForms(t *testing.T) {
	taken := 0
	for _, line := range []string{
		"1-0:21.7.0.255(01.111*kW)", "1-0:21.7.0*255(01.111*kW)", "1-0:72:32.0(00007)", "1-0:2.7.0 (03.333*kW)", "1-0:2.7.0( 03.333*kW )",
		"0-0:96.5.0((ER11))", "0-0:96.5.0(ER13))", "0-0:96.5.0(a (b) c)", "0-0:96.13.0(call (06) 123)", "0-0:96.13.0(call (06)", "0-0:96.1.1( KB6U0043 )", "1-0:2.7.0(03.333*kW) ",
	} {
		body := "\r\n\r\n1-0:1.8.1(00608.400*kWh)\r\n" + line + "\r\n!\r\n"
		if telegram.Check([]byte("/KMP5MT"+body)) != nil {
			continue
		}
		taken++
		if s := frameBytes(t, []byte("/KMP MT"+body)).statuses(); s != "unchecked" {
			t.Errorf("%q: %s", line, s)
		}
	}
	if taken < 3 {
		t.Errorf("%d lines are taken", taken)
	}
}

// A telegram without CRC of which one parenthesis, line end or mark of a code is lost or
// has become something else is never unchecked.
func TestUncheckedNeverDamaged(t *testing.T) {
	tel := sent(t, "meter=dsmr3", 3)
	body := strings.Index(tel[1], "\r\n\r\n") + 4
	marks := regexp.MustCompile(`(?m)[()\r\n]|^\d-|^\d-\d:`).FindAllStringIndex(tel[1][body:strings.LastIndexByte(tel[1], '!')], -1)
	if len(marks) < 60 {
		t.Fatalf("%d marks", len(marks))
	}
	for _, m := range marks {
		at := body + m[1] - 1
		for _, now := range []string{"", "\x00", "?"} {
			stream := tel[1][:at] + now + tel[1][at+1:]
			if s := frameBytes(t, []byte(stream)).statuses(); s == "unchecked" {
				t.Errorf("%q at %d has become %q: %s", tel[1][at], at, now, s)
			}
		}
	}
}

// Live, a CRC in the line below is waited for, as long as the line is not silent.
func TestCRCBelowLive(t *testing.T) {
	tel := strings.Replace(sent(t, "meter=nl", 1)[0], "!", "!\r\n", 1)
	for cut := len(tel) - 8; cut <= len(tel); cut++ {
		c := &collector{}
		f := frame.New(c, frame.Options{})
		for _, part := range []struct {
			at   int
			text string
		}{{0, tel[:cut]}, {cut, tel[cut:]}} {
			must(t, f.Take(&record.Chunk{
				Origin: record.Origin{Source: "tty", Session: "s", Offset: int64(part.at)},
				Live:   true, End: record.EndPause, Data: []byte(part.text),
			}))
		}
		if f.Wait() > 0 {
			must(t, f.Expire())
		}
		if s := c.statuses(); s != "ok" {
			t.Errorf("cut %d from the end: %s", len(tel)-cut, s)
		}
	}
}

// Live, one telegram without a CRC is out once the line has been silent, and so is each
// that comes after it.
func TestUncheckedLive(t *testing.T) {
	c := &collector{}
	f := frame.New(c, frame.Options{})
	offset := int64(0)
	for i, tel := range sent(t, "meter=dsmr3", 5) {
		if i == 1 {
			tel = strings.TrimSuffix(tel, "\r\n")
		}
		must(t, f.Take(&record.Chunk{
			Origin: record.Origin{Source: "tty", Session: "s", Offset: offset},
			Live:   true, Time: fmt.Sprintf("2026-03-01T00:00:%d0Z", i), End: record.EndPause, Data: []byte(tel),
		}))
		offset += int64(len(tel))
		if d := f.Wait(); d > 0 && d != 300*time.Millisecond {
			t.Fatalf("telegram %d: waits %v", i+1, d)
		} else if d > 0 {
			must(t, f.Expire())
		}
		if got := c.telegrams(); len(got) != i+1 || got[i].Status != record.Unchecked || got[i].CRC != record.CRCNone {
			t.Fatalf("telegram %d: %s", i+1, c.statuses())
		}
	}
	if f.Wait() != 0 {
		t.Error("waits although nothing is held")
	}
}
