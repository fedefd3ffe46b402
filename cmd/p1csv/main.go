// Command p1csv takes telegram records and writes tables of them.
package main

import (
	"io"
	"os"
	"strings"
	_ "time/tzdata" // where the system has no zones

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/homeassistant"
	"p1/pkg/csv/tables"
	"p1/pkg/record"
	"p1/pkg/tool"
)

func main() { os.Exit(tool.Run(app(), os.Args, os.Stdin, os.Stdout, os.Stderr)) }

func app() *cli.App {
	flags := []cli.Flag{
		tool.OutputFlag(),
		tool.OneOf(&cli.StringFlag{Name: "format", Value: tables.CSV, Usage: "`FORMAT` of the rows: " + tables.FormatNames() + "; if it is not given, that which the name of a file ends in"}, tables.Formats),
		tool.SomeOf(&cli.StringFlag{Name: "table", Value: tables.Records, Usage: "`TABLE` to write: records (a row for each valid telegram), validity (a row for every telegram), gas, water, heat, peaks, failures, messages or events; of a workbook several, with commas between them"}, tables.Tables),
		tool.OneOf(&cli.StringFlag{Name: "profile", Value: tables.Default, Usage: "`PROFILE` of the records' columns: default, seed (those of the original script), nl, be, lu, se, hu, or all (whatever the first telegrams say)"}, tables.Profiles),
		tool.SomeOf(&cli.StringFlag{Name: "columns", Usage: "`NAMES` of the records' columns, with commas between them; OBIS codes are names too. With --profile, these after its own"}, tables.ColumnNames),
		tool.OneOf(&cli.StringFlag{Name: "every", Usage: "join the records of each `SPAN` of local time: 1mo, 1w, 1d, 1h, or what divides an hour, such as 15m; each telegram counts once, and registers get a column for what they gained"}, spans),
		tool.Reads(&cli.StringFlag{Name: "prices", Usage: "with --every columns, with --mcp answers of what the energy costs and earns, by the prices in `FILE`"}),
		tool.Writes(&cli.StringFlag{Name: "validity", Usage: "write the validity table to `FILE` in the same pass, in the format of --format or of its name"}),
		tool.OneOf(&cli.StringFlag{Name: "tz", Usage: "`ZONE` of meters whose clock says neither S nor W, such as Europe/Amsterdam, and of the days of --every; it says what S and W stand for outside of central Europe, too"}, tool.Zones),
		tool.QuietFlag(),
	}
	flags = append(flags, tool.Group("Which telegrams, and what of them",
		&cli.BoolFlag{Name: "unique", Usage: "one record for all copies of a telegram, in the order of the meter's clock: for logs that overlap, in any order; --every does that too"},
		&cli.BoolFlag{Name: "salvaged", Usage: "add rows of salvaged telegrams: the cells of the lines that can be trusted, all others empty"},
		tool.OneOf(&cli.StringFlag{Name: "units", Value: tables.KW, Usage: "`UNIT` of powers: kW (and kWh, kvar, kVA), or W (and Wh, var, VA), in the names of columns too"}, tables.Units),
		limitFlag("voltage", "240", "V", "VoltStress of --profile seed, and the seconds that --every counts"),
		limitFlag("current", "18", "A", "AmpStress of --profile seed"),
		limitFlag("power", "11", "kW", "kWStress of --profile seed"),
	)...)
	flags = append(flags, tool.Group("How the rows are written", writtenFlags()...)...)
	flags = append(flags, tool.Group("Home Assistant",
		tool.OneOf(&cli.StringFlag{Name: "discovery", Usage: "instead of rows write the messages by which `PROGRAM` finds the meter and the columns, and end: homeassistant"}, tool.These("homeassistant")),
		&cli.StringFlag{Name: "topic", Value: homeassistant.DefaultTopic, Usage: "`PREFIX` of the MQTT topics that --discovery speaks of: the rows are published at PREFIX/state"},
	)...)
	flags = append(flags, tool.Group("Questions of a language model", mcpFlags()...)...)
	flags = append(flags, tool.ReadFlags()...)
	flags = append(flags, tool.Group(tool.Damage,
		tool.OneOf(&cli.StringFlag{Name: "accept", Usage: "take telegrams of `STATUS` bad too, lost ones, and all lines of salvaged ones, for a meter whose CRC is unknown: their numbers are not verified"}, tool.These("bad")),
	)...)
	return tool.App("p1csv", "tables: telegrams as CSV, JSON, Influx lines, a workbook or Parquet", "[FILE...]",
		`Reads records from the FILEs or standard input, best those of p1fix, and writes
a row for each telegram that is ok, repaired or unchecked. Times have the
offset that the meter's S or W stands for; numbers keep the meter's digits.`,
		`p1cat p1.log | p1frame | p1fix | p1csv -o records.csv --validity validity.csv
p1csv --every 1d --prices prices.txt -o costs.csv year.jsonl.zst
p1csv --excel-eu -o day.csv day.jsonl.zst
p1csv -o day.xlsx day.jsonl.zst
p1csv --partition lake day.jsonl.zst
p1cat /dev/p1 | p1frame | p1fix | p1csv --profile nl --discovery homeassistant
p1csv --profile all --format json day.jsonl.zst | jq .import_kwh
p1csv --mcp /var/lib/p1`,
		flags, run)
}

func run(c *cli.Context) error {
	o, err := options(c)
	if err == nil && c.Bool("mcp") {
		return serve(c, o)
	}
	if err == nil {
		err = onlyMCP(c)
	}
	if err == nil && c.IsSet("discovery") {
		return discover(c, o)
	}
	if err == nil {
		if o.Prices, err = readPrices(c.String("prices")); err != nil {
			return err
		}
	}
	parts := &begun{}
	var beside tables.Options // of the validity table
	if err == nil {
		o, err = partitioned(c, o, parts)
	}
	if err == nil {
		beside, err = named(c, "validity", o)
	}
	if err == nil {
		o, err = named(c, tool.FlagOutput, o)
	}
	names := strings.Split(strings.ReplaceAll(o.Table, ", ", ","), ",")
	if err == nil {
		err = check(c, o, names)
	}
	if err != nil {
		return &tool.UsageError{Err: err}
	}
	if o.AcceptBad {
		tool.Say(c)("telegrams that are not valid are taken too: their numbers are NOT verified (their status is bad or lost)")
	}
	o.Expected = expected(c, o)
	bound(o)
	if name := c.String("validity"); name != "" {
		return parts.end(tool.Say(c), runBoth(c, o, beside, names, name, parts))
	}
	return parts.end(tool.Say(c), tool.Sink(c, func(out io.Writer) (record.Stage, error) {
		if err := whole(out, o); err != nil {
			return nil, err
		}
		t, err := tables.NewSeveral(out, days(c, tool.FlagOutput, out, o, parts), names)
		return output{t, names}, err
	}))
}
