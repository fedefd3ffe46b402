package telegram

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"
)

// ClockCode is the OBIS code of the meter's clock.
const ClockCode = "0-0:1.0.0"

// dateCodes and timeCodes are those of a clock in two lines (IEC 62056-21):
//
//	1-0:0.9.1(20:38:05)    or (203805)
//	1-0:0.9.2(22-09-10)    or (220910), (20220910)
var (
	dateCodes = []string{"1-0:0.9.2", "0-0:0.9.2", "1-1:0.9.2"}
	timeCodes = []string{"1-0:0.9.1", "0-0:0.9.1", "1-1:0.9.1"}
)

// Clock is a meter's time stamp, YYMMDDhhmmssX.
type Clock struct {
	// Time has the offset that X implies; without X it is in [time.UTC] and
	// stands for an unknown offset.
	Time time.Time
	// Season is 'S' while daylight saving time is active, 'W' otherwise, and 0
	// where the meter does not say (DSMR 2.2 and 3).
	Season byte
}

// The offsets of central Europe, which the P1 companion standard 5.0.2 §6.4
// implies: W is one hour ahead of UTC, S two.
var (
	winter = time.FixedZone("", 3600)
	summer = time.FixedZone("", 7200)
)

// ParseClock reads YYMMDDhhmmss with S or W after it, in either case, or not
// (230824012130S is 2023-08-24T01:21:30+02:00). The years are 1970 to 2069: no meter
// lived before, and 70 is what a clock that was never set says.
func ParseClock(text string) (Clock, error) {
	c, why := parseClock(text)
	if why != "" {
		return Clock{}, fmt.Errorf("clock %q %s", text, why)
	}
	return c, nil
}

// parseClock is ParseClock, which says what is wrong in words, for a text that need
// not outlive it.
func parseClock(text string) (c Clock, why string) {
	zone := time.UTC
	if len(text) == 13 {
		c.Season = text[12] &^ 0x20
		switch c.Season {
		case 'S':
			zone = summer
		case 'W':
			zone = winter
		default:
			return c, "ends in neither S nor W"
		}
		text = text[:12]
	}
	if len(text) != 12 {
		return c, "has not the form YYMMDDhhmmssX"
	}
	var part [6]int
	for i := range part {
		hi, lo := text[2*i], text[2*i+1]
		if !IsDigit(hi) || !IsDigit(lo) {
			return c, "is not all digits"
		}
		part[i] = int(hi-'0')*10 + int(lo-'0')
	}
	part[0] += 1900
	if part[0] < 1970 {
		part[0] += 100
	}
	c.Time = time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], 0, zone)
	// time.Date carries a 32nd day over into the next month: then it differs.
	year, month, day := c.Time.Date()
	hour, minute, second := c.Time.Clock()
	if [6]int{year, int(month), day, hour, minute, second} != part {
		return c, "is no date and time"
	}
	return c, ""
}

// RFC3339 returns the time with its offset; without S or W, the offset is left
// out, since it is not known.
func (c Clock) RFC3339() string { return string(c.AppendRFC3339(nil)) }

// AppendRFC3339 appends what RFC3339 returns.
func (c Clock) AppendRFC3339(b []byte) []byte {
	if c.Season == 0 {
		return c.Time.AppendFormat(b, "2006-01-02T15:04:05")
	}
	return c.Time.AppendFormat(b, time.RFC3339)
}

// Local returns the time as the meter shows it, in a form that spreadsheets
// take for a date and time.
func (c Clock) Local() string { return string(c.AppendLocal(nil)) }

// AppendLocal appends what Local returns.
func (c Clock) AppendLocal(b []byte) []byte { return c.Time.AppendFormat(b, "2006-01-02 15:04:05") }

// Offset returns the offset from UTC, +02:00, or "" where it is not known.
func (c Clock) Offset() string { return string(c.AppendOffset(nil)) }

