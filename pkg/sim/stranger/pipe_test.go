package stranger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
)

// A handed is a record as the stage behind p1fix reads it: from its JSON, by the contract.
type handed struct {
	Type       string
	Status     string
	Offset     int64
	EOL        string
	Raw        meterBytes
	Received   meterBytes
	Confidence float64
	Suspect    string
	Why        string
	Trusted    []named
	Doubted    []named
	Edits      []edit
	all        []byte // what was received
}

// A named is an entry of trusted or doubted.
type named struct {
	Line       int
	Code       string
	Confidence float64
}

type edit struct {
	At       int
	Got, Now meterBytes
}

// meterBytes are bytes that stand in JSON as the code points of the same numbers.
type meterBytes []byte

func (b *meterBytes) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	for _, r := range s {
		*b = append(*b, byte(r))
	}
	return nil
}

// A pipe is framing and repair in a row.
type pipe struct {
	tb     testing.TB
	framer *frame.Framer
	fixer  *repair.Fixer
	offset int64    // of the next byte that goes in
	next   int64    // of the next record that must come out
	out    []handed // what came out and was not fetched yet
}

func newPipe(tb testing.TB, o repair.Options) *pipe {
	p := &pipe{tb: tb}
	p.fixer = repair.New(p, o)
	p.framer = frame.New(taker(p.fixer.Take), frame.Options{})
	return p
}

// taker hands records on.
type taker func(record.Record) error

func (t taker) Write(r record.Record) error { return t(record.Keep(r)) }
func (t taker) Flush() error                { return nil }

// send puts bytes in, and fetches what has come out.
func (p *pipe) send(log []byte) []handed {
	p.tb.Helper()
	for at := 0; at < len(log); {
		n := min(len(log)-at, record.MaxData)
		c := &record.Chunk{Origin: record.Origin{Source: "log", Offset: p.offset}, Data: log[at : at+n]}
		p.check(p.framer.Take(c))
		p.offset += int64(n)
		at += n
	}
	return p.fetch()
}

// close ends the log, and fetches the rest. Every byte has come out.
func (p *pipe) close() []handed {
	p.tb.Helper()
	p.check(p.framer.Close())
	p.check(p.fixer.Close())
	if p.next != p.offset {
		p.tb.Fatalf("%d bytes went in, %d came out", p.offset, p.next)
	}
	return p.fetch()
}

func (p *pipe) fetch() []handed {
	out := p.out
	p.out = nil
	return out
}

func (p *pipe) check(err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatal(err)
	}
}

// Write takes a record that came out; it must go on where the one before ended.
func (p *pipe) Write(r record.Record) error {
	var text bytes.Buffer
	w := record.NewWriter(&text, false)
	p.check(w.Write(r))
	p.check(w.Flush())
	var h handed
	p.check(json.Unmarshal(text.Bytes(), &h))
	received, err := record.Received(r)
	p.check(err)
	if h.Offset != p.next {
		p.tb.Fatalf("a record at %d, and the one before it ends at %d", h.Offset, p.next)
	}
	p.next += int64(len(received))
	h.all = bytes.Clone(received)
	p.out = append(p.out, h)
	return nil
}

func (p *pipe) Flush() error { return nil }

// through sends one log through a pipe of its own, and gives its telegrams.
func through(tb testing.TB, log []byte, o repair.Options) []handed {
	tb.Helper()
	p := newPipe(tb, o)
	out := append(p.send(log), p.close()...)
	var all []byte
	for _, h := range out {
		all = append(all, h.all...)
	}
	if !bytes.Equal(all, log) {
		tb.Fatalf("%d bytes went in, others came out:\n%q\n%q", len(log), log, all)
	}
	return telegrams(out)
}

func telegrams(list []handed) []handed {
	return slices.DeleteFunc(list, func(h handed) bool { return h.Type != "telegram" })
}

// handsOn lists the lines that p1csv may use: all of one that is ok, repaired or
// unchecked, but for those that are doubted; where trusted is there, only those.
func (h *handed) handsOn() []named {
	switch {
	case h.Status == "salvaged" || h.Status == "unchecked" && h.Trusted != nil:
		return h.Trusted
	case h.Status != "ok" && h.Status != "repaired" && h.Status != "unchecked":
		return nil
	}
	var list []named
	for i, l := range h.lines() {
		doubted := slices.ContainsFunc(h.Doubted, func(n named) bool { return n.Line == i+1 })
		if code := codeOf(l); code != "" && !doubted {
			list = append(list, named{Line: i + 1, Code: code})
		}
	}
	return list
}

// lines are the lines of raw without their ends.
func (h *handed) lines() [][]byte { return linesOf(h.Raw) }

func linesOf(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, l := range lines {
		lines[i] = bytes.TrimRight(l, "\r\n")
	}
	return lines
}

// line is a line of raw, and where its first byte was received.
func (h *handed) line(n int) (text []byte, offset int64, ok bool) {
	lines := bytes.SplitAfter(h.Raw, []byte("\n"))
	if n < 1 || n > len(lines) {
		return nil, 0, false
	}
	at := len(bytes.Join(lines[:n-1], nil))
	offset = h.Offset + int64(at)
	for _, e := range h.Edits {
		if e.At < at {
			offset += int64(len(e.Got) - len(e.Now))
		}
	}
	return bytes.TrimRight(lines[n-1], "\r\n"), offset, true
}

// codeOf is what stands before the first parenthesis of a line; of a line that begins with
// it, the parenthesis.
func codeOf(line []byte) string {
	code, _, found := bytes.Cut(line, []byte("("))
	switch {
	case !found:
		return ""
	case len(code) == 0:
		return "("
	}
	return string(code)
}

// sameTelegram compares what was handed on with what was sent; the letters of the CRC may
// be of either case, and the line end behind it is in no CRC.
func sameTelegram(raw, sent []byte) bool {
	const crc = len("FFFF\r\n")
	raw, sent = bytes.TrimRight(raw, "\r\n"), bytes.TrimRight(sent, "\r\n")
	cut := len(sent) - len("FFFF")
	return len(raw) == len(sent) && len(sent) > crc && bytes.Equal(raw[:cut], sent[:cut]) && bytes.EqualFold(raw[cut:], sent[cut:])
}

// A promise gathers what was said to be right with so much confidence.
type promise struct {
	made, broken int
	predicted    float64
}

func (p *promise) add(confidence float64, right bool) {
	p.made++
	p.predicted += 1 - confidence
	if !right {
		p.broken++
	}
}

// bearable is how many may be broken: three standard deviations more than predicted.
func (p promise) bearable() float64 { return p.predicted + 3*math.Sqrt(p.predicted) }

func (p promise) kept() bool { return float64(p.broken) <= p.bearable() }

func (p promise) String() string {
	return fmt.Sprintf("%d of %d wrong, predicted %.3f, bearable %.2f", p.broken, p.made, p.predicted, p.bearable())
}

// share writes a part of a whole in percent.
func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(part)/float64(whole))
}
