package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"p1/pkg/fileio"

	"p1/pkg/record"
)

// clock is a time that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// noon is when most tests begin.
func noon() *clock { return &clock{time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

// words keeps what has been said.
type words []string

func (w *words) say(text string) { *w = append(*w, text) }

// disk is a directory of files on which there may be no room.
type disk struct {
	room  int64 // for bytes that are written, over all files; -1 for any
	syncs int
}

type diskFile struct {
	*os.File
	d *disk
}

func (d *disk) open(path string) (handle, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	return &diskFile{f, d}, err
}

// WriteAt writes what there is room for, as a full disk does.
func (f *diskFile) WriteAt(p []byte, at int64) (int, error) {
	if f.d.room < 0 || int64(len(p)) <= f.d.room {
		if f.d.room >= 0 {
			f.d.room -= int64(len(p))
		}
		return f.File.WriteAt(p, at)
	}
	n, err := f.File.WriteAt(p[:f.d.room], at)
	f.d.room = 0
	return n, errors.Join(err, syscall.ENOSPC)
}

func (f *diskFile) Sync() error { f.d.syncs++; return nil }

// newArchive is an archive on a disk, by a clock. Tests write much, and need not wait
// for the real disk.
func newArchive(o Options, c *clock, d *disk) *Archive {
	if d == nil {
		d = &disk{room: -1}
	}
	a := &Archive{o: o, now: c.now, open: d.open}
	a.begin()
	return a
}

// line is a live source.
type line struct {
	rng    *rand.Rand
	clock  *clock
	offset int64
}

func newLine(c *clock, seed uint64) *line {
	return &line{rng: rand.New(rand.NewPCG(seed, 7)), clock: c}
}

// chunk is a telegram that came just now.
func (l *line) chunk(end string) *record.Chunk {
	data := []byte(fmt.Sprintf("/TST5\r\n\r\n1-0:1.8.0(%06d.%03d*kWh)\r\n!", l.rng.IntN(1e6), l.rng.IntN(1000)))
	for range l.rng.IntN(300) {
		data = append(data, byte(l.rng.Uint32()))
	}
	c := &record.Chunk{
		Origin: record.Origin{Source: "tty", Session: "2026-11-22T12:00:00Z", Offset: l.offset},
		Live:   true, Time: l.clock.at.Format(time.RFC3339Nano), End: end, Data: data,
	}
	l.offset += int64(len(data))
	return c
}

// text is records as JSON lines.
func text(t testing.TB, records ...record.Record) string {
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
	return out.String()
}

// contents returns what can be read of a file, up to its last whole line, and what
// ends it.
func contents(t testing.TB, path string) (string, error) {
	t.Helper()
	in, err := fileio.Open(path, nil, fileio.Records)
	if err != nil {
		return "", err
	}
	defer in.Close()
	got, err := io.ReadAll(in)
	return string(got[:bytes.LastIndexByte(got, '\n')+1]), err
}

// replay returns the lines of all files of an archive, in the order of their names.
func replay(t testing.TB, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "p1-*"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range paths {
		got, _ := contents(t, path)
		all.WriteString(got)
	}
	return all.String()
}

func mustClose(t testing.TB, a *Archive) {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// What was written is there, whatever it is, over several runs on one day.
func TestArchiveHoldsTheRecords(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "new"), noon()
	l := newLine(c, 1)
	var want []record.Record
	for run := range 4 {
		a := newArchive(Options{Dir: dir, Sync: time.Minute}, c, nil)
		for range 50 * run { // in the first one, nothing comes
			r := record.Record(l.chunk(record.EndPause))
			if l.rng.IntN(10) == 0 {
				r = &record.Gap{Origin: r.Where(), Live: true, Why: record.GapUnplugged}
			}
			want = append(want, r)
			_ = a.Take(r)
			c.at = c.at.Add(time.Duration(l.rng.IntN(3000)) * time.Millisecond)
			_ = a.Expire()
		}
		mustClose(t, a)
	}
	got, err := contents(t, filepath.Join(dir, "p1-2026-11-22.jsonl.zst"))
	if err != nil || got != text(t, want...) {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(text(t, want...)))
	}
	if files, _ := list(dir); len(files) != 1 {
		t.Errorf("files: %v", files)
	}
}

// Every record is on disk before its first byte is two seconds old, and the disk
// itself is written to once a minute.
func TestFlushAndSync(t *testing.T) {
	dir, c, d := t.TempDir(), noon(), &disk{room: -1}
	a := newArchive(Options{Dir: dir, Sync: time.Minute}, c, d)
	if w := a.Wait(); w != 0 {
		t.Errorf("nothing was written, and it waits %v", w)
	}
	l := newLine(c, 2)
	var want []record.Record
	began := c.at
	for c.at.Sub(began) < 10*time.Minute {
		r := l.chunk(record.EndPause)
		arrived := c.at
		c.at = c.at.Add(time.Duration(l.rng.IntN(1400)) * time.Millisecond) // it grows
		_ = a.Take(r)
		want = append(want, r)
		for a.segment.pending > 0 {
			w := a.Wait()
			if w <= 0 {
				t.Fatal("it waits for ever")
			}
			c.at = c.at.Add(w)
			_ = a.Expire()
		}
		if late := c.at.Sub(arrived); late >= 2*time.Second {
			t.Fatalf("a record was flushed after %v", late)
		}
		if got := replay(t, dir); got != text(t, want...) {
			t.Fatalf("after a flush %d bytes can be read, want %d", len(got), len(text(t, want...)))
		}
		c.at = c.at.Add(7 * time.Second)
		_ = a.Expire()
	}
	if d.syncs < 8 || d.syncs > 11 {
		t.Errorf("%d syncs in ten minutes", d.syncs)
	}
	mustClose(t, a)
}

// A new day begins a new file, but not inside a telegram.
func TestNewDayAtAPause(t *testing.T) {
	c := noon()
	c.at = time.Date(2026, 11, 22, 23, 59, 58, 0, time.UTC)
	dir := t.TempDir()
	a := newArchive(Options{Dir: dir, Sync: time.Minute}, c, nil)
	l := newLine(c, 3)
	days := map[string][]record.Record{}
	for _, s := range []struct{ end, day string }{
		{record.EndPause, "22"}, {record.EndFull, "22"}, // 23:59:59
		{record.EndFull, "22"}, {record.EndFull, "22"}, {record.EndPause, "22"}, // its end
		{record.EndPause, "23"}, {record.EndFull, "23"}, {record.EndPause, "23"},
	} {
		r := l.chunk(s.end)
		_ = a.Take(r)
		days[s.day] = append(days[s.day], r)
		c.at = c.at.Add(time.Second)
	}
	mustClose(t, a)
	for day, want := range days {
		got, err := contents(t, filepath.Join(dir, "p1-2026-11-"+day+".jsonl.zst"))
		if err != nil || got != text(t, want...) {
			t.Errorf("%s: %q, %v\nwant %q", day, got, err, text(t, want...))
		}
	}
}

// A line that never pauses gets a new file in the end; a gap, or another stream, is
// as good as a pause.
func TestNewDayWithoutAPause(t *testing.T) {
	for name, next := range map[string]func(l *line) record.Record{
		"gap": func(l *line) record.Record {
			return &record.Gap{Origin: l.chunk("").Origin, Live: true, Why: record.GapUnplugged}
		},
		"session": func(l *line) record.Record {
			r := l.chunk(record.EndFull)
			r.Session = "later"
			return r
		},
		"late": func(l *line) record.Record {
			l.clock.at = l.clock.at.Add(patience)
			return l.chunk(record.EndFull)
		},
	} {
		c := noon()
		c.at = time.Date(2026, 11, 22, 23, 59, 59, 0, time.UTC)
		dir := t.TempDir()
		a := newArchive(Options{Dir: dir}, c, nil)
		l := newLine(c, 4)
		_ = a.Take(l.chunk(record.EndFull))
		c.at = c.at.Add(time.Minute)
		_ = a.Take(l.chunk(record.EndFull))
		r := next(l)
		if g, ok := r.(*record.Gap); ok {
			g.Time = c.at.Format(time.RFC3339Nano)
		}
		_ = a.Take(r)
		mustClose(t, a)
		if got, _ := contents(t, filepath.Join(dir, "p1-2026-11-23.jsonl.zst")); got != text(t, r) {
			t.Errorf("%s: %q\nwant %q", name, got, text(t, r))
		}
	}
}

// fill makes files of the archive's and others, of 1000 bytes each.
func fill(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, 1000), 0o666); err != nil {
			t.Fatal(err)
		}
		if m := named().FindStringSubmatch(name); m != nil {
			written(t, path, m[1])
		}
	}
}

