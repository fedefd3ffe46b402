package record

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// everywhere puts the same bytes into each place that meter bytes can have.
func everywhere(b Bytes) []Record {
	at := Origin{Source: "p1.log"}
	return []Record{
		&Chunk{Origin: at, Data: b},
		&Noise{Origin: at, Data: b},
		&Telegram{Origin: at, Status: Repaired, Raw: b, ReceivedRaw: b, Edits: []Edit{{Got: b, Now: b}}},
	}
}

func TestAllByteValuesSurviveEverywhere(t *testing.T) {
	records := everywhere(allBytes())
	for _, ascii := range []bool{false, true} {
		if got := parse(t, write(t, ascii, records...)); !reflect.DeepEqual(got, records) {
			t.Errorf("ascii %v: read back %+v", ascii, got)
		}
	}
}

// A byte may be written as itself or in any of JSON's escapes.
func TestEitherSpellingOfAByteIsRead(t *testing.T) {
	const hexDigits = "0123456789abcdefABCDEF"
	for c := range 256 {
		lower := `\u00` + string(hexDigits[c>>4]) + string(hexDigits[c&15])
		spellings := []string{lower, `\u00` + strings.ToUpper(lower[4:])}
		if c >= 0x20 && c != '"' && c != '\\' {
			spellings = append(spellings, string(rune(c)))
		}
		for _, s := range spellings {
			rec := parseOne(t, `{"v":1,"type":"noise","source":"s","offset":0,"data":"`+s+`"}`)
			if got := rec.(*Noise).Data; len(got) != 1 || got[0] != byte(c) {
				t.Errorf("%s is read as % X, want %02X", s, []byte(got), c)
			}
		}
	}
}

func TestShortEscapesAreRead(t *testing.T) {
	rec := parseOne(t, `{"v":1,"type":"noise","source":"s","offset":0,"data":"\"\\\/\b\f\n\r\t"}`)
	if got, want := string(rec.(*Noise).Data), "\"\\/\b\f\n\r\t"; got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}

// checkASCII fails unless text is printable ASCII and line ends.
func checkASCII(t *testing.T, text string) {
	t.Helper()
	for i := range len(text) {
		if c := text[i]; (c < 0x20 || c > 0x7E) && c != '\n' {
			t.Fatalf("byte %02X in ASCII output: %.300q", c, text)
		}
	}
}

func TestASCIIOutputIsPrintableASCII(t *testing.T) {
	records := everywhere(allBytes())
	records = append(records, parse(t, `{"v":1,"type":"gap","source":"Zähler €😀`+"\x7f"+`.log","offset":1,"why":"ő","né":{"ключ":"😀"}}
{"v":1,	"type":"later","text":"ő😀`+"\x7f"+`"}
{"v":1,"type":"telegram","source":"s","offset":0,"status":"repaired","raw":"","edits":[{"at":0,"got":"é","now":"","ő":"ű"}]}
{"v":1,"type":"telegram","source":"s","offset":0,"status":"ok","raw":"","doubted":[{"line":1,"code":"ö","why":"ű","ő":["ű"]}]}
{"v":1,"type":"telegram","source":"s","offset":0,"status":"salvaged","raw":"","trusted":[{"line":1,"code":"ö","ő":["ű"]}]}
`)...)
	text := write(t, true, records...)
	checkASCII(t, text)
	sameJSON(t, text, write(t, false, records...))
}

// sameJSON fails unless both texts hold the same values, line by line.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(a) != len(b) {
		t.Fatalf("%d lines, want %d", len(a), len(b))
	}
	for i := range a {
		if a[i] == "" && b[i] == "" {
			continue
		}
		var x, y any
		if err := json.Unmarshal([]byte(a[i]), &x); err != nil {
			t.Fatalf("%.300q: %v", a[i], err)
		}
		if err := json.Unmarshal([]byte(b[i]), &y); err != nil {
			t.Fatalf("%.300q: %v", b[i], err)
		}
		if !reflect.DeepEqual(x, y) {
			t.Errorf("line %d holds %v, want %v", i+1, x, y)
		}
	}
}

// A line may not be cut where another program sees a line end: LF alone ends
// one, and U+0085 and the other control characters are always escaped.
func TestNoControlCharactersInOutput(t *testing.T) {
	text := strings.TrimSuffix(write(t, false, &Noise{Origin: Origin{Source: "\x00\n\u0085\x7f"}, Data: allBytes()}), "\n")
	for _, r := range text {
		if r < 0x20 || r >= 0x7F && r < 0xA0 {
			t.Errorf("U+%04X stands in the line", r)
		}
	}
}
