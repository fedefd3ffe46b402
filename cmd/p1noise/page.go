package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
	"p1/pkg/fileio"
	"p1/pkg/noise/chart"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/page"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// pictureFlags name the files that are written beside the output.
func pictureFlags() []cli.Flag {
	return []cli.Flag{
		tool.Replaces(&cli.StringFlag{
			Name:  "html",
			Usage: "write a page about the line to `FILE` too, at the end: the diagnosis, and pictures",
		}),
		tool.Replaces(&cli.StringFlag{
			Name:  "plot",
			Usage: "write one picture to `FILE`.svg or .png too, at the end",
		}),
		tool.OneOf(&cli.StringFlag{
			Name: "chart",
			Usage: "`PICTURE` for --plot: " + strings.Join(kinds(), ", ") + "; default marks with --mark, else causes, " +
				"or reliability of a line without damage",
		}, kinds),
	}
}

func kinds() []string {
	var names []string
	for _, k := range chart.Kinds() {
		names = append(names, string(k))
	}
	return names
}

// checkPictures refuses files that cannot be written.
func checkPictures(c *cli.Context) error {
	if kind := c.String("chart"); c.IsSet("chart") && !slices.Contains(kinds(), kind) {
		return tool.Usagef("--chart %s: there is no such picture, but %s%s", kind, strings.Join(kinds(), ", "), display.Meant(kind, kinds()))
	} else if c.IsSet("chart") && !c.IsSet("plot") {
		return tool.Usagef("--chart is for --plot, which is missing")
	}
	if ext := strings.ToLower(filepath.Ext(c.String("plot"))); c.IsSet("plot") && ext != ".svg" && ext != ".png" {
		return tool.Usagef("--plot %s: the name must end in .svg or .png", c.String("plot"))
	}
	for _, flag := range []string{"html", "plot"} {
		if path := c.String(flag); c.IsSet(flag) && (path == "" || path == fileio.Stdin) {
			return tool.Usagef("--%s names no file", flag)
		}
	}
	for _, flag := range []string{"html", "plot"} {
		if path := c.String(flag); path != "" {
			if err := fileio.CanReplace(path); err != nil {
				return &pictureError{path, err}
			}
		}
	}
	return nil
}

// pictureError says why a page or picture is not there.
type pictureError struct {
	path string
	err  error
}

func (e *pictureError) Error() string { return fmt.Sprintf("%s cannot be written: %v", e.path, e.err) }
func (e *pictureError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (e *pictureError) Hint() string { return fileio.ReplaceHint(e.path, e.err) }

// illustrated is a stage whose records are diagnosed, for the files of --html and
// --plot.
type illustrated struct {
	record.Stage
	diagnoser *diagnose.Diagnoser
	context   *cli.Context
}

// pictured adds the pictures that are asked for to an output.
func pictured(c *cli.Context, build output) (output, error) {
	if !pictures(c) {
		return build, nil
	}
	o, err := lineOptions(c)
	return func(w io.Writer) (record.Stage, error) {
		stage, err := build(w)
		return illustrated{stage, diagnose.New(o), c}, err
	}, err
}

// pictures reports whether any are asked for.
func pictures(c *cli.Context) bool { return c.IsSet("html") || c.IsSet("plot") }

// Take takes the next record.
func (s illustrated) Take(r record.Record) error {
	if err := s.Stage.Take(r); err != nil {
		return err
	}
	return s.diagnoser.Take(r)
}

// Close finishes the stage and writes the files.
func (s illustrated) Close() error {
	err := s.Stage.Close()
	r := s.diagnoser.Report()
	for path, write := range map[string]func(io.Writer) error{
		s.context.String("html"): func(w io.Writer) error { return page.Write(w, &r) },
		s.context.String("plot"): func(w io.Writer) error {
			return plot(w, &r, chart.Kind(s.context.String("chart")), s.context.String("plot"))
		},
	} {
		if path != "" {
			err = errors.Join(err, put(path, write))
		}
	}
	return err
}

func plot(w io.Writer, r *diagnose.Report, k chart.Kind, path string) error {
	if k == "" {
		k = chart.Most(r)
	}
	p := chart.Draw(r, k, chart.Wide)
	if strings.EqualFold(filepath.Ext(path), ".png") {
		return p.WritePNG(w)
	}
	return p.WriteSVG(w)
}

func put(path string, write func(io.Writer) error) error {
	var b bytes.Buffer // nothing is half written
	err := write(&b)
	if err == nil {
		err = fileio.Replace(path, b.Bytes(), fileio.Private)
	}
	if err != nil {
		return &pictureError{path, err}
	}
	return nil
}
