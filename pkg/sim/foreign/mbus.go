package foreign

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// mbuses are frames of the wired M-Bus (EN 13757-2, §5; EN 13757-3).
//
//	68 L L 68      start, length twice, start
//	08 01 72       control, address, control information
//	…              L bytes from control on
//	CS             their sum
//	16             stop
//
// Austrian Kaifa meters push DLMS over it (EN 13757-1): a frame of 250 bytes and one with the rest.
//
//	68 FA FA 68 53 FF 00 01 67 DB 08 4B 46 4D … 81 F8 20 00 03 30 1D …  CS 16
//	68 14 14 68 53 FF 11 01 67 … CS 16
func mbuses() []Protocol {
	words := []string{"m-bus", "mbus"}
	return []Protocol{
		{Name: "M-Bus, heat meter", File: "p1.log", Words: words, Make: repeat(heatMeter)},
		{Name: "M-Bus, encrypted push", File: "p1.log", Words: words, Make: repeat(austrianPush)},
	}
}

// LongFrame is a long frame around control, address, control information and data.
func LongFrame(data []byte) []byte {
	var sum byte
	for _, b := range data {
		sum += b
	}
	n := byte(len(data))
	return slices.Concat([]byte{0x68, n, n, 0x68}, data, []byte{sum, 0x16})
}

// heatMeter is the answer of a heat meter; the request to it is seen too.
func heatMeter(d *rand.Rand, i int) []byte {
	data := slices.Concat([]byte{0x08, 0x01, 0x72}, []byte{0x83, 0x11, 0x21, 0x67}, []byte{0x2D, 0x2C, 0x30, 0x04, byte(i), 0, 0, 0})
	data = binary.LittleEndian.AppendUint32(append(data, 0x04, 0x06), 3_392+uint32(i)) // energy, kWh
	data = binary.LittleEndian.AppendUint32(append(data, 0x04, 0x14), 34_812+uint32(i))
	data = binary.LittleEndian.AppendUint16(append(data, 0x02, 0x59), uint16(6000+d.IntN(900))) // flow temperature
	data = binary.LittleEndian.AppendUint16(append(data, 0x02, 0x5D), uint16(4000+d.IntN(900)))
	data = binary.LittleEndian.AppendUint32(append(data, 0x04, 0x2D), d.Uint32N(200))
	return append([]byte{0x10, 0x7B, 0x01, 0x7C, 0x16}, LongFrame(data)...)
}

func austrianPush(d *rand.Rand, i int) []byte {
	title := []byte("KFMeP\x9C\x2E\xFD")
	sealed := random(d, 0xF8-5)
	apdu := slices.Concat([]byte{0xDB, 0x08}, title, []byte{0x81, 0xF8, 0x20}, binary.BigEndian.AppendUint32(nil, uint32(208_925+i)), sealed)
	first := 0xFA - 5 // what one frame has room for, beside its header
	return append(
		LongFrame(append([]byte{0x53, 0xFF, 0x00, 0x01, 0x67}, apdu[:first]...)),
		LongFrame(append([]byte{0x53, 0xFF, 0x11, 0x01, 0x67}, apdu[first:]...))...)
}
