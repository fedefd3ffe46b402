//go:build unix

package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"p1/pkg/record"
)

// pipeTaker takes the records of a named pipe that is followed.
type pipeTaker struct {
	t    *testing.T
	s    Source
	data []byte
	gaps []string
}

func followPipe(t *testing.T) (path string, k *pipeTaker, s *sayings) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "p1.fifo")
	makePipe(t, path)
	s = &sayings{}
	src, err := Options{Follow: true, Say: s.say}.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = src.Close() })
	return path, &pipeTaker{t: t, s: src}, s
}

func makePipe(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeTo opens a pipe as a program does that writes to it.
func writeTo(t *testing.T, path string, text string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return f
}

func (k *pipeTaker) until(what string, ok func() bool) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	for !ok() {
		r, err := k.s.Next(ctx)
		if err != nil {
			k.t.Fatalf("%s: %v after %q, gaps %v", what, err, k.data, k.gaps)
		}
		if at := r.Where(); at.Offset != int64(len(k.data)) || at.Session == "" || record.IsLive(r) {
			k.t.Errorf("%T at %+v, want offset %d, and it is not live", r, at, len(k.data))
		}
		if _, ok := record.Arrival(r); !ok {
			k.t.Errorf("%+v has no time", r)
		}
		switch r := r.(type) {
		case *record.Gap:
			k.gaps = append(k.gaps, fmt.Sprintf("%s@%d", r.Why, r.Offset))
		case *record.Chunk:
			k.data = append(k.data, r.Data...)
		}
	}
}

func (k *pipeTaker) bytes(n int) {
	k.t.Helper()
	k.until(fmt.Sprintf("%d bytes", n), func() bool { return len(k.data) >= n })
}

// Whoever writes to the pipe, one after the other, is read, and a gap stands between two.
func TestWritersOfAPipe(t *testing.T) {
	t.Parallel()
	path, k, s := followPipe(t)
	want := ""
	for i := range 3 {
		text := strings.Repeat(string(noise(100)), 1000*i+1)
		written := make(chan *os.File)
		go func() { written <- writeTo(t, path, text) }()
		want += text
		k.bytes(len(want))
		f := <-written
		if i == 1 {
			time.Sleep(2 * pipeWait) // a writer that pauses has not ended
		}
		_ = f.Close()
		k.until("a gap", func() bool { return len(k.gaps) == i+2 })
	}
	a, b := 100, 100+100*1001
	if got, want := strings.Join(k.gaps, " "), fmt.Sprintf("start@0 reconnect@%d reconnect@%d reconnect@%d", a, b, len(want)); got != want {
		t.Errorf("gaps %s, want %s", got, want)
	}
	if !bytes.Equal(k.data, []byte(want)) {
		t.Errorf("%d bytes of %d", len(k.data), len(want))
	}
	if s.count("whoever wrote to it has ended") != 3 || len(s.all()) != 3 {
		t.Errorf("said %q", s.all())
	}
}

// A pipe that is made anew is gone over to.
func TestPipeIsMadeAnew(t *testing.T) {
	t.Parallel()
	path, k, s := followPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	k.until("the start", func() bool { return len(k.gaps) == 1 })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*followPace, cancel)
	if _, err := k.s.Next(ctx); err != context.Canceled {
		t.Error(err)
	}
	s.await(t, "it has been renamed or removed")
	makePipe(t, path)
	opened := make(chan *os.File)
	go func() { opened <- writeTo(t, path, "/AUX5\r\n") }()
	k.bytes(7)
	_ = (<-opened).Close()
	s.await(t, "it is there again")
	if s.count("renamed") != 1 {
		t.Errorf("said %q", s.all())
	}
}

// Without --follow a pipe ends with whoever writes to it, as it does for cat.
func TestPipeThatIsNotFollowed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "p1.fifo")
	makePipe(t, path)
	go func() { _ = writeTo(t, path, "/AUX5\r\n").Close() }()
	s := open(t, path, nil)
	got, err := readAll(t, path, s)
	if string(got) != "/AUX5\r\n" || err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", got, err)
	}
}
