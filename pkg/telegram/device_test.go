package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/telegram"
)

func devicesText(p *telegram.Telegram) string {
	var all []string
	for _, d := range p.Devices() {
		reading := d.Text
		if d.OK {
			reading = d.Value.String()
		}
		if d.Unread {
			reading = "unread " + reading
		}
		all = append(all, fmt.Sprintf("%d %s %s %s %s", d.Channel, d.Medium, d.ID, reading, d.Unit))
	}
	return strings.Join(all, "|")
}

func TestDevices(t *testing.T) {
	const gas, id = "0-1:24.1.0(003)", "0-1:96.1.0(4741533031)"
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"lines far from each other", []string{gas, "0-3:24.2.1(260301120000W)(2*kWh)", id, "0-3:24.1.0(2)", "0-1:24.2.1(260301120000W)(1*m3)"}, "1 gas GAS01 1 m3|3 electricity  2 kWh"},
		{"type 0", []string{"0-1:24.1.0(000)", "0-1:96.1.0()", "0-1:24.2.1()()"}, ""},
		{"type 0 with a name", []string{"0-1:24.1.0(000)", id}, ""},
		{"type 0 that counts", []string{"0-1:24.1.0(000)", "0-1:24.2.1(260301120000W)(7*m3)"}, "1 other  7 m3"},
		{"no name and nothing counted", []string{gas, "0-1:96.1.0()", "0-1:24.2.1(700101010000W)(00000000)"}, "1 gas  unread 00000000 m3"},
		{"no line for the name", []string{gas, "0-1:24.2.1(260301120000W)(00000.000*m3)"}, "1 gas  0.000 m3"},
		{"no line for the name, clock not set", []string{gas, "0-1:24.2.1(700101010000W)(00000.000*m3)"}, "1 gas  unread 00000.000 m3"},
		{"a name, clock not set", []string{gas, id, "0-1:24.2.1(000101010000W)(0000000000)"}, "1 gas GAS01 unread 0000000000 m3"},
		{"a time that cannot be", []string{gas, "0-1:96.1.0()", "0-1:24.2.1(632525252525S)(00000.000)"}, "1 gas  unread 00000.000 m3"},
		{"a time that cannot be, and a reading", []string{gas, id, "0-1:24.2.1(632525252525S)(00001.000)"}, "1 gas GAS01 1.000 m3"},
		{"no name, nothing counted, a time of now", []string{gas, "0-1:96.1.0()", "0-1:24.2.1(260301120000W)(00000.000*m3)"}, "1 gas  unread 00000.000 m3"},
		{"a name and no reading", []string{gas, id}, "1 gas GAS01  "},
		{"a name and an empty reading", []string{gas, id, "0-1:24.2.1()()"}, "1 gas GAS01  m3"},
		{"no type", []string{id, "0-1:24.2.1(260301120000W)(1.5*m3)"}, "1  GAS01 1.5 m3"},
		{"no time", []string{gas, id, "0-1:24.2.1(1.5*m3)"}, "1 gas GAS01 1.5 m3"},
		{"both readings", []string{gas, "0-1:24.2.3(260301120000W)(1.5*m3)", "0-1:24.2.1(260301120000W)(1.4*m3)"}, "1 gas  1.4 m3"},
		{"both readings, one cannot be read", []string{gas, "0-1:24.2.1(260301120000W)()", "0-1:24.2.3(260301120000W)(1.5*m3)"}, "1 gas  1.5 m3"},
		{"two lines, two quantities", []string{gas, "0-1:24.3.0(260301120000)(00)(60)(2)(0-1:24.2.1)(m3)(0-1:24.2.2)(GJ)", "(00001.001)(2)"}, "1 gas  1.001 m3"},
		{"two lines, the second lost", []string{gas, id, "0-1:24.3.0(260301120000)(00)(60)(1)(0-1:24.2.1)(m3)"}, "1 gas GAS01  m3"},
		{"two lines, damaged count", []string{gas, "0-1:24.3.0(260301120000)(00)(60)(99)(0-1:24.2.1)(m3)", "(00001.001)"}, "1 gas  1.001 m3"},
		{"value, then time", []string{gas, id, "0-1:24.2.1(1.5*m3)(260301120000W)"}, "1 gas GAS01 1.5 m3"},
		{"a status before the value", []string{gas, id, "0-1:24.2.1(260301120000W)(00)(1.5*m3)"}, "1 gas GAS01 1.5 m3"},
		{"type in hex", []string{"0-1:24.1.0(00C)", "0-1:24.2.1(1*GJ)"}, "1 heat  1 GJ"},
		{"DSMR 2.1", []string{"5-0:0.0.0(C1)", "5-0:1.0.0(1*GJ)", "6-0:1.0.0(00013.345*GJ)(090212160000)", "7-0:0.0.0(4741533031)", "7-0:23.1.0(090212160000)(00001.5)", "8-0:1.0.0(7*m3)", "9-0:1.0.0(8*m3)"},
			"15 cooling C1 1 GJ|16 heat  13.345 GJ|17 gas GAS01 1.5 m3|18 water  7 m3|19 hot_water  8 m3"},
		{"DSMR 2.1, both readings", []string{"7-0:23.1.0(090212160000)(1.5*m3)", "7-0:23.2.0(090212160000)(1.4*m3)", "7-0:24.4.0(1)"}, "17 gas  1.4 m3"},
		{"codes of other media", []string{"7-0:99.1.0(1)", "6-0:2.0.0(1*m3)", "5-1:1.0.0(1*GJ)", "4-0:1.0.0(1*GJ)"}, ""},
		{"units", []string{"0-1:24.1.0(4)", "0-1:24.2.1(260301120000W)(12*MJ)", "0-2:24.1.0(4)", "0-2:24.2.1(260301120000W)(13*KWH)"}, "1 heat  12 MJ|2 heat  13 kWh"},
		{"types", []string{
			"0-1:24.1.0(006)", "0-1:24.2.1(1*m3)", "0-2:24.1.0(011)", "0-2:24.2.1(1*GJ)", "0-3:24.1.0(008)", "0-3:24.2.1(1)", "0-4:24.1.0(7)", "0-4:24.2.1(1*m3)",
		}, "1 hot_water  1 m3|2 cooling  1 GJ|3 other  1 |4 water  1 m3"},
		{"channels that there are not", []string{"0-0:24.1.0(3)", "0-0:24.2.1(1*m3)", "1-1:24.2.1(1*m3)"}, ""},
		{"more channels than the standard has", []string{"0-5:24.1.0(3)", "0-5:24.2.1(1*m3)", "0-9:24.1.0(7)", "0-9:24.2.1(2*m3)"}, "5 gas  1 m3|9 water  2 m3"},
		{"the form of two lines under another code", []string{gas, id, "0-1:24.2.1(260102030000)(00)(60)(1)(0-1:24.2.1)(m3)", "(00421.234)"}, "1 gas GAS01 421.234 m3"},
		{"heat beside flow and degrees", []string{"0-1:24.1.0(004)", "0-1:24.2.1(7*m3)", "0-1:24.2.2(0.5*m3/h)", "0-1:24.2.3(70.0*degC)", "0-1:24.2.5(123456*Wh)"}, "1 heat  123456 Wh"},
		{"type 0, placeholder", []string{"0-1:24.1.0(000)", "0-1:24.2.1(700101010000W)(0)"}, "1 other  unread 0 "},
		{"times of other lengths", []string{gas, "0-1:24.2.1(20260102030000W)(1.5*m3)", "0-2:24.1.0(3)", "0-2:24.2.1(2601020300S)(2.5*m3)", "0-3:24.1.0(3)", "0-3:24.2.1(26-01-02 03:00)(3.5*m3)"}, "1 gas  1.5 m3|2 gas  2.5 m3|3 gas  3.5 m3"},
		{"an identifier that is no hex of letters", []string{gas, "0-1:96.1.0(2122232425)", "0-1:24.2.1(1*m3)"}, "1 gas 2122232425 1 m3"},
	} {
		p := telegram.Parse(telegramOf("ABC5x", c.lines...))
		if got := devicesText(p); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDeviceTimeAndValve(t *testing.T) {
	p := telegram.Parse(telegramOf("ABC5x", "0-1:24.1.0(3)", "0-1:24.2.1(260301120000S)(1*m3)", "0-1:24.4.0(1)", "0-2:24.2.1(2603O1120000S)(1*m3)"))
	d := p.Devices()
	if len(d) != 2 || d[0].At.RFC3339() != "2026-03-01T12:00:00+02:00" || !d[0].AtOK || d[0].Valve != "1" || d[0].Code != "0-1:24.2.1" {
		t.Fatalf("%+v", d)
	}
	if d[1].AtOK || d[1].AtText != "2603O1120000S" || d[1].Valve != "" {
		t.Errorf("%+v", d[1])
	}
}

// TestPastReadings: what a line has more than one of is told by which time it belongs to.
func TestPastReadings(t *testing.T) {
	for line, want := range map[string]string{
		"6-0:1.0.0(3*GJ)(090212160000)(2*GJ)(090212150000)(1*GJ)(090212140000)": "3@16 2@15 1@14",
		"6-0:1.0.0(1*GJ)(090212140000)(2*GJ)(090212150000)":                     "2@15 1@14",
		"7-0:23.1.0(090212160000)(3*m3)(090212150000)(2*m3)":                    "3@16 2@15",
		"7-0:23.1.0(090212160000)(3*m3)(2*m3)":                                  "3@16",
		"0-1:24.2.1(090212160000W)(3*m3)":                                       "3@16",
	} {
		d := telegram.Parse(telegramOf("ABC5x", line)).Devices()[0]
		var got []string
		for _, r := range append([]telegram.Reading{d.Reading}, d.Past...) {
			got = append(got, fmt.Sprintf("%s@%d", r.Value, r.At.Time.Hour()))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// TestMeaningsOfDevices: a reading is named after the channel and its own unit; only of
// gas is 24.2.3 one that is not converted.
func TestMeaningsOfDevices(t *testing.T) {
	p := telegram.Parse(telegramOf("ABC5x", "0-4:24.1.0(7)", "0-4:24.2.1(1*m3)", "0-4:24.2.3(12.5*degC)",
		"0-2:24.1.0(3)", "0-2:24.2.3(1*m3)", "0-2:24.2.2(1*foo)(2)", "0-3:24.2.3(1*m3)"))
	for code, want := range map[string]string{
		"0-2:24.2.3": "mbus2_uncorrected_m3", "0-3:24.2.3": "mbus3_value_3_m3", "0-4:24.2.3": "mbus4_value_3_degc",
		"0-4:24.2.1": "mbus4_m3", "0-2:24.2.2": "mbus2_value_2_foo mbus2_value_2", "0-2:24.2.1": "mbus2", "0-1:24.2.1": "mbus1",
	} {
		var got []string
		for _, m := range p.Meanings(code) {
			got = append(got, m.Column())
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}
