package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
	"p1/pkg/noise/diagnose"
	"p1/pkg/tool"
)

// lineFlags are what the user knows of the line.
func lineFlags() []cli.Flag {
	return []cli.Flag{
		tool.OneOf(&cli.StringFlag{
			Name: "receiver", Value: diagnose.Unknown,
			Usage: "what inverts the signal is `RECEIVER`, for the advice: " + strings.Join(diagnose.Receivers(), ", ") + "; an ESP32 or ESP8266 is direct",
		}, diagnose.Receivers),
		&cli.StringFlag{
			Name:  "since",
			Usage: "only telegrams from `TIME` on count, such as 2026-11-20T18:00 (by the meter's clock); the CSV has all",
		},
		&cli.StringSliceFlag{
			Name:  "mark",
			Usage: "at `TIME=NAME` something was changed (2026-11-20T18:00=new-resistor): did it help? May be given several times",
		},
	}
}

// alsoCalled are other names of receivers, in small letters.
var alsoCalled = map[string]string{
	"esp": "direct", "esp32": "direct", "esp8266": "direct", "74hc14": "hc14", "74hct14": "hc14", "optocoupler": "opto", "ft232": "ftdi", "ft232r": "ftdi",
}

// lineSet lists the flags of lineFlags that are given.
func lineSet(c *cli.Context) []string {
	return slices.DeleteFunc([]string{"receiver", "since", "mark"}, func(name string) bool { return !c.IsSet(name) })
}

// lineOptions reads them.
func lineOptions(c *cli.Context) (diagnose.Options, error) {
	o := diagnose.Options{Receiver: c.String("receiver")}
	if known := alsoCalled[strings.ToLower(o.Receiver)]; known != "" {
		o.Receiver = known
	}
	if !slices.Contains(diagnose.Receivers(), o.Receiver) {
		return o, tool.Usagef("--receiver %s: there is no advice for it, but for %s%s", o.Receiver,
			strings.Join(diagnose.Receivers(), ", "), display.Meant(o.Receiver, diagnose.Receivers()))
	}
	var err error
	if c.IsSet("since") {
		if o.Since, err = diagnose.ParseInstant(c.String("since")); err != nil {
			return o, tool.Usagef("--since: %w", err)
		}
	}
	for _, text := range c.StringSlice("mark") {
		m, err := diagnose.ParseMark(text)
		if err != nil {
			return o, tool.Usagef("--mark: %w", err)
		}
		o.Marks = append(o.Marks, m)
	}
	return o, nil
}
