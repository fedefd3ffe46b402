package pseudonym

import (
	"math/rand/v2"
	"testing"
)

// What is damaged stays damaged, and what is not stays right.
func TestDamageStays(t *testing.T) {
	for sent := '0'; sent <= '9'; sent++ {
		for p := '0'; p <= '9'; p++ {
			for r := range 256 {
				got := damaged(byte(sent), byte(r), byte(p))
				if (byte(r) == byte(sent)) != (got == byte(p)) {
					t.Errorf("%c read as %#x: %c is read as %#x", sent, r, p, got)
				}
				if sent == p && got != byte(r) {
					t.Errorf("%c read as %#x becomes %#x", sent, r, got)
				}
			}
		}
	}
}

// What a line that rises too slowly makes of digits was measured; where all edges
// of an identifier's digit are lost, all of the pseudonym's are.
func TestSlowRise(t *testing.T) {
	lost := map[byte]byte{'0': ' ', '1': ' ', '2': ' ', '3': '"', '4': ' ', '5': ' ', '6': '$', '7': '&', '8': '0', '9': '0'}
	for sent, r := range lost {
		for p, want := range lost {
			if got := damaged(sent, r, p); got != want {
				t.Errorf("%c read as %q: %c is read as %q, want %q", sent, r, p, got, want)
			}
		}
	}
}

// One edge of several: '1' has two, '0' one.
func TestOneEdge(t *testing.T) {
	for _, c := range []struct{ sent, read, p, want byte }{
		{'1', '0', '3', '2'}, {'1', '0', '0', ' '}, {'1', '!', '2', '"'}, {'1', '!', '9', '1'},
	} {
		if got := damaged(c.sent, c.read, c.p); got != c.want {
			t.Errorf("%c read as %c: %c is read as %c, want %c", c.sent, c.read, c.p, got, c.want)
		}
	}
}

// An alignment finds what was done to a text, or something cheaper.
func TestAlign(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		sent := make([]byte, rng.IntN(40))
		for i := range sent {
			sent[i] = "0123456789().-:"[rng.IntN(15)]
		}
		var received []byte
		cost := 0
		for i := 0; i < len(sent); i++ {
			switch rng.IntN(12) {
			case 0:
				received = append(received, '~')
				cost += costChanged
			case 1:
				cost += costRun
			case 2:
				received = append(received, '#', sent[i])
				cost += costRun
			default:
				received = append(received, sent[i])
			}
		}
		before, after := rng.IntN(5), rng.IntN(5)
		long := append(append(make([]byte, before), received...), make([]byte, after)...)
		for _, a := range []alignment{align(sent, received, false), align(sent, long, true)} {
			if a.cost > cost || len(a.of) != a.end-a.start {
				t.Fatalf("%q from %q costs %d, want %d at most; %v", received, sent, a.cost, cost, a)
			}
			last := -1
			for _, of := range a.of {
				if of == none {
					continue
				}
				if of <= last || of >= len(sent) {
					t.Fatalf("%q from %q: %v", received, sent, a.of)
				}
				last = of
			}
		}
		if a := align(sent, received, false); a.start != 0 || a.end != len(received) {
			t.Fatalf("%q from %q leaves out bytes: %v", received, sent, a)
		}
	}
}
