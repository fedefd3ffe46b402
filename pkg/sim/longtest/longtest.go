// Package longtest takes what the environment says of long tests, and skips or
// sizes tests by it:
//
//	go test ./...            what needs seconds, and no clock judges
//	P1_LONG=1 go test ...    also what measures time, and sizes that take minutes
//	P1_LONG=2 go test ...    also sizes that take hours, or gigabytes
//
// .ci/run runs some of the second kind, .ci/long those of the third.
package longtest

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Patience is how long an ordinary test waits for what must come. It bounds what
// hangs, and says nothing of what is slow: a machine may have other work.
const Patience = 5 * time.Minute

// Asked reports whether long tests are asked for, and may judge by the clock.
func Asked() bool { return level() > 0 }

// Needs skips a test unless long ones are asked for; why is what it needs.
func Needs(t testing.TB, why string) {
	t.Helper()
	if !Asked() {
		t.Skip(why + ": P1_LONG=1 runs it")
	}
}

// NeedsHours skips a test unless the longest ones are asked for; why is what it needs.
func NeedsHours(t testing.TB, why string) {
	t.Helper()
	if level() < 2 {
		t.Skip(why + ": P1_LONG=2 runs it")
	}
}

// Pick is the size of a test: the ordinary one, that of minutes or that of hours.
func Pick[T any](ordinary, minutes, hours T) T {
	return []T{ordinary, minutes, hours}[level()]
}

// level is what is asked for, from 0 to 2.
func level() int {
	n, err := strconv.Atoi(os.Getenv("P1_LONG"))
	if err != nil {
		return 0
	}
	return min(max(n, 0), 2)
}
