package record

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// appendBytesPlainly is AppendBytes a byte at a time.
func appendBytesPlainly(b, data []byte, ascii bool) []byte {
	b = append(b, '"')
	for _, c := range data {
		b = appendByte(b, c, ascii)
	}
	return append(b, '"')
}

// checkBytes fails unless the bytes are written as they are a byte at a time, and
// read back.
func checkBytes(t *testing.T, data []byte, ascii bool) {
	t.Helper()
	got, want := AppendBytes([]byte("x"), data, ascii), appendBytesPlainly([]byte("x"), data, ascii)
	if !bytes.Equal(got, want) {
		t.Fatalf("%q is written as\n%q, want\n%q", data, got, want)
	}
	back, rest, ok := appendText([]byte("y"), append(got[2:], "rest"...))
	if !ok || string(back) != "y"+string(data) || string(rest) != "rest" {
		t.Fatalf("%q is read back as %q, %q left, %t", data, back, rest, ok)
	}
}

// Every byte at every place of a word, among bytes of every kind.
func TestWordsOfBytes(t *testing.T) {
	for _, fill := range []byte{'a', '"', 0xFF, 0x9F, 0xA0, '\r', '\n', 0x7F, 0} {
		for at := range 3 * wordLen {
			data := bytes.Repeat([]byte{fill}, 3*wordLen+1)
			for c := range 256 {
				data[at] = byte(c)
				checkBytes(t, data, false)
				checkBytes(t, data, true)
				checkBytes(t, data[at:], false)
			}
		}
	}
}

// FuzzBytes: meter bytes are written as they are a byte at a time, and text is read
// as the plain reader reads it.
func FuzzBytes(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
		f.Add(AppendBytes(nil, data, false))
		f.Add(AppendBytes(nil, data, true))
	}
	for _, text := range []string{`"\u00`, `"\u00ff`, "\"\xC2", "\"\xC3\x7F\"", "\"aaaaaaa\xC3\xBF\xC3\xBF\xC3\xBF\xC3\xBF\xC4\xBF\"", `"\`, `"\/\b\f\t\n\r\"\\"`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkBytes(t, data, false)
		checkBytes(t, data, true)
		checkText(t, data)
	})
}

// checkText fails unless the text is read as it is a byte at a time, and the line that
// holds it as its raw as it is without the quick reader.
func checkText(t *testing.T, text []byte) {
	t.Helper()
	got, rest, ok := appendText(nil, text)
	want, wantRest, wantOK := appendTail(nil, text)
	if ok != wantOK || ok && (!bytes.Equal(got, want) || !bytes.Equal(rest, wantRest)) {
		t.Fatalf("%q is read as\n%q, %t, want\n%q, %t", text, got, ok, want, wantOK)
	}
	line := `{"v":1,"type":"telegram","source":"s","seq":1,"offset":0,"status":"ok","raw":"` + string(text) + `"}`
	checkQuick(t, []byte(line))
}

// checkQuick fails unless the quick reader gives what the general one gives, with
// and without a room, or nothing; it reports whether it gave anything.
func checkQuick(t *testing.T, line []byte) bool {
	t.Helper()
	if len(bytes.TrimSpace(line)) == 0 {
		return false
	}
	var q quick
	rec, ok := q.read(line, nil)
	if !ok {
		return false
	}
	var general LineReader
	want, err := general.parse(line)
	if err != nil || !reflect.DeepEqual(rec, want) {
		t.Fatalf("%q is read as\n%+v, want\n%+v, %v", line, rec, want, err)
	}
	var room Room
	for range 2 { // the second time from what is remembered
		if rec, ok := q.read(line, &room); !ok || !reflect.DeepEqual(rec, want) {
			t.Fatalf("%q is read into a room as\n%+v, %t, want\n%+v", line, rec, ok, want)
		}
		room.Reset()
	}
	return true
}

// FuzzQuick: a line that the quick reader takes is one that the general one takes,
// and both give the same record.
func FuzzQuick(f *testing.F) {
	for _, line := range quickLines {
		f.Add([]byte(line))
	}
	for _, r := range everywhere(allBytes()) {
		f.Add([]byte(write(f, false, r)))
		f.Add([]byte(write(f, true, r)))
	}
	short := []byte(quickLines[0])
	for i := range short {
		f.Add(short[:i])
		for bit := range 8 {
			flipped := bytes.Clone(short)
			flipped[i] ^= 1 << bit
			f.Add(flipped)
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.TrimRight(line, "\r\n")
		checkQuick(t, line)
	})
}

var quickLines = []string{
	`{"v":1,"type":"telegram","source":"s","seq":1,"offset":0,"status":"ok","crc":"ARC","crc_sent":"1A2F","crc_calc":"1A2F","raw":"/é\r\n!1A2F\r\n"}`,
	`{"v":1,"type":"telegram","source":"napló.log","session":"2026-11-22T07:00:00Z","live":true,"seq":17,"offset":39948,"time":"2026-11-22T07:00:10.123456789Z","status":"unchecked","crc":"none","eol":"lf","raw":"/x\r\n!\r\n"}`,
	`{"v":1,"type":"telegram","source":"s","seq":0,"offset":999999999999999999,"status":"bad","crc":"unknown","crc_sent":"12","crc_calc":"","raw":""}`,
	`{"v":1,"type":"chunk","source":"s","offset":0,"data":"aÿÿÿÿÿ\"\\\u0000"}`,
	`{"v":1,"type":"chunk","source":"/dev/ttyUSB0","session":"2026-11-22T07:00:00Z","live":true,"offset":2348,"time":"2026-11-22T07:00:10Z","end":"pause","data":"/AUX"}`,
}

// What stages write is read quickly, or the speed is gone.
func TestQuickTakesWhatStagesWrite(t *testing.T) {
	for _, line := range quickLines {
		if !checkQuick(t, []byte(line)) {
			t.Errorf("left to the general reader: %s", line)
		}
		if got := write(t, false, parseOne(t, line)); line != quickLines[2] && got != line+"\n" {
			t.Errorf("written\n%swant\n%s", got, line)
		}
	}
}

// What is not as stages write it is left to the general reader.
func TestQuickLeavesTheRest(t *testing.T) {
	const line = `{"v":1,"type":"telegram","source":"s","seq":1,"offset":0,"status":"ok","raw":"r"}`
	for _, c := range [][2]string{
		{`"v":1`, `"v":2`}, {`"v":1`, `"v": 1`}, {`"s"`, `""`}, {`"s"`, `"\u0073"`}, {`"s"`, "\"\xFF\""}, {`"s"`, "\"\x01\""},
		{`"seq":1`, `"seq":01`}, {`"seq":1`, `"seq":-1`}, {`"seq":1`, `"seq":9999999999999999999`}, {`"seq":1`, `"seq":1.0`},
		{`"ok"`, `"fine"`}, {`"ok"`, `""`}, {`"r"}`, `"r","x":1}`}, {`"r"}`, `"r"}}`}, {`"r"}`, `"r"} `}, {`"r"}`, `"r`}, {`"r"}`, `"Ā"}`},
		{`"raw":"r"`, `"raw":"` + strings.Repeat("r", MaxTelegram+1) + `"`},
	} {
		other := strings.Replace(line, c[0], c[1], 1)
		if other == line {
			t.Fatalf("%s is not in the line", c[0])
		}
		if checkQuick(t, []byte(other)) {
			t.Errorf("taken: %.200s", other)
		}
	}
	if !checkQuick(t, []byte(line)) {
		t.Error("nothing is taken")
	}
}

