package pipetest

import (
	"math/rand/v2"

	"p1/hardware/circuit"
	"p1/pkg/sim"
)

// circuitLine carries whole telegrams through a circuit. Each value of a byte is simulated
// once, between bytes of 0xFF; the voltage of a telegram is made of these pieces. So
// what the byte before has left in the circuit is not in it but for its stop bit.
type circuitLine struct {
	values circuit.Values
	pieces [256][]sim.Volt // from the start bit on, which is at 0
}

// newCircuitLine simulates the bytes that the texts hold.
func newCircuitLine(v circuit.Values, texts ...[]byte) (*circuitLine, error) {
	var there [256]bool
	for _, text := range texts {
		for _, b := range text {
			there[b] = true
		}
	}
	text := []byte{0xFF}
	for b := range there {
		if there[b] {
			text = append(text, byte(b), 0xFF)
		}
	}
	d := sim.NewDrive(circuit.Baud, text, nil, 20)
	lines, err := v.Simulate(d)
	if err != nil {
		return nil, err
	}
	l := &circuitLine{values: v}
	at := 0
	for i := 1; i < len(text); i += 2 {
		for lines.UART[at].Time < d.Starts[i] {
			at++
		}
		for k := at; k < len(lines.UART) && lines.UART[k].Time < d.Starts[i]+10*circuit.Bit; k++ {
			p := lines.UART[k]
			l.pieces[text[i]] = append(l.pieces[text[i]], sim.Volt{Time: p.Time - d.Starts[i], V: p.V})
		}
	}
	return l, nil
}

// carry returns what the UART makes of a text that is sent without a pause. To the
// line is added a voltage that differs from byte to byte, normally distributed with
// the standard deviation noise in V. As the clocks of sender and UART are not the same,
// bytes come up to a sixteenth of a bit later than ten bits after the one before.
func (l *circuitLine) carry(text []byte, noise float64, dice *rand.Rand) []byte {
	if len(text) == 0 {
		return nil
	}
	idle := l.pieces[text[0]][0].V
	line := []sim.Volt{{Time: 0, V: idle}}
	begin := 20 * circuit.Bit
	for _, b := range text {
		add := noise * dice.NormFloat64()
		for _, p := range l.pieces[b] {
			line = append(line, sim.Volt{Time: begin + p.Time, V: p.V + add})
		}
		begin += (10 + dice.Float64()/16) * circuit.Bit
	}
	line = append(line, sim.Volt{Time: begin + circuit.Bit, V: idle}, sim.Volt{Time: begin + 20*circuit.Bit, V: idle})
	var read []byte
	for _, h := range l.values.Sampler().Receive(line) {
		read = append(read, h.Value)
	}
	return read
}
