package ask

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/index"
)

// notesOf are the notes of an answer, as one text.
func notesOf(answer map[string]any) string {
	var all []string
	list, _ := answer["notes"].([]any)
	for _, note := range list {
		all = append(all, note.(string))
	}
	return strings.Join(all, "\n")
}

// What is asked for and is not there is said, and how far away the answer is.
func TestExplainInAGap(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=240&seed=5&start=2026-03-02T00:00:00&off=2026-03-02T01:00:00/3600", nil)
	c := h.client(t, nil)
	for _, q := range []struct {
		at   string
		away string
		note string
	}{
		{"2026-03-02T00:30:00", "0", ""},
		{"2026-03-02T00:30:40", "20", ""},
		{"2026-03-02T01:05:00", "-360", "the nearest is this one, 360 s earlier"},
		{"2026-03-02T01:50:00", "600", "the nearest is this one, 600 s later"},
		{"2025-03-02T00:00:00", "31536000", "the nearest is this one, 31536000 s later"},
	} {
		answer := c.ask("explain", map[string]any{"at": q.at})
		row := rows(answer)[0]
		if row["asked_for"] != q.at+"+01:00" || row["seconds_from_asked"].(interface{ String() string }).String() != q.away {
			t.Errorf("%s: %v, %v", q.at, row["asked_for"], row["seconds_from_asked"])
		}
		if notes := notesOf(answer); strings.Contains(notes, "no telegram at the time") != (q.note != "") || !strings.Contains(notes, q.note) {
			t.Errorf("%s: %s", q.at, notes)
		}
	}
}

// A gap counts in the row in which it begins, with its length; its seconds are those of each row.
func TestGapOverRows(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=240&seed=5&start=2026-03-02T00:00:00&off=2026-03-02T00:50:00/3600", nil)
	answer := h.client(t, nil).ask("coverage", map[string]any{"every": "1h"})
	want := []map[string]string{
		{"gaps": "1", "longest_gap_s": "3660", "seconds_in_gaps": "660"},
		{"gaps": "0", "longest_gap_s": "0", "seconds_in_gaps": "3000"},
		{"gaps": "0", "longest_gap_s": "0", "seconds_in_gaps": "0"},
	}
	all := rows(answer)
	for i, one := range want {
		for key, value := range one {
			if got := all[i][key].(interface{ String() string }).String(); got != value {
				t.Errorf("row %d: %s is %s, want %s", i+1, key, got, value)
			}
		}
	}
	if total := answer["total"].(map[string]any); total["gaps"].(interface{ String() string }).String() != "1" {
		t.Errorf("%v", total)
	}
	quarters := rows(h.client(t, nil).ask("coverage", map[string]any{"every": "15m"}))
	why, _ := quarters[5]["why"].(map[string]any)
	if why["repaired_percent"] != "no telegram that counts came" || quarters[5]["expected"].(interface{ String() string }).String() != "15" {
		t.Errorf("%v", quarters[5])
	}
}

// Rows outside of the data are left out, which is said.
func TestRowsOutsideOfTheData(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=240&seed=5&start=2026-03-02T00:00:00", nil)
	c := h.client(t, nil)
	answer := c.ask("energy", map[string]any{"from": "2026-03-01", "to": "2026-03-04", "every": "1d"})
	if n := len(rows(answer)); n != 1 || !strings.Contains(notesOf(answer), "2 rows are left out: they are outside of the data") {
		t.Errorf("%d rows, %s", n, notesOf(answer))
	}
	if total := c.ask("energy", nil)["total"].(map[string]any); total["import_t1_kwh"] != answer["total"].(map[string]any)["import_t1_kwh"] {
		t.Errorf("the total is %v, want %v", answer["total"], total)
	}
	answer = c.ask("energy", map[string]any{"from": "2025-03-01", "to": "2025-04-01"})
	if n := len(rows(answer)); n != 1 || !strings.Contains(notesOf(answer), "nothing is known of that time") {
		t.Errorf("%d rows, %s", n, notesOf(answer))
	}
}

// What a meter does not send, a name that no tool knows, and a log that is none of records are
// answered in words that say what to do.
func TestPlainWords(t *testing.T) {
	h := build(t, "?meter=dsmr4&every=1m&telegrams=60&seed=5&start=2026-03-02T00:00:00", nil)
	c := h.client(t, nil)
	answer := c.ask("voltage", nil)
	if notes := notesOf(answer); !strings.Contains(notes, "this meter sends no voltage") || strings.Contains(notes, "_above_s") {
		t.Errorf("%s", notes)
	}
	for _, bad := range []struct {
		tool string
		args map[string]any
		want string
	}{
		{"energy", map[string]any{"metre": "x"}, "those of energy: meter, from, to, every, by, highest, lowest"},
		{"meters", map[string]any{"x": 1}, "those of meters: none"},
		{"peaks", map[string]any{"highest": 0}, "highest is from 1 to 50"},
		{"energy", map[string]any{"from": "yesterday"}, "; today is 20"},
	} {
		if text, ok := c.try(t.Context(), bad.tool, bad.args); ok || !strings.Contains(text, bad.want) {
			t.Errorf("%s %v: %s", bad.tool, bad.args, text)
		}
	}
	if notes := notesOf(c.ask("energy", map[string]any{"from": "2026-03-02T00:07"})); !strings.Contains(notes, "widened to whole quarters") {
		t.Error(notes)
	}
	log := filepath.Join(t.TempDir(), "clean.log")
	if err := os.WriteFile(log, h.sent[0].Logged, 0o600); err != nil {
		t.Fatal(err)
	}
	said := ""
	raw := h.client(t, func(o *Options) {
		o.Names, o.Say = []string{log}, func(err error) { said += err.Error() }
	})
	for _, tool := range []string{"meters", "energy"} {
		if text, ok := raw.try(t.Context(), tool, nil); ok || !strings.Contains(text, "a meter's log is to go through p1cat first") {
			t.Errorf("%s of a log: %s", tool, text)
		}
	}
	if !strings.Contains(said, "clean.log holds no records") {
		t.Errorf("it said %q", said)
	}
}

// partOf is a number of an answer.
func partOf(t *testing.T, v any) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(v.(interface{ String() string }).String())
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	return r
}

// Of many events the kinds that are rare are told each, and the longest of many gaps.
func TestManyEvents(t *testing.T) {
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	c := &scope{asker: New(Options{}), zone: time.UTC, from: begin, to: begin.AddDate(0, 0, 7)}
	var list []happened
	for i := range 300 {
		at := begin.Add(time.Duration(i) * 20 * time.Minute)
		e := happened{at, index.Event{Event: "gap", Count: 1}}
		if i == 77 {
			e.Count = 180
		}
		list = append(list, e)
		if i%100 == 0 {
			list = append(list, happened{at, index.Event{Event: "tariff", Code: "0-0:96.14.0", Before: "1", After: "2"}})
		}
	}
	answer := &Answer{}
	c.countEvents(answer, list)
	each, counted := 0, 0
	for _, r := range answer.Rows {
		if n, ok := r["events"].(int); ok {
			counted += n
		} else if r["event"] == "tariff" && r["time"] != nil {
			each++
		}
	}
	longest := answer.Total["longest_gaps"].([]Row)
	if each != 3 || counted != 300 || len(answer.Rows) > maxRows || len(longest) != maxGaps || longest[0]["telegrams"] != int64(180) {
		t.Errorf("%d each, %d counted, %d rows, %v", each, counted, len(answer.Rows), longest)
	}
}
