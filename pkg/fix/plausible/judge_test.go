package plausible_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/fix/plausible"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// said is a telegram of few lines, as a Dutch meter might send it.
func said(lines ...string) *record.Telegram {
	raw := "/KMP5 ABCDEFG\r\n\r\n0-0:96.1.1(4B4D50303031)\r\n" + strings.Join(lines, "\r\n") + "\r\n!0000\r\n"
	return &record.Telegram{Status: record.OK, Raw: record.Bytes(raw)}
}

// at is the clock's line, so many seconds after noon of a day in March.
func at(second int) string { return "0-0:1.0.0(" + stamp(second) + ")" }

func stamp(second int) string {
	return fmt.Sprintf("2603%02d%02d%02d%02dW", 10+second/86400, second/3600%24, second/60%60, second%60)
}

func kWh(code string, wh int) string {
	return fmt.Sprintf("1-0:%s(%06d.%03d*kWh)", code, wh/1000, wh%1000)
}
func kW(code string, w int) string { return fmt.Sprintf("1-0:%s(%02d.%03d*kW)", code, w/1000, w%1000) }
func gas(second, litres int) string {
	return fmt.Sprintf("0-1:24.2.1(%s)(%05d.%03d*m3)", stamp(second), litres/1000, litres%1000)
}

// take judges telegrams and returns, for each, the codes that are doubted.
func take(list ...*record.Telegram) (doubted []string, whys string) {
	var j plausible.Judge
	for _, t := range list {
		j.Take(t)
		codes := []string{}
		for _, d := range t.Doubted {
			codes = append(codes, d.Code)
			whys += d.Why + "\n"
		}
		doubted = append(doubted, strings.Join(codes, " "))
	}
	return doubted, whys
}

// expect fails unless these codes are doubted, and the reasons say so.
func expect(t *testing.T, list []*record.Telegram, want []string, why ...string) {
	t.Helper()
	got, whys := take(list...)
	if !slices.Equal(got, want) {
		t.Errorf("doubted are %q, want %q: %s", got, want, whys)
	}
	for _, w := range why {
		if !strings.Contains(whys, w) {
			t.Errorf("the reasons are %q, want %q", whys, w)
		}
	}
}

const t1, t2, clock, m1 = "1-0:1.8.1", "1-0:1.8.2", "0-0:1.0.0", "0-1:24.2.1"

func TestRegisterThatFalls(t *testing.T) {
	expect(t, []*record.Telegram{
		said(at(0), kWh("1.8.1", 5000), kWh("1.8.2", 70), kW("1.7.0", 360)),
		said(at(10), kWh("1.8.1", 5001), kWh("1.8.2", 70), kW("1.7.0", 360)),
		said(at(20), kWh("1.8.1", 5000), kWh("1.8.2", 70), kW("1.7.0", 360)),
		said(at(30), kWh("1.8.1", 0), kWh("1.8.2", 70), kW("1.7.0", 360)),
		said(at(40), kWh("1.8.1", 5004), kWh("1.8.2", 70), kW("1.7.0", 360)),
	}, []string{"", "", t1, t1, ""}, "fell from 5.001 to 5.000 kWh", "fell from 5.001 to 0.000 kWh")
}

// Most of the registers make all of it suspect; half of them do not.
func TestSuspectWhereMostAreDoubted(t *testing.T) {
	list := []*record.Telegram{
		said(at(0), kWh("1.8.1", 5000), kWh("1.8.2", 7000), gas(0, 800)),
		said(at(10), kWh("1.8.1", 5000), kWh("1.8.2", 7000), gas(0, 800)),
		said(at(20), kWh("1.8.1", 5000), kWh("1.8.2", 1), gas(0, 800)),
		said(at(30), kWh("1.8.1", 4), kWh("1.8.2", 1), gas(0, 800)),
		said(at(40), kWh("1.8.1", 5001), kWh("1.8.2", 7000), gas(0, 800)),
	}
	expect(t, list, []string{"", "", t2, t1 + " " + t2, ""})
	for i, x := range list {
		if want := i == 3; (x.Suspect != "") != want {
			t.Errorf("telegram %d: suspect is %q", i, x.Suspect)
		}
	}
	if !strings.Contains(list[3].Suspect, "2 of 3 registers") {
		t.Error(list[3].Suspect)
	}
}

