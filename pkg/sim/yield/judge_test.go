package yield

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"p1/pkg/record"
	"p1/pkg/sim"
)

// A Result is what came of the telegrams of a row.
type Result struct {
	Row       Row
	Telegrams int // what the meter sent: right, refused and wrong together
	Right     int
	Refused   int
	Wrong     int
	ByLuck    int // of the wrong: the CRC held as received
	LineEnd   int // of the wrong: all but the last CR LF is right

	Damaged  int // telegram records that were not ok as received
	Repaired int // telegram records that were repaired, rightly or not
	Suspect  int // telegram records with a doubt that are right all the same

	Salvaged     int // telegram records
	Trusted      int // lines of theirs that are said to be right
	TrustedWrong int // and are not

	InFixed      int // telegrams hit in fixed text only, where the row asks for that
	InFixedRight int

	ByHits      [len(shares)]count // the damaged ones, by the share of their bytes that the line has hit
	Reliability Reliability        // of the repairs
	Reasons     map[string]Reason  // why telegrams were refused
	Mistakes    []string           // the first of the wrong: where they go wrong
	Elapsed     time.Duration      // spent in the repair
}

// shares are the bounds of the shares of hit bytes.
var shares = [...]float64{0.01, 0.05, 1}

// count is what came of some telegrams.
type count struct{ right, refused, wrong int }

func (c *count) add(other count) {
	c.right, c.refused, c.wrong = c.right+other.right, c.refused+other.refused, c.wrong+other.wrong
}

// Reason says how many telegrams were refused for it, and which was the first,
// counted from 1.
type Reason struct{ Count, First int }

// Counted is what the floor is about: how many are right, and of how many.
func (r Result) Counted() (right, of int) {
	if r.Row.Fixed {
		return r.InFixedRight, r.InFixed
	}
	return r.Right, r.Telegrams
}

// Share is the share that the floor is about.
func (r Result) Share() float64 {
	right, of := r.Counted()
	return float64(right) / float64(max(of, 1))
}

// awaited is a transmission of which records may still come.
type awaited struct {
	seq     int
	sent    []byte
	end     int64 // where its part of the log ends
	inFixed bool
	share   float64 // of its bytes that the line has hit
	claims  []claim
}

// claim is what one record says of a transmission.
type claim struct {
	status record.Status
	right  bool
	reason string
	raw    []byte
}

// mostMistakes is how many are kept of a row.
const mostMistakes = 5

// judge compares what comes out with what was sent.
type judge struct {
	result  Result
	fixed   masks
	pending []awaited
	logged  int64 // bytes of the log so far
	next    int64 // where the next record must begin
}

// expect takes what the meter sent and the log holds of it.
func (j *judge) expect(x sim.Transmission) {
	j.logged += int64(len(x.Logged))
	inFixed := j.fixed.covers(x)
	if inFixed {
		j.result.InFixed++
	}
	j.pending = append(j.pending, awaited{seq: x.Seq, sent: x.Plain, end: j.logged, inFixed: inFixed, share: float64(x.Hits) / float64(max(len(x.Sent), 1))})
	j.result.Telegrams++
}

// received takes a record before the repair.
func (j *judge) received(r record.Record) {
	if t, ok := r.(*record.Telegram); ok && t.Status == record.Bad {
		j.result.Damaged++
	}
}

// take takes a record after the repair. The records joined must be the log.
func (j *judge) take(r record.Record) error {
	bytes, err := record.Received(r)
	if err != nil {
		return fmt.Errorf("yield: %s: record at %d: %w", j.result.Row.Name(), r.Where().Offset, err)
	}
	if at := r.Where().Offset; at != j.next {
		return fmt.Errorf("yield: %s: record at %d, and the one before it ends at %d", j.result.Row.Name(), at, j.next)
	}
	j.settle(j.next)
	middle := j.next + int64(len(bytes)/2)
	j.next += int64(len(bytes))
	t, ok := r.(*record.Telegram)
	if !ok {
		return nil
	}
	for i := range j.pending {
		if p := &j.pending[i]; middle < p.end {
			p.claims = append(p.claims, j.weigh(t, p.sent, p.claims))
			return nil
		}
	}
	return fmt.Errorf("yield: %s: record at %d is after the end of the log", j.result.Row.Name(), r.Where().Offset)
}

// weigh compares a record with what was sent. The same telegram twice is one too
// many.
func (j *judge) weigh(t *record.Telegram, sent []byte, before []claim) claim {
	c := claim{status: t.Status, reason: string(t.Status) + ": " + t.Why, raw: t.Raw}
	switch t.Status {
	case record.OK, record.Unchecked:
		c.right = sameTelegram(t.Raw, sent)
	case record.Repaired:
		c.right = bytes.Equal(t.Raw, sent)
	case record.Salvaged:
		j.weighLines(t)
	}
	for _, b := range before {
		c.right = c.right && !b.right
	}
	if t.Status == record.Repaired {
		j.result.Repaired++
		j.result.Reliability.Add(t.Confidence, c.right)
	}
	if c.right && t.Suspect != "" {
		j.result.Suspect++
	}
	return c
}

