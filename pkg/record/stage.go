package record

import (
	"errors"
	"time"
)

// Stage is what a command does with the records that it reads. Whoever wraps a stage
// embeds it as this interface, and so keeps all that it can do; a stage that can do
// less than all of it embeds [BaseStage].
type Stage interface {
	// Take reads the next record, which it neither changes nor keeps, nor any of its
	// bytes, once it has returned: of what is to stay it makes a copy with [Keep]. It
	// returns ErrEnough where no more records are needed.
	Take(Record) error
	// Flush hands on everything that is finished; it is called before the
	// command waits for input.
	Flush() error
	// Close hands on what was held back, at the end of the input.
	Close() error
	// Wait returns for how long from now the stage can do without input; 0
	// stands for ever. Expire is called when that time is over.
	Wait() time.Duration
	Expire() error
}

// ErrEnough is what a stage returns that needs no further input: the command ends
// well.
var ErrEnough = errors.New("enough")

// BaseStage is a stage without Take that holds nothing back.
type BaseStage struct{}

// Flush does nothing: what is finished has been handed on.
func (BaseStage) Flush() error { return nil }

// Close does nothing: nothing was held back.
func (BaseStage) Close() error { return nil }

// Wait is for ever.
func (BaseStage) Wait() time.Duration { return 0 }

// Expire does nothing.
func (BaseStage) Expire() error { return nil }
