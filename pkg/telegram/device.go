package telegram

import (
	"slices"
	"strconv"
	"strings"
)

// Device is a meter after the meter: it sends its readings by M-Bus (P1
// companion standard 5.0.2 §6.12, table 6-12; device types of EN 13757-3).
//
//	0-1:24.1.0(003)                           type: 3 is gas
//	0-1:96.1.0(4730303332353631323831363736)  identifier, hex of text
//	0-1:24.2.1(260301120000W)(01234.567*m3)   when it was read, reading
//	0-1:24.4.0(1)                             valve
//
// Belgium: 96.1.1 for the identifier, 24.2.3 where a gas reading is not converted
// to a standard temperature. DSMR 2.2 and 3 have one line in two, with a status,
// minutes between two readings, how many quantities, and code and unit of each:
//
//	0-1:24.3.0(260301120000)(00)(60)(1)(0-1:24.2.1)(m3)
//	(01234.567)
//
// DSMR 2.1 has no channels: the first group of a code says what is measured (IEC
// 62056-61: 5 cooling, 6 heat, 7 gas, 8 cold and 9 hot water), and the time may come
// after the value. Earlier readings follow on the same line:
//
//	7-0:0.0.0(3238313031)
//	7-0:23.1.0(090212160000)(00012.345*m3)
//	6-0:1.0.0(00013.345*GJ)(090212160000)(00013.340*GJ)(090212150000)
//
// An odd one: a Dutch meter without any device says this of channel 2; a device that is
// not paired yet has (000101000000W)(0000000000) or (632525252525S)(00000.000).
//
//	0-2:24.1.0(003)
//	0-2:96.1.0()
//	0-2:24.2.1(700101010000W)(00000000)
type Device struct {
	Channel int    // 1 to 9 by M-Bus (the standard has 4); 15 to 19 of DSMR 2.1, 10 + the first group of its codes
	Medium  string // gas, water, hot_water, heat, cooling, electricity, other; "" where no type is said
	Type    int    // device type of 0-n:24.1.0, 0 where it is not said
	ID      string // identifier, decoded where it is hex of letters and digits
	Code    string // the line of the reading, 0-1:24.2.1
	Reading
	Past  []Reading // on the same line, the latest first
	Valve string    // position of valve or switch, as sent
	// Unread is whether what stands in the place of the reading was never read: 0 with
	// a time that cannot be, or of a device without a name. OK is false then.
	Unread bool

	typeSaid, idSaid bool
	rank             int // of the line of the reading: lower is better
	candidates       []candidate
}

// Reading is what a device counted at a time.
type Reading struct {
	At     Clock
	AtText string // the same as sent
	AtOK   bool   // At can be read
	Value  Decimal
	Unit   string // m3, GJ, kWh: as the dictionary writes it where it knows it
	Text   string // the value as sent
	OK     bool   // Value is a number
}

// IsMBus reports whether the device has a channel of its own.
func (d *Device) IsMBus() bool { return d.Channel < direct }

// direct is added to the first group of a code of DSMR 2.1 for the [Device].Channel.
const direct = 10

// Devices returns the devices that the telegram speaks of, by channel. A channel with
// nothing but empty lines or the type 0 has no device.
func (t *Telegram) Devices() []Device {
	var all [maxChannel + 1]Device
	for i := range t.Lines {
		l := &t.Lines[i]
		code := l.Code.Of(t.Raw)
		if len(code) < 5 || code[1] != '-' || code[3] != ':' || len(l.Values) == 0 {
			continue
		}
		switch a, b := code[0], code[2]; {
		case a == '0' && b >= '1' && b <= '9':
			all[b-'0'].take(t, t.plain(l), l.Values)
		case b == '0' && a >= '5' && a <= '9':
			all[direct+a-'0'].takeDirect(t, t.plain(l), l.Values)
		}
	}
	var found []Device
	for channel := range all {
		d := &all[channel]
		if d.settle(); d.there() || d.Unread {
			d.Channel = channel
			found = append(found, *d)
		}
	}
	return found
}

// maxChannel is the highest number of [Device].Channel.
const maxChannel = direct + 9

// take reads one line of a device on a channel.
func (d *Device) take(t *Telegram, code []byte, values []Value) {
	last := values[len(values)-1].Text.Of(t.Raw)
	switch groups := code[len("0-1:"):]; string(groups) {
	case "24.1.0":
		if n, ok := deviceType(string(last)); ok && !d.typeSaid {
			d.Type, d.typeSaid = n, true
			d.Medium = medium(d.Type)
		}
	case "96.1.0":
		d.idSaid = true
		if len(last) > 0 {
			d.ID = DecodeID(string(last))
		}
	case "96.1.1":
		d.idSaid = true
		if d.ID == "" {
			d.ID = DecodeID(string(last))
		}
	case "24.4.0":
		d.Valve = string(last)
	default:
		if rank := readingRank(string(groups)); rank > 0 {
			d.takeReading(t, code, values, rank)
		}
	}
}

// deviceType reads the number of a device type, which some meters write in hex: 00C.
func deviceType(text string) (int, bool) {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		n, err = strconv.ParseUint(text, 16, 8)
	}
	return int(n), err == nil
}

// readingRank returns which of several readings counts: the lower one; 0 for what
// is no reading.
func readingRank(groups string) int {
	switch groups {
	case "24.2.1":
		return 1
	case "24.2.3":
		return 2
	case "24.3.0":
		return 3
	}
	if strings.HasPrefix(groups, "24.2.") {
		return 4
	}
	return 0
}

// directMedia are what the first group of a code of DSMR 2.1 says, from 5 on.
var directMedia = [...]string{"cooling", "heat", "gas", "water", "hot_water"}

