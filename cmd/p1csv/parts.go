package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/fileio"
	"p1/pkg/tool"
)

// ofParquet is how the names of Parquet files end.
const ofParquet = ".parquet"

// isPart tells which files of a folder of partitions are its own: an input does not stand in
// there.
func isPart(string) bool { return true }

// partitioned returns the options of rows that are shared by files of meters and days, where
// that is asked for.
func partitioned(c *cli.Context, o tables.Options, begun *begun) (tables.Options, error) {
	dir := c.String("partition")
	switch {
	case dir == "":
		return o, nil
	case c.IsSet(tool.FlagOutput):
		return o, errors.New("--partition and -o do not go together: the rows stand in one place")
	case c.IsSet("format") && o.Format != tables.Parquet:
		return o, fmt.Errorf("--partition is for --format %s, not for %s", tables.Parquet, o.Format)
	case strings.Contains(o.Table, ","):
		return o, errors.New("--partition is for one table: another one is to have a folder of its own")
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return o, fmt.Errorf("--partition %s: that is a file, and a directory is to be named; p1csv makes it where there is none", dir)
	}
	o.Format, o.Partition = tables.Parquet, true
	o.Part = func(name string) (io.WriteCloser, error) {
		out, err := begun.create(filepath.Join(dir, filepath.FromSlash(name)) + ofParquet)
		if errors.Is(err, fs.ErrExist) {
			err = &thereError{err}
		}
		return out, err
	}
	return o, nil
}

// begun are the parts that were begun: of a run that fails none is left under the name that it
// has while it is written.
type begun struct{ parts []*fileio.Whole }

// create begins a part.
func (b *begun) create(path string) (io.WriteCloser, error) {
	b.parts = slices.DeleteFunc(b.parts, (*fileio.Whole).Done)
	w, err := fileio.CreateWhole(path)
	if err != nil {
		return nil, err
	}
	b.parts = append(b.parts, w)
	return w, nil
}

// discard removes those that were not ended.
func (b *begun) discard() (err error) {
	for _, w := range b.parts {
		err = errors.Join(err, w.Discard())
	}
	return err
}

// thereError is a part that is there already.
type thereError struct{ err error }

func (e *thereError) Error() string { return e.err.Error() }
func (e *thereError) Unwrap() error { return e.err }

// Hint says what that means.
func (e *thereError) Hint() string {
	return "rows that begin with the same one were written there before. The days before it are written, nothing of it or after it is: " +
		"give p1csv only the days that are not there yet, or remove the folders of all days that this log has and start again"
}

// days returns the options of a table that is written to the file of a flag: where its
// source is live, and its file could be read only at the end of it, a file for each day takes
// its place, whose name has the day in it. One that is there stays, and the new one has a
// number behind.
//
//	-o p1.parquet   p1-2026-03-01.parquet   p1-2026-03-01.2.parquet
func days(c *cli.Context, flag string, out io.Writer, o tables.Options) tables.Options {
	file, ok := out.(*fileio.Output)
	name := c.String(flag)
	stem, isParquet := strings.CutSuffix(name, ofParquet)
	if o.Format != tables.Parquet || o.Partition || !ok || !file.Named() || !isParquet {
		return o
	}
	left := false // the file of that name, to which nothing is written
	o.Part = func(day string) (io.WriteCloser, error) {
		if !left {
			left = true
			o.Say(fmt.Sprintf("these telegrams are just coming in: each day has a file of its own, %s-%s%s, which is there when the day is over or p1csv ends; %s is not written", stem, day, ofParquet, name))
			if err := file.Abandon(); err != nil {
				return nil, err
			}
		}
		for n := 1; ; n++ {
			path := stem + "-" + day
			if n > 1 {
				path += fmt.Sprintf(".%d", n)
			}
			w, err := fileio.CreateWhole(path + ofParquet)
			if !errors.Is(err, fs.ErrExist) {
				return w, err
			}
		}
	}
	return o
}
