//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/creack/pty"
	"golang.org/x/term"
)

// An identity that a passphrase keeps is asked for at the terminal, which does not show it;
// where there is no terminal, that is said.
func TestPassphrase(t *testing.T) {
	identity, recipient := keys(t)
	dir := t.TempDir()
	want := days(t, dir, 1, 1000, rand.NewChaCha8([32]byte{5}))
	if said, code := runs(t, "--archive", dir, "--seal", recipient); code != 0 {
		t.Fatal(said)
	}
	secret, err := os.ReadFile(identity)
	must(t, err)
	to, err := age.NewScryptRecipient("correct horse")
	must(t, err)
	to.SetWorkFactor(8)
	var locked bytes.Buffer
	z, err := age.Encrypt(&locked, to)
	must(t, err)
	_, err = z.Write(secret)
	must(t, errors.Join(err, z.Close()))
	must(t, os.WriteFile(identity, locked.Bytes(), 0o600))

	command := func(out, said io.Writer) *exec.Cmd {
		cmd := exec.Command("p1cat", filepath.Join(dir, "p1-*"), "--ascii=false", "--identity", identity)
		cmd.Stdout, cmd.Stderr = out, said
		return cmd
	}
	for _, c := range []struct{ typed, want, says string }{
		{"correct horse\r", want, ""}, {"wrong\r", "", "this is not its passphrase"}, {"cor\x03", "", "nothing was typed"},
	} {
		var out, said bytes.Buffer
		cmd := command(&out, &said)
		terminal, err := pty.Start(cmd)
		if err != nil {
			t.Skipf("no pty here: %v", err)
		}
		stop := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		shown := make([]byte, 1000)
		n := 0
		for !bytes.HasSuffix(shown[:n], []byte("passphrase: ")) {
			m, err := terminal.Read(shown[n:])
			must(t, err)
			n += m
		}
		_, err = terminal.WriteString(c.typed)
		must(t, err)
		rest, _ := io.ReadAll(terminal) // ends with an error, as it is closed at the other end
		err = cmd.Wait()
		stop.Stop()
		_ = terminal.Close()
		if out.String() != c.want || (err == nil) != (c.says == "") || !strings.Contains(said.String(), c.says) {
			t.Errorf("%q: %v, %d bytes, says %q", c.typed, err, out.Len(), &said)
		}
		if strings.Contains(string(rest), strings.TrimSpace(c.typed[:3])) {
			t.Errorf("the terminal shows %q", rest)
		}
	}

	for _, sent := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		interrupted(t, command(io.Discard, io.Discard), sent, 130)
		other := exec.Command("p1cat", "--ascii=false", identity+".age") // which is asked for as it is read
		must(t, os.WriteFile(identity+".age", locked.Bytes(), 0o600))
		other.Stdout = io.Discard
		interrupted(t, other, sent, -1)
	}

	var out, said bytes.Buffer
	cmd := command(&out, &said)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // of no terminal
	if err := cmd.Run(); err == nil || out.Len() > 0 || !strings.Contains(said.String(), "there is no terminal to ask for it") {
		t.Errorf("without a terminal: %v, says %q", err, &said)
	}
}

// interrupted sends a signal while a passphrase is asked for: the command ends, and the
// terminal shows what is typed as it did before.
func interrupted(t *testing.T, cmd *exec.Cmd, sent os.Signal, code int) {
	t.Helper()
	terminal, tty, err := pty.Open()
	must(t, err)
	defer terminal.Close()
	defer tty.Close()
	before, err := term.GetState(int(tty.Fd()))
	must(t, err)
	cmd.Stdin = tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, cmd.Start())
	stop := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	shown := make([]byte, 1000)
	for n := 0; !bytes.HasSuffix(shown[:n], []byte("passphrase: ")); {
		m, err := terminal.Read(shown[n:])
		must(t, err)
		n += m
	}
	if now, err := term.GetState(int(tty.Fd())); err != nil || reflect.DeepEqual(now, before) {
		t.Errorf("%v, the terminal is as ever while the passphrase is asked for", err)
	}
	must(t, cmd.Process.Signal(sent))
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code && code >= 0 || got < 0 {
		t.Errorf("%v: exit code %d (%v)", sent, got, cmd.ProcessState)
	}
	if now, err := term.GetState(int(tty.Fd())); err != nil || !reflect.DeepEqual(now, before) {
		t.Errorf("%v: %v, the terminal is left as %+v, was %+v", sent, err, now, before)
	}
}
