package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// patience bounds every wait.
const patience = longtest.Patience

// server is a p1cat --serve on a port that is free.
type server struct {
	*exec.Cmd
	t       *testing.T
	in      io.WriteCloser
	words   *bufio.Reader
	address string
}

var servingOn = regexp.MustCompile(`^p1cat: serving on (127\.0\.0\.1:\d+)`)

// serving starts p1cat as a process of its own; this test is p1cat when it is called so.
func serving(t *testing.T, args ...string) *server {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	s := &server{Cmd: exec.Command(self), t: t}
	s.Args = append([]string{"p1cat", "--serve", "tcp://127.0.0.1:0"}, args...)
	s.in, err = s.StdinPipe()
	must(t, err)
	said, err := s.StderrPipe()
	must(t, err)
	must(t, s.Start())
	kill := time.AfterFunc(patience, func() { _ = s.Process.Kill() })
	t.Cleanup(func() { kill.Stop(); _ = s.Process.Kill() })
	s.words = bufio.NewReader(said)
	line, err := s.words.ReadString('\n')
	must(t, err)
	m := servingOn.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("it says %q", line)
	}
	s.address = m[1]
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *server) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.address)
	must(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	must(s.t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

// ends waits for the end, and returns the exit code and what else was said.
func (s *server) ends() (code int, words string) {
	s.t.Helper()
	rest, err := io.ReadAll(s.words)
	must(s.t, err)
	_ = s.Wait()
	return s.ProcessState.ExitCode(), string(rest)
}

// bare is a telegram without CRC, which need not be calculated here.
func bare(n int) string { return fmt.Sprintf("/SIM5x\r\n\r\n1-0:1.8.0(%05d*kWh)\r\n!\r\n", n) }

func recordOf(n int) string {
	return fmt.Sprintf(`{"v":1,"type":"telegram","source":"x","seq":%d,"offset":%d,"status":"unchecked","crc":"none","raw":%q}`+"\n",
		n, n*len(bare(0)), bare(n))
}

const unchecked = "--only=ok,repaired,unchecked"

// A client's bytes come as soon as the record does, and the end with the input's.
func TestServeLive(t *testing.T) {
	s := serving(t, unchecked)
	c := s.dial()
	// The first ones may come before the client is known.
	buf := make([]byte, len(bare(0)))
	stop, stopped := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				stopped <- n
				return
			case <-time.After(20 * time.Millisecond):
				_, _ = io.WriteString(s.in, recordOf(n))
			}
		}
	}()
	_, err := io.ReadFull(c, buf)
	close(stop)
	must(t, err)
	n := <-stopped
	var first int
	if _, err := fmt.Sscanf(string(buf[len("/SIM5x\r\n\r\n"):]), "1-0:1.8.0(%05d*kWh)", &first); err != nil || string(buf) != bare(first) {
		t.Fatalf("it gets %q", buf)
	}
	_, err = io.WriteString(s.in, recordOf(n)+recordOf(n+1))
	must(t, err)
	must(t, s.in.Close())
	rest, err := io.ReadAll(c)
	must(t, err)
	want := ""
	for i := first + 1; i <= n+1; i++ {
		want += bare(i)
	}
	if string(rest) != want {
		t.Errorf("it gets\n%q\nwant\n%q", rest, want)
	}
	if code, words := s.ends(); code != 0 || words != "" {
		t.Errorf("exit code %d, %q", code, words)
	}
}

// A file waits for its first client, who gets all of it.
func TestServeFile(t *testing.T) {
	name := t.TempDir() + "/day.jsonl"
	records, want := "", ""
	for n := range 2000 {
		records, want = records+recordOf(n), want+bare(n)
	}
	must(t, os.WriteFile(name, []byte(records), 0o600))
	s := serving(t, unchecked, name)
	got, err := io.ReadAll(s.dial())
	if err != nil || string(got) != want {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
	if code, words := s.ends(); code != 0 || words != "" {
		t.Errorf("exit code %d, %q", code, words)
	}
}

// A signal ends the stages before too: their tail still gets to the clients.
func TestServeSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals to send")
	}
	for signal, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 0} {
		s := serving(t, unchecked)
		c := s.dial()
		buf := make([]byte, len(bare(0)))
		for end := time.Now().Add(patience); ; { // until the client is known
			_, err := io.WriteString(s.in, recordOf(0))
			must(t, err)
			must(t, c.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
			if _, err = io.ReadFull(c, buf); err == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatal(err)
			}
		}
		must(t, s.Process.Signal(signal))
		_, err := io.WriteString(s.in, recordOf(7))
		must(t, err)
		must(t, c.SetReadDeadline(time.Now().Add(patience)))
		rest := readUntil(t, c, bare(7)) // before the input ends, which else may be seen before the signal is
		must(t, s.in.Close())
		more, err := io.ReadAll(c)
		if rest += string(more); err != nil || !strings.HasSuffix(rest, bare(7)) {
			t.Errorf("%v: it gets %q, %v", signal, rest, err)
		}
		if code, words := s.ends(); code != want || words != "" {
			t.Errorf("%v: exit code %d, want %d; it says %q", signal, code, want, words)
		}
	}
}

// readUntil reads up to a text.
func readUntil(t *testing.T, r io.Reader, end string) (text string) {
	t.Helper()
	for b := make([]byte, 1); !strings.HasSuffix(text, end); text += string(b) {
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatalf("%v after %q", err, text)
		}
	}
	return text
}

// A file that waits for a client can be interrupted.
func TestServeFileInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals to send")
	}
	name := t.TempDir() + "/day.jsonl"
	must(t, os.WriteFile(name, []byte(recordOf(0)), 0o600))
	s := serving(t, unchecked, name)
	must(t, s.Process.Signal(os.Interrupt))
	if code, words := s.ends(); code != 130 || words != "" {
		t.Errorf("exit code %d, %q", code, words)
	}
}

// Where the port is taken nothing is read.
func TestServePortInUse(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	self, err := os.Executable()
	must(t, err)
	p1cat := exec.Command(self)
	p1cat.Args = []string{"p1cat", "--serve", "tcp://" + taken.Addr().String(), "no such file"}
	out, _ := p1cat.CombinedOutput()
	if code := p1cat.ProcessState.ExitCode(); code != 1 || strings.Contains(string(out), "no such file") ||
		!regexp.MustCompile(`^p1cat: tcp://\S+: port \d+ is in use: .*\nhint: .*\n$`).Match(out) {
		t.Errorf("exit code %d, it says %q", code, out)
	}
}
