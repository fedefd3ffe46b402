//go:build unix

package pipetest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// soon bounds the waits for a pipe that has nothing more to wait for.
const soon = longtest.Patience / 3

// rows reads lines of a pipe's output, each within a time.
type rows struct {
	t     *testing.T
	lines chan string
}

func readRows(t *testing.T, r io.Reader) *rows {
	x := &rows{t, make(chan string, 10_000)}
	go func() {
		defer close(x.lines)
		s := bufio.NewScanner(r)
		s.Buffer(nil, 8<<20)
		for s.Scan() {
			x.lines <- s.Text()
		}
	}()
	return x
}

// next returns the next line; ok is false at the end.
func (x *rows) next() (line string, ok bool) {
	x.t.Helper()
	select {
	case line, ok = <-x.lines:
		return line, ok
	case <-time.After(soon):
		x.t.Fatalf("no line comes within %v", soon)
	}
	return "", false
}

// rest returns the lines up to the end.
func (x *rows) rest() []string {
	x.t.Helper()
	var list []string
	for {
		line, ok := x.next()
		if !ok {
			return list
		}
		list = append(list, line)
	}
}

// Every row comes out before the next telegram goes in: no stage keeps what is
// finished while it waits.
func TestRowByRow(t *testing.T) {
	t.Parallel()
	for _, demo := range []string{"meter=hu&telegrams=6", "meter=nl&telegrams=6&logger=lf"} {
		x := simulate(t, demo)
		name, w := fifo(t)
		p := start(t, "", nil, "p1cat "+name+" | p1frame | p1fix | p1csv")
		out := readRows(t, p.out)
		for i, tx := range x.sent {
			_, err := w.Write(tx.Logged)
			must(t, err)
			if i == 0 {
				heading, _ := out.next()
				if !strings.HasPrefix(heading, "time,") {
					t.Fatalf("the first line is %q", heading)
				}
			}
			if row, _ := out.next(); !strings.HasPrefix(row, tx.Clock.Format(time.RFC3339)+",") {
				t.Fatalf("for the telegram of %v comes the row %q", tx.Clock, row)
			}
		}
		must(t, w.Close())
		if more := out.rest(); len(more) > 0 {
			t.Errorf("%d lines more at the end", len(more))
		}
		p.wait()
		p.ended(0)
	}
}

