package wrapped_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// batch is how many logs p1cat is given at once.
const batch = 25

// Logs that no program has put anything around come through p1cat byte for byte, whatever
// the noise has made of them.
func TestPlainLogsComeThrough(t *testing.T) {
	n, wrong := longtest.Pick(150, 10_000, 50_000), 0
	for from := 0; from < n; from += batch {
		dir := t.TempDir()
		args := []string{"--raw"}
		var want []byte
		for i := from; i < min(from+batch, n); i++ {
			name := fmt.Sprintf("p1-%05d.log", i)
			log, _ := plain(t, uint64(i))
			must(t, os.WriteFile(filepath.Join(dir, name), log, 0o644))
			args, want = append(args, name), append(want, log...)
		}
		if got, _, code := command(t, dir, nil, "p1cat", args...); bytes.Equal(got, want) && code == 0 {
			continue
		}
		for i := from; i < min(from+batch, n); i++ {
			log, what := plain(t, uint64(i))
			got, said, code := command(t, dir, nil, "p1cat", "--raw", fmt.Sprintf("p1-%05d.log", i))
			if bytes.Equal(got, log) && code == 0 {
				continue
			}
			wrong++
			at := 0
			for at < min(len(got), len(log)) && got[at] == log[at] {
				at++
			}
			t.Errorf("log %d, %s: of %d bytes come %d, the first that differs is at %d: %q, not %q; p1cat ends with %d and says %.200s",
				i, what, len(log), len(got), at, part(got, at), part(log, at), code, said)
		}
	}
	t.Logf("%d of %d logs were changed", wrong, n)
}

// part is what stands at an offset.
func part(b []byte, at int) []byte { return b[max(at-10, 0):min(at+30, len(b))] }

// plain is a log that nothing has been put around, and how it was made.
func plain(t testing.TB, seed uint64) (log []byte, what string) {
	d := rand.New(rand.NewPCG(seed, 1))
	pick := func(list ...string) string { return list[d.IntN(len(list))] }
	query := fmt.Sprintf("meter=%s&telegrams=%d&noise=%s&logger=%s&framing=%s&seed=%d", pick(sim.Meters()...), 1+d.IntN(8),
		pick("clean", "slow-rise", "slow-fall", "jitter", "pulse", "flip", "late", "delete", "overrun", "burst", "cut", "slip"),
		pick("raw", "raw", "all", "printable", "lf", "nonul", "nohigh", "sevenbit", "utf8", "ascii"), pick("keep", "drop"), seed)
	if o, err := sim.ParseOptions(query); err == nil && o.Noise != "clean" {
		query += "&rate=" + pick("0.0005", "0.005", "0.05", "0.4")
	}
	if _, err := sim.ParseOptions(query + "&parity=even"); err == nil && d.IntN(8) == 0 {
		query += "&parity=even"
	}
	c, _ := simulate(t, query)
	log, what = c.Bytes(), query
	for range d.IntN(3) {
		m := mischiefs[d.IntN(len(mischiefs))]
		log, what = m.do(d, log), what+", "+m.name
	}
	return log, what
}

// A mischief is what noise, a meter's habits or whoever shares a log make of it, which
// looks like what other programs do.
type mischief struct {
	name string
	do   func(d *rand.Rand, log []byte) []byte
}

// often is up to which share of the lines something happens.
const often = 0.1

