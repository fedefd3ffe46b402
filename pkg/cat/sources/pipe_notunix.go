//go:build !unix

package sources

import "fmt"

// openPipe refuses: what a name such as \\.\pipe\p1 stands for elsewhere ends with the
// program that writes to it.
func openPipe(name string, _ func(string)) (Source, error) {
	return nil, fmt.Errorf("%s: a named pipe cannot be followed here; without --follow it is read to its end", name)
}
