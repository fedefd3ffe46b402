package expect

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// MeterState is what was learned of a meter, in a form that can be written down.
// It says all but when: in the next run, nobody knows how many transmissions have
// been missed.
type MeterState struct {
	Shapes []ShapeState `json:"shapes"` // the last used one first, as of [Meter.Shapes]
}

// ShapeState is what was learned of a shape. What follows from the text is not
// part of it.
type ShapeState struct {
	Text      Text         `json:"text"`   // the last telegram
	Varies    string       `json:"varies"` // for each byte of it, '#' where it varies, '.' where not
	Telegrams int          `json:"telegrams"`
	Period    int64        `json:"period,omitempty"` // seconds
	Fields    []FieldState `json:"fields"`
	Sums      []SumState   `json:"sums"`
}

// FieldState is what was learned of a field.
type FieldState struct {
	Start   int     `json:"start"` // of the text
	End     int     `json:"end"`
	Kind    string  `json:"kind"`
	Steps   float64 `json:"steps"`
	Changed float64 `json:"changed"` // of the steps
	Size    float64 `json:"size"`    // of all changes, in units of the last digit
}

// SumState is what was learned of a sum.
type SumState struct {
	Total     int   `json:"total"` // field
	Parts     []int `json:"parts"` // fields
	Off       int64 `json:"off"`
	Near      int64 `json:"near"`
	Telegrams int   `json:"telegrams"`
	Broken    int   `json:"broken"` // of the telegrams
}

// Text is a telegram as a JSON string, one code point a byte ([record.Bytes]).
type Text []byte

// MarshalJSON writes the string.
func (t Text) MarshalJSON() ([]byte, error) { return record.AppendBytes(nil, t, false), nil }

// UnmarshalJSON reads the string.
func (t *Text) UnmarshalJSON(data []byte) error {
	b, ok := record.ReadBytes(data)
	if !ok {
		return errors.New("the text is no string of characters up to U+00FF, and a meter sends bytes")
	}
	*t = Text(b)
	return nil
}

// kindNames are the kinds as they are written down.
var kindNames = [...]string{Instant: "instant", Register: "register", Clock: "clock", Stamp: "stamp"}

const fixed, varies = '.', '#'

// State returns what has been learned. It shares nothing with the meter.
func (m *Meter) State() MeterState {
	state := MeterState{Shapes: make([]ShapeState, 0, len(m.shapes))}
	for _, s := range m.shapes {
		state.Shapes = append(state.Shapes, s.state())
	}
	return state
}

func (s *Shape) state() ShapeState {
	state := ShapeState{
		Text: slices.Clone(s.Text), Telegrams: s.seen, Period: s.period,
		Fields: make([]FieldState, 0, len(s.Fields)), Sums: make([]SumState, 0, len(s.Sums)),
	}
	marks := make([]byte, len(s.Varies))
	for i, v := range s.Varies {
		if marks[i] = fixed; v {
			marks[i] = varies
		}
	}
	state.Varies = string(marks)
	for _, f := range s.Fields {
		state.Fields = append(state.Fields, FieldState{f.Start, f.End, kindNames[f.Kind], f.seen, f.changed, f.size})
	}
	for _, m := range s.Sums {
		state.Sums = append(state.Sums, SumState{m.Total, slices.Clone(m.Parts), m.Off, m.Near, m.seen, m.broken})
	}
	return state
}

// RestoreMeter returns a meter of which this has been learned: it goes on as the
// one that was saved would do after a [Meter.Break]. What [Meter.State] returns
// can always be restored; the error says where anything else does not fit.
func RestoreMeter(state MeterState) (*Meter, error) {
	if n := len(state.Shapes); n > maxShapes {
		return nil, fmt.Errorf("%d shapes: at most %d are kept", n, maxShapes)
	}
	m := &Meter{}
	for i := range state.Shapes {
		s, err := restoreShape(&state.Shapes[i])
		if err != nil {
			return nil, fmt.Errorf("shape %d: %w", i+1, err)
		}
		m.shapes = append(m.shapes, s)
	}
	return m, nil
}

// Bounds of what can have been learned. The sizes are those of numbers of
// maxField digits.
const (
	maxSteps  = 1e4
	maxSize   = 1e20
	maxOff    = 1e18
	maxCount  = math.MaxInt32 // telegrams, one a second for 68 years
	maxPeriod = 1e11          // from year 1, which a clock that cannot be read is taken for, to 2099
)

