package sources

import (
	"fmt"
	"testing"
)

// What is not new depends on what it is: a plain history says the same.
func TestSeen(t *testing.T) {
	t.Parallel()
	clocked := func(n int) string { return fmt.Sprintf("/A\r\n\r\n0-0:1.0.0(%012dW)\r\n!\r\n", n) }
	quiet := func(n int) string { return fmt.Sprintf("/A\r\n\r\n1-0:1.7.0(%d*kW)\r\n!\r\n", n) }
	s := newSeen()
	for i, c := range []struct {
		text string
		kept bool // the broker says that it may have come
		is   bool
	}{
		{clocked(1), true, true}, {clocked(1), true, false}, {clocked(1), false, false},
		{clocked(2), false, true}, {clocked(1), false, false}, {clocked(3), false, true}, {clocked(2), true, false},
		{quiet(1), false, true}, {quiet(1), false, false}, {quiet(2), false, true}, {quiet(1), false, true},
		{quiet(2), true, false}, {quiet(2), false, true}, // what was passed over is not the last one
		{"1-0:1.8.0(1*kWh)", false, true}, {"1-0:1.8.0(1*kWh)", false, true}, {"1-0:1.8.0(1*kWh)", true, false},
		{"", false, true}, {"", false, true}, {"!", false, true}, {"!", false, true},
	} {
		back := reachOf([]byte(c.text))
		if c.kept {
			back = ever
		}
		if s.isNew([]byte(c.text), back) != c.is {
			t.Errorf("%d: %q is new: %v", i, c.text, !c.is)
		}
	}
	for n := range 3 * remembered {
		if text := []byte(clocked(10 + n)); !s.isNew(text, ever) || s.isNew(text, ever) || s.isNew(text, last) {
			t.Fatalf("telegram %d", n)
		}
		if old := []byte(clocked(10 + n - remembered + 1)); n >= remembered && s.isNew(old, ever) {
			t.Fatalf("telegram %d is forgotten too early", n)
		}
	}
	if len(s.hashes) != remembered {
		t.Errorf("%d are remembered", len(s.hashes))
	}
}
