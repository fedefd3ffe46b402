package tables

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// tape is a log that telegrams are put on, one after the other.
type tape struct {
	source  string
	offset  int64
	records []record.Record
}

// put adds a telegram that is ok, and returns it to be changed.
func (p *tape) put(raw []byte) *record.Telegram {
	r := ok(raw)
	if p.source != "" {
		r.Source = p.source
	}
	r.Offset = p.offset
	p.offset += int64(len(raw))
	p.records = append(p.records, r)
	return r
}

// tick adds a telegram of the Hungarian meter: its clock, its total in Wh, and
// what else is not as usual.
func (p *tape) tick(clock string, wh int, changes ...string) *record.Telegram {
	said := lines{"0-0:1.0.0": clock, "1-0:1.8.0": fmt.Sprintf("%06d.%03d*kWh", wh/1000, wh%1000)}
	for i := 0; i < len(changes); i += 2 {
		said[changes[i]] = changes[i+1]
	}
	return p.put(raw(0, said))
}

// run adds n telegrams from a moment on, 10 s apart, each of 3 Wh more.
func (p *tape) run(from time.Time, n int, wh *int, changes ...string) time.Time {
	for range n {
		p.tick(stampOf(from), *wh, changes...)
		from = from.Add(10 * time.Second)
		*wh += 3
	}
	return from
}

// central is the time in Hungary, by the rule of the directive 2000/84/EC: summer
// time from the last Sunday of March to that of October, each at 01:00 UTC.
func central(t time.Time) (local time.Time, letter string) {
	t = t.UTC()
	last := func(m time.Month) time.Time {
		d := time.Date(t.Year(), m, 31, 1, 0, 0, 0, time.UTC)
		return d.AddDate(0, 0, -int(d.Weekday()))
	}
	if !t.Before(last(time.March)) && t.Before(last(time.October)) {
		return t.Add(2 * time.Hour), "S"
	}
	return t.Add(time.Hour), "W"
}

// stampOf is how a meter in Hungary writes a time.
func stampOf(t time.Time) string {
	local, letter := central(t)
	return local.Format("060102150405") + letter
}

// told returns the rows of the events table, a line each: the columns from event
// to note, without what is empty.
func told(t testing.TB, o Options, records ...record.Record) []string {
	t.Helper()
	o.Table = Events
	_, rows := read(t, made(t, o, records...), ',')
	var list []string
	for _, r := range rows {
		var words []string
		for _, name := range []string{"event", "code", "before", "after", "count", "note"} {
			if r[name] != "" {
				words = append(words, r[name])
			}
		}
		list = append(list, strings.Join(words, " "))
	}
	return list
}

func wantEvents(t testing.TB, p *tape, want ...string) {
	t.Helper()
	if got := told(t, Options{}, p.records...); !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC) // 12:00 in Hungary

func TestGap(t *testing.T) {
	p, wh := &tape{}, 5000
	at := p.run(noon, 5, &wh) // until 12:00:40
	wh += 8
	p.run(at.Add(30*time.Second), 2, &wh)
	wantEvents(t, p, "gap 0-0:1.0.0 2026-03-02T12:00:40+01:00 2026-03-02T12:01:20+01:00 3")
}

// The usual step is what is learned: 1 s, 15 min or anything between, and a second
// more or less is none of the missing.
func TestGapByThePeriodOfTheMeter(t *testing.T) {
	for _, step := range []time.Duration{time.Second, 10 * time.Second, 15 * time.Minute} {
		p, at := &tape{}, noon
		for i := range 12 {
			p.tick(stampOf(at), 5000+i)
			at = at.Add(step)
			if i%4 == 3 && step > time.Second {
				at = at.Add(time.Second)
			}
		}
		p.tick(stampOf(at.Add(step)), 5100)
		got := told(t, Options{}, p.records...)
		if len(got) != 1 || !strings.HasPrefix(got[0], "gap") || !strings.HasSuffix(got[0], " 1") {
			t.Errorf("steps of %v: %q", step, got)
		}
	}
}

