package sim

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// layouts holds what the telegrams of each meter look like, line by line, the header
// first. The layouts of the others are in tests of their own.
var layouts = map[string]string{
	"at": `/EST5\\253\d{6}_A
1-3:0\.2\.8\(50\)
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:96\.1\.0\(534147313033[0-9A-F]{20}\)
(1-0:[12]\.8\.0\(\d{9}\*Wh\)
1-0:[12]\.8\.1\(\d{9}\*Wh\)
1-0:[12]\.8\.2\(\d{9}\*Wh\)
1-0:[12]\.7\.0\(\d{9}\*W\)
){2}(1-0:[34]\.8\.0\(\d{9}\*varh\)
1-0:[34]\.8\.1\(\d{9}\*varh\)
1-0:[34]\.8\.2\(\d{9}\*varh\)
1-0:[34]\.7\.0\(\d{9}\*var\)
){2}![0-9A-F]{4}`,
	"ch": `/LGZ5E450-\d{4}
1-3:0\.2\.8\(50\)
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:96\.1\.0\(4C475A[0-9A-F]{26}\)
(1-0:[12]\.8\.[012]\(\d{6}\.\d{3}\*kWh\)
){6}(1-0:[5678]\.8\.0\(\d{6}\.\d{3}\*kvarh\)
){4}0-0:96\.14\.0\(000[12]\)
(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)
){2}(1-0:[34]\.7\.0\(\d\d\.\d{3}\*kvar\)
){2}(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)
){3}(1-0:[357]1\.7\.0\(\d{3}\.\d\d\*A\)
){3}(1-0:[357]3\.7\.0\([01]\.\d{3}\)
){3}(1-0:[246][12]\.7\.0\(\d\d\.\d{3}\*kW\)
){6}1-0:14\.7\.0\(\d\d\.\d\d\*Hz\)
![0-9A-F]{4}`,
	"dsmr2": `/KMP5 KA6U00\d{10}
0-0:96\.1\.1\(204B413655[0-9A-F]{24}\)
(1-0:[12]\.8\.[12]\(\d{5}\.000\*kWh\)
){4}0-0:96\.14\.0\(000[12]\)
(1-0:[12]\.7\.0\(\d{4}\.\d\d\*kW\)
){2}0-0:17\.0\.0\(999\*A\)
0-0:96\.3\.10\(1\)
0-0:96\.13\.1\(\)
0-0:96\.13\.0\(\)
0-1:24\.1\.0\(3\)
0-1:96\.1\.0\([0-9A-F]{34}\)
0-1:24\.3\.0\(\d{8}0000\)\(00\)\(60\)\(1\)\(0-1:24\.2\.1\)\(m3\)
\(\d{5}\.\d{3}\)
0-1:24\.4\.0\(1\)
!`,
	"dsmr4": `/SIM5\\2DM400-\d{4}
1-3:0\.2\.8\(40\)
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:96\.1\.1\([0-9A-F]{34}\)
(1-0:[12]\.8\.[12]\(\d{6}\.\d{3}\*kWh\)
){4}0-0:96\.14\.0\(000[12]\)
(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)
){2}0-0:17\.0\.0\(016\.1\*kW\)
0-0:96\.3\.10\(1\)
0-0:96\.7\.21\(\d{5}\)
0-0:96\.7\.9\(00003\)
1-0:99\.97\.0\(3\)\(0-0:96\.7\.19\)(\(\d{12}[SW]\)\(\d{10}\*s\)){3}
(1-0:[357]2\.3[26]\.0\(\d{5}\)
){6}0-0:96\.13\.1\(\)
0-0:96\.13\.0\(\)
(1-0:[357]1\.7\.0\(\d{3}\*A\)
){3}(1-0:[246][12]\.7\.0\(\d\d\.\d{3}\*kW\)
){6}0-1:24\.1\.0\(003\)
0-1:96\.1\.0\([0-9A-F]{34}\)
0-1:24\.2\.1\(\d{8}0000[SW]\)\(\d{5}\.\d{3}\*m3\)
0-1:24\.4\.0\(1\)
![0-9A-F]{4}`,
	"hu-holley": `/HLY577\d{8}
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:42\.0\.0\(HLY10477\d{8}\)
0-0:96\.1\.0\(77\d{8}\)
0-0:96\.14\.0\(000[12]\)
0-0:96\.50\.68\(ON\)
0-0:17\.0\.0\(90\.000\*kW\)
(1-0:[12]\.8\.0\(\d{8}\.\d{3}\*kWh \)
(1-0:[12]\.8\.[1-4]\(\d{8}\.\d{3}\*kWh\)
){4}){2}1-0:3\.8\.0\(\d{8}\.\d{3}\*kvarh\)
1-0:4\.8\.1\(\d{8}\.\d{3}\*kvarh\)
(1-0:[5678]\.8\.0\(\d{8}\.\d{3}\*kvarh\)
){4}1-0:15\.8\.0\(\d{8}\.\d{3}\*kWh \)
(MOMENT)0-0:98\.1\.0\(\d{6}000000[SW]\)(\(\d{8}\.\d{3}\*kWh\)){4}
(\(\d{8}\.\d{3}\*kWh\)){2}(\(\d{8}\.\d{3}\*kvarh\)){3}
(\(\d{8}\.\d{3}\*kvarh\)){3}\(\d{8}\.\d{3}\*kWh\)\(\d\d\.\d{3}\*kW\)
(\(\d\d\.\d{3}\*kW\)){5}
0-0:96\.13\.0\(\)
![0-9A-F]{4}`,
	"hu-sagemcom": `/SAG5\\2T210-\d{4}
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:42\.0\.0\(5341473130343737(3\d){8}\)
0-0:96\.1\.0\(3737(3\d){8}\)
0-0:96\.14\.0\(000[12]\)
0-0:96\.3\.10\(1\)
0-0:17\.0\.0\(90\.000\*kW\)
(REGISTERS)(MOMENT)(MONTH)0-0:96\.13\.0\(\)
![0-9A-F]{4}`,
	"hu-wasion": `/WAS577\d{8}
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:42\.0\.0\(WAS10477\d{8}\)
0-0:96\.1\.0\(77\d{8}\)
0-0:96\.14\.0\(TARIFF [12]\)
0-0:96\.50\.68\(ON\)
0-0:17\.0\.0\(90000\*W\)
(REGISTERS)(MOMENT)(MONTH)0-0:96\.13\.0\(\)
![0-9A-F]{4}`,
	"lt": `/ISK5\\2M550E-\d{4}
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:96\.1\.1\(49534B[0-9A-F]{24}\)
(1-0:[12]\.8\.[012]\(\d{6}\.\d{3}\*kWh\)
){6}(1-0:[34]\.8\.0\(\d{6}\.\d{3}\*kvarh\)
){2}0-0:96\.14\.0\(000[12]\)
(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)
){2}(1-0:[34]\.7\.0\(\d\d\.\d{3}\*kvar\)
){2}(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)
){3}(1-0:[357]1\.7\.0\(\d{3}\.\d\d\*A\)
){3}(1-0:[246][12]\.7\.0\(\d\d\.\d{3}\*kW\)
){6}(1-0:[246][34]\.7\.0\(\d\d\.\d{3}\*kvar\)
){6}![0-9A-F]{4}`,
	"lu": `/Lux5\\25\d{7}_D
1-3:0\.2\.8\(42\)
0-0:1\.0\.0\(\d{12}[SW]\)
0-0:42\.0\.0\(53414731303330373030303(3\d|\d){5}[0-9A-F]*\)
(1-0:[12]\.8\.0\(\d{6}\.\d{3}\*kWh\)
){2}(1-0:[34]\.8\.0\(\d{6}\.\d{3}\*kvarh\)
){2}(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)
){2}(1-0:[34]\.7\.0\(\d\d\.\d{3}\*kvar\)
){2}0-0:17\.0\.0\(27\.720\*kVA\)
0-0:96\.3\.10\(1\)
0-1:96\.3\.10\(0\)
0-2:96\.3\.10\(0\)
0-0:96\.7\.21\(\d{5}\)
(1-0:[357]2\.3[26]\.0\(\d{5}\)
){6}0-0:96\.13\.0\(\)
(0-0:96\.13\.[2345]\(\)
){4}(1-0:[357]1\.7\.0\(\d{3}\*A\)
){3}(1-0:[246][12]\.7\.0\(\d\d\.\d{3}\*kW\)
){6}(1-0:[246][34]\.7\.0\(\d\d\.\d{3}\*kvar\)
){6}0-1:24\.1\.0\(003\)
0-1:96\.1\.0\([0-9A-F]{34}\)
0-1:24\.2\.1\(\d{8}0000[SW]\)\(\d{5}\.\d{3}\*m3\)
![0-9A-F]{4}`,
	"no": `/ADN9 6534
1-1:0\.2\.129\(AIDON_V0001\)
0-0:96\.1\.0\(735999\d{10}\)
0-0:96\.1\.7\(6534\)
0-0:1\.0\.0\(\d{12}[SW]\)
(1-0:[12]\.8\.0\(\d{8}\.\d{3}\*kWh\)
){2}(1-0:[34]\.8\.0\(\d{8}\.\d{3}\*kvarh\)
){2}(1-0:[12]\.7\.0\(\d{4}\.\d{3}\*kW\)
){2}(1-0:[34]\.7\.0\(\d{4}\.\d{3}\*kvar\)
){2}(1-0:[246][12]\.7\.0\(\d{4}\.\d{3}\*kW\)
){6}(1-0:[246][34]\.7\.0\(\d{4}\.\d{3}\*kvar\)
){6}(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)
){3}(1-0:[357]1\.7\.0\(\d{3}\.\d\*A\)
){3}![0-9A-F]{4}`,
	"q3d": `/ESY5Q3DA1004 V3\.04
1-0:0\.0\.0\*255\(027301\d{7}\)
1-0:1\.8\.0\*255\(\d{8}\.\d{7}\*kWh\)
(1-0:[246]1\.7\.255\*255\(\d{6}\.\d\d\*W\)
){3}1-0:1\.7\.255\*255\(\d{6}\.\d\d\*W\)
1-0:96\.5\.5\*255\(82\)
0-0:96\.1\.255\*255\(1ESY101\d{7}\)
!`,
}

