package tables

import (
	"fmt"
	"slices"
	"strings"

	"p1/pkg/display"
	"p1/pkg/telegram"
)

// The profiles of the records table, for Options.Profile.
const (
	Default     = "default"
	Seed        = "seed"
	Netherlands = "nl"
	Belgium     = "be"
	Luxembourg  = "lu"
	Sweden      = "se"
	Hungary     = "hu"
	All         = "all"
)

// Profiles lists the names that [Options.Profile] may have.
func Profiles() []string {
	return []string{Default, Seed, Netherlands, Belgium, Luxembourg, Sweden, Hungary, All}
}

// monthEndNames stands in a profile for the columns of the month's end.
const monthEndNames = "month_end"

// leading are the columns that every profile but default and seed begins with.
const leading = "time utc_offset host_time clock meter status confidence suspect"

// Groups of codes that several profiles have.
const (
	voltages   = " 1-0:32.7.0 1-0:52.7.0 1-0:72.7.0"
	currents   = " 1-0:31.7.0 1-0:51.7.0 1-0:71.7.0"
	tariffs    = " 0-0:96.14.0 1-0:1.8.1 1-0:1.8.2 1-0:2.8.1 1-0:2.8.2"
	powers     = " 1-0:1.7.0 1-0:2.7.0"
	phases     = " 1-0:21.7.0 1-0:41.7.0 1-0:61.7.0 1-0:22.7.0 1-0:42.7.0 1-0:62.7.0"
	reactives  = " 1-0:3.7.0 1-0:4.7.0"
	varPhases  = " 1-0:23.7.0 1-0:43.7.0 1-0:63.7.0 1-0:24.7.0 1-0:44.7.0 1-0:64.7.0"
	energies   = " 1-0:1.8.0 1-0:1.8.1 1-0:1.8.2 1-0:2.8.0 1-0:2.8.1 1-0:2.8.2"
	totals     = " 1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:4.8.0"
	failures   = " 0-0:96.7.21 0-0:96.7.9"
	disturbed  = " 1-0:32.32.0 1-0:52.32.0 1-0:72.32.0 1-0:32.36.0 1-0:52.36.0 1-0:72.36.0"
	messages   = " 0-0:96.13.0"
	gas        = " gas_m3 gas_time"
	water      = " water_m3 water_time"
	heat       = " heat_gj heat_time"
	breakerAnd = " 0-0:96.3.10 0-0:17.0.0"
)

// namesOf returns the columns of a profile, by their names or the codes of their
// lines: those that the companion standard of the country lists.
func namesOf(profile string) []string {
	var list string
	switch profile {
	case "":
		return nil
	case Netherlands: // P1 companion standard 5.0.2 §6.12
		list = tariffs + powers + voltages + currents + phases + breakerAnd + failures + disturbed + messages + gas + water + heat
	case Belgium: // e-MUCS-P1 1.7.1 §5.3: quarter hours, and the month's peak
		list = tariffs + powers + " 1-0:1.4.0 1-0:1.6.0 import_max_time" + voltages + currents + phases +
			breakerAnd + " 1-0:31.4.0" + messages + gas + water
	case Luxembourg: // E-Meter_P1_specification 1.1.2
		list = totals + powers + reactives + phases + varPhases + voltages + currents + breakerAnd + failures + disturbed + messages + gas + water + heat
	case Sweden: // branschrekommendation for local customer interfaces, 2.0
		list = totals + powers + reactives + phases + varPhases + voltages + currents
	case Hungary: // what four makes of meters send; one has 4.8.1 for 4.8.0
		list = " 0-0:96.14.0 0-0:96.3.10 0-0:96.50.68 0-0:17.0.0" +
			" 1-0:1.8.0 1-0:1.8.1 1-0:1.8.2 1-0:1.8.3 1-0:1.8.4 1-0:2.8.0 1-0:2.8.1 1-0:2.8.2 1-0:2.8.3 1-0:2.8.4" +
			" 1-0:3.8.0 1-0:4.8.0 1-0:4.8.1 1-0:5.8.0 1-0:6.8.0 1-0:7.8.0 1-0:8.8.0 1-0:15.8.0" +
			powers + " 1-0:5.7.0 1-0:6.7.0 1-0:7.7.0 1-0:8.7.0" + voltages + currents +
			" 1-0:13.7.0 1-0:33.7.0 1-0:53.7.0 1-0:73.7.0 1-0:14.7.0 " + monthEndNames + messages
	case Default: // fixed
		return strings.Fields("time utc_offset meter status confidence suspect 0-0:96.14.0" + energies + powers +
			voltages + currents + phases + " interval_import_kw interval_export_kw net_current_a")
	}
	return strings.Fields(leading + list)
}

// catalogue finds columns by their names.
type catalogue struct {
	o      *Options
	own    map[string]quantity // columns that stand for no line
	listed map[string]quantity // columns of the dictionary, made when one is asked for
	all    []string            // of the names, those that are shown to people
}

