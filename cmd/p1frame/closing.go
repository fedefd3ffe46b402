package main

import (
	"errors"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// closing is a framer whose records are written also where the key fits nothing, and
// which says so once.
type closing struct {
	*frame.Framer
	out record.Writer
}

// Close ends the last telegram.
func (s closing) Close() error {
	err := s.Framer.Close()
	var key *frame.KeyError
	if !errors.As(err, &key) {
		return err
	}
	if key.Said {
		err = tool.ErrReported
	}
	return errors.Join(err, s.out.Flush())
}
