package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Lines that are no records, with what is wrong and a word that has to stand in
// the message.
var badLines = []struct {
	name, line string
	want       error
	says       string
}{
	{"cut off", `{"v":1,"type":"gap"`, ErrNotJSON, ""},
	{"a log", `/AUX59902759022`, ErrNotJSON, ""},
	{"a PuTTY header", `=~=~=~=~=~=~=~= PuTTY log 2023.08.24 =~=~=~=~=~=~=~=`, ErrNotJSON, ""},
	{"single quotes", `{'v':1}`, ErrNotJSON, ""},
	{"no quotes", `{v:1}`, ErrNotJSON, ""},
	{"comma at the end", `{"v":1,"type":"gap","source":"s",}`, ErrNotJSON, ""},
	{"comma missing", `{"v":1 "type":"gap"}`, ErrNotJSON, ""},
	{"leading zero", `{"v":01,"type":"gap","source":"s"}`, ErrNotJSON, ""},
	{"unknown escape", `{"v":1,"type":"noise","source":"s","data":"\q"}`, ErrNotJSON, ""},
	{"short escape", `{"v":1,"type":"noise","source":"s","data":"\u00"}`, ErrNotJSON, ""},
	{"tab in a string", "{\"v\":1,\"type\":\"noise\",\"source\":\"s\",\"data\":\"\t\"}", ErrNotJSON, ""},
	{"Latin-1", "{\"v\":1,\"type\":\"noise\",\"source\":\"s\",\"data\":\"\xff\"}", ErrNotJSON, "UTF-8"},
	{"UTF-16", "\x00{\x00\"\x00v\x00\"", ErrNotJSON, ""},
	{"word after it", gapLine(1) + ` x`, ErrNotJSON, "follows"},
	{"object after it", gapLine(1) + gapLine(2), ErrNotJSON, "follows"},
	{"comma after it", gapLine(1) + `,`, ErrNotJSON, "follows"},
	{"brace after it", gapLine(1) + `}`, ErrNotJSON, "follows"},
	{"open string after it", gapLine(1) + `"abc`, ErrNotJSON, "follows"},
	{"open list after it", gapLine(1) + ` [`, ErrNotJSON, "follows"},
	{"open object after it", gapLine(1) + ` {"v":`, ErrNotJSON, "follows"},
	{"half a word after it", gapLine(1) + ` tru`, ErrNotJSON, "follows"},
	{"sign after it", gapLine(1) + ` -`, ErrNotJSON, "follows"},
	{"garbage after an unknown type", `{"v":1,"type":"later"}"`, ErrNotJSON, "follows"},

	{"number", `5`, ErrNotRecord, "object"},
	{"string", `"chunk"`, ErrNotRecord, "object"},
	{"list", `[{"v":1}]`, ErrNotRecord, "object"},
	{"null", `null`, ErrNotRecord, "object"},
	{"empty object", `{}`, ErrNotRecord, "no v"},
	{"no v", `{"type":"gap","source":"s"}`, ErrNotRecord, "no v"},
	{"v null", `{"v":null,"type":"gap","source":"s"}`, ErrNotRecord, "no v"},
	{"v zero", `{"v":0,"type":"gap","source":"s"}`, ErrNotRecord, "v is 0"},
	{"v negative", `{"v":-1,"type":"gap","source":"s"}`, ErrNotRecord, "v is -1"},
	{"v a string", `{"v":"1","type":"gap","source":"s"}`, ErrNotRecord, `v is "1"`},
	{"v broken", `{"v":1.5,"type":"gap","source":"s"}`, ErrNotRecord, "v is 1.5"},
	{"no type", `{"v":1,"source":"s"}`, ErrNotRecord, "no type"},
	{"type empty", `{"v":1,"type":"","source":"s"}`, ErrNotRecord, "no type"},
	{"type a number", `{"v":1,"type":7,"source":"s"}`, ErrNotRecord, "type"},

	{"no source", `{"v":1,"type":"gap","offset":0}`, ErrNotRecord, "source"},
	{"source a number", `{"v":1,"type":"gap","source":5}`, ErrNotRecord, "source"},
	{"session a list", `{"v":1,"type":"gap","source":"s","session":[]}`, ErrNotRecord, "session"},
	{"offset negative", `{"v":1,"type":"gap","source":"s","offset":-1}`, ErrNotRecord, "offset"},
	{"offset broken", `{"v":1,"type":"gap","source":"s","offset":0.5}`, ErrNotRecord, "offset"},
	{"offset a string", `{"v":1,"type":"gap","source":"s","offset":"0"}`, ErrNotRecord, "offset"},
	{"offset too high", `{"v":1,"type":"gap","source":"s","offset":9223372036854775808}`, ErrNotRecord, "offset"},
	{"offset near the highest", `{"v":1,"type":"gap","source":"s","offset":9223372036854775800}`, ErrNotRecord, "below 2^62"},
	{"live a number", `{"v":1,"type":"gap","source":"s","live":1}`, ErrNotRecord, "live"},
	{"live a string", `{"v":1,"type":"gap","source":"s","live":"true"}`, ErrNotRecord, "live"},
	{"time a number", `{"v":1,"type":"gap","source":"s","time":5}`, ErrNotRecord, "time"},
	{"why an object", `{"v":1,"type":"gap","source":"s","why":{}}`, ErrNotRecord, "why"},
	{"end a number", `{"v":1,"type":"chunk","source":"s","data":"","end":1}`, ErrNotRecord, "end"},
	{"chunk without data", `{"v":1,"type":"chunk","source":"s"}`, ErrNotRecord, "data"},
	{"noise without data", `{"v":1,"type":"noise","source":"s","data":null}`, ErrNotRecord, "data"},
	{"data a number", `{"v":1,"type":"noise","source":"s","data":5}`, ErrNotRecord, "data"},

	{"no status", `{"v":1,"type":"telegram","source":"s","raw":""}`, ErrNotRecord, "status"},
	{"unknown status", telegramLine(`"status":"good"`), ErrNotRecord, "status"},
	{"no raw", `{"v":1,"type":"telegram","source":"s","status":"ok"}`, ErrNotRecord, "raw"},
	{"raw a list", `{"v":1,"type":"telegram","source":"s","status":"ok","raw":["a"]}`, ErrNotRecord, "raw"},
	{"seq a string", telegramLine(`"seq":"1"`), ErrNotRecord, "seq"},
	{"received a number", telegramLine(`"received":1`), ErrNotRecord, "received"},
	{"confidence a string", telegramLine(`"confidence":"0.5"`), ErrNotRecord, "confidence"},
	{"confidence above 1", telegramLine(`"confidence":1.01`), ErrNotRecord, "confidence"},
	{"confidence negative", telegramLine(`"confidence":-0.5`), ErrNotRecord, "confidence"},
	{"edits an object", telegramLine(`"edits":{}`), ErrNotRecord, "edits"},
	{"edits of numbers", telegramLine(`"edits":[5]`), ErrNotRecord, "edits"},
	{"edit at a string", telegramLine(`"edits":[{"at":"1","got":"","now":""}]`), ErrNotRecord, "edits"},
	{"edit at below 0", telegramLine(`"edits":[{"at":-1,"got":"","now":""}]`), ErrNotRecord, "edits"},
	{"edit at beyond an int32", telegramLine(`"edits":[{"at":4294967296,"got":"","now":""}]`), ErrNotRecord, "edits"},
	{"edit got a number", telegramLine(`"edits":[{"at":0,"got":1,"now":""}]`), ErrNotRecord, "edits"},
	{"second edit wrong", telegramLine(`"edits":[{"at":0,"got":"","now":""},{"at":0,"got":"","now":"Ā"}]`), ErrNotRecord, "edits"},
	{"doubted of strings", telegramLine(`"doubted":["1-0:1.8.0"]`), ErrNotRecord, "doubted"},
	{"doubted line below 0", telegramLine(`"doubted":[{"line":-1,"code":"","why":""}]`), ErrNotRecord, "doubted"},
	{"doubted why a number", telegramLine(`"doubted":[{"line":1,"why":5}]`), ErrNotRecord, "doubted"},
	{"trusted of strings", telegramLine(`"trusted":["1-0:1.8.0"]`), ErrNotRecord, "trusted"},
	{"trusted line below 0", telegramLine(`"trusted":[{"line":-1,"code":""}]`), ErrNotRecord, "trusted"},

	{"data above U+00FF", `{"v":1,"type":"noise","source":"s","data":"aĀ"}`, ErrNotRecord, "U+00FF"},
	{"data above U+00FF, escaped", `{"v":1,"type":"noise","source":"s","data":"\u0100"}`, ErrNotRecord, "U+00FF"},
	{"raw with a euro", telegramWithRaw(`€`), ErrNotRecord, "U+00FF"},
	{"raw with a smile", telegramWithRaw(`\ud83d\ude00`), ErrNotRecord, "U+00FF"},
	{"raw with half a smile", telegramWithRaw(`\ud83d`), ErrNotRecord, "U+00FF"},
	{"raw with U+FFFD", telegramWithRaw("\uFFFD"), ErrNotRecord, "U+00FF"},
	{"data too long", `{"v":1,"type":"noise","source":"s","data":"` + strings.Repeat("ÿ", MaxData+1) + `"}`, ErrNotRecord, "65536"},
	{"raw too long", telegramWithRaw(strings.Repeat("a", MaxTelegram+1)), ErrNotRecord, "65536"},

	{"a key twice", `{"v":1,"type":"noise","source":"s","offset":0,"data":"a","data":"b"}`, ErrNotRecord, "data"},
	{"a key twice, first null", `{"v":1,"type":"gap","source":"s","time":null,"time":"t"}`, ErrNotRecord, "time"},
	{"a key twice, otherwise spelt", `{"v":1,"type":"gap","source":"s","so\u0075rce":"t"}`, ErrNotRecord, "source"},
	{"type twice", `{"v":1,"type":"gap","type":"noise","source":"s"}`, ErrNotRecord, "type"},
	{"a key of an edit twice", telegramLine(`"edits":[{"at":0,"got":"","now":"","at":1}]`), ErrNotRecord, "edits"},

	{"v too high", `{"v":2,"type":"gap","source":"s"}`, ErrNewer, "newer"},
	{"v far too high", `{"v":1000000000,"type":"gap","source":"s"}`, ErrNewer, "newer"},
	{"v too high, unknown type", `{"v":2,"type":"later"}`, ErrNewer, "newer"},
	{"v too high, other rules", `{"type":["gap"],"v":3,"source":7}`, ErrNewer, "newer"},
}

