// Package dlms takes the bytes of a meter that encrypts its telegrams and gives the
// frames in them, and with the meter's key the text in a frame; or a text, and gives
// what of its frame is known before anything of it has come.
//
// A frame is a general-glo-ciphering APDU (IEC 62056-5-3, the "Green Book" DLMS UA
// 1000-2), here with suite 0, which is AES-128 in Galois/Counter Mode (NIST SP
// 800-38D). Meters of Luxembourg ("Smarty") and Austria send one for each telegram:
//
//	DB                       general-glo-ciphering
//	08                       length of the system title
//	53 41 47 67 70 05 8D 1C  system title: the maker in three letters (SAG), the device
//	82 04 1B                 length of what follows, in BER: 5 + text + 12
//	30                       security control: 30 authenticated and encrypted, 20 encrypted
//	00 00 A3 F1              frame counter
//	…                        ciphertext, as long as the text
//	…                        12 bytes of tag; none under security control 20
//
//	nonce            system title, frame counter
//	additional data  security control, authentication key
//	counter mode     begins at nonce 00 00 00 02; nonce 00 00 00 01 is for the tag
//
// A short one, the example of the Green Book (it holds 13 bytes; its length takes one
// byte, since below 80 BER needs no more):
//
//	DB 08 4D4D4D0000BC614E 1E 30 01234567 411312FF935A47566827C467BC 7D825C3BE4A77C3FCC056B6B
//	      └─ M M M         └─ 30 = 5 + 13 + 12
//
// Text that a key gives is worth nothing without a tag that verifies: any key gives
// some text. [Keys.Open] says which of the two it is.
package dlms

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// Tag is the first byte of a frame.
const Tag = 0xDB

// MaxFrame is how long a frame may be; no telegram is longer.
const MaxFrame = 64 << 10

// KeySize is the length of both keys in bytes.
const KeySize = 16

const (
	titleSize   = 8
	counterSize = 4
	tagSize     = 12
	// minText is the shortest telegram: /XXX5␍␊␍␊!␍␊.
	minText = 12
)

// Security control, of suite 0 and the key of the one meter.
const (
	encrypted     = 0x20
	authenticated = 0x10
)

// Title is the system title of a meter.
type Title [titleSize]byte

// named reports whether a title begins with the letters of a maker, as the standard has it. There
// are meters whose titles are numbers throughout.
func (t Title) named() bool {
	for _, b := range t[:3] {
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return true
}

// Found says whether something begins where one looked.
type Found int

// More stands for bytes that may become Yes or No when more of them have come.
const (
	No Found = iota
	More
	Yes
)

// Begins reports whether data begins as the frames of this meter do.
func (t Title) Begins(data []byte) Found {
	want := append([]byte{Tag, titleSize}, t[:]...)
	for i, b := range want {
		if i == len(data) {
			return More
		}
		if data[i] != b {
			return No
		}
	}
	return Yes
}

// Head is what a frame says of itself.
type Head struct {
	Title Title
	// Size is the length of the frame.
	Size int
	// Tagged is false where a frame carries no tag, so that nothing can verify it.
	Tagged bool

	security int // its place
}

// Look reads the head of a frame that begins at data[0]. It believes what is
// plausible: a known security control, a length that holds a telegram and is no longer
// than [MaxFrame], and, where that length takes one byte only, a title that begins with
// a maker of three capital letters. Of random bytes one place in 10⁹ is.
func Look(data []byte) (Head, Found) {
	var h Head
	for i, b := range data {
		switch {
		case i == 0 && b != Tag, i == 1 && b != titleSize:
			return h, No
		case i == 2+titleSize:
			copy(h.Title[:], data[2:])
			found := h.lengths(data)
			return h, found
		}
	}
	return h, More
}

// lengths reads the length and the security control, which data goes up to at least.
func (h *Head) lengths(data []byte) Found {
	at := 2 + titleSize
	n, octets := int(data[at]), 0
	at++
	switch {
	case n < 0x80 && !h.Title.named():
		return No
	case n == 0x81, n == 0x82:
		octets, n = n-0x80, 0
	case n >= 0x80:
		return No
	}
	for range octets {
		if at == len(data) {
			return More
		}
		n = n<<8 | int(data[at])
		at++
	}
	h.security, h.Size = at, at+n
	if h.Size > MaxFrame || n < 1+counterSize+minText {
		return No
	}
	if at == len(data) {
		return More
	}
	h.Tagged = data[at] == encrypted|authenticated
	if !h.Tagged && data[at] != encrypted || h.Tagged && n < 1+counterSize+minText+tagSize {
		return No
	}
	return Yes
}

// Keys are those of one meter, ready for use.
type Keys struct {
	block          cipher.Block
	gcm            cipher.AEAD
	authentication [KeySize]byte
}

// smarty is the authentication key of all meters of Luxembourg, which its P1
// specification (Creos, Luxmetering) has made public. Others use it too.
var smarty = [KeySize]byte{
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
}

// NewKeys takes the encryption key of a meter (also: global unicast key) and its
// authentication key; nil stands for that of Luxembourg.
func NewKeys(encryption, authentication []byte) (*Keys, error) {
	k := &Keys{authentication: smarty}
	if len(encryption) != KeySize {
		return nil, fmt.Errorf("a key has %d bytes, not %d", KeySize, len(encryption))
	}
	if authentication != nil && len(authentication) != KeySize {
		return nil, fmt.Errorf("an authentication key has %d bytes, not %d", KeySize, len(authentication))
	}
	if authentication != nil {
		copy(k.authentication[:], authentication)
	}
	var err error
	if k.block, err = aes.NewCipher(encryption); err != nil {
		return nil, err
	}
	k.gcm, err = cipher.NewGCMWithTagSize(k.block, tagSize)
	return k, err
}

// String keeps keys out of what is printed.
func (k *Keys) String() string { return "keys" }

// ErrFrame says that bytes are not one whole frame.
var ErrFrame = errors.New("not a whole frame")

// Open decrypts a frame, and reports whether its tag verifies. Where it does not, the
// text is what counter mode makes of the ciphertext: that of the meter, if the key is
// the right one and nothing is damaged, and who knows.
func (k *Keys) Open(frame []byte) (text []byte, verified bool, err error) {
	h, found := Look(frame)
	if found != Yes || h.Size != len(frame) {
		return nil, false, ErrFrame
	}
	counter := frame[h.security+1:]
	sealed := counter[counterSize:]
	nonce := append(h.Title[:], counter[:counterSize]...)
	if !h.Tagged {
		return k.decrypt(nonce, sealed), false, nil
	}
	additional := append([]byte{frame[h.security]}, k.authentication[:]...)
	if text, err := k.gcm.Open(nil, nonce, sealed, additional); err == nil {
		return text, true, nil
	}
	return k.decrypt(nonce, sealed[:len(sealed)-tagSize]), false, nil
}

// decrypt is GCM without its tag (NIST SP 800-38D §7.2): counter mode from the block
// after nonce 00000001. GCM counts in 32 bits and CTR in 128; in MaxFrame bytes
// neither overflows.
func (k *Keys) decrypt(nonce, ciphertext []byte) []byte {
	first := append(nonce[:len(nonce):len(nonce)], 0, 0, 0, 2)
	text := make([]byte, len(ciphertext))
	cipher.NewCTR(k.block, first).XORKeyStream(text, ciphertext)
	return text
}
