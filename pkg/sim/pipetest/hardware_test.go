package pipetest

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"math/rand/v2"
	"os/exec"
	"testing"

	"p1/hardware/circuit"
	"p1/pkg/sim"
)

// faults are circuits that are wrong in one value, by so little that their noise makes
// them fail now and then; and the same receivers as hardware/README.md builds them.
var faults = []struct {
	name   string
	spoil  func(v *circuit.Values)
	values circuit.Values
	noise  float64 // V, standard deviation from byte to byte
	built  circuit.Values

	receiver  string // as p1noise calls it
	signature string
	cause     string // the first of the causes that p1noise gives
}{
	{
		"weak collector resistor", func(v *circuit.Values) { v.Out = 8200 }, circuit.WeakCollector, 0.04, circuit.Built()[0],
		"transistor", "ones-lost", "the collector resistor is too weak for the capacitance behind it",
	},
	{
		"strong pull-up, weak optocoupler", func(v *circuit.Values) { v.Tau = 1.1e-6 }, circuit.StrongPullUp, 0.03, circuit.Built()[3],
		"ftdi", "ones-lost", "the wire's pull-up is too strong for the weak optocoupler in the meter, which cannot pull the wire down in time",
	},
	{
		"weak pull-up", func(v *circuit.Values) { v.PullUp, v.Cable = 10e3, 9 }, circuit.Built()[4], 0.04, circuit.Built()[4],
		"direct", "zeros-lost", "the wire's pull-up is too weak for the capacitance of the cable",
	},
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
	s, err := sim.New(sim.Options{Meter: "nl", Telegrams: 30, Seed: 1})
	must(t, err)
	var sent [][]byte
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		sent = append(sent, x.Sent)
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.spoil(&f.values)
			fixed := feed(t, carry(t, f.values, sent, f.noise), "p1cat | p1frame | p1fix")
			ones, zeros := edited(t, fixed)
			if f.signature == "zeros-lost" {
				ones, zeros = zeros, ones
			}
			if ones < 20 || zeros*10 > ones {
				t.Errorf("the signature has %d edits, and its mirror %d", ones, zeros)
			}
			diagnosed(t, fixed, f.receiver, f.signature, f.cause)
			if log := carry(t, f.built, sent, f.noise); !bytes.Equal(log, bytes.Join(sent, nil)) {
				t.Error("the receiver as it is built damages what it carries")
			}
		})
	}
}

// carry returns the log of telegrams that went through a circuit.
func carry(t *testing.T, v circuit.Values, sent [][]byte, noise float64) (log []byte) {
	t.Helper()
	line, err := newCircuitLine(v, sent...)
	must(t, err)
	dice := rand.New(rand.NewPCG(1, 2))
	for _, text := range sent {
		log = append(log, line.carry(text, noise, dice)...)
	}
	return log
}

// diagnosed fails unless p1noise names the signature and the cause first.
func diagnosed(t *testing.T, fixed []byte, receiver, signature, cause string) {
	t.Helper()
	var said struct {
		Diagnosis struct {
			Headline string
			Findings []struct{ Signature string }
			Remedies []struct{ Cause string }
		}
	}
	must(t, json.Unmarshal(feed(t, fixed, "p1noise --json --receiver "+receiver), &said))
	d := said.Diagnosis
	t.Log(d.Headline)
	if len(d.Findings) == 0 || d.Findings[0].Signature != signature {
		t.Errorf("the first finding is not %s: %+v", signature, d.Findings)
	}
	if len(d.Remedies) == 0 || d.Remedies[0].Cause != cause {
		t.Errorf("the first cause is not %q: %+v", cause, d.Remedies)
	}
}

// edited counts the edits of one byte that put back 1s only, or 0s only.
func edited(t *testing.T, fixed []byte) (ones, zeros int) {
	t.Helper()
	for _, l := range telegrams(lines(t, fixed)) {
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
