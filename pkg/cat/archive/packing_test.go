package archive

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/fileio"
	"p1/pkg/record"
)

func noPause() error { return nil }

// grown writes the file of a day as the archive does, a block every two telegrams, and returns
// the lines.
func grown(t testing.TB, path string, telegrams int, seed uint64, whole bool) string {
	t.Helper()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	must(t, err)
	z, err := zstd.NewWriter(out, zstd.WithEncoderCRC(false), zstd.WithWindowSize(256<<10), zstd.WithEncoderConcurrency(1))
	must(t, err)
	c := noon()
	l, all := newLine(c, seed), ""
	for i := range telegrams {
		line := text(t, l.chunk(record.EndPause))
		c.at = c.at.Add(time.Second)
		all += line
		_, err := io.WriteString(z, line)
		if i%2 == 1 {
			err = errors.Join(err, z.Flush())
		}
		must(t, err)
	}
	must(t, z.Flush())
	if whole {
		must(t, z.Close())
	}
	must(t, out.Close())
	return all
}

// quickPacker packs less well than the archive does.
func quickPacker(t testing.TB) *packer {
	t.Helper()
	from, err := decoder(nil)
	must(t, err)
	to, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	must(t, err)
	return &packer{to, from}
}

// oneStream checks that a file is a single stream with a checksum.
func oneStream(t testing.TB, path string) { oneStreamAnd(t, path, "") }

// oneStreamAnd checks that a file is a single stream with a checksum, and what stands behind it.
func oneStreamAnd(t testing.TB, path, behind string) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	if got, err := oneFrame(bytes.NewReader(data), 0); err != nil || !got.whole || !got.sum || string(data[got.end:]) != behind {
		t.Errorf("%s: %+v, %v, want one stream, and %q behind it, in %d bytes", path, got, err, behind, len(data))
	}
}

// readAs is what readers get of a file, in which they may find no end.
func readAs(t testing.TB, path string) (text string, err error) {
	t.Helper()
	in, err := fileio.Open(path, nil, fileio.Records)
	if err != nil {
		return "", err
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	return string(data), err
}

// A day that was cut off anywhere, between blocks, in one, or in a line that goes on in the next one,
// is packed with all that could be read of it, and readers find no end in it as before; where it was cut
// between two streams there is nothing to find.
func TestCutDaysArePacked(t *testing.T) {
	whole, _, flushes := someFile(t)
	var at []int
	for i, f := range flushes {
		at = append(at, f[0]+[]int{0, 1, 5, 7}[i%4])
	}
	for i := range 30 {
		at = append(at, len(whole)*(i+1)/31)
	}
	dir := t.TempDir()
	type reading struct {
		text string
		err  error
	}
	was := map[string]reading{}
	keep := func(data []byte) {
		path := filepath.Join(dir, fileName(time.Date(2026, 1, 1+len(was), 0, 0, 0, 0, time.UTC).Format(time.DateOnly), 1))
		must(t, os.WriteFile(path, data, 0o600))
		text, err := readAs(t, path)
		was[path] = reading{text, err}
	}
	for _, at := range at {
		keep(whole[:min(at, len(whole))])
		keep(append(bytes.Clone(whole[:min(at, len(whole))]), make([]byte, at%4096)...)) // as a power failure may leave it
	}
	large := bytes.Repeat([]byte(`{"v":1,"type":"gap"}`+"\n"), 20000) // blocks of 128 KiB end in a line
	var blocks bytes.Buffer
	z, err := zstd.NewWriter(&blocks, zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1))
	must(t, err)
	_, err = z.Write(large)
	must(t, errors.Join(err, z.Flush()))
	keep(blocks.Bytes()[:blocks.Len()-20])
	var said told
	o := Options{Dir: dir, Pack: true, FinishAll: true, Say: said.say}
	mustClose(t, newArchive(o, func() *clock { c := noon(); c.at = c.at.AddDate(5, 0, 0); return c }(), nil))
	words := strings.Join(said.words(), "\n")
	cut, lines, kept := 0, 0, 0
	for path, before := range was {
		text, err := readAs(t, path)
		if text != before.text || (err == nil) != (before.err == nil) || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err.Error() != before.err.Error() {
			t.Errorf("%s: %d bytes of text, %v, before %d, %v", path, len(text), err, len(before.text), before.err)
		}
		told := strings.Count(words, path+": ")
		switch {
		case before.err == nil:
			oneStream(t, path)
		case isPacked(path):
			cut++
			oneStreamAnd(t, path, cutMark)
			if !strings.HasSuffix(text, "\n") {
				lines++
			}
		default:
			kept++
		}
		if (told == 1) != (before.err != nil) {
			t.Errorf("%s: told %d times, %v", path, told, before.err)
		}
	}
	t.Logf("%d days: %d cut off, %d of them in a line, %d not packed", len(was), cut, lines, kept)
	if cut < 50 || lines == 0 {
		t.Error("this shows nothing")
	}
	said = told{}
	mustClose(t, newArchive(o, noon(), nil))
	if w := said.words(); len(w) > kept {
		t.Errorf("the next start says %q", w)
	}
}

