//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// freePort is a port of this machine that nobody has.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// applets makes a folder with busybox's commands and nothing else, as the app's base has them,
// and jq, which its Dockerfile adds.
func applets(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip(err)
	}
	jq, err := exec.LookPath("jq")
	if err != nil {
		t.Skip(err)
	}
	list, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains("\n"+string(list), "\nhttpd\n") {
		t.Skip("this busybox has no httpd")
	}
	for name := range strings.FieldsSeq(string(list)) {
		if err := os.Symlink(busybox, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(jq, filepath.Join(folder, "jq")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// app is the run script, running.
type app struct {
	*exec.Cmd
	data, page, port string
	said             bytes.Buffer
}

// startApp runs the script under busybox with these settings of its web server.
func startApp(t *testing.T, path, options, settings string) *app {
	t.Helper()
	a := &app{data: files(t, map[string]string{"options.json": options, "httpd.conf": settings}), page: freePort(t), port: freePort(t)}
	script, err := filepath.Abs("templates/homeassistant/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	a.Cmd = exec.CommandContext(t.Context(), filepath.Join(strings.Split(path, ":")[0], "sh"), script)
	a.Env = []string{"PATH=" + path, "P1_DATA=" + a.data, "P1_WWW=" + filepath.Join(a.data, "www"), "P1_HTTPD=" + filepath.Join(a.data, "httpd.conf"),
		"P1_PAGE=" + a.page, "P1_PORT=" + a.port, "P1_FIRST=0.5", "P1_PAUSE=0.1"}
	a.Stdout, a.Stderr = &a.said, &a.said
	a.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	a.WaitDelay = time.Second
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-a.Process.Pid, syscall.SIGKILL)
	})
	return a
}

// get asks for the page until it holds some text, or the time is over, and returns what came last.
func (a *app) get(t *testing.T, text string) string {
	t.Helper()
	last := ""
	for range 100 {
		if r, err := http.Get("http://127.0.0.1:" + a.page + "/"); err == nil {
			body, _ := io.ReadAll(r.Body)
			r.Body.Close()
			if last = fmt.Sprint(r.StatusCode, " ", string(body)); strings.Contains(last, text) {
				return last
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the page never had %q, at last %.300q; it says %s", text, last, &a.said)
	return last
}

// stop ends the app as the Supervisor does.
func (a *app) stop(t *testing.T) {
	t.Helper()
	if err := a.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it ends with %v: %s", err, &a.said)
		}
	case <-time.After(20 * time.Second):
		t.Errorf("it does not end: %s", &a.said)
	}
}

const anybody = "A:127.0.0.1\nD:*\nI:index.html\n"

// stages are stand-ins for the commands, which note how they are called, and ignore the signal
// after which the commands write what they have.
func stages(t *testing.T, meter string) string {
	const note = "#!/bin/sh\necho \"${0##*/} $*\" >>\"$P1_DATA/calls\"\n"
	return files(t, map[string]string{
		"!p1cat":   note + "case \"$*\" in *--serve*) trap '' TERM; cat >\"$P1_DATA/served\" ;; *--archive*) " + meter + " ;; *) echo page ;; esac\n",
		"!p1frame": note + "trap '' TERM; cat\n", "!p1fix": note + "trap '' TERM; cat\n",
		"!p1noise": note + "cat >\"$2\"\n",
	})
}

// TestRun: the script runs the pipe and runs it again where it has ended, makes the page, and
// ends when it is told to, each stage with what it had.
func TestRun(t *testing.T) {
	t.Parallel()
	tools := applets(t)
	path := tools + ":" + stages(t, `touch "$P1_DATA/archive/p1-$(date -u +%F).jsonl"; trap 'echo last; exit' TERM; echo telegram; n=0; while [ $n -lt 300 ]; do sleep 0.1; n=$((n + 1)); done`)
	a := startApp(t, path, `{"source":"/dev/tty of mine","keep":"30d"}`, anybody)
	a.get(t, "200 page")
	a.stop(t)
	if served := string(read(t, filepath.Join(a.data, "served"))); served != "telegram\nlast\n" {
		t.Errorf("at the end it had served %q", served)
	}
	calls := string(read(t, filepath.Join(a.data, "calls")))
	for _, want := range []string{"p1cat --archive " + a.data + "/archive --keep 30d -- /dev/tty of mine\n", "p1fix --lookahead 0 --state " + a.data + "/meters.json\n", "p1cat --serve tcp://0.0.0.0:" + a.port + " --plain\n", "p1noise --html " + a.data + "/www/index.html -o /dev/null\n"} {
		if strings.Count(calls, want) != 1 {
			t.Errorf("%q was not called once: %s", want, calls)
		}
	}
	again := startApp(t, tools+":"+stages(t, "true"), `{"source":"x","keep":"30d"}`, anybody)
	for range 100 {
		if text, _ := os.ReadFile(filepath.Join(again.data, "calls")); strings.Count(string(text), "p1cat --archive") > 1 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	again.stop(t)
	if said := again.said.String(); !strings.Contains(said, "started again") {
		t.Errorf("a pipe that has ended was not started again: %s", said)
	}
	missing := startApp(t, tools, `{}`, anybody)
	if err := missing.Wait(); err == nil || !strings.Contains(missing.said.String(), "the option source is missing") {
		t.Errorf("without options: %v: %s", err, &missing.said)
	}
}

// TestPageOfYesterday: where a meter has said nothing today, the page is of all that there is of
// yesterday.
func TestPageOfYesterday(t *testing.T) {
	t.Parallel()
	a := startApp(t, applets(t)+":"+stages(t, "while sleep 0.1; do :; done"), `{"source":"x","keep":"30d"}`, anybody)
	first := filepath.Join(a.data, "archive", "p1-"+time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly))
	if err := os.MkdirAll(filepath.Dir(first), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{first + ".jsonl.zst", first + "T1.jsonl.zst"} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a.get(t, "200 page")
	a.stop(t)
	want := "p1cat " + first + ".jsonl.zst " + first + "T1.jsonl.zst\n"
	if calls := string(read(t, filepath.Join(a.data, "calls"))); !strings.Contains(calls, want) {
		t.Errorf("not called: %swhat was: %s", want, calls)
	}
}

// TestOnlyIngressSeesThePage: with the settings of the app nobody else gets it.
func TestOnlyIngressSeesThePage(t *testing.T) {
	t.Parallel()
	path := applets(t) + ":" + stages(t, "while sleep 0.1; do :; done")
	a := startApp(t, path, `{"source":"x","keep":"30d"}`, string(read(t, "templates/homeassistant/httpd.conf")))
	a.get(t, "403 ")
	a.stop(t)
}

// TestRunWithCommands: the same with the commands themselves, from the demo to a telegram and a page.
func TestRunWithCommands(t *testing.T) {
	if os.Getenv("P1_LONG") == "" {
		t.Skip("builds the commands: P1_LONG=1")
	}
	t.Parallel()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-buildvcs=false", "-o", bin+"/", "./cmd/p1cat", "./cmd/p1frame", "./cmd/p1fix", "./cmd/p1noise")
	build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	log := filepath.Join(t.TempDir(), "meter")
	if err := syscall.Mkfifo(log, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	meter := exec.CommandContext(ctx, "sh", "-c", `exec 3>"$1"; for n in 1 2 3 4 5 6 7 8 9; do "$0" --raw "demo:?noise=slow-rise&telegrams=30" >&3; sleep 1; done`, bin+"/p1cat", log)
	if err := meter.Start(); err != nil {
		t.Fatal(err)
	}
	a := startApp(t, applets(t)+":"+bin, `{"source":"`+log+`","keep":"30d"}`, anybody)
	var got []byte
	for range 100 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+a.port); err == nil {
			_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
			some := make([]byte, 100)
			n, _ := c.Read(some)
			c.Close()
			if got = some[:n]; n > 0 {
				break
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !bytes.HasPrefix(got, []byte("/")) {
		t.Errorf("port %s gave %q; it says %s", a.port, got, &a.said)
	}
	a.get(t, "</html>")
	a.stop(t)
}
