package channel_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"p1/pkg/channel"
	"p1/pkg/fileio"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// telegrams keeps the telegrams that a framer writes.
type telegrams struct{ list []*record.Telegram }

func (c *telegrams) Write(r record.Record) error {
	if t, ok := record.Keep(r).(*record.Telegram); ok {
		c.list = append(c.list, t)
	}
	return nil
}

func (c *telegrams) Flush() error { return nil }

// framed cuts a log into telegrams.
func framed(t testing.TB, log []byte) []*record.Telegram {
	t.Helper()
	var c telegrams
	f := frame.New(&c, frame.Options{})
	for at := 0; at < len(log); at += record.MaxData {
		data := log[at:min(at+record.MaxData, len(log))]
		must(t, f.Take(&record.Chunk{Origin: record.Origin{Source: "log", Offset: int64(at)}, Data: data}))
	}
	must(t, f.Close())
	return c.list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// capture returns the log of a simulated meter, and what was sent of the
// transmissions that the line did not damage.
func capture(t testing.TB, query string) (log []byte, sent [][]byte) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		log = append(log, x.Logged...)
		if x.Hits == 0 {
			sent = append(sent, x.Sent)
		}
	}
	return log, sent
}

// find feeds the telegrams that are not valid to a finder.
func find(list []*record.Telegram) *channel.LoggerFinder {
	var f channel.LoggerFinder
	for _, x := range list {
		if x.Status == record.Bad {
			f.Add(x.Raw, x.CRCSent)
		}
	}
	return &f
}

// undone returns the telegrams as they are once it is undone what the logger has
// done, and fails unless the edits are right.
func undone(t testing.TB, l channel.Logger, list []*record.Telegram) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, x := range list {
		if x.Status != record.Bad {
			all[string(x.Raw)] = true
			continue
		}
		raw, edits := l.Undo(x.Raw)
		checkEdits(t, x.Raw, raw, edits)
		all[string(raw)] = true
	}
	return all
}

// checkEdits fails unless the edits lead from received to raw and back, in the
// words of the contract, and are the logger's.
func checkEdits(t testing.TB, received, raw []byte, edits []record.Edit) {
	t.Helper()
	if got, err := record.Apply(received, edits); err != nil || !bytes.Equal(got, raw) {
		t.Fatalf("Apply gives %q, %v, want %q", got, err, raw)
	}
	if got, err := record.Undo(raw, edits); err != nil || !bytes.Equal(got, received) {
		t.Fatalf("Undo gives %q, %v, want %q", got, err, received)
	}
	for i, e := range edits {
		single := len(e.Got) == 1 && len(e.Now) == 1
		if e.By != record.ByLogger || !single && len(e.Got) > 0 && len(e.Now) > 0 || len(e.Got)+len(e.Now) == 0 {
			t.Fatalf("edit %d is %+v", i, e)
		}
		if i > 0 && e.At < edits[i-1].At {
			t.Fatalf("edit %d goes back", i)
		}
	}
}

// loggers are the simulated ones, and what is found of them: in a log of a meter
// that sends 1,024 bytes 0xFF, and in one of a meter that sends ASCII.
var loggers = []struct{ name, high, ascii string }{
	{"all", "", ""},
	{"ascii", "ascii", ""},
	{"cr", "cr", "cr"},
	{"crcrlf", "crcrlf", "crcrlf"},
	{"lf", "", ""},
	{"nohigh", "fill", ""},
	{"nonul", "", ""},
	{"printable", "fill", ""},
	{"raw", "", ""},
	{"replacement", "replacement", ""},
	{"sevenbit", "sevenbit", ""},
	{"utf8", "utf8", ""},
	{"utf8-1250", "utf8-1250", ""},
	{"utf8-1252", "utf8", ""},    // 0xFF is the same character in both
	{"utf8-437", "utf8-437", ""}, // and in these three
	{"utf8-850", "utf8-437", ""},
	{"utf8-852", "utf8-437", ""},
}

