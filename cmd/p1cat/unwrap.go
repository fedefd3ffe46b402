package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/sources"
	"p1/pkg/cat/unwrap"
	"p1/pkg/tool"
)

// Names of the flags of what other programs put around the bytes.
const (
	flagAsIs   = "as-is"
	flagUnwrap = "unwrap"
	flagZone   = "tz"
)

func unwrapFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: flagAsIs, Usage: "take nothing off that another program has put around the bytes"},
		tool.SomeOf(&cli.StringFlag{Name: flagUnwrap, Usage: "take off this `FORM`, or several joined by commas, the outermost first, instead of what is recognised: time-stamp, hex, dump, ..."}, formNames),
		tool.OneOf(&cli.StringFlag{Name: flagZone, Usage: "`ZONE` of time stamps before the lines that do not name theirs, such as Europe/Amsterdam"}, tool.Zones),
	}
}

// formNames are the names of forms, as they are typed.
func formNames() []string {
	names := unwrap.Names()
	for i := range names {
		names[i] = strings.ReplaceAll(names[i], " ", "-")
	}
	return names
}

// unwrapping is what the flags say.
func unwrapping(c *cli.Context) (u sources.Unwrap, err error) {
	u.AsIs = c.Bool(flagAsIs)
	if u.AsIs && c.IsSet(flagUnwrap) {
		return u, tool.Usagef("--%s takes nothing off, and --%s says what to take off: give one of them", flagAsIs, flagUnwrap)
	}
	if c.IsSet(flagUnwrap) {
		if u.Forms, err = unwrap.ParseForms(c.String(flagUnwrap)); err != nil {
			return u, tool.Usagef("--%s: %w", flagUnwrap, err)
		}
	}
	if name := c.String(flagZone); c.IsSet(flagZone) {
		if u.Zone, err = time.LoadLocation(name); err != nil || name == "" {
			return u, tool.Usagef("--%s %s: want a zone such as Europe/Amsterdam, or UTC", flagZone, name)
		}
	}
	return u, nil
}
