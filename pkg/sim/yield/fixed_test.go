package yield

import "p1/pkg/sim"

// masks say which bytes are the same in all telegrams of one length.
type masks map[int]*mask

type mask struct {
	first []byte
	vary  []bool
}

// fixedText takes a source to its end and notes which bytes never change.
func fixedText(source Source) masks {
	all := masks{}
	for x, ok := source.Next(); ok; x, ok = source.Next() {
		m := all[len(x.Sent)]
		if m == nil {
			all[len(x.Sent)] = &mask{first: x.Sent, vary: make([]bool, len(x.Sent))}
			continue
		}
		for i, b := range x.Sent {
			if b != m.first[i] {
				m.vary[i] = true
			}
		}
	}
	return all
}

// covers reports whether a telegram was hit, and no byte from the first that was
// to the last ever changes.
func (m masks) covers(x sim.Transmission) bool {
	of := m[len(x.Sent)]
	if of == nil || len(x.Received) != len(x.Sent) {
		return false
	}
	first, last := -1, -1
	for i, b := range x.Received {
		if b == x.Sent[i] {
			continue
		}
		if last = i; first < 0 {
			first = i
		}
	}
	for i := first; first >= 0 && i <= last; i++ {
		if of.vary[i] {
			return false
		}
	}
	return first >= 0
}
