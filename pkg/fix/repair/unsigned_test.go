package repair_test

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/record"
)

// A stream that signs nothing, and on which nothing is damaged, comes out as it came in,
// whatever the meter does; what is new is believed after a while.
func TestCleanUnsignedStreamsStay(t *testing.T) {
	always := func(int) string { return "" }
	for name, line := range map[string]func(n int) string{
		"a count that gets a digit":   func(n int) string { return fmt.Sprintf("0-0:96.7.21(%d)\r\n", n/2) },
		"a message that comes once":   func(n int) string { return "0-0:96.13.0(" + map[bool]string{true: "48616C6C6F"}[n == 12] + ")\r\n" },
		"a message that stays":        func(n int) string { return "0-0:96.13.0(" + map[bool]string{true: "48616C6C6F"}[n > 12] + ")\r\n" },
		"a switch of words":           func(n int) string { return "0-0:96.3.10(" + []string{"ON", "OFF"}[n/9%2] + ")\r\n" },
		"a sign that comes":           func(n int) string { return "1-0:1.7.0(" + []string{"", "-"}[n/7%2] + "0000.51*kW)\r\n" },
		"a number of changing length": func(n int) string { return fmt.Sprintf("1-0:1.7.0(%d*W)\r\n", 3*n) },
		"a line that is new":          func(n int) string { return map[bool]string{true: "1-0:3.8.0(000012.345*kvarh)\r\n"}[n > 10] },
		"a line that goes":            func(n int) string { return map[bool]string{true: "1-0:3.8.0(000012.345*kvarh)\r\n"}[n < 10] },
		"a power failure more": func(n int) string {
			return "1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(0000000240*s)" + map[bool]string{true: "(101209152415W)(0000000301*s)"}[n > 15] + "\r\n"
		},
		"nothing":                      always,
		"a number that goes below ten": func(n int) string { return fmt.Sprintf("1-0:32.7.0(%.1f*V)\r\n", 10.4-float64(n%8)/10) },
	} {
		var log strings.Builder
		for n := range 30 {
			fmt.Fprintf(&log, "/KFM5KAIFA-METER\r\n\r\n0-0:96.1.1(4B414C37303035303630383439353133)\r\n1-0:1.8.1(%09.3f*kWh)\r\n%s0-0:96.14.0(0002)\r\n!\r\n", 608.4+float64(n)/100, line(n))
		}
		held := 0
		for _, r := range fix(t, framed(t, []byte(log.String())), usual) {
			x, ok := r.(*record.Telegram)
			if !ok {
				continue
			}
			if x.Status != record.Unchecked || x.Edits != nil {
				t.Errorf("%s: telegram %d is %s, edits %v", name, x.Seq, x.Status, x.Edits)
			}
			if x.Trusted != nil {
				held++
			}
		}
		if held > 8 {
			t.Errorf("%s: of %d telegrams some lines are not believed", name, held)
		}
	}
}