// written sets when a file was written to last: at noon of a day.
func written(t *testing.T, path, day string) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at.Add(12*time.Hour), at.Add(12*time.Hour)); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if e.Name() != lockName {
			all = append(all, strings.TrimSuffix(strings.TrimPrefix(e.Name(), "p1-"), ".jsonl.zst"))
		}
	}
	return strings.Join(all, " ")
}

func TestOldFilesAreDeleted(t *testing.T) {
	mine := []string{
		"p1-2026-11-18.jsonl.zst", "p1-2026-11-18.part002.jsonl.zst", "p1-2026-11-19.jsonl.zst",
		"p1-2026-11-20.jsonl.zst", "p1-2026-11-21.jsonl.zst", "p1-2026-11-23.jsonl.zst",
	}
	others := []string{"notes", "p1-2026-11-01.jsonl.zst.bak", "p1-2026-11-1.jsonl.zst", "p1-x.jsonl.zst", "p2-2026-11-01.jsonl.zst"}
	const left = " 2026-11-01.jsonl.zst.bak 2026-11-1"
	for _, x := range []struct {
		o    Options
		want string
	}{
		{Options{}, "2026-11-18 2026-11-18.part002 2026-11-19 2026-11-20 2026-11-21 2026-11-22 2026-11-23"},
		// 12:00 on the 22nd: the 18th ended three days and a half ago, the 19th two and a half.
		{Options{Keep: 72 * time.Hour}, "2026-11-19 2026-11-20 2026-11-21 2026-11-22 2026-11-23"},
		// Two at a start, and no more.
		{Options{Keep: 48 * time.Hour}, "2026-11-19 2026-11-20 2026-11-21 2026-11-22 2026-11-23"},
		{Options{MaxSize: 5100}, "2026-11-18.part002 2026-11-19 2026-11-20 2026-11-21 2026-11-22 2026-11-23"},
		{Options{MaxSize: 3000}, "2026-11-19 2026-11-20 2026-11-21 2026-11-22 2026-11-23"},
	} {
		dir, c := t.TempDir(), noon()
		fill(t, dir, append(mine, others...)...)
		x.o.Dir = dir
		a := newArchive(x.o, c, nil)
		_ = a.Take(newLine(c, 5).chunk(record.EndPause))
		mustClose(t, a)
		got := strings.Fields(names(t, dir))
		var days []string
		kept := 0
		for _, n := range got {
			if named().MatchString("p1-" + n + ".jsonl.zst") {
				days = append(days, n)
			} else {
				kept++
			}
		}
		if strings.Join(days, " ") != x.want || kept != len(others) {
			t.Errorf("%+v: %v and %d others (%s)\nwant %s and %d", x.o, days, kept, left, x.want, len(others))
		}
	}
}

