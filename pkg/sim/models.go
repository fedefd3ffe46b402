package sim

import "slices"

// A dialect is one meter: it counts what the house does and writes telegrams.
type dialect interface {
	count(h *house, from, to int64)
	write(t *telegram, h *house, now int64)
}

// A model says what a kind of meter is like.
type model struct {
	name     string
	period   int64  // seconds between telegrams
	signs    string // see Signs
	zone     zone
	sevenBit bool   // seven data bits and even parity, instead of eight data bits
	eightBit bool   // what it sends has bytes above 0x7F
	noClock  bool   // its telegrams tell no time
	mbus     bool   // it has an M-Bus
	message  string // how its telegrams carry one: "hex", "raw", or not at all
	title    string // the first letters of the system title, if what it sends is encrypted
	build    func(s setup) dialect
}

// models is sorted by name; each is described in a file of its own.
var models = []model{
	{name: "at", period: 10, signs: "encrypted", zone: central, eightBit: true, title: "SAG", build: newAustrian},
	{name: "be", period: 1, signs: "ARC", zone: central, mbus: true, message: "hex", build: newFluvius},
	{name: "ch", period: 5, signs: "ARC", zone: central, build: newSwiss},
	{name: "dsmr2", period: 10, signs: "none", zone: central, sevenBit: true, noClock: true, mbus: true, message: "hex", build: newDSMR2},
	{name: "dsmr3", period: 10, signs: "none", zone: central, sevenBit: true, noClock: true, mbus: true, message: "hex", build: newDSMR3},
	{name: "dsmr4", period: 10, signs: "ARC", zone: central, mbus: true, message: "hex", build: newDSMR4},
	{name: "hu", period: 10, signs: "ARC", zone: central, eightBit: true, message: "raw", build: newSanxing},
	{name: "hu-holley", period: 10, signs: "X25", zone: central, message: "raw", build: newHolley},
	{name: "hu-sagemcom", period: 10, signs: "ARC", zone: central, message: "raw", build: newSagemcom},
	{name: "hu-wasion", period: 10, signs: "other", zone: central, message: "raw", build: newWasion},
	{name: "lt", period: 10, signs: "ARC", zone: eastern, build: newLithuanian},
	{name: "lu", period: 10, signs: "encrypted", zone: central, eightBit: true, mbus: true, message: "hex", title: "SAG", build: newSmarty},
	{name: "nl", period: 1, signs: "ARC", zone: central, mbus: true, message: "hex", build: newDSMR5},
	{name: "no", period: 10, signs: "ARC", zone: central, build: newNorwegian},
	{name: "q3d", period: 2, signs: "none", zone: central, sevenBit: true, noClock: true, build: newEasyMeter},
	{name: "se", period: 10, signs: "ARC", zone: central, build: newSwedish},
}

// Meters lists the meters that can be simulated:
//
//	at           Austrian, Wh and W, encrypted
//	be           Belgian, with quarter-hour peaks
//	ch           Swiss: totals, tariffs and quadrants
//	dsmr2        Dutch, of 2008, full kWh, without clock and CRC
//	dsmr3        Dutch, of 2008 to 2011, without clock and CRC
//	dsmr4        Dutch, DSMR 4, hourly gas with a valve
//	hu           Hungarian, Sanxing, with a message of 1,024 bytes
//	hu-holley    Hungarian, with CRC-16/X-25 and a line that is wrapped
//	hu-sagemcom  Hungarian, with hex identifiers
//	hu-wasion    Hungarian, with a CRC that has no name
//	lt           Lithuanian, an hour ahead of the others
//	lu           Luxembourg's Smarty, encrypted
//	nl           Dutch, DSMR 5
//	no           Norwegian, totals only
//	q3d          German EasyMeter Q3D, without clock and CRC
//	se           Swedish, totals only
func Meters() []string {
	var names []string
	for _, m := range models {
		names = append(names, m.name)
	}
	return names
}

// Signs says how a meter signs its telegrams: with CRC-16/ARC ("ARC"), with
// CRC-16/X-25 ("X25"), with a CRC that is neither ("other"), or not ("none"). What
// is "encrypted" has a tag, and CRC-16/ARC in the telegram within. Of a meter that
// is not in Meters it says nothing.
func Signs(name string) string {
	m, err := findModel(name)
	if err != nil {
		return ""
	}
	return m.signs
}

func findModel(name string) (model, error) {
	i := slices.IndexFunc(models, func(m model) bool { return m.name == name })
	if i < 0 {
		return model{}, unknown("meter", name, Meters())
	}
	return models[i], nil
}
