package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
	"p1/pkg/tool"
)

// options reads the flags that say which table is made.
func options(c *cli.Context) (tables.Options, error) {
	o := tables.Options{
		Table: c.String("table"), NoHeader: c.Bool("no-header"), Say: tool.Say(c),
		Format: c.String("format"), Units: c.String("units"),
	}
	if c.IsSet("profile") || !c.IsSet("columns") {
		o.Profile = c.String("profile")
	}
	if c.IsSet("columns") {
		o.Columns = strings.Split(c.String("columns"), ",")
	}
	if err := zone(&o, c.String("tz")); err != nil {
		return o, err
	}
	if err := every(&o, c.String("every")); err != nil {
		return o, err
	}
	if c.Bool("excel-eu") {
		o = tables.ExcelEU(o)
	}
	if c.IsSet("delimiter") {
		text := c.String("delimiter")
		if text == `\t` {
			text = "\t"
		}
		r, size := utf8.DecodeRuneInString(text)
		if size == 0 || size != len(text) {
			return o, fmt.Errorf("--delimiter %q is not one character", c.String("delimiter"))
		}
		o.Delimiter = r
	}
	o.DecimalComma = o.DecimalComma || c.Bool("decimal-comma")
	o.BOM = o.BOM || c.Bool("bom")
	for name, limit := range map[string]*telegram.Decimal{
		"limit-voltage": &o.LimitVoltage, "limit-current": &o.LimitCurrent, "limit-power": &o.LimitPower,
	} {
		var ok bool
		if *limit, ok = telegram.ParseDecimal(c.String(name)); !ok {
			return o, fmt.Errorf("--%s %q is not a number", name, c.String(name))
		}
	}
	if accept := c.String("accept"); accept != "" && accept != "bad" {
		return o, fmt.Errorf("--accept %q: only bad can be accepted", accept)
	}
	o.AcceptBad = c.String("accept") != ""
	o.Salvaged = c.Bool("salvaged")
	o.Unique, o.Output = c.Bool("unique"), c.String(tool.FlagOutput)
	o.Saved = saved(c)
	return o, nil
}

// zone finds the time zone of a name. The host's own zone, Local, is none: a log
// must not read otherwise on another computer.
func zone(o *tables.Options, name string) (err error) {
	if name == "" {
		return nil
	}
	if name != "Local" {
		if o.Zone, err = time.LoadLocation(name); err == nil {
			return nil
		}
	}
	return fmt.Errorf("--tz %q is no time zone: it is named by continent and city, such as Europe/Amsterdam or Europe/Budapest", name)
}

// spans are those that are usual; others are what divides an hour.
func spans() []string { return []string{"15m", "1h", "1d", "1w", "1mo"} }

// every reads a span of time: a duration, or 1d, 1w, 1mo.
func every(o *tables.Options, text string) (err error) {
	switch text {
	case "":
		return nil
	case "1d", "24h":
		o.Every = tables.Day
	case "1w", "7d":
		o.Every = tables.Week
	case "1mo":
		o.Every = tables.Month
	default:
		if o.Every, err = time.ParseDuration(text); err != nil || o.Every <= 0 || o.Every >= tables.Month {
			return fmt.Errorf("--every %q is no span of time: 1mo, 1w, 1d, 1h, 15m and 1m are", text)
		}
	}
	o.CentralEurope, err = time.LoadLocation("Europe/Brussels")
	return err
}

// writtenFlags are those of how rows are written.
func writtenFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "excel-eu", Usage: "CSV with semicolon, decimal comma, byte order mark, CRLF and local time, for European Excel; text that looks like a number or a date stays text"},
		&cli.StringFlag{Name: "delimiter", Value: ",", Usage: "`CHARACTER` between the cells of CSV; \\t for a tab"},
		&cli.BoolFlag{Name: "decimal-comma", Usage: "write the numbers of CSV with a comma; needs another --delimiter"},
		&cli.BoolFlag{Name: "bom", Usage: "begin CSV with a byte order mark, so that Excel reads UTF-8"},
		&cli.BoolFlag{Name: "no-header", Usage: "leave out the line of CSV with the names of the columns"},
		tool.Fills(&cli.StringFlag{Name: "partition", Usage: "write Parquet files below `DIR`, for each meter and day, meter=…/day=…, instead of one"}, isPart),
	}
}

// limitFlag is that of a limit above which a phase is called stressed.
func limitFlag(what, value, unit, is string) cli.Flag {
	return &cli.StringFlag{Name: "limit-" + what, Value: value, Usage: is + ": above `N` " + unit}
}
