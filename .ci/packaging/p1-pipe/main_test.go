//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestParse: quotes and variables are a shell's; what is more than a pipe is refused.
func TestParse(t *testing.T) {
	env := []string{"P1_FROM=tcp://a b:1", "EMPTY="}
	for text, want := range map[string][][]string{
		`p1cat "$P1_FROM"`: {{"p1cat", "tcp://a b:1"}},
		`p1cat 'demo:?meter=hu&seed=1' | p1frame|p1csv --columns "time" -o x\ y`: {{"p1cat", "demo:?meter=hu&seed=1"}, {"p1frame"}, {"p1csv", "--columns", "time", "-o", "x y"}},
		`p1cat ${P1_NONE:-demo:} | p1frame`:                                      {{"p1cat", "demo:"}, {"p1frame"}},
		``:                                                                       nil, `a; b`: nil, `a && b`: nil, `a > b`: nil, `a &`: nil, `! a`: nil, `(a)`: nil, `A=1 b`: nil, `a $(b)`: nil, `a "`: nil, `a | $EMPTY`: nil, `if a; then b; fi`: nil, `a |& b`: nil,
	} {
		got, err := parse(text, env)
		if (err == nil) != (want != nil) || err == nil && !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
}

// piped runs a pipe, and returns what it writes and its exit code.
func piped(t *testing.T, pipe string) (string, int) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	code := run([]string{pipe}, os.Environ(), nil, out, nil)
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), code
}

// TestRun: stages are joined, and it ends as the last of them does. A stage whose reader has
// ended does not keep the others.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		pipe, out string
		code      int
	}{
		{`printf '%s\n' b a | sort | tr a-z A-Z`, "A\nB\n", 0},
		{`sh -c 'exit 3'`, "", 3},
		{`sh -c 'exit 3' | cat`, "", 0},
		{`echo a | sh -c 'cat; exit 4'`, "a\n", 4},
		{`yes | head -n 1`, "y\n", 0},
		{`echo a | no-such-command-here | cat`, "", exitNotFound},
		{`sh -c 'kill -9 $$'`, "", exitSignal + 9},
		{`echo a; echo b`, "", exitUsage},
	} {
		if out, code := piped(t, c.pipe); out != c.out || code != c.code {
			t.Errorf("%s: %q, exit code %d, want %q, %d", c.pipe, out, code, c.out, c.code)
		}
	}
}

// TestStopped: each stage hears of a signal once, and writes what it has.
func TestStopped(t *testing.T) {
	program := filepath.Join(t.TempDir(), "p1-pipe")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const first = `sh -c 'trap "echo last; exit 0" TERM; echo begun >&2; while sleep 0.05; do :; done'`
	const then = ` | sh -c 'n=0; trap "n=\$((n + 1))" TERM; cat; echo "after $n"; exit 5'`
	c := exec.Command(program, first+then)
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 100)
	if _, err := said.Read(text); err != nil { // begun
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the second stage listens
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(out); err != nil || string(got) != "last\nafter 1\n" {
		t.Errorf("it writes %q, %v", got, err)
	}
	if err := c.Wait(); c.ProcessState.ExitCode() != 5 {
		t.Errorf("it ends with %v", err)
	}
}
