package repair_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// hardInputs are logs that ask for much work and give little for it.
func hardInputs(t testing.TB) map[string][]byte {
	known := strings.Join(transmissions(t, "meter=hu&telegrams=8"), "")
	header := known[:strings.Index(known, "\r\n")+4]
	dice := rand.New(rand.NewPCG(1, 6))
	own := lines(known)
	var one, any, random strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&one, "1-0:1.8.0(%06d.%03d*kWh)\r\n", i, i%1000)
		any.WriteString(own[dice.IntN(len(own))])
		if i%40 == 0 {
			random.WriteString(header)
		}
		fmt.Fprintf(&random, "%d-%d:%d.%d.%d(%d)\r\n", dice.IntN(100), dice.IntN(100), dice.IntN(100), dice.IntN(100), dice.IntN(100), dice.Uint64())
		if i%40 == 39 {
			fmt.Fprintf(&random, "!%04X\r\n", dice.IntN(1<<16))
		}
	}
	return map[string][]byte{
		"one line again and again, without an end": []byte(known + header + one.String()),
		"lines in any order, without an end":       []byte(known + header + any.String()),
		"random lines":                             []byte(known + random.String()),
		"300 meters by turns":                      byTurns(t, 300, dice),
	}
}

// lines lists the lines of a text that have a value and are not long.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if len(line) < 60 && strings.Contains(line, "(") {
			list = append(list, line)
		}
	}
	return list
}

// byTurns is the telegrams of many meters by turns, the first ones clean, and of the
// others each damaged.
func byTurns(t testing.TB, meters int, dice *rand.Rand) []byte {
	sent := make([][]string, meters)
	for i := range sent {
		sent[i] = transmissions(t, fmt.Sprintf("meter=nl&telegrams=3&seed=%d", i))
	}
	var log []byte
	for turn := range 3 {
		for i := range sent {
			b := []byte(sent[i][turn])
			for range 4 * turn {
				b[dice.IntN(len(b))] ^= 1 << dice.IntN(7)
			}
			log = append(log, b...)
		}
	}
	return log
}

// No telegram, of however many lines and meters, costs more than 20 ms.
func TestWorkIsBounded(t *testing.T) {
	longtest.Needs(t, "it measures time")
	const most = 20 * time.Millisecond
	for name, log := range hardInputs(t) {
		records := framed(t, log)
		for _, lookahead := range []int{repair.NoLookahead, 100} {
			begin := time.Now()
			fix(t, records, repair.Options{MinConfidence: 0.999, Lookahead: lookahead})
			if each := time.Since(begin) / time.Duration(len(records)); each > most {
				t.Errorf("%s: %v a telegram at lookahead %d, want at most %v", name, each, max(lookahead, 0), most)
			}
		}
	}
}

// BenchmarkHard repairs what asks for much work.
func BenchmarkHard(b *testing.B) {
	for name, log := range hardInputs(b) {
		records := framed(b, log)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fix(b, records, usual)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N*len(records)), "ms/telegram")
		})
	}
}

// Telegrams of many meters, more than are remembered, are repaired where their name says
// whose they are, though others have sent in between.
func TestManyMeters(t *testing.T) {
	const meters = 10 // as many are remembered
	log := byTurns(t, meters, rand.New(rand.NewPCG(2, 5)))
	var sent [][]string
	for i := range meters {
		sent = append(sent, transmissions(t, fmt.Sprintf("meter=nl&telegrams=3&seed=%d", i)))
	}
	right := 0
	for i, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
		if x.Status == record.OK || x.Status == record.Repaired {
			if !bytes.Equal(x.Raw, []byte(sent[i%meters][i/meters])) {
				t.Errorf("telegram %d is wrong", i)
			}
			right++
		}
	}
	if right < 3*meters-3 {
		t.Errorf("%d of %d telegrams are valid", right, 3*meters)
	}
}
