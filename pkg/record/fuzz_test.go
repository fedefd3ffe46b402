package record

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// readBoth reads the input whole and byte by byte, which has to give the same.
func readBoth(t *testing.T, input []byte) outcome {
	whole := readAll(newScratchReader("fuzz", bytes.NewReader(input)))
	bytewise := readAll(newScratchReader("fuzz", iotest.OneByteReader(bytes.NewReader(input))))
	if !reflect.DeepEqual(whole, bytewise) {
		t.Fatalf("whole:\n%+v\nbyte by byte:\n%+v", whole, bytewise)
	}
	if whole.end != io.EOF {
		t.Fatalf("the input ends with %v", whole.end)
	}
	return whole
}

// settle brings a record into the one of several equal forms that reading a
// written line gives: no got is an empty got, confidence has six decimals.
func settle(r Record) Record {
	t, ok := r.(*Telegram)
	if !ok {
		return r
	}
	for i := range t.Edits {
		e := &t.Edits[i]
		e.Got, e.Now = append(Bytes{}, e.Got...), append(Bytes{}, e.Now...)
	}
	t.Confidence = 0
	return t
}

// validLines reports whether the text is n lines of JSON.
func validLines(text string, n int) bool {
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			return false
		}
		n--
	}
	return n == 0
}

// checkRewritten fails unless the records survive writing and reading.
func checkRewritten(t *testing.T, records []Record, ascii bool) {
	text := write(t, ascii, records...)
	if !validLines(text, len(records)) {
		t.Fatalf("%d records are written as %q", len(records), text)
	}
	again := parse(t, text)
	if twice := write(t, ascii, again...); twice != text {
		t.Fatalf("written\n%sand then\n%s", text, twice)
	}
	if ascii {
		checkASCII(t, text)
		return
	}
	for i, r := range records {
		if !reflect.DeepEqual(settle(again[i]), settle(r)) {
			t.Fatalf("%s is read back as\n%+v, want\n%+v", text, again[i], r)
		}
	}
}

// FuzzRead: no input makes a reader panic or depends on its chunking, and what
// is read is written and read back equal.
func FuzzRead(f *testing.F) {
	line := []byte(`{"v":1,"type":"telegram","source":"s","offset":9,"status":"ok","raw":"é\r!"}`)
	for i := range line {
		f.Add(line[:i])
		for bit := range 8 {
			flipped := bytes.Clone(line)
			flipped[i] ^= 1 << bit
			f.Add(flipped)
		}
	}
	f.Add([]byte("{" + strings.Join(fullMembers, ",") + "}\r\n"))
	f.Add([]byte(messy()))
	for _, r := range everywhere(allBytes()) {
		f.Add([]byte(write(f, false, r)))
	}
	for _, c := range badLines {
		if len(c.line) < 1000 {
			f.Add([]byte(c.line))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if records := readBoth(t, input).records; len(records) > 0 {
			checkRewritten(t, records, true)
			checkRewritten(t, records, false)
		}
	})
}

// script makes edits of any bytes: eleven for each, and what they name of data.
func script(code, data []byte) []Edit {
	var edits []Edit
	piece := func(from, n byte) Bytes {
		lo := min(int(from), len(data))
		return data[lo:min(lo+int(n), len(data))]
	}
	for ; len(code) >= 11; code = code[11:] {
		at := int64(binary.LittleEndian.Uint64(code))
		edits = append(edits, Edit{At: int(at), Got: piece(code[8], code[9]>>4), Now: piece(code[9], code[10]>>4)})
	}
	return edits
}

// FuzzEdits: no edits make Undo or Apply panic, and what one of them accepts,
// the other takes back.
func FuzzEdits(f *testing.F) {
	code := func(edits ...[4]uint64) []byte {
		var out []byte
		for _, e := range edits {
			out = binary.LittleEndian.AppendUint64(out, e[0])
			out = append(out, byte(e[1]), byte(e[2]), byte(e[3]))
		}
		return out
	}
	f.Add([]byte("abc"), []byte{})
	f.Add([]byte("abcdef"), code([4]uint64{0, 0, 0x10, 0x10}, [4]uint64{3, 3, 0x13, 0x10}))
	f.Add([]byte("abcdef"), code([4]uint64{6, 2, 0x40, 0}, [4]uint64{6, 1, 0x10, 0}))
	f.Add([]byte("abcdef"), code([4]uint64{1<<63 - 1, 0, 0x10, 0x10}))
	f.Add([]byte("abcdef"), code([4]uint64{1, 1, 0x11, 0x10}, [4]uint64{1 << 63, 0, 0x10, 0x10}))
	f.Fuzz(func(t *testing.T, data, code []byte) {
		inverse(t, data, script(code, data))
	})
}