// seeds are meter bytes: real telegrams where they are at hand, and simulated ones.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	var out [][]byte
	for _, name := range []string{"../../../shared/data/eon-clean.log", "../../testdata/nl-clean.log", "../../testdata/hu-noisy.log"} {
		data, err := os.ReadFile(filepath.FromSlash(name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, data[:min(len(data), 3000)])
	}
	if len(out) < 2 {
		tb.Fatal("no telegrams")
	}
	return out
}

// Records that are read into a room, and written, need no memory.
func TestRoomNeedsNoMemory(t *testing.T) {
	var q quick
	var room Room
	w := NewWriter(discard{}, false)
	for _, text := range quickLines[:2] {
		line := []byte(text)
		again := func() {
			room.Reset()
			rec, ok := q.read(line, &room)
			if !ok || w.Write(rec) != nil {
				t.Fatal(text)
			}
		}
		again()
		if n := testing.AllocsPerRun(1000, again); n > 0 {
			t.Errorf("%.0f allocations for %s", n, text)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkRead(b *testing.B) {
	for _, data := range seeds(b) {
		line := []byte(write(b, false, &Telegram{
			Origin: Origin{Source: "p1.log", Offset: 39948}, Seq: 17, Status: OK, CRC: CRCARC,
			CRCSent: "5B60", CRCCalc: "5B60", Raw: data[:min(len(data), 2348)],
		}))
		line = line[:len(line)-1]
		name := string(data[:8])
		var q quick
		var room Room
		var general LineReader
		b.Run(name+"/room", func(b *testing.B) {
			for b.Loop() {
				room.Reset()
				q.read(line, &room)
			}
		})
		b.Run(name+"/own", func(b *testing.B) {
			for b.Loop() {
				q.read(line, nil)
			}
		})
		b.Run(name+"/general", func(b *testing.B) {
			for b.Loop() {
				_, _ = general.parse(line)
			}
		})
		buf := make([]byte, 0, 20000)
		b.Run(name+"/write", func(b *testing.B) {
			for b.Loop() {
				buf = AppendBytes(buf[:0], data[:min(len(data), 2348)], false)
			}
		})
		b.Run(name+"/writeplain", func(b *testing.B) {
			for b.Loop() {
				buf = appendBytesPlainly(buf[:0], data[:min(len(data), 2348)], false)
			}
		})
	}
}
