package foreign

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

// readouts are what a meter answers that is read by IEC 62056-21, or sends by itself. What
// makes it no P1 are the codes without A-B:, and STX, ETX and a block check.
//
//	/?! CR LF                         the reader asks
//	/LGZ4ZMF100AC.M23 CR LF           the meter says who it is
//	ACK 0 4 0 CR LF                   the reader chooses mode C, 4800 baud
//	STX F.F(00) CR LF … ! CR LF ETX BCC
//
// In mode D it sends by itself:
//
//	/LGZ4ZMF100AC.M23 CR LF CR LF F.F(00) CR LF … ! CR LF
func readouts() []Protocol {
	words := []string{"62056-21", "readout"}
	return []Protocol{
		{Name: "IEC 62056-21, mode C", File: "p1.log", Words: words, Make: repeat(modeC)},
		{Name: "IEC 62056-21, mode D", File: "p1.log", Words: words, Make: repeat(modeD)},
	}
}

func dataLines(d *rand.Rand, i int) string {
	h := newHouse(d, i)
	e := h.energy + uint32(i)
	return fmt.Sprintf("F.F(00)\r\n0.0(50871249)\r\nC.1.0(50871249)\r\n1.8.0(%06d.%03d*kWh)\r\n1.8.1(%06d.%03d*kWh)\r\n1.8.2(000000.000*kWh)\r\n"+
		"2.8.0(000012.345*kWh)\r\n1.7.0(%02d.%03d*kW)\r\n32.7(%d*V)\r\n52.7(%d*V)\r\n72.7(%d*V)\r\n0.9.1(%02d:%02d:00)\r\n0.9.2(26-03-01)\r\n!\r\n",
		e/1000, e%1000, e/1000, e%1000, h.watts/1000, h.watts%1000, h.volts[0]/10, h.volts[1]/10, h.volts[2]/10, i/60, i%60)
}

func modeC(d *rand.Rand, i int) []byte {
	block := append([]byte(dataLines(d, i)), 0x03)
	var bcc byte
	for _, b := range block {
		bcc ^= b
	}
	return slices.Concat([]byte("/?!\r\n/LGZ4ZMF100AC.M23\r\n\x06040\r\n\x02"), block, []byte{bcc})
}

func modeD(d *rand.Rand, i int) []byte {
	return []byte("/LGZ4ZMF100AC.M23\r\n\r\n" + dataLines(d, i))
}

// gcms is an encrypted frame that does not say whose it is: without the system title no
// nonce can be made (green book, §9.2.7).
//
//	DB 00 82 02 BA 30 00 01 1E 5C … tag
func gcms() []Protocol {
	return []Protocol{{Name: "GCM frame without system title", File: "p1.log", Words: []string{"system title"}, Make: repeat(func(d *rand.Rand, i int) []byte {
		sealed := random(d, 693)
		head := binary.BigEndian.AppendUint16([]byte{0xDB, 0x00, 0x82}, uint16(5+len(sealed)))
		return slices.Concat(head, []byte{0x30}, binary.BigEndian.AppendUint32(nil, uint32(73_308+i)), sealed)
	})}}
}
