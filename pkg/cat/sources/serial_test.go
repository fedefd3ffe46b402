//go:build linux

package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.bug.st/serial"
	"golang.org/x/sys/unix"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/wiretest"
)

// adapter is a serial adapter: what is written to the pty's master comes out of the
// device.
type adapter struct {
	t      *testing.T
	master *os.File
	device string
}

func plugIn(t *testing.T) *adapter {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pty here: %v", err)
	}
	a := &adapter{t: t, master: master, device: slave.Name()}
	_ = slave.Close()
	t.Cleanup(func() { _ = master.Close() })
	return a
}

func (a *adapter) send(data []byte) {
	a.t.Helper()
	if _, err := a.master.Write(data); err != nil {
		a.t.Fatal(err)
	}
}

func (a *adapter) unplug() { _ = a.master.Close() }

// linkTo makes name a link to the device, as udev does.
func linkTo(t *testing.T, name, device string) {
	t.Helper()
	temp := name + ".new"
	if err := os.Symlink(device, temp); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temp, name); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func openPort(t *testing.T, name string, p pace) (*taker, *sayings) {
	t.Helper()
	var s sayings
	src, err := openSerial(name, p, s.say)
	if err != nil {
		t.Fatal(err)
	}
	return take(t, src), &s
}

func allBytes() []byte {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	return all
}

