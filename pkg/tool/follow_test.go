package tool

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/fileio"
	"p1/pkg/record"
)

// following is a file that is followed and what is read of it, line by line.
type following struct {
	t     *testing.T
	name  string
	lines chan string
	words chan string
	stop  chan struct{}
	err   chan error
}

// followFile follows a file in the background; its records' offsets become the
// lines.
func followFile(t *testing.T, name string) *following {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	x := &following{t, name, make(chan string, 100), make(chan string, 100), make(chan struct{}), make(chan error, 1)}
	tail := &followed{name: name, file: f, stop: x.stop, say: func(text string) { x.words <- text }}
	t.Cleanup(func() { tail.file.Close() })
	in, err := fileio.Open(fileio.Stdin, tail, fileio.Records)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		r := record.NewReader(name, in)
		for {
			rec, err := r.Read()
			if err != nil {
				x.err <- err
				return
			}
			x.lines <- fmt.Sprint(rec.Where().Offset)
		}
	}()
	return x
}

func (x *following) want(lines ...int) {
	x.t.Helper()
	for _, n := range lines {
		select {
		case got := <-x.lines:
			if got != fmt.Sprint(n) {
				x.t.Fatalf("read %s, want %d", got, n)
			}
		case err := <-x.err:
			x.t.Fatalf("ended with %v, want %d", err, n)
		case <-time.After(patience):
			x.t.Fatalf("%d does not come", n)
		}
	}
}

// end stops following, which ends the input.
func (x *following) end() {
	x.t.Helper()
	close(x.stop)
	select {
	case err := <-x.err:
		if err == io.EOF {
			x.t.Error("what was stopped is said to have an end")
		}
	case <-time.After(patience):
		x.t.Fatal("it is still followed")
	}
	select {
	case more := <-x.lines:
		x.t.Errorf("%s came too", more)
	default:
	}
}

func (x *following) said(text string) {
	x.t.Helper()
	select {
	case got := <-x.words:
		if !strings.Contains(got, text) {
			x.t.Errorf("said %q, want %q", got, text)
		}
	case <-time.After(patience):
		x.t.Errorf("%q is not said", text)
	}
}

func write(t *testing.T, name, text string, flag int) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|flag, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// Each record comes when it is written, a line that is written in pieces once it is
// whole, and one that is never finished not at all.
func TestFollow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "day.jsonl")
	write(t, name, gap(1), 0)
	x := followFile(t, name)
	x.want(1)
	write(t, name, gap(2)+gap(3), os.O_APPEND)
	x.want(2, 3)
	line := gap(4)
	for i := range line {
		write(t, name, line[i:i+1], os.O_APPEND)
	}
	x.want(4)
	write(t, name, gap(5)+line[:20], os.O_APPEND)
	x.want(5)
	x.end()
	if len(x.words) > 0 {
		t.Errorf("said %q", <-x.words)
	}
}

// A file that is empty at first is followed too.
func TestFollowAnEmptyFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "day.jsonl")
	write(t, name, "", 0)
	x := followFile(t, name)
	time.Sleep(2 * followPace)
	write(t, name, gap(1), os.O_APPEND)
	x.want(1)
	x.end()
}

// A file that is emptied, and one that another takes the name of, as a rotation does
// both ways.
func TestFollowARotation(t *testing.T) {
	name := filepath.Join(t.TempDir(), "day.jsonl")
	write(t, name, gap(1)+gap(2), 0)
	x := followFile(t, name)
	x.want(1, 2)
	write(t, name, gap(3), os.O_TRUNC)
	x.want(3)
	x.said("day.jsonl: it has become shorter")
	if err := os.Rename(name, name+".1"); err != nil {
		t.Skip(err) // Windows does not rename what is open
	}
	write(t, name+".1", gap(4), os.O_APPEND)
	x.want(4)
	write(t, name, "", 0)
	write(t, name+".1", gap(5), os.O_APPEND)
	x.want(5)
	write(t, name, gap(6), 0)
	x.want(6)
	x.said("day.jsonl: a new file has that name")
	write(t, name, gap(7), os.O_APPEND)
	x.want(7)
	x.end()
}

// A line that its writer has left unfinished costs no more than itself.
func TestFollowBehindHalfALine(t *testing.T) {
	name := filepath.Join(t.TempDir(), "day.jsonl")
	write(t, name, gap(1)+gap(2)[:20], 0)
	x := followFile(t, name)
	x.want(1)
	if err := os.Rename(name, name+".1"); err != nil {
		t.Skip(err)
	}
	write(t, name, gap(3), 0)
	select {
	case err := <-x.err:
		if line, ok := err.(*record.LineError); !ok || line.Line != 2 {
			t.Errorf("%v", err)
		}
	case <-time.After(patience):
		t.Error("nothing comes of it")
	}
}

// What p1fix -o day.jsonl.zst has flushed can be read while it goes on.
func TestFollowACompressedFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "day.jsonl.zst")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	x := followFile(t, name)
	for i := range 3 {
		if _, err := io.WriteString(z, gaps(2*i, 2*i+2)); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		x.want(2*i, 2*i+1)
	}
	x.end()
}
