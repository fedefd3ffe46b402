//go:build unix

package pipetest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"p1/pkg/noise/page"
)

// reportScript is p1-report.
const reportScript = "../../../cmd/p1noise/p1-report"

// reporting is a p1-report that runs in a folder of its own.
type reporting struct {
	*exec.Cmd
	dir       string
	out, said bytes.Buffer
}

// shells are those under which the script has to run, as far as they are here.
func shells() [][]string {
	var all [][]string
	for _, shell := range [][]string{{"dash"}, {"busybox", "sh"}, {"sh"}} {
		if _, err := exec.LookPath(shell[0]); err == nil {
			all = append(all, shell)
		}
	}
	return all[:min(len(all), 2)]
}

// newReport makes one that a shell will run. Whatever is on a desktop, it opens nothing
// there: xdg-open writes what it is given into the file opened.
func newReport(t *testing.T, shell []string, args ...string) *reporting {
	t.Helper()
	script, err := filepath.Abs(reportScript)
	must(t, err)
	r := &reporting{dir: t.TempDir()}
	tools := t.TempDir()
	must(t, os.WriteFile(filepath.Join(tools, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >>opened\n"), 0o755))
	r.Cmd = exec.Command(shell[0], append(append(shell[1:len(shell):len(shell)], script), args...)...)
	r.Dir, r.Stdout, r.Stderr = r.dir, &r.out, &r.said
	r.Env = append(r.Environ(), "PATH="+bin+":"+tools+":"+os.Getenv("PATH"), "DISPLAY=", "WAYLAND_DISPLAY=")
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return r
}

// end runs it and returns its exit code.
func (r *reporting) end(t *testing.T) int {
	t.Helper()
	err := r.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.ProcessState.ExitCode()
}

// there lists what is in a folder.
func there(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// reportFiles are those of a report whose logs could all be read.
func reportFiles() []string {
	names := []string{"index.html"}
	for _, f := range page.Files() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// A report has the files that its index leads to and no others, which hold what the
// commands write by themselves, whatever the names of the logs and of the folder are; a
// second one gets a folder of its own.
func TestReport(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell")
	}
	log := read(t, testdata+"/hu-noisy.log")
	const name = "it's \"<b>my<b>\" $(log) & more.log"
	for n, shell := range shells() {
		r := newReport(t, shell, name)
		write(t, filepath.Join(r.dir, name), log)
		want := "p1-report-" + time.Now().Format("2006-01-02") + "-it-s-b-my-b-log-more"
		if n > 0 { // another folder, and of a log that is missing nothing
			want = "o'ut \"& <put>"
			r.Args = append(r.Args, "missing.log", "--no-open", "-o", want)
		} else {
			must(t, os.Mkdir(filepath.Join(r.dir, want), 0o700))
			r.Env = append(r.Env, "DISPLAY=:0")
			want += "-2"
		}
		if code := r.end(t); code != n {
			t.Fatalf("%v: exit code %d: %s", shell, code, &r.said)
		}
		if got := r.out.String(); got != want+"/index.html\n" {
			t.Errorf("%v: it writes %q", shell, got)
		}
		files := reportFiles()
		if n > 0 {
			files = append(files, "unread.txt")
			slices.Sort(files)
		}
		folder := filepath.Join(r.dir, want)
		if got := there(t, folder); !slices.Equal(got, files) {
			t.Errorf("%v: it makes %q, want %q", shell, got, files)
		}
		if index := string(read(t, filepath.Join(folder, "index.html"))); strings.Contains(index, "Not all of the logs was read") != (n > 0) {
			t.Errorf("%v: the index does not say whether all was read", shell)
		}
		if n == 0 {
			checkReport(t, folder)
			opened(t, r, want+"/index.html\n")
		} else if _, err := os.Stat(filepath.Join(r.dir, "opened")); err == nil {
			t.Error("--no-open opens it")
		}
	}
}

// checkReport holds the files of a report against what the commands write by themselves.
func checkReport(t *testing.T, folder string) {
	t.Helper()
	dir, err := filepath.Abs(testdata)
	must(t, err)
	first := func(text []byte) string { line, _, _ := strings.Cut(string(text), "\n"); return line }
	for file, line := range map[string]string{"records.csv": "p1csv", "days.csv": "p1csv --every 1d", "validity.csv": "p1csv --table validity", "summary.txt": "p1noise --summary"} {
		got, want := read(t, filepath.Join(folder, file)), run(t, dir, "p1cat hu-noisy.log | p1frame | p1fix | "+line)
		same := bytes.Equal(got, want)
		if file == "validity.csv" || file == "summary.txt" { // the name of the log is in them
			same = first(got) == first(want) && bytes.Count(got, []byte("\n")) == bytes.Count(want, []byte("\n"))
		}
		if !same || len(got) < 100 {
			t.Errorf("%s holds %.300q, want %.300q", file, got, want)
		}
	}
	index := string(read(t, filepath.Join(folder, "index.html")))
	if strings.Contains(index, "<b>my<b>") || !strings.Contains(index, "&lt;b&gt;my&lt;b&gt;") {
		t.Error("the name of the log is HTML in the index")
	}
}

// opened waits until the page is opened, which is in the background.
func opened(t *testing.T, r *reporting, want string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		got, err := os.ReadFile(filepath.Join(r.dir, "opened"))
		if err == nil && string(got) == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it opens %q, want %q: %v", got, want, err)
		}
	}
}

// Where there is nothing to report, or it cannot be written, that is said, the exit code
// tells, and no folder is left.
func TestNoReport(t *testing.T) {
	t.Parallel()
	all := shells()
	if len(all) == 0 {
		t.Skip("there is no shell")
	}
	for n, c := range []struct {
		args string
		code int
		says string
	}{
		{"missing.log", 1, "missing.log: no such file"},
		{"empty.log", 1, "no telegrams came in\np1-report: there is no telegram, so no report is made\n"},
		{"text.log", 1, "this is no log of a meter's P1 port"},
		{"--folder out text.log", 2, "--folder is no option\n"},
		{"", 2, "no LOG is named\n"},
		{"text.log -o", 2, "-o names nothing\n"},
		{"text.log -o text.log", 1, "text.log is there already: name another folder\n"},
		{"text.log -o none/out", 1, "none/out"},
		{"text.log --key-file none", 1, "open none: no such file"},
		{"text.log --receiver tube", 2, "there is no advice for it"},
		{"full", 1, "file too large"},
	} {
		shell := all[n%len(all)]
		r := newReport(t, shell, strings.Fields(c.args)...)
		if c.args == "full" { // files of 4 kB at most stand for a disk that is full
			script := r.Args[len(shell) : len(r.Args)-1]
			r.Args = append(slices.Clone(shell), "-c", `ulimit -f 8; exec "$@"`, "sh")
			r.Args = append(append(append(r.Args, shell...), script...), "demo:?noise=flip&telegrams=300")
		}
		write(t, filepath.Join(r.dir, "empty.log"), nil)
		write(t, filepath.Join(r.dir, "text.log"), []byte("hello, world\n"))
		if code := r.end(t); code != c.code || !strings.Contains(r.said.String(), c.says) || r.out.Len() > 0 {
			t.Errorf("%v %s: exit code %d, writes %q, says %s", shell, c.args, code, &r.out, &r.said)
		}
		if left := there(t, r.dir); !slices.Equal(left, []string{"empty.log", "text.log"}) {
			t.Errorf("%v %s: it leaves %q", shell, c.args, left)
		}
	}
}

// Ctrl-C ends it with the folder it was making; who kills it leaves one that says that it
// is not complete.
func TestReportIsStopped(t *testing.T) {
	t.Parallel()
	for _, shell := range shells() {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
			r := newReport(t, shell, "-o", "out", "demo:?telegrams=100000000&noise=slow-rise")
			must(t, r.Start())
			group := -r.Process.Pid
			t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })
			middle := filepath.Join(r.dir, "out", "telegrams.jsonl.zst")
			for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
				if _, err := os.Stat(middle); err == nil {
					break
				} else if time.Now().After(deadline) {
					t.Fatalf("it does not begin: %s", &r.said)
				}
			}
			must(t, syscall.Kill(group, sig))
			_ = r.Wait() // the code is looked at
			left := there(t, r.dir)
			switch {
			case sig == syscall.SIGINT && (r.ProcessState.ExitCode() != 130 || len(left) > 0):
				t.Errorf("%v: Ctrl-C ends it with %d, and leaves %q: %s", shell, r.ProcessState.ExitCode(), left, &r.said)
			case sig == syscall.SIGKILL && !slices.Contains(there(t, filepath.Join(r.dir, "out")), "NOT-COMPLETE.txt"):
				t.Errorf("%v: what is left of it does not say so", shell)
			}
		}
	}
}

// The script is free of the usual mistakes.
func TestReportShell(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("there is no shellcheck")
	}
	if said, err := exec.Command("shellcheck", reportScript).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
