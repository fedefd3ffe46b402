package pseudonym

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"

	"p1/pkg/crc"
)

// identifiers makes some of each form, as meters send them.
func identifiers(rng *rand.Rand) []string {
	number := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = '0' + byte(rng.IntN(10))
		}
		return string(b)
	}
	letters := fmt.Sprintf("%08X%s", rng.Uint32(), number(2))
	return []string{
		number(6 + rng.IntN(20)),
		"AUX10" + number(10),
		"1ESY" + number(10),
		hex.EncodeToString([]byte("E00" + number(14))),
		fmt.Sprintf("%X", "G"+number(13)+"_K"),
		fmt.Sprintf("%X", "7FLO"+number(8)),
		number(3) + " " + number(3) + "-" + number(4),
		letters, fmt.Sprintf("%x", rng.Uint64()),
	}
}

// A pseudonym has the length and the CRC of the identifier, wherever it stands and
// whatever follows, and is its own pseudonym.
func TestPseudonym(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	before, after := []byte("/TST5\r\n\r\n0-0:96.1.0("), make([]byte, 300)
	changed := 0
	for range 15 {
		for i := range after {
			after[i] = byte(rng.Uint32())
		}
		for _, id := range identifiers(rng) {
			for _, kind := range crc.Kinds() {
				p := pseudonymOf([]byte(id), kind)
				if len(p) != len(id) {
					t.Fatalf("%s becomes %s", id, p)
				}
				for _, n := range []int{0, 1, 17, len(after)} {
					one := kind.Sum(append(append(bytes.Clone(before), id...), after[:n]...))
					two := kind.Sum(append(append(bytes.Clone(before), p...), after[:n]...))
					if one != two {
						t.Fatalf("%s: %s becomes %s, and %d bytes on the CRC changes", kind.Name(), id, p, n)
					}
				}
				if twice := pseudonymOf(p, kind); !bytes.Equal(p, twice) {
					t.Fatalf("%s: %s becomes %s becomes %s", kind.Name(), id, p, twice)
				}
				if string(p) != id {
					changed++
				}
			}
		}
	}
	if changed < 15*9*2*9/10 {
		t.Errorf("only %d of %d identifiers have another pseudonym", changed, 15*9*2)
	}
}

// The pseudonym is the smallest number of that length with that CRC, which no
// smaller one and no table of the package can tell: all are tried.
func TestPseudonymIsTheSmallest(t *testing.T) {
	for _, kind := range crc.Kinds() {
		first := map[uint16]string{}
		for n := range 1_000_000 {
			text := fmt.Sprintf("%06d", n)
			if sum := kind.Sum([]byte(text)); first[sum] == "" {
				first[sum] = text
			}
		}
		for n := 999_983; n > 0; n -= 99_991 {
			text := fmt.Sprintf("%06d", n)
			want := first[kind.Sum([]byte(text))]
			if got := pseudonymOf([]byte(text), kind); string(got) != want {
				t.Errorf("%s: %s becomes %s, want %s", kind.Name(), text, got, want)
			}
		}
	}
}

// Of eight digits some 1,500 identifiers share a pseudonym, so that there are few
// enough pseudonyms.
func TestPseudonymsAreShared(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	seen := map[string]bool{}
	for range 3000 {
		seen[string(pseudonymOf(fmt.Appendf(nil, "%08d", rng.IntN(100_000_000)), crc.ARC))[:2]] = true
	}
	if len(seen) > 2 {
		t.Errorf("pseudonyms of eight digits begin with %v: 65,536 of them begin with 00, or nearly all", seen)
	}
}

func TestVarying(t *testing.T) {
	for _, c := range []struct{ text, marks string }{
		{"AUX1047776772044", "...*************"},
		{"7776772044", "**********"},
		{"453030343730343431", "...*.*.*.*.*.*.*.*"}, // E00470441
		{"0AFE3BCD9E", "**********"},
		{"12345", "....."},
		{"6525", "...."},
		{"MA304H4", "......."},
		{"", ""},
	} {
		places, _ := varying([]byte(c.text))
		got := bytes.Repeat([]byte{'.'}, len(c.text))
		for _, at := range places {
			got[at] = '*'
		}
		if string(got) != c.marks {
			t.Errorf("%s varies at %s, want %s", c.text, got, c.marks)
		}
	}
}
