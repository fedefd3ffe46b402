package ask

import (
	"context"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"p1/pkg/record"
)

const spring = "?meter=nl&every=1m&telegrams=4200&start=2026-03-28T00:00:00&seed=5"

// The days of a spring night with a change of the clock: what each row says is the
// difference of what the meter sent at its ends, to the last digit.
func TestEnergyIsWhatTheMeterCounted(t *testing.T) {
	h := build(t, spring+"&noise=slow-rise&rate=0.0002", nil)
	c := h.client(t, nil)
	answer := c.ask("energy", map[string]any{"every": "1d"})
	list := rows(answer)
	zone, _ := time.LoadLocation("Europe/Amsterdam")
	if len(list) != 3 {
		t.Fatalf("%d rows", len(list))
	}
	codes := map[string]string{"import_t1_kwh": "1-0:1.8.1", "import_t2_kwh": "1-0:1.8.2", "export_t1_kwh": "1-0:2.8.1", "gas_m3": "0-1:24.2.1"}
	for i, r := range list {
		from := time.Date(2026, 3, 28+i, 0, 0, 0, 0, zone)
		to := time.Date(2026, 3, 29+i, 0, 0, 0, 0, zone)
		if got := r["from"]; got != from.Format(time.RFC3339) {
			t.Errorf("row %d begins at %v, want %v", i, got, from)
		}
		for name, code := range codes {
			same(t, name, r[name], new(big.Rat).Sub(h.value(t, to, code), h.value(t, from, code)))
		}
	}
	for name, code := range codes {
		last := valueOf(t, h.sent[len(h.sent)-1].Plain, code)
		same(t, "total "+name, answer["total"].(map[string]any)[name], new(big.Rat).Sub(last, valueOf(t, h.sent[0].Plain, code)))
	}
	if hour := rows(c.ask("energy", map[string]any{"every": "1h", "from": "2026-03-29", "to": "2026-03-30"})); len(hour) != 23 {
		t.Errorf("the day on which the clocks are put forward has %d hours", len(hour))
	}
	units := answer["units"].(map[string]any)
	if units["gas_m3"] != "m3" || units["import_t1_kwh"] != "kWh" {
		t.Errorf("units %v", units)
	}
	v := answer["coverage"].(map[string]any)
	damaged := 0
	for _, s := range h.sent {
		if s.Hits > 0 {
			damaged++
		}
	}
	if n := int64(len(h.sent)); number64(t, v["telegrams"])+number64(t, v["missing"]) != n || number64(t, v["repaired"]) == 0 || number64(t, v["repaired"]) > int64(damaged) {
		t.Errorf("of %d telegrams, %d damaged: %v", n, damaged, v)
	}
}

