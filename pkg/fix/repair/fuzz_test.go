package repair_test

import (
	"bytes"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
)

// FuzzRepair: a damaged telegram between two valid ones. Whatever the damage,
// what comes out joins to what came in, what is repaired keeps its CRC and its
// edits, and the valid ones stay as they are.
func FuzzRepair(f *testing.F) {
	second := fuzzed("008234.526", crc.ARC)
	for n := range second {
		f.Add(second[:n])
		for bit := range 8 {
			flipped := bytes.Clone(second)
			flipped[n] ^= 1 << bit
			f.Add(flipped)
		}
	}
	f.Add(bytes.ReplaceAll(second, []byte{0xff}, nil))
	f.Add([]byte("0AUX5990\r\n\r\n1-0:1.8.0(008234.526*k\r!0\n00000000000000000000000000XC0D200")) // joined
	f.Fuzz(func(t *testing.T, damaged []byte) {
		if len(damaged) > 4096 {
			return
		}
		for _, kind := range crc.Kinds() {
			between(t, damaged, kind)
		}
	})
}

// fuzzed is a telegram, signed by a kind of CRC.
func fuzzed(register string, kind crc.Kind) []byte {
	text := []byte("/AUX5990\r\n\r\n1-0:1.8.0(" + register + "*kWh)\r\n0-0:96.13.0(" + strings.Repeat("\xff", 10) + ")\r\n!")
	return append(append(text, kind.Digits(text)...), "\r\n"...)
}

// between repairs what stands between two valid telegrams that are signed by a kind of
// CRC, and returns how many telegrams were repaired.
func between(t *testing.T, damaged []byte, kind crc.Kind) (repaired int) {
	t.Helper()
	first, second := fuzzed("008234.524", kind), fuzzed("008234.526", kind)
	log := append(append(bytes.Clone(first), damaged...), second...)
	in := framed(t, log)
	out := fix(t, in, usual)
	checkRecords(t, out, log)
	at := map[int64]*record.Telegram{} // the boundaries of damaged ones may be others
	for _, r := range out {
		if y, ok := r.(*record.Telegram); ok {
			at[y.Offset] = y
			if y.Status == record.Repaired {
				repaired++
			}
		}
	}
	for _, r := range in {
		x, ok := r.(*record.Telegram)
		if ok && x.Status == record.OK && (at[x.Offset] == nil || !bytes.Equal(x.Raw, at[x.Offset].Raw)) {
			t.Error("a valid telegram has changed")
		}
	}
	return repaired
}

// The seeds of FuzzRepair are repaired, by either kind of CRC: else it would test
// nothing.
func TestSeedsAreRepaired(t *testing.T) {
	for _, kind := range crc.Kinds() {
		damaged := fuzzed("008234.525", kind)
		damaged[bytes.IndexByte(damaged, '.')] = ' '
		if n := between(t, damaged, kind); n != 1 {
			t.Errorf("%s: %d telegrams are repaired, want 1", kind.Name(), n)
		}
	}
}
