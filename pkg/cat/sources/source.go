// Package sources takes the name of something that delivers a meter's bytes (a
// file, standard input, a serial port, a bridge, a broker's topic, the simulated meter)
// and gives those bytes as chunk and gap records. Files of such records it replays.
//
// Each kind of source is one file of this package with a function that opens
// it; [Open] chooses by the name.
package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strings"

	"p1/pkg/display"
	"p1/pkg/fileio"
	"p1/pkg/record"
)

// Source delivers the bytes of one meter in order.
type Source interface {
	// Next returns the next chunk or gap. After the last one it returns
	// io.EOF, after a failure its error; both end the source. Where it waits
	// for bytes, it returns ctx.Err() once ctx is done. The record is valid
	// until the next call.
	Next(ctx context.Context) (record.Record, error)
	// Ready reports whether Next will return without waiting.
	Ready() bool
	// Progress returns how many bytes of the file on disk have been read, and
	// how many it has; total is -1 where that is not known.
	Progress() (done, total int64)
	Close() error
}

// Options are what a person may choose, and where words for that person go.
type Options struct {
	// Follow waits at the end of a file for more.
	Follow bool
	// Say is told, once for each change, what becomes of a source that lasts:
	// unplugged, silent, heard again. Nil where nobody listens.
	Say func(text string)
	// Pace is for records that are replayed; nil hands them out at once.
	Pace *Pace
	// Unwrap says what is to be taken off that other programs put around the bytes.
	Unwrap Unwrap
	// Unseal decrypts files that are encrypted by age; nil where that cannot be.
	Unseal fileio.Unseal

	unpack bool // see OpenRecords
}

// Open opens the source of that name: "-" is stdin, demo: the simulated meter, a serial
// port or serial://, tcp:// and telnet://, http:// and https://, mqtt:// and mqtts:// a
// live line, anything else a file.
func (o Options) Open(name string, stdin io.Reader) (Source, error) {
	s, err := o.open(name, stdin)
	if err != nil || !Endless(name) && !o.Follow {
		return s, err
	}
	return o.unwrapped(s, name, Endless(name)), nil
}

func (o Options) open(name string, stdin io.Reader) (Source, error) {
	query, demo := strings.CutPrefix(name, demoScheme)
	switch {
	case o.Follow && (demo || Endless(name)):
		return nil, fmt.Errorf("%s: only a file or a named pipe can be followed", Shown(name))
	case o.Pace != nil && (o.Follow || demo || Endless(name)):
		return nil, fmt.Errorf("%s: only a file of records can be replayed at a pace", Shown(name))
	case o.Follow:
		return openFollowed(name, o.Say)
	case demo:
		return openDemo(name, query)
	case isTCP(name):
		return openTCP(name, usualPace(), o.Say)
	case isHTTP(name):
		return openHTTP(name, usualPace(), o.Say)
	case isMQTT(name):
		return openMQTT(name, usualPace(), o.Say)
	case isSerial(name):
		return openSerial(name, usualPace(), o.Say)
	}
	return o.openFile(name, stdin)
}

// hostPort is how people write the address of a bridge.
var hostPort = regexp.MustCompile(`^[^/\\:]+:[0-9]+$`)

// scheme is how the name of a source begins that is no file. One letter is a drive.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z]+:(//|\?|$)`)

// noScheme is the error for a name that begins as that of a source that is no file, and of
// none that there is.
func noScheme(name string) error {
	known := schemes()
	kind := scheme.FindString(name)
	return fmt.Errorf("%s: there is no source %s, but %s%s", Shown(name), strings.TrimSuffix(kind, "?"),
		display.Listed(known, "and"), display.Meant(strings.TrimSuffix(kind, "?"), known))
}

// device is how the file of a serial port is named under /dev.
var device = regexp.MustCompile(`^(tty[A-Z][A-Za-z]*[0-9]+|(tty|cu)\.[^/\\]+|rfcomm[0-9]+)$`)

// localHost is how devices in a house are named: by mDNS (RFC 6762), and by the usual
// names of a home's network (RFC 8375, RFC 9476).
var localHost = regexp.MustCompile(`^[A-Za-z0-9-]+\.(local|lan|home|home\.arpa|internal|fritz\.box)$`)

// missing says of a name of which there is no file what it looks like, and how that is
// named.
func missing(name string, err error) error {
	const list = "p1cat --ports lists those of this machine"
	host, path, _ := strings.Cut(name, "/")
	_, noIP := netip.ParseAddr(host)
	isHost := noIP == nil || localHost.MatchString(host)
	switch {
	case scheme.MatchString(name):
		return noScheme(name)
	case comPort.MatchString(name):
		return fmt.Errorf("%w (it is the name of a port on Windows; %s)", err, list)
	case device.MatchString(name):
		return fmt.Errorf("%w (a serial port is named by its path, /dev/%s; %s)", err, name, list)
	case hostPort.MatchString(name):
		return fmt.Errorf("%w (a bridge is named tcp://%s)", err, name)
	case isHost && path != "":
		return fmt.Errorf("%w (a bridge's address is named http://%s)", err, name)
	case isHost:
		return fmt.Errorf("%w (a bridge is named tcp://%s or, where it answers to HTTP, http://%s/api/v1/telegram: its manual says the port or the path)", err, net.JoinHostPort(host, "2001"), host)
	}
	return err
}

// openFile opens a log, a zip of logs, or a file of records that is replayed.
func (o Options) openFile(name string, stdin io.Reader) (Source, error) {
	s, err := openFile(name, stdin, o.Unseal)
	if sealed := name + fileio.SealSuffix; errors.Is(err, fs.ErrNotExist) && there(sealed) {
		s, err = openFile(sealed, stdin, o.Unseal) // since it was named
	}
	switch {
	case errors.Is(err, fileio.ErrZip):
		return o.openZip(name, stdin)
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(name, err)
	case err != nil:
		return nil, err
	}
	if !s.in.Regular {
		return &piped{Source: o.prepared(s, name), options: o, in: s.in}, nil
	}
	return o.prepared(s, name), nil
}

// there reports whether there is a file.
func there(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// prepared takes off what other programs put around the bytes of a file, and hands out its
// records when it is time.
func (o Options) prepared(f *fileSource, name string) Source {
	f.unpack = o.unpack
	f.say = o.tell
	s := o.unwrapped(f, name, false)
	if o.Pace != nil {
		f.atPace = true
		return &paced{Source: s, pace: o.Pace, name: name, say: f.say}
	}
	return s
}

// tell says words for the person, if somebody listens.
func (o Options) tell(text string) {
	if o.Say != nil {
		o.Say(text)
	}
}

// Open opens a source as [Options.Open] does without options.
func Open(name string, stdin io.Reader) (Source, error) { return Options{}.Open(name, stdin) }

// Endless reports whether the source of that name is a line, which never ends by
// itself.
func Endless(name string) bool {
	return isTCP(name) || isHTTP(name) || isMQTT(name) || isSerial(name)
}
