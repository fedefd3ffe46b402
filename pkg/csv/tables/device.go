package tables

import (
	"slices"
	"strconv"
	"strings"

	"p1/pkg/telegram"
)

// media are what M-Bus devices measure, where that has a name.
func media() []string {
	return []string{"gas", "water", "hot_water", "heat", "cooling", "electricity"}
}

// bindings say which channel of a meter is the first of each medium. It stays so
// while there are others: the reading of a second device must not get into the
// column of the first when the first is silent for a while.
type bindings map[string]*binding

type binding struct {
	channel int
	read    bool     // the channel has had a reading
	beside  [32]bool // channels of this medium that were there together with it
}

// see keeps what channels there are in a telegram that is whole.
func (b bindings) see(devices []telegram.Device) {
	there := map[string][]*telegram.Device{}
	for i := range devices {
		switch d := &devices[i]; {
		case d.Medium == "":
		case !d.Unread:
			there[d.Medium] = append(there[d.Medium], d)
		case b[d.Medium] == nil && there[d.Medium] == nil:
			b[d.Medium] = &binding{channel: d.Channel}
		}
	}
	for medium, list := range there {
		if b[medium] == nil {
			b[medium] = &binding{}
		}
		b[medium].see(list)
	}
}

// latest is the device that was read last, of those with the same time the first.
func latest(list []*telegram.Device) *telegram.Device {
	best := list[0]
	for _, d := range list[1:] {
		if d.OK && (!best.OK || d.AtOK && (!best.AtOK || d.At.Time.After(best.At.Time))) {
			best = d
		}
	}
	return best
}

// see goes over to another channel only where that one was never there together
// with the first: then it has taken its place.
func (b *binding) see(list []*telegram.Device) {
	if best := latest(list); !b.read {
		b.channel, b.read = best.Channel, best.OK
	}
	for _, d := range list {
		if d.Channel == b.channel {
			for _, other := range list {
				b.beside[other.Channel%len(b.beside)] = true
			}
			return
		}
	}
	if d := latest(list); !b.beside[d.Channel%len(b.beside)] {
		b.channel = d.Channel
	}
}

// deviceOf returns the device of a medium: that of a channel, or of channel 0
// the first one.
func (v *view) deviceOf(medium string, channel int) *telegram.Device {
	if channel == 0 {
		b := (*v.bound)[medium]
		if b == nil {
			return nil
		}
		channel = b.channel
	}
	devices := v.devices()
	for i := range devices {
		d := &devices[i]
		if d.Channel != channel {
			continue
		}
		// Of a salvaged telegram the line with the type may be missing.
		if d.Medium == medium || medium == "" && !slices.Contains(media(), d.Medium) || d.Medium == "" && v.partial && v.meter != "" {
			return d
		}
	}
	return nil
}

// deviceRef is a device that columns are read from.
type deviceRef struct {
	medium  string // "" where it is not known
	channel int    // 0 for the first of the medium
}

// readingOf is the reading of a device in a unit, exact.
func readingOf(d *telegram.Device, unit string) value {
	if d == nil || !d.OK {
		return value{}
	}
	if n, ok := telegram.Convert(d.Value, d.Unit, unit); ok {
		return numberValue(n)
	}
	return numberOr(inUnit(d.Value, d.Unit, unit))
}

// deviceColumn returns the column of a name such as gas_m3, gas_time, gas_id,
// gas_valve or water_ch2_m3.
func (o *Options) deviceColumn(name string) (quantity, bool) {
	for _, medium := range media() {
		rest, ok := strings.CutPrefix(name, medium+"_")
		if !ok {
			continue
		}
		channel := 0
		if r, ok := strings.CutPrefix(rest, "ch"); ok {
			number, after, _ := strings.Cut(r, "_")
			if n, err := strconv.ParseUint(number, 10, 5); err == nil && n > 0 {
				channel, rest = int(n), after
			}
		}
		if q, ok := o.ofDevice(medium, channel, rest); ok {
			return q, true
		}
	}
	return quantity{}, false
}

// ofDevice returns the column of a device for a unit in lower case, time, id or
// valve.
func (o *Options) ofDevice(medium string, channel int, what string) (quantity, bool) {
	name := medium
	if channel > 0 {
		name += "_ch" + strconv.Itoa(channel)
	}
	q := quantity{column: column{name: name + "_" + what}, needs: needDevices, device: &deviceRef{medium, channel}}
	switch what {
	case "time":
		return o.deviceTime(name, medium, channel), true
	case "id":
		q.what = telegram.Identifier
		q.read = func(v *view) value {
			if d := v.deviceOf(medium, channel); d != nil {
				return textValue(latin1(d.ID))
			}
			return value{}
		}
		return q, true
	case "valve":
		q.what = telegram.Switch
		q.read = func(v *view) value {
			if d := v.deviceOf(medium, channel); d != nil {
				return textValue(latin1(d.Valve))
			}
			return value{}
		}
		return q, true
	}
	for _, unit := range []string{"m3", "GJ", "kWh", "Wh", "MJ", "MWh"} {
		if strings.ToLower(unit) == what {
			return o.deviceReading(name, medium, channel, unit), true
		}
	}
	return q, false
}

// deviceTime is the column of the time of a device's reading.
func (o *Options) deviceTime(name, medium string, channel int) quantity {
	return quantity{
		column: column{name: name + "_time", kind: timeKind},
		needs:  needDevices,
		device: &deviceRef{medium, channel},
		read: func(v *view) value {
			if d := v.deviceOf(medium, channel); d != nil {
				return clockValue(v.near(d.At), d.AtOK)
			}
			return value{}
		},
	}
}

// deviceReading is the column of a device's reading.
func (o *Options) deviceReading(name, medium string, channel int, unit string) quantity {
	if o.Units == W && unit == "Wh" {
		unit = "kWh" // shown in Wh
	}
	return quantity{
		column: column{name: o.named(name, unit), kind: numberKind, unit: unit, what: telegram.Register},
		needs:  needDevices,
		device: &deviceRef{medium, channel},
		read:   func(v *view) value { return readingOf(v.deviceOf(medium, channel), unit) },
	}
}