func telegramLine(member string) string {
	if strings.HasPrefix(member, `"status"`) {
		return `{"v":1,"type":"telegram","source":"s","raw":"",` + member + `}`
	}
	return `{"v":1,"type":"telegram","source":"s","raw":"","status":"repaired",` + member + `}`
}

func telegramWithRaw(raw string) string {
	return `{"v":1,"type":"telegram","source":"s","status":"ok","raw":"` + raw + `"}`
}

func TestBadLinesAreNamedAndPassedOver(t *testing.T) {
	for _, c := range badLines {
		text := gapLine(1) + "\n\n" + c.line + "\n" + gapLine(2) + "\n"
		r := newScratchReader("day.jsonl", strings.NewReader(text))
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
		rec, err := r.Read()
		var line *LineError
		if !errors.As(err, &line) || !errors.Is(err, c.want) || rec != nil {
			t.Errorf("%s: %v, %v, want %v", c.name, rec, err, c.want)
			continue
		}
		if line.Name != "day.jsonl" || line.Line != 3 || !strings.HasPrefix(err.Error(), "day.jsonl:3: ") {
			t.Errorf("%s: the error names line %d of %s: %v", c.name, line.Line, line.Name, err)
		}
		if !strings.Contains(err.Error(), c.says) || len(err.Error()) > 300 {
			t.Errorf("%s: %v does not say %q in a few words", c.name, err, c.says)
		}
		if rec, err := r.Read(); err != nil || rec.Where().Offset != 2 {
			t.Errorf("%s: after it: %v, %v", c.name, rec, err)
		}
	}
}

