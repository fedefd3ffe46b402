package pipetest

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/masked"
)

// maskedLog is a simulated log in which somebody has masked the identifiers.
func maskedLog(t *testing.T, query, way string) (log []byte, masks [][]byte) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	m := masked.New(s, way)
	for x, ok := m.Next(); ok; x, ok = m.Next() {
		log = append(log, x.Logged...)
	}
	return log, m.Masks()
}

// Of a masked log all telegrams have a row, with the meter left open; what was received can
// be had again; and a pseudonym is put in the place of no mask.
func TestMaskedLog(t *testing.T) {
	t.Parallel()
	for i, meter := range []string{"hu", "nl", "be", "se"} {
		for k, way := range masked.Ways() {
			if (i+k)%2 == 0 {
				continue
			}
			log, masks := maskedLog(t, "telegrams=12&logger=raw&meter="+meter, way)
			name := write(t, filepath.Join(t.TempDir(), "p1.log"), log)
			if got := give(t, "p1cat "+name+" | p1frame | p1cat --raw"); !bytes.Equal(got, log) {
				t.Errorf("%s, %s: %d bytes come back of %d", meter, way, len(got), len(log))
			}
			rows := strings.Split(strings.TrimSpace(string(give(t, "p1cat "+name+" | p1frame | p1fix | p1csv --columns meter,status --no-header"))), "\n")
			for n, row := range rows {
				if len(rows) != 12 || row != ",ok" && (meter != "hu" || way != "short") { // there another line names it
					t.Errorf("%s, %s: row %d of %d is %s", meter, way, n, len(rows), row)
				}
			}
			list := lines(t, give(t, "p1cat "+name+" | p1frame --anonymise"))
			for _, l := range telegrams(list) {
				for _, m := range l.Masked {
					if text := string(l.Raw[m.At:][:m.Length]); !bytes.HasSuffix(masks[len(masks)-1], []byte(text[len(text)-4:])) {
						t.Errorf("%s, %s: %q stands in the place of a mask", meter, way, text)
					}
				}
				if l.Status != "ok" || l.Masked == nil {
					t.Errorf("%s, %s, anonymised: telegram %d is %s, masked %v", meter, way, l.Seq, l.Status, l.Masked)
				}
			}
		}
	}
}

// Two logs with the same mask are not taken for one meter: neither by p1fix, which would
// doubt the registers of the second, nor by p1csv, which would join them.
func TestSameMask(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, seed := range []string{"1", "2"} {
		log, _ := maskedLog(t, "telegrams=12&logger=raw&meter=se&seed="+seed, "X")
		log = bytes.ReplaceAll(log, log[:bytes.IndexByte(log, '\n')], []byte("/ELL5\\XXXXXXXXXXX\r"))
		write(t, filepath.Join(dir, []string{"a.log", "b.log"}[i]), log)
	}
	pipe := "p1cat " + filepath.Join(dir, "a.log") + " " + filepath.Join(dir, "b.log") + " | p1frame | p1fix"
	for _, l := range telegrams(lines(t, give(t, pipe))) {
		if l.Status != "ok" || len(l.Masked) != 1 {
			t.Errorf("%s, telegram %d is %s, masked %v", l.Source, l.Seq, l.Status, l.Masked)
		}
	}
	rows := string(give(t, pipe+" | p1csv --every 1h --columns import_kwh --no-header"))
	if strings.Count(rows, "\n") != 2 {
		t.Errorf("two meters have the rows\n%s", rows)
	}
}
