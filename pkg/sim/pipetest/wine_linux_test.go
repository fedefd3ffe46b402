package pipetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// random is made into a library that Go's programs want and the wine of Debian 12 lacks: it
// hands ProcessPrng on to the function of advapi32 that does the same.
const random = `set -e
cd "$1"
[ ! -e drive_c/windows/system32/bcryptprimitives.dll ] || exit 0
printf 'LIBRARY bcryptprimitives.dll\nEXPORTS\nProcessPrng = advapi32.SystemFunction036\n' >b.def
printf '.globl DllMain\nDllMain: movl $1, %%eax\nret\n' >b.s
x86_64-w64-mingw32-as b.s -o b.o
x86_64-w64-mingw32-dlltool -d b.def -e b.exp -l b.lib
x86_64-w64-mingw32-ld --shared -e DllMain b.o b.exp -o drive_c/windows/system32/bcryptprimitives.dll`

// TestWindows: the programs for Windows write the same as those for Linux, byte by byte, as
// wine runs them: records, state, tables, diagnosis, and what the archive gives back; and the
// script for reports makes them.
func TestWindows(t *testing.T) {
	longtest.NeedsHours(t, "wine is slow")
	if runtime.GOARCH != "amd64" {
		t.Skip("wine runs programs of its own processor")
	}
	for _, needed := range []string{"wine", "x86_64-w64-mingw32-ld"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Fatalf("%v: apt-get install --no-install-recommends wine wine64 binutils-mingw-w64-x86-64", err)
		}
	}
	windows := t.TempDir()
	prefix, err := os.MkdirTemp("", "p1wine")
	must(t, err)
	build := exec.Command("go", "build", "-o", windows+string(filepath.Separator), "p1/cmd/...")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Setenv("WINEPREFIX", prefix)
	t.Setenv("WINEDEBUG", "-all")
	if out, err := exec.Command("wine", "wineboot", "--init").CombinedOutput(); err != nil {
		t.Fatalf("wineboot: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		_ = exec.Command("wine", "wineboot", "--end-session", "--shutdown", "--kill").Run()
		for range 100 { // what was ended may still write there
			if os.RemoveAll(prefix) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	if out, err := exec.Command("sh", "-c", random, "sh", prefix).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	compared := 0
	for _, meter := range []string{"hu", "nl", "be", "se", "dsmr3"} {
		for _, noise := range []string{"clean", "slow-rise", "flip", "overrun", "burst", "slip", "cut"} {
			demo := fmt.Sprintf("demo:?meter=%s&telegrams=100&noise=%s&seed=11", meter, noise)
			t.Run(meter+" "+noise, func(t *testing.T) {
				here, there := stagesOf(t, demo, bin), stagesOf(t, demo, "wine", windows)
				for what, text := range here {
					compared++
					if !bytes.Equal(text, there[what]) {
						t.Errorf("%s: the %s differ, here and there:\n%s", demo, what, difference(text, there[what]))
					}
				}
			})
		}
	}
	t.Logf("%d outputs compared", compared)
	t.Run("p1-report.cmd", func(t *testing.T) { reportInWine(t, windows) })
}

// reportInWine makes reports by the script for Windows, of whose exit code, files and
// standard output it sees what wine's cmd shows; it has no CMDCMDLINE, so that nothing is
// dropped there.
func reportInWine(t *testing.T, windows string) {
	write(t, filepath.Join(windows, "p1-report.cmd"), read(t, "../../../cmd/p1noise/p1-report.cmd"))
	lines := strings.SplitAfter(string(run(t, t.TempDir(), "p1cat demo:?telegrams=60")), "\n")
	log := read(t, testdata+"/hu-noisy.log")
	for _, c := range []struct {
		args   []string
		code   int
		folder string // "" is none
		unread bool
	}{
		{[]string{"x & y.log", "b.log"}, 0, "p1-report-x & y", false},
		{[]string{"b.log", "missing.log", "-oo & p"}, 1, "o & p", true},
		{[]string{"cut.jsonl", "--output=out"}, 3, "out", true},
		{[]string{"demo:"}, 0, "p1-report-demo", false},
		{[]string{"missing.log"}, 1, "", false},
		{[]string{"b.log", "-o", "there"}, 1, "", false},
		{[]string{"b.log", "-o", ""}, 2, "", false},
		{[]string{"", "b.log"}, 2, "", false},
		{[]string{"b.log", "--receiver", "tube"}, 2, "", false},
		{[]string{"b.log", "com7"}, 2, "", false},
		{[]string{"--help"}, 0, "", false},
	} {
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "there"), 0o700))
		for name, text := range map[string][]byte{"x & y.log": log, "b.log": log, "cut.jsonl": []byte(lines[0] + lines[1][:99] + "\n"), "there/kept": log} {
			write(t, filepath.Join(dir, name), text)
		}
		before := there(t, dir)
		made := exec.Command("wine", append([]string{"cmd", "/c", filepath.Join(windows, "p1-report.cmd"), "--no-open"}, c.args...)...)
		made.Dir = dir
		made.Env = append(made.Environ(), "MADE=there") // of which it is to know nothing
		var said bytes.Buffer
		made.Stderr = &said
		_, _ = made.Output() // the code is looked at
		want := before
		if c.folder != "" {
			want = slices.Sorted(slices.Values(append(slices.Clone(before), c.folder)))
		}
		if code, got := made.ProcessState.ExitCode(), there(t, dir); code != c.code || !slices.Equal(got, want) {
			t.Errorf("%q: exit code %d, and there are %q, want %q: %s", c.args, code, got, want, &said)
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "there", "kept")); err != nil {
			t.Errorf("%q: it removes what it has not made", c.args)
		}
		if c.folder == "" {
			continue
		}
		files := reportFiles()
		if c.unread {
			files = slices.Sorted(slices.Values(append(files, "unread.txt")))
		}
		if got := there(t, filepath.Join(dir, c.folder)); !slices.Equal(got, files) {
			t.Errorf("%q: it makes %q, want %q", c.args, got, files)
		} else if c.unread && bytes.Count(read(t, filepath.Join(dir, c.folder, "unread.txt")), []byte("\n")) < 2 {
			t.Errorf("%q: unread.txt does not say what p1cat said", c.args)
		}
	}
}

