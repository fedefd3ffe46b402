package yield

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Damage is what a line and a logger do to the bytes of a meter, as far as it can
// be counted in a log:
//
//   - how often a byte is hit, each of the 256 by itself, drawn towards the mean
//     of all where there are few of it;
//   - the places that stand out, as those after a pause do: each by its line's
//     code and its offset there, with a rate of its own;
//   - what becomes of a byte that is hit: what became of its like, mixed with what
//     became of other bytes where there is little of that;
//   - how the hits cluster: each telegram has a rate of its own;
//   - how often a byte is added.
//
// It is counted where the meter's text never changes, which is everything but the
// digits of values and of the CRC, as an edit distance aligns it. No repair has a
// part in that: counting what one has put right would leave out what it cannot.
// The rates are then those of all bytes, digits too.
//
// That the logger drops bytes is a part of the damage. What it drops whatever the
// line does, such as a filler of 0xFF, is not counted.
type Damage struct {
	Telegrams int     // in which it was counted
	Rate      float64 // of the bytes that are hit, away from the places that stand out
	Cluster   int     // the shape of the gamma distribution that the telegrams' rates follow; 0: they are all the same
	places    []place
	bytes     [256]fate
	hits      [2][]change // away from the places: of bytes whose R the logger drops, and of the others
	added     []int
	sent      int // bytes in which that was counted
}

// fate is what becomes of a byte.
type fate struct {
	sent  int
	reads []int // as what it was read, one for each hit
	rate  float64
	alone bool // of one place
}

// place is a place in a telegram, whatever the length of the lines before it.
type place struct {
	fate
	code   string // what its line begins with: an OBIS code, '/' or '!'
	offset int    // in the line
	is     byte   // what stands there
}

// How many hits of all bytes together count as much as those of a byte itself, in
// its rate and in its fate; and what share of the telegrams must be hit at a place
// that stands out.
const (
	rateWeight = 20
	fateWeight = 10
	standsOut  = 0.05
)

// Fit counts the damage in a survey.
func Fit(s Survey) *Damage {
	d := &Damage{Telegrams: s.Len()}
	fates := d.fates(s)
	var counts []float64
	for _, changes := range s.changes {
		n := 0.0
		for _, c := range changes {
			switch f := fates[c.at]; {
			case c.sent == nothing:
				d.added = append(d.added, c.read)
			case f == nil: // a digit
			case f.alone:
				f.reads = append(f.reads, c.read)
			default:
				f.reads = append(f.reads, c.read)
				kind := kindOf(byte(c.sent))
				d.hits[kind] = append(d.hits[kind], c)
				n++
			}
		}
		counts = append(counts, n)
	}
	d.settle(counts)
	return d
}

// fates returns whose fate each byte of the text shares; nil for digits that may
// change.
func (d *Damage) fates(s Survey) []*fate {
	hits := make([]int, len(s.text))
	for _, changes := range s.changes {
		for _, c := range changes {
			hits[c.at]++
		}
	}
	least := standsOut * float64(s.Len())
	for i, b := range s.text {
		if !s.free[i] && float64(hits[i]) > least {
			code, offset := lineAt(s.text, i)
			d.places = append(d.places, place{fate{alone: true}, code, offset, b})
		}
	}
	fates := make([]*fate, len(s.text))
	alone := d.find(s.text)
	for i, b := range s.text {
		if s.free[i] {
			continue
		}
		fates[i] = &d.bytes[b]
		if f := alone[i]; f != nil {
			fates[i] = f
		}
		fates[i].sent += s.Len()
		d.sent += s.Len()
	}
	return fates
}

// settle turns counts into rates; counts are the hits of each telegram away from
// the places that stand out. Their variance is more than their mean where the
// telegrams differ.
func (d *Damage) settle(counts []float64) {
	mean, variance := moments(counts)
	if variance > mean {
		d.Cluster = max(int(math.Round(mean*mean/(variance-mean))), 1)
	}
	sent := d.sent
	for i := range d.places {
		p := &d.places[i]
		p.rate = float64(len(p.reads)) / float64(p.sent)
		sent -= p.sent
	}
	d.Rate = mean * float64(len(counts)) / float64(max(sent, 1))
	for i := range d.bytes {
		f := &d.bytes[i]
		f.rate = d.Rate * (float64(len(f.reads)) + rateWeight) / (float64(f.sent)*d.Rate + rateWeight)
	}
}

// find looks up the places that stand out in a telegram.
func (d *Damage) find(text []byte) map[int]*fate {
	found := map[int]*fate{}
	begin := 0
	for line := range bytes.Lines(text) {
		code := codeOf(line)
		for i := range d.places {
			if p := &d.places[i]; p.code == code && p.offset < len(line) && line[p.offset] == p.is {
				found[begin+p.offset] = &p.fate
			}
		}
		begin += len(line)
	}
	return found
}

