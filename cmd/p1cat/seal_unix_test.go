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
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/creack/pty"
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

	var out, said bytes.Buffer
	cmd := command(&out, &said)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // of no terminal
	if err := cmd.Run(); err == nil || out.Len() > 0 || !strings.Contains(said.String(), "there is no terminal to ask for it") {
		t.Errorf("without a terminal: %v, says %q", err, &said)
	}
}
