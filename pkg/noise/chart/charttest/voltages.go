package charttest

import (
	"fmt"
	"math"
	"time"

	"p1/pkg/noise/voltage"
	"p1/pkg/record"
)

// House is a made-up house whose meter tells its voltages each so many seconds.
type House struct {
	Days   int
	Every  int // seconds; 10 where it is 0
	Status record.Status
	Volts  func(t time.Time, phase int) float64 // nothing is sent where it is negative
	Phases int
	Meters int
	Name   string
	Begin  time.Time                   // as winter's clock shows it, but in UTC; some day in March where it is zero
	Summer func(winter time.Time) bool // whether summer's clock is in force; never where it is nil
}

// Evidence is what the telegrams of a house come to.
func (h House) Evidence() *voltage.Evidence {
	c, _ := voltage.NewCounter(voltage.Nominal)
	c.Draw()
	for n := range max(h.Meters, 1) {
		h.feed(c, n)
	}
	return c.Evidence()
}

// feed gives a counter the telegrams of one of the meters.
func (h House) feed(c *voltage.Counter, n int) {
	if h.Every == 0 {
		h.Every = 10
	}
	if h.Status == "" {
		h.Status = record.OK
	}
	at := record.Origin{Source: "p1.log"}
	if h.Begin.IsZero() {
		h.Begin = time.Date(2026, 3, 14, 15, 20, 0, 0, time.UTC)
	}
	for s := 0; s < h.Days*24*3600; s += h.Every {
		t, season := h.Begin.Add(time.Duration(s)*time.Second), "W"
		if h.Summer != nil && h.Summer(t) {
			t, season = t.Add(time.Hour), "S"
		}
		if h.Volts(t, 0) < 0 {
			continue
		}
		raw := fmt.Appendf(nil, "/AUX59912345678\r\n\r\n0-0:1.0.0(%s)\r\n0-0:42.0.0(%s%d)\r\n", t.Format("060102150405")+season, h.Name, int64(9912345678)+int64(n))
		for phase := range h.Phases {
			raw = fmt.Appendf(raw, "1-0:%d2.7.0(%.1f*V)\r\n", 3+2*phase, h.Volts(t, phase))
		}
		raw = append(raw, "!0000\r\n"...)
		_ = c.Take(&record.Telegram{Origin: at, Status: h.Status, CRC: record.CRCARC, Raw: raw}) // it is no chunk
		at.Offset += int64(len(raw))
	}
}

// Steady, Sunny and Holes are voltages. Sunny ones are too high at noon of some days on L1
// and too low in the evening of some on L3; Holes are the same with hours and days missing,
// an hour of which a third is, and an interruption.
func Steady(t time.Time, phase int) float64 {
	return 233 + 2*math.Sin(float64(t.Unix())/5000+float64(phase))
}

func Sunny(t time.Time, phase int) float64 {
	h := float64(t.Hour()) + float64(t.Minute())/60
	bell := func(at, wide float64) float64 { return math.Exp(-(h - at) * (h - at) / (wide * wide)) }
	v := Steady(t, phase) + 9*bell(12.5, 2.6) - 8*bell(19, 1.7)
	switch {
	case phase == 0 && t.Day()%3 == 0:
		v += 14 * bell(13, 1.5)
	case phase == 2 && t.Day()%4 == 0:
		v -= 32 * bell(19, 1)
	}
	return v
}

func Holes(t time.Time, phase int) float64 {
	switch {
	case t.Day() == 16 && t.Hour() >= 9 && t.Hour() < 14, t.Day() == 18, t.Day() == 19:
		return -1
	case t.Day() == 17 && t.Hour() == 8 && t.Second()%30 == 0:
		return -1
	case t.Day() == 20 && t.Hour() == 3 && t.Minute() < 20:
		return 0
	}
	return Sunny(t, phase)
}

// Houses returns houses by what their voltages are like.
func Houses() map[string]House {
	return map[string]House{
		"nothing":    {},
		"kept":       {Days: 7, Volts: Steady, Phases: 1},
		"holes":      {Days: 8, Volts: Holes, Phases: 3},
		"sparse":     {Days: 2, Every: 60, Volts: Steady, Phases: 3},
		"unverified": {Days: 2, Volts: Sunny, Phases: 3, Status: record.Unchecked},
		"many":       {Days: 1, Volts: Steady, Phases: 1, Meters: 6},
		"stranger":   {Days: 1, Every: 30, Volts: Steady, Phases: 1, Name: "<script>alert(1)</script>"},
	}
}