func newCatalogue(o *Options) *catalogue {
	c := &catalogue{o: o, own: map[string]quantity{}}
	for _, q := range o.own() {
		c.put(c.own, q)
	}
	return c
}

// put adds a column under its name and under that with the k in its unit, unless
// the name is taken.
func (c *catalogue) put(to map[string]quantity, q quantity) {
	if _, taken := to[q.name]; taken {
		return
	}
	to[q.name] = q
	c.all = append(c.all, q.name)
	if shown := "_" + telegram.UnitName(c.o.shown(q.unit)); q.unit != "" {
		if name, ok := strings.CutSuffix(q.name, shown); ok {
			to[telegram.Meaning{Name: name, Unit: q.unit}.Column()] = q
		}
	}
}

// dictionary returns the columns of the codes that have a name of their own.
func (c *catalogue) dictionary() map[string]quantity {
	if c.listed != nil {
		return c.listed
	}
	c.listed = map[string]quantity{}
	for _, q := range c.o.monthEnds(usualMonthEnd()) {
		c.put(c.listed, q)
	}
	for _, m := range telegram.Meanings() {
		c.put(c.listed, c.ofCode(m))
		for _, m := range telegram.Variants(m.Code) {
			c.put(c.listed, c.ofCode(m))
		}
		if hasTime(m) {
			if q := c.o.timeOfCode(m); c.listed[q.name].name == "" {
				c.listed[q.name] = q // not put: few meters have one, and it need not be shown
			}
		}
	}
	return c.listed
}

// ofCode is the column of a code under a name that none of the own columns has:
// of the meter's own status and clock the names are meter_status and meter_clock.
func (c *catalogue) ofCode(m telegram.Meaning) quantity {
	q := c.o.ofCode(m)
	if _, taken := c.own[q.name]; taken {
		q.name = "meter_" + q.name
	}
	return q
}

// find returns the columns of a name or an OBIS code.
func (c *catalogue) find(name string) ([]quantity, error) {
	if name == monthEndNames {
		return c.o.monthEnds(usualMonthEnd()), nil
	}
	if n := telegram.CodeLen([]byte(name + "(")); n > 0 {
		m := telegram.Lookup(name)
		list := []quantity{c.ofCode(m)}
		for _, m := range telegram.Variants(m.Code) {
			list = append(list, c.ofCode(m))
		}
		return list, nil
	}
	if q, ok := c.listedAs(name); ok {
		return []quantity{q}, nil
	}
	if q, ok := c.byGroups(name); ok {
		return []quantity{q}, nil
	}
	return nil, fmt.Errorf("there is no column %q%s; an OBIS code such as 1-0:32.7.0 is a column too", name, display.Meant(name, c.names()))
}

// listedAs finds a name that is listed.
func (c *catalogue) listedAs(name string) (quantity, bool) {
	if q, ok := c.own[name]; ok {
		return q, true
	}
	if q, ok := c.dictionary()[name]; ok {
		return q, true
	}
	return c.o.deviceColumn(name)
}

// byGroups finds the name of a code that the dictionary does not list: obis_ and
// the code itself, or what IEC 62056-61 calls 1-0:C.D.E.
func (c *catalogue) byGroups(name string) (quantity, bool) {
	if groups, ok := strings.CutPrefix(name, "obis_"); ok {
		code := strings.Split(groups, "_")
		for i, mark := range "-:..*" {
			if i+1 < len(code) {
				code[i] += string(mark)
			}
		}
		joined := strings.Join(code, "")
		q := c.o.ofCode(telegram.Lookup(joined))
		return q, q.name == name && telegram.CodeLen([]byte(joined+"(")) > 0
	}
	for quantityC := range 100 {
		for way := range 64 {
			for rate := range 5 {
				m := telegram.Lookup(fmt.Sprintf("1-0:%d.%d.%d", quantityC, way, rate))
				if q := c.o.ofCode(m); q.name == name || m.Column() == name {
					return q, true
				}
			}
		}
	}
	return quantity{}, false
}

// names lists those that are shown to people.
func (c *catalogue) names() []string {
	names := slices.Clone(c.all)
	for _, medium := range media() {
		names = append(names, medium+"_m3", medium+"_gj", medium+"_kwh", medium+"_time", medium+"_id", medium+"_valve")
	}
	return names
}

// find returns the columns of names, each of them once.
func (c *catalogue) findAll(names []string) ([]quantity, error) {
	var list []quantity
	for _, name := range names {
		found, err := c.find(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		for _, q := range found {
			if slices.ContainsFunc(list, func(other quantity) bool { return other.name == q.name }) {
				return nil, fmt.Errorf("the column %s is asked for twice", q.name)
			}
			list = append(list, q)
		}
	}
	return list, nil
}
