package sim

import (
	"strings"
	"testing"
	"time"
)

func TestParseOptionsDefaults(t *testing.T) {
	want := Options{
		Meter: "hu", Telegrams: 360, Noise: "clean", Framing: "keep", Resync: "edge", CRC: "right", Parity: "none", Logger: "all", Seed: 1, Clock: "right", Tag: "right", Cipher: "on",
		Start: time.Date(2026, time.March, 1, 0, 0, 0, 0, winter),
	}
	for _, query := range []string{"", "?"} {
		if got, err := ParseOptions(query); err != nil || got != want {
			t.Errorf("ParseOptions(%q) = %+v, %v", query, got, err)
		}
	}
}

func TestParseOptionsAll(t *testing.T) {
	query := "meter=nl&telegrams=12&noise=slow-rise&seed=7&rate=0.002&pause-rate=0.3&framing=drop" +
		"&gap=1&crc=random&parity=even&logger=printable&start=2026-07-01T12:30:00&every=15m&pv=false&mbus=heat%2Bgas&message=hello&clock=jump&tag=right"
	want := Options{
		Meter: "nl", Telegrams: 12, Noise: "slow-rise", Rate: 0.002, PauseRate: 0.3, Framing: "drop", Resync: "edge",
		Gap: 1, CRC: "random", Parity: "even", Logger: "printable", Seed: 7, Start: time.Date(2026, time.July, 1, 12, 30, 0, 0, summer),
		Every: 15 * time.Minute, NoPV: true, MBus: "heat+gas", Message: "hello", Clock: "jump", Tag: "right", Cipher: "on",
	}
	for _, q := range []string{query, "?" + query} {
		got, err := ParseOptions(q)
		if err != nil || !got.Start.Equal(want.Start) {
			t.Fatalf("ParseOptions(%q) = %+v, %v", q, got, err)
		}
		got.Start = want.Start
		if got != want {
			t.Errorf("ParseOptions(%q)\n got %+v\nwant %+v", q, got, want)
		}
	}
	for _, q := range []string{"noise=slow-rise+overrun", "noise=slow-rise:rate=1:late=3.12+clock:clock-error=-2+jitter&scatter=0.26", "noise=slow-rise+clock&rate=1"} {
		if _, err := ParseOptions(q); err != nil {
			t.Error(err)
		}
	}
	o, err := ParseOptions("noise=slow-rise&rate=1&late=3.12&scatter=0.26")
	if err != nil || o.Line != "late=3.12&scatter=0.26" || o.Rate != 1 {
		t.Errorf("the noise is %+v, %v", o, err)
	}
}

