package wrapped_test

import (
	"bytes"
	"os/exec"
	"testing"

	"p1/pkg/sim/wrapped"
)

// allBytes has every byte, rows that repeat, text, and an end in the middle of a row.
func allBytes() []byte {
	var b []byte
	for i := range 256 {
		b = append(b, byte(i))
	}
	b = append(b, bytes.Repeat([]byte{0xFF}, 100)...)
	b = append(b, "/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(008234.524*kWh)\r\n^M M-^M \xc3\xbf 'a' \"b\"\r\n!5B60\r\n"...)
	return b
}

// Where the program itself is here, the form is what it prints.
func TestAsTheProgramsPrint(t *testing.T) {
	forms := map[string]func([]byte) []byte{"xxd": wrapped.XXD, "xxd -p": wrapped.XXDPlain, "hexdump -C": wrapped.Hexdump, "od -A x -t x1z": wrapped.ODHex, "od -c": wrapped.ODChars}
	for _, f := range wrapped.Forms() {
		if f.Name == "cat -v" || f.Name == "cat -A" {
			forms[f.Name] = func(b []byte) []byte { return f.Wrap(wrapped.Capture{{Data: b}}).Bytes() }
		}
	}
	if len(forms) != 7 {
		t.Fatalf("%d forms are compared, want 7", len(forms))
	}
	for line, form := range forms {
		words := bytes.Fields([]byte(line))
		name := string(words[0])
		if _, err := exec.LookPath(name); err != nil {
			t.Logf("there is no %s", name)
			continue
		}
		var args []string
		for _, w := range words[1:] {
			args = append(args, string(w))
		}
		for _, b := range [][]byte{allBytes(), allBytes()[:256], []byte("x"), nil} {
			c := exec.Command(name, args...)
			c.Env = append(c.Environ(), "LC_ALL=C")
			c.Stdin = bytes.NewReader(b)
			want, err := c.Output()
			must(t, err)
			if got := form(b); !bytes.Equal(got, want) {
				t.Errorf("%s of %d bytes prints\n%s\nthe form is\n%s", line, len(b), want, got)
			}
		}
	}
}

// Python reads its own literals back.
func TestReprIsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	for _, f := range wrapped.Forms() {
		if f.Name != "Python repr, telegrams" {
			continue
		}
		text := f.Wrap(wrapped.Capture{{Data: allBytes()}, {Data: []byte("it's\r\n")}}).Bytes()
		c := exec.Command(python, "-c", "import sys,ast\nfor l in sys.stdin:\n b=ast.literal_eval(l)\n assert repr(b)==l.rstrip('\\n'),(repr(b),l)\n sys.stdout.buffer.write(b)")
		c.Stdin = bytes.NewReader(text)
		got, err := c.Output()
		must(t, err)
		if want := append(allBytes(), "it's\r\n"...); !bytes.Equal(got, want) {
			t.Errorf("python reads %q", got)
		}
		return
	}
	t.Error("there is no such form")
}

// Every form changes the log, every pair is a form of its own, and what is left of a log
// is read as something.
func TestForms(t *testing.T) {
	c, _ := simulate(t, "meter=nl&telegrams=4&logger=raw")
	log := c.Bytes()
	names := map[string]bool{}
	for _, f := range append(wrapped.Forms(), wrapped.Pairs()...) {
		if names[f.Name] {
			t.Errorf("there are two forms %q", f.Name)
		}
		names[f.Name] = true
		if f.Needs != "" {
			if _, err := exec.LookPath(f.Needs); err != nil {
				t.Logf("%s: there is no %s", f.Name, f.Needs)
				continue
			}
		}
		before := bytes.Clone(log)
		file := f.Wrap(c).Bytes()
		if !bytes.Equal(c.Bytes(), before) {
			t.Fatalf("%s: the log itself is changed", f.Name)
		}
		if bytes.Equal(file, log) || len(file) == 0 {
			t.Errorf("%s: %d bytes of a log of %d", f.Name, len(file), len(log))
		}
		if f.Left == nil {
			continue
		}
		for _, left := range f.Left(c) {
			if bytes.Count(left, []byte("!")) != 4 || bytes.Count(left, []byte("1-0:1.8.1(")) != 4 {
				t.Errorf("%s: %d bytes are left: %.300q", f.Name, len(left), left)
			}
		}
	}
	if n := len(wrapped.Forms()); n < 27 {
		t.Errorf("only %d forms", n)
	}
	if n := len(wrapped.Pairs()); n < 40 {
		t.Errorf("only %d pairs", n)
	}
}
