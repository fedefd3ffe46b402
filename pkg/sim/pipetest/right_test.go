package pipetest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"p1/pkg/crc"
)

// right is a log of other people's meters and habits, and what is right of it: the rows
// of a table, each as `column=cell` of what matters ("-" for an empty cell).
type right struct {
	name  string
	flags string // of p1csv
	log   string // telegrams, their lines with a blank between; "!" is signed
	rows  []string
	never string // must stand nowhere in the table
	said  string // on standard error; "" for nothing
}

// signed writes telegrams, separated by " / ", of lines with "|" between them. Each
// begins with its header; "!" at the end is given a CRC, "!-" is left bare.
func signed(text string) []byte {
	var log []byte
	for _, t := range strings.Split(text, " / ") {
		lines := strings.Split(t, "|")
		raw := "/" + strings.Join(lines[:len(lines)-1], "\r\n") + "\r\n!"
		end := "\r\n"
		if lines[len(lines)-1] == "!" {
			end = fmt.Sprintf("%04X\r\n", crc.ARC.Sum([]byte(raw)))
		}
		log = append(log, raw+end...)
	}
	return log
}

const (
	at  = "TST5MEASURE||0-0:1.0.0(260214083005W)|"
	gas = "0-1:24.1.0(003)|0-1:96.1.0(47414D4D41)|"
)

