package unwrap

import (
	"bytes"
	"strings"
	"testing"
)

// Whatever comes: nothing fails, what is given is no more than a dump's repeated lines and
// line ends can make of it, the reads' sizes do not matter, and bytes from which nothing is
// taken off are as they were.
func FuzzUnwrap(f *testing.F) {
	for _, w := range wrappings {
		f.Add([]byte(w.text), uint16(len(w.text)), false)
		f.Add([]byte(w.text[:len(w.text)/2]), uint16(13), true)
	}
	f.Add([]byte(plain), uint16(9), false)
	f.Add([]byte("00000000  2f 41 55 58 |/AUX|\n*\n00001000\n"), uint16(9), false)
	f.Fuzz(func(t *testing.T, data []byte, size uint16, live bool) {
		for _, forms := range [][]string{nil, {"time stamp", "hex"}, {"dump"}, {"JSON", "escapes"}, {"page", "one line"}, {"log entries"}} {
			o := Options{Live: live, Forms: forms}
			got, _, s := unwrapAll(o, data, 1+int(size))
			if most := 8*len(data) + strings.Count(string(data), "*")*maxRepeated + 64; len(got) > most {
				t.Errorf("%q: %d bytes of %d", s.Unwrapped(), len(got), len(data))
			}
			if s.Plain() && !bytes.Equal(got, data) {
				t.Errorf("nothing is taken off, and %q becomes %q", data, got)
			}
			if forms != nil && !live {
				again, _, _ := unwrapAll(o, data, len(data)+1)
				if len(data) < enoughBytes && countLines(data) < enoughLines && !bytes.Equal(got, again) {
					t.Errorf("%q in reads of %d: %q, at once %q", data, 1+int(size), got, again)
				}
			}
		}
	})
}

// Byte order marks before telegrams and between joined records go, all others stay.
func FuzzWithoutMarks(f *testing.F) {
	const mark = "\xef\xbb\xbf"
	f.Add([]byte(mark+plain+mark+plain), uint8(3))
	f.Add([]byte("{\"v\":1}\n"+mark+"{\"v\":1}\n"), uint8(1))
	f.Add([]byte(mark+"{\"v\":1}\n\xef\xbb"), uint8(64))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		want := string(data)
		if rest, ok := strings.CutPrefix(want, mark+"/"); ok {
			want = "/" + rest
		}
		for _, begin := range []string{"/", "{"} {
			want = strings.ReplaceAll(want, "\n"+mark+begin, "\n"+begin)
		}
		var got []byte
		r := WithoutMarks(bytes.NewReader(data))
		buf := make([]byte, 1+int(size))
		for {
			n, err := r.Read(buf)
			got = append(got, buf[:n]...)
			if err != nil {
				break
			}
		}
		if string(got) != want {
			t.Errorf("%q: %q, want %q", data, got, want)
		}
	})
}
