package plausible

// flow is a power, and what it has carried.
type flow struct {
	code string  // of the quantity, 1-0:1
	now  float64 // kW, as the telegram states it
	was  float64 // as the one before did
	here bool    // the one before stated it

	wide float64 // kWh at most that it has carried
}

// Powers are those of a moment. What flowed between two telegrams is at most the larger
// of theirs, and at least the smaller one, for a while.
const while = 15 // seconds

// demanded is how many units may be missing in a register that stands still.
const demanded = 5

// wideWith is wide once some seconds are over.
func (f *flow) wideWith(dt int64) float64 {
	return f.wide + max(f.now, f.was)*float64(dt)/hour
}

// least is how many kWh have flowed in some seconds at least.
func (f *flow) least(dt int64) float64 {
	if !f.here {
		return 0
	}
	return min(f.now, f.was) * float64(min(dt, while)) / hour
}

// steady is the largest power that this telegram and the one before state.
func (m *meter) steady() float64 {
	most := 0.0
	for i := range m.l.powers {
		if f := m.l.powers[i].f; f.here {
			most = max(most, min(f.now, f.was))
		}
	}
	return most
}

// flowOn makes the powers of the telegram those of the one before.
func (m *meter) flowOn() {
	for _, f := range m.flows {
		f.wide, f.here = f.wideWith(m.said.dt), false
	}
	for i := range m.l.powers {
		p := &m.l.powers[i]
		p.f.was, p.f.here = p.now, true
	}
	m.inForce = m.l.inForce
}

// standing decides about a reading that goes on from the base: where it has not changed,
// its power may say that it must have.
func (m *meter) standing(x *reading, gain int64) finding {
	r := x.r
	if gain > 0 || r.flow == nil {
		return finding{how: follows}
	}
	missing := r.missing + m.demands(x)
	if missing > max(demanded*float64(x.step), r.lag) {
		return finding{stands, doubt{why: still, most: missing, power: r.flow.now}}
	}
	return finding{how: follows}
}

// counts reports whether a register is one that goes on now: a total, or that of the
// tariff which is in force since the telegram before.
func (m *meter) counts(r *register) bool {
	return r.isTotal() || r.tariff == m.l.inForce && m.inForce == m.l.inForce
}

// demands is how many units a register must have gained since the telegram before.
func (m *meter) demands(x *reading) float64 {
	r := x.r
	if m.said.unsure || r.flow == nil || !m.counts(r) {
		return 0
	}
	return r.flow.least(m.said.dt) * pow10(r.scale)
}

// fallBehind notes what a register that stands still must have gained.
func (m *meter) fallBehind(x *reading) { x.r.missing += m.demands(x) }

// caughtUp notes that a register has gone on. One that makes up for what was missing, time
// and again, is read less often than it is sent.
func (m *meter) caughtUp(x *reading) {
	r := x.r
	gain := float64(x.value - r.base.value)
	if limit := demanded * float64(x.step); r.base.known && r.missing > limit && gain > r.missing/2 {
		if r.lags++; r.lags >= convincing {
			r.lag = max(r.lag, surplus*r.missing)
		}
	}
	r.missing = 0
	if r.flow == nil {
		return
	}
	r.wide = r.flow.wideWith(m.said.dt)
	if !r.base.known || r.isTotal() || m.inForce != m.l.inForce {
		return
	}
	for _, other := range m.registers {
		if other.flow == r.flow && other.tariff == m.l.inForce && !other.isTotal() {
			other.tariff = noTariff
		}
	}
	r.tariff = m.l.inForce
}

// noTariff is that of a register of which nobody knows when it counts; unstated, of
// telegrams that do not say which is in force.
const noTariff, unstated = -2, -1

// flowIn takes the powers of the telegram; one that it does not state is as before.
func (m *meter) flowIn() {
	for _, f := range m.flows {
		f.now = f.was
	}
	for i := range m.l.powers {
		m.l.powers[i].f.now = m.l.powers[i].now
	}
}