// What the layouts of the Hungarian meters share.
var hungarianParts = strings.NewReplacer(
	"REGISTERS", `(1-0:[12]\.8\.[0-4]\(\d{6}\.\d{3}\*kWh\)
){10}(1-0:[345678]\.8\.0\(\d{6}\.\d{3}\*kvarh\)
){6}1-0:15\.8\.0\(\d{6}\.\d{3}\*kWh\)
`,
	"MOMENT", `(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)
){3}(1-0:[357]1\.7\.0\(\d{3}\*A\)
){3}(1-0:[1357]3\.7\.0\([01]\.\d{3}\)
){4}1-0:14\.7\.0\(\d\d\.\d\d\*Hz\)
(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)
){2}(1-0:[5678]\.7\.0\(\d\d\.\d{3}\*kvar\)
){4}`,
	"MONTH", `0-0:98\.1\.0\(\d{6}000000[SW]\)(\(\d{6}\.\d{3}\*kWh\)){6}(\(\d{6}\.\d{3}\*kvarh\)){6}\(\d{6}\.\d{3}\*kWh\)(\(\d\d\.\d{3}\*kW\)){6}
`)

func TestLayouts(t *testing.T) {
	tested := []string{"be", "dsmr3", "hu", "nl", "se"} // by tests of their own
	for _, meter := range Meters() {
		lines, ok := layouts[meter]
		if ok == slices.Contains(tested, meter) {
			t.Errorf("%s has two layouts, or none", meter)
		}
		if !ok {
			continue
		}
		header, rest, _ := strings.Cut(hungarianParts.Replace(lines), "\n")
		grammar := regexp.MustCompile("^" + header + `\r\n\r\n` + strings.ReplaceAll(rest, "\n", `\r\n`) + `\r\n$`)
		for _, x := range simulate(t, "telegrams=60&every=20m&meter="+meter) {
			if !grammar.Match(x.Plain) {
				t.Fatalf("%s, telegram %d: %q", meter, x.Seq, x.Plain)
			}
		}
	}
}

