package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// entry is a file or folder of an archive: nothing of who packed it, and where, is in it, so
// that the same content makes the same bytes.
type entry struct {
	name   string // with slashes; of a folder with one at its end
	mode   fs.FileMode
	path   string // where its content is; of a folder empty
	text   []byte // its content, where there is no path
	folder bool
}

// content returns the bytes of a file.
func (e entry) content() ([]byte, error) {
	if e.path == "" {
		return e.text, nil
	}
	return os.ReadFile(e.path)
}

// entries lists what is in a folder, sorted by name, below a name of its own.
func entries(folder, below string) ([]entry, error) {
	var all []entry
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		e := entry{name: path.Join(below, filepath.ToSlash(relative)), mode: 0o644, path: name}
		switch {
		case d.IsDir():
			e = entry{name: e.name + "/", mode: 0o755, folder: true}
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is no plain file", name)
		case info.Mode()&0o111 != 0:
			e.mode = 0o755
		}
		if e.name != "./" {
			all = append(all, e)
		}
		return nil
	})
	return all, err
}

// pack writes a folder as an archive, of the kind that its name says, with all of it below a
// folder that is named as the archive.
func pack(folder, file string, when time.Time) error {
	write, ending := writeTarGz, ".tar.gz"
	if strings.HasSuffix(file, ".zip") {
		write, ending = writeZip, ".zip"
	}
	below, ok := strings.CutSuffix(filepath.Base(file), ending)
	if !ok {
		return fmt.Errorf("%s: want a name that ends in .tar.gz or .zip", file)
	}
	all, err := entries(folder, below)
	if err != nil {
		return err
	}
	return create(file, func(w io.Writer) error { return write(w, all, when) })
}

// create writes a file, which is not there if that fails.
func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}

// writeTarGz writes a tar compressed by gzip, whose header says neither time nor name.
func writeTarGz(w io.Writer, all []entry, when time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := writeTar(z, all, when); err != nil {
		return err
	}
	return z.Close()
}

// writeTar writes a tar in which everything is the superuser's.
func writeTar(w io.Writer, all []entry, when time.Time) error {
	t := tar.NewWriter(w)
	for _, e := range all {
		header := &tar.Header{Name: e.name, Mode: int64(e.mode), ModTime: when, Format: tar.FormatUSTAR, Typeflag: tar.TypeDir}
		var content []byte
		if !e.folder {
			var err error
			if content, err = e.content(); err != nil {
				return err
			}
			header.Typeflag, header.Size = tar.TypeReg, int64(len(content))
		}
		if err := t.WriteHeader(header); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	return t.Close()
}

// writeZip writes a zip.
func writeZip(w io.Writer, all []entry, when time.Time) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, e := range all {
		header := &zip.FileHeader{Name: e.name, Modified: when.UTC(), Method: zip.Deflate}
		if e.folder {
			header.Method = zip.Store
			header.SetMode(fs.ModeDir | e.mode)
		} else {
			header.SetMode(e.mode)
		}
		f, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if e.folder {
			continue
		}
		content, err := e.content()
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}
