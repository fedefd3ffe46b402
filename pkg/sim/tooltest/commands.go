package tooltest

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"p1/pkg/cat/sources"
	"p1/pkg/dlms"
	"p1/pkg/fileio"
	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// commands are those that scripts have beside testscript's own.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":  exits,
	"demo":   command("demo STAGE QUERY FILE", 3, demo),
	"pack":   command("pack FROM TO", 2, pack),
	"unpack": command("unpack FROM TO", 2, unpack),
	"utf16":  command("utf16 log|text FROM TO", 3, toUTF16),
	"cut":    command("cut N FROM TO", 3, cut),
	"fill":   command("fill N FILE", 2, fill),
}

// command makes a script command of a function that returns an error.
func command(usage string, n int, run func(ts *testscript.TestScript, args []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != n {
			ts.Fatalf("usage: %s", usage)
		}
		ts.Check(run(ts, args))
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func demo(ts *testscript.TestScript, args []string) error {
	stage, query, name := args[0], args[1], args[2]
	records, err := delivered("demo:" + query)
	if err == nil && stage != "log" && stage != "chunks" {
		var o frame.Options
		if stage == "opened" {
			o.Keys, err = demoKeys()
		}
		if err == nil {
			records, err = through(func(w record.Writer) record.Stage { return frame.New(w, o) }, records)
		}
	}
	if err == nil && stage == "repaired" {
		records, err = through(func(w record.Writer) record.Stage {
			return repair.New(w, repair.Options{MinConfidence: 0.999})
		}, records)
	}
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	for _, r := range records {
		switch stage {
		case "log":
			out.Write(r.(*record.Chunk).Data)
		case "chunks", "telegrams", "opened", "repaired":
			err = errors.Join(err, w.Write(r))
		default:
			return fmt.Errorf("unknown stage %q", stage)
		}
	}
	return errors.Join(err, w.Flush(), os.WriteFile(ts.MkAbs(name), out.Bytes(), 0o644))
}

// demoKeys are those of the simulated meters that encrypt.
func demoKeys() (*dlms.Keys, error) {
	key, err := hex.DecodeString(sim.DemoKey)
	if err != nil {
		return nil, err
	}
	return dlms.NewKeys(key, nil)
}

// delivered returns everything that a source delivers.
func delivered(name string) ([]record.Record, error) {
	from, err := sources.Open(name, nil)
	if err != nil {
		return nil, err
	}
	var all []record.Record
	for {
		r, err := from.Next(context.Background())
		if err == io.EOF {
			return all, from.Close()
		}
		if err != nil {
			return nil, err
		}
		all = append(all, record.Keep(r))
	}
}

// through returns what a stage makes of records.
func through(build func(record.Writer) record.Stage, records []record.Record) ([]record.Record, error) {
	var out list
	s := build(&out)
	for _, r := range records {
		if err := s.Take(r); err != nil {
			return nil, err
		}
	}
	return out, s.Close()
}

// list keeps what is written.
type list []record.Record

func (l *list) Write(r record.Record) error { *l = append(*l, record.Keep(r)); return nil }
func (l *list) Flush() error                { return nil }

func pack(ts *testscript.TestScript, args []string) error {
	out, err := fileio.Create(ts.MkAbs(args[1]), nil)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, ts.ReadFile(args[0]))
	return errors.Join(err, out.Close())
}

func unpack(ts *testscript.TestScript, args []string) error {
	in, err := fileio.Open(ts.MkAbs(args[0]), nil, fileio.Log)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(in)
	return errors.Join(err, in.Close(), os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

func toUTF16(ts *testscript.TestScript, args []string) error {
	text := ts.ReadFile(args[1])
	var chars []rune
	switch args[0] {
	case "log": // each byte is a character
		for _, b := range []byte(text) {
			chars = append(chars, rune(b))
		}
	case "text":
		chars = []rune(text)
	default:
		return fmt.Errorf("unknown content %q", args[0])
	}
	return os.WriteFile(ts.MkAbs(args[2]), UTF16(chars), 0o644)
}

// UTF16 encodes characters as UTF-16LE after a byte order mark, as PowerShell 5
// does with what is redirected into a file.
func UTF16(chars []rune) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode(chars) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func cut(ts *testscript.TestScript, args []string) error {
	data := ts.ReadFile(args[1])
	n, err := strconv.Atoi(args[0])
	if err != nil || n > len(data) {
		return fmt.Errorf("cannot cut %s bytes off %d", args[0], len(data))
	}
	return os.WriteFile(ts.MkAbs(args[2]), []byte(data[:len(data)-n]), 0o644)
}

func fill(ts *testscript.TestScript, args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), bytes.Repeat([]byte{'x'}, n), 0o644)
}
