package foreign

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// smls is the push of German meters in the Smart Message Language (BSI TR-03109-1, annex
// IV; version 1 of the transport protocol).
//
//	1B1B1B1B 01010101            escape, begin
//	76 05 … 62 00 62 00 72 63 01 01 76 …   message: open, response
//	76 05 … 62 00 62 00 72 63 07 01 77 …   message: list, response
//	76 05 … 62 00 62 00 72 63 02 01 71 01 63 … 00   message: close, response
//	00                           as many as make it a multiple of four
//	1B1B1B1B 1A 01 xx xx         escape, end, how many were put in, CRC
func smls() []Protocol {
	return []Protocol{{Name: "SML", File: "p1.log", Words: []string{"sml"}, Make: repeat(smlFile)}}
}

// message is one message: six fields, of which the checksum is over those before it.
func message(id uint32, kind byte, body []byte) []byte {
	m := binary.BigEndian.AppendUint32([]byte{0x76, 0x05}, id)
	m = append(m, 0x62, 0x00, 0x62, 0x00, 0x72, 0x63, kind, 0x01)
	m = append(m, body...)
	return slices.Concat(m, []byte{0x63}, fcs(m), []byte{0x00})
}

func smlFile(d *rand.Rand, i int) []byte {
	h := newHouse(d, i)
	server := slices.Concat([]byte{0x0B}, []byte{0x0A, 0x01}, []byte("EMH"), []byte{0x00, 0x00, 0x7A, 0x3C, 0x91})
	id := uint32(0x0817_314B + 3*i)
	open := slices.Concat([]byte{0x76, 0x01, 0x01, 0x05}, binary.BigEndian.AppendUint32(nil, uint32(i)), server, []byte{0x01, 0x01})
	entry := func(code [6]byte, unit, scaler byte, value []byte) []byte {
		return slices.Concat([]byte{0x77, 0x07}, code[:], []byte{0x01, 0x01, 0x62, unit, 0x52, scaler}, value, []byte{0x01})
	}
	u64 := binary.BigEndian.AppendUint64([]byte{0x59}, uint64(h.energy)*10)
	list := slices.Concat([]byte{0x77, 0x01}, server, []byte{0x07, 0x01, 0x00, 0x62, 0x0A, 0xFF, 0xFF},
		[]byte{0x72, 0x62, 0x01, 0x65}, binary.BigEndian.AppendUint32(nil, uint32(9_000_000+2*i)), []byte{0x73},
		slices.Concat([]byte{0x77, 0x07, 0x81, 0x81, 0xC7, 0x82, 0x03, 0xFF, 0x01, 0x01, 0x01, 0x01, 0x04}, []byte("EMH"), []byte{0x01}),
		entry([6]byte{1, 0, 1, 8, 0, 255}, 0x1E, 0xFF, u64),
		entry([6]byte{1, 0, 16, 7, 0, 255}, 0x1B, 0x00, binary.BigEndian.AppendUint32([]byte{0x55}, h.watts)),
		[]byte{0x01, 0x01})
	file := slices.Concat([]byte{0x1B, 0x1B, 0x1B, 0x1B, 0x01, 0x01, 0x01, 0x01},
		message(id, 0x01, open), message(id+1, 0x07, list), message(id+2, 0x02, []byte{0x71, 0x01}))
	fill := (4 - len(file)%4) % 4
	file = append(file, make([]byte, fill)...)
	file = append(file, 0x1B, 0x1B, 0x1B, 0x1B, 0x1A, byte(fill))
	return append(file, fcs(file)...)
}
