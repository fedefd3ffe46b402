package repair_test

import (
	"reflect"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/fix/repair"
)

// After days without telegrams a register that is too high may be right; where there is a
// lookahead the next telegram tells, damaged ones between them or not.
func TestNextTelegramTells(t *testing.T) {
	before := transmissions(t, "meter=nl&telegrams=40")
	after := transmissions(t, "meter=nl&telegrams=60")[40:]
	for i, tel := range after { // five days later
		after[i] = signed(strings.Replace(tel, "0-0:1.0.0(260301", "0-0:1.0.0(260306", 1), crc.ARC, "%04X")
	}
	high := strings.Replace(after[0], "1-0:1.8.1(004", "1-0:1.8.1(006", 1)
	if high == after[0] {
		t.Fatal("the register does not begin with 4")
	}
	after[0] = signed(high, crc.ARC, "%04X")
	for _, damaged := range []bool{false, true} {
		for _, lookahead := range []int{0, repair.NoLookahead} {
			log := strings.Join(before, "")
			for i, tel := range after {
				if damaged && (i == 1 || i == 2) {
					tel = strings.Replace(tel, "*kWh", "*kW@", 1)
				}
				log += tel
			}
			o := usual
			o.Lookahead = lookahead
			once := fix(t, framed(t, []byte(log)), o)
			if !reflect.DeepEqual(once, fix(t, once, o)) {
				t.Errorf("damaged %v, lookahead %d: its own output has changed", damaged, lookahead)
			}
			for i, x := range (&collector{once}).telegrams() {
				want := ""
				if i == 40 && lookahead == 0 {
					want = "1-0:1.8.1"
				}
				unlucky := damaged && lookahead != 0 && (i == 41 || i == 42) // they fell, by what is known then
				if !x.Status.Valid() && !unlucky || doubtedCodes(x) != want {
					t.Errorf("damaged %v, lookahead %d: telegram %d is %s: %v", damaged, lookahead, i, x.Status, x.Doubted)
				}
			}
		}
	}
}
