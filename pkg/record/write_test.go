package record

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWriterHoldsLinesBackUntilFlush(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, false)
	if err := w.Write(&Gap{Origin: Origin{Source: "s"}}); err != nil || out.Len() > 0 {
		t.Errorf("before Flush: %v, %q is out", err, out.String())
	}
	if err := w.Flush(); err != nil || out.String() != `{"v":1,"type":"gap","source":"s","offset":0}`+"\n" {
		t.Errorf("after Flush: %v, %q is out", err, out.String())
	}
	n := out.Len()
	if err := w.Flush(); err != nil || out.Len() != n {
		t.Errorf("a second Flush wrote more: %v, %q", err, out.String())
	}
}

// Records may reuse their memory as soon as Write has returned.
func TestWriterKeepsNothingOfTheRecord(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, false)
	c := &Chunk{Origin: Origin{Source: "s"}, Data: Bytes("first")}
	_ = w.Write(c)
	copy(c.Data, "XXXXX")
	_ = w.Flush()
	if !strings.Contains(out.String(), `"first"`) {
		t.Errorf("wrote %q", out.String())
	}
}

func TestWriterWritesALongStreamWithoutFlush(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, false)
	c := &Chunk{Origin: Origin{Source: "s"}, Data: bytes.Repeat([]byte{'a'}, MaxData)}
	for range 16 {
		if err := w.Write(c); err != nil {
			t.Fatal(err)
		}
	}
	if held := 16*len(write(t, false, c)) - out.Len(); held > 256<<10 {
		t.Errorf("%d bytes are held back", held)
	}
	_ = w.Flush()
	if got := parse(t, out.String()); len(got) != 16 {
		t.Errorf("%d records, want 16", len(got))
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWriteErrorIsReported(t *testing.T) {
	want := errors.New("disk full")
	w := NewWriter(failing{want}, false)
	if err := w.Write(&Gap{Origin: Origin{Source: "s"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, want) {
		t.Errorf("Flush: %v, want %v", err, want)
	}
}

type stranger struct{ Origin }

func TestRecordOfAnotherKindIsRefused(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, false)
	if err := w.Write(stranger{}); err == nil || !strings.Contains(err.Error(), "stranger") {
		t.Errorf("err = %v, want one that names the type", err)
	}
	if _ = w.Flush(); out.Len() > 0 {
		t.Errorf("%q was written", out.String())
	}
}
