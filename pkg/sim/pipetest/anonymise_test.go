package pipetest

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// shared is a log, what is known of it, and what others get of it.
type shared struct {
	log    string   // its file
	sent   [][]byte // the first telegram of each meter
	framed []line   // by p1frame
	given  []line   // by p1frame --anonymise
}

// give returns the output of a pipe that must end well; its first command may read
// a file. Of a CRC that nothing fits p1frame may say so.
func give(t *testing.T, line string, input ...string) []byte {
	t.Helper()
	var in *os.File
	for _, name := range input {
		f, err := os.Open(name)
		must(t, err)
		defer f.Close()
		in = f
	}
	p := start(t, "", in, line)
	out := p.rest()
	for _, s := range p.stages {
		if s.code != 0 {
			t.Fatalf("%s: %s ends with %d: %s", line, filepath.Base(s.Path), s.code, &s.stderr)
		}
	}
	return out
}

func share(t *testing.T, query string) *shared {
	t.Helper()
	x := &shared{}
	var log []byte
	for q := range strings.SplitSeq(query, " then ") {
		truth := simulate(t, q)
		log = append(log, truth.log...)
		x.sent = append(x.sent, truth.sent[0].Sent)
	}
	x.log = write(t, filepath.Join(t.TempDir(), "p1.log"), log)
	x.framed = lines(t, give(t, "p1cat "+x.log+" | p1frame"))
	x.given = lines(t, give(t, "p1cat "+x.log+" | p1frame --anonymise"))
	return x
}

// number is what looks like one in an identifier, and what its digits look like
// where they are coded in hex.
var number = regexp.MustCompile(`[0-9]{6,}`)

// secrets returns every run of six digits of the identifiers that the meter sent,
// and the hex form of each.
func (x *shared) secrets() map[string]bool {
	found := map[string]bool{}
	for _, raw := range x.sent {
		p := telegram.Parse(raw)
		ids := []string{string(p.Header()[4:])}
		for _, l := range p.Lines {
			if telegram.Lookup(string(l.Code.Of(raw))).Kind != telegram.Identifier {
				continue
			}
			for _, v := range l.Values {
				id := string(v.Text.Of(raw))
				if plain, err := hex.DecodeString(id); err == nil && number.Match(plain) {
					id = string(plain)
				}
				ids = append(ids, id)
			}
		}
		for _, id := range ids {
			for _, run := range number.FindAllString(id, -1) {
				for i := 0; i+6 <= len(run); i++ {
					if s := run[i : i+6]; strings.Trim(s, s[:1]) != "" {
						found[s] = true
						found[hex.EncodeToString([]byte(s))] = true
					}
				}
			}
		}
	}
	return found
}

// sharing are simulated logs; repaired says that every one of their damaged
// telegrams is decided as it was, but for so many of a meter that was never valid: what
// is prescribed of identifiers is another thing for other digits. A receiver that is out
// of step until the line pauses delivers the digits of identifiers as other bytes, which are overwritten.
var sharing = []struct {
	query    string
	repaired bool
	but      int
}{
	{"meter=hu&telegrams=80&noise=slow-rise&logger=printable", true, 0},
	{"meter=hu&telegrams=80&noise=slow-fall&seed=2", true, 0},
	{"meter=nl&telegrams=80&noise=slow-rise&seed=3", true, 0},
	{"meter=nl&telegrams=80&noise=flip&seed=4", true, 0},
	{"meter=nl&telegrams=80&noise=slip&rate=0.0005&seed=5", true, 0},
	{"meter=be&telegrams=80&noise=delete&seed=6", true, 0},
	{"meter=be&telegrams=80&noise=slow-rise&logger=lf&seed=7", true, 0},
	{"meter=be&telegrams=80&noise=overrun&seed=8", true, 0},
	{"meter=se&telegrams=80&noise=slow-rise&logger=printable&seed=9", true, 0},
	{"meter=se&telegrams=80&noise=burst&seed=10", true, 0},
	{"meter=dsmr3&telegrams=80&noise=flip&parity=even&seed=11", true, 0},
	{"meter=dsmr3&telegrams=80&noise=slow-rise&seed=12", true, 0},
	{"meter=nl&telegrams=80&noise=cut&seed=13", true, 0},
	{"meter=hu&telegrams=40&noise=slow-rise&seed=2 then meter=hu&telegrams=40&noise=slow-rise&seed=77 then meter=nl&telegrams=60&noise=flip&seed=9", true, 2},
	{"meter=hu&telegrams=80&noise=slip&resync=pause&seed=14", false, 0},
	{"meter=be&telegrams=80&noise=slip&resync=pause&seed=15", false, 0},
}

