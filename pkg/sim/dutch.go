package sim

import "time"

// dutch is what the meters of the Netherlands have in common: two tariffs, a gas meter
// and others on the M-Bus, and an identifier in hex digits.
type dutch struct {
	electricity
	bus  *bus
	name string // of the header line
	id   string
}

// newDutch draws a meter of a model, whose devices are read every so many seconds; maker
// and year stand in the identifiers.
func newDutch(s setup, model, made string, every int64) dutch {
	gasMeter := newGasMeter(s, every)
	m := dutch{name: `SIM5\2` + model + "-" + s.dice.digits(4), id: hexText("E" + made + s.dice.digits(12))}
	m.setDutch(s, gasMeter, made)
	return m
}

// setDutch connects the devices, and draws what the registers stand at.
func (m *dutch) setDutch(s setup, gasMeter device, made string) {
	m.bus = s.connect(gasMeter, dutchNames(made))
	m.setTwoTariffs(s)
}

// dutchTariff is 0, the low one, by night and on weekends, else 1.
func dutchTariff(t time.Time) int {
	if offPeak(t, 23) {
		return 0
	}
	return 1
}

func (m *dutch) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, dutchTariff(local(from)))
}

// writeMoment writes both tariffs' energy in and out, the tariff, and power in and out.
func (m *dutch) writeMoment(t *telegram, h *house, now int64, energy, power format) {
	m.writeByTariff(t, energy)
	t.tariff(dutchTariff(local(now)))
	h.writePower(t, power)
}
