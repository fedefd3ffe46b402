//go:build unix

package pipetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// A year of a Hungarian meter, a telegram each ten seconds, becomes a workbook, Parquet and
// CSV: how large they are, how long that takes, and how much memory; DuckDB finds as many
// values in Parquet as stand in CSV, with the same sums.
func TestTypedYear(t *testing.T) {
	longtest.NeedsHours(t, "makes a year")
	dir := t.TempDir()
	run(t, dir, "p1cat demo:?meter=hu&every=10s&telegrams=3153600&start=2026-01-01T00:00:00 | p1frame -o year.jsonl.zst")
	for _, c := range []struct {
		format string
		peak   int64 // MiB
		size   int64 // MB
	}{{"csv", 64, 0}, {"xlsx", 64, 0}, {"parquet", 96, 25}} {
		f, err := os.Open(filepath.Join(dir, "year.jsonl.zst"))
		must(t, err)
		begun := time.Now()
		used := measure(t, f, "p1csv --format "+c.format)
		took := time.Since(begun)
		must(t, f.Close())
		run(t, dir, "p1csv -o year."+c.format+" year.jsonl.zst")
		info, err := os.Stat(filepath.Join(dir, "year."+c.format))
		must(t, err)
		t.Logf("%s: %.1f MB, %.0f s, %d MiB of memory", c.format, float64(info.Size())/1e6, took.Seconds(), used[0].Peak>>20)
		if used[0].Peak == 0 || used[0].Peak > c.peak<<20 || c.size > 0 && info.Size() > c.size*1e6 {
			t.Errorf("%s: more than %d MiB of memory, or %d MB", c.format, c.peak, c.size)
		}
	}
	sumsInDuckDB(t, duckdb(t), filepath.Join(dir, "year"))
}
