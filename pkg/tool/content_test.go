package tool

import (
	"fmt"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Content{
		"day.csv": CSV, "day.CSV": CSV, "day.csv.gz": CSV, "2026.json.ZST": JSON, "a.b/day.jsonl": JSON, "day.lp": Influx, "x.tsv": TSV,
		"day": "", "day.txt": "", "": "", "-": "", "csv": "", "day.gz": "", "day.csv/x": "", "day.csv.old": "",
		"day.csv.xz": "compressed data", "day.xlsx": XLSX, "day.xls": "another workbook",
	} {
		if got := Holds(name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

// No ending is that of two contents.
func TestEndings(t *testing.T) {
	t.Parallel()
	of := map[string]Content{}
	for _, c := range endings() {
		for _, end := range strings.Fields(c.endings) {
			if of[end] != "" || end[0] != '.' || end != strings.ToLower(end) {
				t.Errorf("%s is for %s, and for %s", end, of[end], c.is)
			}
			of[end] = c.is
		}
	}
}

// An output that is also an input is refused as such, whatever its name.
func TestNameOfAnInput(t *testing.T) {
	for line, says := range map[string]string{
		"-o day.csv other":         "p1test: -o day.csv: what is written is JSON, and .csv is for CSV\nhint: ",
		"-o day.csv day.csv":       "p1test: day.csv: input file is output file\nhint: ",
		"-o day.json.gz other":     "",
		"-o day.log other":         "",
		"-o day.parquet day.jsonl": "p1test: -o day.parquet: ",
	} {
		r := command(func(c *cli.Context) error { return CheckOutput(c, FlagOutput, JSON) }, nil, words(line)...)
		if !strings.HasPrefix(r.errors, says) || (says == "") != (r.code == 0) {
			t.Errorf("%s: %s", line, fmt.Sprint(r))
		}
	}
}
