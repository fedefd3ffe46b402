package diagnose

import (
	"fmt"
	"slices"

	"p1/pkg/noise/words"
)

// Signature names a mechanism by what it leaves in the bytes.
type Signature string

// The signatures.
const (
	OnesLost   Signature = "ones-lost"  // rising logic edges come too late: the first 1 after a 0 is read as 0
	ZerosLost  Signature = "zeros-lost" // falling logic edges come too late, that of the start bit among them: the last 0 before a 1 is read as 1
	Scatter    Signature = "scatter"    // edges come at uneven times, too early as often as too late
	Clock      Signature = "clock"      // the receiver's clock is off: what is read wrong grows with the bit's number
	Late       Signature = "late"       // all bits are read one bit time early or late
	Flip       Signature = "flip"       // single bits are inverted, any of them
	Deleted    Signature = "deleted"    // single bytes vanish, whatever they are
	Inserted   Signature = "inserted"   // bytes appear that nobody sent
	Garbled    Signature = "garbled"    // a byte becomes another one without a pattern
	Slip       Signature = "slip"       // the receiver missed a start edge and regrouped the bits
	Overrun    Signature = "overrun"    // runs of bytes are missing
	Burst      Signature = "burst"      // runs of bytes became garbage
	Cut        Signature = "cut"        // telegrams end early or begin late
	Polarity   Signature = "polarity"   // nothing can be read: the line is inverted
	Unreadable Signature = "unreadable" // nothing can be read, for no reason that is known
)

// A description is what people are told of a signature. What helps against it stands
// in advices.
type description struct {
	signature Signature
	title     string // what it is, in a few words
	cause     string // what does it, after a colon
	mistaken  string // what else would leave the same signature, if anything
	// evidence says why a finding is one; nil where it takes more than a sentence.
	evidence func(d *Diagnoser) string
}

// descriptions has one row for each signature.
func descriptions() []description {
	return []description{
		{
			signature: OnesLost,
			title:     "slow rising logic edge: ones are lost",
			cause:     "the slow rising logic edge (the first 1 after a 0 is read as 0)",
		}, {
			signature: ZerosLost,
			title:     "slow falling logic edge: zeros are lost",
			cause:     "the slow falling logic edge, which on most receivers is the rising one of the wire (zeros beside ones are read as ones)",
			mistaken:  "A receiver whose threshold is too high or too low shifts edges as a slow line does.",
		}, {
			signature: Scatter,
			title:     "edges scatter: bits are read wrong on either side of an edge",
			cause:     "edges that come at uneven times, some too early and some too late (scatter, jitter)",
			mistaken:  "Scatter shows where the margin is small anyway: slow edges and a weak signal at the threshold both make it.",
		}, {
			signature: Clock,
			title:     "the receiver's clock is off: the later bits of a byte are misread",
			cause:     "a clock that is off, the receiver's or its speed setting (the later a bit, the more often it is read as its neighbour)",
			mistaken:  "A clock that is off shows only together with edges that scatter.",
		}, {
			signature: Late,
			title:     "bytes sampled one bit early or late",
			cause:     "the receiver sampling one bit time early or late",
			evidence:  always("Each bit of these bytes is the one before it: '0' (0x30) is read as '`' (0x60)."),
		}, {
			signature: Flip,
			title:     "single flipped bits",
			cause:     "single bits flipping, whatever stands beside them (interference, not slow edges)",
			mistaken:  "On a line whose edges are slow too, a few flips may be edges that reach the middle of a bit.",
		}, {
			signature: Deleted,
			title:     "single bytes vanish",
			cause:     "single bytes vanishing, whatever they are",
			mistaken:  "A driver that drops bytes with framing errors gives the same picture as a program that loses single bytes; the former comes together with a slow rising logic edge.",
			evidence: func(d *Diagnoser) string {
				return fmt.Sprintf("Not all of the bytes that vanished (%s in all) would have become unprintable.", words.Count(d.hits.vanished()))
			},
		}, {
			signature: Inserted,
			title:     "bytes appear that nobody sent",
			cause:     "bytes that nobody sent",
			evidence:  always("Between the bytes of the telegram others were received that the meter did not send."),
		}, {
			signature: Garbled,
			title:     "single bytes become others, without a pattern",
			cause:     "single bytes becoming others without a pattern",
			evidence:  always("These bytes are neither what slow edges make of them, nor one bit away from what was sent."),
		}, {
			signature: Slip,
			title:     "frame slip: a start edge is missed",
			cause:     "frame slips (the receiver misses a start edge and groups the bits anew)",
			mistaken:  "A start edge is missed where it is slow, where a spike hides it, or where the receiver is still busy with the byte before.",
			evidence:  always("The garbage is what the bits of the telegram give when they are grouped anew, up to a falling edge that fits or a pause."),
		}, {
			signature: Overrun,
			title:     "runs of bytes are lost",
			cause:     "runs of bytes being lost whole (a buffer that overruns, not the wire)",
			mistaken:  "A loose plug loses runs of bytes too, but then parts of bytes become garbage at the ends of the hole.",
			evidence:  always("The bytes around each hole are intact."),
		}, {
			signature: Burst,
			title:     "bursts of garbage",
			cause:     "bursts of garbage",
			evidence:  always("No regrouping of bits explains the garbage."),
		}, {
			signature: Cut,
			title:     "telegrams are cut off",
			cause:     "telegrams being cut off (software, a loose plug, or the data request)",
			mistaken:  "Where the beginnings are missing, the capture may have been started or stopped in the middle of a telegram.",
			evidence:  always("The ends or the beginnings of telegrams are missing."),
		}, {
			signature: Polarity,
			title:     "wrong polarity: the line is inverted",
			cause:     "the wrong polarity (the line is inverted)",
			evidence: func(d *Diagnoser) string {
				return fmt.Sprintf("With the line inverted once more, the %s received read %q.", words.Plural(d.totals.NoiseBytes, "byte"), d.upright())
			},
		}, {
			signature: Unreadable,
			title:     "nothing can be read",
			cause:     "not known",
			evidence: func(d *Diagnoser) string {
				return fmt.Sprintf("Of the %s received, inverted or not, none belong to a line of a telegram.", words.Plural(d.totals.NoiseBytes, "byte"))
			},
		},
	}
}

// always is evidence that is the same for every stream.
func always(text string) func(*Diagnoser) string {
	return func(*Diagnoser) string { return text }
}

// about returns the description of a signature.
func (s Signature) about() description {
	all := descriptions()
	return all[slices.IndexFunc(all, func(d description) bool { return d.signature == s })]
}

// evidence says why a finding is one.
func (d *Diagnoser) evidence(m *mixture, r *Report, f *Finding) []string {
	if f.Signature == Flip {
		return flipped(m)
	}
	if evidence := f.Signature.about().evidence; evidence != nil {
		return []string{evidence(d)}
	}
	return d.edgeEvidence(m, r, f)
}
