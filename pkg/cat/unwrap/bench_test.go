package unwrap

import "testing"

// What it costs to see that a log is plain, once for each.
func BenchmarkPlain(b *testing.B) {
	data := logOf(b, "?meter=hu&telegrams=40&noise=slow-rise&seed=7")[:maxHead]
	for b.Loop() {
		s := New(Options{})
		if s.Take(data); !s.Plain() {
			b.Fatal(s.Unwrapped())
		}
	}
}

// What it costs to take time stamps off.
func BenchmarkTimeStamps(b *testing.B) {
	data := []byte(before(string(logOf(b, "?meter=nl&telegrams=40")), "[2026-11-29 14:00:%02d.123] "))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		unwrapAll(Options{}, data, maxHead)
	}
}