// What can flow bounds a gain: by 55 kW where nothing says more, by the limiter, and by
// the powers that are stated.
func TestGainBeyondTheBound(t *testing.T) {
	for _, c := range []struct {
		lines  []string
		most   int // Wh in 60 s
		passes bool
	}{
		{nil, 918, true}, {nil, 920, false},
		{[]string{"0-0:17.0.0(017.2*kW)"}, 288, true}, {[]string{"0-0:17.0.0(017.2*kW)"}, 290, false},
		{[]string{"0-0:17.0.0(999.9*kW)"}, 918, true}, {[]string{"0-0:17.0.0(999.9*kW)"}, 920, false},
		{[]string{"0-0:17.0.0(00060*A)"}, 691, true}, {[]string{"0-0:17.0.0(00060*A)"}, 694, false},
		{[]string{kW("1.7.0", 60000)}, 1501, true}, {[]string{kW("1.7.0", 60000)}, 1504, false},
		{[]string{"1-0:1.7.0(60000*W)"}, 1501, true}, {[]string{"1-0:1.7.0(60000*W)"}, 1504, false},
	} {
		var list []*record.Telegram
		for i, wh := range []int{99997, 99998, 100000, 100000 + c.most} {
			second := 3 * i // the powers of the first ones prove nothing yet
			if i == 3 {
				second = 66
			}
			list = append(list, said(append([]string{at(second), kWh("1.8.1", wh)}, c.lines...)...))
		}
		got, why := take(list...)
		if (got[3] == "") != c.passes {
			t.Errorf("%v: %d Wh in a minute: %q %s", c.lines, c.most, got, why)
		}
	}
}

// Two telegrams of one second may differ, and where no power is stated a register may be
// read once a minute.
func TestTelegramsWithinOneSecond(t *testing.T) {
	var list []*record.Telegram
	for i := range 300 {
		list = append(list, said(at(i-i%3/2), kWh("1.8.0", 900000+6*i), kW("1.7.0", 22000), kWh("3.8.0", 40000+i/60*300)))
	}
	expect(t, list, make([]string, len(list)))
}

// The first night of a car is none: the limiter does not say what a sun delivers, either.
func TestHistoryNarrowsNothing(t *testing.T) {
	var list []*record.Telegram
	wh, out := 300000, 5000
	for i := range 3000 { // 100 W, for weeks
		wh += i % 2
		list = append(list, said(at(20*i), kWh("1.8.1", wh), kWh("2.8.1", out), kW("1.7.0", 100), "0-0:17.0.0(025.0*kW)"))
	}
	for i := 3000; i < 3200; i++ {
		wh += 122
		list = append(list, said(at(20*i), kWh("1.8.1", wh), kWh("2.8.1", out), kW("1.7.0", 22000), "0-0:17.0.0(025.0*kW)"))
	}
	for i := 3200; i < 3300; i++ {
		out += 167 // 30 kW
		list = append(list, said(at(20*i), kWh("1.8.1", wh), kWh("2.8.1", out), kW("2.7.0", 30000), kW("1.7.0", 0), "0-0:17.0.0(025.0*kW)"))
	}
	expect(t, list, make([]string, len(list)))
}

// A reading of a device is held against its own time stamps.
func TestGasReadings(t *testing.T) {
	var list []*record.Telegram
	var want []string
	add := func(second, stamped, litres int, doubted string) {
		list = append(list, said(at(second), "0-1:24.1.0(003)", gas(stamped, litres)))
		want = append(want, doubted)
	}
	for i := range 10 {
		add(i*300, i*300, 1420000+i*30, "")
	}
	add(3010, 3000, 0, m1) // 0 for a whole interval and the next one
	add(3020, 3000, 0, m1)
	add(3310, 3300, 0, m1)
	add(3610, 3600, 0, m1)
	add(3910, 3900, 1420300, "")
	add(3920, 3900, 1420301, "") // rounded
	add(3930, 3900, 1420400, m1) // a stamp stands for one reading
	add(4210, 4200, 14203300, m1)
	add(4220, 4200, 1420290, m1)
	add(4510, 4500, 1420301+900, "")
	add(4810, 4800, 1420301+900+505, m1) // 6.06 m3 an hour
	add(5110, 5100, 1420301+900+505, "")
	expect(t, list, want, "fell from 1420.270 to 0.000 m3", "gained 0.505 m3 in 300 s: at most 0.502")
}

