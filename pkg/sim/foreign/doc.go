// Package foreign turns a seed into a stream of what is no P1 at all but lands on the same
// port, or in the same program: other protocols of meters, made after their standards, and
// files of other kinds.
//
// Each stream carries the words by which a person would know it again. It makes what the
// commands are measured by, so it knows nothing of how they recognise it.
package foreign

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// A Protocol is one kind of stream.
type Protocol struct {
	Name  string
	File  string   // how a file of it is called
	Words []string // one of which must be said, in lower case
	Make  func(d *rand.Rand) [][]byte
}

// Stream is the bytes of a protocol; another seed gives another house.
func (p Protocol) Stream(seed uint64) []byte { return slices.Concat(p.Frames(seed)...) }

// Frames is the same in the pieces that are sent at once.
func (p Protocol) Frames(seed uint64) [][]byte {
	return p.Make(rand.New(rand.NewPCG(seed, uint64(len(p.Name)))))
}

// Protocols lists the kinds.
func Protocols() []Protocol {
	return slices.Concat(hdlcs(), mbuses(), smls(), readouts(), gcms(), others())
}

// pushes is how many frames a stream has.
const pushes = 40

// repeat makes frames one after the other; i counts them.
func repeat(frame func(d *rand.Rand, i int) []byte) func(*rand.Rand) [][]byte {
	return func(d *rand.Rand) [][]byte {
		var out [][]byte
		for i := range pushes {
			out = append(out, frame(d, i))
		}
		return out
	}
}

// random are so many random bytes: what is encrypted looks like that.
func random(d *rand.Rand, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(d.Uint32())
	}
	return out
}

// crc is a reflected CRC of 16 bits.
func crc(b []byte, polynomial, start, end uint16) uint16 {
	c := start
	for _, x := range b {
		c ^= uint16(x)
		for range 8 {
			low := c & 1
			c >>= 1
			if low == 1 {
				c ^= polynomial
			}
		}
	}
	return c ^ end
}

// fcs is the checksum of HDLC and SML: CRC-16/X-25, its low byte first.
func fcs(b []byte) []byte {
	return binary.LittleEndian.AppendUint16(nil, crc(b, 0x8408, 0xFFFF, 0xFFFF))
}

// A house draws what a meter measures.
type house struct {
	watts  uint32
	energy uint32 // Wh
	volts  [3]uint16
	amps   [3]uint16 // hundredths
}

func newHouse(d *rand.Rand, i int) house {
	h := house{watts: 200 + d.Uint32N(4000), energy: 4_321_000 + uint32(i)*7}
	for p := range h.volts {
		h.volts[p] = uint16(2280 + d.IntN(60))
		h.amps[p] = uint16(d.IntN(1600))
	}
	return h
}
