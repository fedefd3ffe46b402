package yield

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

var replayed = flag.Int("yield.replay", 300, "telegrams that suffer the damage of the real log")

// surveyRealLog looks at the real log. It is no part of the module.
func surveyRealLog() (Survey, error) {
	log, err := os.ReadFile("../../../../shared/data/eon-noisy.log")
	if err != nil {
		return Survey{}, fmt.Errorf("the real log is not here: %w", err)
	}
	return TakeSurvey(log)
}

// enough is how many telegrams tell what a line does.
const enough = 2_000

// surveyRow looks at the log that a row makes.
func surveyRow(t *testing.T, row Row, telegrams int) Survey {
	t.Helper()
	source, err := row.Simulate(telegrams, *seed)
	if err != nil {
		t.Fatal(err)
	}
	var log []byte
	for x, ok := source.Next(); ok; x, ok = source.Next() {
		log = append(log, x.Logged...)
	}
	s, err := TakeSurvey(log)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != telegrams {
		t.Fatalf("%d telegrams are found, want %d", s.Len(), telegrams)
	}
	return s
}

// The damage of a real log, laid over telegrams of which the truth is known.
func TestReplay(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures, and takes minutes under the race detector")
	}
	s, err := surveyRealLog()
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip(err)
	}
	if err != nil || s.Len() != 804 {
		t.Fatalf("%d transmissions in the real log, want 804: %v", s.Len(), err)
	}
	row := ReplayRow(s)
	fmt.Fprint(t.Output(), row.Damage)
	compareReplay(t, s, surveyRow(t, row, min(max(*replayed, 300), enough)))
	r, err := row.Measure(*replayed, *seed, *confidence)
	if err != nil {
		t.Fatal(err)
	}
	total := r.Reliability.Total()
	fmt.Fprint(t.Output(), "\n", Heading(), r, r.Why(), "\n", &r.Reliability, total.Verdict())
	if r.Share() < row.Floor {
		t.Errorf("%.2f %% right, want %.2f %%", r.Share()*100, row.Floor*100)
	}
	checkFloor(t, r)
	checkReliability(t, total)
}

// compareReplay holds the replay against the half of the log that its damage was
// counted in, which it must resemble, and against the other half, of which it
// knows nothing.
func compareReplay(t *testing.T, s, made Survey) {
	t.Helper()
	half := s.Len() / 2
	first, second, replay := s.Part(0, half).Figures(), s.Part(half, s.Len()).Figures(), made.Figures()
	fmt.Fprintf(t.Output(), "\n%s", Compare([]string{"first half", "second half", "replay"}, []Figures{first, second, replay}))
	apart := func(what string, a, b, most float64) {
		if math.Abs(a-b) > most {
			t.Errorf("%s: %.3f in the replay, %.3f in the log, want at most %.3f between them", what, a, b, most)
		}
	}
	few := 4 * math.Sqrt(1/float64(first.Telegrams)+1/float64(replay.Telegrams)) // four standard deviations
	apart("changes", replay.Changes, first.Changes, few*math.Sqrt(first.Variance))
	apart("lost '/'", replay.NoStart, first.NoStart, few*0.5)
	apart("untouched", replay.Untouched, second.Untouched, 0.08)
	apart("changes and the second half", replay.Changes, second.Changes, second.Changes/2)
	apart("vanished and the second half", replay.Vanished, second.Vanished, 0.08)
}

// What is counted in a log is what has made it: the simulated line has known rates,
// and pauses at three places.
func TestFit(t *testing.T) {
	row := Row{Number: 1, Meter: "hu", Options: "noise=slow-rise&rate=0.002&pause-rate=0.2&logger=printable"}
	d := Fit(surveyRow(t, row, 400))
	checkFit(t, "simulated line", d, 0.002, 0.2)
	if d.Cluster > 0 && d.Cluster < 8 {
		t.Errorf("the telegrams' rates vary with shape %d, and are all the same", d.Cluster)
	}
	// And so again of what is made from that.
	row = Row{Number: 1, Meter: "hu", Options: "noise=clean&logger=printable", Damage: d}
	checkFit(t, "replay", Fit(surveyRow(t, row, 400)), 0.002, 0.2)
	if strings.Count(d.String(), "\n") != 4 {
		t.Errorf("it is said as\n%s", d)
	}
}

