// Package lake takes the parts of a table, and adds them to a folder of them in which no row is to
// stand twice.
//
// A part has its name once it is whole, and never takes that of another one. What is there is not
// written again:
//
//	a part of the same bytes is there    it is left as it is: a run that was killed is just started again
//	one of the same name is there        refused
//	one beside has rows of the same time refused, where the rows of a time are one
//
// What is refused hinders nothing else: all other parts are written.
package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"p1/pkg/csv/parquet"
	"p1/pkg/fileio"
)

// ending is how the names of parts end.
const ending = ".parquet"

// Folder is a folder of parts that is being filled.
type Folder struct {
	// Once, if not nil, names the column of times of which each stands in one part only of those
	// that share a folder with the part of a name; nothing where rows may share one.
	Once func(name string) (column string)
	// Unique, if not empty, is the flag by which a run itself writes no row twice, however its logs overlap.
	Unique string

	dir     string
	begun   []*fileio.Whole
	waiting []*part         // for what this run writes later
	mine    map[string]bool // the parts of this run
	swept   map[string]bool // folders in which nothing is left of what was killed
	there   int             // parts that were there already
	refused int
	first   []string // why, of the first few
	again   []string // and in which folders
}

// New returns a folder; it is made where it is not there.
func New(dir string) *Folder {
	return &Folder{dir: dir, mine: map[string]bool{}, swept: map[string]bool{}}
}

// Create begins a part, by its name below the folder.
func (f *Folder) Create(name string) (io.WriteCloser, error) {
	path := filepath.Join(f.dir, filepath.FromSlash(name)) + ending
	if dir := filepath.Dir(path); !f.swept[dir] {
		f.swept[dir] = true
		fileio.Sweep(dir, func(name string) bool { return strings.HasSuffix(name, ending) })
	}
	w, err := fileio.CreateWhole(path)
	if err != nil {
		return nil, err
	}
	f.begun = append(slices.DeleteFunc(f.begun, (*fileio.Whole).Done), w)
	p := &part{Whole: w, folder: f}
	if f.Once != nil {
		p.once = f.Once(name)
	}
	return p, nil
}

// Discard removes the parts that were not ended.
func (f *Folder) Discard() (err error) {
	for _, w := range f.begun {
		err = errors.Join(err, w.Discard())
	}
	return err
}

// There is how many parts were there already.
func (f *Folder) There() int { return f.there }

// Err is what was refused, or nil.
func (f *Folder) Err() error {
	if f.refused == 0 {
		return nil
	}
	return &RefusedError{f.refused, f.Unique, f.first, f.again}
}

// RefusedError is parts that were not written, since rows of theirs are there already.
type RefusedError struct {
	N      int
	unique string
	first  []string
	again  []string
}

func (e *RefusedError) Error() string {
	text := strings.Join(e.first, "; ")
	if more := e.N - len(e.first); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	what := "1 file was"
	if e.N > 1 {
		what = fmt.Sprintf("%d files were", e.N)
	}
	return fmt.Sprintf("%s not written, all others are: %s", what, text)
}

// Hint says what to do about it.
func (e *RefusedError) Hint() string {
	again := "all logs that these days have"
	if e.unique != "" {
		again = e.unique + " and " + again
	}
	return "to write these days again, remove their folders and start again with " + again + ": rm -r " + fileio.Quoted(e.again...) +
		"; what is there already with the same rows is left as it is"
}

// few is how many refusals are told one by one.
const few = 3

// refuse keeps a part from being written.
func (f *Folder) refuse(path, why string) {
	f.refused++
	if len(f.first) < few {
		f.first = append(f.first, path+": "+why)
	}
	if dir := filepath.Dir(path); len(f.again) < few && !slices.Contains(f.again, dir) {
		f.again = append(f.again, dir)
	}
}

// part is a part that is being written.
type part struct {
	*fileio.Whole
	folder *Folder
	once   string // a column
}

// mostWaiting is how many parts may wait: each has a file that is open.
const mostWaiting = 64

