package tables

import (
	"encoding/binary"
	"time"

	"p1/pkg/csv/sorted"
	"p1/pkg/telegram"
)

// aside keeps rows that have no place yet in what is being written, few in memory, more in
// temporary files, and gives them back at the end, those of one place together and in the order in
// which they came:
//
//	place A  ┐            ┌ place A
//	place B  ├► aside ──► │ place A
//	place A  ┘            └ place B
//
// A row is kept as its values: for each its form, and of a number its digits and decimals, of a
// time its moment, offset and season, of all else the text.
type aside struct {
	output string
	say    func(sorted.Disk)
	sorted *sorted.Sorter // nil where there are none
	row    []byte
	values []value
	zone   *time.Location // of the time before
	offset int            // its
}

// newAside returns one whose temporary files are where o has its own. What they are for is said once,
// where they are large.
func newAside(o *Options, what string) *aside {
	a := &aside{output: o.Output}
	if o.Say != nil {
		a.say = func(on sorted.Disk) {
			a.say = nil
			o.Say(what + ": until the end they are kept in temporary files in " + on.Dir)
		}
	}
	return a
}

// empty reports whether there are no rows.
func (a *aside) empty() bool { return a.sorted == nil }

// add keeps a row of a place.
func (a *aside) add(place string, row []value) error {
	if a.sorted == nil {
		a.sorted = sorted.New(a.output, a.say)
	}
	a.row = a.row[:0]
	for i := range row {
		a.row = appendKept(a.row, &row[i])
	}
	return a.sorted.Add([]byte(place), a.row)
}

// each hands out all rows, in the order of their places, and leaves none. A row is gone once take
// returns, but for its texts. take may keep rows again.
func (a *aside) each(take func(place string, row []value) error) error {
	if a.sorted == nil {
		return nil
	}
	from, last := a.sorted, ""
	a.sorted = nil
	return from.Each(func(place, kept []byte) error {
		if string(place) != last {
			last = string(place)
		}
		return take(last, a.restored(kept))
	})
}

// close forgets the rows.
func (a *aside) close() error {
	if a.sorted == nil {
		return nil
	}
	from := a.sorted
	a.sorted = nil
	return from.Close()
}

// appendKept appends a value as it is kept.
func appendKept(b []byte, v *value) []byte {
	b = append(b, byte(v.form))
	switch v.form {
	case numberForm:
		b = binary.AppendVarint(binary.AppendVarint(b, v.number.Digits), int64(v.number.Scale))
	case clockForm, offsetForm:
		b = appendKeptClock(b, v.clock)
	}
	if v.form == clockForm || v.form == textForm {
		b = append(binary.AppendUvarint(b, uint64(len(v.text))), v.text...)
	}
	return b
}

func appendKeptClock(b []byte, c telegram.Clock) []byte {
	if b = append(b, c.Season); c.Time.IsZero() {
		return append(b, 0)
	}
	_, offset := c.Time.Zone()
	b = binary.AppendVarint(append(b, 1), c.Time.Unix())
	return binary.AppendVarint(binary.AppendVarint(b, int64(c.Time.Nanosecond())), int64(offset))
}

// restored is the row that was kept so.
func (a *aside) restored(b []byte) []value {
	a.values = a.values[:0]
	number := func() int64 {
		n, size := binary.Varint(b)
		b = b[size:]
		return n
	}
	for len(b) > 0 {
		v := value{form: form(b[0])}
		b = b[1:]
		switch v.form {
		case numberForm:
			v.number.Digits = number()
			v.number.Scale = int(number())
		case clockForm, offsetForm:
			var known bool
			v.clock.Season, known = b[0], b[1] == 1
			if b = b[2:]; known {
				seconds, nanos := number(), number()
				v.clock.Time = time.Unix(seconds, nanos).In(a.zoneOf(int(number())))
			}
		}
		if v.form == clockForm || v.form == textForm {
			n, size := binary.Uvarint(b)
			v.text = string(b[size : size+int(n)])
			b = b[size+int(n):]
		}
		a.values = append(a.values, v)
	}
	return a.values
}

// zoneOf is the zone of an offset.
func (a *aside) zoneOf(offset int) *time.Location {
	switch {
	case offset == 0:
		return time.UTC
	case a.zone == nil || a.offset != offset:
		a.zone, a.offset = time.FixedZone("", offset), offset
	}
	return a.zone
}
