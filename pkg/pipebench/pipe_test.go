package pipebench

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sigurn/crc16"

	"p1/pkg/meter"
)

// What the pipe must reach on two cores: the speed over 100 MB, where starting
// the processes weighs little, the memory over any size.
const (
	leastPerSecond = 10_000
	mostMB         = 64
)

// mb is the unit of sizes here.
const mb = 1_000_000

// stages are the commands of the pipe, in order.
var stages = []string{"p1cat", "p1frame", "p1fix", "p1csv"}

// BenchmarkPipe prints the figures for two sizes of the same log.
func BenchmarkPipe(b *testing.B) {
	bin := build(b)
	for _, size := range []int{10 * mb, 100 * mb} {
		b.Run(fmt.Sprintf("%dMB", size/mb), func(b *testing.B) {
			l := makeLog(b, size)
			b.SetBytes(l.size)
			b.Logf("log: %s, %d telegrams, %d bytes", l.what, l.telegrams, l.size)
			var total, reference figures
			for b.Loop() {
				reference.add(l.crc(b))
				total.add(l.run(b, bin))
			}
			b.Logf("%d runs: %s", b.N, total)
			n := float64(b.N * l.telegrams)
			b.ReportMetric(n/total.wall.Seconds(), "telegrams/s")
			b.ReportMetric(total.cpu.Seconds()/float64(b.N), "cpu-s")
			b.ReportMetric(n/reference.wall.Seconds(), "crc-telegrams/s")
			b.ReportMetric(reference.wall.Seconds()/total.wall.Seconds(), "of-crc")
			for i, name := range stages {
				b.ReportMetric(total.peak[i], name+"-MB")
			}
			b.ReportMetric(ownPeak(), "own-MB")
		})
	}
}

// TestPipe takes a small log through the pipe: a row comes out for each telegram
// that went in, and the measurement measures.
func TestPipe(t *testing.T) {
	l := makeLog(t, mb)
	f := l.run(t, build(t))
	t.Logf("%s: %d telegrams, %s", l.what, l.telegrams, f)
	if f.wall <= 0 || f.cpu <= 0 {
		t.Errorf("took %s and %s of CPU", f.wall, f.cpu)
	}
	for i, name := range stages {
		if runtime.GOOS == "linux" && f.peak[i] < 1 {
			t.Errorf("%s needed %.1f MB", name, f.peak[i])
		}
	}
}

// TestGates fails where the pipe is slower or larger than it may be. Of three
// runs the fastest counts, since others may use the machine.
func TestGates(t *testing.T) {
	if os.Getenv("P1_LONG") == "" {
		t.Skip("takes half a minute: set P1_LONG=1")
	}
	bin := build(t)
	for _, size := range []int{10 * mb, 100 * mb} {
		l := makeLog(t, size)
		best := 0.0
		for range 3 {
			f := l.run(t, bin)
			t.Logf("%s, %d MB: %.0f telegrams/s, %s", l.what, size/mb, l.perSecond(f), f)
			best = max(best, l.perSecond(f))
			for i, name := range stages {
				if f.peak[i] > mostMB {
					t.Errorf("%d MB: %s needed %.1f MB, and may need %d", size/mb, name, f.peak[i], mostMB)
				}
			}
		}
		if size >= 100*mb && best < leastPerSecond {
			t.Errorf("%d MB: %.0f telegrams/s, want %d", size/mb, best, leastPerSecond)
		}
	}
}

// figures are what a run has cost.
type figures struct {
	wall, cpu time.Duration
	stage     [4]time.Duration // the CPU time of each stage
	peak      [4]float64       // of each stage, in MB
}

func (f *figures) add(g figures) {
	f.wall += g.wall
	f.cpu += g.cpu
	for i := range f.peak {
		f.stage[i] += g.stage[i]
		f.peak[i] = max(f.peak[i], g.peak[i])
	}
}

func (f figures) String() string {
	var stage [4]float64
	for i, d := range f.stage {
		stage[i] = d.Seconds()
	}
	return fmt.Sprintf("%.2f s, %.2f s of CPU (%.2f), peaks %.1f MB", f.wall.Seconds(), f.cpu.Seconds(), stage, f.peak)
}

// build builds the commands and returns where they are.
func build(tb testing.TB) string {
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
	return dir
}

