package main

import (
	"math"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/archive"
	"p1/pkg/cat/sources"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// Names of the flags of archives.
const (
	flagArchive = "archive"
	flagSync    = "sync"
	flagKeep    = "keep"
	flagMaxSize = "max-size"
	flagPace    = "pace"
)

func archiveFlags() []cli.Flag {
	return []cli.Flag{
		tool.Fills(&cli.StringFlag{Name: flagArchive, Usage: "keep all records in `DIR` too, in a .jsonl.zst file for each day, in UTC, which is packed smaller when the day is over"}, archive.Named),
		&cli.StringFlag{Name: flagKeep, DefaultText: "for ever", Usage: "with --archive: delete files that are older than `AGE`, such as 400d or 36h, sealed ones too"},
		&cli.StringFlag{Name: flagMaxSize, DefaultText: "any", Usage: "with --archive: delete the oldest files once all take more than `SIZE`, such as 2G or 500M"},
		&cli.DurationFlag{
			Name: flagSync, Value: time.Minute, DefaultText: "1m",
			Usage: "with --archive: have the system write to the disk every `TIME`, with 0 at each flush; more often wears cards, less often costs more when the power fails",
		},
		&cli.Float64Flag{
			Name: flagPace, DefaultText: "0: as fast as possible",
			Usage: "replay files of chunk records that have times, such as an archive's, at `FACTOR` times the pace at which they came: 1 is the original one",
		},
	}
}

// openArchive opens the archive that is asked for, or none.
func openArchive(c *cli.Context) (record.Stage, error) {
	if !c.IsSet(flagArchive) {
		for _, name := range []string{flagSync, flagKeep, flagMaxSize, flagSeal} {
			if c.IsSet(name) {
				return nil, tool.Usagef("--%s is of no use without --%s DIR", name, flagArchive)
			}
		}
		return nil, nil
	}
	o := archive.Options{
		Dir: c.String(flagArchive), Sync: c.Duration(flagSync), Pack: true, Say: tool.Say(c),
		FinishAll: !c.Bool("follow") && !slices.ContainsFunc(c.Args().Slice(), sources.Endless),
	}
	if o.Dir == "" {
		return nil, tool.Usagef("--%s wants a directory", flagArchive)
	}
	if o.Sync < 0 {
		return nil, tool.Usagef("--%s %v: want a time such as 60s, or 0 for every flush", flagSync, o.Sync)
	}
	var err error
	if text := c.String(flagKeep); c.IsSet(flagKeep) {
		if o.Keep, err = archive.ParseAge(text); err != nil {
			return nil, tool.Usagef("--%s: %w", flagKeep, err)
		}
	}
	if text := c.String(flagMaxSize); c.IsSet(flagMaxSize) {
		if o.MaxSize, err = archive.ParseSize(text); err != nil {
			return nil, tool.Usagef("--%s: %w", flagMaxSize, err)
		}
	}
	if err := sealing(c, &o); err != nil {
		return nil, err
	}
	return archive.New(o), nil
}

// pace is the pace that is asked for, or nil.
func pace(c *cli.Context) (*sources.Pace, error) {
	switch factor := c.Float64(flagPace); {
	case factor == 0:
		return nil, nil
	case factor > 0 && !math.IsInf(factor, 0):
		return sources.NewPace(factor), nil
	default:
		return nil, tool.Usagef("--%s %v: want 1, 10 or another factor; 0 is as fast as possible", flagPace, factor)
	}
}
