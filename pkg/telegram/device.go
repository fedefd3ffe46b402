package telegram

import (
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
// An odd one: a Dutch meter without any device says this of channel 2.
//
//	0-2:24.1.0(003)
//	0-2:96.1.0()
//	0-2:24.2.1(700101010000W)(00000000)
type Device struct {
	Channel int    // 1 to 4
	Medium  string // gas, water, heat, cooling, electricity, other; "" where no type is said
	Type    int    // device type of 0-n:24.1.0, 0 where it is not said; 6 and 21 are hot water
	ID      string // identifier, decoded where it is hex of letters and digits
	At      Clock  // when the device was read
	AtText  string // the same as sent
	AtOK    bool   // At can be read
	Code    string // the line of the reading, 0-1:24.2.1
	Reading Decimal
	Unit    string // m3, GJ, kWh: as the dictionary writes it where it knows it
	Text    string // the reading as sent
	OK      bool   // Reading is a number
	Valve   string // position of valve or switch, as sent

	typeSaid, idSaid bool
	rank             int // of the line of the reading: lower is better
}

// channels is how many M-Bus devices a meter has room for.
const channels = 4

// Devices returns the devices of channels 1 to 4 that the telegram speaks of, by
// channel. A channel with nothing but empty lines, the type 0 or a reading of 0
// without an identifier has no device.
func (t *Telegram) Devices() []Device {
	var all [channels]Device
	for i := range t.Lines {
		l := &t.Lines[i]
		code := l.Code.Of(t.Raw)
		if len(code) < 5 || code[0] != '0' || code[1] != '-' || code[3] != ':' || code[2] < '1' || code[2] > '0'+channels || len(l.Values) == 0 {
			continue
		}
		all[code[2]-'1'].take(t, Canonical(string(code)), l.Values)
	}
	var found []Device
	for i, d := range all {
		if d.there() {
			d.Channel = i + 1
			found = append(found, d)
		}
	}
	return found
}

// take reads one line of a device.
func (d *Device) take(t *Telegram, code string, values []Value) {
	last := string(values[len(values)-1].Text.Of(t.Raw))
	switch groups := code[len("0-1:"):]; groups {
	case "24.1.0":
		if n, err := strconv.ParseUint(strings.TrimSpace(last), 10, 8); err == nil && !d.typeSaid {
			d.Type, d.typeSaid = int(n), true
			d.Medium = medium(d.Type)
		}
	case "96.1.0":
		d.idSaid = true
		if last != "" {
			d.ID = identifier(last)
		}
	case "96.1.1":
		d.idSaid = true
		if d.ID == "" {
			d.ID = identifier(last)
		}
	case "24.4.0":
		d.Valve = last
	default:
		if rank := readingRank(groups); rank > 0 {
			d.takeReading(t, code, values, rank)
		}
	}
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

// takeReading reads the line of a reading, unless there is a better one. What is a
// number is better than what is not.
func (d *Device) takeReading(t *Telegram, code string, values []Value, rank int) {
	n := Device{Code: code, rank: rank}
	if strings.HasSuffix(code, ":24.3.0") && len(values) > 2 {
		n.readTwoLines(t, values)
	} else {
		n.Text = string(values[len(values)-1].Text.Of(t.Raw))
		n.Reading, n.Unit, n.OK = t.ReadingOf(values)
	}
	if len(values) > 1 {
		n.AtText = string(values[0].Text.Of(t.Raw))
		n.At, n.AtOK = clockOf(n.AtText)
	}
	if d.Code != "" && (d.OK && !n.OK || d.OK == n.OK && d.rank <= n.rank) {
		return
	}
	d.Code, d.rank, d.At, d.AtText, d.AtOK = n.Code, n.rank, n.At, n.AtText, n.AtOK
	d.Reading, d.Unit, d.Text, d.OK = n.Reading, n.Unit, n.Text, n.OK
}

// readTwoLines reads (time)(status)(minutes)(n), then n times (code)(unit), then
// (value): the first of the n.
func (d *Device) readTwoLines(t *Telegram, values []Value) {
	of := func(i int) string { return string(values[i].Text.Of(t.Raw)) }
	at := 4
	if len(values) > at {
		n, err := strconv.ParseUint(of(3), 10, 8)
		if err != nil || n == 0 {
			return
		}
		at += 2 * int(n)
	}
	if at >= len(values) {
		return // the line with the value is not there
	}
	d.Text = of(at)
	d.Reading, d.Unit, d.OK = parseMeasure(d.Text, string(values[at].Unit.Of(t.Raw)))
	if d.OK && d.Unit == "" {
		_, d.Unit, _ = parseMeasure("0", of(5))
	}
}

// there reports whether the lines are of a device, and not of an empty channel.
func (d *Device) there() bool {
	switch {
	case d.OK && d.Reading.Digits != 0:
		return true
	case d.typeSaid && d.Type == 0:
		return false
	case d.ID != "":
		return true
	}
	return d.typeSaid && !d.idSaid && d.OK && !(d.AtOK && d.At.IsReset())
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
	case 6, 7, 21, 22, 23: // warm, any, hot, cold, hot and cold
		return "water"
	case 10, 11: // at the outlet, at the inlet
		return "cooling"
	}
	return "other"
}

// Meaning is [Lookup] for a code of this telegram, which tells more: the reading
// of an M-Bus device is named after what the device measures, gas, water (a
// second one of a kind gas_ch2), and where the dictionary knows no unit, or a limit
// is in another one, that of the line is taken.
func (t *Telegram) Meaning(code string) Meaning {
	m := Lookup(code)
	devices := t.Devices()
	for i, d := range devices {
		if d.Code != m.Code || d.Medium == "" || d.Medium == "other" {
			continue
		}
		m.Name, m.Title, m.Unit = d.Medium, d.Medium+", M-Bus device "+strconv.Itoa(d.Channel), d.Unit
		for _, other := range devices[:i] {
			if other.Medium == d.Medium {
				m.Name = d.Medium + "_ch" + strconv.Itoa(d.Channel)
			}
		}
		return m
	}
	values, _ := t.Find(code)
	if len(values) == 0 {
		return m
	}
	if v := values[len(values)-1]; v.Unit.Start < v.Unit.End {
		_, sent, ok := t.ReadingOf(values)
		if ok && m.takesUnit(sent) {
			m.Unit = sent
		}
	}
	return m
}

// takesUnit reports whether the unit that a line has is better than that of the
// dictionary: there is none, or the line is a limit on something else (that of the
// limiter is in kW, kVA or A). A unit that is not known is not taken: it might make
// the column that of another code.
func (m Meaning) takesUnit(sent string) bool {
	if _, known := unitNamed(sent); !known {
		return false
	}
	switch m.Kind {
	case Register, Instant, Text:
		return m.Unit == ""
	case Switch:
		_, converts := convert(Decimal{}, sent, m.Unit)
		return !converts
	}
	return false
}
