package ask

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"p1/pkg/record"
)

// telegramsOf are those that a meter sent.
func telegramsOf(h *house) (list []*record.Telegram) {
	for _, s := range h.sent {
		list = append(list, &record.Telegram{Status: record.OK, CRC: "ok", Raw: s.Plain})
	}
	return list
}

func (h *house) asker(zone *time.Location) *Asker {
	return New(Options{Names: []string{h.dir}, Zone: zone, Repaired: repaired, Key: []byte("a key of the test")})
}

func none(int, int) {}

// Of two meters that send at the same time, in one log, each is explained by its own telegrams,
// damaged ones too; of a suspect one no value is told.
func TestExplainIsOfTheMeter(t *testing.T) {
	const span = "&every=1m&telegrams=60&seed=3&start=2026-03-01T00:00:00"
	one, other := build(t, "?meter=nl"+span, nil), build(t, "?meter=hu"+span, nil)
	h := &house{dir: t.TempDir()}
	var both []*record.Telegram
	ones, others := telegramsOf(one), telegramsOf(other)
	for i := range ones {
		both = append(both, ones[i], others[i])
	}
	others[20].Status, others[20].CRC = record.Bad, "bad"
	others[30].Suspect = "another meter"
	h.keepTelegrams(t, "two.jsonl", both)
	a := h.asker(nil)
	meters, err := a.Meters(t.Context(), none)
	if err != nil || len(meters.Rows) != 2 {
		t.Fatalf("%v, %v", meters, err)
	}
	explain := func(meter, at string) Row {
		t.Helper()
		answer, err := a.Explain(t.Context(), Moment{Meter: meter, At: at}, none)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Rows[0]
	}
	for _, r := range meters.Rows {
		sent, total := one, false
		for _, column := range r["columns"].([]string) {
			total = total || column == "import_kwh"
		}
		if total {
			sent = other
		}
		for i := range sent.sent {
			if sent == other && (i == 20 || i == 30) {
				continue
			}
			s := sent.sent[i]
			got := explain(r["meter"].(string), s.Clock.Format(time.RFC3339))
			values, _ := got["values"].(Row)
			if got["time"] != s.Clock.Format(time.RFC3339) || values["import_t1_kwh"] == nil {
				t.Fatalf("%s: %v", s.Clock, got)
			}
			same(t, "import_t1_kwh", values["import_t1_kwh"], valueOf(t, s.Plain, "1-0:1.8.1"))
		}
		if !total {
			continue
		}
		got := explain(r["meter"].(string), other.sent[30].Clock.Format(time.RFC3339))
		if why, _ := got["why"].(map[string]string); got["suspect"] == nil || got["values"] != nil || why["values"] == "" {
			t.Errorf("a suspect one: %v", got)
		}
		last := other.sent[len(other.sent)-1].Clock.Format(time.RFC3339)
		if got := explain(r["meter"].(string), "9999-12-31T23:59:59Z"); got["time"] != last {
			t.Errorf("the last one is that of %s: %v", last, got)
		}
	}
}

// Of a clock that says neither S nor W each telegram of the hour that autumn repeats is found by
// its time, and of a time without an offset it is said which one is meant.
func TestAutumnIsExplained(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	sent := build(t, "?meter=nl&every=1m&telegrams=200&seed=3&start=2026-10-25T01:30:00", nil)
	season := regexp.MustCompile(`(0-0:1\.0\.0\(\d{12})[SW]\)`)
	list := telegramsOf(sent)
	for _, one := range list {
		one.Raw = season.ReplaceAll(one.Raw, []byte("${1})"))
	}
	h := &house{dir: t.TempDir()}
	h.keepTelegrams(t, "a.jsonl", list)
	a := h.asker(zone)
	for _, s := range sent.sent {
		at := s.Clock.In(zone).Format(time.RFC3339)
		answer, err := a.Explain(t.Context(), Moment{At: at}, none)
		if err != nil || answer.Rows[0]["time"] != at {
			t.Fatalf("%s: %v, %v", at, answer, err)
		}
	}
	answer, err := a.Explain(t.Context(), Moment{At: "2026-10-25T02:30:00"}, none)
	if err != nil || answer.Rows[0]["time"] != "2026-10-25T02:30:00+02:00" || !strings.Contains(answer.Notes[0], "2026-10-25T02:30:00+01:00") {
		t.Errorf("%v, %v", answer, err)
	}
}

