package dlms

import (
	"crypto/aes"
	"encoding/binary"
)

// BlockSize is how many bytes of a text are encrypted at once.
const BlockSize = aes.BlockSize

// Form is how the frames of one meter are written.
type Form struct {
	Title   Title
	Tagged  bool
	octets  int // of the length behind 81 or 82; 0 where it takes one byte alone
	control byte
}

// Read returns the form of a frame that [Look] finds, and its counter.
func Read(frame []byte) (f Form, counter uint32, ok bool) {
	h, found := Look(frame)
	if found != Yes || len(frame) < h.security+1+counterSize {
		return f, 0, false
	}
	f = Form{Title: h.Title, Tagged: h.Tagged, octets: h.security - (2 + titleSize + 1), control: frame[h.security]}
	return f, binary.BigEndian.Uint32(frame[h.security+1:]), true
}

// Tail is how many bytes follow the ciphertext.
func (f Form) Tail() int {
	if f.Tagged {
		return tagSize
	}
	return 0
}

// Head returns what stands before the ciphertext of a text of n bytes.
func (f Form) Head(counter uint32, n int) []byte {
	n += 1 + counterSize + f.Tail()
	head := append([]byte{Tag, titleSize}, f.Title[:]...)
	switch {
	case f.octets == 0 && n < 0x80:
		head = append(head, byte(n))
	case f.octets <= 1 && n <= 0xFF:
		head = append(head, 0x81, byte(n))
	default:
		head = append(head, 0x82, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(head, f.control), counter)
}

func (f Form) nonce(counter uint32) []byte {
	return binary.BigEndian.AppendUint32(append(make([]byte, 0, BlockSize), f.Title[:]...), counter)
}

// Stream returns what each of the first n bytes of a text is XORed with in a frame.
func (k *Keys) Stream(f Form, counter uint32, n int) []byte {
	return k.decrypt(f.nonce(counter), make([]byte, n))
}

// Block writes what block i of a text is XORed with, see [BlockSize].
func (k *Keys) Block(to []byte, f Form, counter uint32, i int) {
	k.block.Encrypt(to, binary.BigEndian.AppendUint32(f.nonce(counter), uint32(i+2)))
}

// Tag returns the tag of a text; nil where frames of this form have none.
func (k *Keys) Tag(f Form, counter uint32, text []byte) []byte {
	if !f.Tagged {
		return nil
	}
	additional := append([]byte{f.control}, k.authentication[:]...)
	return k.gcm.Seal(nil, f.nonce(counter), text, additional)[len(text):]
}
