package nonsense

import (
	"strings"
	"testing"
	"time"

	"p1/pkg/sim"
)

// lasting is six hours, a telegram every ten seconds, in which something begins after two.
func lasting(t *testing.T, meter, name, start string) []Telegram {
	t.Helper()
	o, err := sim.ParseOptions("meter=" + meter + "&start=" + start)
	if err != nil {
		t.Fatal(err)
	}
	const hourly = 360
	o.Every, o.Telegrams = 10*time.Second, 6*hourly
	_, telegrams := open(t, Plan{World: o, Seed: 3, At: []At{{2*hourly + 1, name}}}).Log()
	return telegrams
}

// What is frozen is contradicted once more than five of the last digit are missing, and
// is over after an hour.
func TestFrozen(t *testing.T) {
	for _, meter := range meters {
		for _, name := range []string{"frozen", "one frozen"} {
			telegrams := lasting(t, meter, name, "2026-05-12T00:00:00")
			began := telegrams[len(telegrams)/3].Clock
			frozen := 0
			for _, x := range telegrams {
				for _, l := range x.Lines {
					if gone := x.Clock.Sub(began).Seconds(); gone < 0 || gone >= 3600 {
						t.Fatalf("%s: frozen at %v, begun at %v: %s", meter, x.Clock, began, l)
					}
					right, _ := readNumber(l.Right)
					sent, _ := readNumber(l.Sent)
					if l.Against == "frozen" && right.n-sent.n <= 5 {
						t.Errorf("%s, %v: contradicted too early: %s", meter, x.Clock, l)
					}
					if l.Against == "frozen" || l.Against == "sum" {
						frozen++
					}
				}
			}
			if frozen < 300 {
				t.Errorf("%s, %s: contradicted %d times", meter, name, frozen)
			}
		}
	}
}

// Zeros, old readings and a clock from 2000 on last as long as they are said to, and then
// the telegrams are right again.
func TestLasting(t *testing.T) {
	for _, meter := range meters {
		for name, seconds := range map[string]float64{"outage": 1200, "repeated": 3600, "clock from 2000": 1200} {
			telegrams := lasting(t, meter, name, "2026-05-12T10:00:00")
			began := telegrams[len(telegrams)/3].Clock
			for _, x := range telegrams {
				gone := x.Clock.Sub(began).Seconds()
				if within := gone >= 0 && gone < seconds; within != (len(x.Lines) > 0) {
					t.Fatalf("%s, %s: %d lines %v s after it began", meter, name, len(x.Lines), gone)
				}
			}
		}
	}
}

// A meter that was set back counts on from 0, and its sums hold; after some minutes one
// can believe what counts there.
func TestReset(t *testing.T) {
	for _, meter := range meters {
		telegrams := lasting(t, meter, "reset", "2026-05-12T10:00:00")
		at := len(telegrams) / 3
		code := map[string]string{"se": "1-0:2.8.0", "hu": "1-0:2.8.0", "be": "1-0:2.8.1"}[meter] // sun
		if code == "" {
			code = "1-0:2.8.2"
		}
		value := func(i int) int64 {
			for _, line := range split(telegrams[i].Text) {
				if codeOf(line) == code {
					x, _ := readNumber(line)
					return x.n
				}
			}
			return -1
		}
		before, first, last := value(at-1), value(at), value(len(telegrams)-1)
		if first != 0 || before < 1000 || last < 1000 || last > 20_000 {
			t.Errorf("%s: %s is %d, %d, and at the end %d", meter, code, before, first, last)
		}
		believed := 0
		for i, x := range telegrams {
			waits := false
			for _, n := range x.Confirming {
				waits = waits || codeOf(split(x.Text)[n-1]) == code
			}
			if i < at && len(x.Confirming) > 0 {
				t.Fatalf("%s: telegram %d is at a new level", meter, x.Seq)
			}
			if i >= at && !waits {
				believed++
			}
		}
		if hour := len(telegrams) / 6; believed < 3*hour {
			t.Errorf("%s: %d of %d telegrams at the new level can be believed", meter, believed, len(telegrams)-at)
		}
	}
}

