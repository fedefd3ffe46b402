package stranger

import "time"

// stamp writes a time in parentheses: YYMMDDhhmmss, and S while daylight saving time is
// active, else W (P1 companion standard 5.0.2, §6: TST).
func (h *house) stamp(unix int64) string {
	season, ahead := "W", h.ahead
	if summer(unix) {
		season, ahead = "S", ahead+1
	}
	return "(" + time.Unix(unix+3600*ahead, 0).UTC().Format("060102150405") + season + ")"
}

// summer reports whether daylight saving time is active in Europe: from the last Sunday
// of March to that of October, both at 01:00 UTC (directive 2000/84/EC).
func summer(unix int64) bool {
	t := time.Unix(unix, 0).UTC()
	return !t.Before(lastSunday(t.Year(), time.March)) && t.Before(lastSunday(t.Year(), time.October))
}

// lastSunday is 01:00 UTC on the last Sunday of a month of 31 days.
func lastSunday(year int, month time.Month) time.Time {
	t := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, -int(t.Weekday()))
}

// monthBegin is the first moment of the month, by the meter's clock in winter time; at
// that hour of the day no clock is changed.
func (h *house) monthBegin(unix int64) int64 {
	t := time.Unix(unix+3600*h.ahead, 0).UTC()
	begin := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).Unix() - 3600*h.ahead
	if summer(begin) {
		begin -= 3600
	}
	return begin
}