// TestFindsEveryLogger: of 40 undamaged telegrams the right thing is found, and
// undoing it gives what the meter sent.
func TestFindsEveryLogger(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes under the race detector")
	}
	t.Parallel()
	if len(loggers) != len(sim.Loggers()) {
		t.Fatalf("there are other loggers: %v", sim.Loggers())
	}
	for _, m := range []string{"hu", "nl", "be", "se"} {
		for _, x := range loggers {
			name := m + " " + x.name
			want := x.ascii
			if m == "hu" {
				want = x.high
			}
			log, sent := capture(t, "telegrams=40&meter="+m+"&logger="+x.name)
			list := framed(t, log)
			l, ok := find(list).Found()
			if ok != (want != "") || l.String() != want {
				t.Errorf("%s: found %q, want %q", name, l, want)
			}
			all := undone(t, l, list)
			for i, raw := range sent {
				if !all[string(raw)] {
					t.Fatalf("%s: telegram %d is not what the meter sent", name, i+1)
				}
			}
			if len(list) != 40 || len(sent) != 40 {
				t.Errorf("%s: %d telegrams of %d", name, len(list), len(sent))
			}
		}
	}
}

// TestFindsLoggersOnABadLine: a slow line that hits one byte in a thousand.
func TestFindsLoggersOnABadLine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes under the race detector")
	}
	t.Parallel()
	meters := []string{"hu", "nl", "be", "se"}
	for _, m := range longtest.Pick(meters[:2], meters, meters) {
		for _, x := range loggers {
			want := x.ascii
			if m == "hu" {
				want = x.high
			}
			if want == "" {
				continue // see TestFindsNothing
			}
			log, sent := capture(t, "telegrams=150&noise=slow-rise&rate=0.001&pause-rate=0.1&seed=5&meter="+m+"&logger="+x.name)
			list := framed(t, log)
			l, ok := find(list).Found()
			if named := l.String(); !ok || named != want && !(strings.HasPrefix(named, "utf8-8") && strings.HasPrefix(want, "utf8-4")) {
				t.Errorf("%s %s: found %q, want %q", m, x.name, l, want)
			}
			all := undone(t, l, list)
			if len(sent) < 5 {
				t.Fatalf("%s: %d telegrams are undamaged: this shows nothing", m, len(sent))
			}
			for _, raw := range sent {
				if !all[string(raw)] {
					t.Errorf("%s %s: a telegram is not what the meter sent", m, x.name)
				}
			}
		}
	}
}

// TestFindsNothing: where a logger changes nothing that can be undone, no noise
// makes it look as if it did.
func TestFindsNothing(t *testing.T) {
	t.Parallel()
	noises := sim.Noises()
	if testing.Short() {
		noises = []string{"slow-rise", "burst"}
	}
	for _, m := range []string{"hu", "nl"} {
		for _, noise := range noises {
			for _, logger := range []string{"all", "raw", "lf"} {
				log, _ := capture(t, fmt.Sprintf("telegrams=%d&seed=3&noise=%s&meter=%s&logger=%s", longtest.Pick(40, 120, 120), noise, m, logger))
				if l, ok := find(framed(t, log)).Found(); ok {
					t.Errorf("%s %s %s: found %q", m, noise, logger, l)
				}
			}
		}
	}
}

// TestFindsNothingByAccident: no log is explained whose CRCs are random ones, nor
// one in which something was masked, whatever the logger.
func TestFindsNothingByAccident(t *testing.T) {
	t.Parallel()
	for _, x := range loggers {
		log, _ := capture(t, fmt.Sprintf("telegrams=%d&meter=hu&crc=random&logger=%s", longtest.Pick(6, 120, 120), x.name))
		if l, ok := find(framed(t, log)).Found(); ok {
			t.Errorf("%s: found %q", x.name, l)
		}
	}
	for n, x := range []string{"all", "utf8", "crcrlf", "lf", "utf8-1250", "cr"} {
		for i := range longtest.Pick((6-n)/4, 20, 20) { // of the first three, one
			log, _ := capture(t, fmt.Sprintf("telegrams=6&meter=hu&seed=%d&logger=%s", i, x))
			at := bytes.Index(log, []byte("0-0:96.1.0("))
			serial := log[at : at+bytes.IndexByte(log[at:], ')')+1]
			mask := append(bytes.Repeat([]byte("X"), len(serial)-1), ')')
			copy(mask, "0-0:96.1.0(")
			if l, ok := find(framed(t, bytes.ReplaceAll(log, serial, mask))).Found(); ok {
				t.Errorf("%s, masked: found %q", x, l)
			}
		}
	}
}

// agreed is how many telegrams make a finding.
const agreed = 3

