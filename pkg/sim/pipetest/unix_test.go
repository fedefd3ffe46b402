//go:build unix

package pipetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// group puts a command into the process group of the pipe's first one, as a
// shell does, so that a signal reaches all of them at once.
func (p *pipe) group(s *stage) {
	s.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if len(p.stages) > 0 {
		s.SysProcAttr.Pgid = p.stages[0].Process.Pid
	}
}

// signal sends a signal to all commands of the pipe, as Ctrl-C does. A command whose
// input ends waits for its signal for a moment only, which on a busy machine is not
// enough: there the first one, which ends the input of the others, gets it last.
func (p *pipe) signal(sig syscall.Signal) {
	p.t.Helper()
	if longtest.Asked() {
		must(p.t, syscall.Kill(-p.stages[0].Process.Pid, sig))
		return
	}
	for _, s := range p.stages[1:] {
		must(p.t, syscall.Kill(s.Process.Pid, sig))
	}
	time.Sleep(begun)
	must(p.t, syscall.Kill(p.stages[0].Process.Pid, sig))
}

// fifo makes a named pipe and opens it for writing. It is open for reading too,
// so that nobody waits for anybody when opening it.
func fifo(t testing.TB) (name string, w *os.File) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "line")
	must(t, syscall.Mkfifo(name, 0o600))
	w, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() { w.Close() })
	return name, w
}

// measureArg makes the test binary a process that does nothing but run a pipe.
// Linux counts the memory of the process that starts a command among that
// command's own peak, and a test process may have used much.
const measureArg = "p1-measure"

// usage is what a command of a measured pipe has used.
type usage struct {
	Name   string
	Code   int
	Stderr string
	Peak   int64 // bytes of memory
}

// measure runs a pipe on an input, throws its output away, and returns what each
// command has used.
func measure(t testing.TB, in io.Reader, line string) []usage {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	var words []string
	for command := range strings.SplitSeq(line, " | ") {
		words = append(words, filepath.Join(bin, command))
	}
	c := exec.Command(self, measureArg, strings.Join(words, " | "))
	c.Stdin, c.Stderr = in, os.Stderr
	out, err := c.Output()
	must(t, err)
	var list []usage
	must(t, json.Unmarshal(out, &list))
	return list
}

// measureMain runs a pipe and prints what its commands have used.
func measureMain(line string) int {
	var stages []*stage
	next := os.Stdin
	for command := range strings.SplitSeq(line, " | ") {
		words := strings.Fields(command)
		s := &stage{Cmd: exec.Command(words[0], words[1:]...)}
		r, w, err := os.Pipe()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		s.Stdin, s.Stdout, s.Stderr = next, w, &s.stderr
		if err := s.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		w.Close()
		next.Close()
		next = r
		stages = append(stages, s)
	}
	io.Copy(io.Discard, next)
	var list []usage
	for _, s := range stages {
		s.Wait() // what it returns is in the exit code
		used := s.ProcessState.SysUsage().(*syscall.Rusage)
		list = append(list, usage{
			filepath.Base(s.Path), s.ProcessState.ExitCode(), s.said(), peak(used),
		})
	}
	if err := json.NewEncoder(os.Stdout).Encode(list); err != nil {
		return 1
	}
	return 0
}

// peak returns the largest size in bytes; only Darwin counts it so.
func peak(r *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(r.Maxrss)
	}
	return int64(r.Maxrss) << 10
}

// drain returns how many bytes are left in a named pipe that nobody reads any
// more.
func drain(t testing.TB, f *os.File) int {
	t.Helper()
	must(t, f.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	n, err := io.Copy(io.Discard, f)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return int(n)
}