// A reading of a device that comes while the meter's clock is wrong is as certain as any
// other: the device's own time stamp tells how long it took.
func TestGasReadingUnderAWrongClock(t *testing.T) {
	type3 := "0-1:24.1.0(003)"
	var list []*record.Telegram
	for i := range 8 {
		list = append(list, said(at(i*10), type3, gas(0, 7142901)))
	}
	list = append(list,
		said("0-0:1.0.0(000101010000W)", type3, gas(3600, 7144113)),
		said(at(90), type3, gas(3600, 7142901)),
		said(at(100), type3, gas(3600, 7144113)))
	want := make([]string, 11)
	want[8], want[9] = clock, m1
	expect(t, list, want, "fell from 7144.113 to 7142.901 m3")
}

// A meter that passes more than a G4 is believed once three readings say so.
func TestGasMeterThatPassesMore(t *testing.T) {
	var list []*record.Telegram
	want := []string{"", "", "", "", m1, m1, "", "", "", ""}
	litres := 5000
	for i := range 10 {
		if i > 3 {
			litres += 1200 // a G10: 14.4 m3 an hour
		}
		list = append(list, said(at(i*300+5), "0-1:24.1.0(003)", gas(i*300, litres)))
	}
	expect(t, list, want)
}

// Placeholders are none of the device that was read before, and nothing where none was.
func TestPlaceholders(t *testing.T) {
	none := "0-1:24.2.1(632525252525S)(00000.000)"
	unset := "0-1:24.2.1(700101010000W)(00000.000*m3)"
	type3 := "0-1:24.1.0(003)"
	expect(t, []*record.Telegram{
		said(at(0), type3, none), said(at(10), type3, unset), said(at(20), type3, gas(0, 1420156)), said(at(30), type3, unset),
		said(at(40), type3, "0-1:24.2.1(000101000000W)(00000.000*m3)"), said(at(50), type3, none), said(at(60), type3, gas(0, 1420156)),
	}, []string{"", "", "", m1, m1, m1, ""}, "a date that cannot be")
	bare := "0-1:24.2.1(000101010000W)(0000000000)" // without unit and point
	expect(t, []*record.Telegram{
		said(at(0), type3, bare), said(at(10), type3, gas(0, 1420156)), said(at(20), type3, gas(0, 1420156)), said(at(30), bare),
		said(at(40), type3, bare), said(at(50), type3, gas(0, 14201560)), said(at(60), type3, gas(0, 1420156)),
	}, []string{"", "", "", m1, m1, m1, ""}, "a date that cannot be", "gained 12781.404 m3 in 0 s: at most 0.002")
}

// A clock that cannot be right is doubted, and no register with it.
func TestClockAlone(t *testing.T) {
	expect(t, []*record.Telegram{
		said(at(0), kWh("1.8.1", 5000)), said(at(10), kWh("1.8.1", 5001)), said(at(20), kWh("1.8.1", 5002)),
		said("0-0:1.0.0(000101000000W)", kWh("1.8.1", 5003)),
		said("0-0:1.0.0(700101000010W)", kWh("1.8.1", 50040)), // which may be, if it took an hour
		said("0-0:1.0.0(263545996199W)", kWh("1.8.1", 5004)),
		said(at(60), kWh("1.8.1", 5005)),
		said(at(50), kWh("1.8.1", 5006)),
		said(at(80), kWh("1.8.1", 5007)),
	}, []string{"", "", "", clock, clock, clock, "", clock, ""}, "a date that cannot be", "went back by 10 s")
}

// The hour that autumn repeats is none that goes back, of a clock without S and W too.
func TestAutumn(t *testing.T) {
	var list []*record.Telegram
	for i, hhmm := range []string{"0150", "0210", "0250", "0259", "0201", "0230", "0259", "0300"} {
		list = append(list, said("0-0:1.0.0(261025"+hhmm+"00)", kWh("1.8.1", 5000+10*i)))
	}
	expect(t, list, make([]string, len(list)))
}

// A value that goes on counting for a minute is a new level; one that stands still, or is 0,
// never is by being repeated. Another register of the same meter comes with it.
func TestRegistersThatBeginAnew(t *testing.T) {
	var list []*record.Telegram
	var want []string
	for i := range 5 {
		list = append(list, said(at(i*10), kWh("1.8.1", 5000000+i*10), kWh("1.8.2", 70000)))
		want = append(want, "")
	}
	for i := 5; i < 100; i++ { // it stands at 0 for 950 s
		list = append(list, said(at(i*10), kWh("1.8.1", 0), kWh("1.8.2", 12)))
		want = append(want, t1+" "+t2)
	}
	for i := 100; i < 120; i++ {
		list = append(list, said(at(i*10), kWh("1.8.1", 10*(i-99)), kWh("1.8.2", 12)))
		want = append(want, "")
	}
	want[100] = ""
	got, why := take(list...)
	if !slices.Equal(got[:100], want[:100]) || !slices.Equal(got[107:], want[107:]) {
		t.Errorf("doubted are %q: %.300s", got, why)
	}
}

