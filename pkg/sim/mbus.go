package sim

import (
	"fmt"
	"slices"
	"strings"
)

// A medium is what a device on the M-Bus measures. The number is its type in
// 0-n:24.1.0, as in EN 13757-3, and the unit that of the P1 companion standard
// 5.0.2, §6.
type medium struct {
	name      string
	number    int
	letter    string // with which Dutch identifiers of it begin
	format    format
	flow      func(h *house) int // parts per second
	parts     int64              // in the last digit of a reading
	low, high int                // between which a used one stands, in last digits
}

// The media that a device can measure.
var (
	gas   = medium{"gas", 3, "G", format{5, 3, "*m3"}, func(h *house) int { return h.gas }, 1000, 900_000, 9_000_000}
	heat  = medium{"heat", 4, "W", format{6, 2, "*GJ"}, func(h *house) int { return h.gas * joules }, 10_000_000, 2_000, 40_000}
	slave = medium{"slave", 2, "E", format{6, 3, "*kWh"}, func(h *house) int { return h.slave }, wattSeconds, 400_000, 4_000_000}
	water = medium{"water", 7, "W", format{5, 3, "*m3"}, func(h *house) int { return h.water }, 1000, 100_000, 900_000}
)

// joules of heat that the boiler makes of a millilitre of gas.
const joules = 31

// media is sorted by name.
var media = []medium{gas, heat, slave, water}

// mediaNames are the names of what may hang on an M-Bus.
func mediaNames() (known []string) {
	for _, m := range media {
		known = append(known, m.name)
	}
	return known
}

// findMedia looks up names joined by '+', which a query turns into a blank.
func findMedia(list string) ([]medium, error) {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == '+' || r == ' ' })
	known := mediaNames()
	var found []medium
	for _, name := range names {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, unknown("M-Bus device", name, append(known, "none"))
		}
		if slices.ContainsFunc(found, func(m medium) bool { return m.name == name }) {
			return nil, fmt.Errorf("meter: mbus=%s: the device %q stands twice", list, name)
		}
		found = append(found, media[i])
	}
	if len(found) == 0 {
		return nil, unknown("M-Bus device", list, append(known, "none"))
	}
	return found, nil
}

// A device hangs on the meter's M-Bus and hands over its reading at fixed times.
type device struct {
	medium  medium
	id      string
	every   int64 // seconds between readings
	offset  int64 // seconds by which they come after the full five minutes or the full hour
	used    int64 // so far, in the medium's parts
	at      int64 // time of the last reading
	reading int64 // the last one, in its last digit
}

func newDevice(m medium, reading, every, offset, begin int64) device {
	d := device{medium: m, every: every, offset: offset, used: reading * m.parts, reading: reading}
	d.at = begin - d.since(begin)
	return d
}

// newGasMeter is the gas meter of a house.
func newGasMeter(s setup, every int64) device {
	return newDevice(gas, s.between(gas.low, gas.high), every, 0, s.begin)
}

// since is how long ago the last reading was due.
func (d *device) since(now int64) int64 { return (now - d.offset) % d.every }

func (d *device) count(h *house, from, to int64) {
	d.used += int64(d.medium.flow(h)) * (to - from)
	if since := d.since(to); since < to-from {
		d.at, d.reading = to-since, d.used/d.medium.parts
	}
}

// value is the last reading, with its unit.
func (d *device) value() string { return d.medium.format.value(d.reading) }

// number is the device's value without its unit.
func (d *device) number() string {
	bare := d.medium.format
	bare.unit = ""
	return bare.value(d.reading)
}

// unit is that of the medium, without the star.
func (d *device) unit() string { return d.medium.format.unit[1:] }

// valve tells whether the device has one that the grid operator can shut.
func (d *device) valve() bool { return d.medium.name == gas.name }

// A bus is what hangs on the M-Bus of a meter, from channel 1 on. It outlives the
// meter: the next one is connected to the same devices.
type bus struct {
	devices []device
	named   func(d dice, m medium) string // makes an identifier
}

func (b *bus) count(h *house, from, to int64) {
	for i := range b.devices {
		b.devices[i].count(h, from, to)
	}
}

// connect hangs the house's devices onto the bus, unless they hang there already.
// The gas meter was drawn with the meter, its identifier and the others are drawn here.
func (s setup) connect(gasMeter device, named func(d dice, m medium) string) *bus {
	gasMeter.id = named(s.dice, gas)
	if s.bus.named != nil {
		return s.bus
	}
	s.bus.named = named
	for _, m := range s.media {
		d := gasMeter
		if m.name != gas.name {
			reading, offset := int64(s.forBus.between(m.low, m.high)), int64(0)
			if gasMeter.every < 3600 {
				offset = int64(s.forBus.below(int(gasMeter.every)))
			}
			d = newDevice(m, reading, gasMeter.every, offset, s.begin)
			d.id = named(s.forBus, m)
		}
		s.bus.devices = append(s.bus.devices, d)
	}
	return s.bus
}

// replaceGas puts a new gas meter in the place of the one that is there.
func (b *bus) replaceGas(d dice, now int64) {
	for i, old := range b.devices {
		if old.medium.name == gas.name {
			next := newDevice(gas, int64(d.between(100, 2000)), old.every, old.offset, now)
			next.id = b.named(d, gas)
			b.devices[i] = next
		}
	}
}

// dutchNames writes identifiers as Dutch devices have them: a letter for the
// medium, the maker and year, twelve digits, all of it as hex digits.
func dutchNames(made string) func(d dice, m medium) string {
	return func(d dice, m medium) string { return hexText(m.letter + made + d.digits(12)) }
}

// writeDevices writes the devices as the P1 companion standard 5.0.2, §6,
// describes them: type, identifier, reading with its time.
//
//	0-1:24.1.0(003)
//	0-1:96.1.0(4730303737313233343536373839303132)
//	0-1:24.2.1(260301001000W)(01234.567*m3)
func (b *bus) writeDevices(t *telegram) {
	for i, d := range b.devices {
		t.line(fmt.Sprintf("0-%d:24.1.0", i+1), fmt.Sprintf("(%03d)", d.medium.number))
		t.line(fmt.Sprintf("0-%d:96.1.0", i+1), "("+d.id+")")
		t.line(fmt.Sprintf("0-%d:24.2.1", i+1), t.stamp(d.at)+d.value())
	}
}

// writeOnTwoLines writes the devices as meters of the first generation do: the
// time without S or W, the value on a line of its own (DSMR P1 3.0).
//
//	0-1:24.1.0(3)
//	0-1:96.1.0(4730303733313233343536373839303132)
//	0-1:24.3.0(260301000000)(00)(60)(1)(0-1:24.2.1)(m3)   time, status, minutes between, values, code, unit
//	(01234.567)
//	0-1:24.4.0(1)                                         valve, for gas
func (b *bus) writeOnTwoLines(t *telegram) {
	for i, d := range b.devices {
		t.line(fmt.Sprintf("0-%d:24.1.0", i+1), fmt.Sprintf("(%d)", d.medium.number))
		t.line(fmt.Sprintf("0-%d:96.1.0", i+1), "("+d.id+")")
		t.line(fmt.Sprintf("0-%d:24.3.0", i+1),
			fmt.Sprintf("(%s)(00)(60)(1)(0-%d:24.2.1)(%s)", stamp(t.zone.local(d.at)), i+1, d.unit()))
		t.line("", d.number())
		if d.valve() {
			t.line(fmt.Sprintf("0-%d:24.4.0", i+1), "(1)")
		}
	}
}
