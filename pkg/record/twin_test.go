package record

import (
	"bytes"
	"testing"
)

// checkTwin fails unless the text of the pair is that of its raw.
func checkTwin(t *testing.T, pair *twin, ascii bool) {
	t.Helper()
	if want := appendBytesPlainly(nil, pair.raw, ascii); len(pair.text) > 0 && string(pair.text) != string(want[1:]) {
		t.Fatalf("%q stands beside %q", pair.raw, pair.text)
	}
}

// FuzzTwin: whatever follows what, a pair belongs together, and what is taken for the
// next raw or text is written or read as without the pair.
func FuzzTwin(f *testing.F) {
	for _, data := range seeds(f) {
		data = data[:300]
		f.Add(data, data, uint16(0), byte('7'))
		for at := range data {
			f.Add(data, data[:200], uint16(at), byte('7'))
		}
		for c := range 256 {
			f.Add(data, data, uint16(c), byte(c))
		}
	}
	f.Fuzz(func(t *testing.T, a, b []byte, at uint16, c byte) {
		near := bytes.Clone(a)
		if len(near) > 0 {
			near[int(at)%len(near)] = c
		}
		for _, ascii := range []bool{false, true} {
			var pair twin
			for _, raw := range [][]byte{a, near, b, a} {
				if pair.asRaw(raw) {
					if !bytes.Equal(pair.raw, raw) {
						t.Fatalf("%q is taken for %q", raw, pair.raw)
					}
				} else {
					checkTwin(t, &pair, ascii)
					pair.learn(raw, ascii)
				}
				checkTwin(t, &pair, ascii)
			}
			for _, raw := range [][]byte{near, b, a} {
				text := appendBytesPlainly(nil, raw, ascii)[1:]
				if pair.asText(text) && len(pair.text) == len(text) {
					if !bytes.Equal(pair.raw, raw) {
						t.Fatalf("%q is read as %q", text, pair.raw)
					}
				} else {
					checkTwin(t, &pair, ascii)
					pair.learn(raw, ascii)
				}
				checkTwin(t, &pair, ascii)
			}
		}
	})
}

// FuzzQuickAgain: a line is read as it is without the one before.
func FuzzQuickAgain(f *testing.F) {
	const head = `{"v":1,"type":"telegram","source":"s","seq":1,"offset":0,"status":"ok","raw":"`
	text := AppendBytes(nil, allBytes(), false)
	text = text[1 : len(text)-1]
	for i := range text {
		f.Add(text, text[:i])
		for _, c := range []byte{'7', '"', '\\', 0x7F, 0xC3} {
			near := bytes.Clone(text)
			near[i] = c
			f.Add(text, near)
		}
	}
	f.Fuzz(func(t *testing.T, before, text []byte) {
		line := []byte(head + string(text) + `"}`)
		var fresh, used quick
		want, ok := fresh.read(line, nil)
		used.read([]byte(head+string(before)+`"}`), nil)
		got, gotOK := used.read(line, nil)
		if ok != gotOK {
			t.Fatalf("%q after %q is read: %t, want %t", text, before, gotOK, ok)
		}
		if ok && !bytes.Equal(got.(*Telegram).Raw, want.(*Telegram).Raw) {
			t.Fatalf("%q after %q is read as %q, want %q", text, before, got.(*Telegram).Raw, want.(*Telegram).Raw)
		}
	})
}

// Telegrams that differ in digits follow each other quickly, or the speed is gone.
func TestTwinTakesTheNextTelegram(t *testing.T) {
	a := []byte("/x\r\n\r\n0-0:1.0.0(230824012130S)\r\n1-0:1.8.0(008234.524*kWh)\r\n0-0:96.13.0(\xFF\xFF\xFF)\r\n!5B60\r\n")
	b := []byte("/x\r\n\r\n0-0:1.0.0(230824012140S)\r\n1-0:1.8.0(008234.599*kWh)\r\n0-0:96.13.0(\xFF\xFF\xFF)\r\n!A01C\r\n")
	var pair twin
	pair.learn(a, false)
	if !pair.asRaw(b) || !pair.asText(AppendBytes(nil, a, false)[1:]) || !bytes.Equal(pair.raw, a) {
		t.Error("it does not")
	}
	for _, other := range [][]byte{b[1:], append(b, 'x'), bytes.Replace(b, []byte("23"), []byte("2\n"), 1), bytes.Replace(b, []byte("\xFF)"), []byte("7)"), 1)} {
		if pair.asRaw(other) {
			t.Errorf("%q is taken for the next one", other)
		}
		checkTwin(t, &pair, false)
	}
}
