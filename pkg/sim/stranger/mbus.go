package stranger

import "fmt"

// A medium is what a device on the M-Bus measures: its number in 0-n:24.1.0 (EN 13757-3),
// how its readings are written (P1 companion standard 5.0.2, §6.12: F8(3,3), F8(2,2),
// F9(3,3)), and how many of the last digit it gains in an hour at most.
type medium struct {
	number int
	letter string // with which Dutch identifiers begin
	format format
	hourly int
	most   int64 // of what it may stand at, in full units
}

var (
	gas   = medium{3, "G", format{5, 3, "*m3"}, 4000, 40_000}
	heat  = medium{4, "W", format{6, 2, "*GJ"}, 5, 600}
	water = medium{7, "W", format{5, 3, "*m3"}, 900, 3000}
	slave = medium{2, "E", format{6, 3, "*kWh"}, 3000, 60_000}
)

// A device hangs on a channel of the M-Bus and is read at fixed times.
type device struct {
	medium  medium
	channel int
	id      string
	every   int64
	offset  int64
	at      int64
	reading int64
}

// step reads the device, if it is due.
func (d *device) step(h *house) {
	due := h.now - (h.now-d.offset)%d.every
	if due <= d.at {
		return
	}
	d.at = due
	if h.IntN(3) > 0 {
		d.reading += int64(h.IntN(d.medium.hourly+1)) * d.every / hour
	}
}

// mbus draws what hangs on the M-Bus: gas most of the time, then another one now and
// then, heat or water alone, or nothing. Channels are taken from 1 on, or now and then
// from 2, after the device on 1 was replaced (5.0.2, §6.12).
func (s *sheet) mbus(every int64, id func(m medium) string) []*device {
	var media []medium
	switch s.IntN(10) {
	case 0:
	case 1:
		media = []medium{heat}
	case 2:
		media = []medium{water}
	case 3:
		media = []medium{gas, water}
	case 4:
		media = []medium{gas, []medium{heat, slave}[s.IntN(2)]}
	default:
		media = []medium{gas}
	}
	first := 1
	if s.IntN(6) == 0 {
		first = 2
	}
	for i, m := range media {
		d := &device{medium: m, channel: first + i, id: id(m), every: every, reading: s.Int64N(m.most * tens(m.format.decimals))}
		if s.IntN(2) == 0 && every < hour {
			d.offset = s.Int64N(every)
		}
		d.at = s.now - (s.now-d.offset)%every
		s.devices = append(s.devices, d)
	}
	return s.devices
}

// code is a code of the device's channel.
func (d *device) code(rest string) string { return fmt.Sprintf("0-%d:%s", d.channel, rest) }

// deviceLines adds the type, the identifier and the reading of a device.
func (s *sheet) deviceLines(d *device, id, reading string) {
	s.fixed(d.code("24.1.0"), fmt.Sprintf("(%03d)", d.medium.number))
	s.fixed(d.code(id), "("+d.id+")")
	s.add(d.code(reading), func() string { return s.stamp(d.at) + d.medium.format.of(d.reading) })
}
