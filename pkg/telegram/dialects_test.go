package telegram_test

import (
	"strings"
	"testing"

	"p1/pkg/telegram"
)

// telegramOf joins a header and data lines as a meter does.
func telegramOf(header string, lines ...string) []byte {
	return []byte("/" + header + "\r\n\r\n" + strings.Join(lines, "\r\n") + "\r\n!0000\r\n")
}

// dialects are short telegrams written by hand after the papers and habits of
// each country, with what they say.
var dialects = []struct {
	name    string // as Dialect says it
	raw     []byte
	meter   string
	columns string // of all lines
	devices string // channel, medium, identifier, reading, unit
}{
	{
		"dsmr5", telegramOf(`Ene5\T210-D`,
			"1-3:0.2.8(50)",
			"0-0:1.0.0(260301120007W)",
			"0-0:96.1.1(4530303437303030303037363330383137)",
			"1-0:1.8.1(000051.775*kWh)",
			"0-0:96.14.0(0001)",
			"1-0:1.7.0(00.335*kW)",
			"0-0:96.7.21(00003)",
			"1-0:99.97.0(1)(0-0:96.7.19)(211018104823S)(0000005521*s)",
			"1-0:32.32.0(00002)",
			"0-0:96.13.0(4E6965757773)",
			"1-0:32.7.0(234.0*V)",
			"0-1:24.1.0(003)",
			"0-1:96.1.0(4730303339303031373030343630313137)",
			"0-1:24.2.1(260301120000W)(00246.138*m3)",
			"0-2:24.1.0(012)",
			"0-2:96.1.0(303030304142)",
			"0-2:24.2.1(260301120000W)(00001.456*GJ)"),
		"E0047000007630817",
		"version clock meter_id_1 import_t1_kwh tariff import_kw power_failures power_failure_log voltage_l1_sags message voltage_l1_v " +
			"mbus1_type mbus1_id mbus1_m3 mbus2_type mbus2_id mbus2_gj",
		"1 gas G0039001700460117 246.138 m3|2 heat 0000AB 1.456 GJ",
	},
	{
		"esmr", telegramOf(`Ene5\T210-D ESMR5.0`, "1-3:0.2.8(50)", "0-0:1.0.0(260301120007W)", "0-0:96.1.1(4530)"),
		"E0", "version clock meter_id_1", "",
	},
	{
		"dsmr4", telegramOf(`KFM5KAIFA-METER`,
			"1-3:0.2.8(42)",
			"0-0:1.0.0(161113205757W)",
			"0-0:96.1.1(3960221976967177082151037881335713)",
			"1-0:2.7.0(00.000*kW)",
			"0-1:24.2.1(161129200000W)(00981.443*m3)",
			"0-1:24.1.0(003)",
			"0-1:96.1.0(4819243993373755377509728609491464)",
			"0-2:24.1.0(003)",
			"0-2:96.1.0()",
			"0-2:24.2.1(700101010000W)(00000000)"),
		"3960221976967177082151037881335713",
		"version clock meter_id_1 export_kw mbus1_m3 mbus1_type mbus1_id mbus2_type mbus2_id mbus2",
		"1 gas 4819243993373755377509728609491464 981.443 m3|2 gas  unread 00000000 m3",
	},
	{
		"dsmr3", []byte("/ISk5\\2MT382-1000\r\n\r\n" +
			"0-0:96.1.1(4B384547303034303436333935353037)\r\n" +
			"1-0:1.8.1(12345.678*kWh)\r\n" +
			"0-0:17.0.0(016*A)\r\n" +
			"0-0:96.3.10(1)\r\n" +
			"0-1:24.1.0(3)\r\n" +
			"0-1:96.1.0(3232323241424344313233343536373839)\r\n" +
			"0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n" +
			"(00001.001)\r\n" +
			"0-1:24.4.0(1)\r\n" +
			"!\r\n"),
		"K8EG004046395507",
		"meter_id_1 import_t1_kwh limiter_a breaker mbus1_type mbus1_id mbus1_hourly_m3 mbus1_valve",
		"1 gas 2222ABCD123456789 1.001 m3",
	},
	{
		"fluvius", telegramOf(`FLU5\253769484_A`,
			"0-0:96.1.4(50217)",
			"0-0:96.1.1(3153414733313031303231363035)",
			"0-0:96.1.2(353431343430303030303030303030303030)",
			"0-0:1.0.0(240101120512W)",
			"1-0:1.4.0(02.351*kW)",
			"1-0:1.6.0(240108100000W)(02.589*kW)",
			"0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(231201000000W)(231117171500W)(04.329*kW)(240101000000W)(231215181500W)(04.529*kW)",
			"0-0:17.0.0(999.9*kW)",
			"1-0:31.4.0(999*A)",
			"0-0:96.13.0()",
			"0-2:24.1.0(007)",
			"0-2:96.1.1(3853455430303030393631313733)",
			"0-2:24.2.1(240101115500W)(00872.234*m3)",
			"0-1:24.1.0(003)",
			"0-1:96.1.1(37464C4F32313139303333373333)",
			"0-1:24.4.0(1)",
			"0-1:24.2.3(240101120500W)(00112.384*m3)"),
		"1SAG3101021605",
		"fluvius_version meter_id_1 ean clock import_demand_kw import_max_kw month_history limiter_kw fuse_a message " +
			"mbus2_type mbus2_id_1 mbus2_m3 mbus1_type mbus1_id_1 mbus1_valve mbus1_uncorrected_m3",
		"1 gas 7FLO2119033733 112.384 m3|2 water 8SET0000961173 872.234 m3",
	},
	{
		"smarty", telegramOf(`Lux5\253663629_D`,
			"1-3:0.2.8(42)",
			"0-0:1.0.0(220807114305S)",
			"0-0:42.0.0(53414731303330373030303030303030)",
			"1-0:3.8.0(000001.010*kvarh)",
			"0-0:17.0.0(27.6*kVA)",
			"1-0:9.7.0(00.443*kVA)",
			"0-1:96.3.10(1)",
			"0-2:96.3.10(0)",
			"0-0:96.13.2()",
			"1-1:31.4.0(200*A)(-200*A)"),
		"SAG1030700000000",
		"version clock logical_device reactive_import_kvarh limiter_kva apparent_import_kva relay1 relay2 message_2 fuse_ch1_a",
		"",
	},
	{
		"sweden", telegramOf(`ELL5\253833635_A`,
			"0-0:1.0.0(210217184019W)",
			"1-0:1.8.0(00006678.394*kWh)",
			"1-0:4.8.0(00001020.971*kvarh)",
			"1-0:61.7.0(0000.486*kW)",
			"1-0:64.7.0(0000.078*kvar)",
			"1-0:31.7.0(004.2*A)"),
		`\253833635_A`,
		"clock import_kwh reactive_export_kvarh import_l3_kw reactive_export_l3_kvar current_l1_a",
		"",
	},
	{
		"hungary", telegramOf(`AUX59900000000`,
			"0-0:1.0.0(230824012130S)",
			"0-0:42.0.0(AUX1030300000000)",
			"0-0:96.1.0(9900000000)",
			"0-0:96.50.68(ON)",
			"1-0:15.8.0(008611.082*kWh)",
			"1-0:7.7.0(00.000*kvar)",
			"0-0:98.1.0(230801000000S)(007823.105*kWh)(003971.715*kWh)",
			"0-0:96.13.0("+strings.Repeat("\xff", 1024)+")"),
		"9900000000",
		"clock logical_device meter_id breaker_status combined_kwh reactive_q3_kvar month_history message",
		"",
	},
	{
		"q3d", []byte("/ESY5Q3DA1004 V3.04\r\n\r\n" +
			"1-0:0.0.0*255(0272031312565)\r\n" +
			"1-0:1.8.0*255(00052185.7825309*kWh)\r\n" +
			"1-0:2.8.0*255(00019949.3221493*kWh)\r\n" +
			"1-0:21.7.0*255(000677.77*W)\r\n" +
			"1-0:1.7.255*255(001155.55*W)\r\n" +
			"1-0:96.5.5*255(82)\r\n" +
			"0-0:96.1.255*255(1ESY1313002565)\r\n" +
			"!\r\n"),
		"1ESY1313002565",
		"meter_number import_kwh export_kwh import_l1_kw import_kw electricity_status_5 meter_id",
		"",
	},
	{
		"unknown", telegramOf(`XYZ5anything`, "0-0:1.0.0(230824012130S)", "1-0:1.8.0(1*kWh)", "1-0:1.8.1(1*kWh)", "0-0:94.7.1(5*%)", "0-0:94.7.2(5*kW)", "0-3:24.2.1(5*l)"),
		"anything", "clock import_kwh import_t1_kwh obis_0_0_94_7_1_percent obis_0_0_94_7_2_kw mbus3_l", "3   5 l",
	},
}

