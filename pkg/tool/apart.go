package tool

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/fileio"
)

// FileFlag is a flag that names a file, and knows what the command does with that.
// Every flag that names one is made by [Reads], [ReadsAll], [Writes], [Replaces], [Keeps] or
// [Fills], so that no command destroys what it reads: see [apart].
type FileFlag struct {
	*cli.StringFlag
	reads, writes bool
	dash          bool                   // - is standard output
	own           func(name string) bool // of a directory: which files in it are written
}

// Reads makes a flag whose file is read.
func Reads(f *cli.StringFlag) *FileFlag { return fileFlag(FileFlag{StringFlag: f, reads: true}) }

// Writes makes a flag whose file is written by [fileio.Create]; - is standard output.
func Writes(f *cli.StringFlag) *FileFlag {
	return fileFlag(FileFlag{StringFlag: f, writes: true, dash: true})
}

// Replaces makes a flag whose file is written as a whole by [fileio.Replace].
func Replaces(f *cli.StringFlag) *FileFlag { return fileFlag(FileFlag{StringFlag: f, writes: true}) }

// Keeps makes a flag whose file is read and then replaced.
func Keeps(f *cli.StringFlag) *FileFlag {
	return fileFlag(FileFlag{StringFlag: f, reads: true, writes: true})
}

// Fills makes a flag that names a directory, in which files with a name of its own are
// written.
func Fills(f *cli.StringFlag, own func(name string) bool) *FileFlag {
	return fileFlag(FileFlag{StringFlag: f, writes: true, own: own})
}

// FilesFlag is a flag that names files that are read, or gives what would stand in them.
type FilesFlag struct{ *cli.StringSliceFlag }

// ReadsAll makes a flag whose files are read.
func ReadsAll(f *cli.StringSliceFlag) *FilesFlag {
	f.TakesFile, f.KeepSpace = true, true // a name may begin with a blank
	return &FilesFlag{f}
}

func fileFlag(f FileFlag) *FileFlag {
	f.TakesFile = true
	return &f
}

// file is something that a command line reads or writes.
type file struct {
	name          string // as it was given
	by            string // the flag that names it; empty of an argument
	reads, writes bool
	standard      bool // it is standard input or standard output
	place         fileio.Place
	directory     *directory // where name is that of one
}

// directory is one in which files are written.
type directory struct {
	path  string
	own   func(name string) bool
	there []fileio.Place // its own files
}

// apart lets an action run only where nothing that is written is also read, or written
// for something else: before anything is opened for writing.
func apart(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		files := files(c)
		if err := emptied(c, files); err != nil {
			return err
		}
		for i, out := range files {
			if !out.writes {
				continue
			}
			for j, other := range files {
				if (j > i || j < i && !other.writes) && meet(out, other) {
					return clash(out, other)
				}
			}
		}
		return action(c)
	}
}

// files lists what a command line names, standard input and output included where they
// are used.
func files(c *cli.Context) []file {
	var all []file
	for _, name := range Inputs(c, func(error) {}) { // said when it is opened
		f := file{name: name, reads: true}
		if f.standard = name == fileio.Stdin; f.standard {
			f.place = fileio.PlaceOfOpen(c.App.Reader)
		} else {
			f.place = fileio.PlaceOf(pathOf(name))
		}
		all = append(all, f)
	}
	for _, flag := range c.App.Flags {
		switch flag := flag.(type) {
		case *FileFlag:
			if f, ok := flag.file(c); ok {
				all = append(all, f)
			}
		case *FilesFlag:
			for _, name := range c.StringSlice(flag.Name) {
				all = append(all, file{name: name, by: "--" + flag.Name, reads: true, place: fileio.PlaceOf(name)})
			}
		}
	}
	return all
}

