package capture

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/sources"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/tool"
)

// patience bounds every wait.
const patience = longtest.Patience

// result is what a command leaves behind.
type result struct {
	code        int
	out, errors string
}

// app is a command line like that of p1cat.
func app(open Open) *cli.App {
	flags := []cli.Flag{tool.OutputFlag(), tool.ASCIIFlag(), &cli.BoolFlag{Name: "raw"}}
	return tool.App("p1test", "", "", "", "", flags, func(c *cli.Context) error {
		return command(c, Options{Raw: c.Bool("raw"), Open: open})
	})
}

// command runs a capture of what a command line names.
func command(c *cli.Context, o Options) error {
	failures := 0
	o.ASCII, o.Stdin, o.Progress = c.Bool(tool.FlagASCII), c.App.Reader, func(sources.Source, bool) {}
	o.Failed = func(err error) {
		failures++
		tool.Say(c)(err.Error())
	}
	names := tool.Inputs(c, o.Failed)
	out, err := fileio.Create(c.String(tool.FlagOutput), c.App.Writer)
	if err != nil {
		return err
	}
	result, err := Run(c.Context, names, out, o)
	if failures < result.Failures {
		return fmt.Errorf("%d failures, and told of %d", result.Failures, failures)
	}
	if err == nil && failures > 0 {
		return tool.ErrReported
	}
	return err
}

func run(stdin io.Reader, args ...string) result { return runWith(sources.Open, stdin, args...) }

func runWith(open Open, stdin io.Reader, args ...string) result {
	var out, errw bytes.Buffer
	code := tool.Run(app(open), append([]string{"p1test"}, args...), stdin, &out, &errw)
	return result{code, out.String(), errw.String()}
}

// noise returns n bytes of all values that begin like a log.
func noise(n int) string {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	copy(b, "/AUX")
	return string(b)
}

func gz(text string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return out.String()
}

func wide(text string) string {
	b := []byte{0xFF, 0xFE}
	for i := range len(text) {
		b = append(b, text[i], 0)
	}
	return string(b)
}

// inFolder makes a folder with these files the current one.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// joined returns the bytes of the records of each source; it checks that they
// are contiguous.
func joined(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{}
	r := record.NewReader("out", strings.NewReader(text))
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		at := rec.Where()
		if at.Offset != int64(len(all[at.Source])) {
			t.Fatalf("%s: offset %d after %d bytes", at.Source, at.Offset, len(all[at.Source]))
		}
		data, err := record.Received(rec)
		if err != nil {
			t.Fatal(err)
		}
		all[at.Source] += string(data)
	}
}

func TestRecordsHoldTheInputs(t *testing.T) {
	logs := map[string]string{
		"a.log": noise(200_000), "b.log.gz": noise(70_000), "c.log": noise(1000), "empty.log": "", "-": noise(3000),
	}
	files := map[string]string{
		"a.log": logs["a.log"], "b.log.gz": gz(logs["b.log.gz"]), "c.log": wide(logs["c.log"]), "empty.log": "",
	}
	inFolder(t, files)
	for _, flag := range []string{"--ascii=false", "--ascii"} {
		r := run(strings.NewReader(logs["-"]), flag, "c.log", "-", "a.log", "empty.log", "b.*")
		if r.code != 0 || r.errors != "" {
			t.Fatalf("code %d, %q", r.code, r.errors)
		}
		got := joined(t, r.out)
		for name, want := range logs {
			if got[name] != want {
				t.Errorf("%s: %d bytes, want %d", name, len(got[name]), len(want))
			}
		}
		if flag == "--ascii" && strings.ContainsFunc(r.out, func(r rune) bool { return r > 0x7E }) {
			t.Error("not ASCII")
		}
	}
}

func TestSourcesInTheOrderGiven(t *testing.T) {
	inFolder(t, map[string]string{"b1.log": "/b1", "b2.log": "/b2", "a.log": "/a"})
	if r := run(strings.NewReader("/-"), "--raw", "b?.log", "-", "a.log"); r != (result{out: "/b1/b2/-/a"}) {
		t.Errorf("%+v", r)
	}
}

func TestStandardInputIsTheDefault(t *testing.T) {
	want := noise(100_000)
	if r := run(strings.NewReader(want), "--raw"); r != (result{out: want}) {
		t.Errorf("code %d, %d bytes, %q", r.code, len(r.out), r.errors)
	}
}