func restoreShape(state *ShapeState) (*Shape, error) {
	switch n := len(state.Text); {
	case n == 0:
		return nil, errors.New("it has no text")
	case n > record.MaxTelegram:
		return nil, fmt.Errorf("a text of %d bytes: no telegram is longer than %d", n, record.MaxTelegram)
	case len(state.Varies) != n:
		return nil, fmt.Errorf("the text has %d bytes, and varies has %d", n, len(state.Varies))
	case state.Telegrams < 1 || state.Telegrams > maxCount:
		return nil, fmt.Errorf("it was learned from %d telegrams", state.Telegrams)
	case state.Period < 0 || state.Period > maxPeriod:
		return nil, fmt.Errorf("a period of %d s", state.Period)
	}
	s := NewShape(state.Text)
	s.seen, s.period = state.Telegrams, state.Period
	for i, mark := range []byte(state.Varies) {
		if err := s.restoreMark(i, mark); err != nil {
			return nil, err
		}
	}
	if err := s.restoreFields(state.Fields); err != nil {
		return nil, err
	}
	if err := s.restoreSums(state.Sums); err != nil {
		return nil, err
	}
	s.last = s.Observe(s.Text, LongAgo)
	return s, nil
}

// restoreMark takes the mark of one byte. Those of the CRC are marked as varying
// already, and nothing but hex digits and letters of values can be too.
func (s *Shape) restoreMark(i int, mark byte) error {
	c := s.Text[i]
	switch {
	case mark == varies && (s.Varies[i] || s.Places[i] == telegram.InValue && telegram.Alike(c, c)):
		s.Varies[i] = true
		return nil
	case mark == fixed && !s.Varies[i]:
		return nil
	}
	return fmt.Errorf("byte %d of the text, %q, cannot have the mark %q", i, c, mark)
}

// restoreFields replaces the fields that the text alone would give: the text of a
// value may have become one that is no number, and was one when the shape was
// new.
func (s *Shape) restoreFields(states []FieldState) error {
	var fields []Field
	from := 0
	for k, state := range states {
		if state.Start < from || state.End <= state.Start || state.End > s.end() || slices.ContainsFunc(s.Places[state.Start:state.End], noValue) {
			return fmt.Errorf("field %d: bytes %d to %d are not the next value of the text", k, state.Start, state.End)
		}
		f, err := restoreField(state)
		if err != nil {
			return fmt.Errorf("field %d: %w", k, err)
		}
		fields = append(fields, f)
		from = f.End + 1 // there is a parenthesis between two values
	}
	s.setFields(fields)
	return nil
}

func noValue(p telegram.Place) bool { return p != telegram.InValue }

func restoreField(state FieldState) (Field, error) {
	kind := Kind(slices.Index(kindNames[:], state.Kind))
	width := state.End - state.Start
	switch {
	case kind < 0:
		return Field{}, fmt.Errorf("the kind %q is not known", state.Kind)
	case width < 1 || width > maxField, (kind == Clock || kind == Stamp) && width != 12 && width != 13:
		return Field{}, fmt.Errorf("a %s of %d bytes", state.Kind, width)
	case !within(state.Steps, maxSteps):
		return Field{}, fmt.Errorf("%v steps", state.Steps)
	case !within(state.Changed, state.Steps):
		return Field{}, fmt.Errorf("of %v steps, %v changed it", state.Steps, state.Changed)
	case !within(state.Size, maxSize):
		return Field{}, fmt.Errorf("changes of the size %v", state.Size)
	}
	return Field{Start: state.Start, End: state.End, Kind: kind, seen: state.Steps, changed: state.Changed, size: state.Size}, nil
}

// within is false for NaN, too.
func within(x, most float64) bool { return x >= 0 && x <= most }

// maxParts is the largest number of parts that a sum may have.
const maxParts = 8

func (s *Shape) restoreSums(states []SumState) error {
	if len(states) > len(sums) {
		return fmt.Errorf("%d sums: only %d are known", len(states), len(sums))
	}
	s.Sums = nil
	for i, state := range states {
		parts := state.Parts
		switch {
		case len(parts) < 2 || len(parts) > maxParts:
			return fmt.Errorf("sum %d: it has %d parts", i, len(parts))
		case !s.isRegister(state.Total) || slices.ContainsFunc(parts, func(p int) bool { return !s.isRegister(p) }):
			return fmt.Errorf("sum %d: not all of the fields %v and %d are registers", i, parts, state.Total)
		case math.Abs(float64(state.Off)) > maxOff || state.Near < 0 || state.Near > MostNear:
			return fmt.Errorf("sum %d: off by %d, give or take %d", i, state.Off, state.Near)
		case state.Telegrams < 0 || state.Telegrams > maxCount || state.Broken < 0 || state.Broken > state.Telegrams:
			return fmt.Errorf("sum %d: of %d telegrams it broke in %d", i, state.Telegrams, state.Broken)
		}
		s.Sums = append(s.Sums, Sum{state.Total, slices.Clone(parts), state.Off, state.Near, state.Telegrams, state.Broken})
	}
	return nil
}

func (s *Shape) isRegister(field int) bool {
	return field >= 0 && field < len(s.Fields) && s.Fields[field].Kind == Register
}
