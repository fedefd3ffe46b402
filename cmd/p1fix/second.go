package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"p1/pkg/fileio"
	"p1/pkg/fix/pair"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// second is the second capture, which --with names.
type second struct {
	name    string
	in      *fileio.Input
	capture *pair.Capture
	say     func(text string)
}

// openSecond opens the file of --with; nil where there is none.
func openSecond(c *cli.Context) (*second, error) {
	name := c.String("with")
	if name == "" {
		return nil, nil
	}
	if err := notAnInput(c, name); err != nil {
		return nil, err
	}
	in, err := fileio.Open(name, nil, fileio.Records)
	if err != nil {
		if path := (*fs.PathError)(nil); errors.As(err, &path) {
			err = path.Err
		}
		return nil, fmt.Errorf("--with %s: %w", name, err)
	}
	s := &second{name: name, in: in, say: func(string) {}}
	if !c.Bool("quiet") {
		s.say = tool.Say(c)
	}
	r := record.NewReader("--with "+name, in)
	s.capture = pair.New(func() (record.Record, error) {
		for {
			x, err := r.Read()
			_, chunk := x.(*record.Chunk)
			line := errors.As(err, new(*record.LineError))
			switch {
			case chunk:
				return nil, &record.LineError{Name: "--with " + name, Line: r.Line(), Err: errors.New(record.ErrChunks.Error())} // of this file, not of the input
			case line && c.Bool("keep-going") && !errors.Is(err, record.ErrNewer):
				continue
			case err != nil && err != io.EOF && !line:
				return nil, fmt.Errorf("--with %s: %w", name, err)
			}
			return x, err
		}
	})
	return s, nil
}

// notAnInput refuses a second capture that is the first.
func notAnInput(c *cli.Context, name string) error {
	if name == fileio.Stdin {
		return tool.Usagef("--with -: the second capture is a file or a named pipe; standard input is for the first")
	}
	other, err := os.Stat(name)
	if err != nil {
		return nil // it is said when it is opened
	}
	for _, input := range tool.Inputs(c, func(error) {}) {
		same := false
		if in, isFile := c.App.Reader.(*os.File); input == fileio.Stdin && isFile {
			info, err := in.Stat()
			same = err == nil && os.SameFile(info, other)
		} else if info, err := os.Stat(input); err == nil {
			same = os.SameFile(info, other)
		}
		if same {
			return tool.Usagef("--with %s: it is the input itself, and a capture says nothing new of itself; name the other one", name)
		}
	}
	return nil
}

// finish closes the second capture and says what it was good for.
func (s *second) finish() error {
	if s == nil {
		return nil
	}
	if s.capture.Err() == nil {
		s.say("--with " + s.name + ": " + words(s.capture.Stats()))
	}
	return s.in.Close()
}

// words says how a second capture goes with the first.
func words(s pair.Stats) string {
	const few = 3
	if s.Paired == 0 {
		return without(s)
	}
	text := fmt.Sprintf("%s are the input's, too", tool.Counted(s.Paired, "telegram"))
	if s.Lonely > 0 {
		text += fmt.Sprintf("; %d more between them were not recognised in the input, and are not added to it", s.Lonely)
	}
	if s.Alike >= few && s.Alike == s.Damaged {
		text += "; what is damaged is damaged in the same way in both: is it the same capture?"
	}
	return text
}

// without says why a second capture is of no use.
func without(s pair.Stats) string {
	switch {
	case s.Telegrams == 0:
		return "no telegrams in it"
	case s.Encrypted == s.Telegrams:
		return "all its telegrams are encrypted, and such ones cannot be held against others"
	case s.Here != "" && s.There != "" && s.Here != s.There:
		return fmt.Sprintf("of no use: it is of another meter: %s, and the input is of %s", s.There, s.Here)
	}
	return fmt.Sprintf("of no use: none of %s is one of the input's: captured at other times, of another meter, or too much is damaged to tell", tool.Counted(s.Telegrams, "telegram"))
}
