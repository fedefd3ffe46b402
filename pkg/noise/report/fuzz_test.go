package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gocarina/gocsv"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// recordsOf reads any bytes as a series of records, each of five bytes (type,
// status, flags, length) and its data.
func recordsOf(data []byte) []record.Record {
	statuses := []record.Status{record.OK, record.Bad, record.Unchecked, record.Repaired, record.Salvaged, record.Lost, "?"}
	var records []record.Record
	offset := int64(0)
	for len(data) >= 5 {
		kind, status, flags := data[0], data[1], data[2]
		n := min(int(data[3])<<8|int(data[4]), len(data)-5)
		body := record.Bytes(data[5 : 5+n])
		data = data[5+n:]
		origin := record.Origin{Source: "p1.log", Offset: offset}
		offset += int64(n)
		if flags&1 != 0 {
			origin.Source = string(body)
		}
		switch kind % 5 {
		case 0:
			records = append(records, &record.Noise{Origin: origin, Data: body})
		case 1:
			records = append(records, &record.Gap{Origin: origin, Why: string(body)})
		case 2:
			records = append(records, &record.Other{Type: "later", Line: body})
		default:
			t := &record.Telegram{Origin: origin, Status: statuses[int(status)%len(statuses)], Raw: body}
			decorate(t, flags, body)
			records = append(records, t)
		}
	}
	return records
}

// decorate gives a telegram what the flags say, made of the same bytes.
func decorate(t *record.Telegram, flags byte, body []byte) {
	if flags&2 != 0 {
		t.Suspect = string(body)
	}
	if flags&4 != 0 {
		t.Why, t.CRCSent, t.CRCCalc = string(body), string(body), "0000"
	}
	if flags&8 != 0 {
		for i, b := range body {
			t.Edits = append(t.Edits, record.Edit{At: int(b)*7 - i, Got: body[:min(i%9, len(body))], Now: body[:min(int(b%5), len(body))]})
		}
	}
	if flags&16 != 0 {
		for i := range t.Edits {
			t.Edits[i].By = record.ByLogger
		}
	}
	if flags&32 != 0 {
		t.Trusted = []record.Trusted{{Line: 3}, {Line: len(body)}}
	}
	t.Confidence = float64(flags) / 256
}

// FuzzReport: whatever the records, nothing panics, every damage has a row that
// reads back, flushing changes nothing, and no control character gets through.
func FuzzReport(f *testing.F) {
	raw := []byte("/AUX5991\r\n\r\n0-0:1.0.0(230824012130S)\r\n1-0:1.8.0(008234.524*kWh)\r\n!5B60\r\n")
	head := func(status, flags byte, n int) []byte { return []byte{3, status, flags, byte(n >> 8), byte(n)} }
	for n := range raw {
		f.Add(append(head(byte(n), byte(n), n), raw[:n]...))
	}
	for bit := 0; bit < 8*len(raw); bit += longtest.Pick(13, 13, 1) {
		flipped := bytes.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		seed := append(head(byte(bit), byte(bit), len(raw)), flipped...)
		f.Add(append(append(seed, head(0, 0, len(raw))...), raw...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		records := recordsOf(data)
		want := 0
		for _, r := range records {
			if kindOf(r) != "" {
				want++
			}
		}
		text := runLog(t, records, never)
		noControl(t, text)
		rows := parseLog(t, text)
		if len(rows) != want {
			t.Fatalf("%d rows, want %d", len(rows), want)
		}
		var again []Row
		if err := gocsv.UnmarshalString(text, &again); err != nil || len(again) != want {
			t.Fatalf("%d rows read back, %v", len(again), err)
		}
		for i := range again {
			if again[i] != rows[i] {
				t.Fatalf("row %d: %v, want %v", i+1, again[i], rows[i])
			}
		}
		if runLog(t, records, always) != text {
			t.Fatal("flushing changes the log")
		}
		checkSums(t, counted(t, records))
		for line := range strings.Lines(summary(t, records, 0)) {
			noControl(t, line)
			if utf8.RuneCountInString(line) > 100 {
				t.Fatalf("too long: %s", line)
			}
		}
	})
}