// The line idles before each telegram, and a meter of seven bits sends no more.
func TestPausesAndBits(t *testing.T) {
	for _, meter := range Meters() {
		m, err := findModel(meter)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range simulate(t, "telegrams=10&meter="+meter) {
			if len(x.Pauses) == 0 || x.Pauses[0] != 0 || !slices.IsSorted(x.Pauses) || x.Pauses[len(x.Pauses)-1] >= len(x.Sent) {
				t.Fatalf("%s, telegram %d: pauses at %v", meter, x.Seq, x.Pauses)
			}
			high := slices.ContainsFunc(x.Sent, func(b byte) bool { return b > 0x7F })
			if high != m.eightBit {
				t.Fatalf("%s, telegram %d: bytes above 7F: %v", meter, x.Seq, high)
			}
		}
	}
}

// clockMeters are those that tell the time.
func clockMeters(t *testing.T) []model {
	t.Helper()
	var list []model
	for _, m := range models {
		if !m.noClock {
			list = append(list, m)
		}
	}
	if len(list) < 10 {
		t.Fatalf("only %d meters tell the time", len(list))
	}
	return list
}

// The day on which summer time begins has 23 hours, that on which it ends 25; in
// eastern Europe the hour that is missing or comes twice is one later.
func TestDaysOfTheChange(t *testing.T) {
	for _, m := range clockMeters(t) {
		hour := 2 // that is missing or comes twice
		if m.zone == eastern {
			hour = 3
		}
		for _, day := range []struct {
			date  string
			stamp string
			hours int
			count int // of that hour
		}{
			{"2026-03-29", "260329", 23, 0},
			{"2026-10-25", "261025", 25, 2},
			{"2026-10-26", "261026", 24, 1},
		} {
			var stamps []string
			for _, x := range simulate(t, "telegrams=27&every=1h&start="+day.date+"T00:00:00&meter="+m.name) {
				if s := field(t, x.Plain, "0-0:1.0.0"); strings.HasPrefix(s, day.stamp) {
					stamps = append(stamps, s)
				}
			}
			var twice []string
			for _, s := range stamps {
				if s[6:8] == fmt.Sprintf("%02d", hour) {
					twice = append(twice, s)
				}
			}
			if len(stamps) != day.hours || len(twice) != day.count {
				t.Errorf("%s, %s: %d hours, %v", m.name, day.date, len(stamps), twice)
			}
			if len(twice) == 2 && (!strings.HasSuffix(twice[0], "S") || !strings.HasSuffix(twice[1], "W")) {
				t.Errorf("%s, %s: %v", m.name, day.date, twice)
			}
		}
	}
}

