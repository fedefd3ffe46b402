package ask

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Moment says which telegram.
type Moment struct {
	Meter string `json:"meter,omitempty" jsonschema:"which meter, by the name that the tool meters gives it; needed only where there are several"`
	At    string `json:"at" jsonschema:"the time, in the meter's local time: 2026-03-01T14:15:10, or with an offset; the telegram next to it is explained"`
}

// maxEdits are told one by one.
const maxEdits = 50

// Explain answers what one telegram said, and what was repaired.
func (a *Asker) Explain(ctx context.Context, q Moment, progress Progress) (*Answer, error) {
	if _, ok := parseTime(q.At, time.UTC); !ok {
		return nil, userf("at is no time: 2026-03-01T14:15:10 and 2026-03-01T14:15:10+01:00 are; today is %s", a.today())
	}
	c, err := a.scope(ctx, Span{Meter: q.Meter}, progress)
	if err != nil {
		return nil, err
	}
	at := c.read("at", q.At)
	near := &nearest{c: c, at: at.Unix()}
	for _, d := range c.touching(at, at) {
		near.begin()
		if err := a.archive.Replay(ctx, d.File, near); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			a.o.Say(err)
		}
	}
	if near.found == nil {
		return nil, userf("there is no telegram: the data are from %s to %s", c.time(c.data[0]), c.time(c.data[1]))
	}
	c.from = c.at(floorTo(near.time.Unix(), quarterSeconds))
	c.to = c.from.Add(index.Quarter)
	answer := c.answer()
	answer.Notes = append(answer.Notes, "the coverage is that of the quarter of an hour")
	row := c.explained(near, answer)
	row["asked_for"], row["seconds_from_asked"] = c.time(at), near.time.Unix()-at.Unix()
	answer.Units["seconds_from_asked"] = "s"
	if words := c.apart(at, near.time); words != "" {
		answer.Notes = append(answer.Notes, words)
	}
	answer.Rows = []Row{row}
	return answer, nil
}

// apart says that there is no telegram at a time, if the nearest is further away than the
// next one usually is.
func (c *scope) apart(asked, nearest time.Time) string {
	away := nearest.Unix() - asked.Unix()
	switch {
	case away > c.period:
		return fmt.Sprintf("there is no telegram at the time that was asked for: the nearest is this one, %d s later", away)
	case -away > c.period:
		return fmt.Sprintf("there is no telegram at the time that was asked for: the nearest is this one, %d s earlier", -away)
	}
	return ""
}

// touching are the indexes of the files whose quarters of the meter touch a span, or, if
// there are none, of the one that is next to it.
func (c *scope) touching(from, to time.Time) []*index.Day {
	type near struct {
		*index.Day
		away int64
	}
	var list []near
	for _, d := range c.days {
		best := int64(-1)
		for _, m := range d.Meters {
			if m.Name != c.meter || len(m.Start) == 0 {
				continue
			}
			away := max(m.From[0]-to.Unix(), from.Unix()-m.To[len(m.To)-1], 0)
			if best < 0 || away < best {
				best = away
			}
		}
		if best >= 0 {
			list = append(list, near{d, best})
		}
	}
	slices.SortStableFunc(list, func(a, b near) int { return cmp.Compare(a.away, b.away) })
	var days []*index.Day
	for _, n := range list {
		if n.away == 0 || len(days) == 0 {
			days = append(days, n.Day)
		}
	}
	return days
}

// nearest keeps the telegram of a meter whose time is next to one. The time of a telegram that
// is not valid is that of the one before it with the same header, if any has that.
type nearest struct {
	record.BaseStage
	c     *scope
	at    int64
	times *tables.Times
	last  sender            // of the last valid one
	known map[string]sender // by header
	found *record.Telegram
	time  time.Time
	own   bool // the time is its own
}

// sender is the meter of a telegram, and when it was sent.
type sender struct {
	meter string
	at    time.Time
}

// maxSenders is how many headers are remembered.
const maxSenders = 64

// begin begins a file.
func (n *nearest) begin() {
	n.times, n.last, n.known = tables.NewTimes(n.c.asker.o.Zone), sender{}, map[string]sender{}
}

