package forms

import (
	"fmt"
	"strings"
	"time"
)

// devices has what hangs on the M-Bus, a channel each.
var devices = []form{
	{"device", "P1 companion standard 5.0.2, §6.12; types by EN 13757-3",
		"0-1:24.1.0(003) 0-1:96.1.0(4730…) 0-1:24.2.1(260104160000W)(01420.156*m3)", func(c *composer) part { return c.device(usualDevice) }},
	{"device, uncorrected", "e-MUCS P1 1.7.1: gas 24.2.3 as measured, not at standard temperature",
		"0-1:24.1.0(003) 0-1:96.1.1(3746…) 0-1:24.4.0(1) 0-1:24.2.3(260104160000W)(00112.384*m3)", func(c *composer) part { return c.device(belgianDevice) }},
	{"device, both corrected and not", "Smarty 1.1.3",
		"0-1:24.1.0(003) 0-1:24.2.1(260104160000W)(01420.156*m3) 0-1:24.2.3(260104160000W)(01411.001*m3)", func(c *composer) part { return c.device(bothDevice) }},
	{"device on two lines", "DSMR P1 2.2 and 3.0",
		"0-1:24.1.0(3) 0-1:24.3.0(121030140000)(00)(60)(1)(0-1:24.2.1)(m3) (00947.680)", func(c *composer) part { return c.device(twoLineDevice) }},
	{"device without type", "owners",
		"0-1:96.1.0(4730…) 0-1:24.2.1(260104160000W)(01420.156*m3)", func(c *composer) part { return c.device(bareDevice) }},
	{"device, value first", "DSMR P1 2.1: value, then time",
		"0-1:24.1.0(004) 0-1:24.2.1(00013.345*GJ)(260104160000W)", func(c *composer) part { return c.device(turnedDevice) }},
	{"device in another unit", "EN 13757-3: litres, megajoules, kilowatt-hours",
		"0-1:24.1.0(007) 0-1:24.2.1(260104160000W)(0142015*l)", func(c *composer) part { return c.device(otherUnitDevice) }},
	{"device with temperature", "owners of heat meters: flow and return beside the energy",
		"0-1:24.1.0(004) 0-1:24.2.1(260104160000W)(12.345*GJ) 0-1:24.2.3(000070.0*degC)", func(c *composer) part { return c.device(heatDevice) }},
	{"device, unit spelt otherwise", "owners: capitals, small letters, a blank",
		"0-1:24.1.0(003) 0-1:24.2.1(260104160000W)(01420.156*M3)", func(c *composer) part { return c.device(respeltDevice) }},
	{"device, sixth group", "P1 companion standard 5.0.2, §6.12: 0-n:24.2.1.255",
		"0-1:24.1.0.255(003) 0-1:24.2.1.255(260104160000W)(01420.156*m3)", func(c *composer) part { return c.device(sixthDevice) }},
	{"device stamped ahead", "owners: the device's clock is fast",
		"0-1:24.1.0(003) 0-1:24.2.1(270104160000W)(01420.156*m3)", func(c *composer) part { return c.device(aheadDevice) }},
	{"device stamped 2000 or 1970", "owners: the device's clock was never set, the reading counts",
		"0-1:24.1.0(003) 0-1:24.2.1(000101000000W)(01420.156*m3)", func(c *composer) part { return c.device(resetDevice) }},
	{"unpaired device", "owners: until the device is paired",
		"0-1:24.1.0(003) 0-1:96.1.0() 0-1:24.2.1(632525252525S)(00000.000)", func(c *composer) part { return c.unpaired(false) }},
	{"paired later", "owners: a placeholder, then readings",
		"0-1:24.2.1(632525252525S)(00000.000)", func(c *composer) part { return c.unpaired(true) }},
}

// A medium is what a device measures: its type by EN 13757-3, its unit by the P1
// companion standard.
type medium struct {
	name            string
	number          int
	unit            string
	whole, decimals int
	others          []string // units that such devices have too
}

