package meter

import "slices"

// A dialect is one meter: it counts what the house does and writes telegrams.
type dialect interface {
	count(h *house, from, to int64)
	telegram(h *house, now int64) telegram
}

// A model says what a kind of meter is like.
type model struct {
	name     string
	period   int64 // seconds between telegrams
	sevenBit bool  // seven data bits and even parity, instead of eight data bits
	eightBit bool  // its text has bytes above 0x7F
	noCRC    bool  // its telegrams end in a bare '!'
	build    func(d dice, begin int64, pv bool) dialect
}

// models is sorted by name; each is described in a file of its own.
var models = []model{
	{name: "be", period: 1, build: newFluvius},
	{name: "dsmr3", period: 10, sevenBit: true, noCRC: true, build: newDSMR3},
	{name: "hu", period: 10, eightBit: true, build: newSanxing},
	{name: "nl", period: 1, build: newDSMR5},
	{name: "se", period: 10, build: newSwedish},
}

// Meters lists the meters that can be simulated: be is a Belgian meter with
// quarter-hour peaks, dsmr3 a Dutch one of 2008 to 2011 without CRC, hu a Hungarian
// Sanxing, nl a Dutch DSMR 5 meter, se a Swedish one with totals only.
func Meters() []string {
	var names []string
	for _, m := range models {
		names = append(names, m.name)
	}
	return names
}

func findModel(name string) (model, error) {
	i := slices.IndexFunc(models, func(m model) bool { return m.name == name })
	if i < 0 {
		return model{}, unknown("meter", name, Meters())
	}
	return models[i], nil
}
