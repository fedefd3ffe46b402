package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim/tooltest"
	"p1/pkg/tool"
)

// The repair keeps nothing of a record that it has taken: of borrowed records it makes
// what it makes of others.
func TestFixerBorrows(t *testing.T) {
	var _ tool.Borrower = (*repair.Fixer)(nil)
	logs := []string{"../../testdata/nl-noisy.log", "../../testdata/hu-noisy.log", "../../testdata/hu-noisy-lf.log", "../../testdata/hu-clean.log"}
	more, err := filepath.Glob("../../testdata/dialect/*.log")
	if err != nil || len(more) < 10 {
		t.Fatalf("%d logs, %v", len(more), err)
	}
	repaired := 0
	for _, log := range append(logs, more...) {
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for _, lookahead := range []int{repair.FileLookahead, repair.NoLookahead} {
			o := repair.Options{MinConfidence: 0.999, Lookahead: lookahead}
			want := fixed(t, o, data, func(s tool.Stage) record.Writer { return tooltest.Kept{Stage: s} })
			got := fixed(t, o, data, func(s tool.Stage) record.Writer { return tooltest.Spoiled{Stage: s} })
			if !bytes.Equal(got, want) {
				t.Errorf("%s, lookahead %d: of borrowed records it makes\n%.500s\nwant\n%.500s", log, lookahead, got, want)
			}
			repaired += bytes.Count(want, []byte(`"status":"repaired"`))
		}
	}
	if repaired < 50 {
		t.Errorf("%d telegrams are repaired", repaired)
	}
}

func fixed(t *testing.T, o repair.Options, log []byte, through func(tool.Stage) record.Writer) []byte {
	t.Helper()
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	f := repair.New(w, o)
	tooltest.Frame(t, log, through(f))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
