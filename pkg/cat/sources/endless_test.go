package sources

import (
	"errors"
	"io"
	"strings"
	"testing"

	"p1/pkg/record"
)

// endless is a line that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

// A record that never ends is refused; bytes that are no record come as they are, however
// long their line is.
func TestLineWithoutEnd(t *testing.T) {
	t.Parallel()
	for begin, isRecord := range map[string]bool{`{"v":1,"type":"chunk","source":"`: true, `{`: false, ``: false} {
		in := &endless{}
		s, err := Open("-", io.MultiReader(strings.NewReader(begin), in))
		if err != nil {
			t.Fatal(err)
		}
		came := 0
		for err == nil && came <= 2*record.MaxLine {
			var r record.Record
			if r, err = s.Next(t.Context()); err == nil {
				came += len(r.(*record.Chunk).Data)
			}
		}
		if errors.Is(err, record.ErrTooLong) != isRecord || !isRecord && err != nil {
			t.Errorf("%q and a line without end: %v after %d bytes", begin, err, came)
		}
		if in.read > 4*record.MaxLine {
			t.Errorf("%q: %d bytes were read for %d", begin, in.read, came)
		}
	}
}