// Raw output is what was logged, whatever the file's form.
func TestRawOutputIsTheInput(t *testing.T) {
	want := noise(150_000)
	inFolder(t, map[string]string{"plain.log": want, "gzip.log.gz": gz(want), "wide.log": wide(want)})
	for _, name := range []string{"plain.log", "gzip.log.gz", "wide.log"} {
		if r := run(nil, name, "--raw"); r != (result{out: want}) {
			t.Errorf("%s: code %d, %d bytes, %q", name, r.code, len(r.out), r.errors)
		}
	}
	for _, out := range []string{"copy.log", "copy.gz", "copy.zst"} {
		if r := run(nil, "plain.log", "--raw", "-o", out); r != (result{}) {
			t.Errorf("%s: %+v", out, r)
		}
		if got := contents(t, out); got != want {
			t.Errorf("%s: %d bytes", out, len(got))
		}
	}
}

// contents returns what can be read of a file that may still be written.
func contents(t *testing.T, name string) string {
	t.Helper()
	in, err := fileio.Open(name, nil, fileio.Log)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	got, _ := io.ReadAll(in)
	return string(got)
}

func TestDemo(t *testing.T) {
	o, err := sim.ParseOptions("?telegrams=3&seed=5")
	if err != nil {
		t.Fatal(err)
	}
	stream, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := io.ReadAll(stream)
	if r := run(nil, "demo:?telegrams=3&seed=5", "--raw"); r != (result{out: string(want)}) {
		t.Errorf("code %d, %d bytes, want %d, %q", r.code, len(r.out), len(want), r.errors)
	}
}

func TestFailingSourcesAreNamedAndTheOthersRead(t *testing.T) {
	inFolder(t, map[string]string{"a.log": "/a", "b.log": "/b", "fake.gz": "/c"})
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"missing.log", "folder", "fake.gz", "*.nothing", "demo:?sun=1"} {
		for _, args := range [][]string{{bad, "a.log", "b.log"}, {"a.log", bad, "b.log"}, {"a.log", "b.log", bad}} {
			r := run(nil, append(args, "--raw")...)
			if r.code != 1 || r.out != "/a/b" || !strings.HasPrefix(r.errors, "p1test: ") ||
				!strings.Contains(r.errors, bad) || strings.Count(r.errors, "\n") != 1 {
				t.Errorf("%q: %+v", args, r)
			}
		}
	}
}

// A source that breaks off gives what it had, and the next one is read.
func TestSourceThatBreaksOff(t *testing.T) {
	whole := noise(200_000)
	packed := gz(whole)
	inFolder(t, map[string]string{"cut.gz": packed[:len(packed)/2], "b.log": "/next"})
	r := run(nil, "cut.gz", "b.log", "--raw")
	good, next := strings.CutSuffix(r.out, "/next")
	if r.code != 1 || !next || !strings.HasPrefix(whole, good) || len(good) < 30_000 {
		t.Errorf("code %d, %d bytes, next read: %v", r.code, len(good), next)
	}
	if r.errors != "p1test: cut.gz: it is cut off: what came before that is handed on (unexpected EOF)\n" {
		t.Errorf("standard error: %q", r.errors)
	}
	broken := io.MultiReader(strings.NewReader("/good"), iotest.ErrReader(errors.New("cable pulled")))
	if r := run(broken, "-", "b.log", "--raw"); r != (result{1, "/good/next", "p1test: -: cable pulled\n"}) {
		t.Errorf("%+v", r)
	}
}

func TestInputIsNotOverwritten(t *testing.T) {
	inFolder(t, map[string]string{"a.log": "/a"})
	for _, args := range []string{"a.log -o ./a.log", "*.log -o a.log", "missing a.log -o a.log", "*.log missing* -o a.log"} {
		if r := run(nil, strings.Fields(args)...); r.code != 1 || !strings.Contains(r.errors, "a.log") {
			t.Errorf("%s: %+v", args, r)
		}
		if got := contents(t, "a.log"); got != "/a" {
			t.Fatalf("%s: it holds %q now", args, got)
		}
	}
}

// scripted is a source that gives some records and then an error.
type scripted struct {
	records []record.Record
	err     error
	closing error
	done    int64
}

