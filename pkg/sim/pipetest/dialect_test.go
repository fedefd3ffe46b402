package pipetest

import (
	"bytes"
	"path/filepath"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/tooltest"
)

// verdicts are what p1frame says of an undamaged telegram, by how the meter signs.
// A CRC of an unknown kind takes more telegrams to be called one.
var verdicts = map[string]struct{ status, crc string }{
	"ARC":       {"ok", "ARC"},
	"X25":       {"ok", "X25"},
	"none":      {"unchecked", "none"},
	"other":     {"bad", "ARC"},
	"encrypted": {"ok", "ARC"},
}

// Each dialect is read whole, with the CRC that it has; its telegrams, and the
// records with a column for each of their codes, are kept to be looked at.
func TestDialects(t *testing.T) {
	key := filepath.ToSlash(keyFile(t))
	names := sim.Meters()
	if len(names) < 16 {
		t.Fatalf("only %d meters", len(names))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := "dialect/" + name + ".log"
			framed := run(t, testdata, "p1cat "+log+" | p1frame --ascii=false --key-file "+key)
			list := lines(t, framed)
			x := simulate(t, "meter="+name+"&telegrams=3&logger=raw&seed=1")
			conserve(t, "p1frame", list, x.log)
			if len(list) != len(x.sent) {
				t.Fatalf("%d records of %d telegrams", len(list), len(x.sent))
			}
			want := verdicts[sim.Signs(name)]
			for i, l := range list {
				if l.Status != want.status || l.CRC != want.crc {
					t.Errorf("telegram %d is %s, CRC %s, want %s, %s", i+1, l.Status, l.CRC, want.status, want.crc)
				}
				if !bytes.Equal(l.Raw, x.sent[i].Plain) {
					t.Errorf("telegram %d reads\n%q\nsent was\n%q", i+1, l.Raw, x.sent[i].Plain)
				}
			}
			tooltest.Golden(t, filepath.Join(testdata, "golden", "dialect."+name+".jsonl"), framed)
			records := runSaying(t, testdata, "p1cat "+log+" | p1frame --key-file "+key+" | p1csv --profile all --accept bad --format json")
			tooltest.Golden(t, filepath.Join(testdata, "golden", "dialect."+name+".records.jsonl"), records)
		})
	}
}

// runSaying is run for a pipe that has something to say to a person.
func runSaying(t *testing.T, dir, line string) []byte {
	t.Helper()
	p := start(t, dir, nil, line)
	out := p.rest()
	for _, s := range p.stages {
		if s.code != 0 {
			t.Errorf("%s: exit code %d: %s", s.Path, s.code, s.stderr.String())
		}
	}
	return out
}
