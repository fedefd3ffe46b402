//go:build linux

package pipetest

import (
	"bytes"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// adapter is a serial adapter with a meter at its other end: a pty, whose master plays
// the meter, and a link that leads to it as those in /dev/serial/by-id do.
type adapter struct {
	t      *testing.T
	link   string
	master *os.File
	device string
	held   []*os.File // ptys whose names are not to be given again yet

	mu   sync.Mutex
	wire []byte      // all that has been sent
	when []sentPiece // and when
}

// sentPiece says how much had been sent by then.
type sentPiece struct {
	at  time.Time
	end int
}

// newAdapter plugs in an adapter.
func newAdapter(t *testing.T) *adapter {
	t.Helper()
	a := &adapter{t: t, link: filepath.Join(t.TempDir(), "usb-meter")}
	a.plugIn()
	t.Cleanup(func() {
		a.master.Close()
		for _, f := range a.held {
			f.Close()
		}
	})
	return a
}

// source is the name by which p1cat opens it.
func (a *adapter) source() string { return "serial://" + a.link + "?baud=115200" }

// plugIn makes the device, under another name than it had, and the link to it.
func (a *adapter) plugIn() {
	a.t.Helper()
	for {
		master, slave, err := pty.Open()
		if err != nil {
			a.t.Skipf("no pty here: %v", err)
		}
		name := slave.Name()
		slave.Close()
		if name == a.device {
			a.held = append(a.held, master)
			continue
		}
		a.master, a.device = master, name
		break
	}
	must(a.t, os.Symlink(a.device, a.link+".new"))
	must(a.t, os.Rename(a.link+".new", a.link))
}

// opened waits until p1cat has opened the device: from then on it is a raw one.
func (a *adapter) opened() {
	a.t.Helper()
	c, err := a.master.SyscallConn()
	must(a.t, err)
	for end := time.Now().Add(soon); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		raw := false
		must(a.t, c.Control(func(fd uintptr) {
			settings, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
			raw = err == nil && settings.Lflag&unix.ICANON == 0
		}))
		if raw {
			time.Sleep(50 * time.Millisecond) // for what else it does before it reads
			return
		}
	}
	a.t.Fatalf("p1cat has not opened the device within %v", soon)
}

// unplug takes the adapter away, and its link with it, as udev does.
func (a *adapter) unplug() {
	a.t.Helper()
	must(a.t, a.master.Close())
	must(a.t, os.Remove(a.link))
}

const (
	// byteTime is how long a byte of ten bits takes at 115200 baud.
	byteTime = time.Second * 10 / 115200
	// usbPacket is how much an adapter hands over at once.
	usbPacket = 62
)

// send plays bytes at true pace, and returns when the last one was on the wire.
func (a *adapter) send(data []byte) time.Time {
	a.t.Helper()
	due := time.Now()
	for len(data) > 0 {
		n := min(usbPacket, len(data))
		due = due.Add(time.Duration(n) * byteTime)
		time.Sleep(time.Until(due))
		a.put(data[:n])
		data = data[n:]
	}
	return time.Now()
}

// put hands bytes over at once.
func (a *adapter) put(data []byte) {
	a.t.Helper()
	_, err := a.master.Write(data)
	must(a.t, err)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wire = append(a.wire, data...)
	a.when = append(a.when, sentPiece{time.Now(), len(a.wire)})
}

// sentBy returns how many bytes had been sent by a time.
func (a *adapter) sentBy(at time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, p := range a.when {
		if p.at.Before(at) {
			n = p.end
		}
	}
	return n
}

// withParity is a text of seven bits as a port of eight hears it with even parity.
func withParity(text []byte) []byte {
	wire := bytes.Clone(text)
	for i, b := range wire {
		wire[i] |= byte(bits.OnesCount8(b)&1) << 7
	}
	return wire
}

// tap copies what a command writes to the next one and keeps it.
type tap struct {
	mu   sync.Mutex
	text []byte // that has not been read yet
	read []line // the records before it
}

// startTapped starts a pipe whose first command's output is kept, too: two pipes with
// the tap between them.
func startTapped(t *testing.T, first, rest string) (a, b *pipe, kept *tap) {
	t.Helper()
	a = start(t, "", nil, first)
	b, w := startFed(t, rest)
	kept = &tap{}
	go func() {
		defer w.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := a.out.Read(buf)
			kept.mu.Lock()
			kept.text = append(kept.text, buf[:n]...)
			kept.mu.Unlock()
			if _, werr := w.Write(buf[:n]); err != nil || werr != nil {
				a.out.Close() // as a shell's pipe does
				return
			}
		}
	}()
	return a, b, kept
}

// records returns what has been written in whole lines. Each is read once: the list
// of an hour is long, and asked for often.
func (k *tap) records(t testing.TB) []line {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := bytes.LastIndexByte(k.text, '\n') + 1
	k.read = append(k.read, lines(t, k.text[:n])...)
	k.text = k.text[n:]
	return k.read
}

// await waits until n bytes of the meter have come.
func (k *tap) await(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(soon); ; time.Sleep(5 * time.Millisecond) {
		list := k.records(t)
		if len(list) > 0 {
			if last := list[len(list)-1]; last.Offset+int64(len(last.Data)) >= int64(n) {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("p1cat has not read %d bytes within %v", n, soon)
		}
	}
}

// archived returns the bytes that an archive replays, and its gap records.
func archived(t *testing.T, dir string) (data []byte, gaps []line) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.zst"))
	must(t, err)
	if len(files) == 0 {
		return nil, nil
	}
	p := start(t, "", nil, "p1cat "+strings.Join(files, " "))
	out := p.rest()
	said := p.stages[0].stderr.String() // of a file that was not finished, that it was not
	if p.stages[0].code != 0 || said != "" && !(strings.HasSuffix(said, ".zst: it ends in the middle: the last 2 s may be missing\n") && strings.Count(said, "\n") == 1) {
		t.Errorf("p1cat reads an archive: exit code %d, said is %q", p.stages[0].code, said)
	}
	for _, l := range lines(t, out) {
		if l.Type == "gap" {
			gaps = append(gaps, l)
		}
		data = append(data, l.Data...)
	}
	return data, gaps
}
