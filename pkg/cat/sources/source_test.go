package sources

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// patience bounds every wait.
const patience = longtest.Patience

// noise returns n bytes of all values that begin like a log.
func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	copy(b, "/AUX")
	return b
}

func gz(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(data)
	_ = z.Close()
	return out.Bytes()
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, name string, stdin io.Reader) Source {
	t.Helper()
	s, err := Open(name, stdin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// readAll returns the bytes of all chunks and the error that ends the source;
// it checks what holds for every chunk of a source that is not live.
func readAll(t *testing.T, name string, s Source) ([]byte, error) {
	t.Helper()
	var all []byte
	for {
		r, err := s.Next(t.Context())
		if err != nil {
			if _, again := s.Next(t.Context()); again != err {
				t.Errorf("after %v, Next gives %v", err, again)
			}
			return all, err
		}
		c, ok := r.(*record.Chunk)
		if !ok {
			t.Fatalf("a %T", r)
		}
		if c.Origin != (record.Origin{Source: name, Offset: int64(len(all))}) {
			t.Fatalf("a chunk at %+v, want offset %d of %s", c.Origin, len(all), name)
		}
		if len(c.Data) == 0 || len(c.Data) > record.MaxData || c.Live || c.Time != "" || c.End != "" {
			t.Fatalf("a chunk of %d bytes, live %v, time %q, end %q", len(c.Data), c.Live, c.Time, c.End)
		}
		all = append(all, c.Data...)
	}
}

var sizes = []int{0, 1, 3, 4, record.MaxData - 1, record.MaxData, record.MaxData + 1, 2 * record.MaxData, 200_000}

func TestChunksOfAFileAreTheFile(t *testing.T) {
	for _, n := range sizes {
		want := noise(max(n, 4))[:n]
		path := writeFile(t, "p1.log", want)
		s := open(t, path, nil)
		if !s.Ready() {
			t.Error("a file is always ready")
		}
		if got, err := readAll(t, path, s); err != io.EOF || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came, %v", n, len(got), err)
		}
		if done, total := s.Progress(); done != int64(n) || total != int64(n) {
			t.Errorf("%d bytes: progress %d of %d", n, done, total)
		}
	}
}

func TestChunksOfAPipeAreWhatCameThrough(t *testing.T) {
	for _, n := range sizes {
		want := noise(max(n, 4))[:n]
		for name, pieces := range map[string]func(io.Reader) io.Reader{
			"whole":    func(r io.Reader) io.Reader { return r },
			"halves":   iotest.HalfReader,
			"with EOF": iotest.DataErrReader,
		} {
			s := open(t, "-", pieces(bytes.NewReader(want)))
			if got, err := readAll(t, "-", s); err != io.EOF || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %s: %d came, %v", n, name, len(got), err)
			}
			if done, total := s.Progress(); done != 0 || total != -1 {
				t.Errorf("progress %d of %d", done, total)
			}
		}
	}
	want := noise(300)
	s := open(t, "-", iotest.OneByteReader(bytes.NewReader(want)))
	if got, err := readAll(t, "-", s); err != io.EOF || !bytes.Equal(got, want) {
		t.Errorf("byte by byte: %q, %v", got, err)
	}
}

// Offsets count what is in the log, not what is on disk.
func TestOffsetsCountDecodedBytes(t *testing.T) {
	want := noise(100_000)
	wide := []byte{0xFF, 0xFE}
	for _, c := range want {
		wide = append(wide, c, 0)
	}
	path := writeFile(t, "p1.log.gz", gz(wide))
	s := open(t, path, nil)
	if got, err := readAll(t, path, s); err != io.EOF || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(want))
	}
	if done, total := s.Progress(); done != total || total != int64(len(gz(wide))) {
		t.Errorf("progress %d of %d bytes on disk", done, total)
	}
}

func TestErrorComesBehindGoodData(t *testing.T) {
	broken := errors.New("cable pulled")
	for _, n := range sizes[1:] {
		want := noise(max(n, 4))[:n]
		for _, sameCall := range []bool{false, true} {
			var in io.Reader = io.MultiReader(bytes.NewReader(want), iotest.ErrReader(broken))
			if sameCall {
				in = iotest.DataErrReader(in)
			}
			if got, err := readAll(t, "-", open(t, "-", in)); err != broken || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %d came, %v, want %v", n, len(got), err, broken)
			}
		}
	}
}

// flushed returns a gzip file that is cut off after n bytes of data.
func flushed(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(data)
	_ = z.Flush()
	return out.Bytes()
}

