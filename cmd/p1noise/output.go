package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/noise/brief"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// output makes the stage that writes what p1noise is asked for.
type output func(io.Writer) (record.Stage, error)

// outputFlags are the flags of what p1noise writes instead of the CSV.
func outputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "summary", Usage: "write a summary for people instead of the CSV"},
		&cli.BoolFlag{Name: "brief", Usage: "write a text of less than 4 kB without identifiers instead of the CSV, for a chat or a forum: meters, totals, voltages, diagnosis"},
		&cli.BoolFlag{Name: "json", Usage: "write the diagnosis and all counts as one JSON object instead of the CSV"},
		&cli.IntFlag{Name: "worst", Value: 3, Usage: fmt.Sprintf("with --json: at most `N` of the worst telegrams, byte by byte; there are up to %d", diagnose.MaxWorst)},
		&cli.BoolFlag{Name: "voltage", Usage: "write what the voltages show by EN 50160 instead of the CSV"},
		&cli.StringFlag{Name: "nominal", Value: voltage.Nominal, Usage: "with --voltage, --voltage-html or --index: the nominal voltage is `N` V between phase and neutral"},
		&cli.BoolFlag{Name: "excel-eu", Usage: "the CSV with semicolon, byte order mark, CRLF and local time, for European Excel; text that looks like a number or a date stays text"},
	}
}

// named is an output, by its flag: what [page.WriteIndex] calls it, and what is in it.
type named struct {
	flag, kind string
	content    tool.Content
}

// otherOutputs are those that may be written instead of the CSV.
func otherOutputs() []named {
	return []named{
		{"summary", "summary.txt", tool.Text}, {"brief", "brief.txt", tool.Text},
		{"json", "noise.json", tool.JSON}, {"voltage", "voltage.txt", tool.Text},
	}
}

// namedOutput is the one that is written.
func namedOutput(c *cli.Context) named {
	for _, o := range otherOutputs() {
		if c.Bool(o.flag) {
			return o
		}
	}
	return named{kind: "noise.csv", content: tool.CSV}
}

// chosen returns the output that the flags ask for. It refuses two of them, and what
// belongs to another one.
func chosen(c *cli.Context) (output, error) {
	var names []string
	for _, o := range otherOutputs() {
		if c.Bool(o.flag) {
			names = append(names, "--"+o.flag)
		}
	}
	line, err := lineOptions(c)
	switch {
	case err != nil:
		return nil, err
	case len(names) > 1:
		return nil, tool.Usagef("%s: one output at a time", strings.Join(names, " and "))
	case len(names) > 0 && c.Bool("excel-eu"):
		return nil, tool.Usagef("--excel-eu is for the CSV, not for %s", names[0])
	case c.IsSet("nominal") && !c.Bool("voltage") && !ofVoltage(c):
		return nil, tool.Usagef("--nominal is for --voltage, --voltage-html and --index: give one of them")
	case c.IsSet("worst") && !c.Bool("json"):
		return nil, tool.Usagef("--worst is for --json")
	case c.Int("worst") < 0 || c.Int("worst") > diagnose.MaxWorst:
		return nil, tool.Usagef("--worst %d: there are 0 to %d of them", c.Int("worst"), diagnose.MaxWorst)
	case len(lineSet(c)) > 0 && !c.Bool("summary") && !c.Bool("brief") && !c.Bool("json") && !ofLine(c):
		return nil, tool.Usagef("--%s is for --summary, --brief, --json, --html, --index and --plot: give one of them", lineSet(c)[0])
	case c.Bool("voltage"):
		return voltageOutput(c)
	case c.Bool("summary"):
		return func(w io.Writer) (record.Stage, error) {
			return report.NewSummary(w, report.SummaryOptions{Diagnosis: line}), nil
		}, nil
	case c.Bool("brief"):
		return func(w io.Writer) (record.Stage, error) { return brief.New(w, line) }, nil
	case c.Bool("json"):
		return func(w io.Writer) (record.Stage, error) { return report.NewJSON(w, line, c.Int("worst")), nil }, nil
	}
	return func(w io.Writer) (record.Stage, error) {
		if c.Bool("excel-eu") {
			return report.NewExcelLog(w), nil
		}
		return report.NewLog(w), nil
	}, nil
}

// voltageOutput checks the nominal voltage before any output is opened.
func voltageOutput(c *cli.Context) (output, error) {
	counter, err := voltageCounter(c)
	return func(w io.Writer) (record.Stage, error) { return voltage.NewReport(w, counter), nil }, err
}

func voltageCounter(c *cli.Context) (*voltage.Counter, error) {
	counter, err := voltage.NewCounter(c.String("nominal"))
	if err != nil {
		return nil, tool.Usagef("--nominal %w", err)
	}
	return counter, nil
}

// checkNames refuses names of files that say that something else is in them.
func checkNames(c *cli.Context) error {
	err := tool.CheckOutput(c, tool.FlagOutput, namedOutput(c).content)
	for _, flag := range []string{"html", "voltage-html", "index"} {
		if err == nil {
			err = tool.CheckFile(c, flag, tool.Page)
		}
	}
	if err == nil {
		err = tool.CheckFile(c, "metrics", tool.Metrics)
	}
	return err
}
