package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/telegram"
)

func peaksText(p *telegram.Telegram) string {
	var all []string
	for _, k := range p.Peaks() {
		value := "?" + k.Text
		if k.OK {
			value = k.Value.String()
		}
		all = append(all, fmt.Sprintf("%s/%v %s/%v %s %s %s", k.PeriodText, k.PeriodOK, k.AtText, k.AtOK, value, k.Unit, k.Code))
	}
	return strings.Join(all, "|")
}

func TestPeaks(t *testing.T) {
	const codes = "(1-0:1.6.0)(1-0:1.6.0)"
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"none", []string{"1-0:1.8.0(1*kWh)"}, ""},
		{"of this month", []string{"1-0:1.6.0(240108100000W)(02.589*kW)"}, "/false 240108100000W/true 2.589 kW 1-0:1.6.0"},
		{"of this month, without its time", []string{"1-0:1.6.0(02.589*kW)"}, "/false /false 2.589 kW 1-0:1.6.0"},
		{"of this month, empty", []string{"1-0:1.6.0()()"}, ""},
		{"two months", []string{"0-0:98.1.0(2)" + codes + "(231201000000W)(231117171500W)(04.329*kW)(240101000000W)(231215181500W)(4529*W)", "1-0:1.6.0(240108100000W)(02.589*kW)"},
			"231201000000W/true 231117171500W/true 4.329 kW 1-0:1.6.0|240101000000W/true 231215181500W/true 4529 W 1-0:1.6.0|/false 240108100000W/true 2.589 kW 1-0:1.6.0"},
		{"over lines", []string{"0-0:98.1.0(2)" + codes, "(231201000000W)(231117171500W)(04.329*kW)", "(240101000000W)(2312151815", "00W)(04.529*kW)"},
			"231201000000W/true 231117171500W/true 4.329 kW 1-0:1.6.0|240101000000W/true 2312151815\r\n00W/true 4.529 kW 1-0:1.6.0"},
		{"no month yet", []string{"0-0:98.1.0(0)" + codes + "()()()"}, ""},
		{"no month yet, cut short", []string{"0-0:98.1.0(0)" + codes}, ""},
		{"one code", []string{"0-0:98.1.0(1)(1-0:1.6.0)(231201000000W)(231117171500W)(04.329*kW)"}, "231201000000W/true 231117171500W/true 4.329 kW 1-0:1.6.0"},
		{"the last cut off", []string{"0-0:98.1.0(2)" + codes + "(231201000000W)(231117171500W)(04.329*kW)(240101000000W)"},
			"231201000000W/true 231117171500W/true 4.329 kW 1-0:1.6.0|240101000000W/true /false ?  1-0:1.6.0"},
		{"damaged", []string{"0-0:98.1.0(1)" + codes + "(231201000000W)(2311171715O0W)(04.3 9*kW)"}, "231201000000W/true 2311171715O0W/false ?04.3 9 kW 1-0:1.6.0"},
		{"Hungarian", []string{"0-0:98.1.0(230801000000S)(007823.105*kWh)(003971.715*kWh)"}, ""},
	} {
		if got := peaksText(telegram.Parse(telegramOf("ABC5x", c.lines...))); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

func TestMonthEnd(t *testing.T) {
	const registers = "(1*kWh)(2*kWh)(3*kWh)(4*kWh)(5*kWh)(6*kWh)(7*kvarh)(8*kvarh)(9*kvarh)(10*kvarh)(11*kvarh)(12*kvarh)(13*kWh)"
	const demand = "(14*kW)(15*kW)(16*kW)(17*kW)(18*kW)(19*kW)"
	const names = "import_kwh 1,import_t1_kwh 2,import_t2_kwh 3,export_kwh 4,export_t1_kwh 5,export_t2_kwh 6,reactive_import_kvarh 7,reactive_export_kvarh 8," +
		"reactive_q1_kvarh 9,reactive_q2_kvarh 10,reactive_q3_kvarh 11,reactive_q4_kvarh 12,combined_kwh 13"
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"none", []string{"1-0:1.8.0(1*kWh)"}, "none"},
		{"Belgian", []string{"0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(231201000000W)(231117171500W)(04.329*kW)"}, "none"},
		{"whole", []string{"0-0:98.1.0(230801000000S)" + registers + demand},
			names + ",import_max_kw 14,import_max_t1_kw 15,import_max_t2_kw 16,export_max_kw 17,export_max_t1_kw 18,export_max_t2_kw 19"},
		{"over lines", []string{"0-0:98.1.0(230801000000S)", registers, "(14*k", "W )"}, names + ",import_max_kw 14"},
		{"one more than known", []string{"0-0:98.1.0(230801000000S)" + registers + demand + "(20*kW)"},
			names + ",import_max_kw 14,import_max_t1_kw 15,import_max_t2_kw 16,export_max_kw 17,export_max_t1_kw 18,export_max_t2_kw 19,20_kw 20"},
		{"another order", []string{"0-0:98.1.0(230801000000S)(1*kWh)(2*kvarh)"}, "1_kwh 1,2_kvarh 2"},
		{"one is no number", []string{"0-0:98.1.0(230801000000S)(1*kWh)(O2*kWh)"}, "import_kwh 1,import_t1_kwh ?O2"},
		{"one is empty", []string{"0-0:98.1.0(230801000000S)()(2*kWh)"}, "import_kwh ?,import_t1_kwh 2"},
		{"unreadable time", []string{"0-0:98.1.0(23O801000000S)(1*kWh)"}, "import_kwh 1"},
	} {
		m, ok := telegram.Parse(telegramOf("ABC5x", c.lines...)).MonthEnd()
		got := "none"
		if ok {
			var all []string
			for _, e := range m.Entries {
				value := "?" + e.Text
				if e.OK {
					value = e.Value.String()
				}
				all = append(all, strings.TrimPrefix(e.Column(), "month_end_")+" "+value)
			}
			got = strings.Join(all, ",")
		}
		if got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
		if ok && (m.AtOK != (c.name != "unreadable time") || m.AtOK && m.At.RFC3339() != "2023-08-01T00:00:00+02:00") {
			t.Errorf("%s: %q is %s", c.name, m.AtText, m.At.RFC3339())
		}
	}
}

