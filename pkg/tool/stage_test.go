package tool

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// patience bounds every wait.
const patience = longtest.Patience

// stage passes records on; held, it keeps the last one back until Close, as
// stages do that look ahead.
type stage struct {
	record.BaseStage
	out     record.Writer
	held    record.Record
	hold    bool
	taken   int
	flushed func(taken int)
	fails   map[string]error // by the name of the method
}

func (s *stage) Take(r record.Record) error {
	if _, ok := r.(*record.Chunk); ok {
		return record.ErrChunks
	}
	s.taken++
	if !s.hold {
		return errors.Join(s.out.Write(r), s.fails["Take"])
	}
	last := s.held
	s.held = record.Keep(r)
	if last == nil {
		return s.fails["Take"]
	}
	return s.out.Write(last)
}

func (s *stage) Flush() error {
	if s.flushed != nil {
		s.flushed(s.taken)
	}
	return s.fails["Flush"]
}

func (s *stage) Close() error {
	if s.held != nil {
		return s.out.Write(s.held)
	}
	return s.fails["Close"]
}

// filter runs a stage that passes records on as a command.
func filter(s *stage, stdin io.Reader, args ...string) result {
	return command(func(c *cli.Context) error {
		return Filter(c, func(w record.Writer) (record.Stage, error) { s.out = w; return s, nil })
	}, stdin, args...)
}

// sink runs a stage that writes records too, but by itself.
func sink(s *stage, stdin io.Reader, args ...string) result {
	return command(func(c *cli.Context) error {
		return Sink(c, func(w io.Writer) (record.Stage, error) {
			s.out = record.NewWriter(w, false)
			return sinkStage{s}, nil
		})
	}, stdin, args...)
}

// sinkStage flushes its own writer.
type sinkStage struct{ *stage }

func (s sinkStage) Flush() error { return errors.Join(s.stage.Flush(), s.out.Flush()) }
func (s sinkStage) Close() error { return errors.Join(s.stage.Close(), s.out.Flush()) }

func gap(n int) string {
	return fmt.Sprintf(`{"v":1,"type":"gap","source":"s","offset":%d}`+"\n", n)
}

func gaps(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		b.WriteString(gap(i))
	}
	return b.String()
}

const chunk = `{"v":1,"type":"chunk","source":"s","offset":0,"data":""}` + "\n"

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

func gz(text string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return out.String()
}

func TestRecordsPassThrough(t *testing.T) {
	other := `{"v":1, "type":"later"}` + "\n"
	for name, text := range map[string]string{
		"none": "", "one": gap(1), "an unknown type": gap(1) + other, "many": gaps(0, 3000),
		"large ones": strings.Repeat(`{"v":1,"type":"later","pad":"`+strings.Repeat("x", 300_000)+`"}`+"\n", 8),
	} {
		for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
			if r := run(&stage{}, strings.NewReader(text)); r != (result{out: text}) {
				t.Errorf("%s: code %d, %d bytes, want %d, errors %q", name, r.code, len(r.out), len(text), r.errors)
			}
		}
	}
}

func TestInputsInTheOrderGiven(t *testing.T) {
	inFolder(t, map[string]string{
		"a.jsonl": gap(1), "b.jsonl.gz": gz(gap(2)), "h": gap(3), "x1.jsonl": gap(4), "x2.jsonl": strings.TrimSpace(gap(5)),
		"bom.jsonl": "\uFEFF" + strings.ReplaceAll(gap(6), "\n", "\r\n"), "empty": "",
		"wide.jsonl": "\xff\xfe" + strings.Join(strings.Split(gap(7), ""), "\x00") + "\x00",
	})
	args := words("x?.jsonl b.jsonl.gz - empty a.jsonl h bom.jsonl wide.jsonl")
	want := gap(4) + gap(5) + gap(2) + gap(0) + gap(1) + gap(3) + gap(6) + gap(7)
	if r := filter(&stage{}, strings.NewReader(gap(0)), args...); r != (result{out: want}) {
		t.Errorf("%+v, want\n%s", r, want)
	}
}

