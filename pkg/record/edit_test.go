package record

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// The example of the documentation.
const (
	exampleSent     = "1-0:1.8.0(008234.524*kWh)"
	exampleReceived = "1-0:1.8 0(08234.524~*kWh)"
	exampleEdits    = `[{"at":7,"got":" ","now":"."},{"at":11,"got":"","now":"0"},{"at":20,"got":"~","now":""}]`
)

func exampleTelegram(t *testing.T) *Telegram {
	line := `{"v":1,"type":"telegram","source":"p1.log","offset":0,"status":"repaired","edits":` + exampleEdits +
		`,"raw":"` + exampleSent + `"}`
	return parseOne(t, line).(*Telegram)
}

func TestEditsOfTheExample(t *testing.T) {
	tel := exampleTelegram(t)
	want := []Edit{
		{At: 7, Got: Bytes(" "), Now: Bytes(".")},
		{At: 11, Got: Bytes{}, Now: Bytes("0")},
		{At: 20, Got: Bytes("~"), Now: Bytes{}},
	}
	if !reflect.DeepEqual(tel.Edits, want) {
		t.Errorf("edits %+v, want %+v", tel.Edits, want)
	}
	if got, err := Undo([]byte(exampleSent), tel.Edits); string(got) != exampleReceived || err != nil {
		t.Errorf("Undo: %q, %v, want %q", got, err, exampleReceived)
	}
	if got, err := Apply([]byte(exampleReceived), tel.Edits); string(got) != exampleSent || err != nil {
		t.Errorf("Apply: %q, %v, want %q", got, err, exampleSent)
	}
	if got, err := Received(tel); string(got) != exampleReceived || err != nil {
		t.Errorf("Received: %q, %v, want %q", got, err, exampleReceived)
	}
}

// damage carries sent over a bad line and says what it did.
func damage(rng *rand.Rand, sent []byte) (received []byte, edits []Edit) {
	for at := 0; at <= len(sent); {
		switch e := (Edit{At: at}); rng.IntN(6) {
		case 0: // added
			e.Got = append(randomBytes(rng, 4), 'x')
			received, edits = append(received, e.Got...), append(edits, e)
		case 1: // lost
			e.Now = sent[at:min(at+1+rng.IntN(5), len(sent))]
			at += len(e.Now)
			edits = append(edits, e)
		case 2: // substituted
			if at < len(sent) {
				e.Got, e.Now = Bytes{byte(rng.Uint32())}, sent[at:at+1]
				received, edits = append(received, e.Got...), append(edits, e)
				at++
			}
		default: // left alone
			n := min(1+rng.IntN(8), len(sent)-at)
			received = append(received, sent[at:at+n]...)
			at += n
		}
		if at == len(sent) && rng.IntN(2) == 0 {
			break
		}
	}
	return received, edits
}

func TestUndoAndApplyAreInverse(t *testing.T) {
	rng := newRand(4)
	for range 1500 {
		sent := []byte(randomBytes(rng, 60))
		received, edits := damage(rng, sent)
		if got, err := Undo(sent, edits); err != nil || !bytes.Equal(got, received) {
			t.Fatalf("Undo(%q, %+v) = %q, %v, want %q", sent, edits, got, err, received)
		}
		if got, err := Apply(received, edits); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("Apply(%q, %+v) = %q, %v, want %q", received, edits, got, err, sent)
		}
	}
}

func TestEditsSurviveJSON(t *testing.T) {
	rng := newRand(5)
	for range 300 {
		sent := randomBytes(rng, 60)
		received, edits := damage(rng, sent)
		line := write(t, true, &Telegram{Origin: Origin{Source: "s"}, Status: Repaired, Raw: sent, Edits: edits})
		if got, err := Received(parseOne(t, line)); err != nil || !bytes.Equal(got, received) {
			t.Fatalf("%s gives back %q, %v, want %q", line, got, err, received)
		}
	}
}

// spoil changes one thing of one edit.
func spoil(rng *rand.Rand, edits []Edit) []Edit {
	edits = append([]Edit(nil), edits...)
	e := &edits[rng.IntN(len(edits))]
	ats := []int{-1, math.MinInt, math.MaxInt, math.MaxInt - 1, e.At + 1, e.At - 1, e.At + 1000, 0}
	switch rng.IntN(3) {
	case 0:
		e.At = ats[rng.IntN(len(ats))]
	case 1:
		e.Got = randomBytes(rng, 5)
	case 2:
		e.Now = randomBytes(rng, 5)
	}
	return edits
}

// inverse fails unless what one direction accepts the other takes back.
func inverse(t *testing.T, x []byte, edits []Edit) {
	t.Helper()
	if got, err := Undo(x, edits); err == nil {
		if back, err := Apply(got, edits); err != nil || !bytes.Equal(back, x) {
			t.Fatalf("Apply(Undo(%q, %+v)) = %q, %v", x, edits, back, err)
		}
	}
	if got, err := Apply(x, edits); err == nil {
		if back, err := Undo(got, edits); err != nil || !bytes.Equal(back, x) {
			t.Fatalf("Undo(Apply(%q, %+v)) = %q, %v", x, edits, back, err)
		}
	}
}

func TestSpoiledEditsNeverPanicOrLie(t *testing.T) {
	rng := newRand(6)
	for range 1500 {
		sent := randomBytes(rng, 40)
		received, edits := damage(rng, sent)
		if len(edits) == 0 {
			continue
		}
		edits = spoil(rng, edits)
		inverse(t, sent, edits)
		inverse(t, received, edits)
	}
}

