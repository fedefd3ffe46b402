package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/record"
)

// captured are records as a live source gives them, with some that only a later
// version knows.
func captured(n int) []record.Record {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	at := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	o := record.Origin{Source: "/dev/ttyUSB0", Session: "2026-11-22T07:00:00Z"}
	all := []record.Record{&record.Gap{Origin: o, Live: true, Why: record.GapStart}}
	for range n {
		data := noise(1 + rng.IntN(3000))
		c := &record.Chunk{Origin: o, Live: true, Time: timeText(at), End: record.EndPause, Data: data}
		if rng.IntN(5) == 0 {
			c.Extra = []record.Member{{Key: "mood", Value: []byte(`{"type":"telegram"}`)}}
		}
		all = append(all, c)
		o.Offset += int64(len(data))
		if rng.IntN(8) == 0 {
			all = append(all, &record.Gap{Origin: o, Live: true, Time: timeText(at), Why: record.GapUnplugged},
				&record.Other{Type: "weather", Line: []byte(`{"v":1,"type":"weather","sun":true}`)})
		}
		at = at.Add(time.Second)
	}
	return all
}

// lines is records as JSON lines.
func lines(t testing.TB, records []record.Record) []byte {
	t.Helper()
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// later is how records come that are read later than they were captured.
func later(lines []byte) []byte { return bytes.ReplaceAll(lines, []byte(`,"live":true`), nil) }

// replayed is what a source gives, as JSON lines, and the error that ends it.
func replayed(t testing.TB, s Source) ([]byte, error) {
	t.Helper()
	var all []byte
	for {
		r, err := s.Next(t.Context())
		if err != nil {
			if _, again := s.Next(t.Context()); again != err {
				t.Errorf("after %v, Next gives %v", err, again)
			}
			return all, err
		}
		all = append(all, lines(t, []record.Record{r})...)
	}
}

// zst packs data into streams that are flushed now and then; the last one has no
// end if open is true.
func zst(t testing.TB, data []byte, open bool) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.SplitAfter(data, []byte("\n")) {
		_, _ = z.Write(line)
		if i%3 == 0 {
			_ = z.Flush()
		}
		if i == 20 {
			_ = z.Close()
			z.Reset(&out)
		}
	}
	if _ = z.Flush(); !open {
		_ = z.Close()
	}
	return out.Bytes()
}

// Chunk records come back as they are, but no longer live, whatever they are kept in.
func TestReplayIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 100, 1000}
	if testing.Short() {
		sizes = sizes[:3]
	}
	for _, n := range sizes {
		kept := lines(t, captured(n))
		want := later(kept)
		for name, data := range map[string][]byte{"p1.jsonl": kept, "p1.jsonl.gz": gz(kept), "p1.jsonl.zst": zst(t, kept, false)} {
			path := writeFile(t, name, data)
			if got, err := replayed(t, open(t, path, nil)); err != io.EOF || !bytes.Equal(got, want) {
				t.Errorf("%d, %s: %d bytes, %v, want %d", n, name, len(got), err, len(want))
			}
			if got, err := replayed(t, open(t, "-", bytes.NewReader(data))); err != io.EOF || !bytes.Equal(got, want) {
				t.Errorf("%d, %s through a pipe: %d bytes, %v, want %d", n, name, len(got), err, len(want))
			}
		}
	}
}

// What comes through a pipe stays live if it has just been captured; what is in a file, and
// what came an hour ago, does not. At its pace a replay is as it was.
func TestLiveOfAReplay(t *testing.T) {
	t.Parallel()
	capturedAt := func(at time.Time) []byte {
		o := record.Origin{Source: "/dev/ttyUSB0", Session: timeText(at)}
		return lines(t, []record.Record{
			&record.Gap{Origin: o, Live: true, Time: timeText(at), Why: record.GapStart},
			&record.Chunk{Origin: o, Live: true, Time: timeText(at), End: record.EndPause, Data: []byte("/AUX")},
			&record.Chunk{Origin: record.Origin{Source: o.Source, Session: o.Session, Offset: 4}, Live: true, End: record.EndPause, Data: []byte("5")},
		})
	}
	now, past := capturedAt(time.Now()), capturedAt(time.Now().Add(-time.Hour))
	file := writeFile(t, "p1.jsonl", now)
	both := slices.Concat(past, now, past)
	for _, c := range []struct {
		what, name string
		pace       *Pace
		in, want   []byte
	}{
		{what: "a pipe, now", name: "-", in: now, want: now},
		{what: "a pipe, an hour later", name: "-", in: past, want: later(past)},
		{what: "a pipe, one after the other", name: "-", in: both, want: slices.Concat(later(past), now, later(past))},
		{what: "a file", name: file, want: later(now)},
		{what: "a file at its pace", name: file, pace: NewPace(1000), want: now},
		{what: "a pipe at its pace", name: "-", pace: NewPace(1e9), in: past, want: past},
	} {
		s, err := Options{Pace: c.pace}.Open(c.name, bytes.NewReader(c.in))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := replayed(t, s); err != io.EOF || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %v\n%swant\n%s", c.what, err, got, c.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// With --raw, the bytes of a replay are those that came.
func TestReplayOfBytes(t *testing.T) {
	var want []byte
	all := captured(50)
	for _, r := range all {
		if c, ok := r.(*record.Chunk); ok {
			want = append(want, c.Data...)
		}
	}
	s, err := Options{}.OpenRecords("-", bytes.NewReader(lines(t, all)))
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for err == nil {
		var r record.Record
		if r, err = s.Next(t.Context()); err == nil {
			got = append(got, r.(*record.Chunk).Data...)
		}
	}
	if err != io.EOF || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(want))
	}
}

