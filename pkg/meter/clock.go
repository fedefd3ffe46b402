package meter

import (
	"fmt"
	"strings"
	"time"
)

// quarterHour is what demand is averaged over, in seconds.
const quarterHour = 900

// The two halves of the year in central Europe. The rule is written out here,
// so that no time zone data of the host takes part.
var (
	winter = time.FixedZone("CET", 3600)
	summer = time.FixedZone("CEST", 7200)
)

// local is the meter's wall clock at a Unix time.
func local(unix int64) time.Time {
	t := time.Unix(unix, 0).UTC()
	if t.Before(changeOver(t.Year(), time.March)) || !t.Before(changeOver(t.Year(), time.October)) {
		return t.In(winter)
	}
	return t.In(summer)
}

// changeOver is 01:00 UTC on the last Sunday of a month of 31 days.
func changeOver(year int, month time.Month) time.Time {
	last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}

// monthBegin is the local midnight with which a month began.
func monthBegin(unix int64) int64 {
	t := local(unix)
	first := time.Date(t.Year(), t.Month(), 1, 12, 0, 0, 0, time.UTC)
	noon := local(first.Unix())
	return noon.Add(-time.Duration(noon.Hour()) * time.Hour).Unix()
}

// stamp writes a clock as YYMMDDhhmmss.
func stamp(t time.Time) string {
	return t.Format("060102150405")
}

// seasonStamp writes a clock as YYMMDDhhmmssX, X being S while daylight saving
// time is active and W otherwise (P1 companion standard 5.0.2, §6).
func seasonStamp(t time.Time) string {
	if _, offset := t.Zone(); offset == 7200 {
		return stamp(t) + "S"
	}
	return stamp(t) + "W"
}

// parseLocal reads a wall clock such as 2026-10-25T02:30:00, with an optional
// S or W behind it that tells the two passes of the repeated hour apart.
func parseLocal(text string) (time.Time, error) {
	bare := strings.TrimRight(text, "SW")
	wall, err := time.Parse("2006-01-02T15:04:05", bare)
	if err != nil || len(text)-len(bare) > 1 {
		return time.Time{}, fmt.Errorf("want local time such as 2026-03-01T00:00:00, with S or W behind it if need be")
	}
	for _, season := range []struct {
		suffix string
		hours  int
	}{{"S", 2}, {"W", 1}} {
		t := local(wall.Unix() - int64(season.hours)*3600)
		if _, offset := t.Zone(); offset != season.hours*3600 {
			continue
		}
		if bare == text || strings.HasSuffix(text, season.suffix) {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("the clock never shows this time")
}
