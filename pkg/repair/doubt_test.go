package repair_test

import (
	"strings"
	"testing"

	"p1/pkg/meter"
	"p1/pkg/record"
)

// A telegram whose CRC holds but that comes from the past is suspect, and not
// learned from; when the meter goes on from there, it is believed.
func TestSuspect(t *testing.T) {
	s := simulate(t, "meter=hu&telegrams=12&logger=raw")
	var tel []string
	for _, end := range append([]int64{0}, s.ends[:11]...) {
		tel = append(tel, string(s.sent[end]))
	}
	cases := []struct {
		name string
		log  []string
		want string // a letter for each telegram: . or s for suspect
	}{
		{"one from the past", []string{tel[4], tel[5], tel[0], tel[6], tel[7]}, "..s.."},
		{"the clock was set back", []string{tel[8], tel[9], tel[0], tel[1], tel[2], tel[3]}, "..ss.."},
		{"the same twice", []string{tel[0], tel[1], tel[1], tel[2]}, "...."},
		{"a gap", []string{tel[0], tel[1], tel[8], tel[9]}, "...."},
	}
	for _, x := range cases {
		got := ""
		for _, r := range (&collector{fix(t, framed(t, []byte(strings.Join(x.log, ""))), usual)}).telegrams() {
			switch {
			case r.Status != record.OK:
				t.Errorf("%s: a telegram is %s", x.name, r.Status)
			case r.Suspect == "":
				got += "."
			default:
				got += "s"
			}
		}
		if got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
}

// A meter that nothing is wrong with is never suspect, whatever its registers
// and clock do: over midnight, month end and both changes of the clock.
func TestNothingSuspectOnACleanLine(t *testing.T) {
	logs := map[string][]byte{}
	for _, name := range meter.Meters() {
		for _, start := range []string{"2026-03-29T01:50:00", "2026-10-25T02:50:00S", "2026-05-31T23:50:00"} {
			query := "meter=" + name + "&telegrams=300&logger=raw&every=10s&start=" + start
			logs[query] = simulate(t, query).log
		}
	}
	for query, log := range logs {
		for _, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
			if x.Suspect != "" {
				t.Errorf("%s: telegram %d: %s", query, x.Seq, x.Suspect)
			}
		}
	}
}

func TestNothingSuspectInRealCleanLog(t *testing.T) {
	for _, x := range (&collector{fix(t, framed(t, realLog(t, "eon-clean.log")), usual)}).telegrams() {
		if x.Suspect != "" || x.Status != record.OK {
			t.Errorf("telegram %d is %s: %s", x.Seq, x.Status, x.Suspect)
		}
	}
}