// Telegrams that are not valid, or suspect, are not read: what the clock passes
// over is a gap, and nothing that they say is an event.
func TestUnreadTelegrams(t *testing.T) {
	for _, spoil := range []func(*record.Telegram){
		func(r *record.Telegram) { r.Status = record.Bad },
		func(r *record.Telegram) { r.Status = record.Lost },
		func(r *record.Telegram) {
			r.Status, r.Trusted = record.Salvaged, []record.Trusted{{Line: 3, Code: "0-0:1.0.0"}}
		},
		func(r *record.Telegram) { r.Suspect = "a register falls" },
	} {
		p, wh := &tape{}, 5000
		at := p.run(noon, 5, &wh)
		spoil(p.tick("990101000000W", 1, "0-0:96.14.0", "0009", "0-0:96.1.0", "OTHER"))
		p.run(at.Add(10*time.Second), 3, &wh)
		wantEvents(t, p, "gap 0-0:1.0.0 2026-03-02T12:00:40+01:00 2026-03-02T12:01:00+01:00 1")
	}
}

func TestTariff(t *testing.T) {
	p, wh := &tape{}, 5000
	at := p.run(noon, 2, &wh, "0-0:96.14.0", "0001")
	at = p.run(at, 2, &wh)
	p.tick(stampOf(at), wh, "0-0:96.14.0", "")
	p.run(at.Add(10*time.Second), 1, &wh, "0-0:96.14.0", "0001")
	wantEvents(t, p, "tariff 0-0:96.14.0 0001 0002", "tariff 0-0:96.14.0 0002 0001")
}

// A row says where the telegram stands that shows the event.
func TestEventRow(t *testing.T) {
	p, wh := &tape{source: "a.log"}, 5000
	p.run(noon, 2, &wh)
	offset := p.offset
	p.tick("260302120020W", 4999)
	want := "time,utc_offset,host_time,meter,event,code,before,after,count,note,source,offset\n" +
		fmt.Sprintf("2026-03-02T12:00:20+01:00,+01:00,,9912345678,register_fell,1-0:1.8.0,5.003 kWh,4.999 kWh,,,a.log,%d\n", offset)
	if got := made(t, Options{Table: Events}, p.records...); got != want {
		t.Errorf("got %s", got)
	}
	if got := told(t, Options{Units: W}, p.records...); !slices.Equal(got, []string{"register_fell 1-0:1.8.0 5003 Wh 4999 Wh"}) {
		t.Errorf("in W: %q", got)
	}
}

// Instantaneous values, voltages and the clock of the demand may fall as they like.
func TestWhatMayFall(t *testing.T) {
	p := &tape{}
	p.tick("260302120000W", 5000)
	p.tick("260302120010W", 5001, "1-0:32.7.0", "001.0*V", "1-0:1.7.0", "00.001*kW", "0-0:17.0.0", "10.000*kW", "1-0:13.7.0", "0.100")
	p.tick("260302120020W", 5002, "1-0:3.8.0", "000763.343*kvarh")
	wantEvents(t, p, "register_fell 1-0:3.8.0 763.344 kvarh 763.343 kvarh")
}

// The clock of a meter with S and W goes on through the hour that autumn repeats
// and the one that spring leaves out; without either it does so in its zone.
func TestDaylightSavingIsNoEvent(t *testing.T) {
	for _, change := range []time.Time{
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),
	} {
		with, without, wh := &tape{}, &tape{}, 5000
		for at := change.Add(-90 * time.Minute); at.Before(change.Add(90 * time.Minute)); at = at.Add(10 * time.Second) {
			with.tick(stampOf(at), wh)
			without.tick(stampOf(at)[:12], wh)
			wh++
		}
		wantEvents(t, with)
		zone, err := time.LoadLocation("Europe/Budapest")
		if err != nil {
			t.Fatal(err)
		}
		if got := told(t, Options{Zone: zone}, without.records...); len(got) != 0 {
			t.Errorf("in a zone: %q", got)
		}
		if got := told(t, Options{}, without.records...); len(got) != 1 {
			t.Errorf("with no zone, the change at %v is %q", change, got)
		}
	}
}

