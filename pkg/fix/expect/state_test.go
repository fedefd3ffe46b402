package expect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/fix/expect"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// learned returns a meter that has learned these telegrams, one transmission
// after the other.
func learned(all [][]byte) *expect.Meter {
	m := &expect.Meter{}
	for i, raw := range all {
		m.Learn(raw, int64(i+1))
	}
	return m
}

// written returns the state as it is read from where it was written.
func written(t testing.TB, m *expect.Meter) expect.MeterState {
	t.Helper()
	text, err := json.Marshal(m.State())
	if err != nil {
		t.Fatal(err)
	}
	var state expect.MeterState
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

func restored(t testing.TB, m *expect.Meter) *expect.Meter {
	t.Helper()
	r, err := expect.RestoreMeter(written(t, m))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkSamePriors holds two shapes against each other in one context, with many
// values of each field.
func checkSamePriors(d *rand.Rand, a, b *expect.Shape, c expect.Context, near []int64) error {
	for i := range a.Fields {
		p, q := a.Prior(i, c), b.Prior(i, c)
		values := []int64{0, near[i], 1e15}
		for range 20 {
			values = append(values, near[i]+d.Int64N(41)-20, near[i]+10*(d.Int64N(2001)-1000), d.Int64N(1e9))
		}
		for _, v := range values {
			if x, y := p.Cost(v), q.Cost(v); x != y {
				return fmt.Errorf("field %d: %d costs %v and %v", i, v, x, y)
			}
		}
		if x, y := a.Likely(i, c), b.Likely(i, c); !slices.Equal(x, y) {
			return fmt.Errorf("field %d: likely are %v and %v", i, x, y)
		}
	}
	return nil
}

// A restored meter does what the saved one does after a break, whatever it
// learns then.
func TestRestoredMeterGoesOn(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	for _, name := range sim.Meters() {
		all := simulated(t, "?telegrams=90&start=2026-03-29T01:50:00&meter="+name)
		for _, n := range longtest.Pick([]int{2, 40}, []int{1, 2, 5, 40}, []int{1, 2, 5, 40}) {
			m := learned(all[:n])
			r := restored(t, m)
			if !reflect.DeepEqual(m.State(), r.State()) {
				t.Fatalf("%s after %d: another state", name, n)
			}
			m.Break()
			for i, raw := range all[n+30:] {
				if !reflect.DeepEqual(m.Shapes(), r.Shapes()) {
					t.Fatalf("%s after %d and %d: other shapes", name, n, i)
				}
				a, b := m.Find(raw), r.Find(raw)
				if a == nil || b == nil {
					t.Fatalf("%s after %d and %d: found %v and %v", name, n, i, a != nil, b != nil)
				}
				seq := int64(i + 1)
				now, next := a.Observe(raw, seq), a.Observe(all[n+i], seq+3)
				for _, c := range []expect.Context{{Seq: seq, Prev: a.Last()}, {Seq: seq, Prev: a.Last(), Next: next}, {Seq: seq, Next: next}} {
					if err := checkSamePriors(d, a, b, c, now.Values); err != nil {
						t.Fatalf("%s after %d and %d: %v", name, n, i, err)
					}
				}
				checkSameSums(t, a, b, now.Values)
				m.Learn(raw, seq)
				r.Learn(raw, seq)
			}
			if !reflect.DeepEqual(m.State(), r.State()) {
				t.Fatalf("%s: another state after learning the same", name)
			}
		}
	}
}

func checkSameSums(t *testing.T, a, b *expect.Shape, values []int64) {
	t.Helper()
	for k := range a.Sums {
		x, y := &a.Sums[k], &b.Sums[k]
		if x.Known() != y.Known() || x.Proven() != y.Proven() || x.Holds(values) != y.Holds(values) {
			t.Fatalf("sum %d is not the same", k)
		}
	}
}

// Where the context says when the telegrams around are from, saving makes no
// difference at all.
func TestRestoredMeterKnowsTheSame(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	proven := 0
	for _, name := range sim.Meters() {
		all := simulated(t, "?telegrams=60&meter="+name)
		m := learned(all[:50])
		r := restored(t, m)
		a, b := m.Shapes()[0], r.Shapes()[0]
		prev, next := a.Observe(all[50], 51), a.Observe(all[55], 56)
		for _, c := range []expect.Context{{Seq: 53}, {Seq: 53, Prev: prev}, {Seq: 53, Next: next}, {Seq: 53, Prev: prev, Next: next}} {
			if err := checkSamePriors(d, a, b, c, prev.Values); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for k := range a.Sums {
			if a.Sums[k].Proven() && b.Sums[k].Proven() {
				proven++
			}
		}
		checkSameSums(t, a, b, prev.Values)
		if got := b.Last(); got.Seq != expect.LongAgo || !slices.Equal(got.Values, a.Last().Values) {
			t.Errorf("%s: the last telegram is restored as %v, and was %v", name, got, a.Last())
		}
	}
	if proven == 0 {
		t.Error("no sum is proven: nothing was compared")
	}
}

// What was written down once must be read in years to come.
func TestWrittenMeter(t *testing.T) {
	varies := bytes.Repeat([]byte("."), 125)
	for _, at := range []int{32, 51, 72, 119, 120, 121, 122} {
		varies[at] = '#'
	}
	text := `{"shapes":[{
		"text":"/AUX5990\r\n\r\n0-0:1.0.0(260301000020W)\r\n1-0:1.8.0(0030*kWh)\r\n1-0:1.8.1(0010*kWh)\r\n1-0:1.8.2(0020*kWh)\r\n0-0:96.13.0(ÿÿ)\r\n!0A1B\r\n",
		"varies":"` + string(varies) + `","telegrams":7,"period":10,
		"fields":[
			{"start":22,"end":35,"kind":"clock","steps":6,"changed":6,"size":60},
			{"start":48,"end":52,"kind":"register","steps":6,"changed":3,"size":3},
			{"start":69,"end":73,"kind":"register","steps":6,"changed":3,"size":3},
			{"start":90,"end":94,"kind":"register","steps":6,"changed":0,"size":0}],
		"sums":[{"total":1,"parts":[2,3],"off":0,"near":1,"telegrams":7,"broken":0}]}]}`
	var state expect.MeterState
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		t.Fatal(err)
	}
	m, err := expect.RestoreMeter(state)
	if err != nil {
		t.Fatal(err)
	}
	s := m.Shapes()[0]
	// 2026-03-01 00:00:20 in winter is 2026-02-28 23:00:20 UTC.
	clock := time.Date(2026, time.February, 28, 23, 0, 20, 0, time.UTC).Unix()
	if want := []int64{clock, 30, 10, 20}; !slices.Equal(s.Last().Values, want) || s.Last().Seq != expect.LongAgo {
		t.Errorf("the last telegram is %v, want the values %v", s.Last(), want)
	}
	if !bytes.HasSuffix(s.Text, []byte("(\xff\xff)\r\n!0A1B\r\n")) || !s.Varies[51] || s.Varies[50] || s.Bang != 118 {
		t.Errorf("the shape is %+v", s)
	}
	if sum := &s.Sums[0]; !sum.Known() || sum.Proven() || sum.Holds([]int64{0, 40, 10, 20}) || !sum.Holds([]int64{0, 31, 10, 20}) {
		t.Errorf("the sum is %+v", sum)
	}
	c := expect.Context{Seq: 3, Prev: &expect.Observed{Seq: 1, Values: s.Last().Values}}
	if got := s.Likely(0, c); len(got) == 0 || got[0] != clock+20 {
		t.Errorf("two periods on, the clock is likely at %v", got)
	}
	again, err := json.Marshal(m.State())
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if json.Unmarshal(again, &a) != nil || json.Unmarshal([]byte(text), &b) != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("written again as %s", again)
	}
}

// The order of the shapes, and which of them are forgotten next, is part of what
// is saved.
func TestShapesKeepTheirOrder(t *testing.T) {
	of := func(width int) []byte {
		return []byte("/AUX5990\r\n\r\n1-0:1.8.0(" + strings.Repeat("0", width) + ")\r\n!0000\r\n")
	}
	m := &expect.Meter{}
	for width := 1; width <= 8; width++ {
		m.Learn(of(width), int64(width))
	}
	m.Learn(of(1), 9)
	r := restored(t, m)
	r.Learn(of(9), 1)
	for _, width := range []int{9, 1, 8, 7, 6, 5, 4, 3} {
		if r.Find(of(width)) == nil {
			t.Errorf("the width %d is forgotten", width)
		}
	}
	if r.Find(of(2)) != nil {
		t.Error("the width 2 is not forgotten")
	}
}

// The state shares nothing with the meter that goes on.
func TestStateIsACopy(t *testing.T) {
	all := simulated(t, "?telegrams=30")
	m := learned(all[:20])
	state := m.State()
	before, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	for i, raw := range all[20:] {
		m.Learn(raw, int64(21+i))
	}
	after, err := json.Marshal(state)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the state has changed with the meter (%v)", err)
	}
}