func percentOf(t *testing.T, v any) float64 {
	t.Helper()
	n, ok := v.(json.Number)
	if !ok {
		t.Fatalf("%v is no number", v)
	}
	f, err := n.Float64()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is before the first telegram and after the last one is not known, and no answer takes it
// for covered.
func TestOutsideOfTheData(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=1440&seed=3&start=2026-03-05T00:00:00", nil)
	a := h.asker(nil)
	q := Rows{Span: Span{From: "2026-03-01", To: "2026-03-11"}, Every: "1d"}
	cover, err := a.Coverage(t.Context(), q, none)
	if err != nil {
		t.Fatal(err)
	}
	if p := percentOf(t, cover.Total["known_percent"]); p < 9.9 || p > 10.1 || cover.Total["gaps"] != 2 || cover.Total["why_missing"] == nil {
		t.Errorf("one day of ten: %v", cover.Total)
	}
	for i, r := range cover.Rows {
		if p := percentOf(t, r["known_percent"]); i == 4 && p != 100 || i != 4 && p > 0.1 {
			t.Errorf("%v", r)
		}
	}
	energy, err := a.Energy(t.Context(), q, none)
	if err != nil || !strings.Contains(strings.Join(energy.Notes, "\n"), "nothing is known of 9 days") && !strings.Contains(strings.Join(energy.Notes, "\n"), "nothing is known of 8 days") {
		t.Errorf("%v, %v", energy.Notes, err)
	}
	if future, err := a.Coverage(t.Context(), Rows{Span: Span{From: "2199-01-01", To: "2199-01-02"}}, none); err != nil || future.Total["gaps"] != 0 || future.Total["known_percent"] != nil {
		t.Errorf("what is not over yet: %v, %v", future, err)
	}
}

// A file that ends in the middle of a block, as one that is being written, is told apart from
// one of which a line cannot be read; of that it is not known how much is missing.
func TestBrokenFiles(t *testing.T) {
	sent := build(t, "?meter=nl&every=1m&telegrams=100&seed=3&start=2026-03-05T00:00:00", nil)
	h := &house{dir: t.TempDir()}
	h.keepTelegrams(t, "a.jsonl", telegramsOf(sent))
	plain, err := os.ReadFile(filepath.Join(h.dir, "a.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(plain, []byte("\n"))
	lines[50] = []byte("this is no record\n")
	for _, is := range []struct {
		name, note string
		content    []byte
		known      bool
	}{
		{"b.jsonl.gz", "a file ends in the middle", packed.Bytes()[:packed.Len()*2/3], true},
		{"b.jsonl", "could not be read to its end", bytes.Join(lines, nil), false},
	} {
		one := &house{dir: t.TempDir()}
		one.keep(t, is.name, is.content)
		answer, err := one.asker(nil).Coverage(t.Context(), Rows{Every: "total"}, none)
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(answer.Notes, "\n"); !strings.Contains(notes, is.note) || strings.Contains(notes, "to its end") == is.known || (answer.Total["known_percent"] != nil) != is.known {
			t.Errorf("%s: %v %s", is.name, answer.Total, notes)
		}
	}
}

// Telegrams whose clock says neither S nor W, where it says one of them elsewhere, and those of
// a clock that was not set are counted, and nobody says that they were not received.
func TestClocksOfTwoKinds(t *testing.T) {
	sent := build(t, "?meter=nl&every=1m&telegrams=300&seed=3&start=2026-03-05T00:00:00", nil)
	list := telegramsOf(sent)
	clock := regexp.MustCompile(`0-0:1\.0\.0\((\d{12})[SW]\)`)
	for i, one := range list {
		switch {
		case i >= 200:
			one.Raw = clock.ReplaceAll(one.Raw, []byte("0-0:1.0.0(${1})"))
		case i >= 100 && i < 150:
			one.Raw = clock.ReplaceAll(one.Raw, []byte("0-0:1.0.0(000101000000W)"))
		}
	}
	h := &house{dir: t.TempDir()}
	h.keepTelegrams(t, "a.jsonl", list[:200])
	h.keepTelegrams(t, "b.jsonl", list[200:])
	answer, err := h.asker(nil).Coverage(t.Context(), Rows{Every: "total"}, none)
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(answer.Notes, "\n")
	if answer.Coverage.Telegrams+answer.Coverage.Missing > 201 || !strings.Contains(notes, "50 telegrams stand in no row") || !strings.Contains(notes, "0 telegrams of meter-") ||
		strings.Contains(answer.Coverage.Why, "no telegram was received") {
		t.Errorf("%+v\n%s", answer.Coverage, notes)
	}
}

// Who asks about a file that is read at the moment waits for that, and takes the same index.
func TestOneIndexForAll(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=300&seed=3&start=2026-03-05T01:00:00", nil)
	now := time.Now()
	if err := os.Chtimes(filepath.Join(h.dir, "p1-2026-03-05.jsonl"), now, now); err != nil {
		t.Fatal(err)
	}
	var reads atomic.Int64
	a := New(Options{Names: []string{h.dir}, Key: []byte("a key of the test"), Repaired: func(out record.Writer) (record.Stage, error) {
		reads.Add(1)
		return repaired(out)
	}})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			answer, err := a.Energy(t.Context(), Rows{Every: "total"}, none)
			if err != nil {
				t.Error(err)
				return
			}
			gained := new(big.Rat).Sub(valueOf(t, h.sent[299].Plain, "1-0:1.8.1"), valueOf(t, h.sent[0].Plain, "1-0:1.8.1"))
			same(t, "import", answer.Total["import_t1_kwh"], gained)
		})
	}
	all.Wait()
	if n := reads.Load(); n != 1 {
		t.Errorf("the file is read %d times", n)
	}
}

