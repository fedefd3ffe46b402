package ask

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"p1/pkg/telegram"
)

// Rows are picked by a column that there is, by its highest or its lowest value, and of the
// lowest a day counts that the data fill.
func TestPick(t *testing.T) {
	h := build(t, "?meter=nl&every=5m&telegrams=700&seed=5&start=2026-03-01T06:00:00", nil)
	c := h.client(t, nil)
	gained := func(from, to string) *big.Rat {
		at := func(text string) time.Time {
			day, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return day
		}
		sum := new(big.Rat)
		for _, code := range []string{"1-0:1.8.1", "1-0:1.8.2"} {
			sum.Add(sum, new(big.Rat).Sub(h.value(t, at(to), code), h.value(t, at(from), code)))
		}
		return sum
	}
	low := c.ask("energy", map[string]any{"every": "1d", "by": "import_kwh", "lowest": 5})
	if n := len(rows(low)); n != 1 || rows(low)[0]["from"] != "2026-03-02T00:00:00+01:00" {
		t.Errorf("of three days one is whole, and these are told: %v", rows(low))
	}
	high := c.ask("energy", map[string]any{"every": "1h", "by": "import_kwh", "highest": 50})
	last := new(big.Rat)
	for i, r := range rows(high) {
		kWh := gained(r["from"].(string), r["to"].(string))
		same(t, r["from"].(string), r["import_kwh"], kWh)
		if i > 0 && kWh.Cmp(last) > 0 {
			t.Errorf("row %d is higher than the one before it", i)
		}
		last = kWh
	}
	if len(rows(high)) != 50 {
		t.Errorf("%d hours", len(rows(high)))
	}
	for _, bad := range []struct {
		args map[string]any
		word string
	}{
		{map[string]any{"every": "1d", "by": "import_kwh"}, "highest or lowest"},
		{map[string]any{"every": "1d", "highest": 3}, "by goes with"},
		{map[string]any{"every": "1d", "by": "import_kwh", "highest": 3, "lowest": 3}, "either"},
		{map[string]any{"every": "1d", "by": "import_kwh", "highest": 51}, "1 to 50"},
		{map[string]any{"every": "1d", "by": "import_kwh", "lowest": -1}, "1 to 50"},
		{map[string]any{"by": "import_kwh", "highest": 1}, "every says"},
		{map[string]any{"every": "total", "by": "import_kwh", "highest": 1}, "every says"},
		{map[string]any{"every": "1d", "by": "from", "highest": 1}, "by is one of"},
	} {
		if text, ok := c.try(t.Context(), "energy", bad.args); ok || !strings.Contains(text, bad.word) {
			t.Errorf("%v: %s", bad.args, text)
		}
	}
}

// The steps of a device stand where it was read, one that was read wrongly once counts on from
// before that, and one that is set back counts from there.
func TestStepsOfDevices(t *testing.T) {
	const hour = 3600
	list := func(values ...int64) (all []reading) {
		for i, v := range values {
			all = append(all, reading{int64(i+1) * hour, telegram.Decimal{Digits: v, Scale: 3}})
		}
		return all
	}
	for _, one := range []struct {
		name   string
		values []int64
		steps  []int64 // in thousandths
		fell   int
	}{
		{"counts", []int64{100, 130, 130, 190}, []int64{30, 0, 60}, 0},
		{"0 once", []int64{100, 0, 130, 190}, []int64{30, 60}, 1},
		{"set back", []int64{100, 5, 10}, []int64{5}, 1},
	} {
		got, fell := stepsOf(list(one.values...))
		if len(got) != len(one.steps) || fell != one.fell {
			t.Fatalf("%s: %v, fell %d times", one.name, got, fell)
		}
		for i, g := range got {
			if g.by.Digits != one.steps[i] {
				t.Errorf("%s: step %d is %v", one.name, i, g.by)
			}
		}
	}
	got, _ := stepsOf(list(100, 130))
	before := part{from: time.Unix(hour, 0), to: time.Unix(2*hour, 0)}
	after := part{from: before.to, to: time.Unix(3*hour, 0), before: before.from}
	if !got[0].in(before) || got[0].in(after) || got[0].from != hour {
		t.Errorf("%v, want it in the hour that ends then", got[0])
	}
}
