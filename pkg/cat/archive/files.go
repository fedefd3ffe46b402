package archive

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"p1/pkg/fileio"
)

// fileName is the name of a day's file. Every shell sorts the second part after the
// first: letters stand after the dot, and part after jsonl.
func fileName(day string, part int) string {
	if part > 1 {
		return fmt.Sprintf("p1-%s.part%03d.jsonl.zst", day, part)
	}
	return "p1-" + day + ".jsonl.zst"
}

var named = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^p1-(\d{4}-\d\d-\d\d)(?:\.part(\d{3,9}))?\.jsonl\.zst(\.age)?$`)
})

// Named reports whether a file of that name in an archive's directory is the archive's,
// which may go on in it, or delete it.
func Named(name string) bool { return named().MatchString(name) }

// daily is one of the archive's.
type daily struct {
	path string
	day  string
	part int
	size int64
	last time.Time // the end of its day, or when it was last written to if that was later
	ours bool      // a regular file: we may go on in it, or delete it

	sealed bool // nobody here can go on in it
}

// list returns what has a name of the archive's, in the order of the records. Whatever
// else is in the directory is not ours.
func list(dir string) ([]daily, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []daily
	for _, e := range entries {
		m := named().FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if _, err := time.Parse(time.DateOnly, m[1]); err != nil {
			continue // no day has that name
		}
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		part := 1
		if m[2] != "" {
			part, _ = strconv.Atoi(m[2]) // digits, and not too many
		}
		files = append(files, daily{
			path: filepath.Join(dir, e.Name()), day: m[1], part: part, size: info.Size(),
			last: lastWritten(m[1], info.ModTime()), ours: e.Type().IsRegular(), sealed: m[3] != "",
		})
	}
	slices.SortFunc(files, func(a, b daily) int {
		if c := strings.Compare(a.day, b.day); c != 0 {
			return c
		}
		if a.part != b.part || a.sealed == b.sealed {
			return a.part - b.part
		}
		if a.sealed { // of a day in both forms the plain one can be read by everybody
			return -1
		}
		return 1
	})
	return files, nil
}

// lastWritten is the end of a day, or the time of the last write if that was later: a
// clock that was wrong when the file was named, or when it was written, makes no file
// old.
func lastWritten(day string, written time.Time) time.Time {
	named, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return written
	}
	return latest(named.AddDate(0, 0, 1), written)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// deletions is how many files may go at a start, and each time that a day begins: a
// clock that is wrong for a moment must not empty the archive, and an archive that grows
// by a file a day needs no more.
const deletions = 2

// tidy deletes files that are too old, and the oldest ones while all of them are too
// large; but never one of the day that is written. What cannot be deleted now may be
// the next time.
func (a *Archive) tidy() {
	if a.deletions == 0 || a.o.Keep <= 0 && a.o.MaxSize <= 0 {
		return
	}
	a.finisher.apart(a.deleteOld)
}

// deleteOld leaves alone the file that is being packed or sealed, and then whatever is newer: how
// large that file becomes is not known yet, nor in which of its two forms it will stay.
func (a *Archive) deleteOld(busy string) {
	files, err := list(a.o.Dir)
	if err != nil {
		return
	}
	a.waiting = false
	total := int64(0)
	for i, f := range files {
		total += f.size
		if i > 0 && f.plain() == files[i-1].plain() { // both forms of a day are as old as the newer one
			files[i].last = latest(f.last, files[i-1].last)
			files[i-1].last = files[i].last
		}
	}
	slices.SortStableFunc(files, func(a, b daily) int { return a.last.Compare(b.last) })
	now := a.now()
	today := now.UTC().Format(time.DateOnly)
	for _, f := range files {
		old := a.o.Keep > 0 && now.Sub(f.last) > a.o.Keep || a.o.MaxSize > 0 && total > a.o.MaxSize
		switch {
		case a.deletions == 0:
			return
		case old && busy != "" && f.plain() == busy:
			a.waiting = true
			return
		case !old || !f.ours || f.day >= today || a.segment != nil && f.day == a.segment.day:
			continue
		}
		if os.Remove(f.path) == nil {
			total -= f.size
			a.deletions--
			_ = fileio.RemoveIndex(f.path)
		}
	}
}

// tidyIndexes removes the indexes of days that are no longer there, or no longer plain.
func tidyIndexes(dir string) error {
	err := fileio.TidyIndexes(filepath.Join(dir, fileio.IndexFolder), dir)
	if err != nil {
		err = fmt.Errorf("there may be an index of it: %w", err)
	}
	return err
}

// plain is the path of the file, or of what it was made of.
func (f daily) plain() string { return strings.TrimSuffix(f.path, fileio.SealSuffix) }

// ParseAge reads how long files are kept: 400d, or what time.ParseDuration takes.
func ParseAge(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q is no age: want 400d or 36h", text)
}

// ParseSize reads a size: 2G, 500M, 100k or bytes. The letters are powers of a
// thousand, as on the packages of cards and disks.
func ParseSize(text string) (int64, error) {
	number, scale := text, int64(1)
	for i, letter := range "kMGT" {
		if n, ok := strings.CutSuffix(strings.Replace(text, "K", "k", 1), string(letter)); ok {
			number = n
			for range i + 1 {
				scale *= 1000
			}
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > 1<<62/scale {
		return 0, fmt.Errorf("%q is no size: want 2G, 500M or a number of bytes", text)
	}
	return n * scale, nil
}
