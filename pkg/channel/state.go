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

// causeNames are the causes as they are written down.
var causeNames = [causes]string{
	Rise: "rise", Fall: "fall", Flip: "flip", Late: "late", Random: "random", Delete: "delete", Insert: "insert",
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
	if m.hits, err = unnamed("hits", state.Hits, most); err != nil {
		return nil, err
	}
	if m.rates, err = unnamed("rates", state.Rates, most); err != nil {
		return nil, err
	}
	m.price()
	return m, nil
}

// unnamed wants a number of each cause, and none of another.
func unnamed(what string, names map[string]float64, most float64) ([causes]float64, error) {
	var list [causes]float64
	for c, name := range causeNames {
		x, ok := names[name]
		if !ok {
			return list, fmt.Errorf("%s: that of %q is missing", what, name)
		}
		// Where it is 0, the cause would be ruled out for good.
		if !(x > 0 && x <= most) {
			return list, fmt.Errorf("%s: that of %q is %v", what, name, x)
		}
		list[c] = x
	}
	if len(names) > len(list) {
		return list, fmt.Errorf("%s: %d causes, and only %d are known", what, len(names), len(list))
	}
	return list, nil
}

// Know makes the finder go on with a fill that was found in an earlier run,
// without any vote.
func (f *FillFinder) Know(fill Fill) error {
	switch {
	case fill.N < 1 || fill.N > maxFill:
		return fmt.Errorf("a fill of %d bytes: want 1 to %d", fill.N, maxFill)
	case Printable(fill.B):
		return fmt.Errorf("a fill of %q, which no logger leaves out", fill.B)
	case fill.Code != "" && telegram.CodeLen([]byte(fill.Code+"(")) != len(fill.Code):
		return fmt.Errorf("a fill of %q, which is no OBIS code", fill.Code)
	}
	f.found = fill
	return nil
}