func TestParseOptionsRefuses(t *testing.T) {
	for _, c := range []struct{ query, says string }{
		{"metre=hu", "known: car, cipher, clock, clock-error, common, crc, every, failure, framing, gap, gas-replace, late, limiter, logger, longest, mbus, message, meter, noise, off, parity, pause-rate, pull, pv, rate, replace, resync, scatter, seed, shift, since, spell, start, tag, telegrams"},
		{"meter=de", "known: " + strings.Join(Meters(), ", ")},
		{"noise=loud", "known: burst, clean, clock, cut, delete, flip, jitter, late, overrun, pulse, slip, slow-fall, slow-rise"},
		{"noise=slip+loud", `unknown noise "loud"`},
		{"noise=%2B", "known: burst"},
		{"logger=vim", "known: all, ascii, cr, crcrlf, lf, nohigh, nonul, printable, raw, replacement, sevenbit, utf8, utf8-1250, utf8-1252, utf8-437, utf8-850, utf8-852"},
		{"framing=maybe", "known: drop, keep"},
		{"crc=wrong", "known: lower, random, right, unpadded"},
		{"crc=random&meter=dsmr3", "sends no CRC"},
		{"parity=odd", "known: even, none"},
		{"parity=even&meter=hu", "need eight"},
		{"telegrams=0", "from 1 up"},
		{"telegrams=many", "from 1 up"},
		{"seed=-1", "from 0"},
		{"seed=1&seed=2", "2 times"},
		{"noise=slip&rate=0", "above 0"},
		{"noise=slip&rate=1.5", "up to 1"},
		{"noise=slip&rate=NaN", "up to 1"},
		{"rate=0.1", "belongs to one noise"},
		{"noise=slip+cut&rate=0.1", "belongs to one noise"},
		{"noise=slip&pause-rate=0.1", "belongs to jitter, pulse, slow-fall, slow-rise"},
		{"noise=clock&rate=0.1", "belongs to one noise"},
		{"noise=slow-rise+slow-fall&rate=0.1", "belongs to one noise"},
		{"noise=flip&late=3", "belongs to slow-fall, slow-rise"},
		{"spell=3", "belongs to jitter, slow-fall, slow-rise"},
		{"noise=slow-rise&late=-1", "want µs from 0"},
		{"noise=slow-rise&late=NaN", "want µs from 0"},
		{"noise=slow-rise&late=soon", "want µs from 0"},
		{"noise=slow-rise&scatter=1e9", "want µs from 0"},
		{"noise=slow-rise&spell=0", "characters from 1"},
		{"noise=pulse&pull=left", "known: down, either, up"},
		{"noise=clock&clock-error=6", "percent from -5 to 5"},
		{"noise=slow-rise:late", "nothing that it takes"},
		{"noise=slow-rise:late=x", "want µs from 0"},
		{"noise=flip+slow-rise:pull=up", "nothing that it takes"},
		{"resync=never&noise=slip", "known: edge, level, low, pause"},
		{"resync=pause&noise=flip", "belongs to slip"},
		{"gap=-1", "0 to 20"},
		{"gap=x", "whole number"},
		{"pv=perhaps", "true or false"},
		{"every=15", "a duration"},
		{"every=15s", "multiple"},
		{"start=yesterday", "local time"},
		{"start=1999-12-31T23:59:59", "two digits"},
		{"start=2026-03-29T02:30:00", "never shows"},
		{"start=2026-06-01T00:00:00W", "never shows"},
		{"start=2026-06-01T00:00:00SS", "local time"},
		{"seed=%zz", "not a query"},
		{"replace=tomorrow", "local time"},
		{"replace=2026-02-28T00:00:00", "after the start"},
		{"gas-replace=2026-03-01T00:00:00&meter=nl", "after the start"},
		{"gas-replace=2026-03-02T00:00:00&meter=nl&mbus=water", "no gas meter"},
		{"gas-replace=2026-03-02T00:00:00&meter=hu", "no gas meter"},
		{"mbus=gas", "no M-Bus"},
		{"mbus=oil&meter=nl", "known: gas, heat, slave, water, none"},
		{"mbus=gas+gas&meter=nl", "stands twice"},
		{"message=x&meter=se", "sends no message"},
		{"message=(x)", "without parentheses"},
		{"message=%C3%A9", "printable ASCII"},
		{"meter=nl&message=" + strings.Repeat("x", 1025), "up to 1024"},
		{"failure=2026-03-01T00:10:00", "a time and up to"},
		{"failure=2026-03-01T00:10:00/0", "a time and up to"},
		{"failure=now/60", "local time"},
		{"failure=2026-02-01T00:10:00/60", "after the start"},
		{"failure=2026-03-01T00:10:00/65", "multiple"},
		{"off=2026-03-01T00:10:00", "a time and up to"},
		{"off=2026-02-01T00:10:00/60", "after the start"},
		{"car=0", "kW from 1 to 95"},
		{"car=96", "kW from 1 to 95"},
		{"limiter=few", "kW from 1 to 95"},
		{"limiter=90&meter=nl", "states none in kW"},
		{"clock=fast", "known: jump, old, reset, right"},
		{"clock=old&meter=q3d", "tells no time"},
		{"tag=wrong", "not encrypted"},
		{"cipher=off", "not encrypted"},
		{"tag=none&meter=lu", "known: right, wrong"},
		{"crc=lower&meter=q3d", "sends no CRC"},
		{"parity=even&meter=lu", "need eight"},
	} {
		if _, err := ParseOptions(c.query); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("ParseOptions(%q): error %v, want one that says %q", c.query, err, c.says)
		}
	}
	for _, o := range []Options{{Telegrams: -1}, {Every: -time.Hour}, {Noise: "slip", Rate: 2}, {Noise: "slow-rise", Line: "late=%zz"}, {Noise: "slow-rise", Line: "loud=1"}, {Resync: "pause"}, {CRC: "none"}, {Parity: "even"}, {Meter: "de"},
		{FailureFor: time.Hour}, {OffFor: time.Hour}, {Car: -1}, {Limiter: 1000}, {Failure: time.Date(2026, time.April, 1, 0, 0, 0, 0, summer)}} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%+v) gives no error", o)
		}
	}
}

// The lists are tables that people read: sorted, and complete in the errors above.
func TestListsAreSorted(t *testing.T) {
	for _, list := range [][]string{Meters(), Noises(), Loggers()} {
		for i := range list[1:] {
			if list[i] >= list[i+1] {
				t.Errorf("%q stands before %q", list[i], list[i+1])
			}
		}
	}
}