func TestClockSetBack(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 30, &wh)
	p.run(noon.Add(3*time.Minute), 40, &wh)
	wantEvents(t, p, "clock_jump 0-0:1.0.0 2026-03-02T12:04:50+01:00 2026-03-02T12:03:00+01:00 back")
}

// Some meters begin with 1970, which they write as 70.
func TestClockResetTo1970(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 30, &wh)
	for i := range 6 {
		p.tick(fmt.Sprintf("7001010000%d0W", i), wh+i)
	}
	wh += 6
	p.run(noon.Add(10*time.Minute), 5, &wh)
	wantEvents(t, p,
		"clock_jump 0-0:1.0.0 2026-03-02T12:04:50+01:00 1970-01-01T00:00:00+01:00 reset",
		"clock_jump 0-0:1.0.0 1970-01-01T00:00:50+01:00 2026-03-02T12:10:00+01:00 set")
}

func TestClockReset(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 30, &wh)
	p.run(time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC), 6, &wh)
	p.run(noon.Add(10*time.Minute), 5, &wh)
	wantEvents(t, p,
		"clock_jump 0-0:1.0.0 2026-03-02T12:04:50+01:00 2000-01-01T00:00:00+01:00 reset",
		"clock_jump 0-0:1.0.0 2000-01-01T00:00:50+01:00 2026-03-02T12:10:00+01:00 set")
}

