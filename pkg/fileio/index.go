package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// IndexFolder is where the indexes of the files beside it are kept, by who answers questions
	// about them.
	IndexFolder = ".p1index"
	// IndexSuffix is what the name of an index has after that of its file.
	IndexSuffix = ".index.jsonl"
	// newIndex is what the name of an index begins with that is being written.
	newIndex = ".new-"
	// written is when nobody writes it any more.
	written = time.Hour
	// largest is how large an index is at most: that of a file of many years is a tenth of it.
	largest = 256 << 20
)

// IndexOf is where the index of an archive's file is kept, beside the archive. It shows habits
// as clearly as the file does, so that it is not to outlive the file where that is sealed.
func IndexOf(path string) string {
	folder, name := filepath.Split(path)
	return filepath.Join(folder, IndexFolder, name+IndexSuffix)
}

// RemoveIndex removes the index of a file, if there is one. One of another user, which is not to be
// touched, goes when he asks the next time.
func RemoveIndex(path string) error {
	index := IndexOf(path)
	if !isFolder(filepath.Dir(index)) {
		return nil
	}
	return gone(os.Remove(index))
}

// NewIndex makes a file that is to become an index; its name is to be changed. A link where the
// folder of indexes is to be leads elsewhere: there it makes none.
func NewIndex(index string) (*os.File, error) {
	folder := filepath.Dir(index)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if !isFolder(folder) {
		return nil, ErrKind
	}
	return os.CreateTemp(folder, newIndex+"*") // 0600
}

// ReadIndex reads an index that [NewIndex] may have made: nothing that a link leads to, and no pipe.
func ReadIndex(index string) ([]byte, error) {
	if !isFolder(filepath.Dir(index)) {
		return nil, ErrKind
	}
	info, err := os.Lstat(index)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > largest:
		return nil, ErrKind
	}
	return os.ReadFile(index)
}

// TidyIndexes removes from a folder of indexes those whose files are no longer there, since they were
// sealed or deleted, and those that were being written when a program was killed. What else is
// in the folder stays.
func TidyIndexes(indexes, files string) error {
	if !isFolder(indexes) {
		return nil
	}
	entries, err := os.ReadDir(indexes)
	errs := []error{gone(err)}
	for _, e := range entries {
		path := filepath.Join(indexes, e.Name())
		of, isIndex := strings.CutSuffix(e.Name(), IndexSuffix)
		switch {
		case isIndex:
			if _, err := os.Lstat(filepath.Join(files, of)); errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, gone(os.Remove(path)))
			}
		case strings.HasPrefix(e.Name(), newIndex):
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > written {
				errs = append(errs, gone(os.Remove(path)))
			}
		}
	}
	return errors.Join(errs...)
}

// isFolder reports whether a folder has that name, and no link.
func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// gone is an error but for those of what is not there, or another user's.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
