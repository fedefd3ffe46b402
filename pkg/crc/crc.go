// Package crc takes the bytes of a telegram and gives the CRC that stands behind
// its '!', and the algebra that repair needs: the register after a byte, and the
// one before it.
//
// P1 companion standard 5.0.2 §5.2: CRC-16 with the polynomial
// x16+x15+x2+1, least significant bit first, start value 0, no final XOR, over
// the bytes from '/' to '!' inclusive. The catalogues call it CRC-16/ARC.
package crc

import "github.com/sigurn/crc16"

var table = crc16.MakeTable(crc16.CRC16_ARC)

// ARC returns the CRC-16/ARC of data.
func ARC(data []byte) uint16 { return crc16.Checksum(data, table) }

// State is the register of a CRC-16/ARC after some bytes; the zero value is the
// register before the first. Since nothing is XORed at the end, the register
// after the last byte is the CRC.
type State uint16

// After returns the register once the bytes of data have passed.
func (s State) After(data []byte) State {
	for _, b := range data {
		s = s.Step(b)
	}
	return s
}

// Step returns the register once b has passed.
func (s State) Step(b byte) State { return s>>8 ^ step[byte(s)^b] }

// Before returns the register that the bytes of data turned into s: the inverse
// of [State.After].
func (s State) Before(data []byte) State {
	for i := len(data) - 1; i >= 0; i-- {
		row := stepOf[s>>8]
		s = (s^step[row])<<8 | State(row^data[i])
	}
	return s
}

// step[x] is what the eight shifts of a byte x leave in the register, and
// stepOf[h] is the x whose step has the high byte h: every high byte occurs
// once, since the polynomial has the term 1.
var step, stepOf = func() (t [256]State, inverse [256]byte) {
	const poly = 0xA001 // x16+x15+x2+1, reflected
	for x := range t {
		s := State(x)
		for range 8 {
			low := s & 1
			s >>= 1
			if low == 1 {
				s ^= poly
			}
		}
		t[x] = s
		inverse[s>>8] = byte(x)
	}
	return t, inverse
}()