// A gas meter on a new channel counts there, and the old one stands still on its own.
func TestNewChannel(t *testing.T) {
	for _, meter := range []string{"nl", "be", "dsmr4"} {
		telegrams := lasting(t, meter, "new channel", "2026-05-12T05:00:00")
		at := len(telegrams) / 3
		was, is := gasLines(telegrams[at-1]), gasLines(telegrams[len(telegrams)-1])
		if len(was) != 1 || len(is) != 2 || is[0] != was[0] || !strings.HasPrefix(is[1], "0-2:") {
			t.Fatalf("%s: gas was %v and is %v", meter, was, is)
		}
		first, _ := readNumber(gasLines(telegrams[at])[1])
		last, _ := readNumber(is[1])
		if first.n < 12 || first.n > 500 || last.n <= first.n {
			t.Errorf("%s: the new gas meter begins at %d and ends at %d", meter, first.n, last.n)
		}
	}
}

func gasLines(x Telegram) (list []string) {
	for _, line := range split(x.Text) {
		if isDevice(line) {
			list = append(list, line)
		}
	}
	return list
}

// What one who knows the earlier right telegrams can contradict.
func TestAgainst(t *testing.T) {
	const now = 1_800_000_000
	at := func(telegram string) *judge {
		j := &judge{last: map[string]reading{}}
		for i := range int64(3) {
			m := split([]byte(telegram))
			j.frame(now-30+10*i, m)
			for _, line := range m {
				if Counts(line) {
					j.believe(line, now-30+10*i)
				}
			}
		}
		return j
	}
	const gas = "0-1:24.2.1(270115090000W)(07131.924*m3)" // now
	for _, c := range []struct{ telegram, line, want string }{
		{"1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.171*kWh)", "fall"},
		{"1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.172*kWh)", ""},
		{"1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.320*kWh)", ""},                                   // 55 kW for 10 s: 152 Wh
		{"1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.327*kWh)", "gain"},                               // and two more
		{"0-0:17.0.0(090.0*kW)\r\n1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.424*kWh)", ""},           // 250 Wh
		{"0-0:17.0.0(090.0*kW)\r\n1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.425*kWh)", "gain"},       // and three more
		{"0-0:17.0.0(016.1*kW)\r\n1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.219*kWh)", "gain"},       // 44 Wh, and three more
		{"0-0:17.0.0(999.9*kW)\r\n1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.320*kWh)", ""},           // limits nothing
		{"1-0:1.7.0(80.000*kW)\r\n1-0:1.8.0(004686.172*kWh)", "1-0:1.8.0(004686.506*kWh)", ""},           // 120 kW: 333 Wh
		{gas, "0-1:24.2.1(270115090000W)(07137.926*m3)", ""},                                             // 6 m³ in an hour
		{gas, "0-1:24.2.1(270115090000W)(07137.927*m3)", "gain"},                                         //
		{gas, "0-1:24.2.1(270115090000W)(07131.923*m3)", "fall"},                                         //
		{gas, "0-1:24.2.1(632525252525S)(00000.000)", "date"},                                            //
		{gas, "0-1:24.2.1(700101010000W)(00000000)", "date"},                                             //
		{"0-0:1.0.0(270115090000W)", "0-0:1.0.0(000101010000W)", "date"},                                 //
		{"1-0:1.8.0(004686.172*kWh)\r\n1-0:1.7.0(00.500*kW)", "1-0:2.8.0(004686.172*kWh)", ""},           // never read
		{"1-0:1.8.1(004686.172*kWh)\r\n1-0:1.7.0(00.500*kW)", "1-0:1.8.1(004686.172*kWh)", "not frozen"}, // 10 s of it
	} {
		got := at(c.telegram).against(c.line, now, c.want == "not frozen")
		if got != strings.TrimPrefix(c.want, "not frozen") {
			t.Errorf("%q, then %s: %q, want %q", c.telegram, c.line, got, c.want)
		}
	}
}