// However small an archive may be, two files go at a start and two at each new day, the
// oldest first, and never today's, nor one of tomorrow: whose clock is right?
func TestDeletedDayByDay(t *testing.T) {
	dir, c := t.TempDir(), noon()
	fill(t, dir, "p1-2026-11-15.jsonl.zst", "p1-2026-11-16.jsonl.zst", "p1-2026-11-17.jsonl.zst",
		"p1-2026-11-18.jsonl.zst", "p1-2026-11-19.jsonl.zst", "p1-2026-11-25.jsonl.zst")
	a := newArchive(Options{Dir: dir, MaxSize: 1}, c, nil)
	l := newLine(c, 5)
	for _, want := range []string{
		"2026-11-17 2026-11-18 2026-11-19 2026-11-22 2026-11-25",
		"2026-11-19 2026-11-22 2026-11-23 2026-11-25",
		"2026-11-23 2026-11-24 2026-11-25",
	} {
		a.Take(l.chunk(record.EndPause))
		if got := names(t, dir); got != want {
			t.Errorf("%s are left, want %s", got, want)
		}
		c.at = c.at.Add(24 * time.Hour)
	}
	mustClose(t, a)
}

// A clock that is wrong costs nothing: a file named by a clock of 1970 is as old as its
// last write, one written by such a clock as its name; and a clock of 2038 takes two
// files, not all.
func TestWrongClock(t *testing.T) {
	dir, c := t.TempDir(), noon()
	fill(t, dir, "p1-1970-01-01.jsonl.zst", "p1-2026-11-21.jsonl.zst", "p1-2026-11-20.jsonl.zst", "p1-2026-11-19.jsonl.zst")
	written(t, filepath.Join(dir, "p1-1970-01-01.jsonl.zst"), "2026-11-22")
	written(t, filepath.Join(dir, "p1-2026-11-21.jsonl.zst"), "1970-01-01")
	o := Options{Dir: dir, Keep: 400 * 24 * time.Hour}
	a := newArchive(o, c, nil)
	a.Take(newLine(c, 5).chunk(record.EndPause))
	mustClose(t, a)
	if got, want := names(t, dir), "1970-01-01 2026-11-19 2026-11-20 2026-11-21 2026-11-22"; got != want {
		t.Errorf("%s are left, want %s", got, want)
	}
	c.at = time.Date(2038, 1, 19, 3, 14, 7, 0, time.UTC)
	mustClose(t, newArchive(o, c, nil))
	if got, want := names(t, dir), "1970-01-01 2026-11-21 2026-11-22"; got != want {
		t.Errorf("%s are left, want %s", got, want)
	}
}

