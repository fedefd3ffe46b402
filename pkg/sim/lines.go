package sim

// The lines that meters of several kinds write. They differ in the format only.

// tariff writes which of two tariffs is in force: 0 is the first.
func (t *telegram) tariff(active int) {
	t.number("0-0:96.14.0", int64(1+active), format{4, 0, ""})
}

// limit writes the limiter, in kW: that of the options, or else what the meter has.
func (t *telegram) limit(own int64, f format) {
	if t.limiter > 0 {
		own = int64(t.limiter) * f.one()
	}
	t.number("0-0:17.0.0", own, f)
}

// writeByTariff writes energy in and out, 1.8.1, 1.8.2, 2.8.1 and 2.8.2.
func (e *electricity) writeByTariff(t *telegram, f format) {
	t.number("1-0:1.8.1", e.imported.wh[0], f)
	t.number("1-0:1.8.2", e.imported.wh[1], f)
	t.number("1-0:2.8.1", e.exported.wh[0], f)
	t.number("1-0:2.8.2", e.exported.wh[1], f)
}

// writeReactive writes reactive energy, 3.8.0 and 4.8.0.
func (e *electricity) writeReactive(t *telegram, f format) {
	energy := e.reactiveEnergy()
	t.number("1-0:3.8.0", energy[0], f)
	t.number("1-0:4.8.0", energy[1], f)
}

// writePower writes power in and out, 1.7.0 and 2.7.0, in kW of as many decimals as
// the format has.
func (h *house) writePower(t *telegram, f format) {
	in, out := h.power()
	t.number("1-0:1.7.0", int64(in)*f.one()/1000, f)
	t.number("1-0:2.7.0", int64(out)*f.one()/1000, f)
}

// writeReactivePower writes 3.7.0 and 4.7.0.
func (h *house) writeReactivePower(t *telegram, f format) {
	vars := h.reactive()
	t.number("1-0:3.7.0", int64(vars[0]+vars[1]), f)
	t.number("1-0:4.7.0", int64(vars[2]+vars[3]), f)
}

// writeVolts writes the voltage of each phase.
func (h *house) writeVolts(t *telegram, f format) {
	t.perPhase(32, f, func(p int) int { return h.volts[p] })
}

// writeAmps writes the current of each phase.
func (h *house) writeAmps(t *telegram, f format) {
	t.perPhase(31, f, func(p int) int { return h.current(p, int(f.one())) })
}

// writePowers writes power in and out of each phase.
func (h *house) writePowers(t *telegram, f format) {
	t.perPhase(21, f, func(p int) int { return max(h.watts[p], 0) })
	t.perPhase(22, f, func(p int) int { return max(-h.watts[p], 0) })
}

// writeReactivePowers writes reactive power of each phase, inductive and capacitive.
func (h *house) writeReactivePowers(t *telegram, f format) {
	t.perPhase(23, f, func(p int) int { return max(h.vars[p], 0) })
	t.perPhase(24, f, func(p int) int { return max(-h.vars[p], 0) })
}
