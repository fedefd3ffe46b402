package fileio

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// Zip is an open zip file.
type Zip struct {
	name  string
	f     *os.File // nil where it is standard input's, which stays open
	r     *zip.Reader
	names []string // of its files, each another one
	in    counter  // of what was opened so far
	out   int64    // of what became of that
}

// OpenZip opens a zip file; [Stdin] is the file that standard input is redirected from. What
// comes through a pipe is opened by [Input.Zip], since a zip is read from its end.
func OpenZip(name string, stdin io.Reader) (*Zip, error) {
	z := &Zip{name: name}
	f, isFile := stdin.(*os.File)
	if name != Stdin {
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, err
		}
		z.f = f
	} else if !isFile {
		return nil, fmt.Errorf("%s: %w", name, ErrZip)
	}
	if err := z.open(f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return z, nil
}

// open reads the list at the end of a zip.
func (z *Zip) open(f *os.File) error {
	info, err := f.Stat()
	if err == nil {
		z.r, err = zip.NewReader(f, info.Size())
	}
	if errors.Is(err, zip.ErrFormat) {
		err = fmt.Errorf("it is cut off or damaged: the list of what is in it, at its end, cannot be read (%w)", err)
	}
	if err != nil {
		return errors.Join(err, z.Close())
	}
	z.names = namesOf(z.r.File)
	return nil
}

// maxPiped is how many bytes of a zip may come through a pipe: they are kept on disk until
// all of them have come.
const maxPiped = 1 << 30

// ErrPiped is what is wrong with a zip that is too large for that.
var ErrPiped = errors.New("of a zip that comes through a pipe at most 1 GiB is kept: save it as a file, and name that")

// Zip opens what comes through a pipe, once reading it has said [ErrZip]: it is kept in a
// file of [Scratch] until the zip is closed.
func (in *Input) Zip() (*Zip, error) { return in.zipUpTo(maxPiped) }

func (in *Input) zipUpTo(most int64) (*Zip, error) {
	f, dir, err := Scratch("")
	if err != nil {
		return nil, err
	}
	z := &Zip{name: in.Name, f: f}
	n, err := io.Copy(scratchWriter{f, dir}, io.LimitReader(in.zipped, most+1))
	if err == nil && n > most {
		err = ErrPiped
	}
	if err != nil {
		return nil, errors.Join(err, z.Close())
	}
	if err := z.open(f); err != nil {
		return nil, err
	}
	return z, nil
}

// scratchWriter says of what goes wrong where the file is.
type scratchWriter struct {
	f   *os.File
	dir string
}

func (w scratchWriter) Write(b []byte) (int, error) {
	n, err := w.f.Write(b)
	if err != nil {
		err = &ScratchError{w.dir, err}
	}
	return n, err
}

// namesOf returns the names of files, of which several may have the same:
//
//	p1.log  p1.log (2)
func namesOf(files []*zip.File) []string {
	count, taken := map[string]int{}, map[string]bool{}
	for _, f := range files {
		taken[f.Name] = true
	}
	var names []string
	for _, f := range files {
		name := f.Name
		if count[name]++; count[name] > 1 {
			for taken[name] {
				name = fmt.Sprintf("%s (%d)", f.Name, count[f.Name])
				if taken[name] {
					count[f.Name]++
				}
			}
			taken[name] = true
		}
		names = append(names, name)
	}
	return names
}

// Members lists the files in it that may be logs, sorted as [Expand] sorts: no folders, and
// nothing that systems put beside files. A name may be any text: it is no path here, and of
// several files of one name the second is called "NAME (2)".
func (z *Zip) Members() []string {
	var names []string
	for i, f := range z.r.File {
		base := path.Base(f.Name)
		if f.FileInfo().IsDir() || f.UncompressedSize64 == 0 || strings.HasPrefix(f.Name, "__MACOSX/") ||
			base == ".DS_Store" || base == "Thumbs.db" || base == "desktop.ini" {
			continue
		}
		names = append(names, z.names[i])
	}
	slices.SortFunc(names, naturally)
	return names
}

// Empties reports whether there are files in it, and all of them are empty.
func (z *Zip) Empties() bool {
	files := slices.DeleteFunc(slices.Clone(z.r.File), func(f *zip.File) bool { return f.FileInfo().IsDir() })
	return len(files) > 0 && z.Size() == 0
}

// Size is how many bytes are in the zip, unpacked.
func (z *Zip) Size() int64 {
	n := int64(0)
	for _, f := range z.r.File {
		n += int64(f.UncompressedSize64)
	}
	return n
}

// encrypted is the flag of a file that only its password opens (APPNOTE.TXT 4.4.4, bit 0).
const encrypted = 1

// Open opens a file in the zip, decompressed and decoded as [Open] does.
func (z *Zip) Open(member string, content Content) (*Input, error) {
	at := slices.Index(z.names, member)
	if at < 0 {
		return nil, fmt.Errorf("%s: there is no %q in it", z.name, member)
	}
	f := z.r.File[at]
	if f.Flags&encrypted != 0 {
		return nil, fmt.Errorf("%s: %q is encrypted with a password: unpack it first, and name what comes out", z.name, member)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %q: %w", z.name, member, err)
	}
	in := &Input{Name: z.name + ":" + member, Size: int64(f.UncompressedSize64), Regular: true, Wrapped: []string{"zip"}}
	z.in.n += int64(f.CompressedSize64)
	in.raw = &counter{r: &bounded{r: r, in: &z.in, out: &z.out}}
	in.closers = append(in.closers, func() error { _ = r.Close(); return nil }) // it would only say again what Read has said
	if err := in.decode(content); err != nil {
		if errors.Is(err, ErrZip) {
			err = errors.New("a zip within a zip: take it out first")
		}
		return nil, errors.Join(fmt.Errorf("%s: %q: %w", z.name, member, err), in.Close())
	}
	return in, nil
}

// Close closes the zip.
func (z *Zip) Close() error {
	if z.f == nil {
		return nil
	}
	return z.f.Close()
}