func TestCutOffFileGivesItsDataAndAnError(t *testing.T) {
	for _, n := range sizes[3:] {
		want := noise(n)
		path := writeFile(t, "p1.log.gz", flushed(want))
		got, err := readAll(t, path, open(t, path, nil))
		if err == nil || err == io.EOF || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came, %v, want an error after all", n, len(got), err)
		}
	}
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.log")
	if _, err := Open(missing, nil); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing: %v", err)
	}
	if _, err := Open(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("directory: %v", err)
	}
}

// A name of which there is no file is told how what it looks like is named.
func TestNamesThatAreMissing(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, want := range map[string]string{
		"ttyUSB0": "/dev/ttyUSB0;", "ttyACM12": "/dev/ttyACM12;", "cu.usbserial-A5XK": "/dev/cu.usbserial-A5XK;", "rfcomm0": "/dev/rfcomm0;",
		"192.168.1.5": "tcp://192.168.1.5:2001 or, where it answers to HTTP, http://192.168.1.5/", "fe80::1": "tcp://[fe80::1]:2001",
		"p1-dongle.local": "tcp://p1-dongle.local:2001", "192.168.1.5/api/v1/telegram": "named http://192.168.1.5/api/v1/telegram)",
		"p1.log": "", "logs/p1.log": "", "ttyUSB0.log": "", "tty": "", "1.2.3": "",
	} {
		_, err := Open(name, nil)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want) || (want == "") == strings.Contains(err.Error(), "named") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// An input without a byte is said to be empty, once.
func TestEmptyInputsAreSaid(t *testing.T) {
	path := writeFile(t, "empty.log", nil)
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	if _, err := z.Create("empty.log"); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	packed := writeFile(t, "empty.zip", zipped.Bytes())
	for name, want := range map[string]string{
		path: path + ": it is empty", packed: packed + ": what is in this zip is empty", "-": "standard input: it is empty",
		writeFile(t, "p1.log", []byte("/")): "",
	} {
		d := deliver(t, Options{}, name, strings.NewReader(""))
		if said := strings.Join(d.said, "\n"); said != want || d.err != nil {
			t.Errorf("%s: said %q, want %q; %v", name, said, want, d.err)
		}
	}
}

// result is what a call of Next gave.
type result struct {
	data string
	at   int64
	err  error
}

// start calls Next beside the test.
func start(ctx context.Context, s Source) <-chan result {
	c := make(chan result, 1)
	go func() {
		r, err := s.Next(ctx)
		if err != nil {
			c <- result{err: err}
			return
		}
		chunk := r.(*record.Chunk)
		c <- result{data: string(chunk.Data), at: chunk.Offset}
	}()
	return c
}

func wait(t *testing.T, c <-chan result) result {
	t.Helper()
	select {
	case r := <-c:
		return r
	case <-time.After(patience):
		t.Fatal("Next still waits")
	}
	return result{}
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// becomesReady waits until the source is ready.
func becomesReady(t *testing.T, s Source) {
	t.Helper()
	for end := time.Now().Add(patience); !s.Ready(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never ready")
		}
	}
}

func TestDribblingPipeDeliversWhatHasCome(t *testing.T) {
	in, w := io.Pipe()
	s := open(t, "-", in)
	if s.Ready() {
		t.Error("ready before anything has come")
	}
	at := int64(0)
	for _, text := range []string{"/AUX", "5", "9902759022\r\n", "!"} {
		next := start(t.Context(), s)
		write(t, w, text)
		if got := wait(t, next); got != (result{data: text, at: at}) {
			t.Fatalf("%+v, want %q at %d", got, text, at)
		}
		if s.Ready() {
			t.Errorf("ready after %q", text)
		}
		at += int64(len(text))
	}
	write(t, w, "~")
	becomesReady(t, s)
	if got := wait(t, start(t.Context(), s)); got != (result{data: "~", at: at}) {
		t.Errorf("%+v, want the byte that made it ready", got)
	}
	_ = w.Close()
	becomesReady(t, s)
	if got := wait(t, start(t.Context(), s)); got.err != io.EOF {
		t.Errorf("at the end: %+v", got)
	}
}

// A Next that waits ends with its context, and what comes then is not lost.
func TestCancelEndsAWaitingNext(t *testing.T) {
	in, w := io.Pipe()
	s := open(t, "-", in)
	ctx, cancel := context.WithCancel(t.Context())
	next := start(ctx, s)
	select {
	case got := <-next:
		t.Fatalf("%+v although nothing has come", got)
	case <-time.After(20 * time.Millisecond):
	}
	cancel()
	if got := wait(t, next); got.err != context.Canceled {
		t.Errorf("%+v, want %v", got, context.Canceled)
	}
	write(t, w, "/AUX")
	if got := wait(t, start(t.Context(), s)); got != (result{data: "/AUX"}) {
		t.Errorf("%+v, want what has come since", got)
	}
	_ = w.Close()
}

// What has been taken out of a pipe already is handed on even then.
func TestDoneContextEndsAPipeBehindWhatWasTaken(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in, w := io.Pipe()
	defer w.Close()
	s := open(t, "-", in)
	write(t, w, "/AUX")
	if r, err := s.Next(ctx); err != nil || string(r.(*record.Chunk).Data) != "/AUX" {
		t.Errorf("%v, %v, want what was taken", r, err)
	}
	if r, err := s.Next(ctx); err != context.Canceled {
		t.Errorf("then %v, %v", r, err)
	}
}

func TestDoneContextEndsEverySource(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, s := range map[string]Source{
		"file": open(t, writeFile(t, "p1.log", noise(10)), nil),
		"demo": open(t, "demo:?telegrams=1", nil),
	} {
		if r, err := s.Next(ctx); err != context.Canceled {
			t.Errorf("%s: %v, %v", name, r, err)
		}
		if r, err := s.Next(t.Context()); err != nil || r.Where().Offset != 0 {
			t.Errorf("%s: then %v, %v, want the first chunk", name, r, err)
		}
	}
}

// Whoever reads on at standard input must not hinder the end.
func TestCloseDoesNotWaitForAPipe(t *testing.T) {
	in, w := io.Pipe()
	defer w.Close()
	s, err := Open("-", in)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("Close waits")
	}
}