// TestHowManyAgree: three different telegrams are enough, two are not, however
// often they come.
func TestHowManyAgree(t *testing.T) {
	for _, logger := range []string{"utf8", "crcrlf", "cr", "ascii", "replacement", "sevenbit", "utf8-1250"} {
		log, _ := capture(t, "telegrams=3&meter=hu&logger="+logger)
		list := framed(t, log)
		two := slices.Concat(list[:agreed-1], list[:agreed-1], list[:agreed-1])
		if l, ok := find(two).Found(); ok {
			t.Errorf("%s: two telegrams are enough to find %q", logger, l)
		}
		if l, ok := find(list).Found(); !ok {
			t.Errorf("%s: found %q, %v in %d telegrams", logger, l, ok, len(list))
		}
	}
}

// TestFindsBoth: a file opened as text on Windows holds what was decoded before.
func TestFindsBoth(t *testing.T) {
	t.Parallel()
	for logger, want := range map[string]string{
		"utf8": "utf8", "utf8-437": "utf8-437", "ascii": "ascii", "replacement": "replacement",
		"nohigh": "fill", "printable": "fill", "sevenbit": "sevenbit",
	} {
		for end, name := range map[string]string{"\r\r\n": "crcrlf", "\r": "cr"} {
			log, sent := capture(t, "telegrams=12&meter=hu&logger="+logger)
			list := framed(t, bytes.ReplaceAll(log, []byte("\r\n"), []byte(end)))
			l, _ := find(list).Found()
			if l.String() != name+", "+want {
				t.Errorf("%s and %s: found %q", name, logger, l)
			}
			all := undone(t, l, list)
			for _, raw := range sent {
				if !all[string(raw)] {
					t.Errorf("%s and %s: a telegram is not what the meter sent", name, logger)
				}
			}
		}
	}
}

// TestFindsUTF16: a log that a shell has decoded by a code page and written as
// UTF-16 is what opening the file leaves of it.
func TestFindsUTF16(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page *charmap.Charmap
		want string
	}{
		{charmap.ISO8859_1, ""},
		{charmap.Windows1252, ""},
		{charmap.CodePage437, "utf16-437"},
		{charmap.CodePage850, "utf16-437"},
		{charmap.CodePage852, "utf16-437"},
		{charmap.Windows1250, "utf8-1250"}, // 0xFF is a character above U+00FF
		{charmap.Windows1251, "symbol"},    // no code page that is known, but a run
	} {
		log, sent := capture(t, "telegrams=12&meter=hu")
		list := framed(t, throughUTF16(t, log, c.page))
		l, _ := find(list).Found()
		if l.String() != c.want {
			t.Errorf("%s: found %q, want %q", c.page, l, c.want)
		}
		all := undone(t, l, list)
		for _, raw := range sent {
			if !all[string(raw)] {
				t.Errorf("%s: a telegram is not what the meter sent", c.page)
			}
		}
	}
}

// throughUTF16 writes a log as such a shell does, and reads the file.
func throughUTF16(t *testing.T, log []byte, page *charmap.Charmap) []byte {
	t.Helper()
	units := []uint16{0xFEFF}
	for _, b := range log {
		units = utf16.AppendRune(units, page.DecodeByte(b))
	}
	var data []byte
	for _, u := range units {
		data = append(data, byte(u), byte(u>>8))
	}
	name := filepath.Join(t.TempDir(), "p1.log")
	must(t, os.WriteFile(name, data, 0o600))
	in, err := fileio.Open(name, nil, fileio.Log)
	must(t, err)
	defer in.Close()
	all, err := io.ReadAll(in)
	must(t, err)
	return all
}

// TestPrintableOrNot: what has been left out besides a fill.
func TestPrintableOrNot(t *testing.T) {
	t.Parallel()
	for logger, want := range map[string]bool{"printable": true, "nohigh": false, "utf8": false, "all": false} {
		log, _ := capture(t, "telegrams=150&noise=slow-rise&rate=0.001&seed=5&meter=hu&logger="+logger)
		f := find(framed(t, log))
		l, _ := f.Found()
		_, filled := l.Fill()
		if got := filled && !f.Unprintable(); got != want {
			t.Errorf("%s: printable %v, want %v", logger, got, want)
		}
	}
	log, _ := capture(t, "telegrams=6&meter=hu&logger=printable")
	l, _ := find(framed(t, log)).Found()
	if fill, ok := l.Fill(); !ok || fill != (channel.Fill{Code: message, B: 0xFF, N: 1024}) {
		t.Errorf("the fill is %+v, %v", fill, ok)
	}
	if fill, ok := (channel.Logger{}).Fill(); ok {
		t.Errorf("a logger that does nothing has left out %+v", fill)
	}
}

