package expect_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"p1/pkg/fix/expect"
)

// FuzzObserve: of any telegram after some others, Observe finds the shape that Find
// finds, and reads the values that the shape reads of it alone. The telegrams are the
// first one with some bytes changed: for each change its place (two bytes) and what is
// there now.
func FuzzObserve(f *testing.F) {
	for _, query := range []string{"?telegrams=3", "?meter=nl&telegrams=3", "?meter=hu-holley&telegrams=3", "?meter=be&telegrams=3"} {
		all := simulated(f, query)
		f.Add(all[0], differences(all[0], all[1]), differences(all[0], all[2]))
		f.Add(all[0], []byte{0, 12, 'x'}, differences(all[0], all[1]))
	}
	short := []byte("/AUX5990\r\n\r\n0-0:1.0.0(260301000000W)\r\n1-0:1.8.0(0001.5*kWh)(2)\r\n!1a2B\r\n")
	clock, register, crc := byte(bytes.IndexByte(short, '6')), byte(bytes.IndexByte(short, '.')+20), byte(len(short)-6)
	f.Add(short, []byte{0, clock, '9'}, []byte{0, clock + 2, '9', 0, crc, 'c'})
	f.Add(short, []byte{0, register, '7'}, []byte{0, register, 'x', 0, crc + 3, '0'})
	f.Fuzz(func(t *testing.T, first, one, other []byte) {
		if len(first) > 4096 || len(first) == 0 {
			return
		}
		m := &expect.Meter{}
		var now expect.Observed
		for i, raw := range [][]byte{first, changed(first, one), changed(first, other), first, changed(changed(first, one), other)} {
			want := m.Find(raw)
			got := m.Observe(&now, raw, int64(i))
			if got != want {
				t.Fatalf("telegram %d has another shape", i)
			}
			if got != nil {
				if o := want.Observe(raw, int64(i)); now.Seq != o.Seq || !slices.Equal(now.Values, o.Values) {
					t.Fatalf("telegram %d says %v, want %v", i, now, o)
				}
			}
			s := m.Learn(raw, int64(i))
			if !bytes.Equal(s.Text, raw) || !slices.Equal(s.Last().Values, s.Observe(raw, 0).Values) || want != nil && s != want || m.Shapes()[0] != s {
				t.Fatalf("telegram %d was learned wrong", i)
			}
		}
	})
}

// differences are what makes b of a, which is as long.
func differences(a, b []byte) (changes []byte) {
	for i := range a {
		if a[i] != b[i] {
			changes = append(binary.BigEndian.AppendUint16(changes, uint16(i)), b[i])
		}
	}
	return changes
}

func changed(raw, changes []byte) []byte {
	raw = bytes.Clone(raw)
	for ; len(changes) >= 3; changes = changes[3:] {
		raw[int(binary.BigEndian.Uint16(changes))%len(raw)] = changes[2]
	}
	return raw
}
