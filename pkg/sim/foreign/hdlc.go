package foreign

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// hdlcs are the pushes of Norwegian and other meters over HDLC (IEC 62056-46; DLMS UA green
// book, §8.4), at 2400 baud.
//
//	7E                          flag
//	A0 E3                       format: type 3, eleven bits of length, flags not counted
//	2B 21                       destination, source
//	13                          control: unnumbered information
//	98 86                       HCS, over format to control
//	E6 E7 00                    LLC
//	0F 00 00 00 00              data-notification, its number
//	0C 07 E1 0A 14 05 03 2B 1E FF 80 00 00    time (length first; some write 09 0C)
//	02 19 …                     the list: a structure of 25
//	xx xx                       FCS, over format to the end of the list
//	7E
func hdlcs() []Protocol {
	words := []string{"hdlc", "dlms"}
	return []Protocol{
		{Name: "HDLC, Kamstrup", File: "p1.log", Words: words, Make: repeat(kamstrup)},
		{Name: "HDLC, Aidon", File: "p1.log", Words: words, Make: repeat(aidon)},
		{Name: "HDLC, Kaifa", File: "p1.log", Words: words, Make: repeat(kaifa)},
		{Name: "HDLC, encrypted", File: "p1.log", Words: words, Make: repeat(encryptedHDLC)},
	}
}

// Frame is an HDLC frame around what an application sends.
func Frame(addresses []byte, control byte, apdu []byte) []byte {
	length := 2 + len(addresses) + 1 + 2 + 3 + len(apdu) + 2
	f := binary.BigEndian.AppendUint16(nil, 0xA000|uint16(length))
	f = append(append(f, addresses...), control)
	f = append(f, fcs(f)...)
	f = append(append(f, 0xE6, 0xE7, 0x00), apdu...)
	f = append(f, fcs(f)...)
	return slices.Concat([]byte{0x7E}, f, []byte{0x7E})
}

// dateTime is a COSEM date-time, ten seconds later for each frame.
func dateTime(i int) []byte {
	s := 10 * i
	return []byte{0x07, 0xEA, 0x03, 0x01, 0x07, byte(s / 3600 % 24), byte(s / 60 % 60), byte(s % 60), 0xFF, 0x80, 0x00, 0x00}
}

// DLMS types: double-long-unsigned, long-unsigned, octet-string, visible-string.
func u32(v uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0x06}, v) }
func u16(v uint16) []byte { return binary.BigEndian.AppendUint16([]byte{0x12}, v) }
func octets(b ...byte) []byte {
	return append([]byte{0x09, byte(len(b))}, b...)
}
func visible(s string) []byte { return append([]byte{0x0A, byte(len(s))}, s...) }

// kamstrup is Kamstrup's list 2: each value after its OBIS code (HAN-NVE interface
// description).
func kamstrup(d *rand.Rand, i int) []byte {
	h := newHouse(d, i)
	list := slices.Concat(visible("Kamstrup_V0001"),
		octets(1, 1, 0, 0, 5, 255), visible("5706567200000000"),
		octets(1, 1, 96, 1, 1, 255), visible("6841121BN243101040"),
		octets(1, 1, 1, 7, 0, 255), u32(h.watts), octets(1, 1, 2, 7, 0, 255), u32(0),
		octets(1, 1, 3, 7, 0, 255), u32(0), octets(1, 1, 4, 7, 0, 255), u32(h.watts/9),
		octets(1, 1, 31, 7, 0, 255), u32(uint32(h.amps[0])), octets(1, 1, 51, 7, 0, 255), u32(uint32(h.amps[1])),
		octets(1, 1, 71, 7, 0, 255), u32(uint32(h.amps[2])),
		octets(1, 1, 32, 7, 0, 255), u16(h.volts[0]/10), octets(1, 1, 52, 7, 0, 255), u16(h.volts[1]/10),
		octets(1, 1, 72, 7, 0, 255), u16(h.volts[2]/10))
	apdu := slices.Concat([]byte{0x0F, 0, 0, 0, 0, 0x0C}, dateTime(i), []byte{0x02, 25}, list)
	return Frame([]byte{0x2B, 0x21}, 0x13, apdu)
}

// aidon is Aidon's list: an array of structures of code, value, and scaler with unit. List
// 1 has the power only, each sixth is list 2.
func aidon(d *rand.Rand, i int) []byte {
	h := newHouse(d, i)
	scaled := func(code, value []byte, scaler, unit byte) []byte {
		return slices.Concat([]byte{0x02, 0x03}, code, value, []byte{0x02, 0x02, 0x0F, scaler, 0x16, unit})
	}
	text := func(code []byte, s string) []byte { return slices.Concat([]byte{0x02, 0x02}, code, visible(s)) }
	rows := [][]byte{scaled(octets(1, 0, 1, 7, 0, 255), u32(h.watts), 0, 27)}
	if i%6 == 0 {
		rows = [][]byte{
			text(octets(1, 1, 0, 2, 129, 255), "AIDON_V0001"), text(octets(0, 0, 96, 1, 0, 255), "7359992890941742"),
			text(octets(0, 0, 96, 1, 7, 255), "6515"), rows[0],
			scaled(octets(1, 0, 2, 7, 0, 255), u32(0), 0, 27), scaled(octets(1, 0, 31, 7, 0, 255), u16(h.amps[0]/10), 0xFF, 33),
			scaled(octets(1, 0, 32, 7, 0, 255), u16(h.volts[0]), 0xFF, 35), scaled(octets(1, 0, 72, 7, 0, 255), u16(h.volts[2]), 0xFF, 35),
		}
	}
	apdu := append([]byte{0x0F, 0x40, 0, 0, 0, 0, 0x01, byte(len(rows))}, slices.Concat(rows...)...)
	return Frame([]byte{0x41, 0x08, 0x83}, 0x13, apdu)
}

// kaifa is Kaifa's list: values in a fixed order, without codes.
func kaifa(d *rand.Rand, i int) []byte {
	h := newHouse(d, i)
	list := slices.Concat([]byte{0x02, 0x01}, u32(h.watts))
	if i%5 == 0 {
		list = slices.Concat([]byte{0x02, 0x0D}, octets([]byte("KFM_001")...), octets([]byte("6970631401753985")...), octets([]byte("MA304H3E")...),
			u32(h.watts), u32(0), u32(0), u32(h.watts/8), u32(uint32(h.amps[0])*10), u32(uint32(h.amps[1])*10), u32(uint32(h.amps[2])*10),
			u32(uint32(h.volts[0])), u32(0), u32(uint32(h.volts[2])))
	}
	apdu := slices.Concat([]byte{0x0F, 0x40, 0, 0, 0}, octets(dateTime(i)...), list)
	return Frame([]byte{0x01, 0x02, 0x01}, 0x10, apdu)
}

// encryptedHDLC is a push whose list is in general-glo-ciphering (green book, §9.2.7).
func encryptedHDLC(d *rand.Rand, i int) []byte {
	sealed := random(d, 78)
	apdu := slices.Concat([]byte{0xDB, 0x08}, []byte("SMSgp\x04\xED\xE9"), []byte{byte(1 + 4 + len(sealed)), 0x20},
		binary.BigEndian.AppendUint32(nil, uint32(86_700+i)), sealed)
	return Frame([]byte{0xCF, 0x00, 0x02, 0x00, 0x23}, 0x13, apdu)
}
