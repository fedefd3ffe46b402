package foreign

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
)

// others are what else gets into the pipe: another device on the port, or another file.
func others() []Protocol {
	return []Protocol{
		{Name: "Modbus RTU", File: "p1.log", Words: []string{"modbus"}, Make: repeat(modbus)},
		{Name: "NMEA", File: "p1.log", Words: []string{"nmea", "gps"}, Make: repeat(nmea)},
		{Name: "PNG", File: "meter.png", Words: []string{"picture", "image", "png"}, Make: single(func(d *rand.Rand) []byte {
			var b bytes.Buffer
			check(png.Encode(&b, picture(d)))
			return b.Bytes()
		})},
		{Name: "JPEG", File: "meter.jpg", Words: []string{"picture", "image", "jpeg"}, Make: single(func(d *rand.Rand) []byte {
			var b bytes.Buffer
			check(jpeg.Encode(&b, picture(d), nil))
			return b.Bytes()
		})},
		{Name: "PDF", File: "bill.pdf", Words: []string{"pdf"}, Make: single(pdf)},
		{Name: "empty file", File: "p1.log", Words: []string{"empty", "no bytes", " 0 bytes"}, Make: single(func(*rand.Rand) []byte { return nil })},
		{Name: "random bytes", File: "p1.log", Words: []string{"no telegram"}, Make: single(func(d *rand.Rand) []byte { return random(d, 30_000) })},
	}
}

func single(file func(d *rand.Rand) []byte) func(*rand.Rand) [][]byte {
	return func(d *rand.Rand) [][]byte { return [][]byte{file(d)} }
}

// check is for writing to memory, which does not fail.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// modbus is the master of an energy meter and its answer: read input registers (Modbus over
// serial line 1.02, §2.5.1). The CRC's low byte comes first.
//
//	01 04 00 00 00 06 CRC        address, function, first register, how many
//	01 04 0C …        CRC        address, function, bytes, values
func modbus(d *rand.Rand, i int) []byte {
	h := newHouse(d, i)
	signed := func(b []byte) []byte { return binary.LittleEndian.AppendUint16(b, crc(b, 0xA001, 0xFFFF, 0)) }
	answer := []byte{0x01, 0x04, 0x0C}
	for _, v := range h.volts {
		answer = binary.BigEndian.AppendUint32(answer, uint32(v)*100)
	}
	return append(signed([]byte{0x01, 0x04, 0x00, 0x00, 0x00, 0x06}), signed(answer)...)
}

// nmea is what a GPS mouse says (NMEA 0183): sentences with the XOR of what is between $ and *.
//
//	$GPGGA,000010.00,4730.1200,N,01902.4000,E,1,08,0.9,112.0,M,43.0,M,,*5E
func nmea(d *rand.Rand, i int) []byte {
	clock := fmt.Sprintf("%02d%02d%02d.00", i/3600, i/60%60, i%60)
	at := fmt.Sprintf("47%02d.%04d,N,019%02d.%04d,E", 30, d.IntN(10000), 2, d.IntN(10000))
	var out []byte
	for _, s := range []string{
		"GPGGA," + clock + "," + at + ",1,08,0.9,112.0,M,43.0,M,,",
		"GPRMC," + clock + ",A," + at + ",0.13,309.62,010326,,,A",
		"GPGSA,A,3,10,07,05,02,29,04,08,13,,,,,1.72,1.03,1.38",
	} {
		var sum byte
		for _, c := range []byte(s) {
			sum ^= c
		}
		out = fmt.Appendf(out, "$%s*%02X\r\n", s, sum)
	}
	return out
}

// picture is a photograph, as good as one.
func picture(d *rand.Rand) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 160, 120))
	for y := range 120 {
		for x := range 160 {
			m.Set(x, y, color.RGBA{byte(x + d.IntN(40)), byte(y + d.IntN(40)), byte(x * y), 255})
		}
	}
	return m
}

// pdf is a page with one line (ISO 32000-1, §7.5).
func pdf(d *rand.Rand) []byte {
	text := fmt.Sprintf("BT /F1 12 Tf 72 720 Td (Your bill: %d kWh) Tj ET", 1000+d.IntN(4000))
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	out := []byte("%PDF-1.4\n%\xE2\xE3\xCF\xD3\n")
	var at []int
	for i, o := range objects {
		at = append(at, len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	begin := len(out)
	out = fmt.Appendf(out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, a := range at {
		out = fmt.Appendf(out, "%010d 00000 n \n", a)
	}
	return slices.Concat(out, fmt.Appendf(nil, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, begin))
}
