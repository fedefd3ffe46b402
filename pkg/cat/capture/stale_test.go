package capture

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"p1/pkg/cat/sources"
	"p1/pkg/record"
)

// heard is what a Stale has said, by words and by what its command wrote.
type heard struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (h *heard) Write(p []byte) (int, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.text.Write(p)
}

func (h *heard) say(text string) { _, _ = io.WriteString(h, text+"\n") }

func (h *heard) String() string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.text.String()
}

// until waits until all of the texts have been said.
func (h *heard) until(t *testing.T, texts ...string) {
	t.Helper()
	missing := func(text string) bool { return !strings.Contains(h.String(), text) }
	for deadline := time.Now().Add(patience); slices.ContainsFunc(texts, missing); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q is not all in %q", texts, h)
		}
	}
}

// watchByHand is a silence whose clock and looks a test orders; what it tells is
// noted.
type watchByHand struct {
	*silence
	at   time.Time
	told []change
}

func byHand(after time.Duration) *watchByHand {
	w := &watchByHand{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	w.silence = Stale{After: after, Say: func(string) {}, now: func() time.Time { return w.at }}.watch("tty")
	w.tell = func(c change) { w.told = append(w.told, c) }
	return w
}

// pass lets time pass, with a look every second.
func (w *watchByHand) pass(d time.Duration) {
	for end := w.at.Add(d); w.at.Before(end); {
		w.at = w.at.Add(time.Second)
		w.look()
	}
}

func (w *watchByHand) bytes() { w.wait(); w.waited(true) }

func (w *watchByHand) want(t *testing.T, want ...change) {
	t.Helper()
	if !slices.Equal(w.told, want) {
		t.Errorf("told %v, want %v", w.told, want)
	}
	w.told = nil
}

// Silence is told once, however long it lasts, and its end once.
func TestSilenceIsToldOnce(t *testing.T) {
	w := byHand(time.Minute)
	for range 100 {
		w.wait()
		w.pass(10 * time.Second)
		w.waited(true)
	}
	w.want(t)
	w.wait()
	w.pass(59 * time.Second)
	w.want(t)
	w.pass(time.Second)
	w.want(t, change{isStale, time.Minute})
	w.pass(time.Hour)
	w.want(t)
	w.waited(true)
	w.want(t, change{isBack, 61 * time.Minute})
	w.bytes()
	w.want(t)
	w.wait()
	w.pass(time.Minute)
	w.want(t, change{isStale, time.Minute})
}

// A source that never says a thing is silent too, and a gap record is no sound.
func TestSilenceFromTheStart(t *testing.T) {
	w := byHand(time.Minute)
	w.pass(30 * time.Second)
	w.wait()
	w.waited(false)
	w.wait()
	w.pass(30 * time.Second)
	w.want(t, change{isStale, time.Minute})
	w.waited(false)
	w.want(t)
}

// While nobody takes bytes, none can come.
func TestAStalledReaderIsNoSilence(t *testing.T) {
	w := byHand(time.Minute)
	w.bytes()
	w.pass(time.Hour)
	w.want(t)
	w.wait()
	w.pass(59 * time.Second)
	w.want(t)
	w.waited(false)
	w.pass(time.Hour)
	w.wait()
	w.pass(time.Second)
	w.want(t, change{isStale, time.Minute})
}

// spoken is a source that delivers a chunk for each number sent, and then ends.
type spoken struct{ bytes chan int }

func (s spoken) Next(ctx context.Context) (record.Record, error) {
	select {
	case n, ok := <-s.bytes:
		if !ok {
			return nil, io.EOF
		}
		return &record.Chunk{Origin: record.Origin{Source: "tty"}, Data: make([]byte, n)}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (spoken) Ready() bool              { return false }
func (spoken) Progress() (int64, int64) { return 0, -1 }
func (spoken) Close() error             { return nil }

// opened opens a spoken source and reads it in the background.
func (o Stale) opened(t *testing.T) (say chan<- int, end func()) {
	t.Helper()
	s := spoken{make(chan int)}
	x, err := o.Watch(func(string, io.Reader) (sources.Source, error) { return s, nil })("tty", nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for {
			if _, err := x.Next(t.Context()); err != nil {
				done <- errors.Join(x.Close(), err)
				return
			}
		}
	}()
	return s.bytes, func() {
		t.Helper()
		close(s.bytes)
		select {
		case err := <-done:
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("the source does not end")
		}
	}
}

func TestWordsWithoutACommand(t *testing.T) {
	var h heard
	say, end := Stale{After: 30 * time.Millisecond, Say: h.say}.opened(t)
	h.until(t, "tty: nothing has come for ")
	say <- 5
	h.until(t, "\ntty: bytes come again, after ")
	end()
}

// A source that cannot be opened is not watched any longer; one that keeps its
// opener waiting is silent.
func TestOpening(t *testing.T) {
	var h heard
	o := Stale{After: 20 * time.Millisecond, Say: h.say}
	_, err := o.Watch(func(string, io.Reader) (sources.Source, error) {
		h.until(t, "tty: nothing has come for ")
		return nil, io.ErrClosedPipe
	})("tty", nil)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
