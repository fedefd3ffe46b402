package diagnose

import "slices"

// A plain sentence is what an owner reads first: the first finding without the words of
// the trade. It says no more than the finding does. Of a signature that has none, the
// headline stands alone.
var plain = []struct {
	signature Signature
	receivers []string // nil: any
	says      string
}{
	{OnesLost, []string{"transistor", "opto"}, "Your receiver lets the line rise too slowly: its resistor is too weak."},
	{OnesLost, []string{"direct", "ftdi", "hc14"}, "The meter cannot pull the line down in time: the resistor of your receiver is too strong."},
	{OnesLost, nil, "The signal changes too slowly in one direction: a resistor of your receiver does not fit."},
	{ZerosLost, nil, "The line rises too slowly: its resistor is too weak for the cable."},
	{Scatter, nil, "The signal is unsteady: its edges come now too early, now too late."},
	{Clock, nil, "Your receiver reads at the wrong pace: its clock is off."},
	{Late, nil, "Your receiver looks at the line a moment too early or too late."},
	{Flip, nil, "Something disturbs the cable: single bits arrive turned around."},
	{Deleted, nil, "Single characters get lost on the way."},
	{Inserted, nil, "Characters arrive that the meter did not send."},
	{Garbled, nil, "Single characters arrive as others."},
	{Slip, nil, "Your receiver loses its place: it takes the middle of a character for its beginning."},
	{Overrun, nil, "Your computer does not fetch the data in time."},
	{Burst, nil, "Something disturbs the cable now and then, many characters at a time."},
	{Cut, nil, "Telegrams are cut off."},
	{Polarity, nil, "The signal is upside down: something inverts it once too often, or not at all."},
}

// leastPlain is how many hits, and what share of them, it takes to say it plainly.
const (
	leastPlain = 20
	mostOf     = 0.5
)

// plainly is the first finding in an owner's words, or nothing where it is not sure.
func plainly(r *Report) string {
	if len(r.Findings) == 0 || r.Excused {
		return ""
	}
	top := r.Findings[0]
	if r.Totals.Telegrams > 0 && (r.Totals.Events < leastPlain || top.Share.Low < mostOf) {
		return ""
	}
	for _, p := range plain {
		if p.signature == top.Signature && (p.receivers == nil || slices.Contains(p.receivers, r.Receiver)) {
			return p.says
		}
	}
	return ""
}
