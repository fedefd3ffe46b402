package repair_test

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/fix/repair"
	"p1/pkg/record"
)

var (
	tariff1 = regexp.MustCompile(`1-0:1\.8\.1\(\d{6}\.\d{3}`)
	gasLine = regexp.MustCompile(`\)\(\d{5}\.\d{3}\*m3`)
)

// nonsense is a capture of a meter that sends what cannot be in every seventh telegram, and
// signs it: a register ten times too high, gas 0, a clock of 2000. Line says what becomes
// of the bytes on the way.
func nonsense(t testing.TB, query string, line func(string) string) (*simulated, []string) {
	t.Helper()
	s := &simulated{sent: map[int64][]byte{}}
	var codes []string
	for i, tel := range transmissions(t, query) {
		code := ""
		if i > 20 && i%7 == 0 {
			switch i % 3 {
			case 0:
				code, tel = "1-0:1.8.1", tariff1.ReplaceAllString(tel, "1-0:1.8.1(900123.999")
			case 1:
				code, tel = "0-1:24.2.1", gasLine.ReplaceAllString(tel, ")(00000.000*m3")
			case 2:
				code = "0-0:1.0.0"
				at := strings.Index(tel, "0-0:1.0.0(") + len("0-0:1.0.0(")
				tel = tel[:at] + "000101000000W" + tel[at+13:]
			}
			tel = signed(tel, crc.ARC, "%04X")
		}
		codes = append(codes, code)
		s.sent[int64(len(s.log))] = []byte(tel)
		s.log = append(s.log, line(tel)...)
		s.ends = append(s.ends, int64(len(s.log)))
	}
	return s, codes
}

func doubtedCodes(x *record.Telegram) string {
	var codes []string
	for _, d := range x.Doubted {
		codes = append(codes, d.Code)
	}
	return strings.Join(codes, " ")
}

// What a meter sends wrong under a valid CRC is doubted, line by line, whatever the
// lookahead; the telegram stays ok, and what is learned is as if it had not been sent.
func TestDoubtedIsNotLearned(t *testing.T) {
	s, codes := nonsense(t, "meter=nl&telegrams=120", untouched)
	for _, lookahead := range []int{0, repair.NoLookahead} {
		o := usual
		o.Lookahead = lookahead
		c := &collector{}
		f := repair.New(c, o)
		for _, r := range framed(t, s.log) {
			must(t, f.Take(r))
		}
		must(t, f.Close())
		for i, x := range c.telegrams() {
			if x.Status != record.OK || x.Suspect != "" || doubtedCodes(x) != codes[i] {
				t.Errorf("telegram %d is %s, %q: %v, want %q", i, x.Status, x.Suspect, x.Doubted, codes[i])
			}
		}
		state, err := f.State()
		must(t, err)
		if len(state) != 1 {
			t.Fatalf("%d meters", len(state))
		}
		for _, wrong := range []string{".999*kWh", "00000.000*m3", "0-0:1.0.0(000101"} {
			if bytes.Contains(state[0], []byte(wrong)) {
				t.Errorf("the state says %q", wrong)
			}
		}
	}
}

// It does no harm to the repair of its neighbours, and is doubted where it is damaged
// itself and could be repaired.
func TestDoubtedAmongDamaged(t *testing.T) {
	for _, lookahead := range []int{0, repair.NoLookahead} {
		s, codes := nonsense(t, "meter=nl&telegrams=400", slowEdges(0.0006))
		o := usual
		o.Lookahead = lookahead
		count := map[string]int{}
		begins := map[int64]int{0: 0}
		for i, end := range s.ends {
			begins[end] = i + 1
		}
		for _, x := range (&collector{fix(t, framed(t, s.log), o)}).telegrams() {
			i, ok := begins[x.Offset]
			if !ok || !x.Status.Valid() {
				continue
			}
			if want := s.truth(middle(x)); !bytes.Equal(x.Raw, want) {
				t.Errorf("telegram %d is %s and not what was sent", i, x.Status)
			}
			if got := doubtedCodes(x); got != codes[i] {
				t.Errorf("telegram %d: doubted are %v, want %q", i, x.Doubted, codes[i])
			}
			count[fmt.Sprint(x.Status, codes[i] != "")]++
		}
		if count["repairedfalse"] < 100 || count["okfalse"] < 100 || count["oktrue"] < 10 {
			t.Errorf("%v", count)
		}
	}
}

