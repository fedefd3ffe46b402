package tables

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// lines are what a telegram says under its OBIS codes.
type lines map[string]string

// hungarian is the order of the lines of a three-phase meter in Hungary, with
// what it said at one moment; the numbers that name it are invented.
var hungarian = [][2]string{
	{"0-0:1.0.0", "230824012130S"},
	{"0-0:42.0.0", "AUX1030312345678"},
	{"0-0:96.1.0", "9912345678"},
	{"0-0:96.14.0", "0002"},
	{"0-0:96.50.68", "ON"},
	{"0-0:17.0.0", "90.000*kW"},
	{"1-0:1.8.0", "008234.524*kWh"},
	{"1-0:1.8.1", "004129.862*kWh"},
	{"1-0:1.8.2", "004104.662*kWh"},
	{"1-0:1.8.3", "000000.000*kWh"},
	{"1-0:1.8.4", "000000.000*kWh"},
	{"1-0:2.8.0", "000376.540*kWh"},
	{"1-0:2.8.1", "000287.820*kWh"},
	{"1-0:2.8.2", "000088.720*kWh"},
	{"1-0:3.8.0", "000763.344*kvarh"},
	{"1-0:4.8.0", "001916.063*kvarh"},
	{"1-0:15.8.0", "008611.064*kWh"},
	{"1-0:32.7.0", "235.3*V"},
	{"1-0:52.7.0", "232.3*V"},
	{"1-0:72.7.0", "232.3*V"},
	{"1-0:31.7.0", "000*A"},
	{"1-0:51.7.0", "010*A"},
	{"1-0:71.7.0", "002*A"},
	{"1-0:13.7.0", "0.975"},
	{"1-0:14.7.0", "50.01*Hz"},
	{"1-0:1.7.0", "02.949*kW"},
	{"1-0:2.7.0", "00.000*kW"},
	{"1-0:5.7.0", "00.000*kvar"},
}

// raw builds a telegram: what hungarian says, but for changes, and after it the
// codes of more; a change to "gone" leaves a line out. The message field holds
// filler times 0xFF.
func raw(filler int, changes lines, more ...string) []byte {
	var b bytes.Buffer
	b.WriteString("/AUX59912345678\r\n\r\n")
	put := func(code, value string) {
		if change, ok := changes[code]; ok {
			value = change
		}
		if value != "gone" {
			fmt.Fprintf(&b, "%s(%s)\r\n", code, value)
		}
	}
	for _, l := range hungarian {
		put(l[0], l[1])
	}
	for _, code := range more {
		put(code, "")
	}
	b.WriteString("0-0:96.13.0(" + strings.Repeat("\xFF", filler) + ")\r\n!05C6\r\n")
	return b.Bytes()
}

// dutch builds a telegram of a meter that sends no totals.
func dutch(clock, t1, t2 string) []byte {
	return fmt.Appendf(nil, "/XMX5LGBBLA4415999999\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(%s)\r\n"+
		"0-0:96.1.1(4530303331303033393939393939393939)\r\n"+
		"1-0:1.8.1(%s*kWh)\r\n1-0:1.8.2(%s*kWh)\r\n1-0:2.8.1(000000.000*kWh)\r\n1-0:2.8.2(000000.000*kWh)\r\n"+
		"0-0:96.14.0(0001)\r\n1-0:1.7.0(00.372*kW)\r\n1-0:2.7.0(00.000*kW)\r\n1-0:32.7.0(229.0*V)\r\n"+
		"1-0:21.7.0(00.372*kW)\r\n1-0:22.7.0(00.000*kW)\r\n!AAAA\r\n", clock, t1, t2)
}

// ok is a telegram record of raw bytes.
func ok(raw []byte) *record.Telegram {
	return &record.Telegram{
		Origin: record.Origin{Source: "p1.log"},
		Status: record.OK, CRC: record.CRCARC, CRCSent: "05C6", CRCCalc: "05C6", Raw: raw,
	}
}

func decimal(t testing.TB, text string) telegram.Decimal {
	t.Helper()
	d, ok := telegram.ParseDecimal(text)
	if !ok {
		t.Fatalf("%q is no decimal", text)
	}
	return d
}

// limits are those that the seed profile is tested with.
func limits(t testing.TB, o Options) Options {
	o.LimitVoltage = decimal(t, "240")
	o.LimitCurrent = decimal(t, "18")
	o.LimitPower = decimal(t, "11")
	return o
}

// made returns the table of the records.
func made(t testing.TB, o Options, records ...record.Record) string {
	t.Helper()
	var b bytes.Buffer
	w, err := New(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// telegrams are records of raw telegrams, all ok.
func telegrams(raws ...[]byte) []record.Record {
	var records []record.Record
	for _, r := range raws {
		records = append(records, ok(r))
	}
	return records
}

// grid is a table read back: its rows, by the names in the heading.
type grid []map[string]string

// read reads a table with a heading back.
func read(t testing.TB, text string, delimiter rune) (names []string, rows grid) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
	r.Comma = delimiter
	all, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

// column returns the cells of a column.
func (g grid) column(name string) []string {
	var cells []string
	for _, row := range g {
		cell, ok := row[name]
		if !ok {
			cell = "no column " + name
		}
		cells = append(cells, cell)
	}
	return cells
}