func number64(t *testing.T, v any) int64 {
	t.Helper()
	n, ok := v.(interface{ Int64() (int64, error) })
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	i, err := n.Int64()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// An hour's voltages and powers are those of the telegrams in it.
func TestMomentsAreWhatTheMeterSent(t *testing.T) {
	h := build(t, "?meter=nl&every=10s&telegrams=1200&seed=7&start=2026-03-01T22:00:00", nil)
	c := h.client(t, nil)
	for tool, of := range map[string][2]string{"voltage": {"voltage_l1_v", "1-0:32.7.0"}, "power": {"import_kw", "1-0:1.7.0"}} {
		list := rows(c.ask(tool, map[string]any{"every": "1h"}))
		if len(list) != 4 {
			t.Fatalf("%s: %d rows", tool, len(list))
		}
		sum, low, high, n := new(big.Rat), new(big.Rat), new(big.Rat), int64(0)
		from, _ := time.Parse(time.RFC3339, list[1]["from"].(string))
		for _, s := range h.sent {
			if s.Clock.Before(from) || !s.Clock.Before(from.Add(time.Hour)) {
				continue
			}
			v := valueOf(t, s.Plain, of[1])
			if n == 0 || v.Cmp(low) < 0 {
				low = v
			}
			if n == 0 || v.Cmp(high) > 0 {
				high = v
			}
			sum.Add(sum, v)
			n++
		}
		if n != 360 {
			t.Fatalf("%d telegrams in the second hour", n)
		}
		same(t, tool+" min", list[1][of[0]+"_min"], low)
		same(t, tool+" max", list[1][of[0]+"_max"], high)
		mean, _ := new(big.Rat).SetString(sum.Quo(sum, big.NewRat(n, 1)).FloatString(3))
		same(t, tool+" mean", list[1][of[0]+"_mean"], mean)
	}
}

// What is missing is null with a reason, or stands where it became known, and says so.
func TestGapsAreTold(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=2000&seed=5&start=2026-03-01T00:00:00&off=2026-03-01T10:00:00/14400", nil)
	c := h.client(t, nil)
	list := rows(c.ask("energy", map[string]any{"every": "1h", "from": "2026-03-01", "to": "2026-03-02"}))
	if len(list) != 24 {
		t.Fatalf("%d rows", len(list))
	}
	for hour := 10; hour < 14; hour++ {
		why, _ := list[hour]["why"].(map[string]any)
		if v, there := list[hour]["import_t1_kwh"]; hour > 10 && (!there || v != nil || why["import_t1_kwh"] == nil) {
			t.Errorf("in the gap, %d h: %v", hour, list[hour])
		}
	}
	late, _ := list[14]["late"].(map[string]any)
	if late["import_t1_kwh"] == nil {
		t.Errorf("after the gap: %v", list[14])
	}
	cover := c.ask("coverage", map[string]any{"every": "1d"})
	total := cover["total"].(map[string]any)
	if n := number64(t, total["gaps"]); n != 1 {
		t.Errorf("%d gaps", n)
	}
	if s := number64(t, total["longest_gap_s"]); s < 14400 || s > 14520 {
		t.Errorf("the gap is of %d s", s)
	}
	if missing := number64(t, total["missing"]); missing < 238 || missing > 242 {
		t.Errorf("%d missing of 240", missing)
	}
}

// Longer spans are coarsened to 200 rows at most, and nothing of them is cut.
func TestNeverMoreThan200Rows(t *testing.T) {
	h := build(t, spring, nil)
	c := h.client(t, nil)
	fine := c.ask("energy", map[string]any{"every": "15m"})
	if n := len(rows(fine)); n > 200 || n < 10 || fine["coarsened"] == nil {
		t.Errorf("%d rows, %v", n, fine["coarsened"])
	}
	sum := new(big.Rat)
	for _, r := range rows(fine) {
		if r["import_t1_kwh"] != nil {
			v, _ := new(big.Rat).SetString(r["import_t1_kwh"].(interface{ String() string }).String())
			sum.Add(sum, v)
		}
	}
	same(t, "sum of rows", fine["total"].(map[string]any)["import_t1_kwh"], sum)
}

// The second question reads indexes only, the first one tells how far it has come, and an
// index that is deleted, of another file or damaged is made anew.
func TestIndexIsKept(t *testing.T) {
	h := build(t, spring, nil)
	c := h.client(t, nil)
	first := c.ask("energy", map[string]any{"every": "1d"})
	select {
	case <-c.progress:
	case <-time.After(time.Minute):
		t.Error("no progress is told")
	}
	kept, err := filepath.Glob(filepath.Join(h.dir, ".p1index", "*"))
	if err != nil || len(kept) != 4 {
		t.Fatalf("%v, %v", kept, err)
	}
	info, err := os.Stat(kept[0])
	if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("%v %v", info.Mode(), err)
	}
	// Whoever answers now has read no telegram.
	broken := func(o *Options) { o.Repaired = nil }
	if again := h.client(t, broken).ask("energy", map[string]any{"every": "1d"}); !sameTotal(first, again) {
		t.Errorf("%v, want %v", again["total"], first["total"])
	}
	if err := os.WriteFile(kept[0], []byte(`{"p1index":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(kept[1]); err != nil {
		t.Fatal(err)
	}
	if again := h.client(t, nil).ask("energy", map[string]any{"every": "1d"}); !sameTotal(first, again) {
		t.Errorf("%v, want %v", again["total"], first["total"])
	}
}

func sameTotal(a, b map[string]any) bool {
	x, y := a["total"].(map[string]any), b["total"].(map[string]any)
	return len(x) > 0 && x["import_t1_kwh"] == y["import_t1_kwh"] && x["gas_m3"] == y["gas_m3"]
}

// What cannot be answered is an error in words, and no end of the server.
func TestBadArguments(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=100", nil)
	c := h.client(t, nil)
	for _, bad := range []struct {
		tool string
		args map[string]any
		word string
	}{
		{"energy", map[string]any{"from": "yesterday"}, "from is no time"},
		{"energy", map[string]any{"from": "2026-04-01", "to": "2026-03-01"}, "not before"},
		{"energy", map[string]any{"every": "7m"}, "every is one of"},
		{"energy", map[string]any{"meter": "x"}, "no meter of that name"},
		{"energy", map[string]any{"path": "/etc/passwd"}, "those of energy: "},
		{"energy", map[string]any{"from": 5}, "from"},
		{"nothing", nil, "nothing"},
	} {
		if text, ok := c.try(t.Context(), bad.tool, bad.args); ok || !strings.Contains(text, bad.word) {
			t.Errorf("%s %v: %s", bad.tool, bad.args, text)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if text, ok := c.try(gone, "energy", nil); ok {
		t.Errorf("a question that was taken back is answered: %s", text)
	}
	if n := len(rows(c.ask("meters", nil))); n != 1 {
		t.Errorf("%d meters", n)
	}
}

// A meter that sends no clock, as some of DSMR 3 do not, has no spans: that is said.
func TestNoClock(t *testing.T) {
	c := build(t, "?meter=dsmr3&telegrams=50", nil).client(t, nil)
	if text, ok := c.try(t.Context(), "energy", nil); ok || !strings.Contains(text, "sends no clock") {
		t.Error(text)
	}
}

// A question that is taken back while a file is read reads no further, and the next one is
// answered.
func TestCancel(t *testing.T) {
	h := build(t, spring, nil)
	reads, goOn := make(chan *holding, 100), make(chan struct{})
	c := h.client(t, func(o *Options) {
		o.Repaired = func(out record.Writer) (record.Stage, error) {
			s, err := repaired(out)
			held := &holding{Stage: s, goOn: goOn}
			reads <- held
			return held, err
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan bool, 1)
	go func() {
		_, ok := c.try(ctx, "energy", nil)
		ended <- ok
	}()
	first := <-reads
	cancel()
	if <-ended {
		t.Error("a question that was taken back is answered")
	}
	c.list(t) // which comes after the notification, so that the server knows of it
	close(goOn)
	if total := c.ask("energy", nil)["total"].(map[string]any); total["gas_m3"] == nil {
		t.Errorf("the next question: %v", total)
	}
	if n := first.taken.Load(); n > 64 {
		t.Errorf("%d records were read after the question was taken back", n)
	}
}

// list asks what needs no archive.
func (c *client) list(t *testing.T) {
	t.Helper()
	if _, err := c.ListTools(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// holding waits before the first record, and counts them.
type holding struct {
	record.Stage
	goOn  chan struct{}
	taken atomic.Int64
}

func (h *holding) Take(r record.Record) error {
	<-h.goOn
	h.taken.Add(1)
	return h.Stage.Take(r)
}