func TestDemoIsTheSimulatedLog(t *testing.T) {
	for _, query := range []string{"?telegrams=40&noise=slow-rise&seed=3", "?telegrams=1&seed=2", "telegrams=1"} {
		o, err := sim.ParseOptions(query)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := sim.New(o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(stream)
		if err != nil {
			t.Fatal(err)
		}
		name := "demo:" + query
		s := open(t, name, nil)
		if got, err := readAll(t, name, s); err != io.EOF || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(want))
		}
		if done, total := s.Progress(); done != 0 || total != -1 || !s.Ready() {
			t.Errorf("%s: progress %d of %d, ready %v", name, done, total, s.Ready())
		}
	}
}

func TestDemosThatCannotBe(t *testing.T) {
	for _, name := range []string{"demo:?sunshine=1", "demo:?telegrams=x", "demo:?meter=none", "demo:?%"} {
		if _, err := Open(name, nil); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v, want an error that names it", name, err)
		}
	}
}

// Records are told from a log, and give their bytes, however they are read.
func TestRecordsGiveTheirBytes(t *testing.T) {
	const lines = `{"type":"chunk","v":1,"source":"a","offset":0,"data":"\u00ff/AUX"}` + "\n" +
		`{"v":1,"type":"gap","source":"a","offset":5}` + "\n\n" +
		`{"v":1,"type":"noise","source":"a","offset":5,"data":"ÿ\r\n"}`
	for text, want := range map[string]string{
		lines: "\xff/AUX\xff\r\n", "\uFEFF" + lines: "\xff/AUX\xff\r\n",
		"": "", "{": "{", "\uFEFF": "\uFEFF", "\uFEFF{\n": "\uFEFF{\n", "\xef/AUX": "\xef/AUX",
		`{"v":1}` + "\n" + lines: `{"v":1}` + "\n" + lines,
		"/AUX\n" + lines:         "/AUX\n" + lines,
	} {
		path := writeFile(t, "p1.log", []byte(text))
		for way, in := range map[string]io.Reader{
			"file": nil, "pipe": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)),
			"with EOF": iotest.DataErrReader(strings.NewReader(text)),
		} {
			name := "-"
			if in == nil {
				name = path
			}
			s, err := Options{}.OpenRecords(name, in)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for err == nil {
				var r record.Record
				if r, err = s.Next(t.Context()); err == nil {
					got = append(got, r.(*record.Chunk).Data...)
				}
			}
			if err != io.EOF || string(got) != want {
				t.Errorf("%s, %.30q: %q, %v, want %q", way, text, got, err, want)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if s, err := Open(path, nil); err != nil {
			t.Error(err)
		} else if _, err := s.Next(t.Context()); err != nil && err != io.EOF {
			t.Errorf("%.30q as a log, or a replay: %v", text, err)
		}
	}
}

// What only looks like a record is a log, long as it may be.
func TestLongBrace(t *testing.T) {
	for _, n := range []int{100, record.MaxData, 3 * record.MaxData, record.MaxLine + 100} {
		want := append([]byte{'{'}, noise(n)...)
		for i := range want {
			if want[i] == '\n' {
				want[i] = 0
			}
		}
		if got, err := readAll(t, "-", open(t, "-", bytes.NewReader(want))); err != io.EOF || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came, %v", len(want), len(got), err)
		}
	}
}
