//go:build !unix

package tool

// OnAsked calls answer whenever somebody asks by SIGUSR1 how the command is, until
// stop is called. Where there is no such signal, it does nothing.
func OnAsked(answer func()) (stop func()) { return func() {} }