func TestEditsThatContradictTheBytes(t *testing.T) {
	x := []byte("abcdef")
	cases := map[string][]Edit{
		"before the start":         {{At: -1, Now: Bytes("a"), Got: Bytes("a")}},
		"after the end":            {{At: 7, Now: Bytes{}, Got: Bytes{}}},
		"reaches after the end":    {{At: 5, Now: Bytes("fg"), Got: Bytes("fg")}},
		"as far as numbers go":     {{At: math.MaxInt, Now: Bytes("a"), Got: Bytes("a")}},
		"far, after another":       {{At: 1, Now: Bytes("b"), Got: Bytes("b")}, {At: math.MaxInt, Got: Bytes("c"), Now: Bytes("c")}},
		"far, nothing changed":     {{At: 1, Now: Bytes("b"), Got: Bytes("b")}, {At: math.MaxInt}},
		"other bytes than claimed": {{At: 2, Now: Bytes("x"), Got: Bytes("x")}},
		"going back":               {{At: 3, Now: Bytes("d"), Got: Bytes("d")}, {At: 1, Now: Bytes("b"), Got: Bytes("b")}},
		"overlapping":              {{At: 1, Now: Bytes("bc"), Got: Bytes("bc")}, {At: 2, Now: Bytes("c"), Got: Bytes("c")}},
	}
	for name, edits := range cases {
		if got, err := Undo(x, edits); err == nil {
			t.Errorf("%s: Undo gives %q", name, got)
		}
		if got, err := Apply(x, edits); err == nil {
			t.Errorf("%s: Apply gives %q", name, got)
		}
	}
}

func TestEditsAtOnePlaceKeepTheirOrder(t *testing.T) {
	edits := []Edit{{At: 1, Got: Bytes("1")}, {At: 1, Got: Bytes("2")}, {At: 1, Now: Bytes("b")}}
	if got, err := Undo([]byte("abc"), edits); string(got) != "a12c" || err != nil {
		t.Errorf("Undo: %q, %v, want a12c", got, err)
	}
}

func TestReceived(t *testing.T) {
	cases := []struct {
		name string
		rec  Record
		want string
	}{
		{"chunk", &Chunk{Data: Bytes("a\xff")}, "a\xff"},
		{"noise", &Noise{Data: Bytes("~")}, "~"},
		{"gap", &Gap{}, ""},
		{"unknown type", &Other{Type: "x", Line: []byte(`{}`)}, ""},
		{"telegram as received", &Telegram{Raw: Bytes("/A\r\n!\r\n")}, "/A\r\n!\r\n"},
		{"log without CR", &Telegram{Raw: Bytes("/A\r\n!\r\n"), EOL: EOLLF}, "/A\n!\n"},
		{
			"edits are undone before CR is removed",
			&Telegram{Raw: Bytes("/A\r\n!\r\n"), EOL: EOLLF, Edits: []Edit{{At: 3, Got: Bytes("\n"), Now: Bytes("\n")}, {At: 4, Now: Bytes("!")}}},
			"/A\n\n",
		},
		{"received wins", &Telegram{Raw: Bytes("a"), EOL: EOLLF, ReceivedRaw: Bytes("b\r"), Edits: []Edit{{At: 9}}}, "b\r"},
		{"received and empty", &Telegram{Raw: Bytes("a"), ReceivedRaw: Bytes{}}, ""},
	}
	for _, c := range cases {
		if got, err := Received(c.rec); string(got) != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestReceivedOfContradictingEdits(t *testing.T) {
	tel := &Telegram{Origin: Origin{Offset: 39948}, Raw: Bytes("abc"), Edits: []Edit{{At: 1, Now: Bytes("x")}}}
	got, err := Received(tel)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("39948")) {
		t.Errorf("%q, %v, want an error that says where", got, err)
	}
	if !bytes.Equal(tel.Raw, Bytes("abc")) {
		t.Error("raw was changed")
	}
}

func TestReceivedLeavesRawAlone(t *testing.T) {
	tel := &Telegram{Raw: Bytes("/A\r\n!\r\n"), EOL: EOLLF}
	_, _ = tel.Received()
	if string(tel.Raw) != "/A\r\n!\r\n" {
		t.Errorf("raw is now %q", tel.Raw)
	}
}

func TestEditCount(t *testing.T) {
	tel := &Telegram{Edits: []Edit{{}, {By: ByLogger}, {}, {By: ByLogger}, {}}}
	if line, logger := tel.EditCount(); line != 3 || logger != 2 {
		t.Errorf("line %d, logger %d, want 3 and 2", line, logger)
	}
}

func TestStatusesThatCanBeUsed(t *testing.T) {
	for status, want := range map[Status]bool{
		OK: true, Repaired: true, Unchecked: true, Bad: false, Salvaged: false, Lost: false, "": false,
	} {
		if status.Valid() != want {
			t.Errorf("%q: %v, want %v", status, !want, want)
		}
	}
}

func TestSameStream(t *testing.T) {
	a := Origin{Source: "a", Session: "1", Offset: 5}
	for _, c := range []struct {
		b    Origin
		want bool
	}{{Origin{"a", "1", 9}, true}, {Origin{"b", "1", 5}, false}, {Origin{"a", "2", 5}, false}} {
		if a.SameStream(c.b) != c.want {
			t.Errorf("%+v and %+v: %v, want %v", a, c.b, !c.want, c.want)
		}
	}
}