func TestFailures(t *testing.T) {
	const a, b = "(211018104823S)(0000005521*s)", "(201108115904W)(0000004211*s)"
	for _, c := range []struct {
		line  string
		want  string
		said  int
		whole bool
	}{
		{"1-0:1.8.0(1*kWh)", "", -1, false},
		{"1-0:99.97.0()", "", -1, true},
		{"1-0:99.97.0(0)(0-0:96.7.19)", "", 0, true},
		{"1-0:99.97.0(0)()", "", 0, true},
		{"1-0:99.97.0(0)", "", 0, true},
		{"1-0:99.97.0(2)(0-0:96.7.19)" + a + b, "2021-10-18T10:48:23+02:00 5521,2020-11-08T11:59:04+01:00 4211", 2, true},
		{"1-0:99.97.0(1)(0:96.7.19)" + a, "2021-10-18T10:48:23+02:00 5521", 1, true},
		{"1-0:99.97.0(3)(0-0:96.7.19)" + a + b, "2021-10-18T10:48:23+02:00 5521,2020-11-08T11:59:04+01:00 4211", 3, false},
		{"1-0:99.97.0(1)(0-0:96.7.19)" + a + b, "2021-10-18T10:48:23+02:00 5521,2020-11-08T11:59:04+01:00 4211", 1, false},
		{"1-0:99.97.0(0-0:96.7.19)" + a, "2021-10-18T10:48:23+02:00 5521", -1, false},
		{"1-0:99.97.0(1)(0-0:96.7.19)(211018104823S)", "2021-10-18T10:48:23+02:00 ?", 1, false},
		{"1-0:99.97.0(1)(0-0:96.7.19)(211018104823S)(5521*kW)", "2021-10-18T10:48:23+02:00 ?5521", 1, false},
		{"1-0:99.97.0(1)(0-0:96.7.19)(2110181O4823S)(5521*s)", "?2110181O4823S 5521", 1, false},
		{"1-0:99.97.0(1)" + a, "2021-10-18T10:48:23+02:00 5521", 1, true},
		{"1-0:99.97.0(211018104823)(5521)", "2021-10-18T10:48:23 5521", -1, false},
	} {
		log, said, whole := telegram.Parse(telegramOf("ABC5x", c.line)).Failures()
		var all []string
		for _, f := range log {
			end, duration := "?"+f.EndText, "?"+f.DurationText
			if f.EndOK {
				end = f.End.RFC3339()
			}
			if f.OK {
				duration = f.Duration.String()
			}
			all = append(all, end+" "+duration)
		}
		if got := strings.Join(all, ","); got != c.want || said != c.said || whole != c.whole {
			t.Errorf("%s: %q, %d, %v, want %q, %d, %v", c.line, got, said, whole, c.want, c.said, c.whole)
		}
	}
}

func TestMessages(t *testing.T) {
	ff := strings.Repeat("\xff", 1024)
	for _, c := range []struct{ line, want string }{
		{"0-0:96.13.0()", "0-0:96.13.0 \"\" false"},
		{"0-0:96.13.0(4E6965757773)", "0-0:96.13.0 \"Nieuws\" true"},
		{"0-0:96.13.1(3031203631203831)", "0-0:96.13.1 \"01 61 81\" true"},
		{"0-0:96.13.0(c381726164)", "0-0:96.13.0 \"Árad\" true"},
		{"0-0:96.13.0(c1726164)", "0-0:96.13.0 \"Árad\" true"},
		{"0-0:96.13.0(" + ff + ")", "0-0:96.13.0 \"\" false"},
		{"0-0:96.13.0(FFFFFFFFFFFF)", "0-0:96.13.0 \"\" true"},
		{"0-0:96.13.0(Helló" + ff + ")", "0-0:96.13.0 \"Helló\" false"},
		{"0-0:96.13.0(\xc1rad" + ff[:10] + ")", "0-0:96.13.0 \"Árad\" false"},
		{"0-0:96.13.0(Árad)", "0-0:96.13.0 \"Árad\" false"},
		{"0-0:96.13.0(12345)", "0-0:96.13.0 \"12345\" false"},     // an odd number of digits
		{"0-0:96.13.0(010203)", "0-0:96.13.0 \"010203\" false"},   // of no text
		{"0-0:96.13.0(5*3=15)", "0-0:96.13.0 \"5*3=15\" false"},   // no unit
		{"0-0:96.13.0(a (b) c)", "0-0:96.13.0 \"a (b) c\" false"}, // no grammar
		{"0-0:96.13.0(first\r\nsecond)", "0-0:96.13.0 \"first\\r\\nsecond\" false"},
		{"0-0:96.13.0(first\r\n\r\n\r\n at: 5)", "0-0:96.13.0 \"first\\r\\n\\r\\n\\r\\n at: 5\" false"},
		{"0-0:96.13.0(cut", ""},
		{"0-0:96.14.0(0001)", ""},
	} {
		var all []string
		for _, m := range telegram.Parse(telegramOf("ABC5x", c.line)).Messages() {
			all = append(all, fmt.Sprintf("%s %q %v", m.Code, m.Text, m.Hex))
		}
		if got := strings.Join(all, ","); got != c.want {
			t.Errorf("%q: %s, want %s", c.line, got, c.want)
		}
	}
}