func TestOutputFile(t *testing.T) {
	for _, name := range []string{"out.jsonl", "out.jsonl.gz", "out.jsonl.zst"} {
		for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
			inFolder(t, map[string]string{"in.jsonl": gaps(0, 500)})
			if r := run(&stage{}, nil, "in.jsonl", "-o", name); r != (result{}) {
				t.Errorf("%s: %+v", name, r)
			}
			if got := contents(t, name); got != gaps(0, 500) {
				t.Errorf("%s: holds %d bytes", name, len(got))
			}
		}
	}
}

// contents returns what can be read of a file that may still be written.
func contents(t *testing.T, name string) string {
	t.Helper()
	in, err := fileio.Open(name, nil, fileio.Records)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	got, _ := io.ReadAll(in)
	return string(got)
}

func TestInputIsNotOverwritten(t *testing.T) {
	inFolder(t, map[string]string{"in.jsonl": gap(1)})
	for _, args := range []string{"in.jsonl -o ./in.jsonl", "*.jsonl -o in.jsonl", "missing* in.jsonl -o in.jsonl", "*.jsonl missing* -o in.jsonl"} {
		r := filter(&stage{}, nil, words(args)...)
		if r.code != 1 || r.out != "" || !strings.Contains(r.errors, "in.jsonl") {
			t.Errorf("%s: %+v", args, r)
		}
		if got := contents(t, "in.jsonl"); got != gap(1) {
			t.Fatalf("%s: it holds %q now", args, got)
		}
	}
}

func TestASCII(t *testing.T) {
	in := `{"v":1,"type":"noise","source":"ő","offset":0,"data":"é","x":"ű"}` + "\n"
	want := `{"v":1,"type":"noise","source":"\u0151","offset":0,"data":"\u00e9","x":"\u0171"}` + "\n"
	if r := filter(&stage{}, strings.NewReader(in), "--ascii"); r != (result{out: want}) {
		t.Errorf("%+v, want %s", r, want)
	}
	if r := filter(&stage{}, strings.NewReader(want), "--ascii=false"); r.code != 0 || strings.Contains(r.out, `\u00e9`) {
		t.Errorf("%+v", r)
	}
}

// live runs a command on a pipe and returns its ends; flushed gives how many
// records the stage had taken each time that it was flushed, after its output
// was.
func live(t *testing.T, run func(*stage, io.Reader, ...string) result, args ...string) (in *io.PipeWriter, flushed chan int, done chan result) {
	r, in := io.Pipe()
	flushed, done = make(chan int, 1000), make(chan result, 1)
	s := &stage{flushed: func(n int) { flushed <- n }}
	go func() { done <- run(s, r, args...) }()
	t.Cleanup(func() { _ = in.Close() })
	return in, flushed, done
}

// reaches waits until the stage is flushed with n records taken.
func reaches(t *testing.T, flushed <-chan int, n int) {
	t.Helper()
	for end := time.After(patience); ; {
		select {
		case got := <-flushed:
			if got > n {
				t.Fatalf("%d records taken, want %d", got, n)
			}
			if got == n {
				return
			}
		case <-end:
			t.Fatalf("not flushed with %d records taken", n)
		}
	}
}

func ends(t *testing.T, done <-chan result) result {
	t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(patience):
		t.Fatal("the command does not end")
	}
	return result{}
}

// However the records come, whole ones are flushed before the command waits for
// more.
func TestFlushBeforeWaiting(t *testing.T) {
	for name, run := range map[string]func(*stage, io.Reader, ...string) result{"filter": filter, "sink": sink} {
		in, flushed, done := live(t, run)
		for _, c := range []struct {
			text string
			sum  int
		}{
			{gap(0), 1},
			{gap(1) + gap(2), 3},
			{gap(3) + gap(4)[:10], 4},
			{gap(4)[10:] + "\r\n\n", 5},
			{gaps(5, 1000), 1000},
			{gap(1000) + "\n" + gap(1001)[:20], 1001},
			{gap(1001)[20:], 1002},
		} {
			if _, err := io.WriteString(in, c.text); err != nil {
				t.Fatal(name, err)
			}
			reaches(t, flushed, c.sum)
		}
		_ = in.Close()
		if r := ends(t, done); r != (result{out: gaps(0, 1002)}) {
			t.Errorf("%s: code %d, %d bytes, errors %q", name, r.code, len(r.out), r.errors)
		}
	}
}

