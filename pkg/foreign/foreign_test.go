package foreign

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/sim"
)

// frames are examples of each protocol, n after each other, as their standards have them.
func frames(d *rand.Rand, name string, n int) []byte {
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(d.Uint32())
		}
		return b
	}
	var out []byte
	for i := range n {
		body := random(60 + d.IntN(100))
		switch name {
		case "HDLC": // IEC 62056-46: flag, type 3 and length, …, flag
			out = append(append(append(out, 0x7E, 0xA0, byte(len(body)+2)), body...), 0x7E)
		case "M-Bus": // EN 13757-2: the check is a sum
			sum := byte(0)
			for _, c := range body {
				sum += c
			}
			out = append(append(append(out, 0x68, byte(len(body)), byte(len(body)), 0x68), body...), sum, 0x16)
		case "SML": // escape and version, …, escape and end
			out = append(append(append(out, "\x1B\x1B\x1B\x1B\x01\x01\x01\x01"...), body...), "\x1B\x1B\x1B\x1B\x1A\x00\x12\x34"...)
		case "IEC 62056-21", "IEC 62056-21, parity": // STX, lines, '!', ETX, the XOR of all behind STX
			text := fmt.Sprintf("0.9.1(1400%02d)\r\n1.8.0(00%04d.567*kWh)\r\n!\r\n\x03", i, d.IntN(10000))
			check := byte(0)
			for _, c := range []byte(text) {
				check ^= c
			}
			message := "/LGZ4ZMF100AC.M23\r\n\x02" + text + string([]byte{check})
			for _, c := range []byte(message) {
				if name != "IEC 62056-21" {
					for bit := byte(0x40); bit > 0; bit >>= 1 {
						if c&bit != 0 {
							c ^= 0x80
						}
					}
				}
				out = append(out, c)
			}
		case "IEC 62056-21, pushed": // mode D: no STX, no check
			out = fmt.Appendf(out, "/LGZ4ZMF100AC.M23\r\n\r\nF.F(00)\r\n0.9.1(14:00:%02d)\r\n1.8.0(00%04d.567*kWh)\r\n32.7(230*V)\r\n!\r\n", i, d.IntN(10000))
		case "Modbus": // function 3 or 4; the CRC is that of the standard's appendix
			answer := append([]byte{0x11, 0x04, byte(len(body) &^ 1)}, body[:len(body)&^1]...)
			for _, f := range [][]byte{{0x11, 0x04, 0, byte(i), 0, byte(len(body) / 2)}, answer} {
				sum := modbusCRC(f)
				out = append(append(out, f...), byte(sum), byte(sum>>8))
			}
		case "NMEA":
			text := fmt.Sprintf("GPGLL,4916.45,N,12311.12,W,2254%02d,A", i)
			sum := byte(0)
			for _, c := range []byte(text) {
				sum ^= c
			}
			out = fmt.Appendf(out, "$%s*%02X\r\n", text, sum)
		case "system title": // general-glo-ciphering with a title of no bytes
			out = append(append(out, 0xDB, 0x00, byte(0x81), byte(len(body)+5), 0x30, 0, 0, 0, byte(i)), body...)
		case "system title, behind headers":
			out = append(append(out, "/TST5meter\r\n\r\n\x00\x81"...), byte(len(body)+5), 0x30, 0, 0, 0, byte(i))
			out = append(out, body...)
		case "encrypted telegrams":
			out = append(append(out, "\xDB\x08SAGg\x70\x04\xED\xE9\x81"...), byte(len(body)+5), 0x30, 0, 0, 0, byte(i))
			out = append(out, body...)
		}
	}
	return out
}

// Each protocol is named, from its first frame or from the middle of one.
func TestProtocols(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"HDLC", "M-Bus", "SML", "IEC 62056-21", "IEC 62056-21, parity", "IEC 62056-21, pushed", "Modbus", "NMEA", "system title", "system title, behind headers", "encrypted telegrams"} {
		for range 50 {
			data := frames(d, name, 6)
			data = data[d.IntN(40):]
			want, _, _ := strings.Cut(name, ",")
			if k, _ := Protocol(data); k == nil || !strings.Contains(k.Name, want) || k.Do == "" {
				t.Errorf("%s: %+v", name, k)
			} else if k.Readable() != (name == "encrypted telegrams") {
				t.Errorf("%s: readable %v", name, k.Readable())
			}
		}
	}
}