// What is shared has the records, the bytes and the damage of the log, but nobody's
// number; sharing it once more changes nothing, nor does how it was read.
func TestAnonymise(t *testing.T) {
	t.Parallel()
	for _, s := range sharing {
		query := s.query
		if !longtest.Asked() {
			// Those of two meters alike stay: with fewer telegrams it hangs on how much their names
			// differ whether one is taken for the other.
			query = strings.NewReplacer("telegrams=80", "telegrams=30").Replace(query)
		}
		t.Run(strings.ReplaceAll(query, " ", "_"), func(t *testing.T) {
			t.Parallel()
			x := share(t, query)
			x.sameRecords(t)
			dir := t.TempDir()
			log := filepath.Join(dir, "shared.log")
			give(t, "p1cat "+x.log+" | p1frame --anonymise | p1cat --raw -o "+log)
			bytesOf := read(t, log)
			conserve(t, "p1frame --anonymise", x.given, bytesOf)
			x.checkSecrets(t, bytesOf)
			if s.repaired {
				x.sameRepairs(t, s.but)
			}
			again := give(t, "p1cat "+log+" | p1frame --anonymise | p1cat --raw")
			if !bytes.Equal(again, bytesOf) {
				t.Error("what is shared is changed once more when it is shared once more")
			}
			stream := give(t, "p1cat - | p1frame --anonymise --ascii | p1cat --raw -", x.log)
			if !bytes.Equal(stream, bytesOf) {
				t.Error("it depends on how the log was read")
			}
		})
	}
}

// sameRecords fails unless each record has kept its place, its length and its
// verdict.
func (x *shared) sameRecords(t *testing.T) {
	t.Helper()
	if len(x.framed) != len(x.given) {
		t.Fatalf("%d records become %d", len(x.framed), len(x.given))
	}
	changed := 0
	for i := range x.framed {
		a, b := &x.framed[i], &x.given[i]
		if a.Type != b.Type || a.Offset != b.Offset || a.Seq != b.Seq || a.Status != b.Status || a.CRC != b.CRC ||
			a.CRCSent != b.CRCSent || a.EOL != b.EOL || len(a.Raw) != len(b.Raw) || len(a.Data) != len(b.Data) || len(a.Received) != len(b.Received) {
			t.Fatalf("record %d, a %s at %d, is not what it was", i, a.Type, a.Offset)
		}
		if a.Status == "ok" && a.CRCCalc != b.CRCCalc {
			t.Errorf("the CRC of the telegram at %d has changed", a.Offset)
		}
		if !bytes.Equal(a.Raw, b.Raw) {
			changed++
		}
	}
	if n := len(telegrams(x.framed)); changed < n*9/10 {
		t.Errorf("of %d telegrams only %d have changed", n, changed)
	}
}

func (x *shared) checkSecrets(t *testing.T, log []byte) {
	t.Helper()
	secrets := x.secrets()
	if len(secrets) < 4 {
		t.Fatalf("only %d secrets: are the identifiers found?", len(secrets))
	}
	for s := range secrets {
		if at := bytes.Index(bytes.ToLower(log), []byte(s)); at >= 0 {
			t.Errorf("%s of an identifier is left: %q", s, log[max(0, at-30):at+20])
		}
	}
}