// A clock that goes on by hours is a gap if the registers have gone on too, and
// a jump if not; when the host's time is known, that decides.
func TestClockSetForward(t *testing.T) {
	const (
		jump = "clock_jump 0-0:1.0.0 2026-03-02T12:04:50+01:00 2026-03-02T17:05:00+01:00 forward"
		gap  = "gap 0-0:1.0.0 2026-03-02T12:04:50+01:00 2026-03-02T17:05:00+01:00 1800"
	)
	for _, c := range []struct {
		name   string
		gained int
		host   time.Duration // 0 for none
		want   string
	}{
		{"registers stand still", 3, 0, jump},
		{"registers go on", 4000, 0, gap},
		{"registers and host go on", 4000, 5*time.Hour + 10*time.Second, gap},
		{"the host goes on, the house is empty", 0, 5*time.Hour + 10*time.Second, gap},
		{"the host does not", 4000, 10 * time.Second, jump},
	} {
		p, wh := &tape{}, 5000
		at := p.run(noon, 30, &wh)
		for i, r := range p.records {
			if c.host > 0 {
				r.(*record.Telegram).Time = noon.Add(time.Duration(i) * 10 * time.Second).Format(time.RFC3339)
			}
		}
		wh += c.gained - 3
		for range 3 {
			r := p.tick(stampOf(at.Add(5*time.Hour)), wh)
			if c.host > 0 {
				r.Time = at.Add(c.host - 10*time.Second).Format(time.RFC3339Nano)
			}
			at, wh = at.Add(10*time.Second), wh+3
		}
		if got := told(t, Options{}, p.records...); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// A clock that is not the host's is said once, and again only if it has been in
// between.
func TestClockAndHost(t *testing.T) {
	p, wh := &tape{}, 5000
	for i, off := range []time.Duration{0, 2 * time.Hour, 2 * time.Hour, 0, -30 * time.Minute} {
		from := len(p.records)
		p.run(noon.Add(time.Duration(i)*time.Minute), 6, &wh)
		for j, r := range p.records[from:] {
			at := noon.Add(time.Duration(i)*time.Minute + time.Duration(j)*10*time.Second)
			r.(*record.Telegram).Time = at.Add(off).Format(time.RFC3339)
		}
	}
	wantEvents(t, p, "clock_jump 0-0:1.0.0 2026-03-02T14:01:00+01:00 2026-03-02T12:01:00+01:00 behind the host")
}

// Months later, but ticking: an old clock that was set once and never right.
func TestOldClock(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 50, &wh)
	for i, r := range p.records {
		r.(*record.Telegram).Time = noon.AddDate(0, 4, 0).Add(time.Duration(i) * 10 * time.Second).Format(time.RFC3339)
	}
	wantEvents(t, p, "clock_jump 0-0:1.0.0 2026-07-02T12:00:00+01:00 2026-03-02T12:00:00+01:00 behind the host")
}

func TestMeterReplaced(t *testing.T) {
	p, wh, other := &tape{}, 5000, 2
	at := p.run(noon, 5, &wh)
	p.run(at.Add(time.Hour), 5, &other, "0-0:96.1.0", "NEW")
	want := "meter_replaced 0-0:96.1.0 9912345678 NEW"
	wantEvents(t, p, want)
	if got := told(t, Options{}, p.records[:6]...); !slices.Equal(got, []string{want}) {
		t.Errorf("with the log's end after one telegram: %q", got)
	}
	p.source, wh = "other.log", 5000
	p.run(at.Add(2*time.Hour), 5, &wh, "0-0:96.1.0", "THIRD")
	wantEvents(t, p, want) // another source, another meter
}

// Merged logs of two meters: no replacement, and each goes on from its own last
// telegram.
func TestMergedLogs(t *testing.T) {
	p, at := &tape{}, noon
	for i := range 40 {
		p.tick(stampOf(at), 5000+i)
		if i%3 != 2 {
			p.tick(stampOf(at.Add(time.Second)), 90+i, "0-0:96.1.0", "OTHER")
		}
		at = at.Add(10 * time.Second)
	}
	for _, e := range told(t, Options{}, p.records...) {
		if !strings.HasPrefix(e, "gap ") { // of OTHER, each 20 s for a 10
			t.Errorf("event %q", e)
		}
	}
}

func TestGapRecords(t *testing.T) {
	gap := func(p *tape, why string) {
		p.records = append(p.records, &record.Gap{Origin: record.Origin{Source: "p1.log", Offset: p.offset}, Why: why})
	}
	p, wh := &tape{}, 5000
	gap(p, record.GapStart)
	at := p.run(noon, 5, &wh)
	gap(p, record.GapReconnect)
	at = p.run(at, 5, &wh)
	gap(p, record.GapUnplugged)
	wh += 50
	at = p.run(at.Add(time.Minute), 5, &wh)
	gap(p, record.GapStart)
	p.run(at.Add(20*time.Second), 5, &wh)
	gap(p, record.GapOverrun)
	wantEvents(t, p,
		"gap 2026-03-02T12:00:40+01:00 2026-03-02T12:00:50+01:00 reconnect",
		"gap 0-0:1.0.0 2026-03-02T12:01:30+01:00 2026-03-02T12:02:40+01:00 6 unplugged",
		"gap 0-0:1.0.0 2026-03-02T12:03:20+01:00 2026-03-02T12:03:50+01:00 2 start",
		"gap overrun")
}

// Where the meter has no clock, or no telegram followed, the host's time says when.
func TestHostTimeOfEvents(t *testing.T) {
	p := &tape{}
	for i, tariff := range []string{"0001", "0002"} {
		r := p.tick("", 5000, "0-0:1.0.0", "gone", "0-0:96.14.0", tariff)
		r.Time = noon.Add(time.Duration(i) * 10 * time.Second).Format(time.RFC3339)
	}
	p.records = append(p.records, &record.Gap{Origin: record.Origin{Source: "p1.log", Offset: p.offset}, Time: "2026-03-02T11:00:20.5Z", Why: record.GapUnplugged})
	want := []string{"- 2026-03-02T11:00:10Z tariff", "- 2026-03-02T11:00:20.5Z gap"}
	wantRows(t, rowsOf(t, Options{Table: Events}, "time host_time event", p.records...), want...)
}

// A meter without a clock has gaps by the host's.
func TestGapByTheHost(t *testing.T) {
	p := &tape{}
	for i, after := range []float64{0, 10.2, 19.9, 30.1, 40, 70.3, 80} {
		r := p.tick("", 5000+i, "0-0:1.0.0", "gone")
		r.Time = noon.Add(time.Duration(after * float64(time.Second))).Format(time.RFC3339Nano)
	}
	wantEvents(t, p, "gap 2026-03-02T11:00:40Z 2026-03-02T11:01:10Z 2")
}

// eventful is a log with every event in it but duplicates.
func eventful() *tape {
	p, wh := &tape{}, 5000
	at := p.run(noon, 200, &wh)
	at = p.run(at, 100, &wh, "0-0:96.14.0", "0001")
	wh += 500
	at = p.run(at.Add(time.Hour), 200, &wh)
	at = p.run(at.Add(-20*time.Minute), 300, &wh)
	p.run(time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC), 6, &wh)
	at = p.run(at, 20, &wh)
	wh = 100
	at = p.run(at, 200, &wh)
	p.run(at, 30, &wh, "0-0:96.1.0", "NEW")
	return p
}