// The same into a compressed file: what is finished can be read while the pipe
// waits.
func TestRowByRowCompressed(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{".gz", ".zst"} {
		x := simulate(t, "meter=nl&telegrams=2&logger=raw")
		name, w := fifo(t)
		file := t.TempDir() + "/day.jsonl" + suffix
		p := start(t, "", nil, "p1cat "+name+" | p1frame | p1fix -o "+file)
		for i, tx := range x.sent {
			_, err := w.Write(tx.Logged)
			must(t, err)
			begin := time.Now()
			for {
				// The file is not finished, so reading it fails at its end.
				c := start(t, "", nil, "p1csv --no-header "+file)
				got := c.rest()
				if bytes.Count(got, []byte("\n")) == i+1 {
					break
				}
				if time.Since(begin) > soon {
					t.Fatalf("%s: after telegram %d the file holds %q", suffix, i+1, got)
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		must(t, w.Close())
		p.rest()
		p.ended(0)
	}
}

// Before p1cat waits for a source, for its bytes or for somebody who opens its
// other end, it has handed on the one before it.
func TestNothingKeptBetweenSources(t *testing.T) {
	t.Parallel()
	open, _ := fifo(t)
	nobody := filepath.Join(t.TempDir(), "nobody")
	must(t, syscall.Mkfifo(nobody, 0o600))
	for _, name := range []string{open, nobody} {
		p := start(t, testdata, nil, "p1cat nl-clean.log "+name+" | p1frame | p1fix | p1csv --no-header")
		out := readRows(t, p.out)
		for i := range 20 {
			if _, ok := out.next(); !ok {
				t.Fatalf("the output ends after %d rows", i)
			}
		}
		p.signal(syscall.SIGINT)
		p.wait()
		p.ended(130)
	}
}

// Ctrl-C ends a live pipe: what was read comes out, the telegram that it cut as a
// damaged one.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	x := simulate(t, "meter=nl&telegrams=5&logger=raw")
	// A pipe hands on in one piece what was written in one, if it is not long: when
	// the whole telegrams have come out, the beginning of the last one has been
	// read too.
	log := x.log[:x.ends[3]+400]

	t.Run("records", func(t *testing.T) {
		name, w := fifo(t)
		p := start(t, "", nil, "p1cat "+name+" | p1frame | p1fix")
		out := readRows(t, p.out)
		_, err := w.Write(log)
		must(t, err)
		var text bytes.Buffer
		for range 4 {
			line, _ := out.next()
			fmt.Fprintln(&text, line)
		}
		p.signal(syscall.SIGINT)
		for _, line := range out.rest() {
			fmt.Fprintln(&text, line)
		}
		p.wait()
		p.ended(130)
		if n := drain(t, w); n > 0 {
			t.Errorf("%d bytes were not read", n)
		}
		list := lines(t, text.Bytes())
		conserve(t, "p1fix", list, log)
		if len(telegrams(list, "ok")) != 4 || len(telegrams(list)) != 5 {
			t.Errorf("%d telegrams, %d of them ok, want 5 and 4", len(telegrams(list)), len(telegrams(list, "ok")))
		}
	})

	t.Run("tables", func(t *testing.T) {
		name, w := fifo(t)
		validity := t.TempDir() + "/validity.csv.gz"
		p := start(t, "", nil, "p1cat "+name+" | p1frame | p1fix | p1csv --validity "+validity)
		out := readRows(t, p.out)
		_, err := w.Write(log)
		must(t, err)
		for range 5 { // the heading and four rows
			out.next()
		}
		p.signal(syscall.SIGINT)
		if more := out.rest(); len(more) > 0 {
			t.Errorf("rows after the last whole telegram: %q", more)
		}
		p.wait()
		p.ended(130)
		rows := parseTable(t, []byte(content(t, validity))).rows
		if n := len(rows); n != 5 || rows[4]["valid"] != "FALSE" {
			t.Errorf("%d rows in the validity table, want 5, the last one not valid", n)
		}
	})
}

// begun is how long a command needs to begin to listen to signals on a machine at rest.
const begun = 300 * time.Millisecond

// awaitBegun waits until the commands of a pipe listen to signals, where nothing shows
// that they do: several times as long as a command takes just now from its start to its
// end, since the machine may have other work.
func awaitBegun(t *testing.T) {
	t.Helper()
	from := time.Now()
	run(t, "", "p1cat --version")
	time.Sleep(max(begun, 5*time.Since(from)))
}

// The other stages ignore the first signal as long as their input is open.
func TestDrain(t *testing.T) {
	x := simulate(t, "meter=nl&telegrams=4&logger=raw")
	chunks := feed(t, x.log, "p1cat")
	for _, line := range []string{"p1frame | p1fix", "p1frame | p1fix | p1csv", "p1frame | p1noise", "p1frame | p1noise --summary"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			want := feed(t, chunks, line)
			p, w := startFed(t, line)
			first := bytes.IndexByte(chunks, '\n') - 10 // in the middle of the only line
			_, err := w.Write(chunks[:first])
			must(t, err)
			awaitBegun(t)
			p.signal(syscall.SIGINT)
			time.Sleep(begun / 2)
			_, err = w.Write(chunks[first:])
			must(t, err)
			must(t, w.Close())
			if got := p.rest(); !bytes.Equal(got, want) {
				t.Errorf("after a signal %d bytes come out, want %d", len(got), len(want))
			}
			p.ended(130)
		})
	}
}

// A second signal ends them at once, but not one that comes with the first, as by timeout.
func TestSecondSignal(t *testing.T) {
	for _, line := range []string{"p1frame", "p1fix", "p1csv", "p1noise"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			p, w := startFed(t, line)
			// A record of an unknown type passes, or the heading of a table comes.
			_, err := io.WriteString(w, `{"v":1,"type":"event"}`+"\n")
			must(t, err)
			out := readRows(t, p.out)
			out.next()
			p.signal(syscall.SIGINT)
			time.Sleep(10 * time.Millisecond) // two at once may arrive as one
			must(t, syscall.Kill(-p.stages[0].Process.Pid, syscall.SIGINT))
			ended := make(chan struct{})
			go func() { p.wait(); close(ended) }()
			select {
			case <-ended:
				t.Error("it has not waited for its input after the first signal")
			case <-time.After(begun):
			}
			p.signal(syscall.SIGINT)
			select {
			case <-ended:
			case <-time.After(soon):
				t.Fatal("it goes on after a second signal")
			}
			p.ended(130)
		})
	}
}

