package telegram

import (
	"bytes"
	"time"
)

// Occurrence is how often a time of day occurs on its day.
type Occurrence int

const (
	Once  Occurrence = iota
	Twice            // in the hour that autumn repeats
	Never            // in the hour that spring leaves out
)

// In returns the time in a zone. S and W decide the offset where they are sent: S
// is that of the zone's daylight saving time, W its standard one. Without either,
// the zone does, and the result has the S or W that the meter left out. A time
// that occurs twice is taken for the first (see [Clock.Second]), and one that
// never does for what a clock shows that was not put forward. With S and W, Never
// and Twice are not returned: the meter knows.
func (c Clock) In(zone *time.Location) (Clock, Occurrence) {
	in, _, how := c.both(zone)
	return in, how
}

// Second is [Clock.In], but takes a time that occurs twice for the second.
func (c Clock) Second(zone *time.Location) Clock {
	_, in, _ := c.both(zone)
	return in
}

// both returns the first and the second time that the clock may stand for.
func (c Clock) both(zone *time.Location) (first, second Clock, how Occurrence) {
	standard, saving := offsets(c.Time, zone)
	s, sOK := c.at(saving, zone)
	w, wOK := c.at(standard, zone)
	s.Season, w.Season = 'S', 'W'
	switch {
	case c.Season == 'S':
		return s, s, Once
	case c.Season == 'W':
		return w, w, Once
	case sOK && wOK && saving != standard:
		return s, w, Twice
	case sOK && saving != standard:
		return s, s, Once
	case wOK:
		return w, w, Once
	}
	return w, w, Never
}

// at is the time of day of c at an offset in seconds, and whether that is the
// zone's offset then. Where it is not, the result keeps the offset, and shows what
// the meter shows.
func (c Clock) at(offset int, zone *time.Location) (Clock, bool) {
	year, month, day := c.Time.Date()
	hour, minute, second := c.Time.Clock()
	wall := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	when := wall.Add(time.Duration(-offset) * time.Second).In(zone)
	if _, is := when.Zone(); is != offset {
		return Clock{Time: when.In(time.FixedZone("", offset))}, false
	}
	return Clock{Time: when}, true
}

// offsets returns the zone's standard and daylight saving offset in the year of
// t, in seconds ahead of UTC; equal where it has but one. In a zone such as
// Ireland's, whose law calls the winter the saving, the summer counts as one all
// the same: the meters do.
func offsets(t time.Time, zone *time.Location) (standard, saving int) {
	_, january := time.Date(t.Year(), 1, 15, 12, 0, 0, 0, zone).Zone()
	_, july := time.Date(t.Year(), 7, 15, 12, 0, 0, 0, zone).Zone()
	return min(january, july), max(january, july)
}

// ZoneOf returns the zone of a meter elsewhere than in central Europe whose operator the
// header (without its '/') names, as Lithuania's does (esphome-libs/dsmr_parser's pull request
// 17); "" where it names none such.
//
//	ESO5\253880000_A    Europe/Vilnius
func ZoneOf(header []byte) string {
	if bytes.HasPrefix(header, []byte("ESO5")) {
		return "Europe/Vilnius"
	}
	return ""
}

// IsReset reports whether the clock was not set since the meter lost its power: its
// year is 2000, or one before, as 1970.
func (c Clock) IsReset() bool { return c.Time.Year() <= 2000 }
