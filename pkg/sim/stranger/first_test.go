package stranger_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/stranger"
)

// minConfidence is p1fix's own: what a repair must be sure of.
const minConfidence = 0.999

// A hurt is what is done to one telegram.
type hurt struct {
	name                string
	bytes, digits, ends int        // bytes substituted, digits lost, line ends lost
	floor               [2]float64 // shares that must be repaired, by layout; 0: none is asked for
}

// hurts: of the bytes that are substituted at least 95 and 85 % must come right where the
// layout is as prescribed, else 80 and 60 %.
var hurts = []hurt{
	{"1 byte", 1, 0, 0, [2]float64{0.95, 0.80}},
	{"2 bytes", 2, 0, 0, [2]float64{0.95, 0.80}},
	{"3 bytes", 3, 0, 0, [2]float64{0.85, 0.60}},
	{"4 bytes", 4, 0, 0, [2]float64{0.85, 0.60}},
	{"1 digit lost", 0, 1, 0, [2]float64{}},
	{"2 digits lost", 0, 2, 0, [2]float64{}},
	{"line end lost", 0, 0, 1, [2]float64{}},
	{"1 byte, 2 digits lost", 1, 2, 0, [2]float64{}},
}

// A hitter damages telegrams.
type hitter struct {
	*rand.Rand
	slow *sim.Line // all of whose rising edges are late, some more than others
}

// newHitter makes a line whose rising edges are late by 0.58 ± 0.06 of a bit, so that
// bytes lose most of their first 1s, and now and then only some.
func newHitter(tb testing.TB, seed uint64) *hitter {
	tb.Helper()
	o, err := sim.ParseOptions(fmt.Sprintf("meter=nl&noise=slow-rise&rate=1&late=5.0&scatter=0.5&seed=%d", seed))
	if err != nil {
		tb.Fatal(err)
	}
	l, err := sim.NewLine(o)
	if err != nil {
		tb.Fatal(err)
	}
	return &hitter{rand.New(rand.NewPCG(seed, 17)), l}
}

// substitute gives another byte: what late edges make of it, or one with one wrong bit.
func (x *hitter) substitute(b byte, edges bool) byte {
	for range 20 {
		if !edges {
			break
		}
		if got, _ := x.slow.Carry([]byte{b}); len(got) == 1 && got[0] != b {
			return got[0]
		}
	}
	return b ^ 1<<x.IntN(8)
}

// hit damages a telegram, and tells which of its lines were hit, counted from 0.
func (x *hitter) hit(sent []byte, h hurt) (received []byte, lines map[int]bool) {
	received, lines = slices.Clone(sent), map[int]bool{}
	last := len(sent) - len("\r\n")
	gone := map[int]bool{}
	mark := func(at int) { lines[bytes.Count(sent[:at], []byte("\n"))] = true }
	edges := x.IntN(2) == 0
	for _, at := range x.Perm(last)[:h.bytes] {
		received[at] = x.substitute(sent[at], edges)
		mark(at)
	}
	for _, at := range x.choose(digitsOf(sent), h.digits) {
		gone[at] = true
		mark(at)
	}
	for _, at := range x.choose(endsOf(sent), h.ends) {
		switch x.IntN(3) {
		case 0:
			gone[at] = true
		case 1:
			gone[at+1] = true
		default:
			gone[at], gone[at+1] = true, true
		}
		mark(at)
		mark(at + 2)
	}
	kept := received[:0]
	for at, b := range received {
		if !gone[at] {
			kept = append(kept, b)
		}
	}
	return kept, lines
}

// choose draws n of a list.
func (x *hitter) choose(list []int, n int) []int {
	var chosen []int
	for _, i := range x.Perm(len(list))[:n] {
		chosen = append(chosen, list[i])
	}
	return chosen
}

// digitsOf are the places of digits in parentheses.
func digitsOf(text []byte) []int {
	var places []int
	inside := false
	for i, b := range text {
		switch {
		case b == '(':
			inside = true
		case b == ')':
			inside = false
		case inside && b >= '0' && b <= '9':
			places = append(places, i)
		}
	}
	return places
}

