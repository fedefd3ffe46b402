package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/serve"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// serveFlags are those for handing on telegrams.
func serveFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:  "serve",
			Usage: "read telegram records, and serve the telegrams to any number of TCP clients at `ADDRESS`: tcp://:2001 for this machine only, tcp://0.0.0.0:2001 for the network",
		},
		tool.SomeOf(&cli.StringFlag{
			Name: "only", Value: "ok,repaired",
			Usage: "with --serve or --raw: hand on telegrams with a status of this `LIST`, never suspect ones; unchecked may be added for a meter without CRC",
		}, serve.Statuses),
		&cli.BoolFlag{
			Name:  "plain",
			Usage: "with --serve or --raw: make telegrams digestible for strict readers: messages that are not ASCII emptied, wrapped lines joined, CRC-16/ARC",
		},
		&cli.BoolFlag{
			Name:  "as-sent",
			Usage: "with --serve or --raw: leave the lines that p1fix doubts in the telegrams; else they are cut, and the telegram is signed anew",
		},
	}
}

// handsOn reports whether telegrams are to be handed on, rather than a source's
// bytes to be captured.
func handsOn(c *cli.Context) bool {
	return c.IsSet("serve") || c.IsSet("only") || c.Bool("plain") || c.Bool("as-sent")
}

// handOn reads telegram records and hands on the telegrams.
func handOn(c *cli.Context) error {
	only, err := serve.ParseOnly(c.String("only"))
	if err != nil {
		return tool.Usagef("--only %s: %w", c.String("only"), err)
	}
	for _, name := range []string{"follow", "archive", "sync", "keep", "max-size", "pace", "stale", "on-stale", flagAsIs, flagUnwrap, flagZone, flagSeal, flagIdentity} {
		if c.IsSet(name) {
			return tool.Usagef("--%s is for the p1cat that captures, not for the one that hands on telegrams: run a p1cat for each", name)
		}
	}
	o := serve.Options{Only: only, Plain: c.Bool("plain"), AsSent: c.Bool("as-sent"), Say: tool.Say(c)}
	switch {
	case c.IsSet("serve") && (c.Bool("raw") || c.IsSet(tool.FlagOutput)):
		return tool.Usagef("--serve writes to its clients, --raw and -o to a file or standard output: run a p1cat for each")
	case c.IsSet("serve"):
		return serveClients(c, o)
	case !c.Bool("raw"):
		return tool.Usagef("--only, --plain and --as-sent are for telegrams that are handed on: add --serve tcp://:2001 or --raw")
	}
	if err := tool.CheckOutput(c, tool.FlagOutput, tool.Bytes); err != nil {
		return err
	}
	return tool.Sink(c, func(w io.Writer) (record.Stage, error) {
		return serve.New(serve.Writer(w), o), nil
	})
}

// serveClients hands on to TCP clients. A file waits for the first of them; what comes
// through a pipe, such as a live line, does not.
func serveClients(c *cli.Context, o serve.Options) error {
	address, err := serve.ParseAddress(c.String("serve"))
	if err != nil {
		return tool.Usagef("--serve %w", err)
	}
	sig := tool.WatchSignals()
	err = tool.SinkUntil(c, sig, func(io.Writer) (record.Stage, error) {
		listeners, err := address.Listen()
		if err != nil {
			return nil, err
		}
		var hold <-chan struct{}
		from := ""
		if c.NArg() > 0 {
			hold, from = sig.Asked, ", from the first client on"
		}
		server := serve.Serve(listeners, serve.DefaultLimits(), o.Say, hold)
		o.Say("serving on " + server.Where() + from)
		return serve.New(server, o), nil
	})
	if errors.Is(err, tool.ErrInterrupted) {
		return sig.Ended()
	}
	return err
}
