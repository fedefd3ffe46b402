package pipetest

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/nonsense"
)

// askedHouse is an archive as p1cat makes it, and what the meters of it sent: the truth that
// answers are held against. It is read from the telegrams by this file alone.
type askedHouse struct {
	dir  string
	zone *time.Location
	sent []sentThen
	file string                  // how its files are named by their times; empty: one for each day
	only func(at time.Time) bool // of which telegrams the truth is kept; nil: of all
}

// sentThen is a telegram as the meter sent it.
type sentThen struct {
	at   time.Time
	text []byte
	hit  bool // it did not arrive whole
}

// newHouse is an archive with nothing in it.
func newHouse(t *testing.T, zone string) *askedHouse {
	t.Helper()
	z, err := time.LoadLocation(zone)
	must(t, err)
	return &askedHouse{dir: t.TempDir(), zone: z}
}

// houseOf is the archive of a simulated house.
func houseOf(t *testing.T, zone, query string) *askedHouse {
	t.Helper()
	h := newHouse(t, zone)
	h.add(t, query, nil)
	return h
}

// add adds a simulated meter to the archive. What it sends is changed first, where that is
// asked for.
func (h *askedHouse) add(t *testing.T, query string, change func(text []byte) []byte) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	days := newDays(h, o.Meter)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		text, logged := x.Plain, x.Logged
		if change != nil {
			text = change(text)
			logged = text
		}
		whole := x.Hits == 0 || bytes.HasPrefix(x.Sent, logged) && bytes.HasPrefix(logged, bytes.TrimSpace(x.Sent)) // nothing is missing but the line's end
		if h.only == nil || h.only(x.Clock) {
			h.sent = append(h.sent, sentThen{x.Clock, text, !whole})
		}
		days.add(t, x.Clock, logged)
	}
	days.close(t)
}

// addNonsense adds a meter that sends values that are not true, and returns which telegrams
// have lines that must not count.
func (h *askedHouse) addNonsense(t *testing.T, p nonsense.Plan) (wrong []time.Time) {
	t.Helper()
	s, err := nonsense.New(p)
	must(t, err)
	days := newDays(h, p.World.Meter)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		h.sent = append(h.sent, sentThen{at: x.Clock, text: x.Right})
		days.add(t, x.Clock, x.Text)
		if slices.ContainsFunc(x.Lines, nonsense.Line.Counted) {
			wrong = append(wrong, x.Clock)
		}
	}
	days.close(t)
	return wrong
}

// archiveDays writes a file of chunks for each day in UTC, as p1cat does, or for a longer
// time, that nobody has touched for an hour.
type archiveDays struct {
	dir, layout, source string
	day, name           string
	file                *fileio.Output
	out                 record.Writer
	offset              int64
}

func newDays(h *askedHouse, source string) *archiveDays {
	return &archiveDays{dir: h.dir, layout: cmp.Or(h.file, time.DateOnly), source: source}
}

func (d *archiveDays) add(t *testing.T, at time.Time, data []byte) {
	t.Helper()
	if day := at.UTC().Format(d.layout); day != d.day {
		d.close(t)
		d.day, d.name = day, filepath.Join(d.dir, fmt.Sprintf("%s-%s.jsonl.zst", d.source, day))
		var err error
		d.file, err = fileio.Create(d.name, nil)
		must(t, err)
		d.out = record.NewWriter(d.file, false)
	}
	must(t, d.out.Write(&record.Chunk{Origin: record.Origin{Source: d.source, Offset: d.offset}, Data: data}))
	d.offset += int64(len(data))
}

func (d *archiveDays) close(t *testing.T) {
	t.Helper()
	if d.day == "" {
		return
	}
	must(t, d.out.Flush())
	must(t, d.file.Close())
	long := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(d.name, long, long))
}

// when reads local time: 2026-03-01, or 2026-03-01T14:15, or with seconds.
func (h *askedHouse) when(text string) time.Time {
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, h.zone); err == nil {
			return at
		}
	}
	panic("no time: " + text)
}

// local writes a time as answers do.
func (h *askedHouse) local(at time.Time) string { return at.In(h.zone).Format(time.RFC3339) }

// first and last are when the first and the last telegram was sent.
func (h *askedHouse) first() string { return h.local(h.sent[0].at) }
func (h *askedHouse) last() string  { return h.local(h.sent[len(h.sent)-1].at) }

// next is the telegram that was sent at a time, or first after it; after the last one, the
// last.
func (h *askedHouse) next(at time.Time) sentThen {
	i, _ := slices.BinarySearchFunc(h.sent, at, func(s sentThen, at time.Time) int { return s.at.Compare(at) })
	return h.sent[min(i, len(h.sent)-1)]
}

// within are the telegrams of a span.
func (h *askedHouse) within(from, to string) (list []sentThen) {
	for _, s := range h.sent {
		if !s.at.Before(h.when(from)) && s.at.Before(h.when(to)) {
			list = append(list, s)
		}
	}
	return list
}

// damaged is how many telegrams of the archive did not arrive whole.
func (h *askedHouse) damaged() (n int) {
	for _, s := range h.sent {
		if s.hit {
			n++
		}
	}
	return n
}