// endsOf are the places of line ends but the last.
func endsOf(text []byte) []int {
	var places []int
	for i := range len(text) - len("\r\n") {
		if text[i] == '\r' {
			places = append(places, i)
		}
	}
	return places
}

// A fate counts what became of telegrams that came alone.
type fate struct {
	telegrams int
	repaired  int // and right
	wrong     int // repaired, and not what was sent
	luck      int // ok as received, and not what was sent
	salvaged  int // a line was spared and is trusted, and all that are trusted are right
	misled    int // salvaged or unchecked, with a line that is not right
	unchecked int // taken for one of a stream without CRCs
	lost      int // nothing can be used

	spared       int // lines that the damage spared, in telegrams that were not repaired
	sparedUsed   int // of these: trusted, and right
	hitUsed      int // lines that were hit, trusted, and right
	linesWrong   int
	repairs      promise
	trustedLines promise
}

func (f *fate) merge(o fate) {
	f.telegrams += o.telegrams
	f.repaired += o.repaired
	f.wrong += o.wrong
	f.luck += o.luck
	f.salvaged += o.salvaged
	f.misled += o.misled
	f.unchecked += o.unchecked
	f.lost += o.lost
	f.spared += o.spared
	f.sparedUsed += o.sparedUsed
	f.hitUsed += o.hitUsed
	f.linesWrong += o.linesWrong
	f.repairs.merge(o.repairs)
	f.trustedLines.merge(o.trustedLines)
}

func (p *promise) merge(o promise) {
	p.made += o.made
	p.broken += o.broken
	p.predicted += o.predicted
}

// judge says what became of a telegram; hit are the lines that were damaged.
func (f *fate) judge(sent []byte, hit map[int]bool, out []handed) {
	f.telegrams++
	right := false
	for i := range out {
		switch h := &out[i]; h.Status {
		case "repaired":
			right = bytes.Equal(h.Raw, sent)
			f.repairs.add(h.Confidence, right)
			if !right {
				f.wrong++
			}
		case "ok":
			if right = sameTelegram(h.Raw, sent); !right {
				f.luck++
			}
		}
	}
	if right {
		f.repaired++
		return
	}
	f.judgeLines(sent, hit, out)
}

// judgeLines says which lines of a telegram that was not repaired can be used.
func (f *fate) judgeLines(sent []byte, hit map[int]bool, out []handed) {
	truth := map[string]int{}
	for i, l := range linesOf(sent) {
		if codeOf(l) == "" {
			continue
		}
		truth[string(l)] = i
		if !hit[i] {
			f.spared++
		}
	}
	used, spared, wrong := 0, 0, 0
	for i := range out {
		h := &out[i]
		if h.Status == "unchecked" {
			f.unchecked++
		}
		if h.Status != "unchecked" && h.Status != "salvaged" {
			continue
		}
		for _, n := range h.handsOn() {
			text, _, _ := h.line(n.Line)
			if codeOf(text) == "" {
				continue
			}
			at, right := truth[string(text)]
			f.promised(n, right)
			switch {
			case !right:
				wrong++
			case hit[at]:
				used++
			default:
				used, spared = used+1, spared+1
			}
		}
	}
	f.sparedUsed += spared
	f.hitUsed += used - spared
	f.linesWrong += wrong
	switch {
	case wrong > 0:
		f.misled++
	case spared > 0:
		f.salvaged++
	default:
		f.lost++
	}
}

// promised gathers a line by its confidence. One without is as good as the least that a
// repair must be sure of.
func (f *fate) promised(n named, right bool) {
	f.trustedLines.add(cmp.Or(n.Confidence, minConfidence), right)
}

func (f *fate) row(name string) string {
	return fmt.Sprintf("%-34s %6d %9s %9s %9s %6d %6d %6d %6d %9s %6d %6d\n", name, f.telegrams,
		share(f.repaired, f.telegrams), share(f.salvaged, f.telegrams), share(f.lost, f.telegrams),
		f.wrong, f.luck, f.misled, f.unchecked, share(f.sparedUsed, f.spared), f.hitUsed, f.linesWrong)
}