// A file that is written live can be read up to the last flush, compressed or
// not.
func TestFlushReachesTheFile(t *testing.T) {
	for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
		for _, name := range []string{"out.jsonl", "out.jsonl.gz", "out.jsonl.zst"} {
			inFolder(t, nil)
			in, _, done := live(t, run, "-o", name)
			if _, err := io.WriteString(in, gap(0)); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
				if _, err := os.Stat(name); err == nil && contents(t, name) == gap(0) {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("%s: holds %q", name, contents(t, name))
				}
			}
			_ = in.Close()
			if r := ends(t, done); r != (result{}) {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// waiter is a stage that holds a record back for a while only.
type waiter struct {
	*stage
	wait    time.Duration
	expired *atomic.Int64
}

func (w waiter) Wait() time.Duration {
	if w.held == nil {
		return 0
	}
	return w.wait
}

func (w waiter) Expire() error {
	w.expired.Add(1)
	held := w.held
	w.held = nil
	return w.out.Write(held)
}

// The record that a stage holds back for a while comes out when that is over,
// although nothing else comes in: of a filter and of a sink, both of which wrap it.
func TestExpire(t *testing.T) {
	for name, run := range map[string]func(c *cli.Context, s *waiter) error{
		"filter": func(c *cli.Context, s *waiter) error {
			return Filter(c, func(w record.Writer) (record.Stage, error) { s.out = w; return s, nil })
		},
		"sink": func(c *cli.Context, s *waiter) error {
			return Sink(c, func(w io.Writer) (record.Stage, error) {
				s.out = record.NewWriter(w, false)
				s.flushed = func(int) { _ = s.out.Flush() }
				return s, nil
			})
		},
	} {
		r, in := io.Pipe()
		s := &waiter{&stage{hold: true}, 5 * time.Millisecond, new(atomic.Int64)}
		out, done := &buffer{}, make(chan int, 1)
		app := App("p1test", "", "", "", "", nil, func(c *cli.Context) error { return run(c, s) })
		go func() { done <- Run(app, []string{"p1test"}, r, out, io.Discard) }()
		if _, err := io.WriteString(in, gap(0)); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(patience); out.String() != gap(0); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %q came out", name, out.String())
			}
		}
		_ = in.Close()
		if code := <-done; code != 0 || s.expired.Load() != 1 {
			t.Errorf("%s: code %d, expired %d times", name, code, s.expired.Load())
		}
	}
}

func TestMissingInputsAreNamedAndTheOthersRead(t *testing.T) {
	inFolder(t, map[string]string{
		"a.jsonl": gap(1), "b.jsonl": gap(2), "fake.gz": gap(3), "cut.jsonl.gz": gz(gaps(0, 2000))[:3000],
	})
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"missing.jsonl", "folder", "fake.gz", "*.nothing", filepath.Join("folder", "x")} {
		for _, args := range [][]string{{bad, "a.jsonl", "b.jsonl"}, {"a.jsonl", bad, "b.jsonl"}, {"a.jsonl", "b.jsonl", bad}} {
			r := filter(&stage{}, nil, args...)
			if r.code != 1 || r.out != gap(1)+gap(2) || !strings.HasPrefix(r.errors, "p1test: ") ||
				!strings.Contains(r.errors, bad) || strings.Count(r.errors, "\n") != 1 {
				t.Errorf("%q: %+v", args, r)
			}
		}
	}
	if r := filter(&stage{}, nil, "missing", "--keep-going", "--strict"); r.code != 1 || r.out != "" {
		t.Errorf("nothing but a missing file: %+v", r)
	}
}

