package repair

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// bootstrap learns the meter from damaged telegrams alone. What most of them
// agree on is the text that the meter sends; with that text put right, those
// whose digits are undamaged have a CRC that holds, perhaps once the logger's
// fill is found. It reports whether it has learned of telegrams of a new
// shape, or what the logger has done, and lists those that it has learned from.
func (f *Fixer) bootstrap(list []entry) (learned []confirmed, news bool) {
	var damaged []entry
	var raws [][]byte
	ends := f.lineEnds(list)
	for _, e := range list {
		t := e.record.(*record.Telegram)
		raw, _ := f.unlogged(&e)
		raw, _ = ends.Undo(raw)
		damaged = append(damaged, entry{record: &record.Telegram{Raw: raw, CRCSent: t.CRCSent}, seq: e.seq})
		if len(raws) < maxWitnesses {
			raws = append(raws, raw)
		}
	}
	text, steady := consensus(raws)
	f.witnesses.apart = text == nil
	if text == nil {
		return nil, false
	}
	if !complete(text) { // most of them have lost a part of it, which no CRC covers
		text = append(bytes.TrimRight(text, "\r\n"), "\r\n"...)
		steady = append(steady[:min(len(steady), len(text)-2)], true, true)[:len(text)]
	}
	shape := expect.NewShape(text)
	if shape.Bang < 0 {
		return nil, false
	}
	if learned, news = f.confirm(damaged, shape, steady); !news {
		return learned, false
	}
	if _, known := f.logs.known(); !known && ends != (channel.Logger{}) {
		f.logs.last, f.logs.proven = ends, true
	}
	return learned, true
}

// lineEnds returns what most of the telegrams say of the ends of their lines, as
// long as nothing is known of the logger.
func (f *Fixer) lineEnds(list []entry) (most channel.Logger) {
	if _, known := f.logs.known(); known {
		return most
	}
	votes := map[channel.Logger]int{}
	for _, e := range list {
		if t, ok := e.record.(*record.Telegram); ok && e.open {
			l := channel.LineEnds(t.Raw)
			if votes[l]++; votes[l] > votes[most] {
				most = l
			}
		}
	}
	return most
}

// confirmed is what was learned of a damaged telegram that others have put right.
type confirmed struct {
	k *known
	neighbour
}

// confirm learns those of the damaged telegrams whose CRC holds once their steady
// text is put right, and lists them.
func (f *Fixer) confirm(damaged []entry, shape *expect.Shape, steady []bool) (learned []confirmed, news bool) {
	learn := func(raw []byte, kind crc.Kind, seq int64) {
		if k := f.find(raw); k != nil && k.here && k.decoder.kind != kind {
			return // by accident
		}
		k := f.use(raw, kind)
		news = news || k.meter.Find(raw) == nil
		shape := k.learn(raw, nil, seq)
		learned = append(learned, confirmed{k, neighbour{shape, shape.Observe(raw, seq)}})
	}
	_, known := f.logs.known()
	held, kind, corrected := f.holding(allCorrect(damaged, shape, steady), crc.Kinds())
	for _, e := range f.borneOut(held, kind, damaged) {
		learn(e.record.(*record.Telegram).Raw, kind, e.seq)
	}
	for _, e := range corrected {
		t := e.record.(*record.Telegram)
		f.logs.finder.Add(t.Raw, t.CRCSent, f.kinds()...)
	}
	held, kind = f.unloggedHolding(corrected)
	for _, e := range f.borneOut(held, kind, damaged) {
		learn(e.record.(*record.Telegram).Raw, kind, e.seq)
		news = news || !known
		f.logs.proven = true
	}
	f.setPrintable()
	if !news {
		list, kind := refilled(corrected, shape)
		for _, e := range list {
			learn(e.record.(*record.Telegram).Raw, kind, e.seq)
		}
	}
	return learned, news
}

