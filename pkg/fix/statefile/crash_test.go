package statefile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The test's own program stands in for another p1fix where it is told to.
const holdEnv, saveEnv = "P1_STATE_HOLD", "P1_STATE_SAVE"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdEnv); path != "" {
		os.Exit(hold(path))
	}
	if path := os.Getenv(saveEnv); path != "" {
		os.Exit(saveForEver(path))
	}
	os.Exit(m.Run())
}

// hold opens a file, says how that went, and keeps it until its input ends.
func hold(path string) int {
	f, err := Open(path, "v1")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := f.Close(); err != nil {
		return 1
	}
	return 0
}

// bulky is what saveForEver saves: long enough that writing it takes a while.
func bulky(n int) []json.RawMessage {
	list := make([]json.RawMessage, 1+n%7)
	for i := range list {
		list[i] = json.RawMessage(fmt.Sprintf(`{"n":%d,"text":%q}`, n, strings.Repeat("x", 20000)))
	}
	return list
}

func saveForEver(path string) int {
	f, err := Open(path, "v1")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for n := 1; ; n++ {
		if err := f.Save(bulky(n)); err != nil {
			fmt.Println(err)
			return 1
		}
		if n == 1 {
			fmt.Println("ready")
		}
	}
}

// other starts another process and waits for its first line.
func other(t *testing.T, env, path string) (c *exec.Cmd, stdin io.Closer, said string) {
	t.Helper()
	c = exec.Command(os.Args[0])
	c.Env = append(os.Environ(), env+"="+path)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	said, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return c, in, strings.TrimSpace(said)
}

// Two at a time cannot keep one file, in one process or in two; who was killed
// holds it no longer.
func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.state")
	f, err := Open(path, "v1")
	if err != nil {
		t.Fatal(err)
	}
	checkInUse(t, path)
	if _, _, said := other(t, holdEnv, path); said != path+" is in use by another p1fix" {
		t.Errorf("the other process says %q", said)
	}
	if err := errors.Join(f.Save(nil), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, kill := range []bool{false, true} {
		c, in, said := other(t, holdEnv, path)
		if said != "ready" {
			t.Fatalf("the other process says %q", said)
		}
		checkInUse(t, path)
		if _, err := Read(path); err != nil {
			t.Errorf("reading needs the lock: %v", err)
		}
		if kill {
			_ = c.Process.Kill()
		} else {
			_ = in.Close()
		}
		_ = c.Wait()
		f, err := Open(path, "v1")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func checkInUse(t *testing.T, path string) {
	t.Helper()
	f, err := Open(path, "v1")
	if err == nil {
		f.Close()
	}
	var e *Error
	if !errors.Is(err, ErrInUse) || !errors.As(err, &e) || e.Hint() == "" {
		t.Errorf("a second one opens it: %v", err)
	}
}

// A p1fix that is killed while it saves leaves a whole file.
func TestKilledWhileSaving(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.state")
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	for i := range rounds {
		c, _, said := other(t, saveEnv, path)
		if said != "ready" {
			t.Fatalf("the other process says %q", said)
		}
		time.Sleep(time.Duration(i*1300) * time.Microsecond)
		_ = c.Process.Kill()
		_ = c.Wait()
		meters, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		var first struct{ N int }
		if err := json.Unmarshal(meters[0], &first); err != nil {
			t.Fatal(err)
		}
		if len(meters) != len(bulky(first.N)) {
			t.Fatalf("save %d has %d meters", first.N, len(meters))
		}
	}
	f, err := Open(path, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); runtime.GOOS != "windows" && (err != nil || len(entries) != 2) {
		t.Errorf("what was killed has left %v, %v", entries, err)
	}
}

// Where the disk is full at any byte the old file stays as it was, and nothing is left beside it.
func TestFullDisk(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no shell limits files")
	}
	path := filepath.Join(t.TempDir(), "p1.state")
	f, err := Open(path, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Save(bulky(7)), f.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, blocks := range []string{"0", "1", "30"} {
		c := exec.Command(shell, "-c", "ulimit -f "+blocks+` && exec "$0"`, os.Args[0])
		c.Env = append(os.Environ(), saveEnv+"="+path)
		said, err := c.CombinedOutput()
		if err == nil || !strings.HasPrefix(string(said), path+" cannot be written: ") {
			t.Errorf("%s blocks: %v, %q", blocks, err, said)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s blocks: the file has changed: %v", blocks, err)
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 { // and the lock
			t.Errorf("%s blocks: the directory holds %v, %v", blocks, entries, err)
		}
	}
}

// Where the new file cannot take the old one's place, it does not stay behind,
// and a later try succeeds.
func TestFailingRename(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p1.state")
	f, err := Open(path, "v1")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(bulky(1)); err == nil || !strings.HasPrefix(err.Error(), path+" cannot be written: ") {
		t.Errorf("error %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 { // and the lock
		t.Errorf("the directory holds %v, %v", entries, err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(bulky(1)); err != nil {
		t.Error(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "{", `"` + strings.Repeat("x", maxSize) + `"`} {
		if err := f.Save([]json.RawMessage{json.RawMessage(bad)}); err == nil {
			t.Errorf("%.10q is saved", bad)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed: %v", err)
	}
}
