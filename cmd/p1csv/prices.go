package main

import (
	"errors"

	"p1/pkg/csv/prices"
	"p1/pkg/fileio"
	"p1/pkg/tool"
)

// readPrices reads a file of prices; nil where none is named.
func readPrices(name string) (*prices.Prices, error) {
	switch name {
	case "":
		return nil, nil
	case fileio.Stdin:
		return nil, tool.Usagef("--prices %s: standard input is for the records", name)
	}
	in, err := fileio.Open(name, nil, fileio.Records)
	if err != nil {
		return nil, err
	}
	p, err := prices.Read(name, in)
	if wrong := (*prices.FileError)(nil); errors.As(err, &wrong) {
		err = &tool.UsageError{Err: err}
	}
	return p, errors.Join(err, in.Close())
}
