package wrapped

import (
	"fmt"
	"time"
)

// stamped are the forms in which something with a time stands before each line.
//
// ts is of moreutils: it reads lines that end in LF and writes strftime's format and a
// blank before each; %.s is seconds since 1970 with their fraction, -i the time since the
// line before, -s since the beginning (ts(1)).
//
//	Mar 01 00:00:10 1-0:1.8.1(008234.524*kWh)
//	1772319610.123456 1-0:1.8.1(008234.524*kWh)
//	00:00:10 1-0:1.8.1(008234.524*kWh)
//	2026-03-01T00:00:10+0100 1-0:1.8.1(008234.524*kWh)
//
// Arduino's serial monitor (version 1.8) writes the time to the millisecond, a blank, an
// arrow and a blank.
//
//	00:00:10.123 -> 1-0:1.8.1(008234.524*kWh)
//
// Tera Term writes date and time to the millisecond in brackets (its manual, "Log"),
// docker logs -t the time in UTC to the nanosecond; awk's strftime("%F %T") is in many a
// one-line script.
//
//	[2026-03-01 00:00:10.123] 1-0:1.8.1(008234.524*kWh)
//	2026-02-28T23:00:10.123456789Z 1-0:1.8.1(008234.524*kWh)
//	2026-03-01 00:00:10 1-0:1.8.1(008234.524*kWh)
//
// The time stamps of Termite, RealTerm and CoolTerm can be set, and their manuals name no
// layout: these are layouts in which their captures have been posted.
//
//	00:00:10.123: 1-0:1.8.1(008234.524*kWh)                  Termite
//	2026-03-01 00:00:10.123, 1-0:1.8.1(008234.524*kWh)       RealTerm, delimited by a comma
//	2026-03-01 00:00:10.123 1-0:1.8.1(008234.524*kWh)        CoolTerm
func stamped() []Form {
	return []Form{
		{Name: "ts", Stamp: TimeOfDay, Wrap: before("Jan 02 15:04:05 ")},
		{Name: "ts %.s", Stamp: FullStamp, Wrap: beforeEach(func(at time.Time) string {
			return fmt.Sprintf("%d.%06d ", at.Unix(), at.Nanosecond()/1000)
		})},
		{Name: "ts -i", Stamp: SinceBefore, Wrap: incremental},
		{Name: "ts -s", Stamp: SinceBefore, Wrap: sinceStart},
		{Name: "ts ISO", Stamp: FullStamp, Wrap: before("2006-01-02T15:04:05-0700 ")},
		{Name: "minicom", Stamp: TimeOfDay, Wrap: minicom("[2006-01-02 15:04:05] "), Left: one(withoutNUL)},
		{Name: "minicom ms", Stamp: TimeOfDay, Wrap: minicom("[2006-01-02 15:04:05.000] "), Left: one(withoutNUL)},
		{Name: "tio", Stamp: TimeOfDay, Wrap: tio},
		{Name: "Termite", Stamp: TimeOfDay, Wrap: before("15:04:05.000: ")},
		{Name: "RealTerm", Stamp: TimeOfDay, Wrap: before("2006-01-02 15:04:05.000, ")},
		{Name: "CoolTerm", Stamp: TimeOfDay, Wrap: before("2006-01-02 15:04:05.000 ")},
		{Name: "Arduino", Stamp: TimeOfDay, Wrap: before("15:04:05.000 -> ")},
		{Name: "Tera Term", Stamp: TimeOfDay, Wrap: before("[2006-01-02 15:04:05.000] ")},
		{Name: "awk strftime", Stamp: TimeOfDay, Wrap: before("2006-01-02 15:04:05 ")},
		{Name: "docker logs -t", Stamp: FullStamp, Wrap: beforeEach(func(at time.Time) string {
			return at.UTC().Format("2006-01-02T15:04:05.000000000Z ")
		})},
		{Name: "Docklight", Stamp: TimeOfDay, Unasked: true, Wrap: docklight},
		{Name: "cat -n", Unasked: true, Wrap: numbered},
	}
}

// before writes the time in a layout before each line.
func before(layout string) func(Capture) Capture {
	return beforeEach(func(at time.Time) string { return at.Format(layout) })
}

func beforeEach(stamp func(time.Time) string) func(Capture) Capture {
	return perLine(func(l Piece) []byte { return append([]byte(stamp(l.At)), l.Data...) })
}

// clock is a duration as a time of day.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d ", s/3600, s/60%60, s%60)
}

func incremental(c Capture) Capture {
	if len(c) == 0 {
		return nil
	}
	last := c[0].At
	return beforeEach(func(at time.Time) string {
		d := at.Sub(last)
		last = at
		return clock(d)
	})(c)
}

func sinceStart(c Capture) Capture {
	if len(c) == 0 {
		return nil
	}
	return beforeEach(func(at time.Time) string { return clock(at.Sub(c[0].At)) })(c)
}

// minicom writes its time stamp before the character after an LF, so that the first line
// has none, and leaves NUL out (vt_out in its vt100.c).
//
//	/ISK5\2M550T-1012
//	[2026-03-01 00:00:10]
//	[2026-03-01 00:00:10] 1-0:1.8.1(008234.524*kWh)
func minicom(layout string) func(Capture) Capture {
	return func(c Capture) Capture {
		var out Capture
		for i, l := range lines(perPiece(withoutNUL)(c)) {
			if i > 0 {
				l.Data = append([]byte(l.At.Format(layout)), l.Data...)
			}
			out = append(out, l)
		}
		return out
	}
}

func withoutNUL(log []byte) []byte {
	out := make([]byte, 0, len(log))
	for _, b := range log {
		if b != 0 {
			out = append(out, b)
		}
	}
	return out
}

// tio --timestamp writes the time before the first character of a line, unless that is
// the LF itself (its tty.c).
//
//	[00:00:10.123] 1-0:1.8.1(008234.524*kWh)
func tio(c Capture) Capture {
	return perLine(func(l Piece) []byte {
		if l.Data[0] == '\n' {
			return l.Data
		}
		return append([]byte(l.At.Format("[15:04:05.000] ")), l.Data...)
	})(c)
}

// docklight shows control characters by their names, and the direction.
//
//	01.03.2026 00:00:10.123 [RX] - 1-0:1.8.1(008234.524*kWh)<CR><LF>
func docklight(c Capture) Capture {
	names := []string{"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
		"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"}
	return perLine(func(l Piece) []byte {
		out := []byte(l.At.Format("02.01.2006 15:04:05.000 [RX] - "))
		for _, b := range l.Data {
			if int(b) < len(names) {
				out = append(out, "<"+names[b]+">"...)
			} else {
				out = append(out, b)
			}
		}
		return append(out, "\r\n"...)
	})(c)
}

// numbered is cat -n.
func numbered(c Capture) Capture {
	n := 0
	return perLine(func(l Piece) []byte {
		n++
		return append(fmt.Appendf(nil, "%6d\t", n), l.Data...)
	})(c)
}