// How Lithuanian clocks read, against the offsets that they stand for.
func TestEasternClock(t *testing.T) {
	for _, c := range []struct {
		start, stamp string
		utc          string
	}{
		{"2026-03-01T00:00:00", "260301000000W", "2026-02-28T22:00:00Z"},
		{"2026-07-01T12:00:00", "260701120000S", "2026-07-01T09:00:00Z"},
		{"2026-10-25T03:30:00", "261025033000S", "2026-10-25T00:30:00Z"},
		{"2026-10-25T03:30:00W", "261025033000W", "2026-10-25T01:30:00Z"},
	} {
		x := simulate(t, "meter=lt&telegrams=1&start="+c.start)[0]
		if got := field(t, x.Sent, "0-0:1.0.0"); got != c.stamp || x.Clock.UTC().Format(time.RFC3339) != c.utc {
			t.Errorf("%s: sent %s at %v, want %s at %s", c.start, got, x.Clock.UTC(), c.stamp, c.utc)
		}
	}
	if x := simulate(t, "meter=lt&telegrams=1")[0]; field(t, x.Sent, "0-0:1.0.0") != "260301000000W" {
		t.Errorf("by default it begins at %v", x.Clock)
	}
	if _, err := ParseOptions("meter=lt&start=2026-03-29T03:30:00"); err == nil {
		t.Error("an hour that is skipped is taken")
	}
}

// The registers of a tariff stand still while the other one is in force, and where
// there is a total it is the sum.
func TestTariffsCountApart(t *testing.T) {
	for _, c := range []struct {
		meter  string
		bases  string
		totals bool
		names  [2]string // in 96.14.0
	}{
		{"hu", "1 2", true, [2]string{"0001", "0002"}},
		{"hu-sagemcom", "1 2", true, [2]string{"0001", "0002"}},
		{"hu-holley", "1 2", true, [2]string{"0001", "0002"}},
		{"hu-wasion", "1 2", true, [2]string{"TARIFF 1", "TARIFF 2"}},
		{"nl", "1 2", false, [2]string{"0001", "0002"}},
		{"be", "1 2", false, [2]string{"0001", "0002"}},
		{"dsmr2", "1 2", false, [2]string{"0001", "0002"}},
		{"dsmr3", "1 2", false, [2]string{"0001", "0002"}},
		{"dsmr4", "1 2", false, [2]string{"0001", "0002"}},
		{"ch", "1 2", true, [2]string{"0001", "0002"}},
		{"lt", "1 2", true, [2]string{"0001", "0002"}},
		{"at", "1 2 3 4", true, [2]string{}},
	} {
		all := simulate(t, "telegrams=76&every=1h&start=2026-06-19T00:00:00&meter="+c.meter)
		moved := map[string]bool{}
		for i, x := range all[:len(all)-1] {
			active := 1 // the tariff of the hour that follows
			if c.meter == "at" {
				if h := x.Clock.Hour(); h < 6 || h >= 22 || x.Clock.Weekday() == time.Sunday {
					active = 2
				}
			} else if active += slices.Index(c.names[:], field(t, x.Plain, "0-0:96.14.0")); active == 0 {
				t.Fatalf("%s: %q", c.meter, x.Plain)
			}
			for _, base := range strings.Fields(c.bases) {
				n := func(x Transmission, tariff int) int64 {
					return number(t, x.Plain, fmt.Sprintf("1-0:%s.8.%d", base, tariff))
				}
				if c.totals && n(x, 0) != n(x, 1)+n(x, 2) {
					t.Fatalf("%s, %v: %s.8.0 is not the sum", c.meter, x.Clock, base)
				}
				if n(x, 3-active) != n(all[i+1], 3-active) {
					t.Fatalf("%s, %v: %s.8.%d moves in tariff %d", c.meter, x.Clock, base, 3-active, active)
				}
				if n(x, active) != n(all[i+1], active) {
					moved[fmt.Sprint(base, active)] = true
				}
			}
		}
		for _, key := range []string{"11", "12", "21", "22"} {
			if !moved[key] {
				t.Errorf("%s: %s.8.%s stood still for three days", c.meter, key[:1], key[1:])
			}
		}
	}
}