// A log that is read twice adds nothing but its duplicates, wherever it is cut,
// and also under another name.
func TestReadTwice(t *testing.T) {
	all := eventful().records
	for _, n := range []int{1, 2, 3, 64, 65, 200, 299, 300, 310, 480, 500, 600, 801, 803, 806, 830, 1000, len(all)} {
		once := told(t, Options{}, all[:n]...)
		for _, name := range []string{"p1.log", "copy.log"} {
			var again []record.Record
			for _, r := range all[:n] {
				c := *r.(*record.Telegram)
				c.Source = name
				again = append(again, &c)
			}
			twice := told(t, Options{}, slices.Concat(all[:n], again)...)
			var rest []string
			repeated := 0
			for _, e := range twice {
				if !strings.HasPrefix(e, "duplicate ") {
					rest = append(rest, e)
					continue
				}
				var count int
				fmt.Sscan(e[strings.LastIndexByte(e, ' ')+1:], &count)
				repeated += count
			}
			if !sameEvents(rest, once) {
				t.Errorf("%d telegrams, again from %s: got\n\t%s\nonce\n\t%s", n, name, strings.Join(rest, "\n\t"), strings.Join(once, "\n\t"))
			}
			if repeated != n {
				t.Errorf("%d telegrams, again from %s: %d duplicates", n, name, repeated)
			}
		}
	}
}

// sameEvents compares rows in any order: that of a replaced meter waits until it
// is sure.
func sameEvents(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestEventfulHasThemAll(t *testing.T) {
	var names []string
	for _, e := range told(t, Options{}, eventful().records...) {
		name, _, _ := strings.Cut(e, " ")
		names = append(names, name)
	}
	want := []string{tariffEvent, gapEvent, tariffEvent, jumpEvent, jumpEvent, jumpEvent, registerEvent, meterEvent}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// A duplicate is said once for a run, with its first and last clock.
func TestDuplicates(t *testing.T) {
	p, wh := &tape{}, 5000
	at := p.run(noon, 5, &wh)
	p.records = append(p.records, p.records[1:4]...)
	p.run(at, 2, &wh)
	wantEvents(t, p, "duplicate 2026-03-02T12:00:10+01:00 2026-03-02T12:00:30+01:00 3")
}

// Copies of a stream among it, telegram by telegram or by turns of some: an event each.
func TestCopiesAmongOthers(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 200, &wh)
	for _, turn := range []int{1, 7} {
		var twice, thrice []record.Record
		for i := 0; i < len(p.records); i += turn {
			part := p.records[i:min(i+turn, len(p.records))]
			twice = append(twice, slices.Concat(part, part)...)
			thrice = append(thrice, slices.Concat(part, part, part)...)
		}
		const copied = "duplicate 2026-03-02T12:00:00+01:00 2026-03-02T12:33:10+01:00 200"
		if got := told(t, Options{}, twice...); !slices.Equal(got, []string{copied}) {
			t.Errorf("by turns of %d: %q", turn, got)
		}
		if got := told(t, Options{}, thrice...); !slices.Equal(got, []string{copied, copied}) {
			t.Errorf("three times, by turns of %d: %q", turn, got)
		}
	}
}

// A meter without a clock, its log read again from the beginning.
func TestReadTwiceWithoutClock(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 100, &wh, "0-0:1.0.0", "gone")
	if got := told(t, Options{}, slices.Concat(p.records, p.records)...); !slices.Equal(got, []string{"duplicate 100"}) {
		t.Errorf("got %q", got)
	}
	wh = 3
	p.run(noon, 3, &wh, "0-0:1.0.0", "gone")
	wantEvents(t, p, "register_fell 1-0:1.8.0 5.297 kWh 0.003 kWh")
}

