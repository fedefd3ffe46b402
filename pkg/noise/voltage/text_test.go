package voltage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"p1/pkg/record"
)

// text prints the evidence of records.
func text(t testing.TB, records []record.Record) string {
	t.Helper()
	c, err := NewCounter(Nominal)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := NewReport(&out, c)
	for _, rec := range records {
		if err := r.Take(rec); err != nil {
			t.Fatal(err)
		}
		if err := r.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Forty minutes: 230 V for ten, 254 V for twenty, 230 V for ten; L3 is not connected.
func TestText(t *testing.T) {
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	p.steady(start, start+600, "230.0", "", "0.0")
	p.steady(start+600, start+1800, "254.0", "", "0.0")
	p.steady(start+1800, start+2400, "230.0", "", "0.0")
	p.at(start+2400, "230.0").Status = record.Lost
	const want = `voltage by EN 50160: ten-minute means, root of the mean of the squares

nominal        230 V
limits         253 V (+10 %), 207 V (-10 %), 195.5 V (-15 %)
telegrams             241
used                  240
  ok                  240
not used                1
  damaged               1  no voltage in them can be trusted

meter          9912345678
from           2026-03-02T12:00:00+01:00
to             2026-03-02T12:39:50+01:00
L3             no voltage in any of 240 values: not connected, and not judged

minutes  covered  above 253  below 207  below 195.5  interrupted  values  repaired  digits
L1          40.0       20.0        0.0          0.0          0.0     240         0       0

value  highest                         at  lowest                         at
L1       254.0  2026-03-02T12:10:00+01:00   230.0  2026-03-02T12:00:00+01:00

means  judged  above 253  below 207  below 195.5  incomplete  interrupted
L1          4          2          0            0           0            0

mean  highest                         at  lowest                         at
L1     254.00  2026-03-02T12:10:00+01:00  230.00  2026-03-02T12:00:00+01:00

week from                  phase  judged  not judged  beyond ±10 %  within   95 % rule  +10/-15 %
2026-03-02T12:00:00+01:00     L1       4        1004             2  50.0 %  no verdict     broken

mean beyond                       from        to  minutes   worst        at
L1 above     2026-03-02T12:10:00+01:00  12:30:00     20.0  254.00  12:10:00

value beyond                       from        to  minutes  worst        at
L1 above      2026-03-02T12:10:00+01:00  12:30:00     20.0  254.0  12:10:00

any 10 minutes  times above 253  minutes  highest mean              when it ended
L1                            1     10.8        254.00  2026-03-02T12:20:00+01:00
Inverters switch off by this mean (EN 50549-1), by default above 253 V.
`
	// The sliding mean is above 253 V from the 58th value of 254 V on, that of
	// 12:19:30, to the second one of 230 V after the last: 65 values, 650 s.
	got := text(t, p.records)
	if got != want+remarks {
		t.Errorf("got\n%s", got)
	}
}

func TestTextOfNothing(t *testing.T) {
	const want = `voltage by EN 50160: ten-minute means, root of the mean of the squares

nominal        230 V
limits         253 V (+10 %), 207 V (-10 %), 195.5 V (-15 %)
telegrams               0
used                    0
not used                0

No voltage that can be used: nothing can be said of the grid.
`
	if got := text(t, nil); got != want {
		t.Errorf("got\n%s", got)
	}
}

// What makes the figures weaker is said.
func TestTextSaysWhatIsWeak(t *testing.T) {
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	p.steady(start, start+600, "230", "230.0", "high")
	for i, r := range p.records {
		r := r.(*record.Telegram)
		r.Status = record.Unchecked
		if i == 5 {
			r.Status = record.Repaired
			at := bytes.Index(r.Raw, []byte("52.7.0(")) + 7
			r.Edits = []record.Edit{{At: at, Got: record.Bytes(" "), Now: record.Bytes("2")}}
		}
	}
	got := text(t, p.records)
	for _, want := range []string{
		"  unchecked            59  NOT VERIFIED: this meter sends no CRC\n",
		"  repaired              1  the CRC holds after the repair\n",
		"\nL1             in whole volts: a mean may be off by up to 0.5 V\n",
		"\nL3             60 values are no voltage\n",
		"\nLess than the 1008 ten-minute means of a week: no verdict.\n",
		"*230.00", repairedRemark,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\nL2             in whole volts") {
		t.Errorf("got\n%s", got)
	}
}

// FuzzEvidence: whatever the telegrams, each is counted once, parts are no more than
// the whole, the JSON can be read, and the text has lines of at most 99 columns
// without control characters.
func FuzzEvidence(f *testing.F) {
	p := newTape()
	one := p.raw("260302120000W", "230.1", "", "0.0")
	for n := range one {
		f.Add([]byte(one[:n]), byte(n), byte(n))
	}
	for bit := range 8 * len(one) {
		flipped := bytes.Clone(one)
		flipped[bit/8] ^= 1 << (bit % 8)
		f.Add(flipped, byte(bit), byte(bit/8))
	}
	statuses := []record.Status{record.OK, record.Repaired, record.Unchecked, record.Salvaged, record.Bad, record.Lost}
	f.Fuzz(func(t *testing.T, raw []byte, status, flags byte) {
		p := newTape()
		start := unix("2026-03-02T12:00:00+01:00")
		for i := range int64(70) {
			p.at(start+10*i, "254.0", "206.0", "230.0")
			if i%16 == int64(flags%16) {
				r := p.add(raw)
				r.Status = statuses[int(status)%len(statuses)]
				r.Trusted = []record.Trusted{{Line: int(flags % 8)}, {Line: 3}}
				r.Edits = []record.Edit{{At: int(flags), Now: raw[:min(len(raw), 3)]}}
				r.Time = string(raw[:min(len(raw), 20)])
			}
		}
		e := p.evidence(t)
		for line := range strings.Lines(e.Text()) {
			if n := utf8.RuneCountInString(line); n > 100 {
				t.Fatalf("%d columns: %s", n, line)
			}
			if strings.ContainsFunc(line[:len(line)-1], func(r rune) bool { return r < ' ' || r > '~' && r != '±' }) {
				t.Fatalf("%q", line)
			}
		}
		checkSums(t, e)
		if err := json.Unmarshal(must(json.Marshal(e)), new(any)); err != nil {
			t.Fatal(err)
		}
	})
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// checkSums holds the evidence against what its documentation promises.
func checkSums(t *testing.T, e *Evidence) {
	t.Helper()
	n := e.Telegrams
	if n.Total != n.Used()+n.Damaged+n.Suspect+n.NoClock+n.NoVoltage+n.Repeated+n.Twice+n.Beyond {
		t.Fatalf("the telegrams do not add up: %+v", n)
	}
	for _, m := range e.Meters {
		for _, p := range m.Phases {
			s, k := p.Seconds, p.Means
			if s.Above+s.Below > s.Covered || s.Lowest > s.Below || k.Above+k.Below > k.Judged || k.Lowest > k.Below {
				t.Fatalf("%s: %+v %+v", p.Name, s, k)
			}
			if p.ValuesAbove.Seconds != s.Above || p.ValuesBelow.Seconds != s.Below ||
				p.MeansAbove.Seconds != 600*k.Above || p.MeansBelow.Seconds != 600*k.Below {
				t.Fatalf("%s: %s", p.Name, fmt.Sprintf("%+v", p))
			}
			checkIntervals(t, &p)
			if v := p.Values; v.Total > n.Used() || v.RepairedValues > v.Repaired || max(v.Repaired, v.Unchecked) > v.Total {
				t.Fatalf("%s: %+v of %+v", p.Name, v, n)
			}
		}
	}
}

// checkIntervals holds what is kept for pictures against what was counted.
func checkIntervals(t *testing.T, p *Phase) {
	t.Helper()
	var n Means
	high, low := 0.0, 1e9
	p.Intervals(func(_ time.Time, i Interval) {
		switch i.State() {
		case Incomplete:
			n.Incomplete++
		case Interrupted:
			n.Interrupted++
		case Judged:
			n.Judged++
			high, low = max(high, i.Mean()), min(low, i.Mean())
		}
		switch i.Beyond() {
		case Above:
			n.Above++
		case Below:
			n.Below++
		}
	})
	n.Lowest, n.Twice = p.Means.Lowest, p.Means.Twice
	if n != p.Means {
		t.Fatalf("%s: the intervals are %+v, the means %+v", p.Name, n, p.Means)
	}
	if p.MeanMax != nil && (fmt.Sprintf("%.2f", high) != p.MeanMax.Volts.String() || fmt.Sprintf("%.2f", low) != p.MeanMin.Volts.String()) {
		t.Fatalf("%s: the intervals are from %.2f to %.2f V, the means from %s to %s", p.Name, low, high, p.MeanMin.Volts, p.MeanMax.Volts)
	}
}

// An interval begins when the meter's clock shows it, before and after it is put forward.
func TestIntervalsByTheMetersClock(t *testing.T) {
	p := newTape()
	start := unix("2026-03-29T01:30:00+01:00")
	p.steady(start, start+3600, "230.0")
	var began []string
	e := p.evidence(t)
	e.Meters[0].Phases[0].Intervals(func(at time.Time, i Interval) { began = append(began, at.Format("15:04")) })
	if got, want := strings.Join(began, " "), "01:30 01:40 01:50 03:00 03:10 03:20"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !e.Meters[0].Drawn() {
		t.Error("there are none")
	}
}

// Intervals of so many meters are kept, and none where nobody asks.
func TestIntervalsOfManyMeters(t *testing.T) {
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	for n := range int64(6) {
		p.meter = fmt.Sprint(9912345678 + n)
		p.steady(start, start+600, "230.0")
	}
	e := p.evidence(t)
	for n, m := range e.Meters {
		if m.Drawn() != (n < maxDrawn) {
			t.Errorf("of meter %d they are kept: %v", n+1, m.Drawn())
		}
	}
	c, err := NewCounter(Nominal)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.records {
		if err := c.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if e := c.Evidence(); len(e.Meters) != 6 || e.Meters[0].Drawn() {
		t.Error("they are kept though nobody has asked")
	}
}
