package frame_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// collector keeps what a framer writes.
type collector struct{ records []record.Record }

func (c *collector) Write(r record.Record) error {
	c.records = append(c.records, record.Keep(r))
	return nil
}

func (c *collector) Flush() error { return nil }

func (c *collector) telegrams() []*record.Telegram {
	var list []*record.Telegram
	for _, r := range c.records {
		if t, ok := r.(*record.Telegram); ok {
			list = append(list, t)
		}
	}
	return list
}

// statuses writes the records as a short text: ok, bad, unchecked, noise.
func (c *collector) statuses() string {
	var words []string
	for _, r := range c.records {
		switch r := r.(type) {
		case *record.Telegram:
			words = append(words, string(r.Status))
		case *record.Noise:
			words = append(words, "noise")
		case *record.Gap:
			words = append(words, "gap")
		}
	}
	return strings.Join(words, " ")
}

// A framedCase is a stream and the statuses of the records it becomes.
type framedCase struct{ name, stream, want string }

// checkFramed checks the statuses that streams become, and that no byte is lost.
func checkFramed(t *testing.T, cases []framedCase) {
	t.Helper()
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			got := frameBytes(t, []byte(x.stream))
			if s := got.statuses(); s != x.want {
				t.Errorf("got  %s\nwant %s", s, x.want)
			}
			if !bytes.Equal(got.received(t), []byte(x.stream)) {
				t.Error("the records joined are not the stream")
			}
		})
	}
}

// received joins the bytes of all records, and checks their offsets.
func (c *collector) received(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for i, r := range c.records {
		got, err := record.Received(r)
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if at := r.Where().Offset; at != int64(len(all)) {
			t.Fatalf("record %d has offset %d, but %d bytes came before it", i, at, len(all))
		}
		all = append(all, got...)
	}
	return all
}

// frameReader frames what r delivers, a chunk for each read.
func frameReader(t testing.TB, r io.Reader, size int) *collector {
	t.Helper()
	c := &collector{}
	f := frame.New(c, frame.Options{})
	offset := int64(0)
	buf := make([]byte, size)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			must(t, f.Take(&record.Chunk{
				Origin: record.Origin{Source: "test", Offset: offset}, Data: bytes.Clone(buf[:n]),
			}))
			offset += int64(n)
		}
		if err == io.EOF {
			break
		}
		must(t, err)
	}
	must(t, f.Close())
	return c
}

