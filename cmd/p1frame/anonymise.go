package main

import (
	"errors"

	"p1/pkg/frame/pseudonym"
	"p1/pkg/record"
)

// anonymised is the framing with pseudonyms after it.
type anonymised struct {
	record.Stage
	names *pseudonym.Writer
}

// Close ends the last telegram, and hands on what waits for the names to be known.
func (a anonymised) Close() error {
	return errors.Join(a.Stage.Close(), a.names.Close(), a.names.Flush())
}
