package pseudonym

import (
	"bytes"
	"iter"
	"slices"

	"p1/pkg/telegram"
)

// whole rewrites a telegram that is as the meter sent it.
func (k *known) whole(raw []byte) []byte {
	t := telegram.Parse(raw)
	out := bytes.Clone(raw)
	for _, s := range namesOf(t) {
		k.hide(s.Of(out))
	}
	for _, s := range k.mentions(t) {
		k.hide(s.Of(out))
	}
	return out
}

// mentions returns the numbers of a telegram that are in an identifier of it too,
// or hold one, on lines that are no readings.
//
//	0-0:96.13.0(Meter 7776772044)
//	            └───────┬──────┘ 0-0:96.1.0(7776772044)
func (k *known) mentions(t *telegram.Telegram) []telegram.Span {
	if len(k.secrets) == 0 {
		return nil
	}
	var spans []telegram.Span
	for i := range t.Lines {
		if i > 0 || t.Header() == nil {
			spans = append(spans, k.mentioned(t.Raw, &t.Lines[i])...)
		}
	}
	return spans
}

// mentioned returns those of a line.
func (k *known) mentioned(raw []byte, l *telegram.Line) []telegram.Span {
	code := string(l.Code.Of(raw))
	if names(code) || reads(code) {
		return nil
	}
	var spans []telegram.Span
	for at := l.Start + len(code); at < l.End; {
		n := number(raw[at:l.End])
		if s := (telegram.Span{Start: at, End: at + n}); n >= enoughDigits && k.secrets.in(s.Of(raw)) {
			spans = append(spans, s)
		}
		at += n + 1
	}
	return spans
}

// number returns the length of the number that text begins with, or of one whose
// digits stand in hex.
func number(text []byte) int {
	n := 0
	for n+1 < len(text) && text[n] == '3' && telegram.IsDigit(text[n+1]) {
		n += 2
	}
	if n >= hexSecretLen {
		return n
	}
	return digits(text)
}

// reads reports whether the values of an OBIS code are readings or times, whose
// digits may be like those of an identifier by chance.
func reads(code string) bool {
	switch telegram.Lookup(code).Kind {
	case telegram.Register, telegram.Instant, telegram.KindClock, telegram.History:
		return true
	}
	return false
}

// A draft is a text while it is rewritten.
type draft struct {
	*known
	*outline
	in, out []byte
	state   []state // of each byte
	places  []place // in order
}

// state of a byte in a draft.
type state uint8

const (
	open    state = iota // nothing is known of it
	guarded              // in a line that names nobody
	done                 // in a name that has been dealt with
)

// A place is where a line of the outline stands.
type place struct{ at, end, line int }

// damaged rewrites a telegram that is not as the meter sent it, or, unless lines
// is set, bytes that belong to none.
//
//	0-0:1.0.0(260301000000W)     guarded: known by its code
//	0-0:96.1 0(77767~72044)      found: like a name that is known
//	0-0:42.0.ÂÊR¥                not found where it should be: overwritten
//	0-0:96.14.0(0002)            guarded
func (k *known) damaged(raw []byte, lines bool) []byte {
	d := &draft{known: k, outline: k.outlineOf(raw), in: raw, out: bytes.Clone(raw), state: make([]state, len(raw))}
	d.exact()
	if lines {
		d.guard()
		d.another()
	}
	d.similar()
	if lines {
		d.missing(d.fit)
		d.own()
		d.missing(d.blank)
	} else {
		d.clearTitles(d.out)
		d.garbage()
	}
	d.leftover()
	return d.out
}

// exact finds names as they were sent.
func (d *draft) exact() {
	for _, n := range d.names {
		for at := 0; at+len(n.line) <= len(d.in); at++ {
			i := bytes.Index(d.in[at:], n.line)
			if i < 0 {
				break
			}
			at += i
			if d.free(at, at+len(n.line)) {
				copy(d.out[at:], n.hidden)
				d.found(at, at+len(n.line), done, d.lineOf(n))
			}
		}
	}
}

// free reports whether nothing is known yet of in[from:to].
func (d *draft) free(from, to int) bool {
	return d.openTo(from) >= to
}

