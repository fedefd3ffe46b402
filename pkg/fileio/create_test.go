package fileio

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// create creates a file that has to be created.
func create(t *testing.T, name string) *Output {
	t.Helper()
	o, err := Create(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var outputNames = []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "A.GZ", "A.Zst"}

func TestCreatedFilesReadBack(t *testing.T) {
	data := append(noise(200_000, 3), bytes.Repeat(log(), 100)...)
	for _, name := range outputNames {
		path := filepath.Join(t.TempDir(), name)
		o := create(t, path)
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 7001)
			if _, err := o.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(open(t, path, nil, Log)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(data))
		}
	}
}

func TestCompressedFilesAreCompressed(t *testing.T) {
	data := bytes.Repeat(log(), 100)
	for _, name := range outputNames[1:] {
		path := filepath.Join(t.TempDir(), name)
		o := create(t, path)
		_, _ = o.Write(data)
		_ = o.Close()
		if info, err := os.Stat(path); err != nil || info.Size() > int64(len(data)/10) {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// What has been flushed can be read although the file is still being written.
func TestFlushMakesReadable(t *testing.T) {
	for _, name := range outputNames {
		path := filepath.Join(t.TempDir(), name)
		o := create(t, path)
		var want []byte
		for range 3 {
			_, _ = o.Write(log())
			want = append(want, log()...)
			if err := o.Flush(); err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(open(t, path, nil, Log)); !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes can be read, want %d", name, len(got), len(want))
			}
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEmptyOutputIsAnEmptyFile(t *testing.T) {
	for _, name := range outputNames {
		path := filepath.Join(t.TempDir(), name)
		if err := create(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(open(t, path, nil, Log)); err != nil || len(got) > 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestStandardOutput(t *testing.T) {
	for _, name := range []string{"", "-"} {
		var stdout bytes.Buffer
		o, err := Create(name, &stdout)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = o.Write(log())
		if err := o.Flush(); err != nil || !bytes.Equal(stdout.Bytes(), log()) {
			t.Errorf("%q: %v, %q", name, err, stdout.Bytes())
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// link makes a second name of a file, or skips where the system has none.
func link(t *testing.T, make func(old, new string) error, old, new string) string {
	t.Helper()
	if err := make(old, new); err != nil {
		t.Skip(err)
	}
	return new
}

func TestOldFilesAreOverwritten(t *testing.T) {
	old := writeFile(t, "out.jsonl", []byte("a long text that was here before"))
	o := create(t, old)
	_, _ = o.Write([]byte("new"))
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(old); err != nil || string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestOutputsThatCannotBeCreated(t *testing.T) {
	for _, name := range []string{t.TempDir(), filepath.Join(t.TempDir(), "no", "such", "folder.gz")} {
		if _, err := Create(name, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want an error that names it", name, err)
		}
	}
}

// A disk that is full may show itself only when the last bytes are written.
func TestFullDiskIsNoticed(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip(err)
	}
	for _, name := range outputNames {
		o := create(t, link(t, os.Symlink, full, filepath.Join(t.TempDir(), name)))
		_, err := o.Write(log())
		if closing := o.Close(); err == nil && closing == nil {
			t.Errorf("%s: neither Write nor Close says so", name)
		}
	}
}

// What is abandoned is left as it was: a file that was there, and none where there was none.
// What was written is never given up, though the compression may still hold it.
func TestAbandon(t *testing.T) {
	for _, name := range outputNames {
		path := filepath.Join(t.TempDir(), name)
		for _, old := range []string{"", "kept"} {
			if old != "" {
				if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			o := create(t, path)
			if o.Holds() != (old != "") {
				t.Errorf("%s with %q in it: it holds something: %v", name, old, o.Holds())
			}
			for range 2 {
				if err := o.Abandon(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := o.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got, err := os.ReadFile(path); string(got) != old || os.IsNotExist(err) != (old == "") {
				t.Errorf("%s: %q became %q, %v", name, old, got, err)
			}
		}
		o := create(t, path)
		if _, err := o.Write([]byte("new")); err != nil || o.Holds() {
			t.Errorf("%s: %v, holds %v", name, err, o.Holds())
		}
		if err := o.Abandon(); err != nil {
			t.Error(err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		if got, err := io.ReadAll(open(t, path, nil, Log)); string(got) != "new" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
