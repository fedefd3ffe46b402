package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
)

// halfway is a source of which that many bytes have been read.
type halfway int64

func (h halfway) Next(context.Context) (record.Record, error) { return nil, io.EOF }
func (h halfway) Ready() bool                                 { return true }
func (h halfway) Progress() (int64, int64)                    { return int64(h), -1 }
func (h halfway) Close() error                                { return nil }

func TestProgressLine(t *testing.T) {
	const mega = 1_000_000
	for _, c := range []struct {
		name     string
		n, total int64
		elapsed  time.Duration
		want     string
	}{
		{"a quarter", 50 * mega, 200 * mega, 10 * time.Second, "50.0 of 200.0 MB (25 %), 5.0 MB/s, 30s left"},
		{"a third", mega, 3 * mega, 1500 * time.Millisecond, "1.0 of 3.0 MB (33 %), 0.7 MB/s, 3s left"},
		{"seconds are rounded", 100 * mega, 114 * mega, 10 * time.Second, "100.0 of 114.0 MB (87 %), 10.0 MB/s, 1s left"},
		{"hours", mega, 7201 * mega, time.Second, "1.0 of 7201.0 MB (0 %), 1.0 MB/s, 2h0m0s left"},
		{"the end", 100 * mega, 100 * mega, 4 * time.Second, "100.0 of 100.0 MB (100 %), 25.0 MB/s, 0s left"},
		{"nothing yet", 0, 100 * mega, 2 * time.Second, "0.0 of 100.0 MB (0 %), 0.0 MB/s, ? left"},
		{"hardly anything yet", 1, 100_000 * mega, time.Second, "0.0 of 100000.0 MB (0 %), 0.0 MB/s, ? left"},
		{"a file that grows", 12 * mega, 10 * mega, 4 * time.Second, "12.0 of 12.0 MB (100 %), 3.0 MB/s, 0s left"},
	} {
		if got := progressLine(c.n, c.total, c.elapsed); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestProgressIsForTerminals(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "errors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range []*progress{newProgress(f, nil), newProgress(&bytes.Buffer{}, nil)} {
		if p.w != nil {
			t.Error("it would be shown")
		}
		p.total = 100
		p.show(halfway(50), false)
		p.clear()
	}
	if info, err := f.Stat(); err != nil || info.Size() > 0 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestProgressIsShownAndRemoved(t *testing.T) {
	var out bytes.Buffer
	s := halfway(20_000_000)
	begin := time.Now().Add(-time.Hour)
	p := &progress{w: &out, total: 80_000_000, start: begin, last: begin}
	p.show(s, true)
	p.show(s, false)
	// The machine may take its time, so the speed and what follows are not known.
	const want = "\r40.0 of 80.0 MB (50 %), 0.0 MB/s, "
	if got := out.String(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " left") {
		t.Errorf("%q, want %q", got, want)
	}
	p.last = time.Now().Add(time.Minute)
	shown := out.Len()
	p.show(s, false)
	if out.Len() != shown {
		t.Errorf("shown again too soon: %q", out.String()[shown:])
	}
	p.clear()
	p.clear()
	if got := seen(t, out.String()); strings.TrimRight(got, " ") != "" {
		t.Errorf("removed, and there stands %q", got)
	}
	if got := out.String(); got[len(got)-1] != '\r' {
		t.Errorf("what is said next does not begin at the left: %q", got)
	}
}

// TestProgressCoversWhatStoodThere: a line that is shorter than the one before leaves
// nothing of it, on a console that knows no escape sequences.
func TestProgressCoversWhatStoodThere(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, total: 9_000_000_000, start: time.Now().Add(-time.Hour)}
	p.show(halfway(100_000_000), false) // days are left
	long := len(seen(t, out.String()))
	p.last = time.Time{}
	p.show(halfway(9_000_000_000), false)
	got := seen(t, out.String())
	if text := strings.TrimRight(got, " "); !strings.HasPrefix(text, "9000.0 of 9000.0 MB (100 %), ") || !strings.HasSuffix(text, ", 0s left") || len(text) >= long {
		t.Errorf("there stands %q, after %d characters", got, long)
	}
}

// seen is what stands on a line of a console that knows the carriage return alone.
func seen(t *testing.T, text string) string {
	t.Helper()
	var line []byte
	at := 0
	for _, c := range []byte(text) {
		switch {
		case c == '\r':
			at = 0
		case c < ' ' || c > '~':
			t.Fatalf("%q has a control character", text)
		case at == len(line):
			line = append(line, c)
			at++
		default:
			line[at] = c
			at++
		}
	}
	return string(line)
}

func TestShortRunsShowNothing(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, total: 100, start: time.Now().Add(time.Minute), last: time.Now().Add(-time.Hour)}
	p.show(halfway(50), false)
	p.clear()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
}