// lineSent are the values of a line, those in parentheses.
func lineSent(text []byte, code string) []string {
	_, line, ok := strings.Cut(string(text), "\n"+code+"(")
	line, _, ended := strings.Cut(line, ")\r\n")
	if !ok || !ended {
		panic("no " + code + " in " + string(text))
	}
	return strings.Split(line, ")(")
}

// valueSent is the number of a line, which a time may stand before.
func valueSent(text []byte, code string) *big.Rat {
	values := lineSent(text, code)
	number, _, _ := strings.Cut(values[len(values)-1], "*")
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		panic("no number: " + number)
	}
	return r
}

// sentStamp is the time before the number of a line.
func sentStamp(text []byte, code string) string { return lineSent(text, code)[0] }

// reads is what a register showed at a time.
func (h *askedHouse) reads(code, at string) *big.Rat { return valueSent(h.next(h.when(at)).text, code) }

// gained is what registers gained together in a span.
func (h *askedHouse) gained(from, to string, codes ...string) *big.Rat {
	return h.between(h.when(from), h.when(to), codes...)
}

func (h *askedHouse) between(from, to time.Time, codes ...string) *big.Rat {
	sum := new(big.Rat)
	for _, code := range codes {
		sum.Add(sum, valueSent(h.next(to).text, code))
		sum.Sub(sum, valueSent(h.next(from).text, code))
	}
	return sum
}

// device is what a device on the M-Bus said of itself at a time, by its own stamp.
func (h *askedHouse) device(code string, at time.Time) *big.Rat {
	season := "W"
	if _, offset := at.In(h.zone).Zone(); offset == 7200 {
		season = "S"
	}
	stamp := at.In(h.zone).Format("060102150405") + season
	i, _ := slices.BinarySearchFunc(h.sent, at, func(s sentThen, at time.Time) int { return s.at.Compare(at) })
	for _, s := range h.sent[min(i, len(h.sent)-1):] {
		if sentStamp(s.text, code) == stamp {
			return valueSent(s.text, code)
		}
	}
	panic("no reading of " + code + " at " + stamp)
}

// measured is what a device on the M-Bus gained in a span, by its own stamps.
func (h *askedHouse) measured(from, to, code string) *big.Rat {
	return new(big.Rat).Sub(h.device(code, h.when(to)), h.device(code, h.when(from)))
}

// moments are the least, greatest and mean value of a span, the mean with three decimals.
func (h *askedHouse) moments(from, to, code string) (least, most, mean *big.Rat) {
	sum, n := new(big.Rat), int64(0)
	for _, s := range h.within(from, to) {
		v := valueSent(s.text, code)
		if least == nil || v.Cmp(least) < 0 {
			least = v
		}
		if most == nil || v.Cmp(most) > 0 {
			most = v
		}
		sum.Add(sum, v)
		n++
	}
	mean, _ = new(big.Rat).SetString(sum.Quo(sum, big.NewRat(n, 1)).FloatString(3))
	return least, most, mean
}

func (h *askedHouse) most(from, to, code string) *big.Rat {
	_, most, _ := h.moments(from, to, code)
	return most
}

func (h *askedHouse) least(from, to, code string) *big.Rat {
	least, _, _ := h.moments(from, to, code)
	return least
}

func (h *askedHouse) mean(from, to, code string) *big.Rat {
	_, _, mean := h.moments(from, to, code)
	return mean
}

// aspan is a span of time with a number.
type aspan struct {
	from, to time.Time
	value    *big.Rat // nil where it is not known
}

// ranked are the spans of a length, the greatest value first; those that are not known are
// left out.
func (h *askedHouse) ranked(from, to string, next func(time.Time) time.Time, value func(from, to time.Time) *big.Rat) (list []aspan) {
	for at := h.when(from); at.Before(h.when(to)); at = next(at) {
		if v := value(at, next(at)); v != nil {
			list = append(list, aspan{at, next(at), v})
		}
	}
	slices.SortStableFunc(list, func(a, b aspan) int { return cmp.Or(b.value.Cmp(a.value), a.from.Compare(b.from)) })
	return list
}

func nextDay(t time.Time) time.Time     { return t.AddDate(0, 0, 1) }
func nextHour(t time.Time) time.Time    { return t.Add(time.Hour) }
func nextQuarter(t time.Time) time.Time { return t.Add(15 * time.Minute) }

// demand is the mean power of a quarter of an hour, by registers.
func (h *askedHouse) demand(codes ...string) func(from, to time.Time) *big.Rat {
	return func(from, to time.Time) *big.Rat {
		return new(big.Rat).Mul(big.NewRat(4, 1), h.between(from, to, codes...))
	}
}

// priced is a price of each hour, by its Unix time; one that is missing is not known.
type priced map[int64]*big.Rat

// cost is what the energy of a span costs, hour by hour: price times factor, plus more for
// each kWh. Nil where an hour with energy has no price.
func (h *askedHouse) cost(p priced, factor, more *big.Rat, from, to time.Time, codes ...string) *big.Rat {
	sum := new(big.Rat)
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		price := p[at.Unix()]
		if price == nil {
			return nil
		}
		each := new(big.Rat).Add(new(big.Rat).Mul(price, factor), more)
		sum.Add(sum, each.Mul(each, h.between(at, at.Add(time.Hour), codes...)))
	}
	return sum
}