// openTo returns where the bytes end that nothing is known of.
func (d *draft) openTo(from int) int {
	for from < len(d.state) && d.state[from] == open {
		from++
	}
	return from
}

// found notes that in[from:to] is a line of the outline.
func (d *draft) found(from, to int, s state, line int) {
	for i := from; i < to; i++ {
		d.state[i] = s
	}
	if line < 0 {
		return
	}
	i := len(d.places)
	for i > 0 && d.places[i-1].at > from {
		i--
	}
	d.places = append(d.places, place{})
	copy(d.places[i+1:], d.places[i:])
	d.places[i] = place{from, to, line}
}

// lineOf returns which line of the outline a name is, or -1.
func (d *draft) lineOf(n *name) int {
	for i, p := range d.lines {
		if p.name == n {
			return i
		}
	}
	return -1
}

// guard finds the lines that name nobody by their codes.
func (d *draft) guard() {
	for at := 0; at < len(d.in); at++ {
		if at > 0 && telegram.IsDigit(d.in[at-1]) || d.state[at] != open {
			continue
		}
		n := telegram.CodeLen(d.in[at:])
		if n == 0 {
			continue
		}
		code := string(d.in[at : at+n])
		longest, ok := d.plain[code]
		if !ok {
			continue
		}
		limit := min(at+longest+2, d.openTo(at))
		end := d.valuesEnd(at+n, limit)
		if !reads(code) && d.secrets.in(d.in[at:end]) {
			continue
		}
		if rest := untilEnd(d.in[end:limit]); !d.secrets.in(rest) {
			end += len(rest) // a '(' or ')' is damaged
		}
		d.found(at, end, guarded, d.codeLine(code))
		at = end - 1
	}
}

// valuesEnd returns where the values that begin at in[at] end: after their
// parentheses, at the end of the line, or at the limit.
func (d *draft) valuesEnd(at, limit int) int {
	for at < limit && d.in[at] == '(' {
		n := bytes.IndexAny(d.in[at:limit], ")\r\n")
		if n < 0 {
			return limit
		}
		at += n
		if d.in[at] == ')' {
			at++
		}
	}
	return at
}

// untilEnd returns the text up to the end of its first line.
func untilEnd(text []byte) []byte {
	if n := bytes.IndexAny(text, "\r\n"); n >= 0 {
		return text[:n]
	}
	return text
}

// codeLine returns which line of the outline has the code.
func (d *draft) codeLine(code string) int {
	for i, p := range d.lines {
		if p.code == code && p.name == nil {
			return i
		}
	}
	return -1
}

// another takes lines that keep the form of a known name, and have too many other digits for
// damage, for the names of another meter. Where digits stand for digits no byte is missing.
//
//	known  0-0:96.1.0(7719641845)
//	other  0-0:96.1.0(7798590396)
func (d *draft) another() {
	for l, header := range d.unknown() {
		spans := valuesOf(d.in, l)
		if header {
			spans = headerNumbers(d.in, l.Span)
		}
		code := string(l.Code.Of(d.in))
		n := slices.IndexFunc(d.lines, func(p part) bool { return p.named && p.code == code && p.isOther(l.Of(d.in)) })
		if n >= 0 && len(spans) > 0 {
			d.hideAll(spans)
			d.found(l.Start, l.End, done, n)
		}
	}
}

// unknown goes through the header and the lines with a code of which nothing is known yet, and
// says which one is the header.
func (d *draft) unknown() iter.Seq2[*telegram.Line, bool] {
	return func(yield func(*telegram.Line, bool) bool) {
		t := telegram.Parse(d.in)
		for i := range t.Lines {
			l := &t.Lines[i]
			header := i == 0 && telegram.IsHeader(t.Header())
			if (header || l.Code.End > 0) && d.free(l.Start, l.End) && !yield(l, header) {
				return
			}
		}
	}
}

// hideAll writes pseudonyms over identifiers.
func (d *draft) hideAll(spans []telegram.Span) {
	for _, s := range spans {
		d.hide(s.Of(d.out))
	}
}

