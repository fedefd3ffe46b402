// Package ask takes questions about archives, as a language model asks them by the Model
// Context Protocol (MCP), and gives their answers.
//
// Nothing that somebody else may have written reaches an answer: no message, header,
// identifier, unit or name of a file. An answer is made of numbers and times, which are
// read before they are written, of words from the lists of this package, and of pseudonyms.
package ask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/prices"
	"p1/pkg/fileio"
)

// Options are what questions are answered from. Functions are handed in, since this package
// knows no other stage than its own.
type Options struct {
	Names       []string       // folders and files of records: nothing else is read
	Zone        *time.Location // of meters whose clock says neither S nor W, nil where not known
	Repaired    index.Repaired // chunks to repaired telegrams
	Diagnose    index.Diagnose // telegrams to what is wrong with the line; nil where nobody knows
	Unseal      fileio.Unseal  // what is sealed; nil where there is no identity
	Keyed       bool           // Repaired decrypts what the meter has encrypted
	Prices      *prices.Prices // nil where none are given
	Key         []byte         // of the pseudonyms
	ShowNumbers bool           // identifiers of meters as they are, if they are digits and letters
	Version     string
	Say         func(error) // is told what must not be told to a model
	Now         func() time.Time
}

// Asker answers questions.
type Asker struct {
	o       Options
	archive *index.Archive
	turns   chan struct{} // of questions that are being answered
}

// New returns what answers questions.
func New(o Options) *Asker {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Say == nil {
		o.Say = func(error) {}
	}
	return &Asker{o: o, turns: make(chan struct{}, maxAtOnce), archive: index.New(o.Names, index.Options{
		Zone: o.Zone, Repaired: o.Repaired, Diagnose: o.Diagnose, Unseal: o.Unseal, Keyed: o.Keyed, Say: o.Say,
	})}
}

// Span says what a question is about.
type Span struct {
	Meter string `json:"meter,omitempty" jsonschema:"which meter, by the name that the tool meters gives it; needed only where there are several"`
	From  string `json:"from,omitempty" jsonschema:"begin, in the meter's local time: 2026-03-01, 2026-03-01T14:15 or with an offset, 2026-03-01T14:15:00+01:00; if left out, where the data begin"`
	To    string `json:"to,omitempty" jsonschema:"end, not included: from 2026-03-01 to 2026-04-01 is March; if left out, where the data end"`
}

// Rows says how the answer is divided.
type Rows struct {
	Span
	Every string `json:"every,omitempty" jsonschema:"length of a row: 15m, 30m, 1h, 2h, 3h, 6h, 12h, 1d, 1w, 1mo, 1y or total; longer ones are taken where there would be more than 200 rows; if left out, the shortest that fits"`
	By    string `json:"by,omitempty" jsonschema:"with highest or lowest: the column of the rows that they are picked by, such as import_kwh, cost_eur, gas_m3 or voltage_l1_v_max"`
	High  int    `json:"highest,omitempty" jsonschema:"answer with only so many rows, 1 to 50, those in which the column by is highest, the highest first: from a month, every=1d, by=cost_eur, highest=3 are the three days that cost most"`
	Low   int    `json:"lowest,omitempty" jsonschema:"the same with the lowest, of rows that are whole"`
}

// Answer is what every question is answered with.
type Answer struct {
	Meter     string            `json:"meter,omitempty"`
	Zone      string            `json:"zone"`
	From      string            `json:"from,omitempty"`
	To        string            `json:"to,omitempty"`
	Every     string            `json:"every,omitempty"`
	Coarsened string            `json:"coarsened,omitempty"`
	Units     map[string]string `json:"units"`
	Rows      []Row             `json:"rows"`
	Total     Row               `json:"total,omitempty"`
	Coverage  *Coverage         `json:"coverage"`
	Notes     []string          `json:"notes,omitempty"`
}

// Row is one of an answer. Where a value is null, "why" says why.
type Row map[string]any

// null says that a value is not there, and why.
func (r Row) null(key, why string) {
	r[key] = nil
	reasons, _ := r["why"].(map[string]string)
	if reasons == nil {
		reasons = map[string]string{}
		r["why"] = reasons
	}
	reasons[key] = why
}

