// Command p1noise takes telegram and noise records and says what the noise was,
// and what was done about it.
package main

import (
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"p1/pkg/tool"
)

func main() { os.Exit(tool.Run(app(), os.Args, os.Stdin, os.Stdout, os.Stderr)) }

func app() *cli.App {
	flags := append(outputFlags(), tool.OutputFlag())
	flags = append(flags, tool.Group("What is known of the line: with --summary, --brief, --json, --html, --index or --plot", lineFlags()...)...)
	flags = append(flags, tool.Group("Pages and picture", pictureFlags()...)...)
	flags = append(flags, tool.Group("A running capture",
		tool.FollowFlag(),
		tool.Replaces(&cli.StringFlag{
			Name:  "metrics",
			Usage: "keep `FILE` up to date with what has been counted, as Prometheus's text format; name it .prom for node_exporter",
		}),
	)...)
	flags = append(flags, tool.ReadFlags()...)
	return tool.App("p1noise", "report: what the noise was", "[FILE...]",
		`Reads records from the FILEs or standard input, best those of p1fix, and writes
a CSV line for each damaged telegram, noise record and gap: when and where it
was, each changed byte, and the conclusion. --summary writes a text instead, what is
wrong with the line first, or --brief one that can be pasted elsewhere; --json all that is known; --voltage a text about the
grid's voltage, of a clean line too.

--html, --voltage-html, --index and --plot write files beside it, each whole or not at
all: a page about the line, one about the grid's voltage and one that leads to the files
of a report, which can be read offline, and one picture. With --follow they come at the
end, too.

Where the system has the signal SIGUSR1, it makes p1noise say on standard error
how many telegrams came and how they were, when the last one came, and the last
problems; p1noise goes on.`,
		`p1noise --summary --receiver transistor day.jsonl.zst
p1noise --brief month.jsonl.zst
p1noise --voltage -o voltage.txt --voltage-html voltage.html week.jsonl.zst
p1noise --html page.html --mark 2026-11-20T18:00=resistor -o noise.csv day.jsonl.zst
p1noise --plot day.svg --chart hours -o noise.csv day.jsonl.zst
p1noise --follow --metrics p1.prom -o noise.csv telegrams.jsonl`,
		flags, run)
}

// mostMemory is about twice what is kept of a line: garbage of telegrams that ask for much
// work is collected before it grows.
const mostMemory = 44 << 20

func run(c *cli.Context) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(mostMemory)
	}
	build, err := chosen(c)
	if err == nil {
		build, err = pictured(c, build)
	}
	if err != nil {
		return err
	}
	return examined(c, build)
}
