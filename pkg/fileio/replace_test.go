package fileio

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// A reader never finds half a file: each one that it reads ends as a whole one does.
func TestReplaceIsAtomic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	text := func(n int) []byte {
		return bytes.Repeat(fmt.Appendf(nil, "%08d\n", n), 1+n%997)
	}
	if err := Replace(path, text(1), Public); err != nil {
		t.Fatal(err)
	}
	var writes atomic.Int64
	done := make(chan error, 1)
	end := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-end:
				done <- nil
				return
			default:
			}
			if err := Replace(path, text(n), Public); err != nil {
				done <- err
				return
			}
			writes.Add(1)
		}
	}()
	for deadline := time.Now().Add(longtest.Patience); writes.Load() < 500 && time.Now().Before(deadline); {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			break
		}
		n, err := strconv.Atoi(string(data[:min(len(data), 8)]))
		if err != nil || !bytes.Equal(data, text(n)) {
			t.Errorf("%d bytes are no whole file", len(data))
			break
		}
	}
	close(end)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if writes.Load() < 500 && !t.Failed() {
		t.Errorf("only %d writes", writes.Load())
	}
}
