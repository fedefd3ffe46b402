package stranger_test

import (
	"bytes"
	"cmp"
	"flag"
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
	name   string
	bytes  int        // substituted anywhere
	codes  int        // bytes of codes substituted
	digits int        // lost
	zeros  int        // lost in runs of zeros, where it does not matter which
	ends   int        // line ends lost: CR, LF or both
	floor  [2]float64 // shares that must be repaired, by layout; 0: none is asked for
}

// hurts: of the telegrams with one or two substituted bytes at least 95 % must come right
// where the layout is as prescribed, else 80 %; with three or four 85 % and 60 %. The last
// one is what a telegram pasted from a forum may look like.
var hurts = []hurt{
	{name: "1 byte", bytes: 1, floor: [2]float64{0.95, 0.80}},
	{name: "2 bytes", bytes: 2, floor: [2]float64{0.95, 0.80}},
	{name: "3 bytes", bytes: 3, floor: [2]float64{0.85, 0.60}},
	{name: "4 bytes", bytes: 4, floor: [2]float64{0.85, 0.60}},
	{name: "1 digit lost", digits: 1},
	{name: "2 digits lost", digits: 2},
	{name: "line end lost", ends: 1},
	{name: "1 byte of a code, 2 zeros lost", codes: 1, zeros: 2},
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

// A strike is a telegram that was hit.
type strike struct {
	received []byte
	lines    map[int]bool // that were hit, counted from 0
	edges    bool         // by late edges, or else by single wrong bits
}

// hit damages a telegram.
func (x *hitter) hit(sent []byte, h hurt) strike {
	s := strike{slices.Clone(sent), map[int]bool{}, x.IntN(2) == 0}
	gone := map[int]bool{}
	mark := func(at int) { s.lines[bytes.Count(sent[:at], []byte("\n"))] = true }
	for _, at := range append(x.Perm(len(sent) - len("\r\n"))[:h.bytes], x.choose(placesOf(sent, inCode), h.codes)...) {
		s.received[at] = x.substitute(sent[at], s.edges)
		mark(at)
	}
	for _, at := range append(x.choose(placesOf(sent, isDigit), h.digits), x.choose(placesOf(sent, inZeros), h.zeros)...) {
		gone[at] = true
		mark(at)
	}
	for _, at := range x.choose(placesOf(sent, isEnd), h.ends) {
		which := 1 + x.IntN(3)
		gone[at], gone[at+1] = which != 1, which != 2
		mark(at)
		mark(at + 2)
	}
	kept := s.received[:0]
	for at, b := range s.received {
		if !gone[at] {
			kept = append(kept, b)
		}
	}
	s.received = kept
	return s
}

// choose draws n of a list.
func (x *hitter) choose(list []int, n int) []int {
	var chosen []int
	for _, i := range x.Perm(len(list))[:n] {
		chosen = append(chosen, list[i])
	}
	return chosen
}

// placesOf are the places for which is holds; inside tells whether they are in
// parentheses.
func placesOf(text []byte, is func(text []byte, i int, inside bool) bool) []int {
	var places []int
	inside := false
	for i := range len(text) - len("\r\n") {
		switch text[i] {
		case '(', '/', '!': // what follows is no code
			inside = true
		case ')', '\n':
			inside = false
		}
		if is(text, i, inside) {
			places = append(places, i)
		}
	}
	return places
}

func isDigit(text []byte, i int, inside bool) bool {
	return inside && text[i] >= '0' && text[i] <= '9' && bytes.IndexByte(text[i:], ')') >= 0
}

func inZeros(text []byte, i int, inside bool) bool {
	return isDigit(text, i, inside) && text[i] == '0' && (text[i-1] == '0' || text[i+1] == '0')
}

func inCode(text []byte, i int, inside bool) bool {
	return !inside && (text[i] >= '0' && text[i] <= '9' || bytes.IndexByte([]byte("-:."), text[i]) >= 0)
}

func isEnd(text []byte, i int, _ bool) bool { return text[i] == '\r' }

// A fate counts what became of telegrams that came alone.
type fate struct {
	telegrams int
	certain   int // an observer who knows the lines would be sure: see observer
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
	f.certain += o.certain
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
	return fmt.Sprintf("%-43s %6d %9s %9s %9s %9s %6d %6d %6d %6d %9s %6d %6d\n", name, f.telegrams, share(f.certain, f.telegrams),
		share(f.repaired, f.telegrams), share(f.salvaged, f.telegrams), share(f.lost, f.telegrams),
		f.wrong, f.luck, f.misled, f.unchecked, share(f.sparedUsed, f.spared), f.hitUsed, f.linesWrong)
}

const fateHead = "%-43s %6s %9s %9s %9s %9s %6s %6s %6s %6s %9s %6s %6s\n"

// listing lists what was not repaired; what is wrong is always listed.
var listing = flag.Bool("stranger.list", false, "list every telegram that came alone and was not repaired")

// cause is what a substitution was made by, late edges or not.
var cause = map[bool]string{true: "late edges", false: "single bits"}

// A first is what became of many telegrams that came alone.
type first struct {
	by      map[string]*fate // by layout and damage, by layout and dialect, and all
	reasons map[string]int   // by status and why
	odds    map[bool][256][256]float64
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
	x := newHitter(t, 1)
	r := first{map[string]*fate{}, map[string]int{}, map[bool][256][256]float64{true: x.oddsOf(true), false: x.oddsOf(false)}}
	for i := range longtest.Pick(176, 1_760, 10_000) {
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
	s := x.hit(sent, h)
	out := through(t, s.received, repair.Options{MinConfidence: minConfidence})
	var f fate
	f.judge(sent, s.lines, out)
	if h.digits+h.zeros+h.ends == 0 && newObserver(sent, d.Signs, r.odds[s.edges]).sure(s.received) >= minConfidence {
		f.certain++
	}
	for _, o := range out {
		r.reasons[o.Status+": "+o.Why]++
		if *listing && f.repaired == 0 || f.wrong > 0 || f.linesWrong > 0 {
			t.Logf("%s, %s, seed %d, %s: %s %s %g\nreceived %q\nraw      %q", d.Name, layout, seed, h.name, o.Status, o.Why, o.Confidence,
				notSent(s.received, sent), notSent(o.Raw, sent))
		}
	}
	if h.bytes > 0 {
		r.count(layout.String()+", bytes by "+cause[s.edges], f)
	}
	r.count("all", f)
	r.count(layout.String()+", "+h.name, f)
	r.count(layout.String()+", "+d.Name, f)
}

// notSent are the lines of a text that were not sent.
func notSent(text, sent []byte) [][]byte {
	lines := linesOf(sent)
	return slices.DeleteFunc(linesOf(text), func(l []byte) bool {
		return slices.ContainsFunc(lines, func(s []byte) bool { return bytes.Equal(l, s) })
	})
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
	fmt.Fprintf(&b, "\n"+fateHead, "one telegram alone", "", "certain", "repaired", "salvaged", "lost", "wrong", "luck", "misled", "unchk", "spared", "hit", "lines")
	fmt.Fprintf(&b, fateHead, "", "", "", "", "", "", "", "", "", "", "used", "used", "wrong")
	row := func(key string) {
		if f := r.by[key]; f != nil {
			b.WriteString(f.row(key))
		}
	}
	for _, layout := range layouts {
		for _, h := range hurts {
			row(layout.String() + ", " + h.name)
		}
		row(layout.String() + ", bytes by " + cause[true])
		row(layout.String() + ", bytes by " + cause[false])
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
