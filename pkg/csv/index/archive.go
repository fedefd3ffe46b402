package index

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"p1/pkg/record"
)

// Folder is where the indexes of the files beside it are.
const Folder = ".p1index"

// Archive is what was named at the start: folders and files of records. It reads nothing else.
type Archive struct {
	names    []string
	zone     *time.Location
	repaired Repaired
	say      func(error)
	now      func() time.Time
	turn     chan struct{} // one index is made at a time
	fresh    sync.Map      // path → *Day of a file that still grows, or whose index cannot be kept
}

// Options are how files are read.
type Options struct {
	Zone     *time.Location // of meters whose clock says neither S nor W, nil where not known
	Repaired Repaired
	Say      func(error) // is told why a file is left out; may be nil
}

// New returns an archive of folders and files.
func New(names []string, o Options) *Archive {
	return &Archive{names: names, zone: o.Zone, repaired: o.Repaired, say: o.Say, now: time.Now, turn: make(chan struct{}, 1)}
}

// File is one of an archive.
type File struct {
	Path string
	key  Key
}

// endings are those of files with records.
func endings() []string { return []string{".jsonl", ".jsonl.gz", ".jsonl.zst"} }

// Files lists the files that there are now, in the order of their names. Links in a folder,
// which may lead elsewhere, are left out.
func (a *Archive) Files() ([]File, error) {
	var files []File
	for _, name := range a.names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, a.file(name, info))
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			isRecords := slices.ContainsFunc(endings(), func(end string) bool { return strings.HasSuffix(e.Name(), end) })
			info, err := e.Info()
			if isRecords && err == nil && info.Mode().IsRegular() {
				files = append(files, a.file(filepath.Join(name, e.Name()), info))
			}
		}
	}
	return files, nil
}

func (a *Archive) file(path string, info fs.FileInfo) File {
	zone := ""
	if a.zone != nil {
		zone = a.zone.String()
	}
	return File{path, Key{Version: version, Name: filepath.Base(path), Size: info.Size(), Mtime: info.ModTime().UTC(), Zone: zone}}
}

// Replay gives the telegrams of a file to a stage.
func (a *Archive) Replay(ctx context.Context, f File, to record.Stage) error {
	return Replay(ctx, f.Path, to, a.repaired)
}

// Days reads the indexes of files, of their columns those that are wanted, and makes those
// that are not there, which progress is told of. A file that cannot be read is left out, and
// counted.
func (a *Archive) Days(ctx context.Context, files []File, want Want, progress func(done, all int)) (days []*Day, failed int, err error) {
	for i, f := range files {
		d, err := f.kept(want)
		if err != nil {
			progress(i, len(files))
			d, err = a.made(ctx, f)
		}
		switch {
		case ctx.Err() != nil:
			return nil, failed, ctx.Err()
		case err != nil:
			failed++
			if a.say != nil {
				a.say(err)
			}
		default:
			days = append(days, d)
		}
	}
	return days, failed, nil
}

// kept reads an index that is there.
func (f File) kept(want Want) (*Day, error) {
	for _, place := range f.places() {
		text, err := os.ReadFile(place)
		if err != nil {
			continue
		}
		if d, err := read(text, f.key, want); err == nil {
			d.File = f
			return d, nil
		}
	}
	return nil, fs.ErrNotExist
}

// settled is how old a file must be to be taken for finished.
const settled = time.Minute

// made makes an index, and keeps it.
func (a *Archive) made(ctx context.Context, f File) (*Day, error) {
	if d, ok := a.fresh.Load(f.Path); ok && d.(*Day).same(f.key) {
		return d.(*Day), nil
	}
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-a.turn }()
	if d, err := f.kept(func(*Meter, string) bool { return true }); err == nil {
		return d, nil // made meanwhile
	}
	d, err := build(ctx, f.Path, f.key, a.zone, a.repaired)
	if err != nil {
		return nil, err
	}
	d.File = f
	a.fresh.Delete(f.Path)
	if a.now().Sub(f.key.Mtime) < settled || f.keep(d) != nil {
		a.fresh.Store(f.Path, d)
	}
	return d, nil
}

// places are where the index of a file may be: beside it, or, where that cannot be written
// to, among what programs keep for themselves.
func (f File) places() []string {
	folder, name := filepath.Split(f.Path)
	list := []string{filepath.Join(folder, Folder, name+".index.jsonl")}
	if own, err := os.UserCacheDir(); err == nil {
		whole, _ := filepath.Abs(f.Path) // it is a name for it, no more
		sum := sha256.Sum256([]byte(whole))
		list = append(list, filepath.Join(own, "p1", "index", hex.EncodeToString(sum[:8])+".jsonl"))
	}
	return list
}

// keep writes an index where it can be written. Nobody else may read it: it says when
// people are at home.
func (f File) keep(d *Day) (err error) {
	for _, place := range f.places() {
		one := keepAt(place, d)
		if one == nil {
			return nil
		}
		err = errors.Join(err, one)
	}
	return err
}

func keepAt(place string, d *Day) error {
	if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(place), ".new-*") // 0600
	if err != nil {
		return err
	}
	err = errors.Join(d.write(tmp), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), place)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
