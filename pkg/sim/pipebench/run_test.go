package pipebench

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stages are the commands of the pipe, in order.
var stages = []string{"p1cat", "p1frame", "p1fix", "p1csv"}

// programs are the commands, built, and the reference.
type programs struct {
	dir   string
	crc   string // the reference in C; empty where there is no compiler
	table string // a file to write to
}

// build builds them.
func build(tb testing.TB) programs {
	tb.Helper()
	lookAtSources(tb)
	dir := tb.TempDir()
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, name := range stages {
		args = append(args, "p1/cmd/"+name)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		tb.Fatalf("go build: %v\n%s", err, out)
	}
	return programs{dir: dir, crc: buildReference(tb, dir), table: filepath.Join(dir, "table.csv")}
}

// buildReference builds the loop in C; it returns nothing where there is no compiler.
func buildReference(tb testing.TB, dir string) string {
	tb.Helper()
	for _, cc := range []string{"cc", "gcc", "clang"} {
		if _, err := exec.LookPath(cc); err != nil {
			continue
		}
		crc := filepath.Join(dir, "crc")
		if out, err := exec.Command(cc, "-O2", "-o", crc, filepath.Join("testdata", "crc.c")).CombinedOutput(); err != nil {
			tb.Logf("%s: %v\n%s", cc, err, out)
			continue
		}
		return crc
	}
	return ""
}

// lookAtSources makes `go test` forget its last result when the commands change:
// it remembers the files that a test has looked at, not those of its children.
func lookAtSources(tb testing.TB) {
	tb.Helper()
	for _, dir := range []string{"../../../cmd", "../../../pkg", "../../../go.mod"} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				_, err = os.Stat(name)
			}
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// process is what one process has cost.
type process struct {
	name string
	cpu  time.Duration
	peak float64 // MB
}

// cost is what a run has cost.
type cost struct {
	wall      time.Duration
	processes []process
}

func (c cost) cpu() time.Duration {
	sum := time.Duration(0)
	for _, p := range c.processes {
		sum += p.cpu
	}
	return sum
}

// pipe runs commands, each with its arguments, as a shell does with | between them,
// and returns what the last one has written to standard output.
func (p programs) pipe(tb testing.TB, commands ...[]string) (cost, string) {
	tb.Helper()
	run := make([]*exec.Cmd, len(commands))
	said := make([]bytes.Buffer, len(commands))
	for i, words := range commands {
		run[i] = exec.Command(filepath.Join(p.dir, words[0]), words[1:]...)
		run[i].Stderr = &said[i]
	}
	var out strings.Builder
	run[len(run)-1].Stdout = &out
	var ends []*os.File // the pipes' ends, as long as this process holds them
	for i := range run[1:] {
		r, w, err := os.Pipe()
		if err != nil {
			tb.Fatal(err)
		}
		run[i].Stdout, run[i+1].Stdin = w, r
		ends = append(ends, r, w)
	}
	begin := time.Now()
	var failed error
	started := 0
	for _, c := range run {
		if failed = c.Start(); failed != nil {
			break
		}
		started++
	}
	for _, f := range ends {
		f.Close() // the children have their own; a stage sees the end of its input
	}
	var c cost
	for i, r := range run[:started] {
		if err := r.Wait(); err != nil || unexpected(commands[i][0], said[i].String()) {
			failed = cmp.Or(failed, fmt.Errorf("%s: %v: %s", commands[i][0], err, &said[i]))
		}
		c.processes = append(c.processes, process{commands[i][0], r.ProcessState.UserTime() + r.ProcessState.SystemTime(), peak(r.ProcessState)})
	}
	c.wall = time.Since(begin)
	if failed != nil {
		tb.Fatal(failed)
	}
	return c, out.String()
}

// unexpected reports whether a stage has said anything but that registers have fallen,
// which p1fix says where a log repeats itself.
func unexpected(stage, said string) bool {
	for line := range strings.Lines(said) {
		if stage != "p1fix" || !strings.Contains(line, "reset or replaced") && !strings.Contains(line, " doubted: p1noise lists ") {
			return true
		}
	}
	return false
}

// reference runs the loop over a file.
func (p programs) reference(tb testing.TB, name string) cost {
	tb.Helper()
	c, out := p.pipe(tb, []string{filepath.Base(p.crc), name})
	var sum string
	var wall time.Duration
	if _, err := fmt.Sscan(out, &sum, &wall); err != nil || len(sum) != 4 || wall <= 0 {
		tb.Fatalf("the reference says %q: %v", out, err)
	}
	c.wall = wall
	return c
}
