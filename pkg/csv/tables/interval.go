package tables

import (
	"time"

	"p1/pkg/telegram"
)

// history remembers the last record of each of the meters seen lately.
type history struct {
	bases perMeter[base]
}

// base is the record that the next interval of a meter is counted from.
type base struct {
	known              bool
	verified           bool
	clock              telegram.Clock
	imported, exported energy
}

// energy is what a meter has counted in one direction: its total, or the
// registers of its tariffs.
type energy struct {
	registers [tariffCount]telegram.Decimal // kWh
	has       int                           // which of them there are, a bit each; 0 where not known
}

// ofTotal is what energy.has is where the only register is the total.
const ofTotal = 1 << tariffCount

// energy returns the energy in the register total, or, where the telegram has no
// such line, in those of the tariffs that follow it, two or more.
func (v *view) energy(total basis) (e energy) {
	switch sum := v.reading(total); {
	case sum.ok:
		e.registers[0], e.has = sum.Decimal, ofTotal
		return e
	case sum.present:
		return e
	}
	for i := range e.registers {
		r := v.reading(total + 1 + basis(i))
		if r.present && !r.ok {
			return energy{}
		}
		if r.ok {
			e.registers[i] = r.Decimal
			e.has |= 1 << i
		}
	}
	if e.has&(e.has-1) == 0 {
		return energy{}
	}
	return e
}

// gain is the energy in kWh that a meter counted between two records.
type gain struct {
	telegram.Decimal
	known bool
}

// since returns what was gained since an earlier time, which is not known where
// a register fell, or where the two cannot be compared.
func (e energy) since(earlier energy) gain {
	if e.has == 0 || e.has != earlier.has {
		return gain{}
	}
	var sum telegram.Decimal
	for i := range e.registers {
		d, ok := minus(e.registers[i], earlier.registers[i])
		if !ok || d.Digits < 0 {
			return gain{}
		}
		if sum, ok = sum.Plus(d); !ok {
			return gain{}
		}
	}
	return gain{sum, true}
}

// interval is what a meter counted between two of its records.
type interval struct {
	elapsed            time.Duration // 0 where there is no interval
	imported, exported gain
}

// next returns the interval that ends with these readings, and makes them the
// base of the next one. Suspect and salvaged readings, and such without a clock,
// are left out of both. No interval of a verified reading begins with one that is not.
func (h *history) next(v *view) interval {
	if v.alone || !v.clockOK {
		return interval{}
	}
	now := base{
		known:    true,
		verified: v.from.Status.Valid(),
		clock:    v.clock,
		imported: v.energy(importTotal),
		exported: v.energy(exportTotal),
	}
	kept := h.bases.of(v.meter)
	last := *kept
	if now.verified || !last.verified {
		*kept = now
	}
	// A clock that has begun to tell the season, or no longer does, cannot be
	// compared with what it was.
	if !last.known || now.verified && !last.verified || (last.clock.Season == 0) != (now.clock.Season == 0) {
		return interval{}
	}
	return interval{
		elapsed:  now.clock.Time.Sub(last.clock.Time),
		imported: now.imported.since(last.imported),
		exported: now.exported.since(last.exported),
	}
}

// maxGap is how far apart two records may be for the power between them to
// stand in the table.
const maxGap = 60 * time.Second

// power returns the mean power in kW of an interval in which g was counted.
func (i interval) power(g gain) value {
	if !g.known || i.elapsed <= 0 || i.elapsed > maxGap {
		return value{}
	}
	return numberOr(rounded(g.Decimal, 3600, telegram.Decimal{Digits: int64(i.elapsed / time.Second)}))
}
