package repair

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// A State is what a [Fixer] has learned of its meters, in a form that can be
// written down, a JSON value for each of them, the last used one first.
type State []json.RawMessage

// meterState is what was learned of one meter and its line.
type meterState struct {
	Header expect.Text `json:"header"`
	// Name is the line that names the meter.
	Name expect.Text        `json:"name"`
	Line channel.ModelState `json:"line"`
	// CRC is the kind of its CRCs; states of earlier versions know ARC only, and
	// do not say so.
	CRC string `json:"crc,omitempty"`
	// Fill is what a logger has left out of its telegrams.
	Fill *channel.Fill `json:"fill,omitempty"`
	// Explained and Unexplained say how many damaged telegrams could be
	// explained, and how many not although all that mattered was weighed.
	Explained   float64           `json:"explained"`
	Unexplained float64           `json:"unexplained"`
	Meter       expect.MeterState `json:"meter"`
	// Places are where the line has hit, for each shape of the meter.
	Places []placesState `json:"places"`
}

// placesState is where in a shape's text the line has hit.
type placesState struct {
	Telegrams float64         `json:"telegrams"`
	Valid     int             `json:"valid"`
	Hits      map[int]float64 `json:"hits"`
}

// State returns what has been learned.
func (f *Fixer) State() (State, error) {
	state := State{}
	for _, k := range f.meters {
		if k.masked() {
			continue // nothing says that another log is of the same meter
		}
		s := meterState{
			Header: k.header, Name: k.id, Line: k.decoder.line.State(), Meter: k.meter.State(), CRC: k.decoder.kind.Name(),
			Explained: k.decoder.explained, Unexplained: k.decoder.unexplained,
		}
		if fill, ok := f.logs.likely().Fill(); ok && k.meter.Fills(fill.Code) {
			s.Fill = &fill
		}
		for _, shape := range k.meter.Shapes() {
			s.Places = append(s.Places, k.decoder.places[shape].state())
		}
		text, err := json.Marshal(s)
		if err != nil {
			return nil, fmt.Errorf("what was learned cannot be written down: %w", err)
		}
		state = append(state, record.RoundFigures(text))
	}
	return state, nil
}

func (p *places) state() placesState {
	s := placesState{Hits: map[int]float64{}}
	if p == nil {
		return s
	}
	s.Telegrams, s.Valid = p.telegrams, p.valid
	for at, n := range p.hits {
		if n > 0 {
			s.Hits[at] = n
		}
	}
	return s
}

// Restore makes f go on from what an earlier one has learned. The error says
// what cannot have been learned; f has learned nothing then.
func (f *Fixer) Restore(state State) error {
	if len(state) > maxMeters {
		return fmt.Errorf("%d meters, %d at most are remembered", len(state), maxMeters)
	}
	var meters []*known
	var logs logging
	for i, text := range state {
		k, fill, err := f.restore(text)
		if err == nil && fill != nil {
			logs.last, err = fill.Logger()
		}
		if err != nil {
			return fmt.Errorf("meter %d: %w", i+1, err)
		}
		meters = append(meters, k)
	}
	f.meters, f.logs = meters, logs
	return nil
}

func (f *Fixer) restore(text []byte) (*known, *channel.Fill, error) {
	var s meterState
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&s); err != nil {
		return nil, nil, err
	}
	meter, err := expect.RestoreMeter(s.Meter)
	if err != nil {
		return nil, nil, err
	}
	kind, ok := crc.Named(s.CRC)
	if !ok && s.CRC != "" {
		return nil, nil, fmt.Errorf("a CRC of the kind %q", s.CRC)
	}
	k := &known{header: s.Header, id: s.Name, meter: *meter, decoder: newDecoder(kind, false, f.options.Explain), prev: map[*expect.Shape]*expect.Observed{}}
	if k.decoder.line, err = channel.RestoreModel(s.Line); err != nil {
		return nil, nil, fmt.Errorf("line: %w", err)
	}
	if !counts(s.Explained) || !counts(s.Unexplained) || s.Explained == 0 {
		return nil, nil, fmt.Errorf("%v telegrams explained and %v not", s.Explained, s.Unexplained)
	}
	k.decoder.reader.crc.learnAll(k.meter.Shapes())
	k.decoder.explained, k.decoder.unexplained = s.Explained, s.Unexplained
	if len(s.Places) != len(k.meter.Shapes()) {
		return nil, nil, fmt.Errorf("places of %d shapes, and there are %d", len(s.Places), len(k.meter.Shapes()))
	}
	for i, shape := range k.meter.Shapes() {
		if k.decoder.places[shape], err = s.Places[i].restore(len(shape.Text)); err != nil {
			return nil, nil, err
		}
	}
	return k, s.Fill, nil
}

func (s *placesState) restore(n int) (*places, error) {
	if !counts(s.Telegrams) || s.Valid < 0 {
		return nil, fmt.Errorf("hits in %v telegrams", s.Telegrams)
	}
	p := &places{telegrams: math.Max(s.Telegrams, 1), valid: s.Valid, hits: make([]float64, n)}
	for at, hits := range s.Hits {
		if at < 0 || at >= n || !counts(hits) {
			return nil, fmt.Errorf("%v hits at %d of %d bytes", hits, at, n)
		}
		p.hits[at] = hits
	}
	return p, nil
}

// counts reports whether a number can be a count.
func counts(n float64) bool { return n >= 0 && n < 1e15 }