// isOther reports whether a text has the form of a part, and other identifiers: more than a third
// of what those are differs.
func (p *part) isOther(text []byte) bool {
	if len(text) != len(p.text) {
		return false
	}
	for i, c := range text {
		if !telegram.Alike(c, p.text[i]) && c != p.text[i] {
			return false
		}
	}
	other, all := 0, 0
	for _, s := range p.spans {
		all += s.End - s.Start
		for i := s.Start; i < s.End; i++ {
			if text[i] != p.text[i] {
				other++
			}
		}
	}
	return other*3 > all
}

// similar finds damaged names.
func (d *draft) similar() {
	for from := 0; from < len(d.in); {
		if d.state[from] != open {
			from++
			continue
		}
		to := d.openTo(from)
		if !d.mostSimilar(from, to) {
			from = to
		}
	}
}

// mostSimilar finds the name that something in in[from:to] is most like. A name
// that should stand there by what stands around it may be a third wrong, and any
// other one half as much.
func (d *draft) mostSimilar(from, to int) bool {
	to = min(to, from+maxSimilar)
	here := d.between(d.around(from))
	var best alignment
	var like *name
	for _, n := range d.names {
		limit := costChanged * len(n.line) / 3
		if len(d.places) > 0 && !slices.ContainsFunc(here, func(p part) bool { return p.name == n }) {
			limit /= 2
		}
		if to-from < len(n.line)-limit {
			continue
		}
		if lowestCost(n.line, d.in[from:to], true, limit) > limit {
			continue
		}
		a := align(n.line, d.in[from:to], true)
		bytes, wrong := a.hit(n.line, d.in[from:to], n.from, n.to)
		if a.cost > limit || (bytes-wrong)*2 < n.to-n.from || wrong*3 > bytes {
			continue
		}
		if like == nil || a.cost*len(like.line) < best.cost*len(n.line) {
			best, like = a, n
		}
	}
	if like == nil {
		return false
	}
	d.carry(from, best, like.line, like.hidden)
	d.found(from+best.start, from+best.end, done, d.lineOf(like))
	return true
}

// maxSimilar bounds the text that is looked through at once.
const maxSimilar = 8 << 10

// carry writes what becomes of the pseudonyms where names were damaged.
func (d *draft) carry(from int, a alignment, line, hidden []byte) {
	for k, of := range a.of {
		if at := from + a.start + k; of != none {
			d.out[at] = damaged(line[of], d.in[at], hidden[of])
		}
	}
}

// around returns the places before and after in[at].
func (d *draft) around(at int) (before, after place) {
	before, after = place{line: -1}, place{at: len(d.in), line: len(d.lines)}
	for _, p := range d.places {
		if p.at > at {
			return before, p
		}
		before = p
	}
	return before, after
}

// between returns the lines of the outline that should stand between two places,
// all round the outline where the second one is of the next telegram.
func (d *draft) between(before, after place) []part {
	if after.line > before.line {
		return d.lines[before.line+1 : after.line]
	}
	return slices.Concat(d.lines[before.line+1:], d.lines[:after.line])
}

// missing calls f for the gaps between lines of the outline in which one with a
// name should stand.
func (d *draft) missing(f func(from, to int, lines []part)) {
	for from := 0; from < len(d.in); {
		before, after := d.around(from)
		if lines := d.between(before, after); hides(lines) && before.end < after.at {
			f(before.end, after.at, lines)
		}
		from = max(after.at, from+1)
	}
}

// hides reports whether one of the lines has something to hide.
func hides(lines []part) bool {
	for _, p := range lines {
		if p.name != nil && p.name.changed() {
			return true
		}
	}
	return false
}

// maxFit bounds the work of fitting lines into a gap.
const maxFit = 1 << 20

