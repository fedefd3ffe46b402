package pipetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The main job, through the shell as the README has it.
func TestMainJob(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell")
	}
	dir := t.TempDir()
	log, err := filepath.Abs(filepath.Join(testdata, "hu-noisy.log"))
	must(t, err)
	shell(t, dir, `p1cat "$LOG" | p1frame | p1fix | p1csv -o records.csv`, "LOG="+log)
	got := read(t, filepath.Join(dir, "records.csv"))
	if want := run(t, testdata, "p1cat hu-noisy.log | p1frame | p1fix | p1csv"); !bytes.Equal(got, want) {
		t.Error("the shell's pipe gives other records than ours")
	}
	if n := len(parseTable(t, got).rows); n < 50 {
		t.Errorf("only %d records", n)
	}
}

// shell runs a line in a directory, with the commands in the path. It must end
// well and say nothing.
func shell(t *testing.T, dir, line string, env ...string) {
	t.Helper()
	c := exec.Command("sh", "-c", line)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	c.Env = append(c.Env, env...)
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%s\n%v %s", line, err, out)
	}
}

// All three outputs in one pass, by tee and named pipes; one of them by --validity
// too.
func TestTee(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sh", "mkfifo", "tee"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("there is no " + name)
		}
	}
	dir := t.TempDir()
	log, err := filepath.Abs(testdata)
	must(t, err)
	shell(t, dir, `mkfifo a b && cd "$DATA" &&
		{ p1noise "$OLDPWD/a" -o "$OLDPWD/noise.csv" & p1csv "$OLDPWD/b" --table validity -o "$OLDPWD/validity.csv" & } &&
		p1cat hu-noisy.log | p1frame | p1fix | tee "$OLDPWD/a" "$OLDPWD/b" | p1csv -o "$OLDPWD/records.csv" --validity "$OLDPWD/both.csv" &&
		wait`, "DATA="+log)
	for made, command := range map[string]string{
		"records.csv": "p1csv", "validity.csv": "p1csv --table validity", "both.csv": "p1csv --table validity", "noise.csv": "p1noise",
	} {
		want := run(t, testdata, "p1cat hu-noisy.log | p1frame | p1fix | "+command)
		if got := read(t, filepath.Join(dir, made)); !bytes.Equal(got, want) {
			t.Errorf("%s is not what %s gives alone", made, command)
		}
	}
}

// The middle can be kept, and only the end be run again.
func TestSavedMiddle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := run(t, testdata, "p1cat hu-noisy.log | p1frame | p1fix | p1csv")
	for _, name := range []string{"day.jsonl", "day.jsonl.gz", "day.jsonl.zst"} {
		day := filepath.Join(dir, name)
		if out := run(t, testdata, "p1cat hu-noisy.log | p1frame | p1fix -o "+day); len(out) > 0 {
			t.Errorf("with -o %s, %d bytes come to standard output", name, len(out))
		}
		if got := run(t, dir, "p1csv "+name); !bytes.Equal(got, want) {
			t.Errorf("p1csv makes something else of %s", name)
		}
		if got := feed(t, read(t, day), "p1csv"); !bytes.Equal(got, want) {
			t.Errorf("p1csv makes something else of %s through a pipe", name)
		}
	}
	plain, packed := filepath.Join(dir, "day.jsonl"), filepath.Join(dir, "day.jsonl.zst")
	if a, b := len(read(t, plain)), len(read(t, packed)); b*2 > a {
		t.Errorf("%d bytes are compressed to %d", a, b)
	}

	// Every stage may be kept, one after the other.
	for _, line := range []string{
		"p1cat hu-noisy.log -o " + dir + "/1.jsonl.zst", "p1frame " + dir + "/1.jsonl.zst -o " + dir + "/2.jsonl.zst",
		"p1fix " + dir + "/2.jsonl.zst -o " + dir + "/3.jsonl.zst", "p1csv " + dir + "/3.jsonl.zst -o " + dir + "/4.csv",
	} {
		run(t, testdata, line)
	}
	if got := read(t, filepath.Join(dir, "4.csv")); !bytes.Equal(got, want) {
		t.Error("from file to file, other records come out")
	}
}

