package voltage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// tape makes telegram records of one source that follow each other.
type tape struct {
	origin  record.Origin
	meter   string
	records []record.Record
}

func newTape() *tape { return &tape{origin: record.Origin{Source: "p1.log"}, meter: "9912345678"} }

// clockText is the clock of central Europe, in summer time where that is so.
func clockText(at int64) string {
	t := time.Unix(at, 0).In(budapest)
	if _, offset := t.Zone(); offset == 7200 {
		return t.Format("060102150405") + "S"
	}
	return t.Format("060102150405") + "W"
}

var budapest = mustLoad("Europe/Budapest")

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// unix reads a time in RFC 3339 as seconds since 1970.
func unix(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

// volts writes mV as a meter does that shows one decimal.
func volts(mv int64) string { return telegram.Decimal{Digits: mv / 100, Scale: 1}.String() }

// raw is a short telegram; lines of voltages that are empty are left out.
func (p *tape) raw(clock string, volts ...string) record.Bytes {
	var b strings.Builder
	b.WriteString("/AUX59912345678\r\n\r\n")
	if clock != "" {
		fmt.Fprintf(&b, "0-0:1.0.0(%s)\r\n", clock)
	}
	fmt.Fprintf(&b, "0-0:96.1.0(%s)\r\n", p.meter)
	for i, v := range volts {
		if v != "" {
			fmt.Fprintf(&b, "1-0:%d2.7.0(%s*V)\r\n", 3+2*i, v)
		}
	}
	b.WriteString("!0000\r\n")
	return record.Bytes(b.String())
}

func (p *tape) add(raw record.Bytes) *record.Telegram {
	t := &record.Telegram{Origin: p.origin, Status: record.OK, CRC: record.CRCARC, Raw: raw}
	p.records = append(p.records, t)
	p.origin.Offset += int64(len(raw))
	return t
}

// at appends a telegram of a moment in seconds since 1970.
func (p *tape) at(at int64, volts ...string) *record.Telegram {
	return p.add(p.raw(clockText(at), volts...))
}

// steady appends a telegram each 10 s with the same voltages, until before a moment.
func (p *tape) steady(from, until int64, volts ...string) {
	for at := from; at < until; at += 10 {
		p.at(at, volts...)
	}
}

func (p *tape) evidence(t testing.TB) *Evidence {
	t.Helper()
	return evidenceOf(t, p.records)
}

func evidenceOf(t testing.TB, records []record.Record) *Evidence {
	t.Helper()
	c, err := NewCounter(Nominal)
	if err != nil {
		t.Fatal(err)
	}
	c.Draw()
	for _, r := range records {
		if err := c.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	return c.Evidence()
}
