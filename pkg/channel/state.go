package channel

import (
	"fmt"

	"p1/pkg/telegram"
)

// ModelState is what was learned of a line, in a form that can be written down.
type ModelState struct {
	Printable bool               `json:"printable"` // the logger drops what is not
	Bytes     float64            `json:"bytes"`
	Hits      map[string]float64 `json:"hits"` // in so many bytes, by cause
	// Rates are those that the model has settled on; they follow the hits now
	// and then.
	Rates map[string]float64 `json:"rates"`
}

// State returns what has been learned. It shares nothing with the model.
func (m *Model) State() ModelState {
	return ModelState{Printable: m.printable, Bytes: m.bytes, Hits: named(m.hits), Rates: named(m.rates)}
}

func named(list [causes]float64) map[string]float64 {
	names := map[string]float64{}
	for c, x := range list {
		names[causeNames[c]] = x
	}
	return names
}

// RestoreModel returns a model that has learned this; it goes on as the one that
// was saved. The error says what cannot have been learned.
func RestoreModel(state ModelState) (*Model, error) {
	const most = 1e15 // of hits or bytes: far more than are ever kept
	if !(state.Bytes > 0 && state.Bytes <= most) {
		return nil, fmt.Errorf("hits in %v bytes", state.Bytes)
	}
	m := &Model{printable: state.Printable, bytes: state.Bytes}
	var err error
	if m.hits, err = unnamed("hits", state.Hits, most, func(c Cause) float64 { return priorHits[c] }); err != nil {
		return nil, err
	}
	if m.rates, err = unnamed("rates", state.Rates, most, m.Rate); err != nil {
		return nil, err
	}
	m.stale = true
	return m, nil
}

// unnamed wants a number of each cause, and none of another. Of the causes that older states
// do not know one that is missing is what it was before anything was seen.
func unnamed(what string, names map[string]float64, most float64, prior func(Cause) float64) ([causes]float64, error) {
	var list [causes]float64
	known := 0
	for c, name := range causeNames {
		x, ok := names[name]
		switch {
		case !ok && Soon <= Cause(c) && Cause(c) <= DropOne:
			list[c] = prior(Cause(c))
			continue
		case !ok:
			return list, fmt.Errorf("%s: that of %q is missing", what, name)
		}
		known++
		// Where it is 0, the cause would be ruled out for good.
		if !(x > 0 && x <= most) {
			return list, fmt.Errorf("%s: that of %q is %v", what, name, x)
		}
		list[c] = x
	}
	if len(names) > known {
		return list, fmt.Errorf("%s: %d causes, and only %d of them are known", what, len(names), known)
	}
	return list, nil
}

// Logger returns the logger that leaves out this fill. The error says why none
// can.
func (f Fill) Logger() (Logger, error) {
	if f.N < 1 || f.N > maxFill || Printable(f.B) {
		return Logger{}, fmt.Errorf("a fill of %d times the byte %#02x", f.N, f.B)
	}
	if n := telegram.CodeLen([]byte(f.Code + "(")); n != len(f.Code) {
		return Logger{}, fmt.Errorf("a fill of %q, which is no OBIS code", f.Code)
	}
	return Logger{fill: f}, nil
}