// A file that was being written when the program was killed ends where it can be
// read no further, which is said once and is no failure.
func TestReplayOfACutOffFile(t *testing.T) {
	t.Parallel()
	kept := lines(t, captured(60))
	want := later(kept)
	first := bytes.IndexByte(want, '\n') + 1
	files := map[string][]byte{"a.jsonl": kept, "a.jsonl.gz": flushed(kept), "a.jsonl.zst": zst(t, kept, true)}
	for name, data := range files {
		for at := range 60 {
			cut := len(data) - at*len(data)/60
			var said []string
			s, err := Options{Say: func(text string) { said = append(said, text) }}.Open(writeFile(t, name, data[:cut]), nil)
			if err != nil {
				continue // so short that it is nothing
			}
			got, err := replayed(t, s)
			if !bytes.HasPrefix(want, got) || len(got) > 0 && got[len(got)-1] != '\n' {
				t.Fatalf("%s, %d bytes: %d bytes come, and they are others", name, cut, len(got))
			}
			switch {
			case len(got) < first:
				if len(got) > 0 || err == nil || err == io.EOF && cut > 0 {
					t.Errorf("%s, %d bytes: nothing can be read, and it is %v", name, cut, err)
				}
			case err != io.EOF || len(said) > 1:
				t.Errorf("%s, %d bytes: %v, said %q", name, cut, err, said)
			case len(got) < len(want) && len(said) == 0 && !endsAtAStream(name, data[:cut]) && !(name == "a.jsonl" && data[cut-1] == '\n'):
				t.Errorf("%s, %d bytes: the end is missing, and nothing is said", name, cut)
			}
			_ = s.Close()
		}
	}
}

// endsAtAStream reports whether a file is whole, although another one goes on.
func endsAtAStream(name string, data []byte) bool {
	if !strings.HasSuffix(name, ".zst") {
		return false
	}
	z, err := zstd.NewReader(bytes.NewReader(data))
	if err != nil {
		return false
	}
	defer z.Close()
	_, err = io.Copy(io.Discard, z)
	return err == nil
}

// What is damaged in its middle is no end.
func TestReplayOfADamagedFile(t *testing.T) {
	want := lines(t, captured(20))
	half := bytes.IndexByte(want[len(want)/2:], '\n') + len(want)/2 + 1
	for name, after := range map[string]string{
		"no record":  "x\n" + string(want[half:]),
		"a telegram": `{"v":1,"type":"telegram","source":"a","seq":1,"offset":0,"status":"ok","raw":"/"}` + "\n",
		"noise":      `{"v":1,"type":"noise","source":"a","offset":0,"data":"/"}` + "\n",
		"newer":      `{"v":2,"type":"chunk"}`,
	} {
		var said []string
		s, err := Options{Say: func(text string) { said = append(said, text) }}.Open("-", strings.NewReader(string(want[:half])+after))
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for err == nil {
			var r record.Record
			if r, err = s.Next(t.Context()); err == nil {
				got = append(got, lines(t, []record.Record{r})...)
			}
		}
		var line *record.LineError
		number := int64(bytes.Count(want[:half], []byte("\n")) + 1)
		if !errors.As(err, &line) || line.Line != number || !bytes.Equal(got, later(want[:half])) || len(said) > 0 {
			t.Errorf("%s: %d bytes, %v, said %q, want an error in line %d", name, len(got), err, said, number)
		}
	}
}

