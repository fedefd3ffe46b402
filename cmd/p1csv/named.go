package main

import (
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/tool"
)

// named returns the options of the table that is written to the file which a flag names:
// in the format of --format, or, where that is not given, in the one that the name says.
// A name that says another one than is written is refused, and, without --format, one that
// ends in what nobody knows.
func named(c *cli.Context, flag string, o tables.Options) (tables.Options, error) {
	if !c.IsSet("format") {
		if err := tool.CheckEnding(c, flag, "--format", written(formats())...); err != nil {
			return o, err
		}
	}
	holds := tool.Holds(c.String(flag))
	if format, ok := formats()[holds]; ok && !c.IsSet("format") {
		o.Format = format
	}
	if holds == tool.TSV && o.Format == tables.CSV && o.Delimiter == 0 {
		o.Delimiter = '\t'
	}
	all := formats()
	maps.DeleteFunc(all, func(is tool.Content, format string) bool {
		return format != o.Format || is == tool.TSV && o.Delimiter != '\t'
	})
	contents := written(all)
	if len(contents) == 0 {
		return o, nil // no format that there is, which is said later
	}
	check := tool.CheckOutput
	if tables.Packed(o.Format) {
		check = tool.CheckFile
	}
	err := check(c, flag, contents...)
	if _, ok := formats()[holds]; ok && err != nil && c.IsSet("format") {
		err = &twoFormats{err, o.Format, holds}
	}
	return o, err
}

// twoFormats are one that --format says, and another one that the name of the file does.
type twoFormats struct {
	error
	format string
	named  tool.Content
}

func (e *twoFormats) Unwrap() error { return e.error }

// Hint says how each of them is had.
func (e *twoFormats) Hint() string {
	return "without --format " + e.format + " what is written is " + string(e.named) + ", as the name says; with it, let the name end in ." + e.format
}

// written are the contents of formats, CSV before CSV with tabs.
func written(formats map[tool.Content]string) []tool.Content {
	return slices.Sorted(maps.Keys(formats))
}

// formats says which format is written into a file by what its name says of it.
func formats() map[tool.Content]string {
	return map[tool.Content]string{
		tool.CSV: tables.CSV, tool.TSV: tables.CSV, tool.JSON: tables.JSON, tool.Influx: tables.Influx,
		tool.XLSX: tables.XLSX, tool.Parquet: tables.Parquet,
	}
}
