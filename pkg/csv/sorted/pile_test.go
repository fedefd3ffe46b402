package sorted

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// What is piled up comes out as it went in, in memory and from a file beside the output,
// twice if need be; nothing is left of it.
func TestPile(t *testing.T) {
	for _, pieces := range []int{0, 10, 3 * pileMemory / 1000} {
		dir := t.TempDir()
		p := NewPile(filepath.Join(dir, "out.csv"))
		var want bytes.Buffer
		for i := range pieces {
			piece := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 500)
			want.Write(piece)
			if _, err := p.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if on := p.Disk().Bytes > 0; on != (want.Len() > pileMemory) {
			t.Errorf("%d bytes, %d of them on disk", want.Len(), p.Disk().Bytes)
		}
		for range 2 {
			err := p.Read(func(from io.Reader) error {
				got, err := io.ReadAll(from)
				if !bytes.Equal(got, want.Bytes()) {
					t.Errorf("%d bytes come out, %d went in", len(got), want.Len())
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v is left (%v)", left, err)
		}
	}
}