// Take looks at a telegram.
func (n *nearest) Take(r record.Record) error {
	t, ok := r.(*record.Telegram)
	if !ok {
		return nil
	}
	header, _, _ := bytes.Cut(t.Raw, []byte("\r\n"))
	own := false
	if t.Status.Valid() {
		if meter, at, ok := n.times.Of(t); ok {
			n.last, own = sender{meter, at}, true
			if _, there := n.known[string(header)]; there || len(n.known) < maxSenders {
				n.known[string(header)] = n.last
			}
		}
	}
	by, ok := n.known[string(header)]
	if own || !ok {
		by = n.last
	}
	if by.at.IsZero() || by.meter != n.c.meter {
		return nil
	}
	if n.found == nil || n.away(by.at) < n.away(n.time) {
		n.found, n.time, n.own = record.Keep(t).(*record.Telegram), by.at, own
	}
	return nil
}

// away is how many seconds a time is from the one that is asked about.
func (n *nearest) away(t time.Time) int64 { return max(t.Unix()-n.at, n.at-t.Unix()) }

// explained is what is said of a telegram. Bytes are hex.
func (c *scope) explained(n *nearest, a *Answer) Row {
	t := n.found
	r := Row{"time": c.time(n.time), "status": listed(string(t.Status), statusWords()), "crc": listed(t.CRC, crcWords())}
	if !n.own {
		r["time_is"] = "that of the valid telegram before it"
	}
	if t.Confidence >= record.MinConfidence {
		r["confidence"] = record.Confidence(t.Confidence)
	}
	if t.Suspect != "" {
		r["suspect"] = "its CRC holds, but it contradicts what is known of this meter: none of its values counts"
	}
	said := telegram.Parse(t.Raw)
	r["bytes"], r["lines"] = len(t.Raw), len(said.Lines)
	var doubted []string
	for _, d := range t.Doubted {
		doubted = append(doubted, codeWord(d.Code))
	}
	if doubted != nil {
		r["doubted_lines"] = doubted
	}
	c.putEdits(r, t, said)
	c.putValues(r, t, a)
	return r
}

// putEdits says what was repaired.
func (c *scope) putEdits(r Row, t *record.Telegram, said *telegram.Telegram) {
	byLogger := 0
	var list []Row
	for _, e := range t.Edits {
		if e.By == record.ByLogger {
			byLogger++
			continue
		}
		line := 1 + bytes.Count(t.Raw[:min(max(e.At, 0), len(t.Raw))], []byte("\n"))
		one := Row{"line": line, "received_bytes": len(e.Got), "sent_bytes": len(e.Now)}
		if line <= len(said.Lines) {
			if code := string(said.Lines[line-1].Code.Of(said.Raw)); code != "" {
				one["code"] = codeWord(code)
				if measured(code) {
					one["received_hex"], one["sent_hex"] = hexOf(e.Got), hexOf(e.Now)
				}
			}
		}
		list = append(list, one)
	}
	r["edits_line"], r["edits_logger"] = len(list), byLogger
	if len(list) > maxEdits {
		r["edits_shown"] = fmt.Sprintf("the first %d of %d", maxEdits, len(list))
		list = list[:maxEdits]
	}
	if list != nil {
		r["edits"] = list
	}
}

// measured reports whether a line has a number or a time: neither text nor an identifier.
func measured(code string) bool {
	kind := telegram.Lookup(code).Kind
	return kind == telegram.Register || kind == telegram.Instant || kind == telegram.KindClock
}

// hexOf are the first bytes of an edit.
func hexOf(b []byte) string { return hex.EncodeToString(b[:min(len(b), 16)]) }

// putValues puts the numbers of a telegram into a row, as the tables read them.
func (c *scope) putValues(r Row, t *record.Telegram, a *Answer) {
	if t.Suspect != "" {
		r.null("values", "none of them counts: see suspect")
		return
	}
	all := columnsOf(func(index.Column) bool { return true })
	var out bytes.Buffer
	w, err := tables.New(&out, tables.Options{Columns: append([]string{"time"}, all...), Format: tables.JSON, Zone: c.asker.o.Zone, Salvaged: true})
	if err == nil {
		err = w.Take(t)
	}
	if err == nil {
		err = w.Close()
	}
	var row map[string]json.RawMessage
	if err != nil || json.Unmarshal(out.Bytes(), &row) != nil {
		r.null("values", "a telegram of this status has no values that count")
		return
	}
	values := Row{}
	for _, name := range all {
		if d, ok := telegram.ParseDecimal(strings.TrimSpace(string(row[name]))); ok {
			values[name] = number(d)
			a.Units[name] = unitOf(name)
		}
	}
	r["values"] = values
}