// media are those that P1 telegrams have; several devices may share one.
var media = []medium{
	{"gas", 3, "m3", 5, 3, []string{"dm3"}},
	{"gas", 3, "m3", 5, 3, []string{"l"}},
	{"water", 7, "m3", 5, 3, []string{"l", "dm3"}},
	{"water", 7, "m3", 5, 3, []string{"l"}},
	{"hot water", 6, "m3", 5, 3, []string{"l"}},
	{"heat", 4, "GJ", 5, 3, []string{"MJ", "kWh", "MWh"}},
	{"cooling", 0x0A, "GJ", 5, 3, []string{"MJ"}},
	{"cooling", 0x0B, "GJ", 5, 3, []string{"kWh"}},
	{"heat", 0x0C, "GJ", 4, 3, []string{"MWh"}},
	{"heat or cooling", 0x0D, "GJ", 5, 3, []string{"MJ"}},
	{"electricity", 2, "kWh", 5, 3, []string{"Wh"}},
}

// A deviceStyle is how a device's lines are written.
type deviceStyle func(c *composer, d *device) part

// A device is one of those on the M-Bus.
type device struct {
	medium
	channel int
	id      string
	reading *counter
	read    time.Time // of the stream's first telegram
}

// code is one of the device's.
func (d *device) code(rest string) string { return fmt.Sprintf("0-%d:%s", d.channel, rest) }

// device draws one and its lines. There are four channels.
func (c *composer) device(style deviceStyle) part {
	if c.channel == 4 || c.taken["old"] {
		return nil
	}
	c.channel++
	d := &device{medium: media[c.IntN(len(media))], channel: c.channel}
	if c.IntN(3) == 0 { // often there are several of these
		d.medium = media[c.IntN(4)]
	}
	d.id = fmt.Sprintf("%X", fmt.Sprintf("G%016d", c.Int64N(1e16)))
	d.reading = c.number(d.whole, d.decimals, true)
	d.read = c.begin.Truncate(time.Hour)
	return style(c, d)
}

// typeLine writes what the device measures, with as many digits as meters give it.
func (d *device) typeLine(p *page, width int) {
	p.line(fmt.Sprintf("%s(%0*X)", d.code("24.1.0"), width, d.number), Fact{Kind: Text, Code: d.code("24.1.0"), Text: fmt.Sprintf("%X", d.number)})
}

// idLine writes the identifier.
func (d *device) idLine(p *page, rest string) {
	p.line(d.code(rest)+"("+d.id+")", Fact{Kind: Text, Code: d.code(rest), Text: d.id})
}

// fact is what a reading means.
func (d *device) fact(rest, meant string) Fact {
	return Fact{Kind: Device, Code: d.code(rest), Value: d.reading.meant(), Unit: d.unit, Time: meant, Channel: d.channel, Medium: d.name}
}

// value is the reading in parentheses.
func (d *device) value() string { return "(" + star(d.reading.written(), d.unit) + ")" }

func usualDevice(c *composer, d *device) part {
	return func(p *page) {
		written, meant := c.stamp(d.read)
		d.typeLine(p, 3)
		d.idLine(p, "96.1.0")
		p.line(d.code("24.2.1")+"("+written+")"+d.value(), d.fact("24.2.1", meant))
	}
}

func belgianDevice(c *composer, d *device) part {
	code := "24.2.1"
	if d.name == "gas" {
		code = "24.2.3"
	}
	return func(p *page) {
		written, meant := c.stamp(d.read)
		d.typeLine(p, 3)
		d.idLine(p, "96.1.1")
		p.line(d.code("24.4.0")+"(1)", Fact{Kind: Text, Code: d.code("24.4.0"), Text: "1"})
		p.line(d.code(code)+"("+written+")"+d.value(), d.fact(code, meant))
	}
}

func bothDevice(c *composer, d *device) part {
	d.medium = media[0]
	measured := *d
	measured.reading = c.number(d.whole, d.decimals, true)
	return func(p *page) {
		written, meant := c.stamp(d.read)
		d.typeLine(p, 3)
		d.idLine(p, "96.1.0")
		p.line(d.code("24.2.1")+"("+written+")"+d.value(), d.fact("24.2.1", meant))
		p.line(d.code("24.2.3")+"("+written+")"+measured.value(), measured.fact("24.2.3", meant))
	}
}

func twoLineDevice(c *composer, d *device) part {
	code := d.code("24.3.0")
	return func(p *page) {
		d.typeLine(p, 1)
		d.idLine(p, "96.1.0")
		p.mute(fmt.Sprintf("%s(%s)(00)(60)(1)(%s)(%s)", code, d.read.Format("060102150405"), d.code("24.2.1"), d.unit))
		p.line("("+d.reading.written()+")", d.fact("24.3.0", d.read.Format("2006-01-02T15:04:05")))
	}
}