// Close gives the part its name, unless its rows are there already. Where a part beside has some
// of its times, that may be one which this run writes later, and which another run that reads the
// same has written before: then it waits for [Folder.Finish].
func (p *part) Close() error {
	if p.Done() {
		return nil
	}
	err := p.Settle()
	if err == nil {
		var wait bool
		if wait, err = p.add(len(p.folder.waiting) < mostWaiting); wait {
			p.folder.waiting = append(p.folder.waiting, p)
			return nil
		}
	}
	return errors.Join(err, p.Discard()) // unless it has its name
}

// Finish decides on the parts that wait, once all others of this run are there.
func (f *Folder) Finish() (err error) {
	for _, p := range f.waiting {
		_, one := p.add(false)
		err = errors.Join(err, one, p.Discard())
	}
	f.waiting = nil
	return err
}

// add gives the part its name, refuses it, or, where it may, says that it is to wait.
func (p *part) add(mayWait bool) (wait bool, err error) {
	if is, err := p.isThere(); is || err != nil {
		return false, err
	}
	other, why, err := p.overlap()
	if err != nil || other != "" && mayWait {
		return err == nil, err
	}
	if other == "" {
		err = p.As(p.Path())
		if err == nil {
			p.folder.mine[p.Path()] = true
			return false, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return false, err
		}
		if is, err := p.isThere(); is || err != nil { // another run has just written it
			return false, err
		}
		other, why = p.Path(), "it holds other rows, of which the first is the same"
	}
	p.folder.refuse(other, why)
	return false, nil
}

// isThere reports whether a part of the same name and the same bytes is there, and counts it as if
// it had been written.
func (p *part) isThere() (bool, error) {
	there, err := os.Open(p.Path())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return false, err
	}
	defer there.Close()
	own, err := p.Open()
	if err != nil {
		return false, err
	}
	defer own.Close()
	is, err := same(own, there)
	if is {
		p.folder.mine[p.Path()] = true
		p.folder.there++
	}
	return is, err
}

// same reports whether two files hold the same.
func same(a, b io.Reader) (bool, error) {
	one, two := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(a, one)
		m, err2 := io.ReadFull(b, two)
		if !bytes.Equal(one[:n], two[:m]) {
			return false, nil
		}
		if err != nil || err2 != nil {
			end := (err == io.EOF || err == io.ErrUnexpectedEOF) && (err2 == io.EOF || err2 == io.ErrUnexpectedEOF)
			if end {
				return true, nil
			}
			return false, errors.Join(err, err2)
		}
	}
}

// overlap returns a part beside, of another run, that has rows of the same times as this one, and
// says which.
func (p *part) overlap() (other, why string, err error) {
	if p.once == "" {
		return "", "", nil
	}
	dir := filepath.Dir(p.Path())
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", "", err
	}
	f, err := p.Open()
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	own, err := open(f)
	if err != nil {
		return "", "", err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !e.Type().IsRegular() || !strings.HasSuffix(path, ending) || p.folder.mine[path] {
			continue
		}
		if why := shared(own, path, p.once); why != "" {
			return path, why, nil
		}
	}
	return "", "", nil
}

func open(f *os.File) (*parquet.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return parquet.Open(f, info.Size())
}

// shared says which times a part has in common with another one, or that this cannot be known; nothing
// where it has none. What was not written here is not looked at.
func shared(own *parquet.File, path, column string) (why string) {
	file, err := os.Open(path)
	if err != nil {
		return "it cannot be read: " + err.Error()
	}
	defer file.Close()
	other, err := open(file)
	if err != nil {
		return ""
	}
	low, high, ok := own.Range(column)
	low2, high2, ok2 := other.Range(column)
	if !ok || !ok2 || low > high2 || low2 > high {
		return ""
	}
	times, err := own.Ints(column)
	there, err2 := other.Ints(column)
	if err = errors.Join(err, err2); err != nil {
		return "it cannot be read: " + err.Error()
	}
	n, first := common(times, there)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("it holds %d of the times of these rows, the first %s", n, time.UnixMicro(first).UTC().Format(time.RFC3339))
}

// common counts the values that stand in both lists, and returns the least.
func common(a, b []int64) (n int, least int64) {
	slices.Sort(a)
	slices.Sort(b)
	a, b = slices.Compact(a), slices.Compact(b)
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			if n++; n == 1 {
				least = a[0]
			}
			a, b = a[1:], b[1:]
		}
	}
	return n, least
}