// Coverage says how much of a span is known.
type Coverage struct {
	DataFrom  string `json:"data_from"`
	DataTo    string `json:"data_to"`
	Telegrams int64  `json:"telegrams"` // that count
	Expected  int64  `json:"expected"`
	Missing   int64  `json:"missing"`
	Repaired  int64  `json:"repaired"`
	Unchecked int64  `json:"unchecked"`
	Doubted   int64  `json:"with_doubted_lines"`
	Suspect   int64  `json:"suspect_left_out"`
	Salvaged  int64  `json:"salvaged_left_out"`
	Lost      int64  `json:"lost"`
	Outside   int64  `json:"seconds_outside_of_data"`
	Why       string `json:"why_missing,omitempty"`
}

// userError is one that who asks can mend. Its words hold nothing from outside.
type userError struct{ error }

func userf(format string, args ...any) error { return userError{fmt.Errorf(format, args...)} }

// public is an error in words that may be told: what the system says of files may have their
// names in it.
func (a *Asker) public(err error) error {
	var own userError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return errors.New("canceled")
	}
	a.o.Say(err)
	return errors.New("the archive cannot be read: the person at the computer sees why on the server's standard error")
}

// Progress is told how far the making of indexes has come.
type Progress func(done, all int)

// scope is a span of one meter, and all quarters that are known of it.
type scope struct {
	asker    *Asker
	name     string // the meter's pseudonym
	zone     *time.Location
	floating bool
	from, to time.Time
	data     [2]time.Time // where the data of the meter begin and end
	cells    []cell
	columns  map[string]bool // that the meter has
	usual    int64           // how many telegrams a quarter usually has
	period   int64           // seconds from one telegram to the next
	counts   index.Counts
	failed   int
	sealed   int  // files that nobody here can open
	widened  bool // from or to is not what was asked for
	days     []*index.Day
	meter    string // as it calls itself
	notes    []string
	others   int64 // telegrams of the meter whose clock is of the other kind
	torn     bool  // the last file could not be read to its end
}

// cell is a quarter in an index.
type cell struct {
	m   *index.Meter
	i   int
	day *index.Day // that it is of
}

func (c cell) start() int64 { return c.m.Start[c.i] }
func (c cell) from() int64  { return c.m.From[c.i] }
func (c cell) to() int64    { return c.m.To[c.i] }

// until is when the last telegram came that a quarter tells of: one at its very end, which is
// the next one's first, tells what its registers ended with.
func (c cell) until() int64 {
	if end := c.start() + quarterSeconds; c.i+1 < len(c.m.From) && c.m.From[c.i+1] == end {
		return end
	}
	return c.to()
}

const quarterSeconds = int64(index.Quarter / time.Second)

// scope reads the indexes, and of the columns those that are wanted.
func (a *Asker) scope(ctx context.Context, s Span, progress Progress, columns ...string) (*scope, error) {
	if err := a.check(s); err != nil {
		return nil, err
	}
	files, sealed, err := a.archive.Files()
	if err != nil {
		return nil, err
	}
	if len(files) == 0 && sealed > 0 {
		return nil, userf(sealedWords, sealed)
	}
	if len(files) == 0 {
		return nil, userf("the archive is empty: no file whose name ends in .jsonl, .jsonl.gz or .jsonl.zst is in it")
	}
	w := wanted{asker: a, meter: s.Meter, columns: columns, from: rough(s.From, -1), to: rough(s.To, 1)}
	days, failed, err := a.archive.Days(ctx, files, w.want, progress)
	if err != nil {
		return nil, err
	}
	if len(days) == 0 && failed > 0 {
		return nil, unreadable(failed)
	}
	c := &scope{asker: a, failed: failed, sealed: sealed, days: days}
	if err := c.choose(s.Meter); err != nil {
		return nil, err
	}
	if err := c.readBefore(ctx, w, progress); err != nil {
		return nil, err
	}
	if err := c.gather(ctx, w, progress); err != nil {
		return nil, err
	}
	return c, c.bounds(s)
}

// unreadable is the error of an archive of which no file can be read.
func unreadable(files int) error {
	return userf("none of the files (%d) can be read: the person at the computer sees why on the server's standard error; a meter's log is to go through p1cat first", files)
}

// sealedWords say of so many files why they are left out.
const sealedWords = "%d files are sealed and left out: they are read where p1csv --mcp is started with the --identity that opens them"

