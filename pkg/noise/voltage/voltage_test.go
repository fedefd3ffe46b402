package voltage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
	simulated "p1/pkg/sim"
	"p1/pkg/telegram"
)

const day = 24 * 3600

// weekOf is a week of 230.0 V from Monday on, but for the first so many ten minutes,
// in each of which the voltage is another one.
func weekOf(t *testing.T, other string, bad int, lost ...int) Week {
	t.Helper()
	p, l := newPhase(), limitsOf230(t)
	monday := unix("2026-03-02T00:00:00+01:00")
	p.weeks.begin(monday)
	for s := monday; s < monday+7*day; s += 10 {
		text := "230.0"
		i := int((s - monday) / 600)
		if i < bad {
			text = other
		}
		if !slices.Contains(lost, i) {
			d, _ := telegram.ParseDecimal(text)
			mv, _ := millivolts(d)
			p.take(value{at: s, mv: mv, volts: Volts{d}, clock: telegram.Clock{Time: time.Unix(s, 0)}}, &l)
		}
	}
	p.finish(&l)
	weeks := p.weeks.sorted()
	if len(weeks) != 1 {
		t.Fatalf("%d weeks", len(weeks))
	}
	return weeks[0]
}

func limitsOf230(t *testing.T) limits {
	t.Helper()
	l, err := limitsOf("230")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// from returns the numbers of n intervals from one on.
func from(first, n int) []int {
	var list []int
	for i := range n {
		list = append(list, first+i)
	}
	return list
}

// Of 1008 means 50 may be beyond ±10 %, 51 not: 5 % are 50.4. A single one beyond
// +10 % or −15 % breaks the second rule. What is lost may have been right or wrong.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		other     string
		bad       int
		lost      []int
		most, all Verdict
	}{
		{"all fine", "230.0", 0, nil, Kept, Kept},
		{"at the limit", "253.0", 600, nil, Kept, Kept},
		{"just above it", "253.1", 50, nil, Kept, Broken},
		{"too often", "253.1", 51, nil, Broken, Broken},
		{"low, but not too low", "206.9", 50, nil, Kept, Kept},
		{"low too often", "206.9", 51, nil, Broken, Kept},
		{"at the lowest limit", "195.5", 50, nil, Kept, Kept},
		{"too low", "195.4", 1, nil, Kept, Broken},
		{"one lost", "230.0", 0, from(500, 1), Kept, Unknown},
		{"5 % lost", "230.0", 0, from(500, 50), Kept, Unknown},
		{"more lost", "230.0", 0, from(500, 51), Unknown, Unknown},
		{"lost and wrong", "206.9", 25, from(500, 25), Kept, Unknown},
		{"lost or wrong", "206.9", 25, from(500, 26), Unknown, Unknown},
		{"wrong whatever was lost", "206.9", 51, from(500, 500), Broken, Unknown},
		{"an interruption is left out", "0.0", 500, nil, Kept, Kept},
	} {
		w := weekOf(t, c.other, c.bad, c.lost...)
		if w.Most != c.most || w.All != c.all {
			t.Errorf("%s: %s and %s, want %s and %s: %+v", c.name, w.Most, w.All, c.most, c.all, w.Means)
		}
		if n := w.Means.Judged + w.Means.Interrupted; n != int64(inWeek-len(c.lost)) {
			t.Errorf("%s: %d means", c.name, n)
		}
	}
}

