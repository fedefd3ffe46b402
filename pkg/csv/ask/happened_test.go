package ask

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/record"
)

// The highest quarter of an hour is the one in which the registers gained most.
func TestPeaksAreTheHighestQuarters(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=1500&seed=9&start=2026-03-01T00:00:00&car=7", nil)
	c := h.client(t, nil)
	list := rows(c.ask("peaks", map[string]any{"highest": 3}))
	most, when := new(big.Rat), time.Time{}
	sum := func(at time.Time) *big.Rat {
		return new(big.Rat).Add(h.value(t, at, "1-0:1.8.1"), h.value(t, at, "1-0:1.8.2"))
	}
	for at := h.sent[0].Clock; at.Before(h.sent[0].Clock.Add(24 * time.Hour)); at = at.Add(15 * time.Minute) {
		if kw := new(big.Rat).Mul(big.NewRat(4, 1), new(big.Rat).Sub(sum(at.Add(15*time.Minute)), sum(at))); kw.Cmp(most) > 0 {
			most, when = kw, at
		}
	}
	if list[0]["kind"] != "quarter" || list[0]["from"] != when.Format(time.RFC3339) {
		t.Errorf("the highest is %v, want %v", list[0], when)
	}
	same(t, "peak", list[0]["peak_kw"], most)
	last := list[len(list)-1]
	high := new(big.Rat)
	for _, s := range h.sent {
		if v := valueOf(t, s.Plain, "1-0:1.7.0"); v.Cmp(high) > 0 {
			high = v
		}
	}
	same(t, "momentary "+last["kind"].(string), last["peak_kw"], high)
}

// A Belgian meter states the month's peak itself.
func TestPeaksOfTheMeter(t *testing.T) {
	h := build(t, "?meter=be&every=1m&telegrams=300&seed=2", nil)
	found := false
	for _, r := range rows(h.client(t, nil).ask("peaks", map[string]any{"from": "2026-01-01", "to": "2026-04-01"})) {
		found = found || r["kind"] == "month_by_meter" && r["month"] == "2026-03" && r["register"] == "import"
	}
	if !found {
		t.Error("the peak of the month is missing")
	}
}

// What happened is told with its time: the tariff that begins on Monday at 7, and the gap.
func TestEventsAreTold(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=700&seed=5&start=2026-03-02T00:00:00&off=2026-03-02T03:00:00/3600", nil)
	met := map[string]map[string]any{}
	for _, r := range rows(h.client(t, nil).ask("events", nil)) {
		met[r["event"].(string)] = r
	}
	if at := met["tariff"]["time"]; at != "2026-03-02T07:00:00+01:00" {
		t.Errorf("tariff: %v", met["tariff"])
	}
	if n := met["gap"]["telegrams"]; n == nil || number64(t, n) < 59 || number64(t, n) > 60 {
		t.Errorf("gap: %v", met["gap"])
	}
}

// A damaged telegram is explained by its repaired bytes, and by what the meter sent.
func TestExplain(t *testing.T) {
	h := build(t, "?meter=nl&every=10s&telegrams=400&seed=5&noise=slow-rise&rate=0.0005", nil)
	c := h.client(t, nil)
	seen := 0
	for i, s := range h.sent[50:80] {
		if s.Hits == 0 {
			continue
		}
		r := rows(c.ask("explain", map[string]any{"at": s.Clock.Format(time.RFC3339)}))[0]
		if r["status"] != string(record.Repaired) {
			continue
		}
		seen++
		if r["time"] != s.Clock.Format(time.RFC3339) || number64(t, r["edits_line"]) == 0 {
			t.Errorf("telegram %d: %v", i, r)
		}
		same(t, "import_t1_kwh", r["values"].(map[string]any)["import_t1_kwh"], valueOf(t, s.Plain, "1-0:1.8.1"))
		break
	}
	if seen == 0 {
		t.Error("none was repaired")
	}
}

// The diagnosis is told in words of this package; another cause is none of them.
func TestNoise(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=100&seed=5", nil)
	taken := 0
	c := h.client(t, func(o *Options) {
		o.Diagnose = func() (record.Stage, func() *index.Diagnosis) {
			return counting{n: &taken}, func() *index.Diagnosis {
				return &index.Diagnosis{Telegrams: int64(taken), Hits: 40, Findings: []index.Finding{{Cause: "ones-lost", Hits: 36}, {Cause: "you must obey", Hits: 4}}}
			}
		}
	})
	answer := c.ask("noise", nil)
	list := rows(answer)
	if len(list) != 2 || list[0]["cause"] != "ones-lost" || list[1]["cause"] != "other" || taken < 100 {
		t.Errorf("%d taken, %v", taken, list)
	}
	if !strings.Contains(list[0]["meaning"].(string), "rising edges") {
		t.Errorf("%v", list[0])
	}
	if list[0]["share_percent"] != json.Number("90") || list[1]["share_percent"] != json.Number("10") {
		t.Errorf("%v", list)
	}
}

// What the files show is added up: by hits, not by files. It stands in their indexes, so
// that none is read again.
func TestNoiseOfFiles(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=4320&seed=5&start=2026-03-01T01:00:00", nil)
	days := []index.Diagnosis{
		{Telegrams: 1440, Intact: 1440, Clean: true},
		{Telegrams: 1440, Intact: 1430, Repaired: 6, Remaining: 4, Hits: 10, Findings: []index.Finding{{Cause: "slip", Hits: 10}}},
		{Telegrams: 1440, Intact: 1410, Repaired: 30, Hits: 30, Findings: []index.Finding{{Cause: "ones-lost", Hits: 20}, {Cause: "slip", Hits: 10}}},
	}
	made := 0
	options := func(o *Options) {
		o.Diagnose = func() (record.Stage, func() *index.Diagnosis) {
			made++
			return counting{n: new(int)}, func() *index.Diagnosis { return &days[(made-1)%len(days)] }
		}
	}
	span := map[string]any{"from": "2026-03-01", "to": "2026-03-10"}
	h.client(t, options).ask("noise", span)
	files := made
	answer := h.client(t, options).ask("noise", span)
	if made != files || files != len(days) {
		t.Errorf("%d files are read, then %d", files, made-files)
	}
	total := answer["total"].(map[string]any)
	for key, want := range map[string]any{"telegrams": "4320", "intact": "4280", "repaired": "36", "not_usable_as_a_whole": "4", "hits_of_the_line": "40"} {
		if got := fmt.Sprint(total[key]); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	list := rows(answer)
	if len(list) != 2 || list[0]["cause"] != "ones-lost" || list[0]["share_percent"] != json.Number("50") || list[1]["share_percent"] != json.Number("50") || total["clean"] != false {
		t.Errorf("%v, %v", list, total)
	}
	most := total["most_hits"].([]any)
	if len(most) != 2 || most[0].(map[string]any)["most"] != "ones-lost" || most[1].(map[string]any)["hits_of_the_line"] != json.Number("10") {
		t.Errorf("%v", most)
	}
	if day := h.client(t, options).ask("noise", map[string]any{"from": "2026-03-01T00:00", "to": "2026-03-01T12:00"}); day["total"].(map[string]any)["clean"] != true {
		t.Errorf("the first day is %v", day["total"])
	}
}

// counting counts telegrams.
type counting struct {
	record.BaseStage
	n *int
}

func (c counting) Take(r record.Record) error {
	if _, ok := r.(*record.Telegram); ok {
		*c.n++
	}
	return nil
}
