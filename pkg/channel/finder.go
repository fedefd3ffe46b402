package channel

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"

	"p1/pkg/crc"
	"p1/pkg/telegram"
)

const (
	// maxTelegrams bounds the time that is spent on a log where nothing helps.
	// One telegram that is damaged at random has a CRC that holds once in 32,768
	// times, and up to eight things that a logger may have done change it at all:
	// that three of 1,000 telegrams agree on one by accident happens once in
	// 20,000 logs. What is the same in all telegrams (a serial number that was
	// masked by hand) makes each of them agree with all or none: once in 4,000.
	// Where the kind of the CRC is not known, each happens twice as often.
	maxTelegrams = 1000
	// maxRuns bounds the runs of which the lost byte is looked for. There are 128
	// for it: that three of 64 agree on one by accident happens once in millions
	// of logs. Where something else is the same in all telegrams, one of the 128
	// agrees with all of them once in 256: nobody can tell the two apart.
	maxRuns = 64
)

// LoggerFinder finds what the logger of a log has done, from telegrams whose CRC
// does not hold: that under which the CRC of several different ones holds. It
// stays with what it has found. It belongs to one source, as another log may have
// another logger.
type LoggerFinder struct {
	votes  map[finding]int
	voted  map[string]bool // CRCs of the telegrams that have voted
	looked int             // telegrams that have been looked at
	runs   int
	fills  FillFinder
	// foreign counts characters that no byte makes, by coding.
	foreign map[*coding]int
	found   *finding
	// unprintable says that a telegram held a byte that PuTTY's printable
	// output drops.
	unprintable bool
}

// finding is what a logger may have done, with the kind of CRC that holds then.
type finding struct {
	Logger
	kind crc.Kind
}

// Found returns what the logger has done, once enough telegrams agree.
func (f *LoggerFinder) Found() (Logger, bool) {
	if f.found == nil {
		return Logger{}, false
	}
	return f.found.Logger, true
}

// Kind returns the kind of CRC that holds with what was found.
func (f *LoggerFinder) Kind() (crc.Kind, bool) {
	if f.found == nil {
		return crc.ARC, false
	}
	return f.found.kind, true
}

// Unprintable reports whether a telegram held a byte that a logger of printable
// output drops.
func (f *LoggerFinder) Unprintable() bool { return f.unprintable }

// Add lets a telegram vote whose CRC does not hold, damaged or not; sent is the
// CRC that it carries, four hex digits, of one of these kinds, or, where none is
// given, of any. Of telegrams with the same CRC the first one has a vote.
func (f *LoggerFinder) Add(raw []byte, sent string, kinds ...crc.Kind) {
	f.unprintable = f.unprintable || slices.ContainsFunc(raw, unprintable)
	want, err := strconv.ParseUint(sent, 16, 16)
	if err != nil || bytes.IndexByte(raw, '!') < 0 || f.found != nil || f.looked >= maxTelegrams || f.voted[sent] {
		return
	}
	if f.voted == nil {
		f.voted, f.votes, f.foreign = map[string]bool{}, map[finding]int{}, map[*coding]int{}
	}
	f.looked++
	v := voter{raw: raw, want: uint16(want), kinds: anyOf(kinds)}
	v.l = Logger{ends: endsOf(raw)}.withBlank(raw)
	v.plain, _ = v.l.Undo(raw)
	held := f.explain(v)
	if len(held) == 0 && telegram.Check(v.plain) == nil {
		if held = f.guess(v); len(held) == 0 {
			f.fill(v, sent, kinds)
		}
	}
	f.voted[sent] = len(held) > 0
	f.count(held)
}

func unprintable(b byte) bool { return !Printable(b) }

// voter is a telegram that says what the logger may have done.
type voter struct {
	raw   []byte
	want  uint16
	kinds []crc.Kind // of which the CRC may be
	l     Logger     // its ends of lines, and its empty line
	plain []byte     // the telegram with these undone
}

// add adds to what held a logger under which the CRC of the telegram, which was raw
// before, is the one that it carries.
func (v *voter) add(held []finding, l Logger, raw []byte) []finding {
	for _, kind := range v.kinds {
		if raw[0] == '/' && sum(kind, raw) == v.want {
			held = append(held, finding{l, kind})
		}
	}
	return held
}

// sum returns the CRC of a telegram, up to its '!'.
func sum(kind crc.Kind, raw []byte) uint16 {
	return kind.Sum(raw[:bytes.LastIndexByte(raw, '!')+1])
}

