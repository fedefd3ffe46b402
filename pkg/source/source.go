// Package source takes the name of something that delivers a meter's bytes (a
// file, standard input, the simulated meter) and gives those bytes as chunk and
// gap records.
//
// Each kind of source is one file of this package with a function that opens
// it; [Open] chooses by the name.
package source

import (
	"context"
	"io"
	"strings"

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

// Open opens the source of that name: "-" is stdin, demo: the simulated meter,
// anything else a file.
func Open(name string, stdin io.Reader) (Source, error) {
	if query, ok := strings.CutPrefix(name, demoScheme); ok {
		return openDemo(name, query)
	}
	return openFile(name, stdin)
}