// lookAtSources makes `go test` forget its last result when the commands change:
// it remembers the files that a test has looked at, not those of its children.
func lookAtSources(tb testing.TB) {
	tb.Helper()
	for _, dir := range []string{"../../cmd", "../../pkg", "../../go.mod"} {
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

// log is a log file on disk.
type log struct {
	name      string
	what      string // what is repeated in it
	size      int64
	telegrams int
}

// perSecond returns the telegrams of the log a second of a run over it.
func (l *log) perSecond(f figures) float64 { return float64(l.telegrams) / f.wall.Seconds() }

// realLog is a capture of a Hungarian meter, where it is at hand.
var realLog = filepath.Join("..", "..", "..", "shared", "data", "eon-clean.log")

// makeLog writes a log of about the size, by repeating one of 54 telegrams of
// 2,348 bytes. It is written piece by piece: what this process needs, its
// children seem to need too.
func makeLog(tb testing.TB, size int) *log {
	tb.Helper()
	l := &log{name: filepath.Join(tb.TempDir(), "p1.log"), what: "eon-clean.log"}
	once, err := os.ReadFile(realLog)
	if errors.Is(err, os.ErrNotExist) {
		l.what = "demo:?meter=hu&telegrams=54"
		once, err = simulate()
	}
	if err != nil {
		tb.Fatal(err)
	}
	f, err := os.Create(l.name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for range max(size/len(once), 1) {
		n, err := f.Write(once)
		if err != nil {
			tb.Fatal(err)
		}
		l.size += int64(n)
		l.telegrams += bytes.Count(once, []byte("\n!"))
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return l
}

func simulate() ([]byte, error) {
	o, err := meter.ParseOptions("?meter=hu&telegrams=54")
	if err != nil {
		return nil, err
	}
	s, err := meter.New(o)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(s)
}

// crc measures the reference.
func (l *log) crc(tb testing.TB) figures {
	tb.Helper()
	f, err := os.Open(l.name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	begin := time.Now()
	if _, err := checksum(f); err != nil {
		tb.Fatal(err)
	}
	wall := time.Since(begin)
	return figures{wall: wall, cpu: wall}
}

// checksum is the reference: the CRC-16/ARC of all bytes, byte by byte.
func checksum(r io.Reader) (uint16, error) {
	table := crc16.MakeTable(crc16.CRC16_ARC)
	buf := make([]byte, 64<<10)
	sum := crc16.Init(table)
	for {
		n, err := r.Read(buf)
		sum = crc16.Update(sum, buf[:n], table)
		if err == io.EOF {
			return crc16.Complete(sum, table), nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// run takes the log through the pipe and checks what comes out.
func (l *log) run(tb testing.TB, bin string) figures {
	tb.Helper()
	rows := filepath.Join(tb.TempDir(), "records.csv")
	commands := make([]*exec.Cmd, len(stages))
	said := make([]bytes.Buffer, len(stages))
	for i, name := range stages {
		commands[i] = exec.Command(filepath.Join(bin, name))
		commands[i].Stderr = &said[i]
	}
	commands[0].Args = append(commands[0].Args, l.name)
	commands[3].Args = append(commands[3].Args, "-o", rows)
	var ends []*os.File // the pipes' ends, as long as this process holds them
	for i := range commands[1:] {
		r, w, err := os.Pipe()
		if err != nil {
			tb.Fatal(err)
		}
		commands[i].Stdout, commands[i+1].Stdin = w, r
		ends = append(ends, r, w)
	}
	begin := time.Now()
	var failed error
	started := 0
	for _, c := range commands {
		if failed = c.Start(); failed != nil {
			break
		}
		started++
	}
	for _, f := range ends {
		f.Close() // the children have their own; a stage sees the end of its input
	}
	var f figures
	for i, c := range commands[:started] {
		if err := c.Wait(); err != nil || said[i].Len() > 0 {
			failed = cmp.Or(failed, fmt.Errorf("%s: %v: %s", stages[i], err, &said[i]))
		}
		f.stage[i] = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		f.cpu += f.stage[i]
		f.peak[i] = peak(c.ProcessState)
	}
	f.wall = time.Since(begin)
	if failed != nil {
		tb.Fatal(failed)
	}
	if n := countLines(tb, rows); n != l.telegrams+1 {
		tb.Fatalf("%d lines in the table, want a heading and %d rows", n, l.telegrams)
	}
	return f
}

func countLines(tb testing.TB, name string) int {
	tb.Helper()
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	lines := 0
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		lines += bytes.Count(buf[:n], []byte("\n"))
		if err == io.EOF {
			return lines
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestReference: the loop is the CRC that telegrams carry, over all of the file.
func TestReference(t *testing.T) {
	o, err := meter.ParseOptions("?telegrams=1")
	if err != nil {
		t.Fatal(err)
	}
	s, err := meter.New(o)
	if err != nil {
		t.Fatal(err)
	}
	x, _ := s.Next()
	bang := bytes.LastIndexByte(x.Sent, '!')
	sum, err := checksum(iotest.HalfReader(bytes.NewReader(x.Sent[:bang+1])))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%04X", sum), string(x.Sent[bang+1:bang+5]); got != want {
		t.Errorf("CRC %s, the telegram has %s", got, want)
	}
}
