package prices

import (
	"strings"
	"time"

	"p1/pkg/telegram"
)

// readMarket reads the line above prices of the market.
func (r *reader) readMarket(words []string) error {
	const do = "write how long each price holds and its unit, such as: market 1h EUR/MWh"
	if len(words) != 2 {
		return r.wrong("market is followed by %.60q", strings.Join(words, " "))(do)
	}
	step, err := time.ParseDuration(words[0])
	if err != nil || step != time.Hour && step != 30*time.Minute && step != 15*time.Minute {
		return r.wrong("prices that hold for %.40q", words[0])("write 1h, 30m or 15m, and the unit: market 15m EUR/MWh")
	}
	mega, err := r.energyUnit(words[1])
	if err != nil {
		return err
	}
	r.table = table{line: r.line, step: int64(step / time.Second), perMWh: mega}
	return nil
}

// row reads a price of the market:
//
//	2026-03-29T00:00:00+01:00;85,12
//	"29/03/2026 00:00:00 - 29/03/2026 01:00:00","85.12"
func (r *reader) row(text string) error {
	step := time.Duration(r.table.step) * time.Second
	if step == 0 {
		return r.wrong("a price of the market, and no line above it says what it is")("write above the first one how long each holds and its unit, such as: market 1h EUR/MWh")
	}
	when, price, err := r.cells(text)
	if err != nil {
		return err
	}
	begins, ends, ranged := strings.Cut(when, " - ")
	start, odd, err := r.instant(begins, r.until)
	if err != nil {
		return err
	}
	missing := isMissing(price)
	switch {
	case odd && missing:
		return nil // as a table of 24 rows has for the hour that spring leaves out
	case odd:
		return r.wrong("there is no %s: the clock is put forward over it", begins)("take the row out, or check the zone above")
	case start%r.table.step != 0:
		return r.wrong("%s is not where a price that holds for %s begins", begins, step)("write a line above it that says how long these hold, such as: market 15m EUR/MWh")
	case start < r.until:
		return r.wrong("%s is earlier than the end of the price before it", begins)("put the rows in the order of time, each once")
	case len(r.p.market) >= maxMarket:
		return r.wrong("there are more than %d prices of the market", maxMarket)("split the file")
	}
	end := start + r.table.step
	if ranged {
		if until, _, err := r.instant(ends, start+1); err != nil {
			return err
		} else if until != end {
			return r.wrong("%q is not a time of %s", when, step)("write a line above it that says how long these prices hold, such as: market 15m EUR/MWh")
		}
	}
	r.table.follow = r.table.follow || r.table.rows > 0 && r.until == start
	r.table.rows++
	r.until = end
	if missing {
		return nil
	}
	d, err := r.number(price)
	if err == nil {
		r.p.market = append(r.p.market, span{start, end, scaled(d, r.table.perMWh)})
	}
	return err
}

// A table is a line of market, and the rows below it.
type table struct {
	line   int
	step   int64 // how many seconds each of its prices holds; 0 before there is one
	perMWh bool
	rows   int
	follow bool // some two of them follow each other
}

// endTable checks that the rows of the table are as long as it says.
func (r *reader) endTable() error {
	if r.table.rows < 2 || r.table.follow {
		return nil
	}
	return &FileError{r.name, r.table.line, "no two prices below it follow each other by " + (time.Duration(r.table.step) * time.Second).String(),
		"do they hold for longer? Write 1h, 30m or 15m, as it is"}
}

// cells takes a row apart, with what stands between its cells: a semicolon or a tab where there is
// one, else a comma.
func (r *reader) cells(text string) (when, price string, err error) {
	between := ","
	for _, c := range []string{";", "\t"} {
		if strings.Contains(text, c) {
			between = c
			break
		}
	}
	cells := strings.Split(text, between)
	if len(cells) == 3 && between == "," && len(cells[1]) > 0 && len(cells[2]) > 0 {
		return "", "", r.wrong("%.60q has three cells", text)("if the price has a decimal comma, a semicolon must stand between time and price")
	}
	if len(cells) != 2 {
		return "", "", r.wrong("%.60q has %d cells", text, len(cells))("a row has two, time and price, with a semicolon, a comma or a tab between them: take the other columns out")
	}
	return bare(cells[0]), bare(cells[1]), nil
}

func bare(cell string) string { return strings.TrimSpace(strings.Trim(strings.TrimSpace(cell), `"`)) }

// isMissing reports whether a cell says that there is no price.
func isMissing(price string) bool {
	switch strings.ToLower(price) {
	case "", "-", "n/e", "n/a", "null", "nan":
		return true
	}
	return false
}

// Forms of times. The day stands before the month where the year is last.
var (
	withOffset = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00"}
	ofZone     = []string{
		"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04",
		"02/01/2006 15:04:05", "02/01/2006 15:04", "02.01.2006 15:04:05", "02.01.2006 15:04",
	}
)

// instant reads a time. Odd is whether its zone has no such time. One that comes twice, in
// autumn, is the first one that is not before another time.
func (r *reader) instant(text string, after int64) (at int64, odd bool, err error) {
	text = strings.TrimSpace(text)
	for _, form := range withOffset {
		if t, err := time.Parse(form, text); err == nil {
			return t.Unix(), false, nil
		}
	}
	for _, form := range ofZone {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if r.zone == nil {
			return 0, false, r.wrong("%s has no offset", text)("write the zone of these times as the first line of the file, such as: zone Europe/Amsterdam; or zone UTC")
		}
		c := telegram.Clock{Time: t}
		first, often := c.In(r.zone)
		if often == telegram.Twice && first.Time.Unix() < after {
			first = c.Second(r.zone)
		}
		return first.Time.Unix(), often == telegram.Never, nil
	}
	return 0, false, r.wrong("%.60q is no time", text)("times are such as 2026-03-29T00:00:00+01:00, 2026-03-29 00:00, 29/03/2026 00:00 and 29.03.2026 00:00 (the day first)")
}
