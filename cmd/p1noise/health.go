package main

import (
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
	"p1/pkg/fileio"
	"p1/pkg/noise/health"
	"p1/pkg/record"
	"p1/pkg/sequence"
	"p1/pkg/tool"
)

// examined runs a stage and counts what it takes, for the file of metrics and for
// whoever asks by a signal.
func examined(c *cli.Context, build func(io.Writer) (record.Stage, error)) error {
	if err := check(c); err != nil {
		return err
	}
	h := health.New(time.Now)
	defer tool.OnAsked(func() { fmt.Fprint(c.App.ErrWriter, display.Lines(h.Text())) })()
	var keeper *health.Keeper
	if path := c.String("metrics"); path != "" {
		keeper = health.Keep(h, path, tool.Say(c))
	}
	err := tool.Sink(c, func(out io.Writer) (record.Stage, error) {
		stage, err := build(out)
		return &counted{Stage: stage, health: h, say: tool.Say(c)}, err
	})
	if keeper != nil && keeper.Close() != nil && err == nil {
		err = tool.ErrReported
	}
	return err
}

// check refuses what would never be read, or cannot be written.
func check(c *cli.Context) error {
	names, err := fileio.Expand(c.Args().Slice())
	if err == nil && c.Bool(tool.FlagFollow) && len(names) > 1 {
		return tool.Usagef("--follow takes one FILE, and %d are named: those after the first would never be read", len(names))
	}
	if err := checkPictures(c); err != nil {
		return err
	}
	if err := checkNames(c); err != nil {
		return err
	}
	if c.IsSet("metrics") && c.String("metrics") == "" {
		return tool.Usagef("--metrics names no file")
	}
	return nil
}

// counted is a stage whose records are counted, and said of if some count twice.
type counted struct {
	record.Stage
	health *health.Health
	watch  sequence.Watch
	say    func(string)
}

// Take takes the next record.
func (s *counted) Take(r record.Record) error {
	s.health.Take(r)
	if t, ok := r.(*record.Telegram); ok {
		if text := s.watch.Look(t); text != "" {
			s.say(text + "; all that comes counts: name each log once, the earliest first")
		}
	}
	return s.Stage.Take(r)
}
