package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// A telegram with every key that the contract has.
var fullMembers = []string{
	`"v":1`, `"type":"telegram"`, `"source":"p1.log"`, `"session":"2026-11-22T07:00:00Z"`, `"live":true`,
	`"offset":39948`, `"seq":17`, `"time":"2026-11-22T07:00:10Z"`, `"status":"salvaged"`, `"crc":"ARC"`,
	`"crc_sent":"5B60"`, `"crc_calc":"0A1F"`, `"raw":"/A\r\n!"`, `"eol":"lf"`,
	`"edits":[{"by":"logger","now":"!","got":"","at":4},{"at":5,"got":"ÿ","now":""}]`,
	`"received":"\u0000"`, `"confidence":0.9`, `"suspect":"clock"`, `"trusted":[{"code":"1-0:1.8.0","line":9}]`,
	`"doubted":[{"why":"fell","code":"1-0:1.8.0","line":9},{"line":3}]`,
	`"why":"too damaged"`, `"masked":[{"length":34,"at":112}]`,
}

func fullTelegram() *Telegram {
	return &Telegram{
		Origin: Origin{Source: "p1.log", Session: "2026-11-22T07:00:00Z", Offset: 39948}, Live: true,
		Seq: 17, Time: "2026-11-22T07:00:10Z", Status: Salvaged, CRC: CRCARC, CRCSent: "5B60", CRCCalc: "0A1F",
		EOL: EOLLF, Confidence: 0.9, Suspect: "clock", Why: "too damaged",
		Trusted: []Trusted{{Line: 9, Code: "1-0:1.8.0"}},
		Masked:  []Mask{{At: 112, Length: 34}},
		Doubted: []Doubt{{Line: 9, Code: "1-0:1.8.0", Why: "fell"}, {Line: 3}},
		Edits: []Edit{
			{At: 4, Got: Bytes{}, Now: Bytes("!"), By: ByLogger},
			{At: 5, Got: Bytes{0xFF}, Now: Bytes{}},
		},
		Raw: Bytes("/A\r\n!"), ReceivedRaw: Bytes{0},
	}
}

func TestKeysInAnyOrder(t *testing.T) {
	rng := newRand(7)
	want := fullTelegram()
	members := append([]string(nil), fullMembers...)
	for range 200 {
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		separator := []string{",", " , ", ",\t"}[rng.IntN(3)]
		line := "{" + strings.Join(members, separator) + "}"
		if got := parseOne(t, line); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nis read as %+v\nwant %+v", line, got, want)
		}
	}
}

