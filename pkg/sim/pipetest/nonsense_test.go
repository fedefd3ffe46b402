package pipetest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/nonsense"
)

// The tests of nonsense print, with -v, how much of it is handed on and how many right lines
// are held back, by kind:
//
//	P1_LONG=1 P1_NONSENSE=5 go test ./pkg/sim/pipetest -run Nonsense -v -timeout 60m
//
// P1_NONSENSE is a number that gives other houses, meters and nonsense; with P1_LONG=1
// streams are as long as they are to be judged by, and meters send at their own pace.

// lookaheads are the ways in which the streams are repaired; someLookaheads are fewer where
// a test is to be short.
var (
	lookaheads     = []string{"--lookahead 0", ""}
	someLookaheads = longtest.Pick(lookaheads[:1], lookaheads, lookaheads)
)

// nonsenseMeters are those that are told lies about; with gas are those that read a gas
// meter, and how many telegrams they send in an hour: one in ten seconds, and those that
// could send one a second do so in the long tests.
var nonsenseMeters = []struct {
	name   string
	gas    bool
	hourly int
}{
	{"nl", true, longtest.Pick(360, 3600, 3600)}, {"be", true, longtest.Pick(360, 3600, 3600)},
	{"se", false, 360}, {"hu", false, 360}, {"dsmr4", true, 360},
}

// nonsenseSeed is the number that P1_NONSENSE has, 1 without it.
func nonsenseSeed() uint64 {
	n, err := strconv.ParseUint(os.Getenv("P1_NONSENSE"), 10, 64)
	if err != nil {
		return 1
	}
	return n
}

// plan is a stream without nonsense; options are those of the demo.
func plan(t *testing.T, meter string, telegrams int, options string) nonsense.Plan {
	t.Helper()
	if !longtest.Asked() {
		options += "&every=10s"
	}
	o, err := sim.ParseOptions(fmt.Sprintf("meter=%s&telegrams=%d&seed=%d%s", meter, telegrams, nonsenseSeed(), options))
	must(t, err)
	return nonsense.Plan{World: o, Seed: nonsenseSeed()}
}

// lies is a log with nonsense in it, and the truth.
type lies struct {
	file      string
	telegrams []nonsense.Telegram
	at        map[int64]int // by offset
	equal     int
}

func tell(t *testing.T, p nonsense.Plan) *lies {
	t.Helper()
	s, err := nonsense.New(p)
	must(t, err)
	x := &lies{file: filepath.Join(t.TempDir(), "nonsense.log"), at: map[int64]int{}}
	f, err := os.Create(x.file)
	must(t, err)
	defer f.Close()
	w, offset := bufio.NewWriter(f), int64(0)
	for told, ok := s.Next(); ok; told, ok = s.Next() {
		w.Write(told.Text)
		x.at[offset] = len(x.telegrams)
		offset += int64(len(told.Text))
		x.telegrams = append(x.telegrams, told)
	}
	x.equal = s.Equal()
	must(t, w.Flush())
	return x
}

// A verdict is what p1fix says of a telegram.
type verdict struct {
	Type    string  `json:"type"`
	Offset  int64   `json:"offset"`
	Status  string  `json:"status"`
	Suspect string  `json:"suspect"`
	Doubted []doubt `json:"doubted"`
	Raw     latin1  `json:"raw"`
}

// A doubt is about one line, counted from 1.
type doubt struct {
	Line int    `json:"line"`
	Code string `json:"code"`
	Why  string `json:"why"`
}

// doubts reports whether a line of the telegram is not handed on.
func (v *verdict) doubts(line int) bool {
	if v.Suspect != "" {
		return true
	}
	for _, d := range v.Doubted {
		if d.Line == line {
			return true
		}
	}
	return false
}

// reason is why a line is not handed on: the code that is doubted, or that the whole
// telegram is suspect.
func (v *verdict) reason(line int) (code, why string) {
	for _, d := range v.Doubted {
		if d.Line == line {
			return d.Code, d.Why
		}
	}
	return "suspect", v.Suspect
}

// eachVerdict reads telegram records as they come.
func eachVerdict(t *testing.T, from io.Reader, take func(v *verdict)) {
	t.Helper()
	in := bufio.NewScanner(from)
	in.Buffer(nil, 1<<22)
	for in.Scan() {
		var v verdict
		if !bytes.Contains(in.Bytes(), []byte(`"type":"telegram"`)) {
			continue
		}
		must(t, json.Unmarshal(in.Bytes(), &v))
		take(&v)
	}
	must(t, in.Err())
}

// fix runs the log through p1fix.
func (x *lies) fix(t *testing.T, flags string, take func(v *verdict)) {
	t.Helper()
	p := start(t, filepath.Dir(x.file), nil, strings.TrimSpace("p1cat nonsense.log | p1frame | p1fix "+flags))
	eachVerdict(t, p.out, take)
	p.wait()
	for _, s := range p.stages {
		if s.code != 0 {
			t.Errorf("%s ends with %d: %s", filepath.Base(s.Path), s.code, &s.stderr)
		}
	}
}