// A known week: 254.0 V for half an hour on Tuesday, 256.5 V for five minutes on
// Wednesday, which is no mean above the limit, and 190.0 V for an hour on Sunday.
func TestExcursionsOfAWeek(t *testing.T) {
	t.Parallel()
	p := newTape()
	monday := unix("2026-03-02T00:00:00+01:00")
	at := monday
	until := func(text, volts string) {
		to := unix("2026-03-" + text + ":00+01:00")
		p.steady(at, to, "230.0", volts, "0.0")
		at = to
	}
	until("03T12:00", "230.0")
	until("03T12:30", "254.0")
	until("04T13:02", "230.0")
	until("04T13:07", "256.5")
	until("08T18:00", "230.0")
	until("08T19:00", "190.0")
	until("09T00:00", "230.0")
	m := p.evidence(t).Meters[0]
	for _, phase := range []int{0, 2} {
		q := m.Phases[phase]
		if q.MeansAbove.Count+q.MeansBelow.Count+q.ValuesAbove.Count+q.ValuesBelow.Count+q.Sliding.Above.Count > 0 || q.Live == (phase == 2) {
			t.Errorf("%s: %+v", q.Name, q)
		}
	}
	q := m.Phases[1]
	const sunday = "2026-03-08T18:00:00+01:00 2026-03-08T19:00:00+01:00 3600 s, 190.0"
	check(t, "means above", q.MeansAbove, 1, "2026-03-03T12:00:00+01:00 2026-03-03T12:30:00+01:00 1800 s, 254.00 at 2026-03-03T12:00:00+01:00")
	check(t, "means below", q.MeansBelow, 1, sunday+"0 at 2026-03-08T18:00:00+01:00")
	check(t, "values above", q.ValuesAbove, 2,
		"2026-03-03T12:00:00+01:00 2026-03-03T12:30:00+01:00 1800 s, 254.0 at 2026-03-03T12:00:00+01:00",
		"2026-03-04T13:02:00+01:00 2026-03-04T13:07:00+01:00 300 s, 256.5 at 2026-03-04T13:02:00+01:00")
	check(t, "values below", q.ValuesBelow, 1, sunday+" at 2026-03-08T18:00:00+01:00")
	// The mean of the last ten minutes is above 253 V once n values of 254 V are in
	// it, and 60−n of 230 V: (254²−230²) n > 60 (253²−230²), so from n = 58 on; and
	// still is with two values of 230 V after them.
	check(t, "sliding", q.Sliding.Above, 1, "2026-03-03T12:09:30+01:00 2026-03-03T12:30:20+01:00 1250 s, 254.00 at 2026-03-03T12:09:50+01:00")
	want := Seconds{Covered: 7 * day, Above: 2100, Below: 3600, Lowest: 3600}
	if q.Seconds != want || q.Means != (Means{Judged: inWeek, Above: 3, Below: 6, Lowest: 6}) {
		t.Errorf("%+v, %+v", q.Seconds, q.Means)
	}
	if q.Weeks[0].Most != Kept || q.Weeks[0].All != Broken {
		t.Errorf("%+v", q.Weeks[0])
	}
}

// check compares excursions with their text.
func check(t *testing.T, name string, e Excursions, count int64, want ...string) {
	t.Helper()
	var got []string
	for _, x := range e.Worst {
		got = append(got, fmt.Sprintf("%s %s %d s, %s at %s", x.From, x.To, x.Seconds, x.Worst.Volts, x.Worst.At))
	}
	if e.Count != count || !slices.Equal(got, want) {
		t.Errorf("%s: %d\n got %q\nwant %q", name, e.Count, got, want)
	}
}