// Where the name of a day is taken, by a directory or by what another program wrote, the
// archive goes on in the next part, and what was there stays as it was.
func TestNameIsTaken(t *testing.T) {
	const name, second = "p1-2026-11-22.jsonl.zst", "p1-2026-11-22.part002.jsonl.zst"
	for what, take := range map[string]func(path string) error{
		"a directory":  func(path string) error { return os.Mkdir(path, 0o777) },
		"a text":       func(path string) error { return os.WriteFile(path, []byte("not an archive"), 0o666) },
		"a short text": func(path string) error { return os.WriteFile(path, []byte("abc"), 0o666) },
		"a link":       func(path string) error { return os.Symlink("elsewhere", path) },
		"compressed notes": func(path string) error {
			z, err := zstd.NewWriter(nil)
			if err != nil {
				return err
			}
			return os.WriteFile(path, z.EncodeAll([]byte("my own notes\n"), nil), 0o666)
		},
	} {
		dir, c := t.TempDir(), noon()
		if err := take(filepath.Join(dir, name)); err != nil {
			if what == "a link" {
				continue // a system without them
			}
			t.Fatal(err)
		}
		before, _ := os.ReadFile(filepath.Join(dir, name))
		a := newArchive(Options{Dir: dir}, c, nil)
		a.Take(newLine(c, 5).chunk(record.EndPause))
		mustClose(t, a)
		if after, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(after, before) {
			t.Errorf("%s is overwritten", what)
		}
		if _, err := os.Stat(filepath.Join(dir, "elsewhere")); err == nil {
			t.Errorf("%s is written through", what)
		}
		if info, err := os.Stat(filepath.Join(dir, second)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %s holds nothing: %v", what, second, err)
		}
	}
}

// A full disk costs what comes while it is full, and a gap record says so.
func TestFullDisk(t *testing.T) {
	for seed := range uint64(20) {
		dir, c := t.TempDir(), noon()
		d := &disk{room: int64(500 + 97*seed)}
		var said words
		a := newArchive(Options{Dir: dir, Sync: time.Minute, Say: said.say}, c, d)
		l := newLine(c, seed)
		all := map[int64]record.Record{}
		var last record.Record
		for i := range 200 {
			if i == 120 {
				d.room = -1
			}
			last = l.chunk(record.EndPause)
			all[last.Where().Offset] = last
			_ = a.Take(last)
			c.at = c.at.Add(1900 * time.Millisecond)
			_ = a.Expire()
		}
		mustClose(t, a)
		if len(said) != 2 || !strings.Contains(said[0], "no space left") || !strings.Contains(said[1], "goes on") {
			t.Errorf("seed %d: it said %q", seed, said)
		}
		checkHoles(t, dir, all, last, 1)
	}
}

// checkHoles reads an archive back: its records are those that were written, in
// their order, and where some are missing stands a gap record.
func checkHoles(t *testing.T, dir string, all map[int64]record.Record, last record.Record, most int) {
	t.Helper()
	r := record.NewReader("archive", strings.NewReader(replay(t, dir)))
	at, gaps, seen := int64(0), 0, 0
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		o := rec.Where()
		if g, ok := rec.(*record.Gap); ok {
			gaps++
			if o.Offset <= at || g.Why != record.GapOverrun || !g.Live || g.Session == "" {
				t.Errorf("after %d a gap %+v", at, g)
			}
			at = o.Offset
			continue
		}
		if o.Offset != at {
			t.Errorf("a record at %d, want %d", o.Offset, at)
		}
		if text(t, rec) != text(t, all[o.Offset]) {
			t.Errorf("at %d another record", o.Offset)
		}
		at = after(rec).Offset
		seen++
	}
	if gaps < 1 || gaps > most || at != after(last).Offset || seen < len(all)/3 || seen >= len(all) {
		t.Errorf("%d of %d records, %d gaps, up to %d of %d", seen, len(all), gaps, at, after(last).Offset)
	}
}

// What is missing at the end is not silent.
func TestFullDiskAtTheEnd(t *testing.T) {
	dir, c := t.TempDir(), noon()
	var said words
	a := newArchive(Options{Dir: dir, Say: said.say}, c, &disk{room: 10})
	_ = a.Take(newLine(c, 1).chunk(record.EndPause))
	if err := a.Close(); err == nil || len(said) != 1 {
		t.Errorf("%v, said %q", err, said)
	}
	if got := replay(t, dir); got != "" {
		t.Errorf("%q", got)
	}
}

