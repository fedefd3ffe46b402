package repair_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// transmissions returns what a meter sends, as text.
func transmissions(t testing.TB, query string) []string {
	t.Helper()
	s := simulate(t, query+"&logger=raw")
	var list []string
	start := int64(0)
	for _, end := range s.ends {
		list = append(list, string(s.sent[start]))
		start = end
	}
	return list
}

// The record's boundaries are a guess of p1frame's: where a false end or a lost
// one has misled it, they are put right, everything is accounted for, and the
// telegrams are numbered anew.
func TestRecut(t *testing.T) {
	for _, meter := range []string{"hu", "nl", "be", "se"} {
		sent := transmissions(t, "telegrams=8&meter="+meter)
		third, fourth := sent[2], sent[3]
		eol := strings.Index(fourth, "\r\n") + 2
		falseEnd := func(s string, at int) string { return s[:at] + "!1AB2\r\n" + s[at+7:] }
		half := strings.Index(third[len(third)/3:], "\r\n") + len(third)/3
		cases := []struct {
			name   string
			middle string // in the place of the third and fourth telegram
			want   int    // of the eight that come out right
		}{
			{"false end", falseEnd(third, half-8) + fourth, 8},
			{"false end, and noise after it", third[:half-8] + "!1AB2\r\n\x00\x7f~\r\n" + third[half-1:] + fourth, 8},
			{"two false ends", falseEnd(falseEnd(third, half-8), len(third)-60) + fourth, 8},
			{"end and beginning hit", third[:len(third)-6] + "~" + fourth[eol-1:], 7},
			{"end and beginning lost", third[:len(third)-9] + fourth[eol+4:], 7},
		}
		for _, x := range cases {
			log := []byte(strings.Join(sent[:2], "") + x.middle + strings.Join(sent[4:], ""))
			out := fix(t, framed(t, log), usual)
			checkRecords(t, out, log)
			got := (&collector{out}).telegrams()
			right := map[string]bool{}
			for i, r := range got {
				if r.Seq != int64(i+1) {
					t.Errorf("%s, %s: record %d has seq %d", meter, x.name, i+1, r.Seq)
				}
				if r.Status == record.OK || r.Status == record.Repaired {
					right[string(r.Raw)] = true
				}
			}
			n := 0
			for _, s := range sent {
				if right[s] {
					n++
				}
			}
			if n != x.want || len(right) != n || len(got) != len(sent) {
				t.Errorf("%s, %s: %d records, %d telegrams valid, %d right; want %d", meter, x.name, len(got), len(right), n, x.want)
				for _, r := range got {
					t.Logf("%d %s %d %s %q", r.Offset, r.Status, len(r.Raw), r.Why, r.Raw[:20])
				}
			}
		}
	}
}

// Live, the two halves of a telegram are joined when the second one comes.
func TestRecutLive(t *testing.T) {
	sent := transmissions(t, "telegrams=5&meter=nl")
	at := strings.Index(sent[3], "1-0:32.7.0")
	log := strings.Join(sent[:3], "") + sent[3][:at+11] + "!1AB2\r\n" + sent[3][at+18:] + sent[4]
	var in []record.Record
	for _, r := range framed(t, []byte(log)) {
		r.(*record.Telegram).Live = true
		in = append(in, r)
	}
	out := (&collector{fix(t, in, usual)}).telegrams()
	if len(in) != 6 || len(out) != 5 || string(out[3].Raw) != sent[3] || out[4].Seq != 5 {
		t.Errorf("%d records in, %d out", len(in), len(out))
	}
}

// A meter that changes what it sends, on a line so bad that no telegram is valid:
// the new lines are found as the first ones were.
func TestNewShapeUnderNoise(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var log []byte
	for i, sent := range transmissions(t, "meter=hu&telegrams=240") {
		if i >= 120 {
			sent = strings.Replace(sent, "0-0:96.13.0(", "0-0:96.13.1(30313233)\r\n0-0:96.13.0(", 1)
			bang := strings.LastIndexByte(sent, '!')
			sent = sent[:bang+1] + fmt.Sprintf("%04X\r\n", crc.ARC.Sum([]byte(sent[:bang+1])))
		}
		for _, b := range []byte(sent) {
			if dice.Float64() < 0.004 {
				b &= b << 1 // the first 1 of each run is lost
			}
			log = append(log, b)
		}
	}
	out := (&collector{fix(t, framed(t, log), usual)}).telegrams()
	repaired := 0
	for _, x := range out[120:] {
		if x.Status == record.Repaired && bytes.Contains(x.Raw, []byte("\n0-0:96.13.1(30313233)\r\n")) {
			repaired++
		}
	}
	if repaired < 110 {
		t.Errorf("%d of 120 are repaired", repaired)
	}
}

// The meter is found on lines so bad that no telegram is valid and none has its
// whole filler.
func TestBeginsWithoutAnyValid(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes under the race detector")
	}
	for query, floor := range map[string]int{
		"meter=hu&noise=flip&rate=0.0005&seed=2":      190,
		"meter=hu&noise=slow-fall&rate=0.003&seed=2":  180, // each hit puts the receiver out of step
		"meter=hu&noise=slow-rise&rate=0.006&seed=2":  190,
		"meter=be&noise=slow-rise&rate=0.006&seed=2":  180,
		"meter=hu&noise=delete&rate=0.002&seed=2":     190,
		"meter=hu&noise=late&rate=0.006&seed=2":       190,
		"meter=nl&noise=slow-fall&rate=0.006&seed=12": 180,
	} {
		s := simulate(t, fmt.Sprintf("%s&telegrams=%d", query, longtest.Pick(60, 200, 200)))
		in := framed(t, s.log)
		for i, r := range in {
			if x, ok := r.(*record.Telegram); ok && x.Status == record.OK {
				in[i] = &record.Noise{Origin: x.Origin, Data: x.Raw} // as if it were not there
			}
		}
		right := 0
		telegrams := 0
		for _, x := range (&collector{fix(t, in, usual)}).telegrams() {
			telegrams++
			if x.Status != record.Repaired {
				continue
			}
			if right++; !bytes.Equal(x.Raw, s.truth(middle(x))) {
				t.Errorf("%s: telegram at %d is wrong", query, x.Offset)
			}
		}
		if right*200 < floor*telegrams {
			t.Errorf("%s: %d of %d are repaired", query, right, telegrams)
		}
	}
}
