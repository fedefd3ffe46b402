//go:build !unix

package sources

import "errors"

var errHeld = errors.New("locked")

// hold is empty: Windows opens a port once only, and every program there sets a port as
// it needs it.
type hold struct{}

func reserve(string) (*hold, error) { return &hold{}, nil }
func (h *hold) release()            {}
func isTerminal(string) bool        { return false }
func whoHolds(string) string        { return "" }
func whoMay(string) string          { return "" }
