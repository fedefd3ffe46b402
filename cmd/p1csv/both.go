package main

import (
	"cmp"
	"errors"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// runBoth writes the table that o asks for, and the validity table to the file
// of that name, as beside asks for it.
func runBoth(c *cli.Context, o, beside tables.Options, name string) error {
	if out := cmp.Or(c.String(tool.FlagOutput), fileio.Stdin); filepath.Clean(name) == filepath.Clean(out) {
		return tool.Usagef("--validity %s: the other table is written there", name)
	}
	beside.Table, beside.Every, beside.Columns = tables.Validity, 0, nil
	if _, err := tables.New(io.Discard, beside); err != nil {
		return &tool.UsageError{Err: err}
	}
	inputs, err := fileio.Expand(c.Args().Slice())
	if err != nil {
		inputs = c.Args().Slice() // said when it is opened
	}
	b := &both{}
	err = tool.Sink(c, func(out io.Writer) (record.Stage, error) {
		if b.records, err = tables.New(out, o); err != nil {
			return nil, err
		}
		if b.file, err = fileio.Create(name, c.App.Writer, inputs); err != nil {
			return nil, err
		}
		b.validity, err = tables.New(b.file, beside)
		return b, err
	})
	if b.file != nil {
		// Where nobody reads the records any more, it is still open.
		err = errors.Join(err, b.file.Close())
	}
	return err
}

// both writes the records, and the validity table to a file of its own.
type both struct {
	record.BaseStage
	records, validity *tables.Writer
	file              *fileio.Output
}

func (b *both) Take(r record.Record) error {
	if err := b.records.Take(r); err != nil {
		return err
	}
	return b.validity.Take(r)
}

func (b *both) Flush() error {
	if err := b.validity.Flush(); err != nil {
		return err
	}
	if err := b.file.Flush(); err != nil {
		return err
	}
	return b.records.Flush()
}

func (b *both) Close() error {
	return errors.Join(b.records.Close(), b.validity.Close(), b.file.Close())
}
