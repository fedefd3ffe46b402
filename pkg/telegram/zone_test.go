package telegram_test

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // zones, whatever the machine has

	"p1/pkg/telegram"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestClockIn(t *testing.T) {
	for _, c := range []struct {
		text, zone, first, second string
		how                       telegram.Occurrence
	}{
		{"260301120000", "Europe/Amsterdam", "2026-03-01T12:00:00+01:00", "2026-03-01T12:00:00+01:00", telegram.Once},
		{"260701120000", "Europe/Amsterdam", "2026-07-01T12:00:00+02:00", "2026-07-01T12:00:00+02:00", telegram.Once},
		{"261025015959", "Europe/Amsterdam", "2026-10-25T01:59:59+02:00", "2026-10-25T01:59:59+02:00", telegram.Once},
		{"261025020000", "Europe/Amsterdam", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", telegram.Twice},
		{"261025025959", "Europe/Amsterdam", "2026-10-25T02:59:59+02:00", "2026-10-25T02:59:59+01:00", telegram.Twice},
		{"261025030000", "Europe/Amsterdam", "2026-10-25T03:00:00+01:00", "2026-10-25T03:00:00+01:00", telegram.Once},
		{"260329015959", "Europe/Amsterdam", "2026-03-29T01:59:59+01:00", "2026-03-29T01:59:59+01:00", telegram.Once},
		{"260329020000", "Europe/Amsterdam", "2026-03-29T02:00:00+01:00", "2026-03-29T02:00:00+01:00", telegram.Never},
		{"260329030000", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00", "2026-03-29T03:00:00+02:00", telegram.Once},
		{"261025023000S", "Europe/Budapest", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00", telegram.Once},
		{"261025023000W", "Europe/Budapest", "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00", telegram.Once},
		{"260701120000W", "Europe/Budapest", "2026-07-01T12:00:00+01:00", "2026-07-01T12:00:00+01:00", telegram.Once},
		{"260301120000S", "Europe/Budapest", "2026-03-01T12:00:00+02:00", "2026-03-01T12:00:00+02:00", telegram.Once},
		{"260701120000S", "Europe/Vilnius", "2026-07-01T12:00:00+03:00", "2026-07-01T12:00:00+03:00", telegram.Once},
		{"260301120000W", "Europe/Vilnius", "2026-03-01T12:00:00+02:00", "2026-03-01T12:00:00+02:00", telegram.Once},
		{"260701120000", "Europe/Dublin", "2026-07-01T12:00:00+01:00", "2026-07-01T12:00:00+01:00", telegram.Once},
		{"261025013000", "Europe/Dublin", "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00Z", telegram.Twice},
		{"260701120000", "UTC", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z", telegram.Once},
		{"260701120000S", "UTC", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z", telegram.Once},
	} {
		clock, err := telegram.ParseClock(c.text)
		if err != nil {
			t.Fatal(err)
		}
		z := zone(t, c.zone)
		first, how := clock.In(z)
		second := clock.Second(z)
		if first.RFC3339() != c.first || second.RFC3339() != c.second || how != c.how {
			t.Errorf("%s in %s: %s, %s, %d, want %s, %s, %d", c.text, c.zone, first.RFC3339(), second.RFC3339(), how, c.first, c.second, c.how)
		}
		if clock.Season != 0 && first.Season != clock.Season || first.Season == 0 {
			t.Errorf("%s in %s: season %q", c.text, c.zone, first.Season)
		}
	}
}

// TestClockInAnyZone: how often a time occurs is counted by trying every offset
// that there is, and what is told of a time is that it shows the same again.
func TestClockInAnyZone(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	count := map[telegram.Occurrence]int{}
	for _, name := range []string{"Europe/Amsterdam", "Europe/Vilnius", "Europe/Dublin", "Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"} {
		z := zone(t, name)
		for n := range 4000 {
			// Half of them on the days about a change.
			day := time.Date(2015+r.IntN(15), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
			if n%2 == 0 {
				day = time.Date(day.Year(), []time.Month{3, 4, 10, 11}[r.IntN(4)], 24+r.IntN(14), 0, 0, 0, 0, time.UTC)
			}
			wall := day.Add(time.Duration(r.IntN(4*3600)) * time.Second)
			text := wall.Format("060102150405")
			var times []time.Time
			for ahead := -12 * time.Hour; ahead <= 14*time.Hour; ahead += 15 * time.Minute {
				if at := wall.Add(-ahead).In(z); at.Format("060102150405") == text {
					times = append(times, at)
				}
			}
			clock, err := telegram.ParseClock(text)
			if err != nil {
				t.Fatal(err)
			}
			first, how := clock.In(z)
			second := clock.Second(z)
			count[how]++
			if len(times) != []int{1, 2, 0}[how] {
				t.Fatalf("%s occurs %d times in %s, and is told as %d", text, len(times), name, how)
			}
			if first.Time.Format("060102150405") != text || second.Time.Format("060102150405") != text {
				t.Fatalf("%s in %s shows %s and %s", text, name, first.Time, second.Time)
			}
			switch how {
			case telegram.Once:
				if !first.Time.Equal(times[0]) || !second.Time.Equal(times[0]) {
					t.Fatalf("%s in %s: %s and %s, want %s", text, name, first.Time, second.Time, times[0])
				}
			case telegram.Twice:
				if !first.Time.Equal(times[1]) || !second.Time.Equal(times[0]) || !first.Time.Before(second.Time) {
					t.Fatalf("%s in %s: %s and %s, want %s and %s", text, name, first.Time, second.Time, times[1], times[0])
				}
			}
		}
	}
	for how, n := range count {
		if n < 20 {
			t.Errorf("only %d times are told as %d", n, how)
		}
	}
}

func TestIsReset(t *testing.T) {
	for text, want := range map[string]bool{"000101000000W": true, "000713081500S": true, "000101000000": true, "700101010000W": true, "010101000000W": false, "260301120000W": false} {
		c, err := telegram.ParseClock(text)
		if err != nil {
			t.Fatal(err)
		}
		if c.IsReset() != want {
			t.Errorf("%s: %v", text, c.IsReset())
		}
	}
}
