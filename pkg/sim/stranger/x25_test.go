package stranger

import "testing"

// The check value is that of the catalogue of CRCs; and a text with its CRC behind it, low
// byte first, leaves F0B8 before the final XOR (RFC 1662, appendix C.2).
func TestX25(t *testing.T) {
	t.Parallel()
	if got := x25([]byte("123456789")); got != 0x906E {
		t.Errorf("check value %04X, want 906E", got)
	}
	text := []byte("/ABC5X\r\n\r\n!")
	crc := x25(text)
	if residue := ^x25(append(text, byte(crc), byte(crc>>8))); residue != 0xF0B8 {
		t.Errorf("residue %04X, want F0B8", residue)
	}
}