// p1cat ends at the first signal, whatever it is waiting for: the first bytes,
// the next ones, or somebody to open the other end.
func TestInterruptWaitingCat(t *testing.T) {
	for _, written := range []string{"", "/", "/TST5meter\r\n"} {
		t.Run(fmt.Sprintf("%q", written), func(t *testing.T) {
			t.Parallel()
			name, w := fifo(t)
			p := start(t, "", nil, "p1cat --raw "+name)
			_, err := io.WriteString(w, written)
			must(t, err)
			awaitBegun(t)
			p.signal(syscall.SIGINT)
			if out := p.rest(); string(out) != written {
				t.Errorf("%q comes out", out)
			}
			p.ended(130)
		})
	}
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		name := filepath.Join(t.TempDir(), "nobody")
		must(t, syscall.Mkfifo(name, 0o600))
		p := start(t, testdata, nil, "p1cat --raw nl-clean.log "+name)
		awaitBegun(t)
		p.signal(syscall.SIGINT)
		if out := p.rest(); !bytes.Equal(out, read(t, testdata+"/nl-clean.log")) {
			t.Errorf("%d bytes of the file before come out", len(out))
		}
		p.ended(130)
	})
}

// SIGTERM is how a service is told to end: nothing is lost, and p1cat ends well.
func TestTerminate(t *testing.T) {
	t.Parallel()
	x := simulate(t, "meter=nl&telegrams=3&logger=raw")
	name, w := fifo(t)
	p := start(t, "", nil, "p1cat "+name+" | p1frame | p1fix | p1csv --no-header")
	out := readRows(t, p.out)
	_, err := w.Write(x.log)
	must(t, err)
	for range x.sent {
		out.next()
	}
	p.signal(syscall.SIGTERM)
	if more := out.rest(); len(more) > 0 {
		t.Errorf("%d rows more", len(more))
	}
	p.wait()
	cat, others := *p, *p
	cat.stages, others.stages = p.stages[:1], p.stages[1:]
	cat.ended(0)
	others.ended(130)
}

// What p1cat has taken from its source when it is interrupted, comes out, even if
// nobody takes its output for a while.
func TestNothingReadIsLost(t *testing.T) {
	t.Parallel()
	name, w := fifo(t)
	p := start(t, "", nil, "p1cat --raw "+name)
	written := make(chan int64)
	block := bytes.Repeat([]byte("0123456789abcde\n"), 1<<10)
	awaitBegun(t)
	must(t, w.SetWriteDeadline(time.Now().Add(begun)))
	go func() {
		var n int64
		for {
			m, err := w.Write(block)
			if n += int64(m); err != nil {
				written <- n // the pipe is full, at both ends
				return
			}
		}
	}()
	n := <-written
	p.signal(syscall.SIGINT)
	time.Sleep(200 * time.Millisecond)
	out := p.rest()
	left := drain(t, w)
	p.ended(130)
	if int64(len(out)+left) != n {
		t.Errorf("%d bytes were written, %d come out and %d are left: %d are lost", n, len(out), left, n-int64(len(out)+left))
	}
}

// Nobody reads any more: every stage ends, quickly and silently, although the
// input has no end to speak of.
func TestClosedOutput(t *testing.T) {
	t.Parallel()
	const clean, noisy = "p1cat demo:?telegrams=1000000 | p1frame | p1fix | ", "p1cat demo:?telegrams=1000000&noise=slow-rise&seed=7 | p1frame | p1fix | "
	for _, line := range []string{
		clean + "p1csv", clean + "p1csv --profile seed", clean + "p1csv --table validity", noisy + "p1noise", noisy + "p1fix", clean + "p1fix --ascii",
	} {
		t.Run(line[strings.LastIndex(line, "|")+2:], func(t *testing.T) {
			p := start(t, "", nil, line)
			_, err := bufio.NewReader(p.out).ReadString('\n')
			must(t, err)
			must(t, p.out.Close())
			begin := time.Now()
			p.wait()
			p.ended(141)
			if d := time.Since(begin); d > soon {
				t.Errorf("the pipe has gone on for %v", d)
			}
		})
	}

	// The files that are written beside it are whole.
	validity := t.TempDir() + "/validity.csv.gz"
	p := start(t, "", nil, "p1cat demo:?telegrams=1000000 | p1frame | p1csv --validity "+validity)
	_, err := bufio.NewReader(p.out).ReadString('\n')
	must(t, err)
	must(t, p.out.Close())
	p.wait()
	p.ended(141)
	if rows := parseTable(t, []byte(content(t, validity))).rows; len(rows) == 0 {
		t.Error("the validity table is empty")
	}
}
