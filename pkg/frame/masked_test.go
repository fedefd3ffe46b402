package frame_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
)

// overwritten replaces n bytes of each telegram, which stand behind a text, by a sign.
func overwritten(t *testing.T, list []string, behind string, n int, sign string) (out []string) {
	for _, tel := range list {
		before, rest, ok := strings.Cut(tel, behind)
		if !ok {
			t.Fatalf("%q is not there", behind)
		}
		out = append(out, before+behind+strings.Repeat(sign, n)+rest[n:])
	}
	return out
}

// What was masked by hand is found by either kind, from the fourth telegram on, and the
// record says where it stands; three are too few.
func TestMaskedByHand(t *testing.T) {
	for name, sum := range map[string]func(string) uint16{record.CRCARC: arc, record.CRCX25: x25} {
		stream := overwritten(t, allSigned(sent(t, "meter=nl", 12), sum), "0-0:96.1.1(", 34, "X")
		got, said := framed(t, stream[:4]...)
		if len(said) != 1 || !strings.Contains(said[0], "0-0:96.1.1 was masked by hand") {
			t.Errorf("%s: said %q; %s", name, said, kinds(got))
		}
		for _, x := range got {
			if x.Status != record.OK || x.CRCSent != x.CRCCalc || len(x.Masked) != 1 ||
				string(x.Raw[x.Masked[0].At:][:x.Masked[0].Length]) != strings.Repeat("X", 34) {
				t.Errorf("%s: %s, masked %v", name, x.Status, x.Masked)
			}
		}
		for _, x := range first(framed(t, stream[:3]...)) {
			if x.Status != record.Bad || x.Masked != nil {
				t.Errorf("%s, three telegrams: %s, masked %v", name, x.Status, x.Masked)
			}
		}
	}
}

// One telegram that holds by accident, wherever it comes, does not hide what was masked, nor
// by which CRC a meter signs that nobody knows.
func TestAccidentHidesNoMask(t *testing.T) {
	list := sent(t, "meter=nl", 16)
	masked := overwritten(t, allSigned(list, arc), "0-0:96.1.1(", 34, "X")
	umts, _ := crc.Params{Poly: 0x8005}.Kind()
	foreign := allSigned(list, func(text string) uint16 { return umts.Sum([]byte(text)) })
	for at := range 8 {
		for name, stream := range map[string][]string{"masked": masked, "unknown": foreign} {
			stream := slices.Clone(stream)
			stream[at] = signed(stream[at], arc, "%04X")
			got, said := framed(t, stream...)
			if len(said) != 1 || got[15].Status != record.OK || got[15].CRC == record.CRCARC || (name == "masked") != (got[15].Masked != nil) {
				t.Errorf("%s, accident at %d: said %q; %s", name, at, said, kinds(got))
			}
		}
	}
}

// Two meters of one make, whose identifiers were masked alike, are told apart by their CRCs:
// of the second one the fourth telegram shows it, and verifies.
func TestTwoMetersMaskedAlike(t *testing.T) {
	one := overwritten(t, sent(t, "meter=nl&seed=1", 12), "0-0:96.1.1(", 34, "X")
	other := sent(t, "meter=nl&seed=2", 12)
	for i := range other {
		_, rest, _ := strings.Cut(other[i], "\r\n")
		header, _, _ := strings.Cut(one[0], "\r\n")
		other[i] = header + "\r\n" + rest
	}
	other = overwritten(t, allSigned(other, arc), "0-0:96.1.1(", 34, "X")
	got, said := framed(t, append(one, other...)...)
	if len(said) != 2 {
		t.Errorf("said %q", said)
	}
	for i, x := range got {
		if late := i >= 12 && i < 15; (x.Status == record.OK) == late {
			t.Errorf("telegram %d is %s by %s", i, x.Status, x.CRC)
		}
	}
}

// Noise that makes one identifier look masked, in a stream in which the same hit moves the CRCs of
// others alike, is not somebody's hand.
func TestNoiseIsNoMask(t *testing.T) {
	const id = "4530303737303434313136343931333737"
	list := sent(t, "meter=nl", 64)
	hit := func(i, at int) {
		b := []byte(list[i])
		b[at] = ' '
		list[i] = string(b)
	}
	for i := range 5 {
		hit(10+4*i, 8)
	}
	hit(32, 9)
	list[32] = strings.Replace(list[32], id, "453030373730343431313634393\"333737", 1)
	got, said := framed(t, list...)
	if len(said) > 0 {
		t.Errorf("said %q", said)
	}
	for i, x := range got {
		if x.Masked != nil || x.CRC != record.CRCARC {
			t.Errorf("telegram %d is %s by %s, masked %v", i, x.Status, x.CRC, x.Masked)
		}
	}
}

func first(list []*record.Telegram, _ []string) []*record.Telegram { return list }

