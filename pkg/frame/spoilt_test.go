package frame_test

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// said returns what is said of a simulated log that is cut with the demo's key.
func said(t *testing.T, query string) string {
	t.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	source, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var words strings.Builder
	f := frame.New(nowhere{}, frame.Options{Keys: demoKeys(t), Say: func(text string) { fmt.Fprintln(&words, text) }})
	offset := int64(0)
	for x, ok := source.Next(); ok; x, ok = source.Next() {
		if err := f.Take(&record.Chunk{Origin: record.Origin{Source: "log", Offset: offset}, Data: x.Logged}); err != nil {
			t.Fatal(err)
		}
		offset += int64(len(x.Logged))
	}
	f.Close() // that the key opens nothing is said as well
	return words.String()
}

type nowhere struct{}

func (nowhere) Write(record.Record) error { return nil }
func (nowhere) Flush() error              { return nil }

// What a logger has done to encrypted telegrams is said by each setting that spoils all of them,
// and never of telegrams that are text, nor where all bytes were kept.
func TestSpoilt(t *testing.T) {
	for logger, says := range map[string]string{
		"printable": "kept printable characters only", "nohigh": "above 7F, or their highest bit", "sevenbit": "above 7F, or their highest bit",
		"ascii": "written ? for", "utf8": "as UTF-8", "replacement": "U+FFFD", "all": "", "raw": "", "lf": "",
	} {
		for _, meter := range []string{"at", "lu"} {
			words := said(t, fmt.Sprintf("meter=%s&telegrams=12&logger=%s", meter, logger))
			if got := strings.Contains(words, "where the logger has "); got != (says != "") || !strings.Contains(words, says) {
				t.Errorf("%s %s: said %q, want %q", meter, logger, words, says)
			}
		}
	}
	for _, q := range []string{"meter=nl", "meter=hu&logger=printable", "meter=lu&cipher=off&logger=printable", "meter=nl&noise=slip&rate=1&resync=pause", "meter=nl&noise=jitter&scatter=3"} {
		if words := said(t, q+"&telegrams=40"); strings.Contains(words, "where the logger has ") {
			t.Errorf("%s: said %q", q, words)
		}
	}
}
