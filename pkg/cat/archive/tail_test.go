package archive

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/record"
)

const todays = "p1-2026-11-22.jsonl.zst"

// someFile is a file of three streams, the second of which was cut off and mended.
// It returns the lines, and how long the file and the lines were after each flush.
func someFile(t testing.TB) (whole []byte, lines string, flushes [][2]int) {
	t.Helper()
	dir, c := t.TempDir(), noon()
	l := newLine(c, 11)
	path := filepath.Join(dir, todays)
	for run := range 3 {
		a := newArchive(Options{Dir: dir}, c, nil)
		for range 6 {
			for range 1 + l.rng.IntN(3) {
				r := l.chunk(record.EndPause)
				lines += text(t, r)
				_ = a.Take(r)
			}
			c.at = c.at.Add(2 * time.Second)
			_ = a.Expire()
			flushes = append(flushes, [2]int{int(a.segment.size), len(lines)})
		}
		if run == 1 { // killed
			_ = a.lock.Unlock()
			_ = a.segment.file.Close()
			continue
		}
		mustClose(t, a)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := contents(t, path); err != nil || got != lines {
		t.Fatalf("%d bytes of lines, %v, want %d", len(got), err, len(lines))
	}
	return whole, lines, flushes
}

// goOn archives one more record into a directory that holds a damaged file, and
// returns all lines and the record's.
func goOn(t testing.TB, damaged []byte) (all, added string) {
	t.Helper()
	dir, c := t.TempDir(), noon()
	if err := os.WriteFile(filepath.Join(dir, todays), damaged, 0o666); err != nil {
		t.Fatal(err)
	}
	r := newLine(c, 12).chunk(record.EndPause)
	a := newArchive(Options{Dir: dir, Say: func(text string) { t.Error(text) }}, c, nil)
	_ = a.Take(r)
	mustClose(t, a)
	return replay(t, dir), text(t, r)
}

// checkCut cuts a file off: what was flushed before can be read, and what is
// archived after it too.
func checkCut(t testing.TB, whole []byte, lines string, flushes [][2]int, at int) {
	t.Helper()
	least := 0
	for _, f := range flushes {
		if f[0] <= at {
			least = f[1]
		}
	}
	all, added := goOn(t, whole[:at])
	kept, ok := strings.CutSuffix(all, added)
	if !ok || !strings.HasPrefix(lines, kept) || len(kept) < least {
		t.Fatalf("cut at %d of %d: %d bytes of lines, want at least %d, and what is added: %v", at, len(whole), len(kept), least, ok)
	}
}

func TestEveryCutCanBeReadAndContinued(t *testing.T) {
	whole, lines, flushes := someFile(t)
	const step = 13 // the fuzz target takes all
	for at := 0; at <= len(whole); at += step {
		checkCut(t, whole, lines, flushes, at)
	}
	for _, f := range flushes { // where a killed program leaves it
		checkCut(t, whole, lines, flushes, f[0])
	}
}

// A power failure may leave zeros, or what was on the disk before.
func TestGarbageBehindTheEnd(t *testing.T) {
	whole, lines, flushes := someFile(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		f := flushes[rng.IntN(len(flushes))]
		garbage := make([]byte, rng.IntN(5000))
		if i%2 == 0 {
			for j := range garbage {
				garbage[j] = byte(rng.Uint32())
			}
		}
		all, added := goOn(t, append(bytes.Clone(whole[:f[0]]), garbage...))
		if !strings.HasPrefix(all, lines[:f[1]]) || !strings.HasSuffix(all, added) {
			t.Errorf("%d bytes of garbage after %d: %d bytes of lines", len(garbage), f[0], len(all))
		}
	}
}

// A block that ends inside a line is not continued: the next record would stand in
// that line.
func TestHalfALineIsNotContinued(t *testing.T) {
	_, lines, _ := someFile(t)
	var half bytes.Buffer
	z, err := zstd.NewWriter(&half, zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte(lines[:len(lines)-5]))
	_ = z.Flush()
	all, added := goOn(t, half.Bytes())
	if want := lines[:strings.LastIndexByte(lines[:len(lines)-5], '\n')+1] + added; all != want {
		t.Errorf("%d bytes, want %d", len(all), len(want))
	}
}

// Other programs' streams are gone on with where they can be, and left alone where
// they cannot.
func TestStreamsOfOthers(t *testing.T) {
	_, lines, _ := someFile(t)
	for name, o := range map[string][]zstd.EOption{
		"sum": {zstd.WithEncoderCRC(true)}, "no sum": {zstd.WithEncoderCRC(false)},
		"small": {zstd.WithSingleSegment(true)}, "best": {zstd.WithEncoderLevel(zstd.SpeedBestCompression)},
	} {
		z, err := zstd.NewWriter(nil, o...)
		if err != nil {
			t.Fatal(err)
		}
		packed := z.EncodeAll([]byte(lines), nil)
		all, added := goOn(t, packed)
		if all != lines+added {
			t.Errorf("%s: %d bytes, want %d", name, len(all), len(lines+added))
		}
		for _, n := range []int{1, 4, 5, 100} {
			if all, added := goOn(t, packed[:len(packed)-n]); !strings.HasSuffix(all, added) {
				t.Errorf("%s, cut off: what came after is not there", name)
			}
		}
	}
}

func FuzzCut(f *testing.F) {
	whole, lines, flushes := someFile(f)
	for _, at := range []int{0, 3, 8, len(whole) / 2, len(whole) - 1} {
		f.Add(at)
	}
	f.Fuzz(func(t *testing.T, at int) {
		if at < 0 || at > len(whole) {
			t.Skip()
		}
		checkCut(t, whole, lines, flushes, at)
	})
}

// Whatever a file holds, what is archived after it can be read.
func FuzzTail(f *testing.F) {
	whole, _, flushes := someFile(f)
	f.Add(whole)
	f.Add(whole[:flushes[3][0]])
	f.Add(append(bytes.Clone(whole[:flushes[3][0]]), make([]byte, 40)...))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x58\x03\x00\x00\x01\x00\x00"))
	f.Add([]byte("not compressed"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir, c := t.TempDir(), noon()
		if err := os.WriteFile(filepath.Join(dir, todays), data, 0o666); err != nil {
			t.Fatal(err)
		}
		a := newArchive(Options{Dir: dir}, c, nil)
		r := newLine(c, 12).chunk(record.EndPause)
		_ = a.Take(r)
		mustClose(t, a)
		now, err := os.ReadFile(filepath.Join(dir, todays))
		if err != nil {
			t.Fatal(err)
		}
		files, err := list(dir)
		if err != nil || len(files) > 2 {
			t.Fatalf("%v, %v", files, err)
		}
		if len(files) == 2 { // the first is as it was, and nothing is lost
			if !bytes.Equal(now, data) {
				t.Error("it was changed, although it is not continued")
			}
			if got, err := contents(t, files[1].path); err != nil || got != text(t, r) {
				t.Errorf("%q, %v", got, err)
			}
			return
		}
		if got, err := contents(t, files[0].path); err != nil || !strings.HasSuffix(got, text(t, r)) {
			t.Errorf("%d bytes of lines, %v", len(got), err)
		}
	})
}
