package brief

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
)

// hostile stands in everything that somebody else may write.
const hostile = "IGNORE\x1ball"

// written returns the text of records.
func written(t *testing.T, records ...record.Record) string {
	t.Helper()
	var out strings.Builder
	b, err := New(&out, diagnose.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := b.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// said is a valid telegram of a meter.
func said(meter string, at time.Time, lines string) *record.Telegram {
	raw := fmt.Sprintf("/%s\r\n\r\n0-0:1.0.0(%sW)\r\n0-0:96.1.1(%x)\r\n0-0:96.13.0(%x)\r\n%s!0000\r\n", hostile, at.Format("060102150405"), meter, hostile, lines)
	return &record.Telegram{Origin: record.Origin{Source: hostile}, Status: record.OK, CRC: hostile, Raw: []byte(raw)}
}

var begin = time.Date(2026, 1, 31, 23, 0, 0, 0, time.FixedZone("", 3600))

// What a month has gained is what its registers gained since the month before, in whatever order
// the telegrams come.
func TestMonths(t *testing.T) {
	lines := func(wh, gas int, device string) string {
		return fmt.Sprintf("1-0:1.8.1(%06d.%03d*kWh)\r\n1-0:1.8.2(000100.000*kWh)\r\n1-0:1.7.0(00.%03d*kW)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(%x)\r\n0-1:24.2.1(260131230000W)(%05d.000*m3)\r\n",
			wh/1000, wh%1000, wh%1000, device, gas)
	}
	one := []record.Record{
		said("A", begin, lines(5000, 70, "G1")),
		said("A", begin.Add(time.Hour), lines(5100, 71, "G1")), // midnight
		said("A", begin.Add(2*time.Hour), lines(5350, 73, "G1")),
		said("A", begin.AddDate(0, 0, 20), lines(9001, 99, "G1")),
		said("A", begin.AddDate(0, 0, 50), lines(9002, 3, "G2")), // another gas meter
	}
	text := written(t, one...)
	for _, want := range []string{
		"meter 1, dialect ", "2026-01-31T23:00:00+01:00 to 2026-03-22T23:00:00+01:00, 5 telegrams usable",
		"2026-01        0.100            -        1.000      0.000 on 01-31 23:00\n",
		"2026-02        3.901            -       28.000      0.350 on 02-01 01:00\n",
		"2026-03       0.001*            -            ?      0.002 on 03-22 23:00  * since 2026-02-20 23:00\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	one[0], one[3] = one[3], one[0]
	again := written(t, one...)
	if i, j := strings.Index(text, "month "), strings.Index(again, "month "); text[i:i+250] != again[j:j+250] {
		t.Errorf("in another order it says %s", again)
	}
}

// It is always short, and nothing that came from outside is in it.
func TestShortAndWithoutStrangersWords(t *testing.T) {
	for _, n := range []struct{ meters, months int }{{0, 0}, {1, 1}, {1, 100}, {3, 12}, {9, 2}, {9, 900}} {
		records := []record.Record{&record.Noise{Origin: record.Origin{Source: hostile}, Data: []byte(hostile)}, &record.Gap{Why: hostile}}
		for meter := range n.meters {
			for m := range n.months {
				lines := fmt.Sprintf("1-0:1.8.0(%015d.%03d*kWh)\r\n1-0:2.8.0(%015d.999*kWh)\r\n1-0:1.7.0(99999999999.123*kW)\r\n1-0:32.7.0(229.9*V)\r\n1-0:52.7.0(300.0*V)\r\n1-0:72.7.0(200*V)\r\n", int64(m)*int64(m)*1e9, meter, int64(m)*1e12)
				records = append(records, said(fmt.Sprint(hostile, meter), begin.AddDate(0, -m/3, m), lines))
			}
			records = append(records, &record.Telegram{Status: record.Bad, Why: hostile, Raw: []byte("/" + hostile + "\r\n1-0:1.8.0(0001x0.000*kWh)\r\n!0000\r\n")})
		}
		text := written(t, records...)
		if len(text) >= 4000 || len(text) < 400 {
			t.Errorf("%+v: %d bytes", n, len(text))
		}
		if strings.Contains(text, "IGNORE") || strings.ContainsRune(text, '\x1b') || strings.Contains(text, "49474e4f5245") {
			t.Errorf("%+v: %s", n, text)
		}
		if want := fmt.Sprintf("%d more meter", n.meters-3); n.meters == 9 && !strings.Contains(text, "more meter") {
			t.Errorf("%q is not in %s", want, text)
		}
	}
}

// Telegrams that no CRC confirms are not called usable, and what bit errors make of an identifier
// is no meter.
func TestUncheckedTelegrams(t *testing.T) {
	var records []record.Record
	unchecked := func(meter string, n int) {
		for range n {
			r := said(meter, begin, "1-0:1.7.0(00.100*kW)\r\n")
			r.Status = record.Unchecked
			records = append(records, r)
		}
	}
	for i := range 16 { // twice as many as are told apart
		unchecked(fmt.Sprint("stray", i), 1)
		unchecked("A", 5)
	}
	unchecked("late", 2)
	text := written(t, records...)
	for _, want := range []string{"80 telegrams read, none of them confirmed by a CRC", "and 18 telegrams without a CRC under other identifiers"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	for _, not := range []string{"meter 2", "more meter", "left out\n", "usable"} {
		if line, _, _ := strings.Cut(text[strings.Index(text, "\n"):], "\nline:"); strings.Contains(line, not) {
			t.Errorf("%q is in %s", not, text)
		}
	}
	// One with a CRC is a meter.
	if text := written(t, append(records, said("B", begin, ""))...); !strings.Contains(text, "meter 2, dialect ") {
		t.Error(text)
	}
}

// The quarters of an hour without a telegram are told, and a month says what of it was gained
// before; in whatever order the telegrams come.
func TestHoles(t *testing.T) {
	var records []record.Record
	wh := 5000
	minutes := func(from time.Time, n int) {
		for i := range n {
			wh += 10
			records = append(records, said("A", from.Add(time.Duration(i)*time.Minute), fmt.Sprintf("1-0:1.8.0(%06d.%03d*kWh)\r\n", wh/1000, wh%1000)))
		}
	}
	minutes(begin, 30)                                   // to 23:29
	minutes(begin.Add(3*24*time.Hour+5*time.Minute), 30) // of February the 3rd, from 23:05 on
	minutes(begin.Add(3*24*time.Hour+55*time.Minute), 90)
	want := []string{
		"there is none in 286 quarters of an hour; the longest hole is 71.5 h from 2026-01-31 23:30 on\n",
		"2026-01        0.290            -            -\n",
		"2026-02       1.200*            -            -  * since 2026-01-31 23:29\n",
	}
	for range 2 {
		text := written(t, records...)
		for _, line := range want {
			if !strings.Contains(text, line) {
				t.Errorf("%q is not in %s", line, text)
			}
		}
		slices.Reverse(records)
	}
}
