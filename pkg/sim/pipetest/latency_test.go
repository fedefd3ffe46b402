//go:build linux

package pipetest

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// From the last byte on the wire to the row of the table it takes less than 50 ms. Of
// three tries one is enough, since others use this machine, too.
func TestLiveLatency(t *testing.T) {
	longtest.Needs(t, "measures")
	const limit = 50 * time.Millisecond
	x := simulate(t, "meter=nl&telegrams=95&logger=raw")
	a := newAdapter(t)
	p := start(t, "", nil, "p1cat "+a.source()+" | p1frame | p1fix | p1csv --no-header")
	out := readRows(t, p.out)
	a.opened()
	var fastest time.Duration
	for try := range 3 {
		var took []time.Duration
		for _, tx := range x.sent[30*try:][:30] {
			from := a.send(tx.Sent)
			if row, _ := out.next(); !strings.HasPrefix(row, tx.Clock.Format(time.RFC3339)+",") {
				t.Fatalf("for the telegram of %v comes the row %q", tx.Clock, row)
			}
			took = append(took, time.Since(from))
			time.Sleep(50 * time.Millisecond)
		}
		slices.Sort(took)
		median := took[len(took)/2]
		t.Logf("from the last byte to the row, %d telegrams: least %v, median %v, most %v", len(took), took[0], median, took[len(took)-1])
		if fastest == 0 || median < fastest {
			fastest = median
		}
		if median < limit {
			break
		}
	}
	if fastest >= limit {
		t.Errorf("the median is %v, want less than %v", fastest, limit)
	}
	p.signal(syscall.SIGINT)
	out.rest()
	p.wait()
}

// A client sees each verified telegram as it comes, a repaired one as it was sent, and
// nothing of those that cannot be verified.
func TestLiveServed(t *testing.T) {
	t.Parallel()
	x := simulate(t, "meter=nl&telegrams=12&logger=raw")
	a := newAdapter(t)
	p := start(t, "", nil, "p1cat "+a.source()+" | p1frame | p1fix")
	stderr, w, err := os.Pipe()
	must(t, err)
	server := startWith(t, p.out, w, "p1cat", "--serve", "tcp://127.0.0.1:0")
	must(t, w.Close())
	words, _ := readRows(t, stderr).next()
	_, address, ok := strings.Cut(words, "serving on ")
	if !ok {
		t.Fatalf("said is %q", words)
	}
	address, _, _ = strings.Cut(strings.TrimPrefix(address, "tcp://"), " ")
	client, err := net.Dial("tcp", address)
	must(t, err)
	defer client.Close()
	a.opened()

	for i, tx := range x.sent {
		text, want := bytes.Clone(tx.Sent), tx.Sent
		switch i {
		case 6: // a blank for a 0, as a slow edge makes it
			text[bytes.Index(text, []byte("1-0:1.8.1("))+len("1-0:1.8.1(")] = ' '
		case 8: // the first half is all that comes
			text, want = text[:len(text)/2], nil
		case 10: // a register is lost, and so is the CRC that would confirm what it was
			at := bytes.Index(text, []byte("1-0:1.8.1("))
			copy(text[at:], bytes.Repeat([]byte("~"), 30))
			copy(text[len(text)-6:], "~~~~")
			want = nil
		}
		a.send(text)
		if want == nil {
			time.Sleep(1500 * time.Millisecond) // the rest of half a telegram is waited for
			continue
		}
		got := make([]byte, len(want))
		must(t, client.SetReadDeadline(time.Now().Add(soon)))
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("for telegram %d come %q, %v", i+1, got, err)
		}
	}
	p.signal(syscall.SIGTERM)
	if rest, err := io.ReadAll(client); len(rest) > 0 || err != nil {
		t.Errorf("at the end %q comes, %v", rest, err)
	}
	p.wait()
	if err := server.Wait(); err != nil {
		t.Errorf("the server: %v", err)
	}
}

// startWith starts one command whose standard error is a file.
func startWith(t *testing.T, in, stderr *os.File, name string, args ...string) *stage {
	t.Helper()
	s := &stage{Cmd: exec.Command(filepath.Join(bin, name), args...)}
	s.Stdin, s.Stderr = in, stderr
	must(t, s.Start())
	t.Cleanup(func() { _ = s.Process.Kill() })
	return s
}

// nobody is a user who may do nothing.
const nobody = 65534

// asNobody lets a command run as a user without rights; root may do anything.
func asNobody(s *stage) {
	if os.Getuid() == 0 {
		s.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// openBin lets others than the owner run the commands.
func openBin(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "p1bin")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	// Written by this process, it could still be open in a command that starts meanwhile.
	must(t, exec.Command("cp", filepath.Join(bin, "p1cat"), dir).Run())
	return filepath.Join(dir, "p1cat")
}

// What a person meets who has no rights: words that say what to do. A directory that is
// not writable costs the archive and nothing else.
func TestLiveWithoutRights(t *testing.T) {
	t.Parallel()
	cat := openBin(t)
	t.Run("device", func(t *testing.T) {
		a := newAdapter(t)
		must(t, os.Chmod(a.device, 0))
		s := &stage{Cmd: exec.Command(cat, "serial://"+a.device+"?baud=115200")}
		asNobody(s)
		out, err := s.CombinedOutput()
		said := string(out)
		if s.ProcessState.ExitCode() != 1 || !strings.HasPrefix(said, "p1cat: "+a.device) && !strings.HasPrefix(said, "p1cat: serial://"+a.device) ||
			!strings.Contains(said, "permission denied: only its owner may use it") {
			t.Errorf("%v, said is %q", err, said)
		}
	})
	t.Run("archive", func(t *testing.T) {
		dir, err := os.MkdirTemp("/tmp", "p1archive")
		must(t, err)
		t.Cleanup(func() { os.RemoveAll(dir) })
		must(t, os.Chmod(dir, 0o555))
		log, err := os.ReadFile(testdata + "/nl-clean.log")
		must(t, err)
		s := &stage{Cmd: exec.Command(cat, "--raw", "--archive", dir)}
		s.Stdin, s.Stderr = bytes.NewReader(log), &s.stderr
		asNobody(s)
		out, _ := s.Output()
		said := s.stderr.String()
		if !bytes.Equal(out, log) {
			t.Errorf("%d bytes of %d come out", len(out), len(log))
		}
		if s.ProcessState.ExitCode() != 1 || !strings.Contains(said, "permission denied (the directory must be writable for the user that p1cat runs as)") {
			t.Errorf("exit code %d, said is %q", s.ProcessState.ExitCode(), said)
		}
	})
}

// An address that is taken, and names that are none.
func TestServeAddresses(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	taken := "tcp://" + l.Addr().String()
	file := write(t, filepath.Join(t.TempDir(), "p1.log"), []byte("/TST5\r\n"))
	for _, c := range []struct {
		address string
		code    int
		words   string
	}{
		{taken, 1, "is in use"},
		{file, 2, "is no address to listen on, such as tcp://:2001"},
		{"tcp://127.0.0.1", 2, "lacks a host or port"},
	} {
		s := &stage{Cmd: exec.Command(filepath.Join(bin, "p1cat"), "--serve", c.address)}
		out, _ := s.CombinedOutput()
		if s.ProcessState.ExitCode() != c.code || !strings.Contains(string(out), c.words) || strings.Contains(string(out), "serving") {
			t.Errorf("%s: exit code %d, said is %q; want %d and %q", c.address, s.ProcessState.ExitCode(), out, c.code, c.words)
		}
	}
}
