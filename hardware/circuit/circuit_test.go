package circuit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"p1/pkg/sim"
)

// judge is Judge on the telegram, and skips where there is no ngspice.
func judge(t *testing.T, v Values) Result {
	t.Helper()
	text, d, err := Telegram()
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Judge(text, d)
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// committed is the table of signatures.
func committed(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open("../simulation/signatures.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := readTable(f)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// readTable returns the lines of a table of signatures, without its heading.
func readTable(r io.Reader) ([][]string, error) {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], heading) {
		return nil, errors.New("this is no table of signatures, or that of another version: make it again")
	}
	return lines[1:], nil
}

// The committed table is what the circuits give: some of its points again.
func TestTable(t *testing.T) {
	table := committed(t)
	n := 0
	for _, s := range Sweeps() {
		for _, p := range s.Points {
			if n >= len(table) {
				t.Fatalf("the table has %d lines: make it again", len(table))
			}
			again := Fields(s.Name, p, Result{})
			verdict := slices.Index(heading, "verdict")
			if !slices.Equal(table[n][:verdict], again[:verdict]) {
				t.Fatalf("line %d is %v, want %v: make the table again", n+2, table[n][:verdict], again[:verdict])
			}
			if n%47 == 0 {
				compareLine(t, table[n], Fields(s.Name, p, judge(t, p.Values)))
			}
			n++
		}
	}
	if n != len(table) || n < 500 {
		t.Errorf("the table has %d lines, and %d points are simulated", len(table), n)
	}
}

// The summary is that of the table, and what the pages of hardware show of it stands
// there.
func TestSummary(t *testing.T) {
	table := committed(t)
	summary, err := os.ReadFile("../simulation/SIGNATURES.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Sweeps() {
		var results []Result
		for _, line := range table[:len(s.Points)] {
			results = append(results, result(t, line))
		}
		table = table[len(s.Points):]
		var want bytes.Buffer
		if err := s.WriteSummary(&want, results); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(summary, want.Bytes()) {
			t.Errorf("%s: the summary is not that of the table", s.Name)
		}
	}
	readme := pages(t)
	shown := regexp.MustCompile(`(?m)^\|.* \d\.\d\d / \d\.\d\d \|.*\|.*\|.*\|$`).FindAll(readme, -1)
	shown = append(shown, regexp.MustCompile(`(?m)^\|.*\| (?:the receiver|the current) .*$`).FindAll(readme, -1)...)
	for _, line := range shown {
		if !bytes.Contains(summary, append(line, '\n')) {
			t.Errorf("a page has a line that is not in SIGNATURES.md: %s", line)
		}
	}
	if len(shown) < 10 {
		t.Errorf("the pages show %d lines of the summary", len(shown))
	}
}

// pages returns the pages of hardware.
func pages(t *testing.T) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{"../README.md", "../VALUES.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// Each recommended pull-up has the largest smaller margin of those that 4 mA pull down
// with 5 % of tolerance in the resistor and the supply, and hardware/VALUES.md says how
// large its margins are.
func TestRecommended(t *testing.T) {
	readme := pages(t)
	table := committed(t)
	built := Built()
	for sweep, v := range map[string]Values{
		"transistor-pullup": built[0], "hc14-pullup": built[1], "direct5-pullup": built[3], "direct33-pullup": built[4],
	} {
		late, early := map[string]float64{}, map[string]float64{}
		for _, line := range table {
			if line[0] != sweep {
				continue
			}
			r, pullUp := result(t, line), line[slices.Index(heading, "pullup_ohm")]
			if ohms, _ := strconv.ParseFloat(pullUp, 64); v.Supply*1.05/(0.95*ohms) > 4e-3 {
				continue
			}
			if _, ok := late[pullUp]; !ok {
				late[pullUp], early[pullUp] = 1, 1
			}
			late[pullUp], early[pullUp] = min(late[pullUp], r.Late), min(early[pullUp], r.Early)
		}
		own := fmt.Sprint(v.PullUp)
		if len(late) < 4 || late[own] == 0 {
			t.Fatalf("%s: %v Ω is not among %v", sweep, own, late)
		}
		for other := range late {
			if min(late[other], early[other]) > min(late[own], early[own]) {
				t.Errorf("%s: %s Ω is better than %s Ω", sweep, other, own)
			}
		}
		if want := fmt.Sprintf("%s: %.2f, %.2f |", ohms(v.PullUp), late[own]*1e6, early[own]*1e6); !strings.Contains(string(readme), want) {
			t.Errorf("%s: VALUES.md lacks %q", sweep, want)
		}
	}
}

// result reads those columns of a line that the summary shows.
func result(t *testing.T, line []string) Result {
	t.Helper()
	number := func(name string) float64 {
		text := line[slices.Index(heading, name)]
		if text == "" {
			return math.NaN()
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	return Result{
		Verdict: Verdict(line[slices.Index(heading, "verdict")]), Right: int(number("right")),
		Late: number("late_us") / 1e6, Early: number("early_us") / 1e6,
	}
}

// compareLine allows margins 0.05 µs: another ngspice takes other steps.
func compareLine(t *testing.T, old, now []string) {
	t.Helper()
	for i, name := range heading {
		switch name {
		case "verdict":
			if old[i] != now[i] {
				t.Errorf("%v: now it is %s", old, now[i])
			}
		case "late_us", "early_us":
			a, errA := strconv.ParseFloat(old[i], 64)
			b, errB := strconv.ParseFloat(now[i], 64)
			if (errA == nil) != (errB == nil) || math.Abs(a-b) > 0.05 {
				t.Errorf("%v: %s is now %s", old, name, now[i])
			}
		}
	}
}

// A pull-up lifts the wire as the formula for a resistor and a capacitor says: to half
// in 0.69 RC. That of the start bit comes after idle time.
func TestChargesAsCalculated(t *testing.T) {
	for _, c := range []struct{ pullUp, cable float64 }{{1000, 10}, {4700, 10}, {10e3, 2}, {10e3, 10}} {
		v := Values{Kind: Direct, Supply: 5, PullUp: c.pullUp, Cable: c.cable}.input(2.5)
		d := sim.NewDrive(Baud, []byte{0x00}, nil, 3)
		lines, err := v.Simulate(d)
		if errors.Is(err, ErrMissing) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		edges := v.Sampler().Edges(lines.UART)
		if len(edges) != 2 {
			t.Fatalf("%v: %d edges", c, len(edges))
		}
		got, want := edges[0].Time-d.Edges[0].Time, math.Ln2*c.pullUp*(c.cable*cableC+inputC)
		if math.Abs(got-want) > 0.04*want+30e-9 {
			t.Errorf("%v Ω, %v m: half after %.2f µs, want %.2f", c.pullUp, c.cable, got*1e6, want*1e6)
		}
	}
}

// Both rows of shared/FACTS.md §3: every byte is hit, and only 1s are lost.
func TestKnownFaults(t *testing.T) {
	for name, v := range map[string]Values{"10 kΩ at the collector": WeakCollector, "1 kΩ against 4 mA": StrongPullUp} {
		if r := judge(t, v); r.Verdict != OnesLost || r.Right > 0 || r.Late >= 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// The receivers as they are built carry everything from every output that is simulated,
// over 10 m, with two microseconds to spare. The 74HCT14 is simulated, not recommended.
func TestBuilt(t *testing.T) {
	table := committed(t)
	n := 0
	for _, line := range table {
		if line[0] != "built" || !strings.HasSuffix(line[1], ", 10 m") || strings.HasPrefix(line[1], "hct14") {
			continue
		}
		n++
		if r := result(t, line); r.Verdict != Clean || r.Late < 2e-6 || r.Early < 2e-6 {
			t.Errorf("%v: %s, margins %.2f and %.2f µs", line[1:3], r.Verdict, r.Late*1e6, r.Early*1e6)
		}
	}
	if n != 4*len(outputs) {
		t.Errorf("the table has %d lines of receivers behind 10 m", n)
	}
	// The standard allows 5 mA; its 5 V may be 5.5 V.
	for _, v := range Built() {
		if v.Supply*1.1/v.PullUp > 5e-3 {
			t.Errorf("%s, %g V: a pull-up of %g Ω", v.Kind, v.Supply, v.PullUp)
		}
	}
}

// The margins are what is left of half a bit.
func TestMargins(t *testing.T) {
	d := sim.NewDrive(Baud, []byte("05"), nil, 3)
	shift := func(rise, fall float64) (edges []sim.Edge) {
		for _, e := range d.Edges {
			if e.High {
				e.Time += rise
			} else {
				e.Time += fall
			}
			edges = append(edges, e)
		}
		return edges
	}
	const half = Bit / 2
	for _, c := range []struct{ rise, fall, late, early float64 }{
		{0, 0, half, half},
		{1e-6, 1e-6, half, half}, // all late alike is not late
		{1e-6, 0, half - 1e-6, half},
		{5e-6, 0, half - 5e-6, half},
		{0, 2e-6, half, half - 2e-6},
		{0, 5e-6, half, half - 5e-6},
	} {
		late, early := margins(d, shift(c.rise, c.fall))
		if math.Abs(late-c.late) > 1e-12 || math.Abs(early-c.early) > 1e-12 {
			t.Errorf("rising by %g, falling by %g: %g and %g, want %g and %g", c.rise, c.fall, late, early, c.late, c.early)
		}
	}
	if late, early := margins(d, shift(0, 0)[1:]); !math.IsNaN(late) || !math.IsNaN(early) {
		t.Error("where an edge is missing there are margins")
	}
}

// What arrived is compared with what was sent by its time.
func TestCompare(t *testing.T) {
	text := []byte("0000000000")
	d := sim.NewDrive(Baud, text, nil, 3)
	heard := func(value func(i int) (byte, bool)) (list []sim.Sampled) {
		for i := range text {
			if b, ok := value(i); ok {
				list = append(list, sim.Sampled{Value: b, Start: d.Starts[i] + Bit/4, Stop: true})
			}
		}
		return list
	}
	for _, c := range []struct {
		name  string
		value func(i int) (byte, bool)
		want  Verdict
	}{
		{"all right", func(int) (byte, bool) { return '0', true }, Clean},
		{"nothing", func(int) (byte, bool) { return 0, false }, Dead},
		{"first 1s lost", func(int) (byte, bool) { return ' ', true }, OnesLost},
		{"last 0s lost", func(int) (byte, bool) { return 0xB8, true }, ZerosLost},
		{"half of them missing", func(i int) (byte, bool) { return '0', i%2 == 0 }, ZerosLost},
		{"both", func(i int) (byte, bool) { return []byte{' ', 'p'}[i%2], true }, Garbled},
	} {
		if r := compare(text, d, heard(c.value)); r.Verdict != c.want {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	r := compare(text, d, heard(func(i int) (byte, bool) { return []byte{'0', ' ', 'p', 'A', '0'}[i%5], i != 9 }))
	if r.Right != 3 || r.Ones != 2 || r.Zeros != 2 || r.Both != 2 || r.Lost != 1 {
		t.Errorf("counted %+v", r)
	}
}

// Data is best kept with its own ground in a pair: whatever disturbs it, the ways that
// split them do worse by half or more.
func TestCrosstalk(t *testing.T) {
	all := Splits()
	for _, by := range []Disturbance{Load, Mains} {
		var right float64
		for i, s := range all[:3] {
			x, err := s.Crosstalk(by, 10)
			if errors.Is(err, ErrMissing) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				right = math.Abs(x.Peak)
			} else if math.Abs(x.Peak) < 1.5*right {
				t.Errorf("%s, %s: %.2f V, and in one pair %.2f V", by, s.Name, x.Peak, right)
			}
		}
	}
}

// A matrix times its inverse is 1.
func TestInverse(t *testing.T) {
	m := Splits()[0].inductances(true)
	n := inverse(m)
	for i := range m {
		for j := range m {
			sum := 0.0
			for k := range m {
				sum += m[i][k] * n[k][j]
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(sum-want) > 1e-9 {
				t.Errorf("%d, %d: %g", i, j, sum)
			}
		}
	}
}

// The first circuit that fails is the last one that is begun but for those beside it, and its
// error names it in words.
func TestFailsAtOnce(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	text, drive, err := Telegram()
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	var counting sync.Mutex
	points := Sweeps()[0].Points
	_, err = JudgeAll(points, text, drive, func() {
		counting.Lock()
		defer counting.Unlock()
		done++
	})
	if !errors.Is(err, ErrMissing) || strings.ContainsAny(err.Error(), "{}") {
		t.Errorf("without ngspice: %v", err)
	}
	if most := 2*runtime.NumCPU() + 1; done > most {
		t.Errorf("%d of %d circuits are tried, at most %d", done, len(points), most)
	}
}
