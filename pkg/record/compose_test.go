package record

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestCompose(t *testing.T) {
	logger := func(at int, got, now string) Edit {
		return Edit{At: at, Got: Bytes(got), Now: Bytes(now), By: ByLogger}
	}
	line := func(at int, got, now string) Edit { return Edit{At: at, Got: Bytes(got), Now: Bytes(now)} }
	cases := []struct {
		name          string
		received      string
		first, second []Edit
		want          []Edit
	}{
		{"nothing", "abc", nil, nil, nil},
		{"only the logger", "aXc", []Edit{logger(1, "X", "b")}, nil, []Edit{logger(1, "X", "b")}},
		{"only the line", "aXc", nil, []Edit{line(1, "X", "b")}, []Edit{line(1, "X", "b")}},
		{
			"each at its own place", "aXcY",
			[]Edit{logger(1, "X", "BBB")}, []Edit{line(0, "a", ""), line(4, "Y", "y")},
			[]Edit{line(0, "a", ""), logger(0, "X", "BBB"), line(4, "Y", "y")},
		},
		{"one byte twice", "aXc", []Edit{logger(1, "X", "Y")}, []Edit{line(1, "Y", "b")}, []Edit{line(1, "X", "b")}},
		{"one byte there and back", "aXc", []Edit{logger(1, "X", "Y")}, []Edit{line(1, "Y", "X")}, []Edit{line(1, "X", "X")}},
		{"put there and taken away", "ac", []Edit{logger(1, "", "b")}, []Edit{line(1, "b", "")}, nil},
		{
			"hit within a run", "(xxx)",
			[]Edit{logger(1, "xxx", ""), logger(1, "", "FFEFF")}, []Edit{line(3, "E", "F")},
			[]Edit{logger(1, "xxx", ""), logger(1, "", "FF"), line(3, "", "F"), logger(4, "", "FF")},
		},
		{
			"lost within a run", "()",
			[]Edit{logger(1, "", "FFFF")}, []Edit{line(3, "", "G")},
			[]Edit{logger(1, "", "FF"), line(3, "", "G"), logger(4, "", "FF")},
		},
		{
			"a run that reaches beyond the logger's", "a12d",
			[]Edit{logger(1, "1", "b"), logger(2, "", "c")}, []Edit{line(0, "abc2", "x")},
			[]Edit{line(0, "a12", "x")},
		},
		{
			"removed within a run that the line added", "a1d",
			[]Edit{logger(1, "1", "")}, []Edit{line(0, "ad", "")},
			[]Edit{line(0, "a", ""), logger(0, "1", ""), line(0, "d", "")},
		},
	}
	for _, x := range cases {
		got := Compose(x.first, x.second)
		if !reflect.DeepEqual(normal(got), normal(x.want)) {
			t.Errorf("%s: %+v, want %+v", x.name, got, x.want)
		}
		checkComposed(t, []byte(x.received), x.first, x.second)
	}
}

// normal makes edits comparable: no bytes are no bytes.
func normal(edits []Edit) []Edit {
	out := []Edit{}
	for _, e := range edits {
		out = append(out, Edit{e.At, append(Bytes{}, e.Got...), append(Bytes{}, e.Now...), e.By, nil})
	}
	return out
}

// checkComposed fails unless the composed edits lead to the same bytes as the two
// steps do, and back.
func checkComposed(t testing.TB, received []byte, first, second []Edit) {
	t.Helper()
	middle, err1 := Apply(received, first)
	raw, err2 := Apply(middle, second)
	if err1 != nil || err2 != nil {
		t.Fatalf("the steps fail: %v, %v", err1, err2)
	}
	all := Compose(first, second)
	if got, err := Apply(received, all); err != nil || !bytes.Equal(got, raw) {
		t.Fatalf("Apply(%q, %+v) = %q, %v, want %q\nfirst %+v\nsecond %+v", received, all, got, err, raw, first, second)
	}
	if got, err := Undo(raw, all); err != nil || !bytes.Equal(got, received) {
		t.Fatalf("Undo(%q, %+v) = %q, %v, want %q\nfirst %+v\nsecond %+v", raw, all, got, err, received, first, second)
	}
	for i, e := range all {
		if i > 0 && e.At < all[i-1].At {
			t.Fatalf("edit %d at %d stands after one at %d", i, e.At, all[i-1].At)
		}
	}
}

// randomSteps returns received bytes and two lists of edits, one after the
// other; the first is the logger's.
func randomSteps(rng *rand.Rand) (received []byte, first, second []Edit) {
	middle, second := damage(rng, []byte(randomBytes(rng, 60)))
	received, first = damage(rng, middle)
	for i := range first {
		first[i].By = ByLogger
	}
	return received, first, second
}

func TestComposeDoesBothSteps(t *testing.T) {
	rng := newRand(14)
	for range 3000 {
		received, first, second := randomSteps(rng)
		before := [][]Edit{normal(first), normal(second)}
		checkComposed(t, received, first, second)
		if !reflect.DeepEqual(before, [][]Edit{normal(first), normal(second)}) {
			t.Fatal("Compose changes what it is given")
		}
	}
}

// Composing one after the other or the other two first leads to the same bytes.
func TestComposeThreeSteps(t *testing.T) {
	rng := newRand(15)
	for range 500 {
		middle, third := damage(rng, []byte(randomBytes(rng, 60)))
		before, second := damage(rng, middle)
		received, first := damage(rng, before)
		checkComposed(t, received, first, Compose(second, third))
		checkComposed(t, received, Compose(first, second), third)
	}
}

// Every byte that only the logger changed stays the logger's: what the line has
// are its own edits, and bytes that both have a part in.
func TestComposeKeepsWhoDidIt(t *testing.T) {
	rng := newRand(16)
	for range 1000 {
		_, first, second := randomSteps(rng)
		ownGot, ownNow, got, now := 0, 0, 0, 0
		for _, e := range second {
			ownNow += len(e.Now)
			ownGot += len(e.Got)
		}
		for _, e := range Compose(first, second) {
			if e.By == "" {
				got, now = got+len(e.Got), now+len(e.Now)
			}
		}
		if now != ownNow {
			t.Fatalf("the line has put %d bytes, and is said to have put %d", ownNow, now)
		}
		if len(second) == 0 && got > 0 || len(first) == 0 && got != ownGot {
			t.Fatalf("the line has taken %d bytes, and is said to have taken %d", ownGot, got)
		}
	}
	one := func(by string, got, now string) []Edit { return []Edit{{By: by, Got: Bytes(got), Now: Bytes(now)}} }
	for _, by := range [][3]string{{"", "", ""}, {ByLogger, "", ""}, {"", ByLogger, ""}, {ByLogger, ByLogger, ByLogger}} {
		if e := Compose(one(by[0], "a", "b"), one(by[1], "b", "c")); len(e) != 1 || e[0].By != by[2] {
			t.Errorf("first by %q, second by %q: %+v", by[0], by[1], e)
		}
	}
	if e := Compose([]Edit{{By: ByLogger, Now: Bytes("a")}}, []Edit{{By: ByLogger, Got: Bytes("a"), Now: Bytes("b")}}); e[0].By != ByLogger {
		t.Errorf("two loggers make a line: %+v", e)
	}
}