var rights = []right{
	// Time and value, in either order, and units.
	{"peak, value then time", "--table peaks", at + "1-0:1.6.0(05.125*kW)(260203173000)|!", []string{"month=2026-02 register=import peak_kw=5.125 time=2026-02-03T17:30:00"}, "", ""},
	{"peak, value then time, with season", "--profile all", at + "1-0:1.6.0(05.125*kW)(260203173000W)|!", []string{"import_max_kw=5.125 import_max_time=2026-02-03T17:30:00+01:00"}, "", ""},
	{"peak in W", "--table peaks", at + "1-0:1.6.0(260203173000W)(5125*W)|!", []string{"peak_kw=5.125"}, "", ""},
	{"peaks of months in W", "--table peaks", at + "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260201000000W)(260117181500W)(4321*W)|!", []string{"month=2026-01 register=import peak_kw=4.321"}, "", ""},
	{"peak of export", "--table peaks", at + "1-0:2.6.0(260203123000W)(03.250*kW)|!", []string{"register=export peak_kw=3.250"}, "", ""},
	{"peak of a reactive power", "--table peaks", at + "0-0:98.1.0(1)(1-0:4.6.0)(1-0:4.6.0)(260201000000W)(260117181500W)(01.500*kvar)|!", []string{"register=reactive_export peak_kw=- peak_kvar=1.500"}, "", ""},
	{"this month's peak, reactive", "--table peaks", at + "1-0:3.6.0(260203173000W)(02.250*kvar)|!", []string{"register=reactive_import peak_kw=- peak_kvar=2.250"}, ",import,", ""},
	{"heat, value then time", "--table heat", at + "6-0:1.0.0(00077.250*GJ)(100305070000)|!", []string{"heat_gj=77.250 time=2010-03-05T07:00:00 medium=heat"}, "100305070000", ""},
	{"cold, value then time", "--profile all", at + "5-0:1.0.0(00011.500*GJ)(100305070000)|!", []string{"cooling_gj=11.500 cooling_time=2010-03-05T07:00:00"}, "100305070000", ""},
	{"water of DSMR 2.1", "--table water", at + "8-0:0.0.0(5741)|8-0:1.0.0(100305070000)(00042.125*m3)|!", []string{"water_m3=42.125 device=WA channel=-"}, "", ""},
	{"gas of DSMR 2.1, with its history", "--table gas", at + "7-0:23.2.0(100305070000)(00300.500*m3)(100305060000)(00299.250*m3)|!", []string{"gas_m3=299.250 time=2010-03-05T06:00:00", "gas_m3=300.500 time=2010-03-05T07:00:00 difference_m3=1.250"}, "", ""},
	{"two values of one unit", "--profile all", at + "1-0:1.7.0(00.100*kW)|1-1:31.4.0(063*A)(-025*A)|!", []string{"fuse_ch1_a=63 fuse_ch1_2_a=-25"}, "", ""},
	{"three values of one unit", "--profile all", at + "1-0:1.7.0(00.100*kW)(00.200*kW)(00.300*kW)|!", []string{"import_kw=0.100 import_2_kw=0.200 import_3_kw=0.300"}, "", ""},
	{"limiter in kVA", "--profile lu", at + "0-0:17.0.0(13.8*kVA)|!", []string{"limiter_kva=13.8 limiter_kw=-"}, "", ""},
	{"limiter in A", "--profile nl", at + "0-0:17.0.0(035*A)|!", []string{"limiter_a=35 limiter_kw=-"}, "", ""},
	{"limiter asked for by its code", "--columns 0-0:17.0.0", at + "0-0:17.0.0(035*A)|!", []string{"limiter_a=35"}, "", ""},
	{"kilo and milli", "--profile all", at + "1-0:14.7.0(0.05001*kHz)|1-0:52.7.0(230500*mV)|1-0:51.7.0(0.0125*kA)|!", []string{"frequency_hz=50.01 voltage_l2_v=230.500 current_l2_a=12.5"}, "", ""},
	{"numbers without a unit", "--profile all", at + "1-0:3.7.0(01.500)|0-0:17.0.0(10.350)|1-0:32.7.0(231.5)|!", []string{"reactive_import_kvar=1.500 limiter_kw=10.350 voltage_l1_v=231.5"}, "", ""},
	{"gas without a unit", "--profile nl", at + gas + "0-1:24.2.1(260214080000W)(00123.456)|!", []string{"gas_m3=123.456"}, "", ""},
	{"a unit nobody knows", "--profile all", at + "0-2:24.1.0(004)|0-2:24.2.1(260214080000W)(00012.5*Gcal)|1-0:1.8.0(1*xWh)|!", []string{"heat_gcal=12.5 import_xwh=1"}, "", ""},
	{"degrees beside heat", "--profile all", at + "0-2:24.1.0(00C)|0-2:24.2.1(260214080000W)(00012.5*GJ)|0-2:24.2.3(045.5*degC)|!", []string{"heat_gj=12.5 mbus2_value_3_degc=45.5"}, "uncorrected", ""},

	// Clocks and placeholders.
	{"clock in two lines", "", "TST5TWO||0-0:1.8.0(1)|1-0:0.9.2(24-05-06)|1-0:0.9.1(07:08:09)|1-0:1.8.0(1*kWh)|!", []string{"time=2024-05-06T07:08:09"}, "", ""},
	{"clock in two lines, of a zone", "--tz Europe/Amsterdam", "TST5TWO||1-0:0.9.1(070809)|1-0:0.9.2(20240506)|1-0:1.8.0(1*kWh)|!", []string{"time=2024-05-06T07:08:09+02:00"}, "", ""},
	{"small letter of the season", "--profile all", "TST5S||0-0:1.0.0(250701120000s)|" + gas + "0-1:24.2.1(250701110000s)(5*m3)|!", []string{"time=2025-07-01T12:00:00+02:00 gas_time=2025-07-01T11:00:00+02:00"}, "", ""},
	{"failure of a clock that was not set", "--table failures", at + "1-0:99.97.0(1)(0-0:96.7.19)(000101003000W)(0000000900*s)|!", []string{"start=- duration_s=900 note=clock§not§set"}, "1999", ""},
	{"failure of no known length", "--table failures", at + "1-0:99.97.0(1)(0-0:96.7.19)(0000000900*s)(250101003000W)|!", []string{"time=2025-01-01T00:30:00+01:00 start=2025-01-01T00:15:00+01:00 duration_s=900 note=-"}, "", ""},
	{"failure of 2^31-1 s", "--table failures", at + "1-0:99.97.0(1)(0-0:96.7.19)(250101003000W)(2147483647*s)|!", []string{"start=- duration_s=- note=duration§not§set"}, "", ""},
	{"device of 1970", "--table gas", at + gas + "0-1:24.2.1(700101000000W)(00000.000*m3)|!", []string{"time=1970-01-01T00:00:00+01:00 gas_m3=- note=never§set"}, "2070", ""},
	{"device of 2000 that has counted", "--table gas", at + gas + "0-1:24.2.1(000101000500W)(00007.000*m3)|!", []string{"gas_m3=7.000 note=never§set"}, "", ""},
	{"device an hour ahead", "--table gas", at + gas + "0-1:24.2.1(260214093000W)(00007.000*m3)|!", []string{"gas_m3=7.000 note=ahead§of§the§telegram"}, "", ""},
	{"device as it should be", "--table gas", at + gas + "0-1:24.2.1(260214083000W)(00007.000*m3)|!", []string{"gas_m3=7.000 note=-"}, "", ""},
	{"placeholder, then a reading", "--profile all",
		at + "0-2:24.1.0(007)|0-2:96.1.0()|0-2:24.2.1(000101010000W)(0000000000)|! / " + at + "0-2:24.1.0(007)|0-2:96.1.0(5741)|0-2:24.2.1(260214080000W)(00009.125*m3)|!",
		[]string{"water_m3=-", "water_m3=9.125"}, "mbus2=", ""},

	// Devices of one medium, and other channels.
	{"four meters of water", "--profile all", at + "0-1:24.1.0(007)|0-1:24.2.1(1.5*m3)|0-2:24.1.0(007)|0-2:24.2.1(2.5*m3)|0-3:24.1.0(006)|0-3:24.2.1(3.5*m3)|0-4:24.1.0(006)|0-4:24.2.1(4.5*m3)|!",
		[]string{"water_ch1_m3=1.5 water_ch2_m3=2.5 hot_water_ch3_m3=3.5 hot_water_ch4_m3=4.5"}, "", ""},
	{"an old meter of gas", "--profile all", at + gas + "0-1:24.2.1(190101000000W)(00555.000*m3)|0-4:24.1.0(003)|0-4:96.1.0(474E)|0-4:24.2.1(260214080000W)(00001.250*m3)|!",
		[]string{"gas_ch1_m3=555.000 gas_ch4_m3=1.250"}, "", ""},
	{"an old meter of gas, in a country's profile", "--profile nl", at + gas + "0-1:24.2.1(190101000000W)(00555.000*m3)|0-4:24.1.0(003)|0-4:96.1.0(474E)|0-4:24.2.1(260214080000W)(00001.250*m3)|!",
		[]string{"gas_m3=1.250"}, "", "p1csv: there are devices of gas on the channels 1, 4: gas_m3 is of channel 4; --columns gas_ch1_m3,gas_ch4_m3 has each"},
	{"slave electricity", "--profile all", at + "0-3:24.1.0(002)|0-3:96.1.0(45)|0-3:24.2.1(260214080000W)(00077.125*kWh)|!", []string{"electricity_kwh=77.125"}, "", ""},
	{"no type", "--profile all", at + "0-3:96.1.0(47)|0-3:24.2.1(260214080000W)(00077.125*m3)|!", []string{"mbus3_m3=77.125 mbus3_time=2026-02-14T08:00:00+01:00"}, "", ""},
	{"channel 1 only", "", at + "1-1:1.8.0(000200.500*kWh)|1-1:2.7.0(01.250*kW)|1-1:32.7.0(229.5*V)|!", []string{"import_kwh=200.500 export_kw=1.250 voltage_l1_v=229.5"}, "", ""},

	// Forms of lines.
	{"six groups", "", at + "1-0:2.8.0.255(000017.250*kWh)|1-0:52:7.0(231.0*V)|1-0:2.7.0  (00.125*kW) |!", []string{"export_kwh=17.250 voltage_l2_v=231.0 export_kw=0.125"}, "", ""},
	{"parentheses in a text", "--profile all", at + "1-0:0.2.0(v(1.2)b)|0-0:96.1.2((E)77)|!", []string{"program_version=v(1.2)b ean=(E)77"}, "", ""},
	{"text over lines", "--table messages", at + "0-0:96.13.0(4865|6C6C|6F)|!", []string{"text=Hello"}, "\uFFFD", ""},
	{"identifier over lines", "", "TST5X||0-0:1.0.0(260214083005W)|0-0:96.1.1(204D3132|333420)|1-0:1.8.0(1*kWh)|!", []string{"meter=M1234"}, "", ""},
	{"blank in the header", "", "KFM5 77 12 ||0-0:1.0.0(260214083005W)|1-0:1.8.0(1*kWh)|!", []string{"meter=77§12"}, "", ""},

	// Forms of times.
	{"ten digits", "--table peaks", at + "1-0:1.6.0(08.125*kW)(2602030415)|!", []string{"peak_kw=8.125 time=2026-02-03T04:15:00"}, "", ""},
	{"fourteen digits", "--profile all", at + "1-0:2.6.0(08.125*kW)(20260203041500W)|!", []string{"export_max_kw=8.125 export_max_time=2026-02-03T04:15:00+01:00"}, "", ""},
	{"ten digits and a letter", "--profile all", at + gas + "0-1:24.2.1(2602140800W)(00077.250*m3)|!", []string{"gas_m3=77.250 gas_time=2026-02-14T08:00:00+01:00"}, "gas_w", ""},
	{"clock with marks", "", "TST5M||0-0:1.0.0(26-02-14 08:30:05)|1-0:1.8.0(1*kWh)|!", []string{"time=2026-02-14T08:30:05"}, "", ""},
	{"clock of COSEM", "", "TST5M||0-0:1.0.0(07EA070E02081E0500FF8880)|1-0:1.8.0(1*kWh)|!", []string{"time=2026-07-14T08:30:05+02:00"}, "", ""},
	{"month's end with times of peaks", "--table peaks", at + "0-0:98.1.0(260201000000W)(1*kWh)(1*kWh)(0*kWh)(0*kWh)(0*kWh)(0*kWh)(0*kvarh)(0*kvarh)(0*kvarh)(0*kvarh)(0*kvarh)(0*kvarh)(1*kWh)(260110101500W)(01.500*kW)(260111101500W)(02.500*kW)|!",
		[]string{"register=import peak_kw=1.500", "register=import_t1 peak_kw=2.500"}, "", ""},
	{"past peaks without how many they are", "--table peaks", at + "0-0:98.1.0(260101000000W)(251215184500W)(05.125*kW)(260201000000W)(260115184500W)(06.250*kW)|!",
		[]string{"month=2025-12 peak_kw=5.125", "month=2026-01 peak_kw=6.250"}, "", ""},
	{"a peak that never was", "--table peaks", at + "1-0:1.6.0(632525252525W)(00.000*kW)|1-0:2.6.0(260203041500W)(01.000*kW)|!", []string{"register=export"}, "", ""},
	{"failure of the future", "--table failures", at + "1-0:99.97.0(1)(0-0:96.7.19)(270101003000W)(0000000900*s)|!", []string{"note=ahead§of§the§telegram"}, "", ""},
	{"failure of 2^31 s", "--table failures", at + "1-0:99.97.0(1)(0-0:96.7.19)(250101003000W)(2147483648*s)|!", []string{"start=- duration_s=- note=duration§not§set"}, "", ""},

	// Devices of other habits.
	{"the form of two lines under another code", "--table gas", at + gas + "0-1:24.2.1(260214080000)(00)(60)(1)(0-1:24.2.1)(m3)|(00421.125)|!", []string{"gas_m3=421.125"}, "", ""},
	{"type that comes later", "--profile all",
		at + "0-1:24.1.0(000)|0-1:96.1.0()|0-1:24.2.1(700101010000W)(0)|! / " + at + "0-1:24.1.0(003)|0-1:96.1.0(47)|0-1:24.2.1(260214080000W)(00003.125*m3)|!", []string{"gas_m3=-", "gas_m3=3.125"}, "mbus1=", ""},
	{"another medium on the channel", "--profile all",
		at + "0-1:24.1.0(003)|0-1:96.1.0(47)|0-1:24.2.1(1.5*m3)|! / " + at + "0-1:24.1.0(007)|0-1:96.1.0(57)|0-1:24.2.1(2.5*m3)|!", []string{"gas_m3=1.5 water_m3=-", "gas_m3=- water_m3=2.5"}, "", ""},
	{"heat beside flow and volume", "--table heat", at + "0-1:24.1.0(004)|0-1:24.2.1(260214080000W)(07.125*m3)|0-1:24.2.2(00.5*m3/h)|0-1:24.2.5(250000*Wh)|!", []string{"heat_gj=0.9000000"}, "", ""},
	{"channel 1 but for the frequency", "", at + "1-1:1.8.0(000200.500*kWh)|1-0:14.7.0(50.01*Hz)|1-1:1.7.0(00.500*kW)|!", []string{"import_kwh=200.500 import_kw=0.500"}, "", ""},
	{"five devices", "--profile all", at + "0-5:24.1.0(007)|0-5:24.2.1(2.5*m3)|!", []string{"water_m3=2.5"}, "", ""},
	{"signs and spellings", "--profile all", at + "1-0:1.7.0(+00.480*kW)|0-1:24.1.0(007)|0-1:24.2.1(12.5*m\xb3)|!", []string{"import_kw=0.480 water_m3=12.5"}, "", ""},
	{"message with a letter of Latin-1 at its end", "--table messages", at + "0-0:96.13.0(436166E9)|!", []string{"text=Caf\u00e9"}, "\uFFFD", ""},
	{"message of words that are hex digits", "--table messages", at + "0-0:96.13.0(CAFE)|!", []string{"text=CAFE"}, "", ""},

	// Streams that sign nothing.
	{"one telegram", "--profile nl", bare("ISk5\\2MT171-0133|") + "|!-", []string{"status=unchecked import_t1_kwh=12.500 gas_m3=7.125 gas_time=2012-11-02T07:00:00"}, "", ""},
	{"two telegrams", "", bare("ISk5\\2MT171-0133|") + "|!- / " + bare("ISk5\\2MT171-0133|") + "|!-", []string{"status=unchecked", "import_kw=0.42"}, "", ""},
	{"no empty line", "", bare("ISk5\\2MT171-0133") + "|!-", []string{"status=unchecked import_kw=0.42"}, "", ""},
	{"no digit in the header", "", bare("KMP MB6412 A|") + "|!-", []string{"status=unchecked import_kw=0.42"}, "", ""},
	{"small letters in the header", "", bare("kfm MB6412") + "|!- / " + bare("kfm MB6412") + "|!-", []string{"status=unchecked", "status=unchecked"}, "", ""},

	{"blanks at the ends of lines", "", strings.ReplaceAll(bare("ISk5\\2MT171-0133|"), "|", " |") + " |!-", []string{"status=unchecked import_kw=0.42"}, "", "p1cat: x.log: each line ends in blanks: taken off"},

	{"a line nobody can read", "", at + "1-0:1.8.0(1*kWh)|1-0:1.7(5*kW)|! / " + at + "1-0:1.8.0(1*kWh)|1-0:1.7(5*kW)|!", []string{"import_kwh=1", "import_kwh=1"}, "", "p1csv: line 5 of a whole telegram cannot be read: 1-0:1.7(5*kW)"},
}

