package tool

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Signals tells when a person or the system asks the command to end. The first
// signal only closes Asked; a second one ends the process at once, unless it comes
// with the first.
type Signals struct {
	Asked chan struct{}
	Which os.Signal // set before Asked is closed
}

// echo is how long after the first signal another one is the same: timeout sends one
// to the process, and to the group in which it is.
const echo = 200 * time.Millisecond

// WatchSignals begins to watch for SIGINT and SIGTERM.
func WatchSignals() *Signals {
	s := &Signals{Asked: make(chan struct{})}
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	// A write to a closed pipe is to fail, so that files can be closed, rather
	// than to kill the process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		s.Which = <-c
		first := time.Now()
		close(s.Asked)
		for range c {
			if time.Since(first) > echo {
				os.Exit(ExitInterrupted)
			}
		}
	}()
	return s
}

// Context returns a context that is done when the command is asked to end.
func (s *Signals) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		select {
		case <-s.Asked:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// Ended is how a service ends that a signal has stopped: SIGTERM is how it is told
// to, and no failure.
func (s *Signals) Ended() error {
	if s.Which == syscall.SIGTERM {
		return nil
	}
	return ErrInterrupted
}

// interrupted returns ErrInterrupted once a signal has come.
func (s *Signals) interrupted() error {
	select {
	case <-s.Asked:
		return ErrInterrupted
	default:
		return nil
	}
}

// interruptedNow is interrupted at the end of the input: where a signal has come
// to all stages of a pipe at once, the end of the one before may be noticed a
// moment earlier.
func (s *Signals) interruptedNow() error {
	const moment = 10 * time.Millisecond
	select {
	case <-s.Asked:
	case <-time.After(moment):
	}
	return s.interrupted()
}