// choose finds the meter.
func (c *scope) choose(asked string) error {
	latest := map[string]int64{}
	floating := map[string]bool{}
	for _, d := range c.days {
		for _, m := range d.Meters {
			if n := len(m.Start); n > 0 && m.Start[n-1] >= latest[m.Name] {
				latest[m.Name], floating[m.Name] = m.Start[n-1], m.Floating
			}
		}
		c.counts.Telegrams += d.Telegrams
		c.counts.Timeless += d.Timeless
		c.counts.Stray += d.Stray
		c.counts.Unset += d.Unset
		c.counts.Broken = c.counts.Broken || d.Broken
		c.counts.Open = c.counts.Open || d.Open
	}
	var names []string
	for name := range latest {
		pseudonym := c.asker.meterName(name)
		names = append(names, pseudonym)
		if asked == "" && len(latest) == 1 || asked == pseudonym {
			c.meter, c.name, c.floating = name, pseudonym, floating[name]
		}
	}
	slices.Sort(names)
	switch {
	case len(names) == 0 && c.counts.Timeless > 0:
		return userf("the %d telegrams of the archive say no time, so that they belong to no span: this meter sends no clock", c.counts.Timeless)
	case len(names) == 0:
		return userf("no telegram in the archive can be used: ask the tool noise, or run p1noise --summary")
	case c.name != "":
		return nil
	case asked == "":
		return userf("there are %d meters, so that one is to be named: %s", len(names), strings.Join(names, ", "))
	}
	return userf("there is no meter of that name: there are %s", strings.Join(names, ", "))
}

// measure finds the pace, the zone and the ends of the quarters.
func (c *scope) measure() {
	c.usual = c.rate()
	c.know()
	last := c.cells[len(c.cells)-1]
	c.setZone(last)
	c.data = [2]time.Time{c.at(c.cells[0].from()), c.at(last.to())}
	for _, d := range c.days {
		for _, m := range d.Meters {
			n := len(m.To)
			c.torn = c.torn || c.mine(m) && d.Broken && n > 0 && m.To[n-1] >= last.to()
			if m.Name == c.meter && !c.mine(m) {
				for _, telegrams := range m.Telegrams {
					c.others += telegrams
				}
			}
		}
	}
}

// setZone finds the zone whose days count.
func (c *scope) setZone(last cell) {
	offset := int(last.m.Offset[last.i])
	c.zone = time.FixedZone("", offset)
	switch {
	case c.floating:
		c.zone = time.UTC
	case c.asker.o.Zone != nil:
		c.zone = c.asker.o.Zone
	case offset == 3600 || offset == 7200:
		if central, err := time.LoadLocation("Europe/Brussels"); err == nil {
			c.zone = central
		}
	}
}

func (c *scope) at(unix int64) time.Time { return time.Unix(unix, 0).In(c.zone) }

// zoneName says which zone that is.
func (c *scope) zoneName() string {
	switch {
	case c.floating:
		return "not known: times are as the meter's clock shows them; p1csv --mcp --tz ZONE tells"
	case c.asker.o.Zone != nil:
		return c.asker.o.Zone.String()
	case c.zone.String() != "":
		return "central European (Summer) Time, as the S and W of the meter's clock say"
	}
	return "the fixed offset of the meter's clock"
}

