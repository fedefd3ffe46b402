package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// mixed writes the records of meters, telegram by telegram in turn, of days around the end of a
// month, with clocks that jump back now and then.
func mixed(t *testing.T, path string, meters, days, perDay int, live bool) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, offset := record.NewWriter(f, false), int64(0)
	for i := range days * perDay {
		at := time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 24 * time.Hour / time.Duration(perDay))
		for meter := range meters {
			is := at
			if i%7 == meter && i > perDay {
				is = at.AddDate(0, 0, -1).Add(time.Second)
			}
			raw := fmt.Sprintf("/AUX5\r\n\r\n0-0:1.0.0(%sS)\r\n0-0:96.1.0(M%d)\r\n1-0:1.8.0(%06d.%03d*kWh)\r\n!0000\r\n", is.Format("060102150405"), meter, i, meter)
			r := &record.Telegram{Origin: record.Origin{Source: "p1.log", Offset: offset}, Live: live, Seq: int64(i + 1), Status: record.OK, CRC: "ARC", Raw: []byte(raw)}
			if offset += int64(len(raw)); live {
				r.Time = time.Now().Format(time.RFC3339)
			}
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// tree is what is below a folder, each file with what it holds.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			b, err := os.ReadFile(filepath.Join(dir, path))
			all[path] = string(b)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// killedRun runs p1csv and kills it after a while, or not where that is 0, and says how long it took.
func killedRun(t *testing.T, after time.Duration, args ...string) time.Duration {
	t.Helper()
	var said bytes.Buffer
	cmd, began := exec.Command("p1csv", args...), time.Now()
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		time.Sleep(after)
		_ = cmd.Process.Kill()
	}
	if err := cmd.Wait(); err != nil && after == 0 {
		t.Fatalf("p1csv %q: %v, %s", args, err, &said)
	}
	return time.Since(began)
}

// Killed at any moment, p1csv leaves a file of which all is to be there as it was, or whole; and the next one
// leaves nothing beside it.
func TestKilledFile(t *testing.T) {
	in := filepath.Join(t.TempDir(), "in.jsonl")
	mixed(t, in, 3, 4, longtest.Pick(200, 2000, 2000), false)
	dice := rand.New(rand.NewPCG(21, 1))
	for _, name := range []string{"x.xlsx", "x.parquet"} {
		dir, old, middle := t.TempDir(), "what was there", 0
		path := filepath.Join(dir, name)
		took := killedRun(t, 0, "-o", path, in)
		want := tree(t, dir)[name]
		kills := longtest.Pick(2, 40, 300)
		for i := range kills {
			if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
				t.Fatal(err)
			}
			killedRun(t, 1+time.Duration(dice.Int64N(int64(took))), "-o", path, in)
			all := tree(t, dir)
			if got := all[name]; got != old && got != want {
				t.Fatalf("%s: killed %d times: the file holds %d bytes of %d", name, i+1, len(got), len(want))
			}
			if len(all) > 2 {
				t.Fatalf("%s: killed %d times: there are %q", name, i+1, slices.Sorted(maps.Keys(all)))
			}
			if len(all) == 2 {
				middle++
			}
		}
		killedRun(t, 0, "-o", path, in)
		if all := tree(t, dir); len(all) != 1 || all[name] != want {
			t.Errorf("after the next run there are %q", slices.Sorted(maps.Keys(all)))
		}
		t.Logf("%s: %d kills within %v, %d while it was written", name, kills, took, middle)
		if middle == 0 && longtest.Asked() {
			t.Error("no kill came while it was written: this shows nothing")
		}
	}
}

// A folder of partitions whose run was killed, and killed again, becomes what it would have been by the
// same command.
func TestKilledPartition(t *testing.T) {
	in, whole := filepath.Join(t.TempDir(), "in.jsonl"), t.TempDir()
	mixed(t, in, 12, 3, longtest.Pick(30, 400, 400), false)
	took := killedRun(t, 0, "--partition", whole, in)
	want := tree(t, whole)
	if len(want) < 36 || len(want) > 72 {
		t.Fatalf("12 meters and 3 days have %d files", len(want))
	}
	dice := rand.New(rand.NewPCG(21, 2))
	middle, kills := 0, 0
	for range longtest.Pick(1, 15, 100) {
		dir := t.TempDir()
		for range 1 + dice.IntN(3) {
			killedRun(t, 1+time.Duration(dice.Int64N(int64(took))), "--partition", dir, in)
			kills++
			all := tree(t, dir)
			maps.DeleteFunc(all, func(path, _ string) bool { return strings.HasSuffix(path, ".tmp") })
			for path, text := range all {
				if text != want[path] {
					t.Fatalf("killed %d times: %s holds %d bytes, want %d", kills, path, len(text), len(want[path]))
				}
			}
			if len(all) > 0 && len(all) < len(want) {
				middle++
			}
		}
		killedRun(t, 0, "--partition", dir, in)
		if got := tree(t, dir); !maps.Equal(got, want) {
			t.Fatalf("killed %d times: then there are %q", kills, slices.Sorted(maps.Keys(got)))
		}
	}
	t.Logf("%d kills within %v, %d between the first and the last file", kills, took, middle)
	if middle == 0 && longtest.Asked() {
		t.Error("no kill came between the first and the last file: this shows nothing")
	}
}

// Two runs at once do not take each other's names: of the same rows one writes each file of a folder,
// and of a live source each has files of its own.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	in, live := filepath.Join(dir, "in.jsonl"), filepath.Join(dir, "live.jsonl")
	mixed(t, in, 3, 3, 50, false)
	mixed(t, live, 1, 2, 50, true)
	killedRun(t, 0, "--partition", filepath.Join(dir, "one"), in)
	twice := func(args ...string) {
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				cmd := exec.Command("p1csv", args...)
				if args[0] == "-o" {
					f, err := os.Open(live)
					if err != nil {
						t.Error(err)
						return
					}
					defer f.Close()
					pipe, err := cmd.StdinPipe() // what stands in a file is not live
					if err != nil {
						t.Error(err)
						return
					}
					go func() {
						_, _ = f.WriteTo(pipe)
						_ = pipe.Close()
					}()
				}
				if said, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("p1csv %q: %v, %s", args, err, said)
				}
			})
		}
		all.Wait()
	}
	twice("--partition", filepath.Join(dir, "two"), in)
	if one, two := tree(t, filepath.Join(dir, "one")), tree(t, filepath.Join(dir, "two")); !maps.Equal(one, two) {
		t.Errorf("two at once have written %q, one %q", slices.Sorted(maps.Keys(two)), slices.Sorted(maps.Keys(one)))
	}
	if err := os.Mkdir(filepath.Join(dir, "live"), 0o700); err != nil {
		t.Fatal(err)
	}
	twice("-o", filepath.Join(dir, "live", "p1.parquet"))
	var got []string
	for name, text := range tree(t, filepath.Join(dir, "live")) {
		if !strings.HasPrefix(text, "PAR1") || !strings.HasSuffix(text, "PAR1") {
			t.Errorf("%s is not whole", name)
		}
		got = append(got, name)
	}
	slices.Sort(got)
	want := []string{"p1-2026-03-30.2.parquet", "p1-2026-03-30.3.parquet", "p1-2026-03-30.4.parquet", "p1-2026-03-30.parquet", "p1-2026-03-31.2.parquet", "p1-2026-03-31.parquet"}
	if !slices.Equal(got, want) {
		t.Errorf("there are %q", got)
	}
}