// TestUndoesDamage: a telegram with other damage is undone as far as it goes:
// what the line read, the way it was before the logger.
func TestUndoesDamage(t *testing.T) {
	t.Parallel()
	for _, logger := range []string{"utf8", "utf8-1250", "utf8-437", "crcrlf"} {
		log, _ := capture(t, "telegrams=12&meter=hu&logger="+logger)
		l, ok := find(framed(t, log)).Found()
		if !ok {
			t.Fatalf("%s is not found", logger)
		}
		for _, noise := range []string{"slow-rise", "delete", "overrun", "cut"} {
			o, err := sim.ParseOptions("telegrams=60&meter=hu&seed=9&noise=" + noise + "&logger=" + logger)
			must(t, err)
			s, err := sim.New(o)
			must(t, err)
			hits := 0
			for x, ok := s.Next(); ok; x, ok = s.Next() {
				logged := bytes.TrimPrefix(x.Logged, header(x.Logged))
				raw, edits := l.Undo(logged)
				checkEdits(t, logged, raw, edits)
				if hits += x.Hits; !bytes.Equal(raw, x.Received) {
					t.Errorf("%s, %s: telegram %d is not what the line read", logger, noise, x.Seq)
				}
			}
			if hits == 0 {
				t.Errorf("%s, %s: nothing is damaged: this shows nothing", logger, noise)
			}
		}
	}
}

// The empty line behind a header is put back where it is missing, and only there; the ends
// of the lines may have changed too.
func TestUndoesEmptyLine(t *testing.T) {
	const sent = "/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.8.0(008234.524*kWh)\r\n!5B60\r\n"
	for _, logged := range []string{sent, strings.Replace(sent, "\r\n\r\n", "\r\n", 1)} {
		for _, ends := range []string{"\r\n", "\r\r\n", "\r"} {
			text := []byte(strings.ReplaceAll(logged, "\r\n", ends))
			l := channel.LineEnds(text)
			raw, edits := l.Undo(text)
			if checkEdits(t, text, raw, edits); string(raw) != sent {
				t.Errorf("%q, by %s: %q", text, l, raw)
			}
			if plain := logged == sent && ends == "\r\n"; plain != (l == channel.Logger{}) {
				t.Errorf("%q: %s", text, l)
			}
		}
	}
	for _, text := range []string{"", "/", "/ISK5", "/ISK5\\2\r\n", "/ISK5\\2\r\n -3:0.2.8(50)\r\n", "1-3:0.2.8(50)\r\n1-3:0.2.8(50)\r\n"} {
		if l := channel.LineEnds([]byte(text)); l != (channel.Logger{}) {
			t.Errorf("%q: %s", text, l)
		}
	}
}

// header returns the logger's line that a log begins with.
func header(log []byte) []byte {
	if !bytes.HasPrefix(log, []byte("=~")) {
		return nil
	}
	return log[:bytes.IndexByte(log, '\n')+1]
}

// TestUndoEdits: the edits of a long run are few, and read as the contract says.
func TestUndoEdits(t *testing.T) {
	for logger, want := range map[string]string{
		"utf8":        "2048→0 0→1024",
		"utf8-1250":   "2048→0 0→1024",
		"replacement": "3072→0 0→1024",
		"ascii":       "1024→0 0→1024",
		"sevenbit":    "1024→0 0→1024",
		"nohigh":      "0→1024",
		"crcrlf":      strings.TrimSpace(strings.Repeat("1→0 ", 45)),
		"cr":          strings.TrimSpace(strings.Repeat("0→1 ", 45)),
	} {
		log, _ := capture(t, "telegrams=5&meter=hu&logger="+logger)
		list := framed(t, log)
		l, _ := find(list).Found()
		_, edits := l.Undo(list[0].Raw)
		var words []string
		for _, e := range edits {
			words = append(words, fmt.Sprintf("%d→%d", len(e.Got), len(e.Now)))
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%s: %s, want %s", logger, got, want)
		}
	}
}

