package main

import (
	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/tool"
)

// named returns the options of the table that is written to the file which a flag names:
// in the format of --format, or, where that is not given, in the one that the name says.
// A name that says another one than is written is refused.
func named(c *cli.Context, flag string, o tables.Options) (tables.Options, error) {
	holds := tool.Holds(c.String(flag))
	if format, ok := formats()[holds]; ok && !c.IsSet("format") {
		o.Format = format
	}
	if holds == tool.TSV && o.Format == tables.CSV && o.Delimiter == 0 {
		o.Delimiter = '\t'
	}
	var written []tool.Content
	for content, format := range formats() {
		if format == o.Format && content != tool.TSV {
			written = append(written, content)
		}
	}
	if o.Format == tables.CSV && o.Delimiter == '\t' {
		written = append(written, tool.TSV)
	}
	if len(written) == 0 {
		return o, nil // no format that there is, which is said later
	}
	return o, tool.CheckOutput(c, flag, written...)
}

// formats says which format is written into a file by what its name says of it.
func formats() map[tool.Content]string {
	return map[tool.Content]string{
		tool.CSV: tables.CSV, tool.TSV: tables.CSV, tool.JSON: tables.JSON, tool.Influx: tables.Influx,
	}
}
