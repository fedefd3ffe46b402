package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/archive"
	"p1/pkg/cat/sources"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// gate is a stage that takes only while it is open.
type gate struct {
	record.BaseStage
	mu     sync.Mutex
	taken  []record.Record
	flush  int
	opened chan struct{}
	err    error
}

func (g *gate) Take(r record.Record) error {
	<-g.opened
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken = append(g.taken, r)
	return g.err
}

func (g *gate) Flush() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flush = len(g.taken)
	return nil
}

// chunks are live records of a stream, up to 2000 bytes each.
func chunks(n int) []record.Record {
	return chunksOf(n, func(rng *rand.Rand) string { return noise(4 + rng.IntN(2000)) })
}

func chunksOf(n int, data func(*rand.Rand) string) []record.Record {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	o := record.Origin{Source: "tty", Session: "2026-11-22T07:00:00Z"}
	var all []record.Record
	for range n {
		c := &record.Chunk{Origin: o, Live: true, End: record.EndPause, Data: []byte(data(rng))}
		o.Offset += int64(len(c.Data))
		all = append(all, c)
	}
	return all
}

// contiguous checks that records are those of the stream, with gap records where
// some are missing, and returns how many of either there are.
func contiguous(t *testing.T, got, all []record.Record) (here, gaps int) {
	t.Helper()
	at := map[int64]record.Record{}
	for _, r := range all {
		at[r.Where().Offset] = r
	}
	next := int64(0)
	for _, r := range got {
		switch r := r.(type) {
		case *record.Gap:
			gaps++
			if r.Offset <= next || r.Why != record.GapOverrun || !r.Live || !r.SameStream(all[0].Where()) {
				t.Fatalf("after %d the gap %+v", next, r)
			}
			next = r.Offset
		case *record.Chunk:
			here++
			if want, ok := at[r.Offset].(*record.Chunk); r.Offset != next || !ok || !bytes.Equal(r.Data, want.Data) {
				t.Fatalf("a chunk at %d, want %d", r.Offset, next)
			}
			next += int64(len(r.Data))
		}
	}
	if last := gapBehind(all[len(all)-1]).Offset; next != last {
		t.Fatalf("it ends at %d, want %d", next, last)
	}
	return here, gaps
}

// A stage that stalls costs what does not fit, and one gap record stands for it.
func TestStalledTaker(t *testing.T) {
	for _, more := range []int{0, 1, 40} {
		g := &gate{opened: make(chan struct{})}
		l := startLane(g, 100_000, func() { t.Error("it has failed") })
		all := chunks(1000 + more)
		for _, r := range all[:1000] {
			l.offer(r)
		}
		l.mu.Lock()
		if l.waiting > 100_000 {
			t.Errorf("%d bytes wait", l.waiting)
		}
		l.mu.Unlock()
		close(g.opened)
		for _, r := range all[1000:] {
			waitUntil(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return len(l.queue) == 0 })
			l.offer(r)
		}
		if err := l.close(patience); err != nil {
			t.Error(err)
		}
		if here, gaps := contiguous(t, g.taken, all); gaps != 1 || here < 60+more || here > 130+more {
			t.Errorf("%d of %d chunks and %d gaps", here, len(all), gaps)
		}
		if g.flush != len(g.taken) {
			t.Errorf("%d of %d are flushed", g.flush, len(g.taken))
		}
	}
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it takes too long")
		}
	}
}

// A source that can wait does, and nothing is lost.
func TestLaneOfAPatientSource(t *testing.T) {
	g := &gate{opened: make(chan struct{})}
	l := startLane(g, 10_000, func() {})
	time.AfterFunc(20*time.Millisecond, func() { close(g.opened) })
	all := chunks(300)
	for _, r := range all {
		if err := l.put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.close(patience); err != nil {
		t.Error(err)
	}
	if here, gaps := contiguous(t, g.taken, all); here != 300 || gaps != 0 {
		t.Errorf("%d chunks, %d gaps", here, gaps)
	}
}

// Waiting for a stage ends with the capture, and so does its end.
func TestLaneThatNeverEnds(t *testing.T) {
	g := &gate{opened: make(chan struct{})}
	defer close(g.opened)
	l := startLane(g, 5_000, func() {})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var err error
	for _, r := range chunks(100) {
		if err = l.put(ctx, r); err != nil {
			break
		}
	}
	if err != context.DeadlineExceeded {
		t.Errorf("%v", err)
	}
	if err := l.close(20 * time.Millisecond); err != errStalled {
		t.Errorf("%v, want %v", err, errStalled)
	}
}

func TestLaneWhoseTakerFails(t *testing.T) {
	broken := errors.New("disk full")
	g := &gate{opened: make(chan struct{}), err: broken}
	close(g.opened)
	failed := make(chan struct{})
	l := startLane(g, 10_000, func() { close(failed) })
	l.offer(chunks(1)[0])
	select {
	case <-failed:
	case <-time.After(patience):
		t.Fatal("nobody is told")
	}
	if err := l.put(t.Context(), chunks(1)[0]); err != broken {
		t.Errorf("put: %v", err)
	}
	if err := l.close(patience); err != broken {
		t.Errorf("close: %v", err)
	}
}

// liveSource gives records as they are asked for, and then waits.
type liveSource struct {
	records chan record.Record
}

func (s liveSource) Next(ctx context.Context) (record.Record, error) {
	select {
	case r, ok := <-s.records:
		if !ok {
			return nil, io.EOF
		}
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
func (liveSource) Ready() bool              { return true }
func (liveSource) Progress() (int64, int64) { return 0, -1 }
func (liveSource) Close() error             { return nil }

// liveApp is a command line whose only source is live, and archived.
func liveApp(s sources.Source, dir string) *cli.App {
	return tool.App("p1test", "", "", "", "", []cli.Flag{tool.OutputFlag(), tool.ASCIIFlag()}, func(c *cli.Context) error {
		return command(c, Options{
			Open:    func(string, io.Reader) (sources.Source, error) { return s, nil },
			Live:    func(string) bool { return true },
			Archive: archive.New(archive.Options{Dir: dir, Sync: time.Minute, Say: tool.Say(c)}),
		})
	})
}

// recordsOf reads JSON lines.
func recordsOf(t *testing.T, in io.Reader) []record.Record {
	t.Helper()
	var all []record.Record
	for r := record.NewReader("out", in); ; {
		rec, err := r.Read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rec)
	}
}

// archived returns the records of an archive.
func archived(t *testing.T, dir string) []record.Record {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "p1-*"))
	if err != nil {
		t.Fatal(err)
	}
	var all string
	for _, name := range names { // two, if this runs at midnight
		all += contents(t, name)
	}
	return recordsOf(t, strings.NewReader(all))
}