// The same where nothing looks masked: it is another CRC, once no more telegrams are waited
// for, if nearly all agree and none holds by a known one.
func TestChangedByHand(t *testing.T) {
	list := overwritten(t, sent(t, "meter=nl", 40), "0-0:96.1.1(4530303737303434", 4, "7")
	got, said := framed(t, list...)
	if len(said) != 1 || !strings.Contains(said[0], "changed by hand") || got[0].Status != record.OK || got[0].Masked != nil {
		t.Errorf("said %q; %s", said, kinds(got[:1]))
	}
	got, _ = framed(t, append(list[:20:20], sent(t, "meter=nl", 40)[20:]...)...)
	if got[0].Status != record.Bad || got[39].Status != record.OK || got[39].Masked != nil {
		t.Errorf("half of them: %s", kinds(got))
	}
}

// Telegrams of other lengths follow from those of one.
func TestMaskedOfAnotherLength(t *testing.T) {
	longer := func(list []string) []string {
		for i := range list[8:] {
			list[8+i] = strings.Replace(list[8+i], "1-0:1.7.0(", "1-0:31.4.0(016*A)\r\n1-0:1.7.0(", 1)
		}
		return allSigned(list, arc)
	}
	for behind, n := range map[string]int{"0-0:96.1.1(": 34, "/SIM5\\": 10, "0-1:96.1.0(": 34} {
		got, said := framed(t, overwritten(t, longer(sent(t, "meter=nl", 12)), behind, n, "*")...)
		if len(got) != 12 || len(said) > 1 {
			t.Fatalf("%s: %d telegrams, said %q", behind, len(got), said)
		}
		for i, x := range got {
			if x.Status != record.OK || len(x.Masked) != 1 {
				t.Errorf("%s: telegram %d is %s by %s, masked %v", behind, i, x.Status, x.CRC, x.Masked)
			}
		}
	}
}

// A meter that signs in a way of its own, and whose identifiers look as if somebody had
// masked them, is not said to be masked; nor is one whose CRCs are random.
func TestForeignIsNotMasked(t *testing.T) {
	dice := rand.New(rand.NewPCG(19, 3))
	zeros := overwritten(t, overwritten(t, sent(t, "meter=nl", 24), "0-0:96.1.1(", 34, "0"), "0-1:96.1.0(", 34, "X")
	kinds := []func([]byte) uint16{func([]byte) uint16 { return uint16(dice.Uint32()) }}
	for _, p := range []crc.Params{
		{Poly: 0x8005, Init: 0xFFFF, RefIn: true, RefOut: true}, {Poly: 0x8005, Xor: 0xFFFF, RefIn: true, RefOut: true}, // MODBUS, MAXIM
		{Poly: 0x8005}, {Poly: 0x1021, RefIn: true, RefOut: true}, {Poly: 0x1021, Init: 0xFFFF}, // UMTS, KERMIT, CCITT-FALSE
		{Poly: 0x8005, RefIn: true, RefOut: true, Swapped: true},
	} {
		k, _ := p.Kind()
		kinds = append(kinds, k.Sum)
	}
	for range 3 {
		kinds = append(kinds, anyCRC(t, dice).Sum)
	}
	for i, sum := range kinds {
		got, said := framed(t, allSigned(zeros, func(text string) uint16 { return sum([]byte(text)) })...)
		if len(got) != 24 || len(said) != 1 || strings.Contains(said[0], "was masked") {
			t.Errorf("CRC %d: said %q", i, said)
		}
		for _, x := range got {
			if x.Masked != nil || (x.Status == record.OK) != (i > 0) {
				t.Errorf("CRC %d: %s by %s, masked %v", i, x.Status, x.CRC, x.Masked)
			}
		}
	}
}

// A mask that is shorter or longer than the identifier, a word or nothing in its place, is
// read with the right length, behind a clock that changes; the bytes are kept as received.
func TestMaskOfAnotherLength(t *testing.T) {
	const id, gas = "4530303737303434313136343931333737", "4730303737353033303632303337373839"
	plain := sent(t, "meter=nl", 8)
	for _, c := range []struct{ id, gas, now string }{
		{"XXXX", gas, strings.Repeat("X", 34)},
		{strings.Repeat("*", 50), gas, strings.Repeat("*", 34)},
		{"redacted", gas, strings.Repeat("X", 34)},
		{"", gas, strings.Repeat("X", 34)},
		{"0000", "????", strings.Repeat("0", 34)},
		{id, "XXXXXXXX", strings.Repeat("X", 34)},
	} {
		var stream []string
		for _, tel := range plain {
			stream = append(stream, strings.NewReplacer(id, c.id, gas, c.gas).Replace(tel))
		}
		got, said := framed(t, stream...)
		if len(got) != 8 || len(said) != 1 || !strings.Contains(said[0], "(34 bytes) w") {
			t.Errorf("%q, %q: %d telegrams, said %q", c.id, c.gas, len(got), said)
		}
		for i, x := range got {
			received, err := x.Received()
			must(t, err)
			if x.Status != record.OK || len(x.Raw) != len(plain[i]) || len(x.Masked) == 0 || x.Masked[0].Length != 34 ||
				string(x.Raw[x.Masked[0].At:][:34]) != c.now || string(received) != stream[i] {
				t.Errorf("%q, %q: telegram %d is %s, masked %v\n%s", c.id, c.gas, i, x.Status, x.Masked, x.Raw)
			}
		}
	}
}
