// Command p1cat takes the names of logs or other sources of a meter's bytes and
// writes those bytes as chunk records.
package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"p1/pkg/capture"
	"p1/pkg/source"
	"p1/pkg/tool"
)

func main() { os.Exit(tool.Run(app(), os.Args, os.Stdin, os.Stdout, os.Stderr)) }

func app() *cli.App {
	flags := []cli.Flag{
		tool.OutputFlag(),
		tool.ASCIIFlag(),
		&cli.BoolFlag{Name: "raw", Usage: "write the bytes themselves instead of records; of a SOURCE that holds records, the bytes in these"},
	}
	flags = append(flags, serveFlags()...)
	return tool.App("p1cat", "capture: a smart meter's bytes as records", "[SOURCE...]",
		`A SOURCE is a file (.gz, .zst and UTF-16 with a byte order mark are decoded),
a pattern such as logs/*.log, - for standard input, or the simulated meter:

    demo:?meter=hu&telegrams=360&noise=slow-rise&seed=1

Sources are read in the order given, the files of a pattern sorted by name.
Without a SOURCE, standard input is read. With --raw a file, or standard input,
may hold records of any stage: the bytes in them are written, which makes a log
of records again.

With --serve, or with --raw and --only or --plain, it is the last stage: it reads
the records that p1fix writes and hands on the telegrams that are verified.`,
		`p1cat p1.log | p1frame | p1fix | p1csv -o records.csv
p1cat p1.log | p1frame | p1fix | p1cat --serve tcp://:2001`,
		flags, run)
}

func run(c *cli.Context) error {
	if handsOn(c) {
		return handOn(c)
	}
	if c.Bool("raw") {
		return capture.Run(c, true, source.OpenRecords)
	}
	return capture.Run(c, false, source.Open)
}
