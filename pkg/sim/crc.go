package sim

// The CRCs of the simulated meters, byte by byte from tables that are made bit by bit
// from their definitions.

// arc is CRC-16/ARC: x^16+x^15+x^2+1, least significant bit first, start 0. It is
// that of the P1 companion standard 5.0.2, §6.
func arc(text []byte) uint16 { return arcTable.sum(0, text) }

// ARC is CRC-16/ARC of a text, for those who compose telegrams of their own.
func ARC(text []byte) uint16 { return arc(text) }

// x25 is CRC-16/X-25: x^16+x^12+x^5+1, least significant bit first, start and
// final XOR FFFF. HDLC has it too.
func x25(text []byte) uint16 { return ^x25Table.sum(0xFFFF, text) }

// crcTable holds what each byte does to a CRC whose least significant bit is first.
type crcTable [256]uint16

var (
	arcTable = newCRCTable(0xA001)
	x25Table = newCRCTable(0x8408)
)

func newCRCTable(polynomial uint16) *crcTable {
	var t crcTable
	for b := range t {
		crc := uint16(b)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= polynomial
			}
		}
		t[b] = crc
	}
	return &t
}

func (t *crcTable) sum(crc uint16, text []byte) uint16 {
	for _, b := range text {
		crc = crc>>8 ^ t[byte(crc)^b]
	}
	return crc
}

// ccittFalse is CRC-16/CCITT-FALSE: x^16+x^12+x^5+1, most significant bit first,
// start FFFF.
func ccittFalse(text []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range text {
		crc ^= uint16(b) << 8
		for range 8 {
			high := crc >> 15
			crc <<= 1
			if high == 1 {
				crc ^= 0x1021
			}
		}
	}
	return crc
}
