package index

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"p1/pkg/telegram"
)

// deviceRow is a row of the tables gas, water and heat.
type deviceRow struct {
	Time   *string     `json:"time"`
	Meter  *string     `json:"meter"`
	Device *string     `json:"device"`
	Medium string      `json:"medium"`
	Gas    json.Number `json:"gas_m3"`
	Water  json.Number `json:"water_m3"`
	Heat   json.Number `json:"heat_gj"`
}

// textOf is a text that may be null.
func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// reading takes a row of a device on the M-Bus. A device that says no time of its own has no
// reading here.
func (m *maker) reading(line []byte) error {
	var row deviceRow
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	at, floating, ok := moment(textOf(row.Time))
	value, isNumber := telegram.ParseDecimal(cmp.Or(row.Gas, row.Water, row.Heat).String())
	if !ok || !isNumber {
		return nil // or it was never read
	}
	unit := "_m3"
	if row.Heat != "" {
		unit = "_gj"
	}
	meter, key := textOf(row.Meter), readingKey{row.Medium + unit, textOf(row.Device), floating}
	if m.read[meter] == nil {
		m.read[meter] = map[readingKey]*Readings{}
	}
	r := m.read[meter][key]
	if r == nil {
		r = &Readings{Column: key.column, Device: key.device, Floating: floating}
		m.read[meter][key] = r
	}
	r.add(at.Unix(), Value{value, true})
	return nil
}

// add adds a reading. The one before it in the same quarter is left out, unless it is the
// first.
func (r *Readings) add(at int64, v Value) {
	const quarter = int64(Quarter / time.Second)
	if n := len(r.At); n > 1 && at >= r.At[n-1] && (at-1)/quarter == (r.At[n-1]-1)/quarter {
		r.At[n-1], r.Value[n-1] = at, v
		return
	}
	r.At, r.Value = append(r.At, at), append(r.Value, v)
}

// readings are those of a meter's devices.
func (m *maker) readings(meter string) (list []*Readings) {
	for _, r := range m.read[meter] {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *Readings) int {
		return cmp.Or(cmp.Compare(a.Column, b.Column), cmp.Compare(a.Device, b.Device))
	})
	return list
}

// failure takes a row of the table failures.
func (m *maker) failure(line []byte) error {
	var row struct {
		Time     *string     `json:"time"`
		Meter    *string     `json:"meter"`
		Duration json.Number `json:"duration_s"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	if row.Time == nil {
		return nil
	}
	e := Event{Event: "power_failure", Time: *row.Time, Meter: textOf(row.Meter)}
	e.Length, _ = row.Duration.Int64() // 0 where the meter does not know it
	m.keepEvent(e)
	return nil
}