// borneOut returns a list of telegrams whose CRC holds; but nothing if it is one alone, and
// with what it says none of the others can be repaired. Of telegrams whose filler each hit
// shortens, some text is tried again and again that is not what the meter sends, and of
// thousands of telegrams with it one has a CRC that holds by accident.
func (f *Fixer) borneOut(held []entry, kind crc.Kind, damaged []entry) []entry {
	const enough = 16 // others
	if len(held) != 1 {
		return held
	}
	e := held[0]
	raw := e.record.(*record.Telegram).Raw
	k := f.newKnown(raw, kind)
	shape := k.learn(raw, nil, e.seq)
	seen := shape.Observe(raw, e.seq)
	others := slices.DeleteFunc(slices.Clone(damaged), func(o entry) bool { return o.seq == e.seq })
	slices.SortStableFunc(others, func(a, b entry) int { return cmp.Compare(distance(a.seq, e.seq), distance(b.seq, e.seq)) })
	for _, o := range others[:min(len(others), enough)] {
		c := expect.Context{Seq: o.seq, Prev: seen}
		if o.seq < e.seq {
			c = expect.Context{Seq: o.seq, Next: seen}
		}
		if f.decode(k, o.record.(*record.Telegram).Raw, shape, c).why == "" {
			return held
		}
	}
	return nil
}

// distance is how far two telegrams are apart.
func distance(a, b int64) int64 { return max(a-b, b-a) }

// unloggedHolding returns the telegrams of a list whose CRC holds once what the logger has
// done is undone, by the kind by which most of them do.
func (f *Fixer) unloggedHolding(list []entry) (held []entry, kind crc.Kind) {
	var undone []entry
	for _, e := range list {
		raw, edits := f.logs.likely().Undo(e.record.(*record.Telegram).Raw)
		if len(edits) > 0 {
			undone = append(undone, entry{record: &record.Telegram{Raw: raw}, seq: e.seq})
		}
	}
	held, kind, _ = f.holding(undone, f.kinds())
	return held, kind
}

// allCorrect returns the damaged telegrams with their steady text put right, as far
// as that can be done.
func allCorrect(damaged []entry, shape *expect.Shape, steady []bool) (list []entry) {
	for _, e := range damaged {
		t := e.record.(*record.Telegram)
		if raw, ok := correct(t.Raw, shape, steady); ok {
			list = append(list, entry{record: &record.Telegram{Raw: raw, CRCSent: t.CRCSent}, seq: e.seq})
		}
	}
	return list
}

// holding splits a list into the telegrams whose CRC holds, by the one of these kinds by
// which most of them do, and all others. One alone does only by a kind that is believed.
func (f *Fixer) holding(list []entry, kinds []crc.Kind) (held []entry, kind crc.Kind, others []entry) {
	others = list
	for _, k := range kinds {
		var these, rest []entry
		for _, e := range list {
			if holds(e.record.(*record.Telegram).Raw, k) {
				these = append(these, e)
			} else {
				rest = append(rest, e)
			}
		}
		if len(these) > len(held) && (differ(these) || f.believes(k, these[0].record.(*record.Telegram).Raw)) {
			held, kind, others = these, k, rest
		}
	}
	return held, kind, others
}

// differ reports whether not all telegrams of a list have the same text.
func differ(list []entry) bool {
	return slices.ContainsFunc(list, func(e entry) bool {
		return !bytes.Equal(e.record.(*record.Telegram).Raw, list[0].record.(*record.Telegram).Raw)
	})
}

// refilled returns the telegrams whose CRC holds once their filler has another
// length, and the kind of that CRC: where each of them has lost bytes of it, they
// agree on too short a one.
func refilled(corrected []entry, shape *expect.Shape) (list []entry, kind crc.Kind) {
	if shape.FillEnd == shape.FillStart {
		return nil, kind
	}
	var finder channel.FillFinder
	for i := range corrected {
		t := corrected[i].record.(*record.Telegram)
		t.Raw = append(t.Raw[:shape.FillStart:shape.FillStart], t.Raw[shape.FillEnd:]...)
		finder.Add(t.Raw, t.CRCSent)
	}
	fill, ok := finder.Found()
	if !ok {
		return nil, kind
	}
	filler, err := fill.Logger()
	if err != nil {
		return nil, kind
	}
	kind = finder.Kind()
	for _, e := range corrected {
		t := e.record.(*record.Telegram)
		if t.Raw, _ = filler.Undo(t.Raw); holds(t.Raw, kind) {
			list = append(list, e)
		}
	}
	return list, kind
}

// correct puts the text of a shape right where it is steady, and takes the digits
// that are not as received; false where one of them was not.
func correct(received []byte, shape *expect.Shape, steady []bool) ([]byte, bool) {
	ops := align.Bytes(len(shape.Text), len(received), func(i, j int) bool { return mayBe(shape, i, received[j]) })
	if ops == nil {
		return nil, false
	}
	raw := bytes.Clone(shape.Text)
	i, j := 0, 0
	for _, o := range ops {
		if o == align.Added {
			j++
			continue
		}
		if o == align.Same {
			raw[i] = received[j]
		} else if !steady[i] && shape.FieldAt[i] >= 0 || i > shape.Bang && shape.Text[i] > ' ' {
			return nil, false
		}
		i++
		if o == align.Other || o == align.Same {
			j++
		}
	}
	return raw, true
}

