// Package foreign takes bytes that are no P1 and gives what they are: another language that
// meters speak at the same port, or a file of another kind.
//
//	7E A0 4B CF 02 23 13 …     DLMS in HDLC frames: a meter's, but no P1
//	89 50 4E 47 0D 0A 1A 0A    a picture: somebody named the wrong file
package foreign

import (
	"bytes"
	"slices"
)

// Kind is what bytes are that are no P1. Bytes of a protocol say nothing about the wiring:
// they arrived as they were sent.
type Kind struct {
	Name string // a sentence: these are …
	Who  string // who sends it, after the name
	Do   string // what helps, and what reads it
	// frames counts what has the form of it in bytes, and how many bytes that is.
	frames func(data []byte) (n, size int)
}

var protocols = []Kind{
	{
		Name: "these are DLMS frames (HDLC)", Who: "Norwegian, Swedish and Austrian meters push them",
		Do:     "Read them with a program for DLMS; nothing is to be changed at the wires. Some grid operators switch the port to P1 when they are asked.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x7E, hdlc) },
	}, {
		Name: "these are M-Bus frames", Who: "Austrian and Swiss meters send DLMS in them",
		Do:     "Read them with a program for M-Bus or DLMS (with the key of the grid operator, if they are encrypted); nothing is to be changed at the wires.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x68, mbus) },
	}, {
		Name: "this is SML", Who: "German meters send it at their optical port",
		Do:     "Read it with a program for SML, such as libsml or vzlogger; nothing is to be changed at the wires.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x1B, sml) },
	}, {
		Name: "these are readouts by IEC 62056-21", Who: "older meters give them at their optical port, when they are asked or by themselves",
		Do:     "Read them with a program for IEC 62056-21 (mode A to D); nothing is to be changed at the wires. P1 has no STX, and its codes are as 1-0:1.8.0, not 1.8.0.",
		frames: readouts,
	}, {
		Name: "these are encrypted telegrams", Who: "meters in Luxembourg, Austria and Lithuania send them",
		Do:     "Give the meter's key with --key-file FILE, of p1frame or of p1-report; the grid operator has it.",
		frames: func(data []byte) (n, size int) { return framed(data, 0xDB, encrypted) },
	}, {
		Name: "these are encrypted frames without a system title", Who: "some meters, as Elgama's in Poland, leave it to the reader to know it",
		Do: "The title is part of what decrypts them: ask the grid operator for it and for the key, and read them with a program for DLMS that can be told both; nothing is to be changed at the wires.",
		frames: func(data []byte) (n, size int) {
			if n, size = framed(data, 0xDB, untitled); n > 0 {
				return n, size
			}
			return framed(data, '/', headed)
		},
	}, {
		Name: "this is Modbus RTU", Who: "energy meters and inverters speak it over RS-485",
		Do:     "Name the port that the meter's P1 cable is at, or read this one with a program for Modbus; nothing is to be changed at the wires.",
		frames: modbuses,
	}, {
		Name: "these are NMEA 0183 sentences", Who: "a GPS receiver sends them",
		Do:     "Name the port that the meter's P1 cable is at (p1cat --ports lists the ports); nothing is to be changed at the wires.",
		frames: func(data []byte) (n, size int) { return framed(data, '$', nmea) },
	},
}

// Readable reports whether p1frame reads it, given a key.
func (k *Kind) Readable() bool { return k == &protocols[encryptedAt] }

// Covers reports whether its frames are at least half of data.
func (k *Kind) Covers(data []byte) bool {
	_, size := k.frames(data)
	return 2*size >= len(data)
}

// encryptedAt is where encrypted telegrams stand in the table.
const encryptedAt = 4

// Protocol returns the protocol that most of the bytes are of, if any, and how many of its
// frames there are. Two are needed, or one that is half of what there is. What stands within
// the frames of one before it in the table must have twice the bytes of these: they lack the
// frames that the line has hit.
func Protocol(data []byte) (p *Kind, n int) {
	best := 0
	for i := range protocols {
		found, size := protocols[i].frames(data)
		if (found >= 2 || 2*size >= len(data) && found > 0) && size > 2*best {
			best, p, n = size, &protocols[i], found
		}
	}
	return p, n
}

// framed counts frames that begin with a byte, one after the other; length says how many
// bytes a frame has at the beginning of data, or 0 if there is none.
func framed(data []byte, first byte, length func([]byte) int) (n, size int) {
	for len(data) > 0 {
		at := bytes.IndexByte(data, first)
		if at < 0 {
			break
		}
		data = data[at:]
		if l := length(data); l > 0 {
			n, size, data = n+1, size+l, data[min(l, len(data)):]
		} else {
			data = data[1:]
		}
	}
	return n, size
}

// hdlc is a frame of IEC 62056-46: the length counts what stands between the flags.
//
//	7E A0 4B … 7E
//	   ││└┴─ eleven bits of length
//	   └ type 3
func hdlc(data []byte) int {
	if len(data) < 10 || data[1]&0xF0 != 0xA0 {
		return 0
	}
	end := int(data[1]&7)<<8 | int(data[2]) + 1
	if end < 9 || end >= len(data) || data[end] != 0x7E {
		return 0
	}
	return end
}

// mbus is a long frame of EN 13757-2: the check is the sum of what stands between the
// second 68 and itself.
//
//	68 F1 F1 68 … check 16
func mbus(data []byte) int {
	if len(data) < 9 || data[1] != data[2] || data[3] != 0x68 {
		return 0
	}
	n := int(data[1])
	if n < 3 || n+6 > len(data) || data[n+5] != 0x16 {
		return 0
	}
	check := byte(0)
	for _, b := range data[4 : n+4] {
		check += b
	}
	if check != data[n+4] {
		return 0
	}
	return n + 6
}

