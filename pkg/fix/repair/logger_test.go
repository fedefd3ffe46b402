package repair_test

import (
	"bytes"
	"fmt"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// What a logger has done to a whole log is undone, as edits of the logger, on a
// clean line and on a bad one: what is repaired is what the meter sent.
func TestLoggers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes under the race detector")
	}
	n := longtest.Pick(16, 120, 120)
	for _, logger := range sim.Loggers() {
		for _, noise := range []string{"clean", "slow-rise&rate=0.001"} {
			s := simulate(t, fmt.Sprintf("meter=hu&telegrams=%d&seed=4&logger=%s&noise=%s", n, logger, noise))
			out := fix(t, framed(t, s.log), usual)
			checkRecords(t, out, s.log)
			right := 0
			for _, x := range (&collector{out}).telegrams() {
				line, _ := x.EditCount()
				switch {
				case x.Status != record.OK && x.Status != record.Repaired:
				case !bytes.Equal(x.Raw, s.truth(middle(x))):
					t.Errorf("%s, %s: telegram at %d is wrong: %q", logger, noise, x.Offset, x.Raw)
				case noise == "clean" && line > 0:
					t.Errorf("%s: %d edits of a clean line in the telegram at %d", logger, line, x.Offset)
				default:
					right++
				}
			}
			if right < n-2 {
				t.Errorf("%s, %s: %d of %d are right", logger, noise, right, n)
			}
		}
	}
}

// The same of a short log on so bad a line that no telegram is intact.
func TestLoggersUnderNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes under the race detector")
	}
	for _, logger := range sim.Loggers() {
		s := simulate(t, "meter=hu&telegrams=30&seed=4&noise=slow-rise&rate=0.003&logger="+logger)
		out := fix(t, framed(t, s.log), usual)
		checkRecords(t, out, s.log)
		right := 0
		for _, x := range (&collector{out}).telegrams() {
			if x.Status == record.OK || x.Status == record.Repaired {
				if right++; !bytes.Equal(x.Raw, s.truth(middle(x))) {
					t.Errorf("%s: telegram at %d is wrong: %q", logger, x.Offset, x.Raw)
				}
			}
		}
		if right < 27 {
			t.Errorf("%s: %d of 30 are right", logger, right)
		}
	}
}

// Logs of different loggers, one after the other.
func TestLoggersInARow(t *testing.T) {
	var records []record.Record
	for _, logger := range []string{"utf8", "printable", "all", "crcrlf", "ascii"} {
		s := simulate(t, "meter=hu&telegrams=40&seed=4&noise=slow-rise&logger="+logger)
		for _, r := range framed(t, s.log) {
			switch r := r.(type) {
			case *record.Telegram:
				r.Source = logger
			case *record.Noise:
				r.Source = logger
			}
			records = append(records, r)
		}
	}
	right := map[string]int{}
	for _, x := range (&collector{fix(t, records, usual)}).telegrams() {
		if x.Status == record.OK || x.Status == record.Repaired {
			right[x.Source]++
		}
	}
	for source, n := range right {
		if n < 38 {
			t.Errorf("%s: %d of 40 are valid", source, n)
		}
	}
	if len(right) != 5 {
		t.Errorf("valid are %v", right)
	}
}

// The empty line behind each header is gone where a log was pasted, or went through grep:
// the CRC says so, of one telegram too. What a line did besides is repaired.
func TestEmptyLineIsPutBack(t *testing.T) {
	for _, m := range []string{"nl", "hu", "be", "se"} {
		for _, query := range []string{"&telegrams=1", "&telegrams=20", "&telegrams=40&noise=slow-rise&rate=0.0005"} {
			s := simulate(t, "meter="+m+"&seed=6&logger=raw"+query)
			var log []byte
			for line := range bytes.Lines(s.log) {
				if string(line) != "\r\n" {
					log = append(log, line...)
				}
			}
			sent := map[string]bool{}
			for _, raw := range s.sent {
				sent[string(raw)] = true
			}
			right := 0
			for _, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
				if x.Status != record.OK && x.Status != record.Repaired {
					continue
				}
				if right++; !sent[string(x.Raw)] {
					t.Errorf("%s%s: telegram at %d is wrong: %q", m, query, x.Offset, x.Raw)
				}
			}
			if 100*right < 95*len(s.ends) {
				t.Errorf("%s%s: of %d telegrams %d are right", m, query, len(s.ends), right)
			}
		}
	}
}
