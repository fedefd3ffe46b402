package forms

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"p1/pkg/sim"
)

// A Stream is some telegrams of one layout.
type Stream struct {
	Seed      uint64
	Signed    bool // with CRC-16/ARC, or not at all
	Telegrams []Telegram
}

// A Telegram is what a meter sends at once, and what its lines mean.
type Telegram struct {
	Text  []byte
	Facts []Fact
}

// Log is the bytes of all telegrams.
func (s *Stream) Log() []byte {
	var log []byte
	for _, t := range s.Telegrams {
		log = append(log, t.Text...)
	}
	return log
}

// A Kind says what a fact is about.
type Kind int

// The kinds of facts.
const (
	Number   Kind = iota // Value and Unit, and Time where the line has one
	Device               // the same, of a device on the M-Bus or beside it
	Text                 // Text
	Clock                // Time is that of the telegram
	Meter                // Text is the identifier of the meter
	Absent               // a placeholder: there is no value
	Past                 // Peaks of months that have ended
	Failures             // Cuts of the power
	Aside                // kept anywhere, or said, but in no other line's column
	Unread               // cannot be read: said, with the line
)

// A Fact is what one line means.
type Fact struct {
	Kind        Kind
	Form        string // its name in Forms
	Line        string // as sent
	Code        string // the five groups, without what the meter added to them
	Value, Unit string // the number without leading zeros, and the unit as the standards spell it
	Beside      bool   // the line has another number of the same unit
	Of          string // the number is that of a past moment: month_end
	Time        string // RFC 3339, without an offset where the line has neither S nor W
	Ahead       bool   // Time is later than the telegram
	Text        string
	Channel     int    // of a device on the M-Bus
	Medium      string // of a device; empty where no line says it
	Peaks       []Peak
	Cuts        []Cut
}

// A Peak is the highest demand of a month that has ended.
type Peak struct {
	Register    string // what it is of: import, export_t1; empty where the line's code says it
	End, Time   string
	Value, Unit string
}

// A Cut is a power failure. Start is empty where the meter's clock or the duration
// was not set.
type Cut struct {
	Start, End string
	Seconds    int64
}

// A form is a way of writing lines.
type form struct {
	name   string
	source string // a standard, or owners
	drawn  string // an example, lines separated by blanks
	draw   func(c *composer) part
}

// A part writes its lines into each telegram of a stream.
type part func(p *page)

// Forms lists the forms by name.
func Forms() []string {
	var names []string
	for _, f := range all() {
		names = append(names, f.name)
	}
	return names
}

// all is every form but those of headers, in no order that matters.
func all() []form {
	var list []form
	for _, some := range [][]form{clocks, electricity, spellings, peaks, devices, old, texts, failures, loose} {
		list = append(list, some...)
	}
	return list
}

// A composer draws a stream.
type composer struct {
	*rand.Rand
	taken   map[string]bool // codes that have a line
	channel int             // the last one of the M-Bus that is in use
	meter   string          // group A-B of the electricity meter
	letters int             // how times are marked: see letter
	signed  bool
	begin   time.Time // wall clock of the first telegram
	length  int       // of the stream
}

// A page is a telegram being written.
type page struct {
	Telegram
	form string
	now  time.Time // wall clock
	turn int       // 0 is the first telegram
}

// Compose draws a stream of so many telegrams. Equal seeds give equal streams.
func Compose(seed uint64, telegrams int) Stream {
	c := &composer{
		Rand:   rand.New(rand.NewPCG(seed, 0)),
		taken:  map[string]bool{},
		meter:  "1-0",
		length: telegrams,
	}
	if c.IntN(12) == 0 {
		c.meter = "1-1"
	}
	c.letters = c.IntN(8)
	c.begin = c.day()
	c.signed = c.IntN(6) > 0
	header := c.header()
	names, parts := c.parts()
	s := Stream{Seed: seed, Signed: c.signed}
	for turn := range telegrams {
		p := &page{now: c.begin.Add(time.Duration(turn) * 10 * time.Second), turn: turn}
		header(p)
		for i, write := range parts {
			p.form = names[i]
			write(p)
		}
		p.end(s.Signed)
		s.Telegrams = append(s.Telegrams, p.Telegram)
	}
	return s
}

