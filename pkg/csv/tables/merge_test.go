package tables

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
)

// ordered returns the table of records that are in order already, made without any
// putting in order.
func ordered(t *testing.T, o Options, records []*record.Telegram) string {
	t.Helper()
	var b bytes.Buffer
	o.Unique = false
	w, err := New(&b, o)
	must(t, err)
	if m, ok := w.rows.(*merging); ok {
		if m.ahead != nil {
			must(t, m.inOrder())
		}
		w.rows = m.rows
	}
	for _, r := range records {
		must(t, w.Take(r))
	}
	must(t, w.Close())
	return b.String()
}

// merged returns the table of records in any order, and what is said of it.
func merged(t *testing.T, o Options, records []*record.Telegram) (table, said string) {
	t.Helper()
	var b bytes.Buffer
	o.Say = func(text string) { said += text + "\n" }
	w, err := New(&b, o)
	must(t, err)
	for _, r := range records {
		must(t, w.Take(r))
	}
	must(t, w.Close())
	return b.String(), said
}

// night is a log over the night in which summer time ends, in random steps, with a
// register that now and then stands still. Each telegram has a source and an offset.
func night(t *testing.T, dice *rand.Rand, season bool, meters ...string) (log []*record.Telegram) {
	t.Helper()
	return nightSetBack(t, dice, season, 0, meters...)
}

// nightSetBack is one in which the clock is set back at half past midnight.
func nightSetBack(t *testing.T, dice *rand.Rand, season bool, back time.Duration, meters ...string) (log []*record.Telegram) {
	t.Helper()
	zone := amsterdam(t)
	wh := 1_000_000
	at := time.Date(2026, 10, 24, 22, 0, 0, 0, zone)
	for at.Before(time.Date(2026, 10, 25, 6, 0, 0, 0, zone)) {
		at = at.Add(time.Duration(1+dice.IntN(9)) * 10 * time.Second)
		if back > 0 && at.After(time.Date(2026, 10, 25, 0, 30, 0, 0, zone)) {
			at, back = at.Add(-back), 0
		}
		clock := at.Format("060102150405")
		if season {
			clock += map[string]string{"CEST": "S", "CET": "W"}[at.Format("MST")]
		}
		wh += max(0, dice.IntN(6)-2)
		for _, meter := range meters {
			kwh := fmt.Sprintf("%06d.%03d", wh/1000, wh%1000)
			log = append(log, ok(bytes.Replace(dutch(clock, kwh, "000002.000"), []byte("39393939"), fmt.Appendf(nil, "%X", meter), 1)))
		}
	}
	return log
}

// scattered splits a log at random, with overlaps and copies, puts the parts in any order,
// and gives each a source.
func scattered(dice *rand.Rand, log []*record.Telegram) (all []*record.Telegram) {
	var parts [][]*record.Telegram
	for from := 0; from < len(log); {
		to := min(from+1+dice.IntN(len(log)), len(log))
		parts = append(parts, log[max(0, from-dice.IntN(50)):to])
		from = to
	}
	for range dice.IntN(3) {
		parts = append(parts, parts[dice.IntN(len(parts))])
	}
	dice.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	for i, part := range parts {
		for n, r := range part {
			c := *r
			c.Source, c.Offset = fmt.Sprintf("%d.log", i), int64(n)*1000
			all = append(all, &c)
		}
	}
	return all
}