func frameBytes(t testing.TB, data []byte) *collector {
	t.Helper()
	return frameReader(t, bytes.NewReader(data), record.MaxData)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sent returns n telegrams of a simulated meter, as it sent them.
func sent(t testing.TB, query string, n int) []string {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	o.Telegrams = n
	s, err := sim.New(o)
	must(t, err)
	var list []string
	for range n {
		x, _ := s.Next()
		list = append(list, string(x.Sent))
	}
	return list
}

// Each symptom is a stream that a damaged line leaves; the telegrams around the
// damage must come through.
func TestResynchronises(t *testing.T) {
	tel := sent(t, "meter=hu", 4)
	a, b, c := tel[0], tel[1], tel[2]
	head := a[:strings.Index(a, "\r\n")+2] // "/AUX5…␍␊"
	cases := []framedCase{
		{"clean", a + b + c, "ok ok ok"},
		{"starts in the middle", a[700:] + b + c, "bad ok ok"},
		{"starts in a line", a[len(a)-9:] + b, "noise ok"},
		{"ends in the middle", a + b[:900], "ok bad"},
		{"no newline at the end", a + strings.TrimRight(b, "\r\n"), "ok ok"},
		{"lost /", a + b[1:] + c, "ok bad ok"},
		{"hit /", a + "\x0e" + b[1:] + c, "ok bad ok"},
		{"lost ! line", a[:len(a)-7] + b + c, "bad ok ok"},
		{"lost ! line and lost /", a + b[:len(b)-7] + c[1:] + tel[3], "ok bad bad ok"},
		{"lost !", a + strings.Replace(b, "\r\n!", "\r\n", 1) + c, "ok bad ok"},
		{"lost ! and hit /", a + strings.Replace(b, "\r\n!", "\r\n", 1) + " " + c[1:] + tel[3], "ok bad bad ok"},
		{"hit CRC digit", a + strings.Replace(b, "\r\n!", "\r\n!&", 1) + c, "ok bad ok"},
		{"two / in a line", head[:4] + a + b, "noise ok ok"},
		{"header cut and begun again", head[:9] + a + b, "noise ok ok"},
		{"telegram cut and the next begun", a[:500] + b + c, "bad ok ok"},
		{"garbage before /", "\x00~~" + a + b, "noise ok ok"},
		{"garbage lines before /", "~~\r\n\r\n" + a + b, "noise ok ok"},
		{"garbage before a damaged header", "~~/ " + a[2:] + b, "noise bad ok"},
		{"false ! in a line", a + strings.Replace(b, "1.8.1(00", "1.8.1(!0", 1) + c, "ok bad ok"},
		{"false ! and four digits in a line", a + strings.Replace(b, "1.8.1(00", "1.8.1(!1234", 1) + c, "ok bad ok"},
		{"false ! for ) at a line's end", a + strings.Replace(b, "*kWh)\r\n", "*kWh!\r\n", 1) + c, "ok bad ok"},
		{"false ! for a line's first 1", a + strings.Replace(b, "\n1-0:1.8.1", "\n!-0:1.8.1", 1) + c, "ok bad ok"},
		{"LF lost before !", a + strings.Replace(b, "\n!", "!", 1) + c, "ok bad ok"},
		{"CR and LF lost before !", a + strings.Replace(b, "\r\n!", "!", 1) + c, "ok bad ok"},
		{"LF lost after the CRC", strings.TrimSuffix(a, "\n") + b, "ok ok"},
		{"CR lost after the CRC", strings.TrimSuffix(a, "\r\n") + "\n" + b, "ok ok"},
		{"CR and LF lost after the CRC", strings.TrimRight(a, "\r\n") + b, "ok ok"},
		{"CR, LF and / lost after the CRC", a + strings.TrimRight(b, "\r\n") + c[1:] + tel[3], "ok ok bad ok"},
		{"logger's line", "=~=~=~=~= PuTTY log 2026.03.01 00:00:00 =~=~=~=~=\r\n" + a, "noise ok"},
		{"logger's line in the middle of a line", a[:500] + "=~=~=~=~= PuTTY log =~=~\r\n" + b, "bad noise ok"},
		{"logger's line between telegrams", a + "\r\n=~=~=~=~= PuTTY log =~=~\r\n" + b, "ok noise noise ok"},
		{"only garbage", "some\r\nwords\r\n", "noise"},
		{"nothing", "", ""},
		{"the same telegram twice", a + a, "ok ok"},
	}
	checkFramed(t, cases)
}

// The digits of the CRC may be lower case or not padded to four.
func TestCRCDigits(t *testing.T) {
	tel := sent(t, "meter=nl", 400)
	padded := 0
	for _, a := range tel {
		crc := a[len(a)-6 : len(a)-2]
		for _, written := range []string{crc, strings.ToLower(crc), strings.TrimLeft(crc, "0")} {
			if written == "" {
				continue
			}
			if len(written) < 4 {
				padded++
			}
			got := frameBytes(t, []byte(a[:len(a)-6]+written+"\r\n")).telegrams()
			if len(got) != 1 || got[0].Status != record.OK || got[0].CRCSent != crc {
				t.Fatalf("CRC %s written as %s: %+v", crc, written, got)
			}
		}
	}
	if padded == 0 {
		t.Fatal("no CRC of the sample begins with 0: the test shows nothing")
	}
}

// A log without CR gives the same telegrams, marked, and its own bytes back.
func TestLFLog(t *testing.T) {
	crlf := strings.Join(sent(t, "meter=hu", 5), "")
	lf := strings.ReplaceAll(crlf, "\r\n", "\n")
	with, without := frameBytes(t, []byte(crlf)).telegrams(), frameBytes(t, []byte(lf))
	if len(with) != 5 || len(without.telegrams()) != 5 {
		t.Fatalf("%d and %d telegrams, want 5", len(with), len(without.telegrams()))
	}
	for i, got := range without.telegrams() {
		if got.EOL != record.EOLLF || got.Status != record.OK || !bytes.Equal(got.Raw, with[i].Raw) {
			t.Errorf("telegram %d: eol %q, status %s", i+1, got.EOL, got.Status)
		}
	}
	if !bytes.Equal(without.received(t), []byte(lf)) {
		t.Error("the records joined are not the log")
	}
}

// Whatever the pieces, the records are the same.
func TestAnyChunking(t *testing.T) {
	stream := noisy(t)
	want := frameBytes(t, stream)
	readers := map[string]io.Reader{
		"one byte":  iotest.OneByteReader(bytes.NewReader(stream)),
		"half":      iotest.HalfReader(bytes.NewReader(stream)),
		"data, EOF": iotest.DataErrReader(bytes.NewReader(stream)),
		"random":    &randomReader{bytes.NewReader(stream), rand.New(rand.NewPCG(1, 2))},
	}
	for name, r := range readers {
		got := frameReader(t, r, 5000)
		if !reflect.DeepEqual(got.records, want.records) {
			t.Errorf("%s: other records than in one piece", name)
		}
	}
}

type randomReader struct {
	r    io.Reader
	dice *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.r.Read(p[:1+r.dice.IntN(len(p))])
}

// noisy is a stream with every kind of damage that the simulated line knows.
func noisy(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for i, noise := range sim.Noises() {
		o, err := sim.ParseOptions(fmt.Sprintf("meter=hu&noise=%s&telegrams=12&seed=%d", noise, i+1))
		must(t, err)
		s, err := sim.New(o)
		must(t, err)
		data, err := io.ReadAll(s)
		must(t, err)
		all = append(all, data...)
	}
	return all
}

func TestConservation(t *testing.T) {
	stream := noisy(t)
	got := frameBytes(t, stream)
	if !bytes.Equal(got.received(t), stream) {
		t.Error("the records joined are not the stream")
	}
	for _, r := range got.records {
		if data, _ := record.Received(r); len(data) == 0 || len(data) > record.MaxData {
			t.Errorf("a record of %d bytes", len(data))
		}
	}
}

// A stream whose CRCs never hold, although its telegrams look undamaged, has a
// CRC of an unknown kind.
func TestUnknownCRC(t *testing.T) {
	var stream strings.Builder
	for _, a := range sent(t, "meter=nl", 15) {
		stream.WriteString(a[:len(a)-6] + "0000\r\n")
	}
	got := frameBytes(t, []byte(stream.String())).telegrams()
	if len(got) != 15 || got[0].CRC != record.CRCARC || got[14].CRC != record.CRCUnknown || got[14].Status != record.Bad {
		t.Errorf("%d telegrams, the last %s %s", len(got), got[len(got)-1].CRC, got[len(got)-1].Status)
	}
}

// Whatever comes in, no more is kept than a telegram may be long.
func TestBounded(t *testing.T) {
	tel := sent(t, "meter=hu", 2)
	inputs := map[string][]byte{
		"no line end":        bytes.Repeat([]byte("x"), 1<<20),
		"only line ends":     bytes.Repeat([]byte("\n"), 1<<20),
		"lines without end":  bytes.Repeat([]byte("1-0:1.8.0(1*kWh)\r\n"), 1<<16),
		"LF lines, no end":   bytes.Repeat([]byte("1-0:1.8.0(1*kWh)\n\n\n\n\n\n"), 1<<16),
		"one line of values": append([]byte("1-0:1.8.0"), bytes.Repeat([]byte("(1)"), 1<<18)...),
		"random bytes":       randomBytes(1 << 20),
	}
	for name, data := range inputs {
		t.Run(name, func(t *testing.T) {
			data = append(append([]byte(tel[0]), data...), tel[1]...)
			got := frameBytes(t, data)
			if !bytes.Equal(got.received(t), data) {
				t.Fatal("the records joined are not the stream")
			}
			for _, r := range got.records {
				if n, ok := r.(*record.Noise); ok && len(n.Data) > record.MaxData {
					t.Errorf("noise of %d bytes", len(n.Data))
				}
			}
			for _, x := range got.telegrams() {
				if len(x.Raw) > record.MaxTelegram {
					t.Errorf("telegram of %d bytes", len(x.Raw))
				}
			}
			if first := got.telegrams()[0]; first.Status != record.OK {
				t.Errorf("the telegram before it is %s", first.Status)
			}
		})
	}
}

func randomBytes(n int) []byte {
	dice := rand.New(rand.NewPCG(7, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(dice.UintN(256))
	}
	return b
}

// A change of source, a jump in the offsets and a gap end the record before.
func TestStreamBreaks(t *testing.T) {
	tel := sent(t, "meter=hu", 3)
	chunk := func(source string, offset int, text string) record.Record {
		return &record.Chunk{Origin: record.Origin{Source: source, Offset: int64(offset)}, Data: []byte(text)}
	}
	gap := &record.Gap{Origin: record.Origin{Source: "a", Offset: 500}, Why: record.GapUnplugged}
	other := &record.Other{Type: "weather", Line: []byte(`{"v":1,"type":"weather"}`)}
	half := len(tel[0]) - 900
	cases := []struct {
		name    string
		records []record.Record
		want    string
		seq     int64 // of the last telegram
	}{
		{"sources", []record.Record{chunk("a", 0, tel[0][:500]), chunk("b", 0, tel[1])}, "bad ok", 1},
		{"offsets", []record.Record{chunk("a", 0, tel[0][:500]), chunk("a", 9000, tel[1])}, "bad ok", 2},
		{"gap", []record.Record{chunk("a", 0, tel[0][:500]), gap, chunk("a", 500, tel[1])}, "bad gap ok", 2},
		{"unknown record cuts nothing", []record.Record{chunk("a", 0, tel[0][:half]), other, chunk("a", half, tel[0][half:])}, "ok", 1},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			c := &collector{}
			f := frame.New(c, frame.Options{})
			for _, r := range x.records {
				must(t, f.Take(r))
			}
			must(t, f.Close())
			if s := c.statuses(); s != x.want {
				t.Errorf("got %s, want %s", s, x.want)
			}
			all := c.telegrams()
			if last := all[len(all)-1]; last.Seq != x.seq {
				t.Errorf("the last telegram has seq %d, want %d", last.Seq, x.seq)
			}
		})
	}
}

