// Command p1fix takes telegram records and repairs the bad ones, where the CRC
// confirms the repair.
package main

import (
	"errors"
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"p1/pkg/fix/pair"
	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/tool"
)

func main() { os.Exit(tool.Run(app(), os.Args, os.Stdin, os.Stdout, os.Stderr)) }

func app() *cli.App {
	flags := append([]cli.Flag{
		tool.OutputFlag(),
		tool.Keeps(&cli.StringFlag{Name: "state", Usage: "go on from what `FILE` says of the meters, and keep it up to date: at the end and every 10 minutes"}),
		tool.Reads(&cli.StringFlag{Name: "state-from", Usage: "go on from what `FILE` says, and leave it as it is"}),
		tool.Reads(&cli.StringFlag{Name: "with", Usage: "take `FILE`, what p1frame made of a second capture of the same meter, for evidence, too, and say at the end what it was good for"}),
	}, tool.KeyFlags()...)
	flags = append(flags, tool.QuietFlag(), tool.ASCIIFlag())
	flags = append(flags, tool.Group("How it is decided",
		&cli.Float64Flag{Name: "min-confidence", Value: 0.999, Usage: "refuse a repair whose probability of being right is below `P`"},
		&cli.IntFlag{Name: "lookahead", DefaultText: "0 live, 100 from files", Usage: "let up to `N` telegrams come out late, so that those after a damaged one can help"},
		&cli.BoolFlag{Name: "explain", Usage: "add to each telegram that was decided about what was weighed, for people"},
		&cli.BoolFlag{Name: "again", Usage: "undo the repairs of an earlier run and decide anew"},
	)...)
	flags = append(flags, tool.ReadFlags()...)
	return tool.App("p1fix", "repair: what the meter sent, from what was received", "[FILE...]",
		`Reads the records of p1frame from the FILEs or standard input. A bad telegram
becomes a repaired one, with every change in its edits, or, with the reason in
why, a salvaged one, of which the lines in trusted can be used, or a lost one. In
the others, doubted names the lines whose values cannot be right although the meter
sent them; everything else passes unchanged.

Encrypted telegrams are repaired with the key that p1frame has read them with, which
stands in the same file or environment variable.`,
		`p1fix telegrams.jsonl.zst | p1csv -o records.csv`,
		flags, run)
}

// mostMemory is more than three times what is kept of the most meters that are
// remembered: garbage of telegrams that ask for much work is collected before it grows.
const mostMemory = 48 << 20

// limitMemory asks for garbage to be collected before there is more, unless somebody has.
func limitMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

func run(c *cli.Context) error {
	limitMemory(mostMemory)
	o := repair.Options{MinConfidence: c.Float64("min-confidence"), Again: c.Bool("again"), Lookahead: c.Int("lookahead"), Explain: c.Bool("explain"), Say: tool.Say(c)}
	if c.IsSet("lookahead") && o.Lookahead <= 0 {
		o.Lookahead = repair.NoLookahead
	}
	if !(o.MinConfidence >= 0 && o.MinConfidence <= 1) {
		return tool.Usagef("--min-confidence is %v: a probability lies between 0 and 1", o.MinConfidence)
	}
	var err error
	if o.Keys, err = tool.ReadKeys(c); err != nil {
		return err
	}
	second, err := openSecond(c)
	if err != nil {
		return err
	}
	if second != nil {
		o.With = second.capture
		limitMemory(mostMemory + pair.MostMemory)
	}
	return errors.Join(repairAll(c, o), second.finish())
}

// repairAll runs p1fix.
func repairAll(c *cli.Context, o repair.Options) error {
	m, err := recall(c)
	switch {
	case err != nil:
		return err
	case m == nil:
		return tool.Filter(c, func(out record.Writer) (record.Stage, error) { return repair.New(out, o), nil })
	}
	err = tool.Filter(c, func(out record.Writer) (record.Stage, error) { return m.stage(repair.New(out, o)) })
	return errors.Join(err, m.finish())
}
