package main

import (
	"errors"

	"p1/pkg/frame/pseudonym"
	"p1/pkg/tool"
)

// anonymised is the framing with pseudonyms behind it.
type anonymised struct {
	framing
	names *pseudonym.Writer
}

// framing is a stage that ends telegrams when the line falls silent.
type framing interface {
	tool.Stage
	tool.Waiter
}

// Close ends the last telegram, and hands on what waits for the names to be known.
func (a anonymised) Close() error {
	return errors.Join(a.framing.Close(), a.names.Close(), a.names.Flush())
}
