// Package tooltest takes the command line of a tool and tests it: by scripts
// that run it as a process, and against its man page.
package tooltest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected files with what comes out, instead of comparing them")

// Update reports whether the test run is to rewrite its expected files.
func Update() bool { return *update }

// Main runs the tests of a command; its scripts find it under name. To be called
// by TestMain.
func Main(m *testing.M, name string, main func()) {
	testscript.Main(m, map[string]func(){name: main})
}

// Tool is the command that scripts run as $TOOL.
type Tool struct {
	Name  string
	Takes string // what the command reads, as the script command demo names it: $TAKES
}

// Scripts runs the scripts (*.txtar) of some directories below testdata/script.
// Beside what testscript offers they have
//
//	exits CODE PROGRAM ARG...      run the program, which must end with this exit code
//	demo STAGE QUERY FILE          write what the simulated meter gives: its log, or
//	                               its chunks, telegrams (opened: with the demo's key) or
//	                               repaired telegrams as records
//	pack FROM TO                   copy, compressed as the new name says (.gz, .zst)
//	unpack FROM TO                 the reverse
//	utf16 log|text FROM TO         copy as UTF-16LE with a byte order mark; of a log
//	                               each byte is a character, else each character
//	cut N FROM TO                  copy without the last N bytes
//	fill N FILE                    write N bytes 'x'
//
// the variables $TOOL, $TAKES, and $DATA for testdata, and conditions such as
// [p1cat] that hold for that tool.
func Scripts(t *testing.T, tool Tool, data string, dirs ...string) {
	data, err := filepath.Abs(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir:                 filepath.Join(data, "script", dir),
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				UpdateScripts:       Update(),
				Cmds:                commands,
				Condition: func(name string) (bool, error) {
					if !slices.Contains(tools, name) {
						return false, fmt.Errorf("no condition %q", name)
					}
					return name == tool.Name, nil
				},
				Setup: func(env *testscript.Env) error {
					env.Setenv("TOOL", tool.Name)
					env.Setenv("TAKES", tool.Takes)
					env.Setenv("DATA", data)
					return nil
				},
			})
		})
	}
}

// Golden compares text with an expected file, or rewrites the file under
// -update.
func Golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if Update() {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if at, a, b := firstDifference(got, want); at > 0 {
		t.Errorf("%s is stale from line %d on (go test -update rewrites it)\nnow  %q\nfile %q", file, at, a, b)
	}
}

// firstDifference returns the number of the first line, counted from 1, in which
// two texts differ, and both of its forms; 0 where the texts are equal.
func firstDifference(a, b []byte) (line int, inA, inB []byte) {
	for line = 1; len(a) > 0 || len(b) > 0; line++ {
		var lineA, lineB []byte
		lineA, a = nextLine(a)
		lineB, b = nextLine(b)
		if !bytes.Equal(lineA, lineB) {
			return line, lineA, lineB
		}
	}
	return 0, nil, nil
}

func nextLine(text []byte) (line, rest []byte) {
	if n := bytes.IndexByte(text, '\n'); n >= 0 {
		return text[:n+1], text[n+1:]
	}
	return text, nil
}
