package diagnose

import (
	"testing"

	"p1/pkg/channel"
	"p1/pkg/uart"
)

// Two ways to say what a receiver makes of characters whose first start edge is missed, one
// bit by bit and one by probabilities, agree: what the former gives is what the latter holds
// for likeliest, behind every receiver, whatever the logger leaves out.
func TestSlipsAgree(t *testing.T) {
	text := []byte("1-0:1.8.1(008234.524*kWh)\r\n1-0:2.8.1(000000.000*kWh)\r\n")
	spell := uart.Spell{Odds: uart.Line{Own: 0.05}.Odds(), Over: 0.9, Missed: true}
	tried := 0
	for _, r := range receivers() {
		for _, printable := range []bool{false, true} {
			for from := range 20 {
				sent := text[from:]
				got, until := regroup(r, sent)
				if until == len(sent) && !r.CountsOn {
					continue // the text is over before the slip is
				}
				if sent = sent[:until]; printable {
					got = keepPrintable(got)
				}
				r.Printable = printable
				tried++
				// Its own 0.1 is that the spell is not over after the first byte.
				if cost := r.Stretch(sent, make([]byte, len(sent)), got, spell); cost > 0.2 {
					t.Errorf("%+v from %q: % X costs %.2f", r, sent[0], got, cost)
				}
				other := append([]byte{^text[from] & 0x5F}, got...)
				if channel.Printable(other[0]) {
					if cost := r.Stretch(sent, make([]byte, len(sent)), other, spell); cost < 5 {
						t.Errorf("%+v from %q: % X costs %.2f", r, sent[0], other, cost)
					}
				}
			}
		}
	}
	if tried < 300 {
		t.Errorf("%d slips were tried", tried)
	}
}
