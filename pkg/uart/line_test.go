package uart_test

import (
	"math"
	"testing"

	"p1/pkg/uart"
)

// sum is the probability of all that may be read.
func sum(r uart.Readings) float64 {
	total := r.Missed
	for b := range 256 {
		total += r.Good[b] + r.Framing[b]
	}
	return total
}

// What may be read of a byte adds up to 1, whatever the line does.
func TestReadingsAddUp(t *testing.T) {
	for _, l := range []uart.Line{
		{}, {Own: 0.1}, {Rise: 0.36, Own: 0.03}, {Fall: 0.7, Own: 0.05}, {Common: 0.15}, {Shift: 0.2, Own: 0.02},
		{Clock: 0.04, Own: 0.08}, {Clock: -0.05, Own: 0.05}, {StartLate: -0.75, Own: 0.03}, {Rise: 0.5, Fall: 0.2, Common: 0.05, Own: 0.1},
	} {
		for b := range 256 {
			if got := sum(l.Reader()(byte(b))); math.Abs(got-1) > 1e-6 {
				t.Fatalf("%+v, %02X: %v", l, b, got)
			}
		}
	}
	for b := range 256 {
		for _, high := range []bool{false, true} {
			if got := sum(uart.Pulled(byte(b), high)); math.Abs(got-1) > 1e-9 {
				t.Fatalf("%02X pulled: %v", b, got)
			}
		}
	}
}

// Where every edge is late by more than half a bit, the byte that is read follows from
// the levels alone, as it is drawn in the package's comment: of rising edges, each first 1
// after a 0 is 0, and the stop bit after a 0 too; of falling ones, the start edge among
// them, each last 0 before a 1 is 1, and a start bit before a 1 is none.
func TestAllEdgesLate(t *testing.T) {
	for b := range 256 {
		sent := byte(b)
		rise := uart.Line{Rise: 0.7, Own: 0.01}.Reader()(sent)
		want := sent & (sent << 1)
		if got := rise.Good[want]; sent >= 0x80 && got < 0.999 {
			t.Errorf("%02X: with a stop bit %v", sent, got)
		}
		if got := rise.Framing[want]; sent < 0x80 && got < 0.999 {
			t.Errorf("%02X: without a stop bit %v", sent, got)
		}
		fall := uart.Line{Fall: 0.7, Own: 0.01}.Reader()(sent)
		if sent&1 == 1 && fall.Missed < 0.999 {
			t.Errorf("%02X: its start bit is missed with %v", sent, fall.Missed)
		}
		if want := sent | sent>>1 | 0x80; sent&1 == 0 && fall.Good[want] < 0.999 {
			t.Errorf("%02X: %02X with %v", sent, want, fall.Good[want])
		}
	}
}

// A line is the same for a receiver whatever is late in all its edges.
func TestOnlyDifferencesCount(t *testing.T) {
	for _, sent := range []byte("08.-(k\r\xFF") {
		a := uart.Line{Rise: 0.4, Fall: 0.1, Own: 0.05}.Reader()(sent)
		b := uart.Line{Rise: 0.9, Fall: 0.6, Own: 0.05}.Reader()(sent)
		for read := range 256 {
			if math.Abs(a.Good[read]-b.Good[read]) > 1e-12 {
				t.Fatalf("%02X as %02X: %v and %v", sent, read, a.Good[read], b.Good[read])
			}
		}
	}
}

// A clock that is slow reads later bits wrong more often, one that is fast too, and each
// only in its own direction: a slow one takes a bit for the next one.
func TestClock(t *testing.T) {
	const sent = 0x55 // an edge at each bit
	for _, clock := range []float64{0.04, -0.04} {
		r := uart.Line{Clock: clock, Own: 0.08}.Reader()(sent)
		last := 0.0
		for k := range 8 {
			wrong := 0.0
			for read := range 256 {
				if (read^sent)>>k&1 == 1 {
					wrong += r.Good[read] + r.Framing[read]
				}
			}
			if k > 0 && wrong <= last {
				t.Errorf("clock %v: bit %d is wrong with %v, the one before with %v", clock, k, wrong, last)
			}
			last = wrong
		}
	}
	slow, fast := uart.Line{Clock: 0.05, Own: 0.05}.Reader()(0), uart.Line{Clock: -0.05, Own: 0.05}.Reader()(0)
	if slow.Good[0x80] < 100*fast.Good[0x80] { // bit 7 as the stop bit
		t.Errorf("0 is read as 0x80 with %v by a slow clock, with %v by a fast one", slow.Good[0x80], fast.Good[0x80])
	}
}

// A start edge that is missed where the line idles after the byte.
func TestMissedStart(t *testing.T) {
	for sent, want := range map[byte]byte{'0': 0x98, 0xFF: 0xFF, 0x01: 0xC0, 0x7F: 0xFF, 0x80: 0xC0, 0x00: 0x80} {
		if got := uart.MissedStart(sent); got != want {
			t.Errorf("%02X: %02X, want %02X", sent, got, want)
		}
	}
}
