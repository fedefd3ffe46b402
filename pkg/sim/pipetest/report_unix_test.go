//go:build unix

package pipetest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	dir       string // where it runs
	tools     string // the first folder of its search path
	temp      string // its temporary files
	out, said bytes.Buffer
}

// shells are those under which the script has to run, as far as they are here.
func shells() [][]string {
	var all [][]string
	for _, shell := range [][]string{{"dash"}, {"busybox", "sh"}, {"bash"}, {"sh"}} {
		if _, err := exec.LookPath(shell[0]); err == nil {
			all = append(all, shell)
		}
	}
	return all[:min(len(all), 3)]
}

// newReport makes one that a shell will run. Whatever is on a desktop, it opens nothing
// there: xdg-open writes what it is given into the file opened.
func newReport(t *testing.T, shell []string, args ...string) *reporting {
	t.Helper()
	script, err := filepath.Abs(reportScript)
	must(t, err)
	r := &reporting{dir: t.TempDir(), tools: t.TempDir(), temp: t.TempDir()}
	r.tool(t, "xdg-open", `echo "$1" >>opened`)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r.Cmd = exec.CommandContext(ctx, shell[0], append(append(shell[1:len(shell):len(shell)], script), args...)...)
	r.Dir, r.Stdout, r.Stderr = r.dir, &r.out, &r.said
	r.Env = append(r.Environ(), "PATH="+r.tools+":"+bin+":"+os.Getenv("PATH"), "TMPDIR="+r.temp, "DISPLAY=", "WAYLAND_DISPLAY=")
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.WaitDelay = patience // whoever is left behind holds its standard error
	return r
}