// consensus returns the text that most of the telegrams agree on, and where
// nearly all do; nil where there are too few of them.
func consensus(raws [][]byte) (text []byte, steady []bool) {
	if len(raws) < fewWitnesses {
		return nil, nil
	}
	text = pivot(raws)
	for range 2 {
		if text, steady = vote(text, raws); text == nil {
			return nil, nil
		}
	}
	return text, steady
}

// pivot is the telegram, of those of the most frequent length, in which most
// OBIS lines can be read.
func pivot(raws [][]byte) []byte {
	lengths := map[int]int{}
	usual := 0
	for _, raw := range raws {
		n := len(raw)
		lengths[n]++
		if lengths[n] > lengths[usual] || lengths[n] == lengths[usual] && n > usual {
			usual = n
		}
	}
	var best []byte
	most := -1
	for _, raw := range raws {
		if len(raw) != usual {
			continue
		}
		if n := len(expect.NewShape(raw).Fields); n > most {
			best, most = raw, n
		}
	}
	return best
}

// ballot is what the telegrams say of one place of a text.
type ballot struct {
	here   [256]uint8     // what stands there
	before map[string]int // what stands before it, and not in the text
	absent int            // how many have nothing there, although here says so
}

// vote lets the telegrams vote on each byte of the text, and on what is missing
// between two of them.
func vote(text []byte, raws [][]byte) (out []byte, steady []bool) {
	ballots := make([]ballot, len(text)+1)
	voters := 0
	bang := bytes.LastIndexByte(text, '!')
	for _, raw := range raws {
		ops := align.Bytes(len(text), len(raw), func(i, j int) bool {
			return text[i] == raw[j] || telegram.IsDigit(text[i]) && telegram.IsDigit(raw[j]) ||
				bang >= 0 && i > bang && telegram.IsHex(text[i]) && telegram.IsHex(raw[j]) // of a CRC
		})
		if ops != nil {
			voters++
			cast(ballots, text, ops, raw)
		}
	}
	if voters < 3 {
		return nil, nil
	}
	for i := range ballots {
		for s, n := range ballots[i].before {
			if 2*n > voters {
				out = append(out, s...)
				steady = append(steady, make([]bool, len(s))...)
			}
		}
		best, sum := 0, 0
		for c, n := range ballots[i].here {
			sum += int(n)
			most := ballots[i].here[best]
			if n > most || n > 0 && n == most && telegram.IsHex(byte(c)) && !telegram.IsHex(byte(best)) {
				best = c // of digits that are others in each telegram, any one
			}
		}
		if 2*(sum-ballots[i].absent) > voters {
			out = append(out, byte(best))
			const nearly = 0.9
			steady = append(steady, float64(ballots[i].here[best]) >= nearly*float64(sum))
		}
	}
	return out, steady
}

// cast is the vote of one telegram on a text. Of a long run of one byte, nobody can
// tell which ones are missing, or where some were added, and the added ones may be
// the damaged ones: all say that of its beginning, so that their votes count
// together.
func cast(ballots []ballot, text []byte, ops []align.Op, raw []byte) {
	i, j, from := 0, 0, 0
	start, gone := 0, 0 // of the run: where it begins, and how many bytes of it are missing
	for _, o := range ops {
		if o == align.Added {
			j++
			continue
		}
		if j > from && i-start >= telegram.MinFill {
			ballots[start].add(strings.Repeat(string(text[start:start+1]), j-from))
		} else if j > from {
			ballots[i].add(string(raw[from:j]))
		}
		if i > 0 && text[i] != text[i-1] {
			start, gone = i, 0
		}
		if o == align.Lost {
			ballots[i].here[text[i]]++
			ballots[start+gone].absent++
			gone++
		} else {
			ballots[i].here[raw[j]]++
			j++
		}
		from = j
		i++
	}
	if j > from { // behind all of it, as the line end behind the CRC where this text has lost it
		ballots[i].add(string(raw[from:j]))
	}
}

func (b *ballot) add(text string) {
	if b.before == nil {
		b.before = map[string]int{}
	}
	b.before[text]++
}
