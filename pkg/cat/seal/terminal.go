package seal

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// ErrInterrupted says that the program was asked to end while a passphrase was being typed.
var ErrInterrupted = errors.New("interrupted while the passphrase was asked for")

// Terminal is the one that the program was started from.
type Terminal struct {
	asking sync.Mutex
	closed chan struct{}
}

// NewTerminal returns it, to be closed at the end.
func NewTerminal() *Terminal { return &Terminal{closed: make(chan struct{})} }

// Close ends the asking for a passphrase, and returns once the terminal is as it was.
func (t *Terminal) Close() {
	close(t.closed)
	t.asking.Lock()
	defer t.asking.Unlock()
}

// Ask asks for a passphrase, of which nothing is shown. Standard input and output stay what
// they are.
func (t *Terminal) Ask() (text string, err error) {
	t.asking.Lock()
	defer t.asking.Unlock()
	in, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		in, out = "CONIN$", "CONOUT$"
	}
	from, err := os.OpenFile(in, os.O_RDWR, 0)
	if err != nil {
		return "", errors.New("there is no terminal to ask for it")
	}
	defer func() {
		if !errors.Is(err, ErrInterrupted) { // or somebody still reads it, for whom some systems wait
			_ = from.Close()
		}
	}()
	to, err := os.OpenFile(out, os.O_RDWR, 0)
	if err != nil {
		return "", errors.New("there is no terminal to ask for it")
	}
	defer to.Close()
	// A signal ends the asking, so that none leaves a terminal that shows nothing. Ctrl-C is a
	// key meanwhile, and ends the line as Ctrl-D does.
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(asked)
	before, err := term.MakeRaw(int(from.Fd()))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, term.Restore(int(from.Fd()), before)) }()
	return t.typed(readWriter{from, to}, asked)
}

// typed is the line that is typed, unless a signal comes first: then who waits for it is left
// behind, as the program ends.
func (t *Terminal) typed(terminal io.ReadWriter, asked <-chan os.Signal) (string, error) {
	type line struct {
		text string
		err  error
	}
	lines := make(chan line, 1)
	go func() {
		text, err := term.NewTerminal(terminal, "").ReadPassword("passphrase: ")
		lines <- line{text, err}
	}()
	select {
	case l := <-lines:
		if l.err == io.EOF {
			l.err = errors.New("nothing was typed")
		}
		return l.text, l.err
	case <-asked:
	case <-t.closed:
	}
	_, _ = io.WriteString(terminal, "\r\n")
	return "", ErrInterrupted
}

// readWriter is what is typed and what is shown.
type readWriter struct {
	io.Reader
	io.Writer
}