// AppendOffset appends what Offset returns.
func (c Clock) AppendOffset(b []byte) []byte {
	if c.Season == 0 {
		return b
	}
	return c.Time.AppendFormat(b, "-07:00")
}

// Clock returns the meter's time of the telegram and the text it stands in;
// false where there is none that can be read.
func (t *Telegram) Clock() (Clock, string, bool) {
	c, text, ok := t.time()
	return c, string(text), ok
}

// Time is Clock, but of the text says only whether there is one.
func (t *Telegram) Time() (c Clock, sent, ok bool) {
	c, text, ok := t.time()
	return c, len(text) > 0, ok
}

func (t *Telegram) time() (c Clock, text []byte, ok bool) {
	text, there := t.lastText(ClockCode)
	if !there {
		text = t.twoLineTime()
	}
	if c, why := parseClock(string(text)); why == "" {
		return c, text, true // as nearly all are, and without a copy
	}
	c, ok = clockOf(string(text))
	return c, text, ok
}

// twoLineTime is the clock of a meter that has date and time on two lines, as if they
// were one.
func (t *Telegram) twoLineTime() []byte {
	var parts [2]string
	for i, codes := range [...][]string{dateCodes, timeCodes} {
		for _, code := range codes {
			if text, ok := t.lastText(code); ok && parts[i] == "" {
				parts[i] = strings.NewReplacer("-", "", ":", "", ".", "", " ", "").Replace(string(text))
			}
		}
	}
	date, at := parts[0], parts[1]
	if date == "" || at == "" {
		return nil
	}
	if len(date) == len("YYYYMMDD") {
		date = date[2:]
	}
	return []byte(date + at)
}

// clockOf reads a time stamp as [ParseClock] does, and in the forms that some meters
// write it in:
//
//	 260102030000W             blanks around it, line ends in it
//	20260102030000W            with the century
//	2601020300                 without seconds
//	26-01-02 03:00:00          with marks
//	07E8061C050A2B2B00FF8880   a COSEM date-time in hex (blue book §4.1.6.1)
func clockOf(text string) (Clock, bool) {
	text = strings.TrimSpace(withoutEnds(text))
	if c, why := parseClock(text); why == "" {
		return c, true
	}
	if len(text) == 2*cosemTime {
		return cosemClock(text)
	}
	digits := marks.Replace(text)
	season := ""
	if n := len(digits) - 1; n > 0 && !IsDigit(digits[n]) {
		digits, season = digits[:n], digits[n:]
	}
	switch len(digits) {
	case len("YYYYMMDDhhmmss"):
		digits = digits[2:]
	case len("YYMMDDhhmm"):
		digits += "00"
	}
	c, why := parseClock(digits + season)
	return c, why == ""
}

// marks takes out what stands between the parts of a time.
var marks = strings.NewReplacer("-", "", ":", "", "/", "", " ", "", "T", "")

// cosemTime is how many bytes a COSEM date-time has: year (2), month, day, weekday, hour,
// minute, second, hundredths, minutes from local time to UTC (2), status.
const cosemTime = 12

// cosemClock reads a COSEM date-time in hex. Bit 7 of the status is that daylight saving
// time is active; where the way to UTC is not said, the offset is not known.
func cosemClock(text string) (c Clock, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return c, false
	}
	zone := time.UTC
	if deviation := int16(binary.BigEndian.Uint16(b[9:])); deviation != math.MinInt16 {
		c.Season = 'W'
		if b[11]&0x80 != 0 {
			c.Season = 'S'
		}
		zone = time.FixedZone("", -60*int(deviation))
	}
	year, month, day := int(binary.BigEndian.Uint16(b)), time.Month(b[2]), int(b[3])
	c.Time = time.Date(year, month, day, int(b[5]), int(b[6]), int(b[7]), 0, zone)
	y, m, d := c.Time.Date()
	return c, y == year && m == month && d == day && b[5] < 24 && b[6] < 60 && b[7] < 60 && year >= 1970 && year < 2100
}