// Where nothing of the input was understood, and it did not end well, the stage
// leaves nothing behind: neither what it would write before its first record nor what
// it would say of none.
func TestNothingUnderstood(t *testing.T) {
	inFolder(t, map[string]string{"log": "/AUX5\n", "chunks": chunk, "newer": `{"v":9,"type":"gap"}` + "\n", "empty": "", "a": gap(1)})
	for _, c := range []struct {
		args string
		code int
		out  string
	}{
		{"log", 3, ""},
		{"chunks", 3, ""},
		{"newer", 3, ""},
		{"--keep-going log", 0, ""},
		{"missing", 1, ""},
		{"missing empty", 1, ""},
		{"empty log", 3, ""},
		{"empty", 0, "heading\nreport\n"},
		{"a", 0, "heading\nreport\n"},
		{"a log", 3, "heading\nreport\n"},
		{"missing a", 1, "heading\nreport\n"},
		{"--keep-going log a", 0, "heading\nreport\n"},
	} {
		r := command(func(c *cli.Context) error {
			return Sink(c, func(w io.Writer) (record.Stage, error) { return &headed{w: w}, nil })
		}, nil, words(c.args)...)
		if r.code != c.code || r.out != c.out {
			t.Errorf("%s: %+v, want code %d and %q", c.args, r, c.code, c.out)
		}
	}
}

// headed writes a heading when it is flushed first, and a report at its end.
type headed struct {
	record.BaseStage
	w     io.Writer
	begun bool
}

func (h *headed) Take(r record.Record) error {
	if _, ok := r.(*record.Chunk); ok {
		return record.ErrChunks
	}
	return nil
}

func (h *headed) Flush() error {
	if h.begun {
		return nil
	}
	h.begun = true
	_, err := io.WriteString(h.w, "heading\n")
	return err
}

func (h *headed) Close() error {
	err := h.Flush()
	_, _ = io.WriteString(h.w, "report\n")
	return err
}

// A file that ends in the middle of a line since its end is missing is an input
// that failed, not a file of other content.
func TestCutOffInput(t *testing.T) {
	whole := gz(gaps(0, 2000))
	inFolder(t, map[string]string{"cut.jsonl.gz": whole[:len(whole)/2], "b.jsonl": gap(5000)})
	r := filter(&stage{}, nil, "cut.jsonl.gz", "b.jsonl")
	good, next := strings.CutSuffix(r.out, gap(5000))
	if r.code != 1 || !next || !strings.HasPrefix(gaps(0, 2000), good) || strings.Count(good, "\n") < 500 {
		t.Errorf("code %d, %d lines, next file read: %v", r.code, strings.Count(good, "\n"), next)
	}
	if r.errors != "p1test: cut.jsonl.gz: it is cut off: what came before that is handed on (unexpected EOF)\n" {
		t.Errorf("standard error: %q", r.errors)
	}
}

// What was good before a line that is no record is written, even what the stage
// has held back.
func TestLineThatIsNoRecord(t *testing.T) {
	for name, bad := range map[string]string{
		"a log": "/AUX59902759022\n", "not a record": "{}\n", "newer": `{"v":9,"type":"gap"}` + "\n", "in chunks": chunk,
	} {
		for _, hold := range []bool{false, true} {
			r := filter(&stage{hold: hold}, strings.NewReader(gaps(0, 300)+"\n"+bad+gap(300)))
			if r.code != 3 || r.out != gaps(0, 300) {
				t.Errorf("%s, hold %v: code %d, %d lines", name, hold, r.code, strings.Count(r.out, "\n"))
			}
			if !strings.HasPrefix(r.errors, "p1test: -:302: ") {
				t.Errorf("%s: standard error: %s", name, r.errors)
			}
		}
	}
}

func TestBadLineIsNamedWithItsFile(t *testing.T) {
	inFolder(t, map[string]string{"a.jsonl": gap(1), "b.jsonl": gap(2) + "\r\nnonsense\n"})
	for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
		r := run(&stage{}, nil, "a.jsonl", "b.jsonl")
		if r.code != 3 || r.out != gap(1)+gap(2) || !strings.HasPrefix(r.errors, "p1test: b.jsonl:3: not JSON") {
			t.Errorf("%+v", r)
		}
	}
}

