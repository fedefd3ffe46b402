// Package diagnose takes the records of p1fix, or of p1frame, and gives what is
// wrong with the line: which mechanism did the damage, how sure that is, what to do
// about it, and where and when it happens.
//
// # How
//
// An event is one hit of the line: a byte read as another, a run of bytes that
// vanished or became garbage, the end of a telegram that is missing. The edits of a
// repaired telegram are its events; one that was not repaired is compared with the
// last valid telegram of the same meter ([align]), where digits may be any digits.
//
//	sent      1-0:1.8.0(008234.524*kWh)
//	received  1-0:1.8 0(00 234.524*kWh)
//	                 └ '.' read as ' ': rising edges lost, or one flipped bit
//	                      └ '8' read as ' ': rising edges lost
//
// What one byte became can have many causes; what all of them became has not. Package uart
// says what lines of every kind, and receivers of every kind, make of each byte. Explained
// are the hits by as few [Signature]s as it takes: one more is believed only if the hits of
// the whole stream become much likelier by it, and how they share is what makes them
// likeliest (expectation maximisation, Dempster, Laird and Rubin 1977).
//
// Runs of damage are told apart bit by bit: whether a receiver that missed a start edge, or
// one behind late edges or with a clock that is off, would have received these bytes
// ([uart.Receiver.Stretch]); a buffer that overran leaves the bytes around the hole intact,
// a burst keeps the length and has no pattern.
//
// Measured on waveforms simulated apart from this package (FACTS' channels, 22 lines with
// five receivers, hu, nl, be and se; see TestWaveforms and .ci/FIGURES.md). Tried and
// dropped: one table of what one real line did (wrong in 20 of 36 logs of other lines); a
// signature's share from all signatures at once (they explain each other's chance hits);
// greedy choice of one signature at a time (two wrong ones may precede the right one).
package diagnose

import (
	"slices"

	"p1/pkg/record"
)

// Share is a part of a whole with its 95 % interval (Wilson's), all from 0 to 1.
type Share struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Finding is what one signature explains.
type Finding struct {
	Signature Signature `json:"signature"`
	Title     string    `json:"title"`    // the mechanism in a few words
	Events    float64   `json:"events"`   // explained by it; a share of an event may be
	Share     Share     `json:"share"`    // of all events
	Evidence  []string  `json:"evidence"` // a sentence each
}

// Remedy is a cause with what helps against it.
type Remedy struct {
	Receiver string `json:"receiver"` // whose receiver it is for: transistor, …, or "any"
	Cause    string `json:"cause"`
	Do       string `json:"do"`
}

// Estimate is what another resistor would bring, as far as the log and the simulated
// receivers of hardware/README.md tell: ranges, all of them.
type Estimate struct {
	Says  string `json:"says,omitempty"`  // a sentence; none where nothing can be said
	Rests string `json:"rests,omitempty"` // what it rests on
	Needs string `json:"needs,omitempty"` // why nothing can be said

	Part    string      `json:"part,omitempty"`          // collector resistor, pull-up
	Try     float64     `json:"try_ohm,omitempty"`       // its recommended value
	Ohm     *[2]float64 `json:"ohm,omitempty"`           // what it has, if it is the cause
	Scatter *[2]float64 `json:"scatter_bit,omitempty"`   // of each edge
	Late    *[2]float64 `json:"late_us,omitempty"`       // of the edges on average, with those values
	Earlier *[2]float64 `json:"earlier_us,omitempty"`    // they would come by so much earlier
	Day     float64     `json:"telegrams_day,omitempty"` // telegrams a day
	Now     *[2]float64 `json:"damaged_now,omitempty"`   // of these, 95 % interval
	Then    *[2]float64 `json:"damaged_then,omitempty"`  // by late edges, with the recommended value
}

// Texts are the sentences.
func (e *Estimate) Texts() []string {
	return slices.DeleteFunc([]string{e.Says, e.Rests, e.Needs}, func(s string) bool { return s == "" })
}

