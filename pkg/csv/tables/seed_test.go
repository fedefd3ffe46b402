package tables

import (
	"slices"
	"testing"
)

func TestSeedGolden(t *testing.T) {
	want := frozen[Seed] + "\n" +
		"230824012130S,8234.524,376.540,235.3,232.3,232.3,0,10,2,2.949,0.000,,-12.640,,,False\n" +
		"230824012140S,8234.532,376.541,235.3,232.3,232.3,0,10,2,0.000,1.200,2.880,5.144,,,False\n"
	if got := made(t, limits(t, Options{Profile: Seed}), telegrams(first, second)...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestStress(t *testing.T) {
	for _, test := range []struct {
		changes          lines
		volt, amp, power string
	}{
		{nil, "", "", "False"},
		{lines{"1-0:32.7.0": "240.0*V", "1-0:31.7.0": "018*A", "1-0:1.7.0": "11.000*kW"}, "", "", "False"},
		{lines{"1-0:32.7.0": "240.1*V", "1-0:31.7.0": "018.01*A", "1-0:1.7.0": "11.001*kW"}, "3", "3", "True"},
		{lines{"1-0:32.7.0": "241*V", "1-0:72.7.0": "250.0*V", "1-0:51.7.0": "19*A", "1-0:71.7.0": "20*A"}, "3 7", "5 7", "False"},
		{lines{"1-0:32.7.0": "241*V", "1-0:52.7.0": "241*V", "1-0:72.7.0": "241*V", "1-0:2.7.0": "12000*W"}, "3 5 7", "", "True"},
		{lines{"1-0:1.7.0": "gone", "1-0:2.7.0": "", "1-0:52.7.0": "gone", "1-0:51.7.0": "gone"}, "", "", ""},
		{lines{"1-0:1.7.0": "gone"}, "", "", "False"},
	} {
		_, rows := read(t, made(t, limits(t, Options{Profile: Seed}), ok(raw(0, test.changes))), ',')
		row := rows[0]
		if row["VoltStress"] != test.volt || row["AmpStress"] != test.amp || row["kWStress"] != test.power {
			t.Errorf("%v: %q, %q, %q", test.changes, row["VoltStress"], row["AmpStress"], row["kWStress"])
		}
	}
	o := Options{Profile: Seed, LimitVoltage: decimal(t, "232.25"), LimitCurrent: decimal(t, "9.9"), LimitPower: decimal(t, "2.9489")}
	_, rows := read(t, made(t, o, ok(first)), ',')
	if got := rows[0]; got["VoltStress"] != "3 5 7" || got["AmpStress"] != "5" || got["kWStress"] != "True" {
		t.Errorf("other limits: %v", got)
	}
}

func TestTotalAmp(t *testing.T) {
	for _, test := range []struct{ in, out, want string }{
		{"02.949*kW", "00.000*kW", "-12.640"},
		{"00.000*kW", "02.949*kW", "12.640"},
		{"00.000*kW", "00.000*kW", "0.000"},
		{"01.000*kW", "00.001*kW", ""},
		{"gone", "00.000*kW", ""},
		{"00.000*kW", "gone", ""},
	} {
		r := ok(raw(0, lines{"1-0:1.7.0": test.in, "1-0:2.7.0": test.out}))
		_, rows := read(t, made(t, limits(t, Options{Profile: Seed}), r), ',')
		if got := rows[0]["TotalAmp"]; got != test.want {
			t.Errorf("in %s, out %s: %q", test.in, test.out, got)
		}
	}
}

func TestConsumption(t *testing.T) {
	_, rows := read(t, made(t, limits(t, Options{Profile: Seed}), telegrams(
		at("231029025955S", "1.000"),
		at("231029020005W", "1.008"),       // 10 s of the hour that comes twice
		at("231029020019W", "1.009"),       // 14 s
		at("231029020034W", "1.010"),       // 15 s
		at("231029020034W", "1.011"),       // no time
		at("231029020035W", "1.010"),       // fell
		at("231029020036W", "123456.0105"), // × 360 is beyond no limit
		at("231029020037W", "123456.0105"),
	)...), ',')
	want := []string{"", "2.880", "0.360", "", "", "", "44443800.1800", "0.0000"}
	if got := rows.column("kWInfromConsumption"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
