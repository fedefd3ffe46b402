package main

import (
	"errors"

	"p1/pkg/file"
	"p1/pkg/record"
	"p1/pkg/table"
)

// both writes the records, and the validity table to a file of its own.
type both struct {
	records, validity *table.Writer
	file              *file.Output
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
