package diagnose

import (
	"bytes"
	"slices"
)

// protocol is another language that meters speak, or a form of P1 that nobody can read
// without a key. Bytes of these say nothing about the wiring: they arrived as they were
// sent.
type protocol struct {
	name string // a sentence: these are …
	who  string // who sends it, after the name
	do   string // what helps
	// frames counts what has the form of it in bytes, and how many bytes that is.
	frames func(data []byte) (n, size int)
}

var protocols = []protocol{
	{
		name: "these are DLMS frames (HDLC)", who: "Norwegian, Swedish and Austrian meters push them",
		do:     "Read them with a program for DLMS; nothing is to be changed at the wires. Some grid operators switch the port to P1 when they are asked.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x7E, hdlc) },
	}, {
		name: "these are M-Bus frames", who: "Austrian and Swiss meters send DLMS in them",
		do:     "Read them with a program for M-Bus or DLMS (with the key of the grid operator, if they are encrypted); nothing is to be changed at the wires.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x68, mbus) },
	}, {
		name: "this is SML", who: "German meters send it at their optical port",
		do:     "Read it with a program for SML, such as libsml or vzlogger; nothing is to be changed at the wires.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x1B, sml) },
	}, {
		name: "these are readouts by IEC 62056-21", who: "older meters give them when they are asked, between STX and ETX",
		do:     "Read them with a program for IEC 62056-21 (mode A to D); nothing is to be changed at the wires. P1 has no STX.",
		frames: func(data []byte) (n, size int) { return framed(data, 0x02, readout) },
	}, {
		name: "these are encrypted telegrams", who: "meters in Luxembourg, Austria and Lithuania send them",
		do:     "Give the meter's key to p1frame with --key-file; the grid operator has it.",
		frames: func(data []byte) (n, size int) { return framed(data, 0xDB, encrypted) },
	},
}

// foreign is the protocol that most of the bytes are of, if any, and how many of its
// frames there are. Two are needed, or one that is half of what there is.
func foreign(data []byte) (p *protocol, n int) {
	best := 0
	for i := range protocols {
		found, size := protocols[i].frames(data)
		if (found >= 2 || 2*size >= len(data) && found > 0) && size > best {
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

// readout is a data message of IEC 62056-21: lines of value sets, "!", and behind ETX the
// sum by XOR of what stands behind STX.
//
//	02 1.8.0(001234.567*kWh) 0D 0A … ! 0D 0A 03 check
func readout(data []byte) int {
	end := bytes.IndexByte(data, 0x03)
	if end < 6 || end+1 >= len(data) || !bytes.Contains(data[:end], []byte("!\r\n")) || bytes.IndexByte(data[:end], '(') < 0 {
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

// encrypted is the beginning of an APDU of IEC 62056-5-3, general-glo-ciphering: the
// system title, which begins with three letters of the maker, the length, what secures it.
//
//	DB 08 53 41 47 … 82 04 10 30
func encrypted(data []byte) int {
	if len(data) < 14 || data[1] != 8 || slices.ContainsFunc(data[2:5], func(b byte) bool { return b < 'A' || b > 'Z' }) {
		return 0
	}
	switch {
	case data[10] < 0x80 && data[11]&0x30 != 0:
		return 11 + int(data[10])
	case data[10] == 0x81 && data[12]&0x30 != 0:
		return 12 + int(data[11])
	case data[10] == 0x82 && data[13]&0x30 != 0:
		return 13 + int(data[11])<<8 + int(data[12])
	}
	return 0
}