// A tally is what becomes of the lines.
type tally struct {
	telegrams  int
	counted    map[string]int // nonsense that can be contradicted, by kind
	handed     map[string]int // of it, what is handed on
	open       int            // nonsense that could be right
	held       map[string]int // right lines that are held back, by why
	heldIn     int            // telegrams with such lines
	heldWhole  int            // those of them without any nonsense
	confirming int            // right lines at a new level that nobody can believe yet, held back
	equal      int            // drawn nonsense that was what the line reads anyway
	examples   []string
}

func newTally() *tally {
	return &tally{counted: map[string]int{}, handed: map[string]int{}, held: map[string]int{}}
}

// mostExamples is how many are kept of each kind of mistake.
const mostExamples = 3

func (x *tally) example(n int, format string, args ...any) {
	if n <= mostExamples {
		x.examples = append(x.examples, fmt.Sprintf(format, args...))
	}
}

// weigh compares what p1fix says of a telegram with the truth.
func (x *tally) weigh(v *verdict, truth *nonsense.Telegram) {
	x.telegrams++
	for _, l := range truth.Lines {
		if !l.Counted() {
			x.open++
			continue
		}
		x.counted[l.Kind]++
		if truth.Told(l, v.doubts) {
			continue
		}
		x.handed[l.Kind]++
		x.example(x.handed[l.Kind], "handed on, telegram %d, %s", truth.Seq, l)
	}
	x.weighRight(v, truth)
}

// weighRight counts the right lines that are held back.
func (x *tally) weighRight(v *verdict, truth *nonsense.Telegram) {
	excused := map[int]bool{}
	for _, l := range truth.Lines {
		excused[l.Number] = true
	}
	for _, n := range truth.Open {
		excused[n] = true
	}
	for _, n := range truth.Confirming {
		if v.doubts(n) {
			x.confirming++
		}
		excused[n] = true
	}
	held := 0
	for _, n := range heldLines(v, truth, excused) {
		held++
		code, why := v.reason(n)
		x.held[code]++
		line := strings.Split(string(truth.Right), "\r\n")[n-1]
		x.example(x.held[code], "held back, telegram %d, line %d, %s: %s", truth.Seq, n, line, why)
	}
	if held > 0 {
		x.heldIn++
		if len(truth.Lines) == 0 {
			x.heldWhole++
		}
	}
}

// heldLines are the lines with a register, a device's reading or the clock that are
// right and held back. A telegram most of whose registers are not to be believed may be
// set aside as a whole.
func heldLines(v *verdict, truth *nonsense.Telegram, excused map[int]bool) (held []int) {
	registers, bad := 0, 0
	for i, line := range strings.Split(string(truth.Right), "\r\n") {
		register := nonsense.Counts(line)
		if register {
			registers++
			if excused[i+1] {
				bad++
			}
		}
		if v.doubts(i+1) && !excused[i+1] && (v.Suspect == "" || register || nonsense.TellsTime(line)) {
			held = append(held, i+1)
		}
	}
	if v.Suspect != "" && bad*2 > registers {
		return nil
	}
	return held
}

// weighed runs a stream through p1fix and tallies it.
func (x *lies) weighed(t *testing.T, flags string) *tally {
	t.Helper()
	sum := newTally()
	sum.equal = x.equal
	x.fix(t, flags, func(v *verdict) {
		i, ok := x.at[v.Offset]
		if !ok || v.Status != "ok" {
			t.Errorf("a telegram at %d that is %s: none was sent so", v.Offset, v.Status)
			return
		}
		sum.weigh(v, &x.telegrams[i])
	})
	if sum.telegrams != len(x.telegrams) {
		t.Errorf("%d telegrams come out, %d were sent", sum.telegrams, len(x.telegrams))
	}
	return sum
}

func total(m map[string]int) (n int) {
	for _, k := range m {
		n += k
	}
	return n
}

// String is the tally as a table.
func (x *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d telegrams; %d nonsensical lines, %d handed on; %d right lines held back in %d telegrams, %d of these without nonsense; left out: %d lines that could be right, %d that are; %d held back until a new level was believed\n",
		x.telegrams, total(x.counted), total(x.handed), total(x.held), x.heldIn, x.heldWhole, x.open, x.equal, x.confirming)
	for _, k := range nonsense.Kinds() {
		if n := x.counted[k.Name]; n > 0 {
			fmt.Fprintf(&b, "  %-26s %6d handed on %6d\n", k.Name, n, x.handed[k.Name])
		}
	}
	for _, why := range sortedNames(x.held) {
		fmt.Fprintf(&b, "  held back, %-15s %6d\n", why, x.held[why])
	}
	return b.String()
}

