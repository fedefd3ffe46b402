package report

import (
	"slices"
	"time"

	"p1/pkg/display"
	"p1/pkg/noise/verdict"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Limits of what is counted apart.
const (
	maxDays     = 4000
	maxInterval = 3600 // seconds; what is longer is a pause of the log, not the meter's pace
)

// Tally counts telegrams of a day or hour.
type Tally struct {
	Telegrams int64 `json:"telegrams"`
	Damaged   int64 `json:"damaged"`
	Remaining int64 `json:"remaining"`
}

func (t *Tally) add(o Tally) {
	t.Telegrams += o.Telegrams
	t.Damaged += o.Damaged
	t.Remaining += o.Remaining
}

// Counts is what has been seen of a line, in plain numbers.
//
//	Telegrams = LoggerOnly + Damaged + those that were intact
//	Damaged   = Repaired + Remaining
//	Telegrams = the sum over Days, OtherDays and UnknownDay
//	          = the sum over Hours and UnknownDay
type Counts struct {
	Streams int64  `json:"streams"` // how often a source or session began
	Source  string `json:"source"`  // of the first one, fit to be printed

	Tally            // Damaged: neither ok nor unchecked as received; Remaining: not valid after repair
	Repaired   int64 `json:"repaired"`
	LoggerOnly int64 `json:"logger_only"` // intact on the line; what the logger left out was put back
	Salvaged   int64 `json:"salvaged"`    // of the remaining ones: single lines can be used
	Unchecked  int64 `json:"unchecked"`   // neither damaged nor verified: the meter sends no CRC
	Suspect    int64 `json:"suspect"`     // the CRC holds, the content contradicts what is known of the meter
	Doubted    int64 `json:"doubted"`     // telegrams of which single lines do

	// Dialects are those of the verified telegrams and what protects these, each
	// once, in the order they came: hungary, CRC ARC. At most 8.
	Dialects []string `json:"dialects"`

	NoiseRecords  int64 `json:"noise_records"`
	NoiseBytes    int64 `json:"noise_bytes"`
	LoggerHeaders int64 `json:"logger_headers"` // of the noise records
	Gaps          int64 `json:"gaps"`

	// Telegrams by the meter's local date (2006-01-02) and hour. One whose time
	// is not verified counts for the day and hour of the verified one before it,
	// else of the one after it.
	Days       map[string]Tally `json:"days"`
	OtherDays  Tally            `json:"other_days"` // days that came after the first 4,000
	Hours      [24]Tally        `json:"hours"`
	UnknownDay Tally            `json:"unknown_day"` // no verified telegram in the whole stream

	// Intervals counts the seconds, up to 3,600, between the clocks of
	// telegrams that follow each other, both of them verified.
	Intervals map[int64]int64 `json:"intervals"`
}

// Counter counts records.
type Counter struct {
	counts  Counts
	stream  verdict.Stream
	last    verdict.Moment // the last verified time of the stream
	before  Tally          // telegrams of the stream before its first verified time
	follows bool           // no telegram and no gap has come since last
	header  string         // of the last telegram whose dialect was looked at
}

// NewCounter returns a Counter at zero.
func NewCounter() *Counter {
	return &Counter{counts: Counts{Days: map[string]Tally{}, Intervals: map[int64]int64{}}}
}

// Counts returns what has been counted so far. Its maps change with the next
// Take.
func (c *Counter) Counts() Counts {
	counts := c.counts
	counts.UnknownDay.add(c.before)
	return counts
}

// Take counts the record. It fails with [record.ErrChunks] for a chunk.
func (c *Counter) Take(r record.Record) error {
	switch r.(type) {
	case *record.Chunk:
		return record.ErrChunks
	case *record.Telegram, *record.Noise, *record.Gap:
		if c.stream.Enter(r.Where()) {
			c.begin(r.Where())
		}
	}
	switch r := r.(type) {
	case *record.Telegram:
		c.telegram(r)
	case *record.Noise:
		c.counts.NoiseRecords++
		c.counts.NoiseBytes += int64(len(r.Data))
		if verdict.LoggerHeader(r.Data) {
			c.counts.LoggerHeaders++
		}
	case *record.Gap:
		c.counts.Gaps++
		c.follows = false
	}
	return nil
}

// begin takes up another stream: nothing is known of its time.
func (c *Counter) begin(o record.Origin) {
	if c.counts.Streams == 0 {
		c.counts.Source = display.Text(o.Source)
	}
	c.counts.Streams++
	c.counts.UnknownDay.add(c.before)
	c.before, c.last, c.follows = Tally{}, verdict.Moment{}, false
}

func (c *Counter) telegram(t *record.Telegram) {
	one := c.verdict(t)
	c.counts.Tally.add(one)
	parts := telegram.Parse(t.Raw)
	c.dialect(t, parts)
	own := verdict.OwnTime(t, parts)
	if !verdict.Verified(t, own) {
		c.follows = false
		if c.last.Known {
			c.attribute(c.last.Clock.Time, one)
		} else {
			c.before.add(one)
		}
		return
	}
	now := own.Clock.Time
	if c.follows {
		c.interval(now.Sub(c.last.Clock.Time))
	}
	c.last, c.follows = own, true
	one.add(c.before)
	c.before = Tally{}
	c.attribute(now, one)
}

// maxDialects is how many dialects are told.
const maxDialects = 8

// dialect notes whose rules a telegram follows, if its header is another one than
// that of the telegram before.
func (c *Counter) dialect(t *record.Telegram, parts *telegram.Telegram) {
	header := parts.Header()
	if !t.Status.Valid() || string(header) == c.header {
		return
	}
	c.header = string(header)
	name := parts.Dialect() + ", CRC " + t.CRC
	if len(c.counts.Dialects) < maxDialects && !slices.Contains(c.counts.Dialects, name) {
		c.counts.Dialects = append(c.counts.Dialects, name)
	}
}

// verdict counts the telegram by its status, and returns its share of a tally.
func (c *Counter) verdict(t *record.Telegram) Tally {
	one := Tally{Telegrams: 1}
	if t.Suspect != "" {
		c.counts.Suspect++
	}
	if len(t.Doubted) > 0 {
		c.counts.Doubted++
	}
	switch {
	case !verdict.Damaged(t):
		if t.Status == record.Unchecked {
			c.counts.Unchecked++
		}
	case verdict.LoggerOnly(t):
		c.counts.LoggerOnly++
	case t.Status == record.Repaired:
		one.Damaged = 1
		c.counts.Repaired++
	default:
		one.Damaged, one.Remaining = 1, 1
		if t.Status == record.Salvaged {
			c.counts.Salvaged++
		}
	}
	return one
}

// attribute adds a tally to the day and hour of a meter's time.
func (c *Counter) attribute(at time.Time, tally Tally) {
	c.counts.Hours[at.Hour()].add(tally)
	day := at.Format(time.DateOnly)
	sum, known := c.counts.Days[day]
	if !known && len(c.counts.Days) >= maxDays {
		c.counts.OtherDays.add(tally)
		return
	}
	sum.add(tally)
	c.counts.Days[day] = sum
}

// interval notes the time between two telegrams; a clock that stands still or
// was put back says nothing about the meter's pace.
func (c *Counter) interval(d time.Duration) {
	if s := int64(d / time.Second); s >= 1 && s <= maxInterval {
		c.counts.Intervals[s]++
	}
}

// Pace returns the median of Intervals in seconds (of an even number the lower
// middle one), or 0 where there are none.
func (c *Counts) Pace() int64 {
	var n int64
	for _, count := range c.Intervals {
		n += count
	}
	seen := int64(0)
	for s := int64(1); s <= maxInterval; s++ {
		if seen += c.Intervals[s]; 2*seen >= n && seen > 0 {
			return s
		}
	}
	return 0
}
