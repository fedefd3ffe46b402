package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"p1/pkg/crc"
	"p1/pkg/record"
)

// rawTelegram is a short Hungarian telegram with an invented serial number, its
// clock at the given text (230824012130S).
func rawTelegram(clock string) record.Bytes {
	text := "/AUX59912345678\r\n\r\n" +
		"0-0:1.0.0(" + clock + ")\r\n" +
		"0-0:42.0.0(AUX1030399123456)\r\n" +
		"0-0:96.1.0(9912345678)\r\n" +
		"1-0:1.8.0(008234.524*kWh)\r\n" +
		"1-0:32.7.0(235.3*V)\r\n" +
		"0-0:96.13.0(" + strings.Repeat("\xFF", 16) + ")\r\n!"
	return record.Bytes(fmt.Sprintf("%s%04X\r\n", text, crc.ARC.Sum([]byte(text))))
}

// at returns the n-th telegram of the meter: one every 10 s from 01:21:30 in
// summer time, as clock text and in RFC 3339.
func at(n int) (clock, rfc3339 string) {
	t := time.Date(2023, 8, 24, 1, 21, 30, 0, time.FixedZone("", 7200)).Add(time.Duration(n) * 10 * time.Second)
	return t.Format("060102150405") + "S", t.Format(time.RFC3339)
}

// tape makes records of one source that follow each other.
type tape struct {
	origin  record.Origin
	records []record.Record
	n       int // telegrams so far
}

func newTape(source string) *tape { return &tape{origin: record.Origin{Source: source}} }

// telegram appends the next telegram with a status, damaged in its clock line
// if it is not valid.
func (p *tape) telegram(status record.Status) *record.Telegram {
	clock, _ := at(p.n)
	p.n++
	t := &record.Telegram{Origin: p.origin, Status: status, Seq: int64(p.n), CRC: record.CRCARC, Raw: rawTelegram(clock)}
	if !status.Valid() {
		t.Raw = bytes.Replace(t.Raw, []byte("0-0:1.0.0(2"), []byte("0-0:1.0.0( "), 1)
	}
	p.records = append(p.records, t)
	p.origin.Offset += int64(len(t.Raw))
	return t
}

func (p *tape) noise(data string) {
	p.records = append(p.records, &record.Noise{Origin: p.origin, Data: record.Bytes(data)})
	p.origin.Offset += int64(len(data))
}

func (p *tape) gap(why string) {
	p.records = append(p.records, &record.Gap{Origin: p.origin, Why: why})
}

const puttyHeader = "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2023.08.24 01:21:30 =~=~=~=~=~=~=~=~=~=~=~=\r\n"

// randomTape makes n records of one to three streams, and counts the rows that
// the log must have.
func randomTape(rng *rand.Rand, n int) (records []record.Record, rows int) {
	p := newTape("a.log")
	statuses := []record.Status{record.OK, record.OK, record.OK, record.Unchecked, record.Bad, record.Repaired,
		record.Salvaged, record.Lost}
	for range n {
		switch rng.IntN(12) {
		case 0:
			p.noise(strings.Repeat("\x1b", 1+rng.IntN(9)))
			rows++
		case 1:
			p.gap(record.GapUnplugged)
			rows++
		case 2:
			if rng.IntN(10) == 0 {
				p.origin = record.Origin{Source: p.origin.Source, Session: fmt.Sprint(len(p.records))}
			}
			p.records = append(p.records, &record.Other{Type: "later", Line: []byte(`{}`)})
		default:
			t := p.telegram(statuses[rng.IntN(len(statuses))])
			switch t.Status {
			case record.OK, record.Unchecked:
				if rng.IntN(5) == 0 {
					t.Suspect = "a register fell"
					rows++
				}
				continue
			case record.Repaired:
				t.Confidence = rng.Float64()
				by := []string{"", record.ByLogger}[rng.IntN(2)]
				t.Edits = []record.Edit{{At: 9, Got: nil, Now: t.Raw[9:12], By: by}}
			case record.Salvaged:
				t.Trusted = []record.Trusted{{Line: 6, Code: "1-0:1.8.0"}}
			}
			rows++
		}
	}
	return p.records, rows
}

// runLog gives the log of the records; flush says after which ones it is
// flushed.
func runLog(t *testing.T, records []record.Record, flush func(i int) bool) string {
	t.Helper()
	var out bytes.Buffer
	l := NewLog(&out)
	for i, r := range records {
		if err := l.Take(r); err != nil {
			t.Fatal(err)
		}
		if flush(i) {
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func never(int) bool  { return false }
func always(int) bool { return true }

// parseLog reads a log back, the heading left out.
func parseLog(t *testing.T, text string) []Row {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) == 0 || strings.Join(lines[0], ",") != "time,source,offset,type,status,crc_sent,crc_calc,changes,conclusion" {
		t.Fatalf("heading: %q", lines)
	}
	rows := make([]Row, 0, len(lines))
	for _, c := range lines[1:] {
		row := Row{c[0], c[1], 0, c[3], record.Status(c[4]), c[5], c[6], c[7], c[8]}
		if _, err := fmt.Sscan(c[2], &row.Offset); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func logRows(t *testing.T, records []record.Record) []Row {
	t.Helper()
	return parseLog(t, runLog(t, records, never))
}

// summary gives the text for the records.
func summary(t *testing.T, records []record.Record, width int) string {
	t.Helper()
	var out bytes.Buffer
	s := NewSummary(&out, SummaryOptions{Width: width})
	for _, r := range records {
		if err := s.Take(r); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
