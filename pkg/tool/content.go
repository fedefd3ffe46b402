package tool

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/display"
)

// Content is what a file holds, in words.
type Content string

// What the commands write.
const (
	CSV     Content = "CSV"
	TSV     Content = "CSV with tabs"
	JSON    Content = "JSON"
	Influx  Content = "Influx line protocol"
	XLSX    Content = "a workbook"
	Parquet Content = "Parquet"
	Page    Content = "an HTML page"
	Picture Content = "a picture"
	Metrics Content = "metrics for Prometheus"
	Text    Content = "text"
	Bytes   Content = "the bytes of a meter"
)

// endings lists how names of files end that say what is in them, and how such a file is
// made. Those of [anything] may hold anything.
func endings() []struct {
	is      Content
	endings string
	how     string
} {
	return []struct {
		is      Content
		endings string
		how     string
	}{
		{CSV, ".csv", "p1csv writes tables as CSV, p1noise its log"},
		{TSV, ".tsv .tab", "p1csv writes tables with tabs"},
		{JSON, ".jsonl .json .ndjson", "p1cat, p1frame and p1fix write records as JSON lines, p1csv --format json tables, p1noise --json a diagnosis"},
		{Influx, ".lp .influx", "p1csv --format influx writes it"},
		{Page, ".html .htm", "p1noise --html FILE writes a page about the line, --voltage-html FILE one about the voltage"},
		{Picture, ".svg .png .jpg .jpeg .gif .pdf", "p1noise --plot FILE draws a picture, as .svg or .png"},
		{Metrics, ".prom", "p1noise --metrics FILE keeps metrics"},
		{XLSX, ".xlsx", "p1csv writes tables as a workbook"},
		{"another workbook", ".xls .xlsm .xlsb .ods .numbers", "p1csv -o FILE.xlsx writes one that all spreadsheets open"},
		{Parquet, ".parquet", "p1csv writes tables as Parquet"},
		{"a database", ".feather .arrow .avro .orc .sqlite .sqlite3 .db .duckdb .sql", "databases read Parquet, CSV and JSON lines: p1csv -o FILE.parquet"},
		{"another format", ".xml .yaml .yml .toml", "it is not written here"},
		{"encrypted data", ".age .gpg", "p1cat --archive DIR --seal RECIPIENT encrypts days; age -r RECIPIENT > FILE.age what comes through a pipe"},
		{"compressed data", ".gz .zst .xz .bz2 .lz4 .br .zip .7z .rar .tar .tgz", "-o compresses what is named .gz or .zst, and nothing else"},
	}
}

// alike says which of the contents here somebody means by an end of names that is none of theirs: another
// name for the same, or another format for the same use.
func alike(end string) Content {
	for _, c := range []struct {
		meant   Content
		endings string
	}{
		{XLSX, ".xls .xlsm .xlsb .xltx .xl .excel .ods .fods .numbers"},
		{Parquet, ".pq .pqt .parq .feather .arrow .avro .orc"},
		{JSON, ".jsonlines .jsons .jl"},
		{Influx, ".line .ilp"},
	} {
		if slices.Contains(strings.Fields(c.endings), end) {
			return c.meant
		}
	}
	return ""
}

// anything lists how names end that do not say what is in a file.
const anything = ".txt .log .out .dat .tmp"

// Holds returns what a file is to hold whose content may be compressed, by the end of its
// name; "" where that does not say.
func Holds(name string) Content { return holds(ending(name)) }

// ending is the end of a name but for that of a compression which [fileio.Create] knows.
func ending(name string) string {
	end := strings.ToLower(filepath.Ext(name))
	if end == ".gz" || end == ".zst" {
		end = strings.ToLower(filepath.Ext(name[:len(name)-len(end)]))
	}
	return end
}

func holds(end string) Content {
	for _, c := range endings() {
		if slices.Contains(strings.Fields(c.endings), end) {
			return c.is
		}
	}
	return ""
}

// CheckOutput refuses the name of a flag's file, which may be compressed, if it says that
// something else is in it than what is written: the first of the contents, which the others
// are too.
func CheckOutput(c *cli.Context, flag string, written ...Content) error {
	return checkName(c, flag, ending(c.String(flag)), written)
}

// CheckFile is CheckOutput for a file that is not compressed.
func CheckFile(c *cli.Context, flag string, written ...Content) error {
	return checkName(c, flag, strings.ToLower(filepath.Ext(c.String(flag))), written)
}

// CheckEnding refuses the name of a flag's file if its end is unknown here, as that of
// day.cvs is, or stands for what is not written, as that of day.xls: one of those of the contents was meant, or it
// is to be said what is written.
func CheckEnding(c *cli.Context, flag, format string, contents ...Content) error {
	name := c.String(flag)
	end := ending(name)
	meant := alike(end)
	if !slices.Contains(contents, meant) {
		meant = ""
	}
	if end == "" || end == name || holds(end) != "" && meant == "" || slices.Contains(strings.Fields(anything), end) || slices.Contains(Inputs(c, func(error) {}), name) {
		return nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil // a device or a pipe, whatever its name
	}
	e := &endingError{flag: flag, name: name, end: end, format: format}
	for _, c := range endings() {
		if slices.Contains(contents, c.is) {
			e.known = append(e.known, strings.Fields(c.endings)...)
		}
		if c.is == meant {
			e.meant = strings.Fields(c.endings)[0]
		}
	}
	return &UsageError{e}
}

// endingError is a name whose end is none of those that are known.
type endingError struct {
	flag, name, end, format string
	known                   []string
	meant                   string // the one of these that is sure to be meant; empty for none
}

func (e *endingError) Error() string {
	if e.meant != "" {
		return fmt.Sprintf("%s %s: nothing is written as %s (did you mean %s?)", shownFlag(e.flag), e.name, e.end, e.meant)
	}
	return fmt.Sprintf("%s %s: what %s is for is not known%s", shownFlag(e.flag), e.name, e.end, display.Meant(e.end, e.known))
}

// Hint says which names are known, and how any other one can be had.
func (e *endingError) Hint() string {
	return "let its name end in " + display.Listed(e.known, "or") + ", or say with " + e.format + " what is to be written"
}

func checkName(c *cli.Context, flag, end string, written []Content) error {
	name, is := c.String(flag), holds(end)
	if is == "" || slices.Contains(written, is) || slices.Contains(Inputs(c, func(error) {}), name) {
		return nil // that an input would be destroyed is worse, and is said later
	}
	return &UsageError{&nameError{flag: flag, name: name, end: end, is: is, written: written[0]}}
}

// nameError is a name that says that something else is in a file.
type nameError struct {
	flag, name, end string
	is, written     Content
}

func (e *nameError) Error() string {
	return fmt.Sprintf("%s %s: what is written is %s, and %s is for %s", shownFlag(e.flag), e.name, e.written, e.end, e.is)
}

// shownFlag is a flag as people write it.
func shownFlag(flag string) string {
	if flag == FlagOutput {
		return "-o"
	}
	return "--" + flag
}

// Hint says how the file is to be named, and how one of such a name is made.
func (e *nameError) Hint() string {
	hint := "name it otherwise"
	var how string
	for _, c := range endings() {
		switch c.is {
		case e.written:
			hint = "let its name end in " + display.Listed(strings.Fields(c.endings), "or")
		case e.is:
			how = c.how
		}
	}
	return hint + "; " + how
}
