package report

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"p1/pkg/record"
)

// mixedTape has one of everything around two o'clock: the telegrams of 01:59:40,
// 01:59:50, a lost one, 02:00:10, 02:00:20, a salvaged one, a suspect one, and
// 02:00:50 after a gap.
func mixedTape() []record.Record {
	p := newTape("p1.log")
	p.n = 229 // 01:59:40
	p.noise(puttyHeader)
	p.telegram(record.OK)
	p.telegram(record.OK)
	p.telegram(record.Lost)
	p.telegram(record.Repaired).Edits = []record.Edit{{Got: record.Bytes(" "), Now: record.Bytes("/")}}
	p.telegram(record.Repaired).Edits = []record.Edit{{Now: record.Bytes("/"), By: record.ByLogger}}
	p.telegram(record.Salvaged)
	p.telegram(record.OK).Suspect = "a register fell"
	p.gap(record.GapUnplugged)
	p.telegram(record.OK)
	return p.records
}

func TestSummaryText(t *testing.T) {
	const want = `source         p1.log
dialect        unknown, CRC ARC
telegrams               8
logger                  1  intact once what the logger left out is put back
damaged                 3  on the line
  repaired              1
  remaining             2  not usable as a whole
    salvaged            1  of these, single lines are usable
suspect                 1  the content contradicts what is known, whatever a CRC says
noise                   1  record, 79 bytes; 1 logger header among them
gaps                    1
rate of damage       38 %  of the telegrams

reliability: three nines are 99.9 % good telegrams
  before repair     63 % good  (5 of 8: 0.4 nines)
  after repair      75 % good  (6 of 8: 0.6 nines)

prediction
  rate of damage: 38 % now
    33 %      after 1 more clean telegram (under 0.1 hours at one every 10 s)
    44 %      with one more error now
  rate that remains after repair: 25 % now
    22 %      after 1 more clean telegram (under 0.1 hours at one every 10 s)
    33 %      with one more error now

day         telegrams   damaged  remaining      rate
2023-08-24          8         3          2      38 %  ##########################

hour        telegrams   damaged  remaining      rate
01                  3         1          1      33 %  ######################
02                  5         2          1      40 %  ##########################
`
	if got := summary(t, mixedTape(), 80); !strings.HasSuffix(got, "\n\n"+want) {
		t.Errorf("got\n%s", got)
	}
}

func TestSummaryOfNothing(t *testing.T) {
	const want = `source         none
telegrams               0
damaged                 0  on the line
  repaired              0
  remaining             0  not usable as a whole
    salvaged            0  of these, single lines are usable
noise                   0  records, 0 bytes
gaps                    0
`
	if got := summary(t, nil, 80); !strings.HasSuffix(got, "\n\n"+want) {
		t.Errorf("got\n%s", got)
	}
}

func TestSummaryOfACleanLine(t *testing.T) {
	p := newTape("p1.log")
	for range 54 {
		p.telegram(record.OK)
	}
	got := summary(t, p.records, 80)
	for _, want := range []string{
		"rate of damage        0 %  of the telegrams\n",
		"  before repair    100 % good  (54 of 54: 1.2 nines or more)\n",
		"  after repair     100 % good  (54 of 54: 1.2 nines or more)\n",
		"  With 95 % confidence fewer than 3 in 54 fail.\n",
		"  rate of damage: 0 % now\n    1.8 %     with one more error now\n",
		"2023-08-24         54         0          0       0 %\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "#") || strings.Contains(got, "after 0") || strings.Contains(got, "remains after") {
		t.Errorf("got\n%s", got)
	}
}

