package diagnose

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"p1/pkg/record"
)

// pieceText is a telegram of which there are pieces.
const pieceText = "/AUX59901234567\r\n\r\n0-0:1.0.0(260301000000W)\r\n0-0:96.1.0(7776772044)\r\n" +
	"1-0:1.8.0(008234.524*kWh)\r\n1-0:2.8.0(000017.003*kWh)\r\n1-0:32.7.0(231.4*V)\r\n1-0:31.7.0(002*A)\r\n!5B60\r\n"

// withReferences knows n meters, whose headers differ.
func withReferences(n int) *Diagnoser {
	d := New(Options{})
	for i := range n {
		raw := bytes.Replace([]byte(pieceText), []byte("1234567"), fmt.Appendf(nil, "%07d", i), 1)
		d.references[fmt.Sprint(i)] = &reference{last: &record.Telegram{Status: record.OK, Raw: raw}}
	}
	d.totals.Telegrams = 1
	return d
}

// A piece is seen to be one however its digits and a few of its bytes have changed: what
// is told without an alignment is never what the alignment would have found.
func TestPieces(t *testing.T) {
	d := withReferences(1)
	r := d.references["0"]
	dice := rand.New(rand.NewPCG(9, 1))
	found, told := 0, 0
	for range 2000 {
		n := 9 + dice.IntN(len(pieceText)-9)
		data := []byte(pieceText[:n])
		if dice.IntN(2) == 0 {
			data = []byte(pieceText[len(pieceText)-n:])
		}
		for range dice.IntN(2 * n) {
			switch at := dice.IntN(len(data)); dice.IntN(3) {
			case 0:
				data[at] = byte(dice.IntN(256))
			case 1:
				data = append(data[:at:at], data[at+1:]...)
			default:
				data = append(append(data[:at:at], byte(dice.IntN(256))), data[at:]...)
			}
		}
		switch is := r.expect().holds(data); {
		case is && !r.mayHold(data, gramsIn(data)):
			t.Fatalf("%q is a piece, and it is said that it is none", data)
		case is:
			found++
		case !r.mayHold(data, gramsIn(data)):
			told++
		}
	}
	if found < 100 || told < 400 {
		t.Errorf("%d pieces and %d others that were told at once: too few to say much", found, told)
	}
}

// BenchmarkNoise takes noise records of many meters that look like headers.
func BenchmarkNoise(b *testing.B) {
	for _, x := range []struct {
		name string
		data []byte
	}{
		{"header", []byte("/ISK5\\2M550T-1012\r\n")},
		{"lines", bytes.Repeat([]byte("/ISK5\\2M550T-1012 gas=17.2 up=yes\r\n"), 30)},
	} {
		b.Run(x.name, func(b *testing.B) {
			d := withReferences(maxReferences)
			n := &record.Noise{Data: x.data}
			b.SetBytes(int64(len(x.data)))
			for b.Loop() {
				d.takeNoise(n)
			}
		})
	}
}
