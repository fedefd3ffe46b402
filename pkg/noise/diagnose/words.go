package diagnose

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"p1/pkg/channel"
	"p1/pkg/display"
	"p1/pkg/noise/words"
	"p1/pkg/polarity"
)

// joined says that several sources were judged as one line, where they were.
func (d *Diagnoser) joined() string {
	n := words.Count(int64(len(d.sources)))
	switch {
	case len(d.sources) < 2:
		return ""
	case len(d.sources) > maxSources:
		n = "More than " + words.Count(maxSources)
	}
	return n + " sources were judged as one line. If they are of different lines or loggers, that misleads: give them one at a time, and compare."
}

// few is up to how many events the evidence is called thin.
const few = 20

// handful is how many telegrams it takes to advise on cables.
const handful = 5

// onlyBeside reports whether of few telegrams nothing but text that stands beside them
// looks like damage: somebody has pasted it with them.
//
//	My meter says:
//	```
//	/TST5meter … !1A2B
//	```
func (d *Diagnoser) onlyBeside() bool {
	return d.totals.Telegrams < handful && d.beside > 0 && d.beside == d.totals.Events
}

// conclude writes the headline, how sure it is, and what to do.
func (d *Diagnoser) conclude(m *mixture, r *Report) {
	r.Doubts = d.doubts(m, r)
	switch {
	case r.Totals.Telegrams == 0 && len(r.Findings) == 0:
		d.nothing(r)
	case len(r.Findings) > 0:
		d.blame(r)
	case r.Clean:
		d.praise(r)
	default:
		r.Headline = "Telegrams are damaged, and it cannot be told by what."
		r.Sure = fmt.Sprintf("%s could not be compared with a valid telegram.", words.Plural(r.Totals.Unexamined, "damaged telegram"))
		r.Do = "Take a longer log: a few valid telegrams show what the others should have been."
		if !d.fixed {
			r.Do = "Put p1fix before p1noise, and take a longer log: a few valid telegrams show what the others should have been."
		}
	}
}

// praise says how sure it is that a line is clean: with 95 % confidence fewer than
// 1−0.05^(1/n) of the telegrams are damaged where n were not (Clopper and Pearson 1934;
// about 3/n). Of bits there are so many that it is 3/n.
func (d *Diagnoser) praise(r *Report) {
	n := float64(r.Totals.Telegrams)
	r.Headline = fmt.Sprintf("The line is clean: %s, none damaged.", words.Plural(r.Totals.Telegrams, "telegram"))
	unverified := d.totals.Unknown+d.totals.Unchecked > 0
	if unverified {
		r.Headline = fmt.Sprintf("No damage is seen in %s, but no CRC confirms that.", words.Plural(r.Totals.Telegrams, "telegram"))
	} else if r.Totals.Telegrams < few {
		r.Headline = fmt.Sprintf("No damage in %s: too few to call the line clean.", words.Plural(r.Totals.Telegrams, "telegram"))
	}
	bound := func(n float64) float64 { return 1 - math.Pow(0.05, 1/n) }
	if unverified {
		r.Sure = fmt.Sprintf("With 95 %% confidence fewer than %s of the telegrams have damage that can be seen without a CRC; digits that were read as others are not seen.", words.Percent(bound(n)))
	} else {
		bits := 8 * r.Totals.Bytes
		r.Sure = fmt.Sprintf("With 95 %% confidence fewer than %s of the telegrams are damaged. No bit of %s was read wrong, so fewer than 3 in as many are, 1 in %s.",
			words.Percent(bound(n)), words.Count(bits), words.Count(bits/3))
	}
	switch {
	case unverified:
		r.Do = "Nothing, as far as can be seen."
	case n < few:
		r.Do = "Take a longer log: 3,000 clean telegrams prove that 99.9 % are good."
	case n < 1000:
		r.Do = "Nothing. A longer log would be surer: 3,000 clean telegrams prove that 99.9 % are good."
	default:
		r.Do = "Nothing."
	}
}