const fateHead = "%-34s %6s %9s %9s %9s %6s %6s %6s %6s %9s %6s %6s\n"

// A first is what became of many telegrams that came alone.
type first struct {
	by      map[string]*fate // by layout and damage, by layout and dialect, and all
	reasons map[string]int   // by status and why
}

func (r *first) count(key string, f fate) {
	if r.by[key] == nil {
		r.by[key] = &fate{}
	}
	r.by[key].merge(f)
}

var layouts = []stranger.Layout{stranger.Prescribed, stranger.Allowed}

// One telegram, seen first and alone: each dialect and layout in turn, each damage in
// turn, another meter each time.
func TestFirstTelegram(t *testing.T) {
	t.Parallel()
	r := first{map[string]*fate{}, map[string]int{}}
	x := newHitter(t, 1)
	for i := range longtest.Pick(352, 1_760, 10_000) {
		r.try(t, x, i)
	}
	t.Log(r.String())
	if longtest.Pick(false, false, true) {
		r.reach(t)
	}
	all := r.by["all"]
	if !all.repairs.kept() {
		t.Errorf("repairs: %s", all.repairs)
	}
	if !all.trustedLines.kept() {
		t.Errorf("lines of telegrams that were not repaired: %s", all.trustedLines)
	}
}

// try sends the telegram number i.
func (r *first) try(t *testing.T, x *hitter, i int) {
	t.Helper()
	dialects := stranger.Dialects()
	d, turn := dialects[i%len(dialects)], i/len(dialects)
	layout, h := layouts[turn%2], hurts[turn/2%len(hurts)]
	seed := uint64(1000 + i)
	sent := d.Meter(layout, seed).Next()
	received, hit := x.hit(sent, h)
	out := through(t, received, repair.Options{MinConfidence: minConfidence})
	var f fate
	f.judge(sent, hit, out)
	if f.wrong > 0 || f.linesWrong > 0 {
		t.Logf("wrong: %s, %s, seed %d, %s", d.Name, layout, seed, h.name)
	}
	for _, o := range out {
		r.reasons[o.Status+": "+o.Why]++
	}
	r.count("all", f)
	r.count(layout.String()+", "+h.name, f)
	r.count(layout.String()+", "+d.Name, f)
}

// reach fails where too few are repaired. Of one and two bytes together, and of three and
// four, the share counts.
func (r *first) reach(t *testing.T) {
	t.Helper()
	for _, layout := range layouts {
		for i := 0; i+1 < len(hurts) && hurts[i].floor[layout] > 0; i += 2 {
			both := *r.by[layout.String()+", "+hurts[i].name]
			both.merge(*r.by[layout.String()+", "+hurts[i+1].name])
			if got := float64(both.repaired) / float64(both.telegrams); got < hurts[i].floor[layout] {
				t.Errorf("%s, %s or %s: %.4f repaired, want %.2f", layout, hurts[i].name, hurts[i+1].name, got, hurts[i].floor[layout])
			}
		}
	}
}

// String is the table.
func (r *first) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n"+fateHead, "one telegram alone", "", "repaired", "salvaged", "lost", "wrong", "luck", "misled", "unchk", "spared", "hit", "lines")
	fmt.Fprintf(&b, fateHead, "", "", "", "", "", "", "", "", "", "used", "used", "wrong")
	row := func(key string) {
		if f := r.by[key]; f != nil {
			b.WriteString(f.row(key))
		}
	}
	for _, layout := range layouts {
		for _, h := range hurts {
			row(layout.String() + ", " + h.name)
		}
		for _, d := range stranger.Dialects() {
			row(layout.String() + ", " + d.Name)
		}
	}
	row("all")
	fmt.Fprintf(&b, "repairs: %s\nlines of telegrams that were not repaired: %s\n", r.by["all"].repairs, r.by["all"].trustedLines)
	for _, why := range slices.Sorted(maps.Keys(r.reasons)) {
		fmt.Fprintf(&b, "%7d %s\n", r.reasons[why], why)
	}
	return b.String()
}
