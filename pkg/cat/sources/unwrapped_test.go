package sources

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"p1/pkg/cat/unwrap"
	"p1/pkg/record"
)

const telegramText = "/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(261129140000W)\r\n1-0:1.8.0(008234.524*kWh)\r\n1-0:1.7.0(00.420*kW)\r\n!5B60\r\n"

// withStamps puts a time stamp before each line, a telegram each ten seconds.
func withStamps(text string, n int) string {
	var b strings.Builder
	for i := range n {
		for line := range strings.Lines(text) {
			fmt.Fprintf(&b, "2026-11-29T14:00:%02d+01:00 %s", 10*i, line)
		}
	}
	return b.String()
}

// delivered is all that a source gives.
type delivered struct {
	chunks []*record.Chunk
	said   []string
	err    error
}

func (d delivered) bytes() string {
	var b bytes.Buffer
	for _, c := range d.chunks {
		b.Write(c.Data)
	}
	return b.String()
}

func deliver(t *testing.T, o Options, name string, stdin io.Reader) (d delivered) {
	t.Helper()
	o.Say = func(text string) { d.said = append(d.said, text) }
	s, err := o.Open(name, stdin)
	if err != nil {
		return delivered{err: err}
	}
	for {
		r, err := s.Next(t.Context())
		if err != nil {
			if err != io.EOF {
				d.err = err
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			return d
		}
		d.chunks = append(d.chunks, record.Keep(r).(*record.Chunk))
	}
}

// What is taken off is said, each telegram has its time, offsets count the meter's bytes, and
// all of that from a pipe as well.
func TestTimeStampsAreTakenOff(t *testing.T) {
	text := withStamps(telegramText, 3)
	file := writeFile(t, "p1.log", []byte(text))
	for _, name := range []string{file, "-"} {
		d := deliver(t, Options{}, name, strings.NewReader(text))
		if d.err != nil || d.bytes() != strings.Repeat(telegramText, 3) || len(d.chunks) != 3 {
			t.Fatalf("%s: %d chunks, %v: %q", name, len(d.chunks), d.err, d.bytes())
		}
		for i, c := range d.chunks {
			at := fmt.Sprintf("2026-11-29T14:00:%02d+01:00", 10*i)
			if c.Offset != int64(i*len(telegramText)) || c.Time != at || c.Live || c.Source != name || len(c.Unwrapped) != 1 || c.Unwrapped[0] != "time stamp" {
				t.Errorf("%s: %+v, want %s", name, c, at)
			}
		}
		if len(d.said) != 1 || d.said[0] != name+": each line begins with a time stamp: taken off, and kept as time of arrival" {
			t.Errorf("%q", d.said)
		}
	}
}

// --as-is takes nothing off, and a form that is named is the only one.
func TestAsIsAndNamedForms(t *testing.T) {
	text := withStamps(telegramText, 3)
	file := writeFile(t, "p1.log", []byte(text))
	if d := deliver(t, Options{Unwrap: Unwrap{AsIs: true}}, file, nil); d.bytes() != text || len(d.said) > 0 {
		t.Errorf("as it is: %q, %q", d.bytes(), d.said)
	}
	named := Unwrap{Options: unwrap.Options{Forms: []string{"line ends"}}}
	if d := deliver(t, Options{Unwrap: named}, writeFile(t, "icrnl.log", []byte("a\n\nb\n\n")), nil); d.bytes() != "a\r\nb\r\n" {
		t.Errorf("line ends: %q, %q", d.bytes(), d.said)
	}
}

// A line that does not have the form is passed on and said, with its number.
func TestMisfitsAreSaid(t *testing.T) {
	text := withStamps(telegramText, 5)
	d := deliver(t, Options{}, "-", strings.NewReader(text+"connection lost\r\n"))
	if len(d.said) != 2 || !strings.Contains(d.said[1], fmt.Sprintf("line %d", 1+strings.Count(text, "\n"))) || !strings.HasSuffix(d.bytes(), "connection lost\r\n") {
		t.Errorf("%q", d.said)
	}
}

// Where a form begins later than the file, what stands before it comes through as it is, and
// it is said where that is; lines are counted from there. Offsets go on, from a pipe too.
func TestFormThatBeginsLater(t *testing.T) {
	long := strings.Repeat(telegramText, 1500)
	for _, before := range []string{long, "Port /dev/ttyUSB0\r\nPress CTRL-A Z for help\r\nlogging\r\n"} {
		text := before + strings.Repeat(withStamps(telegramText, 5), 8) + "connection lost\r\n"
		file := writeFile(t, "p1.log", []byte(text))
		for _, name := range []string{file, "-"} {
			d := deliver(t, Options{}, name, strings.NewReader(text))
			at := int64(0)
			for _, c := range d.chunks {
				if c.Offset != at || len(c.Unwrapped) > 0 != (at >= int64(len(before))) || (c.Time != "") != (len(c.Unwrapped) > 0) {
					t.Fatalf("%s: at %d: %+v", name, at, c)
				}
				at += int64(len(c.Data))
			}
			if want := before + strings.Repeat(telegramText, 40) + "connection lost\r\n"; d.err != nil || d.bytes() != want {
				t.Errorf("%s: %v, %d bytes, want %d", name, d.err, len(d.bytes()), len(want))
			}
			where := fmt.Sprintf("%s: from byte %d on, where a line begins with \"2026-11-29T14:00:00+01:00 /ISK5\\\\2M550T-…\": each line begins with a time stamp", name, len(before))
			if len(d.said) != 2 || !strings.HasPrefix(d.said[0], where) || !strings.Contains(d.said[1], "the first is line 281 from there on") {
				t.Errorf("%q, want %q", d.said, where)
			}
		}
	}
}

// A pipe that says little is not held back for long.
func TestShortPipeIsHandedOn(t *testing.T) {
	in, w := io.Pipe()
	s := open(t, "-", in)
	write(t, w, "/ISK5\\2M550T-1012\r\n")
	begun := time.Now()
	if got := wait(t, start(t.Context(), s)); got.data != "/ISK5\\2M550T-1012\r\n" || time.Since(begun) > patience/2 {
		t.Errorf("%+v after %v", got, time.Since(begun))
	}
	_ = w.Close()
}

// The logs in a zip are sources of their own, each wrapped as it is; one that is damaged does
// not keep the others from being read.
func TestZipOfLogs(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range []struct{ name, text string }{
		{"day2.log", withStamps(telegramText, 1)}, {"../day10.log", telegramText}, {"bad.log.gz", "\x1f\x8bnothing"},
	} {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, f.text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, "logs.zip", out.Bytes())
	for _, name := range []string{file, "-"} { // from a pipe, too
		checkZip(t, name, deliver(t, Options{}, name, iotest.HalfReader(bytes.NewReader(out.Bytes()))))
	}
}

func checkZip(t *testing.T, file string, d delivered) {
	t.Helper()
	if d.err == nil || !strings.Contains(d.err.Error(), "bad.log.gz") || len(d.chunks) != 2 {
		t.Fatalf("%d chunks, %v", len(d.chunks), d.err)
	}
	for i, want := range []struct{ source, unwrapped string }{{":../day10.log", "zip"}, {":day2.log", "zip, time stamp"}} {
		c := d.chunks[i]
		if c.Source != file+want.source || string(c.Data) != telegramText || c.Offset != 0 || strings.Join(c.Unwrapped, ", ") != want.unwrapped {
			t.Errorf("%+v, want %v", c, want)
		}
	}
}

// Records are replayed as they are, whatever their bytes look like.
func TestReplaysAreNotUnwrapped(t *testing.T) {
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	text := withStamps(telegramText, 2)
	if err := errors.Join(w.Write(&record.Chunk{Origin: record.Origin{Source: "a"}, Data: record.Bytes(text)}), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if d := deliver(t, Options{}, "-", &out); d.bytes() != text || len(d.said) > 0 {
		t.Errorf("%q, said %q", d.bytes(), d.said)
	}
}

// Logs that were joined with a byte order mark between them are read.
func TestJoinedLogs(t *testing.T) {
	const mark = "\xef\xbb\xbf"
	file := writeFile(t, "p1.log", []byte(mark+telegramText+mark+telegramText))
	if d := deliver(t, Options{}, file, nil); d.bytes() != telegramText+telegramText {
		t.Errorf("%q", d.bytes())
	}
}

// What is no P1 is named; a log is not, whatever has hit it.
func TestNaming(t *testing.T) {
	frame := "\x7e\xa0\x0e\xcf\x02\x23\x13" + strings.Repeat("x", 8) + "\x7e"
	for _, c := range []struct{ data, says string }{
		{strings.Repeat(frame, 5), "DLMS frames (HDLC)"},
		{"\x89PNG\r\n\x1a\nxxxx", "picture"},
		{"time,utc_offset,meter,status\n2026-11-29T14:00:00+01:00,+01:00,1,ok\n", "table that p1csv wrote"},
		{telegramText, ""},
		{frame + telegramText + telegramText, ""},
		{"\x02x", ""},
	} {
		d := deliver(t, Options{}, writeFile(t, "what", []byte(c.data)), nil)
		said := strings.Join(d.said, "\n")
		if d.bytes() != c.data || (c.says == "") != (said == "") || !strings.Contains(said, c.says) {
			t.Errorf("%.20q: said %q, want %q", c.data, said, c.says)
		}
	}
}

// A live line that speaks another protocol is named, once.
func TestNamingOfALiveLine(t *testing.T) {
	var said []string
	w := newWatch("port", ofPort(), usualPace(), func(text string) { said = append(said, text) })
	frame := "\x7e\xa0\x0e\xcf\x02\x23\x13" + strings.Repeat("x", 8) + "\x7e"
	now := time.Now()
	w.opened(now)
	for i := range 100 {
		w.heard([]byte(frame), now.Add(time.Duration(i)*time.Second))
	}
	if len(said) != 1 || !strings.Contains(said[0], "DLMS frames (HDLC)") {
		t.Errorf("%q", said)
	}
}
