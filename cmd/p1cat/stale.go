package main

import (
	"github.com/urfave/cli/v2"

	"p1/pkg/cat/capture"
	"p1/pkg/tool"
)

func staleFlags() []cli.Flag {
	return []cli.Flag{
		&cli.DurationFlag{
			Name: "stale", DefaultText: "never",
			Usage: "say so when a live SOURCE has been silent for `TIME`, such as 60s, and when bytes come again",
		},
		&cli.StringFlag{
			Name: "on-stale",
			Usage: "with --stale: run `COMMAND` in the shell at either, with P1_STATE (stale or back), P1_SOURCE and P1_AGE (seconds of silence) in its environment; " +
				"it has a minute",
		},
	}
}

// watched watches what is opened for silence, if the flags ask for that.
func watched(c *cli.Context, open capture.Open) (capture.Open, error) {
	after, command := c.Duration("stale"), c.String("on-stale")
	switch {
	case c.IsSet("stale") && after <= 0:
		return nil, tool.Usagef("--stale %v: a time above 0 is needed, such as 60s", after)
	case c.IsSet("on-stale") && command == "":
		return nil, tool.Usagef("--on-stale names no command")
	case c.IsSet("on-stale") && after == 0:
		return nil, tool.Usagef("--on-stale needs --stale, the silence after which it is run, such as --stale 60s")
	case after == 0:
		return open, nil
	}
	return capture.Stale{After: after, Command: command, Output: c.App.ErrWriter, Say: tool.Say(c)}.Watch(open), nil
}
