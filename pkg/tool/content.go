package tool

import (
	"fmt"
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
	Page    Content = "an HTML page"
	Picture Content = "a picture"
	Metrics Content = "metrics for Prometheus"
	Text    Content = "text"
	Bytes   Content = "the bytes of a meter"
)

// endings lists how names of files end that say what is in them, and how such a file is
// made. Any other name may hold anything.
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
		{Page, ".html .htm", "p1noise --html FILE writes a page"},
		{Picture, ".svg .png .jpg .jpeg .gif .pdf", "p1noise --plot FILE draws a picture, as .svg or .png"},
		{Metrics, ".prom", "p1noise --metrics FILE keeps metrics"},
		{"a workbook", ".xlsx .xls .xlsm .xlsb .ods .numbers", "spreadsheets open what p1csv --excel-eu -o FILE.csv writes"},
		{"a database", ".parquet .feather .arrow .avro .orc .sqlite .sqlite3 .db .duckdb .sql", "databases read CSV and JSON lines"},
		{"another format", ".xml .yaml .yml .toml", "it is not written here"},
		{"encrypted data", ".age .gpg", "p1cat --archive DIR --seal RECIPIENT encrypts days; age -r RECIPIENT > FILE.age what comes through a pipe"},
		{"compressed data", ".gz .zst .xz .bz2 .lz4 .br .zip .7z .rar .tar .tgz", "-o compresses what is named .gz or .zst, and nothing else"},
	}
}

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
	flag := "--" + e.flag
	if e.flag == FlagOutput {
		flag = "-o"
	}
	return fmt.Sprintf("%s %s: what is written is %s, and %s is for %s", flag, e.name, e.written, e.end, e.is)
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
