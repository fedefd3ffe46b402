package wrapped_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
	"p1/pkg/sim/wrapped"
)

// A stamp that tells date and zone becomes the time of the telegrams; one that tells no
// zone does so where --tz names one, and else none; what a stamp says that is no time of
// day is no time. A file is not live.
func TestStampsBecomeTimes(t *testing.T) {
	needsFlag(t, "--tz")
	c, _ := simulate(t, "meter=hu&telegrams=12&logger=raw&seed=5")
	for _, f := range wrapped.Forms() {
		if f.Stamp == wrapped.NoStamp || f.Unasked {
			continue
		}
		file := f.Wrap(c).Bytes()
		if len(file) == 0 {
			continue
		}
		untold := read(t, nil, []string{"p1.log"}, file)
		checkTimes(t, f.Name, c, untold, f.Stamp == wrapped.FullStamp)
		if bytes.Contains(untold.chunks, []byte(`"live"`)) {
			t.Errorf("%s: its chunks are live", f.Name)
		}
		if f.Stamp == wrapped.TimeOfDay && hasDate(f) {
			checkTimes(t, f.Name+" --tz", c, read(t, []string{"--tz", "Europe/Budapest"}, []string{"p1.log"}, file), true)
		}
	}
}

// In the hour that autumn repeats, a stamp without a zone tells no time; before and after
// it does.
func TestRepeatedHour(t *testing.T) {
	needsFlag(t, "--tz")
	c, _ := simulate(t, "meter=nl&telegrams=20&logger=raw&start=2026-10-25T01:25:00&every=10m")
	for _, f := range wrapped.Forms() {
		if f.Name != "CoolTerm" && f.Name != "awk strftime" {
			continue
		}
		got := read(t, []string{"--tz", "Europe/Amsterdam"}, []string{"p1.log"}, f.Wrap(c).Bytes())
		if len(got.times) != len(c) {
			t.Errorf("%s: %d telegrams, want %d", f.Name, len(got.times), len(c))
			continue
		}
		repeated := 0
		for i, text := range got.times {
			if c[i].At.Hour() == 2 {
				repeated++
				if text != "" {
					t.Errorf("%s: telegram %d came at %s, which there is twice, and has the time %s", f.Name, i+1, c[i].At, text)
				}
				continue
			}
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil || at.Sub(c[i].At).Abs() > time.Second {
				t.Errorf("%s: telegram %d came at %s and has the time %q", f.Name, i+1, c[i].At, text)
			}
		}
		if repeated < 10 {
			t.Fatalf("only %d telegrams are in the repeated hour", repeated)
		}
	}
}

// needsFlag fails where p1cat has no such flag.
func needsFlag(t *testing.T, flag string) {
	t.Helper()
	help, _, _ := command(t, "", nil, "p1cat", "--help")
	if !bytes.Contains(help, []byte(flag)) {
		t.Fatalf("p1cat has no %s", flag)
	}
}

// hasDate reports whether the form's stamps tell the day and the year.
func hasDate(f wrapped.Form) bool {
	at := time.Date(2019, 11, 23, 4, 5, 6, 0, time.UTC)
	return bytes.Contains(f.Wrap(wrapped.Capture{{At: at, Data: []byte("/x!\r\n/x!0000\r\n")}}).Bytes(), []byte("2019"))
}

// checkTimes wants the times of arrival, to the second that stamps tell, or none.
func checkTimes(t *testing.T, name string, c wrapped.Capture, got result, told bool) {
	t.Helper()
	if len(got.times) != len(c) {
		t.Errorf("%s: %d telegrams, want %d", name, len(got.times), len(c))
		return
	}
	for i, text := range got.times {
		if !told {
			if text != "" {
				t.Errorf("%s: telegram %d has the time %s, which the stamp does not tell", name, i+1, text)
				return
			}
			continue
		}
		if i == 0 && text == "" && strings.HasPrefix(name, "minicom") {
			continue // its first line has no stamp, so that it is not known when that came
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Errorf("%s: telegram %d has the time %q", name, i+1, text)
			return
		}
		if d := at.Sub(c[i].At); d < -time.Second || d > 300*time.Millisecond {
			t.Errorf("%s: telegram %d has the time %s and came at %s", name, i+1, text, c[i].At.Format(time.RFC3339Nano))
			return
		}
	}
}

// --raw writes the bytes without what was around them, --raw --as-is the file.
func TestRaw(t *testing.T) {
	needsFlag(t, "--as-is")
	c, _ := simulate(t, "meter=be&telegrams=12&logger=raw&seed=5")
	for _, f := range wrapped.Forms() {
		if !f.Keeps() || f.Unasked || f.Needs != "" || f.Files != nil {
			continue
		}
		dir, name := t.TempDir(), f.File
		if name == "" {
			name = "p1.log"
		}
		file := f.Wrap(c).Bytes()
		must(t, os.WriteFile(filepath.Join(dir, name), file, 0o644))
		if got, said, code := command(t, dir, nil, "p1cat", "--raw", name); !bytes.Equal(got, c.Bytes()) || code != 0 {
			t.Errorf("%s: --raw writes %d bytes, the log has %d; it ends with %d and says %.200s", f.Name, len(got), len(c.Bytes()), code, said)
		}
		if f.File != "" {
			continue // what --as-is does to archives is left open
		}
		if got, said, code := command(t, dir, nil, "p1cat", "--raw", "--as-is", name); !bytes.Equal(got, file) || code != 0 {
			t.Errorf("%s: --raw --as-is writes %d bytes, the file has %d; it ends with %d and says %.200s", f.Name, len(got), len(file), code, said)
		}
	}
}