// fit takes what stands in a gap for what is left of the lines that are missing
// there, if most of what should be identifiers is.
func (d *draft) fit(from, to int, lines []part) {
	if d.openTo(from) < to {
		return
	}
	sent, hidden := []byte("\r\n"), []byte("\r\n")
	type reach struct {
		name     *name
		from, to int
		line     int
	}
	var reaches []reach
	for _, p := range lines {
		text := p.text
		if p.name != nil {
			reaches = append(reaches, reach{p.name, len(sent) + p.name.from, len(sent) + p.name.to, 0})
			text = p.name.hidden
		}
		sent = append(append(sent, p.text...), '\r', '\n')
		hidden = append(append(hidden, text...), '\r', '\n')
	}
	if (to-from+1)*(len(sent)+1) > maxFit {
		return
	}
	a := align(sent, d.in[from:to], false)
	if bytes, wrong := a.hit(sent, d.in[from:to], 0, len(sent)); wrong > bytes/5+2 {
		return // another meter's lines, or bytes out of step
	}
	for _, r := range reaches {
		if bytes, wrong := a.hit(sent, d.in[from:to], r.from, r.to); wrong*3 > bytes {
			return
		}
	}
	d.carry(from, a, sent, hidden)
	d.found(from, to, done, -1)
}

// own takes lines with the code of a name, and with a text that no known one has,
// for names of their own. Other lines that keep the grammar name nobody.
func (d *draft) own() {
	for l, header := range d.unknown() {
		var spans []telegram.Span
		switch {
		case header:
			spans = headerNumbers(d.in, l.Span)
		case !d.misread(l):
			spans = append(valuesOf(d.in, l), d.mentioned(d.in, l)...)
		}
		d.hideAll(spans)
		if len(spans) > 0 || !d.secrets.in(l.Of(d.in)) {
			d.found(l.Start, l.End, done, -1)
		}
	}
}

// misread reports whether a line is one that names nobody and should stand there,
// with a damaged code.
//
//	0-0:0.0.0(260301000007W)     between the header and 0-0:42.0.0: the clock
func (d *draft) misread(l *telegram.Line) bool {
	code := string(l.Code.Of(d.in))
	if l.Code.End == 0 || slices.ContainsFunc(d.lines, func(p part) bool { return p.named && p.code == code }) {
		return false
	}
	before, after := d.around(l.Start)
	text := l.Of(d.in)
	count := countBytes(text)
	return slices.ContainsFunc(d.between(before, after), func(p part) bool {
		limit := costChanged * len(p.text) / 3
		return !p.named && count.apart(p.count) <= limit && lowestCost(p.text, text, false, limit) <= limit
	})
}

// blankByte overwrites what could tell an identifier.
const blankByte = '?'

// blank overwrites what is left in a gap, if there is enough to hold six digits.
func (d *draft) blank(from, to int, _ []part) {
	for ; from < to; from++ {
		if d.state[from] != open {
			continue
		}
		end := min(d.openTo(from), to)
		could := 0
		for _, c := range d.in[from:end] {
			if couldBeDigit(c) {
				could++
			}
		}
		if could >= enoughDigits {
			d.overwrite(from, end)
		}
		from = end
	}
}

// overwrite leaves what shows where records begin and end.
func (d *draft) overwrite(from, to int) {
	for i := from; i < to; i++ {
		switch d.in[i] {
		case '\r', '\n', '/', '!':
		default:
			d.out[i] = blankByte
		}
	}
}

// couldBeDigit reports whether a damaged digit may read so.
func couldBeDigit(c byte) bool {
	return telegram.IsDigit(c) || c < ' ' && c != '\r' && c != '\n' || c > '~' || bytes.IndexByte([]byte(" \"$&`bdfhjlnpr"), c) >= 0
}

// garbage overwrites long runs of bytes that are no text: a receiver out of step
// gives the bits of digits anew, and they can be worked out.
func (d *draft) garbage() {
	for from := 0; from < len(d.in); from++ {
		end, odd := from, 0
		for i := from; i < len(d.in) && i-end < enoughDigits; i++ {
			if c := d.in[i]; c > '~' || c < ' ' && c != '\r' && c != '\n' && c != '\t' {
				end = i + 1
				odd++
			}
		}
		if odd >= enoughDigits {
			d.overwrite(from, end)
		}
		from = max(from, end-1)
	}
}

// leftover overwrites what is left of identifiers, where nothing else was found.
func (d *draft) leftover() {
	for at := range d.in {
		if d.state[at] == open {
			if n := d.secrets.at(d.in[at:]); n > 0 && d.free(at, at+n) {
				d.overwrite(at, at+n)
			}
		}
	}
}
