package stranger_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// hitShare is the share of bytes that each noise is set to hit.
const hitShare = 0.001

// What must be reached on streams that sign nothing: of the lines that are handed on, of
// those of them that change from telegram to telegram, and of the damaged lines.
const (
	linesRight    = 0.9998
	changingRight = 0.999
	damagedUsed   = 0.5
)

// simulate makes a capture of package sim.
func simulate(tb testing.TB, query string) []sim.Transmission {
	tb.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	var list []sim.Transmission
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		list = append(list, x)
	}
	return list
}

// calibrate finds the rate at which a noise hits 0.1 % of a meter's bytes, by trying. That of the
// clock cannot be given: there edges scatter by 0.05 bit and the clock is 2 % slow.
func calibrate(tb testing.TB, meter, noise string) string {
	tb.Helper()
	if noise == "clock" {
		return "noise=clock&clock-error=2&scatter=5.2"
	}
	rate := 0.01
	for range 4 {
		hits, sent := 0, 0
		for _, x := range simulate(tb, fmt.Sprintf("meter=%s&noise=%s&rate=%g&telegrams=150&seed=77", meter, withPause(noise, rate), rate)) {
			hits, sent = hits+x.Hits, sent+len(x.Sent)
		}
		rate = min(rate*hitShare*float64(sent)/float64(max(hits, 1)), 1)
	}
	return fmt.Sprintf("noise=%s&rate=%g", withPause(noise, rate), rate)
}

// withPause lets a noise hit what follows a pause as often as everything else.
func withPause(noise string, rate float64) string {
	if slices.Contains([]string{"slow-rise", "slow-fall", "jitter", "pulse"}, noise) {
		return fmt.Sprintf("%s:pause-rate=%g", noise, rate)
	}
	return noise
}

// A trust counts the lines that are handed on of streams that sign nothing.
type trust struct {
	sent           int // lines
	lines, right   int // handed on
	moving, moved  int // of these: lines that change from telegram to telegram, and right
	damaged, saved int // lines that were hit and did not vanish; trusted with edits, and right
	promises       promise
}

func (c *trust) merge(o trust) {
	c.sent += o.sent
	c.lines += o.lines
	c.right += o.right
	c.moving += o.moving
	c.moved += o.moved
	c.damaged += o.damaged
	c.saved += o.saved
	c.promises.merge(o.promises)
}

func (c *trust) add(right, moving bool) {
	c.lines++
	if right {
		c.right++
	}
	if moving {
		c.moving++
		if right {
			c.moved++
		}
	}
}

// A told is what is known of a transmission.
type told struct {
	end      int64           // where its part of the log ends
	lines    map[string]bool // as they were sent; true: was hit, and something of it arrived
	changing map[string]bool // codes whose line is another one than in the telegram before
	used     map[string]bool // lines that were counted as saved
}

// tell compares what was sent with what was logged.
func tell(list []sim.Transmission) []told {
	var all []told
	var end int64
	before := map[string]string{}
	for _, x := range list {
		end += int64(len(x.Logged))
		t := told{end: end, lines: map[string]bool{}, changing: map[string]bool{}, used: map[string]bool{}}
		hit := hitLines(x.Sent, x.Logged)
		now := map[string]string{}
		for i, l := range linesOf(x.Sent) {
			code := codeOf(l)
			if code == "" {
				continue
			}
			t.lines[string(l)] = hit[i]
			now[code] = string(l)
			t.changing[code] = before[code] != string(l)
		}
		before = now
		all = append(all, t)
	}
	return all
}

// find is the transmission that holds an offset of the log.
func find(all []told, offset int64) *told {
	i, _ := slices.BinarySearchFunc(all, offset, func(t told, at int64) int {
		if t.end <= at {
			return -1
		}
		return 1
	})
	return &all[min(i, len(all)-1)]
}

// weigh judges the lines that the pipe hands on.
func (c *trust) weigh(all []told, out []handed) {
	for i := range out {
		h := &out[i]
		for _, n := range h.handsOn() {
			text, offset, ok := h.line(n.Line)
			code := codeOf(text)
			if ok && code == "" {
				continue
			}
			t := find(all, offset)
			hit, right := t.lines[string(text)]
			c.add(right, t.changing[code])
			if n.Confidence > 0 {
				c.promises.add(n.Confidence, right)
			}
			if right && hit && !t.used[string(text)] {
				t.used[string(text)] = true
				c.saved++
			}
		}
	}
	for _, t := range all {
		c.sent += len(t.lines)
		for _, hit := range t.lines {
			if hit {
				c.damaged++
			}
		}
	}
}

// naive judges what one hands on who takes a line that looks untouched: the form of its
// text, digits for digits, has been seen behind the same code before.
func (c *trust) naive(all []told, log []byte) {
	seen := map[string]bool{}
	var at int64
	for _, l := range bytes.SplitAfter(log, []byte("\n")) {
		text := bytes.TrimRight(l, "\r\n")
		code, form := codeOf(text), digitForm.ReplaceAllString(string(text), "0")
		if lineForm.Match(text) {
			key := code + " " + form
			if seen[key] {
				t := find(all, at)
				_, right := t.lines[string(text)]
				c.add(right, t.changing[code])
			}
			seen[key] = true
		}
		at += int64(len(l))
	}
	for _, t := range all {
		c.sent += len(t.lines)
	}
}

