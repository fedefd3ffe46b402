package sources

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
)

// logSession is what came of one session of a followed log.
type logSession struct {
	session string
	data    []byte
	gap     bool
}

// follower takes the records of a followed log.
type follower struct {
	t        *testing.T
	s        Source
	said     sayings
	sessions []*logSession
}

func follow(t *testing.T, name string) *follower {
	t.Helper()
	f := &follower{t: t}
	s, err := Options{Follow: true, Say: f.said.say}.Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.s = s
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *follower) next(ctx context.Context) error {
	f.t.Helper()
	r, err := f.s.Next(ctx)
	if err != nil {
		return err
	}
	at := r.Where()
	if n := len(f.sessions); n == 0 || f.sessions[n-1].session != at.Session {
		for _, s := range f.sessions {
			if s.session >= at.Session {
				f.t.Fatalf("session %s comes after %s", at.Session, s.session)
			}
		}
		f.sessions = append(f.sessions, &logSession{session: at.Session})
	}
	s := f.sessions[len(f.sessions)-1]
	if at.Offset != int64(len(s.data)) {
		f.t.Fatalf("offset %d after %d bytes", at.Offset, len(s.data))
	}
	switch r := r.(type) {
	case *record.Gap:
		s.gap = true
	case *record.Chunk:
		if len(r.Data) == 0 || len(r.Data) > record.MaxData || r.Live || r.End != "" {
			f.t.Fatalf("chunk of %d bytes, live %v, end %q", len(r.Data), r.Live, r.End)
		}
		s.data = append(s.data, r.Data...)
	}
	return nil
}

// all returns the bytes of all sessions.
func (f *follower) all() []byte {
	var all []byte
	for _, s := range f.sessions {
		all = append(all, s.data...)
	}
	return all
}

func (f *follower) until(what string, ok func() bool) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	for !ok() {
		if err := f.next(ctx); err != nil {
			f.t.Fatalf("%s: %v after %d bytes of %d sessions", what, err, len(f.all()), len(f.sessions))
		}
	}
}

func (f *follower) bytes(n int) {
	f.t.Helper()
	f.until(fmt.Sprintf("%d bytes", n), func() bool { return len(f.all()) >= n })
}

func appendTo(t *testing.T, name string, data []byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

func needsRename(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be renamed here")
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Error(err)
	}
}

