//go:build unix

package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// p1cat alone says what it waits for where a person would wait with it, and takes what is
// pasted. Where its input is no terminal it says nothing.
func TestAloneOnATerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pty here: %v", err)
	}
	defer master.Close()
	var out, said bytes.Buffer
	cmd := exec.Command("p1cat", "--raw")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, &out, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	const controlD = "\x04"
	if _, err := master.WriteString("/TST5meter\n1-0:1.8.0(1*kWh)\n" + controlD); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v, %s", err, &said)
	}
	if out.String() != "/TST5meter\n1-0:1.8.0(1*kWh)\n" || strings.Count(said.String(), "\n") != 1 ||
		!strings.HasPrefix(said.String(), "p1cat: reads what is typed or pasted here, up to Ctrl-D; a log or a port is named: p1cat p1.log, ") {
		t.Errorf("%q, said %q", &out, &said)
	}

	said.Reset()
	cmd = exec.Command("p1cat", "--raw")
	cmd.Stdin, cmd.Stderr = strings.NewReader("/TST5meter\n"), &said
	if err := cmd.Run(); err != nil || said.Len() > 0 {
		t.Errorf("%v, said %q", err, &said)
	}
}