// pathOf is the path in the name of a source: serial:///dev/ttyUSB0 is one, whatever it
// leads to.
func pathOf(name string) string {
	for _, scheme := range []string{"serial://", "file://"} {
		if path, ok := strings.CutPrefix(name, scheme); ok {
			path, _, _ = strings.Cut(path, "?")
			return path
		}
	}
	return name
}

// file is what the flag names, if anything.
func (flag *FileFlag) file(c *cli.Context) (file, bool) {
	f := file{name: c.String(flag.Name), by: "--" + flag.Name, reads: flag.reads, writes: flag.writes}
	if flag.Name == FlagOutput && f.name == "" {
		f.name = fileio.Stdin
	}
	switch {
	case f.name == "":
		return f, false
	case flag.dash && f.name == fileio.Stdin:
		f.standard, f.place = true, fileio.PlaceOfOpen(c.App.Writer)
	case flag.own != nil:
		f.directory = openDirectory(f.name, flag.own)
	default:
		f.place = fileio.PlaceOf(f.name)
	}
	return f, true
}

func openDirectory(path string, own func(name string) bool) *directory {
	d := &directory{path: path, own: own}
	entries, _ := os.ReadDir(path) // where that fails, writing there says so
	for _, e := range entries {
		if own(e.Name()) {
			d.there = append(d.there, fileio.PlaceOf(filepath.Join(path, e.Name())))
		}
	}
	return d
}

// meet reports whether two files are one.
func meet(a, b file) bool {
	switch {
	case a.directory != nil:
		return a.directory.has(b.place)
	case b.directory != nil:
		return b.directory.has(a.place)
	case a.standard && b.standard && a.writes && b.writes:
		return true // wherever it goes
	}
	return a.place.Same(b.place)
}

// has reports whether a file is the directory's, or will be once it is there.
func (d *directory) has(p fileio.Place) bool {
	for _, own := range d.there {
		if own.Same(p) {
			return true
		}
	}
	return d.own(p.Base()) && p.Same(fileio.PlaceOf(filepath.Join(d.path, p.Base())))
}

// emptied names an input that the shell has emptied for standard output before the
// command began, whether or not anything would be written there.
func emptied(c *cli.Context, files []file) error {
	out := fileio.PlaceOfOpen(c.App.Writer)
	for _, f := range files {
		if f.reads && f.place.Empty() && f.place.Same(out) {
			return &clashError{
				f.title() + ": input file is output file, and it is empty",
				fmt.Sprintf("the shell empties the file after > before %s begins: what it held is gone unless there is a copy; "+
					"write to another file, and rename it afterwards", c.App.Name),
			}
		}
	}
	return nil
}

// clash says that what is written is also the other one.
func clash(out, other file) error {
	in := other
	switch {
	case other.reads:
	case out.reads:
		in, out = out, other
	default:
		return &clashError{
			out.title() + ": two outputs are one file",
			fmt.Sprintf("%s and %s would both write it: name another file for one of them", out.cause(), other.cause()),
		}
	}
	title := in.title()
	if in.standard && !out.standard && out.directory == nil {
		title = out.name
	}
	what := "write to another file, and rename it afterwards"
	if out.directory != nil {
		what = "name another directory"
	}
	return &clashError{title + ": input file is output file", fmt.Sprintf("%s would write to it: %s", out.cause(), what)}
}

// title is what a message calls it.
func (f file) title() string {
	switch {
	case f.standard && f.writes:
		return "standard output"
	case f.standard:
		return "standard input"
	}
	return f.name
}

// cause is what makes the command write it.
func (f file) cause() string {
	switch {
	case f.by == "--"+FlagOutput && f.standard:
		return "standard output"
	case f.by == "--"+FlagOutput:
		return "-o " + f.name
	}
	return f.by + " " + f.name
}

// clashError is a file that is used for two things.
type clashError struct{ text, hint string }

func (e *clashError) Error() string { return e.text }

// Hint says what to do about it.
func (e *clashError) Hint() string { return e.hint }