var mischiefs = []mischief{
	{"quote marks before some lines", someLines(func(d *rand.Rand, line []byte) []byte { return append([]byte("> "), line...) })},
	{"> for the first byte of some lines", someLines(func(d *rand.Rand, line []byte) []byte { line[0] = '>'; return line })},
	{"digits before some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return append(fmt.Appendf(nil, "%d ", d.IntN(1_000_000)), line...)
	})},
	{"a time before some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return append(fmt.Appendf(nil, "%02d:%02d:%02d ", d.IntN(24), d.IntN(60), d.IntN(60)), line...)
	})},
	{"blanks before some lines", someLines(func(d *rand.Rand, line []byte) []byte { return append([]byte("    "), line...) })},
	{"^ and a letter in some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return slices.Insert(line, d.IntN(len(line)), '^', byte('@'+d.IntN(32)))
	})},
	{"^M written out in some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return bytes.Replace(line, []byte("\r\n"), []byte("^M\r\n"), 1)
	})},
	{"backslashes in some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return slices.Insert(line, d.IntN(len(line)), []byte([]string{`\`, `\r`, `\n`, `\x0d`, `\\`}[d.IntN(5)])...)
	})},
	{"entities in some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return slices.Insert(line, d.IntN(len(line)), []byte([]string{`&amp;`, `&gt;`, `<pre>`, "```"}[d.IntN(4)])...)
	})},
	{"NUL in some lines", someLines(func(d *rand.Rand, line []byte) []byte { return slices.Insert(line, d.IntN(len(line)), 0) })},
	{"NUL after CR in some lines", someLines(func(_ *rand.Rand, line []byte) []byte {
		return bytes.Replace(line, []byte("\r"), []byte("\r\x00"), 1)
	})},
	{"CR for LF in some lines", someLines(func(_ *rand.Rand, line []byte) []byte { return bytes.Replace(line, []byte("\n"), []byte("\r"), 1) })},
	{"LF for CR in some lines", someLines(func(_ *rand.Rand, line []byte) []byte { return bytes.Replace(line, []byte("\r"), []byte("\n"), 1) })},
	{"options of telnet", someLines(func(d *rand.Rand, line []byte) []byte {
		return slices.Insert(line, d.IntN(len(line)), 0xFF, byte(0xFB+d.IntN(4)), byte(d.IntN(40)))
	})},
	{"a lone CR or LF in some lines", someLines(func(d *rand.Rand, line []byte) []byte {
		return slices.Insert(line, d.IntN(len(line)), "\r\n"[d.IntN(2)])
	})},
	{"some line ends doubled", someLines(func(d *rand.Rand, line []byte) []byte { return append(line, "\r\n"...) })},
	{"blank lines after headers", func(d *rand.Rand, log []byte) []byte { return after(log, '/', "\r\n") }},
	{"blank lines after telegrams", func(d *rand.Rand, log []byte) []byte { return after(log, '!', "\r\n\r\n") }},
	{"a message of wrapped hex lines", func(d *rand.Rand, log []byte) []byte { return after(log, '/', hexMessage(d)) }},
	{"begun in a message of wrapped hex lines", func(d *rand.Rand, log []byte) []byte {
		m := hexMessage(d)
		return append([]byte(m[min(len(m), 20+d.IntN(40)):]), log...)
	}},
	{"begun in the middle", func(d *rand.Rand, log []byte) []byte { return log[d.IntN(len(log)+1):] }},
	{"cut short", func(d *rand.Rand, log []byte) []byte { return log[:d.IntN(len(log)+1)] }},
	{"cut to a few bytes", func(d *rand.Rand, log []byte) []byte { return log[:min(len(log), d.IntN(200))] }},
	{"a logger's header in the middle", someLines(func(d *rand.Rand, line []byte) []byte {
		return append([]byte("=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.03.01 00:00:00 =~=~=~=~=~=~=~=~=~=~=~=\r\n"), line...)
	})},
	{"garbage before it", func(d *rand.Rand, log []byte) []byte {
		g := make([]byte, d.IntN(600))
		for i := range g {
			g[i] = byte(d.Uint32())
		}
		return append(g, log...)
	}},
}

// someLines changes up to a tenth of the lines.
func someLines(change func(d *rand.Rand, line []byte) []byte) func(*rand.Rand, []byte) []byte {
	return func(d *rand.Rand, log []byte) []byte {
		share := often * d.Float64()
		var out []byte
		for line := range bytes.Lines(log) {
			line = bytes.Clone(line)
			if d.Float64() < share {
				line = change(d, line)
			}
			out = append(out, line...)
		}
		return out
	}
}

// after puts a text after each line that begins with a byte.
func after(log []byte, first byte, text string) []byte {
	var out []byte
	for line := range bytes.Lines(log) {
		out = append(out, line...)
		if line[0] == first {
			out = append(out, text...)
		}
	}
	return out
}

// hexMessage is a text message as hex digits, as Dutch meters send it (P1 companion
// standard 5.0.2, §6.12), wrapped as some do with long values.
func hexMessage(d *rand.Rand) string {
	text := "0-0:96.13.0("
	for range 1 + d.IntN(16) {
		for range 32 {
			text += fmt.Sprintf("%02X", 'A'+d.IntN(26))
		}
		text += "\r\n"
	}
	return text + ")\r\n"
}

// To recognise what is around a log costs at most 3 % of p1cat's time on one that has
// nothing around it.
func TestRecognitionIsCheap(t *testing.T) {
	longtest.Needs(t, "judges by the clock")
	flags := asIs(t)
	if flags == nil {
		t.Fatal("p1cat has no --as-is to compare with")
	}
	c, _ := simulate(t, "meter=hu&telegrams=2000&logger=raw")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "p1.log"), bytes.Repeat(c.Bytes(), 20), 0o644))
	least := map[bool]time.Duration{}
	for range longtest.Pick(5, 15, 40) {
		for _, as := range []bool{true, false} {
			args := []string{"p1.log", "-o", os.DevNull}
			if as {
				args = append(slices.Clone(flags), args...)
			}
			begin := time.Now()
			if _, said, code := command(t, dir, nil, "p1cat", args...); code != 0 {
				t.Fatalf("p1cat ends with %d: %s", code, said)
			}
			if took := time.Since(begin); least[as] == 0 || took < least[as] {
				least[as] = took
			}
		}
	}
	share := float64(least[false])/float64(least[true]) - 1
	t.Logf("%s as it is, %s with recognition: %+.1f %%", least[true], least[false], 100*share)
	if share > 0.03 {
		t.Errorf("recognition costs %.1f %%", 100*share)
	}
}
