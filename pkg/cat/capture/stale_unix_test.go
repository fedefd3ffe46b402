//go:build unix

package capture

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// runs makes a runner of a real shell.
func runs(h *heard, command string, limit time.Duration) *runner {
	return newRunner("/dev/ttyUSB0", Stale{Command: command, Output: h, Say: h.say, limit: limit})
}

// The command runs once for each change, and its environment says which.
func TestCommandOfTheShell(t *testing.T) {
	var h heard
	r := runs(&h, `echo "<$P1_STATE $P1_SOURCE $P1_AGE>"; echo oops >&2`, patience)
	r.set(change{isStale, 61900 * time.Millisecond})
	h.until(t, "<stale /dev/ttyUSB0 61>\n", "oops\n")
	r.set(change{isBack, 2 * time.Hour})
	r.close()
	if got, want := h.String(), "<stale /dev/ttyUSB0 61>\noops\n<back /dev/ttyUSB0 7200>\noops\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// From the silence to the command, with a real clock.
func TestStaleAndBack(t *testing.T) {
	var h heard
	say, end := Stale{After: 50 * time.Millisecond, Command: `echo "is $P1_STATE"`, Output: &h, Say: h.say}.opened(t)
	h.until(t, "is stale\n")
	say <- 1
	h.until(t, "is back\n")
	end()
	if n := strings.Count(h.String(), "is back"); n != 1 {
		t.Errorf("%d times back: %q", n, h.String())
	}
}

// While a command runs, no other one does, and nobody waits for it; what has not
// changed in the end is not told.
func TestOneCommandAtATime(t *testing.T) {
	var h heard
	name := filepath.Join(t.TempDir(), "go-on")
	r := runs(&h, `echo "begin $P1_STATE"; while [ ! -e '`+name+`' ]; do sleep 0.01; done; echo "end $P1_STATE"`, patience)
	r.set(change{isStale, time.Minute})
	h.until(t, "begin stale\n")
	for range 10 {
		r.set(change{isBack, time.Minute})
		r.set(change{isStale, time.Minute})
	}
	r.set(change{isBack, time.Minute})
	if err := os.WriteFile(name, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	h.until(t, "end back\n")
	r.set(change{isBack, time.Minute})
	r.close()
	if got, want := h.String(), "begin stale\nend stale\nbegin back\nend back\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A command that hangs is killed, with what it has started, and that is said.
func TestCommandThatHangs(t *testing.T) {
	var h heard
	r := runs(&h, `sleep 1000 & echo "child $!"; wait`, 300*time.Millisecond)
	r.set(change{isStale, time.Minute})
	h.until(t, "child ", "/dev/ttyUSB0: the command for stale still ran after 300ms, and was ended\n")
	_, rest, _ := strings.Cut(h.String(), "child ")
	number, _, _ := strings.Cut(rest, "\n")
	child, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); alive(child); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what the command has started still runs")
		}
	}
	r.close()
}

// alive reports whether a process runs; one that has ended and that nobody has asked
// for is none.
func alive(pid int) bool {
	if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil {
		_, state, _ := strings.Cut(string(stat), ") ")
		return !strings.HasPrefix(state, "Z")
	}
	return syscall.Kill(pid, 0) == nil
}

func TestCommandThatFails(t *testing.T) {
	var h heard
	r := runs(&h, `exit 3`, patience)
	r.set(change{isStale, time.Minute})
	r.close()
	if got, want := h.String(), "/dev/ttyUSB0: the command for stale failed: exit status 3\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// At the end a command has a moment, and no more.
func TestCommandAtTheEnd(t *testing.T) {
	var h heard
	r := runs(&h, `exec sleep 1000`, time.Hour)
	r.set(change{isStale, time.Minute})
	begin := time.Now()
	r.close()
	if d := time.Since(begin); d < lastGrace || d > lastGrace+patience {
		t.Errorf("it ended after %v", d)
	}
	if got, want := h.String(), "/dev/ttyUSB0: the command for stale was ended, since the source ends\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The command is told the silence that a clock of the test shows, not that of the
// test's own run.
func TestCommandBySilence(t *testing.T) {
	var h heard
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	w := Stale{
		After: time.Minute, Command: `echo "is $P1_STATE after $P1_AGE"`, Output: &h, Say: h.say,
		now: func() time.Time { return at }, limit: patience,
	}.watch("tty")
	w.wait()
	at = at.Add(60 * time.Second)
	w.look()
	h.until(t, "tty: nothing has come for 1m0s\n", "is stale after 60\n")
	at = at.Add(time.Hour)
	w.look()
	w.waited(true)
	w.runner.close()
	want := "tty: nothing has come for 1m0s\nis stale after 60\ntty: bytes come again, after 1h1m0s\nis back after 3660\n"
	if h.String() != want {
		t.Errorf("%q, want %q", h.String(), want)
	}
}