func counted(t *testing.T, records []record.Record) Counts {
	t.Helper()
	c := NewCounter()
	for _, r := range records {
		if err := c.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	return c.Counts()
}

// checkSums holds the counts against what their documentation promises.
func checkSums(t *testing.T, c Counts) {
	t.Helper()
	days, hours := c.UnknownDay, c.UnknownDay
	days.add(c.OtherDays)
	for tally := range maps.Values(c.Days) {
		days.add(tally)
	}
	for _, tally := range c.Hours {
		hours.add(tally)
	}
	if days != c.Tally || hours != c.Tally {
		t.Errorf("all %v, days %v, hours %v", c.Tally, days, hours)
	}
	if c.Damaged != c.Repaired+c.Remaining || c.Salvaged > c.Remaining || c.Damaged+c.LoggerOnly > c.Telegrams {
		t.Errorf("the sums do not hold: %+v", c)
	}
}

func TestSumsHold(t *testing.T) {
	for seed := range uint64(60) {
		records, _ := randomTape(rand.New(rand.NewPCG(seed, 3)), 200)
		c := counted(t, records)
		checkSums(t, c)
		telegrams := int64(0)
		for _, r := range records {
			if _, ok := r.(*record.Telegram); ok {
				telegrams++
			}
		}
		if c.Telegrams != telegrams {
			t.Errorf("seed %d: %d telegrams, want %d", seed, c.Telegrams, telegrams)
		}
	}
}

// A telegram without a time belongs to the hour of the verified one before it,
// at the start of a stream to that of the one after it, and nowhere if its
// stream has none.
func TestDayOfUnverifiedTelegrams(t *testing.T) {
	a := newTape("a.log")
	a.n = 230 // 01:59:50
	a.telegram(record.Lost)
	a.telegram(record.Lost)
	a.telegram(record.OK) // 02:00:10
	a.telegram(record.Bad)
	b := newTape("b.log")
	b.telegram(record.Bad)
	got := counted(t, append(a.records, b.records...))
	if want := (Tally{Telegrams: 4, Damaged: 3, Remaining: 3}); got.Hours[2] != want || got.Days["2023-08-24"] != want {
		t.Errorf("hour %v, day %v", got.Hours[2], got.Days)
	}
	if want := (Tally{Telegrams: 1, Damaged: 1, Remaining: 1}); got.UnknownDay != want {
		t.Errorf("unknown %v", got.UnknownDay)
	}
	text := summary(t, append(a.records, b.records...), 0)
	if !strings.Contains(text, "\nunknown             1         1          1     100 %  ##") ||
		!strings.Contains(text, "a.log (the first of 2 streams)\n") {
		t.Errorf("got\n%s", text)
	}
}

// What no CRC confirms is said beside the reliability that is reckoned with it.
func TestSummaryOfUncheckedTelegrams(t *testing.T) {
	const said = "  No CRC confirms 2 of them: digits that were read as others are not seen.\n"
	for _, unchecked := range []int{0, 2} {
		p := newTape("p1.log")
		for n := range 4 {
			if n < unchecked {
				p.telegram(record.Unchecked)
			} else {
				p.telegram(record.OK)
			}
		}
		if text := summary(t, p.records, 0); strings.Contains(text, said) != (unchecked > 0) || strings.Contains(text, "fewer than 3 in 4 fail") != (unchecked == 0) {
			t.Errorf("of %d it says\n%s", unchecked, text)
		}
	}
}

func TestPace(t *testing.T) {
	clocks := func(seconds ...int) []record.Record {
		p := newTape("p1.log")
		at := time.Date(2023, 8, 24, 1, 0, 0, 0, time.UTC)
		for _, s := range seconds {
			at = at.Add(time.Duration(s) * time.Second)
			p.telegram(record.OK).Raw = rawTelegram(at.Format("060102150405") + "S")
		}
		return p.records
	}
	broken := clocks(0, 10, 10)
	broken[1].(*record.Telegram).Status = record.Lost
	gap := newTape("p1.log")
	gap.telegram(record.OK)
	gap.gap(record.GapUnplugged)
	gap.telegram(record.OK)
	for _, c := range []struct {
		name    string
		records []record.Record
		want    int64
	}{
		{"none", nil, 0},
		{"one telegram", clocks(0), 0},
		{"steady", clocks(0, 10, 10, 10), 10},
		{"the middle one", clocks(0, 11, 9, 10, 300, 10), 10},
		{"the lower of two", clocks(0, 1, 2), 1},
		{"pauses and stopped or reset clocks do not count", clocks(0, 10, 0, 0, -60, 86400, 3601), 10},
		{"an hour counts", clocks(0, 3600), 3600},
		{"one between is lost", broken, 0},
		{"a gap between", gap.records, 0},
	} {
		counts := counted(t, c.records)
		if got := counts.Pace(); got != c.want {
			t.Errorf("%s: %d s, want %d", c.name, got, c.want)
		}
	}
}

func TestNoMoreThanSoManyDays(t *testing.T) {
	p := newTape("p1.log")
	day := time.Date(2010, 1, 1, 12, 0, 0, 0, time.UTC)
	for range 4007 {
		p.telegram(record.OK).Raw = rawTelegram(day.Format("060102150405") + "W")
		day = day.AddDate(0, 0, 1)
	}
	c := counted(t, p.records)
	checkSums(t, c)
	if len(c.Days) != 4000 || c.OtherDays.Telegrams != 7 {
		t.Errorf("%d days, %d telegrams on others", len(c.Days), c.OtherDays.Telegrams)
	}
	text := summary(t, p.records, 0)
	if !strings.Contains(text, "\nothers              7         0          0       0 %\nOnly the first 4,000 days are listed") {
		t.Error("the text does not say that days are missing")
	}
}

func TestSummaryFitsItsWidth(t *testing.T) {
	records := mixedTape()
	long := newTape(strings.Repeat("é", 200))
	long.telegram(record.Lost)
	records = append(long.records, records...)
	for _, width := range []int{-1, 0, 20, 40, 60, 80, 99, 300} {
		text := summary(t, records, width)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(line) - 1; n > 99 || width > 0 && strings.HasSuffix(line, "#\n") && n > width {
				t.Errorf("width %d: %d columns: %s", width, n, line)
			}
			if strings.HasSuffix(line, " \n") {
				t.Errorf("width %d: blanks at the end of %q", width, line)
			}
		}
		if bars := strings.Contains(text, "#"); bars != (width <= 0 || width >= 60) {
			t.Errorf("width %d: bars %v", width, bars)
		}
	}
}
