package repair_test

import (
	"bytes"
	"testing"

	"p1/pkg/record"
)

// slipBytes is what a receiver makes of the characters of a text when it takes
// bit q of each for its start bit; the line idles after them.
func slipBytes(text []byte, q, gap int) []byte {
	var line []byte // one bit each
	for _, c := range text {
		line = append(line, 0)
		for k := range 8 {
			line = append(line, c>>k&1)
		}
		line = append(line, bytes.Repeat([]byte{1}, 1+gap)...)
	}
	line = append(line, bytes.Repeat([]byte{1}, 10)...)
	read := make([]byte, len(text))
	for i := range read {
		for k := range 8 {
			read[i] |= line[i*(10+gap)+q+1+k] << k
		}
	}
	return read
}

// The bytes of known recordings: the first one tells of the second character.
func TestSlipBytes(t *testing.T) {
	cases := []struct {
		gap  int
		read string
	}{
		{0, "\x82\x8A\x72\x6A\xFE"},
		{1, "\x06\x16\xE6\xD6\xFE"},
	}
	for _, x := range cases {
		if got := slipBytes([]byte("001.-"), 7, x.gap); string(got) != x.read {
			t.Errorf("gap %d: read as % X, want % X", x.gap, got, x.read)
		}
	}
}

// Out of step by seven bits only two of a character are lost that are the same in
// all digits: from a '0' whose low start bit nobody looked at, nearly each such
// telegram is repaired, however long the stretch is.
func TestCountingFromSeven(t *testing.T) {
	for gap, query := range []string{"meter=be&telegrams=200&noise=clean&seed=21", "meter=nl&telegrams=200&noise=clean&seed=22"} {
		s := simulate(t, query)
		start, slipped := 0, 0
		for i, end := range s.ends {
			text := s.log[start:end]
			if at := i * 37 % len(text); i%2 == 1 {
				if zero := bytes.IndexByte(text[at:], '0'); zero >= 0 {
					copy(text[at+zero:], slipBytes(bytes.Clone(text[at+zero:]), 7, gap))
					slipped++
				}
			}
			start = int(end)
		}
		repaired := 0
		for _, r := range fix(t, framed(t, s.log), usual) {
			x, ok := r.(*record.Telegram)
			if !ok || x.Status != record.Repaired {
				continue
			}
			repaired++
			if sent := s.truth(x.Offset + int64(len(x.Raw)/2)); !bytes.Equal(x.Raw, sent) {
				t.Errorf("gap %d, offset %d: repaired otherwise than sent", gap, x.Offset)
			}
			got, err := x.Received()
			must(t, err)
			if at := int(x.Offset); !bytes.Equal(got, s.log[at:at+len(got)]) {
				t.Errorf("gap %d, offset %d: the edits undone are not what was received", gap, x.Offset)
			}
		}
		if floor := 95; repaired*100 < floor*slipped || slipped < 50 {
			t.Errorf("gap %d: %d of %d slipped telegrams are repaired, want %d %%", gap, repaired, slipped, floor)
		}
	}
}
