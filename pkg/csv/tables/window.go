package tables

import (
	"fmt"
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// window is what the first telegrams say, by which the profile all names its columns:
// what any of them says counts, whichever comes first.
//
//	0-1:24.2.1(632525252525S)(00000.000)         a placeholder: says nothing
//	0-1:24.2.1(260104162500W)(01420.156*m3)      gas_m3, gas_time
type window struct {
	o        *Options
	codes    []*sighting // in the order in which they came
	channels map[int]*seenDevice
}

// sighting is what was said under one code.
type sighting struct {
	code    string
	columns []quantity
	blank   []quantity // the columns of a code under which nothing was said
	channel int        // of the device whose reading it is, 0 for none
}

// seenDevice is what was said of a device.
type seenDevice struct {
	medium string
	units  []string
	timed  bool
	read   bool // there was a reading, and no placeholder only
}

// meetAll makes columns of the codes in the records that are held. Where one of
// them is verified, what is not has no say: damage makes codes of its own.
func (t *records) meetAll() {
	w := window{o: &t.o, channels: map[int]*seenDevice{}}
	verified := slices.ContainsFunc(t.held, func(r *record.Telegram) bool { return r.Status.Valid() })
	clocks := timekeeper{zone: t.o.Zone}
	for _, from := range t.held {
		if !verified || from.Status.Valid() {
			s := &view{zone: t.o.Zone}
			s.moment.read(from, &clocks)
			w.see(s, t.catalogue)
		}
	}
	for _, s := range w.codes {
		if _, met := t.codes[s.code]; met || len(t.list) >= maxColumns {
			continue
		}
		t.codes[s.code] = noSlot
		for _, q := range w.columnsOf(s, t.catalogue) {
			q.name = t.free(q.name, s.code)
			t.put(q)
		}
	}
}

// see takes what one telegram says.
func (w *window) see(v *view, c *catalogue) {
	devices := v.devices()
	for i := range devices {
		w.seeDevice(&devices[i])
	}
	for i := range v.said.Lines {
		l := &v.said.Lines[i]
		if code := v.said.CodeOf(l); code != "" {
			w.of(code).see(v, c, l.Values, readingAt(devices, code))
		}
	}
}

// readingAt is the device whose reading stands under a code.
func readingAt(devices []telegram.Device, code string) *telegram.Device {
	i := slices.IndexFunc(devices, func(d telegram.Device) bool { return d.Code == code })
	if i < 0 {
		return nil
	}
	return &devices[i]
}

func (w *window) of(code string) *sighting {
	i := slices.IndexFunc(w.codes, func(s *sighting) bool { return s.code == code })
	if i < 0 {
		i = len(w.codes)
		w.codes = append(w.codes, &sighting{code: code})
	}
	return w.codes[i]
}

func (w *window) seeDevice(d *telegram.Device) {
	s := w.channels[d.Channel]
	if s == nil {
		s = &seenDevice{}
		w.channels[d.Channel] = s
	}
	if s.medium == "" {
		s.medium = d.Medium
	}
	if (d.OK || len(s.units) == 0) && d.Code != "" && !slices.Contains(s.units, d.Unit) {
		if len(s.units) == 1 && !s.read {
			s.units = s.units[:0] // of a placeholder
		}
		s.units = append(s.units, d.Unit)
	}
	s.timed = s.timed || d.AtText != ""
	s.read = s.read || d.OK
}

// see adds the columns that a line asks for.
func (s *sighting) see(v *view, c *catalogue, values []telegram.Value, d *telegram.Device) {
	if s.code == monthEndCode && len(v.monthEnd().Entries) > 0 {
		s.add(c.o.monthEnds(v.monthEnd().Entries))
		return
	}
	meanings := v.said.Meanings(s.code)
	if d != nil {
		s.channel = d.Channel
		// What the device says is read by itself; there may be more on the line.
		if !d.OK || len(d.Past) > 0 || len(meanings) < 2 {
			return
		}
		meanings = slices.DeleteFunc(meanings, func(m telegram.Meaning) bool { return m.Nth == 0 && m.Unit == d.Unit })
	}
	var list []quantity
	for _, m := range meanings {
		list = append(list, c.ofCode(m))
	}
	if _, sent, _ := v.said.Stamp(values); sent != "" && d == nil && hasTime(meanings[0]) {
		list = append(list, c.o.timeOfCode(meanings[0]))
	}
	if s.blank == nil {
		s.blank = list
	}
	if len(v.said.Measures(values)) > 0 || !list[0].number {
		s.add(list)
	}
}

// add adds columns that are not there.
func (s *sighting) add(list []quantity) {
	for _, q := range list {
		if !hasColumn(s.columns, q.name) {
			s.columns = append(s.columns, q)
		}
	}
}

// columnsOf are the columns of a code, by all that was said.
func (w *window) columnsOf(s *sighting, c *catalogue) []quantity {
	if s.channel > 0 {
		return append(w.columnsOfDevice(s, c), s.columns...)
	}
	if s.columns == nil {
		return s.blank
	}
	// A number without a unit is one of those that have it.
	if slices.ContainsFunc(s.columns, func(q quantity) bool { return q.number && q.unit != "" }) {
		s.columns = slices.DeleteFunc(s.columns, func(q quantity) bool { return q.number && q.unit == "" })
	}
	return s.columns
}

// columnsOfDevice are the columns of a device's reading: the only one of its medium is
// named after that, and several after their channels too.
func (w *window) columnsOfDevice(s *sighting, c *catalogue) []quantity {
	d := w.channels[s.channel]
	name, channel := d.medium, 0
	if !slices.Contains(media(), name) {
		name, channel = telegram.Lookup(s.code).Name, s.channel
	} else {
		for other, o := range w.channels {
			switch {
			case other == s.channel || o.medium != d.medium:
			case o.read && !d.read || o.read == d.read && !d.read && other < s.channel:
				return nil // the one that was read speaks for the medium
			case o.read && d.read:
				channel = s.channel
			}
		}
		if channel > 0 {
			name += fmt.Sprintf("_ch%d", channel)
		}
	}
	var list []quantity
	for _, unit := range d.units {
		list = append(list, c.o.deviceReading(name, d.medium, channel, unit))
	}
	if d.timed {
		list = append(list, c.o.deviceTime(name, d.medium, channel))
	}
	return list
}
