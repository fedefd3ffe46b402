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
	switch contents := written(all); {
	case len(contents) == 0:
		return o, nil // no format that there is, which is said later
	case tables.Packed(o.Format):
		return o, tool.CheckFile(c, flag, contents...)
	default:
		return o, tool.CheckOutput(c, flag, contents...)
	}
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