// time writes a time.
func (c *scope) time(t time.Time) string {
	if c.floating {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.In(c.zone).Format(time.RFC3339)
}

// bounds reads from and to, and widens them to whole quarters.
func (c *scope) bounds(s Span) error {
	c.from, c.to = c.at(floorTo(c.cells[0].start(), quarterSeconds)), c.at(c.cells[len(c.cells)-1].start()+quarterSeconds)
	for _, end := range []struct {
		name, text string
		at         *time.Time
		round      int64
	}{{"from", s.From, &c.from, 0}, {"to", s.To, &c.to, quarterSeconds - 1}} {
		if end.text == "" {
			continue
		}
		at := c.read(end.name, end.text)
		*end.at = c.at(floorTo(at.Unix()+end.round, quarterSeconds))
		c.widened = c.widened || !end.at.Equal(at)
	}
	if !c.from.Before(c.to) {
		return userf("from is not before to: the data are from %s to %s", c.time(c.data[0]), c.time(c.data[1]))
	}
	if c.from.Year() < 1970 || c.to.Year() > 2200 {
		return userf("from and to are years between 1970 and 2200")
	}
	return nil
}

func floorTo(at, unit int64) int64 { return at - (at%unit+unit)%unit }

// today is the day by the clock of the computer.
func (a *Asker) today() string { return a.o.Now().Format(time.DateOnly) }

// check reports a time that cannot be read, before anything is.
func (a *Asker) check(s Span) error {
	for name, text := range map[string]string{"from": s.From, "to": s.To} {
		if _, ok := parseTime(text, time.UTC); text != "" && !ok {
			return userf("%s is no time: 2026-03-01, 2026-03-01T14:15 and 2026-03-01T14:15:00+01:00 are; today is %s", name, a.today())
		}
	}
	return nil
}

// read reads a time that can be read. In the hour that autumn repeats it says which one it takes.
func (c *scope) read(name, text string) time.Time {
	at, _ := parseTime(text, c.zone)
	_, whole := parseWhole(text)
	if later := at.Add(time.Hour); !whole && sameWall(at, later) {
		c.notes = append(c.notes, fmt.Sprintf("%s: that time comes twice that night, of which the first is taken, %s; with its offset the second can be asked about, %s", name, c.time(at), c.time(later)))
	}
	return at
}

// parseTime reads a time as people and models write it.
func parseTime(text string, zone *time.Location) (time.Time, bool) {
	if t, ok := parseWhole(text); ok {
		return t, true
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime, "2006-01", "2006"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return firstOf(t), true
		}
	}
	return time.Time{}, false
}

