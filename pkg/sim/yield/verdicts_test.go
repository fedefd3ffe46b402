package yield

import (
	"math"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sim"
)

// sent makes a telegram; its CRC means nothing here.
func sent(text string) []byte { return []byte("/X5\r\n\r\n" + text + "\r\n!0A1F\r\n") }

// judged is what the judge says of records, of which each stands for as many
// bytes of the log as it has.
func judged(t *testing.T, transmissions [][]byte, records ...*record.Telegram) Result {
	t.Helper()
	j := &judge{}
	for i, x := range transmissions {
		j.expect(sim.Transmission{Seq: i + 1, Sent: x, Plain: x, Received: x, Logged: x})
	}
	offset := int64(0)
	for _, r := range records {
		r.Offset = offset
		if err := j.take(r); err != nil {
			t.Fatal(err)
		}
		offset += int64(len(r.Raw))
	}
	j.close()
	return j.result
}

func TestJudge(t *testing.T) {
	good, other := sent("1-0:1.8.0(1)"), sent("1-0:1.8.0(2)")
	is := func(s record.Status, raw []byte) *record.Telegram {
		return &record.Telegram{Status: s, Raw: raw, Confidence: 0.9995}
	}
	for name, c := range map[string]struct {
		records []*record.Telegram
		want    string
	}{
		"as sent":                {[]*record.Telegram{is(record.OK, good)}, "right"},
		"repaired":               {[]*record.Telegram{is(record.Repaired, good)}, "right"},
		"repaired to another":    {[]*record.Telegram{is(record.Repaired, other)}, "wrong"},
		"ok and another":         {[]*record.Telegram{is(record.OK, other)}, "by luck"},
		"line end lost":          {[]*record.Telegram{is(record.OK, good[:len(good)-1])}, "right"},
		"line end not repaired":  {[]*record.Telegram{is(record.Repaired, good[:len(good)-1])}, "line end"},
		"small letters":          {[]*record.Telegram{is(record.OK, []byte(strings.Replace(string(good), "0A1F", "0a1f", 1)))}, "right"},
		"given up":               {[]*record.Telegram{is(record.Lost, good)}, "refused"},
		"salvaged":               {[]*record.Telegram{is(record.Salvaged, good)}, "refused"},
		"nothing":                {nil, "refused"},
		"a piece beside it":      {[]*record.Telegram{is(record.Lost, good[:4]), is(record.Repaired, good)}, "refused"},
		"twice":                  {[]*record.Telegram{is(record.Repaired, good[:3]), is(record.Repaired, good)}, "wrong"},
		"right but for a second": {[]*record.Telegram{is(record.OK, good[:3]), is(record.Repaired, good)}, "by luck"},
	} {
		r := judged(t, [][]byte{good, good}, c.records...)
		// Nothing comes of the second transmission.
		got := ""
		switch {
		case r.Telegrams != 2 || r.Right+r.Refused+r.Wrong != 2:
			t.Errorf("%s: %d telegrams are %d right, %d refused, %d wrong", name, r.Telegrams, r.Right, r.Refused, r.Wrong)
		case r.Right == 1:
			got = "right"
		case r.LineEnd == 1 && r.Wrong == 1:
			got = "line end"
		case r.ByLuck == 1 && r.Wrong == 1:
			got = "by luck"
		case r.Wrong == 1:
			got = "wrong"
		case r.Refused == 2:
			got = "refused"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A record is that of the transmission in which its middle lies.
func TestMiddleDecides(t *testing.T) {
	a, b := sent("1-0:1.8.0(1)"), sent("1-0:1.8.0(2)")
	j := &judge{}
	j.expect(sim.Transmission{Seq: 1, Sent: a, Plain: a, Received: a, Logged: a[:20]})
	j.expect(sim.Transmission{Seq: 2, Sent: b, Plain: b, Received: b, Logged: b})
	for _, r := range []record.Record{
		&record.Telegram{Origin: record.Origin{Offset: 0}, Status: record.Repaired, Raw: a, Confidence: 0.999}, // reaches into b
		&record.Telegram{Origin: record.Origin{Offset: int64(len(a))}, Status: record.OK, Raw: b},
	} {
		if err := j.take(r); err != nil && !strings.Contains(err.Error(), "after the end") {
			t.Fatal(err)
		}
	}
	j.close()
	if r := j.result; r.Right != 2 || r.Reliability.Total().Repairs != 1 {
		t.Errorf("%d right, %d refused, %d wrong", r.Right, r.Refused, r.Wrong)
	}
	if err := j.take(&record.Noise{Origin: record.Origin{Offset: 3}, Data: []byte("x")}); err == nil {
		t.Error("a record that begins inside another is taken")
	}
}

func TestTrustedLines(t *testing.T) {
	was := sent("1-0:1.8.0(1)\r\n1-0:2.8.0(2)")
	raw := []byte(strings.Replace(string(was), "(2)", "(7)", 1))
	r := judged(t, [][]byte{was}, &record.Telegram{Status: record.Salvaged, Raw: raw,
		Trusted: []record.Trusted{{Line: 3, Code: "1-0:1.8.0"}, {Line: 4, Code: "1-0:2.8.0"}, {Line: 9}}})
	if r.Salvaged != 1 || r.Trusted != 3 || r.TrustedWrong != 2 {
		t.Errorf("%d salvaged, %d of %d lines wrong, want 1, 2 of 3", r.Salvaged, r.TrustedWrong, r.Trusted)
	}
}

func TestFixedText(t *testing.T) {
	a, b := sent("1-0:1.8.0(001)"), sent("1-0:1.8.0(002)")
	m := fixedText(&list{{Sent: a}, {Sent: b}})
	hit := func(from, to int) sim.Transmission {
		received := append([]byte(nil), a...)
		received[from], received[to] = '~', '~'
		return sim.Transmission{Sent: a, Received: received}
	}
	digit := strings.IndexByte(string(a), ')') - 1
	for _, c := range []struct {
		x    sim.Transmission
		want bool
	}{
		{hit(2, 9), true},
		{hit(digit-1, digit-1), true},
		{hit(digit, digit), false},
		{hit(2, digit+1), false},
		{hit(digit+1, digit+3), true},
		{sim.Transmission{Sent: a, Received: a}, false},
		{sim.Transmission{Sent: a, Received: a[1:]}, false},
		{sim.Transmission{Sent: a[1:], Received: b[1:]}, false},
	} {
		if got := m.covers(c.x); got != c.want {
			t.Errorf("%q: %v", c.x.Received, got)
		}
	}
}

// list is a source.
type list []sim.Transmission

func (l *list) Next() (sim.Transmission, bool) {
	if len(*l) == 0 {
		return sim.Transmission{}, false
	}
	x := (*l)[0]
	*l = (*l)[1:]
	return x, true
}

func TestReliability(t *testing.T) {
	var a, b Reliability
	for range 999 {
		a.Add(0.999, true)
	}
	a.Add(0.9994, false)
	b.Add(record.MaxConfidence, true)
	b.Add(0.5, false)
	a.Merge(b)
	if a[3].Repairs != 1000 || a[3].Wrong != 1 || a[len(a)-1].Repairs != 1 || a[0].Wrong != 1 {
		t.Errorf("bins %+v", a)
	}
	all := a.Total()
	if all.Repairs != 1002 || all.Wrong != 2 || math.Abs(all.Predicted-1.4996) > 0.001 || all.Bearable() < 5.1 || all.Bearable() > 5.2 {
		t.Errorf("in all %+v, bearable %.2f", all, all.Bearable())
	}
}

// A row can be measured again, and alone: nothing in it depends on the others.
func TestRowsRepeat(t *testing.T) {
	list, err := Select(Rows(), "^nl/(clean|slip every 2nd)$")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for _, row := range list {
		a, err := row.Measure(40, 7, 0.999)
		if err != nil {
			t.Fatal(err)
		}
		b, err := row.Measure(40, 7, 0.999)
		if err != nil {
			t.Fatal(err)
		}
		if a.Right != b.Right || a.Refused != b.Refused || a.Wrong != b.Wrong || a.Reliability != b.Reliability {
			t.Errorf("%s: once %v, again %v", row.Name(), a, b)
		}
		if clean := row.Channel == "clean"; clean != (a.Damaged == 0) || clean && a.Right != 40 {
			t.Errorf("%s: %d damaged, %d right", row.Name(), a.Damaged, a.Right)
		}
	}
}
