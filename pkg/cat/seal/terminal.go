package seal

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"golang.org/x/term"
)

// AskTerminal asks for a passphrase at the terminal that the program was started from, where
// nothing is shown of it. Standard input and output stay what they are.
func AskTerminal() (string, error) {
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
	before, err := term.GetState(int(from.Fd()))
	if err != nil {
		return "", err
	}
	fmt.Fprint(to, "passphrase: ")
	text, err := read(from, before)
	fmt.Fprintln(to)
	return text, err
}

// read reads a line. Whoever interrupts it finds a terminal that shows again what is typed.
func read(from *os.File, before *term.State) (string, error) {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	defer signal.Stop(interrupted)
	type line struct {
		text []byte
		err  error
	}
	typed := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(int(from.Fd()))
		typed <- line{text, err}
	}()
	select {
	case l := <-typed:
		return string(l.text), l.err
	case <-interrupted:
		return "", errors.Join(errors.New("interrupted"), term.Restore(int(from.Fd()), before))
	}
}
