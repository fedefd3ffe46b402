package dlms_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"p1/pkg/dlms"
)

// inMBus puts a frame into M-Bus frames as EN 13757-2 and -3 have them.
func inMBus(frame []byte, most int) (wire []byte) {
	for k := 0; len(frame) > 0; k++ {
		piece := frame[:min(most, len(frame))]
		frame = frame[len(piece):]
		user := append([]byte{0x53, 0xFF, byte(k), 0x01, 0x67}, piece...)
		if len(frame) == 0 {
			user[2] |= 0x10
		}
		sum := byte(0)
		for _, b := range user {
			sum += b
		}
		wire = append(append(append(wire, 0x68, byte(len(user)), byte(len(user)), 0x68), user...), sum, 0x16)
	}
	return wire
}

// A frame that comes in pieces is as long as these, and put together it is the frame.
func TestWrapped(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{30, 244, 245, 246, 490, 491, 1200} {
		for _, most := range []int{245, 120} {
			frame := sealed(t, luxKey, luxAuth, luxTitle, 7, randomText(dice, n), 2)
			wire := inMBus(frame, most)[9:]
			data := append(bytes.Clone(wire), inMBus(frame, most)...) // and the next one after it
			if got := dlms.Wrapped(data, len(frame)); got != len(wire)-2 {
				t.Fatalf("%d bytes in pieces of %d: %d, want %d", n, most, got, len(wire)-2)
			}
			if got := dlms.Joined(wire[:len(wire)-2]); !bytes.Equal(got, frame) {
				t.Fatalf("%d bytes in pieces of %d: joined they are another frame", n, most)
			}
		}
	}
}