// The register of the EasyMeter gains what its powers are, to a ten-thousandth of a
// Wh, and its phases add up.
func TestEasyMeterIntegral(t *testing.T) {
	all := simulate(t, "meter=q3d&telegrams=900&start=2026-06-20T11:50:00")
	var centi int64 // hundredths of a watt-second since the first telegram
	for _, x := range all[1:] {
		n := func(code string) int64 { return number(t, x.Sent, code) }
		power := n("1-0:1.7.255*255")
		if power != n("1-0:21.7.255*255")+n("1-0:41.7.255*255")+n("1-0:61.7.255*255") {
			t.Fatalf("%v: the phases do not add up", x.Clock)
		}
		centi += power * 2
		gained := (n("1-0:1.8.0*255") - number(t, all[0].Sent, "1-0:1.8.0*255")) * 36
		if d := centi - gained; d <= -36 || d >= 36 {
			t.Fatalf("%v: gained %d of %d", x.Clock, gained, centi)
		}
	}
}

// The EasyMeter shows what the house draws, panels or not.
func TestEasyMeterShowsTheHouse(t *testing.T) {
	s := open(t, "meter=q3d&telegrams=200&every=10m&start=2026-06-20T00:00:00")
	sunny := 0
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		for p, code := range []string{"1-0:21.7.255*255", "1-0:41.7.255*255", "1-0:61.7.255*255"} {
			if got, want := number(t, x.Sent, code)/100, int64(s.house.watts[p]+s.house.sun); got != want {
				t.Fatalf("%v: %s shows %d W of %d", x.Clock, code, got, want)
			}
		}
		if s.house.sun > 0 {
			sunny++
		}
	}
	if sunny == 0 {
		t.Error("the sun does not shine")
	}
}

// What a meter that has just been put in place knows of the past: nothing.
func TestNewMeterHasNoPast(t *testing.T) {
	for meter, want := range map[string][]string{
		"be":          {"0-0:98.1.0(0)(1-0:1.6.0)(1-0:1.6.0)\r\n", "1-0:1.6.0(260619120000S)(00.000*kW)\r\n"},
		"dsmr4":       {"0-0:96.7.21(00000)\r\n0-0:96.7.9(00000)\r\n1-0:99.97.0()\r\n"},
		"hu-sagemcom": {"0-0:98.1.0(260601000000S)" + strings.Repeat("(000000.000*kWh)", 6) + "(000000.000*kvarh)"},
	} {
		x := simulate(t, "telegrams=2&every=1h&start=2026-06-19T11:00:00&replace=2026-06-19T12:00:00&meter="+meter)[1]
		for _, line := range want {
			if !bytes.Contains(x.Sent, []byte("\r\n"+line)) {
				t.Errorf("%s: no %q in %q", meter, line, x.Sent)
			}
		}
	}
}

// busMeters are those with an M-Bus.
var busMeters = []string{"be", "dsmr2", "dsmr3", "dsmr4", "lu", "nl"}

// A reading is what a device said.
type reading struct {
	at    string
	value int64
	unit  string
}

