package tables

import (
	"slices"

	"p1/pkg/telegram"
)

// place is what is known of the meters of a source.
type place struct {
	meter    string   // the one there is
	met      []string // those that were there, the last one first
	newcomer *newcomer
}

// newcomer is a meter that a source has not told of before, until it is sure
// that it has come in the place of the last one: where logs of two meters were
// merged, the last one comes back.
type newcomer struct {
	meter, before string
	code          string // of the line that names it
	at            occasion
	telegrams     int
}

// settled is how many telegrams make sure of a newcomer.
const settled = 3

// maxMet is how many meters of a source are remembered.
const maxMet = 64

// moved tells of a meter that has come in the place of another; of telegrams that
// were told before, it only keeps whose they are.
func (t *eventTable) moved(at occasion, now *statement, repeats bool) error {
	p := t.sources.of(at.origin.Source)
	if at.meter == "" || len(at.meter) > maxID {
		return nil
	}
	if n := p.newcomer; n != nil && n.meter == at.meter {
		if n.telegrams++; n.telegrams < settled {
			return nil
		}
		return t.endNewcomer(p)
	}
	p.newcomer = nil // another one is there still
	known := slices.Contains(p.met, at.meter)
	if !known {
		p.met = slices.Insert(p.met, 0, at.meter)
		p.met = p.met[:min(len(p.met), maxMet)]
	}
	if p.meter != "" && !known && !repeats {
		p.newcomer = &newcomer{at.meter, p.meter, nameCode(now), at, 1}
		return nil
	}
	p.meter = at.meter
	return nil
}

// nameCode returns the code of the line that names the meter, "" where the header
// does.
func nameCode(now *statement) string {
	_, name := telegram.Identity(now.from.Raw)
	return string(name[:telegram.CodeLen(name)])
}

// endNewcomer tells of a meter that has stayed.
func (t *eventTable) endNewcomer(p *place) error {
	n := p.newcomer
	if n == nil {
		return nil
	}
	p.newcomer, p.meter = nil, n.meter
	return t.row(n.at, event{name: meterEvent, code: n.code, before: meterValue(n.before), after: meterValue(n.meter)})
}