// parts draws the lines: a clock, an identifier, and five to forty others.
func (c *composer) parts() (names []string, parts []part) {
	add := func(from []form) {
		f := from[c.IntN(len(from))]
		if write := f.draw(c); write != nil {
			names, parts = append(names, f.name), append(parts, write)
		}
	}
	add(clocks)
	add(identifiers)
	groups := [][]form{electricity, electricity, electricity, electricity, spellings, spellings, spellings, peaks, devices, devices, old, texts, failures}
	if c.signed {
		groups = append(groups, loose, loose, loose)
	}
	for range 5 + c.IntN(36) {
		add(groups[c.IntN(len(groups))])
	}
	return names, parts
}

// take reserves a code, unless it is taken.
func (c *composer) take(code string) bool {
	if c.taken[code] {
		return false
	}
	c.taken[code] = true
	return true
}

// own is a code of the electricity meter as this stream's meter writes it: some have 1-1
// in place of 1-0.
func (c *composer) own(code string) string {
	if rest, ok := strings.CutPrefix(code, "1-0:"); ok {
		return c.meter + ":" + rest
	}
	return code
}

// usual is the code that own has written.
func usual(code string) string {
	if rest, ok := strings.CutPrefix(code, "1-1:"); ok {
		return "1-0:" + rest
	}
	return code
}

// day draws a wall clock in deepest winter or summer, where S and W are beyond doubt.
func (c *composer) day() time.Time {
	month := []time.Month{time.January, time.February, time.June, time.July, time.August, time.December}[c.IntN(6)]
	return time.Date(2009+c.IntN(25), month, 3+c.IntN(20), c.IntN(23), c.IntN(60), c.IntN(60), 0, time.UTC)
}

// letter is S or W, in small letters in some streams and left out in others.
func (c *composer) letter(t time.Time) string {
	mark := "W"
	if m := t.Month(); m > time.March && m < time.October || m == time.October && t.Day() < 20 {
		mark = "S"
	}
	switch c.letters {
	case 0:
		return ""
	case 1:
		return string(mark[0] | 0x20)
	}
	return mark
}

// stamp is a time as the meter writes it, and as it is meant.
func (c *composer) stamp(t time.Time) (written, meant string) {
	mark := c.letter(t)
	written = t.Format("060102150405") + mark
	meant = t.Format("2006-01-02T15:04:05")
	switch mark {
	case "S", "s":
		meant += "+02:00"
	case "W", "w":
		meant += "+01:00"
	}
	return written, meant
}

// header draws the first line: the maker, a digit for the speed, and a name.
//
//	/XMX5LGBBFG10111111     P1 companion standard 5.0.2, §6.2
//	/ISk5\2MT382-1003       the same; DSMR 3
//	/ABC9 6534              owners of Norwegian meters
//	/ABcd\2MT382            owners: no digit; of meters without a CRC
//
// A logger may have dropped the empty line behind it, which a CRC would not forgive.
func (c *composer) header() part {
	name := fmt.Sprintf("%07d", c.IntN(1e7))
	first := []string{"/XMX5LGBB" + name, `/ISk5\2MT` + name, "/TST5" + name, "/ADN9 " + name, `/FLU5\` + name + "_A"}[c.IntN(5)]
	empty := "\r\n"
	if !c.signed && c.IntN(3) == 0 {
		first = `/ABcd\2MT` + name
	}
	if !c.signed && c.IntN(3) == 0 {
		empty = ""
	}
	meant := first[5:]
	if first[5] == ' ' {
		meant = name
	}
	return func(p *page) {
		p.Text = append(p.Text, first+"\r\n"+empty...)
		p.Facts = append(p.Facts, Fact{Kind: Meter, Form: "header", Line: first, Text: meant})
	}
}

// end signs the telegram, or ends it without a signature.
func (p *page) end(signed bool) {
	p.Text = append(p.Text, '!')
	if signed {
		p.Text = fmt.Appendf(p.Text, "%04X", sim.ARC(p.Text))
	}
	p.Text = append(p.Text, "\r\n"...)
}

// line writes a line and notes what it means.
func (p *page) line(line string, f Fact) {
	p.Text = append(p.Text, line+"\r\n"...)
	f.Form, f.Line = p.form, line
	p.Facts = append(p.Facts, f)
}

// mute writes a line that belongs to another one's fact.
func (p *page) mute(line string) { p.Text = append(p.Text, line+"\r\n"...) }