// Report is everything that is known of a line at the end of a stream.
type Report struct {
	Source   string `json:"source"` // of the first stream, without control characters
	Streams  int    `json:"streams"`
	Receiver string `json:"receiver"` // as the user named it; unknown

	// Plain is what is wrong in an owner's words, where that is sure; Headline is what is
	// wrong in one sentence, or that nothing is; Sure says how
	// sure that is, Do what to do first.
	Plain    string   `json:"plain"`
	Headline string   `json:"headline"`
	Sure     string   `json:"sure"`
	Do       string   `json:"do"`
	Clean    bool     `json:"clean"`              // no damage at all
	Excused  bool     `json:"excused"`            // nothing can be read, and that is no fault of the line
	Joined   string   `json:"joined,omitempty"`   // a sentence, where several sources were judged as one line
	Apart    []Single `json:"apart,omitempty"`    // what each of them shows by itself, where they are few
	Spells   bool     `json:"spells"`             // late edges are to blame, and they are late now and then only
	Unproved bool     `json:"unproved,omitempty"` // the wrong bits do not show the first finding, though it explains them best
	Supports string   `json:"supports,omitempty"` // how Bits bears on the first finding, in a sentence or two

	Totals   Totals    `json:"totals"`
	Findings []Finding `json:"findings"` // most events first; without those that explain none
	Remedies []Remedy  `json:"remedies"` // likeliest first
	Estimate Estimate  `json:"estimate"` // what the first remedy would bring
	Decides  []string  `json:"decides"`  // facts that would decide between causes
	Doubts   []string  `json:"doubts"`   // why the evidence is thin, what else would explain it
	Notes    []string  `json:"notes"`    // what is no damage: the logger, parity, line ends

	Pauses   []Place         `json:"pauses"`   // places that are hit far more often than others
	Places   []Place         `json:"places"`   // damage by place in the telegram: each stretch of BinSize bytes
	BinSize  int             `json:"bin_size"` // bytes
	Lines    []LineDamage    `json:"lines"`    // of the telegram, in its order
	Bytes    []ByteDamage    `json:"bytes"`    // by the byte that was sent, most events first
	Pairs    []Pair          `json:"pairs"`    // what became of what, most often first, at most 40
	Bits     BitTable        `json:"bits"`     // of bytes read as others, by the edges beside them
	Edges    Measures        `json:"edges"`    // what the log determines of the edges, where each comes late by itself
	Grid     []Day           `json:"grid"`     // by day, in order
	Unknown  Tally           `json:"unknown"`  // telegrams of which no time is known
	Rhythm   Rhythm          `json:"rhythm"`   // clusters or a steady fault
	Segments []Segment       `json:"segments"` // between the user's marks; one where there are none
	Compared []Comparison    `json:"compared"` // each mark: before and after
	Worst    []WorstTelegram `json:"worst"`    // at most 10, most damage first
	Sample   []string        `json:"sample"`   // the lines of the last valid telegram, without control characters, for pictures
	Offsets  []int           `json:"offsets"`  // where each line of Sample begins, in bytes
}

// Totals counts what the stream held.
type Totals struct {
	Telegrams  int64 `json:"telegrams"`
	Intact     int64 `json:"intact"`      // ok or unchecked, or intact but for the logger
	Unchecked  int64 `json:"unchecked"`   // of Intact: the meter sends no CRC, so damage to digits is not seen
	Unknown    int64 `json:"unknown"`     // no damage is seen, but no known CRC holds: not used as a whole
	Repaired   int64 `json:"repaired"`    // damaged on the line and repaired
	Remaining  int64 `json:"remaining"`   // not usable as a whole
	Salvaged   int64 `json:"salvaged"`    // of Remaining: single lines are usable
	Suspect    int64 `json:"suspect"`     // the CRC holds, the content contradicts what is known
	Bytes      int64 `json:"bytes"`       // of telegrams, as received
	Events     int64 `json:"events"`      // hits of the line
	Unexamined int64 `json:"unexamined"`  // damaged telegrams that could not be compared with a valid one
	NoiseBytes int64 `json:"noise_bytes"` // that belong to no telegram, loggers' headers not counted
	Gaps       int64 `json:"gaps"`
}

// Usable is how many telegrams can be used as a whole.
func (t *Totals) Usable() int64 { return t.Telegrams - t.Remaining - t.Unknown }

// Undamaged is how many telegrams show no damage.
func (t *Totals) Undamaged() int64 { return t.Intact + t.Unknown }

// Tally counts telegrams and hits of the line.
type Tally struct {
	Telegrams int64 `json:"telegrams"`
	Damaged   int64 `json:"damaged"`   // on the line
	Remaining int64 `json:"remaining"` // of these: not usable as a whole
	Events    int64 `json:"events"`
	Bytes     int64 `json:"bytes"`
}

// Place is a stretch of the telegram. Line and Column are those of the sample.
type Place struct {
	Offset int     `json:"offset"` // bytes from the telegram's '/'
	Code   string  `json:"code"`   // OBIS code of the line, "header", "!" or ""
	Column int     `json:"column"` // bytes from the line's beginning
	Events int64   `json:"events"`
	Rate   float64 `json:"rate"` // events for each telegram
}

