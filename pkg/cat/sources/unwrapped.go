package sources

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"p1/pkg/cat/unwrap"
	"p1/pkg/record"
)

// Unwrap says what is to be taken off that other programs put around a meter's bytes.
type Unwrap struct {
	// AsIs takes nothing off.
	AsIs bool
	unwrap.Options
}

// unwrapped gives the chunks of a source without what another program put around their
// bytes.
type unwrapped struct {
	Source
	name   string
	live   bool
	eager  bool // what comes first must do to tell how it is wrapped
	forms  unwrap.Options
	say    func(text string)
	stream *unwrap.Stream
	origin record.Origin // of the next byte that is given
	from   record.Origin // of the stream whose bytes are taken
	held   []record.Record
	queue  []record.Record
	outer  []string // what was taken off before
	err    error    // what has ended the source
	naming naming
	told   bool
}

// unwrapped wraps a source so, unless nothing is to be taken off.
func (o Options) unwrapped(s Source, name string, live bool) Source {
	if o.Unwrap.AsIs {
		return s
	}
	u := &unwrapped{Source: s, name: name, live: live, eager: o.Follow, forms: o.Unwrap.Options, say: o.Say}
	if u.say == nil {
		u.say = func(string) {}
	}
	u.forms.Live = live
	u.begin(record.Origin{})
	return u
}

// begin begins a byte stream.
func (u *unwrapped) begin(o record.Origin) {
	u.stream = unwrap.New(u.forms)
	u.origin, u.from, u.told, u.naming = o, o, false, naming{}
}

// undecided is how long a pipe may be silent before what has come must do to tell how it
// is wrapped.
const undecided = 300 * time.Millisecond

func (u *unwrapped) Next(ctx context.Context) (record.Record, error) {
	for {
		if len(u.queue) > 0 {
			r := u.queue[0]
			u.queue = u.queue[1:]
			return r, nil
		}
		if u.err != nil {
			return nil, u.err
		}
		if r, err := u.step(ctx); r != nil || err != nil {
			return r, err
		}
	}
}

// step takes the next record of the source, which it returns where nothing is to be taken
// off; else what becomes of it is in the queue.
func (u *unwrapped) step(ctx context.Context) (record.Record, error) {
	u.queue = u.queue[:0]
	r, err := u.take(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		if u.flush(); len(u.queue) > 0 {
			err = nil // next time
		}
		return nil, err
	case err != nil:
		u.finish()
		u.err = err
		return nil, nil
	case r == nil || u.replays():
		return r, nil
	}
	c, ok := r.(*record.Chunk)
	if !ok {
		u.flush()
		u.queue = append(u.queue, r)
		return nil, nil
	}
	if !u.from.SameStream(c.Origin) {
		u.finish()
		u.begin(c.Origin)
	}
	u.outer = c.Unwrapped
	if !u.stream.Plain() {
		return u.unwrap(c), nil
	}
	if u.stream.Watch(c.Data) {
		u.origin = c.Origin // what came before is as it was
		return u.unwrap(c), nil
	}
	u.listen(c.Data)
	if len(u.queue) == 0 {
		return r, nil
	}
	u.queue = append(u.queue, record.Keep(r))
	return nil, nil
}

// take returns the next record; nil where a pipe has been silent, so that what came before
// had to tell how it is wrapped.
func (u *unwrapped) take(ctx context.Context) (record.Record, error) {
	if u.live || !u.stream.Holds() || u.Source.Ready() {
		return u.Source.Next(ctx)
	}
	soon, cancel := context.WithTimeout(ctx, undecided)
	defer cancel()
	r, err := u.Source.Next(soon)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		u.handOn(u.stream.Decide)
		return nil, nil
	}
	return r, err
}

// replays reports whether the source hands out records as they were captured.
func (u *unwrapped) replays() bool {
	f, ok := u.Source.(*fileSource)
	return ok && f.lines != nil
}

// unwrap takes a chunk.
func (u *unwrapped) unwrap(c *record.Chunk) record.Record {
	later := u.stream.Later()
	pieces := u.stream.Take(c.Data)
	if u.eager && !u.stream.Decided() {
		pieces = append(slices.Clone(pieces), u.stream.Decide()...)
	}
	switch {
	case later || u.stream.Later():
		u.put(pieces, c)
	case u.stream.Passing():
		u.held = append(u.held, record.Keep(c))
		u.asTheyAre()
	case !u.stream.Decided():
		u.held = append(u.held, record.Keep(c))
	case u.stream.Plain() && len(u.held) == 0:
		u.listen(c.Data)
		return c
	case u.stream.Plain():
		u.held = append(u.held, record.Keep(c))
		u.give(pieces, nil)
	default:
		u.give(pieces, c)
	}
	return nil
}

// handOn gives what the stream has held back.
func (u *unwrapped) handOn(held func() []unwrap.Piece) {
	later := u.stream.Later()
	if pieces := held(); later || u.stream.Later() {
		u.put(pieces, nil)
	} else {
		u.give(pieces, nil)
	}
}

