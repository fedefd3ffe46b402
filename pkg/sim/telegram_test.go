package sim

import (
	"bytes"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// simulate runs a stream to its end.
func simulate(t *testing.T, query string) []Transmission {
	t.Helper()
	o, err := ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var all []Transmission
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		all = append(all, x)
	}
	if len(all) != o.Telegrams {
		t.Fatalf("%s: %d transmissions, want %d", query, len(all), o.Telegrams)
	}
	return all
}

// field is the text in the first parentheses after a code.
func field(t *testing.T, text []byte, code string) string {
	t.Helper()
	_, rest, found := bytes.Cut(text, []byte("\r\n"+code+"("))
	value, _, closed := bytes.Cut(rest, []byte(")"))
	if !found || !closed {
		t.Fatalf("no %s in %q", code, text)
	}
	return string(value)
}

// number is a field's value without unit and point, so in its last digit's unit.
func number(t *testing.T, text []byte, code string) int64 {
	t.Helper()
	value, _, _ := strings.Cut(field(t, text, code), "*")
	n, err := strconv.ParseInt(strings.Replace(value, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// codes lists what stands before the first parenthesis of each data line.
func codes(text []byte) []string {
	var list []string
	for _, line := range strings.Split(string(text), "\r\n")[2:] {
		if code, _, found := strings.Cut(line, "("); found {
			list = append(list, code)
		}
	}
	return list
}

// The check values of the catalogue of parametrised CRC algorithms.
func TestCheckValues(t *testing.T) {
	for _, c := range []struct {
		name string
		sum  func([]byte) uint16
		want uint16
	}{{"ARC", arc, 0xBB3D}, {"X-25", x25, 0x906E}, {"CCITT-FALSE", ccittFalse, 0x29B1}} {
		if got := c.sum([]byte("123456789")); got != c.want {
			t.Errorf("CRC-16/%s of 123456789 = %04X, want %04X", c.name, got, c.want)
		}
	}
}

// mirrored computes a reflected CRC the other way round: most significant bit
// first, with each byte and the result mirrored.
func mirrored(text []byte, polynomial, crc uint16) uint16 {
	for _, b := range text {
		crc ^= uint16(bits.Reverse8(b)) << 8
		for range 8 {
			high := crc>>15 == 1
			crc <<= 1
			if high {
				crc ^= polynomial
			}
		}
	}
	return bits.Reverse16(crc)
}

func TestEveryTelegramHasItsCRC(t *testing.T) {
	for _, meter := range Meters() {
		for _, x := range simulate(t, "telegrams=20&meter="+meter) {
			end := bytes.LastIndexByte(x.Plain, '!') + 1
			arc := fmt.Sprintf("%04X\r\n", mirrored(x.Plain[:end], 0x8005, 0))
			x25 := fmt.Sprintf("%04X\r\n", ^mirrored(x.Plain[:end], 0x1021, 0xFFFF))
			got := string(x.Plain[end:])
			var right bool
			switch Signs(meter) {
			case "ARC", "encrypted":
				right = got == arc
			case "X25":
				right = got == x25
			case "other":
				right = len(got) == 6 && got != arc && got != x25
			case "none":
				right = got == "\r\n"
			}
			if !right || x.Plain[0] != '/' {
				t.Fatalf("%s, telegram %d: last line !%q", meter, x.Seq, got)
			}
			if bytes.Equal(x.Plain, x.Sent) == (Signs(meter) == "encrypted") {
				t.Fatalf("%s, telegram %d: sent as %q", meter, x.Seq, x.Sent)
			}
		}
	}
	if got := Signs("de"); got != "" {
		t.Errorf("a meter that is not known signs with %q", got)
	}
}

// Other ways to write the digits of a CRC change nothing else.
func TestSpellingsOfCRC(t *testing.T) {
	for _, meter := range []string{"nl", "hu-holley", "lu"} {
		query := "telegrams=150&meter=" + meter
		lower, short := simulate(t, query+"&crc=lower"), simulate(t, query+"&crc=unpadded")
		letters, zeros := 0, 0
		for i, x := range simulate(t, query) {
			end := len(x.Plain) - 6
			body, digits := string(x.Plain[:end]), string(x.Plain[end:end+4])
			if got := string(lower[i].Plain); got != body+strings.ToLower(digits)+"\r\n" {
				t.Fatalf("%s, lower: %q", meter, got)
			}
			bare := strings.TrimLeft(digits[:3], "0") + digits[3:]
			if got := string(short[i].Plain); got != body+bare+"\r\n" {
				t.Fatalf("%s, unpadded: %q, want %q", meter, got, bare)
			}
			if digits != strings.ToLower(digits) {
				letters++
			}
			if len(bare) < 4 {
				zeros++
			}
		}
		if letters == 0 || zeros == 0 {
			t.Errorf("%s: %d CRCs with letters, %d that begin with 0", meter, letters, zeros)
		}
	}
}

// A random CRC changes four digits, hardly ever to the right ones, and nothing
// else.
func TestRandomCRC(t *testing.T) {
	const query = "meter=nl&telegrams=200"
	same, seen := 0, map[string]bool{}
	right := simulate(t, query)
	for i, x := range simulate(t, query+"&crc=random") {
		want, end := right[i].Sent, len(x.Sent)-6
		if len(x.Sent) != len(want) || !bytes.Equal(x.Sent[:end], want[:end]) || !bytes.HasSuffix(x.Sent, []byte("\r\n")) {
			t.Fatalf("telegram %d: %q", x.Seq, x.Sent)
		}
		crc := string(x.Sent[end : end+4])
		if seen[crc] = true; crc == string(want[end:end+4]) {
			same++
		}
	}
	if same > 1 || len(seen) < 195 {
		t.Errorf("%d of 200 are right, %d are different", same, len(seen))
	}
}

func TestHungarianLayout(t *testing.T) {
	want := strings.Fields(`0-0:1.0.0 0-0:42.0.0 0-0:96.1.0 0-0:96.14.0 0-0:96.50.68 0-0:17.0.0
		1-0:1.8.0 1-0:1.8.1 1-0:1.8.2 1-0:1.8.3 1-0:1.8.4 1-0:2.8.0 1-0:2.8.1 1-0:2.8.2 1-0:2.8.3 1-0:2.8.4
		1-0:3.8.0 1-0:4.8.0 1-0:5.8.0 1-0:6.8.0 1-0:7.8.0 1-0:8.8.0 1-0:15.8.0
		1-0:32.7.0 1-0:52.7.0 1-0:72.7.0 1-0:31.7.0 1-0:51.7.0 1-0:71.7.0 1-0:13.7.0 1-0:33.7.0 1-0:53.7.0 1-0:73.7.0
		1-0:14.7.0 1-0:1.7.0 1-0:2.7.0 1-0:5.7.0 1-0:6.7.0 1-0:7.7.0 1-0:8.7.0 0-0:98.1.0 0-0:96.13.0`)
	filler := "0-0:96.13.0(" + strings.Repeat("\xFF", 1024) + ")\r\n!"
	for _, x := range simulate(t, "telegrams=40&every=30m") {
		if got := codes(x.Sent); !slices.Equal(got, want) {
			t.Fatalf("lines %v", got)
		}
		if len(x.Sent) != 2348 || !bytes.HasPrefix(x.Sent, []byte("/AUX5")) || !bytes.Contains(x.Sent, []byte(filler)) {
			t.Fatalf("%d bytes: %q", len(x.Sent), x.Sent)
		}
		// The places at which a real meter of this kind was seen to pause.
		if !slices.Equal(x.Pauses, []int{0, 1094, 1302}) {
			t.Fatalf("pauses at %v", x.Pauses)
		}
	}
}

func TestDutchLayout(t *testing.T) {
	grammar := regexp.MustCompile(`^/SIM5\\2DM500-\d{4}\r\n\r\n` +
		`1-3:0\.2\.8\(50\)\r\n0-0:1\.0\.0\(\d{12}[SW]\)\r\n0-0:96\.1\.1\([0-9A-F]{34}\)\r\n` +
		`(1-0:[12]\.8\.[12]\(\d{6}\.\d{3}\*kWh\)\r\n){4}0-0:96\.14\.0\(000[12]\)\r\n` +
		`(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)\r\n){2}0-0:96\.7\.21\(\d{5}\)\r\n0-0:96\.7\.9\(\d{5}\)\r\n` +
		`1-0:99\.97\.0\(2\)\(0-0:96\.7\.19\)(\(\d{12}[SW]\)\(\d{10}\*s\)){2}\r\n` +
		`(1-0:[357]2\.3[26]\.0\(\d{5}\)\r\n){6}0-0:96\.13\.0\(\)\r\n` +
		`(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)\r\n){3}(1-0:[357]1\.7\.0\(\d{3}\*A\)\r\n){3}` +
		`(1-0:[246][12]\.7\.0\(\d\d\.\d{3}\*kW\)\r\n){6}` +
		`0-1:24\.1\.0\(003\)\r\n0-1:96\.1\.0\([0-9A-F]{34}\)\r\n` +
		`0-1:24\.2\.1\(\d{9}[05]00[SW]\)\(\d{5}\.\d{3}\*m3\)\r\n![0-9A-F]{4}\r\n$`)
	for _, x := range simulate(t, "meter=nl&telegrams=60&every=2m") {
		if !grammar.Match(x.Sent) {
			t.Fatalf("telegram %d: %q", x.Seq, x.Sent)
		}
	}
}

func TestFirstGenerationLayout(t *testing.T) {
	grammar := regexp.MustCompile(`^/SIM5\\2DM300-\d{4}\r\n\r\n0-0:96\.1\.1\([0-9A-F]{34}\)\r\n` +
		`(1-0:[12]\.8\.[12]\(\d{5}\.\d{3}\*kWh\)\r\n){4}0-0:96\.14\.0\(000[12]\)\r\n` +
		`(1-0:[12]\.7\.0\(\d{4}\.\d\d\*kW\)\r\n){2}0-0:17\.0\.0\(0999\.00\*kW\)\r\n0-0:96\.3\.10\(1\)\r\n` +
		`0-0:96\.13\.1\(\)\r\n0-0:96\.13\.0\(\)\r\n0-1:24\.1\.0\(3\)\r\n0-1:96\.1\.0\([0-9A-F]{34}\)\r\n` +
		`0-1:24\.3\.0\(\d{8}0000\)\(00\)\(60\)\(1\)\(0-1:24\.2\.1\)\(m3\)\r\n\(\d{5}\.\d{3}\)\r\n0-1:24\.4\.0\(1\)\r\n!\r\n$`)
	for _, x := range simulate(t, "meter=dsmr3&telegrams=60&every=20m") {
		if !grammar.Match(x.Sent) {
			t.Fatalf("telegram %d: %q", x.Seq, x.Sent)
		}
	}
}

func TestBelgianLayout(t *testing.T) {
	grammar := regexp.MustCompile(`^/FLU5\\25\d{7}_A\r\n\r\n0-0:96\.1\.4\(50217\)\r\n0-0:96\.1\.1\([0-9A-F]{28}\)\r\n` +
		`0-0:1\.0\.0\(\d{12}[SW]\)\r\n(1-0:[12]\.8\.[12]\(\d{6}\.\d{3}\*kWh\)\r\n){4}0-0:96\.14\.0\(000[12]\)\r\n` +
		`1-0:1\.4\.0\(\d\d\.\d{3}\*kW\)\r\n1-0:1\.6\.0\(\d{12}[SW]\)\(\d\d\.\d{3}\*kW\)\r\n` +
		`0-0:98\.1\.0\(13\)\(1-0:1\.6\.0\)\(1-0:1\.6\.0\)(\(\d{6}000000[SW]\)\(\d{12}[SW]\)\(\d\d\.\d{3}\*kW\)){13}\r\n` +
		`(1-0:[12]\.7\.0\(\d\d\.\d{3}\*kW\)\r\n){2}(1-0:[246][12]\.7\.0\(\d\d\.\d{3}\*kW\)\r\n){6}` +
		`(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)\r\n){3}(1-0:[357]1\.7\.0\(\d{3}\.\d\d\*A\)\r\n){3}` +
		`0-0:96\.3\.10\(1\)\r\n0-0:17\.0\.0\(999\.9\*kW\)\r\n1-0:31\.4\.0\(999\*A\)\r\n0-0:96\.13\.1\(\)\r\n0-0:96\.13\.0\(\)\r\n` +
		`0-1:24\.1\.0\(003\)\r\n0-1:96\.1\.1\([0-9A-F]{28}\)\r\n0-1:24\.4\.0\(1\)\r\n` +
		`0-1:24\.2\.3\(\d{9}[05]00[SW]\)\(\d{5}\.\d{3}\*m3\)\r\n![0-9A-F]{4}\r\n$`)
	for _, x := range simulate(t, "meter=be&telegrams=60&every=2m") {
		if !grammar.Match(x.Sent) {
			t.Fatalf("telegram %d: %q", x.Seq, x.Sent)
		}
	}
}

func TestSwedishLayout(t *testing.T) {
	grammar := regexp.MustCompile(`^/ELL5\\25\d{7}_A\r\n\r\n0-0:1\.0\.0\(\d{12}[SW]\)\r\n` +
		`(1-0:[12]\.8\.0\(\d{8}\.\d{3}\*kWh\)\r\n){2}(1-0:[34]\.8\.0\(\d{8}\.\d{3}\*kvarh\)\r\n){2}` +
		`(1-0:[12]\.7\.0\(\d{4}\.\d{3}\*kW\)\r\n){2}(1-0:[34]\.7\.0\(\d{4}\.\d{3}\*kvar\)\r\n){2}` +
		`(1-0:[246][12]\.7\.0\(\d{4}\.\d{3}\*kW\)\r\n){6}(1-0:[246][34]\.7\.0\(\d{4}\.\d{3}\*kvar\)\r\n){6}` +
		`(1-0:[357]2\.7\.0\(\d{3}\.\d\*V\)\r\n){3}(1-0:[357]1\.7\.0\(\d{3}\.\d\*A\)\r\n){3}![0-9A-F]{4}\r\n$`)
	for _, x := range simulate(t, "meter=se&telegrams=60&every=20m") {
		if !grammar.Match(x.Sent) {
			t.Fatalf("telegram %d: %q", x.Seq, x.Sent)
		}
	}
}

// The powers of the phases, those in less those out, are the total.
func TestPhasesAddUp(t *testing.T) {
	for _, meter := range []string{"be", "ch", "dsmr4", "lt", "lu", "nl", "no", "se"} {
		for _, x := range simulate(t, "telegrams=48&every=30m&start=2026-06-20T00:00:00&meter="+meter) {
			n := func(code string) int64 { return number(t, x.Plain, "1-0:"+code+".7.0") }
			net := n("1") - n("2")
			for _, phase := range []string{"2", "4", "6"} {
				net -= n(phase+"1") - n(phase+"2")
				if n(phase+"1") > 0 && n(phase+"2") > 0 {
					t.Fatalf("%s, %v: phase %s draws and delivers", meter, x.Clock, phase)
				}
			}
			if net != 0 {
				t.Fatalf("%s, %v: the total is off by %d W", meter, x.Clock, net)
			}
			if reactive := []string{"lt", "lu", "no", "se"}; slices.Contains(reactive, meter) && n("3")+n("4") != n("23")+n("24")+n("43")+n("44")+n("63")+n("64") {
				t.Fatalf("%s, %v: the vars do not add up", meter, x.Clock)
			}
		}
	}
}

func TestHungarianSums(t *testing.T) {
	for _, meter := range []string{"hu", "hu-holley", "hu-sagemcom", "hu-wasion"} {
		checkHungarianSums(t, meter)
	}
}

func checkHungarianSums(t *testing.T, meter string) {
	start := int64(-1)
	for _, x := range simulate(t, "telegrams=60&every=30m&start=2026-05-31T00:00:00&meter="+meter) {
		n := func(code string) int64 {
			if meter == "hu-holley" && code == "1-0:4.8.0" {
				code = "1-0:4.8.1"
			}
			return number(t, x.Sent, code)
		}
		for _, sum := range []struct {
			of    string
			parts []string
		}{
			{"1-0:1.8.0", []string{"1-0:1.8.1", "1-0:1.8.2", "1-0:1.8.3", "1-0:1.8.4"}},
			{"1-0:2.8.0", []string{"1-0:2.8.1", "1-0:2.8.2", "1-0:2.8.3", "1-0:2.8.4"}},
			{"1-0:3.8.0", []string{"1-0:5.8.0", "1-0:6.8.0"}},
			{"1-0:4.8.0", []string{"1-0:7.8.0", "1-0:8.8.0"}},
		} {
			total := n(sum.of)
			for _, p := range sum.parts {
				total -= n(p)
			}
			if total != 0 {
				t.Fatalf("%s, telegram %d: %s is %d more than %v", meter, x.Seq, sum.of, total, sum.parts)
			}
		}
		ahead := n("1-0:15.8.0") - n("1-0:1.8.0") - n("1-0:2.8.0")
		if start >= 0 && ahead != start {
			t.Fatalf("%s, telegram %d: 15.8.0 is ahead by %d Wh, was %d Wh", meter, x.Seq, ahead, start)
		}
		start = ahead
	}
}

func TestRegistersNeverFall(t *testing.T) {
	for _, c := range []struct{ query, codes string }{
		{"meter=hu", "1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 3.8.0 4.8.0 5.8.0 6.8.0 7.8.0 8.8.0 15.8.0"},
		{"meter=nl", "1.8.1 1.8.2 2.8.1 2.8.2"},
		{"meter=dsmr3", "1.8.1 1.8.2 2.8.1 2.8.2"},
		{"meter=be", "1.8.1 1.8.2 2.8.1 2.8.2"},
		{"meter=se", "1.8.0 2.8.0 3.8.0 4.8.0"},
		{"meter=no", "1.8.0 2.8.0 3.8.0 4.8.0"},
		{"meter=lu", "1.8.0 2.8.0 3.8.0 4.8.0"},
		{"meter=lt", "1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 3.8.0 4.8.0"},
		{"meter=ch", "1.8.0 1.8.2 2.8.0 2.8.1 2.8.2 5.8.0 6.8.0 7.8.0 8.8.0"},
		{"meter=at", "1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 3.8.0 3.8.1 3.8.2 4.8.0 4.8.1 4.8.2"},
		{"meter=dsmr4", "1.8.1 1.8.2 2.8.1 2.8.2"},
		{"meter=dsmr2", "1.8.1 1.8.2 2.8.2"},
		{"meter=q3d", "1.8.0*255"},
		{"meter=hu-holley", "1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 3.8.0 4.8.1 5.8.0 6.8.0 7.8.0 8.8.0 15.8.0"},
	} {
		all := simulate(t, c.query+"&telegrams=48&every=15m&start=2026-06-22T20:00:00")
		for _, code := range strings.Fields(c.codes) {
			first, last := int64(-1), int64(0)
			for _, x := range all {
				n := number(t, x.Plain, "1-0:"+code)
				if n < last {
					t.Fatalf("%s, telegram %d: %s fell from %d to %d", c.query, x.Seq, code, last, n)
				}
				if last = n; first < 0 {
					first = n
				}
			}
			if first == last {
				t.Errorf("%s: %s stood still for twelve hours", c.query, code)
			}
		}
	}
}

// The registers gain what the powers shown add up to, to less than a Wh at any
// moment, over a tariff change and from drawing to delivering.
func TestEnergyIsTheIntegralOfPower(t *testing.T) {
	for _, c := range []struct {
		query   string
		seconds int64
		ways    []string // 1: in, 2: out
	}{
		{"meter=hu&telegrams=320&start=2026-06-20T05:10:00", 10, []string{"1-0:1", "1-0:2"}},
		{"meter=nl&telegrams=180&start=2026-06-22T22:58:30", 1, []string{"1-0:1"}},
		{"meter=nl&telegrams=180&start=2026-06-22T06:58:30", 1, []string{"1-0:2"}},
		{"meter=be&telegrams=180&start=2026-06-22T21:58:30", 1, []string{"1-0:1"}},
		{"meter=dsmr4&telegrams=180&start=2026-06-22T22:48:30", 10, []string{"1-0:1"}},
		{"meter=ch&telegrams=300&start=2026-06-22T19:52:30", 5, []string{"1-0:1"}},
		{"meter=lt&telegrams=180&start=2026-06-22T22:48:30", 10, []string{"1-0:1"}},
		{"meter=hu-holley&telegrams=320&start=2026-06-20T05:10:00", 10, []string{"1-0:1", "1-0:2"}},
	} {
		all := simulate(t, c.query)
		for _, way := range c.ways {
			register := func(x Transmission) int64 {
				return number(t, x.Sent, way+".8.1") + number(t, x.Sent, way+".8.2")
			}
			var joules, gained int64
			for _, x := range all[1:] {
				joules += number(t, x.Sent, way+".7.0") * c.seconds
				gained = register(x) - register(all[0])
				if d := joules - gained*3600; d <= -3600 || d >= 3600 {
					t.Fatalf("%s, telegram %d: %d Wh gained in %s by %d J", c.query, x.Seq, gained, way, joules)
				}
			}
			if gained == 0 {
				t.Errorf("%s: nothing counted in %s", c.query, way)
			}
		}
		if first, last := all[0], all[len(all)-1]; field(t, first.Sent, "0-0:96.14.0") == field(t, last.Sent, "0-0:96.14.0") {
			t.Errorf("%s: the tariff does not change", c.query)
		}
	}
}

func TestTariffFollowsTheHour(t *testing.T) {
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"meter=hu&start=2026-03-02T05:59:50", []string{"0002", "0001"}},
		{"meter=hu&start=2026-03-02T21:59:50", []string{"0001", "0002"}},
		{"meter=nl&start=2026-03-02T06:59:59", []string{"0001", "0002"}},
		{"meter=be&start=2026-03-02T06:59:59", []string{"0002", "0001"}},
		{"meter=be&start=2026-03-02T21:59:59", []string{"0001", "0002"}},
		{"meter=be&start=2026-03-07T06:59:59", []string{"0002", "0002"}}, // a Saturday
		{"meter=nl&start=2026-03-07T06:59:59", []string{"0001", "0001"}}, // a Saturday
		{"meter=dsmr2&start=2026-03-02T06:59:50", []string{"0001", "0002"}},
		{"meter=dsmr4&start=2026-03-02T22:59:50", []string{"0002", "0001"}},
		{"meter=hu-wasion&start=2026-03-02T05:59:50", []string{"TARIFF 2", "TARIFF 1"}},
		{"meter=hu-holley&start=2026-03-02T05:59:50", []string{"0002", "0001"}},
		{"meter=ch&start=2026-03-02T06:59:55", []string{"0002", "0001"}},
		{"meter=ch&start=2026-03-07T12:59:55", []string{"0001", "0002"}}, // a Saturday
		{"meter=lt&start=2026-03-02T06:59:50", []string{"0002", "0001"}},
		{"meter=lt&start=2026-07-02T22:59:50", []string{"0001", "0002"}},
	} {
		for i, x := range simulate(t, c.query+"&telegrams=2") {
			if got := field(t, x.Sent, "0-0:96.14.0"); got != c.want[i] {
				t.Errorf("%s, telegram %d: tariff %s, want %s", c.query, x.Seq, got, c.want[i])
			}
		}
	}
}

// At the month's end the registers of that moment go into 98.1.0.
func TestMonthEnd(t *testing.T) {
	for _, meter := range []string{"hu", "hu-holley", "hu-sagemcom", "hu-wasion"} {
		checkMonthEnd(t, meter)
	}
}

func checkMonthEnd(t *testing.T, meter string) {
	all := simulate(t, "telegrams=3&start=2026-05-31T23:59:50&meter="+meter)
	values := func(x Transmission) []string {
		text := strings.ReplaceAll(string(x.Sent), "kWh )", "kWh)")
		_, rest, _ := strings.Cut(strings.ReplaceAll(text, ")\r\n(", ")("), "\r\n0-0:98.1.0(")
		line, _, _ := strings.Cut(rest, ")\r\n")
		return strings.Split(line, ")(")
	}
	if before := values(all[0]); before[0] != "260501000000S" {
		t.Errorf("%s, before midnight: %v", meter, before)
	}
	got := values(all[1])
	want := []string{"260601000000S"}
	for _, code := range strings.Fields("1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 3.8.0 4.8.0 5.8.0 6.8.0 7.8.0 8.8.0 15.8.0") {
		if meter == "hu-holley" && code == "4.8.0" {
			code = "4.8.1"
		}
		want = append(want, strings.TrimSpace(field(t, all[1].Sent, "1-0:"+code)))
	}
	if len(got) != 20 || !slices.Equal(got[:14], want) {
		t.Errorf("%s, after midnight: %v\nwant %v and six powers", meter, got, want)
	}
	if after := values(all[2]); !slices.Equal(after, got) {
		t.Errorf("%s, ten seconds later: %v", meter, after)
	}
	for _, total := range []int{14, 17} {
		if got[total] != max(got[total+1], got[total+2]) {
			t.Errorf("%s, highest demand %v", meter, got[total:total+3])
		}
	}
}

// The demand of a quarter-hour is what the import register gains in it, four
// times; the month keeps the highest, and when it ended.
func TestQuarterHours(t *testing.T) {
	var begin, demand int64 // of the quarter-hour: the register, the demand of a second ago
	all := simulate(t, "meter=be&telegrams=3000&start=2026-03-01T17:10:00")
	for i, x := range all[1:] {
		register := number(t, x.Sent, "1-0:1.8.2")
		now := number(t, x.Sent, "1-0:1.4.0")
		was, is := field(t, all[i].Sent, "1-0:1.6.0"), field(t, x.Sent, "1-0:1.6.0")
		if x.Clock.Unix()%900 != 0 {
			if begin > 0 && max(now-(register-begin)*4, (register-begin)*4-now) > 4 {
				t.Fatalf("%v: demand %d W, counted %d Wh", x.Clock, now, register-begin)
			}
			if was != is || begin > 0 && now < demand {
				t.Fatalf("%v: demand from %d to %d W, peak of %s to %s", x.Clock, demand, now, was, is)
			}
			demand = now
			continue
		}
		if now != 0 || was != is && is != seasonStamp(x.Clock) {
			t.Fatalf("%v: demand %d W, peak of %s", x.Clock, now, is)
		}
		begin, demand = register, 0
	}
	if begin == 0 {
		t.Error("no quarter-hour ended")
	}
}

// At the month's end its peak becomes the first of thirteen, and the last goes.
func TestMonthOfPeaks(t *testing.T) {
	all := simulate(t, "meter=be&telegrams=2&start=2026-05-31T23:59:59")
	months := func(x Transmission) []string {
		_, rest, _ := strings.Cut(string(x.Sent), "\r\n0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)(")
		line, _, _ := strings.Cut(rest, ")\r\n")
		return strings.Split(line, ")(")
	}
	before, after := months(all[0]), months(all[1])
	if len(before) != 39 || before[0] != "260501000000S" || before[36] != "250501000000S" {
		t.Errorf("before midnight: %v", before)
	}
	if after[0] != "260601000000S" || after[1] != field(t, all[0].Sent, "1-0:1.6.0") || !slices.Equal(after[3:], before[:36]) {
		t.Errorf("after midnight: %v", after)
	}
	if !bytes.Contains(all[1].Sent, []byte("\r\n1-0:1.6.0(260601000000S)(00.000*kW)\r\n")) {
		t.Errorf("after midnight: %q", all[1].Sent)
	}
	for i := 0; i < len(after); i += 3 {
		if end, at := after[i], after[i+1]; at > end || i+3 < len(after) && at <= after[i+3] {
			t.Errorf("the peak of the month that ends at %s is at %s", end, at)
		}
	}
}

// By day a house with panels delivers and lifts its voltage; one without never
// does.
func TestPanels(t *testing.T) {
	const day = "telegrams=48&every=30m&start=2026-06-20T00:00:00"
	delivered, lifted := 0, 0
	for _, x := range simulate(t, day) {
		out := number(t, x.Sent, "1-0:2.7.0") > 0
		if hour := x.Clock.Hour(); out && (hour < 4 || hour > 20) {
			t.Errorf("%v: delivers by night", x.Clock)
		}
		if out {
			delivered++
		}
		for _, phase := range []string{"32", "52", "72"} {
			volts := number(t, x.Sent, "1-0:"+phase+".7.0")
			if volts < 2150 || volts > 2600 {
				t.Errorf("%v: %d dV", x.Clock, volts)
			}
			if out && volts > 2400 {
				lifted++
			}
		}
	}
	if delivered < 15 || lifted < 10 {
		t.Errorf("delivers in %d of 48 half-hours, above 240 V %d times", delivered, lifted)
	}
	for _, x := range simulate(t, day+"&pv=false") {
		if number(t, x.Sent, "1-0:2.8.0")+number(t, x.Sent, "1-0:2.7.0") != 0 {
			t.Fatalf("%v: delivers without panels", x.Clock)
		}
	}
}

func TestGas(t *testing.T) {
	for _, c := range []struct {
		query, code string
		pattern     string
	}{
		{"meter=nl&every=1m&start=2026-01-10T06:00:30", "0-1:24.2.1", `0-1:24\.2\.1\((\d+)[SW]\)\((\d+)\.(\d+)\*m3\)`},
		{"meter=be&every=1m&start=2026-01-10T06:00:30", "0-1:24.2.3", `0-1:24\.2\.3\((\d+)[SW]\)\((\d+)\.(\d+)\*m3\)`},
		{"meter=dsmr3&every=10m&start=2026-01-10T06:00:30", "0-1:24.3.0", `0-1:24\.3\.0\((\d+)\).*\r\n\((\d+)\.(\d+)\)`},
	} {
		pattern := regexp.MustCompile(c.pattern)
		readings := map[string]string{}
		last := ""
		for _, x := range simulate(t, c.query+"&telegrams=120") {
			m := pattern.FindSubmatch(x.Sent)
			if m == nil {
				t.Fatalf("%s: no gas in %q", c.query, x.Sent)
			}
			at, m3 := string(m[1]), string(m[2])+string(m[3])
			if old, known := readings[at]; known && old != m3 {
				t.Errorf("%s: two readings for %s: %s and %s", c.query, at, old, m3)
			}
			if m3 < last || at > stamp(x.Clock) {
				t.Errorf("%s: at %v the reading of %s is %s, was %s", c.query, x.Clock, at, m3, last)
			}
			readings[at], last = m3, m3
		}
		if n := len(readings); n < 20 || n > 25 {
			t.Errorf("%s: %d readings", c.query, n)
		}
	}
}