// The names in an archive are never paths: nothing is written, wherever they point.
func TestNamesInArchives(t *testing.T) {
	c, _ := simulate(t, "meter=nl&telegrams=6&logger=raw")
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"../outside.log", "/tmp/p1-absolute.log", `..\..\windows.log`, "a/../../up.log", "p1.log"} {
		f, err := w.Create(name)
		must(t, err)
		_, err = f.Write(c.Bytes())
		must(t, err)
	}
	must(t, w.Close())
	top := t.TempDir()
	dir := filepath.Join(top, "in", "here")
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "p1.zip"), b.Bytes(), 0o644))
	chunks, said, code := command(t, dir, nil, "p1cat", "p1.zip")
	framed, _, _ := command(t, dir, chunks, "p1frame")
	if n := len(parse(t, framed).telegrams); n != 5*len(c) || code != 0 {
		t.Errorf("%d telegrams, want %d; p1cat ends with %d and says %s", n, 5*len(c), code, said)
	}
	files := 0
	must(t, filepath.WalkDir(top, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files++
		}
		return err
	}))
	if _, err := os.Stat("/tmp/p1-absolute.log"); files != 1 || err == nil {
		t.Errorf("there are %d files now, and /tmp/p1-absolute.log: %v", files, err)
	}
}

// A file that is small and would be huge is given up with a word, long before it is read.
func TestBombs(t *testing.T) {
	longtest.Needs(t, "writes 64 MB and more")
	zeros := make([]byte, 400<<20)
	for _, f := range wrapped.Forms() {
		if f.File == "" || f.Files != nil || f.Name == "page" {
			continue
		}
		if f.Needs != "" {
			if _, err := exec.LookPath(f.Needs); err != nil {
				continue
			}
		}
		dir := t.TempDir()
		file := f.Wrap(wrapped.Capture{{Data: zeros}}).Bytes()
		must(t, os.WriteFile(filepath.Join(dir, f.File), file, 0o644))
		_, said, code := command(t, dir, nil, "p1cat", "--raw", f.File, "-o", "out")
		out, err := os.Stat(filepath.Join(dir, "out"))
		must(t, err)
		if ratio := len(zeros) / len(file); ratio < 1000 {
			t.Logf("%s: its ratio is only %d", f.Name, ratio)
			continue
		}
		if limit := max(64<<20, 1001*int64(len(file))) + 1<<20; code != 1 || out.Size() > limit || !bytes.Contains(said, []byte(f.File)) {
			t.Errorf("%s, %d bytes: %d come out, at most %d are wanted; it ends with %d and says %.300s", f.Name, len(file), out.Size(), limit, code, said)
		}
	}
}

// denied is where a text says that it is no matter of wiring.
var denied = regexp.MustCompile(`\bnothing\b[^.;:]*`)

// Whoever has logged a clean line with another program is sold nothing: p1noise says no
// word of wiring.
func TestCleanLogsAreNoMatterOfWiring(t *testing.T) {
	c, _ := simulate(t, "meter=nl&telegrams=12&logger=raw&seed=11")
	for _, f := range wrapped.Forms() {
		if f.Unasked || f.Needs != "" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			name := f.File
			if name == "" {
				name = "p1.log"
			}
			got := read(t, nil, []string{name}, f.Wrap(c).Bytes())
			summary, _, _ := command(t, "", got.framed, "p1noise", "--summary")
			text := denied.ReplaceAllString(strings.Join(strings.Fields(strings.ToLower(string(summary))), " "), "")
			for _, word := range []string{"twisted pair", "ferrite", "resistor", "pull-up", "wires", "crimp"} {
				if strings.Contains(text, word) {
					t.Errorf("%q is advised:\n%.300s", word, summary)
				}
			}
		})
	}
}

// A log that comes through standard input is taken for what it is as well.
func TestStandardInput(t *testing.T) {
	c, _ := simulate(t, "meter=se&telegrams=12&logger=raw&seed=5")
	plain, _, _ := command(t, "", c.Bytes(), "p1cat")
	framed, _, _ := command(t, "", plain, "p1frame")
	want := parse(t, framed).records
	if len(want) != len(c) {
		t.Fatalf("the plain log gives %d records, want %d", len(want), len(c))
	}
	for _, f := range wrapped.Forms() {
		if !f.Keeps() || f.Unasked || f.Needs != "" || f.File != "" {
			continue
		}
		chunks, said, code := command(t, "", f.Wrap(c).Bytes(), "p1cat")
		framed, _, _ := command(t, "", chunks, "p1frame")
		if fault := compare("records", want, parse(t, framed).records); fault != "" || code != 0 {
			t.Errorf("%s: %s; p1cat ends with %d and says %.200s", f.Name, fault, code, said)
		}
	}
}
