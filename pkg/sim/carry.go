package sim

// A Line carries what a meter of somebody else's sends, with the noise that options ask
// for.
type Line struct{ line *line }

// NewLine begins a line. Of the options those of the noise, the receiver and the seed
// count, and of the meter its speed and parity.
func NewLine(o Options) (*Line, error) {
	o, err := o.resolve()
	if err != nil {
		return nil, err
	}
	m, err := findModel(o.Meter)
	if err != nil {
		return nil, err
	}
	l, err := newLine(o, m)
	if err != nil {
		return nil, err
	}
	return &Line{l}, nil
}

// Carry sends a telegram, before which the line idles. It returns what the receiver's
// driver delivers, and how many bytes were changed, removed or added.
func (l *Line) Carry(sent []byte) (received []byte, hits int) {
	received, done := l.line.carry(sent, []int{0})
	return received, done.hits
}
