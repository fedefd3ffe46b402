package main

import (
	"io"
	"os"
	"testing"

	"p1/pkg/cat/serve"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
)

// late is a sink that keeps the telegrams until its end, as it may.
type late struct {
	w    io.Writer
	sent [][]byte
}

func (l *late) Send(telegram []byte) error {
	l.sent = append(l.sent, telegram)
	return nil
}

func (l *late) Close() error {
	for _, telegram := range l.sent {
		if _, err := l.w.Write(telegram); err != nil {
			return err
		}
	}
	return nil
}

// What is handed on is nothing of the records, and these are not changed.
func TestServingKeepsNothing(t *testing.T) {
	data, err := os.ReadFile("../../testdata/hu-noisy.log")
	if err != nil {
		t.Fatal(err)
	}
	repaired := tooltest.Repaired(t, data)
	for _, plain := range []bool{false, true} {
		o := serve.Options{Only: []record.Status{record.OK, record.Repaired}, Plain: plain, Say: func(string) {}}
		made := tooltest.KeepsNothing(t, func(w io.Writer) record.Stage { return serve.New(&late{w: w}, o) },
			repaired)
		if len(made) < 10_000 {
			t.Errorf("plain %v: %d bytes", plain, len(made))
		}
	}
}
