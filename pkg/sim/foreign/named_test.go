package foreign_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim"
	"p1/pkg/sim/foreign"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/tooltest"
)

// bin is the directory in which the commands stand.
var bin string

func TestMain(m *testing.M) {
	os.Unsetenv("P1_KEY")
	os.Exit(tooltest.RunWithCommands(m, &bin))
}

// An ending is how a command ended.
type ending struct {
	out, said []byte
	code      int
}

// command runs one of the commands on an input.
func command(t testing.TB, in []byte, name string, args ...string) ending {
	t.Helper()
	return commandIn(t, "", in, name, args...)
}

func commandIn(t testing.TB, dir string, in []byte, name string, args ...string) ending {
	t.Helper()
	c := exec.Command(filepath.Join(bin, name), args...)
	c.Dir = dir
	c.Stdin = bytes.NewReader(in)
	c.Env = append(os.Environ(), "P1_KEY="+key)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	hung := time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	defer hung.Stop()
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return ending{out.Bytes(), said.Bytes(), c.ProcessState.ExitCode()}
}

// key is that of the simulated meters that encrypt: their owner has it.
const key = sim.DemoKey

// told is all that p1cat FILE | p1frame | p1noise --summary tells a person, in lower case
// and one blank between words. The name of the file is left out: it may be a word that is
// looked for.
func told(t testing.TB, name string, file []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), file, 0o644); err != nil {
		t.Fatal(err)
	}
	cat := commandIn(t, dir, nil, "p1cat", name)
	frame := command(t, cat.out, "p1frame")
	noise := command(t, frame.out, "p1noise", "--summary")
	text := string(cat.said) + string(frame.said) + string(noise.said) + string(noise.out)
	return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(text, name, "FILE"))), " ")
}

// wiring are words of advice on a line's wiring.
var wiring = []string{"twisted pair", "ferrite", "resistor", "pull-up", "wires", "crimp"}

// denied is where a text says that it is no matter of wiring.
var denied = regexp.MustCompile(`\bnothing\b[^.;:]*`)

// advised returns a word of such advice.
func advised(text string) (string, bool) { return anyOf(denied.ReplaceAllString(text, ""), wiring) }

// anyOf returns the first of the words that a text has.
func anyOf(text string, words []string) (string, bool) {
	for _, w := range words {
		if strings.Contains(text, w) {
			return w, true
		}
	}
	return "", false
}

// A variant is what may have become of a stream on its way.
type variant struct {
	name string
	of   func(p foreign.Protocol, seed uint64) []byte
}

var variants = []variant{
	{"as sent", foreign.Protocol.Stream},
	{"from the middle of a frame on", func(p foreign.Protocol, seed uint64) []byte {
		s := p.Stream(seed)
		return s[len(p.Frames(seed)[0])/3:]
	}},
	{"one byte of a thousand hit", func(p foreign.Protocol, seed uint64) []byte {
		s := p.Stream(seed)
		d := rand.New(rand.NewPCG(seed, 77))
		for i := range s {
			if d.IntN(1000) == 0 {
				s[i] ^= 1 << d.IntN(8)
			}
		}
		return s
	}},
	{"three frames", func(p foreign.Protocol, seed uint64) []byte {
		var s []byte
		for _, f := range p.Frames(seed)[:3] {
			s = append(s, f...)
		}
		return s
	}},
}

// Each protocol is named by one of its words, and nothing is said of the wiring.
func TestProtocolsAreNamed(t *testing.T) {
	seeds := uint64(longtest.Pick(1, 5, 25))
	for _, p := range foreign.Protocols() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				for _, v := range variants {
					if v.name != "as sent" && len(p.Frames(seed)) == 1 {
						continue // a file is whole, or something else
					}
					text := told(t, p.File, v.of(p, seed))
					if _, ok := anyOf(text, p.Words); !ok {
						t.Errorf("%s: none of %q is said, but:\n%s", v.name, p.Words, head(text))
					}
					if w, ok := advised(text); ok && !(p.Name == "random bytes" && w == "wires") {
						// Of bytes that are nothing at all a wrong wire may be the cause.
						t.Errorf("%s: %q is advised:\n%s", v.name, w, head(text))
					}
				}
			}
		})
	}
}

// head is the beginning of a text.
func head(text string) string { return text[:min(len(text), 300)] }

