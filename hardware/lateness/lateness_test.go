package lateness

import (
	"bytes"
	"math"
	"testing"
)

// The table is written as it was read.
func TestTable(t *testing.T) {
	var again bytes.Buffer
	if err := Write(&again, rows()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Bytes(), table) {
		t.Error("the table is written otherwise than it is committed")
	}
	if _, err := Read(bytes.NewReader([]byte("a,b\n1,2\n"))); err == nil {
		t.Error("another table is read")
	}
}

// Each curve rises from value to value or falls, so that a lateness belongs to one value,
// and At and Ohms are the inverse of each other.
func TestInverse(t *testing.T) {
	n := 0
	for receiver, parts := range map[string][]string{"transistor": {Collector, PullUp}, "hc14": {PullUp}, "ftdi": {PullUp}, "direct": {PullUp}} {
		for _, part := range parts {
			for _, c := range Curves(receiver, part) {
				n++
				for i, r := range c.Rows {
					f, ok := c.At(r.Ohm)
					if !ok || f != r.Figures || f.Least > f.Mean+0.005 || f.Mean > f.Most+0.005 || f.PerVolt <= 0 || f.Room <= 0 {
						t.Errorf("%s, %s, %g Ω: %+v", receiver, c.Circuit, r.Ohm, f)
					}
					if i == 0 {
						continue
					}
					if before := c.Rows[i-1]; before.Ohm >= r.Ohm || before.Mean != r.Mean && (part == Collector) != (before.Mean < r.Mean) {
						t.Errorf("%s, %s: %g Ω after %g Ω", receiver, c.Circuit, r.Ohm, before.Ohm)
					}
					if c.Rows[i-1].Mean == r.Mean {
						continue
					}
					middle := math.Sqrt(c.Rows[i-1].Ohm * r.Ohm)
					f, _ = c.At(middle)
					if back := c.Ohms(f.Mean); len(back) != 1 || math.Abs(back[0]/middle-1) > 1e-9 {
						t.Errorf("%s, %s: %g Ω is %g µs, and that is %v Ω", receiver, c.Circuit, middle, f.Mean, back)
					}
				}
				if _, ok := c.At(c.Rows[0].Ohm / 2); ok {
					t.Error("there are figures for a value that was not simulated")
				}
			}
		}
	}
	if n != 18+10+10+20+20 {
		t.Errorf("%d curves", n)
	}
	if Curves("opto", PullUp) != nil {
		t.Error("there are curves of a receiver that was not simulated")
	}
}