func TestExamplesOfTheContract(t *testing.T) {
	cases := []struct {
		line string
		want Record
	}{
		{
			`{"v":1,"type":"chunk","source":"p1.log","offset":0,"data":"…"}`, nil,
		},
		{
			`{"v":1,"type":"chunk","source":"/dev/ttyUSB0","session":"2026-11-22T07:00:00Z","live":true,"offset":2348,"time":"2026-11-22T07:00:10.123456789Z","end":"pause","data":"/AUX5990"}`,
			&Chunk{
				Origin: Origin{"/dev/ttyUSB0", "2026-11-22T07:00:00Z", 2348}, Live: true,
				Time: "2026-11-22T07:00:10.123456789Z", End: EndPause, Data: Bytes("/AUX5990"),
			},
		},
		{
			`{"v":1,"type":"gap","source":"s","session":"x","offset":99,"time":"y","why":"unplugged"}`,
			&Gap{Origin: Origin{"s", "x", 99}, Time: "y", Why: GapUnplugged},
		},
		{
			`{"v":1,"type":"noise","source":"p1.log","offset":0,"data":"=~=~=~ PuTTY log"}`,
			&Noise{Origin: Origin{Source: "p1.log"}, Data: Bytes("=~=~=~ PuTTY log")},
		},
	}
	for _, c := range cases {
		got, err := NewReader("test", strings.NewReader(c.line)).Read()
		if c.want == nil { // the three dots of print are no byte
			if !errors.Is(err, ErrNotRecord) {
				t.Errorf("%s: %v, want %v", c.line, err, ErrNotRecord)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s\nis read as %+v, %v\nwant %+v", c.line, got, err, c.want)
		}
		if again := write(t, false, got); again != c.line+"\n" {
			t.Errorf("%s\nis written as %s", c.line, again)
		}
	}
}

func TestUnknownKeysPassThroughInOrder(t *testing.T) {
	const extra = `"z":{"raw":"x","deep":[{"type":[1, 2]}]},"a":null,"n":-0.10e-2,"ключ":"\u00e9","\"":true`
	for _, line := range []string{
		`{"v":1,"type":"chunk","source":"s","offset":0,"data":"d",` + extra + `}`,
		`{"v":1,"type":"gap","source":"s","offset":0,` + extra + `}`,
		`{"v":1,"type":"noise","source":"s","offset":0,"data":"d",` + extra + `}`,
		`{"v":1,"type":"telegram","source":"s","seq":1,"offset":0,"status":"ok",` +
			`"doubted":[{"line":1,"code":"c","why":"w",` + extra + `},{"line":2}],` +
			`"trusted":[{"line":1,"code":"c",` + extra + `},{"line":2,"code":"d"}],` +
			`"edits":[{"at":0,"got":"","now":""},{"at":1,"got":"","now":"",` + extra + `}],"raw":"r",` + extra + `}`,
	} {
		if got := write(t, false, parseOne(t, line)); got != line+"\n" {
			t.Errorf("written:\n%swant:\n%s", got, line)
		}
	}
}

func TestKeysOfOtherTypesAreUnknownKeys(t *testing.T) {
	line := `{"v":1,"type":"gap","source":"s","offset":0,"data":5,"raw":[],"edits":"x"}`
	if got := write(t, false, parseOne(t, line)); got != line+"\n" {
		t.Errorf("written %swant    %s", got, line)
	}
}

func TestUnknownTypesPassThroughUnchanged(t *testing.T) {
	for _, line := range []string{
		`{"v":1,"type":"summary"}`,
		`{ "type" : "Chunk" , "source":[], "v":1 , "data":{"a":"é"} }`,
		`{"offset":"later","v":1,"x":1,"x":2,"type":"future"}`,
	} {
		rec := parseOne(t, line)
		if got := write(t, false, rec); got != line+"\n" {
			t.Errorf("written %swant    %s", got, line)
		}
		if _, ok := rec.(*Other); !ok || rec.Where() != (Origin{}) {
			t.Errorf("%s is read as %T", line, rec)
		}
	}
}

func gapLine(offset int) string {
	return fmt.Sprintf(`{"v":1,"type":"gap","source":"s","offset":%d}`, offset)
}

func TestLineEndsAndBlankLines(t *testing.T) {
	a, b := gapLine(1), gapLine(2)
	want := parse(t, a+"\n"+b+"\n")
	for name, text := range map[string]string{
		"no last line end":        a + "\n" + b,
		"byte order mark":         "\uFEFF" + a + "\n" + b + "\n",
		"CRLF":                    a + "\r\n" + b + "\r\n",
		"CRLF and mark":           "\uFEFF" + a + "\r\n" + b + "\r\n",
		"CR twice":                a + "\r\r\n" + b + "\r\r\n",
		"CR before the object":    a + "\n\r" + b + "\n",
		"blank lines":             "\n\n" + a + "\n\r\n \t\n" + b + "\n\n",
		"mark on a blank line":    "\uFEFF\n" + a + "\n" + b + "\n",
		"joined files with marks": "\uFEFF" + a + "\r\n\uFEFF" + b + "\r\n",
		"a mark alone between":    a + "\n\uFEFF\n" + b + "\n",
		"white space around":      " \t" + a + " \n\t" + b + "\t\r\n",
		"no last line end but CR": a + "\n" + b + "\r",
	} {
		o := readAll(NewReader("test", strings.NewReader(text)))
		if o.end != io.EOF || len(o.errs) > 0 || !reflect.DeepEqual(o.records, want) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestEmptyInputs(t *testing.T) {
	for _, text := range []string{"", "\n", "\r\n\r\n", "\uFEFF", "\uFEFF\r\n", "  "} {
		if o := readAll(NewReader("test", strings.NewReader(text))); o.end != io.EOF || len(o.errs)+len(o.records) > 0 {
			t.Errorf("%q: %+v", text, o)
		}
	}
}

// messy is an input with good lines, bad lines and all kinds of line ends.
func messy() string {
	var b strings.Builder
	b.WriteString("\uFEFF")
	for i, r := range randomRecords(8, 40) {
		var line bytes.Buffer
		w := NewWriter(&line, i%2 == 0)
		_, _ = w.Write(r), w.Flush()
		b.WriteString(strings.TrimSuffix(line.String(), "\n"))
		b.WriteString([]string{"\n", "\r\n", "\n\n", "\r\n \n{\"v\":1}\n", "\nnot JSON\r\n\n", "\n\xff\n"}[i%6])
	}
	b.WriteString(gapLine(7))
	return b.String()
}

func TestAnyChunkingGivesTheSame(t *testing.T) {
	text := messy()
	want := readAll(NewReader("test", strings.NewReader(text)))
	if len(want.records) != 41 || len(want.errs) < 15 || want.end != io.EOF {
		t.Fatalf("whole: %d records, errors %q, %v", len(want.records), want.errs, want.end)
	}
	readers := map[string]func(io.Reader) io.Reader{
		"one byte":      iotest.OneByteReader,
		"half":          iotest.HalfReader,
		"data with EOF": iotest.DataErrReader,
		"small pieces":  func(r io.Reader) io.Reader { return pieces{r, newRand(9), 30} },
		"large pieces":  func(r io.Reader) io.Reader { return pieces{r, newRand(10), 3000} },
		"pieces and EOF": func(r io.Reader) io.Reader {
			return iotest.DataErrReader(pieces{r, newRand(11), 300})
		},
	}
	for name, cut := range readers {
		if got := readAll(NewReader("test", cut(strings.NewReader(text)))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d records, errors %q, %v", name, len(got.records), got.errs, got.end)
		}
	}
}

// supply hands out its input in given pieces and counts what it has handed out.
type supply struct {
	pieces  []string
	out     int
	ended   bool
	waiting int // reads so far
}

func (s *supply) Read(p []byte) (int, error) {
	s.waiting++
	if len(s.pieces) == 0 {
		s.ended = true
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; s.pieces[0] == "" {
		s.pieces = s.pieces[1:]
	}
	s.out += n
	return n, nil
}

// cut divides text into pieces of random sizes.
func cut(text string, seed uint64, most int) []string {
	rng := newRand(seed)
	var out []string
	for len(text) > 0 {
		n := min(1+rng.IntN(most), len(text))
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

// More has to be true exactly when a line with something in it is at hand, so
// that the next Read neither waits nor comes too late.
func TestMore(t *testing.T) {
	var text string
	var ends []int // of each record's line, in text
	for i := range 60 {
		text += strings.Repeat("\r\n", i%3) + gapLine(i)
		ends = append(ends, len(text)+1)
		text += "\n"
	}
	text += "\n \n" + gapLine(60)
	ends = append(ends, len(text))
	for seed := range uint64(20) {
		s := &supply{pieces: cut(text, seed, 1+int(seed)*20)}
		r := NewReader("test", s)
		for i, end := range ends {
			before, more := s.waiting, r.More()
			if _, err := r.Read(); err != nil {
				t.Fatal(err)
			}
			if more && s.waiting != before {
				t.Fatalf("seed %d: record %d was said to be at hand, and Read waited", seed, i)
			}
			rest := text[min(end, s.out):s.out]
			whole := rest[:strings.LastIndex(rest, "\n")+1]
			if s.ended {
				whole = rest
			}
			if want := strings.TrimSpace(whole) != ""; r.More() != want {
				t.Fatalf("seed %d, record %d: More is %v with %q buffered", seed, i, !want, rest)
			}
		}
		if _, err := r.Read(); err != io.EOF || r.More() {
			t.Fatalf("at the end: %v, More %v", err, r.More())
		}
	}
}

func TestMoreBeforeTheFirstRead(t *testing.T) {
	if NewReader("test", strings.NewReader(gapLine(1)+"\n")).More() {
		t.Error("nothing has been read yet")
	}
}

func TestReadErrorComesBehindWhatWasGood(t *testing.T) {
	broken := errors.New("cable pulled")
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"at a line's end":  {gapLine(1) + "\n" + gapLine(2) + "\n", 2},
		"within a line":    {gapLine(1) + "\n" + gapLine(2) + "\n" + gapLine(3)[:20], 2},
		"before a LF":      {gapLine(1) + "\n" + gapLine(2), 2},
		"at once":          {"", 0},
		"within long line": {gapLine(1) + "\n" + strings.Repeat("x", MaxLine-5), 1},
	} {
		for _, sameCall := range []bool{false, true} {
			var in io.Reader = io.MultiReader(strings.NewReader(c.text), iotest.ErrReader(broken))
			if sameCall {
				in = iotest.DataErrReader(in)
			}
			o := readAll(NewReader("test", in))
			if len(o.records) != c.want || len(o.errs) > 0 || o.end != broken {
				t.Errorf("%s: %d records, errors %q, %v, want %d records and %v", name, len(o.records), o.errs, o.end, c.want, broken)
			}
		}
	}
}

func TestBadWholeLineBeforeAReadError(t *testing.T) {
	broken := errors.New("cable pulled")
	o := readAll(NewReader("in", iotest.DataErrReader(io.MultiReader(strings.NewReader("garbage\n"), iotest.ErrReader(broken)))))
	if len(o.errs) != 1 || o.end != broken {
		t.Errorf("errors %q, %v, want one for the line and %v", o.errs, o.end, broken)
	}
}
