// Package sources takes the name of something that delivers a meter's bytes (a
// file, standard input, a serial port, a TCP bridge, the simulated meter) and gives
// those bytes as chunk and gap records. Files of such records it replays.
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
	"regexp"
	"strings"

	"p1/pkg/display"
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

	unpack bool // see OpenRecords
}

// Open opens the source of that name: "-" is stdin, demo: the simulated meter, a
// serial port or serial://, tcp:// and telnet:// a live line, anything else a file.
func (o Options) Open(name string, stdin io.Reader) (Source, error) {
	query, demo := strings.CutPrefix(name, demoScheme)
	switch {
	case o.Follow && (demo || Endless(name)):
		return nil, fmt.Errorf("%s: only a file can be followed", name)
	case o.Pace != nil && (o.Follow || demo || Endless(name)):
		return nil, fmt.Errorf("%s: only a file of records can be replayed at a pace", name)
	case o.Follow:
		return openFollowed(name, o.Say)
	case demo:
		return openDemo(name, query)
	case isTCP(name):
		return openTCP(name, usualPace(), o.Say)
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
	known := []string{demoScheme, serialScheme, tcpScheme, telnetScheme}
	kind := scheme.FindString(name)
	return fmt.Errorf("%s: there is no source %s, but %s%s", name, strings.TrimSuffix(kind, "?"),
		display.Listed(known, "and"), display.Meant(strings.TrimSuffix(kind, "?"), known))
}

// openFile opens a log, or a file of records that is replayed.
func (o Options) openFile(name string, stdin io.Reader) (Source, error) {
	s, err := openFile(name, stdin)
	switch {
	case errors.Is(err, fs.ErrNotExist) && scheme.MatchString(name):
		return nil, noScheme(name)
	case errors.Is(err, fs.ErrNotExist) && hostPort.MatchString(name):
		return nil, fmt.Errorf("%w (a bridge is named tcp://%s)", err, name)
	case err != nil:
		return nil, err
	}
	s.unpack = o.unpack
	if s.say = o.Say; s.say == nil {
		s.say = func(string) {}
	}
	if o.Pace != nil {
		return &paced{Source: s, pace: o.Pace, name: name, say: s.say}, nil
	}
	return s, nil
}

// Open opens a source as [Options.Open] does without options.
func Open(name string, stdin io.Reader) (Source, error) { return Options{}.Open(name, stdin) }

// Endless reports whether the source of that name is a line, which never ends by
// itself.
func Endless(name string) bool { return isTCP(name) || isSerial(name) }