// TestUndoOfSymbols: what is undone of a few bytes that a damaged telegram may
// hold.
func TestUndoOfSymbols(t *testing.T) {
	run := func(text string, n int) string { return strings.Repeat(text, n) }
	for _, c := range []struct{ logger, received, want string }{
		{"ascii", "1?8" + run("?", 7) + "!", "1?8" + run("?", 7) + "!"},
		{"ascii", "(" + run("?", 8) + ")", "(" + run("\xFF", 8) + ")"},
		{"sevenbit", "\x7F(" + run("\x7F", 9) + "~", "\x7F(" + run("\xFF", 9) + "~"},
		{"replacement", "1\uFFFD8\xEF\xBF", "1\xFF8\xEF\xBF"},
		{"utf8", "1\u00888ÿ\u0100\xC3", "1\x888\xFF\u0100\xC3"},
		{"utf8-437", "1ê8\u00A0ŕ\xA0", "1\x888\xFFŕ\xA0"},
		{"crcrlf", "a\r\r\nb\r\nc\nd\re", "a\r\nb\nc\nd\re"},
		{"cr", "a\rb\r\rc", "a\r\nb\r\n\r\nc"},
		{"nohigh", "\n" + message + "(1)\r\n", "\n" + message + "(1)\r\n"},
	} {
		log, _ := capture(t, "telegrams=4&meter=hu&logger="+c.logger)
		l, _ := find(framed(t, log)).Found()
		raw, edits := l.Undo([]byte(c.received))
		checkEdits(t, []byte(c.received), raw, edits)
		if string(raw) != c.want {
			t.Errorf("%s: %q of %q, want %q", c.logger, raw, c.received, c.want)
		}
	}
	log, _ := capture(t, "telegrams=4&meter=hu")
	l, _ := find(framed(t, throughUTF16(t, log, charmap.CodePage437))).Found()
	// 0xC2 alone is a character that code page 437 does not have.
	if raw, _ := l.Undo([]byte("\xEA\xA0■\xC2\xA0")); string(raw) != "\x88\xFF\xFE\xC2\xFF" {
		t.Errorf("%s: %q", l, raw)
	}
}

// TestNoOtherByte: where something else is wrong in all telegrams, a character
// that a coding makes of one byte is not taken for the symbol of another one.
func TestNoOtherByte(t *testing.T) {
	for logger, want := range map[string]string{"utf8": "", "utf8-437": "", "all": "", "ascii": "ascii"} {
		log, _ := capture(t, "telegrams=6&meter=hu&logger="+logger)
		var f channel.LoggerFinder
		for i, raw := range bare(t, "hu", 6) {
			f.Add(framed(t, log)[i].Raw, signed(t, raw, channel.Fill{Code: message, B: 0xEE, N: 1024}))
		}
		if l, _ := f.Found(); l.String() != want {
			t.Errorf("%s: found %q", logger, l)
		}
	}
}

// every is a logger of each kind.
func every(t testing.TB) []channel.Logger {
	var list []channel.Logger
	for _, x := range loggers {
		log, _ := capture(t, "telegrams=4&meter=hu&logger="+x.name)
		if l, ok := find(framed(t, log)).Found(); ok {
			list = append(list, l)
		}
	}
	return append(list, channel.Logger{})
}

// FuzzUndo: whatever comes in, the edits lead there and back.
func FuzzUndo(f *testing.F) {
	list := every(f)
	if len(list) < 10 {
		f.Fatalf("only %d loggers", len(list))
	}
	d := rand.New(rand.NewPCG(8, 9))
	for _, text := range []string{
		"", "\r", "\r\r\n", "\r\n\r\n", "\n" + message + "()\r\n", "\xC3\xBF\xC3\xBF\xC3\xBE\xC3", "????????", "???????", "\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F",
		"\xEF\xBF\xBD\xEF\xBF", "\xC2\xA0\xC2\xA0\xA0", "\xCB\x99\xCB\xFF", "\xF0\x9F\x98\x80", strings.Repeat("\xFF", 20),
	} {
		f.Add([]byte(text), uint8(d.IntN(256)))
	}
	f.Fuzz(func(t *testing.T, received []byte, which uint8) {
		before := slices.Clone(received)
		raw, edits := list[int(which)%len(list)].Undo(received)
		checkEdits(t, received, raw, edits)
		if !bytes.Equal(received, before) {
			t.Fatal("Undo changes what it is given")
		}
		var finder channel.LoggerFinder
		finder.Add(received, "0000")
	})
}

// BenchmarkFind is what a damaged telegram costs while nothing is found.
func BenchmarkFind(b *testing.B) {
	for _, logger := range []string{"all", "utf8", "ascii"} {
		log, _ := capture(b, "telegrams=60&meter=hu&crc=random&logger="+logger)
		list := framed(b, log)
		b.Run(logger, func(b *testing.B) {
			for b.Loop() {
				find(list)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(list)), "µs/telegram")
		})
	}
}