// parseWhole reads a time with its offset.
func parseWhole(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// firstOf is the first of the times at which clocks show the same.
func firstOf(t time.Time) time.Time {
	if earlier := t.Add(-time.Hour); sameWall(earlier, t) {
		return earlier
	}
	return t
}

// sameWall reports whether clocks show the same at two times of a zone.
func sameWall(a, b time.Time) bool { return a.Format(time.DateTime) == b.Format(time.DateTime) }

// within are the cells of the span that is asked about, as a range of cells.
func (c *scope) within(from, to time.Time) (first, end int) {
	search := func(t time.Time) int {
		at, _ := slices.BinarySearchFunc(c.cells, t.Unix(), func(x cell, unix int64) int { return cmp.Compare(x.start(), unix) })
		return at
	}
	return search(from), search(to)
}

// answer is one with all that every answer has.
func (c *scope) answer() *Answer {
	a := &Answer{Meter: c.name, Zone: c.zoneName(), From: c.time(c.from), To: c.time(c.to), Units: map[string]string{}, Coverage: c.coverage(c.from, c.to), Notes: c.notes}
	note := func(is bool, words string) {
		if is {
			a.Notes = append(a.Notes, words)
		}
	}
	note(c.widened, "from and to are widened to whole quarters of an hour")
	note(c.failed > 0, fmt.Sprintf("%d files could not be read and are left out", c.failed))
	note(c.sealed > 0, fmt.Sprintf(sealedWords, c.sealed))
	note(c.counts.Broken, "some file could not be read to its end: what is after that place is not known")
	note(c.counts.Open, "a file ends in the middle, as one does that is being written, or that was cut off: what comes after that is not known yet")
	note(c.counts.Unset > 0, fmt.Sprintf("%d telegrams stand in no row: the meter's clock was not set then, or is not believed", c.counts.Unset))
	note(c.others > 0, c.othersNote())
	if outside := c.outside(c.from, c.to); outside > quarterSeconds {
		note(true, "nothing is known of "+long(outside)+" of the span, before the first telegram or after the last one: totals are of the rest")
	}
	note(c.counts.Stray > 0, fmt.Sprintf("%d damaged telegrams are in files without any valid one", c.counts.Stray))
	return a
}

// othersNote says what is left out since a meter's clock says S or W in some files only.
func (c *scope) othersNote() string {
	return fmt.Sprintf("%d telegrams of %s stand in no row, since the clock says S or W in some files and in others it does not: p1csv --mcp --tz ZONE reads both", c.others, c.name)
}

// know finds the columns of the meter, and its pace.
func (c *scope) know() {
	c.columns = map[string]bool{}
	often := map[int64]int64{}
	for _, d := range c.days {
		for _, m := range d.Meters {
			if m.Name != c.meter || m.Floating != c.floating {
				continue
			}
			for column := range strings.FieldsSeq(m.Has) {
				c.columns[column] = true
			}
			for _, n := range m.Telegrams {
				often[m.Period] += n
			}
		}
	}
	delete(often, 0) // not known
	most := int64(0)
	for period, n := range often {
		if n > most || n == most && period < c.period {
			most, c.period = n, period
		}
	}
	if c.period == 0 {
		c.period = max(quarterSeconds/max(c.usual, 1), 1)
	}
}

// rate is how many telegrams a quarter usually has.
func (c *scope) rate() int64 {
	often := map[int64]int{}
	for _, x := range c.cells {
		often[x.m.Telegrams[x.i]]++
	}
	best := int64(0)
	for n, times := range often {
		if times > often[best] || times == often[best] && n > best {
			best = n
		}
	}
	return best
}

// coverage says how much of a span is known.
func (c *scope) coverage(from, to time.Time) *Coverage {
	v := &Coverage{DataFrom: c.time(c.data[0]), DataTo: c.time(c.data[1])}
	begun, ended := c.within(from, to)
	for _, x := range c.cells[begun:ended] {
		v.Telegrams += x.m.Telegrams[x.i]
		v.Repaired += x.m.Repaired[x.i]
		v.Unchecked += x.m.Unverified[x.i]
		v.Doubted += x.m.Doubted[x.i]
		v.Suspect += x.m.Suspect[x.i]
		v.Salvaged += x.m.Salvaged[x.i]
		v.Lost += x.m.Lost[x.i]
	}
	// Before the first telegram and after the last one it is not known whether any was sent.
	begin := c.data[0].Unix()
	first, last := max(from.Unix(), begin)-begin, min(to.Unix()-1, c.data[1].Unix())-begin
	known := last - first
	if known >= 0 {
		v.Expected = max(v.Telegrams, last/c.period-(first+c.period-1)/c.period+1)
	}
	v.Missing = v.Expected - v.Telegrams
	v.Outside = c.outside(from, to)
	v.Why = c.why(v, known >= 0, from, to)
	return v
}

// outside is how many seconds of a span, as far as it is over, are before the first telegram
// or after the last one.
func (c *scope) outside(from, to time.Time) (seconds int64) {
	last := c.past(to)
	before := min(c.data[0].Unix(), last) - from.Unix()
	after := last - max(c.data[1].Unix()+c.period, from.Unix())
	return max(before, 0) + max(after, 0)
}

// long says how long a time is, in full days or hours where it has some.
func long(seconds int64) string {
	const hour, day = 3600, 24 * 3600
	switch {
	case seconds >= 2*day:
		return fmt.Sprintf("%d days", seconds/day)
	case seconds >= 2*hour:
		return fmt.Sprintf("%d hours", seconds/hour)
	}
	return fmt.Sprintf("%d minutes", seconds/60)
}

// past is a time, or now, if that is earlier.
func (c *scope) past(t time.Time) int64 {
	if c.floating {
		return t.Unix() // it is not known which time it is there
	}
	return min(t.Unix(), c.asker.o.Now().Unix())
}

// why says why telegrams are missing.
func (c *scope) why(v *Coverage, within bool, from, to time.Time) string {
	var list []string
	damaged, unset := v.Lost+v.Salvaged+v.Suspect, int64(0)
	if v.Missing > damaged && c.counts.Unset > 0 {
		for _, d := range c.touching(from, to) {
			unset += d.Unset
		}
	}
	switch {
	case v.Telegrams == 0 && !within:
		list = append(list, "the span is outside of the data")
	case v.Missing > damaged && unset > 0:
		list = append(list, fmt.Sprintf("%d damaged or not believed, the others were not received, or are among the %d that came while the clock was not set or not believed", damaged, unset))
	case v.Missing > 0 && damaged == 0:
		list = append(list, "no telegram was received")
	case v.Missing > damaged:
		list = append(list, fmt.Sprintf("%d damaged or not believed, the others were not received", damaged))
	case v.Missing > 0:
		list = append(list, "damaged or not believed")
	}
	if within && v.Outside > quarterSeconds {
		list = append(list, "nothing is known of "+long(v.Outside)+" of the span, before the first telegram or after the last one")
	}
	if c.torn && to.After(c.data[1]) {
		list = append(list, torn)
	}
	return strings.Join(list, "; ")
}

// torn is why it is not known what is missing at the end.
const torn = "the last file could not be read to its end, so that it is not known how much is missing after that"