func TestChunksAreRefused(t *testing.T) {
	r := filter(&stage{}, strings.NewReader("\n\n"+gap(0)+"nonsense\n\n"+chunk), "--keep-going")
	if r.code != 3 || r.out != gap(0) ||
		!strings.Contains(r.errors, "p1test: -:6: these are chunks: p1frame is missing\nhint: p1cat LOG | p1frame | p1test\n") {
		t.Errorf("%+v", r)
	}
}

func TestKeepGoing(t *testing.T) {
	text := "nonsense\n" + gap(0) + "{}\n\n" + `{"v":1,"type":"noise","source":"s","data":"Ā"}` + "\n" + gap(1) + strings.Repeat("x", 5<<20) + "\n" + gap(2)
	for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
		r := run(&stage{}, strings.NewReader(text), "--keep-going")
		if r.code != 0 || r.out != gaps(0, 3) {
			t.Errorf("code %d, out %q", r.code, r.out)
		}
		if !strings.Contains(r.errors, "p1test: passed over 4 lines") || !strings.Contains(r.errors, "-:1: not JSON") || strings.Count(r.errors, "\n") != 1 {
			t.Errorf("standard error: %q", r.errors)
		}
	}
	if r := filter(&stage{}, strings.NewReader(gap(0)), "--keep-going"); r != (result{out: gap(0)}) {
		t.Errorf("nothing to pass over: %+v", r)
	}
}

func TestKeepGoingCountsOverAllFiles(t *testing.T) {
	inFolder(t, map[string]string{"a": "x\n" + gap(1), "b": "y\nz\n" + gap(2)})
	r := filter(&stage{}, nil, "a", "missing", "b", "--keep-going")
	if r.code != 1 || r.out != gap(1)+gap(2) || !strings.Contains(r.errors, "passed over 3 lines") || !strings.Contains(r.errors, "a:1: ") {
		t.Errorf("%+v", r)
	}
}

func TestKeepGoingStopsAtANewerVersion(t *testing.T) {
	r := filter(&stage{}, strings.NewReader(gap(0)+`{"v":2,"type":"gap","source":"s"}`+"\n"+gap(1)), "--keep-going")
	if r.code != 3 || r.out != gap(0) || !strings.Contains(r.errors, "newer version") {
		t.Errorf("%+v", r)
	}
}

func telegram(status, suspect string) string {
	t := &record.Telegram{Origin: record.Origin{Source: "s"}, Status: record.Status(status), Suspect: suspect, Raw: record.Bytes{}}
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	_, _ = w.Write(t), w.Flush()
	return out.String()
}

func TestStrict(t *testing.T) {
	for _, c := range []struct {
		name, text string
		code       int
		says       string
	}{
		{"nothing", "", 0, ""},
		{"no telegrams", gap(0), 0, ""},
		{"valid ones", telegram("ok", "") + telegram("repaired", "") + telegram("unchecked", ""), 0, ""},
		{"a bad one", telegram("ok", "") + telegram("bad", ""), 4, "of 2 telegrams 1 are not valid and 0 are suspect"},
		{"a salvaged one", telegram("salvaged", ""), 4, "of 1 telegrams 1 are not valid"},
		{"a lost one", telegram("lost", "") + gap(0), 4, "of 1 telegrams 1 are not valid"},
		{"a suspect one", telegram("ok", "clock"), 4, "of 1 telegrams 0 are not valid and 1 are suspect"},
	} {
		for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
			r := run(&stage{hold: true}, strings.NewReader(c.text), "--strict")
			if r.code != c.code || r.out != c.text || !strings.Contains(r.errors, c.says) || (c.says == "") != (r.errors == "") {
				t.Errorf("%s: %+v, want code %d", c.name, r, c.code)
			}
			if r := run(&stage{}, strings.NewReader(c.text)); r != (result{out: c.text}) {
				t.Errorf("%s, not strict: %+v", c.name, r)
			}
		}
	}
}