// takeDirect reads one line of a device of DSMR 2.1. Gas is converted to a standard
// temperature, 23.2.0, or not, 23.1.0 and 3.0.0.
func (d *Device) takeDirect(t *Telegram, code []byte, values []Value) {
	d.Medium = directMedia[code[0]-'5']
	last := string(values[len(values)-1].Text.Of(t.Raw))
	rank := 0
	switch groups := string(code[len("5-0:"):]); {
	case groups == "0.0.0" || groups == "96.1.0":
		d.idSaid, d.ID = true, DecodeID(last)
	case groups == "24.4.0":
		d.Valve = last
	case d.Medium == "gas":
		rank = 1 + slices.Index([]string{"23.2.0", "23.1.0", "3.0.0"}, groups)
	case groups == "1.0.0":
		rank = 1
	}
	if rank > 0 {
		d.takeReading(t, code, values, rank)
	}
}

// takeReading keeps a line that may have the reading, which one [Device.choose] says.
func (d *Device) takeReading(t *Telegram, code []byte, values []Value, rank int) {
	list := t.readings(values)
	if !counts(list[0].Unit) {
		rank += 10
	}
	d.candidates = append(d.candidates, candidate{string(code), rank, list})
}

// candidate is a line that may have the reading of a device.
type candidate struct {
	code string
	rank int
	list []Reading
}

// counts reports whether a unit may be that of a counter.
func counts(unit string) bool {
	return unit == "" || sameQuantity(unit, "m3") || sameQuantity(unit, "kWh") || sameQuantity(unit, "J") || !isUnit(unit)
}

// choose makes the best candidate the reading. What is a number is better than what is
// not, and what the medium is counted in than what it is not: a heat meter may have volume,
// flow and degrees beside its energy.
func (d *Device) choose() {
	for _, c := range d.candidates {
		n := c.list[0]
		if (d.Medium == "heat" || d.Medium == "cooling") && sameQuantity(n.Unit, "m3") {
			c.rank += 5
		}
		if d.Code != "" && (d.OK && !n.OK || d.OK == n.OK && d.rank <= c.rank) {
			continue
		}
		d.Code, d.rank, d.Reading, d.Past = c.code, c.rank, n, c.list[1:]
	}
	d.candidates = nil
}

// readings returns what a line says at which times, the latest first. Whether times
// stand before their values or after them, the first of the line tells.
func (t *Telegram) readings(values []Value) []Reading {
	if slices.ContainsFunc(values, t.isCode) {
		return []Reading{t.readTwoLines(values)}
	}
	list := make([]Reading, 1)
	timeFirst := t.isTime(values, 0)
	other := false // there was a value of the other sort since the last began
	for i, v := range values {
		isTime := t.isTime(values, i)
		if isTime == timeFirst && other {
			list, other = append(list, Reading{}), false
		}
		other = other || isTime != timeFirst
		r := &list[len(list)-1]
		if text := t.text(v); isTime {
			r.AtText = text
			r.At, r.AtOK = clockOf(text)
		} else if number, unit, ok := parseMeasure(text, string(v.Unit.Of(t.Raw))); r.Text == "" || ok && r.Unit == "" && unit != "" {
			r.Text, r.Value, r.Unit, r.OK = text, number, unit, ok
		}
	}
	if len(list) > 1 {
		slices.SortStableFunc(list, func(a, b Reading) int { return b.At.Time.Compare(a.At.Time) })
	}
	return list
}

// readTwoLines reads (time)(status)(minutes)(n), then n times (code)(unit), then
// (value): the first of the n.
func (t *Telegram) readTwoLines(values []Value) (r Reading) {
	r.At, r.AtText, r.AtOK = t.Stamp(values)
	measures := t.Measures(values)
	last := values[len(values)-1]
	if r.Text = t.text(last); len(measures) == 0 {
		if t.isCode(last) || t.isCode(values[len(values)-2]) {
			r.Text = "" // the line with the value is not there
		}
		return r
	}
	r.Value, r.Unit, r.OK = measures[0].Number, measures[0].Unit, true
	return r
}

// settle tells a reading from a placeholder, and gives one without a unit that of the
// P1 companion standard (5.0.2 table 6-12).
func (d *Device) settle() {
	d.choose()
	if d.Code != "" && d.Unit == "" {
		d.Unit = unitOf(d.Medium)
	}
	timeless := d.AtText != "" && (!d.AtOK || d.At.IsReset() || strings.HasPrefix(d.AtText, "101010101010"))
	nameless := d.idSaid && d.ID == ""
	d.Unread = d.OK && d.Value.Digits == 0 && (timeless || nameless)
	d.OK = d.OK && !d.Unread
}

// unitOf is the unit that the standard has for what is measured.
func unitOf(medium string) string {
	switch medium {
	case "gas", "water", "hot_water":
		return "m3"
	case "heat", "cooling":
		return "GJ"
	case "electricity":
		return "kWh"
	}
	return ""
}

// there reports whether the lines are of a device, and not of an empty channel.
func (d *Device) there() bool {
	switch {
	case d.OK && d.Value.Digits != 0:
		return true
	case d.typeSaid && d.Type == 0:
		return false
	case d.ID != "":
		return true
	}
	return (d.typeSaid || d.Medium != "") && !d.idSaid && d.OK
}

// medium names a device type of EN 13757-3.
func medium(deviceType int) string {
	switch deviceType {
	case 2:
		return "electricity"
	case 3:
		return "gas"
	case 4, 12, 13: // heat at the outlet, at the inlet, heat and cooling
		return "heat"
	case 6, 21: // warm, hot
		return "hot_water"
	case 7, 22, 23: // any, cold, hot and cold
		return "water"
	case 10, 11: // at the outlet, at the inlet
		return "cooling"
	}
	return "other"
}