// The days on which the clock is put forward and back have all of their intervals,
// and a week has 168 hours.
func TestClockPutForwardAndBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		saturday, monday, end string
		means                 int64
		excursion             string
	}{
		{"2026-10-24T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "2026-10-30T23:00:00+01:00", 49 * 6, "2026-10-25T02:30:00+02:00"},
		{"2026-10-24T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "2026-10-30T23:00:00+01:00", 49 * 6, "2026-10-25T02:30:00+01:00"},
		{"2026-03-28T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "2026-04-04T01:00:00+02:00", 47 * 6, "2026-03-29T03:00:00+02:00"},
	} {
		p := newTape()
		high := unix(c.excursion)
		p.steady(unix(c.saturday), high, "230.0")
		p.steady(high, high+600, "254.0")
		p.steady(high+600, unix(c.monday), "230.0")
		q := p.evidence(t).Meters[0].Phases[0]
		if q.Means != (Means{Judged: c.means, Above: 1}) || len(q.Weeks) != 1 {
			t.Errorf("%s: %+v in %d weeks", c.saturday, q.Means, len(q.Weeks))
		}
		if w := q.Weeks[0]; w.From.String() != c.saturday || w.To.String() != c.end {
			t.Errorf("%s: from %s to %s", c.saturday, w.From, w.To)
		}
		if x := q.MeansAbove.Worst; len(x) != 1 || x[0].From.String() != c.excursion {
			t.Errorf("%s: %v", c.saturday, x)
		}
	}
}

// A hole in an excursion parts its means, and what it covers is not judged.
func TestHoles(t *testing.T) {
	t.Parallel()
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	p.steady(start, start+1200, "254.0")
	p.steady(start+1270, start+2400, "254.0") // 70 s of the third interval are lost
	p.steady(start+2460, start+3600, "254.0") // 60 s of the fifth: 90 % are left
	q := p.evidence(t).Meters[0].Phases[0]
	check(t, "means", q.MeansAbove, 2,
		"2026-03-02T12:00:00+01:00 2026-03-02T12:20:00+01:00 1200 s, 254.00 at 2026-03-02T12:00:00+01:00",
		"2026-03-02T12:30:00+01:00 2026-03-02T13:00:00+01:00 1800 s, 254.00 at 2026-03-02T12:30:00+01:00")
	if q.Means != (Means{Judged: 5, Incomplete: 1, Above: 5}) || q.Seconds != (Seconds{Covered: 3470, Above: 3470}) {
		t.Errorf("%+v %+v", q.Means, q.Seconds)
	}
	// A telegram a minute shows voltages, but covers nothing.
	p = newTape()
	for at := start; at < start+3600; at += 60 {
		p.at(at, "254.0")
	}
	q = p.evidence(t).Meters[0].Phases[0]
	if q.Seconds != (Seconds{}) || q.Means != (Means{}) || q.Values.Total != 60 || q.Highest.Volts.String() != "254.0" {
		t.Errorf("%+v %+v %+v", q.Seconds, q.Means, q.Values)
	}
}

// Only what is verified is used, and every telegram is counted once.
func TestWhichTelegramsAreUsed(t *testing.T) {
	t.Parallel()
	start := unix("2026-03-02T12:00:00+01:00")
	for _, c := range []struct {
		name   string
		change func(*record.Telegram)
		want   Telegrams
	}{
		{"ok", func(*record.Telegram) {}, Telegrams{OK: 1}},
		{"repaired", func(r *record.Telegram) { r.Status = record.Repaired }, Telegrams{Repaired: 1}},
		{"unchecked", func(r *record.Telegram) { r.Status = record.Unchecked }, Telegrams{Unchecked: 1}},
		{"bad", func(r *record.Telegram) { r.Status = record.Bad }, Telegrams{Damaged: 1}},
		{"lost", func(r *record.Telegram) { r.Status = record.Lost }, Telegrams{Damaged: 1}},
		{"a later status", func(r *record.Telegram) { r.Status = "guessed" }, Telegrams{Damaged: 1}},
		{"suspect", func(r *record.Telegram) { r.Suspect = "a register fell" }, Telegrams{Suspect: 1}},
		{"suspect and repaired", func(r *record.Telegram) { r.Status, r.Suspect = record.Repaired, "x" }, Telegrams{Suspect: 1}},
		{"salvaged", trusting(3, 5), Telegrams{Salvaged: 1}},
		{"salvaged without the voltage", trusting(3, 4), Telegrams{Damaged: 1}},
		{"salvaged without the clock", trusting(4, 5), Telegrams{NoClock: 1}},
		{"salvaged and nothing trusted", trusting(), Telegrams{Damaged: 1}},
		{"salvaged from elsewhere", func(r *record.Telegram) { trusting(3, 5)(r); r.Source = "b.log" }, Telegrams{Damaged: 1}},
		{"clock not set", replacing("0-0:1.0.0(26", "0-0:1.0.0(00"), Telegrams{NoClock: 1}},
		{"clock unreadable", replacing("0-0:1.0.0(26", "0-0:1.0.0(x6"), Telegrams{NoClock: 1}},
		{"no clock, no host's time", replacing("0-0:1.0.0(", "0-0:1.0.9("), Telegrams{NoClock: 1}},
		{"no voltage", replacing("1-0:32.7.0", "1-0:31.7.0"), Telegrams{NoVoltage: 1}},
		{"a voltage in A", replacing("*V)", "*A)"), Telegrams{NoVoltage: 1}},
		{"an empty voltage", replacing("(254.0*V)", "()"), Telegrams{NoVoltage: 1}},
		{"a negative voltage", replacing("(254.0*V)", "(-254.0*V)"), Telegrams{NoVoltage: 1}},
		{"no low voltage", replacing("(254.0*V)", "(10000.1*V)"), Telegrams{NoVoltage: 1}},
		{"in kV", replacing("(254.0*V)", "(0.2540*kV)"), Telegrams{OK: 1}},
		{"the same time again", replacing("260302120020W", "260302120010W"), Telegrams{Repeated: 1}},
	} {
		p := newTape()
		p.steady(start, start+20, "230.0")
		r := p.at(start+20, "254.0")
		c.change(r)
		e := p.evidence(t)
		want := c.want
		want.OK += 2
		want.Total = 3
		if e.Telegrams != want {
			t.Errorf("%s: %+v, want %+v", c.name, e.Telegrams, want)
		}
		phase := e.Meters[0].Phases[0]
		if used := e.Telegrams.Used() == 3; used != (phase.Values.Total == 3) || used != (phase.Highest.rank == 254e3) ||
			used != (phase.Seconds.Above == 10) || phase.Values.Unchecked != want.Unchecked {
			t.Errorf("%s: %+v %+v %v", c.name, phase.Values, phase.Seconds, phase.Highest)
		}
	}
}

func trusting(lines ...int) func(*record.Telegram) {
	return func(r *record.Telegram) {
		r.Status = record.Salvaged
		for _, l := range lines {
			r.Trusted = append(r.Trusted, record.Trusted{Line: l})
		}
	}
}

func replacing(old, new string) func(*record.Telegram) {
	return func(r *record.Telegram) {
		if !bytes.Contains(r.Raw, []byte(old)) {
			panic(old + " is not there")
		}
		r.Raw = bytes.Replace(r.Raw, []byte(old), []byte(new), 1)
	}
}

// How many values are of repaired telegrams, and how many of their own digits were
// damaged.
func TestRepairedValues(t *testing.T) {
	t.Parallel()
	start := unix("2026-03-02T12:00:00+01:00")
	p := newTape()
	p.steady(start, start+600, "230.0", "230.0")
	edit := func(i int, at string, shift, n int, got, by string) {
		r := p.records[i].(*record.Telegram)
		r.Status = record.Repaired
		from := bytes.Index(r.Raw, []byte(at)) + shift
		r.Edits = append(r.Edits, record.Edit{At: from, Got: record.Bytes(got), Now: slices.Clone(r.Raw[from : from+n]), By: by})
	}
	edit(1, "1-0:32.7.0(", 0, 1, " ", "")         // of the code
	edit(2, "32.7.0(", 7, 2, "", "")              // two digits
	edit(3, "32.7.0(", 8, 0, "~~", "")            // added among the digits
	edit(4, "32.7.0(", 7, 1, "", record.ByLogger) // by the logger only
	edit(5, "52.7.0(", 6, 2, "", "")              // the parenthesis and a digit
	edit(6, "52.7.0(", 7, 5, "", "")              // all of it
	edit(7, "52.7.0(", 12, 2, "", "")             // the unit
	phases := p.evidence(t).Meters[0].Phases
	if want := (Values{Total: 60, Repaired: 6, RepairedValues: 2, RepairedDigits: 4}); phases[0].Values != want {
		t.Errorf("L1: %+v", phases[0].Values)
	}
	if want := (Values{Total: 60, Repaired: 6, RepairedValues: 2, RepairedDigits: 6}); phases[1].Values != want {
		t.Errorf("L2: %+v", phases[1].Values)
	}
	if !phases[0].MeanMax.Repaired || !phases[0].Sliding.Highest.Repaired || phases[0].Highest.Repaired {
		t.Errorf("%+v", phases[0])
	}
}

// A mean of any ten minutes is marked as long as a repaired digit is in it.
func TestRepairedDigitsLeaveTheWindow(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		p := newTape()
		start := unix("2026-03-02T12:00:00+01:00")
		p.steady(start, start+600, "230.0")
		r := p.records[59].(*record.Telegram)
		r.Status = record.Repaired
		r.Edits = []record.Edit{{At: bytes.Index(r.Raw, []byte("230.0")), Got: record.Bytes(" "), Now: record.Bytes("2")}}
		p.steady(start+600, start+1190, "240.0") // 590 s
		if late {
			p.at(start+1190, "240.0")
		}
		if q := p.evidence(t).Meters[0].Phases[0]; q.Sliding.Highest.Repaired == late {
			t.Errorf("late %v: %+v", late, q.Sliding.Highest)
		}
	}
}

// Interruptions are not among what 95 % are taken of: of 1000 means, 50 are 5 %.
func TestVerdictAtTheVeryLimit(t *testing.T) {
	t.Parallel()
	for above, want := range map[int64]Verdict{50: Kept, 51: Broken} {
		m := Means{Judged: inWeek - 8, Interrupted: 8, Above: above}
		if got := m.most(); got != want {
			t.Errorf("%d above: %s", above, got)
		}
	}
}

// A log that is read twice tells nothing new, nor does one in pieces, in whatever
// order, nor do telegrams of other meters among them.
func TestTheSameTimeCountsOnce(t *testing.T) {
	t.Parallel()
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	for i := range int64(1000) {
		p.at(start+10*i, volts(250e3+i%7*1000))
	}
	want := p.evidence(t)
	again := evidenceOf(t, append(slices.Clone(p.records), p.records...))
	if again.Telegrams.Repeated != 1000 || !reflect.DeepEqual(again.Meters, want.Meters) {
		t.Errorf("read twice: %+v", again.Telegrams)
	}
	var twice []record.Record
	for _, r := range p.records {
		twice = append(twice, r, r)
	}
	if got := evidenceOf(t, twice); got.Telegrams.Repeated != 1000 || !reflect.DeepEqual(got.Meters, want.Meters) {
		t.Errorf("each twice: %+v", got.Telegrams)
	}
	pieces := evidenceOf(t, slices.Concat(p.records[600:], p.records[:600]))
	if got := pieces.Meters[0]; got.From != want.Meters[0].From || got.To != want.Meters[0].To {
		t.Errorf("in pieces: from %s to %s", got.From, got.To)
	}
	if got := pieces.Meters[0].Phases[0]; got.Seconds != want.Meters[0].Phases[0].Seconds || got.Means != want.Meters[0].Phases[0].Means {
		t.Errorf("in pieces: %+v %+v", got.Seconds, got.Means)
	}
	other := newTape()
	other.origin.Source, other.meter = "other.log", "other"
	for i := range int64(1000) {
		other.at(start+10*i, "230.0", "231.0")
	}
	var mixed []record.Record
	for i := range p.records {
		mixed = append(mixed, p.records[i], other.records[i])
	}
	if got := evidenceOf(t, mixed).Meters; !reflect.DeepEqual(got, append(want.Meters, other.evidence(t).Meters...)) {
		t.Errorf("two meters: %+v", got)
	}
}

// A clock that runs ahead for a while and is set back costs the time that it has
// told of, and no more.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	p.steady(start, start+3600, "230.0")
	p.steady(start+3600+3600, start+7200+1800, "230.0") // an hour ahead
	p.steady(start+3600+1800, start+4*3600, "230.0")
	e := p.evidence(t)
	if got := e.Meters[0].Phases[0].Means; got != (Means{Judged: 21, Twice: 3}) || e.Telegrams.Repeated != 0 || e.Telegrams.Twice != 180 {
		t.Errorf("%+v, %+v", got, e.Telegrams)
	}
	// Far ahead: another week, and back in the first one nothing is missing.
	p = newTape()
	p.steady(start, start+600, "230.0")
	p.steady(start+700*day, start+700*day+600, "230.0")
	p.steady(start+600, start+1200, "230.0")
	e = p.evidence(t)
	if got := e.Meters[0].Phases[0]; got.Means != (Means{Judged: 3}) || len(got.Weeks) != 2 || got.Weeks[0].Means.Judged != 2 || e.Telegrams.Repeated != 0 {
		t.Errorf("%+v, %+v", got.Means, e.Telegrams)
	}
	// What is above there and here are two excursions, and the last ten minutes are
	// of one of them: their mean counts from the 54th value of each on, for 70 s.
	p = newTape()
	p.steady(start, start+600, "230.0")
	p.steady(start+700*day, start+700*day+600, "254.0")
	p.steady(start+600, start+1200, "254.0")
	if got := p.evidence(t).Meters[0].Phases[0]; got.ValuesAbove.Count != 2 || got.Sliding.Above.Count != 2 || got.Sliding.Above.Seconds != 140 {
		t.Errorf("%+v, %+v", got.ValuesAbove, got.Sliding.Above)
	}
	// Weeks count backwards too.
	p = newTape()
	p.steady(start, start+600, "230.0")
	p.steady(start-7*day, start-6*day, "230.0")
	if got := p.evidence(t).Meters[0].Phases[0]; len(got.Weeks) != 2 || got.Weeks[0].Means.Judged != 144 || unix(got.Weeks[0].From.String()) != start-7*day {
		t.Errorf("%+v", got.Weeks)
	}
}