// What belongs to another stage is named, and which stage is missing or too many.
func TestRecordsAtTheWrongStage(t *testing.T) {
	const demo = "demo:?meter=nl&telegrams=5"
	chunks := command(t, nil, "p1cat", demo).out
	log := command(t, nil, "p1cat", "--raw", demo).out
	telegrams := command(t, chunks, "p1frame").out
	for _, c := range []struct {
		what  string
		in    []byte
		stage string
		words []string
		code  int
	}{
		{"chunks", chunks, "p1fix", []string{"p1frame"}, 3},
		{"chunks", chunks, "p1csv", []string{"p1frame"}, 3},
		{"chunks", chunks, "p1noise", []string{"p1frame"}, 3},
		{"the log itself", log, "p1frame", []string{"p1cat"}, 3},
		{"the log itself", log, "p1fix", []string{"p1cat"}, 3},
		{"the log itself", log, "p1csv", []string{"p1cat"}, 3},
		{"the log itself", log, "p1noise", []string{"p1cat"}, 3},
	} {
		e := command(t, c.in, c.stage)
		text := strings.ToLower(string(e.said))
		if _, ok := anyOf(strings.ReplaceAll(text, c.stage+":", ""), c.words); !ok || e.code != c.code {
			t.Errorf("%s to %s: it ends with %d, want %d, and says %q, want one of %q", c.what, c.stage, e.code, c.code, e.said, c.words)
		}
	}
	// Telegrams pass p1frame as they are.
	if e := command(t, telegrams, "p1frame"); !bytes.Equal(e.out, telegrams) || e.code != 0 {
		t.Errorf("telegrams to p1frame: it ends with %d, and %d bytes become %d", e.code, len(telegrams), len(e.out))
	}
}

// Our own tables, given to p1cat as if they were a log.
func TestOwnOutputIsNamed(t *testing.T) {
	chunks := command(t, nil, "p1cat", "demo:?meter=nl&telegrams=30&noise=slow-rise").out
	telegrams := command(t, command(t, chunks, "p1frame").out, "p1fix").out
	for name, file := range map[string][]byte{
		"records":  command(t, telegrams, "p1csv").out,
		"excel":    command(t, telegrams, "p1csv", "--excel-eu").out,
		"validity": command(t, telegrams, "p1csv", "--table", "validity").out,
		"noise":    command(t, telegrams, "p1noise").out,
	} {
		text := told(t, name, file)
		if _, ok := anyOf(text, []string{"csv", "a table"}); !ok {
			t.Errorf("%s: it is not said that this is a table, but:\n%s", name, head(text))
		}
		if w, ok := advised(text); ok {
			t.Errorf("%s: %q is advised:\n%s", name, w, head(text))
		}
	}
}

// names are the words that name a protocol or a file; encrypted meters' frames are DLMS.
var names = []string{"hdlc", "sml", "m-bus frame", "62056-21", "system title", "modbus", "nmea", "gps", "png", "jpeg", "a picture", "pdf", "p1csv's"}

// None of the noisy logs of real meters is taken for something else.
func TestNoisyLogsAreP1(t *testing.T) {
	taken := 0
	for i := range longtest.Pick(10, 300, 1000) {
		query := noisy(uint64(i))
		o, err := sim.ParseOptions(query)
		if err != nil {
			t.Fatal(err)
		}
		s, err := sim.New(o)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		if _, err := log.ReadFrom(s); err != nil {
			t.Fatal(err)
		}
		text := told(t, "p1.log", log.Bytes())
		if w, ok := anyOf(text, names); ok {
			taken++
			t.Errorf("%s: %q is said:\n%s", query, w, head(text))
		}
	}
	t.Logf("%d taken for something else", taken)
}

// noisy is a meter on a line that is bad, from now and then to hopeless.
func noisy(seed uint64) string {
	d := rand.New(rand.NewPCG(seed, 18))
	pick := func(list ...string) string { return list[d.IntN(len(list))] }
	noise := pick("slow-rise", "slow-fall", "jitter", "pulse", "flip", "late", "delete", "overrun", "burst", "cut", "slip")
	rates := []string{"0.0003", "0.003", "0.03", "0.3"}
	return fmt.Sprintf("meter=%s&telegrams=%d&noise=%s&rate=%s&framing=%s&resync=%s&logger=%s&seed=%d",
		pick(sim.Meters()...), 1+d.IntN(12), noise, pick(rates...), pick("keep", "drop"), pick("edge", "low", "level"),
		pick("all", "raw", "printable", "lf", "nonul", "nohigh"), seed)
}
