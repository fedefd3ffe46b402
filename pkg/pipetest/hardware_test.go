package pipetest

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"os/exec"
	"testing"

	"p1/hardware/circuit"
	"p1/pkg/meter"
)

// faults are circuits that are wrong in one value, by so little that their noise makes
// them fail now and then; and the same receivers as hardware/README.md builds them.
var faults = []struct {
	name   string
	spoil  func(v *circuit.Values)
	values circuit.Values
	noise  float64 // V, standard deviation from byte to byte
	ones   bool    // the first 1s of runs are lost; otherwise the last 0s
	built  circuit.Values
}{
	{"weak collector resistor", func(v *circuit.Values) { v.Out = 8200 }, circuit.WeakCollector, 0.04, true, circuit.Built()[0]},
	{"strong pull-up, weak optocoupler", func(v *circuit.Values) { v.Tau = 1.1e-6 }, circuit.StrongPullUp, 0.03, true, circuit.Built()[3]},
	{"weak pull-up", func(v *circuit.Values) { v.PullUp, v.Cable = 10e3, 9 }, circuit.Built()[4], 0.04, false, circuit.Built()[4]},
}

// What a circuit does to telegrams is found again by the pipe that repairs them: with a
// bad value most edits are those of its signature, with the recommended one there is
// no damage.
func TestHardware(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if _, err := exec.LookPath("ngspice"); err != nil {
		t.Skip("there is no ngspice")
	}
	s, err := meter.New(meter.Options{Meter: "nl", Telegrams: 30, Seed: 1})
	must(t, err)
	var sent [][]byte
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		sent = append(sent, x.Sent)
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.spoil(&f.values)
			ones, zeros := edited(t, carry(t, f.values, sent, f.noise))
			t.Logf("edits that put back 1s: %d, 0s: %d", ones, zeros)
			if !f.ones {
				ones, zeros = zeros, ones
			}
			if ones < 20 || zeros*10 > ones {
				t.Errorf("the signature has %d edits, and its mirror %d", ones, zeros)
			}
			if log := carry(t, f.built, sent, f.noise); !bytes.Equal(log, bytes.Join(sent, nil)) {
				t.Error("the receiver as it is built damages what it carries")
			}
		})
	}
}

// carry returns the log of telegrams that went through a circuit.
func carry(t *testing.T, v circuit.Values, sent [][]byte, noise float64) (log []byte) {
	t.Helper()
	line, err := circuit.NewLine(v, sent...)
	must(t, err)
	dice := rand.New(rand.NewPCG(1, 2))
	for _, text := range sent {
		log = append(log, line.Carry(text, noise, dice)...)
	}
	return log
}

// edited repairs a log, and counts the edits of one byte that put back 1s only, or 0s
// only.
func edited(t *testing.T, log []byte) (ones, zeros int) {
	t.Helper()
	for _, l := range telegrams(lines(t, feed(t, log, "p1cat | p1frame | p1fix"))) {
		for _, e := range l.Edits {
			if len(e.Got) != 1 || len(e.Now) != 1 {
				continue
			}
			lost, added := bits.OnesCount8(e.Now[0]&^e.Got[0]), bits.OnesCount8(e.Got[0]&^e.Now[0])
			if lost > 0 && added == 0 {
				ones++
			}
			if added > 0 && lost == 0 {
				zeros++
			}
		}
	}
	return ones, zeros
}