// Live, a telegram whose line end is missing is out at the pause, and one
// without its end line when the line has been silent; the arrival time of its
// first byte stands beside it.
func TestLive(t *testing.T) {
	a := sent(t, "meter=hu", 1)[0]
	chunk := func(offset int, at, text string) *record.Chunk {
		return &record.Chunk{
			Origin: record.Origin{Source: "tty", Session: "s", Offset: int64(offset)},
			Live:   true, Time: at, End: record.EndPause, Data: []byte(text),
		}
	}
	const t0, t1 = "2026-03-01T00:00:00Z", "2026-03-01T00:00:10Z"
	c := &collector{}
	f := frame.New(c, frame.Options{})
	if f.Wait() != 0 {
		t.Error("waits although nothing is held")
	}
	must(t, f.Take(chunk(0, t0, strings.TrimSuffix(a, "\r\n"))))
	if got := c.telegrams(); len(got) != 1 || got[0].Status != record.OK || got[0].Time != t0 || !got[0].Live {
		t.Fatalf("not out at the pause: %+v", got)
	}
	must(t, f.Take(chunk(len(a)-2, t1, a[:700])))
	if len(c.telegrams()) != 1 || f.Wait() != 300*time.Millisecond {
		t.Fatalf("a telegram without end: wait %v", f.Wait())
	}
	must(t, f.Expire())
	if got := c.telegrams(); len(got) != 2 || got[1].Status != record.Bad || got[1].Time != t1 {
		t.Fatal("not out when the line stayed silent")
	}
	if f.Wait() != 0 {
		t.Error("waits although nothing is held")
	}
}

