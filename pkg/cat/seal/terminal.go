package seal

import (
	"errors"
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// AskTerminal asks for a passphrase at the terminal that the program was started from, where
// nothing is shown of it. Standard input and output stay what they are.
func AskTerminal() (text string, err error) {
	in, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		in, out = "CONIN$", "CONOUT$"
	}
	from, err := os.OpenFile(in, os.O_RDWR, 0)
	if err != nil {
		return "", errors.New("there is no terminal to ask for it")
	}
	defer from.Close()
	to, err := os.OpenFile(out, os.O_RDWR, 0)
	if err != nil {
		return "", errors.New("there is no terminal to ask for it")
	}
	defer to.Close()
	before, err := term.MakeRaw(int(from.Fd()))
	if err != nil {
		return "", err
	}
	// Ctrl-C is a key now, and ends the line as Ctrl-D does, so that no signal leaves a terminal
	// that shows nothing.
	defer func() { err = errors.Join(err, term.Restore(int(from.Fd()), before)) }()
	text, err = term.NewTerminal(readWriter{from, to}, "").ReadPassword("passphrase: ")
	if err == io.EOF {
		err = errors.New("nothing was typed")
	}
	return text, err
}

// readWriter is what is typed and what is shown.
type readWriter struct {
	io.Reader
	io.Writer
}
