package tables

// maxMeters is how many meters are remembered.
const maxMeters = 64

// perMeter keeps something of each of the meters seen lately, the last one
// first. Of too many the one not seen for the longest time is forgotten.
type perMeter[T any] struct {
	kept   []*ofMeter[T]
	forget func(*T) // if not nil, it is given what is forgotten
}

type ofMeter[T any] struct {
	meter string
	is    T
}

// of returns what is kept of a meter, at first the zero value.
func (p *perMeter[T]) of(meter string) *T {
	at := 0
	for at < len(p.kept) && p.kept[at].meter != meter {
		at++
	}
	if at == len(p.kept) {
		if at < maxMeters {
			p.kept = append(p.kept, nil)
		} else {
			at--
			if p.forget != nil {
				p.forget(&p.kept[at].is)
			}
		}
		p.kept[at] = &ofMeter[T]{meter: meter}
	}
	found := p.kept[at]
	copy(p.kept[1:at+1], p.kept[:at])
	p.kept[0] = found
	return &found.is
}