// A level that returns to where the old one would be by now was an outage, before it is
// believed and after.
func TestOutage(t *testing.T) {
	for _, long := range []int{3, 30} {
		var list []*record.Telegram
		for i := range 20 {
			list = append(list, said(at(i*10), kWh("1.8.1", 5000000+i*10)))
		}
		for i := 20; i < 20+long; i++ {
			list = append(list, said(at(i*10), kWh("1.8.1", 60000+i*10)))
		}
		for i := 20 + long; i < 40+long; i++ {
			list = append(list, said(at(i*10), kWh("1.8.1", 5000000+i*10)))
		}
		got, why := take(list...)
		for i, codes := range got {
			if (i < 20 || i >= 20+long) && codes != "" {
				t.Errorf("%d long: telegram %d: %s %.200s", long, i, codes, why)
			}
		}
		if got[20] == "" || got[22] == "" {
			t.Error("what began is believed at once")
		}
	}
}

// What is believed from now on is told once, with old and new: a register that was set back,
// a device that was replaced, and an outage that is over, believed or not.
func TestNews(t *testing.T) {
	id := func(i int) string { return fmt.Sprintf("0-1:96.1.0(47303030%d)", i) }
	var list []*record.Telegram
	add := func(n, wh, litres, device int) {
		for range n {
			i := len(list)
			list = append(list, said(at(i*10), "0-1:24.1.0(003)", id(device), kWh("1.8.1", wh+i*10), gas(i/30*300, litres)))
		}
	}
	add(20, 5000000, 1420156, 31) // 31 is "1"
	add(4, 900, 1420156, 31)      // for 40 s
	add(20, 5000000, 1420156, 31)
	add(40, -440, 1420156, 31) // from 0 on
	add(20, -440, 12, 32)
	var news []string
	j := plausible.Judge{Say: func(text string) { news = append(news, text) }}
	for _, x := range list {
		j.Take(x)
	}
	want := []string{
		"meter KMP001 at 2026-03-10T00:04:00+01:00: 1-0:1.8.1 outage over: 5000.190 kWh before it, 1.130 kWh in it, 5000.240 kWh now",
		"meter KMP001 at 2026-03-10T00:08:20+01:00: 1-0:1.8.1 reset or replaced: 5000.430 kWh before, 0.060 kWh from now on",
		"meter KMP001 at 2026-03-10T00:14:00+01:00: 0-1:24.2.1 replaced: device G0001 with 1420.156 m3 before, G0002 with 0.012 m3 from now on",
	}
	if !slices.Equal(news, want) {
		t.Errorf("told is\n%s\nwant\n%s", strings.Join(news, "\n"), strings.Join(want, "\n"))
	}
}

// Where no CRC holds, an identifier that was read wrong is no other device: not where the reading
// goes on, however often, and not once where it does not. Three telegrams that name it, with a
// reading that does not go on, are.
func TestDeviceWithoutACRC(t *testing.T) {
	for _, c := range []struct {
		name        string
		times       int // that another identifier is read in a row
		lower, told bool
	}{
		{"the reading goes on", 1, false, false},
		{"it goes on for long", 20, false, false},
		{"once with another reading", 1, true, false},
		{"twice", 2, true, false},
		{"a meter that was replaced", 3, true, true},
	} {
		var news []string
		j := plausible.Judge{Say: func(text string) { news = append(news, text) }}
		for i := range 50 {
			id, litres := 31, 1420000+i*10
			if i >= 20 && i < 20+c.times {
				if id = 32; c.lower {
					litres = 12
				}
			}
			x := said(at(i*300+7), "0-1:24.1.0(003)", fmt.Sprintf("0-1:96.1.0(47303030%d)", id), gas(i*300, litres))
			x.Status = record.Unchecked
			j.Take(x)
			if i == 19+c.times && (len(news) > 0) != c.told {
				t.Errorf("%s: told is %q", c.name, news)
			}
		}
		if len(news) > 0 && !c.told {
			t.Errorf("%s: told in the end is %q", c.name, news)
		}
	}
}