// weighLines looks for the trusted lines among those that were sent when they
// were received.
func (j *judge) weighLines(t *record.Telegram) {
	j.result.Salvaged++
	lines := bytes.SplitAfter(t.Raw, []byte("\n"))
	for _, x := range t.Trusted {
		j.result.Trusted++
		if x.Line < 1 || x.Line > len(lines) || !j.sent(t, lines, x.Line-1) {
			j.result.TrustedWrong++
		}
	}
}

// sent reports whether line n of a salvaged telegram is one of the transmission
// that its first byte came with.
func (j *judge) sent(t *record.Telegram, lines [][]byte, n int) bool {
	at := len(bytes.Join(lines[:n], nil))
	offset := t.Offset + int64(at)
	for _, e := range t.Edits {
		if e.At < at {
			offset += int64(len(e.Got) - len(e.Now))
		}
	}
	if t.EOL == record.EOLLF {
		offset -= int64(bytes.Count(t.Raw[:at], []byte("\r")))
	}
	want := bytes.TrimRight(lines[n], "\r\n")
	for _, p := range j.pending {
		if offset < p.end {
			return slices.ContainsFunc(bytes.SplitAfter(p.sent, []byte("\n")), func(line []byte) bool {
				return bytes.Equal(bytes.TrimRight(line, "\r\n"), want)
			})
		}
	}
	return false
}

// sameTelegram compares from '/' to the CRC; the CRC's letters may be of either
// case.
func sameTelegram(raw, sent []byte) bool {
	text, crc := split(raw)
	wantText, wantCRC := split(sent)
	return bytes.Equal(text, wantText) && bytes.EqualFold(crc, wantCRC)
}

// split cuts a telegram after its last '!', and what follows after four digits.
func split(raw []byte) (text, crc []byte) {
	n := bytes.LastIndexByte(raw, '!') + 1
	rest := bytes.TrimRight(raw[n:], "\r\n")
	return raw[:n], rest[:min(len(rest), 4)]
}

// settle decides about the transmissions that end before an offset.
func (j *judge) settle(offset int64) {
	n := 0
	for n < len(j.pending) && j.pending[n].end <= offset {
		j.decide(&j.pending[n])
		n++
	}
	j.pending = j.pending[:copy(j.pending, j.pending[n:])]
}

// close decides about the rest.
func (j *judge) close() { j.settle(j.logged) }

func (j *judge) decide(p *awaited) {
	right, wrong, byLuck := 0, 0, 0
	for _, c := range p.claims {
		switch {
		case c.right:
			right++
		case c.status == record.Repaired:
			wrong++
		case c.status.Valid():
			byLuck++
		}
	}
	defer j.countHits(p, j.result.Right, j.result.Wrong)
	switch {
	case wrong+byLuck > 0:
		j.result.Wrong++
		if wrong == 0 {
			j.result.ByLuck++
		}
		if slices.ContainsFunc(p.claims, func(c claim) bool { return !c.right && sameTelegram(c.raw, p.sent) }) {
			j.result.LineEnd++
		}
		j.note(p)
	case right == 1 && len(p.claims) == 1:
		j.result.Right++
		if p.inFixed {
			j.result.InFixedRight++
		}
	default:
		j.refuse(p)
	}
}

// countHits counts a telegram that was hit by how much it was; right and wrong are those
// before it.
func (j *judge) countHits(p *awaited, right, wrong int) {
	if p.share == 0 {
		return
	}
	i := 0
	for p.share > shares[i] && i < len(shares)-1 {
		i++
	}
	c := &j.result.ByHits[i]
	switch {
	case j.result.Right > right:
		c.right++
	case j.result.Wrong > wrong:
		c.wrong++
	default:
		c.refused++
	}
}

// refuse counts a telegram that nothing is known of.
func (j *judge) refuse(p *awaited) {
	j.result.Refused++
	why := "no record"
	switch {
	case len(p.claims) == 1:
		why = p.claims[0].reason
	case len(p.claims) > 1:
		why = "several records"
		for _, c := range p.claims {
			if c.right {
				why = "several records, one of them right"
			}
		}
	}
	if j.result.Reasons == nil {
		j.result.Reasons = map[string]Reason{}
	}
	r := j.result.Reasons[why]
	if r.Count++; r.Count == 1 {
		r.First = p.seq
	}
	j.result.Reasons[why] = r
}

// note keeps where a telegram goes wrong.
func (j *judge) note(p *awaited) {
	for _, c := range p.claims {
		if c.right || !c.status.Valid() || len(j.result.Mistakes) == mostMistakes {
			continue
		}
		at := 0
		for at < min(len(c.raw), len(p.sent)) && c.raw[at] == p.sent[at] {
			at++
		}
		j.result.Mistakes = append(j.result.Mistakes, fmt.Sprintf("telegram %d is %s, at %d of %d bytes: sent %q, raw %q",
			p.seq, c.status, at, len(p.sent), around(p.sent, at), around(c.raw, at)))
	}
}

// around is a piece of text with what stands before it on the line.
func around(text []byte, at int) []byte {
	return text[max(at-24, 0):min(at+16, len(text))]
}
