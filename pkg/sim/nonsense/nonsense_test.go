package nonsense

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

var meters = []string{"nl", "be", "se", "hu", "dsmr4"}

// mixed is a plan with all that is over in one telegram, and some intervals.
func mixed(t *testing.T, meter string, telegrams int) Plan {
	t.Helper()
	o, err := sim.ParseOptions("logger=raw&meter=" + meter)
	if err != nil {
		t.Fatal(err)
	}
	o.Telegrams = telegrams
	return Plan{World: o, Seed: 7, Share: 0.05, Kinds: Once(), At: []At{{telegrams / 3, "gas zero for an interval"}}}
}

func open(t *testing.T, p Plan) *Stream {
	t.Helper()
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each example of the table is what its kind makes of a line.
func TestExamples(t *testing.T) {
	for _, k := range kinds {
		if !k.lines(k.Right) {
			t.Errorf("%s does not hit %s", k.Name, k.Right)
		}
		code, n := codeOf(k.Right), int64(4686172)
		last := map[string]reading{code: {n: n, before: n - 1, stepped: true}, "1-0:1.8.2": {n: 21622370}}
		if isDevice(k.Right) {
			last[code] = reading{n: 4711235, before: 4711142, stepped: true}
		}
		x := &scene{rand.New(rand.NewPCG(1, 0)), last, map[string]string{code: k.Wrong}, 0}
		made := map[string]bool{}
		for range 200 {
			if wrong, ok := k.twist(x, k.Right); ok {
				made[wrong] = true
			}
		}
		if !made[k.Wrong] {
			t.Errorf("%s: of %s come %v, and never %s", k.Name, k.Right, made, k.Wrong)
		}
	}
}

// The truth is about what is sent: each line that differs from the right one is
// listed, each CRC holds, and equal seeds give equal streams.
func TestTruth(t *testing.T) {
	for _, meter := range meters {
		first, telegrams := open(t, mixed(t, meter, 3000)).Log()
		again, _ := open(t, mixed(t, meter, 3000)).Log()
		if !bytes.Equal(first, again) {
			t.Errorf("%s: two streams of one seed differ", meter)
		}
		met := map[string]bool{}
		for _, x := range telegrams {
			sent, right := split(x.Text), split(x.Right)
			for _, m := range []message{sent, right} {
				if text := strings.Join(m[:len(m)-2], "\r\n") + "\r\n!"; m[len(m)-2] != "!"+hex(sim.ARC([]byte(text))) {
					t.Fatalf("%s, telegram %d: the CRC does not hold", meter, x.Seq)
				}
			}
			var differ, listed []int
			for i := range right[:len(right)-2] {
				if sent[i] != right[i] {
					differ = append(differ, i+1)
				}
			}
			for _, l := range x.Lines {
				listed = append(listed, l.Number)
				met[l.Kind] = true
				if l.Right != right[l.Number-1] || l.Sent != sent[l.Number-1] {
					t.Errorf("%s, telegram %d: %s is not what stands there", meter, x.Seq, l)
				}
			}
			if !slices.Equal(differ, listed) {
				t.Errorf("%s, telegram %d: lines %v differ, %v are listed", meter, x.Seq, differ, listed)
			}
		}
		for _, k := range Kinds() {
			device := isDevice(k.Right) && k.Name != "older"
			if hasGas := meter != "se" && meter != "hu"; k.lasts <= 0 && (hasGas || !device) && !met[k.Name] {
				t.Errorf("%s: there is no %s", meter, k.Name)
			}
		}
	}
}

// What is right between nonsense is never contradicted.
func TestRightIsNotContradicted(t *testing.T) {
	for _, meter := range meters {
		believeAll(t, meter, mixed(t, meter, 3000))
	}
}

// Nor is what a hasty judge takes for nonsense.
func TestCleanIsNotContradicted(t *testing.T) {
	longtest.Needs(t, "years of seconds are simulated")
	for _, query := range Clean(2000, 1) {
		o, err := sim.ParseOptions(query)
		if err != nil {
			t.Fatal(err)
		}
		believeAll(t, query, Plan{World: o})
	}
}

// believeAll lets a judge believe all right lines of a stream.
func believeAll(t *testing.T, name string, p Plan) {
	t.Helper()
	s, j := open(t, p), &judge{last: map[string]reading{}}
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		m, now := split(x.Right), x.Clock.Unix()
		j.frame(now, m)
		for i, line := range m {
			if !Counts(line) && !isClock(line) || slices.ContainsFunc(x.Lines, func(l Line) bool { return l.Number == i+1 }) {
				continue
			}
			if by := j.against(line, now, false); by != "" {
				t.Fatalf("%s, telegram %d: %s contradicts %s", name, x.Seq, by, line)
			}
			j.believe(line, now)
		}
	}
}

func hex(crc uint16) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[crc>>12], digits[crc>>8&15], digits[crc>>4&15], digits[crc&15]})
}
