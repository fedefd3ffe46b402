package repair_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Of damaged telegrams that tell together what their meter sends, the one that is held
// against the others has lost half of the line end behind its CRC, which no CRC confirms:
// that is not taken for the meter's.
func TestLineEndOfOneTelegram(t *testing.T) {
	sent := transmissions(t, "meter=nl&telegrams=12")
	for place := range 5 {
		for _, end := range []string{"\r", "\n"} {
			var log []byte
			for i, tel := range sent {
				switch {
				case i == place:
					tel = strings.Replace(tel[:len(tel)-2]+end, "0-0:96.1.1", "0-0:96.8.1", 1)
				default: // shorter ones, each of another length
					from := strings.Index(tel, "*kWh") + 12*i
					tel = tel[:from] + tel[from+2+i:]
				}
				log = append(log, tel...)
			}
			for _, lookahead := range []int{0, repair.NoLookahead} {
				o, repaired := usual, 0
				o.Lookahead = lookahead
				for i, x := range (&collector{fix(t, framed(t, log), o)}).telegrams() {
					if x.Status != record.Repaired {
						continue
					}
					if repaired++; string(x.Raw) != sent[i] {
						t.Errorf("telegram %d has lost all but %q of its end, lookahead %d: telegram %d is wrong and ends in %q", place, end, lookahead, i, x.Raw[len(x.Raw)-7:])
					}
				}
				if repaired < 7 {
					t.Errorf("telegram %d has lost all but %q of its end, lookahead %d: %d are repaired", place, end, lookahead, repaired)
				}
			}
		}
	}
}

// byAccident changes one byte more of a damaged telegram, so that its CRC holds all the
// same, and it breaks the grammar of a telegram or does not; nil where that cannot be.
func byAccident(raw, sent []byte, breaks bool) []byte {
	bang := bytes.LastIndexByte(raw, '!')
	var s crc.Syndromes
	var want uint16
	if _, err := fmt.Sscanf(string(raw[bang+1:]), "%X", &want); err != nil {
		return nil
	}
	change := crc.ARC.Sum(raw[:bang+1]) ^ want
	for i := bytes.IndexByte(raw, '\n') + 1; i < bang; i++ {
		for diff := 1; diff < 256; diff++ {
			if s.Of(bang-i, byte(diff)) == change {
				raw[i] ^= byte(diff)
				if !bytes.Equal(raw, sent) && (telegram.Check(raw) != nil) == breaks {
					return raw
				}
				raw[i] ^= byte(diff)
			}
		}
	}
	return nil
}

// A damaged telegram whose CRC holds by accident is the only valid one of its stream. What
// is wrong in it is not put into those around it, which contradict it, whether they came
// before it or after it; and if no meter sends such text, it is suspect, or is repaired
// itself, and they tell together what the meter sends.
func TestLuckyTelegramOfAnUnknownMeter(t *testing.T) {
	sent := transmissions(t, "meter=nl&telegrams=12")
	code := bytes.Index([]byte(sent[0]), []byte("1-0:1.8.1("))
	for _, c := range []struct {
		name    string
		damaged func(raw []byte, n int) []byte // the n-th way
		strange bool                           // no meter sends such text
	}{
		{"no parenthesis", func(raw []byte, n int) []byte { raw[code+9] = byte(n); return raw }, true},
		{"another code", func(raw []byte, n int) []byte { raw[code+8] = byte('2' + n); return raw }, false},
		{"a byte of a code lost", func(raw []byte, n int) []byte { return slices.Delete(raw, code+n, code+n+1) }, true},
	} {
		for _, place := range []int{0, 4, 8} {
			for _, lookahead := range []int{0, repair.NoLookahead} {
				var one []byte
				for n := 0; one == nil && n < 7; n++ {
					one = byAccident(c.damaged([]byte(sent[place]), n), []byte(sent[place]), c.strange)
				}
				if one == nil {
					t.Fatalf("%s at %d: no damage cancels that", c.name, place)
				}
				repaired := unlucky(t, sent, place, one, lookahead, c.strange)
				if repaired < 6 {
					t.Errorf("%s at %d, lookahead %d: %d are repaired", c.name, place, lookahead, repaired)
				}
			}
		}
	}
}

// unlucky puts a lucky telegram in its place among damaged ones, and returns how many are
// repaired.
func unlucky(t *testing.T, sent []string, place int, one []byte, lookahead int, strange bool) (repaired int) {
	t.Helper()
	var log []byte
	for i, tel := range sent {
		if i == place {
			tel = string(one)
		} else {
			at := strings.LastIndex(tel, "*kWh") - 40 + 3*i
			tel = tel[:at] + string(tel[at]^0x10) + tel[at+1:]
		}
		log = append(log, tel...)
	}
	o := usual
	o.Lookahead = lookahead
	for i, x := range (&collector{fix(t, framed(t, log), o)}).telegrams() {
		switch {
		case i == place && x.Status == record.OK && (x.Suspect != "") != strange:
			t.Errorf("the lucky one at %d, lookahead %d, is %s, suspect %q", place, lookahead, x.Status, x.Suspect)
		case x.Status != record.Repaired:
		case string(x.Raw) != sent[i] && place == 0 && i == 1: // one against one: nobody can tell
		case string(x.Raw) != sent[i]:
			t.Errorf("lucky at %d, lookahead %d: telegram %d is wrong at %g", place, lookahead, i, x.Confidence)
		default:
			repaired++
		}
	}
	return repaired
}