func checkFit(t *testing.T, what string, d *Damage, rate, pauseRate float64) {
	t.Helper()
	if math.Abs(d.Rate-rate) > rate/6 || d.Telegrams != 400 {
		t.Errorf("%s: %.5f of the bytes are hit in %d telegrams, want %.5f in 400", what, d.Rate, d.Telegrams, rate)
	}
	var codes []string
	for _, p := range d.places {
		codes = append(codes, fmt.Sprintf("%s %d %c", p.code, p.offset, p.is))
		if math.Abs(p.rate-pauseRate) > 0.09 {
			t.Errorf("%s: %.2f hit in the line %s, want %.2f", what, p.rate, p.code, pauseRate)
		}
	}
	if want := []string{"/ 0 /", "0-0:98.1.0 105 (", "0-0:96.13.0 0 0"}; !slices.Equal(codes, want) {
		t.Errorf("%s: the places %q stand out, want %q", what, codes, want)
	}
	// '.' is read as 0x0C, which is dropped, '8' as '0' but for the few edges.
	gone, zero := 0, 0
	for _, read := range d.bytes['.'].reads {
		if read == nothing {
			gone++
		}
	}
	for _, read := range d.bytes['8'].reads {
		if read == '0' {
			zero++
		}
	}
	if n := len(d.bytes['.'].reads); n < 50 || gone < n*8/10 {
		t.Errorf("%s: %d of %d '.' have vanished", what, gone, n)
	}
	if n := len(d.bytes['8'].reads); n < 8 || zero < n*8/10 {
		t.Errorf("%s: %d of %d '8' have become '0'", what, zero, n)
	}
}

// Telegrams whose rates differ are seen to differ.
func TestCluster(t *testing.T) {
	row := Row{Number: 1, Meter: "hu", Options: "noise=slow-rise&rate=0.002&pause-rate=0.2&logger=printable"}
	d := Fit(surveyRow(t, row, 200))
	d.Cluster = 2
	row = Row{Number: 1, Meter: "hu", Options: "noise=clean&logger=printable", Damage: d}
	if again := Fit(surveyRow(t, row, 400)); again.Cluster < 1 || again.Cluster > 4 {
		t.Errorf("shape 2 is counted as %d", again.Cluster)
	}
}

func TestLikewise(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		b          byte
		sent, read int
		want       []int
	}{
		{'8', '0', ' ', []int{'0'}},              // all edges
		{'.', '0', ' ', []int{nothing}},          // the same, and not logged
		{'k', 'h', nothing, []int{nothing}},      // vanished
		{'7', '5', '4', []int{'&' | 0x10, '\''}}, // one edge of two
		{'0', '.', '\\', []int{'`'}},             // late
		{'0', '8', 'x', []int{'p'}},              // some bit
	} {
		for range 20 {
			if got := likewise(c.b, change{0, c.sent, c.read}, dice); !slices.Contains(c.want, got) {
				t.Errorf("%q, as %q became %d, becomes %d, want one of %d", c.b, c.sent, c.read, got, c.want)
			}
		}
	}
}

func TestAlign(t *testing.T) {
	text := "/AUX5999\r\n\r\n1-0:1.8.0(0012*kWh)\r\n1-0:2.8.0(0034*kWh)\r\n1-0:3.8.0(0056*kWh)\r\n!0A1F\r\n"
	p, err := patternOf([]byte(strings.Repeat(text, 3)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old, new string
		want     []change
	}{
		{"", "", nil},
		{"0012", "9876", nil}, // digits may change
		{"0A1F", "F2E7", nil},
		{"1.8.0(", "1 8.0(", []change{{17, '.', ' '}}},
		{"2.8.0(", "2.80(", []change{{40, '.', nothing}}},
		{"2.8.0(", "2.8.~0(", []change{{41, nothing, '~'}}},
		{"0012", "0 12", []change{{23, '0', ' '}}},
		{"/AUX", "AUX", []change{{0, '/', nothing}}},
		{"1F\r\n", "1F\r", []change{{len(text) - 1, '\n', nothing}}},
	} {
		log := strings.Replace(text, c.old, c.new, 1)
		for _, rest := range []string{"", text[1:] + text} {
			got, n := p.align([]byte(log + rest))
			if n != len(log) || !slices.Equal(got, c.want) {
				t.Errorf("%q for %q, %d bytes after it: %v in %d bytes, want %v in %d", c.new, c.old, len(rest), got, n, c.want, len(log))
			}
		}
	}
	if _, err := patternOf([]byte(text)); err == nil {
		t.Error("one telegram is taken for a log")
	}
	if _, err := TakeSurvey([]byte(strings.Repeat(text, 5) + strings.Repeat("x", 1000))); err == nil {
		t.Error("a log that is none is surveyed")
	}
}

// What a byte was read as itself counts more the more often it was hit.
func TestFateOfItsOwn(t *testing.T) {
	const draws = 3000
	dice := rand.New(rand.NewPCG(1, 1))
	for _, hits := range []int{0, 10, 90} {
		d := &Damage{}
		d.hits[1] = []change{{0, '8', '0'}}
		for range hits {
			d.bytes['8'].reads = append(d.bytes['8'].reads, 'x')
		}
		own, like := 0, 0
		for range draws {
			switch d.read('8', &d.bytes['8'], dice) {
			case 'x':
				own++
			case '0':
				like++
			}
		}
		want := draws * hits / (hits + fateWeight)
		if own+like != draws || own < want-200 || own > want+200 {
			t.Errorf("after %d hits %d of %d are like these and %d like another byte, want %d", hits, own, draws, like, want)
		}
	}
}
