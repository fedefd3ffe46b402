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
	o       *Options
	codes   []*sighting // in the order in which they came
	devices []*seenDevice
}

// sighting is what was said under one code.
type sighting struct {
	code    string
	columns []quantity
	blank   []quantity // the columns of a code under which nothing was said
	channel int        // of the device whose reading it is, 0 for none
}

// seenDevice is what was said of a device: of a channel that tells of another medium it is
// another one.
type seenDevice struct {
	deviceRef
	units []string
	timed bool
	read  bool // there was a reading, and no placeholder only
}

// meetAll makes columns of the codes in the records that are held. Where one of
// them is verified, what is not has no say: damage makes codes of its own.
func (t *records) meetAll() {
	w := window{o: &t.o}
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
	is := deviceRef{d.Medium, d.Channel}
	if !slices.Contains(media(), is.medium) {
		is.medium = ""
	}
	i := slices.IndexFunc(w.devices, func(s *seenDevice) bool { return s.deviceRef == is })
	if i < 0 {
		i = len(w.devices)
		w.devices = append(w.devices, &seenDevice{deviceRef: is})
	}
	s := w.devices[i]
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

// columnsOfDevice are the columns of a device's reading, for each medium that its channel
// has told of.
func (w *window) columnsOfDevice(s *sighting, c *catalogue) []quantity {
	var list []quantity
	for _, d := range w.devices {
		if d.channel != s.channel {
			continue
		}
		name, channel, ok := w.nameOf(s, d)
		if !ok {
			continue
		}
		for _, unit := range d.units {
			list = append(list, c.o.deviceReading(name, d.medium, channel, unit))
		}
		if d.timed {
			list = append(list, c.o.deviceTime(name, d.medium, channel))
		}
	}
	return list
}

// nameOf is how the columns of a device are called: the only one of its medium is named
// after that, and several after their channels too. One that was never read has none where
// another one, or the same channel by another name, speaks for it.
func (w *window) nameOf(s *sighting, d *seenDevice) (name string, channel int, ok bool) {
	if d.medium == "" {
		named := slices.ContainsFunc(w.devices, func(o *seenDevice) bool { return o.channel == d.channel && o.medium != "" })
		return telegram.Lookup(s.code).Name, d.channel, d.read || !named
	}
	for _, o := range w.devices {
		switch {
		case o == d || o.medium != d.medium:
		case !d.read && (o.read || o.channel < d.channel):
			return "", 0, false
		case d.read && o.read:
			channel = d.channel
		}
	}
	if name = d.medium; channel > 0 {
		name += fmt.Sprintf("_ch%d", channel)
	}
	return name, channel, true
}
