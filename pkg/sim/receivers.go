package sim

// Receivers are two receivers on one line: what hits the line reaches both of them, and each
// has noise of its own behind that, and a logger of its own.
//
//	meter ── line ──┬── receiver ── logger
//	                └── receiver ── logger
type Receivers struct {
	stream  *Stream
	own     [2]*line
	loggers [2]logger
	begun   [2]bool
}

// NewReceivers puts two receivers behind the line of a stream. Of the options of each its
// noise counts, how its UART receives, its logger and its seed.
func NewReceivers(o Options, each [2]Options) (*Receivers, error) {
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	r := &Receivers{stream: s}
	for i, own := range each {
		own.Meter, own.Parity = s.options.Meter, s.options.Parity
		if own, err = own.resolve(); err != nil {
			return nil, err
		}
		if r.loggers[i], err = findLogger(own.Logger); err != nil {
			return nil, err
		}
		if r.own[i], err = newLine(own, s.model); err != nil {
			return nil, err
		}
		r.own[i].dice = newDice(own.Seed, uint64(forReceiver+i))
	}
	return r, nil
}

// Next returns the next transmission, with what the line has made of it, and what stands in
// the two logs; false after the last one.
func (r *Receivers) Next() (t Transmission, logged [2][]byte, ok bool) {
	if t, ok = r.stream.Next(); !ok {
		return t, logged, false
	}
	pauses := t.Pauses
	if len(t.Received) != len(t.Sent) {
		pauses = nil // nobody knows where they are now
		if len(t.Received) > 0 {
			pauses = []int{0}
		}
	}
	for i, l := range r.own {
		received, _ := l.carry(t.Received, pauses)
		logged[i] = r.loggers[i].keep(received)
		if !r.begun[i] {
			logged[i] = append(r.loggers[i].opening(t.Clock), logged[i]...)
			r.begun[i] = true
		}
	}
	return t, logged, true
}
