package plausible

import "slices"

// flow is a power, and what it has carried.
type flow struct {
	code   string  // of the quantity, 1-0:1
	now    float64 // kW, as the telegram says
	stated bool    // it does
	was    float64 // as the one before said
	here   bool    // that did

	low  float64 // kWh that it has carried at least since that one
	wide float64 // kWh that it has carried at most
}

// Powers are those of a moment. What flowed between two telegrams is at most the larger
// of theirs, and at least the smaller one, for a while.
const while = 15 // seconds

// demanded is how many units may be missing in a register that stands still.
const demanded = 5

// wideWith is wide once some seconds are over.
func (f *flow) wideWith(dt int64) float64 {
	return f.wide + max(f.now, f.was)*float64(max(tick, dt))/hour
}

// flowOn makes the powers of the telegram those of the one before.
func (m *Meter) flowOn() {
	for _, f := range m.flows {
		if f.here && f.stated {
			m.proven = max(m.proven, min(f.was, f.now))
		}
		f.wide = f.wideWith(m.said.dt)
		f.was, f.here = f.now, f.stated
	}
	m.inForce = m.l.inForce
}

// standing decides about a reading that goes on from the base: where it has not changed,
// its power may say that it must have.
func (m *Meter) standing(x *reading, gain int64) finding {
	r := x.r
	if gain > 0 || r.flow == nil {
		return finding{how: follows}
	}
	if r.missing+m.demands(r) <= max(float64(demanded*x.step), r.lag) || !r.total && m.anotherOf(r) {
		return finding{how: follows}
	}
	return finding{stands, still}
}

// anotherOf reports whether the register of another tariff goes on instead.
func (m *Meter) anotherOf(r *register) bool {
	return slices.ContainsFunc(m.l.readings, func(x reading) bool {
		return x.r != r && x.r.flow == r.flow && !x.r.total && x.ok && x.value > x.r.base.value
	})
}

// counts reports whether a register is one that goes on now: a total, or that of the
// tariff which is in force since the telegram before, as it was when it went on, or as the
// others' codes name theirs.
func (m *Meter) counts(r *register) bool {
	if r.total || m.inForce != m.l.inForce || m.l.inForce == unstated && m.hasOthers(r) {
		return r.total // which of them goes on, nobody says
	}
	return r.tariff == m.l.inForce || r.tariff == noTariff && r.numbered == m.l.inForce && m.named && !m.misnamed
}

// hasOthers reports whether the power of a register is counted in other tariffs too.
func (m *Meter) hasOthers(r *register) bool {
	for _, other := range m.registers {
		if other != r && other.flow == r.flow && !other.total {
			return true
		}
	}
	return false
}

// demands is how many units a register must have gained since the telegram before.
func (m *Meter) demands(r *register) float64 {
	if r.flow.low == 0 || !m.counts(r) {
		return 0
	}
	return r.flow.low * one
}

// caughtUp notes that a register has gone on. One that makes up for what was missing each
// time that it does is read less often than it is sent.
func (m *Meter) caughtUp(x *reading) {
	r := x.r
	gain := float64(x.value - r.base.value)
	if r.missing <= float64(demanded*x.step) || gain < r.missing/2 {
		r.lags = 0
	} else if r.lags++; r.lags >= convincing {
		r.lag = max(r.lag, surplus*r.missing)
	}
	if r.flow == nil {
		return
	}
	r.wide = r.flow.wideWith(m.said.dt)
	if !r.base.known || r.total || m.inForce != m.l.inForce || r.tariff == m.l.inForce {
		return
	}
	for _, other := range m.registers {
		if other.flow == r.flow && other.tariff == m.l.inForce && !other.total {
			other.tariff = noTariff
		}
	}
	r.tariff = m.l.inForce
	m.named = m.named || r.tariff == r.numbered
	m.misnamed = m.misnamed || r.tariff != r.numbered && r.tariff != unstated
}

// noTariff is that of a register of which nobody knows when it counts; unstated, of
// telegrams that do not say which is in force.
const noTariff, unstated = -2, -1

// flowIn takes the powers of the telegram; one that it does not state is as before.
func (m *Meter) flowIn() {
	for _, f := range m.flows {
		f.now, f.low, f.stated = f.was, 0, false
	}
	hours := float64(min(m.said.dt, while)) / hour
	for i := range m.l.powers {
		f := m.l.powers[i].f
		f.now, f.stated = m.l.powers[i].now, true
		if f.here && !m.said.unsure {
			f.low = min(f.now, f.was) * hours
		}
	}
}
