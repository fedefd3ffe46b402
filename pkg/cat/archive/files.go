package archive

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fileName is the name of a day's file. Every shell sorts the second part after the
// first: letters stand after the dot, and part after jsonl.
func fileName(day string, part int) string {
	if part > 1 {
		return fmt.Sprintf("p1-%s.part%03d.jsonl.zst", day, part)
	}
	return "p1-" + day + ".jsonl.zst"
}

var named = regexp.MustCompile(`^p1-(\d{4}-\d\d-\d\d)(?:\.part(\d{3,9}))?\.jsonl\.zst$`)

// daily is one of the archive's.
type daily struct {
	path string
	day  string
	part int
	size int64
}

// list returns the files of an archive in the order of their records. Whatever else
// is in the directory is not ours.
func list(dir string) ([]daily, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []daily
	for _, e := range entries {
		m := named.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		part := 1
		if m[2] != "" {
			part, _ = strconv.Atoi(m[2]) // digits, and not too many
		}
		files = append(files, daily{filepath.Join(dir, e.Name()), m[1], part, info.Size()})
	}
	slices.SortFunc(files, func(a, b daily) int {
		if c := strings.Compare(a.day, b.day); c != 0 {
			return c
		}
		return a.part - b.part
	})
	return files, nil
}

// tidy deletes files that are too old, and the oldest ones while all of them are too
// large; but never one of the day that is written. What cannot be deleted now may be
// the next time.
func (a *Archive) tidy() {
	if a.o.Keep <= 0 && a.o.MaxSize <= 0 {
		return
	}
	files, err := list(a.o.Dir)
	if err != nil {
		return
	}
	total := int64(0)
	for _, f := range files {
		total += f.size
	}
	today := a.now().UTC().Format(time.DateOnly)
	for _, f := range files {
		if f.day >= today || a.segment != nil && f.day == a.segment.day {
			continue
		}
		if a.o.Keep > 0 && a.age(f) > a.o.Keep || a.o.MaxSize > 0 && total > a.o.MaxSize {
			if os.Remove(f.path) == nil {
				total -= f.size
			}
		}
	}
}

// age is how old the last record of a file can be at least.
func (a *Archive) age(f daily) time.Duration {
	day, err := time.Parse(time.DateOnly, f.day)
	if err != nil {
		return 0
	}
	return a.now().Sub(day.AddDate(0, 0, 1))
}

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
