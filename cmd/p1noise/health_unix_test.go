//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// interrupt ends a command as Ctrl-C does.
func interrupt(t *testing.T, p *noise) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.Wait() // its code is looked at by who has called
}

// SIGUSR1 is answered as often as it is asked, with or without metrics, and ends
// nothing.
func TestAskedBySignal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startOn(t, r)
	r.Close()
	text := day(t)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	// Its heading tells that it has begun to catch signals.
	soon(t, "the CSV has begun", func() bool { return p.out.String() != "" })
	for i := 1; i <= 3; i++ {
		if err := p.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		soon(t, "the signal is answered", func() bool { return strings.Count(p.said.String(), "health at ") == i })
	}
	want := fmt.Sprintf("telegrams       %d (", telegrams(text))
	soon(t, "the telegrams are all counted", func() bool {
		return strings.Count(p.said.String(), want) > 0 || p.Process.Signal(syscall.SIGUSR1) != nil
	})
	for _, part := range []string{want, "the last problems\n", "last valid"} {
		if !strings.Contains(p.said.String(), part) {
			t.Errorf("%q is not in %s", part, p.said.String())
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.said.String())
	}
}

// A directory in which nobody may write.
func TestMetricsInAForbiddenDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if f, err := os.CreateTemp(dir, ""); err == nil {
		f.Close()
		t.Skip("this user may write everywhere")
	}
	p := start(t, "--metrics", filepath.Join(dir, "p1.prom"), "../../testdata/script/day.jsonl")
	p.Wait()
	if said := p.said.String(); p.ProcessState.ExitCode() != 1 || !strings.Contains(said, "let this user write in "+dir) {
		t.Errorf("code %d, said %q", p.ProcessState.ExitCode(), said)
	}
}
