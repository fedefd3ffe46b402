package diagnose

import (
	"bytes"
	"slices"

	"p1/pkg/channel"
	"p1/pkg/display"
	"p1/pkg/noise/verdict"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Options are what the user knows of the line.
type Options struct {
	Receiver string  // one of Receivers; empty is unknown
	Since    Instant // telegrams before that time do not count; zero: all do
	Marks    []Mark  // changes that were made
}

// Diagnoser gathers the evidence.
type Diagnoser struct {
	options Options
	stream  verdict.Stream
	source  string
	streams int
	sources map[string]bool // their names, as far as they are counted
	apart   apart

	last       verdict.Moment        // the last verified time of the stream
	pending    Tally                 // telegrams of the stream before its first verified time
	references map[string]*reference // of each meter, by its header
	waiting    []*record.Telegram    // damaged ones of the stream that no reference is there for

	totals   Totals
	hits     hitTable
	prices   prices
	sent     [256]int64 // bytes of telegrams that were examined
	parts    [folds]fold
	examined int // telegrams
	runs     map[Signature]int64
	several  runs   // that may have come about in several ways
	noise    []byte // the beginning of what belongs to no telegram
	received int64  // bytes that belong to no telegram, whenever they came
	headers  int64  // bytes that loggers wrote before what they logged, which are none of these
	printing bool   // nothing but printable output was received
	sevenBit bool   // no byte from 0x80 on was received
	parity   int64  // telegrams with parity bits
	logger   map[string]int64
	gaps     map[string]int64
	signed   int64 // telegrams that have a CRC that nobody knows
	skipped  int64 // telegrams from before the time from which on they count
	fixed    bool  // p1fix was there

	strange     strange
	between     map[string]between // texts between telegrams, by their form
	program     int64              // times that a program wrote there
	programSays string             // the first of that
	beside      int64              // events that are printable text between telegrams

	places  *places
	spread  *spread
	rhythm  rhythm
	pace    pace
	worst   worst
	sampled *record.Telegram
}

// reference is what telegrams with one header are compared with.
type reference struct {
	last     *record.Telegram // the last valid one
	expected *expected        // made of it when it is needed
	grams    *grams           // of the expected text, made when they are needed
	agreed   bool             // nobody has seen it: it is what damaged ones agree on, line by line
	masked   string           // the text of the last one, where no CRC says that it is whole
}

// maxReferences is how many headers are kept apart.
const maxReferences = 64

// maxSources is up to how many sources are counted.
const maxSources = 1000

// maxQuoted is how many characters of a source, a reason or a name are repeated.
const maxQuoted = 200

// New returns a Diagnoser that has seen nothing.
func New(o Options) *Diagnoser {
	return &Diagnoser{
		options:    o,
		prices:     prices{of: map[byte]*[256]float64{}},
		references: map[string]*reference{},
		sources:    map[string]bool{},
		runs:       map[Signature]int64{},
		logger:     map[string]int64{},
		gaps:       map[string]int64{},
		between:    map[string]between{},
		printing:   true,
		sevenBit:   true,
		places:     newPlaces(),
		spread:     newSpread(o),
	}
}

// Take takes the next record. It fails with [record.ErrChunks] for a chunk.
func (d *Diagnoser) Take(r record.Record) error {
	switch r.(type) {
	case *record.Chunk:
		return record.ErrChunks
	case *record.Telegram, *record.Noise, *record.Gap:
		if d.stream.Enter(r.Where()) {
			d.apart.begin(r.Where(), d)
			d.begin(r.Where())
		}
	}
	if err := d.apart.take(r); err != nil {
		return err
	}
	switch r := r.(type) {
	case *record.Telegram:
		d.telegram(r)
	case *record.Noise:
		d.takeNoise(r)
	case *record.Gap:
		d.totals.Gaps++
		d.gap(r.Why)
	}
	return nil
}

func (d *Diagnoser) begin(o record.Origin) {
	if d.streams == 0 {
		d.source = display.Short(o.Source, maxQuoted)
	}
	d.streams++
	if len(d.sources) <= maxSources {
		d.sources[o.Source] = true
	}
	d.finish()
	d.last = verdict.Moment{}
	d.pace.rest()
	clear(d.references)
}

// telegram counts a telegram and what the line did to it.
func (d *Diagnoser) telegram(t *record.Telegram) {
	t = record.Keep(t).(*record.Telegram) // most of them are kept, until the next one
	parts := telegram.Parse(t.Raw)
	d.strange.takeTelegram(t)
	d.fixed = d.fixed || t.Status == record.Repaired || t.Status == record.Salvaged || t.Status == record.Lost
	if d.early(verdict.OwnTime(t, parts)) {
		d.skipped++
		d.learn(t, parts)
		return
	}
	d.look(t)
	d.count(t)
	if d.referenceOf(parts) == nil && d.needsReference(t) {
		if d.waiting = append(d.waiting, t); len(d.waiting) == maxWaiting {
			d.agree()
		}
		return
	}
	if d.valid(t) {
		d.learn(t, parts)
		d.examineWaiting()
	}
	d.take(t, parts)
}

// take counts what the line did to a telegram.
func (d *Diagnoser) take(t *record.Telegram, parts *telegram.Telegram) {
	own := verdict.OwnTime(t, parts)
	x := d.examine(t, parts)
	l := layoutOf(x.sent)
	hits := 0
	d.prices.stretches.left, d.prices.stretches.printable = perTelegram, d.printing
	if x.cut {
		d.runs[Cut]++
		hits++
	}
	for i := range x.events {
		hits += d.countEvent(x.sent, &l, &x.events[i])
	}
	d.expose(t, x)
	d.totals.Events += int64(hits)
	one := d.tally(t, hits, x)
	if x.known {
		d.places.sent(&l)
		for _, c := range x.sent {
			d.sent[c]++
		}
	}
	d.worst.offer(t, x.sent, x.events, hits, own)
	d.rhythm.add(hits)
	d.attribute(t, own, one)
}

// expose counts the bytes of a telegram of which it is known what was sent: of one that was
// not repaired these are not its digits.
func (d *Diagnoser) expose(t *record.Telegram, x examination) {
	if !x.known {
		return
	}
	part := d.part()
	d.examined++
	if t.Status == record.Repaired || !verdict.Damaged(t) {
		for _, c := range x.sent {
			part.sent[c]++
		}
		return
	}
	var known telegram.Template
	known.Set(x.sent)
	for i, c := range x.sent {
		if !known.Digit(i) {
			part.sent[c]++
		}
	}
}

// part is the one that the next telegram belongs to.
func (d *Diagnoser) part() *fold { return &d.parts[d.examined%folds] }

// needsReference reports whether a telegram has to be compared with another one.
func (d *Diagnoser) needsReference(t *record.Telegram) bool {
	return t.Status != record.Repaired && verdict.Damaged(t) && !d.unverifiable(t)
}

// valid reports whether a telegram shows what others should be.
func (d *Diagnoser) valid(t *record.Telegram) bool {
	return (t.Status.Valid() || d.unverifiable(t)) && t.Suspect == ""
}

// examineWaiting takes the damaged telegrams that have waited.
func (d *Diagnoser) examineWaiting() {
	waiting := d.waiting
	d.waiting = nil
	for _, t := range waiting {
		d.take(t, telegram.Parse(t.Raw))
	}
}

// agree makes a reference of the telegrams that wait, and compares them with it.
func (d *Diagnoser) agree() {
	if t := commonLines(d.waiting); t != nil {
		d.references[""] = &reference{last: t, agreed: true}
		d.sampled = t
	}
	d.examineWaiting()
}

// finish ends a stream.
func (d *Diagnoser) finish() {
	if len(d.waiting) > 0 {
		d.agree()
	}
	d.spread.unknown.add(d.pending)
	d.pending = Tally{}
}

// early reports whether a telegram comes before the time from which on they count.
func (d *Diagnoser) early(own verdict.Moment) bool {
	if d.options.Since.IsZero() {
		return false
	}
	at := own
	if !at.Known {
		at = d.last
	}
	return !at.Known || d.options.Since.After(at.Clock.Time)
}

// look notes which bytes the logger lets through.
func (d *Diagnoser) look(t *record.Telegram) {
	if !d.printing && !d.sevenBit {
		return
	}
	received, err := record.Undo(t.Raw, t.Edits)
	if err != nil {
		received = t.Raw
	}
	for _, c := range received {
		d.sevenBit = d.sevenBit && c < 0x80
		d.printing = d.printing && channel.Printable(c)
	}
}

// count adds a telegram to the totals, and what is to be said of it that is no damage.
func (d *Diagnoser) count(t *record.Telegram) {
	d.totals.Telegrams++
	if received, err := t.Received(); err == nil {
		d.totals.Bytes += int64(len(received))
	}
	if t.Suspect != "" {
		d.totals.Suspect++
	}
	if hasParity(t) {
		d.parity++
	}
	if t.EOL == record.EOLLF {
		d.logger["CR is missing at the line ends"]++
	}
	for _, e := range t.Edits {
		if e.By == record.ByLogger {
			d.logger[loggerEdit(e)]++
		}
	}
}

// tally counts a telegram by what became of it.
func (d *Diagnoser) tally(t *record.Telegram, hits int, x examination) Tally {
	one := Tally{Telegrams: 1, Events: int64(hits), Bytes: int64(len(t.Raw))}
	unchecked := x.agreed || t.CRC != record.CRCARC && t.CRC != record.CRCX25
	switch {
	case !verdict.Damaged(t) || verdict.LoggerOnly(t):
		d.totals.Intact++
		if t.Status == record.Unchecked {
			d.totals.Unchecked++
		}
	case !contradicts(t) && (d.unverifiable(t) || unchecked && x.known && !x.mute && hits == 0):
		d.totals.Unknown++
		if t.CRCSent != "" {
			d.signed++
		}
	case t.Status == record.Repaired:
		d.totals.Repaired++
		one.Damaged = 1
	default:
		d.totals.Remaining++
		one.Damaged, one.Remaining = 1, 1
		if t.Status == record.Salvaged {
			d.totals.Salvaged++
		}
	}
	return one
}

// contradicts reports whether a telegram of a meter that sends no CRC has lines that contradict
// what the meter said before, which is why the others alone are handed on.
func contradicts(t *record.Telegram) bool {
	return t.CRC == record.CRCNone && t.Status == record.Salvaged
}

// unverifiable reports whether a telegram is not valid for no other reason than that
// nobody knows its CRC.
func (d *Diagnoser) unverifiable(t *record.Telegram) bool {
	return (t.CRC == record.CRCUnknown || t.CRC == record.CRCNone) && !t.Status.Valid() && telegram.Check(asSent(t)) == nil
}

// asSent is what was received, with the line ends that the logger has changed put
// right: nobody repairs those of a stream without a known CRC.
func asSent(t *record.Telegram) []byte {
	received, err := record.Undo(t.Raw, t.Edits)
	if err != nil {
		received = t.Raw
	}
	if t.EOL == record.EOLLF || len(t.Edits) > 0 {
		return received
	}
	undone, _ := channel.LineEnds(received).Undo(received)
	return undone
}

// hasParity reports whether parity bits were taken off a telegram.
func hasParity(t *record.Telegram) bool {
	if len(t.ReceivedRaw) == 0 {
		return false
	}
	raw, err := record.Undo(t.Raw, t.Edits)
	if err != nil || len(raw) != len(t.ReceivedRaw) {
		return false
	}
	for i, c := range t.ReceivedRaw {
		if c&0x7F != raw[i] {
			return false
		}
	}
	return true
}

// loggerEdit says what a logger did.
func loggerEdit(e record.Edit) string {
	switch {
	case len(e.Got) == 0 && len(e.Now) >= telegram.MinFill:
		return "bytes outside of printable text are left out"
	case len(e.Got) == 0 && bytes.HasSuffix(e.Now, []byte("\r\n")):
		return "the empty line behind the header is left out"
	case len(e.Got) == 0:
		return "line ends are changed or bytes are left out"
	case bytes.ContainsAny(e.Got, "\r\n") && len(e.Got) <= 3:
		return "line ends are changed"
	}
	return "bytes from 0x80 on are encoded anew"
}

// examine says what the line did to a telegram: nothing is known of one that was not
// repaired where no valid one is there to hold it against.
func (d *Diagnoser) examine(t *record.Telegram, parts *telegram.Telegram) examination {
	switch {
	case t.Status == record.Repaired:
		return examination{sent: t.Raw, events: group(hitsOf(t), t.Raw), known: true}
	case !verdict.Damaged(t) || d.unverifiable(t):
		return examination{sent: t.Raw, known: true}
	}
	r := d.referenceOf(parts)
	if r == nil {
		d.totals.Unexamined++
		return examination{}
	}
	received := asSent(t)
	if t.EOL == record.EOLLF {
		received = bytes.ReplaceAll(received, []byte{'\r'}, nil)
	}
	x := examination{sent: r.last.Raw, agreed: r.agreed}
	e := r.expect()
	if c, ok := e.compare(received); ok && !r.agreed {
		x.cut = c.front+c.back > 0
		x.events, x.known = group(c.hits, x.sent), true
	} else if one, ok := e.garbled(received); ok && !r.agreed {
		x.events, x.known = []event{one}, true
	} else if hits, found, mute := e.compareLines(received); found > 0 {
		if r.agreed { // nobody knows how many bytes its lines have
			hits = slices.DeleteFunc(hits, func(h hit) bool { return h.sent == nothing })
		}
		x.events = group(hits, x.sent)
		x.known, x.mute = found*2 >= len(e.Text), mute > 0
	} else {
		d.totals.Unexamined++
	}
	return x
}

// referenceOf returns that of telegrams with this header, or the only one there is.
func (d *Diagnoser) referenceOf(parts *telegram.Telegram) *reference {
	if r := d.references[string(parts.Header())]; r != nil {
		return r
	}
	if r := d.references[""]; r != nil && len(d.references) > 1 {
		delete(d.references, "") // there is better evidence by now
	}
	for _, r := range d.references {
		if len(d.references) == 1 {
			return r
		}
	}
	return nil
}

func (r *reference) expect() *expected {
	if r.expected == nil {
		r.expected = newExpected(r.last)
	}
	return r.expected
}

// learn keeps a valid telegram for those to come, and its time.
func (d *Diagnoser) learn(t *record.Telegram, parts *telegram.Telegram) {
	if own := verdict.OwnTime(t, parts); verdict.Verified(t, own) {
		d.last = own
	}
	if d.valid(t) {
		d.know(t, parts)
	}
}

// know makes a telegram the reference of its meter.
func (d *Diagnoser) know(t *record.Telegram, parts *telegram.Telegram) {
	header := parts.Header()
	r := d.references[string(header)]
	if r == nil {
		if len(d.references) >= maxReferences {
			return
		}
		r = &reference{}
		d.references[string(header)] = r
	}
	if t.Status == record.Unchecked || !t.Status.Valid() {
		// Lost digits do not show in one, but the next one has them.
		masked := string(telegram.Masked(t.Raw))
		agrees := masked == r.masked
		r.masked = masked
		if r.last != nil && !agrees {
			return
		}
	}
	r.last, r.expected, r.grams = t, nil, nil
	d.sampled = t
}

// countEvent counts an event of a telegram, and returns how many hits of the line it
// is: one for a run, else one for each byte that was hit.
func (d *Diagnoser) countEvent(sent []byte, l *layout, e *event) int {
	if run, is := e.runOf(sent, &d.prices, d.printing); is {
		d.several.add(run)
		d.places.hit(l, e.at, e.hits[0].placed(sent))
		return 1
	}
	for _, h := range e.hits {
		d.places.hit(l, h.at, h.placed(sent))
		if h.sent == nothing {
			d.runs[Inserted]++
		} else {
			d.hits.add(h)
			if h.sent != anyDigit && h.got != nothing {
				d.part().hit(byte(h.sent), byte(h.got))
			}
		}
	}
	return len(e.hits)
}

// maxWhys is how many reasons for gaps are kept apart: the contract has four.
const maxWhys = 16

func (d *Diagnoser) gap(why string) {
	if _, known := d.gaps[why]; !known && len(d.gaps) >= maxWhys {
		why = "other"
	}
	d.gaps[why]++
}

// maxNoise is how much of what belongs to no telegram is kept.
const maxNoise = 4096

// takeNoise counts bytes that belong to no telegram.
func (d *Diagnoser) takeNoise(n *record.Noise) {
	if verdict.LoggerHeader(n.Data) {
		d.headers += int64(len(n.Data))
		return
	}
	d.received += int64(len(n.Data))
	if d.totals.Telegrams == 0 && !d.options.Since.IsZero() {
		return
	}
	d.totals.NoiseBytes += int64(len(n.Data))
	d.strange.take(n.Data)
	if room := maxNoise - len(d.noise); room > 0 {
		d.noise = append(d.noise, n.Data[:min(room, len(n.Data))]...)
	}
	if d.totals.Telegrams == 0 {
		return // before the first telegram: a log that begins in the middle of one
	}
	as := d.noiseAs(n.Data)
	if d.takenForText(n.Data, as) {
		return
	}
	if as != Cut && printableText(n.Data) {
		d.beside++
	}
	d.totals.Events++
	d.runs[as]++
}

// noiseAs says what the line would have done to leave bytes between telegrams.
func (d *Diagnoser) noiseAs(data []byte) Signature {
	switch {
	case len(data) <= closeBy:
		return Inserted
	case d.isPiece(data):
		return Cut
	}
	return Burst
}
