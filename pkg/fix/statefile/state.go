// Package statefile keeps what was learned of meters in a file between runs: it takes
// the JSON of one run and gives it to the next.
//
// The file is JSON that people can read:
//
//	{
//	  "program": "p1fix",
//	  "version": "1.2.0 (24a259ef8100, 2026-11-30)",
//	  "format": 1,
//	  "meters": […]
//	}
//
// What stands under meters is the callers' business. A file is written as a
// whole: beside the old one, which it then replaces, so that at any moment, also
// of a power failure, there is an old or a new one. Who means to write it holds a
// lock from before reading it, on a file beside it whose name ends in .lock. That
// one stays behind, empty: to remove it would let two others lock one each.
//
// A new file can be read by its owner alone: it holds the meter's readings.
package statefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	program = "p1fix"
	// format is raised when an older p1fix could not read, or would
	// misunderstand, what is written.
	format = 1
	oldest = 1
	// maxSize bounds the file; what is learned of a meter takes some hundred
	// kilobytes.
	maxSize = 64 << 20
)

// What may be wrong with a file.
var (
	ErrInUse    = errors.New("is in use by another p1fix")
	ErrNoFile   = errors.New("is no file") // a directory, a device
	ErrEmpty    = errors.New("is empty")
	ErrDamaged  = errors.New("is damaged")
	ErrForeign  = errors.New("holds no state of p1fix")
	ErrNewer    = errors.New("was made by a newer version")
	ErrOlder    = errors.New("was made by too old a version")
	ErrTooLarge = fmt.Errorf("is larger than %d MiB", maxSize>>20)
	ErrUnfit    = errors.New("holds what does not fit")
)

// Error is what is wrong with which file.
type Error struct {
	Path string
	Err  error
}

func (e *Error) Error() string { return e.Path + " " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it, or "" where that is plain.
func (e *Error) Hint() string {
	const anew = "move it away or name another file, to start anew"
	switch {
	case errors.Is(e.Err, ErrInUse):
		return "end the other one, or name another file; --state-from reads this one meanwhile"
	case errors.Is(e.Err, ErrNoFile):
		return "name a file, which may be a new one"
	case errors.Is(e.Err, ErrNewer):
		return "take that version of p1fix, or " + anew
	case errors.Is(e.Err, ErrForeign), errors.Is(e.Err, ErrTooLarge):
		return "name another file, which may be a new one"
	case errors.Is(e.Err, ErrEmpty), errors.Is(e.Err, ErrDamaged), errors.Is(e.Err, ErrOlder), errors.Is(e.Err, ErrUnfit):
		return anew
	case errors.Is(e.Err, fs.ErrPermission):
		return "name a file that may be written; --state-from only reads it"
	}
	return ""
}

// Unfit is the error of a caller that cannot make anything of what a file holds.
func Unfit(path string, err error) error {
	return &Error{path, fmt.Errorf("%w: %w", ErrUnfit, err)}
}

// contents is the file.
type contents struct {
	Program string            `json:"program"`
	Version string            `json:"version"`
	Format  int               `json:"format"`
	Meters  []json.RawMessage `json:"meters"`
}

// Read returns what a file says of each meter. It needs neither the lock nor the
// right to write.
func Read(path string) ([]json.RawMessage, error) {
	data, err := load(path)
	if err != nil {
		return nil, &Error{path, err}
	}
	meters, err := decode(data)
	if err != nil {
		return nil, &Error{path, err}
	}
	return meters, nil
}

// load reads the bytes of a file.
func load(path string) ([]byte, error) {
	if err := checkKind(path); err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if len(data) > maxSize {
		return nil, ErrTooLarge
	}
	return data, nil
}

// checkKind refuses what is no file before it is opened: a pipe would wait.
func checkKind(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("it %w but a directory", ErrNoFile)
	case !info.Mode().IsRegular():
		return fmt.Errorf("it %w but a device or a pipe", ErrNoFile)
	}
	return nil
}

// decode reads the contents. It looks at the format before anything that might
// have changed with it.
func decode(data []byte) ([]json.RawMessage, error) {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")) // editors add it
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, ErrEmpty
	}
	var head struct {
		Program any             `json:"program"`
		Format  *float64        `json:"format"`
		Meters  json.RawMessage `json:"meters"`
	}
	err := json.Unmarshal(data, &head)
	switch {
	case err != nil && !begins(data), err == nil && head.Program != program:
		return nil, ErrForeign
	case err != nil:
		return nil, fmt.Errorf("%w: %s", ErrDamaged, where(data, err))
	case head.Format == nil:
		return nil, fmt.Errorf("%w: it has no format", ErrDamaged)
	case *head.Format > format:
		return nil, fmt.Errorf("%w: its format is %v, and this one reads up to %d", ErrNewer, *head.Format, format)
	case *head.Format < oldest:
		return nil, fmt.Errorf("%w: its format is %v, and this one reads from %d on", ErrOlder, *head.Format, oldest)
	case head.Meters == nil:
		return nil, fmt.Errorf("%w: it has no meters", ErrDamaged)
	}
	var meters []json.RawMessage
	if err := json.Unmarshal(head.Meters, &meters); err != nil {
		return nil, fmt.Errorf("%w: its meters are no list", ErrDamaged)
	}
	return meters, nil
}

// begins reports whether what cannot be read as a whole begins as a state does.
func begins(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	for _, want := range []json.Token{json.Delim('{'), "program", program} {
		if got, err := d.Token(); err != nil || got != want {
			return false
		}
	}
	return true
}

// where says at which line the JSON is broken.
func where(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Sprintf("its %s is a %s", kind.Field, kind.Value)
	case !errors.As(err, &syntax):
		return err.Error()
	}
	line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
	return fmt.Sprintf("line %d: %v", line, err)
}

// encode writes the contents.
func encode(version string, meters []json.RawMessage) ([]byte, error) {
	if meters == nil {
		meters = []json.RawMessage{} // not null
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(contents{program, version, format, meters}); err != nil {
		return nil, err
	}
	if b.Len() > maxSize {
		return nil, fmt.Errorf("would become %d MiB, and could not be read again", b.Len()>>20)
	}
	return b.Bytes(), nil
}
