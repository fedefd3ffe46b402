package frame

import (
	"bytes"
	"reflect"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
)

// keeping is a writer that keeps the records.
type keeping struct{ records []record.Record }

func (k *keeping) Write(r record.Record) error {
	k.records = append(k.records, record.Keep(r))
	return nil
}

func (k *keeping) Flush() error { return nil }

// framedBy returns what a framer makes of a log that comes in pieces of a size.
func framedBy(t *testing.T, f *Framer, c *keeping, log []byte, size int) []record.Record {
	t.Helper()
	for at := 0; at < len(log); at += size {
		chunk := &record.Chunk{Origin: record.Origin{Source: "log", Offset: int64(at)}, Data: log[at:min(at+size, len(log))]}
		if err := f.Take(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return c.records
}

// lineByLine returns the records of a log that is handed over in pieces too small for a
// telegram to be taken at once, to a framer that forgets what the last one was like.
func lineByLine(t *testing.T, c *keeping, log []byte) []record.Record {
	t.Helper()
	f := New(c, Options{})
	const size = 16
	for at := 0; at < len(log); at += size {
		f.stream.alike = alike{}
		chunk := &record.Chunk{Origin: record.Origin{Source: "log", Offset: int64(at)}, Data: log[at:min(at+size, len(log))]}
		if err := f.Take(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return c.records
}

// signed puts the CRC after a telegram.
func signed(text string, kind crc.Kind) []byte {
	return []byte(text + kind.Digits([]byte(text)) + "\r\n")
}

const (
	alikeA = "/AUX5990\r\n\r\n0-0:1.0.0(230824012130S)\r\n0-0:42.0.0(AUX1030)\r\n1-0:1.8.0(008234.524*kWh)\r\n0-0:96.13.0(\xFF\xFF\xFF)\r\n!"
	alikeB = "/AUX5990\r\n\r\n0-0:1.0.0(230824012140S)\r\n0-0:42.0.0(AUX1030)\r\n1-0:1.8.0(008234.599*kWh)\r\n0-0:96.13.0(\xFF\xFF\xFF)\r\n!"
)

// FuzzAlike: whatever is done to a telegram that follows others, it is cut out as it
// is line by line, and so is what stands after it.
func FuzzAlike(f *testing.F) {
	a, b := signed(alikeA, crc.ARC), signed(alikeB, crc.ARC)
	for at := range b {
		for _, c := range []byte{'7', '!', '/', '\r', '\n', 'A', 0xFF, 0xDB, 0xB1, '='} {
			f.Add(b, uint16(at), c, uint16(at*7), byte('1'), uint8(at))
		}
	}
	f.Add(signed(alikeB, crc.X25), uint16(0), byte('/'), uint16(0), byte('/'), uint8(0))
	f.Add(bytes.Replace(b, []byte("AUX5"), []byte("AUX6"), 1), uint16(0), byte('/'), uint16(0), byte('/'), uint8(0))
	f.Add(bytes.Replace(b, []byte("0-0:42.0.0(AUX1030)"), []byte("AUX4"), 1), uint16(len(b)), byte('5'), uint16(0), byte('/'), uint8(0))
	f.Add(bytes.Replace(b, []byte("!"), []byte("!AUX5\r\n!"), 1), uint16(0), byte('/'), uint16(0), byte('/'), uint8(0))
	f.Fuzz(func(t *testing.T, next []byte, at uint16, c byte, at2 uint16, c2 byte, size uint8) {
		near := bytes.Clone(next)
		if len(near) > 0 {
			near[int(at)%len(near)], near[int(at2)%len(near)] = c, c2
		}
		log := bytes.Join([][]byte{a, b, next, near, a, near, b, a}, nil)
		var quick, plain keeping
		got := framedBy(t, New(&quick, Options{}), &quick, log, 3*int(size)+20)
		if want := lineByLine(t, &plain, log); !reflect.DeepEqual(got, want) {
			for i := range min(len(got), len(want)) {
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("record %d is\n%+v, want\n%+v", i, got[i], want[i])
				}
			}
			t.Fatalf("%d records, want %d", len(got), len(want))
		}
	})
}

// The next telegram is taken at once, or the speed is gone.
func TestAlikeTakesTheNextTelegram(t *testing.T) {
	for _, kind := range crc.Kinds() {
		var a alike
		first, next := signed(alikeA, kind), signed(alikeB, kind)
		bang := bytes.IndexByte(first, '!')
		a.learn(first, bang, "AUX5", kind, kind.Sum(first[:bang+1]))
		if !a.follow(append(next, "/AUX"...), "AUX5") || !bytes.Equal(a.Text, next) || a.sum != kind.Sum(next[:bang+1]) {
			t.Errorf("%s: it is not", kind.Name())
		}
		for _, other := range [][]byte{
			next[:len(next)-1], bytes.Replace(next, []byte("8234"), []byte("8!34"), 1), bytes.Replace(next, []byte("AUX5"), []byte("AUX6"), 1),
			bytes.Replace(next, []byte("kWh"), []byte("k7h"), 1), append([]byte("7"), next...), signed(alikeA[:len(alikeA)-1]+"AUX5!", kind),
		} {
			if a.follow(other, "AUX5") {
				t.Errorf("%s: %q is taken for the next one", kind.Name(), other)
			}
		}
	}
}

// last is a writer that keeps nothing but a count.
type last struct{ telegrams int }

func (l *last) Write(r record.Record) error {
	if t, ok := r.(*record.Telegram); ok && t.Status == record.OK {
		l.telegrams++
	}
	return nil
}

func (l *last) Flush() error { return nil }

// Once a stream is known, its telegrams need no memory, whatever the chunks.
func TestFramerNeedsNoMemory(t *testing.T) {
	text := []byte("/AUX5990\r\n\r\n0-0:1.0.0(230824012130S)\r\n1-0:1.8.0(008234.524*kWh)\r\n0-0:96.13.0(" +
		string(bytes.Repeat([]byte{0xFF}, 1024)) + ")\r\n!")
	text = append(text, crc.ARC.Digits(text)+"\r\n"...)
	var out last
	f := New(&out, Options{})
	c := &record.Chunk{Origin: record.Origin{Source: "p1.log"}}
	size := 300
	feed := func() {
		for from := 0; from < len(text); from += size {
			c.Data = text[from:min(from+size, len(text))]
			if err := f.Take(c); err != nil {
				t.Fatal(err)
			}
			c.Offset += int64(len(c.Data))
		}
	}
	for range 100 {
		feed()
	}
	for _, size = range []int{300, len(text), len(text) + 1} {
		before := out.telegrams
		if n := testing.AllocsPerRun(500, feed); n > 0 {
			t.Errorf("in pieces of %d bytes: %.0f allocations a telegram", size, n)
		}
		if out.telegrams-before < 500 {
			t.Errorf("in pieces of %d bytes: %d telegrams came out", size, out.telegrams-before)
		}
	}
}
