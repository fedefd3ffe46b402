package sim

import (
	"fmt"
	"strings"
	"time"
)

// quarterHour is what demand is averaged over, in seconds.
const quarterHour = 900

// A zone is the two halves of a meter's year. The rule is written out here, so
// that no time zone data of the host takes part.
type zone struct {
	winter, summer *time.Location
}

// The zones of the simulated meters: all of Europe changes over at one moment.
var (
	winter  = time.FixedZone("CET", 3600)
	summer  = time.FixedZone("CEST", 7200)
	central = zone{winter, summer}
	eastern = zone{time.FixedZone("EET", 7200), time.FixedZone("EEST", 10800)}
)

// local is a central European meter's wall clock at a Unix time.
func local(unix int64) time.Time { return central.local(unix) }

// local is the zone's wall clock at a Unix time.
func (z zone) local(unix int64) time.Time {
	t := time.Unix(unix, 0).UTC()
	if s := summerOf(t.Year()); unix < s.begin || unix >= s.end {
		return t.In(z.winter)
	}
	return t.In(z.summer)
}

// summerTime is when a year's summer time begins and ends.
type summerTime struct{ begin, end int64 }

// summers holds those of the years from firstSummer on: a simulated year asks for
// them a hundred million times.
var summers = reckonSummers()

const firstSummer = 1990

func reckonSummers() (list [120]summerTime) {
	for i := range list {
		list[i] = reckonSummer(firstSummer + i)
	}
	return list
}

func reckonSummer(year int) summerTime {
	return summerTime{changeOver(year, time.March), changeOver(year, time.October)}
}

func summerOf(year int) summerTime {
	if i := year - firstSummer; i >= 0 && i < len(summers) {
		return summers[i]
	}
	return reckonSummer(year)
}

// changeOver is 01:00 UTC on the last Sunday of a month of 31 days.
func changeOver(year int, month time.Month) int64 {
	last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday())).Unix()
}

// newHour tells whether a full hour lies between two times, or at the second of
// them. Tariffs, days, months and the change of the clock begin at full hours.
func newHour(from, to int64) bool { return from/3600 != to/3600 }

// A schedule remembers the tariff of the hour it was asked for last.
type schedule struct {
	hour   int64 // since 1970, plus one
	tariff int
}

func (s *schedule) at(unix int64, tariff func(t time.Time) int) int {
	if hour := unix/3600 + 1; hour != s.hour {
		s.hour, s.tariff = hour, tariff(local(unix))
	}
	return s.tariff
}

// monthBegin is the local midnight with which a month began.
func monthBegin(unix int64) int64 { return central.monthBegin(unix) }

func (z zone) monthBegin(unix int64) int64 {
	t := z.local(unix)
	first := time.Date(t.Year(), t.Month(), 1, 12, 0, 0, 0, time.UTC)
	noon := z.local(first.Unix())
	return noon.Add(-time.Duration(noon.Hour()) * time.Hour).Unix()
}

// stamp writes a clock as YYMMDDhhmmss.
func stamp(t time.Time) string {
	return t.Format("060102150405")
}

// seasonStamp writes a clock as YYMMDDhhmmssX, X being S while daylight saving
// time is active and W otherwise (P1 companion standard 5.0.2, §6).
func seasonStamp(t time.Time) string {
	if name, _ := t.Zone(); strings.HasSuffix(name, "ST") { // CEST, EEST
		return stamp(t) + "S"
	}
	return stamp(t) + "W"
}

// parse reads a wall clock such as 2026-10-25T02:30:00, with an optional
// S or W after it that tells the two passes of the repeated hour apart.
func (z zone) parse(text string) (time.Time, error) {
	bare := strings.TrimRight(text, "SW")
	wall, err := time.Parse("2006-01-02T15:04:05", bare)
	if err != nil || len(text)-len(bare) > 1 {
		return time.Time{}, fmt.Errorf("want local time such as 2026-03-01T00:00:00, with S or W after it if need be")
	}
	for _, half := range []*time.Location{z.summer, z.winter} {
		_, offset := wall.In(half).Zone()
		t := z.local(wall.Unix() - int64(offset))
		if t.Location() != half {
			continue
		}
		if bare == text || strings.HasSuffix(seasonStamp(t), text[len(bare):]) {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("the clock never shows this time")
}