// Whatever is split, in whatever order, with whatever overlaps and copies, it is the same
// table as that of the whole log.
func TestMergedIsWhole(t *testing.T) {
	zone := amsterdam(t)
	for name, c := range map[string]struct {
		o      Options
		season bool
		meters []string
	}{
		"S and W":                  {Options{CentralEurope: zone}, true, []string{"1111"}},
		"two meters":               {Options{CentralEurope: zone}, true, []string{"1111", "2222"}},
		"neither S nor W":          {Options{}, false, []string{"1111"}},
		"neither, of a known zone": {Options{Zone: zone}, false, []string{"1111"}},
		"two meters of that kind":  {Options{Zone: zone}, false, []string{"1111", "2222"}},
	} {
		for seed := range uint64(6) {
			dice := rand.New(rand.NewPCG(seed, 7))
			log := night(t, dice, c.season, c.meters...)
			parts := scattered(dice, log)
			for _, every := range []time.Duration{0, Day, time.Hour, time.Minute} {
				if len(c.meters) > 1 && !c.season && every != Day {
					continue // the rows of an hour that is repeated come meter by meter
				}
				o := c.o
				o.Unique, o.Every = every == 0, every
				want := ordered(t, o, log)
				if every == time.Minute && o.Zone == nil && !c.season {
					want, _ = merged(t, o, log) // each minute of the repeated hour stands once
				}
				got, said := merged(t, o, parts)
				if got != want {
					t.Fatalf("%s, every %s, seed %d: %s", name, every, seed, unlike(got, want))
				}
				if copies := len(parts) - len(log); copies > 0 && !strings.Contains(said, fmt.Sprintf("left out: %d ", copies)) {
					t.Errorf("%s: %d copies, and it says %q", name, copies, said)
				}
			}
		}
	}
}

// So it is where the clock was set back: what comes before and after that is told apart, and
// counts once in the rows of spans, which stand once.
func TestMergedWhereTheClockWasSetBack(t *testing.T) {
	zone := amsterdam(t)
	for seed := range uint64(8) {
		dice := rand.New(rand.NewPCG(seed, 9))
		back := time.Duration(1+dice.IntN(50)) * time.Minute
		log := nightSetBack(t, dice, seed%2 == 0, back, "1111")
		parts := scattered(dice, log)
		got, _ := merged(t, Options{Unique: true}, parts)
		if want := ordered(t, Options{}, log); got != want {
			t.Fatalf("seed %d: %s", seed, unlike(got, want))
		}
		first, last := log[0].Raw, log[len(log)-1].Raw
		gained := func(raw []byte) *big.Rat {
			v, _ := new(big.Rat).SetString(between(t, string(raw), "1.8.1(", "*"))
			return v
		}
		for _, every := range []time.Duration{Day, time.Hour, time.Minute} {
			got, _ := merged(t, Options{Every: every, Zone: zone}, parts)
			_, rows := read(t, got, ',')
			sum := new(big.Rat)
			seen := map[string]bool{}
			for _, row := range rows {
				if gain, ok := new(big.Rat).SetString(row["import_t1_kwh_gain"]); ok {
					sum.Add(sum, gain)
				}
				if seen[row["time"]] {
					t.Errorf("seed %d, every %s: %s stands twice", seed, every, row["time"])
				}
				seen[row["time"]] = true
			}
			if want := new(big.Rat).Sub(gained(last), gained(first)); sum.Cmp(want) != 0 {
				t.Errorf("seed %d, every %s: gained %s, want %s", seed, every, sum.FloatString(3), want.FloatString(3))
			}
		}
	}
}

// A log that is read twice under one name gives what it gives once, doubted lines and all:
// its clock was not set back.
func TestReadTwiceUnderOneName(t *testing.T) {
	for doubted := range 6 {
		var log []*record.Telegram
		for i := range 6 {
			r := ok(dutch(fmt.Sprintf("2603011200%02dW", 10+i), fmt.Sprintf("000001.%03d", i), "000002.000"))
			r.Source, r.Offset = "p1.log", int64(500*i)
			log = append(log, r)
		}
		log[doubted].Doubted = []record.Doubt{{Line: 6, Code: "1-0:1.8.1", Why: "gained 30000 kWh in 1 s"}}
		got, _ := merged(t, Options{Unique: true}, append(slices.Clone(log), log...))
		if want := ordered(t, Options{}, log); got != want {
			t.Errorf("line of telegram %d doubted: %s", doubted, unlike(got, want))
		}
	}
}

