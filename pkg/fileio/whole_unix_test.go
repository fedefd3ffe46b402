//go:build unix

package fileio

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// age does nothing: a lock says whether somebody writes.
func age(*testing.T, string) {}

// A pipe and a device get what is whole at its end as it is written, and stay what they are.
func TestWholePipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		b, _ := os.ReadFile(pipe)
		got <- string(b)
	}()
	for _, name := range []string{pipe, os.DevNull} {
		o, err := Create(name, nil)
		if err == nil {
			err = o.Whole()
		}
		if err == nil {
			_, err = io.WriteString(o, "new")
		}
		if err == nil {
			err = o.Discard()
		}
		if err == nil {
			err = o.Close()
		}
		if info, err2 := os.Stat(name); err != nil || err2 != nil || info.Mode().IsRegular() {
			t.Errorf("%s: %v, %v", name, err, info)
		}
	}
	if text := <-got; text != "new" {
		t.Errorf("the pipe gave %q", text)
	}
}

// Where the system has no links, a free name is taken all the same, and no other one.
func TestTakeFree(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := takeFree(filepath.Join(dir, "a"), filepath.Join(dir, "b")); !os.IsExist(err) {
		t.Errorf("%v", err)
	}
	if err := takeFree(filepath.Join(dir, "a"), filepath.Join(dir, "c")); err != nil {
		t.Error(err)
	}
	holds(t, dir, "b=b", "c=a")
}

// A name that has no room for a passing one is written itself.
func TestWholeOfALongName(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("x", 250) + ".xlsx"
	o, err := Create(filepath.Join(dir, name), nil)
	if err != nil {
		t.Skip(err)
	}
	if err = o.Whole(); err == nil {
		_, err = o.Write([]byte("new"))
	}
	if err := errors.Join(err, o.Close()); err != nil {
		t.Error(err)
	}
	holds(t, dir, name+"=new")
}

// What follows ".." behind a link is in the parent of what the link leads to.
func TestWholeBehindALink(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b/c", "b/z"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../b/c", filepath.Join(dir, "a", "link")); err != nil {
		t.Skip(err)
	}
	w, err := ReplaceWhole(dir+"/a/link/../z/new", Private)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "b", "z", "new")); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
}
