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
	"p1/pkg/sim/stranger"
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

// calibrate finds the rate at which a noise hits 0.1 % of a meter's bytes, from a trial with
// many more hits: noises that strike whole telegrams strike half of them, others a few in
// 1,000 bytes. The clock has no rate: there edges scatter by 0.05 bit and it is 2 % slow.
func calibrate(tb testing.TB, meter, noise string) string {
	tb.Helper()
	trial := 0.005
	switch noise {
	case "clock":
		return "noise=clock&clock-error=2&scatter=5.2"
	case "burst", "cut", "slip":
		trial = 0.5
	case "flip":
		trial = 0.0005
	case "jitter":
		trial = 0.5
	}
	hits, sent := 0, 0
	for _, x := range simulate(tb, fmt.Sprintf("meter=%s&noise=%s&rate=%g&telegrams=300&seed=77", meter, withPause(noise, trial), trial)) {
		hits, sent = hits+x.Hits, sent+len(x.Sent)
	}
	rate := trial * hitShare * float64(sent) / float64(max(hits, 1))
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
	bytes, hits    int // sent, and changed, removed or added
	sent           int // lines
	lines, right   int // handed on
	moving, moved  int // of these: lines that change from telegram to telegram, and right
	damaged, saved int // lines that were hit and did not vanish; trusted with edits, and right
	promises       promise
}

func (c *trust) merge(o trust) {
	c.bytes += o.bytes
	c.hits += o.hits
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
			was, known := before[code]
			t.changing[code] = known && was != string(l)
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

// hitLines tells which lines were damaged, and arrived at least in part.
func hitLines(sent, received []byte) map[int]bool {
	spoilt, arrived := compare(sent, received)
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

// compare tells which bytes were spoilt and which arrived, by the fewest edits that make
// what was received of what was sent. What both begin and end with has arrived. A byte
// that was added spoils the one before which it stands.
func compare(sent, received []byte) (spoilt, arrived []bool) {
	spoilt, arrived = make([]bool, len(sent)), make([]bool, len(sent))
	begin := 0
	for begin < min(len(sent), len(received)) && sent[begin] == received[begin] {
		arrived[begin] = true
		begin++
	}
	end, last := len(sent), len(received)
	for end > begin && last > begin && sent[end-1] == received[last-1] {
		end, last = end-1, last-1
		arrived[end] = true
	}
	cost := distances(sent[begin:end], received[begin:last])
	for i, j := end-begin, last-begin; i > 0 || j > 0; {
		here := cost[i][j]
		switch {
		case i > 0 && j > 0 && sent[begin+i-1] == received[begin+j-1] && cost[i-1][j-1] == here:
			i, j = i-1, j-1
			arrived[begin+i] = true
		case i > 0 && j > 0 && cost[i-1][j-1]+1 == here:
			i, j = i-1, j-1
			spoilt[begin+i] = true
		case i > 0 && cost[i-1][j]+1 == here:
			i--
			spoilt[begin+i] = true
		default:
			j--
			spoilt[min(begin+i, len(sent)-1)] = true
		}
	}
	return spoilt, arrived
}

// distances are how many edits it takes from each beginning of a to each beginning of b.
func distances(a, b []byte) [][]int {
	cost := make([][]int, len(a)+1)
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
		for j := range cost[i] {
			switch {
			case i == 0:
				cost[i][j] = j
			case j == 0:
				cost[i][j] = i
			case a[i-1] == b[j-1]:
				cost[i][j] = cost[i-1][j-1]
			default:
				cost[i][j] = 1 + min(cost[i-1][j-1], cost[i-1][j], cost[i][j-1])
			}
		}
	}
	return cost
}

// What is handed on of streams that sign nothing, for each noise, beside what looks
// untouched. With parity=even the receiver hands on the parity in bit 7.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	telegrams := longtest.Pick(50, 300, 5_000)
	noises := slices.DeleteFunc(sim.Noises(), func(n string) bool { return n == "clean" })
	var b strings.Builder
	fmt.Fprintf(&b, "\n"+trustRow, "", "", "bytes", "lines", "handed", "right", "changing", "damaged", "of these", "looks", "of these", "changing")
	fmt.Fprintf(&b, trustRow, "meter", "noise", "hit", "sent", "on", "", "right", "lines", "used", "untouched", "right", "right")
	var every trust
	for k, meter := range []string{"dsmr2", "dsmr3", "dsmr3&parity=even", "q3d"} {
		var own, ownPlain, others, othersPlain trust
		for i, noise := range noises {
			query := fmt.Sprintf("meter=%s&%s&telegrams=%d&seed=%d&logger=raw", meter, calibrate(t, meter, noise), telegrams, 300+100*k+i)
			c, plain := measure(t, simulate(t, query))
			b.WriteString(c.row(meter, noise, plain))
			own.merge(c)
			ownPlain.merge(plain)
			for seed := range strangers {
				c, plain = measure(t, strange(t, meter, query, telegrams/strangers, uint64(1000*k+100*i+seed)))
				others.merge(c)
				othersPlain.merge(plain)
			}
		}
		b.WriteString(own.row(meter, "all", ownPlain))
		b.WriteString(others.row(meter, "strangers", othersPlain))
		if longtest.Pick(false, false, true) {
			own.reach(t, meter)
			others.reach(t, meter+", strangers")
		}
		every.merge(own)
		every.merge(others)
	}
	fmt.Fprintf(&b, "lines with a confidence: %s\n", every.promises)
	t.Log(b.String())
	if !every.promises.kept() {
		t.Errorf("lines with a confidence: %s", every.promises)
	}
}

