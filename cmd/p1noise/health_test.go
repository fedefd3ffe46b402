package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"p1/pkg/sim/longtest"
)

// patience bounds every wait.
const patience = longtest.Patience

// words collects what a running command says.
type words struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.Write(p)
}

func (w *words) String() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.String()
}

// soon waits until something holds.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", patience, what)
		}
	}
}

// noise is a p1noise that runs.
type noise struct {
	*exec.Cmd
	out, said words
}

// start starts p1noise as a process of its own: this binary is it under that name.
func start(t *testing.T, args ...string) *noise { return startOn(t, nil, args...) }

// startOn starts it with a standard input.
func startOn(t *testing.T, in *os.File, args ...string) *noise {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &noise{Cmd: exec.Command(self, args...)}
	p.Args[0] = "p1noise"
	if in != nil {
		p.Stdin = in
	}
	p.Stdout, p.Stderr = &p.out, &p.said
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	return p
}

// total returns how many telegrams a file of metrics tells of; -1 where there is
// none yet.
func total(t *testing.T, path string) int {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return -1
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, m := range families["p1_telegrams_total"].GetMetric() {
		sum += int(m.GetCounter().GetValue())
	}
	return sum
}

func day(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../testdata/script/day.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// telegrams counts those of a text of records.
func telegrams(text string) int { return strings.Count(text, `"type":"telegram"`) }

// The file of metrics and the CSV grow with the file of records, and the signal that
// ends p1noise is none that it fails by.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	records, metrics := filepath.Join(dir, "day.jsonl"), filepath.Join(dir, "p1.prom")
	text := day(t)
	n := telegrams(text)
	half := strings.Index(text, "\n") + 10
	if n == 0 || os.WriteFile(records, []byte(text[:half]), 0o666) != nil {
		t.Fatal("no records")
	}
	p := start(t, "--follow", "--metrics", metrics, records)
	first := telegrams(text[:strings.Index(text, "\n")])
	soon(t, "the first records are counted", func() bool { return total(t, metrics) == first })
	f, err := os.OpenFile(records, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text[half:]); err != nil {
		t.Fatal(err)
	}
	soon(t, "all of them are", func() bool { return total(t, metrics) == n })
	soon(t, "what is finished is in the CSV", func() bool { return strings.Count(p.out.String(), "\n") > 1 })
	interrupt(t, p)
	if code := p.ProcessState.ExitCode(); code != 130 || p.said.String() != "" {
		t.Errorf("exit code %d, said %q", code, p.said.String())
	}
	if got := total(t, metrics); got != n {
		t.Errorf("at the end %d telegrams, want %d", got, n)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("it leaves %v", entries)
	}
}

// What cannot be written is said once, with a hint, and the CSV is what it would be;
// at the end the exit code tells.
func TestMetricsThatCannotBeWritten(t *testing.T) {
	const records = "../../testdata/script/day.jsonl"
	want := start(t, records)
	if err := want.Wait(); err != nil {
		t.Fatal(err)
	}
	p := start(t, "--metrics", filepath.Join(t.TempDir(), "missing", "p1.prom"), records)
	err := p.Wait()
	if code := p.ProcessState.ExitCode(); code != 1 {
		t.Errorf("%v", err)
	}
	if p.out.String() != want.out.String() {
		t.Errorf("the CSV is %q", p.out.String())
	}
	if said := p.said.String(); strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "p1noise: ") ||
		!strings.Contains(said, "; make the directory: mkdir -p ") {
		t.Errorf("said %q", said)
	}
}