// FuzzReplay: whatever follows good records, they come, and nothing else does.
func FuzzReplay(f *testing.F) {
	want := lines(f, captured(3))
	f.Add(want, len(want))
	f.Add(want[:len(want)/2], 10)
	f.Add([]byte("{\"v\":1,\"type\":\"gap\"\x00\x00"), len(want))
	f.Fuzz(func(t *testing.T, after []byte, at int) {
		at = max(0, min(at, len(want)))
		at = bytes.LastIndexByte(want[:at], '\n') + 1
		got, err := replayed(t, open(t, "-", bytes.NewReader(append(bytes.Clone(want[:at]), after...))))
		if at > 0 && !bytes.HasPrefix(got, later(want[:at])) {
			t.Errorf("%d bytes come, %v, want %d at least", len(got), err, at)
		}
	})
}

// fakeTime is a clock that only sleeping moves.
type fakeTime struct {
	at    time.Time
	slept []string
}

func (f *fakeTime) now() time.Time { return f.at }

func (f *fakeTime) sleep(_ context.Context, d time.Duration) {
	f.slept = append(f.slept, fmt.Sprint(d))
	f.at = f.at.Add(d)
}

// The records of a replay come as they came, or so many times faster.
func TestPace(t *testing.T) {
	began := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	chunk := func(session string, at time.Duration) record.Record {
		return &record.Chunk{Origin: record.Origin{Source: "tty", Session: session}, Time: timeText(began.Add(at)), Data: []byte("/")}
	}
	records := []record.Record{
		chunk("a", 0), chunk("a", 10*time.Second), chunk("a", 10*time.Second),
		&record.Gap{Origin: record.Origin{Source: "tty", Session: "a"}, Time: timeText(began.Add(25 * time.Second)), Why: record.GapReconnect},
		&record.Chunk{Origin: record.Origin{Source: "tty", Session: "a"}, Data: []byte("no time")},
		chunk("a", 30*time.Second),
		chunk("b", time.Hour),                           // a new session begins at once
		chunk("b", time.Hour+time.Second),               //
		chunk("b", time.Minute),                         // the clock is set back,
		chunk("b", time.Minute+2*time.Second),           //
		chunk("b", 1000*time.Hour),                      // and forward
		chunk("b", 1000*time.Hour+500*time.Millisecond), //
	}
	for factor, want := range map[float64]string{
		1:   "10s 15s 5s 1s 2s 500ms",
		10:  "1s 1.5s 500ms 100ms 200ms 50ms",
		0.5: "20s 30s 10s 2s 4s 1s",
	} {
		clock := &fakeTime{at: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
		pace := NewPace(factor)
		pace.now, pace.sleep = clock.now, clock.sleep
		var got []byte
		for _, half := range [][]record.Record{records[:3], records[3:]} { // two files
			s, err := Options{Pace: pace}.Open("-", bytes.NewReader(lines(t, half)))
			if err != nil {
				t.Fatal(err)
			}
			if s.Ready() {
				t.Error("ready, so that what came before is not handed on while it waits")
			}
			part, err := replayed(t, s)
			if err != io.EOF {
				t.Error(err)
			}
			got = append(got, part...)
		}
		if slept := strings.Join(clock.slept, " "); slept != want || !bytes.Equal(got, lines(t, records)) {
			t.Errorf("%v times: slept %s, want %s", factor, slept, want)
		}
	}
}

// That a log has no pace is said, once, and not of what has one.
func TestPaceOfALog(t *testing.T) {
	for text, want := range map[string]int{
		strings.Repeat("1-0:1.8.0(1*kWh)\r\n", 10000): 1,
		string(lines(t, captured(2))):                 0,
	} {
		var said []string
		s, err := Options{Pace: NewPace(1000), Say: func(text string) { said = append(said, text) }}.Open("-", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := replayed(t, s); err != io.EOF {
			t.Error(err)
		}
		if len(said) != want {
			t.Errorf("%.20q: it says %q", text, said)
		}
	}
}

// A replay that waits ends when it is told to.
func TestPaceEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Options{Pace: NewPace(0.001)}.Open("-", bytes.NewReader(lines(t, captured(2))))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a gap without a time, and the first chunk
		if _, err := s.Next(ctx); err != nil {
			t.Fatal(err)
		}
	}
	time.AfterFunc(10*time.Millisecond, cancel)
	if r, err := s.Next(ctx); err != context.Canceled {
		t.Errorf("%v, %v", r, err)
	}
}