// What comes twice since the clock was put back has no place among the ten minutes: then
// nobody can say that all of them kept to a rule, and the highest value is the highest of
// all. Some seconds make no difference; the same log read again makes none.
func TestWhatComesTwice(t *testing.T) {
	t.Parallel()
	start := unix("2026-10-05T00:00:00+02:00")
	for _, c := range []struct {
		name      string
		back      int64 // seconds
		volts     string
		highest   string
		most, all Verdict
		means     int64
	}{
		{"an hour, as autumn does it where the clock has no S and W", 3600, "265.0", "265.0", Kept, Unknown, 6},
		{"some seconds", 50, "230.0", "230.0", Kept, Kept, 0},
	} {
		p := newTape()
		shown := func(from, until int64, volts string) {
			for at := from; at < until; at += 10 {
				p.add(p.raw(strings.TrimRight(clockText(at), "SW"), volts))
			}
		}
		change := start + 6*day + 3*3600
		shown(start, change, "230.0")
		shown(change-c.back, change, c.volts)
		shown(change, start+7*day, "230.0")
		all := []*Evidence{p.evidence(t)}
		if c.means == 0 {
			all = append(all, evidenceOf(t, append(slices.Clone(p.records), p.records...)))
		}
		for _, e := range all {
			q := e.Meters[0].Phases[0]
			if w := q.Weeks[0]; len(q.Weeks) != 1 || w.Most != c.most || w.All != c.all || w.Means.Twice != c.means || q.Highest.Volts.String() != c.highest {
				t.Errorf("%s: highest %s, %s, %s, %+v", c.name, q.Highest.Volts, w.Most, w.All, w.Means)
			}
		}
		if n := all[0].Telegrams.Twice; n != c.back/10 {
			t.Errorf("%s: %d telegrams came twice", c.name, n)
		}
		if text := all[0].Text(); !strings.Contains(text, "times          without an offset") || strings.Contains(text, "came twice, judged is the first") != (c.means > 0) {
			t.Errorf("%s: it says\n%s", c.name, text)
		}
	}
}