// bare is a telegram of DSMR 2.2 without its end.
func bare(header string) string {
	return header + "|0-0:96.1.1(204D31)|1-0:1.8.1(00012.500*kWh)|1-0:1.8.2(00003.250*kWh)|0-0:96.14.0(0002)|1-0:1.7.0(0000.42*kW)|" +
		"0-1:24.1.0(3)|0-1:96.1.0(47414D4D41)|0-1:24.3.0(121102070000)(08)(60)(1)(0-1:24.2.1)(m3)|(00007.125)"
}

// TestRight reads logs of other people's meters, each a kind of its own.
func TestRight(t *testing.T) {
	for _, c := range rights {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "x.log")
			if err := os.WriteFile(log, signed(c.log), 0o600); err != nil {
				t.Fatal(err)
			}
			checkRight(t, c, start(t, filepath.Dir(log), nil, "p1cat x.log | p1frame | p1fix | p1csv "+c.flags))
		})
	}
}

func checkRight(t *testing.T, c right, p *pipe) {
	t.Helper()
	out := p.rest()
	said := ""
	for _, s := range p.stages {
		if s.code != 0 {
			t.Errorf("%s: exit code %d", s.Path, s.code)
		}
		said += s.stderr.String()
	}
	if !strings.HasPrefix(said, c.said) || c.said == "" && said != "" || strings.Count(said, "\n") > 1 {
		t.Errorf("said %q, want %q", said, c.said)
	}
	if c.never != "" && bytes.Contains(out, []byte(c.never)) {
		t.Errorf("%q stands in\n%s", c.never, out)
	}
	table, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(table) != len(c.rows)+1 {
		t.Fatalf("%v, want %d rows:\n%s", err, len(c.rows), out)
	}
	for i, want := range c.rows {
		for _, pair := range strings.Fields(want) {
			column, cell, _ := strings.Cut(strings.ReplaceAll(pair, "§", " "), "=")
			if got := cellOf(table, i+1, column); got != cell {
				t.Errorf("row %d: %s is %q, want %q, in\n%s", i+1, column, got, cell, out)
			}
		}
	}
}

// cellOf is the cell of a column, "-" for an empty one, and "no column".
func cellOf(table [][]string, row int, column string) string {
	for i, name := range table[0] {
		if name == column {
			if table[row][i] == "" {
				return "-"
			}
			return table[row][i]
		}
	}
	return "no column"
}
