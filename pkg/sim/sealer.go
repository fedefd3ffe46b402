package sim

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// DemoKey is the key of the simulated meters that encrypt, in hex digits. A real
// meter's key is known to its grid operator, who hands it to the household.
const DemoKey = "000102030405060708090A0B0C0D0E0F"

// The key as bytes, and the authentication keys: the one that all meters in
// Luxembourg have, and one that nobody who reads them knows.
var (
	demoKey               = []byte{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F}
	knownAuthentication   = []byte{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF}
	unknownAuthentication = []byte{0xD7, 0xA4, 0xE0, 0xB1, 0x6C, 0x3F, 0x58, 0x92, 0x2B, 0x9E, 0x4C, 0x71, 0xF0, 0x86, 0x3D, 0xA5}
)

// A sealer wraps telegrams into frames that only who has the key can read:
// general-glo-ciphering of the DLMS UA green book, §9.2.7, with AES-128-GCM, as the
// P1 specification for Smarty 1.1.3 uses it.
//
//	DB                        general-glo-ciphering
//	08 53 41 47 67 00 5A 12 C3   system title: eight bytes, the maker's letters and a number
//	82 02 BA                  how many bytes follow, in two
//	30                        security control: authenticated and encrypted
//	00 01 1E 5C               frame counter
//	…                         the telegram, encrypted
//	…                         twelve bytes of tag
//
// The nonce is the system title with the frame counter after it. Authenticated is
// the telegram, and before it the security control and the authentication key.
type sealer struct {
	gcm            cipher.AEAD
	authentication []byte
	title          [8]byte
	counter        uint32 // of the next frame
}

const (
	securityControl = 0x30
	tagSize         = 12
)

// newSealer draws the system title of a meter and what its frame counter stands at.
func newSealer(gcm cipher.AEAD, d dice, maker string, fresh bool, tag string) *sealer {
	s := &sealer{gcm: gcm, authentication: knownAuthentication, counter: 1}
	if tag == "wrong" {
		s.authentication = unknownAuthentication
	}
	for i := copy(s.title[:], maker); i < len(s.title); i++ {
		s.title[i] = byte(d.below(256))
	}
	if !fresh {
		s.counter = uint32(d.between(100_000, 9_000_000))
	}
	return s
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("meter: %w", err)
	}
	return cipher.NewGCMWithTagSize(block, tagSize)
}

// seal makes a frame of a telegram.
func (s *sealer) seal(text []byte) []byte {
	frame := make([]byte, 0, len(text)+64)
	frame = append(frame, 0xDB, byte(len(s.title)))
	frame = append(frame, s.title[:]...)
	frame = append(frame, 0x82)
	frame = binary.BigEndian.AppendUint16(frame, uint16(1+4+len(text)+tagSize))
	frame = append(frame, securityControl)
	frame = binary.BigEndian.AppendUint32(frame, s.counter)
	nonce := binary.BigEndian.AppendUint32(append([]byte(nil), s.title[:]...), s.counter)
	authenticated := append([]byte{securityControl}, s.authentication...)
	return s.gcm.Seal(frame, nonce, text, authenticated)
}