func sortedNames(m map[string]int) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// check fails where nonsense is handed on, or more right lines than may be are held back.
func (x *tally) check(t *testing.T, name, flags string, may int) {
	t.Helper()
	if flags == "" {
		flags = "lookahead as usual"
	}
	t.Logf("%s, %s: %s", name, flags, x)
	if total(x.handed) > 0 || total(x.held) > may {
		t.Errorf("%s, %s: %d of %d nonsensical lines are handed on, %d right ones held back\n  %s",
			name, flags, total(x.handed), total(x.counted), total(x.held), strings.Join(x.examples, "\n  "))
	}
}

// mixed is 2 % of everything that is over with one telegram, and zeros of gas for whole
// intervals.
func mixed(t *testing.T, meter string, gas bool) nonsense.Plan {
	t.Helper()
	telegrams := longtest.Pick(3000, 30_000, 30_000)
	p := plan(t, meter, telegrams, "")
	p.Share, p.Kinds = 0.02, nonsense.Once()
	for n := telegrams / 4; gas && n < telegrams*9/10; n += telegrams / 4 {
		p.At = append(p.At, nonsense.At{Seq: n, Name: "gas zero for an interval"})
	}
	return p
}

// Of 2 % of nonsense none is handed on, and no right line is held back.
func TestNonsenseMixed(t *testing.T) {
	t.Parallel()
	for _, m := range nonsenseMeters {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			x := tell(t, mixed(t, m.name, m.gas))
			for _, flags := range lookaheads {
				x.weighed(t, flags).check(t, m.name, flags, 0)
			}
		})
	}
}

// What lasts: six hours, by night and with sun, of which one hour, or twenty minutes, is
// not true.
func TestNonsenseLasting(t *testing.T) {
	t.Parallel()
	for i, m := range nonsenseMeters {
		for j, kind := range []string{"frozen", "one frozen", "repeated", "outage", "clock from 2000"} {
			for k, start := range []string{"2026-05-12T00:00:00", "2026-05-12T10:00:00"} {
				if !longtest.Asked() && (i+j+k)%2 > 0 {
					continue // each kind by day or by night
				}
				t.Run(m.name+" "+kind+" "+start, func(t *testing.T) {
					t.Parallel()
					p := plan(t, m.name, 6*m.hourly, "&start="+start)
					p.At = []nonsense.At{{Seq: 2*m.hourly + 17, Name: kind}}
					x := tell(t, p)
					for _, flags := range someLookaheads {
						x.weighed(t, flags).check(t, m.name+", "+kind, flags, 0)
					}
				})
			}
		}
	}
}

// Meters and devices that are replaced or begin at 0: what they read is right, and but
// for what confirms a new level nothing is held back.
func TestNonsenseLevels(t *testing.T) {
	t.Parallel()
	for i, m := range nonsenseMeters {
		for j, c := range []struct {
			name, options string
			gas           bool
		}{
			{"reset", "", false},
			{"device reset", "", true},
			{"new channel", "", true},
			{"another identifier", "&replace=2026-05-12T12:30:00", false},
			{"another identifier of gas", "&gas-replace=2026-05-12T12:30:00", true},
		} {
			if c.gas && !m.gas || !longtest.Asked() && (i+j)%2 > 0 {
				continue
			}
			t.Run(m.name+" "+c.name, func(t *testing.T) {
				t.Parallel()
				p := plan(t, m.name, 8*m.hourly, "&start=2026-05-12T10:00:00"+c.options)
				if c.options == "" {
					p.At = []nonsense.At{{Seq: 2*m.hourly + 17, Name: c.name}}
				}
				x := tell(t, p)
				for _, flags := range lookaheads {
					x.weighed(t, flags).check(t, m.name+", "+c.name, flags, 0)
				}
			})
		}
	}
}

// The measure itself: who doubts exactly what can be contradicted is found to be right;
// one line less is handed on, and one line more is held back.
func TestNonsenseMeasure(t *testing.T) {
	t.Parallel()
	p := plan(t, "hu", 3000, "")
	p.Share, p.Kinds = 0.05, nonsense.Once()
	right, less, more := newTally(), newTally(), newTally()
	for _, x := range tell(t, p).telegrams {
		v := &verdict{Status: "ok"}
		for _, l := range x.Lines {
			if l.Counted() {
				v.Doubted = append(v.Doubted, doubt{Line: l.Number, Code: l.Code})
			}
		}
		right.weigh(v, &x)
		more.weigh(&verdict{Status: "ok", Doubted: append(v.Doubted, doubt{Line: 3, Code: "0-0:1.0.0"})}, &x)
		v.Doubted = v.Doubted[:max(len(v.Doubted)-1, 0)]
		less.weigh(v, &x)
	}
	if total(right.counted) < 300 || total(right.handed)+total(right.held) > 0 {
		t.Errorf("of one who is always right: %s", right)
	}
	if n := total(less.handed); n < 100 || total(less.held) > 0 {
		t.Errorf("of one who passes over a line: %s", less)
	}
	if n := total(more.held); n < 2900 || n > 3000 || total(more.handed) > 0 {
		t.Errorf("of one who doubts every clock: %s", more)
	}
}