// The clock of a meter may stand on two lines.
func TestClockInTwoLines(t *testing.T) {
	t.Parallel()
	p := newTape()
	for i := range 61 {
		raw := fmt.Sprintf("/AUX59912345678\r\n\r\n1-0:0.9.1(20%02d%02d)\r\n1-0:0.9.2(260302)\r\n0-0:96.1.0(9912345678)\r\n1-0:32.7.0(231.0*V)\r\n!0000\r\n", i/6, i%6*10)
		p.add(record.Bytes(raw)).Time = "2026-06-06T06:06:06Z"
	}
	e := p.evidence(t)
	if m := e.Meters[0]; m.HostTime || m.From.String() != "2026-03-02T20:00:00" || m.Phases[0].Means.Judged != 1 || e.Telegrams.OK != 61 {
		t.Errorf("%+v of %+v", m, e.Telegrams)
	}
}

// A meter without a clock has the times of the host.
func TestHostTime(t *testing.T) {
	t.Parallel()
	p := newTape()
	for i := range 600 {
		r := p.add(p.raw("", "254.0"))
		r.Time = fmt.Sprintf("2026-03-02T12:%02d:%02d.7Z", i/60, i%60)
	}
	m := p.evidence(t).Meters[0]
	if q := m.Phases[0]; !m.HostTime || q.Means != (Means{Judged: 1, Above: 1}) || m.From.String() != "2026-03-02T12:00:00Z" {
		t.Errorf("%+v", m)
	}
}