// Another identifier of a device is another device; one of a gas meter without is
// believed after three readings.
func TestGasMeterIsReplaced(t *testing.T) {
	list := func(other string) (list []*record.Telegram) {
		for i := range 12 {
			id, litres := "4730303031", 1420000+i*20
			if i >= 5 {
				id, litres = other, 12+i*15
			}
			list = append(list, said(at(i*300+7), "0-1:24.1.0(003)", "0-1:96.1.0("+id+")", gas(i*300, litres)))
		}
		return list
	}
	expect(t, list("4730303032"), make([]string, 12))
	want := make([]string, 12)
	want[5], want[6] = m1, m1
	expect(t, list("4730303031"), want)
}

// A register that stands still is doubted once its power demands more than five units, that
// of the tariff in force alone; what was missing is made up for afterwards.
func TestFrozen(t *testing.T) {
	var list []*record.Telegram
	wh := func(second int) int { return second } // 3.6 kW
	for i := range 200 {
		second := i
		frozen := second
		if i >= 50 && i < 150 {
			frozen = 49
		}
		list = append(list, said(at(second), "0-0:96.14.0(0001)", kWh("1.8.1", 900000+wh(frozen)), kWh("1.8.2", 4000), kW("1.7.0", 3600)))
	}
	got, why := take(list...)
	for i, codes := range got {
		want := ""
		if i > 49+5 && i < 150 {
			want = t1
		}
		if codes != want {
			t.Errorf("telegram %d: %q, want %q: %.200s", i, codes, want, why)
		}
	}
}

// What tariff a register counts in, it has shown, or the others of its meter have: codes
// alone do not say.
func TestTariffs(t *testing.T) {
	for _, c := range []struct {
		first, later string // the tariff line before and after the switch
		doubted      bool   // 1.8.2, which stands still after it
	}{{"0001", "0002", true}, {"0002", "0001", false}, {"0001", "0003", false}} {
		var list []*record.Telegram
		for i := range 40 {
			tariff, one := c.first, i*10
			if i >= 20 {
				tariff, one = c.later, 190
			}
			list = append(list, said(at(i*10), "0-0:96.14.0("+tariff+")", kWh("1.8.1", 900000+one), kWh("1.8.2", 4000), kW("1.7.0", 3600)))
		}
		got, why := take(list...)
		if got[19] != "" || (got[30] == t2) != c.doubted || strings.Contains(why, "fell") {
			t.Errorf("%v: %q %.200s", c, got, why)
		}
	}
}

// Registers of a house that stand still for an hour: of those that would have gone on by
// more than five units all are doubted, and none that would not have gone on at all.
func TestFrozenHour(t *testing.T) {
	for _, meter := range []string{"hu", "se", "dsmr4"} {
		list := simulated(t, "meter="+meter+"&telegrams=1080&every=10s&start=2026-06-10T06:00:00")
		frozen := map[string]string{}
		var j plausible.Judge
		n := 0
		for i, x := range list {
			right := x.Raw
			if i >= 360 && i < 720 { // 07:00 is another tariff
				x.Raw = bytes.Clone(right)
			}
			for _, p := range counted.FindAllSubmatchIndex(right, -1) {
				if code := string(right[p[2]:p[3]]); i >= 360 && i < 720 && code != m1 {
					copy(x.Raw[p[6]:p[7]], frozen[code])
				} else if i < 360 {
					frozen[code] = string(right[p[6]:p[7]])
				}
			}
			j.Take(x)
			for _, p := range counted.FindAllSubmatchIndex(right, -1) {
				code := string(right[p[2]:p[3]])
				missing := digits(string(right[p[6]:p[7]])) - digits(string(x.Raw[p[6]:p[7]]))
				doubted := slices.ContainsFunc(x.Doubted, func(d record.Doubt) bool { return d.Code == code })
				if missing == 0 && doubted || missing > 5 && !doubted {
					t.Errorf("%s: telegram %d: of %s %d are missing: %v", meter, i, code, missing, x.Doubted)
				}
				if doubted {
					n++
				}
			}
		}
		if n < 300 {
			t.Errorf("%s: %d are doubted", meter, n)
		}
	}
}

// A register that is read once a minute is not frozen: it has always made up for it.
func TestReadNowAndThen(t *testing.T) {
	var list []*record.Telegram
	for i := range 1200 {
		list = append(list, said(at(i), kWh("1.8.0", 900000+i/60*60), kW("1.7.0", 3600)))
	}
	got, why := take(list...)
	for i := 5 * 60; i < len(got); i++ {
		if got[i] != "" {
			t.Fatalf("telegram %d: %.200s", i, why)
		}
	}
}