// unlike says where two tables are not the same.
func unlike(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d of %d is\n%s\nwant, of %d,\n%s", i+1, len(a), a[i], len(b), b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// copyOf is a copy of a telegram of another log, as another run has left it.
func copyOf(r *record.Telegram, source string, status record.Status, change ...func(*record.Telegram)) *record.Telegram {
	c := *r
	c.Source, c.Status = source, status
	for _, f := range change {
		f(&c)
	}
	return &c
}

// The best copy makes the row, whichever came first.
func TestBestCopy(t *testing.T) {
	base := ok(dutch("260301120000W", "000001.000", "000002.000"))
	suspect := func(r *record.Telegram) { r.Suspect = "another meter" }
	trusting := func(codes ...string) func(*record.Telegram) {
		return func(r *record.Telegram) {
			lines := strings.Split(string(r.Raw), "\r\n")
			for _, code := range codes {
				at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, code+"(") })
				r.Trusted = append(r.Trusted, record.Trusted{Line: at + 1, Code: code})
			}
		}
	}
	doubtful := func(r *record.Telegram) { r.Doubted = []record.Doubt{{Line: 6, Code: "1-0:1.8.1", Why: "fell"}} }
	all := []*record.Telegram{
		base,
		copyOf(base, "a", record.OK, doubtful),
		copyOf(base, "b", record.Repaired),
		copyOf(base, "c", record.Unchecked),
		copyOf(base, "d", record.Salvaged, trusting("0-0:1.0.0", "0-0:96.1.1", "1-0:1.8.1", "1-0:1.8.2")),
		copyOf(base, "e", record.Salvaged, trusting("0-0:1.0.0", "1-0:1.8.1", "1-0:1.8.2")), // whose, cannot be read
		copyOf(base, "f", record.Bad),
		copyOf(base, "g", record.OK, suspect),
		copyOf(base, "h", record.Salvaged, suspect, trusting("0-0:1.0.0", "0-0:96.1.1", "1-0:1.8.2")),
	}
	want := []string{"ok", "ok", "repaired", "unchecked", "salvaged", "salvaged", "bad", "ok", "salvaged"}
	dice := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		from := dice.IntN(len(all))
		some := slices.Clone(all[from:])
		dice.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		o := Options{Unique: true, Salvaged: true, AcceptBad: true, Columns: []string{"meter", "status", "import_t1_kwh"}}
		got, said := merged(t, o, some)
		_, rows := read(t, got, ',')
		if len(rows) != 1 || rows[0]["status"] != want[from] {
			t.Errorf("from %d on: %v, want %s", from, rows, want[from])
		} else if from < 2 && (rows[0]["import_t1_kwh"] == "") != (from == 1) {
			t.Errorf("from %d on: %v, the one that is doubted last", from, rows)
		}
		if n := len(some) - 1; n > 0 && !strings.Contains(said, fmt.Sprintf("left out: %d ", n)) {
			t.Errorf("it says %q of %d copies", said, n)
		}
	}
}

// With the same clock, but another register or meter, two telegrams are no copies.
func TestNoCopies(t *testing.T) {
	a := ok(dutch("260301120000W", "000001.000", "000002.000"))
	other := ok(bytes.Replace(a.Raw, []byte("39393939"), []byte("38383838"), 1))
	higher := ok(dutch("260301120000W", "000001.001", "000002.000"))
	later := ok(dutch("260301120001W", "000001.000", "000002.000"))
	bare := ok(dutch("260301120000", "000001.000", "000002.000"))
	for name, b := range map[string]*record.Telegram{"meter": other, "register": higher, "clock": later, "S and W": bare} {
		for _, list := range [][]*record.Telegram{{a, b}, {b, a}} {
			got, said := merged(t, Options{Unique: true}, list)
			if n := strings.Count(got, "\n") - 1; n != 2 || said != "" {
				t.Errorf("another %s: %d rows, and it says %q", name, n, said)
			}
		}
	}
}