// The evidence of a simulated meter is that of the voltages in what it sent.
func TestSimulatedMeters(t *testing.T) {
	t.Parallel()
	for name, period := range map[string]int64{"nl": 1, "hu": 10, "se": 10, "ch": 5} {
		o, err := simulated.ParseOptions("meter=" + name + "&telegrams=2000&start=2026-03-01T11:55:00")
		if err != nil {
			t.Fatal(err)
		}
		s, err := simulated.New(o)
		if err != nil {
			t.Fatal(err)
		}
		p := newTape()
		samples := make([][]plainSample, 3)
		var end int64
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			p.add(x.Plain)
			end = x.Clock.Unix() + period
			for i, code := range []string{"32", "52", "72"} {
				_, rest, there := bytes.Cut(x.Plain, []byte("\n1-0:"+code+".7.0("))
				if there {
					var v float64
					fmt.Sscanf(string(rest), "%f*V)", &v)
					samples[i] = append(samples[i], plainSample{x.Clock.Unix(), int64(v*1000 + 0.5)})
				}
			}
		}
		e := p.evidence(t)
		if e.Telegrams.OK != 2000 || len(e.Meters) != 1 {
			t.Fatalf("%s: %+v", name, e)
		}
		start := samples[0][0].at / 600 * 600
		for i, phase := range e.Meters[0].Phases {
			if len(samples[i]) != 2000 {
				t.Errorf("%s: %d samples of %s", name, len(samples[i]), phase.Name)
			}
			want := plainly(samples[i], start, (end+599)/600*600, 253e3, 207e3, 195.5e3, 11.5e3)
			if got := gotCount(&phase); got != want || phase.Means.Judged == 0 {
				t.Errorf("%s %s\n got %+v\nwant %+v", name, phase.Name, got, want)
			}
		}
	}
}

