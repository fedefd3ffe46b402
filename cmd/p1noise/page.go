package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
	"p1/pkg/fileio"
	"p1/pkg/noise/chart"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/page"
	"p1/pkg/noise/usage"
	"p1/pkg/noise/voltage"
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
			Name:  "voltage-html",
			Usage: "write a page about the grid's voltage to `FILE` too, at the end: what --voltage says, and pictures; it prints on two sheets",
		}),
		tool.Replaces(&cli.StringFlag{
			Name:  "index",
			Usage: "write the first page of a report to `FILE` too, at the end: the chief figures, and links to what else is written and to the files of --link",
		}),
		tool.ReadsAll(&cli.StringSliceFlag{
			Name:  "link",
			Usage: "with --index: `FILE` is one that the page leads to, such as records.csv; may be given again",
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
	if err := checkLinks(c); err != nil {
		return err
	}
	for _, flag := range beside() {
		if path := c.String(flag); c.IsSet(flag) && (path == "" || path == fileio.Stdin) {
			return tool.Usagef("--%s names no file", flag)
		}
	}
	for _, flag := range beside() {
		if path := c.String(flag); path != "" {
			if err := fileio.CanReplace(path); err != nil {
				return &pictureError{path, err}
			}
		}
	}
	return nil
}

// checkLinks refuses links to nothing.
func checkLinks(c *cli.Context) error {
	if c.IsSet("link") && !c.IsSet("index") {
		return tool.Usagef("--link is for --index, which is missing")
	}
	for _, file := range c.StringSlice("link") {
		if _, err := os.Stat(file); err != nil {
			return tool.Usagef("--link %s: there is no such file to lead to: %w", file, err)
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

// beside lists the flags of files that are written beside the output.
func beside() []string { return []string{"html", "voltage-html", "index", "plot"} }

// ofLine and ofVoltage are those whose files tell of the line, and of the voltage.
func ofLine(c *cli.Context) bool    { return c.IsSet("html") || c.IsSet("index") || c.IsSet("plot") }
func ofVoltage(c *cli.Context) bool { return c.IsSet("voltage-html") || c.IsSet("index") }

// illustrated is a stage whose records are diagnosed, and their voltages counted, for the
// files that are written beside its output.
type illustrated struct {
	record.Stage
	diagnoser *diagnose.Diagnoser // none where no file tells of the line
	voltages  *voltage.Counter    // none where no file tells of the voltage
	usage     *usage.Counter      // none where there is no index
	context   *cli.Context
}

// pictured adds the pages and the picture that are asked for to an output.
func pictured(c *cli.Context, build output) (output, error) {
	if !ofLine(c) && !ofVoltage(c) {
		return build, nil
	}
	if c.Bool("voltage") && c.IsSet("html") && !c.IsSet("voltage-html") {
		tool.Say(c)("--html " + c.String("html") + " is a page about the line: --voltage-html FILE writes one about the voltage")
	}
	s := illustrated{context: c}
	if ofLine(c) {
		o, err := lineOptions(c)
		if err != nil {
			return nil, err
		}
		s.diagnoser = diagnose.New(o)
	}
	if ofVoltage(c) {
		var err error
		if s.voltages, err = voltageCounter(c); err != nil {
			return nil, err
		}
		s.voltages.Draw()
	}
	if c.IsSet("index") {
		s.usage = &usage.Counter{}
	}
	return func(w io.Writer) (record.Stage, error) {
		stage, err := build(w)
		s.Stage = stage
		return s, err
	}, nil
}

// Take takes the next record.
func (s illustrated) Take(r record.Record) error {
	if err := s.Stage.Take(r); err != nil {
		return err
	}
	if s.voltages != nil {
		if err := s.voltages.Take(r); err != nil {
			return err
		}
	}
	if t, ok := r.(*record.Telegram); ok && s.usage != nil {
		s.usage.Take(t)
	}
	if s.diagnoser != nil {
		return s.diagnoser.Take(r)
	}
	return nil
}

// Close finishes the stage and writes the files, the index last.
func (s illustrated) Close() error {
	err := s.Stage.Close()
	var r diagnose.Report
	var e *voltage.Evidence
	if s.diagnoser != nil {
		r = s.diagnoser.Report()
	}
	if s.voltages != nil {
		e = s.voltages.Evidence()
	}
	for _, file := range []struct {
		flag  string
		write func(w io.Writer, path string) error
	}{
		{"html", func(w io.Writer, _ string) error { return page.Write(w, &r) }},
		{"voltage-html", func(w io.Writer, _ string) error { return page.WriteVoltage(w, e) }},
		{"plot", func(w io.Writer, path string) error { return plot(w, &r, chart.Kind(s.context.String("chart")), path) }},
		{"index", func(w io.Writer, path string) error {
			return page.WriteIndex(w, page.Index{Line: &r, Usage: s.usage, Voltage: e, Links: links(s.context, path)})
		}},
	} {
		if path := s.context.String(file.flag); path != "" {
			err = errors.Join(err, put(path, file.write))
		}
	}
	return err
}

// links are what an index leads to: what this run writes, and the files that --link names.
func links(c *cli.Context, index string) []page.Link {
	var all []page.Link
	add := func(kind, file string) {
		if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
			return // /dev/null
		}
		path, err := relative(index, file) // no page leads to another drive
		known := slices.ContainsFunc(all, func(l page.Link) bool { return l.Path == path })
		if err == nil && !known {
			all = append(all, page.Link{Kind: kind, Path: path})
		}
	}
	for _, own := range []struct{ flag, kind string }{
		{"html", "line.html"}, {"voltage-html", "voltage.html"}, {"plot", "picture"}, {tool.FlagOutput, namedOutput(c).kind},
	} {
		if file := c.String(own.flag); file != "" && file != fileio.Stdin {
			add(own.kind, file)
		}
	}
	for _, file := range c.StringSlice("link") {
		add(filepath.Base(file), file)
	}
	return all
}

// relative is the way from a page to a file, as links write it.
func relative(index, file string) (string, error) {
	from, err := filepath.Abs(filepath.Dir(index))
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	path, err := filepath.Rel(from, to)
	return filepath.ToSlash(path), err
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

func put(path string, write func(w io.Writer, path string) error) error {
	var b bytes.Buffer // nothing is half written
	err := write(&b, path)
	if err == nil {
		err = fileio.Replace(path, b.Bytes(), fileio.Private)
	}
	if err != nil {
		return &pictureError{path, err}
	}
	return nil
}