// A total that is no longer the sum of its tariffs is doubted, or the tariff that is wrong.
func TestSums(t *testing.T) {
	var list []*record.Telegram
	for i := range 40 {
		total, one, two := 9000+10*i, 5000+10*i, 4000
		switch i {
		case 30:
			total += 30
		case 33:
			two += 30
		}
		list = append(list, said(at(i*10), "0-0:96.14.0(0001)", kWh("1.8.0", total), kWh("1.8.1", one), kWh("1.8.2", two), kW("1.7.0", 3600)))
	}
	want := make([]string, 40)
	want[30], want[33] = "1-0:1.8.0", t2
	expect(t, list, want, "not the sum of its tariffs")
}

// A sum that is none to the digit is not led astray by a register that stands still: once
// that has caught up, nothing that is right is doubted.
func TestSumThatIsNearlyOne(t *testing.T) {
	for _, frozen := range []string{"1-0:1.8.0", "1-0:15.8.0"} {
		var list []*record.Telegram
		for i := range 500 {
			wh := map[string]int{"1-0:1.8.0": 9000 + i, "1-0:15.8.0": 9700 + i + i/3%2}
			if i >= 100 && i < 400 {
				wh[frozen] = map[string]int{"1-0:1.8.0": 9099, "1-0:15.8.0": 9799}[frozen]
			}
			list = append(list, said(at(i*10), kWh("1.8.0", wh["1-0:1.8.0"]), kWh("1.8.1", 5000+i), kWh("1.8.2", 4000),
				kWh("2.8.0", 600), kWh("15.8.0", wh["1-0:15.8.0"]), kW("1.7.0", 360)))
		}
		got, _ := take(list...)
		for i, codes := range got {
			if right := i < 100 || i >= 400; right && codes != "" || codes != "" && codes != frozen && i > 105 {
				t.Fatalf("%s stands still: of telegram %d %s is doubted: %v", frozen, i, codes, list[i].Doubted)
			}
		}
		if got[110] != frozen {
			t.Errorf("%s stands still, and %q is doubted", frozen, got[110])
		}
	}
}

// A total that has missed a step is the one that is wrong, not a tariff and not the sum of
// totals that does not hold either.
func TestTotalThatMissesAStep(t *testing.T) {
	var list []*record.Telegram
	for i := range 60 {
		total := 9000 + 4*i
		if i == 50 {
			total -= 4
		}
		list = append(list, said(at(i*10), kWh("2.8.0", total), kWh("2.8.1", 5000+4*i), kWh("2.8.2", 4000), kWh("1.8.0", 600),
			kWh("15.8.0", 9700+4*i), kW("2.7.0", 1440)))
	}
	want := make([]string, 60)
	want[50] = "1-0:2.8.0"
	expect(t, list, want, "not the sum of its tariffs")
}

// Live, the host's clock says what the meter's does not, and what that cannot have done.
func TestHostTime(t *testing.T) {
	live := func(second int, lines ...string) *record.Telegram {
		x := said(lines...)
		x.Live, x.Time = true, fmt.Sprintf("2026-03-10T%02d:%02d:%02d.123Z", second/3600, second/60%60, second%60)
		return x
	}
	var list []*record.Telegram
	for i := range 6 {
		list = append(list, live(10*i, kWh("1.8.1", 100000+10*i)))
	}
	list = append(list,
		live(60, kWh("1.8.1", 100050+160)), // 55 kW for 10 s are 153 Wh
		live(70, kWh("1.8.1", 100050+200)),
		live(7270, kWh("1.8.1", 100050+200+110000)), // two hours later
		live(7280, kWh("1.8.1", 100050+200+110001)))
	expect(t, list, []string{"", "", "", "", "", "", t1, "", "", ""}, "gained 0.160 kWh in 10 s: at most 0.155")

	list = nil
	for i := range 8 {
		list = append(list, live(10*i, at(10*i), kWh("1.8.1", 100000+10*i)))
	}
	list[5] = live(50, "0-0:1.0.0(660310000050W)", kWh("1.8.1", 100050))
	expect(t, list, []string{"", "", "", "", "", clock, "", ""}, "s ahead of when it came")
}

// Many meters, and one with many layouts and codes, need no more memory than a few.
func TestBounded(t *testing.T) {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, meters := range []int{1, 1000} {
		var j plausible.Judge
		take := func(from, to int) {
			for i := from; i < to; i++ {
				var lines []string
				for k := range 40 {
					lines = append(lines, kWh(fmt.Sprintf("%d.8.%d", 1+(i+k)%20, i%250), i*k))
				}
				x := said(lines...)
				x.Raw = bytes.Replace(x.Raw, []byte("4B4D50303031"), fmt.Appendf(nil, "%012d", i/10%meters), 1)
				j.Take(x)
			}
		}
		take(0, 200)
		before := heap()
		take(200, 5000)
		if grown := heap() - before; grown > 256<<10 {
			t.Errorf("%d meters: %d bytes more", meters, grown)
		}
		runtime.KeepAlive(&j)
	}
}