// No log of a P1 port is taken for another protocol, or for a file of another kind, whatever
// the line has done to it.
func TestNoiseIsNoProtocol(t *testing.T) {
	n := 200
	if text := os.Getenv("P1_PLAIN_LOGS"); text != "" {
		n, _ = strconv.Atoi(text)
	} else if testing.Short() {
		n = 40
	}
	d := rand.New(rand.NewPCG(2, uint64(n)))
	for i := range n {
		meter := sim.Meters()[d.IntN(len(sim.Meters()))]
		noise := sim.Noises()[d.IntN(len(sim.Noises()))]
		o, err := sim.ParseOptions(fmt.Sprintf("?meter=%s&telegrams=8&noise=%s&seed=%d", meter, noise, i))
		if err != nil {
			t.Fatal(err)
		}
		s, err := sim.New(o)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(s)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 { // a storm of any bytes on top
			data[d.IntN(len(data))] = byte(d.Uint32())
		}
		if k, _ := Protocol(data); k != nil && !k.Readable() || Content(data) != nil {
			t.Errorf("%s, %s, seed %d: %+v", meter, noise, i, k)
		}
	}
}

// The CRC is the one that the standard gives for an example: function 7 of slave 2 is
// followed by 41 12 (Modbus over serial line 1.02, §6.2.2), NMEA's check by NMEA.
func TestChecksOfDevices(t *testing.T) {
	if sum := modbusCRC([]byte{0x02, 0x07}); sum != 0x1241 {
		t.Errorf("%04X", sum)
	}
	if n := nmea([]byte("$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n")); n == 0 {
		t.Error("a sentence as receivers send it is none")
	}
}

// Encrypted frames within those of M-Bus are M-Bus also where some of these are hit: three of
// five are left.
func TestFramesWithinFrames(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	var data []byte
	for i := range 5 {
		inner := append([]byte("\xDB\x08SAGg\x70\x04\xED\xE9\x81\x64\x30\x00\x00\x00"), byte(i))
		for len(inner) < 112 {
			inner = append(inner, byte(d.Uint32()))
		}
		sum := byte(0)
		for _, c := range inner {
			sum += c
		}
		if i == 1 || i == 3 {
			sum++ // hit
		}
		data = append(append(append(data, 0x68, byte(len(inner)), byte(len(inner)), 0x68), inner...), sum, 0x16)
	}
	if k, n := Protocol(data); k == nil || !strings.Contains(k.Name, "M-Bus") || n != 3 {
		t.Errorf("%+v, %d frames", k, n)
	}
}

// A message of readout text ends in "!", CR, LF and ETX: an STX and an ETX that noise has
// made are none, even if the check holds.
func TestReadoutEnds(t *testing.T) {
	text := "1-0:1.8.0(008234.524*kWh)\r\n!\r\n/SIM5\r\n\x03"
	check := byte(0)
	for _, c := range []byte(text) {
		check ^= c
	}
	if n := readout([]byte("\x02" + text + string([]byte{check}))); n != 0 {
		t.Errorf("%d bytes are a readout", n)
	}
}

// Files of other kinds are named by their first bytes.
func TestContents(t *testing.T) {
	tar := append(make([]byte, 257), "ustar\x0000"...)
	for data, want := range map[string]string{
		"\x89PNG\r\n\x1a\n": "picture", "\xFF\xD8\xFF\xE0": "picture", "%PDF-1.7": "document",
		"time,utc_offset,meter,status": "p1csv", "time,source,offset,seq,valid": "p1csv", "\uFEFFtime;source;offset;type;status": "p1noise",
		"month,register,time,utc_offset": "p1csv", string(tar): "archive", "SQLite format 3\x00": "database",
		"/ISK5\\2M550T-1012\r\n": "", "1-0:1.8.0(1*kWh)": "", "": "",
	} {
		k := Content([]byte(data))
		if (k == nil) != (want == "") || k != nil && !strings.Contains(k.Name, want) {
			t.Errorf("%q: %+v, want %q", data, k, want)
		}
	}
	if k := Content(bytes.Repeat([]byte{0xFF}, 300)); k != nil {
		t.Errorf("filler: %+v", k)
	}
}
