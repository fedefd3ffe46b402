package pipetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// What a telegram says of gas, as meters write it on one line or on two.
var (
	gasLine     = regexp.MustCompile(`0-1:24\.2\.[13]\((\d{12})([SW])\)\(0*(\d+\.\d+)\*m3\)`)
	gasTwoLines = regexp.MustCompile(`0-1:24\.3\.0\((\d{12})\)[^\r]*\(m3\)\r\n\(0*(\d+\.\d+)\)`)
	tariffLine  = regexp.MustCompile(`0-0:96\.14\.0\(([^)]*)\)`)
	peakEntry   = regexp.MustCompile(`\((\d{4})01000000[SW]\)\(\d{12}[SW]\)\(0*(\d+\.\d+)\*kW\)`)
)

// checkable are the meters whose telegrams p1frame alone can read and check.
func checkable() []string {
	return slices.DeleteFunc(sim.Meters(), func(name string) bool {
		signs := sim.Signs(name)
		return signs != "ARC" && signs != "none"
	})
}

// gasTold returns the readings of the telegrams that were sent, as time and
// reading, each once.
func (x *truth) gasTold() []string {
	var list []string
	for _, s := range x.sent {
		text := ""
		if m := gasLine.FindSubmatch(s.Sent); m != nil {
			text = fmt.Sprintf("%s%s %s", m[1], m[2], m[3])
		} else if m := gasTwoLines.FindSubmatch(s.Sent); m != nil {
			text = fmt.Sprintf("%s %s", m[1], m[2])
		}
		if text != "" && (len(list) == 0 || list[len(list)-1] != text) {
			list = append(list, text)
		}
	}
	return list
}

// gasRow is a row as gasTold writes it: the time as a meter does, YYMMDDhhmmssX.
func gasRow(row map[string]string) string {
	letter := map[string]string{"+02:00": "S", "+01:00": "W"}[row["utc_offset"]]
	return strings.NewReplacer("-", "", "T", "", ":", "").Replace(row["time"][2:19]) + letter + " " + row["gas_m3"]
}

// Over the autumn night, every reading that a meter sent is a row, and there is no
// other; nothing has happened but what the meter's tariff did.
func TestChangesOfTheMeters(t *testing.T) {
	t.Parallel()
	withGas := 0
	for _, name := range checkable() {
		query := "meter=" + name + "&telegrams=600&start=2026-10-24T22:00:00&every=1m"
		x := simulate(t, query)
		records := run(t, "", "p1cat demo:?"+query+" | p1frame")
		var gas []string
		for _, row := range parseTable(t, feed(t, records, "p1csv --table gas")).rows {
			gas = append(gas, gasRow(row))
		}
		if want := x.gasTold(); !slices.Equal(gas, want) {
			t.Errorf("%s: gas is\n%s\nsent was\n%s", name, strings.Join(gas, "\n"), strings.Join(want, "\n"))
		}
		if len(gas) > 0 {
			withGas++
		}
		tariffs := 0
		for i := range x.sent[1:] {
			was, is := tariffLine.FindSubmatch(x.sent[i].Sent), tariffLine.FindSubmatch(x.sent[i+1].Sent)
			if was != nil && is != nil && string(was[1]) != string(is[1]) {
				tariffs++
			}
		}
		for _, row := range parseTable(t, feed(t, records, "p1csv --table events")).rows {
			if tariffs--; row["event"] != "tariff" {
				t.Errorf("%s: event %v", name, row)
			}
		}
		if tariffs != 0 {
			t.Errorf("%s: %d tariff switches too few", name, tariffs)
		}
	}
	if withGas < 4 {
		t.Errorf("only %d meters have gas", withGas)
	}
}

// Four months of a Belgian meter: the peaks are those that its last telegram keeps, and
// the gas adds up.
func TestMonthsOfChanges(t *testing.T) {
	longtest.Needs(t, "months take some seconds")
	t.Parallel()
	query := "meter=be&telegrams=2950&start=2026-01-01T00:00:00&every=1h"
	x := simulate(t, query)
	records := run(t, "", "p1cat demo:?"+query+" | p1frame")

	final := map[string]string{}
	for _, row := range parseTable(t, feed(t, records, "p1csv --table peaks")).rows {
		if row["month_end"] != "" {
			final[row["month"]] = row["peak_kw"]
		}
	}
	entries := peakEntry.FindAllSubmatch(x.sent[len(x.sent)-1].Sent, -1)
	if len(entries) != 13 {
		t.Fatalf("the last telegram keeps %d months", len(entries))
	}
	for _, e := range entries {
		// A month's end is the first of the next one.
		var year, month int
		fmt.Sscanf(string(e[1][:2])+" "+string(e[1][2:]), "%d %d", &year, &month)
		if month--; month == 0 {
			year, month = year-1, 12
		}
		name := fmt.Sprintf("20%02d-%02d", year, month)
		if want := string(e[2]); final[name] != want {
			t.Errorf("the peak of %s is %q, the meter keeps %s", name, final[name], want)
		}
	}

	rows := parseTable(t, feed(t, records, "p1csv --table gas")).rows
	sum := int64(0)
	for _, row := range rows[1:] {
		sum += thousandths(t, row["difference_m3"])
	}
	if want := thousandths(t, rows[len(rows)-1]["gas_m3"]) - thousandths(t, rows[0]["gas_m3"]); sum != want || sum == 0 {
		t.Errorf("the differences add up to %d l, the meter counted %d", sum, want)
	}
}

// thousandths reads a number of three decimals.
func thousandths(t testing.TB, text string) int64 {
	t.Helper()
	var whole, rest int64
	if _, err := fmt.Sscanf(text, "%d.%03d", &whole, &rest); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return whole*1000 + rest
}

// Noise takes rows away, and adds none: what is in a table was sent.
func TestChangesOfANoisyLog(t *testing.T) {
	t.Parallel()
	query := "meter=nl&telegrams=400&every=1m&noise=slow-rise&gas-replace=2026-03-01T03:00:00"
	told := simulate(t, query).gasTold()
	p := start(t, "", nil, "p1cat demo:?"+query+" | p1frame | p1fix | p1csv --table gas")
	rows := parseTable(t, p.rest()).rows
	if said := p.stages[2].stderr.String(); strings.Count(said, " before, ") != 1 || !strings.Contains(said, ": 0-1:24.2.1 replaced: device ") {
		t.Errorf("p1fix tells %q of the gas meter that was replaced", said)
	}
	replaced := 0
	for _, row := range rows {
		said := gasRow(row)
		if !slices.Contains(told, said) {
			t.Errorf("%s was never sent", said)
		}
		if row["note"] == "replaced" {
			replaced++
		} else if row["note"] != "" {
			t.Errorf("note %q", row["note"])
		}
	}
	if replaced != 1 || len(rows) < len(told)*9/10 {
		t.Errorf("%d rows of %d, %d replaced", len(rows), len(told), replaced)
	}
}
