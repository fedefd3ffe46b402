package repair_test

import (
	"bytes"
	"testing"

	"p1/pkg/record"
)

// FuzzRepair: a damaged telegram between two valid ones. Whatever the damage,
// what comes out joins to what came in, what is repaired keeps its CRC and its
// edits, and the valid ones stay as they are.
func FuzzRepair(f *testing.F) {
	first := []byte("/AUX5990\r\n\r\n1-0:1.8.0(008234.524*kWh)\r\n0-0:96.13.0(\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff)\r\n!42A5\r\n")
	second := []byte("/AUX5990\r\n\r\n1-0:1.8.0(008234.526*kWh)\r\n0-0:96.13.0(\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff)\r\n!5624\r\n")
	for n := range second {
		f.Add(second[:n])
		for bit := range 8 {
			flipped := bytes.Clone(second)
			flipped[n] ^= 1 << bit
			f.Add(flipped)
		}
	}
	f.Add(bytes.ReplaceAll(second, []byte{0xff}, nil))
	f.Fuzz(func(t *testing.T, damaged []byte) {
		if len(damaged) > 4096 {
			return
		}
		log := append(append(bytes.Clone(first), damaged...), second...)
		in := framed(t, log)
		out := fix(t, in, usual)
		checkRecords(t, out, log)
		if len(in) != len(out) {
			t.Fatalf("%d records in, %d out", len(in), len(out))
		}
		for i, r := range in {
			if x, ok := r.(*record.Telegram); ok && x.Status == record.OK && !bytes.Equal(x.Raw, out[i].(*record.Telegram).Raw) {
				t.Error("a valid telegram has changed")
			}
		}
	})
}
