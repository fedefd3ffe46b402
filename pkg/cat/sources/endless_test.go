package sources

import (
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"p1/pkg/record"
)

// endless is a line that never ends; it is read beside the test.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read.Add(int64(len(p)))
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
		if n := in.read.Load(); n > 4*record.MaxLine {
			t.Errorf("%q: %d bytes were read for %d", begin, n, came)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