// Streams without a clock, and those of which nobody knows when they came, are held to the
// same.
func TestWithoutClock(t *testing.T) {
	var list []*record.Telegram
	for i := range 20 {
		list = append(list, said(kWh("1.8.1", 5000000+i*10), kW("1.7.0", 3600)))
	}
	list[7] = said(kWh("1.8.1", 50000700), kW("1.7.0", 3600))
	list[9] = said(kWh("1.8.1", 500008), kW("1.7.0", 3600))
	want := make([]string, 20)
	want[7], want[9] = t1, t1
	expect(t, list, want)
}

// After days without a telegram a wrong value may lie within the bound; the next ones tell.
func TestAfterAGap(t *testing.T) {
	list := []*record.Telegram{
		said(at(0), kWh("1.8.1", 100000)), said(at(10), kWh("1.8.1", 100001)), said(at(20), kWh("1.8.1", 100002)), said(at(30), kWh("1.8.1", 100003)),
		said(at(400000), kWh("1.8.1", 1000500)), // ten times too high
		said(at(400010), kWh("1.8.1", 100060)), said(at(400020), kWh("1.8.1", 100061)),
		said(at(400030), kWh("1.8.1", 100060)),
	}
	got, why := take(list...)
	if !slices.Equal(got[5:], []string{"", "", t1}) {
		t.Errorf("%q %s", got, why)
	}
}

// What came after a gap and was read again and again cannot be taken back any more: it is the
// one below it that is wrong.
func TestLongAfterAGap(t *testing.T) {
	type3 := "0-1:24.1.0(003)"
	for _, gap := range []int{7200, 200000} { // seconds
		var list []*record.Telegram
		for i := range 10 {
			list = append(list, said(at(i*10), type3, gas(0, 7142901)))
		}
		for i := 10; i < 30; i++ {
			list = append(list, said(at(gap+i*10), type3, gas(gap, 7144113)))
		}
		list = append(list, said(at(gap+300), type3, gas(gap, 7142901)), said(at(gap+310), type3, gas(gap, 7144113)))
		want := make([]string, 32)
		want[30] = m1
		expect(t, list, want, "fell from 7144.113 to 7142.901 m3")
	}
}

// Where the telegram after it is known, it is told at once.
func TestForeseen(t *testing.T) {
	var j plausible.Judge
	for i := range 5 {
		j.Take(said(at(10*i), kWh("1.8.1", 100000+i), gas(0, 7000)))
	}
	wrong, right := said(at(400000), kWh("1.8.1", 1000500), gas(0, 7000)), said(at(400010), kWh("1.8.1", 100060), gas(0, 7000))
	if m := j.Read(wrong.Raw); m.Look(wrong) || !m.Uncertain() {
		t.Error("nobody knows yet")
	}
	j.Foresee(right.Raw)
	j.Take(wrong)
	if len(wrong.Doubted) != 1 || wrong.Doubted[0].Code != t1 || wrong.Doubted[0].Why != "900.440 kWh more than in the next telegram" {
		t.Errorf("%v", wrong.Doubted)
	}
	if j.Take(right); len(right.Doubted) > 0 {
		t.Errorf("%v", right.Doubted)
	}
}

// What was marked already stays as it is, and is learned from as it was before: judging
// twice gives the same.
func TestTwice(t *testing.T) {
	list := simulated(t, "meter=nl&telegrams=400&every=10s")
	spoil(list, rand.New(rand.NewPCG(1, 2)), 0.1)
	take(list...)
	var again []*record.Telegram
	for _, x := range list {
		copied := *x
		again = append(again, &copied)
	}
	take(again...)
	doubted := 0
	for i, x := range list {
		doubted += len(x.Doubted)
		if fmt.Sprint(x.Doubted, x.Suspect) != fmt.Sprint(again[i].Doubted, again[i].Suspect) {
			t.Fatalf("telegram %d: %v, and then %v", i, x.Doubted, again[i].Doubted)
		}
	}
	if doubted == 0 {
		t.Error("nothing is doubted")
	}
}

var counted = regexp.MustCompile(`\n([01]-\d:(?:[1-8]\.8|24\.2)\.\d)(?:\((\d{12}[SW])\))?\((\d+\.\d+)\*(?:kWh|kvarh|m3)\)`)