// A driver that knows lines, flow control or parity would change some of these.
func TestPortIsRaw(t *testing.T) {
	a := plugIn(t)
	k, s := openPort(t, a.device, quick())
	k.opened(1)
	want := slices.Concat(allBytes(), bytes.Repeat([]byte{0x11, 0x13, 0x03, 0x04, 0x1A, 0xFF, '\r', '\n', 0}, 50), allBytes())
	a.send(want)
	k.bytes(len(want))
	if !bytes.Equal(k.data, want) {
		t.Errorf("%q", k.data)
	}
	if len(s.all()) > 0 {
		t.Errorf("said %q", s.all())
	}
	settings, err := unix.IoctlGetTermios(int(a.master.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	const flow, parity = unix.IXON | unix.IXOFF | unix.INPCK | unix.ISTRIP | unix.PARMRK | unix.IGNPAR, unix.PARENB
	if settings.Iflag&flow != 0 || settings.Cflag&parity != 0 || settings.Cflag&unix.CSIZE != unix.CS8 || settings.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != 0 {
		t.Errorf("settings %+v", settings)
	}
}

// A port is set as it was before, when p1cat ends or has lost it: who else uses it, such as
// a person with cat, may have set it.
func TestPortIsSetAsBefore(t *testing.T) {
	a := plugIn(t)
	settings := func() unix.Termios {
		t.Helper()
		s, err := unix.IoctlGetTermios(int(a.master.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		return *s
	}
	was := settings()
	was.Cflag = was.Cflag&^unix.CBAUD | unix.B2400
	was.Iflag |= unix.ICRNL | unix.INLCR | unix.IXON
	was.Lflag |= unix.ICANON | unix.ECHO
	was.Cc[unix.VMIN] = 7
	if err := unix.IoctlSetTermios(int(a.master.Fd()), unix.TCSETS, &was); err != nil {
		t.Fatal(err)
	}
	was = settings()
	p := quick()
	p.listen = 30 * time.Millisecond // so that its speed is changed, too
	for range 2 {
		k, _ := openPort(t, a.device, p)
		k.opened(1)
		for end := time.Now().Add(patience); settings().Cflag&unix.CBAUD != unix.B9600; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it stays at one speed")
			}
		}
		if err := k.s.Close(); err != nil {
			t.Fatal(err)
		}
		if now := settings(); now != was {
			t.Errorf("set to %+v, want %+v", now, was)
		}
	}
}

// failing is a port that cannot be read.
type failing struct{ serial.Port }

func (failing) SetReadTimeout(time.Duration) error { return nil }
func (failing) Read([]byte) (int, error)           { return 0, unix.EIO }

// What the system says of a read that fails is not lost.
func TestWordsOfAReadError(t *testing.T) {
	there := writeFile(t, "tty", nil)
	info, err := os.Stat(there)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		there:           "reading fails (input/output error): opening it again",
		there + ".gone": "unplugged: waiting for it to come back (input/output error)",
	} {
		p := &serialPort{dialer: &serialDialer{name: name, device: name, pace: quick()}, port: failing{}, info: info}
		if _, err := p.read(make([]byte, 10), time.Second); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Whether the system says something or not, what is unplugged is unplugged: one trouble.
func TestSystemsWordsAreNoOtherTrouble(t *testing.T) {
	var s sayings
	p := quick()
	w := newWatch("tty", ofPort(), p, s.say)
	gone := errors.New("unplugged")
	for range 2 {
		w.lost(&lostError{gone, unix.EIO}, time.Now())
		w.lost(gone, time.Now())
	}
	if all := s.all(); len(all) != 1 || all[0] != "tty: unplugged (input/output error)" {
		t.Errorf("said %q", all)
	}
}

func TestChunkForEachTelegram(t *testing.T) {
	a := plugIn(t)
	p := quick()
	p.pause = 200 * time.Millisecond // a busy host writes with pauses of its own
	k, _ := openPort(t, "serial://"+a.device+"?baud=115200&mode=7E1", p)
	k.opened(1)
	var want [][]byte
	var sent, seen []time.Time
	for i, text := range wiretest.Telegrams(t, "../../../testdata/hu-clean.log")[:6] {
		sent = append(sent, time.Now())
		for part := range slices.Chunk(text, 64) { // as USB delivers
			a.send(part)
			time.Sleep(time.Millisecond)
		}
		want = append(want, text)
		k.until("a telegram", func() bool { return len(k.chunks) > i })
		seen = append(seen, time.Now())
	}
	if len(k.chunks) != len(want) {
		t.Fatalf("%d chunks of %d telegrams", len(k.chunks), len(want))
	}
	for i, c := range k.chunks {
		at, err := time.Parse(time.RFC3339, c.Time)
		if err != nil || at.Before(sent[i].Add(-time.Millisecond)) || at.After(seen[i]) || longtest.Asked() && at.After(sent[i].Add(time.Second)) {
			t.Errorf("chunk %d arrived at %v, sent at %v, seen at %v", i, at, sent[i], seen[i])
		}
		if !bytes.Equal(c.Data, want[i]) || c.End != record.EndPause || c.Source != a.device {
			t.Errorf("chunk %d of %s: %d bytes of %d, end %s", i, c.Source, len(c.Data), len(want[i]), c.End)
		}
	}
}

// The last byte on the wire is in a chunk 20 ms later, and some for the host.
func TestLatency(t *testing.T) {
	longtest.Needs(t, "measures")
	a := plugIn(t)
	k, _ := openPort(t, a.device, quick())
	k.opened(1)
	text := []byte(obisLine)
	var took []time.Duration
	for range 20 {
		time.Sleep(30 * time.Millisecond)
		a.send(text)
		from := time.Now()
		k.bytes(len(k.data) + len(text))
		took = append(took, time.Since(from))
	}
	slices.Sort(took)
	t.Logf("from the last byte to the chunk: median %v, most %v", took[len(took)/2], took[len(took)-1])
	if median := took[len(took)/2]; median < 15*time.Millisecond || median > 50*time.Millisecond {
		t.Errorf("the median is %v, want 20 ms and a little", median)
	}
}

func TestUnpluggedAndBack(t *testing.T) {
	link := filepath.Join(t.TempDir(), "usb-meter")
	a := plugIn(t)
	linkTo(t, link, a.device)
	k, s := openPort(t, "serial://"+link+"?baud=115200", usualPace())
	k.opened(1)
	var want []byte
	send := func(text string) {
		a.send([]byte(text))
		want = append(want, text...)
		k.bytes(len(want))
	}
	send(obisLine)
	for i := range 3 {
		send("half a tele")
		a.unplug()
		s.awaitTimes(t, "unplugged: waiting for it to come back", i+1)
		remove(t, link)
		time.Sleep(time.Duration(i) * 400 * time.Millisecond)
		a = plugIn(t)
		linkTo(t, link, a.device)
		from := time.Now()
		k.opened(i + 2)
		if d := time.Since(from); longtest.Asked() && d > 2*time.Second {
			t.Errorf("back after %v", d)
		}
		send(obisLine)
		s.awaitTimes(t, "the meter is heard", i+1)
	}
	n := len(obisLine)
	m := n + len("half a tele")
	if got, want := k.whys(), fmt.Sprintf("start@0 unplugged@%d unplugged@%d unplugged@%d", m, 2*m, 3*m); got != want {
		t.Errorf("gaps %s, want %s", got, want)
	}
	if !bytes.Equal(k.data, want) {
		t.Errorf("%q", k.data)
	}
	if s.count("unplugged") != 3 || s.count("is heard") != 3 {
		t.Errorf("said are:\n%s", strings.Join(s.all(), "\n"))
	}
}

// The kernel may call the adapter otherwise when it is plugged in again.
func TestRenamedAdapterIsFollowed(t *testing.T) {
	byID := t.TempDir()
	other := plugIn(t)
	linkTo(t, filepath.Join(byID, "usb-other"), other.device)
	a := plugIn(t)
	link := filepath.Join(byID, "usb-meter")
	linkTo(t, link, a.device)
	var s sayings
	d := &serialDialer{name: a.device, pace: quick(), say: s.say, baud: 115200, byID: byID}
	k := take(t, openLive(a.device, d, d.pace, s.say))
	k.opened(1)
	a.send([]byte(obisLine))
	k.bytes(len(obisLine))

	b := plugIn(t) // before the old one goes, so that it has another name
	a.unplug()
	remove(t, link)
	s.await(t, "unplugged")
	time.Sleep(50 * time.Millisecond)
	if len(k.gaps) != 1 {
		t.Fatal("it opens another adapter")
	}
	linkTo(t, link, b.device)
	k.opened(2)
	b.send([]byte(obisLine))
	k.bytes(2 * len(obisLine))
	s.await(t, "it is "+b.device+" now")

	// The link goes elsewhere although the old device has not said a word.
	c := plugIn(t)
	linkTo(t, link, c.device)
	k.opened(3)
	c.send([]byte(obisLine))
	k.bytes(3 * len(obisLine))
}

func TestPortThatComesLater(t *testing.T) {
	link := filepath.Join(t.TempDir(), "usb-meter")
	k, s := openPort(t, "serial://"+link, quick())
	s.await(t, link+": not there: waiting for it")
	time.Sleep(200 * time.Millisecond)
	a := plugIn(t)
	linkTo(t, link, a.device)
	k.opened(1)
	a.send([]byte(obisLine))
	k.bytes(len(obisLine))
	s.await(t, "the meter is heard")
	if s.count("not there") != 1 {
		t.Errorf("said %q", s.all())
	}
}

// Two readers of one port get half of the bytes each.
func TestPortIsForOneReader(t *testing.T) {
	a := plugIn(t)
	k, _ := openPort(t, a.device, quick())
	k.opened(1)
	second, s := openPort(t, a.device, quick())
	s.await(t, "in use by another program: waiting for it; fuser -v "+a.device)
	a.send([]byte(obisLine))
	k.bytes(len(obisLine))
	if err := k.s.Close(); err != nil {
		t.Fatal(err)
	}
	second.opened(1)
}

func TestSpeedIsFoundByListening(t *testing.T) {
	p := quick()
	p.listen = 300 * time.Millisecond
	a := plugIn(t)
	k, s := openPort(t, a.device, p)
	k.opened(1)
	text := wiretest.WithEvenParity([]byte(obisLine))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rng := rand.New(rand.NewPCG(1, 1))
	go func() { // a meter at 9600 baud
		for ctx.Err() == nil {
			settings, err := unix.IoctlGetTermios(int(a.master.Fd()), unix.TCGETS)
			if err != nil {
				return
			}
			data := text
			if settings.Cflag&unix.CBAUD != unix.B9600 {
				data = make([]byte, 60)
				for i := range data {
					data[i] = "\x00\x80\xf8\xff"[rng.IntN(4)]
				}
			}
			_, _ = a.master.Write(data)
			time.Sleep(40 * time.Millisecond)
		}
	}()
	k.until("the meter", func() bool { return bytes.Contains(k.data, text) })
	s.await(t, "a meter at 9600 baud")
	heard := k.gaps[len(k.gaps)-1].Offset
	if heard == 0 || heard%60 != 0 || k.gaps[len(k.gaps)-1].Why != record.GapStart {
		t.Errorf("gaps %s: what was heard at the other speed belongs to the stream", k.whys())
	}
	from := time.Now()
	k.until("many of them", func() bool { return time.Since(from) > 3*p.listen })
	if s.count("9600") != 1 || bytes.Count(k.data, text) < 5 {
		t.Errorf("said %q", s.all())
	}
}

// A silent line tells nothing of its speed.
func TestSpeedsTakeTurnsWhileNothingIsHeard(t *testing.T) {
	p := quick()
	p.listen = 30 * time.Millisecond
	a := plugIn(t)
	k, _ := openPort(t, a.device, p)
	k.opened(1)
	seen := map[uint32]bool{}
	for end := time.Now().Add(patience); len(seen) < 2 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		settings, err := unix.IoctlGetTermios(int(a.master.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		seen[settings.Cflag&unix.CBAUD] = true
	}
	if !seen[unix.B9600] || !seen[unix.B115200] || len(k.gaps) != 1 {
		t.Errorf("speeds %v, gaps %s", seen, k.whys())
	}
}

func TestWhatIsNoPort(t *testing.T) {
	file := writeFile(t, "p1.log", []byte("/AUX"))
	for _, name := range []string{"serial:///dev/null", "serial://" + file} {
		k, s := openPort(t, name, quick())
		if err := k.next(t.Context()); err == nil || !strings.Contains(err.Error(), "no serial port") {
			t.Errorf("%s: %v", name, err)
		}
		if len(s.all()) > 0 {
			t.Errorf("said %q", s.all())
		}
	}
}

func TestSerialNames(t *testing.T) {
	a := plugIn(t)
	link := filepath.Join(t.TempDir(), "meter")
	linkTo(t, link, a.device)
	for name, want := range map[string]bool{
		"/dev/ttyUSB77": true, "/dev/p1meter": true, "/dev/serial/by-id/usb-x": true, "serial:///x": true,
		a.device: true, link: true,
		"/dev/null": false, "/dev/stdin": false, "/dev/tty": false, "/dev/fd/77": false, "/dev/shm/p1.log": false,
		"p1.log": false, "COM3": false, writeFile(t, "ttyUSB0", nil): false,
	} {
		if isSerial(name) != want {
			t.Errorf("%s is a serial port: %v", name, !want)
		}
	}
	if _, err := Open("p1-missing.log", nil); err == nil {
		t.Error("a file that is not there is waited for")
	}
}

func TestSerialOptions(t *testing.T) {
	for name, want := range map[string]string{
		"serial:///dev/ttyUSB0?baud=fast": "baud=fast: want", "serial:///dev/ttyUSB0?baud=-1": "baud=-1",
		"serial:///dev/ttyUSB0?mode=8e2": "mode=8e2: want 8n1 or 7e1", "serial:///dev/ttyUSB0?bits=8": `unknown option "bits" (there are baud and mode)`,
		"serial://": "names no device", "serial:///dev/ttyUSB0?%": "invalid",
	} {
		if _, err := Open(name, nil); err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	for name, want := range map[string]string{
		"serial:///dev/ttyUSB0?baud=9600&mode=7e1": "/dev/ttyUSB0", "serial://COM3?baud=9600": "COM3", "/dev/ttyS0": "/dev/ttyS0", "COM3": "COM3",
	} {
		if device, _, err := serialName(name); device != want || err != nil {
			t.Errorf("%s: %s, %v", name, device, err)
		}
	}
}

func TestPermissionNamesTheGroup(t *testing.T) {
	file := writeFile(t, "tty", nil)
	if err := os.Chmod(file, 0o660); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(file, 0, 20); err != nil {
			t.Fatal(err)
		}
	}
	var s unix.Stat_t
	if err := unix.Stat(file, &s); err != nil {
		t.Fatal(err)
	}
	group := groupName(s.Gid)
	d := &serialDialer{name: file}
	want := "permission denied: it is for the group " + group + "; sudo usermod -aG " + group + " $USER, then log in again, makes you one of it"
	if err := d.words(file, fs.ErrPermission); err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if got := accessWords(0o600, "root"); !strings.Contains(got, "only its owner may use it (mode 0600)") {
		t.Error(got)
	}
	if got := groupName(4_000_000); got != "4000000" {
		t.Errorf("a group without a name is %s", got)
	}
}

// A port of Windows may be named as its own programs do.
func TestPortsOfWindows(t *testing.T) {
	for name, want := range map[string]string{
		"COM5": "COM5", "COM5:": "COM5", "com12:": "com12", `\\.\COM10:`: `\\.\COM10`,
		"serial://COM3:?baud=9600": "COM3", "/dev/ttyUSB0": "/dev/ttyUSB0", "COM5.log": "COM5.log",
	} {
		if got, _, err := serialName(name); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %s", name, got, err, want)
		}
	}
}