// oddTelegram makes up a telegram that no meter sends.
func oddTelegram(d *rand.Rand) []byte {
	lines := []string{
		"1-0:1.8.0(%s*kWh)", "1-0:1.8.1(%s*kWh)", "1-0:1.8.2(%s*kWh)", "0-0:1.0.0(%s)", "(%s)", "(%s)(!%s)", "!%s",
		"0-1:24.2.1(2601010000%sW)(%s*m3)", "%s", "1-0:1.8.0(%s!%s)(%s)", "0-0:96.13.0(\xff\xff\xff\xff\xff\xff\xff\xff\xff%s",
	}
	raw := []byte("/AUX5990\r\n\r\n")
	for range d.IntN(8) {
		line := lines[d.IntN(len(lines))]
		for strings.Contains(line, "%s") {
			value := make([]byte, 1+d.IntN(3))
			for i := range value {
				value[i] = "000112359.ABxk\x00\xff"[d.IntN([]int{8, 10, 15}[d.IntN(3)])]
			}
			line = strings.Replace(line, "%s", string(value), 1)
		}
		raw = append(raw, line...)
		raw = append(raw, []string{"\r\n", "\n", "\r\n", ""}[d.IntN(4)]...)
	}
	return raw
}

// another puts other digits and letters into a telegram.
func another(d *rand.Rand, raw []byte) []byte {
	raw = bytes.Clone(raw)
	for i := 12; i < len(raw); i++ {
		if c := "0123456789ABCDEFkxW"[d.IntN(19)]; d.IntN(3) == 0 && telegram.Alike(raw[i], c) {
			raw[i] = c
		}
	}
	return raw
}