func TestGrowingLog(t *testing.T) {
	log := writeFile(t, "p1.log", []byte("/AUX"))
	f := follow(t, log)
	if !f.s.Ready() {
		t.Error("not ready although bytes are there")
	}
	f.bytes(4)
	if f.s.Ready() {
		t.Error("ready at the end")
	}
	want := []byte("/AUX")
	for n := 1; n < 200_000; n *= 7 {
		more := noise(max(4, n))
		appendTo(t, log, more)
		want = append(want, more...)
		f.bytes(len(want))
	}
	if !bytes.Equal(f.all(), want) || len(f.sessions) != 1 || f.sessions[0].gap || len(f.said.all()) > 0 {
		t.Errorf("%d sessions, said %q", len(f.sessions), f.said.all())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := f.next(ctx); err != context.DeadlineExceeded {
		t.Errorf("%v", err)
	}
}

// A chunk has a time where it was seen to come, and none where it was there before.
func TestTimesOfAFollowedLog(t *testing.T) {
	log := writeFile(t, "p1.log", []byte("/AUX"))
	f := follow(t, log)
	r, err := f.s.Next(t.Context())
	if err != nil || r.(*record.Chunk).Time != "" {
		t.Errorf("%+v, %v", r, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, _ = f.s.Next(ctx)
	from := time.Now()
	appendTo(t, log, []byte("5990"))
	r, err = f.s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, r.(*record.Chunk).Time)
	if err != nil || at.Before(from.Truncate(time.Millisecond)) || time.Since(at) > patience {
		t.Errorf("%v, %v", at, err)
	}
}

// A writer that rotates its log as fast as it can: every byte comes once.
func TestRotationLosesNothing(t *testing.T) {
	t.Parallel()
	needsRename(t)
	rng := rand.New(rand.NewPCG(11, 12))
	for _, how := range []string{"at once", "late", "empty first"} {
		log := writeFile(t, "p1.log", nil)
		f := follow(t, log)
		var want []byte
		const rotations = 6
		written := make(chan struct{})
		go func() {
			defer close(written)
			for i := range rotations {
				if i > 0 {
					old := fmt.Sprintf("%s.%d", log, i)
					rename(t, log, old)
					switch how {
					case "late":
						time.Sleep(60 * time.Millisecond)
					case "empty first": // and a writer that has not noticed yet
						appendTo(t, log, nil)
						time.Sleep(time.Duration(rng.IntN(80)) * time.Millisecond)
						last := noise(5000)
						appendTo(t, old, last)
						want = append(want, last...)
					}
				}
				for range 1 + rng.IntN(20) {
					data := noise(4 + rng.IntN(20_000))
					appendTo(t, log, data)
					want = append(want, data...)
					time.Sleep(time.Duration(rng.IntN(10)) * time.Millisecond)
				}
				time.Sleep(2 * followPace) // rotated twice between two looks, the one between would be missed
			}
		}()
		for done := false; !done; {
			select {
			case <-written:
				done = true
			default:
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
				_ = f.next(ctx)
				cancel()
			}
		}
		f.bytes(len(want))
		if !bytes.Equal(f.all(), want) || len(f.sessions) != rotations {
			t.Errorf("%s: %d bytes in %d sessions, want %d in %d", how, len(f.all()), len(f.sessions), len(want), rotations)
		}
		for i, s := range f.sessions {
			if s.gap {
				t.Errorf("%s: a gap in session %d", how, i)
			}
		}
		if n := f.said.count("a new file has that name"); n != rotations-1 {
			t.Errorf("%s: said %q", how, f.said.all())
		}
	}
}

func TestEmptiedLogBeginsAnew(t *testing.T) {
	log := writeFile(t, "p1.log", []byte("/AUX first"))
	f := follow(t, log)
	f.bytes(10)
	for i, text := range []string{"/AUX 2nd", "/AUX 3"} {
		if err := os.Truncate(log, 0); err != nil {
			t.Fatal(err)
		}
		f.until("a gap", func() bool { return len(f.sessions) == i+2 })
		appendTo(t, log, []byte(text))
		f.until("the text", func() bool { return string(f.sessions[i+1].data) == text })
		if !f.sessions[i+1].gap {
			t.Errorf("no gap in session %d", i+1)
		}
	}
	if f.sessions[0].gap || string(f.sessions[0].data) != "/AUX first" || f.said.count("it has become shorter") != 2 {
		t.Errorf("said %q", f.said.all())
	}
}

func TestRemovedLogIsSaidOnce(t *testing.T) {
	needsRename(t)
	log := writeFile(t, "p1.log", []byte("/AUX"))
	f := follow(t, log)
	f.bytes(4)
	rename(t, log, log+".1")
	ctx, cancel := context.WithTimeout(t.Context(), 5*followPace)
	defer cancel()
	_ = f.next(ctx)
	if f.said.count("waiting for a new one of that name") != 1 || len(f.said.all()) != 1 {
		t.Errorf("said %q", f.said.all())
	}
	appendTo(t, log+".1", []byte("5990"))
	f.bytes(8)
}

func TestWhatCannotBeFollowed(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		"-": "standard input cannot", "demo:": "only a file", "tcp://meter:1": "only a file", "serial:///dev/x": "only a file",
		"p1.log.gz": "compressed", dir: "only a file", filepath.Join(dir, "missing"): "no such file",
	} {
		if _, err := (Options{Follow: true}).Open(name, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	for _, data := range []string{"\x1f\x8b\x08\x00", "\x28\xb5\x2f\xfd", "\xff\xfe/\x00", "\xfe\xff\x00/"} {
		f := follow(t, writeFile(t, "p1.log", []byte(data)))
		for range 2 {
			if err := f.next(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be followed") {
				t.Errorf("%q: %v", data, err)
			}
		}
	}
}