func bareDevice(c *composer, d *device) part {
	d.name = ""
	named := c.IntN(2) == 0
	return func(p *page) {
		written, meant := c.stamp(d.read)
		if named {
			d.idLine(p, "96.1.0")
		}
		p.line(d.code("24.2.1")+"("+written+")"+d.value(), d.fact("24.2.1", meant))
	}
}

func turnedDevice(c *composer, d *device) part {
	return func(p *page) {
		written, meant := c.stamp(d.read)
		d.typeLine(p, 3)
		d.idLine(p, "96.1.0")
		p.line(d.code("24.2.1")+d.value()+"("+written+")", d.fact("24.2.1", meant))
	}
}

func otherUnitDevice(c *composer, d *device) part {
	d.unit = d.others[c.IntN(len(d.others))]
	switch d.unit {
	case "l", "dm3", "Wh":
		d.reading = c.number(7, 0, true)
	}
	return usualDevice(c, d)
}

func respeltDevice(c *composer, d *device) part {
	usual := d.unit
	shown := []string{strings.ToUpper(usual), strings.ToLower(usual), usual + " "}[c.IntN(3)]
	return func(p *page) {
		written, meant := c.stamp(d.read)
		d.typeLine(p, 3)
		d.idLine(p, "96.1.0")
		p.line(d.code("24.2.1")+"("+written+")("+star(d.reading.written(), shown)+")", d.fact("24.2.1", meant))
	}
}

func sixthDevice(c *composer, d *device) part {
	return func(p *page) {
		written, meant := c.stamp(d.read)
		p.line(fmt.Sprintf("%s(%03X)", d.code("24.1.0.255"), d.number), Fact{Kind: Text, Code: d.code("24.1.0"), Text: fmt.Sprintf("%X", d.number)})
		p.line(d.code("96.1.0.255")+"("+d.id+")", Fact{Kind: Text, Code: d.code("96.1.0"), Text: d.id})
		p.line(d.code("24.2.1.255")+"("+written+")"+d.value(), d.fact("24.2.1", meant))
	}
}

func heatDevice(c *composer, d *device) part {
	d.medium = medium{"heat", 4, "GJ", 5, 3, nil}
	usual := usualDevice(c, d)
	flow := c.number(6, 1, false)
	flow.n = 200 + c.Int64N(700)
	return func(p *page) {
		usual(p)
		c.next(flow)
		p.line(d.code("24.2.3")+"("+star(flow.written(), "degC")+")",
			Fact{Kind: Number, Code: d.code("24.2.3"), Value: flow.meant(), Unit: "degC"})
	}
}

func aheadDevice(c *composer, d *device) part {
	d.read = d.read.AddDate([]int{1, 2, 0}[c.IntN(3)], 0, 1+c.IntN(5))
	usual := usualDevice(c, d)
	return func(p *page) {
		usual(p)
		p.Facts[len(p.Facts)-1].Ahead = true
	}
}

// resets are what clocks show that were never set.
var resets = []time.Time{
	time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC),
	time.Date(1970, 1, 1, 1, 0, 0, 0, time.UTC),
}

func resetDevice(c *composer, d *device) part {
	d.read = resets[c.IntN(len(resets))]
	return usualDevice(c, d)
}

// placeholders stand for a reading while there is no device.
var placeholders = []string{
	"(632525252525S)(00000.000)", "(632525252525W)(00000.000*m3)", "(000101000000W)(00000.000*m3)",
	"(000101010000W)(0000000000)", "(700101010000W)(00000.000*m3)", "(700101000000W)(00000.000)", "()", "()()",
}

// unpaired writes a device that is not there, or is there from the second telegram on.
func (c *composer) unpaired(later bool) part {
	if c.channel == 4 || c.taken["old"] || later && c.length < 2 {
		return nil
	}
	var there part
	d := &device{}
	c.device(func(_ *composer, drawn *device) part {
		d, there = drawn, usualDevice(c, drawn)
		return nil
	})
	empty := placeholders[c.IntN(len(placeholders))]
	id := []string{"", "0000000000000000000000000000000000"}[c.IntN(2)]
	return func(p *page) {
		if later && p.turn > 0 {
			there(p)
			return
		}
		d.typeLine(p, 3)
		p.line(d.code("96.1.0")+"("+id+")", Fact{Kind: Text, Code: d.code("96.1.0"), Text: id})
		p.line(d.code("24.2.1")+empty, Fact{Kind: Absent, Code: d.code("24.2.1"), Channel: d.channel, Medium: d.name})
	}
}