// Whatever was learned can be restored: also of values that were numbers once,
// and of clocks that cannot be read.
func TestWhateverWasLearnedIsRestored(t *testing.T) {
	d := rand.New(rand.NewPCG(5, 6))
	shapes := 0
	for range 500 {
		m := &expect.Meter{}
		for seq := range int64(12) {
			raw := oddTelegram(d)
			if known := m.Shapes(); len(known) > 0 && d.IntN(3) > 0 {
				raw = another(d, known[d.IntN(len(known))].Text)
			}
			m.Learn(raw, seq)
		}
		r, err := expect.RestoreMeter(written(t, m))
		if err != nil {
			t.Fatalf("%v: %+v", err, m.State())
		}
		m.Break()
		if !reflect.DeepEqual(m.Shapes(), r.Shapes()) {
			t.Fatalf("other shapes than %+v", m.State())
		}
		shapes += len(r.Shapes())
	}
	if shapes < 1000 {
		t.Errorf("only %d shapes were restored", shapes)
	}
	const clock = "/AUX5990\r\n\r\n0-0:1.0.0(%s)\r\n!0000\r\n"
	m := learned([][]byte{
		fmt.Appendf(nil, clock, "260101000000W"), fmt.Appendf(nil, clock, "26AB01000000W"), fmt.Appendf(nil, clock, "990101000000W"),
	})
	if n := len(m.Shapes()); n != 1 {
		t.Fatalf("%d shapes", n)
	}
	restored(t, m)
}

func TestTextKeepsAllBytes(t *testing.T) {
	all := make(expect.Text, 256)
	for i := range all {
		all[i] = byte(i)
	}
	d := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		var got expect.Text
		if err := json.Unmarshal(text, &got); err != nil || !bytes.Equal(got, all) {
			t.Fatalf("% X is read back as % X, %v", all, got, err)
		}
		d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	for _, bad := range []string{`"Ā"`, `"€"`, `"\ud800"`, "\"\xff\"", `1`, `["a"]`} {
		var got expect.Text
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is read as % X", bad, got)
		}
	}
}