// counting counts what is read.
type counting struct {
	r io.Reader
	n atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// A pipe that nobody reads: the source is read on, the archive has all of it, and
// the pipe what fits, a gap record, and what comes later.
func TestStalledReader(t *testing.T) {
	dir := t.TempDir()
	all := chunksOf(10_000, func(rng *rand.Rand) string { // 14 MB, which are packed faster than any line delivers them
		return strings.Repeat("1-0:1.8.0(001234.567*kWh)\r\n", 1+rng.IntN(100))
	})
	s := liveSource{make(chan record.Record)}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan int, 1)
	var said buffer
	go func() {
		done <- tool.Run(liveApp(s, dir), []string{"p1test", "--ascii=false"}, nil, w, &said)
		_ = w.Close()
	}()
	send := func(records []record.Record) {
		for i, r := range records {
			select {
			case s.records <- r:
			case <-time.After(patience):
				t.Fatal("the source is not read")
			}
			if i%25 == 0 {
				time.Sleep(5 * time.Millisecond) // as fast as any line, but not faster than a disk
			}
		}
	}
	send(all[:9_000])
	got := make(chan []record.Record)
	slow := &counting{r: r}
	go func() { got <- recordsOf(t, slow) }()
	waitUntil(t, func() bool { return slow.n.Load() > 6e6 }) // it reads again, more than half
	send(all[9_000:])
	close(s.records)
	if here, gaps := contiguous(t, <-got, all); gaps != 1 || here < 6000 || here > 9_000 {
		t.Errorf("%d of %d chunks, %d gaps", here, len(all), gaps)
	}
	if code := <-done; code != 0 || said.String() != "" {
		t.Errorf("code %d, %q", code, said.String())
	}
	if here, gaps := contiguous(t, archived(t, dir), all); here != len(all) || gaps != 0 {
		t.Errorf("the archive has %d of %d chunks, %d gaps", here, len(all), gaps)
	}
}

// The output fails: the capture ends at once, and what came is archived.
func TestLiveOutputFails(t *testing.T) {
	dir := t.TempDir()
	s := liveSource{make(chan record.Record, 10)}
	all := chunks(3)
	for _, r := range all {
		s.records <- r
	}
	var said bytes.Buffer
	code := tool.Run(liveApp(s, dir), []string{"p1test"}, nil, failing{errors.New("disk full")}, &said)
	if code != 1 || said.String() != "p1test: disk full\n" {
		t.Errorf("code %d, %q", code, said.String())
	}
	if got := archived(t, dir); len(got) == 0 {
		t.Error("nothing is archived")
	}
}

// What has come from a live source is out at once.
func TestLiveIsFlushed(t *testing.T) {
	s := liveSource{make(chan record.Record)}
	var out, said buffer
	done := make(chan int, 1)
	go func() {
		done <- tool.Run(liveApp(s, t.TempDir()), []string{"p1test", "--ascii=false"}, nil, &out, &said)
	}()
	want := &bytes.Buffer{}
	w := record.NewWriter(want, false)
	for _, r := range chunks(20) {
		s.records <- r
		_, _ = w.Write(r), w.Flush()
		waitFor(t, want.String(), out.String)
	}
	close(s.records)
	if code := <-done; code != 0 {
		t.Errorf("code %d, %q", code, said.String())
	}
}

// What is not live is archived, too, and written as ever.
func TestArchiveOfFiles(t *testing.T) {
	inFolder(t, map[string]string{"a.log": noise(300_000), "b.log": noise(10)})
	app := tool.App("p1test", "", "", "", "", []cli.Flag{tool.OutputFlag(), tool.ASCIIFlag()}, func(c *cli.Context) error {
		return command(c, Options{Open: sources.Open, Archive: archive.New(archive.Options{Dir: "kept", Say: tool.Say(c)})})
	})
	var out, said bytes.Buffer
	code := tool.Run(app, []string{"p1test", "--ascii=false", "a.log", "missing", "b.log"}, nil, &out, &said)
	if code != 1 || !strings.Contains(said.String(), "missing") {
		t.Errorf("code %d, %q", code, said.String())
	}
	var kept bytes.Buffer
	w := record.NewWriter(&kept, false)
	for _, r := range archived(t, "kept") {
		_ = w.Write(r)
	}
	_ = w.Flush()
	if kept.String() != out.String() || joined(t, out.String())["a.log"] != noise(300_000) {
		t.Errorf("%d bytes are archived of %d", kept.Len(), out.Len())
	}
}
