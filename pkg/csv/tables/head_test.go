package tables

import (
	"errors"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
)

// after returns a valid telegram of the Hungarian meter, ten seconds later for each n.
func after(n int, changes lines) *record.Telegram {
	said := lines{"0-0:1.0.0": "2308240121" + []string{"00", "10", "20", "30", "40", "50"}[n] + "S"}
	for code, value := range changes {
		said[code] = value
	}
	return &record.Telegram{Status: record.OK, Raw: raw(4, said)}
}

// headOf feeds a Head until it knows enough, and returns after how many records
// that was, 0 for never.
func headOf(t *testing.T, o Options, list ...record.Record) (*Head, int) {
	t.Helper()
	h, err := NewHead(o)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range list {
		known, err := h.Take(r)
		if err != nil {
			t.Fatal(err)
		}
		if known {
			return h, i + 1
		}
	}
	return h, 0
}

// TestHeadColumns: the columns are those of the rows, in their order.
func TestHeadColumns(t *testing.T) {
	list := []record.Record{after(0, nil), after(1, nil), after(2, nil)}
	for _, o := range []Options{
		{}, {Units: W}, {Profile: All}, {Profile: Hungary}, {Profile: Netherlands}, {Profile: Sweden, Columns: []string{"header", "source"}},
		{Columns: []string{"import_kwh", "1-0:32.7.0"}}, {Profile: All, Columns: []string{"gas_m3"}},
	} {
		h, _ := headOf(t, o, list...)
		_, columns, err := h.Known()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range columns {
			names = append(names, c.Name)
		}
		want, _, _ := strings.Cut(made(t, o, list...), "\n")
		if got := strings.Join(names, ","); got != want {
			t.Errorf("%+v:\n%s\nthe rows have\n%s", o.Profile, got, want)
		}
	}
}

// TestHeadMeter: two telegrams of one meter make it known, none of them suspect,
// salvaged or damaged.
func TestHeadMeter(t *testing.T) {
	suspect, bad, salvaged := after(1, nil), after(2, nil), after(3, nil)
	suspect.Suspect, bad.Status, salvaged.Status = "the clock goes back", record.Bad, record.Salvaged
	other := lines{"0-0:96.1.0": "5512345678"}
	for _, c := range []struct {
		name   string
		list   []record.Record
		known  int
		meter  string
		period time.Duration
	}{
		{"two", []record.Record{after(0, nil), after(1, nil), after(2, nil)}, 2, "9912345678", 10 * time.Second},
		{"noise between", []record.Record{after(0, nil), &record.Noise{}, &record.Gap{}, after(1, nil)}, 4, "9912345678", 10 * time.Second},
		{"not usable", []record.Record{suspect, bad, salvaged, after(4, nil), after(5, nil)}, 5, "9912345678", 10 * time.Second},
		{"another one first", []record.Record{after(0, other), after(1, nil), after(2, nil)}, 3, "9912345678", 10 * time.Second},
		{"two in turn", []record.Record{after(0, other), after(1, nil), after(2, other)}, 3, "5512345678", 20 * time.Second},
		{"clock goes back", []record.Record{after(3, nil), after(1, nil)}, 2, "9912345678", 0},
		{"only one", []record.Record{after(0, nil)}, 0, "9912345678", 0},
	} {
		h, known := headOf(t, Options{Salvaged: true}, c.list...)
		m, _, err := h.Known()
		if known != c.known || m.ID != c.meter || m.Period != c.period || err != nil {
			t.Errorf("%s: known after %d: %+v, %v; want %d %s %v", c.name, known, m, err, c.known, c.meter, c.period)
		}
	}
	for _, nothing := range [][]record.Record{nil, {bad}, {suspect}} {
		h, _ := headOf(t, Options{}, nothing...)
		if m, _, err := h.Known(); !errors.Is(err, ErrNoMeter) {
			t.Errorf("%+v, %v", m, err)
		}
	}
}

// TestHeadLive: profile all waits for sixty telegrams of a log, and for the first
// pause of a live stream.
func TestHeadLive(t *testing.T) {
	live := func(n int) *record.Telegram { r := after(n, nil); r.Live = true; return r }
	h, known := headOf(t, Options{Profile: All}, live(0), live(1))
	if known != 0 {
		t.Errorf("known after %d", known)
	}
	if known, err := h.Flush(); !known || err != nil {
		t.Errorf("known at the pause: %v, %v", known, err)
	}
	h, _ = headOf(t, Options{Profile: All}, after(0, nil), after(1, nil))
	if known, err := h.Flush(); known || err != nil {
		t.Errorf("of a log: %v, %v", known, err)
	}
}

// TestHeadCells: what the telegrams say tells the columns that will be filled.
func TestHeadCells(t *testing.T) {
	h, _ := headOf(t, Options{Columns: []string{"time", "import_kwh", "voltage_l1_v", "gas_m3", "gas_time", "suspect", "net_current_a"}}, after(0, nil), after(1, nil))
	_, columns, err := h.Known()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		cell, medium string
		line         bool
	}{
		{"2023-08-24T01:21:10+02:00", "", true}, {"8234.524", "", true}, {"235.3", "", true},
		{"", "gas", true}, {"", "gas", true}, {"", "", false}, {"12.640", "", false},
	} {
		if c := columns[i]; c.Cell != want.cell || c.Medium != want.medium || c.Line != want.line {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
}

// TestHeadOptions: what has no columns that could be told before.
func TestHeadOptions(t *testing.T) {
	for _, o := range []Options{
		{Table: Validity}, {Table: Gas}, {Profile: Seed}, {Every: time.Hour}, {Columns: []string{"no_such"}}, {BOM: true},
	} {
		if _, err := NewHead(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	h, _ := headOf(t, Options{})
	if _, err := h.Take(&record.Chunk{}); !errors.Is(err, record.ErrChunks) {
		t.Errorf("a chunk: %v", err)
	}
}
