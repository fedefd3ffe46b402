package ask

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// The key is made once, whole, whoever else makes it at the same time; what a full disk has left
// of one is none.
func TestReadKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1", "pseudonym.key")
	var keys [20][]byte
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			key, err := ReadKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	all.Wait()
	for _, key := range keys {
		if len(key) != keySize || !bytes.Equal(key, keys[0]) {
			t.Fatalf("%x and %x", key, keys[0])
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if key, err := ReadKey(path); err != nil || len(key) != keySize || bytes.Equal(key, keys[0]) {
		t.Errorf("of an empty file: %x, %v", key, err)
	}
	if err := os.Truncate(path, 7); err != nil {
		t.Fatal(err)
	}
	if key, err := ReadKey(path); err == nil {
		t.Errorf("of 7 bytes: %x", key)
	}
}