// spoil makes values of some telegrams wrong, one in each, so that each contradicts those
// before it, and returns which: the code in each telegram.
func spoil(list []*record.Telegram, dice *rand.Rand, share float64) []string {
	codes := make([]string, len(list))
	last := map[string]int{}
	for i, t := range list {
		raw := t.Raw
		places := counted.FindAllSubmatchIndex(raw, -1)
		if i >= 20 && dice.Float64() < share {
			p := places[dice.IntN(len(places))]
			code, text := string(raw[p[2]:p[3]]), string(raw[p[6]:p[7]])
			if wrong := spoiled(text, last[code], dice); len(wrong) == len(text) && (digits(wrong) < last[code] || digits(wrong) > digits(text)+20000) {
				t.Raw = append(append(bytes.Clone(raw[:p[6]]), wrong...), raw[p[7]:]...)
				codes[i] = code
			}
		}
		for _, p := range places {
			last[string(raw[p[2]:p[3]])] = digits(string(raw[p[6]:p[7]]))
		}
	}
	return codes
}

func digits(text string) int {
	n, _ := strconv.Atoi(strings.Replace(text, ".", "", 1))
	return n
}

// spoiled is a wrong text of a value, which was so many units last.
func spoiled(text string, last int, dice *rand.Rand) string {
	point := strings.Index(text, ".")
	as := func(n int) string {
		all := fmt.Sprintf("%0*d", len(text)-1, n)
		return all[:point] + "." + all[point:]
	}
	switch now := digits(text); dice.IntN(6) {
	case 0:
		return as(now * 10)
	case 1:
		return as(now / 10)
	case 2:
		return as(0)
	case 3:
		return string('9'-text[0]%2) + text[1:]
	case 4:
		return as(max(0, last-1))
	}
	at := dice.IntN(len(text) - 1) // a digit is lost
	all := strings.Replace(text, ".", "", 1)
	lost, _ := strconv.Atoi(all[:at] + all[at+1:])
	return as(lost)
}

// Of telegrams of all meters, with lines that cannot be, these are doubted and no others.
func TestNonsenseAmongWhatIsRight(t *testing.T) {
	for _, meter := range []string{"nl", "be", "se", "hu", "dsmr4"} {
		for _, every := range []string{"10s", "60s"} {
			list := simulated(t, fmt.Sprintf("meter=%s&telegrams=%d&every=%s&start=2026-10-24T20:00:00", meter, longtest.Pick(3000, 30000, 30000), every))
			wrong := spoil(list, rand.New(rand.NewPCG(7, 8)), 0.02)
			got, _ := take(list...)
			n := 0
			for i := range got {
				if got[i] != wrong[i] {
					t.Errorf("%s, %s: telegram %d: doubted %q, wrong %q: %v", meter, every, i, got[i], wrong[i], list[i].Doubted)
				}
				if wrong[i] != "" {
					n++
				}
			}
			if n < len(list)/100 {
				t.Errorf("%s: %d are wrong", meter, n)
			}
		}
	}
}

// Nothing is doubted of a meter that nothing is wrong with: over both changes of the
// clock, with sun, gaps, and telegrams that are few.
func TestNothingIsDoubted(t *testing.T) {
	for _, meter := range []string{"nl", "be", "se", "hu", "dsmr4", "ch", "at", "lt", "no", "lu"} {
		for _, query := range []string{
			"start=2026-06-10T21:30:00", "every=10s&start=2026-03-28T22:00:00", "every=10s&start=2026-10-25T00:00:00",
			"every=300s&start=2026-03-20T00:00:00", "every=10s&start=2026-06-10T06:00:00&failure=2026-06-10T09:00:00/7200",
		} {
			query = fmt.Sprintf("meter=%s&telegrams=%d&%s", meter, longtest.Pick(3000, 20000, 20000), query)
			list := simulated(t, query)
			take(list...)
			for i, x := range list {
				if len(x.Doubted) > 0 {
					t.Errorf("%s: telegram %d: %v", query, i, x.Doubted)
					break
				}
			}
		}
	}
}

// A telegram that nothing is wrong with needs no memory.
func TestNoMemory(t *testing.T) {
	list := simulated(t, "meter=hu&telegrams=600&every=10s")
	var j plausible.Judge
	for _, x := range list[:300] {
		j.Take(x)
	}
	i := 300
	if n := testing.AllocsPerRun(200, func() { j.Take(list[i]); i++ }); n > 0 {
		t.Errorf("%v allocations for a telegram", n)
	}
}
