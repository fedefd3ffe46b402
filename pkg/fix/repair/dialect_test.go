package repair_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// Meters that sign with a CRC that is known are repaired: wrapped lines, blanks
// inside of parentheses, and all.
func TestDialectsAreRepaired(t *testing.T) {
	for _, m := range sim.Meters() {
		signs := sim.Signs(m)
		if signs != "ARC" && signs != "X25" {
			continue
		}
		s := simulate(t, "meter="+m+"&telegrams=150&noise=slow-rise&rate=0.001&pause-rate=0.001&seed=5")
		right, repaired := 0, 0
		for _, x := range (&collector{fix(t, framed(t, s.log), usual)}).telegrams() {
			if x.Status != record.OK && x.Status != record.Repaired {
				continue
			}
			if sent := s.truth(middle(x)); !bytes.Equal(x.Raw, sent) || x.CRC != signs {
				t.Errorf("%s: telegram at %d is %s by %s, and not what was sent", m, x.Offset, x.Status, x.CRC)
			}
			right++
			if x.Status == record.Repaired {
				repaired++
			}
		}
		if right < 149 || repaired < 50 {
			t.Errorf("%s: of 150 telegrams %d are right, %d repaired", m, right, repaired)
		}
	}
}

// Nothing is repaired where no CRC that is known confirms it: in streams without
// CRCs, with one of an unknown kind, and in encrypted frames. What is confirmed by one that
// was learned of the stream is what was sent.
func TestNothingIsRepairedWithoutAKnownCRC(t *testing.T) {
	allowed := map[string]string{
		"none": " unchecked:none lost:none salvaged:none salvaged:ARC lost:ARC ", "other": " lost:ARC lost:unknown salvaged:ARC salvaged:unknown ",
		"encrypted": " lost:unknown ",
	}
	for _, m := range sim.Meters() {
		signs := sim.Signs(m)
		if signs == "ARC" || signs == "X25" {
			continue
		}
		for _, noise := range []string{"clean", "slow-rise&rate=0.001&pause-rate=0.001", "flip&rate=0.0002", "overrun"} {
			s := simulate(t, fmt.Sprintf("meter=%s&telegrams=%d&logger=raw&noise=%s", m, longtest.Pick(25, 120, 120), noise))
			out := fix(t, framed(t, s.log), usual)
			var all []byte
			for _, r := range out {
				data, err := record.Received(r)
				must(t, err)
				all = append(all, data...)
				x, ok := r.(*record.Telegram)
				if !ok {
					continue
				}
				if strings.HasPrefix(x.CRC, "CRC16:") && signs == "other" {
					if used := x.Status == record.OK || x.Status == record.Repaired; used && !bytes.Equal(x.Raw, s.truth(middle(x))) {
						t.Errorf("%s, %s: telegram at %d is %s by %s, and not what was sent", m, noise, x.Offset, x.Status, x.CRC)
					}
					continue
				}
				if verdict := string(x.Status) + ":" + x.CRC; !strings.Contains(allowed[signs], " "+verdict+" ") || len(x.Edits) > 0 && x.Status != record.Salvaged {
					t.Errorf("%s, %s: telegram at %d is %s with %d edits", m, noise, x.Offset, verdict, len(x.Edits))
				}
				if x.Status == record.Lost && x.Why == "" {
					t.Errorf("%s, %s: telegram at %d is lost for no reason", m, noise, x.Offset)
				}
			}
			if !bytes.Equal(all, s.log) {
				t.Errorf("%s, %s: the records joined are not the log", m, noise)
			}
		}
	}
}

// A line that goes on in the next one is trusted with it or not at all.
func TestWrappedLineIsTrustedAsAWhole(t *testing.T) {
	list := transmissions(t, "meter=hu-holley&telegrams=40")
	const wrapped = "0-0:98.1.0"
	next := strings.Index(list[20], "\n(") + 1
	cases := []struct {
		name   string
		damage func(string) string
		want   bool
	}{
		{"as it was sent", func(tel string) string { return tel }, true},
		{"a digit of the next line", func(tel string) string { return tel[:next+5] + "~" + tel[next+6:] }, false},
		{"the next line is gone", func(tel string) string { return tel[:next] + tel[next+strings.Index(tel[next:], "\n")+1:] }, false},
		{"its first byte", func(tel string) string { return tel[:next] + "~" + tel[next+1:] }, false},
		{"another one looks like it", func(tel string) string { return strings.Replace(tel, "\n0-0:96.13.0(", "\n(", 1) }, false},
	}
	for _, c := range cases {
		stream := append([]string{}, list...)
		tel := c.damage(stream[20])
		stream[20] = tel[:strings.LastIndexByte(tel, '!')] + "!~~~~\r\n" // nothing confirms it
		x := (&collector{fix(t, framed(t, []byte(strings.Join(stream, ""))), usual)}).telegrams()[20]
		trusted := map[string]bool{}
		for _, line := range x.Trusted {
			trusted[line.Code] = true
		}
		if x.Status != record.Salvaged || !trusted["1-0:1.8.0"] || trusted[wrapped] != c.want {
			t.Errorf("%s: %s, %s is trusted: %t, of %d lines", c.name, x.Status, wrapped, trusted[wrapped], len(x.Trusted))
		}
	}
}