// A replayed capture is cut at the silences that its arrival times show.
func TestSilenceByArrivalTimes(t *testing.T) {
	tel := sent(t, "meter=hu", 2)
	c := &collector{}
	f := frame.New(c, frame.Options{})
	for i, text := range []string{tel[0][:700], tel[1]} {
		must(t, f.Take(&record.Chunk{
			Origin: record.Origin{Source: "tty", Offset: int64(i * 700)}, End: record.EndPause,
			Time: fmt.Sprintf("2026-03-01T00:00:%d0.5Z", i), Data: []byte(text),
		}))
	}
	if s := c.statuses(); s != "bad ok" {
		t.Errorf("got %s, want bad ok", s)
	}
}

// realLogs are logs of real meters, which are not part of the project.
var realLogs = filepath.Join("..", "..", "..", "shared", "data")

func realLog(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(realLogs, name))
	if err != nil {
		t.Skipf("the real log %s is not here", name)
	}
	return data
}

func TestRealCleanLogs(t *testing.T) {
	crlf, lf := realLog(t, "eon-clean.log"), realLog(t, "eon-clean-lf.log")
	want := "noise" + strings.Repeat(" ok", 54)
	a, b := frameBytes(t, crlf), frameBytes(t, lf)
	if a.statuses() != want || b.statuses() != want {
		t.Fatalf("got %s\nand %s", a.statuses(), b.statuses())
	}
	if !bytes.Equal(a.received(t), crlf) || !bytes.Equal(b.received(t), lf) {
		t.Error("the records joined are not the log")
	}
	for i, x := range b.telegrams() {
		if !bytes.Equal(x.Raw, a.telegrams()[i].Raw) {
			t.Errorf("telegram %d differs between the two logs", i+1)
		}
	}
}

