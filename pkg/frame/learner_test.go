package frame_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// anyCRC is a CRC of any parameters.
func anyCRC(t testing.TB, dice *rand.Rand) crc.Kind {
	t.Helper()
	n := dice.Uint32()
	k, ok := crc.Params{
		Poly: uint16(dice.Uint32()) | 1, Init: uint16(dice.Uint32()), Xor: uint16(dice.Uint32()),
		RefIn: n&1 == 1, RefOut: n&2 == 2, Swapped: n&4 == 4, NoSlash: n&8 == 8, NoBang: n&16 == 16,
	}.Kind()
	if !ok {
		t.Fatal("too many CRCs")
	}
	return k
}

// damagedHalf changes a digit in every other telegram after the first.
func damagedHalf(list []string, dice *rand.Rand) (out []string, clean map[int]bool) {
	clean = map[int]bool{}
	for i, tel := range list {
		if clean[i] = i%2 == 0; !clean[i] {
			b := []byte(tel)
			for at := dice.IntN(len(b) - 8); ; at = dice.IntN(len(b) - 8) {
				if b[at] >= '0' && b[at] <= '9' {
					b[at] = '0' + (b[at]-'0'+1+byte(dice.IntN(9)))%10
					break
				}
			}
			tel = string(b)
		}
		out = append(out, tel)
	}
	return out, clean
}

// The telegrams of a meter that signs with a CRC that nobody knows are verified, from the
// first one on, in a log, and also where half of them are damaged; what is damaged is not.
// At 200 CRCs of a meter a program knows half as many as it may: the long form is run for one
// meter after the other.
func TestUnknownCRCIsLearned(t *testing.T) {
	variants := longtest.Pick(2, 10, 200)
	for _, meter := range []string{"hu", "nl", "be", "se"} {
		t.Run(meter, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(19, 2))
			plain := sent(t, "meter="+meter, 40)
			missed := 0
			for range variants {
				k := anyCRC(t, dice)
				list := allSigned(plain, func(text string) uint16 { return k.Sum([]byte(text)) })
				half, clean := damagedHalf(list, dice)
				for _, stream := range [][]string{list, half} {
					whole := func(i int) bool { return &stream[0] == &list[0] || clean[i] }
					if !learned(t, k, stream, whole) {
						missed++
					}
				}
			}
			t.Logf("%d of %d were not found", missed, 2*variants)
			if missed > variants/50 {
				t.Errorf("%d of %d were not found", missed, 2*variants)
			}
		})
	}
}

// learned reports whether a stream's CRC was found; if so, what is whole verifies, and nothing else.
func learned(t *testing.T, k crc.Kind, stream []string, whole func(int) bool) bool {
	t.Helper()
	got, said := framed(t, stream...)
	if len(got) != len(stream) || len(said) != 1 || !strings.Contains(said[0], "CRC16:poly=") {
		return false
	}
	for i, x := range got {
		if (x.Status == record.OK) != whole(i) || !strings.HasPrefix(x.CRC, "CRC16:") {
			t.Errorf("%s: telegram %d is %s by %s, whole %t", k.Name(), i, x.Status, x.CRC, whole(i))
		}
	}
	return true
}

// Telegrams of a length that comes later verify as soon as two of them agree.
func TestAnotherLengthIsLearned(t *testing.T) {
	dice := rand.New(rand.NewPCG(19, 5))
	k := anyCRC(t, dice)
	list := sent(t, "meter=nl", 30)
	for i := range list[20:] {
		list[20+i] = strings.Replace(list[20+i], "1-0:1.7.0(", "1-0:31.4.0(016*A)\r\n1-0:1.7.0(", 1)
	}
	got, said := framed(t, allSigned(list, func(text string) uint16 { return k.Sum([]byte(text)) })...)
	for i, x := range got {
		if want := i != 20; (x.Status == record.OK) != want {
			t.Errorf("telegram %d is %s by %s", i, x.Status, x.CRC)
		}
	}
	if len(got) != 30 || len(said) > 2 {
		t.Errorf("%d telegrams, said %q", len(got), said)
	}
}