// blame writes the headline of the first finding.
func (d *Diagnoser) blame(r *Report) {
	top := r.Findings[0]
	events := r.Totals.Events
	switch {
	case r.Totals.Telegrams == 0:
		r.Headline = "Nothing can be read. The cause: " + top.Signature.about().cause + "."
		r.Sure = strings.Join(top.Evidence, " ")
	case events < 5:
		r.Headline = fmt.Sprintf("%s of damage in %s: too few to name a cause. The first guess: %s.",
			words.Capital(words.Plural(events, "hit")), words.Plural(r.Totals.Telegrams, "telegram"), top.Signature.about().cause)
		r.Sure = "Not sure at all: another few hits may show something else."
	case events < few:
		r.Headline = fmt.Sprintf("%s in %s, too few to be sure. The likeliest cause: %s.",
			words.Plural(events, "hit"), words.Plural(r.Totals.Telegrams, "telegram"), top.Signature.about().cause)
		r.Sure = d.sure(r)
	case top.Share.Value < 0.5:
		r.Headline = fmt.Sprintf("Several things damage the line. The cause of the largest part, %s: %s.", words.Percent(top.Share.Value), top.Signature.about().cause)
		r.Sure = d.sure(r)
	default:
		the := "The cause"
		if r.Unproved {
			the = "The likeliest cause"
		}
		r.Headline = fmt.Sprintf("%s of %s of the damage: %s.", the, words.Percent(top.Share.Value), top.Signature.about().cause)
		r.Sure = d.sure(r)
	}
	if r.Spells {
		r.Headline += " The edges are late now and then, not always."
	}
	r.Clean = false
	if n := r.Totals.Telegrams; n > 0 && n < handful {
		r.Do = fmt.Sprintf("Take a longer log before anything is changed at the wires: %s cannot show what does that.", words.Plural(n, "telegram"))
		return
	}
	r.Remedies = remedies(top.Signature, r.Receiver)
	r.Decides = decides(top.Signature, r.Receiver)
	if len(r.Remedies) > 0 {
		r.Do = r.Remedies[0].Do
		if r.Spells {
			r.Do += " This log does not show whether that is enough."
		}
	}
	if r.Receiver == Unknown && len(r.Decides) > 0 {
		r.Do = r.Decides[0]
	}
}

// sure says how sure the first finding is.
func (d *Diagnoser) sure(r *Report) string {
	top := r.Findings[0]
	text := fmt.Sprintf("%s of %s; 95 %% interval %s", words.Count(int64(math.Round(top.Events))), words.Plural(r.Totals.Events, "hit"), words.Interval(top.Share.Low, top.Share.High))
	if len(r.Findings) > 1 {
		second := r.Findings[1]
		text += fmt.Sprintf("; next, %s, %s", second.Signature.about().title, words.Percent(second.Share.Value))
	}
	return words.Capital(text) + "."
}

// doubts says where the evidence is thin, and what else would explain it.
func (d *Diagnoser) doubts(m *mixture, r *Report) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	events := r.Totals.Events
	if events > 0 && events < few {
		add("So few hits (%s) prove little: take a longer log before you solder.", words.Count(events))
	}
	if r.Totals.Unexamined > 0 {
		add("Some damaged telegrams (%s) could not be examined: no valid one was at hand, or too little was left.", words.Count(r.Totals.Unexamined))
	}
	if n := d.totals.Unknown + d.totals.Unchecked; n > 0 && !r.Clean { // else it is said first
		add("No CRC verifies %s: damage to digits is not seen there.", words.Plural(n, "telegram"))
	}
	if len(r.Findings) > 1 && r.Findings[0].Share.Low < r.Findings[1].Share.High && events > 0 {
		add("The first two findings are so close that their order may be chance.")
	}
	if len(r.Findings) > 0 {
		if also := r.Findings[0].Signature.about().mistaken; also != "" {
			out = append(out, also)
		}
	}
	if m.printable && r.Totals.Events > 0 && (has(r, Burst) || has(r, Slip) || has(r, Deleted)) {
		add("The logger seems to keep printable bytes only, so garbage and frame slips look like lost bytes. Log all bytes to see which it is.")
	}
	return out
}

func has(r *Report, s Signature) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Signature == s && f.Share.Value > 0.02 })
}

// leastShown is the share of a finding from which on the wrong bits of the whole log are
// evidence for it, and mostTogether that of bytes from which on their edges are late
// together.
const (
	leastShown   = 0.2
	mostTogether = 0.7
)

// asOne reports whether the edges of a byte are late together.
func (d *Diagnoser) asOne(m *mixture, s Signature) bool {
	bytes, all := d.together(m, s)
	return bytes >= 10 && all > mostTogether*bytes
}

