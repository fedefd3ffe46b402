package sequence_test

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sequence"
)

// log is what is read of one source: a telegram for each clock.
func log(source string, clocks ...string) (list []*record.Telegram) {
	for i, clock := range clocks {
		raw := fmt.Sprintf("/XYZ5meter\r\n\r\n0-0:1.0.0(%s)\r\n0-0:96.1.1(4B30)\r\n1-0:1.8.0(%06d.000*kWh)\r\n!0000\r\n", clock, i)
		list = append(list, &record.Telegram{Origin: record.Origin{Source: source, Offset: int64(100 * i)}, Status: record.OK, Raw: []byte(raw)})
	}
	return list
}

func with(list []*record.Telegram, change func(*record.Telegram)) []*record.Telegram {
	for _, t := range list {
		change(t)
	}
	return list
}

// at is a log whose telegrams came in at a time.
func at(list []*record.Telegram, host string) []*record.Telegram {
	return with(list, func(t *record.Telegram) { t.Time = host })
}

// Logs that are read twice, overlap, or come in the wrong order are told of, once; logs that
// follow one another, clocks that are set and other meters are not.
func TestLook(t *testing.T) {
	day1 := []string{"260301120000W", "260301120010W", "260301120020W"}
	day2 := []string{"260302120000W", "260302120010W", "260302120020W"}
	bare := []string{"261025023000", "261025023010", "261025025950"}
	for _, c := range []struct {
		name string
		logs [][]*record.Telegram
		says string
	}{
		{"in order", [][]*record.Telegram{log("day1", day1...), log("day2", day2...)}, ""},
		{"wrong order", [][]*record.Telegram{log("day2", day2...), log("day1", day1...)}, "day1 begins at 2026-03-01T12:00:00+01:00, and up to 2026-03-02T12:00:20+01:00 was read before"},
		{"twice", [][]*record.Telegram{log("day1", day1...), log("day1", day1...)}, "day1 begins at 2026-03-01T12:00:00+01:00, and up to 2026-03-01T12:00:20+01:00"},
		{"a copy", [][]*record.Telegram{log("day1", day1...), log("day2", day2...), log("copy", day1...)}, "copy begins at"},
		{"one telegram twice", [][]*record.Telegram{log("day1", day1[0]), log("copy", day1[0])}, "copy begins at"},
		{"overlap", [][]*record.Telegram{log("day1", day1...), log("day2", append(day1[2:], day2...)...)}, "day2 begins at"},
		{"a clock that is set back", [][]*record.Telegram{log("day", append(day2, day1...)...)}, ""},
		{"the hour that autumn repeats, read on", [][]*record.Telegram{log("a", bare...), log("b", "261025020000", "261025020010")}, ""},
		{"without S or W, twice", [][]*record.Telegram{log("a", bare...), log("a", bare...)}, "a begins at 2026-10-25T02:30:00"},
		{"another meter", [][]*record.Telegram{log("day2", day2...), with(log("day1", day1...), func(t *record.Telegram) {
			t.Raw = []byte(strings.Replace(string(t.Raw), "4B30", "4B31", 1))
		})}, ""},
		{"a clock that was set", [][]*record.Telegram{at(log("day2", day2...), "2026-03-02T12:00:00Z"), at(log("day1", day1...), "2026-03-02T13:00:00Z")}, ""},
		{"wrong order, host's times", [][]*record.Telegram{at(log("day2", day2...), "2026-03-02T12:00:00Z"), at(log("day1", day1...), "2026-03-01T12:00:00Z")}, "day1 begins at"},
		{"a clock that is reset", [][]*record.Telegram{log("day2", day2...), log("day3", "000101000000W")}, ""},
		{"lost telegrams", [][]*record.Telegram{log("day2", day2...), with(log("day1", day1...), func(t *record.Telegram) { t.Status = record.Lost })}, ""},
		{"no clock", [][]*record.Telegram{log("a", ""), log("a", "")}, ""},
	} {
		var w sequence.Watch
		var said []string
		look := func(list []*record.Telegram) {
			for _, telegram := range list {
				if text := w.Look(telegram); text != "" {
					said = append(said, text)
				}
			}
		}
		for _, list := range c.logs {
			look(list)
		}
		if c.says == "" {
			if len(said) > 0 {
				t.Errorf("%s: %q", c.name, said)
			}
			continue
		}
		look(c.logs[0]) // which is said no more
		if len(said) != 1 || !strings.HasPrefix(said[0], c.says) {
			t.Errorf("%s: %q, want %q once", c.name, said, c.says)
		}
	}
}
