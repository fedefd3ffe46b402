package repair_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// alone repairs one telegram of a meter that has never been seen.
func alone(t *testing.T, log []byte) *record.Telegram {
	t.Helper()
	out := (&collector{fix(t, framed(t, log), usual)}).telegrams()
	if len(out) != 1 {
		t.Fatalf("%d telegrams", len(out))
	}
	return out[0]
}

// A telegram that somebody pasted: a digit of a code is gone, and two of a register.
func TestPastedTelegram(t *testing.T) {
	for _, meter := range []string{"nl", "be", "dsmr4"} {
		for seed := range 5 {
			sent := transmissions(t, fmt.Sprintf("meter=%s&telegrams=1&seed=%d", meter, seed+1))[0]
			log := strings.Replace(sent, "1-0:1.7.0(", "1-0: .7.0(", 1)
			log = strings.Replace(log, "1-0:1.8.1(00", "1-0:1.8.1(  ", 1)
			x := alone(t, []byte(log))
			if x.Status != record.Repaired || string(x.Raw) != sent || x.Confidence < 0.999 {
				t.Errorf("%s, seed %d: %s, %s", meter, seed+1, x.Status, x.Why)
			}
		}
	}
}

// Of one or two bytes in which the first 1 of each run of 1s is lost most are put right, although
// nothing is known of the meter, and none is made wrong.
func TestStrangers(t *testing.T) {
	n := longtest.Pick(8, 40, 100)
	dice := rand.New(rand.NewPCG(17, 1))
	for _, meter := range []string{"nl", "be", "se", "no", "lt", "ch", "dsmr4", "hu-sagemcom", "hu-holley"} {
		right, of := 0, 0
		for seed := range n {
			sent := []byte(transmissions(t, fmt.Sprintf("meter=%s&telegrams=1&seed=%d", meter, seed+50))[0])
			log := bytes.Clone(sent)
			for hits := 1 + seed%2; hits > 0; {
				at := dice.IntN(len(log))
				if b := log[at] & (log[at] << 1); b != log[at] && log[at] == sent[at] {
					log[at] = b
					hits--
				}
			}
			for _, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
				if x.Status == record.Repaired && !bytes.Equal(x.Raw, sent) {
					t.Errorf("%s, seed %d: wrong, at a confidence of %v", meter, seed+50, x.Confidence)
				}
				if x.Status == record.Repaired || x.Status == record.OK {
					right++
				}
			}
			of++
		}
		if 10*right < 8*of {
			t.Errorf("%s: %d of %d are repaired", meter, right, of)
		}
		fmt.Fprintf(t.Output(), "%s: %d of %d\n", meter, right, of)
	}
}

// dsmr3 is a stream that signs nothing, telegram by telegram.
func dsmr3(t *testing.T, n int) []string {
	return transmissions(t, fmt.Sprintf("meter=dsmr3&telegrams=%d", n))
}

// A line that looks untouched, and contradicts what is known, is not trusted as it is; the others
// of its telegram are.
func TestUntouchedAndUntrue(t *testing.T) {
	list := dsmr3(t, 40)
	sent := list[30]
	at := strings.Index(sent, "1-0:1.8.1(0") + len("1-0:1.8.1(0")
	list[30] = sent[:at] + string('0'+(sent[at]-'0'+5)%10) + sent[at+1:]
	for i, x := range (&collector{fix(t, framed(t, []byte(strings.Join(list, ""))), usual)}).telegrams() {
		if x.Status == record.Repaired {
			t.Fatalf("telegram %d is repaired, and nothing confirms it", i)
		}
		if i != 30 {
			continue
		}
		if x.Trusted == nil {
			t.Fatalf("telegram %d: all lines are trusted", i)
		}
		for _, l := range x.Trusted {
			if line := strings.SplitAfter(string(x.Raw), "\n")[l.Line-1]; !strings.Contains(sent, line) {
				t.Errorf("trusted at %v: %q", l.Confidence, line)
			}
		}
		if len(x.Trusted) < 8 {
			t.Errorf("%d lines are trusted", len(x.Trusted))
		}
	}
}

// What is said again and again is true, however strange it was at first.
func TestStrangeValueThatStays(t *testing.T) {
	list := dsmr3(t, 60)
	for i := 30; i < 60; i++ {
		at := strings.Index(list[i], "1-0:2.8.1(") + len("1-0:2.8.1(")
		list[i] = list[i][:at] + "00000.001" + list[i][at+9:]
	}
	out := (&collector{fix(t, framed(t, []byte(strings.Join(list, ""))), usual)}).telegrams()
	for i, x := range out[40:] {
		if x.Trusted != nil || x.Status != record.Unchecked {
			t.Errorf("telegram %d is %s, and not all of it is trusted", 40+i, x.Status)
		}
	}
}

// A clean stream that signs nothing is handed on as it is, but for what surprises.
func TestCleanStreamWithoutCRC(t *testing.T) {
	for _, meter := range []string{"dsmr2", "dsmr3", "q3d"} {
		log := strings.Join(transmissions(t, "meter="+meter+"&telegrams=200"), "")
		lines, doubted := 0, 0
		for i, x := range (&collector{fix(t, framed(t, []byte(log)), usual)}).telegrams() {
			if x.Status != record.Unchecked || len(x.Edits) > 0 {
				t.Errorf("%s: telegram %d is %s with %d edits", meter, i, x.Status, len(x.Edits))
			}
			coded := strings.Count(string(x.Raw), "\n0-") + strings.Count(string(x.Raw), "\n1-")
			if lines += coded; x.Trusted != nil {
				doubted += coded - len(x.Trusted)
			}
		}
		if 500*doubted > lines {
			t.Errorf("%s: %d of %d lines are not trusted", meter, doubted, lines)
		}
	}
}
