package index

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"p1/pkg/fileio"
)

// Archive is what was named at the start: folders and files of records. It reads nothing else.
type Archive struct {
	names []string
	o     Options
	now   func() time.Time
	turn  chan struct{} // one index is made at a time
	fresh sync.Map      // path → *Day of a file that still grows, or whose index cannot be kept
	said  sync.Map      // path → what was said of it
}

// Options are how files are read.
type Options struct {
	Zone     *time.Location // of meters whose clock says neither S nor W, nil where not known
	Repaired Repaired
	Diagnose Diagnose      // nil where nobody knows what is wrong with a line
	Unseal   fileio.Unseal // nil where there is no identity: what is sealed is left out
	Keyed    bool          // Repaired decrypts what the meter has encrypted
	Say      func(error)   // is told of files that cannot be read, each once
}

// New returns an archive of folders and files.
func New(names []string, o Options) *Archive {
	if o.Say == nil {
		o.Say = func(error) {}
	}
	return &Archive{names: names, o: o, now: time.Now, turn: make(chan struct{}, 1)}
}

// File is one of an archive.
type File struct {
	Path   string
	key    Key
	secret bool   // what is in it is encrypted there: its index is kept elsewhere
	parts  []File // that it joins; nil for one that there is
}

// endings are those of files with records.
func endings() []string { return []string{".jsonl", ".jsonl.gz", ".jsonl.zst"} }

// Files lists the files that there are now, in the order of their names, and counts those that
// are sealed and left out, since there is no identity. Links in a folder, which may lead
// elsewhere, are left out.
func (a *Archive) Files() (files []File, sealed int, err error) {
	add := func(path string, info fs.FileInfo) {
		plain, isSealed := strings.CutSuffix(path, fileio.SealSuffix)
		if isSealed {
			if _, err := os.Lstat(plain); err == nil {
				return // it was about to be sealed: the plain one counts
			}
			if a.o.Unseal == nil {
				sealed++
				return
			}
		}
		files = append(files, a.file(path, info, isSealed || a.o.Keyed))
	}
	a.tidy()
	for _, name := range a.names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, 0, err
		}
		if !info.IsDir() {
			add(name, info)
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range entries {
			plain := strings.TrimSuffix(e.Name(), fileio.SealSuffix)
			isRecords := slices.ContainsFunc(endings(), func(end string) bool { return strings.HasSuffix(plain, end) })
			info, err := e.Info()
			if isRecords && err == nil && info.Mode().IsRegular() {
				add(filepath.Join(name, e.Name()), info)
			}
		}
	}
	tidyJoined(files)
	return files, sealed, nil
}

// tidy removes the indexes of files that are no longer there: they show what those showed, and
// may be of days that were sealed since.
func (a *Archive) tidy() {
	done := map[string]bool{}
	for _, name := range a.names {
		folder := name
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			folder = filepath.Dir(name)
		}
		if done[folder] {
			continue
		}
		done[folder] = true
		for _, place := range (File{Path: filepath.Join(folder, "any")}).places() {
			_ = fileio.TidyIndexes(filepath.Dir(place), folder) // who may not do it could not have made them
		}
	}
}

func (a *Archive) file(path string, info fs.FileInfo, secret bool) File {
	zone := ""
	if a.o.Zone != nil {
		zone = a.o.Zone.String()
	}
	key := Key{Version: version, Name: filepath.Base(path), Size: info.Size(), Mtime: info.ModTime().UTC(), Zone: zone, Keyed: a.o.Keyed}
	return File{Path: path, key: key, secret: secret}
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
			if _, before := a.said.LoadOrStore(f.id(), true); !before {
				a.o.Say(err)
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
		text, err := fileio.ReadIndex(place)
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

// made makes an index, and keeps it. All who wait for it get the same one.
func (a *Archive) made(ctx context.Context, f File) (*Day, error) {
	if d := a.freshOf(f); d != nil {
		return d, nil
	}
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-a.turn }()
	if d := a.freshOf(f); d != nil {
		return d, nil // made meanwhile
	}
	if d, err := f.kept(func(*Meter, string) bool { return true }); err == nil {
		return d, nil
	}
	d, err := a.build(ctx, f)
	if err != nil {
		return nil, err
	}
	d.File = f
	a.fresh.Delete(f.id())
	if a.now().Sub(f.key.Mtime) < settled || f.keep(d) != nil {
		a.fresh.Store(f.id(), d)
	}
	return d, nil
}

// freshOf is an index that is kept in memory, of the file as it is or as it was later: who
// began to wait earlier takes that too. nil where there is none.
func (a *Archive) freshOf(f File) *Day {
	kept, ok := a.fresh.Load(f.id())
	if !ok {
		return nil
	}
	d, was := kept.(*Day), f.key
	was.Size, was.Mtime = d.Size, d.Mtime
	if d.same(was) && d.Size >= f.key.Size && !d.Mtime.Before(f.key.Mtime) {
		return d
	}
	return nil
}

// places are where the index of a file may be: beside it, or, where that cannot be written
// to, among what programs keep for themselves. The index of what is encrypted is kept there
// only, where the identity or the key is: beside the file it would undo the lock.
func (f File) places() []string {
	var list []string
	if !f.secret {
		list = append(list, fileio.IndexOf(f.Path))
	}
	path, name := f.Path, filepath.Base(f.Path)+fileio.IndexSuffix
	if f.parts != nil {
		path, name = f.parts[0].Path, joinedPrefix+f.id()+joinedSuffix
	}
	if folder, err := ownFolder(path); err == nil && len(f.parts) <= maxJoined {
		list = append(list, filepath.Join(folder, name))
	}
	return list
}

// keep writes an index where it can be written. Nobody else may read it: it says when
// people are at home. If the file has gone meanwhile, since it was sealed, so does its index.
func (f File) keep(d *Day) error {
	err := errNowhere
	for _, place := range f.places() {
		one := keepAt(place, d)
		if one == nil {
			if f.gone() {
				return os.Remove(place)
			}
			return nil
		}
		err = errors.Join(err, one)
	}
	return err
}

var errNowhere = errors.New("there is no place for the index")

// keepAt writes an index, whole or not at all. It is not synced: what a power failure leaves of
// it is no index, and is made anew.
func keepAt(place string, d *Day) error {
	tmp, err := fileio.NewIndex(place)
	if err != nil {
		return err
	}
	err = errors.Join(d.write(tmp), tmp.Close())
	if err == nil {
		err = fileio.Rename(tmp.Name(), place)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
