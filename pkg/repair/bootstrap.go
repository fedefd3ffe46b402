package repair

import (
	"bytes"

	"p1/pkg/expect"
	"p1/pkg/record"
)

// maxWitnesses is how many damaged telegrams are held against each other.
const maxWitnesses = 60

// bootstrap learns the meter from damaged telegrams alone. What most of them
// agree on is the text that the meter sends; with that text put right, those
// whose digits are undamaged have a CRC that holds, perhaps once the logger's
// fill is found.
func (f *Fixer) bootstrap() {
	var raws [][]byte
	for _, e := range f.held {
		if t, ok := e.record.(*record.Telegram); ok && t.Status == record.Bad && len(raws) < maxWitnesses {
			raws = append(raws, t.Raw)
		}
	}
	text := consensus(raws)
	if text == nil {
		return
	}
	shape := expect.NewShape(text)
	if shape.Bang < 0 {
		return
	}
	var corrected []entry
	for _, e := range f.held {
		t, ok := e.record.(*record.Telegram)
		if !ok || t.Status != record.Bad {
			continue
		}
		raw, ok := correct(t.Raw, shape)
		if !ok {
			continue
		}
		if holds(raw) {
			f.learn(raw, nil, e.seq)
			continue
		}
		corrected = append(corrected, entry{&record.Telegram{Raw: raw}, e.seq})
		f.fills.Add(raw, t.CRCSent)
	}
	fill, ok := f.fills.Found()
	if !ok {
		return
	}
	f.decoder.printableOnly()
	for _, e := range corrected {
		if fixed, ok := refill(e.record.(*record.Telegram).Raw, fill); ok {
			f.learn(fixed.raw, nil, e.seq)
		}
	}
	clear(f.prev) // they are among the held ones
}

// correct puts the fixed text of a shape right and takes the digits as received;
// false where one of them was not.
func correct(received []byte, shape *expect.Shape) ([]byte, bool) {
	ops := align(len(shape.Text), len(received), func(i, j int) bool { return mayBe(shape, i, received[j]) })
	if ops == nil {
		return nil, false
	}
	raw := bytes.Clone(shape.Text)
	i, j := 0, 0
	for _, o := range ops {
		if o == added {
			j++
			continue
		}
		if o == same {
			raw[i] = received[j]
		} else if shape.FieldAt[i] >= 0 || i > shape.Bang && shape.Text[i] > ' ' {
			return nil, false
		}
		i++
		if o == other || o == same {
			j++
		}
	}
	return raw, true
}

// consensus returns the text that most of the telegrams agree on, or nil where
// there are too few of them.
func consensus(raws [][]byte) []byte {
	const few = 5
	if len(raws) < few {
		return nil
	}
	text := pivot(raws)
	for range 2 {
		text = vote(text, raws)
		if text == nil {
			return nil
		}
	}
	return text
}

// pivot is the telegram in which most OBIS lines can be read.
func pivot(raws [][]byte) []byte {
	var best []byte
	most := -1
	for _, raw := range raws {
		if n := len(expect.NewShape(raw).Fields); n > most {
			best, most = raw, n
		}
	}
	return best
}

// vote lets the telegrams vote on each byte of the text, and on what is missing
// between two of them.
func vote(text []byte, raws [][]byte) []byte {
	here := make([]map[byte]int, len(text)+1)     // what stands at a place
	before := make([]map[string]int, len(text)+1) // what stands before it
	votes := 0
	for i := range here {
		here[i], before[i] = map[byte]int{}, map[string]int{}
	}
	for _, raw := range raws {
		ops := align(len(text), len(raw), func(i, j int) bool {
			return text[i] == raw[j] || isDigit(text[i]) && isDigit(raw[j])
		})
		if ops == nil {
			continue
		}
		votes++
		i, j, from := 0, 0, 0
		for _, o := range ops {
			if o == added {
				j++
				continue
			}
			if j > from {
				before[i][string(raw[from:j])]++
			}
			if o != lost {
				here[i][raw[j]]++
				j++
			}
			from = j
			i++
		}
	}
	if votes < 3 {
		return nil
	}
	var out []byte
	for i := range here {
		if s, n := most(before[i]); 2*n > votes {
			out = append(out, s...)
		}
		if c, n := most(here[i]); i < len(text) && (2*n > votes || total(here[i])*2 > votes) {
			_ = n
			out = append(out, c)
		}
	}
	return out
}

func most[K comparable](counts map[K]int) (best K, n int) {
	for k, c := range counts {
		if c > n {
			best, n = k, c
		}
	}
	return best, n
}

func total(counts map[byte]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