// explain returns what may have been done to the ends of lines and the characters.
func (f *LoggerFinder) explain(v voter) (held []finding) {
	if v.l != (Logger{}) {
		held = v.add(held, v.l, v.plain)
	}
	some, long := characters(v.plain)
	for i := range codings {
		l := v.l
		l.coding = &codings[i]
		if !some || !long && !l.coding.wide {
			continue
		}
		w := rewriter{rest: v.plain}
		f.foreign[l.coding] += l.coding.undo(&w)
		if raw, edits := w.done(); len(edits) > 0 {
			held = v.add(held, l, raw)
		}
	}
	return held
}

// characters reports whether there are bytes above 0x7F, and whether some of them
// are the UTF-8 of a character.
func characters(raw []byte) (some, long bool) {
	for i := ascii(raw); i < len(raw) && !long; i++ {
		_, n := utf8.DecodeRune(raw[i:])
		some = some || raw[i] >= utf8.RuneSelf
		long = n > 1
	}
	return some, long
}

// guess returns which byte may have been lost, where a symbol stands for it.
func (f *LoggerFinder) guess(v voter) (held []finding) {
	for _, text := range v.symbols() {
		if f.runs++; f.runs > maxRuns {
			break
		}
		for _, kind := range v.kinds {
			held = append(held, v.guess(text, kind)...)
		}
	}
	return held
}

// guess tries all bytes for which a symbol may stand. The CRC is linear: each bit
// of the byte changes it in its own way.
func (v *voter) guess(text string, kind crc.Kind) (held []finding) {
	const first = utf8.RuneSelf
	with := func(b int) uint16 {
		w := rewriter{rest: v.plain}
		symbol{text, byte(b)}.undo(&w)
		raw, _ := w.done()
		return sum(kind, raw)
	}
	sums := []uint16{with(first)}
	for k := range 7 {
		change := with(first|1<<k) ^ sums[0]
		for _, s := range sums {
			sums = append(sums, s^change)
		}
	}
	for i, s := range sums {
		if s == v.want && v.plain[0] == '/' {
			l := v.l
			l.symbol = symbol{text, byte(first + i)}
			held = append(held, finding{l, kind})
		}
	}
	return held
}

// fill looks for what may have been left out.
func (f *LoggerFinder) fill(v voter, sent string, kinds []crc.Kind) {
	f.fills.Add(v.plain, sent, kinds...)
	if fill, ok := f.fills.Found(); ok {
		l := v.l
		l.fill = fill
		f.found = &finding{l, f.fills.Kind()}
	}
}

// count counts the votes of a telegram, and takes what enough telegrams agree on;
// of codings that they do not tell apart, the one that most characters can be of.
func (f *LoggerFinder) count(held []finding) {
	for _, l := range held {
		f.votes[l]++
		if f.votes[l] < agreeing {
			continue
		}
		if f.found == nil || f.foreign[l.coding] < f.foreign[f.found.coding] {
			f.found = &l
		}
	}
}

// symbols returns what the messages of the telegram consist of, where that is a
// long run of one symbol that a logger may write for bytes it cannot tell apart:
// no letter or digit, no byte that it has left as it was, and no character that a
// coding makes of one byte.
func (v *voter) symbols() []string {
	var list []string
	t := telegram.Parse(v.plain)
	for _, l := range t.Lines {
		if len(l.Values) != 1 || !bytes.Contains(l.Code.Of(v.plain), []byte(":96.13.")) {
			continue
		}
		text := l.Values[0].Text.Of(v.plain)
		_, size := utf8.DecodeRune(text)
		if size == 0 || isWord(text[0]) || coded(text[:size]) {
			continue
		}
		s := symbol{text: string(text[:size])}
		if n := s.run(text); n >= telegram.MinFill && n*size == len(text) && !slices.Contains(list, s.text) {
			list = append(list, s.text)
		}
	}
	return list
}

// coded reports whether a byte or character above 0x7F can be told from others.
func coded(text []byte) bool {
	if len(text) == 1 {
		return text[0] >= utf8.RuneSelf
	}
	return slices.ContainsFunc(codings, func(c coding) bool {
		_, n, ok := c.read(text)
		return ok && n == len(text)
	})
}

// isWord reports whether b is a letter or a digit of ASCII.
func isWord(b byte) bool { return telegram.IsDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'z' }
