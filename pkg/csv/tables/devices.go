package tables

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// deviceTable makes the rows of the tables gas, water and heat: one for each new
// reading of an M-Bus device, which most meters repeat in many telegrams.
//
//	0-1:24.1.0(003)␍␊                                  channel 1: a gas meter
//	0-1:96.1.0(4730303733…)␍␊                          device
//	0-1:24.2.1(230824012000S)(00123.456*m3)␍␊          time, utc_offset, gas_m3
//
// A device that was never read has one row, without a reading.
//
// (P1 companion standard 5.0.2 §6.12.)
type deviceTable struct {
	*sheet
	o      Options
	clocks timekeeper
	parser parser
	unit   string
	media  []string
	meters perMeter[channels]
}

// mediaOf returns which devices stand in a table, and the unit of their
// readings, "" for other tables.
func mediaOf(table string) (media []string, unit string) {
	switch table {
	case Gas:
		return []string{"gas"}, "m3"
	case Water:
		return []string{"water", "hot_water"}, "m3"
	case Heat:
		return []string{"heat", "cooling"}, "GJ"
	}
	return nil, ""
}

func newDevices(w io.Writer, o Options) (*deviceTable, error) {
	t := &deviceTable{o: o, clocks: timekeeper{zone: o.Zone}}
	t.media, t.unit = mediaOf(o.Table)
	unit := strings.ToLower(t.unit)
	var err error
	t.sheet, err = newSheet(w, o, []column{
		{name: "time", kind: timeKind, role: stampRole},
		{name: offsetName, kind: offsetKind},
		{name: "meter", role: tagRole},
		{name: "channel", kind: numberKind, role: tagRole},
		{name: "device", role: tagRole},
		{name: "medium", role: tagRole},
		{name: o.Table + "_" + unit, kind: numberKind, unit: t.unit, what: telegram.Register},
		{name: "difference_" + unit, kind: numberKind, unit: t.unit},
		{name: "note"},
		{name: "status", role: tagRole},
		{name: "confidence", kind: numberKind},
	})
	return t, err
}

func (t *deviceTable) take(from *record.Telegram) error {
	if !t.o.comparable(from) {
		return nil
	}
	now := t.parser.moment(from, &t.clocks)
	for _, d := range now.said.Devices() {
		if !slices.Contains(t.media, d.Medium) || d.Text == "" {
			continue
		}
		c := t.meters.of(now.meter).of(d.Channel)
		for _, past := range slices.Backward(d.Past) {
			older := d
			older.Reading = past
			if err := t.takeReading(&now, c, older); err != nil {
				return err
			}
		}
		if err := t.takeReading(&now, c, d); err != nil {
			return err
		}
	}
	return nil
}

// takeReading makes the row of a reading, if it is new.
func (t *deviceTable) takeReading(now *moment, c *channel, d telegram.Device) error {
	if d.Unread {
		return t.takeUnread(now, c, d)
	}
	reading, ok := inUnit(d.Value, d.Unit, t.unit)
	if !d.OK || !ok {
		t.o.sayOdd(&c.odd, "the reading", d.Text, d.Unit, fmt.Sprintf("of the device on channel %d", d.Channel), "in "+t.unit)
		return nil
	}
	n := c.take(t.o.report(now, &d, reading))
	if !n.isNew {
		return nil
	}
	return t.addRow(now, d, n, numberValue(reading), n.words())
}

// takeUnread makes a row for a device that was never read, once, and none where the
// channel had a device that was.
func (t *deviceTable) takeUnread(now *moment, c *channel, d telegram.Device) error {
	if c.unread || len(c.fitted) > 0 {
		return nil
	}
	c.unread = true
	note := noteUnread
	if d.AtOK && d.At.IsReset() {
		note = noteUnset
	}
	return t.addRow(now, d, news{reported: t.o.report(now, &d, d.Value)}, value{}, note)
}

func (t *deviceTable) addRow(now *moment, d telegram.Device, n news, reading value, note string) error {
	return t.add(clockValue(n.own, n.ownOK), offsetValue(n.own), meterValue(now.meter),
		numberOr(telegram.Decimal{Digits: int64(d.Channel)}, d.IsMBus()), textValue(d.ID), textValue(d.Medium), reading,
		numberOr(n.difference, n.measured), textValue(note), textValue(string(now.from.Status)), confidenceValue(now.from))
}

// inUnit returns a reading in the unit of its table, exact: volumes in m3 and
// energies in GJ, of which a kWh is 0.0036. It is false for any other unit, and
// where that has too many digits.
func inUnit(d telegram.Decimal, from, to string) (telegram.Decimal, bool) {
	factor, shift := int64(1), 0
	switch strings.ToLower(from) + ">" + to {
	case "m3>m3", "gj>GJ":
	case "dm3>m3", "l>m3", "mj>GJ":
		shift = 3
	case "kj>GJ":
		shift = 6
	case "j>GJ":
		shift = 9
	case "mwh>GJ":
		factor, shift = 36, 1
	case "kwh>GJ":
		factor, shift = 36, 4
	case "wh>GJ":
		factor, shift = 36, 7
	default:
		return d, false
	}
	if abs(d.Digits) > math.MaxInt64/factor {
		return d, false
	}
	d.Digits *= factor
	return d.Shift(shift), true
}
