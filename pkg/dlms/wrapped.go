package dlms

import "bytes"

// Some grid operators have frames sent in frames of another protocol. Where one of these holds all
// of it, what is around it stands before and behind:
//
//	7E A8 3B CE FF 03 13 EE E1 E6 E7 00  DB 08 …  9A 4C 7E        HDLC (IEC 62056-46)
//	68 F1 F1 68 53 FF 00 01 67           DB 08 …  2B 16           M-Bus (EN 13757-2)
//
// An M-Bus frame holds 250 bytes at most, so that a telegram takes several, and between two
// pieces of it stand the end of one and the beginning of the next:
//
//	… 2B 16 68 F1 F1 68 53 FF 01 01 67 …
//	  │  │  └─ length, twice    │  └─ transport: from 1 to 67
//	  │  └─ end                 └─ address, and which piece it is
//	  └─ sum of all bytes from 53 on
const seamSize = 11

// isSeam reports whether data begins with what stands between two pieces in M-Bus frames.
func isSeam(data []byte) bool {
	return len(data) >= seamSize && data[1] == 0x16 && data[2] == 0x68 && data[3] == data[4] && data[5] == 0x68 &&
		data[6] == 0x53 && data[7] == 0xFF
}

// Wrapped returns how many bytes a frame takes of data that begins with it, as far as these
// tell: as many as it has, and what stands between its pieces where it comes in several.
func Wrapped(data []byte, size int) int {
	n := size
	eachSeam(data, func(at int) bool {
		if at >= n {
			return false
		}
		n += seamSize
		return true
	})
	return n
}

// Joined returns a frame without what stands between its pieces.
func Joined(frame []byte) []byte {
	var whole []byte
	from := 0
	eachSeam(frame, func(at int) bool {
		whole = append(whole, frame[from:at]...)
		from = at + seamSize
		return true
	})
	if from == 0 {
		return frame
	}
	return append(whole, frame[from:]...)
}

// eachSeam calls f for each seam in data until it returns false.
func eachSeam(data []byte, f func(at int) bool) {
	for at := 0; at+seamSize <= len(data); {
		n := bytes.Index(data[at+1:], []byte{0x16, 0x68})
		if n < 0 {
			return
		}
		at += n
		if !isSeam(data[at:]) {
			at++
			continue
		}
		if !f(at) {
			return
		}
		at += seamSize
	}
}
