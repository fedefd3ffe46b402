package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"p1/pkg/cat/sources"
	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
)

// kept keeps the records that a stage writes.
type kept struct{ records []record.Record }

func (k *kept) Write(r record.Record) error {
	k.records = append(k.records, record.Keep(r))
	return nil
}
func (k *kept) Flush() error { return nil }

// into lets a stage write into another one.
type into struct{ *repair.Fixer }

func (i into) Write(r record.Record) error { return i.Take(record.Keep(r)) }

// repaired returns the telegrams of a source as p1fix hands them on.
func repaired(t testing.TB, name string) []*record.Telegram {
	t.Helper()
	from, err := sources.Open(name, nil)
	must(t, err)
	var out kept
	fixer := repair.New(&out, repair.Options{MinConfidence: 0.999})
	framer := frame.New(into{fixer}, frame.Options{Say: func(string) {}})
	for {
		r, err := from.Next(context.Background())
		if err == io.EOF {
			break
		}
		must(t, err)
		must(t, framer.Take(r))
	}
	must(t, framer.Close())
	must(t, fixer.Close())
	must(t, from.Close())
	var list []*record.Telegram
	for _, r := range out.records {
		if tel, ok := r.(*record.Telegram); ok {
			list = append(list, tel)
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s gives no telegram", name)
	}
	return list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// handedOn returns what a stage hands on of the telegrams, and what it says.
func handedOn(t testing.TB, list []*record.Telegram, only string, plain bool) (string, []string) {
	t.Helper()
	statuses, err := ParseOnly(only)
	must(t, err)
	var out bytes.Buffer
	var said []string
	s := New(Writer(&out), Options{Only: statuses, Plain: plain, Say: func(w string) { said = append(said, w) }})
	for _, tel := range list {
		must(t, s.Take(tel))
	}
	must(t, s.Flush())
	must(t, s.Close())
	return out.String(), said
}

const usual = "ok,repaired"

func TestOnly(t *testing.T) {
	for list, want := range map[string][]record.Status{
		"ok":                     {record.OK},
		usual:                    {record.OK, record.Repaired},
		"repaired, ok,unchecked": {record.Repaired, record.OK, record.Unchecked},
	} {
		if got, err := ParseOnly(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
	for list, word := range map[string]string{
		"": "no status", "ok,": "no status", "OK": "no status", "all": "no status", "suspect": "no status",
		"lost": "not handed on", "ok,salvaged": "not handed on", "bad,ok": "not handed on",
	} {
		if got, err := ParseOnly(list); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
}

// What is handed on is the raw of the telegrams that are wanted, in their order.
func TestHandedOn(t *testing.T) {
	list := repaired(t, "demo:?telegrams=120&noise=overrun+cut+flip")
	count := map[record.Status]int{}
	for i, tel := range list {
		if count[tel.Status]++; i%3 == 1 {
			tel.Suspect = "made so"
		}
	}
	if count[record.OK] == 0 || count[record.Repaired] == 0 || count[record.Salvaged]+count[record.Lost] == 0 {
		t.Fatalf("this noise does not give all that is to be told apart: %v", count)
	}
	for _, only := range []string{usual, "ok", "repaired", "ok,repaired,unchecked"} {
		want := ""
		for _, tel := range list {
			if strings.Contains(only, string(tel.Status)) && tel.Suspect == "" {
				want += string(tel.Raw)
			}
		}
		got, said := handedOn(t, list, only, false)
		if got != want || want == "" {
			t.Errorf("%s: %d bytes, want %d", only, len(got), len(want))
		}
		if n := strings.Count(strings.Join(said, "\n"), "(made so)"); n != 1 {
			t.Errorf("%s: it says %q", only, said)
		}
	}
}

// A status is not believed: whatever a telegram is called, its CRC must hold.
func TestFalseStatus(t *testing.T) {
	good := repaired(t, "demo:?meter=nl&telegrams=1")[0]
	for _, status := range []record.Status{record.OK, record.Repaired} {
		for at := range good.Raw[:len(good.Raw)-2] { // the line end may be anything
			tel := *good
			tel.Status = status
			tel.Raw = bytes.Clone(good.Raw)
			tel.Raw[at] ^= 1
			if got, _ := handedOn(t, []*record.Telegram{&tel}, usual, false); got != "" {
				t.Fatalf("byte %d is wrong, and %s is handed on", at, status)
			}
		}
	}
	for _, raw := range []string{"", "!", "/", "/X!", "0000!0000"} {
		for _, kind := range []string{record.CRCARC, record.CRCNone, record.CRCUnknown, ""} {
			tel := &record.Telegram{Status: record.OK, CRC: kind, Raw: record.Bytes(raw)}
			if got, said := handedOn(t, []*record.Telegram{tel, tel}, usual, false); got != "" || len(said) != 1 {
				t.Errorf("%q, %s: %q is handed on, it says %q", raw, kind, got, said)
			}
		}
	}
}

// The CRC does not cover the line end after it.
func TestDamagedEnd(t *testing.T) {
	good := repaired(t, "demo:?meter=nl&telegrams=1")[0]
	for _, end := range []string{"", "\r", "\n", "\r\r\n", "\r\n"} {
		tel := *good
		tel.Raw = append(bytes.Clone(bytes.TrimRight(good.Raw, "\r\n")), end...)
		if got, said := handedOn(t, []*record.Telegram{&tel}, usual, false); got != string(good.Raw) || len(said) > 0 {
			t.Errorf("end %q: %q %q", end, got[max(0, len(got)-10):], said)
		}
	}
}

func TestWithoutCRC(t *testing.T) {
	list := repaired(t, "demo:?meter=dsmr3&telegrams=30")
	got, said := handedOn(t, list, usual, false)
	if got != "" || len(said) != 1 || !strings.Contains(said[0], "--only ok,repaired,unchecked") {
		t.Errorf("%d bytes, it says %q", len(got), said)
	}
	want := ""
	for _, tel := range list {
		want += string(tel.Raw)
	}
	for _, plain := range []bool{false, true} {
		if got, said = handedOn(t, list, usual+",unchecked", plain); got != want || len(said) > 0 {
			t.Errorf("plain %v: %d bytes, want %d; it says %q", plain, len(got), len(want), said)
		}
	}
}

// A telegram that claims to be ok, and whose CRC does not hold, is not handed on.
func TestFalseStatusIsSaid(t *testing.T) {
	tel := &record.Telegram{Status: record.OK, CRC: record.CRCARC, CRCSent: "0000", Raw: record.Bytes("/XXX5a\r\n\r\n1-0:1.8.0(1*kWh)\r\n!0000\r\n")}
	got, said := handedOn(t, []*record.Telegram{tel, tel}, usual, false)
	const want = "a telegram has the status ok, but its CRC does not hold: such telegrams are not handed on"
	if got != "" || len(said) != 1 || said[0] != want {
		t.Errorf("%q is handed on, said %q", got, said)
	}
}

// Why nothing comes is said, once.
func TestNothingToHandOn(t *testing.T) {
	for crc, word := range map[string]string{record.CRCUnknown: "of an unknown kind", record.CRCARC: "is p1fix in the pipe"} {
		tel := &record.Telegram{Status: record.Bad, CRC: crc, Raw: record.Bytes("/X\r\n!\r\n")}
		list := slices.Repeat([]*record.Telegram{tel}, noneSoFar-1)
		if _, said := handedOn(t, list, usual, false); len(said) > 0 {
			t.Errorf("%s: it says so early %q", crc, said)
		}
		list = slices.Repeat(list, 5)
		if _, said := handedOn(t, list, usual, false); len(said) != 1 || !strings.Contains(said[0], word) {
			t.Errorf("%s: it says %q", crc, said)
		}
	}
}

func TestOtherRecords(t *testing.T) {
	var out bytes.Buffer
	s := New(Writer(&out), Options{Only: []record.Status{record.OK}})
	for _, r := range []record.Record{&record.Noise{Data: record.Bytes("/X!")}, &record.Gap{}, &record.Other{Type: "x", Line: []byte("{}")}} {
		must(t, s.Take(r))
	}
	if err := s.Take(&record.Chunk{}); err != record.ErrChunks || out.Len() > 0 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

// realLog is that of a real meter, which is no part of the module.
func realLog(t *testing.T) string {
	const name = "../../../../shared/data/eon-clean.log"
	if _, err := os.Stat(name); err != nil {
		t.Skip("the real log is not here")
	}
	return name
}

func demo(format string, args ...any) string { return "demo:?" + fmt.Sprintf(format, args...) }