// LineDamage is what happened to a line of the telegram.
type LineDamage struct {
	Code   string  `json:"code"`
	Offset int     `json:"offset"` // in the sample; -1 where it is not in it
	Length int     `json:"length"` // bytes, line end included
	Events int64   `json:"events"`
	Rate   float64 `json:"rate"` // events for each byte that was sent
}

// ByteDamage is what happened to a value of a byte.
type ByteDamage struct {
	Byte     int     `json:"byte"`
	Sent     int64   `json:"sent"`
	Changed  int64   `json:"changed"`
	Vanished int64   `json:"vanished"`
	Rate     float64 `json:"rate"` // of the sent ones, 0 to 1
}

// Pair is a byte that was sent and what was read for it: -1 stands for nothing.
type Pair struct {
	Sent   int   `json:"sent"`
	Got    int   `json:"got"`
	Events int64 `json:"events"`
}

// BitTable counts the bits of bytes read as others by what stands beside them. The first
// index is 4 for a 1 and 0 for a 0, and 2 more where an edge stands before the bit, 1 more
// where one stands after it; the second index is the bit, 0 the first on the wire. Before
// bit 0 stands the start bit, 0, after bit 7 the stop bit, 1. An edge before the bit that
// came too late, or one after it that came too early, makes it wrong; what has no edge on
// either side was disturbed by something else.
type BitTable struct {
	Sent  [8][8]int64 `json:"sent"` // as far as it is known what was sent, in all telegrams that were examined
	Wrong [8][8]int64 `json:"wrong"`
}

// BitKind is a row of a [BitTable].
type BitKind struct {
	Name        string   // 1 after an edge
	Sent, Wrong [8]int64 // by the number of the bit
}

// Day holds the hours of a day of the meter's clock.
type Day struct {
	Date  string    `json:"date"` // 2006-01-02
	Hours [24]Tally `json:"hours"`
}

// Rhythm says whether events come evenly or in clusters.
type Rhythm struct {
	Windows    int64   `json:"windows"`    // of so many telegrams each
	Window     int     `json:"window"`     //
	Dispersion float64 `json:"dispersion"` // variance over mean of the events in a window; 1 where they are independent
	Limit      float64 `json:"limit"`      // what independent events stay below in 99 of 100 such streams
	Top        float64 `json:"top"`        // share of the events in the worst tenth of the windows
	Burstiness float64 `json:"burstiness"` // of the telegrams between two damaged ones: -1 regular, 0 random, 1 bursts
	Verdict    string  `json:"verdict"`    // a sentence
}

// Segment lies between two marks.
type Segment struct {
	Name  string `json:"name"`  // of the mark that it begins with; "start" of the first one
	Begin string `json:"begin"` // the meter's clock, RFC 3339; empty where not known
	End   string `json:"end"`
	Tally
	Damage Share `json:"damage"` // share of damaged telegrams
	Hits   Level `json:"hits"`   // where there are marks
	Storms int64 `json:"storms"` // telegrams in storms, of tenfold damage or so, that Hits leaves aside
}

// Level is how often a telegram is hit, the line's own drift evened out. The 95 % interval
// is that beside the level before, and holds how the line drifts by itself; where nothing
// can be compared it is of no width.
type Level struct {
	Value float64 `json:"value"` // hits of the line for each telegram
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Comparison says what a change did.
type Comparison struct {
	Mark    string  `json:"mark"`
	At      string  `json:"at"`
	Before  Segment `json:"before"`
	After   Segment `json:"after"`
	Ratio   float64 `json:"ratio"` // hits for each telegram, after over before (Segment.Hits); -1 where there were none before
	Low     float64 `json:"low"`   // 95 % interval of the ratio
	High    float64 `json:"high"`
	Days    float64 `json:"days"`    // of log that would show a halving or a doubling: 0 where that shows already or no more can come, -1 where no log will do
	Verdict string  `json:"verdict"` // a sentence
}

// WorstTelegram is a telegram with much damage, drawn line by line.
type WorstTelegram struct {
	Source     string            `json:"source"`
	Offset     int64             `json:"offset"`
	Time       string            `json:"time"`
	Status     string            `json:"status"`
	Confidence record.Confidence `json:"confidence,omitempty"`
	Why        string            `json:"why,omitempty"`
	Events     int               `json:"events"`
	Lines      []WorstLine       `json:"lines"` // the damaged ones, at most 40
}

// WorstLine is a damaged line: cells in order, received over sent.
type WorstLine struct {
	Code  string `json:"code"`
	Cells []Cell `json:"cells"`
}

// Cell is one place in a line: what was sent and what was received there, -1 for
// nothing. Where Sent is not known (digits of a telegram that was not repaired) it is
// -2.
type Cell struct {
	Sent int  `json:"sent"`
	Got  int  `json:"got"`
	Hit  bool `json:"hit"`
}
