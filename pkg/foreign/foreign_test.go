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
		case "system title": // general-glo-ciphering with a title of no bytes
			out = append(append(out, 0xDB, 0x00, byte(0x81), byte(len(body)+5), 0x30, 0, 0, 0, byte(i)), body...)
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
	for _, name := range []string{"HDLC", "M-Bus", "SML", "IEC 62056-21", "IEC 62056-21, parity", "system title", "encrypted telegrams"} {
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

// Files of other kinds are named by their first bytes.
func TestContents(t *testing.T) {
	tar := append(make([]byte, 257), "ustar\x0000"...)
	for data, want := range map[string]string{
		"\x89PNG\r\n\x1a\n": "picture", "\xFF\xD8\xFF\xE0": "picture", "%PDF-1.7": "document",
		"time,utc_offset,meter,status": "p1csv", "time,source,offset,type,status,": "p1noise", "\uFEFFtime;source;offset;type;status": "p1noise", string(tar): "archive", "SQLite format 3\x00": "database",
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
