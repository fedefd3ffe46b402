package sim

import (
	"bytes"
	"testing"
	"time"
)

// While the logger is off the meter goes on: what comes after is what would have come
// anyway, and earlier telegrams are the same.
func TestLoggerIsOff(t *testing.T) {
	for _, m := range models {
		query := "every=1m&start=2026-05-31T23:20:00&meter=" + m.name
		all := simulate(t, query+"&telegrams=60")
		left := simulate(t, query+"&telegrams=30&off=2026-05-31T23:30:00/1800")
		for i, x := range left {
			want := all[i]
			if i >= 10 {
				want = all[i+30]
			}
			if !x.Clock.Equal(want.Clock) || !bytes.Equal(without(x.Plain), without(want.Plain)) {
				t.Fatalf("%s: telegram %d is of %v, and want one of %v:\n%s\n%s", m.name, x.Seq, x.Clock, want.Clock, x.Plain, want.Plain)
			}
		}
	}
}

// without is a telegram without its CRC.
func without(text []byte) []byte { return text[:bytes.LastIndexByte(text, '!')] }

// A car is charged by night, from the first one on, and the meter counts it.
func TestCar(t *testing.T) {
	for _, m := range models {
		query := "telegrams=288&every=5m&pv=false&start=2026-05-31T23:20:00&meter=" + m.name
		bare, charged := simulate(t, query), simulate(t, query+"&car=22")
		for i, x := range charged {
			minute := x.Clock.Sub(time.Date(2026, time.June, 1, 0, 0, 0, 0, summer)).Minutes()
			if night := minute >= chargeFrom && minute < chargeFrom+chargeFor; !night && i < 25 && !bytes.Equal(x.Plain, bare[i].Plain) {
				t.Errorf("%s: at %v, before the car is charged, telegrams differ", m.name, x.Clock)
			} else if night && bytes.Equal(x.Plain, bare[i].Plain) {
				t.Errorf("%s: at %v, while the car is charged, telegrams are the same", m.name, x.Clock)
			}
		}
		// 190 minutes at 22 kW.
		const want = chargeFor * 22_000 / 60
		if m.name != "se" {
			continue
		}
		last := len(bare) - 1
		if got := number(t, charged[last].Plain, "1-0:1.8.0") - number(t, bare[last].Plain, "1-0:1.8.0"); got < want-10 || got > want {
			t.Errorf("the car took %d Wh, want %d", got, want)
		}
	}
}

// A limiter of 90 kW, as each meter writes it.
func TestLimiter(t *testing.T) {
	for meter, want := range map[string]string{"be": "0-0:17.0.0(090.0*kW)", "dsmr4": "0-0:17.0.0(090.0*kW)", "hu": "0-0:17.0.0(90.000*kW)"} {
		if x := simulate(t, "telegrams=1&limiter=90&meter="+meter)[0]; !bytes.Contains(x.Plain, []byte("\r\n"+want+"\r\n")) {
			t.Errorf("%s has no %s", meter, want)
		}
	}
}
