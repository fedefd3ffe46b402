package sources

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.bug.st/serial"

	"p1/pkg/record"
)

const serialScheme = "serial://"

// byIDFolder is where udev keeps links that tell adapters apart whatever the
// kernel calls them.
const byIDFolder = "/dev/serial/by-id"

// speeds of P1 ports: DSMR 4 and later, DSMR 2.2 and 3.
func speeds() []int { return []int{115200, 9600} }

// serialDialer opens a serial port: raw, without flow control, for nobody else,
// with eight data bits and no parity. A character of seven bits and parity is as
// long, and p1frame takes the parity away; a driver that is told of it would put
// 0x00 in the place of bytes that are damaged.
//
// RTS and DTR are switched on: some cables feed the meter's data request from
// them.
type serialDialer struct {
	name   string
	pace   pace
	say    func(text string)
	baud   int    // 0 where it is to be found by listening
	found  int    // the speed at which a meter was heard last, else 0
	byID   string // byIDFolder
	link   string // in that folder, to the device that name was when it was first opened
	device string // that was opened last
}

func openSerial(name string, p pace, say func(text string)) (Source, error) {
	device, query, err := serialName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Shown(name), err)
	}
	baud, err := serialOptions(query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Shown(name), err)
	}
	if say == nil {
		say = func(string) {}
	}
	p.again = 0 // who plugs it in and out is told each time
	return openLive(device, &serialDialer{name: device, pace: p, say: say, baud: baud, byID: byIDFolder}, p, say), nil
}

// serialName takes the device out of serial:///dev/ttyUSB0?baud=115200 or
// serial://COM3; any other name is the device.
func serialName(name string) (device string, query url.Values, err error) {
	rest, ok := strings.CutPrefix(name, serialScheme)
	if !ok {
		return withoutColon(name), nil, nil
	}
	device, text, _ := strings.Cut(rest, "?")
	device = withoutColon(device)
	if device == "" {
		return "", nil, errors.New("names no device, as in serial:///dev/ttyUSB0")
	}
	query, err = url.ParseQuery(text)
	return device, query, err
}

// withoutColon is a port of Windows as the system opens it: COM5 of COM5:.
func withoutColon(name string) string {
	if port := comPort.FindStringSubmatch(name); port != nil {
		return port[1]
	}
	return name
}

func serialOptions(query url.Values) (baud int, err error) {
	for key, values := range query {
		value := values[len(values)-1]
		switch key {
		case "baud":
			if baud, err = strconv.Atoi(value); err != nil || baud < 1 {
				return 0, fmt.Errorf("baud=%s: want a whole number, as 115200 or 9600", value)
			}
		case "mode":
			if m := strings.ToLower(value); m != "8n1" && m != "7e1" {
				return 0, fmt.Errorf("mode=%s: want 8n1 or 7e1, which are the same here: a port is opened with eight bits", value)
			}
		default:
			return 0, fmt.Errorf("unknown option %q (there are baud and mode)", key)
		}
	}
	return baud, nil
}

// comPort is a port of Windows, with the colon that its own programs write after it.
var comPort = regexp.MustCompile(`^((?i:\\\\\.\\)?(?i:COM)[0-9]+):?$`)

// isSerial reports whether a name is that of a serial port: one that is there, or
// one under /dev that may come.
func isSerial(name string) bool {
	switch {
	case strings.HasPrefix(name, serialScheme):
		return true
	case runtime.GOOS == "windows":
		return comPort.MatchString(name)
	case name == "/dev/tty" || strings.HasPrefix(name, "/dev/std"): // the terminal at which a person sits
		return false
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		dir := filepath.Dir(filepath.Clean(name))
		return dir == "/dev" || strings.HasPrefix(dir+"/", "/dev/serial/")
	}
	return err == nil && info.Mode()&fs.ModeCharDevice != 0 && isTerminal(name)
}

func (d *serialDialer) why() string     { return record.GapUnplugged }
func (d *serialDialer) asks() questions { return ofPort() }

// path is where the device is now: an adapter that was /dev/ttyUSB0 may have come
// back as /dev/ttyUSB1.
func (d *serialDialer) path() string {
	if d.link != "" {
		if target, err := filepath.EvalSymlinks(d.link); err == nil {
			return target
		}
	}
	return d.name
}

// learnLink remembers by which link the device that name stands for is found
// again. Where name is a link, it is whoever made that who says what it leads to.
func (d *serialDialer) learnLink() {
	if info, err := os.Lstat(d.name); err != nil || info.Mode()&fs.ModeSymlink != 0 || d.link != "" {
		return
	}
	links, _ := filepath.Glob(filepath.Join(d.byID, "*")) // the pattern is a good one
	for _, link := range links {
		if target, err := filepath.EvalSymlinks(link); err == nil && target == d.name {
			d.link = link
			return
		}
	}
}

