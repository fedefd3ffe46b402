package wrapped_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A result is what came of some files.
type result struct {
	records   []string // all records but gaps, without source and time
	telegrams []string // status and raw of each telegram
	rows      []string
	timeless  []string // the rows without what depends on when a telegram came
	times     []string // of each telegram; empty: none
	unwrapped []string // of the first chunk
	chunks    []byte   // as p1cat writes them
	framed    []byte   // as p1frame does
	said      string   // by p1cat
	code      int      // of p1cat
}

// command runs one of the commands on an input.
func command(t testing.TB, dir string, in []byte, name string, args ...string) (out, said []byte, code int) {
	t.Helper()
	c := exec.Command(filepath.Join(bin, name), args...)
	c.Dir = dir
	c.Stdin = bytes.NewReader(in)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	hung := time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	defer hung.Stop()
	err := c.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return stdout.Bytes(), stderr.Bytes(), c.ProcessState.ExitCode()
}

// read sends files through p1cat FILE… | p1frame | p1csv.
func read(t testing.TB, flags []string, names []string, files ...[]byte) result {
	t.Helper()
	dir := t.TempDir()
	for i, f := range files {
		must(t, os.WriteFile(filepath.Join(dir, names[i]), f, 0o644))
	}
	chunks, said, code := command(t, dir, nil, "p1cat", append(slices.Clone(flags), names...)...)
	framed, _, _ := command(t, dir, chunks, "p1frame")
	table, _, _ := command(t, dir, framed, "p1csv")
	r := parse(t, framed)
	r.rows, r.timeless = rows(t, table, nil), rows(t, table, byTime)
	r.chunks, r.framed, r.said, r.code = chunks, framed, string(said), code
	first, _, _ := bytes.Cut(chunks, []byte("\n"))
	var head struct{ Unwrapped []string }
	if json.Unmarshal(first, &head) == nil {
		r.unwrapped = head.Unwrapped
	}
	return r
}

// parse reads records, but for the names of their sources.
func parse(t testing.TB, framed []byte) result {
	t.Helper()
	var r result
	d := json.NewDecoder(bytes.NewReader(framed))
	for d.More() {
		var keys map[string]json.RawMessage
		must(t, d.Decode(&keys))
		if kind := string(keys["type"]); kind == `"gap"` {
			continue
		} else if kind == `"telegram"` {
			r.telegrams = append(r.telegrams, string(keys["status"])+" "+string(keys["raw"]))
			r.times = append(r.times, strings.Trim(string(keys["time"]), `"`))
		}
		delete(keys, "source")
		delete(keys, "time")
		text, err := json.Marshal(keys)
		must(t, err)
		r.records = append(r.records, string(text))
	}
	return r
}

// byTime are the columns that depend on when a telegram came, where the meter has no clock.
var byTime = []string{"time", "utc_offset", "interval_import_kw", "interval_export_kw"}

// rows are those of a table, without some columns.
func rows(t testing.TB, table []byte, without []string) []string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	must(t, err)
	var out []string
	for i, cells := range all {
		if i == 0 {
			continue
		}
		var kept []string
		for k, cell := range cells {
			if !slices.Contains(without, all[0][k]) {
				kept = append(kept, cell)
			}
		}
		out = append(out, strings.Join(kept, ","))
	}
	return out
}

// common counts how many of the rows are there, in their order.
func common(want, got []string) int {
	n, from := 0, 0
	for _, w := range want {
		if at := slices.Index(got[from:], w); at >= 0 {
			n, from = n+1, from+at+1
		}
	}
	return n
}