// tool puts a script before all that the search path has.
func (r *reporting) tool(t *testing.T, name, script string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(r.tools, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// through makes the shell run behind a command, as one that closes standard output.
func (r *reporting) through(t *testing.T, script string) {
	t.Helper()
	shell, err := exec.LookPath("sh")
	must(t, err)
	r.Path, r.Args = shell, append([]string{"sh", "-c", script + `; exec "$@"`, "sh"}, r.Args...)
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
	all := shells()
	for n, shell := range all[:min(len(all), 2)] {
		r := newReport(t, shell, name)
		write(t, filepath.Join(r.dir, name), log)
		want := "p1-report-" + time.Now().Format("2006-01-02") + "-it-s-b-my-b-log-more"
		if n > 0 { // another folder, and of a log that is missing nothing
			want = "o'ut \"& <put>"
			r.Args = append(r.Args, "missing.log", "--no-open", "-o"+want)
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
	for file, line := range map[string]string{
		"records.csv":  "p1csv --profile all --columns interval_import_kw,interval_export_kw,net_current_a",
		"days.csv":     "p1csv --profile all --every 1d",
		"validity.csv": "p1csv --table validity", "summary.txt": "p1noise --summary",
	} {
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
	records := run(t, t.TempDir(), "p1cat demo:?telegrams=1 | p1frame")
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
		{"text.log -o ''", 2, "-o names nothing\n"},
		{"--output= text.log", 2, "--output names nothing\n"},
		{"--receiver '' text.log", 2, "--receiver names nothing\n"},
		{"text.log --key-file=", 2, "--key-file names nothing\n"},
		{"records.jsonl", 3, "records.jsonl:1: these are records already"},
		{"text.log -o text.log", 1, "text.log is there already: name another folder\n"},
		{"text.log -o none/out", 1, "none/out"},
		{"text.log --key-file none", 1, "open none: no such file"},
		{"text.log --receiver tube", 2, "there is no advice for it"},
		{"text.log tcp://127.0.0.1:1", 2, "tcp://127.0.0.1:1 has no end: "},
		{"/dev/ttyUSB9", 2, "/dev/ttyUSB9 has no end: "},
		{"/dev/zero", 2, "/dev/zero has no end: "},
		{"full", 1, "file too large"},
	} {
		shell := all[n%len(all)]
		args := strings.Fields(strings.ReplaceAll(c.args, "full", "demo:?noise=flip&telegrams=300"))
		for i := range args {
			args[i] = strings.Trim(args[i], "'")
		}
		r := newReport(t, shell, args...)
		if c.args == "full" { // files of 4 kB at most stand for a disk that is full
			r.through(t, "ulimit -f 8")
		}
		write(t, filepath.Join(r.dir, "empty.log"), nil)
		write(t, filepath.Join(r.dir, "text.log"), []byte("hello, world\n"))
		write(t, filepath.Join(r.dir, "records.jsonl"), records)
		if code := r.end(t); code != c.code || !strings.Contains(r.said.String(), c.says) || r.out.Len() > 0 {
			t.Errorf("%v %s: exit code %d, writes %q, says %s", shell, c.args, code, &r.out, &r.said)
		}
		if left := there(t, r.dir); !slices.Equal(left, []string{"empty.log", "records.jsonl", "text.log"}) {
			t.Errorf("%v %s: it leaves %q", shell, c.args, left)
		}
	}
}

// A report that cannot say where it is, or whose log stopped early, is there all the same,
// and whole; the exit code and a word tell.
func TestReportAllTheSame(t *testing.T) {
	t.Parallel()
	all := shells()
	if len(all) == 0 {
		t.Skip("there is no shell")
	}
	lines := strings.SplitAfter(string(run(t, t.TempDir(), "p1cat demo:?telegrams=60")), "\n")
	const nowhere = "p1-report: the report is made, but standard output does not take its name: out/index.html\n"
	for n, c := range []struct {
		log, before string
		code        int
		says        string
		unread      bool
	}{
		{"demo:?telegrams=2&meter=nl", "exec >/dev/full", 1, nowhere, false},
		{"demo:?telegrams=2", "exec >&-", 1, nowhere, false},
		{"cut.jsonl", ":", 3, "cut.jsonl:2: not JSON", true},
	} {
		shell := all[n%len(all)]
		r := newReport(t, shell, "-oout", c.log)
		r.through(t, c.before)
		write(t, filepath.Join(r.dir, "cut.jsonl"), []byte(lines[0]+lines[1][:99]+"\n"))
		if code := r.end(t); code != c.code || !strings.Contains(r.said.String(), c.says) {
			t.Errorf("%v %s: exit code %d, says %s", shell, c.before, code, &r.said)
		}
		files := reportFiles()
		if c.unread {
			files = append(files, "unread.txt")
			slices.Sort(files)
		}
		out := filepath.Join(r.dir, "out")
		if got := there(t, out); !slices.Equal(got, files) {
			t.Fatalf("%v %s: it makes %q, want %q", shell, c.before, got, files)
		}
		if strings.Contains(string(read(t, filepath.Join(out, "index.html"))), "Not all of the logs was read") != c.unread {
			t.Errorf("%s: the index does not say whether all was read", c.log)
		}
		if c.unread && !strings.Contains(string(read(t, filepath.Join(out, "unread.txt"))), c.says) {
			t.Errorf("%s: unread.txt does not say why", c.log)
		}
		for _, file := range []string{"records.csv", "days.csv"} {
			if strings.Contains(string(read(t, filepath.Join(out, file))), ",gas_m3,") != strings.HasSuffix(c.log, "meter=nl") {
				t.Errorf("%s: gas is not what %s is about", c.log, file)
			}
		}
	}
}

// A report that is made through sudo is the caller's. What p1cat said stands in unread.txt, of
// the log that failed and of no other, and that standard input cannot be read again.
func TestReportThroughSudo(t *testing.T) {
	t.Parallel()
	all := shells()
	if len(all) == 0 || os.Getuid() != 0 {
		t.Skip("there is no shell, or no root, who gives files away")
	}
	r := newReport(t, all[0], "-oout", "demo:?telegrams=2", "-", "missing.log")
	r.Env = append(r.Env, "SUDO_UID=65534", "SUDO_GID=65533")
	if code := r.end(t); code != 1 {
		t.Fatalf("exit code %d: %s", code, &r.said)
	}
	for _, name := range append(there(t, filepath.Join(r.dir, "out")), ".") {
		info, err := os.Lstat(filepath.Join(r.dir, "out", name))
		must(t, err)
		if s := info.Sys().(*syscall.Stat_t); s.Uid != 65534 || s.Gid != 65533 {
			t.Errorf("%s is of %d and %d", name, s.Uid, s.Gid)
		}
	}
	unread := string(read(t, filepath.Join(r.dir, "out", "unread.txt")))
	if !strings.Contains(unread, "missing.log: no such file") || strings.Contains(unread, "demo:") || !strings.Contains(unread, "standard input") {
		t.Errorf("unread.txt is %q", unread)
	}
}

// The folder has the log's name, without what a system or a shell may not take, and not cut
// inside a letter.
func TestReportIsNamed(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?ms)^named\(\) \{.*?^\}\n`).Find(read(t, reportScript))
	letters := strings.Repeat("ж", 60)
	for n, c := range []struct{ log, name string }{
		{"häß€.log", "häß€"},
		{"лог счётчика.log.gz", "лог-счётчика.log.gz"},
		{"a/-x y\n\x01\"z'.log", "x-y-z"},
		{"a\u00a0b\u3000c\u202ed\u009be“f”", "a-b-c-d-e-f"},
		{`C:\a*b?c|d<e>f:g$h&i;j`, "C-a-b-c-d-e-f-g-h-i-j"},
		{letters, letters[:98]},
		{"a" + letters, "a" + letters[:98]},
		{strings.Repeat("a", 100) + ".log", strings.Repeat("a", 100)},
		{"logs/*", ""},
		{"-", ""},
	} {
		for _, shell := range shells() {
			ask := exec.Command(shell[0], append(shell[1:len(shell):len(shell)], "-c", string(named)+`named "$1"`, "sh", c.log)...)
			if n%2 == 1 {
				ask.Env = append(ask.Environ(), "LC_ALL=C.UTF-8")
			}
			if got, err := ask.CombinedOutput(); err != nil || string(got) != c.name+"\n" {
				t.Errorf("%v: of %q it makes %q, want %q: %v", shell, c.log, got, c.name, err)
			}
		}
	}
}

// The commands are those beside the script, wherever links to it stand, and not some of
// them.
func TestReportFindsCommands(t *testing.T) {
	t.Parallel()
	all := shells()
	if len(all) == 0 {
		t.Skip("there is no shell")
	}
	for n, c := range []struct{ dir, script, says string }{
		{"five", "p1-report", "there is no telegram"},
		{".", "links/two", "there is no telegram"},
		{"links", "over", "there is no telegram"},
		{".", "beside/p1-report", "there is no telegram"},
		{".", "some/p1-report", "these commands are missing in "},
		{".", "none/p1-report", "p1cat is missing"},
	} {
		shell := all[n%len(all)]
		r := newReport(t, shell, "-o", "out", filepath.Join(t.TempDir(), "empty.log"))
		write(t, r.Args[len(r.Args)-1], nil)
		for _, dir := range []string{"five", "links", "beside", "some", "none", "more"} {
			must(t, os.Mkdir(filepath.Join(r.dir, dir), 0o700))
		}
		for _, name := range []string{"p1cat", "p1frame", "p1fix", "p1csv", "p1noise"} {
			must(t, os.Symlink(filepath.Join(bin, name), filepath.Join(r.dir, "five", name)))
			must(t, os.Symlink(filepath.Join(bin, name), filepath.Join(r.dir, "beside", name)))
		}
		must(t, os.Symlink(filepath.Join(bin, "p1cat"), filepath.Join(r.dir, "some", "p1cat")))
		script := read(t, reportScript)
		for _, dir := range []string{"five", "some", "none"} {
			write(t, filepath.Join(r.dir, dir, "p1-report"), script)
		}
		for link, to := range map[string]string{"links/one": "../five/p1-report", "links/two": "one", "links/over": filepath.Join(r.dir, "more/../links/two"), "beside/p1-report": "../none/p1-report"} {
			must(t, os.Symlink(to, filepath.Join(r.dir, link)))
		}
		r.Dir = filepath.Join(r.dir, c.dir)
		r.Args[len(shell)] = c.script
		r.Env = append(r.Env, "PATH="+onlyTools(t))
		if code := r.end(t); code != 1 || !strings.Contains(r.said.String(), c.says) {
			t.Errorf("%v %s: exit code %d, says %s", shell, c.script, code, &r.said)
		}
	}
}

// onlyTools is a search path on which there are no p1 commands, whatever is installed here.
func onlyTools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"mkdir", "rm", "mktemp", "mkfifo", "sed", "readlink"} {
		path, err := exec.LookPath(name)
		must(t, err)
		must(t, os.Symlink(path, filepath.Join(dir, name)))
	}
	return dir
}

// waits starts one that reads what nobody writes, and returns once its pipes are there.
func (r *reporting) waits(t *testing.T) (end *os.File) {
	t.Helper()
	in, end, err := os.Pipe()
	must(t, err)
	r.Stdin = in
	must(t, r.Start())
	must(t, in.Close())
	group := -r.Process.Pid
	t.Cleanup(func() {
		_ = end.Close()
		_ = syscall.Kill(group, syscall.SIGKILL)
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if pipes, _ := filepath.Glob(filepath.Join(r.temp, "*", "framed")); len(pipes) > 0 {
			return end
		} else if time.Now().After(deadline) {
			t.Fatal("it does not begin")
		}
	}
}

// A signal, to it alone or to its commands too, ends it and them at once, with all that they
// have made; who kills it leaves a folder that says that it is not complete.
func TestReportIsStopped(t *testing.T) {
	t.Parallel()
	for _, shell := range shells() {
		for _, c := range []struct {
			sig  syscall.Signal
			all  bool
			code int
		}{
			{syscall.SIGINT, true, 130},
			{syscall.SIGINT, false, 130},
			{syscall.SIGTERM, false, 143},
			{syscall.SIGHUP, false, 129},
			{syscall.SIGKILL, true, -1},
		} {
			r := newReport(t, shell, "-o", "out", "-")
			r.waits(t)
			pid, group := r.Process.Pid, -r.Process.Pid
			if c.all {
				pid = group
			}
			must(t, syscall.Kill(pid, c.sig))
			_ = r.Wait() // the code is looked at
			if c.sig == syscall.SIGKILL {
				if !slices.Contains(there(t, filepath.Join(r.dir, "out")), "NOT-COMPLETE.txt") {
					t.Errorf("%v: what is left of it does not say so", shell)
				}
				continue
			}
			left := append(there(t, r.dir), there(t, r.temp)...)
			if got := r.ProcessState.ExitCode(); got != c.code || len(left) > 0 {
				t.Errorf("%v: %v, to all %v, ends it with %d, and leaves %q", shell, c.sig, c.all, got, left)
			}
			if err := syscall.Kill(group, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("%v: %v, to all %v, leaves a command at work", shell, c.sig, c.all)
			}
			if got, want := r.said.String(), "p1-report: 1 of 6: reading and repairing\np1-report: stopped: no report is made\n"; got != want {
				t.Errorf("%v: %v, to all %v: it says %q", shell, c.sig, c.all, got)
			}
		}
	}
}

// What was ignored when it began, as nohup has it, stays so.
func TestReportIgnoresSignals(t *testing.T) {
	t.Parallel()
	for _, shell := range shells() {
		r := newReport(t, shell, "-o", "out", "-")
		r.through(t, "trap '' INT HUP")
		end := r.waits(t)
		must(t, syscall.Kill(r.Process.Pid, syscall.SIGINT))
		must(t, syscall.Kill(-r.Process.Pid, syscall.SIGHUP))
		must(t, end.Close())
		_ = r.Wait() // the code is looked at
		if code := r.ProcessState.ExitCode(); code != 1 || !strings.Contains(r.said.String(), "there is no telegram") {
			t.Errorf("%v: exit code %d, says %s", shell, code, &r.said)
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