// However many weeks and meters a stream pretends, so many are kept.
func TestBounded(t *testing.T) {
	t.Parallel()
	p := newTape()
	first := unix("2001-01-01T00:00:00Z")
	for i := range int64(3000) {
		at := first + i*7*day
		p.at(at, "254.0")
		p.at(at+10, "254.0")
	}
	e := p.evidence(t)
	if got := e.Meters[0].Phases[0]; len(got.Weeks) != maxWeeks || len(got.ValuesAbove.Worst) != maxWorst || got.ValuesAbove.Count != maxWeeks ||
		e.Telegrams.Beyond != 2*(3000-maxWeeks) {
		t.Errorf("%d weeks, %+v", len(got.Weeks), e.Telegrams)
	}
	p = newTape()
	for i := range int64(100) {
		p.meter = fmt.Sprint("meter ", i)
		p.at(first+i, "254.0")
	}
	if e := p.evidence(t); len(e.Meters) != maxMeters || e.Telegrams.Beyond != 100-maxMeters {
		t.Errorf("%d meters, %+v", len(e.Meters), e.Telegrams)
	}
}

// The worst are kept, in order of time, the earlier one of equal ones.
func TestWorst(t *testing.T) {
	t.Parallel()
	p := newTape()
	start := unix("2026-03-02T12:00:00+01:00")
	for i := range int64(50) {
		p.steady(start+200*i, start+200*i+20, volts(254e3+i*7%11*1000))
		p.steady(start+200*i+20, start+200*i+200, "230.0")
	}
	q := p.evidence(t).Meters[0].Phases[0].ValuesAbove
	var got []string
	for _, x := range q.Worst {
		got = append(got, x.Worst.Volts.String())
	}
	// i*7%11 is 10 for i = 3, 14, 25, 36, 47, 9 for 6, 17, 28, 39, and 8 for 9.
	if want := "264.0 263.0 262.0 264.0 263.0 264.0 263.0 264.0 263.0 264.0"; q.Count != 50 || strings.Join(got, " ") != want {
		t.Errorf("%d: %s", q.Count, got)
	}
}