// Finished days are packed at the start, whether they were cut off or not, and hold the same
// records, have the same time and mode; today's is left alone; and nothing is packed again.
func TestDaysArePacked(t *testing.T) {
	dir := t.TempDir()
	cut, two, part := filepath.Join(dir, "p1-2026-11-19.jsonl.zst"), filepath.Join(dir, "p1-2026-11-20.jsonl.zst"), filepath.Join(dir, "p1-2026-11-20.part002.jsonl.zst")
	want := grown(t, cut, 60, 1, false)
	must(t, os.WriteFile(cut+".tmp", []byte("half"), 0o600))
	want += grown(t, two, 30, 2, true) + grown(t, two, 30, 3, true) + grown(t, part, 30, 4, true)
	want += grown(t, filepath.Join(dir, todays), 9, 5, true)
	was := map[string]os.FileInfo{}
	for _, path := range []string{cut, two, part} {
		at := time.Date(2026, 11, 21, 0, 0, 1, 0, time.UTC)
		must(t, os.Chmod(path, 0o640))
		must(t, os.Chtimes(path, at, at))
		info, err := os.Stat(path)
		must(t, err)
		was[path] = info
	}
	if got, err := fileio.Expand([]string{filepath.Join(dir, "p1-*")}); err != nil || len(got) != 4 {
		t.Errorf("readers find %q, %v", got, err)
	}
	today, err := os.ReadFile(filepath.Join(dir, todays))
	must(t, err)
	for run := range 2 {
		var said told
		mustClose(t, newArchive(Options{Dir: dir, Pack: true, FinishAll: true, Say: said.say}, noon(), nil))
		if w := said.words(); run == 0 && (len(w) != 2 || !strings.Contains(w[0], cut+": it ends in the middle") || !strings.HasSuffix(w[1], ": files packed now: 3")) || run == 1 && len(w) > 0 {
			t.Errorf("run %d says %q", run, w)
		}
		if got := names(t, dir); got != "2026-11-19 2026-11-20 2026-11-20.part002 2026-11-22" {
			t.Errorf("there are %s", got)
		}
		if got := replay(t, dir); got != want {
			t.Fatalf("%d bytes of lines, want %d", len(got), len(want))
		}
		for path, old := range was {
			oneStreamAnd(t, path, map[bool]string{path == cut: cutMark}[true])
			now, err := os.Stat(path)
			must(t, err)
			if now.Size() >= old.Size() && !os.SameFile(now, old) || run == 1 && !os.SameFile(now, old) || !now.ModTime().Equal(old.ModTime()) || runtime.GOOS != "windows" && now.Mode().Perm() != 0o640 {
				t.Errorf("%s: %d bytes of %v, %v, before %d", path, now.Size(), now.ModTime(), now.Mode(), old.Size())
			}
			was[path] = now
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, todays)); err != nil || !bytes.Equal(got, today) {
		t.Errorf("today's file has changed, %v", err)
	}
}

// A packed file is not written to again: a day that comes back goes on in its next part.
func TestPackedDayComesBack(t *testing.T) {
	dir, c := t.TempDir(), noon()
	want := grown(t, filepath.Join(dir, "p1-2026-11-21.jsonl.zst"), 30, 1, true)
	mustClose(t, newArchive(Options{Dir: dir, Pack: true, FinishAll: true}, c, nil))
	packed, err := os.Stat(filepath.Join(dir, "p1-2026-11-21.jsonl.zst"))
	must(t, err)
	c.at = c.at.AddDate(0, 0, -1)
	r := chunkAt(c.at, 0)
	a := newArchive(Options{Dir: dir, Pack: true, FinishAll: true}, c, nil)
	_ = a.Take(r)
	mustClose(t, a)
	mustClose(t, newArchive(Options{Dir: dir, Pack: true, FinishAll: true}, noon(), nil))
	if got := names(t, dir); got != "2026-11-21 2026-11-21.part002" || replay(t, dir) != want+text(t, r) {
		t.Errorf("there are %s", got)
	}
	oneStream(t, filepath.Join(dir, "p1-2026-11-21.part002.jsonl.zst"))
	if now, err := os.Stat(filepath.Join(dir, "p1-2026-11-21.jsonl.zst")); err != nil || !os.SameFile(now, packed) {
		t.Errorf("it was packed again, %v", err)
	}
}