var (
	digitForm = regexp.MustCompile(`[0-9]`)
	lineForm  = regexp.MustCompile(`^(\d-\d:\d+\.\d+\.\d+(\*\d+)?)?(\([^()]*\))+$`)
)

// hitLines tells which lines were damaged, and arrived at least in part. It takes the
// fewest edits that make what was received of what was sent.
func hitLines(sent, received []byte) map[int]bool {
	if bytes.Equal(sent, received) {
		return nil
	}
	row := len(received) + 1
	cost := make([]uint16, (len(sent)+1)*row)
	for j := range row {
		cost[j] = uint16(j)
	}
	for i := 1; i <= len(sent); i++ {
		cost[i*row] = uint16(i)
		for j := 1; j < row; j++ {
			same := cost[(i-1)*row+j-1]
			if sent[i-1] != received[j-1] {
				same++
			}
			cost[i*row+j] = min(same, cost[(i-1)*row+j]+1, cost[i*row+j-1]+1)
		}
	}
	spoilt, arrived := make([]bool, len(sent)+1), make([]bool, len(sent)+1)
	for i, j := len(sent), len(received); i > 0 || j > 0; {
		here := cost[i*row+j]
		switch {
		case i > 0 && j > 0 && sent[i-1] == received[j-1] && cost[(i-1)*row+j-1] == here:
			i, j = i-1, j-1
			arrived[i] = true
		case i > 0 && j > 0 && cost[(i-1)*row+j-1]+1 == here:
			i, j = i-1, j-1
			spoilt[i] = true
		case i > 0 && cost[(i-1)*row+j]+1 == here:
			i--
			spoilt[i] = true
		default:
			j--
			spoilt[min(i, len(sent)-1)] = true
		}
	}
	hit, n := map[int]bool{}, 0
	some, wrong := false, false
	for i, b := range sent {
		some, wrong = some || arrived[i] && b != '\r' && b != '\n', wrong || spoilt[i]
		if b == '\n' {
			if some && wrong {
				hit[n] = true
			}
			n, some, wrong = n+1, false, false
		}
	}
	return hit
}

// What is handed on of streams that sign nothing, for each noise, beside what looks
// untouched.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	telegrams := longtest.Pick(60, 250, 4_000)
	noises := slices.DeleteFunc(sim.Noises(), func(n string) bool { return n == "clean" })
	var b strings.Builder
	head := "%-6s %-10s %9s %9s %11s %11s %9s %9s   %11s %11s %11s\n"
	fmt.Fprintf(&b, "\n"+head, "", "", "lines", "handed", "right", "changing", "damaged", "of these", "looks", "of these", "changing")
	fmt.Fprintf(&b, head, "meter", "noise", "sent", "on", "", "right", "lines", "used", "untouched", "right", "right")
	write := func(meter, noise string, c, plain trust) {
		fmt.Fprintf(&b, head, meter, noise, fmt.Sprint(c.sent), share(c.lines, c.sent), share4(c.right, c.lines), share4(c.moved, c.moving),
			fmt.Sprint(c.damaged), share(c.saved, c.damaged), share(plain.lines, plain.sent), share4(plain.right, plain.lines), share4(plain.moved, plain.moving))
	}
	var every trust
	for _, meter := range []string{"dsmr2", "dsmr3", "q3d"} {
		var all, allPlain trust
		for i, noise := range noises {
			list := simulate(t, fmt.Sprintf("meter=%s&%s&telegrams=%d&seed=%d&logger=raw", meter, calibrate(t, meter, noise), telegrams, 300+i))
			var log []byte
			for _, x := range list {
				log = append(log, x.Logged...)
			}
			facts := tell(list)
			var c, plain trust
			c.weigh(facts, through(t, log, repair.Options{MinConfidence: minConfidence}))
			plain.naive(facts, log)
			write(meter, noise, c, plain)
			all.merge(c)
			allPlain.merge(plain)
		}
		write(meter, "all", all, allPlain)
		every.merge(all)
		if longtest.Pick(true, true, false) {
			continue
		}
		for _, want := range []struct {
			what        string
			part, whole int
			floor       float64
		}{
			{"of the lines handed on right", all.right, all.lines, linesRight},
			{"of those that change right", all.moved, all.moving, changingRight},
			{"of the damaged lines used", all.saved, all.damaged, damagedUsed},
		} {
			if got := float64(want.part) / float64(max(want.whole, 1)); got < want.floor {
				t.Errorf("%s: %.5f %s, want %g", meter, got, want.what, want.floor)
			}
		}
	}
	fmt.Fprintf(&b, "lines with a confidence: %s\n", every.promises)
	t.Log(b.String())
	if !every.promises.kept() {
		t.Errorf("lines with a confidence: %s", every.promises)
	}
}

func share4(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.4f %%", 100*float64(part)/float64(whole))
}