func TestNominal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"230": "253.0 207.0 195.5", "230.0": "253.0 207.0 195.5", "127": "139.7 114.3 107.95", "57.7": "63.47 51.93 49.045",
		"": "", "0": "", "49": "", "1001": "", "-230": "", "230.55": "", "230V": "", "1e2": "", "99999999999999999999": "",
	} {
		l, err := limitsOf(text)
		if (err == nil) != (want != "") {
			t.Errorf("%q: %v", text, err)
			continue
		}
		v := l.volts()
		if got := fmt.Sprintf("%s %s %s", v.Above, v.Below, v.Lowest); want != "" && got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// What is rounded is rounded once, and half up.
func TestMeanIsRoundedOnce(t *testing.T) {
	t.Parallel()
	for mv, want := range map[int64]int64{230004: 23000, 230005: 23001, 230014: 23001, 230015: 23002, 0: 0, 4: 0, 5: 1, maxMillivolts: 1e6} {
		s := sum{}
		s.add(tenMinutes, mv)
		if got := s.centivolts(); got != want {
			t.Errorf("%d mV: %d cV, want %d", mv, got, want)
		}
	}
	// Half of the time 200 V, half 260 V: the mean is 230 V, the root of the mean of
	// the squares √53800 = 231.948.
	s := sum{}
	s.add(300, 200e3)
	s.add(300, 260e3)
	if got := s.volts().String(); got != "231.95" {
		t.Errorf("%s", got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	p := newTape()
	p.meter = "a\"\x1b[31m<script>"
	start := unix("2026-03-02T12:00:00+01:00")
	p.steady(start, start+600, "254.10")
	text, err := json.Marshal(p.evidence(t))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Meters []struct {
			Meter  string
			From   string
			Phases []struct {
				Phase   string
				Highest struct {
					Volts json.Number
					At    string
				}
				Means map[string]int
				Weeks []struct {
					Rule95 string `json:"rule_95"`
				}
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	m := got.Meters[0]
	if q := m.Phases[0]; m.Meter != `a"\x1b[31m<script>` || m.From != "2026-03-02T12:00:00+01:00" || q.Phase != "L1" || q.Highest.Volts != "254.10" ||
		q.Means["above"] != 1 || q.Weeks[0].Rule95 != "unknown" {
		t.Errorf("%s", text)
	}
}

func TestChunksAreRefused(t *testing.T) {
	c, err := NewCounter(Nominal)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Take(&record.Chunk{}); err != record.ErrChunks {
		t.Error(err)
	}
}

// The clock went back, and the last value before it goes forward again reaches into ten
// minutes that have been told: these count once.
func TestIntervalsCountOnce(t *testing.T) {
	p := newTape()
	start := unix("2026-03-02T12:10:00+01:00")
	p.steady(start, start+600, "230.0")
	p.steady(start-595, start, "231.0")
	p.steady(start+600, start+1200, "230.0")
	means := p.evidence(t).Meters[0].Phases[0].Means
	if want := (Means{Judged: 3}); means != want {
		t.Errorf("%+v, want %+v", means, want)
	}
}