// A small file system that is really full.
func TestFullTmpfs(t *testing.T) {
	dir := t.TempDir()
	if err := mountTmpfs(dir, "64k"); err != nil {
		t.Skipf("no tmpfs can be mounted here: %v", err)
	}
	defer func() {
		if err := unmount(dir); err != nil {
			t.Error(err)
		}
	}()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 32<<10), 0o666); err != nil {
		t.Fatal(err)
	}
	c := noon()
	var said words
	a := &Archive{o: Options{Dir: dir, Sync: time.Minute, Say: said.say}, now: c.now, open: openHandle}
	a.begin()
	l := newLine(c, 9)
	all := map[int64]record.Record{}
	var last record.Record
	for i := range 300 {
		if i == 200 {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		}
		last = l.chunk(record.EndPause)
		all[last.Where().Offset] = last
		_ = a.Take(last)
		c.at = c.at.Add(1900 * time.Millisecond)
		_ = a.Expire()
	}
	mustClose(t, a)
	if len(said) != 2 || !strings.Contains(said[0], "no space left") {
		t.Errorf("it said %q", said)
	}
	// What is small may fit where what is large did not.
	checkHoles(t, dir, all, last, 20)
}

// Two programs never append to one file; the second one waits for the first to end.
func TestLock(t *testing.T) {
	dir, c := t.TempDir(), noon()
	var said words
	first := newArchive(Options{Dir: dir}, c, nil)
	second := newArchive(Options{Dir: dir, Say: said.say}, c, nil)
	if len(said) != 1 || !strings.Contains(said[0], "another p1cat") {
		t.Errorf("it said %q", said)
	}
	l := newLine(c, 1)
	lost, kept := l.chunk(record.EndPause), l.chunk(record.EndPause)
	_ = second.Take(lost)
	mustClose(t, first)
	c.at = c.at.Add(retryAfter)
	_ = second.Take(kept)
	mustClose(t, second)
	gap := &record.Gap{Origin: kept.Origin, Live: true, Time: c.at.Format(time.RFC3339Nano), Why: record.GapOverrun}
	if got := replay(t, dir); got != text(t, gap, kept) {
		t.Errorf("%q\nwant %q", got, text(t, gap, kept))
	}
}

// An archive that somebody deletes while it is written begins anew.
func TestDeletedWhileWritten(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "kept"), noon()
	var said words
	a := newArchive(Options{Dir: dir, Sync: time.Minute, Say: said.say}, c, nil)
	l := newLine(c, 1)
	var last record.Record
	for i := range 200 {
		if i == 50 {
			if err := os.RemoveAll(dir); err != nil {
				t.Skip(err) // not here, while it is open
			}
		}
		last = l.chunk(record.EndPause)
		_ = a.Take(last)
		c.at = c.at.Add(1900 * time.Millisecond)
		_ = a.Expire()
	}
	mustClose(t, a)
	got := replay(t, dir)
	if !strings.HasSuffix(got, text(t, last)) || !strings.HasPrefix(got, `{"v":1,"type":"gap"`) || len(said) != 2 {
		t.Errorf("%d bytes, said %q", len(got), said)
	}
}

func TestUnusableDirectories(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, "file")
	for path, want := range map[string]string{
		filepath.Join(dir, "a", "b"): "make the directory first", filepath.Join(dir, "file"): "not a directory",
	} {
		var said words
		c := noon()
		a := newArchive(Options{Dir: path, Say: said.say}, c, nil)
		for range 3 {
			_ = a.Take(newLine(c, 1).chunk(record.EndPause))
			c.at = c.at.Add(time.Minute)
			_ = a.Expire()
		}
		if err := a.Close(); err == nil || len(said) != 1 || !strings.Contains(said[0], want) {
			t.Errorf("%s: %v, said %q", path, err, said)
		}
	}
}

func TestAgesAndSizes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"400d": 400 * 24 * time.Hour, "36h": 36 * time.Hour, "1d": 24 * time.Hour,
		"0d": 0, "-1d": 0, "d": 0, "": 0, "-1h": 0, "1.5d": 0, "99999999999d": 0, "400": 0,
	} {
		if got, err := ParseAge(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]int64{
		"2G": 2e9, "500M": 5e8, "100k": 1e5, "100K": 1e5, "1T": 1e12, "1234": 1234,
		"": 0, "0": 0, "-1G": 0, "G": 0, "2GB": 0, "1e9": 0, "99999999T": 0,
	} {
		if got, err := ParseSize(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