func (s *scripted) Next(context.Context) (record.Record, error) {
	if len(s.records) == 0 {
		return nil, s.err
	}
	r := s.records[0]
	s.records = s.records[1:]
	return r, nil
}

func (s *scripted) Ready() bool              { return true }
func (s *scripted) Progress() (int64, int64) { return s.done, -1 }
func (s *scripted) Close() error             { return s.closing }

func TestGapsAreRecordsButNoBytes(t *testing.T) {
	at := record.Origin{Source: "tty"}
	open := func(string, io.Reader) (sources.Source, error) {
		return &scripted{err: io.EOF, records: []record.Record{
			&record.Gap{Origin: at, Why: record.GapStart}, &record.Chunk{Origin: at, Data: record.Bytes("/\xff")},
		}}, nil
	}
	if r := runWith(open, nil, "--raw"); r != (result{out: "/\xff"}) {
		t.Errorf("raw: %+v", r)
	}
	want := `{"v":1,"type":"gap","source":"tty","offset":0,"why":"start"}` + "\n" +
		`{"v":1,"type":"chunk","source":"tty","offset":0,"data":"/ÿ"}` + "\n"
	if r := runWith(open, nil, "--ascii=false"); r != (result{out: want}) {
		t.Errorf("records: %+v", r)
	}
}

func TestFailingCloseIsReported(t *testing.T) {
	open := func(string, io.Reader) (sources.Source, error) {
		return &scripted{err: io.EOF, closing: errors.New("still busy")}, nil
	}
	if r := runWith(open, nil); r.code != 1 || !strings.Contains(r.errors, "still busy") {
		t.Errorf("%+v", r)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Nobody is left to read for once the output has failed.
func TestWriteErrorEndsTheCapture(t *testing.T) {
	inFolder(t, map[string]string{"a.log": noise(300_000), "b.log": "/b", "c.log": ""})
	for _, c := range []struct {
		err  error
		code int
		says string
	}{{errors.New("disk full"), 1, "p1test: disk full\n"}, {syscall.EPIPE, tool.ExitClosedPipe, ""}} {
		for _, raw := range []string{"--raw=true", "--raw=false"} {
			var opened []string
			open := func(name string, stdin io.Reader) (sources.Source, error) {
				opened = append(opened, name)
				return sources.Open(name, stdin)
			}
			var errw bytes.Buffer
			code := tool.Run(app(open), []string{"p1test", raw, "a.log", "b.log", "c.log"}, nil, failing{c.err}, &errw)
			if code != c.code || errw.String() != c.says || len(opened) != 1 {
				t.Errorf("%v, %s: code %d, %q, opened %q", c.err, raw, code, errw.String(), opened)
			}
		}
	}
}

// A short input fails only when it is flushed.
func TestWriteErrorAtTheEnd(t *testing.T) {
	var errw bytes.Buffer
	code := tool.Run(app(sources.Open), []string{"p1test"}, strings.NewReader("/a"), failing{errors.New("disk full")}, &errw)
	if code != 1 || errw.String() != "p1test: disk full\n" {
		t.Errorf("code %d, %q", code, errw.String())
	}
}

// buffer is a writer that several goroutines may use.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// waitFor waits until the text is there.
func waitFor(t *testing.T, want string, got func() string) {
	t.Helper()
	for end := time.Now().Add(patience); got() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q, want %q", got(), want)
		}
	}
}

// What has come is out before the command waits for more.
func TestFlushBeforeWaiting(t *testing.T) {
	for _, name := range []string{"-", "out.log", "out.log.gz", "out.log.zst"} {
		inFolder(t, nil)
		r, in := io.Pipe()
		var out buffer
		got := out.String
		if name != "-" {
			got = func() string {
				if _, err := os.Stat(name); err != nil {
					return ""
				}
				return contents(t, name)
			}
		}
		done := make(chan int, 1)
		go func() {
			done <- tool.Run(app(sources.Open), []string{"p1test", "--raw", "-o", name}, r, &out, io.Discard)
		}()
		want := ""
		for _, text := range []string{"/AUX5990", "\r\n", "!", "5B60\r\n"} {
			if _, err := io.WriteString(in, text); err != nil {
				t.Fatal(err)
			}
			want += text
			waitFor(t, want, got)
		}
		_ = in.Close()
		if code := <-done; code != 0 {
			t.Errorf("%s: code %d", name, code)
		}
	}
}
