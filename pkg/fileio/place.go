package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Place is where a name leads: a file, or the place of one that is not there yet.
type Place struct {
	info fs.FileInfo // nil where there is no file
	path string      // links followed; empty where it is not known
}

// PlaceOf returns where a name leads.
func PlaceOf(name string) Place {
	info, err := os.Stat(name)
	if err != nil {
		info = nil
	}
	path, err := Target(name)
	if err != nil {
		path = "" // links in a circle: nothing can be made there
	}
	return Place{info, path}
}

// PlaceOfOpen returns the place of what is open already, if it is a file.
func PlaceOfOpen(f any) Place {
	if f, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil {
			return Place{info: info}
		}
	}
	return Place{}
}

// Same reports whether two places are one. Those of devices, pipes and directories never
// are: what is written there destroys nothing that is read there.
func (p Place) Same(q Place) bool {
	if p.info != nil && q.info != nil {
		return keeps(p.info) && os.SameFile(p.info, q.info)
	}
	return p.info == nil && q.info == nil && p.path != "" && q.path != "" &&
		sameName(p.Base(), q.Base()) && sameDirectory(Directory(p.path), Directory(q.path))
}

// Empty reports whether a file is there, and nothing in it.
func (p Place) Empty() bool { return p.info != nil && keeps(p.info) && p.info.Size() == 0 }

// IsFile reports whether a file is there, in which what is written stays.
func (p Place) IsFile() bool { return p.info != nil && keeps(p.info) }

// Base is the name of the file in its directory, empty where that is not known.
func (p Place) Base() string {
	_, base := filepath.Split(p.path)
	return base
}

// keeps reports whether what is written to a file can be read there later.
func keeps(info fs.FileInfo) bool {
	return info.Mode()&(fs.ModeDir|fs.ModeNamedPipe|fs.ModeSocket|fs.ModeCharDevice) == 0
}

// sameName compares names of files that are not there, so that the system cannot be
// asked.
func sameName(a, b string) bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return strings.EqualFold(a, b)
	}
	return a == b
}

func sameDirectory(a, b string) bool {
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	if errOne == nil && errTwo == nil {
		return os.SameFile(one, two)
	}
	a, errOne = filepath.Abs(a)
	b, errTwo = filepath.Abs(b)
	return errOne == nil && errTwo == nil && a == b
}

// Target returns the file that a link leads to, whether or not there is one.
func Target(path string) (string, error) {
	const most = 40
	for range most {
		link, err := os.Readlink(path)
		if err != nil {
			return path, nil // it is none
		}
		if !filepath.IsAbs(link) {
			dir, _ := filepath.Split(path)
			link = dir + link // not cleaned: ".." leads to the parent of what a link leads to
		}
		path = link
	}
	return "", errors.New("is a link that leads nowhere")
}

// Directory is that of a file, with nothing cleaned away.
func Directory(path string) string {
	if dir, _ := filepath.Split(path); dir != "" {
		return dir
	}
	return "."
}
