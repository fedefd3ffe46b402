package tables

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/sorted"
	"p1/pkg/record"
)

// What a spool has kept it hands out again, in memory and on disk: all but the checksums,
// which no row has.
func TestSpool(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	var list []*record.Telegram
	for i := range 60_000 {
		x := metered(fmt.Sprintf("2603011%05dW", i), fmt.Sprintf("%d.%03d", i/40, i%1000), "260301100000W", "00010.000")
		x.Seq, x.Offset = int64(i+1), int64(i)*200
		switch dice.IntN(20) {
		case 0:
			x.Status, x.Confidence = record.Repaired, []float64{0.5, 0.75, 0.875}[i%3]
		case 1:
			x = doubting(x, 5, "1-0:1.8.0")
		case 2:
			x.Suspect = "most are doubted"
		case 3:
			x.Time = fmt.Sprintf("2026-03-01T10:00:00.%09dZ", i)
		case 4:
			x.Source = "another.log"
		case 5:
			x.Status, x.CRC = record.Unchecked, record.CRCNone
		case 6:
			x.Status, x.Trusted = record.Salvaged, []record.Trusted{{Line: 5, Code: "1-0:1.8.0"}}
		}
		list = append(list, x)
	}
	s := &spool{pile: sorted.NewPile("")}
	for _, x := range list {
		must(t, s.add(x))
	}
	if s.pile.Disk().Bytes == 0 {
		t.Fatal("all of it is in memory")
	}
	n := 0
	must(t, s.each(func(got *record.Telegram) error {
		want := needed(list[n])
		want.CRCSent, want.CRCCalc = "", ""
		copied := *got
		copied.CRCSent, copied.CRCCalc = "", ""
		if !reflect.DeepEqual(copied, want) {
			t.Fatalf("telegram %d is\n%+v\nwant\n%+v", n, copied, want)
		}
		n++
		return nil
	}))
	must(t, s.close())
	if n != len(list) {
		t.Errorf("%d telegrams, want %d", n, len(list))
	}
}

// Rows that were made ahead are thrown away where the order is broken at the very end, and
// nothing is told twice.
func TestOrderIsBrokenLate(t *testing.T) {
	var log []*record.Telegram
	for i := range 3000 {
		at := time.Date(2026, 3, 1, 10, 0, 10*i, 0, time.UTC).Format("060102150405") + "W"
		x := metered(at, fmt.Sprintf("%d.%03d", i/1000, i%1000), at, "00010.0x0") // which is no number
		x.Source, x.Offset = "a.log", int64(i)*200
		log = append(log, x)
	}
	again := *log[100]
	again.Source, again.Offset = "b.log", 0
	for _, profile := range []string{Default, All} {
		for _, every := range []time.Duration{Day, time.Minute} {
			o := Options{Profile: profile, Every: every}
			want, told := merged(t, o, log)
			got, said := merged(t, o, append(log[:len(log):len(log)], &again))
			if got != want || strings.Count(want, "\n") < 2 {
				t.Errorf("%s, %s: another table", profile, every)
			}
			if said != told+"left out: 1 that are copies of telegrams that count (the same meter, clock and registers)\n" {
				t.Errorf("%s, %s: told is %q, and of the log alone %q", profile, every, said, told)
			}
		}
	}
}

// What is written is the same whether telegrams were sorted or not; nothing is sorted of
// those that are in order.
func TestInOrderNothingIsSorted(t *testing.T) {
	log := night(t, rand.New(rand.NewPCG(1, 1)), true, "1111")
	var b bytes.Buffer
	w, err := New(&b, Options{Every: time.Hour})
	must(t, err)
	for _, r := range log {
		must(t, w.Take(r))
	}
	if m := w.rows.(*merging); m.ahead == nil || m.held || b.Len() > 0 {
		t.Errorf("a log in order is sorted, or %d bytes were written before its end was known", b.Len())
	}
	must(t, w.Close())
	if want := ordered(t, Options{Every: time.Hour}, log); b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &b, want)
	}
}