// sml is a message file of the SML protocol, from its escape sequence to the next one.
//
//	1B 1B 1B 1B 01 01 01 01 … 1B 1B 1B 1B 1A
func sml(data []byte) int {
	begin := []byte("\x1B\x1B\x1B\x1B\x01\x01\x01\x01")
	if !bytes.HasPrefix(data, begin) {
		return 0
	}
	if n := bytes.Index(data[len(begin):], begin); n >= 0 {
		return len(begin) + n
	}
	return len(data)
}

// readouts counts data messages, also those that were sent with seven bits and parity and
// received with eight.
func readouts(data []byte) (n, size int) {
	text := make([]byte, len(data))
	for i, c := range data {
		text[i] = c & 0x7F
	}
	for _, sent := range [][]byte{data, text} {
		if n, size = framed(sent, 0x02, readout); n > 0 {
			return n, size
		}
		if n, size = framed(sent, '/', pushed); n > 0 {
			return n, size
		}
	}
	return 0, 0
}

// readout is a data message of IEC 62056-21: lines of value sets, "!", and behind ETX the
// sum by XOR of what stands behind STX.
//
//	02 1.8.0(001234.567*kWh) 0D 0A … ! 0D 0A 03 check
func readout(data []byte) int {
	end := bytes.IndexByte(data, 0x03)
	if end < 6 || end+1 >= len(data) || !bytes.HasSuffix(data[:end], []byte("!\r\n")) || bytes.IndexByte(data[:end], '(') < 0 {
		return 0
	}
	check := byte(0)
	for _, b := range data[1 : end+1] {
		check ^= b
	}
	if check&0x7F != data[end+1]&0x7F {
		return 0
	}
	return end + 2
}

// pushed is a data message of mode D of IEC 62056-21, without STX and check: the header, an
// empty line, value sets whose codes lack the A-B: of P1, and "!".
//
//	/LGZ4ZMF100AC.M23 0D 0A 0D 0A F.F(00) 0D 0A 1.8.0(001234.567*kWh) 0D 0A … ! 0D 0A
func pushed(data []byte) int {
	const least, longest = 3, 16 << 10 // value sets, bytes
	short, size := 0, 0
	for line := range bytes.Lines(data[:min(len(data), longest)]) {
		size += len(line)
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case size == len(line): // the header
			if len(text) < 5 || len(text) > 40 {
				return 0
			}
		case string(text) == "!":
			if short < least {
				return 0
			}
			return size
		case hasChannel(text) || bytes.HasPrefix(text, []byte("/")):
			return 0
		case isShort(text):
			short++
		}
	}
	return 0
}

// hasChannel reports whether a line is one of P1, or the rest of one: its code has a colon.
func hasChannel(text []byte) bool {
	code, _, found := bytes.Cut(text, []byte("("))
	return found && bytes.IndexByte(code, ':') >= 0
}

// isShort reports whether a line is a value set with a short code: 1.8.0, F.F or 0.9.1.
func isShort(text []byte) bool {
	const longest = len("C.70.101*99")
	n := bytes.IndexByte(text, '(')
	if n < 3 || n > longest || text[len(text)-1] != ')' || text[1] != '.' && text[2] != '.' {
		return false
	}
	return !bytes.ContainsFunc(text[:n], func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'P') && r != '.' && r != '*'
	})
}

// encrypted is the beginning of an APDU of IEC 62056-5-3, general-glo-ciphering: the
// system title, which begins with three letters of the maker, the length, what secures it.
//
//	DB 08 53 41 47 … 82 04 10 30
func encrypted(data []byte) int {
	if len(data) < 14 || data[1] != 8 {
		return 0
	}
	unnamed := slices.ContainsFunc(data[2:5], func(b byte) bool { return b < 'A' || b > 'Z' })
	switch {
	case !unnamed && data[10] < 0x80 && data[11]&0x30 != 0:
		return 11 + int(data[10])
	case data[10] == 0x81 && data[12]&0x30 != 0:
		return 12 + int(data[11])
	case data[10] == 0x82 && data[13]&0x30 != 0:
		return 13 + int(data[11])<<8 + int(data[12])
	}
	return 0
}

// untitled is encrypted with a system title of no bytes.
//
//	DB 00 82 04 10 30
func untitled(data []byte) int {
	if len(data) < 8 || data[1] != 0 {
		return 0
	}
	n, at := 0, 0
	switch {
	case data[2] < 0x80:
		n, at = int(data[2]), 3
	case data[2] == 0x81:
		n, at = int(data[3]), 4
	case data[2] == 0x82:
		n, at = int(data[3])<<8|int(data[4]), 5
	default:
		return 0
	}
	const least = 5 + 16 // security control, frame counter, and some text
	if n < least || data[at]&0xCF != 0 || data[at]&0x20 == 0 {
		return 0
	}
	return at + n
}

// headed is untitled without its tag, behind the header of P1, as Elgama's G15 and G35 send it
// (esphome/issues 6500, UtilitechAS/amsreader-firmware's issue 1198).
//
//	/EGM5G35 0D 0A 0D 0A 00 82 02 30 30
func headed(data []byte) int {
	const longest = 64 // bytes of a header
	blank := []byte("\r\n\r\n")
	n := bytes.Index(data[:min(len(data), longest)], blank)
	if n < len("/XXX5") || data[4] < '0' || data[4] > '9' {
		return 0
	}
	n += len(blank)
	if size := untitled(append([]byte{0xDB}, data[n:min(len(data), n+8)]...)); size > 0 {
		return n + size - 1
	}
	return 0
}
