//go:build !unix

package main

import "testing"

// interrupt skips the rest of a test: here a process cannot be interrupted alone.
func interrupt(t *testing.T, _ *noise) { t.Skip("no signals") }