// give puts pieces into the queue; or where nothing is taken off, the chunks that
// were held back until that was known.
func (u *unwrapped) give(pieces []unwrap.Piece, from *record.Chunk) {
	if u.stream.Plain() || u.stream.Passing() {
		u.asTheyAre()
		return
	}
	u.put(pieces, from)
}

// put puts pieces into the queue, as chunks.
func (u *unwrapped) put(pieces []unwrap.Piece, from *record.Chunk) {
	u.tell()
	names := append(slices.Clip(u.outer), u.stream.Unwrapped()...)
	for i, p := range pieces {
		u.listen(p.Data)
		c := &record.Chunk{Origin: u.origin, Live: u.live, Unwrapped: names, Data: slices.Clone(p.Data)}
		if p.AsIs {
			c.Unwrapped = u.outer
		}
		if !p.Time.IsZero() {
			c.Time = p.Time.Format(time.RFC3339Nano)
		}
		if from != nil && from.Time != "" && (i == 0 || c.Time == "") {
			c.Time = from.Time
		}
		if from != nil && i == len(pieces)-1 {
			c.End = from.End
		}
		u.origin.Offset += int64(len(p.Data))
		u.queue = append(u.queue, c)
	}
	u.held = nil
}

// asTheyAre gives the chunks that were held back.
func (u *unwrapped) asTheyAre() {
	for _, r := range u.held {
		data := r.(*record.Chunk).Data
		u.listen(data)
		u.origin.Offset += int64(len(data))
	}
	u.queue = append(u.queue, u.held...)
	u.held = nil
}

// listen names bytes that are no meter's. Of a live line its watch does that.
func (u *unwrapped) listen(data []byte) {
	if !u.live {
		u.sayOf(u.naming.take(data))
	}
}

func (u *unwrapped) sayOf(text string) {
	if text != "" {
		u.say(u.name + ": " + text)
	}
}

// tell says once what is taken off.
func (u *unwrapped) tell() {
	if u.told || len(u.stream.Unwrapped()) == 0 {
		return
	}
	u.told = true
	where := ""
	if at, line := u.stream.Begins(); at > 0 {
		where = fmt.Sprintf("from byte %d on, where a line begins with %q: ", at, line)
	}
	for _, text := range u.stream.Says() {
		u.say(u.name + ": " + where + text)
	}
}

// flush gives what was held back, before a gap and at the end of a byte stream.
func (u *unwrapped) flush() {
	if u.stream.Plain() || !u.stream.Holds() && !u.stream.Decided() {
		return
	}
	u.handOn(u.stream.End)
}

// finish flushes, and says what was not of the form that the others have.
func (u *unwrapped) finish() {
	u.flush()
	if !u.live {
		u.sayOf(u.naming.end())
	}
	if n, first := u.stream.Misfits(); n > 0 {
		u.say(fmt.Sprintf("%s: %s, the first is %s: passed on as they are%s", u.name, misfits(n), u.place(first), others(n)))
	}
	if names := u.stream.Unproved(); names != nil {
		u.say(fmt.Sprintf("%s: it looks like text in %s, but no CRC of a telegram holds when it is read back: left as it is; --unwrap %s reads it back all the same",
			u.name, names[len(names)-1], strings.ToLower(strings.ReplaceAll(strings.Join(names, ","), " ", "-"))))
	}
	if h := u.stream.Missing(); h.Bytes > 0 {
		u.say(fmt.Sprintf("%s: lines of the dump are missing, by its addresses %d bytes: the first at address %X (hex), before %s", u.name, h.Bytes, h.First, u.place(h.Line)))
	}
	if n, first := u.stream.Cut(); n > 0 {
		u.say(fmt.Sprintf("%s: %s is longer than 256 KiB: read in parts, and a telegram at the place of a cut may be damaged", u.name, u.place(first)))
	}
	if n, first := u.stream.LeftOut(); n > 0 {
		u.say(fmt.Sprintf("%s: %s the meter's text, the first is %s: left out", u.name, lacking(n), u.place(first)))
	}
}

// place names a line of the file, or one behind the place where the first form begins.
func (u *unwrapped) place(line int64) string {
	if at, _ := u.stream.Begins(); at > 0 {
		return fmt.Sprintf("line %d from there on", line)
	}
	return fmt.Sprintf("line %d", line)
}

// others says what to do where so many lines do not fit that they may be another
// program's.
func others(n int64) string {
	const many = 20
	if n < many {
		return ""
	}
	return "; where those have another form, give them as a file of their own"
}

func lacking(n int64) string {
	if n == 1 {
		return "1 JSON object has no field with"
	}
	return fmt.Sprintf("%d JSON objects have no field with", n)
}

func misfits(n int64) string {
	if n == 1 {
		return "1 line does not have that form"
	}
	return fmt.Sprintf("%d lines do not have that form", n)
}

// Ready reports whether Next will return without waiting.
func (u *unwrapped) Ready() bool {
	if len(u.queue) == 0 && (u.stream.Plain() || u.replays()) {
		return u.Source.Ready()
	}
	for len(u.queue) == 0 && u.err == nil && u.Source.Ready() {
		if r, _ := u.step(context.Background()); r != nil {
			u.queue = append(u.queue, record.Keep(r))
		}
	}
	return len(u.queue) > 0 || u.err != nil
}