// readings finds what the device of a channel says in a telegram.
func readings(t *testing.T, text []byte, channel int) reading {
	t.Helper()
	for _, pattern := range []string{
		`\r\n0-%d:24\.2\.[13]\((\d{12})[SW]\)\(([0-9.]+)\*(\w+)\)`,
		`\r\n0-%d:24\.3\.0\((\d{12})\)\(00\)\(60\)\(1\)\(0-\d:24\.2\.1\)\((\w+)\)\r\n\(([0-9.]+)\)`,
	} {
		m := regexp.MustCompile(fmt.Sprintf(pattern, channel)).FindSubmatch(text)
		if m == nil {
			continue
		}
		value, unit := string(m[2]), string(m[3])
		if strings.Contains(pattern, "24\\.3") {
			value, unit = unit, value
		}
		n, err := strconv.ParseInt(strings.Replace(value, ".", "", 1), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return reading{string(m[1]), n, unit}
	}
	t.Fatalf("no reading on channel %d: %q", channel, text)
	return reading{}
}

func TestDevicesOnTheBus(t *testing.T) {
	kinds := []struct{ number, unit string }{{"3", "m3"}, {"4", "GJ"}, {"7", "m3"}, {"2", "kWh"}}
	for _, meter := range busMeters {
		all := simulate(t, "mbus=gas+heat+water+slave&telegrams=288&every=10m&start=2026-01-10T00:00:30&meter="+meter)
		alone := simulate(t, "telegrams=288&every=10m&start=2026-01-10T00:00:30&meter="+meter)
		moments := map[string]bool{} // when readings come, within ten minutes
		for channel, kind := range kinds {
			channel++
			first, last := readings(t, all[0].Plain, channel), reading{}
			for i, x := range all {
				if got := field(t, x.Plain, fmt.Sprintf("0-%d:24.1.0", channel)); strings.TrimLeft(got, "0") != kind.number {
					t.Fatalf("%s, channel %d: type %s", meter, channel, got)
				}
				r := readings(t, x.Plain, channel)
				if r.unit != kind.unit || r.value < last.value || r.at < last.at || r.at > stamp(x.Clock) || r.at == last.at && r != last {
					t.Fatalf("%s, channel %d, %v: %v after %v", meter, channel, x.Clock, r, last)
				}
				if channel == 1 && r != readings(t, alone[i].Plain, 1) {
					t.Fatalf("%s, %v: another gas meter when there are others", meter, x.Clock)
				}
				last = r
				moments[r.at[9:12]] = true
			}
			if last.value == first.value || last.value > first.value*2 {
				t.Errorf("%s, channel %d: from %v to %v in two days", meter, channel, first, last)
			}
		}
		if hourly := meter != "nl" && meter != "be"; hourly != (len(moments) == 1) || !moments["000"] {
			t.Errorf("%s: the devices read at %v", meter, moments)
		}
	}
	for _, x := range simulate(t, "meter=nl&mbus=water&telegrams=2") {
		if !bytes.Contains(x.Sent, []byte("\r\n0-1:24.1.0(007)\r\n")) || bytes.Contains(x.Sent, []byte("0-2:")) {
			t.Errorf("water alone: %q", x.Sent)
		}
	}
	for _, x := range simulate(t, "meter=be&mbus=none&telegrams=2") {
		if bytes.Contains(x.Sent, []byte(":24.")) {
			t.Errorf("an empty bus: %q", x.Sent)
		}
	}
}

// identifiers are the lines that name the electricity meter.
func identifiers(t *testing.T, meter string, text []byte) string {
	t.Helper()
	header, _, _ := strings.Cut(string(text), "\r\n")
	codes := map[string]string{
		"at": "0-0:96.1.0", "be": "0-0:96.1.1", "ch": "0-0:96.1.0", "dsmr2": "0-0:96.1.1", "dsmr3": "0-0:96.1.1", "dsmr4": "0-0:96.1.1",
		"lt": "0-0:96.1.1", "lu": "0-0:42.0.0", "nl": "0-0:96.1.1", "no": "0-0:96.1.0", "q3d": "0-0:96.1.255*255",
	}
	switch {
	case strings.HasPrefix(meter, "hu"):
		return header + field(t, text, "0-0:42.0.0") + field(t, text, "0-0:96.1.0")
	case meter == "se":
		return header
	}
	return header + field(t, text, codes[meter])
}

// importCode is a register of what is drawn.
func importCode(meter string) string {
	switch meter {
	case "se", "no", "lu":
		return "1-0:1.8.0"
	case "q3d":
		return "1-0:1.8.0*255"
	}
	return "1-0:1.8.1"
}

// From the time on at which it is replaced the meter is another one, which has
// counted little; what hangs on its M-Bus stays.
func TestReplacedMeter(t *testing.T) {
	for _, meter := range Meters() {
		query := "telegrams=24&every=1h&start=2026-06-19T00:00:00&meter=" + meter
		old := simulate(t, query)
		code := importCode(meter)
		ids := map[string]bool{}
		for i, x := range simulate(t, query+"&replace=2026-06-19T12:00:00") {
			if i < 12 {
				if !bytes.Equal(x.Sent, old[i].Sent) {
					t.Fatalf("%s: another meter before its time", meter)
				}
				continue
			}
			ids[identifiers(t, meter, x.Plain)] = true
			if is, was := number(t, x.Plain, code), number(t, old[i].Plain, code); is < 0 || is > was/10 {
				t.Fatalf("%s, %v: %s is %d, would be %d", meter, x.Clock, code, is, was)
			}
			if slices.Contains(busMeters, meter) && (readings(t, x.Plain, 1) != readings(t, old[i].Plain, 1) ||
				!bytes.Contains(x.Plain, []byte(deviceID(t, meter, old[i].Plain)))) {
				t.Fatalf("%s, %v: another gas meter", meter, x.Clock)
			}
		}
		if len(ids) != 1 || ids[identifiers(t, meter, old[0].Plain)] {
			t.Errorf("%s: the new meter is called %v, the old one %s", meter, ids, identifiers(t, meter, old[0].Plain))
		}
	}
}

// deviceID is the identifier of the device on channel 1.
func deviceID(t *testing.T, meter string, text []byte) string {
	t.Helper()
	if meter == "be" {
		return field(t, text, "0-1:96.1.1")
	}
	return field(t, text, "0-1:96.1.0")
}

// A gas meter that is replaced has another identifier, a low reading, and goes on
// from there. Nothing else changes.
func TestReplacedGasMeter(t *testing.T) {
	for _, meter := range busMeters {
		query := "mbus=water+gas&telegrams=24&every=1h&start=2026-01-10T00:00:00&meter=" + meter
		old := simulate(t, query)
		var last int64
		id := map[string]bool{}
		for i, x := range simulate(t, query+"&gas-replace=2026-01-10T12:00:00") {
			gas, was := readings(t, x.Plain, 2), readings(t, old[i].Plain, 2)
			if i < 12 {
				if !bytes.Equal(x.Sent, old[i].Sent) {
					t.Fatalf("%s, %v: something is new", meter, x.Clock)
				}
				continue
			}
			if readings(t, x.Plain, 1) != readings(t, old[i].Plain, 1) || identifiers(t, meter, x.Plain) != identifiers(t, meter, old[i].Plain) {
				t.Fatalf("%s, %v: more than the gas meter is new", meter, x.Clock)
			}
			if gas.at != was.at || gas.value < last || gas.value > was.value/10 {
				t.Fatalf("%s, %v: gas %v, would be %v", meter, x.Clock, gas, was)
			}
			last = gas.value
			code := "0-2:96.1.0"
			if meter == "be" {
				code = "0-2:96.1.1"
			}
			if id[field(t, x.Plain, code)] = true; bytes.Contains(old[i].Plain, []byte(field(t, x.Plain, code))) {
				t.Fatalf("%s, %v: the identifier is the old one", meter, x.Clock)
			}
		}
		if len(id) != 1 {
			t.Errorf("%s: identifiers %v", meter, id)
		}
	}
}

// A message shows in the middle third, and nothing else changes.
func TestMessage(t *testing.T) {
	const text = "Power off 14:00-15:00"
	for _, m := range models {
		if m.message == "" {
			continue
		}
		query := "telegrams=9&meter=" + m.name
		quiet := simulate(t, query)
		for i, x := range simulate(t, query+"&message="+strings.ReplaceAll(text, " ", "%20")) {
			if i < 3 || i >= 6 {
				if !bytes.Equal(x.Plain, quiet[i].Plain) {
					t.Fatalf("%s, telegram %d: has changed", m.name, x.Seq)
				}
				continue
			}
			want := text
			if m.message == "hex" {
				want = strings.ToUpper(hex.EncodeToString([]byte(text)))
			}
			if m.name == "hu" {
				want += strings.Repeat("\xFF", 1024-len(text))
			}
			before, _, _ := bytes.Cut(x.Plain, []byte{'!'})
			empty, _, _ := strings.Cut(string(quiet[i].Plain), "!")
			line := "\r\n0-0:96.13.0("
			if string(before) != strings.Replace(empty, line+field(t, quiet[i].Plain, "0-0:96.13.0"), line+want, 1) {
				t.Fatalf("%s, telegram %d: %q", m.name, x.Seq, x.Plain)
			}
		}
	}
	for _, n := range []int{1, 2} {
		for _, x := range simulate(t, fmt.Sprintf("meter=nl&message=x&telegrams=%d", n)) {
			if got := field(t, x.Sent, "0-0:96.13.0"); got != "78" {
				t.Errorf("of %d telegrams %d has the message %q", n, x.Seq, got)
			}
		}
	}
}

// While the power is off nothing is sent or counted, but months end; a meter that
// keeps a log notes it.
func TestPowerFailure(t *testing.T) {
	for _, m := range models {
		query := "telegrams=60&every=1m&start=2026-05-31T23:20:00&meter=" + m.name
		right := simulate(t, query)
		for i, x := range simulate(t, query+"&failure=2026-05-31T23:30:00/3600") {
			if before := i < 10; before != bytes.Equal(x.Plain, right[i].Plain) {
				t.Fatalf("%s, %v: the same is %v", m.name, x.Clock, !before)
			}
			if want := right[0].Clock.Add(time.Duration(i) * time.Minute); i >= 10 && !x.Clock.Equal(want.Add(time.Hour)) {
				t.Fatalf("%s: telegram %d is of %v", m.name, x.Seq, x.Clock)
			}
			if i < 10 {
				continue
			}
			if code := importCode(m.name); i == 10 && number(t, x.Plain, code) != number(t, right[10].Plain, code) {
				t.Errorf("%s: %s has counted on", m.name, code)
			}
			checkAfterFailure(t, m.name, x, right[9])
		}
	}
}

// checkAfterFailure looks at a telegram after a failure of an hour, which ended at
// 00:30, and at the last one before it.
func checkAfterFailure(t *testing.T, meter string, x, before Transmission) {
	t.Helper()
	switch meter {
	case "nl", "dsmr4":
		if failures := number(t, x.Plain, "0-0:96.7.21") - number(t, before.Plain, "0-0:96.7.21"); failures != 1 {
			t.Errorf("%s: %d failures more", meter, failures)
		}
		log := fmt.Sprintf("\r\n1-0:99.97.0(%d)(0-0:96.7.19)(260601003000S)(0000003600*s)(2", number(t, x.Plain, "0-0:96.7.9"))
		if !bytes.Contains(x.Plain, []byte(log)) || bytes.Contains(before.Plain, []byte("0000003600*s")) {
			t.Errorf("%s: no log that begins with %q in %q", meter, log, x.Plain)
		}
	case "be":
		if !bytes.Contains(x.Plain, []byte("0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)(260601000000S)")) {
			t.Errorf("%s: %q", meter, x.Plain)
		}
	case "hu", "hu-holley":
		if field(t, x.Plain, "0-0:98.1.0") != "260601000000S" {
			t.Errorf("%s: %q", meter, x.Plain)
		}
	}
	if slices.Contains(busMeters, meter) && readings(t, x.Plain, 1).at < "260601000000" {
		t.Errorf("%s: gas of %v", meter, readings(t, x.Plain, 1))
	}
}

// What each wrong clock shows, and that it is nothing but the clock line.
func TestWrongClocks(t *testing.T) {
	for _, m := range clockMeters(t) {
		query := "telegrams=9&every=10m&start=2026-06-19T10:00:00&meter=" + m.name
		right := simulate(t, query)
		for clock, want := range map[string][3]string{
			"right": {"260619102000S", "260619103000S", "260619110000S"},
			"jump":  {"260619102000S", "260619104000S", "260619110000S"},
			"old":   {"260311092000W", "260311093000W", "260311100000W"},
			"reset": {"260619102000S", "000101000000W", "260619110000S"},
		} {
			all := simulate(t, query+"&clock="+clock)
			for k, i := range []int{2, 3, 6} {
				if got := field(t, all[i].Plain, "0-0:1.0.0"); got != want[k] {
					t.Errorf("%s, clock=%s: telegram %d shows %s, want %s", m.name, clock, i+1, got, want[k])
				}
			}
			for i, x := range all {
				shown := []byte(field(t, x.Plain, "0-0:1.0.0"))
				end := len(x.Plain) - 6
				same := bytes.Replace(x.Plain[:end], shown, []byte(field(t, right[i].Plain, "0-0:1.0.0")), 1)
				if !bytes.Equal(same, right[i].Plain[:end]) || !x.Clock.Equal(right[i].Clock) {
					t.Fatalf("%s, clock=%s: telegram %d differs", m.name, clock, i+1)
				}
			}
			if clock == "reset" && field(t, all[5].Plain, "0-0:1.0.0") != "000101002000W" {
				t.Errorf("%s: a clock that was reset does not go on", m.name)
			}
		}
	}
}
