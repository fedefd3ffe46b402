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
			reading = d.Reading.String()
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
		{"no name and nothing counted", []string{gas, "0-1:96.1.0()", "0-1:24.2.1(700101010000W)(00000000)"}, ""},
		{"no line for the name", []string{gas, "0-1:24.2.1(260301120000W)(00000.000*m3)"}, "1 gas  0.000 m3"},
		{"no line for the name, clock not set", []string{gas, "0-1:24.2.1(700101010000W)(00000.000*m3)"}, ""},
		{"a name and no reading", []string{gas, id}, "1 gas GAS01  "},
		{"a name and an empty reading", []string{gas, id, "0-1:24.2.1()()"}, "1 gas GAS01  "},
		{"no type", []string{id, "0-1:24.2.1(260301120000W)(1.5*m3)"}, "1  GAS01 1.5 m3"},
		{"no time", []string{gas, id, "0-1:24.2.1(1.5*m3)"}, "1 gas GAS01 1.5 m3"},
		{"both readings", []string{gas, "0-1:24.2.3(260301120000W)(1.5*m3)", "0-1:24.2.1(260301120000W)(1.4*m3)"}, "1 gas  1.4 m3"},
		{"both readings, one cannot be read", []string{gas, "0-1:24.2.1(260301120000W)()", "0-1:24.2.3(260301120000W)(1.5*m3)"}, "1 gas  1.5 m3"},
		{"two lines, two quantities", []string{gas, "0-1:24.3.0(260301120000)(00)(60)(2)(0-1:24.2.1)(m3)(0-1:24.2.2)(GJ)", "(00001.001)(2)"}, "1 gas  1.001 m3"},
		{"two lines, the second lost", []string{gas, id, "0-1:24.3.0(260301120000)(00)(60)(1)(0-1:24.2.1)(m3)"}, "1 gas GAS01  "},
		{"two lines, damaged count", []string{gas, "0-1:24.3.0(260301120000)(00)(60)(99)(0-1:24.2.1)(m3)", "(00001.001)"}, ""},
		{"units", []string{"0-1:24.1.0(4)", "0-1:24.2.1(260301120000W)(12*MJ)", "0-2:24.1.0(4)", "0-2:24.2.1(260301120000W)(13*KWH)"}, "1 heat  12 MJ|2 heat  13 kWh"},
		{"types", []string{
			"0-1:24.1.0(006)", "0-1:24.2.1(1*m3)", "0-2:24.1.0(011)", "0-2:24.2.1(1*GJ)", "0-3:24.1.0(008)", "0-3:24.2.1(1)", "0-4:24.1.0(7)", "0-4:24.2.1(1*m3)",
		}, "1 water  1 m3|2 cooling  1 GJ|3 other  1 |4 water  1 m3"},
		{"channels that there are not", []string{"0-0:24.1.0(3)", "0-0:24.2.1(1*m3)", "0-5:24.1.0(3)", "0-5:24.2.1(1*m3)", "1-1:24.2.1(1*m3)"}, ""},
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

// TestTwoOfAKind: the first of two gas meters is gas, the second says its channel.
func TestTwoOfAKind(t *testing.T) {
	p := telegram.Parse(telegramOf("ABC5x", "0-4:24.1.0(3)", "0-4:24.2.1(1*m3)", "0-2:24.1.0(3)", "0-2:24.2.3(1*m3)", "0-2:24.2.2(1*m3)"))
	for code, want := range map[string]string{"0-2:24.2.3": "gas_m3", "0-4:24.2.1": "gas_ch4_m3", "0-2:24.2.2": "mbus2_value_2_m3", "0-2:24.2.1": "mbus2", "0-1:24.2.1": "mbus1"} {
		if got := p.Meaning(code).Column(); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}
