package channel_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"p1/pkg/channel"
	"p1/pkg/sim"
)

const (
	baud = 115200.0
	bit  = 1 / baud
)

// slow is a line of 5 V whose edges are late at random. How late an edge is varies
// from byte to byte, and less from edge to edge.
type slow struct {
	falls  bool    // it is the falling edges that are slow
	late   float64 // on average, in bits
	ofByte float64 // standard deviation of that from byte to byte
	ofEdge float64 // and from edge to edge of a byte
}

// carry returns what a UART makes of a text, each byte for itself.
func (s slow) carry(text []byte) [][]sim.Sampled {
	d := rand.New(rand.NewPCG(1, 1))
	uart := sim.Sampler{Baud: baud, Low: 2.4, High: 2.6, Clock: 16}
	var all [][]sim.Sampled
	for _, b := range text {
		all = append(all, uart.Receive(s.draw(b, d)))
	}
	return all
}

// draw charges and discharges a capacitor; the slow way it takes so long to half of
// the voltage as the edge is late, the other way a hundredth of a bit.
func (s slow) draw(b byte, d *rand.Rand) []sim.Volt {
	const step = bit / 32
	drive := sim.NewDrive(baud, []byte{b}, nil, 3)
	ofByte := s.late + s.ofByte*d.NormFloat64()
	level, target, next, tau := 5.0, 5.0, 0, bit
	phase := d.Float64() * bit / 16 // of the UART's clock
	var line []sim.Volt
	for i := range int((drive.End + 2*bit) / step) {
		t := float64(i) * step
		level += (target - level) * (1 - math.Exp(-step/tau))
		line = append(line, sim.Volt{Time: t + phase, V: level})
		if next == len(drive.Edges) || drive.Edges[next].Time > t+step/2 {
			continue
		}
		target, tau = 0, bit/100
		if drive.Edges[next].High {
			target = 5
		}
		if drive.Edges[next].High != s.falls {
			tau = max(ofByte+s.ofEdge*d.NormFloat64(), 0.01) * bit / math.Ln2
		}
		next++
	}
	return line
}

// simulated is what a meter sends, without the filler of its message.
func simulated(t *testing.T) []byte {
	t.Helper()
	s, err := sim.New(sim.Options{Telegrams: 4, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		text = append(text, bytes.ReplaceAll(x.Sent, []byte{0xFF}, nil)...)
	}
	return text
}

// What a UART makes of rising edges that are late at random has the shares that a
// Model expects: all the first 1s of a byte lost, or, of a byte with several, seldom
// only some, and nothing else.
//
// How often only some are lost is a matter of how much lateness differs from edge to
// edge. On the real line of shared/FACTS.md §3 it was 4 % of the hits. Here it is
// about that where the edges of a byte differ a fiftieth as much as bytes do; where
// they differ a fourth as much it would be a third of the hits.
func TestSampledRise(t *testing.T) {
	text := simulated(t)
	all := slow{late: 0.4, ofByte: 0.1, ofEdge: 0.002}.carry(text)
	m := channel.NewModel(false)
	m.Sent(len(text))
	var hits, first, some float64
	readings := map[byte]map[byte]int{}
	for i, sent := range text {
		if len(all[i]) != 1 {
			t.Fatalf("%q is read as %v", sent, all[i])
		}
		got, edges := all[i][0].Value, sent&^(sent<<1)
		if got == sent {
			continue
		}
		m.Hit(sent, got)
		hits++
		if readings[sent] == nil {
			readings[sent] = map[byte]int{}
		}
		readings[sent][got]++
		switch {
		case got == sent&^edges:
			first++
		case got&^sent == 0 && sent&^got&^edges == 0:
			some++
		}
	}
	t.Logf("%d bytes, %.0f hits, of which %.3f lost all first 1s and %.3f some", len(text), hits, first/hits, some/hits)
	if hits < 500 || first+some != hits {
		t.Fatalf("%v hits, of which %v are those of late rising edges", hits, first+some)
	}
	if share := some / hits; share < 0.01 || share > 0.12 {
		t.Errorf("in %.3f of the hits only some 1s are lost", share)
	}
	m.Settle()
	if share := (m.Rate(channel.Rise) + m.Rate(channel.RiseOne)) / m.HitRate(); share < 0.97 {
		t.Errorf("the model takes %.3f of the hits for late rising edges", share)
	}
	for sent, list := range readings {
		for got, n := range list {
			for r := range 256 {
				if byte(r) != sent && n > 10 && list[byte(r)]*5 < n && m.Costs().Reading(sent, byte(r)) < m.Costs().Reading(sent, got) {
					t.Errorf("%q is read %d times as %#x and %d times as %#x, at costs %.1f and %.1f", sent, n, got, list[byte(r)], r, m.Costs().Reading(sent, got), m.Costs().Reading(sent, byte(r)))
				}
			}
		}
	}
}

// Where the falling edges are late, that of the start bit is among them. The UART
// locks as late, so that the rising ones come early: the last 0 of each run of 0s,
// that before the stop bit too, is read as 1, '0' as 0xB8. A Model's Fall is another
// thing, the first 0 of each run read as 1, which takes a start edge that was in time.
func TestSampledFall(t *testing.T) {
	text := simulated(t)
	var hits, last, first float64
	for i, heard := range (slow{falls: true, late: 0.6, ofByte: 0.02}).carry(text) {
		sent := text[i]
		if sent&1 == 1 || len(heard) == 0 { // of the start bit alone, too little is left
			continue
		}
		hits++
		switch levels := uint16(sent) | 1<<8; heard[0].Value { // with the stop bit
		case byte(levels | levels&^(levels<<1)>>1):
			last++
		case sent | ^sent&(sent<<1):
			first++
		}
	}
	t.Logf("%.0f hits: the last 0s are lost in %.3f of them, the first in %.3f", hits, last/hits, first/hits)
	if hits < 500 || last < 0.9*hits {
		t.Errorf("of %v hits %v have lost the last 0s, and %v the first", hits, last, first)
	}
}