// While a line is doubted for long, all others help their neighbours as ever.
func TestRepairWhileDoubted(t *testing.T) {
	for _, lookahead := range []int{0, repair.NoLookahead} {
		damaged := slowEdges(0.0006)
		s := &simulated{sent: map[int64][]byte{}}
		for i, tel := range transmissions(t, "meter=nl&telegrams=400") {
			if i >= 60 && i < 360 {
				tel = signed(gasLine.ReplaceAllString(tel, ")(00000.000*m3"), crc.ARC, "%04X")
			}
			s.sent[int64(len(s.log))] = []byte(tel)
			s.log = append(s.log, damaged(tel)...)
			s.ends = append(s.ends, int64(len(s.log)))
		}
		o := usual
		o.Lookahead = lookahead
		count := map[record.Status]int{}
		for _, x := range (&collector{fix(t, framed(t, s.log), o)}).telegrams() {
			if count[x.Status]++; x.Status.Valid() && !bytes.Equal(x.Raw, s.truth(middle(x))) {
				t.Errorf("the telegram at %d is %s and not what was sent", x.Offset, x.Status)
			}
		}
		if count[record.OK]+count[record.Repaired] < 390 || count[record.Repaired] < 100 {
			t.Errorf("lookahead %d: %v", lookahead, count)
		}
	}
}

// One that is repaired is doubted like any other, and as little is learned from it.
func TestDoubtedAndRepaired(t *testing.T) {
	list := transmissions(t, "meter=nl&telegrams=60")
	last := len(list) - 1
	wrong := strings.Replace(list[last], "1-0:1.8.1(0", "1-0:1.8.1(9", 1)
	list[last] = strings.Replace(signed(wrong, crc.ARC, "%04X"), "1-0:2.7.0(", "1-0:2 7.0(", 1)
	c := &collector{}
	f := repair.New(c, usual)
	for _, r := range framed(t, []byte(strings.Join(list, ""))) {
		must(t, f.Take(r))
	}
	must(t, f.Close())
	if x := c.telegrams()[last]; x.Status != record.Repaired || doubtedCodes(x) != "1-0:1.8.1" {
		t.Errorf("it is %s: %s, doubted %v", x.Status, x.Why, x.Doubted)
	}
	state, err := f.State()
	must(t, err)
	if bytes.Contains(state[0], []byte("1-0:1.8.1(9")) {
		t.Error("the state says what was doubted")
	}
}

// Its own output does not change, doubts and all; deciding again takes them back first.
func TestDoubtsStayAsTheyAre(t *testing.T) {
	s, _ := nonsense(t, "meter=nl&telegrams=300", slowEdges(0.0003))
	once := fix(t, framed(t, s.log), usual)
	if twice := fix(t, once, usual); !reflect.DeepEqual(once, twice) {
		t.Error("its own output has changed")
	}
	again := usual
	again.Again = true
	if decided := fix(t, once, again); !reflect.DeepEqual(once, decided) {
		t.Error("deciding again comes to another end")
	}
	clean := framed(t, simulate(t, "meter=nl&telegrams=5&logger=raw").log)
	clean[2].(*record.Telegram).Doubted = []record.Doubt{{Line: 6, Code: "1-0:1.8.1", Why: "somebody said so"}}
	if got := fix(t, clean, usual); got[2].(*record.Telegram).Doubted == nil {
		t.Error("a doubt is gone")
	}
	if got := fix(t, clean, again); got[2].(*record.Telegram).Doubted != nil {
		t.Error("a doubt was not decided anew")
	}
}

// Streams without a check are held to the same.
func TestDoubtedWithoutCRC(t *testing.T) {
	list := transmissions(t, "meter=dsmr3&telegrams=60")
	list[30] = strings.Replace(list[30], "1-0:1.8.1(0", "1-0:1.8.1(9", 1)
	for i, x := range (&collector{fix(t, framed(t, []byte(strings.Join(list, ""))), usual)}).telegrams() {
		want := ""
		if i == 30 {
			want = "1-0:1.8.1"
		}
		if x.Status != record.Unchecked || doubtedCodes(x) != want {
			t.Errorf("telegram %d is %s: %v", i, x.Status, x.Doubted)
		}
	}
}

// A meter whose clock was never set is learned all the same.
func TestClockThatWasNeverSet(t *testing.T) {
	var log []byte
	for i, tel := range transmissions(t, "meter=nl&telegrams=60") {
		at := strings.Index(tel, "0-0:1.0.0(") + len("0-0:1.0.0(")
		tel = signed(fmt.Sprintf("%s0001010000%02dW%s", tel[:at], i, tel[at+13:]), crc.ARC, "%04X")
		if i == 40 {
			tel = strings.Replace(tel, "1-0:2.7.0(", "1-0:2 7.0(", 1)
		}
		log = append(log, tel...)
	}
	for i, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
		if !x.Status.Valid() || doubtedCodes(x) != "0-0:1.0.0" {
			t.Errorf("telegram %d is %s: %v %s", i, x.Status, x.Doubted, x.Why)
		}
	}
}