func (d *serialDialer) dial(context.Context) (line, error) {
	path := d.path()
	hold, err := reserve(path)
	if err != nil {
		return nil, d.words(path, err)
	}
	p := &serialPort{dialer: d, path: path, hold: hold, speed: d.firstSpeed(), searching: d.baud == 0, since: time.Now()}
	if p.port, err = serial.Open(path, p.mode()); err != nil {
		hold.release()
		return nil, d.words(path, err)
	}
	// A pty and some adapters have no such lines.
	_ = p.port.SetDTR(true)
	_ = p.port.SetRTS(true)
	if runtime.GOOS != "windows" { // where a port is no file
		p.info, _ = os.Stat(path)
	}
	p.looked = p.since
	d.learnLink()
	if d.device != "" && path != d.device {
		d.say(fmt.Sprintf("%s: it is %s now", d.name, path))
	}
	d.device = path
	return p, nil
}

func (d *serialDialer) firstSpeed() int {
	switch {
	case d.baud > 0:
		return d.baud
	case d.found > 0:
		return d.found
	}
	return speeds()[0]
}

// words says why a port cannot be opened, and what to do about it.
func (d *serialDialer) words(path string, err error) error {
	var port *serial.PortError
	code := serial.PortErrorCode(-1)
	if errors.As(err, &port) {
		code = port.Code()
	}
	switch {
	case code == serial.PortNotFound, errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return d.absent()
	case code == serial.PortBusy, errors.Is(err, syscall.EBUSY), errors.Is(err, errHeld):
		return errors.New("in use by another program: waiting for it" + whoHolds(path))
	case code == serial.PermissionDenied, errors.Is(err, fs.ErrPermission):
		return &hopelessError{errors.New("permission denied" + whoMay(path))}
	case code == serial.InvalidSerialPort:
		return &hopelessError{fmt.Errorf("no serial port that can be used: %w", err)}
	}
	return &hopelessError{err}
}

// absent says that the device is not there, in one way at the beginning and in
// another one later on.
func (d *serialDialer) absent() error {
	if d.device == "" {
		return errors.New("not there: waiting for it")
	}
	return errors.New("unplugged: waiting for it to come back")
}

// serialPort is an open port.
type serialPort struct {
	dialer *serialDialer
	port   serial.Port
	hold   *hold
	path   string
	info   fs.FileInfo // of the device as it was opened
	looked time.Time   // when it was last seen to be there

	speed     int
	searching bool      // no meter has been heard yet at any speed
	since     time.Time // the speed is tried, or bytes come at it
	bytes     bool      // bytes have come at this speed
}

func (p *serialPort) mode() *serial.Mode {
	return &serial.Mode{BaudRate: p.speed, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit}
}

func (p *serialPort) read(buf []byte, wait time.Duration) (int, error) {
	if err := p.port.SetReadTimeout(wait); err != nil {
		return 0, err
	}
	n, err := p.port.Read(buf)
	switch {
	case err != nil && p.isThere(): // or, on Windows, nobody knows: the system's words tell most
		return n, fmt.Errorf("reading fails (%w): opening it again", err)
	case err != nil:
		return n, withSystem(p.dialer.absent(), err)
	case n == 0 && time.Since(p.looked) >= p.dialer.pace.look:
		p.looked = time.Now()
		if !p.isThere() { // not every driver says so
			return 0, p.dialer.absent()
		}
	}
	return n, nil
}

// withSystem adds the system's own words, where it has said something.
func withSystem(lost, err error) error {
	var port *serial.PortError
	if errors.As(err, &port) && port.Code() == serial.PortClosed {
		return lost // which the library says where a read gives nothing
	}
	return &lostError{lost, err}
}

// isThere reports whether the device still is what was opened.
func (p *serialPort) isThere() bool {
	if p.info == nil {
		return true
	}
	now, err := os.Stat(p.dialer.path())
	return err == nil && os.SameFile(now, p.info)
}

func (p *serialPort) close() error {
	err := p.port.Close()
	p.hold.release()
	return err
}

// tune tries the other speed where no meter is heard at this one.
func (p *serialPort) tune(v verdict, now time.Time) bool {
	switch {
	case !p.searching:
		return false
	case v == heardMeter || v == heardInverted:
		p.searching = false
		if p.dialer.found != p.speed {
			p.dialer.found = p.speed
			p.dialer.say(fmt.Sprintf("%s: a meter at %d baud", p.dialer.name, p.speed))
		}
		return false
	case v == heardGarbage && !p.bytes:
		p.bytes, p.since = true, now
		return false
	case now.Sub(p.since) < p.dialer.pace.listen:
		return false
	}
	all := speeds()
	next := all[0]
	if p.speed == next {
		next = all[1]
	}
	p.speed, p.since, p.bytes = next, now, false
	return p.port.SetMode(p.mode()) == nil // what is lost shows at the next read
}

func (p *serialPort) overruns() uint64 { return p.hold.overruns() }
