package sim

import (
	"slices"
	"testing"
	"time"
)

// clocks returns the time stamps of a stream's telegrams.
func clocks(t *testing.T, query string) []string {
	t.Helper()
	var got []string
	for _, x := range simulate(t, query) {
		stamp := field(t, x.Sent, "0-0:1.0.0")
		if stamp != seasonStamp(x.Clock) {
			t.Errorf("clock %v, but sent %s", x.Clock, stamp)
		}
		got = append(got, stamp)
	}
	return got
}

func TestClockThroughTheYear(t *testing.T) {
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"telegrams=3&start=2026-03-29T01:59:50", []string{"260329015950W", "260329030000S", "260329030010S"}},
		{"telegrams=3&start=2026-10-25T02:59:50S", []string{"261025025950S", "261025020000W", "261025020010W"}},
		{"telegrams=2&start=2026-10-25T02:59:50W", []string{"261025025950W", "261025030000W"}},
		{"telegrams=1&start=2026-10-25T02:30:00", []string{"261025023000S"}},
		{"telegrams=2&start=2027-12-31T23:59:50", []string{"271231235950W", "280101000000W"}},
		{"telegrams=2&start=2028-02-28T23:59:50", []string{"280228235950W", "280229000000W"}},
		{"meter=nl&telegrams=3&start=2024-03-31T01:59:59", []string{"240331015959W", "240331030000S", "240331030001S"}},
		{"telegrams=3&every=1h&start=2026-10-25T01:00:00", []string{"261025010000S", "261025020000S", "261025020000W"}},
	} {
		if got := clocks(t, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%s: clocks %v, want %v", c.query, got, c.want)
		}
	}
}

// The rule written out here against the zone data that Go carries.
func TestLocalIsCentralEurope(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Skip("no time zone data on this machine:", err)
	}
	begin := time.Date(2000, time.January, 1, 0, 30, 0, 0, time.UTC).Unix()
	end := time.Date(2037, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	for at := begin; at < end; at += 5*3600 + 1800 {
		_, got := local(at).Zone()
		if _, want := time.Unix(at, 0).In(zone).Zone(); got != want {
			t.Fatalf("%v: offset %d s, want %d s", time.Unix(at, 0).UTC(), got, want)
		}
	}
}