func TestDialects(t *testing.T) {
	for _, c := range dialects {
		p := telegram.Parse(c.raw)
		if err := telegram.Check(c.raw); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := p.Dialect(); got != c.name {
			t.Errorf("%s is taken for %s", c.name, got)
		}
		if got := p.Meter(); got != c.meter {
			t.Errorf("%s: meter %q, want %q", c.name, got, c.meter)
		}
		var columns []string
		for _, l := range p.Lines {
			if l.Code.End > 0 {
				columns = append(columns, p.Meanings(string(l.Code.Of(p.Raw)))[0].Column())
			}
		}
		if got := strings.Join(columns, " "); got != c.columns {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.columns)
		}
		if got := devicesText(p); got != c.devices {
			t.Errorf("%s: devices\n%s, want\n%s", c.name, got, c.devices)
		}
	}
}

// TestIdentity: the line that names a meter for its group is the one that Meter
// reads.
func TestIdentityIsMeter(t *testing.T) {
	for _, c := range dialects {
		_, line := telegram.Identity(c.raw)
		if len(line) == 0 {
			if c.name != "sweden" && c.name != "unknown" {
				t.Errorf("%s: no line names the meter", c.name)
			}
			continue
		}
		alone := telegram.Parse(append(line, "\r\n"...))
		if got := alone.Meter(); got != c.meter {
			t.Errorf("%s: the line %s says %q, want %q", c.name, line, got, c.meter)
		}
	}
}