// Each kind of error is one kind only.
func TestErrorsAreToldApart(t *testing.T) {
	kinds := []error{ErrNotJSON, ErrNotRecord, ErrNewer, ErrTooLong, ErrChunks}
	for _, c := range badLines {
		_, err := newScratchReader("x", strings.NewReader(c.line)).Read()
		for _, kind := range kinds {
			if errors.Is(err, kind) != (kind == c.want) {
				t.Errorf("%s: %v, which is %v", c.name, err, kind)
			}
		}
	}
}

func TestNullIsAnAbsentKey(t *testing.T) {
	got := parseOne(t, `{"v":1,"type":"gap","source":"s","offset":null,"live":null,"time":null,"why":null,"session":null}`)
	if want := parseOne(t, `{"v":1,"type":"gap","source":"s"}`); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestLongestDataAndRaw(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		full := bytes.Repeat([]byte{0xFF}, MaxTelegram)
		line := write(t, ascii, &Telegram{Origin: Origin{Source: "s"}, Status: Bad, Raw: full, ReceivedRaw: full})
		if len(line) > MaxLine {
			t.Errorf("the line has %d bytes", len(line))
		}
		if got := parseOne(t, line).(*Telegram); !bytes.Equal(got.Raw, full) || !bytes.Equal(got.ReceivedRaw, full) {
			t.Error("the longest telegram is read back otherwise")
		}
	}
}

