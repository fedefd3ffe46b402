package stranger_test

import (
	"bytes"
	"testing"

	"p1/pkg/fix/repair"
)

// The first three telegrams of a meter that nobody has seen come out as they were sent,
// with nothing said against them, if the line does nothing to them. Of those that are not
// signed, not all lines have to be trusted yet.
func TestClean(t *testing.T) {
	t.Parallel()
	for _, m := range meters(4) {
		var log []byte
		var sent [][]byte
		for range 3 {
			sent = append(sent, m.Next())
			log = append(log, sent[len(sent)-1]...)
		}
		want := "ok"
		if m.Dialect.Signs == "none" {
			want = "unchecked"
		}
		out := through(t, log, repair.Options{MinConfidence: minConfidence})
		if len(out) != len(sent) {
			t.Errorf("%s, %s, seed %d: %d telegrams come out of %d", m.Dialect.Name, m.Layout, m.Seed, len(out), len(sent))
			continue
		}
		for i, h := range out {
			lines := 0
			for _, l := range linesOf(sent[i]) {
				if codeOf(l) != "" {
					lines++
				}
			}
			handed := len(h.handsOn())
			all := handed == lines || handed < lines && want == "unchecked"
			if h.Status != want || !bytes.Equal(h.Raw, sent[i]) || !all || h.Suspect != "" {
				t.Errorf("%s, %s, seed %d: %s, %d of %d lines, %v doubted, %s\n%s", m.Dialect.Name, m.Layout, m.Seed, h.Status, handed, lines, h.Doubted, h.Suspect, h.Raw)
			}
		}
	}
}