// Ended before any of its steps, the day is whole under its name, and only there; the next start
// finishes.
func TestPackingEndedAtEachStep(t *testing.T) {
	type ended struct{}
	var steps []string
	run := func(path, last string) {
		was, err := os.Lstat(path)
		must(t, err)
		p := quickPacker(t)
		defer func() {
			if r := recover(); r != nil && r != any(ended{}) {
				t.Fatal(r)
			}
		}()
		must(t, (&packing{packer: p, path: path, was: was, pause: noPause, step: func(s string) {
			if steps = append(steps, s); s == last {
				panic(ended{})
			}
		}}).do())
	}
	path := filepath.Join(t.TempDir(), "p1-2026-11-20.jsonl.zst")
	grown(t, path, 60, 1, true)
	run(path, "")
	all := append([]string(nil), steps...)
	if got := strings.Join(all, ", "); got != "write, sync, read back, rename, sync the folder" {
		t.Fatalf("the steps are %s", got)
	}
	for _, last := range all {
		dir := t.TempDir()
		path := filepath.Join(dir, "p1-2026-11-20.jsonl.zst")
		want := grown(t, path, 60, 1, true)
		run(path, last)
		found, err := fileio.Expand([]string{filepath.Join(dir, "p1-*")})
		must(t, err)
		if got, err := contents(t, path); err != nil || got != want || len(found) != 1 {
			t.Errorf("ended before %s: %d bytes of lines of %d, %v; readers find %q", last, len(got), len(want), err, found)
		}
		mustClose(t, newArchive(Options{Dir: dir, Pack: true, FinishAll: true, Say: func(text string) {
			if !strings.HasSuffix(text, ": files packed now: 1") {
				t.Error(text)
			}
		}}, noon(), nil))
		if got := names(t, dir); got != "2026-11-20" || replay(t, dir) != want {
			t.Errorf("ended before %s, and finished: there are %s", last, got)
		}
		oneStream(t, path)
	}
}

// What is read back is compared: with any byte that the disk has changed the day stays as it was.
func TestPackedIsReadBack(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p1-2026-11-20.jsonl.zst")
	want := grown(t, path, 60, 1, true)
	was, err := os.Lstat(path)
	must(t, err)
	p := quickPacker(t)
	rng := rand.New(rand.NewPCG(3, 3))
	for range 40 {
		err := (&packing{packer: p, path: path, was: was, pause: noPause, step: func(s string) {
			if s != "read back" {
				return
			}
			f, err := os.OpenFile(path+".tmp", os.O_RDWR, 0)
			must(t, err)
			defer f.Close()
			info, err := f.Stat()
			must(t, err)
			at, b := rng.Int64N(info.Size()), []byte{0}
			_, err = f.ReadAt(b, at)
			must(t, err)
			b[0] ^= 1 << rng.IntN(8)
			_, err = f.WriteAt(b, at)
			must(t, err)
		}}).do()
		if !errors.Is(err, errReadBack) {
			// A bit that stands for the window's size, or for nothing, changes no text.
			if got, _ := contents(t, path); err != nil || got != want {
				t.Fatalf("%v, %d bytes of lines of %d", err, len(got), len(want))
			}
			must(t, os.Remove(path))
			grown(t, path, 60, 1, true)
			was, err = os.Lstat(path)
			must(t, err)
			continue
		}
		if got, err := contents(t, path); got != want || names(t, dir) != "2026-11-20" {
			t.Fatalf("%d bytes of lines of %d, %v; there are %s", len(got), len(want), err, names(t, dir))
		}
	}
	// Nor is what has been written to meanwhile replaced.
	err = (&packing{packer: p, path: path, was: was, pause: noPause, step: func(s string) {
		if s == "rename" {
			want += grown(t, path, 1, 2, true)
		}
	}}).do()
	if got, _ := contents(t, path); !errors.Is(err, errChanged) || got != want || names(t, dir) != "2026-11-20" {
		t.Errorf("%v, %d bytes of lines of %d; there are %s", err, len(got), len(want), names(t, dir))
	}
}