// Nothing is learned across a break: a register that has gone on for a month has
// not made one large step.
func TestBreak(t *testing.T) {
	const telegram = "/AUX5990\r\n\r\n0-0:1.0.0(26%02d01000010W)\r\n1-0:1.8.0(%06d*kWh)\r\n!0000\r\n"
	stats := func(m *expect.Meter) []expect.FieldState { return m.State().Shapes[0].Fields }
	m := learned([][]byte{fmt.Appendf(nil, telegram, 1, 1000), fmt.Appendf(nil, telegram, 2, 1001)})
	before := stats(m)
	m.Break()
	m.Learn(fmt.Appendf(nil, telegram, 3, 9000), 1)
	if after := stats(m); !slices.Equal(before, after) {
		t.Errorf("learned across the break: %v has become %v", before, after)
	}
	m.Learn(fmt.Appendf(nil, telegram, 4, 9005), 2)
	if f := stats(m)[1]; f.Steps != before[1].Steps+1 || f.Size != before[1].Size+5 {
		t.Errorf("a step of 5 after the break made %v of %v", f, before[1])
	}
	(&expect.Meter{}).Break()
}

// What a telegram of long ago says: registers and clock do not go back; how far
// they have come is open, and there is no distance that is likelier than a
// smaller one.
func TestLongAgo(t *testing.T) {
	for _, name := range []string{"hu", "nl"} {
		all := simulated(t, "?telegrams=60&meter="+name)
		s := restored(t, learned(all)).Shapes()[0]
		last := s.Last()
		changed := map[int]int{}
		for i, f := range s.Fields {
			changed[i] = changes(f, all)
		}
		kinds := map[expect.Kind]int{}
		for i, f := range s.Fields {
			kinds[f.Kind]++
			v := last.Values[i]
			alone := s.Prior(i, expect.Context{Seq: 1, Prev: last})
			least := alone.Cost(v)
			switch f.Kind {
			case expect.Register:
				if alone.Cost(v-1) < expect.Impossible {
					t.Errorf("%s, register %d may fall", name, i)
				}
			case expect.Clock:
				if alone.Cost(v-60) < expect.Impossible || alone.Cost(v) < expect.Impossible {
					t.Errorf("%s: the clock may go back or stand", name)
				}
				least = 0
			}
			likely := s.Likely(i, expect.Context{Seq: 1, Prev: last})
			if f.Kind == expect.Instant || changed[i] == 0 {
				if len(likely) == 0 || likely[0] != v {
					t.Errorf("%s, field %d: its last value %d is not the likeliest of %v", name, i, v, likely)
				}
			} else if len(likely) > 0 {
				t.Errorf("%s, field %d has gone on, and is guessed to be one of %v", name, i, likely)
			}
			for n := int64(1); n < 3000; n++ {
				d := n
				if f.Kind == expect.Clock || f.Kind == expect.Stamp {
					d = n * 300
				}
				c := alone.Cost(v + d)
				if c < least || math.IsInf(c, 0) || f.Kind != expect.Instant && c >= expect.Impossible {
					t.Fatalf("%s, field %d: %d steps on cost %v, one less %v", name, i, n, c, least)
				}
				if f.Kind != expect.Stamp && d > 1 {
					least = c
				}
			}
		}
		if kinds[expect.Register] == 0 || kinds[expect.Instant] == 0 || kinds[expect.Clock] != 1 {
			t.Errorf("%s: fields of the kinds %v", name, kinds)
		}
	}
}

// changes counts how often a field differs from one telegram to the next.
func changes(f expect.Field, all [][]byte) int {
	n := 0
	for i := 1; i < len(all); i++ {
		if !bytes.Equal(f.Of(all[i]), f.Of(all[i-1])) {
			n++
		}
	}
	return n
}

// Beside a telegram that is near, one of long ago only says what is impossible.
func TestLongAgoBesideANearOne(t *testing.T) {
	all := simulated(t, "?telegrams=60&meter=hu")
	s := restored(t, learned(all[:50])).Shapes()[0]
	next := s.Observe(all[55], 2)
	near, both := expect.Context{Seq: 1, Next: next}, expect.Context{Seq: 1, Prev: s.Last(), Next: next}
	impossible := 0
	for i, f := range s.Fields {
		a, b := s.Prior(i, near), s.Prior(i, both)
		for d := int64(-50); d <= 50; d++ {
			v := next.Values[i] + d*10
			x, y := a.Cost(v), b.Cost(v)
			if f.Kind != expect.Instant && v < s.Last().Values[i] {
				impossible++
				if y < expect.Impossible {
					t.Errorf("field %d may fall from %d to %d", i, s.Last().Values[i], v)
				}
			} else if x != y && !(f.Kind == expect.Clock && v == s.Last().Values[i]) {
				t.Errorf("field %d: %d costs %v, and %v with one of long ago", i, v, x, y)
			}
		}
		if x, y := s.Likely(i, near), s.Likely(i, both); !slices.Equal(x, y) {
			t.Errorf("field %d: likely are %v, and %v with one of long ago", i, x, y)
		}
	}
	if impossible == 0 {
		t.Error("nothing was impossible")
	}
}

