package chart

import (
	"fmt"
	"time"

	"p1/pkg/noise/diagnose"
)

// span is a stretch of time with what happened in it, by hour of the day too.
type span struct {
	label string // when it begins
	date  string // of hours: the day that they are of
	diagnose.Tally
	hours [24]diagnose.Tally
	start time.Time // by the meter's clock, as if it were UTC
	end   time.Time
	hole  bool // stands for time without telegrams
}

// unit is a way to cut time into spans.
type unit struct {
	name   string
	format string
	begin  func(time.Time) time.Time // of the span that holds a time
	next   func(time.Time) time.Time // from one beginning to the next
}

func units() []unit {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	monday := func(t time.Time) time.Time { return day(t).AddDate(0, 0, -(int(t.Weekday())+6)%7) }
	months := func(n int) func(time.Time) time.Time {
		return func(t time.Time) time.Time {
			return time.Date(t.Year(), time.Month((int(t.Month())-1)/n*n+1), 1, 0, 0, 0, 0, time.UTC)
		}
	}
	decade := func(t time.Time) time.Time { return time.Date(t.Year()/10*10, 1, 1, 0, 0, 0, 0, time.UTC) }
	add := func(y, m, d int) func(time.Time) time.Time {
		return func(t time.Time) time.Time { return t.AddDate(y, m, d) }
	}
	return []unit{
		{"day", "2006-01-02", day, add(0, 0, 1)},
		{"week", "2006-01-02", monday, add(0, 0, 7)},
		{"month", "2006-01", months(1), add(0, 1, 0)},
		{"quarter", "2006-01", months(3), add(0, 3, 0)},
		{"year", "2006", months(12), add(1, 0, 0)},
		{"decade", "2006", decade, add(10, 0, 0)},
	}
}

// spans cuts the days into at most so many spans of the smallest unit that does; for
// time without telegrams between two stands one more. What no decade can hold is left
// out, and more is true.
func spans(days []diagnose.Day, most int) (name string, all []span, more bool) {
	for _, u := range units() {
		name, all = u.name, cut(days, u)
		if len(all) <= most {
			return name, all, false
		}
	}
	return name, all[:most], true
}

func cut(days []diagnose.Day, u unit) []span {
	var all []span
	for _, d := range sortedBy(days, func(d diagnose.Day) string { return d.Date }) {
		date, err := time.Parse("2006-01-02", d.Date)
		if err != nil {
			continue
		}
		begin := u.begin(date)
		if n := len(all); n == 0 || !all[n-1].start.Equal(begin) {
			if n > 0 && !all[n-1].end.Equal(begin) {
				all = append(all, span{start: all[n-1].end, end: begin, hole: true})
			}
			all = append(all, span{label: begin.Format(u.format), start: begin, end: u.next(begin)})
		}
		s := &all[len(all)-1]
		for h, t := range d.Hours {
			s.hours[h] = sum(s.hours[h], t)
			s.Tally = sum(s.Tally, t)
		}
	}
	return all
}

// byHour cuts the days into hours, those without telegrams at both ends left out. Hours
// and days without telegrams between others are one hole, however long.
func byHour(days []diagnose.Day) []span {
	var all []span
	for _, d := range cut(days, units()[0]) {
		for h, t := range d.hours {
			start := d.start.Add(time.Duration(h) * time.Hour)
			s := span{label: start.Format("15:04"), date: start.Format("2006-01-02"), Tally: t, start: start, end: start.Add(time.Hour), hole: t.Telegrams <= 0}
			if d.hole {
				s.end = d.end
			}
			switch n := len(all); {
			case !s.hole:
				all = append(all, s)
			case n > 0 && all[n-1].hole:
				all[n-1].end = s.end
			case n > 0:
				all = append(all, s)
			}
			if d.hole {
				break
			}
		}
	}
	if n := len(all); n > 0 && all[n-1].hole {
		all = all[:n-1]
	}
	return all
}

func sum(a, b diagnose.Tally) diagnose.Tally {
	return diagnose.Tally{
		Telegrams: a.Telegrams + b.Telegrams,
		Damaged:   a.Damaged + b.Damaged,
		Remaining: a.Remaining + b.Remaining,
		Events:    a.Events + b.Events,
		Bytes:     a.Bytes + b.Bytes,
	}
}

// fromTo writes when spans begin and end.
func fromTo(all []span) string {
	if len(all) == 0 {
		return ""
	}
	first, last := all[0].start.Format("2006-01-02"), all[len(all)-1].end.Add(-time.Second).Format("2006-01-02")
	if first == last {
		return "on " + first
	}
	return fmt.Sprintf("from %s to %s", first, last)
}