// stagesOf is what a pipe makes of the demo at each stage; the last word is the folder of the
// commands, one before it the program that runs them. What Windows does by itself, --ascii, is
// asked for everywhere.
func stagesOf(t *testing.T, demo string, words ...string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	made := map[string][]byte{}
	call := func(what string, in []byte, line string, args ...string) []byte {
		name, flags, _ := strings.Cut(line, " ")
		run := append(append([]string{}, words...), append(strings.Fields(flags), args...)...)
		run[len(words)-1] = filepath.Join(words[len(words)-1], name)
		if words[0] == "wine" {
			run[1] += ".exe"
		}
		c := exec.Command(run[0], run[1:]...)
		c.Dir = dir
		c.Stdin = bytes.NewReader(in)
		var said bytes.Buffer
		c.Stderr = &said
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", run, err, &said)
		}
		made[what] = out
		return out
	}
	chunks := call("chunks", nil, "p1cat --ascii", demo)
	telegrams := call("telegrams", chunks, "p1frame --ascii")
	records := call("records", telegrams, "p1fix --ascii --state state.json")
	made["state"] = read(t, filepath.Join(dir, "state.json"))
	call("rows", records, "p1csv --profile all")
	call("rows as JSON", records, "p1csv --format json")
	call("validity", records, "p1csv --validity validity.csv -o rows.csv")
	made["validity"] = read(t, filepath.Join(dir, "validity.csv"))
	call("files that are whole at their end", records, "p1csv -o day.xlsx --validity day.parquet")
	made["workbook"], made["Parquet"] = read(t, filepath.Join(dir, "day.xlsx")), read(t, filepath.Join(dir, "day.parquet"))
	call("diagnosis", records, "p1noise --json")
	call("archived", chunks, "p1cat --ascii --archive kept -")
	kept, err := filepath.Glob(filepath.Join(dir, "kept", "p1-*.jsonl.zst"))
	must(t, err)
	if len(kept) == 0 {
		t.Fatal("nothing is archived")
	}
	call("archive", nil, "p1cat --raw", filepath.Join("kept", filepath.Base(kept[0])))
	over := filepath.Join(dir, "kept", "p1-2026-03-01.jsonl.zst")
	must(t, os.WriteFile(over, read(t, kept[0]), 0o600))
	call("archived, a day sealed", chunks, "p1cat --ascii --archive kept --seal age1v9kquhjnl3rwvv5e5zg445udy2g99am2t6zawpk0qc8d36nqa96sy3y6h5 -")
	if _, err := os.Stat(over); err == nil {
		t.Errorf("%s: a day that is sealed is still there to be read", words)
	}
	return made
}
