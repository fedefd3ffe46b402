package sim

import (
	"bytes"
	"fmt"
	"testing"
)

// sentBy returns what a meter sends.
func sentBy(t *testing.T, query string) (all [][]byte) {
	t.Helper()
	o, err := ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		all = append(all, x.Sent)
	}
	return all
}

// A capture with since is the later part of one that began then, to the byte: over midnight, over
// the change of the clocks, and where frames are counted.
func TestSince(t *testing.T) {
	for _, meter := range Meters() {
		for _, since := range []string{"2026-03-28T23:50:00", "2026-03-01T00:10:00"} {
			day := since[:len("2026-03-28")]
			whole := sentBy(t, fmt.Sprintf("?meter=%s&every=1m&telegrams=60&seed=3&start=%s", meter, since))
			begin := map[string]string{"2026-03-28": "2026-03-29T00:30:00", "2026-03-01": "2026-03-01T00:50:00"}[day]
			part := sentBy(t, fmt.Sprintf("?meter=%s&every=1m&telegrams=20&seed=3&start=%s&since=%s", meter, begin, since))
			if len(whole) != 60 || len(part) != 20 {
				t.Fatalf("%d and %d telegrams", len(whole), len(part))
			}
			for i := range part {
				if !bytes.Equal(part[i], whole[40+i]) {
					t.Fatalf("%s since %s, telegram %d:\n%s\nwant\n%s", meter, since, i+1, part[i], whole[40+i])
				}
			}
		}
	}
}

// A time that is not before the start, or too long ago, is refused.
func TestSinceRefused(t *testing.T) {
	for _, since := range []string{"2026-03-01T00:00:01", "2023-03-01T00:00:00", "0001-01-02T00:00:00", "yesterday"} {
		if _, err := ParseOptions("?start=2026-03-01T00:00:00&since=" + since); err == nil {
			t.Errorf("since=%s is taken", since)
		}
	}
	if _, err := ParseOptions("?start=2026-03-01T00:00:00&since=2026-03-01T00:00:00"); err != nil {
		t.Error(err)
	}
}