// What cannot be read to its end, what holds no records, what is a link, and what is sealed already stay byte for
// byte as they are. What cannot be packed is said.
func TestNotPacked(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	grown(t, whole, 60, 1, true)
	data, err := os.ReadFile(whole)
	must(t, err)
	damaged := bytes.Clone(data)
	damaged[len(damaged)/2] ^= 0x55
	z, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false))
	must(t, err)
	want := map[string][]byte{
		"p1-2026-11-11.jsonl.zst": damaged, "p1-2026-11-12.jsonl.zst": append(bytes.Clone(data), "garbage"...),
		"p1-2026-11-13.jsonl.zst": z.EncodeAll([]byte("time,meter\n"), nil),
		"p1-2026-11-15.jsonl.zst": nil, "p1-2026-11-16.jsonl.zst": data, "p1-2026-11-16.jsonl.zst.age": []byte("sealed"),
		"p1-2026-11-17.jsonl.zst": []byte("(\xB5/"), "p1-2026-11-18.txt": data,
	}
	for name, data := range want {
		must(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	if err := os.Symlink(whole, filepath.Join(dir, "p1-2026-11-19.jsonl.zst")); err == nil {
		want["p1-2026-11-19.jsonl.zst"] = data
	}
	var said told
	mustClose(t, newArchive(Options{Dir: dir, Pack: true, FinishAll: true, Say: said.say}, noon(), nil))
	const unread, foreign = "it is not packed, and stays as it is: it cannot be read to its end", "it is not packed, and stays as it is: what it holds are no records of this archive"
	var say []string
	for _, file := range [][2]string{{"11", unread}, {"12", unread}, {"13", foreign}, {"17", unread}} {
		say = append(say, "archive: "+filepath.Join(dir, "p1-2026-11-"+file[0]+".jsonl.zst")+": "+file[1])
	}
	if got := said.words(); !slices.Equal(got, say) {
		t.Errorf("it said %q, want %q", got, say)
	}
	for name, data := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(data))
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != len(want)+2 { // whole, and the lock
		t.Errorf("there are %d files", len(entries))
	}
}

// A day is packed, and then sealed; one that was about to be sealed is sealed as it is.
func TestPackedThenSealed(t *testing.T) {
	dir, k := t.TempDir(), newKey(t)
	half := filepath.Join(dir, "p1-2026-11-19.jsonl.zst")
	want := grown(t, half, 60, 1, true)
	data, err := os.ReadFile(half)
	must(t, err)
	must(t, k.seal(half, noPause))
	must(t, os.WriteFile(half, data, 0o600)) // the program was killed before it removed it
	want += grown(t, filepath.Join(dir, "p1-2026-11-20.jsonl.zst"), 60, 2, true)
	var said words
	mustClose(t, newArchive(Options{Dir: dir, Pack: true, Seal: k.seal, FinishAll: true, Say: said.say}, noon(), nil))
	if len(said) != 1 || !strings.HasSuffix(said[0], ": files sealed now: 2; in all: 2") {
		t.Errorf("it said %q", said)
	}
	if got := names(t, dir); got != "2026-11-19.jsonl.zst.age 2026-11-20.jsonl.zst.age" || unsealed(t, dir, k) != want {
		t.Errorf("there are %s", got)
	}
	sealed, err := os.Open(filepath.Join(dir, "p1-2026-11-20.jsonl.zst.age"))
	must(t, err)
	defer sealed.Close()
	plain, err := k.open(sealed)
	must(t, err)
	opened := filepath.Join(t.TempDir(), "opened")
	data, err = io.ReadAll(plain)
	must(t, errors.Join(err, os.WriteFile(opened, data, 0o600)))
	oneStream(t, opened)
}

// A disk that is really full while days are packed keeps every day readable; when there is room,
// they are packed. Sealing is tried all the same.
func TestPackingOnFullTmpfs(t *testing.T) {
	dir := t.TempDir()
	if err := mountTmpfs(dir, "512k"); err != nil {
		t.Skipf("no tmpfs can be mounted here: %v", err)
	}
	defer func() { must(t, unmount(dir)) }()
	want := ""
	for i, name := range []string{"p1-2026-11-10", "p1-2026-11-11", "p1-2026-11-12"} {
		want += grown(t, filepath.Join(dir, name+".jsonl.zst"), 200, uint64(i), true)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte{1}, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	var said told
	asked := 0
	o := Options{Dir: dir, Pack: true, FinishAll: true, Say: said.say, Seal: func(string, func() error) error { asked++; return nil }}
	mustClose(t, newArchive(o, noon(), nil))
	if w := said.words(); len(w) != 2 || !strings.Contains(w[0], "it stays as large as it is") || !strings.Contains(w[0], "no space left") || asked != 3 {
		t.Errorf("it said %q, and asked %d times to seal", w, asked)
	}
	if got := names(t, dir); got != "ballast 2026-11-10 2026-11-11 2026-11-12" || !strings.HasSuffix(replay(t, dir), want) {
		t.Errorf("on the full disk there are %s", got)
	}
	must(t, os.Remove(ballast))
	mustClose(t, newArchive(o, noon(), nil))
	if replay(t, dir) != want {
		t.Error("with room, it holds something else")
	}
	for _, name := range strings.Fields(names(t, dir)) {
		oneStream(t, filepath.Join(dir, "p1-"+name+".jsonl.zst"))
	}
}