// strangers is how many meters share a noise's telegrams.
const strangers = 4

// strange sends telegrams of a stranger through the line of a query.
func strange(tb testing.TB, dialect, query string, telegrams int, seed uint64) []sim.Transmission {
	tb.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		tb.Fatal(err)
	}
	o.Seed = seed
	line, err := sim.NewLine(o)
	if err != nil {
		tb.Fatal(err)
	}
	all := stranger.Unsigned()
	dialect, _, _ = strings.Cut(dialect, "&")
	m := all[slices.IndexFunc(all, func(d stranger.Dialect) bool { return d.Name == dialect })].Meter(stranger.Prescribed, seed)
	var list []sim.Transmission
	for range telegrams {
		x := sim.Transmission{Sent: m.Next()}
		x.Logged, x.Hits = line.Carry(x.Sent)
		list = append(list, x)
	}
	return list
}

// measure sends a capture through the pipe, and lets the naive judge look at it.
func measure(tb testing.TB, list []sim.Transmission) (c, plain trust) {
	tb.Helper()
	var log, text []byte
	for i, x := range list {
		log = append(log, x.Logged...)
		list[i].Logged = sevenBits(x.Logged)
		text = append(text, list[i].Logged...)
		c.bytes += len(x.Sent)
		c.hits += x.Hits
	}
	facts := tell(list)
	c.weigh(facts, through(tb, log, repair.Options{MinConfidence: minConfidence}))
	plain.naive(facts, text)
	return c, plain
}

// sevenBits takes bit 7 away, in which parity may stand: these meters send none.
func sevenBits(text []byte) []byte {
	text = bytes.Clone(text)
	for i := range text {
		text[i] &= 0x7F
	}
	return text
}

// reach fails where one of the shares is missed.
func (c *trust) reach(t *testing.T, meter string) {
	t.Helper()
	for _, want := range []struct {
		what        string
		part, whole int
		floor       float64
	}{
		{"of the lines handed on right", c.right, c.lines, linesRight},
		{"of those that change right", c.moved, c.moving, changingRight},
		{"of the damaged lines used", c.saved, c.damaged, damagedUsed},
	} {
		if got := float64(want.part) / float64(max(want.whole, 1)); got < want.floor {
			t.Errorf("%s: %.5f %s, want %g", meter, got, want.what, want.floor)
		}
	}
}

const trustRow = "%-17s %-10s %9s %9s %9s %11s %11s %9s %9s   %11s %11s %11s\n"

func (c *trust) row(meter, noise string, plain trust) string {
	return fmt.Sprintf(trustRow, meter, noise, share4(c.hits, c.bytes), fmt.Sprint(c.sent), share(c.lines, c.sent), share4(c.right, c.lines),
		share4(c.moved, c.moving), fmt.Sprint(c.damaged), share(c.saved, c.damaged),
		share(plain.lines, plain.sent), share4(plain.right, plain.lines), share4(plain.moved, plain.moving))
}

func share4(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.4f %%", 100*float64(part)/float64(whole))
}