// 804 transmissions of a bad day: three of them share no telegram record with
// another, whatever was hit.
func TestRealNoisyLog(t *testing.T) {
	log := realLog(t, "eon-noisy.log")
	got := frameBytes(t, log)
	if !bytes.Equal(got.received(t), log) {
		t.Error("the records joined are not the log")
	}
	tel := got.telegrams()
	if len(tel) < 795 || len(tel) > 810 {
		t.Errorf("%d telegram records for 804 transmissions", len(tel))
	}
	for _, x := range tel {
		if x.Status == record.Unchecked {
			t.Errorf("telegram at %d is unchecked in a stream with CRCs", x.Offset)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	stream := []byte(strings.Join(sent(b, "meter=hu", 400), ""))
	b.SetBytes(int64(len(stream)))
	for b.Loop() {
		f := frame.New(discard{}, frame.Options{})
		for at := 0; at < len(stream); at += record.MaxData {
			end := min(at+record.MaxData, len(stream))
			must(b, f.Take(&record.Chunk{Origin: record.Origin{Source: "x", Offset: int64(at)}, Data: stream[at:end]}))
		}
		must(b, f.Close())
	}
	b.ReportMetric(float64(400*b.N)/b.Elapsed().Seconds(), "telegrams/s")
}

type discard struct{}

func (discard) Write(record.Record) error { return nil }
func (discard) Flush() error              { return nil }

// A telegram whose first byte stands in a chunk without a time has none, even where a chunk
// before it, whose rest is still in the buffer, has one.
func TestTimeThatIsNotKnown(t *testing.T) {
	const text = "/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.0(008234.524*kWh)\r\n!\r\n"
	const at = "2026-10-25T01:59:50+02:00"
	var c collector
	f := frame.New(&c, frame.Options{})
	offset := int64(0)
	for _, part := range []struct{ time, data string }{{at, text + text[:9]}, {"", text[9:] + text}, {at, text}} {
		chunk := &record.Chunk{Origin: record.Origin{Source: "p1.log", Offset: offset}, Time: part.time, Data: []byte(part.data)}
		must(t, f.Take(chunk))
		offset += int64(len(part.data))
	}
	must(t, f.Close())
	var times []string
	for _, tel := range c.telegrams() {
		times = append(times, tel.Time)
	}
	if want := []string{at, at, "", at}; !reflect.DeepEqual(times, want) {
		t.Errorf("%q, want %q", times, want)
	}
}