// A log as PowerShell redirects it, compressed, gives the same records as the
// plain one, but for the name of their source.
func TestUTF16(t *testing.T) {
	t.Parallel()
	const plain, wide = "hu-clean.log", "hu-clean-utf16.log.gz"
	for _, rest := range []string{"p1frame | p1fix", "p1frame | p1fix | p1csv", "p1frame | p1fix | p1csv --table validity", "p1frame | p1fix | p1noise"} {
		want := run(t, testdata, "p1cat "+plain+" | "+rest)
		got := run(t, testdata, "p1cat "+wide+" | "+rest)
		if !bytes.Contains(want, []byte("\n")) || !bytes.Equal(bytes.ReplaceAll(got, []byte(wide), []byte(plain)), want) {
			t.Errorf("%s gives something else for the log in UTF-16", rest)
		}
	}
}

// A log with LF for CR LF gives the same readings, and its records say that there
// was no CR.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	for _, demo := range []string{"demo:?meter=hu&telegrams=15", "demo:?meter=nl&telegrams=15", "demo:?meter=dsmr3&telegrams=15"} {
		rest := " | p1frame | p1fix"
		want := run(t, "", "p1cat "+demo+rest+" | p1csv")
		got := run(t, "", "p1cat "+demo+"&logger=lf"+rest+" | p1csv")
		if len(parseTable(t, want).rows) != 15 || !bytes.Equal(got, want) {
			t.Errorf("%s with LF gives other readings", demo)
		}
		crlf := telegrams(lines(t, run(t, "", "p1cat "+demo+rest)))
		lf := telegrams(lines(t, run(t, "", "p1cat "+demo+"&logger=lf"+rest)))
		if len(lf) != len(crlf) {
			t.Fatalf("%s: %d telegrams with LF, %d with CR LF", demo, len(lf), len(crlf))
		}
		for i := range lf {
			if lf[i].EOL != "lf" || crlf[i].EOL != "" || !bytes.Equal(lf[i].Raw, crlf[i].Raw) {
				t.Errorf("%s: telegram %d has eol %q and %q", demo, i+1, lf[i].EOL, crlf[i].EOL)
			}
		}
	}

	// The noisy log: what LF keeps from being read is little.
	crlf := parseTable(t, run(t, testdata, "p1cat hu-noisy.log | p1frame | p1fix | p1csv"))
	lf := parseTable(t, run(t, testdata, "p1cat hu-noisy-lf.log | p1frame | p1fix | p1csv"))
	x := simulate(t, "meter=hu&telegrams=60&noise=slow-rise&logger=printable&seed=7")
	checkRows(t, lf, x)
	if len(lf.rows) < len(crlf.rows)*9/10 {
		t.Errorf("%d records with LF, %d with CR LF", len(lf.rows), len(crlf.rows))
	}
}

// Of a broken compressed log the rows of the good part come out.
func TestBrokenLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demo := "demo:?meter=nl&telegrams=200"
	want := run(t, "", "p1cat "+demo+" | p1frame | p1fix | p1csv")
	for _, name := range []string{"p1.log.gz", "p1.log.zst"} {
		whole := filepath.Join(dir, name)
		run(t, "", "p1cat --raw "+demo+" -o "+whole)
		data := read(t, whole)
		write(t, filepath.Join(dir, "broken-"+name), data[:len(data)*3/4])
		p := start(t, dir, nil, "p1cat broken-"+name+" | p1frame | p1fix | p1csv")
		got := p.rest()
		if p.stages[0].code != 1 || !strings.HasPrefix(p.stages[0].stderr.String(), "p1cat: broken-"+name+": ") {
			t.Errorf("%s: p1cat ends with %d and says %q", name, p.stages[0].code, &p.stages[0].stderr)
		}
		p.stages = p.stages[1:]
		p.ended(0)
		rows := bytes.Count(got, []byte("\n")) - 1
		if !bytes.HasPrefix(want, got) || rows < 1 || rows > 199 {
			t.Errorf("%s: %d rows of the good part, or others than of the whole log", name, rows)
		}
	}
}