// longLine is a line of n bytes, its end not counted. It is no JSON, which its
// first byte says, so that it costs no time where it is not too long.
func longLine(n int) string { return "\xff" + strings.Repeat("a", n-1) }

// What is too long does not depend on the pieces that the line comes in.
func TestLongestLine(t *testing.T) {
	whole := func(r io.Reader) io.Reader { return r }
	cut := func(r io.Reader) io.Reader { return pieces{r, newRand(12), 1 << 20} }
	for _, c := range []struct {
		name string
		text string
		in   func(io.Reader) io.Reader
		fits bool
	}{
		{"longest, LF", longLine(MaxLine-1) + "\n", cut, true},
		{"longest, no line end, data with EOF", longLine(MaxLine), iotest.DataErrReader, true},
		{"one too many, LF", longLine(MaxLine) + "\n", whole, false},
		{"one too many, LF, in pieces", longLine(MaxLine) + "\n", cut, false},
		{"one too many, no line end, data with EOF", longLine(MaxLine + 1), iotest.DataErrReader, false},
	} {
		want := ErrTooLong
		if c.fits {
			want = ErrNotJSON
		}
		r := NewReader("x", c.in(strings.NewReader(c.text)))
		if _, err := r.Read(); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", c.name, err, want)
		}
		if _, err := r.Read(); err != io.EOF {
			t.Errorf("%s: then %v", c.name, err)
		}
	}
}

func TestLongestLineIsARecord(t *testing.T) {
	const head, tail = `{"v":1,"type":"later","pad":"`, "\"}\n"
	text := head + strings.Repeat("a", MaxLine-len(head)-len(tail)) + tail
	if got := write(t, false, parseOne(t, text)); got != text {
		t.Errorf("written again, it has %d bytes, want %d", len(got), len(text))
	}
}

// endless is a run of one byte without end.
type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

func newEndless() io.Reader { return endless(strings.Repeat("x", 1<<20)) }

func TestEndlessLineTakesBoundedMemory(t *testing.T) {
	const length = 64 << 20
	in := io.MultiReader(
		strings.NewReader(gapLine(1)+"\n"), io.LimitReader(newEndless(), length), strings.NewReader("\n\n"+gapLine(2)),
	)
	r := NewReader("x", in)
	if rec, err := r.Read(); err != nil || rec.Where().Offset != 1 {
		t.Fatalf("before it: %v, %v", rec, err)
	}
	_, err := r.Read()
	var line *LineError
	if !errors.As(err, &line) || !errors.Is(err, ErrTooLong) || line.Line != 2 {
		t.Fatalf("%v, want %v for line 2", err, ErrTooLong)
	}
	if cap(r.buf) > 10<<20 {
		t.Errorf("the buffer has grown to %d bytes", cap(r.buf))
	}
	if rec, err := r.Read(); err != nil || rec.Where().Offset != 2 || r.Line() != 4 {
		t.Errorf("after it: %v, %v in line %d, want line 4", rec, err, r.Line())
	}
	if _, err := r.Read(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// A line that never ends is refused as soon as it is too long: nobody waits for its end.
func TestLineWithoutEnd(t *testing.T) {
	for name, in := range map[string]io.Reader{
		"many bytes a read": newEndless(),
		"blanks":            endless(strings.Repeat(" ", 1000)),
		"a record's begin":  io.MultiReader(strings.NewReader(`{"v":1,"type":"gap","source":"`), newEndless()),
		"no CR is an end":   endless("\r\r\r"),
	} {
		in := &counting{r: in}
		r := NewReader("x", in)
		if _, err := r.Read(); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v, want %v", name, err, ErrTooLong)
		}
		if in.n > 2*MaxLine || cap(r.buf) > 10<<20 {
			t.Errorf("%s: %d bytes were read, and %d are kept", name, in.n, cap(r.buf))
		}
		if r.More() {
			t.Errorf("%s: another line is said to be at hand", name)
		}
	}
}

// counting counts what is read.
type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestEndlessLineAtTheEnd(t *testing.T) {
	o := readAll(NewReader("x", io.LimitReader(newEndless(), MaxLine+MaxLine/2)))
	if len(o.errs) != 1 || o.end != io.EOF {
		t.Errorf("errors %q, %v", o.errs, o.end)
	}
}
