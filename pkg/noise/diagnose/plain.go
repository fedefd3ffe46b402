package diagnose

import (
	"slices"

	"p1/pkg/noise/words"
)

// A plain sentence is what an owner reads first: the first finding without the words of
// the trade. What the bytes show is said as that; the part of the receiver that does it is
// not to be seen in them, so it is said to be likely. Of a signature that has none, the
// headline stands alone.
var plain = []struct {
	signature Signature
	receivers []string // nil: any
	says      string   // what is wrong, without a full stop
	likely    string   // what does it most often, if that is known
}{
	{OnesLost, []string{"transistor"}, "your receiver lets its output rise too slowly", "its resistor is too weak"},
	{OnesLost, []string{"opto"}, "your receiver lets its output rise too slowly", "the resistor at its output is too weak"},
	{OnesLost, []string{"direct", "ftdi", "hc14"}, "the meter cannot pull the line down in time", "the resistor of your receiver is too strong"},
	{OnesLost, nil, "the signal changes too slowly in one direction", "a resistor of your receiver does not fit"},
	{ZerosLost, nil, "the line rises too slowly", "its resistor is too weak for the cable"},
	{Scatter, nil, "the signal is unsteady: it changes now too early, now too late", ""},
	{Clock, nil, "your receiver reads at the wrong pace: its clock is off", ""},
	{Late, nil, "your receiver looks at the line a moment too early or too late", ""},
	{Flip, nil, "something disturbs the cable: single bits arrive turned around", ""},
	{Deleted, nil, "single characters get lost on the way", ""},
	{Inserted, nil, "characters arrive that the meter did not send", ""},
	{Garbled, nil, "single characters arrive as others", ""},
	{Slip, nil, "your receiver loses its place: it takes the middle of a character for its beginning", ""},
	{Overrun, nil, "stretches of the telegram get lost", "your computer does not fetch the data in time"},
	{Burst, nil, "something disturbs the cable now and then, many characters at a time", ""},
	{Cut, nil, "telegrams are cut off", ""},
	{Polarity, nil, "the signal is upside down: something inverts it once too often, or not at all", ""},
}

// leastPlain is how many hits, and what share of them, it takes to say it plainly.
const (
	leastPlain = 20
	mostOf     = 0.5
)

// plainly is the first finding in an owner's words, or nothing where it is not sure.
func plainly(r *Report) string {
	if len(r.Findings) == 0 || r.Excused || r.Unproved {
		return ""
	}
	top := r.Findings[0]
	if r.Totals.Telegrams > 0 && (r.Totals.Events < leastPlain || top.Share.Low < mostOf) {
		return ""
	}
	for _, p := range plain {
		if p.signature == top.Signature && (p.receivers == nil || slices.Contains(p.receivers, r.Receiver)) {
			return sentences(p.says, p.likely, r.Spells)
		}
	}
	return ""
}

// sentences makes one of what is wrong, and one of what likely does it.
func sentences(says, likely string, spells bool) string {
	if spells {
		says = "now and then " + says
	}
	text := words.Capital(says) + "."
	if likely != "" {
		text += " Most likely " + likely + "."
	}
	return text
}
