package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// runBoth writes the table that o asks for, and the validity table to the file
// of that name, as beside asks for it.
func runBoth(c *cli.Context, o, beside tables.Options, names []string, name string, parts *begun) error {
	beside = beside.Only(tables.Validity)
	if beside.Partition {
		return tool.Usagef("--partition and --validity do not go together: --table validity has a folder of its own")
	}
	if _, err := tables.New(io.Discard, beside); err != nil {
		return &tool.UsageError{Err: err}
	}
	b := &both{}
	err := tool.Sink(c, func(out io.Writer) (record.Stage, error) {
		if err := whole(out, o); err != nil {
			return nil, err
		}
		records, err := tables.NewSeveral(out, days(c, tool.FlagOutput, out, o, parts), names)
		if err != nil {
			return nil, err
		}
		b.records = output{records, names}
		if b.file, err = fileio.Create(name, c.App.Writer); err != nil {
			return nil, err
		}
		if err = whole(b.file, beside); err == nil {
			b.validity, err = tables.New(b.file, days(c, "validity", b.file, beside, parts))
		}
		if err != nil {
			err = errors.Join(err, b.file.Abandon())
		}
		return b, err
	})
	if b.file == nil {
		return err
	}
	// Where nothing was written, or not all of what can be read as a whole only, it is left as it
	// was; where nobody reads the records any more, it is still open.
	return errors.Join(err, b.file.Abandon(), b.file.Discard(), b.file.Close())
}

// both writes the records, and the validity table to a file of its own.
type both struct {
	record.BaseStage
	records  output
	validity *tables.Writer
	file     *fileio.Output
	taken    bool // a record came in
}

func (b *both) Take(r record.Record) error {
	b.taken = true
	if err := b.records.Take(r); err != nil {
		return err
	}
	return b.validity.Take(r)
}

// Ending says how many records there are.
func (b *both) Ending() (words string, loud bool) { return b.records.Ending() }

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
	if !b.taken && b.file.Holds() {
		return errors.Join(b.records.Close(), b.file.Abandon())
	}
	err := b.records.Close()
	if ending := b.validity.Close(); ending != nil {
		return errors.Join(err, ending, b.file.Discard(), b.file.Close())
	}
	return errors.Join(err, b.file.Close())
}
