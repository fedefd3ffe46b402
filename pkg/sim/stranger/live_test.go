package stranger_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/stranger"
)

// The first twelve telegrams of a noisy line count; at least 90 % of them must come out.
const (
	firstTelegrams = 12
	liveFloor      = 0.9
)

// liveNoises hit a share of the bytes, those after a pause as the others. A flip is of
// one of ten bit times of a character.
func liveNoises(rate float64) []string {
	return []string{
		fmt.Sprintf("noise=slow-rise&rate=%g&pause-rate=%g", rate, rate),
		fmt.Sprintf("noise=slow-fall&rate=%g&pause-rate=%g", rate, rate),
		fmt.Sprintf("noise=flip&rate=%g", rate/10),
		fmt.Sprintf("noise=delete&rate=%g", rate),
	}
}

// A start is what came of the first telegrams of lines.
type start struct {
	telegrams, damaged int
	right              int // ok or repaired, and what was sent
	wrong, luck        int // repaired, or ok as received, and not what was sent
	ends               int // of the wrong: in no more than the line end behind the CRC
	repairs            promise
}

func (s *start) merge(o start) {
	s.telegrams += o.telegrams
	s.damaged += o.damaged
	s.right += o.right
	s.wrong += o.wrong
	s.luck += o.luck
	s.ends += o.ends
	s.repairs.merge(o.repairs)
}

// listen sends the first telegrams of a meter through a line.
func listen(tb testing.TB, m *stranger.Meter, query string, lookahead int) start {
	tb.Helper()
	o, err := sim.ParseOptions("meter=nl&" + query)
	if err != nil {
		tb.Fatal(err)
	}
	line, err := sim.NewLine(o)
	if err != nil {
		tb.Fatal(err)
	}
	p := newPipe(tb, repair.Options{MinConfidence: minConfidence, Lookahead: lookahead})
	var s start
	var sent [][]byte
	var ends []int64
	var out []handed
	for range firstTelegrams {
		text := m.Next()
		received, hits := line.Carry(text)
		s.telegrams++
		if hits > 0 {
			s.damaged++
		}
		sent = append(sent, text)
		out = append(out, p.send(received)...)
		ends = append(ends, p.offset)
	}
	s.judge(sent, ends, telegrams(append(out, p.close()...)), func(i int, h handed) {
		tb.Logf("%s, seed %d, %s, lookahead %d, telegram %d: %s %g: %q", m.Dialect.Name, m.Seed, query, lookahead, i+1, h.Status, h.Confidence, notSent(h.Raw, sent[i]))
	})
	return s
}

// judge holds what came out against what was sent. Each record belongs to the
// transmission in whose part of the log its middle byte lies. Mistaken is told of what is
// not right.
func (s *start) judge(sent [][]byte, ends []int64, out []handed, mistaken func(i int, h handed)) {
	claimed := make([]bool, len(sent))
	for _, h := range out {
		if h.Status != "ok" && h.Status != "repaired" {
			continue
		}
		middle := h.Offset + int64(len(h.all)/2)
		i := slices.IndexFunc(ends, func(end int64) bool { return middle < end })
		same := !claimed[i] && sameTelegram(h.Raw, sent[i])
		right := same
		if h.Status == "repaired" {
			right = same && bytes.Equal(h.Raw, sent[i])
			s.repairs.add(h.Confidence, right)
		}
		if same && !right {
			s.ends++
		}
		switch {
		case right:
			claimed[i] = true
			s.right++
			continue
		case h.Status == "repaired":
			s.wrong++
		default:
			s.luck++
		}
		mistaken(i, h)
	}
}

// The first telegrams of a noisy meter that nobody has seen, of each dialect: with no
// telegram after it to help, as on a live line, and with those that follow.
func TestFirstTwelve(t *testing.T) {
	t.Parallel()
	var all start
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-10s %6s %12s %9s %9s %9s %6s %8s %6s\n", "first", "rate", "lookahead", "telegrams", "damaged", "come out", "wrong", "line end", "luck")
	for _, d := range stranger.Dialects() {
		for _, rate := range []float64{0.001, 0.004} {
			for _, ahead := range []int{repair.NoLookahead, 0} {
				s := begin(t, d, rate, ahead)
				name := map[bool]string{true: "0", false: "usual"}[ahead == repair.NoLookahead]
				fmt.Fprintf(&b, "%-10s %6g %12s %9d %9d %9s %6d %8d %6d\n", d.Name, rate, name, s.telegrams, s.damaged, share(s.right, s.telegrams), s.wrong, s.ends, s.luck)
				if got := float64(s.right) / float64(s.telegrams); longtest.Pick(false, false, true) && got < liveFloor {
					t.Errorf("%s, %g of the bytes hit, lookahead %s: %.3f of the first telegrams come out, want %g", d.Name, rate, name, got, liveFloor)
				}
				all.merge(s)
			}
		}
	}
	fmt.Fprintf(&b, "repairs: %s\n", all.repairs)
	t.Log(b.String())
	if !all.repairs.kept() {
		t.Errorf("repairs: %s", all.repairs)
	}
}

// begin listens to some meters of a dialect, through each noise.
func begin(tb testing.TB, d stranger.Dialect, rate float64, lookahead int) start {
	tb.Helper()
	var s start
	for i, noise := range liveNoises(rate) {
		for seed := range longtest.Pick(1, 2, 25) {
			m := d.Meter(stranger.Prescribed, uint64(90_000+100*i+seed))
			s.merge(listen(tb, m, fmt.Sprintf("%s&seed=%d", noise, seed+1), lookahead))
		}
	}
	return s
}