// lineAt returns the code of the line that holds a byte, and its offset in it.
func lineAt(text []byte, i int) (code string, offset int) {
	begin := bytes.LastIndexByte(text[:i], '\n') + 1
	return codeOf(text[begin:]), i - begin
}

// codeOf is what a line begins with.
func codeOf(line []byte) string {
	if len(line) > 0 && (line[0] == '/' || line[0] == '!') {
		return string(line[:1])
	}
	line, _, _ = bytes.Cut(line, []byte{'\r'})
	code, _, _ := bytes.Cut(line, []byte{'('})
	return string(code)
}

// lay does the damage to a telegram, and returns what a log has of it.
func (d *Damage) lay(text []byte, dice *rand.Rand) (logged []byte, hits int) {
	alone := d.find(text)
	telegram := d.clustered(dice)
	for i, b := range text {
		if !isLogged(b) {
			continue
		}
		if dice.IntN(d.sent) < len(d.added) {
			logged = append(logged, byte(d.added[dice.IntN(len(d.added))]))
			hits++
		}
		f := &d.bytes[b]
		rate := f.rate * telegram
		if alone[i] != nil {
			f = alone[i]
			rate = f.rate
		}
		read := int(b)
		if dice.Float64() < rate {
			read = d.read(b, f, dice)
			hits++
		}
		if read != nothing {
			logged = append(logged, byte(read))
		}
	}
	return logged, hits
}

// clustered draws how much more than others a telegram is hit: a gamma
// distribution with mean 1, as the sum of exponential ones.
func (d *Damage) clustered(dice *rand.Rand) float64 {
	if d.Cluster == 0 {
		return 1
	}
	sum := 0.0
	for range d.Cluster {
		sum += dice.ExpFloat64()
	}
	return sum / float64(d.Cluster)
}

// read draws what becomes of a byte that is hit.
func (d *Damage) read(b byte, f *fate, dice *rand.Rand) int {
	if i := dice.IntN(len(f.reads) + fateWeight); i < len(f.reads) {
		return f.reads[i]
	}
	if f.alone {
		return d.read(b, &d.bytes[b], dice)
	}
	like := d.hits[kindOf(b)]
	if len(like) == 0 {
		return nothing
	}
	return likewise(b, like[dice.IntN(len(like))], dice)
}

// likewise does to a byte what was done to another.
func likewise(b byte, c change, dice *rand.Rand) int {
	if c.read == nothing {
		return nothing
	}
	sent, read := byte(c.sent), byte(c.read)
	switch changed := sent ^ read; {
	case read == allLost(sent):
		b = allLost(b)
	case changed&^firsts(sent) == 0:
		b &^= oneOf(firsts(b), dice)
	case read == sent<<1:
		b <<= 1
	default:
		b ^= changed
	}
	if !isLogged(b) {
		return nothing
	}
	return int(b)
}

// firsts are the first 1s of the runs of 1s in a byte. Its start bit is a 0, and
// bit 0 comes next.
func firsts(b byte) byte { return b &^ (b << 1) }

// allLost is R: the byte that is read where the first 1 of each run is lost.
func allLost(b byte) byte { return b &^ firsts(b) }

// oneOf picks one of the bits.
func oneOf(set byte, dice *rand.Rand) byte {
	var all []byte
	for i := range 8 {
		if one := set & (1 << i); one != 0 {
			all = append(all, one)
		}
	}
	return all[dice.IntN(len(all))]
}

// kindOf tells the bytes whose R is logged from the others.
func kindOf(b byte) int {
	if isLogged(allLost(b)) {
		return 1
	}
	return 0
}

// isLogged reports whether a logger of printable output keeps a byte.
func isLogged(b byte) bool { return b >= ' ' && b <= '~' || b == '\r' || b == '\n' }

// String says it in a few lines.
func (d *Damage) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "damage of %d telegrams: %.4f %% of the bytes; the telegrams' rates vary with shape %d; added bytes: %d\n",
		d.Telegrams, d.Rate*100, d.Cluster, len(d.added))
	for _, p := range d.places {
		fmt.Fprintf(&s, "%14s at byte %d of the line %s: %.1f %% hit, %d read in %d ways\n", fmt.Sprintf("%q", p.is), p.offset, p.code, p.rate*100, len(p.reads), ways(p.reads))
	}
	return s.String()
}

func ways(reads []int) int { return len(slices.Compact(slices.Sorted(slices.Values(reads)))) }
