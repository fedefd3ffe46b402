package ask

import (
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// A year of telegrams each ten seconds: once its index is there, every question that reads it
// is answered within a second, and the months are what the meter counted.
func TestYear(t *testing.T) {
	longtest.NeedsHours(t, "a year of telegrams, and a second that is measured")
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{dir: t.TempDir()}
	const months = 12
	ends := h.year(t, zone, months)
	c := h.client(t, func(o *Options) {
		o.Diagnose = func() (record.Stage, func() *index.Diagnosis) {
			return counting{n: new(int)}, func() *index.Diagnosis {
				return &index.Diagnosis{Telegrams: 8640, Hits: 9, Findings: []index.Finding{{Cause: "slip", Hits: 9}}}
			}
		}
	})
	begun := time.Now()
	c.ask("meters", nil)
	t.Logf("the index took %v", time.Since(begun))
	begun = time.Now()
	year := c.ask("energy", map[string]any{"every": "1mo"})
	took(t, "energy", begun)
	list := rows(year)
	if len(list) != months {
		t.Fatalf("%d months", len(list))
	}
	for i, r := range list {
		for name, code := range map[string]string{"import_t1_kwh": "1-0:1.8.1", "export_t2_kwh": "1-0:2.8.2", "gas_m3": "0-1:24.2.1"} {
			same(t, name, r[name], new(big.Rat).Sub(valueOf(t, ends[i+1], code), valueOf(t, ends[i], code)))
		}
	}
	for _, tool := range []string{"meters", "coverage", "power", "voltage", "peaks", "events"} {
		begun = time.Now()
		c.ask(tool, nil)
		took(t, tool, begun)
	}
	begun = time.Now()
	c.ask("noise", map[string]any{"from": "2026-01-01"})
	took(t, "noise of the year", begun)
	begun = time.Now()
	c.ask("energy", map[string]any{"from": "2026-01-20", "to": "2026-01-21", "every": "15m"})
	took(t, "energy of a day", begun)
	begun = time.Now()
	c.ask("explain", map[string]any{"at": "2026-01-20T12:00:00"})
	t.Logf("explain: %v, a day is read", time.Since(begun))
}

func took(t *testing.T, what string, since time.Time) {
	t.Helper()
	d := time.Since(since)
	t.Logf("%s: %v", what, d)
	if d > time.Second {
		t.Errorf("%s took %v", what, d)
	}
}

// year makes an archive of so many months, and returns what the meter sent at the beginning of each
// month, and last.
func (h *house) year(t *testing.T, zone *time.Location, months int) (ends [][]byte) {
	t.Helper()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	o, err := sim.ParseOptions("?meter=nl&every=10s&start=2026-01-01T00:00:00&seed=6")
	if err != nil {
		t.Fatal(err)
	}
	o.Telegrams = int(start.AddDate(0, months, 0).Sub(start) / (10 * time.Second))
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	day, name, offset := "", "", int64(0)
	var out *fileio.Output
	var w record.Writer
	finish := func() {
		if w == nil {
			return
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		h.age(t, name)
	}
	var last []byte
	for sent, ok := s.Next(); ok; sent, ok = s.Next() {
		if now := sent.Clock.UTC().Format(time.DateOnly); now != day {
			finish()
			day, name = now, filepath.Join(h.dir, "p1-"+now+".jsonl.zst")
			if out, err = fileio.Create(name, nil); err != nil {
				t.Fatal(err)
			}
			w = record.NewWriter(out, false)
		}
		if local := sent.Clock.In(zone); local.Day() == 1 && local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
			ends = append(ends, sent.Plain)
		}
		last = sent.Plain
		if err := w.Write(&record.Chunk{Origin: record.Origin{Source: "demo", Offset: offset}, Data: sent.Logged}); err != nil {
			t.Fatal(err)
		}
		offset += int64(len(sent.Logged))
	}
	finish()
	return append(ends, last)
}