// ownCache is where programs keep something for themselves, in this test.
func ownCache(t *testing.T) string {
	t.Helper()
	own := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, own)
	}
	return own
}

// What files that overlap tell together is kept, but not beside them, and goes with one of them.
func TestJoinedFiles(t *testing.T) {
	own := ownCache(t)
	sent := build(t, "?meter=nl&every=1m&telegrams=300&seed=3&start=2026-03-05T01:00:00", nil)
	h := &house{dir: t.TempDir()}
	var halves [2][]*record.Telegram
	for i, one := range telegramsOf(sent) {
		halves[i%2] = append(halves[i%2], one)
	}
	h.keepTelegrams(t, "a.jsonl", halves[0])
	h.keepTelegrams(t, "b.jsonl", halves[1])
	joined := func() (names []string) {
		_ = filepath.WalkDir(own, func(path string, d os.DirEntry, err error) error {
			if err == nil && strings.HasPrefix(d.Name(), "joined-") {
				names = append(names, path)
			}
			return err
		})
		return names
	}
	telegrams := func(want int64) {
		t.Helper()
		answer, err := h.asker(nil).Coverage(t.Context(), Rows{Every: "total"}, none)
		if err != nil || answer.Coverage.Telegrams != want {
			t.Fatalf("%v, %v, want %d telegrams", answer, err, want)
		}
	}
	telegrams(300)
	kept := joined()
	beside, err := os.ReadDir(filepath.Join(h.dir, ".p1index"))
	if len(kept) != 1 || err != nil || len(beside) != 2 {
		t.Fatalf("%v; %v, %v", kept, beside, err)
	}
	was, err := os.Stat(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	telegrams(300)
	if is, err := os.Stat(kept[0]); err != nil || !os.SameFile(was, is) {
		t.Errorf("it is made again: %v", err)
	}
	if err := os.Remove(filepath.Join(h.dir, "b.jsonl")); err != nil {
		t.Fatal(err)
	}
	telegrams(150)
	if left := joined(); left != nil {
		t.Errorf("%v is left of a file that is deleted", left)
	}
}
