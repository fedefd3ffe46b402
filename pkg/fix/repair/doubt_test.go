package repair_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// Lines of a telegram whose CRC holds but that comes from the past are doubted, and not
// learned from: clock and registers; what may well be so counts. A clock that was set back
// is believed once it goes on from there.
func TestDoubtedLines(t *testing.T) {
	s := simulate(t, "meter=hu&telegrams=12&logger=raw")
	var tel []string
	for _, end := range append([]int64{0}, s.ends[:11]...) {
		tel = append(tel, string(s.sent[end]))
	}
	cases := []struct {
		name string
		log  []string
		want string // for each telegram: . or c where its clock is doubted
	}{
		{"one from the past", []string{tel[4], tel[5], tel[6], tel[0], tel[7], tel[8]}, "...c.."},
		{"the clock was set back", []string{tel[7], tel[8], tel[9], tel[0], tel[1], tel[2], tel[3]}, "...cc.."},
		{"the same twice", []string{tel[0], tel[1], tel[1], tel[2]}, "...."},
		{"a gap", []string{tel[0], tel[1], tel[8], tel[9]}, "...."},
	}
	for _, x := range cases {
		got := ""
		for _, r := range (&collector{fix(t, framed(t, []byte(strings.Join(x.log, ""))), usual)}).telegrams() {
			mark := "."
			for _, d := range r.Doubted {
				if d.Code == "0-0:1.0.0" {
					mark = "c"
				}
			}
			if got += mark; mark == "." && len(r.Doubted) > 0 && x.name != "the clock was set back" {
				t.Errorf("%s: %+v", x.name, r.Doubted)
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
	for _, name := range sim.Meters() {
		for _, start := range []string{"2026-03-29T01:50:00", "2026-10-25T02:50:00S", "2026-05-31T23:50:00"} {
			query := fmt.Sprintf("meter=%s&telegrams=%d&logger=raw&every=10s&start=%s", name, longtest.Pick(100, 300, 300), start)
			logs[query] = simulate(t, query).log
		}
	}
	for query, log := range logs {
		for _, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
			if x.Suspect != "" || x.Doubted != nil {
				t.Errorf("%s: telegram %d: %s %+v", query, x.Seq, x.Suspect, x.Doubted)
			}
		}
	}
}

func TestNothingSuspectInRealCleanLog(t *testing.T) {
	for _, x := range (&collector{fix(t, framed(t, realLog(t, "eon-clean.log")), usual)}).telegrams() {
		if x.Suspect != "" || x.Doubted != nil || x.Status != record.OK {
			t.Errorf("telegram %d is %s: %s %+v", x.Seq, x.Status, x.Suspect, x.Doubted)
		}
	}
}

// lucky damages a telegram in a byte of its fixed text, and in another one so that
// the CRC holds all the same; nil where no other one does so.
func lucky(raw []byte, at int, read byte) []byte {
	bang := bytes.LastIndexByte(raw, '!')
	var s crc.Syndromes
	change := s.Of(bang-at, raw[at]^read)
	for i := bytes.IndexByte(raw, '\n') + 1; i < bang; i++ {
		fixed := bytes.IndexByte([]byte("-:.*()"), raw[i]) >= 0
		for diff := 1; fixed && diff < 256; diff++ {
			if s.Of(bang-i, byte(diff)) == change {
				damaged := bytes.Clone(raw)
				damaged[at] = read
				damaged[i] ^= byte(diff)
				return damaged
			}
		}
	}
	return nil
}

// A damaged telegram whose CRC holds by accident is suspect, and what differs in
// it is not taken for something that the meter sends: with the same two bytes
// changed, the CRC of each other telegram would hold as well. Where it is the only
// valid one, nobody can tell, and the confidence says so.
func TestLuckyTelegram(t *testing.T) {
	for _, code := range []string{"0-0:96.1.1(", "1-0:1.8.1(", "/ISK"} {
		for _, after := range []int{5, 60} { // telegrams, before and after the meter is well known
			sent := transmissions(t, "telegrams=160&meter=nl")
			var damaged []byte
			for read := 0; read < 256 && damaged == nil; read++ {
				at := strings.Index(sent[after], code) + 2
				if byte(read) != sent[after][at] {
					damaged = lucky([]byte(sent[after]), at, byte(read))
				}
			}
			if damaged == nil {
				t.Fatal("no two bytes cancel out")
			}
			dice := rand.New(rand.NewPCG(3, uint64(after)))
			var log []byte
			for i, text := range sent {
				for _, b := range []byte(text) {
					if i != after && dice.Float64() < 0.003 {
						b &= b << 1
					}
					log = append(log, b)
				}
				if i == after {
					log = append(log[:len(log)-len(text)], damaged...)
				}
			}
			right, wrong := 0, 0
			for _, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
				switch {
				case bytes.Equal(x.Raw, damaged):
					if after > 20 && x.Suspect == "" {
						t.Errorf("%s at %d: the lucky one is %s and not suspect", code, after, x.Status)
					}
				case x.Status == record.Repaired && slices.Contains(sent, string(x.Raw)):
					right++
				case x.Status == record.Repaired && x.Confidence > 0.99995:
					wrong++
				}
			}
			if wrong > 0 || right < 130 {
				t.Errorf("%s at %d: %d are repaired and %d wrong", code, after, right, wrong)
			}
		}
	}
}

// A meter whose name stands in the header alone: with a few bytes of it changed and a CRC that
// holds a telegram is damaged where the registers go on, and another meter's where they begin
// elsewhere.
func TestNameInTheHeader(t *testing.T) {
	var log []byte
	sent := transmissions(t, "meter=se&telegrams=80&every=10s&start=2026-05-12T12:00:00&replace=2026-05-12T12:10:00")
	for i, text := range sent {
		if i == 40 {
			if text = string(lucky([]byte(text), strings.Index(text, "/ELL")+2, 'H')); text == "" {
				t.Fatal("no two bytes cancel out")
			}
		}
		log = append(log, text...)
	}
	for _, lookahead := range []int{0, repair.NoLookahead} {
		o := usual
		o.Lookahead = lookahead
		for i, x := range (&collector{fix(t, framed(t, log), o)}).telegrams() {
			if x.Status != record.OK || (x.Suspect != "") != (i == 40) || len(x.Doubted) > 0 {
				t.Errorf("lookahead %d, telegram %d is %s: %q %v", lookahead, i, x.Status, x.Suspect, x.Doubted)
			}
		}
	}
}
