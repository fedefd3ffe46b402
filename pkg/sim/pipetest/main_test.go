package pipetest

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/tooltest"
)

// bin is the directory in which the commands stand.
var bin string

// testdata is that of the module; the tests run in their package's directory.
const testdata = "../../../testdata"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == measureArg {
		os.Exit(measureMain(os.Args[2]))
	}
	os.Setenv("P1_KEY", sim.DemoKey) // else p1frame has words about the meters that encrypt
	shareTime()
	os.Exit(tooltest.RunWithCommands(m, &bin))
}

// shareTime lets two tests more run at a time than there are cores: those that play a
// meter at true pace do next to nothing, and minutes of it.
func shareTime() {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", strconv.Itoa(runtime.GOMAXPROCS(0)+2))
	}
}

// stage is one command of a pipe.
type stage struct {
	*exec.Cmd
	stderr bytes.Buffer
	code   int // set by wait
}

// pipe is some commands joined by the pipes of the system.
type pipe struct {
	t      testing.TB
	stages []*stage
	out    *os.File // where the last one's output is read
	hung   *time.Timer
}

// patience bounds every wait for a pipe.
const patience = longtest.Patience

// start starts the commands of a pipe in a directory, written as in a shell
// without quotes:
//
//	p1cat p1.log | p1frame | p1fix
//
// in is the standard input of the first; nil is an empty one.
func start(t testing.TB, dir string, in *os.File, line string) *pipe {
	t.Helper()
	p := &pipe{t: t}
	next := in
	for command := range strings.SplitSeq(line, " | ") {
		words := strings.Fields(command)
		s := &stage{Cmd: exec.Command(filepath.Join(bin, words[0]), words[1:]...)}
		s.Dir = dir
		s.Stderr = &s.stderr
		if next != nil {
			s.Stdin = next
		}
		r, w, err := os.Pipe()
		must(t, err)
		s.Stdout = w
		p.group(s)
		must(t, s.Start())
		must(t, w.Close())
		if next != in {
			must(t, next.Close())
		}
		next = r
		p.stages = append(p.stages, s)
	}
	p.out = next
	p.hung = time.AfterFunc(patience, p.kill)
	t.Cleanup(func() {
		p.hung.Stop()
		p.out.Close()
		p.kill()
	})
	return p
}

// kill ends the commands that still run.
func (p *pipe) kill() {
	for _, s := range p.stages {
		s.Process.Kill()
	}
}

// wait waits until every command has ended.
func (p *pipe) wait() {
	p.t.Helper()
	for _, s := range p.stages {
		err := s.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
		s.code = s.ProcessState.ExitCode()
	}
}

// rest reads the output to its end, and waits for the commands.
func (p *pipe) rest() []byte {
	p.t.Helper()
	out, err := io.ReadAll(p.out)
	must(p.t, err)
	p.wait()
	return out
}

// counts is the line with which p1fix and p1csv end where not every telegram could be
// used.
var counts = regexp.MustCompile(`(?m)^p1(fix|csv): \d+ telegrams?: .*\d (suspect|salvaged|lost|bad)\b.*\n`)

// said is what a command has said, but for such a line.
func (s *stage) said() string { return counts.ReplaceAllString(s.stderr.String(), "") }

// ended reports each command that did not end with the code, or that said
// something.
func (p *pipe) ended(code int) {
	p.t.Helper()
	for _, s := range p.stages {
		if s.code != code {
			p.t.Errorf("%s: exit code %d, want %d", filepath.Base(s.Path), s.code, code)
		}
		if said := s.said(); said != "" {
			p.t.Errorf("%s said: %s", filepath.Base(s.Path), said)
		}
	}
}

// run runs a pipe in a directory, which must end well and silently, and returns
// its output.
func run(t testing.TB, dir, line string) []byte {
	t.Helper()
	p := start(t, dir, nil, line)
	out := p.rest()
	p.ended(0)
	return out
}

// feed runs a pipe on an input, which must end well and silently.
func feed(t testing.TB, in []byte, line string) []byte {
	t.Helper()
	p, w := startFed(t, line)
	go func() {
		w.Write(in)
		w.Close()
	}()
	out := p.rest()
	p.ended(0)
	return out
}

// startFed starts a pipe whose standard input is written by the test.
func startFed(t testing.TB, line string) (*pipe, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { w.Close() })
	p := start(t, "", r, line)
	must(t, r.Close())
	return p, w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	must(t, err)
	return data
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	must(t, os.WriteFile(name, data, 0o644))
	return name
}