// edgeEvidence tells whether the edges of a byte are late together, and after which pauses.
func (d *Diagnoser) edgeEvidence(m *mixture, r *Report, f *Finding) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if r.Totals.Telegrams == 0 {
		add("Among the %s received, OBIS codes have the form that they take when every such edge is late.", words.Plural(d.totals.NoiseBytes, "byte"))
		return out
	}
	switch f.Signature {
	case OnesLost, ZerosLost:
		if f.Signature == ZerosLost {
			add("The edge of a start bit is a falling one. Where it is late, the receiver looks at all bits late, and takes the last 0 before a 1 for that 1. (Most receivers invert: the logic falls where the wire rises.)")
		}
		bytes, all := d.together(m, f.Signature)
		if bytes >= 10 && all < 0.5 {
			add("In none of the damaged bytes in which several such edges stand are all of them late: each edge is late by itself.")
		} else if bytes >= 10 {
			add("Of the damaged bytes in which several such edges stand %s have all of them late and %s some.", words.Percent(all/bytes), words.Percent(1-all/bytes))
		}
		if d.asOne(m, f.Signature) {
			add("So the edges of these bytes are late together, by more than half a bit (4.3 µs at 115,200 baud); those of the other bytes come in time.")
		}
	case Clock:
		out = append(out, growth(&r.Bits)...)
	}
	if f.Share.Value >= leastShown && !d.allTogether(m, f.Signature) {
		out = append(out, r.Edges.determined()...)
	}
	if m.printable {
		add("The bytes that vanished are those that would have become unprintable, and the logger drops those.")
	}
	if m.framing && f.Signature == OnesLost && d.hits.vanished() > 0 {
		add("Some bytes vanished whole. Their stop bit follows such an edge too: a driver that drops bytes with a framing error leaves nothing of them.")
	}
	if len(r.Pauses) > 0 {
		var places []string
		for _, p := range r.Pauses {
			places = append(places, fmt.Sprintf("byte %s (%s, %s of the telegrams)", words.Count(int64(p.Offset)), p.Code, words.Percent(p.Rate)))
		}
		text := fmt.Sprintf("%s out, hit far more often than others: %s.", words.Plural(int64(len(places)), "place stands", "places stand"), strings.Join(places, ", "))
		if f.Signature == OnesLost || f.Signature == ZerosLost {
			text += " There the meter is likely to pause: the first byte after a pause is hit most, since the line was idle longest before it."
		}
		out = append(out, text)
	}
	return out
}

func (t *hitTable) vanished() int64 {
	sum := int64(0)
	for sent := range t {
		sum += t[sent][vanished]
	}
	return sum
}

// unreadable says what a stream without any telegram is.
func (d *Diagnoser) unreadable() Signature {
	switch {
	case d.totals.Telegrams > 0 || len(d.noise) < leastNoise:
		return ""
	case d.upright() != "":
		return Polarity
	case d.everyByte(func(b byte) byte { return b & (b << 1) }):
		return OnesLost
	case d.everyByte(func(b byte) byte { return b | b<<1 }) || d.everyByte(func(b byte) byte { return b | b>>1 | 0x80 }):
		return ZerosLost
	}
	return Unreadable
}

// everyByte reports whether the noise holds parts of OBIS codes as they look where the
// line does this to every byte.
func (d *Diagnoser) everyByte(damage func(byte) byte) bool {
	const enough = 3
	found := 0
	for _, part := range []string{"\r\n1-0:", ".8.0(0", ".7.0(0"} {
		pattern := []byte(part)
		var printed []byte
		for i, b := range pattern {
			pattern[i] = damage(b)
			if channel.Printable(pattern[i]) {
				printed = append(printed, pattern[i])
			}
		}
		found += bytes.Count(d.noise, pattern)
		if len(printed) > enough && len(printed) < len(pattern) {
			found += bytes.Count(d.noise, printed)
		}
	}
	return found >= enough
}

// leastNoise is how many bytes have to be there to look at them.
const leastNoise = 24

// upright is what the noise reads as on an inverted line, or nothing.
func (d *Diagnoser) upright() string {
	text := polarity.Upright(d.noise)
	return visible(text[:min(len(text), 40)])
}

// notes says what is no damage of the line.
func (d *Diagnoser) notes() []string {
	var out []string
	if d.program > 0 {
		out = append(out, d.programNote())
	}
	for _, what := range slices.Sorted(maps.Keys(d.logger)) {
		out = append(out, fmt.Sprintf("Logger: %s (%s). Set it to keep all bytes as they are.", what, words.Plural(d.logger[what], "time")))
	}
	if d.onlyBeside() {
		out = append(out, "Text stands beside the telegrams. The line did not do that.")
	}
	if d.parity > 0 {
		out = append(out, fmt.Sprintf("Parity: %s came as 7E1 read as 8N1; the parity bits were taken off.", words.Plural(d.parity, "telegram")))
	}
	for _, why := range slices.Sorted(maps.Keys(d.gaps)) {
		out = append(out, fmt.Sprintf("Gap: %s of the capture, %s.", words.Plural(d.gaps[why], "interruption"), display.Short(why, maxQuoted)))
	}
	return out
}