// What cannot have been learned is refused, with the place.
func TestUnfitState(t *testing.T) {
	good := func() expect.MeterState { return learned(simulated(t, "?telegrams=5&meter=hu")).State() }
	if _, err := expect.RestoreMeter(good()); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(m *expect.MeterState, s *expect.ShapeState){
		"9 shapes": func(m *expect.MeterState, s *expect.ShapeState) {
			for range 8 {
				m.Shapes = append(m.Shapes, *s)
			}
		},
		"shape 2: it has no text":          func(m *expect.MeterState, _ *expect.ShapeState) { m.Shapes = append(m.Shapes, expect.ShapeState{}) },
		"no telegram is longer":            func(_ *expect.MeterState, s *expect.ShapeState) { s.Text = make(expect.Text, 1<<16+1) },
		"varies has":                       func(_ *expect.MeterState, s *expect.ShapeState) { s.Varies += "." },
		"byte 0 of the text, '/'":          func(_ *expect.MeterState, s *expect.ShapeState) { s.Varies = "#" + s.Varies[1:] },
		"cannot have the mark 'x'":         func(_ *expect.MeterState, s *expect.ShapeState) { s.Varies = "x" + s.Varies[1:] },
		"cannot have the mark '.'":         func(_ *expect.MeterState, s *expect.ShapeState) { s.Varies = strings.ReplaceAll(s.Varies, "#", ".") },
		"from 0 telegrams":                 func(_ *expect.MeterState, s *expect.ShapeState) { s.Telegrams = 0 },
		"a period of -1 s":                 func(_ *expect.MeterState, s *expect.ShapeState) { s.Period = -1 },
		"a period of 1000000000000 s":      func(_ *expect.MeterState, s *expect.ShapeState) { s.Period = 1e12 },
		"field 0: bytes -1 to":             func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Start = -1 },
		"are not the next value":           func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[1].End++ },
		"field 2: bytes":                   func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[2] = s.Fields[1] },
		`field 1: the kind "power" is not`: func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[1].Kind = "power" },
		"field 0: NaN steps":               func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Steps = math.NaN() },
		"field 0: +Inf steps":              func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Steps = math.Inf(1) },
		"field 0: -1 steps":                func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Steps = -1 },
		"of 4 steps, 5 changed it":         func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Changed = 5 },
		"of 4 steps, NaN changed it":       func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Changed = math.NaN() },
		"changes of the size -1":           func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Size = -1 },
		"changes of the size 1e+21":        func(_ *expect.MeterState, s *expect.ShapeState) { s.Fields[0].Size = 1e21 },
		"10 sums: only 5":                  func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums = append(s.Sums, s.Sums...) },
		"sum 0: it has 1 parts":            func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Parts = s.Sums[0].Parts[:1] },
		"sum 0: it has 9 parts":            func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Parts = make([]int, 9) },
		"and 99999 are registers":          func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Total = 99999 },
		"and -1 are registers":             func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Total = -1 },
		"and 0 are registers":              func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Total = 0 }, // the clock
		"not all of the fields [-1 -1]":    func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Parts = []int{-1, -1} },
		"give or take 4":                   func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Near = 4 },
		"off by -9223372036854775808":      func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Off = math.MinInt64 },
		"of 5 telegrams it broke in 6":     func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Broken = 6 },
		"of -1 telegrams it broke in":      func(_ *expect.MeterState, s *expect.ShapeState) { s.Sums[0].Telegrams = -1 },
		"a stamp of":                       func(_ *expect.MeterState, s *expect.ShapeState) { asStamp(s) },
	} {
		state := good()
		spoil(&state, &state.Shapes[0])
		m, err := expect.RestoreMeter(state)
		if err == nil || !strings.Contains(err.Error(), want) || m != nil {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// asStamp makes a time stamp of the first register.
func asStamp(s *expect.ShapeState) {
	for i := range s.Fields {
		if s.Fields[i].Kind == "register" {
			s.Fields[i].Kind = "stamp"
			return
		}
	}
}

// exercise does with a meter all that can be done with it.
func exercise(t testing.TB, m *expect.Meter, all [][]byte) {
	t.Helper()
	for i, raw := range all {
		seq := int64(i + 1)
		for _, s := range m.Shapes() {
			last := s.Last()
			for _, c := range []expect.Context{{Seq: seq}, {Seq: seq, Prev: last}, {Seq: seq, Next: last}, {Seq: seq, Prev: last, Next: last}} {
				for k := range s.Fields {
					p := s.Prior(k, c)
					for _, v := range append(s.Likely(k, c), 0, 1e16, last.Values[k]) {
						if math.IsNaN(p.Cost(v)) {
							t.Fatalf("field %d: %d costs NaN", k, v)
						}
					}
				}
			}
			for k := range s.Sums {
				s.Sums[k].Solve(0, last.Values)
			}
		}
		m.Find(raw)
		m.Learn(raw, seq)
	}
	if _, err := expect.RestoreMeter(m.State()); err != nil {
		t.Fatalf("what it learned cannot be restored: %v", err)
	}
}

// FuzzRestoreMeter: what is no state of a meter is refused, or is harmless.
func FuzzRestoreMeter(f *testing.F) {
	var telegrams [][]byte
	for _, name := range sim.Meters() {
		all := simulated(f, "?telegrams=8&meter="+name)
		telegrams = append(telegrams, all[6:longtest.Pick(7, 8, 8)]...)
		text, err := json.Marshal(learned(all[:6]).State())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	small := []byte(`/AUX5990` + "\r\n\r\n0-0:1.0.0(260101000010W)\r\n1-0:1.8.0(0003*kWh)\r\n1-0:1.8.1(0001*kWh)\r\n1-0:1.8.2(0002*kWh)\r\n!0000\r\n")
	telegrams = append(telegrams, small)
	text, err := json.Marshal(learned([][]byte{small, small}).State())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"shapes":[{"text":"!","varies":".","telegrams":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var state expect.MeterState
		if json.Unmarshal(text, &state) != nil {
			return
		}
		if m, err := expect.RestoreMeter(state); err == nil {
			exercise(t, m, telegrams)
		}
	})
}

// hostile are values that a key may be given.
var hostile = []any{nil, -1.0, 0.0, 1.0, 1e9, 1e18, 1e300, "", "!", "x", []any{}, []any{-1.0, 99999.0}, map[string]any{}, true}

// spoil gives one of the keys or elements below v another value.
func spoil(d *rand.Rand, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		if len(keys) == 0 {
			return
		}
		key := keys[d.IntN(len(keys))]
		if d.IntN(4) == 0 {
			v[key] = hostile[d.IntN(len(hostile))]
			return
		}
		spoil(d, v[key])
	case []any:
		if len(v) == 0 {
			return
		}
		i, j := d.IntN(len(v)), d.IntN(len(v))
		switch d.IntN(8) {
		case 0:
			v[i] = hostile[d.IntN(len(hostile))]
		case 1:
			v[i], v[j] = v[j], v[i]
		default:
			spoil(d, v[i])
		}
	}
}

// Spoilt states do no harm, where they are not refused.
func TestSpoiltState(t *testing.T) {
	d := rand.New(rand.NewPCG(9, 10))
	all := simulated(t, "?telegrams=12&meter=se")
	text, err := json.Marshal(learned(all[:6]).State())
	if err != nil {
		t.Fatal(err)
	}
	refused, taken := 0, 0
	for range 600 {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		for range 1 + d.IntN(2) {
			spoil(d, v)
		}
		spoilt, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var state expect.MeterState
		if json.Unmarshal(spoilt, &state) != nil {
			refused++
			continue
		}
		m, err := expect.RestoreMeter(state)
		if err != nil {
			refused++
			continue
		}
		taken++
		exercise(t, m, all[6:9])
	}
	if refused < 100 || taken < 50 {
		t.Errorf("%d were refused and %d taken: too few of one", refused, taken)
	}
}
