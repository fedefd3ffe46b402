package index

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Joined are files that tell of the same time, as one: of what they both have each telegram
// counts once. Its index is never kept beside them.
func Joined(files []File) File {
	f := File{parts: slices.Clone(files), secret: true}
	names := sha256.New()
	for _, part := range files {
		fmt.Fprintf(names, "%s %d %d\n", part.key.Name, part.key.Size, part.key.Mtime.UnixNano())
		f.key.Size += part.key.Size
		if part.key.Mtime.After(f.key.Mtime) {
			f.key.Mtime = part.key.Mtime
		}
	}
	first := files[0].key
	f.key.Version, f.key.Zone, f.key.Keyed, f.key.Name = first.Version, first.Zone, first.Keyed, hex.EncodeToString(names.Sum(nil))
	return f
}

// Name tells files that are joined from others, and from what they were earlier.
func (f File) Name() string { return f.key.Name }

const (
	// maxJoined is how many files the name of a kept index has.
	maxJoined = 12
	// joinedPrefix is what the name of the index of joined files begins with.
	joinedPrefix = "joined-"
	joinedSuffix = ".jsonl"
)

// id is a name for a file that no other has: that of its path, or of all that it joins.
func (f File) id() string {
	if f.parts == nil {
		return idOf(f.Path)
	}
	var all []string
	for _, part := range f.parts {
		all = append(all, part.id())
	}
	return strings.Join(all, "-")
}

// idOf is a name for a path.
func idOf(path string) string {
	whole, _ := filepath.Abs(path) // it is a name for it, no more
	sum := sha256.Sum256([]byte(whole))
	return hex.EncodeToString(sum[:8])
}

// gone reports whether a file is no longer there, or one of those that it joins.
func (f File) gone() bool {
	if f.parts != nil {
		return slices.ContainsFunc(f.parts, File.gone)
	}
	_, err := os.Stat(f.Path)
	return errors.Is(err, fs.ErrNotExist)
}

// ownFolder is where indexes are kept of files that are in one folder, among what programs
// keep for themselves.
func ownFolder(path string) (string, error) {
	own, err := os.UserCacheDir()
	return filepath.Join(own, "p1", "index", idOf(filepath.Dir(path))), err
}

// tidyJoined removes the indexes of joined files of which one is no longer there.
func tidyJoined(files []File) {
	there, folders := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		there[f.id()] = true
		if folder, err := ownFolder(f.Path); err == nil {
			folders[folder] = true
		}
	}
	for folder := range folders {
		entries, _ := os.ReadDir(folder) // mostly there is none
		for _, e := range entries {
			joined, isJoined := strings.CutPrefix(strings.TrimSuffix(e.Name(), joinedSuffix), joinedPrefix)
			gone := func(id string) bool { return !there[id] }
			if isJoined && slices.ContainsFunc(strings.Split(joined, "-"), gone) {
				_ = os.Remove(filepath.Join(folder, e.Name())) // who may not do it could not have made it
			}
		}
	}
}