// mender is a stage that repairs what it takes.
type mender struct{ *stage }

func (m mender) Take(r record.Record) error {
	t := *r.(*record.Telegram)
	t.Status = record.Repaired
	return m.stage.Take(&t)
}

// Of a filter, --strict judges what comes out; of a sink, what goes in.
func TestStrictJudgesTheResult(t *testing.T) {
	r := command(func(c *cli.Context) error {
		return Filter(c, func(w record.Writer) (record.Stage, error) { return mender{&stage{out: w}}, nil })
	}, strings.NewReader(telegram("bad", "")), "--strict")
	if r.code != 0 || r.out != telegram("repaired", "") {
		t.Errorf("filter: %+v", r)
	}
	r = command(func(c *cli.Context) error {
		return Sink(c, func(w io.Writer) (record.Stage, error) {
			return mender{&stage{out: record.NewWriter(w, false)}}, nil
		})
	}, strings.NewReader(telegram("bad", "")), "--strict")
	if r.code != 4 {
		t.Errorf("sink: %+v", r)
	}
}

func TestOtherFailuresComeBeforeStrict(t *testing.T) {
	inFolder(t, map[string]string{"a": telegram("bad", "")})
	if r := filter(&stage{}, nil, "a", "missing", "--strict"); r.code != 1 {
		t.Errorf("missing file: %+v", r)
	}
	if r := filter(&stage{}, strings.NewReader(telegram("bad", "")+"x\n"), "--strict"); r.code != 3 {
		t.Errorf("no record: %+v", r)
	}
}

func TestFailingStageEndsTheCommand(t *testing.T) {
	for _, method := range []string{"Take", "Flush", "Close"} {
		for _, run := range []func(*stage, io.Reader, ...string) result{filter, sink} {
			s := &stage{fails: map[string]error{method: errors.New("out of order")}}
			in := io.Reader(strings.NewReader(gaps(0, 10)))
			if method == "Flush" {
				r, w := io.Pipe() // nobody closes it, so that it is waited for, and flushed before
				go func() { _, _ = io.WriteString(w, gaps(0, 10)) }()
				in = r
			}
			if r := run(s, in); r.code != 1 || r.errors != "p1test: out of order\n" {
				t.Errorf("%s: %+v", method, r)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestFailingOutputEndsTheCommand(t *testing.T) {
	closed := &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
	for _, c := range []struct {
		err  error
		code int
		says string
	}{{errors.New("disk full"), 1, "p1test: disk full\n"}, {closed, ExitClosedPipe, ""}} {
		if !isClosedPipe(closed) && c.err == closed {
			continue // the system has another error for that
		}
		r, in := io.Pipe() // which nobody closes: the command must not read to the end
		go func() { _, _ = io.WriteString(in, gap(0)) }()
		app := App("p1test", "", "", "", "", nil, func(c *cli.Context) error {
			return Filter(c, func(w record.Writer) (record.Stage, error) { return &stage{out: w}, nil })
		})
		var errw buffer
		done := make(chan int, 1)
		go func() { done <- Run(app, []string{"p1test"}, r, failing{c.err}, &errw) }()
		select {
		case code := <-done:
			if code != c.code || errw.String() != c.says {
				t.Errorf("%v: code %d, %q", c.err, code, errw.String())
			}
		case <-time.After(patience):
			t.Errorf("%v: it goes on", c.err)
		}
		_ = in.Close()
	}
}

func TestSinkThatCannotBeBuilt(t *testing.T) {
	r := command(func(c *cli.Context) error {
		return Sink(c, func(io.Writer) (record.Stage, error) { return nil, Usagef("unknown table") })
	}, strings.NewReader(gap(0)))
	if r.code != 2 || r.out != "" || !strings.HasPrefix(r.errors, "p1test: unknown table\n") {
		t.Errorf("%+v", r)
	}
}
