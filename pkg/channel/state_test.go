package channel_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"p1/pkg/channel"
)

// suffer makes a model learn of a line by chance; the same seed, the same line.
func suffer(m *channel.Model, seed uint64, n int) {
	d := rand.New(rand.NewPCG(seed, 1))
	for range n {
		switch d.IntN(5) {
		case 0:
			m.Hit("8k3("[d.IntN(4)], byte(d.IntN(256)))
		case 1:
			m.Vanished("(.0"[d.IntN(3)])
		case 2:
			m.Added()
		default:
			m.Sent(d.IntN(5000))
		}
		if d.IntN(10) == 0 {
			m.Settle()
		}
	}
}

// restoredModel writes a model down and reads it back.
func restoredModel(t testing.TB, m *channel.Model) *channel.Model {
	t.Helper()
	text, err := json.Marshal(m.State())
	if err != nil {
		t.Fatal(err)
	}
	var state channel.ModelState
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	r, err := channel.RestoreModel(state)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func checkSameCosts(a, b *channel.Model) error {
	if a.Costs().Insert() != b.Costs().Insert() || a.HitRate() != b.HitRate() || a.Printable() != b.Printable() {
		return fmt.Errorf("another insertion, rate or logger")
	}
	for sent := range 256 {
		if x, y := a.Costs().Vanish(byte(sent)), b.Costs().Vanish(byte(sent)); x != y {
			return fmt.Errorf("that %02X vanishes costs %v and %v", sent, x, y)
		}
		for read := range 256 {
			if x, y := a.Costs().Reading(byte(sent), byte(read)), b.Costs().Reading(byte(sent), byte(read)); x != y {
				return fmt.Errorf("%02X read as %02X costs %v and %v", sent, read, x, y)
			}
		}
	}
	return nil
}

// A restored model is as the saved one, and goes on as it, although the costs
// follow the hits only now and then.
func TestRestoredModelGoesOn(t *testing.T) {
	for _, printable := range []bool{false, true} {
		for seed := range uint64(8) {
			m := channel.NewModel(printable)
			suffer(m, seed, 200*int(seed))
			r := restoredModel(t, m)
			if err := checkSameCosts(m, r); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			suffer(m, seed+100, 300)
			suffer(r, seed+100, 300)
			if err := checkSameCosts(m, r); err != nil {
				t.Fatalf("seed %d, later: %v", seed, err)
			}
			if !reflect.DeepEqual(m, r) || !reflect.DeepEqual(m.State(), r.State()) {
				t.Fatalf("seed %d: another model", seed)
			}
		}
	}
}

// What was written down once must be read in years to come.
func TestWrittenModel(t *testing.T) {
	const text = `{"printable":true,"bytes":1000,
		"hits":{"rise":20,"fall":2,"flip":1,"late":0.5,"random":0.25,"delete":3,"insert":4},
		"rates":{"rise":0.02,"fall":0.002,"flip":0.001,"late":0.0005,"random":0.00025,"delete":0.003,"insert":0.004}}`
	var state channel.ModelState
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		t.Fatal(err)
	}
	m, err := channel.RestoreModel(state)
	if err != nil {
		t.Fatal(err)
	}
	fresh := channel.NewModel(true)
	for c, want := range map[channel.Cause]float64{
		channel.Rise: 0.02, channel.Fall: 0.002, channel.Flip: 0.001, channel.Late: 0.0005,
		channel.Random: 0.00025, channel.Delete: 0.003, channel.Insert: 0.004,
		channel.Soon: fresh.State().Hits["soon"] / 1000, channel.RiseOne: fresh.State().Hits["rise one"] / 1000,
	} {
		if got := m.Rate(c); got != want {
			t.Errorf("the rate of cause %d is %v, want %v", c, got, want)
		}
	}
	if !m.Printable() {
		t.Error("the logger is forgotten")
	}
	again, err := json.Marshal(m.State())
	if err != nil {
		t.Fatal(err)
	}
	var written channel.ModelState
	if err := json.Unmarshal(again, &written); err != nil {
		t.Fatal(err)
	}
	for name, hits := range state.Hits {
		if written.Hits[name] != hits || written.Rates[name] != state.Rates[name] {
			t.Errorf("%s is written again otherwise: %s", name, again)
		}
	}
	if written.Bytes != state.Bytes || written.Printable != state.Printable || len(written.Hits) != len(fresh.State().Hits) {
		t.Errorf("written again as %s", again)
	}
}

func TestModelStateIsACopy(t *testing.T) {
	m := channel.NewModel(false)
	state := m.State()
	state.Hits["rise"], state.Rates["rise"] = 1e6, 1
	if m.State().Hits["rise"] == 1e6 || m.State().Rates["rise"] == 1 {
		t.Error("the model has changed with its state")
	}
}

