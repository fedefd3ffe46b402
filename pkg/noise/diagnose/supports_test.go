package diagnose

import (
	"strings"
	"testing"
)

// tableOf is a table in which so many of a million bits of each kind were read wrong, by the
// row.
func tableOf(wrong map[int]int64) *BitTable {
	var t BitTable
	for row := range t.Sent {
		t.Sent[row][3] = 1_000_000
		t.Wrong[row][3] = wrong[row]
	}
	return &t
}

// A cause is supported by the table if the bits that it makes wrong are wrong more often than
// others, by more than chance; interference by those beside no edge being wrong as often as
// others of their level.
func TestSupports(t *testing.T) {
	const one, before, after = aOne, edgeBefore, edgeAfter
	even := map[int]int64{}
	for row := range 8 {
		even[row] = 20
	}
	for _, c := range []struct {
		name  string
		wrong map[int]int64
		cause Signature
		says  string
	}{
		{"ones behind rising edges", map[int]int64{one | before: 90, one | before | after: 70}, OnesLost, "supports it: all 160 bits read wrong are a 1 behind a rising edge"},
		{"most of them", map[int]int64{one | before: 90, 0: 3}, OnesLost, "supports it: 96.8 % of the 93 bits read wrong are a 1 behind a rising edge"},
		{"a single one", map[int]int64{one | before: 1}, OnesLost, "hardly shows it: 1 of 1 bit read wrong"},
		{"wherever they stand", even, OnesLost, "hardly shows it: 25 % of the 160 bits"},
		{"elsewhere", map[int]int64{0: 50}, OnesLost, "hardly shows it: none of 50 bits read wrong are a 1"},
		{"zeros before rising edges", map[int]int64{after: 90}, ZerosLost, "supports it: all 90 bits read wrong are a 0 before a rising edge"},
		{"the other way round", map[int]int64{one | before: 90}, ZerosLost, "hardly shows it"},
		{"on both sides", map[int]int64{one | before: 90, one | after: 80, before: 70, after: 85}, Scatter, "supports it: all 325 bits read wrong stand beside an edge"},
		{"wherever they stand", even, Scatter, "hardly shows it: 75 % of the 160 bits"},
		{"wherever they stand", even, Flip, "supports it: of the 160 bits read wrong 40 stand beside no edge; if edges had nothing to do with it, it would be about 40."},
		{"ones wherever they stand", map[int]int64{one: 22, one | before: 20, one | after: 18, one | before | after: 21}, Flip, "supports it: of the 81 bits read wrong 22 stand beside no edge; if edges had nothing to do with it, it would be about 20.3."},
		{"edges mostly", map[int]int64{one: 2, one | before: 90}, Flip, "in part"},
		{"edges only", map[int]int64{one | before: 90}, Flip, "in part: of the 90 bits read wrong 0 stand beside no edge"},
		{"three of them", map[int]int64{one | before: 3}, Flip, "too small to show it"},
		{"late edges beside", map[int]int64{one | before: 40}, Deleted, "points at a slow rising edge, by which a driver that drops bytes with framing errors loses them: all 40 bits read wrong are a 1"},
		{"anything beside", even, Deleted, "says little of it"},
		{"bytes missing", map[int]int64{one | before: 3}, Deleted, "says little of it"},
		{"bytes missing", nil, Deleted, "there is no table of wrong bits: bytes are missing"},
	} {
		got, proved := tableOf(c.wrong).supports(c.cause)
		if !strings.Contains(got, c.says) {
			t.Errorf("%s, %s: %q, want %q", c.cause, c.name, got, c.says)
		}
		if want := !strings.Contains(got, "hardly") && !strings.Contains(got, "too small") && !strings.Contains(got, " 0 stand"); proved != want {
			t.Errorf("%s, %s: proved is %v, where it says %q", c.cause, c.name, proved, got)
		}
	}
}

// What the bytes show is said as that, what makes it is said to be likely, and of a fault
// that comes and goes both say so.
func TestPlainWords(t *testing.T) {
	r := &Report{Receiver: "transistor", Findings: []Finding{{Signature: OnesLost, Share: Share{Value: 0.9, Low: 0.8, High: 0.95}}}}
	r.Totals.Telegrams, r.Totals.Events = 100, 50
	for _, c := range []struct {
		change func(*Report)
		want   string
	}{
		{func(*Report) {}, "Your receiver lets its output rise too slowly. Most likely its resistor is too weak."},
		{func(r *Report) { r.Spells = true }, "Now and then your receiver lets its output rise too slowly. Most likely its resistor is too weak."},
		{func(r *Report) { r.Totals.Events = leastPlain - 1 }, ""},
		{func(r *Report) { r.Findings[0].Share.Low = 0.4 }, ""},
		{func(r *Report) { r.Findings[0].Signature = Flip }, "Something disturbs the cable: single bits arrive turned around."},
		{func(r *Report) { r.Excused = true }, ""},
		{func(r *Report) { r.Unproved = true }, ""},
	} {
		one := *r
		one.Findings = []Finding{r.Findings[0]}
		c.change(&one)
		if got := plainly(&one); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
