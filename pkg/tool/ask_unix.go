//go:build unix

package tool

import (
	"os"
	"os/signal"
	"syscall"
)

// OnAsked calls answer whenever somebody asks by SIGUSR1 how the command is, until
// stop is called. Where there is no such signal, it does nothing.
func OnAsked(answer func()) (stop func()) {
	asked := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for {
			select {
			case <-asked:
				answer()
			case <-done:
				return
			}
		}
	}()
	// The signal stays caught: it is not to kill a command that is about to end.
	return func() { close(done) }
}