func TestUnfitModelState(t *testing.T) {
	for want, spoil := range map[string]func(s *channel.ModelState){
		"hits in 0 bytes":                func(s *channel.ModelState) { s.Bytes = 0 },
		"hits in -1 bytes":               func(s *channel.ModelState) { s.Bytes = -1 },
		"hits in NaN bytes":              func(s *channel.ModelState) { s.Bytes = math.NaN() },
		"hits in +Inf bytes":             func(s *channel.ModelState) { s.Bytes = math.Inf(1) },
		`hits: that of "flip" is 0`:      func(s *channel.ModelState) { s.Hits["flip"] = 0 },
		`hits: that of "rise" is -2`:     func(s *channel.ModelState) { s.Hits["rise"] = -2 },
		`hits: that of "late" is NaN`:    func(s *channel.ModelState) { s.Hits["late"] = math.NaN() },
		`hits: that of "insert" is miss`: func(s *channel.ModelState) { delete(s.Hits, "insert") },
		`hits: that of "rise" is miss`:   func(s *channel.ModelState) { s.Hits = nil },
		"hits: 13 causes":                func(s *channel.ModelState) { s.Hits["moon"] = 1 },
		`rates: that of "fall" is +Inf`:  func(s *channel.ModelState) { s.Rates["fall"] = math.Inf(1) },
		`rates: that of "rise" is miss`:  func(s *channel.ModelState) { s.Rates = nil },
	} {
		state := channel.NewModel(false).State()
		spoil(&state)
		m, err := channel.RestoreModel(state)
		if err == nil || !strings.Contains(err.Error(), want) || m != nil {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// FuzzRestoreModel: what is no model is refused, or its costs are numbers.
func FuzzRestoreModel(f *testing.F) {
	for _, printable := range []bool{false, true} {
		m := channel.NewModel(printable)
		suffer(m, 1, 100)
		text, err := json.Marshal(m.State())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var state channel.ModelState
		if json.Unmarshal(text, &state) != nil {
			return
		}
		m, err := channel.RestoreModel(state)
		if err != nil {
			return
		}
		suffer(m, 2, 30)
		for b := range 256 {
			if c := float64(m.Costs().Reading('8', byte(b)) + m.Costs().Vanish(byte(b)) + m.Costs().Insert()); math.IsNaN(c) || math.IsInf(c, 0) {
				t.Fatalf("a cost of %v", c)
			}
		}
	})
}

// A line that has been clean for months may get bad: no cause is forgotten so
// thoroughly that a hit has none.
func TestNoCauseIsRuledOut(t *testing.T) {
	m := channel.NewModel(false)
	for range 3000 {
		m.Sent(4e6)
	}
	m.Settle()
	if c := m.Costs().Reading('8', '0'); c >= channel.Never {
		t.Errorf("on a clean line, a lost edge costs %v", c)
	}
	before := m.HitRate()
	for range 500 {
		m.Hit('8', '0')
	}
	if m.HitRate() < 10*before {
		t.Errorf("after 500 hits the rate is %v, and was %v", m.HitRate(), before)
	}
	restoredModel(t, m)
}

// A fill that was found can be given to another finder, which knows it at once.
func TestKnownFill(t *testing.T) {
	want := channel.Fill{Code: message, B: 0xFF, N: 1024}
	var found channel.FillFinder
	for _, raw := range bare(t, "hu", 3) {
		found.Add(raw, signed(t, raw, want))
	}
	fill, ok := found.Found()
	if !ok {
		t.Fatal("no fill is found")
	}
	text, err := json.Marshal(fill)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"code":"0-0:96.13.0","byte":255,"n":1024}`; string(text) != want {
		t.Errorf("it is written as %s, want %s", text, want)
	}
	var read channel.Fill
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	l, err := read.Logger()
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := l.Fill(); !ok || got != fill {
		t.Errorf("%v is known, want %v", got, fill)
	}
}

// Any fill that can be found can be known, and no other.
func TestUnfitFill(t *testing.T) {
	for _, b := range unprintable() {
		for _, fill := range []channel.Fill{{Code: message, B: b, N: 1}, {Code: "1-0:96.13.0*255", B: b, N: 4096}} {
			if _, err := fill.Logger(); err != nil {
				t.Errorf("%v: %v", fill, err)
			}
		}
	}
	for _, fill := range []channel.Fill{
		{}, {message, 0xFF, 0}, {message, 0xFF, -1}, {message, 0xFF, 4097}, {message, ' ', 9}, {message, '\n', 9},
		{"message", 0xFF, 9}, {message + "(", 0xFF, 9}, {"\n" + message, 0xFF, 9},
	} {
		if l, err := fill.Logger(); err == nil || l != (channel.Logger{}) {
			t.Errorf("%v is taken", fill)
		}
	}
}