// sameRepairs fails unless p1fix comes to the same verdicts, and changes as many
// bytes where the identifiers had no part in the damage.
func (x *shared) sameRepairs(t *testing.T, but int) {
	t.Helper()
	own := x.sameVerdicts(t, but)
	// A repaired telegram is shared as well, with its edits.
	fixed := lines(t, give(t, "p1cat "+x.log+" | p1frame | p1fix | p1frame --anonymise"))
	var all []byte
	for i := range fixed {
		a, b := &own[i], &fixed[i]
		if a.Status != b.Status || len(a.Edits) != len(b.Edits) || len(a.Raw) != len(b.Raw) {
			t.Errorf("the telegram at %d with %d edits becomes one with %d", a.Offset, len(a.Edits), len(b.Edits))
		}
		got, err := b.received()
		must(t, err)
		all = append(append(all, got...), b.Raw...)
	}
	x.checkSecrets(t, all)
}

// sameVerdicts does so of the framed records alone.
func (x *shared) sameVerdicts(t *testing.T, but int) []line {
	t.Helper()
	own := lines(t, give(t, "p1cat "+x.log+" | p1frame | p1fix"))
	others := lines(t, give(t, "p1cat "+x.log+" | p1frame --anonymise | p1fix"))
	if len(own) != len(others) {
		t.Fatalf("p1fix makes %d records of the log and %d of the shared one", len(own), len(others))
	}
	edits, few := 0, len(own)/20
	if but > 0 {
		few = len(own) / 10
	}
	for i := range own {
		a, b := &own[i], &others[i]
		if but > 0 && a.Offset == b.Offset && a.Status != b.Status {
			but--
			continue
		}
		if a.Type != b.Type || a.Offset != b.Offset || a.Status != b.Status {
			t.Errorf("the %s at %d is %s (%s), and in the shared log, at %d, %s (%s)",
				a.Type, a.Offset, a.Status, a.Why, b.Offset, b.Status, b.Why)
		}
		if len(a.Edits) != len(b.Edits) {
			edits++
		}
	}
	// A byte lost among equal ones may be any of them, and the pseudonym has
	// others that are equal.
	if edits > few {
		t.Errorf("%d of %d records have another number of edits", edits, len(own))
	}
	return own
}

// The real logs go through too, and are repaired as before.
func TestAnonymiseReal(t *testing.T) {
	t.Parallel()
	names := []string{"eon-noisy.log", "eon-clean.log", "eon-clean-lf.log"}
	for _, name := range longtest.Pick(names[:1], names, names) {
		x := &shared{}
		x.log, _ = realLog(t, name)
		x.framed = lines(t, give(t, "p1cat "+x.log+" | p1frame"))
		x.given = lines(t, give(t, "p1cat "+x.log+" | p1frame --anonymise"))
		x.sameRecords(t)
		x.sameVerdicts(t, 0)
	}
}

// All logs of testdata are in their records, whichever stage has made these.
func TestRecordsHoldTheLog(t *testing.T) {
	t.Parallel()
	logs, err := filepath.Glob(testdata + "/*.log*")
	must(t, err)
	more, err := filepath.Glob(testdata + "/symptom/*/*.log")
	must(t, err)
	if logs = append(logs, more...); len(logs) < 10 {
		t.Fatalf("only %d logs are found", len(logs))
	}
	for _, name := range logs {
		want := read(t, name)
		if strings.HasSuffix(name, ".gz") {
			want = read(t, testdata+"/hu-clean.log")
		}
		for _, stages := range []string{"", " | p1frame", " | p1frame | p1fix", " | p1frame --ascii | p1fix --ascii"} {
			if got := give(t, "p1cat "+name+stages+" | p1cat --raw"); !bytes.Equal(got, want) {
				t.Errorf("%s: p1cat%s: %d bytes come out of %d", name, stages, len(got), len(want))
			}
		}
	}
}