// Neither many copies nor a clock that stands still are too much.
func TestManyOfOneTime(t *testing.T) {
	for name, kinds := range map[string]int{"copies": 1, "copies of a few": 20, "telegrams": 2000} {
		var list []*record.Telegram
		for i := range 2000 {
			r := ok(dutch("260301120000W", fmt.Sprintf("%06d.000", i%kinds), "000002.000"))
			r.Offset = int64(i)
			list = append(list, r)
		}
		got, _ := merged(t, Options{Unique: true, Columns: []string{"import_t1_kwh"}}, list)
		cells := strings.Fields(got)[1:]
		if len(cells) != kinds {
			t.Fatalf("%s: %d rows, want %d", name, len(cells), kinds)
		}
		for i, cell := range cells {
			if cell != fmt.Sprintf("%d.000", i) {
				t.Fatalf("%s: row %d has %s", name, i, cell)
			}
		}
	}
}

// Telegrams without a clock stay where they came, all of them, and it is said once.
func TestWithoutAClock(t *testing.T) {
	var list []*record.Telegram
	for i := range 3 {
		list = append(list, ok(spoken("M1", fmt.Sprintf("1-0:1.8.1(%09.3f*kWh)", float64(i)))))
	}
	twice := append(slices.Clone(list), list...)
	got, said := merged(t, Options{Unique: true}, twice)
	if want := ordered(t, Options{}, twice); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if strings.Count(said, "cannot be told apart") != 1 || !strings.Contains(said, "6 of them") {
		t.Errorf("it says %q", said)
	}
	// One between others follows the one it came after.
	log := []*record.Telegram{
		ok(dutch("260301120000W", "000001.000", "000002.000")), list[0],
		ok(dutch("260301120010W", "000001.001", "000002.000")), list[1],
	}
	got, _ = merged(t, Options{Unique: true}, append(slices.Clone(log[2:]), log[:2]...))
	for i := range log {
		log[i] = copyOf(log[i], fmt.Sprint(i/2), record.OK)
	}
	if want := ordered(t, Options{}, log); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A live telegram has its row at once, after all that came before it, unless it came within
// the last ten minutes.
func TestLive(t *testing.T) {
	var b bytes.Buffer
	said := ""
	w, err := New(&b, Options{Unique: true, Say: func(text string) { said += text + "\n" }})
	must(t, err)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w.rows.(*merging).now = func() time.Time { return now }
	rows := func() int {
		must(t, w.Flush())
		return strings.Count(b.String(), "\n") - 1
	}
	wh := 0
	tell := func(at time.Time, live bool) *record.Telegram {
		r := ok(dutch(at.Add(time.Hour).Format("060102150405")+"W", fmt.Sprintf("000001.%03d", wh), "000002.000"))
		if live {
			r.Live, r.Time = true, at.Format(time.RFC3339)
		}
		must(t, w.Take(r))
		return r
	}
	tell(now.Add(-2*time.Hour), false)
	tell(now.Add(-24*time.Hour), true) // of an archive
	if n := rows(); n != 0 {
		t.Fatalf("%d rows before the end", n)
	}
	for range 5 {
		wh++
		now = now.Add(10 * time.Second)
		tell(now, true)
		if n, want := rows(), 2+wh; n != want {
			t.Fatalf("%d rows, want %d", n, want)
		}
	}
	again := tell(now, true)
	now = now.Add(9 * time.Minute)
	must(t, w.Take(again))
	if n := rows(); n != 7 || strings.Count(said, "came again") != 1 {
		t.Fatalf("%d rows with copies, want 7; it says %q", n, said)
	}
	must(t, w.Close())
	if !strings.Contains(said, "left out: 2 ") {
		t.Errorf("it says %q", said)
	}
	first, _, _ := strings.Cut(strings.SplitN(b.String(), "\n", 3)[1], ",")
	if first != "2026-02-28T13:00:00+01:00" {
		t.Errorf("the first row is of %s", first)
	}
}

// What is for records is not for other tables.
func TestUniqueIsForRecords(t *testing.T) {
	for _, table := range []string{Validity, Gas, Events} {
		if _, err := New(&bytes.Buffer{}, Options{Table: table, Unique: true}); err == nil {
			t.Errorf("the table %s takes it", table)
		}
	}
}
