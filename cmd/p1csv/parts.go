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
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/lake"
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
func partitioned(c *cli.Context, o tables.Options, parts *begun) (tables.Options, error) {
	dir := c.String("partition")
	switch {
	case !c.IsSet("partition"):
		return o, nil
	case dir == "":
		return o, errors.New("--partition: the name of a directory is empty")
	case c.IsSet(tool.FlagOutput):
		return o, errors.New("--partition and -o do not go together: the rows stand in one place")
	case c.IsSet("format") && o.Format != tables.Parquet:
		return o, fmt.Errorf("--partition is for --format %s, not for %s", tables.Parquet, o.Format)
	case strings.Contains(o.Table, ","):
		return o, errors.New("--partition is for one table: another one is to have a folder of its own")
	}
	info, err := os.Stat(dir)
	switch _, isLink := os.Readlink(dir); {
	case err == nil && !info.IsDir():
		return o, fmt.Errorf("--partition %s: that is a file, and a directory is to be named; p1csv makes it where there is none", dir)
	case err != nil && isLink == nil:
		return o, fmt.Errorf("--partition %s: that is a link that leads nowhere", dir)
	}
	o.Format, o.Partition = tables.Parquet, true
	parts.lake = lake.New(dir)
	if o.Table == tables.Records && o.Every == 0 {
		parts.lake.Unique = "--unique"
		parts.lake.Once = func(name string) (column string) {
			if strings.Contains(name, tables.NoPart) {
				return "" // of several meters, perhaps
			}
			return "time" // a telegram each
		}
	}
	o.Part, o.Output = parts.lake.Create, filepath.Join(dir, "rows") // temporary files stand there
	return o, nil
}

// begun are the parts that were begun: of a run that fails none is left under the name that it
// has while it is written.
type begun struct {
	lake *lake.Folder // of --partition; nil where that is not asked for
	days []*fileio.Whole
}

// end says what became of the parts, after an error or none.
func (b *begun) end(say func(string), err error) error {
	for _, w := range b.days {
		err = errors.Join(err, w.Discard())
	}
	if b.lake == nil {
		return err
	}
	err = errors.Join(err, b.lake.Finish()) // those that wait are whole, whatever has failed since
	if n := b.lake.There(); n > 0 {
		say(tool.Counted(n, "file") + " with the same rows there already")
	}
	return errors.Join(err, b.lake.Discard(), b.lake.Err())
}

// dayFile is the file of a day. Where its name is taken it has a number behind.
type dayFile struct {
	*fileio.Whole
	stem string
}

func (d *dayFile) Close() error {
	err := d.As(d.stem + ofParquet)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		err = d.As(fmt.Sprintf("%s.%d%s", d.stem, n, ofParquet))
	}
	return errors.Join(err, d.Discard()) // unless it has its name
}

// whole lets a file that can be read once it is whole, and not before, take its place at the end.
func whole(out io.Writer, o tables.Options) error {
	file, ok := out.(*fileio.Output)
	if !ok || !tables.Packed(o.Format) {
		return nil
	}
	return file.Whole()
}

// days returns the options of a table that is written to the file of a flag: where its
// source is live, and its file could be read only at the end of it, a file for each day takes
// its place, whose name has the day in it. One that is there stays, and the new one has a
// number behind.
//
//	-o p1.parquet   p1-2026-03-01.parquet   p1-2026-03-01.2.parquet
func days(c *cli.Context, flag string, out io.Writer, o tables.Options, parts *begun) tables.Options {
	file, ok := out.(*fileio.Output)
	name := c.String(flag)
	stem, isParquet := strings.CutSuffix(name, ofParquet)
	if o.Format != tables.Parquet || o.Partition || !ok || !file.Named() || !isParquet {
		return o
	}
	left := false // the file of that name, to which nothing is written
	o.Part = func(is string) (io.WriteCloser, error) {
		if !left {
			left = true
			o.Say(fmt.Sprintf("these telegrams are just coming in: each day has a file of its own, %s-%s%s, which is there when the day is over or p1csv ends; %s is not written", stem, is, ofParquet, name))
			fileio.Sweep(filepath.Dir(stem), isDayOf(filepath.Base(stem)))
			if err := file.Abandon(); err != nil {
				return nil, err
			}
		}
		w, err := fileio.CreateWhole(stem + "-" + is + ofParquet)
		if err != nil {
			return nil, err
		}
		parts.days = append(slices.DeleteFunc(parts.days, (*fileio.Whole).Done), w)
		return &dayFile{w, stem + "-" + is}, nil
	}
	return o
}

// isDayOf returns what tells the names of the files of the days of a stem.
func isDayOf(stem string) func(name string) bool {
	return func(name string) bool {
		day, ok := strings.CutPrefix(name, stem+"-")
		day, isParquet := strings.CutSuffix(day, ofParquet)
		return ok && isParquet && len(day) == len(time.DateOnly)
	}
}