// Days in the wrong order: no register fell, and what is told in the end leaves
// no gap.
func TestDaysInWrongOrder(t *testing.T) {
	p, wh := &tape{}, 5000
	at := p.run(noon, 300, &wh)
	first := p.records
	p.records = nil
	at = p.run(at, 300, &wh)
	second := p.records
	p.records = nil
	p.run(at, 300, &wh)
	got := told(t, Options{}, slices.Concat(second, first, p.records)...)
	if len(got) != 1 || !strings.HasPrefix(got[0], "clock_jump") || !strings.HasSuffix(got[0], noteEarlier) {
		t.Errorf("got %q", got)
	}
}

// Two loggers on one meter, one log after the other: what the second one has and
// the first one lacks is no event but that it is earlier.
func TestSecondLoggerFillsGap(t *testing.T) {
	p, wh := &tape{}, 5000
	p.run(noon, 300, &wh)
	whole := p.records
	holed := slices.Concat(whole[:100], whole[150:])
	got := told(t, Options{}, slices.Concat(holed, whole)...)
	want := []string{
		"gap 0-0:1.0.0 2026-03-02T12:16:30+01:00 2026-03-02T12:25:00+01:00 50",
		"clock_jump 0-0:1.0.0 2026-03-02T12:49:50+01:00 2026-03-02T12:16:40+01:00 earlier telegrams",
		"duplicate 2026-03-02T12:00:00+01:00 2026-03-02T12:49:50+01:00 250",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s", strings.Join(got, "\n\t"))
	}
}

// What is remembered has a bound, whatever comes.
func TestEventsAreBounded(t *testing.T) {
	w, err := newEvents(new(strings.Builder), Options{Table: Events, Delimiter: ','})
	if err != nil {
		t.Fatal(err)
	}
	p := &tape{}
	for i := range 700 {
		p.source = fmt.Sprint("log", i)
		var more []string
		for e := range 300 {
			more = append(more, fmt.Sprintf("1-%d:1.8.%d", 1+i%200, e%256))
		}
		r := p.put(raw(0, lines{"0-0:96.1.0": fmt.Sprint("M", i%100), "0-0:1.0.0": stampOf(noon.Add(time.Duration(i*i%9973) * time.Hour))}, more...))
		if err := w.take(r); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.meters.kept) > maxMeters || len(w.sources.kept) > maxMeters || len(w.words) > maxWords {
		t.Errorf("%d meters, %d sources, %d codes", len(w.meters.kept), len(w.sources.kept), len(w.words))
	}
	for _, m := range w.meters.kept {
		line := &m.is.timeline
		if len(line.told) > maxStretches || len(line.begun) > maxStretches || len(line.highest) > maxCounters ||
			len(line.last.counters) > maxCounters || line.last.from != nil || line.last.said != nil {
			t.Fatalf("%d stretches, %d registers", len(line.told), len(line.highest))
		}
	}
}

// The dictionary must know the registers of all that is told here.
func TestRegistersAreKnown(t *testing.T) {
	for _, code := range []string{"1-0:1.8.0", "1-0:2.8.4", "1-0:3.8.0", "1-0:15.8.0"} {
		if telegram.Lookup(code).Kind != telegram.Register {
			t.Errorf("%s is no register", code)
		}
	}
}
