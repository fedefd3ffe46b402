package main

import (
	"io"

	"github.com/urfave/cli/v2"

	"p1/pkg/csv/homeassistant"
	"p1/pkg/csv/tables"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// discover writes the messages by which another program finds the rows that o
// asks for, as soon as the meter and its columns are known.
func discover(c *cli.Context, o tables.Options) error {
	if name := c.String("discovery"); name != "homeassistant" {
		return tool.Usagef("--discovery %q: the only program it is for is homeassistant", name)
	}
	for _, other := range []string{"validity", "every", "unique", "prices"} {
		if c.IsSet(other) {
			return tool.Usagef("--discovery and --%s do not go together", other)
		}
	}
	if err := tool.CheckOutput(c, tool.FlagOutput, tool.Text); err != nil {
		return err
	}
	topic := c.String("topic")
	err := homeassistant.CheckTopic(topic)
	if err == nil {
		_, err = tables.NewHead(o) // before a file is overwritten for nothing
	}
	if err != nil {
		return &tool.UsageError{Err: err}
	}
	return tool.Sink(c, func(out io.Writer) (record.Stage, error) {
		head, err := tables.NewHead(o)
		return &discovery{head: head, out: out, topic: topic}, err
	})
}

// discovery reads the beginning of a stream and writes the messages at its end.
type discovery struct {
	record.BaseStage
	head  *tables.Head
	out   io.Writer
	topic string
}

func (d *discovery) Take(r record.Record) error { return enough(d.head.Take(r)) }

func (d *discovery) Flush() error { return enough(d.head.Flush()) }

func (d *discovery) Close() error {
	meter, columns, err := d.head.Known()
	if err != nil {
		return err
	}
	return homeassistant.Write(d.out, d.topic, meter, columns)
}

func enough(known bool, err error) error {
	if known && err == nil {
		return record.ErrEnough
	}
	return err
}
