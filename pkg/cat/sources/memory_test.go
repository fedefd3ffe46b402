package sources

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"p1/pkg/record"
)

// A log that is read from a file and written as chunks needs no memory for them.
func TestFileNeedsNoMemory(t *testing.T) {
	const chunks = 64
	name := filepath.Join(t.TempDir(), "p1.log")
	line := []byte("1-0:1.8.0(008234.524*kWh)\r\n\xFF\xFF\xFF\xFF")
	if err := os.WriteFile(name, bytes.Repeat(line, chunks*record.MaxData/len(line)), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := record.NewWriter(io.Discard, false)
	ctx := context.Background()
	next := func() {
		r, err := s.Next(ctx)
		if err == nil {
			err = w.Write(r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		next()
	}
	if n := testing.AllocsPerRun(chunks-10, next); n > 0 {
		t.Errorf("%.0f allocations a chunk", n)
	}
}
