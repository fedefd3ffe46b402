package pipetest

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var execStart = regexp.MustCompile(`(?s)\nExecStart=/bin/bash -o pipefail -c '(.*?)'\n`)

// Whichever stage of p1.service is killed, its pipe ends, so that systemd starts it
// again: none goes on without serving, or without counting.
func TestServiceEndsWithAStage(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	unit := string(read(t, "../../../cmd/p1cat/service/p1.service"))
	pipe := execStart.FindStringSubmatch(unit)
	if pipe == nil {
		t.Fatal("p1.service starts no pipe")
	}
	x := simulate(t, "meter=nl&telegrams=50&logger=raw")
	for _, victim := range []string{"p1cat", "p1frame", "p1fix", "p1noise", "p1cat--serve"} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			a, dir := newAdapter(t), t.TempDir()
			words := strings.NewReplacer("\\\n", "", "$$", "$", "/var/lib/p1", dir, "/run/p1", dir).Replace(pipe[1])
			if !strings.Contains(unit, "\nIgnoreSIGPIPE=no\n") {
				words = "trap '' PIPE; " + words // as systemd does it by itself
			}
			service := exec.Command("bash", "-o", "pipefail", "-c", words)
			service.Env = append(service.Environ(), "PATH="+noted(t, dir)+":/usr/bin:/bin",
				"P1_SOURCE="+a.source(), "P1_ARCHIVE=--keep 400d", "P1_SERVE=tcp://127.0.0.1:0")
			service.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			var said bytes.Buffer
			service.Stderr = &said
			must(t, service.Start())
			ended := make(chan error, 1)
			go func() { ended <- service.Wait() }()
			t.Cleanup(func() { _ = syscall.Kill(-service.Process.Pid, syscall.SIGKILL) })
			a.opened()
			for i, tx := range x.sent {
				a.send(tx.Sent)
				if i == 3 {
					pid, err := strconv.Atoi(strings.TrimSpace(string(read(t, filepath.Join(dir, victim+".pid")))))
					must(t, err)
					must(t, syscall.Kill(pid, syscall.SIGKILL))
				}
				select {
				case err := <-ended:
					if i < 3 || err == nil {
						t.Errorf("it ends with %v after %d telegrams: %s", err, i+1, &said)
					}
					return
				case <-time.After(100 * time.Millisecond):
				}
			}
			t.Errorf("it goes on: %s", &said)
		})
	}
}

// noted is a directory of the commands, each of which notes its process before it
// begins, that which serves under a name of its own.
func noted(t *testing.T, dir string) string {
	t.Helper()
	for _, name := range []string{"p1cat", "p1frame", "p1fix", "p1noise"} {
		script := fmt.Sprintf(`#!/bin/sh
case "$1" in --serve) what=--serve ;; *) what= ;; esac
echo $$ > %[1]s/%[2]s$what.pid
exec %[3]s/%[2]s "$@"
`, dir, name, bin)
		must(t, exec.Command("install", "-m", "700", "/dev/null", filepath.Join(dir, name)).Run())
		write(t, filepath.Join(dir, name), []byte(script))
	}
	return dir
}
