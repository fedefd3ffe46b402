package telegram

import (
	"fmt"
	"strconv"
	"strings"
)

// obis is an OBIS code in numbers, A-B:C.D.E*F (IEC 62056-61 §4):
//
//	1-0:62.6.1*255
//	│ │ │  │ │  └ F: billing period, 255 for none
//	│ │ │  │ └ E: tariff, or harmonic
//	│ │ │  └ D: how the quantity is processed: 6 maximum
//	│ │ └ C: quantity: 62 active power to the grid, L3
//	│ └ B: channel
//	└ A: medium: 0 abstract, 1 electricity, 5 cooling, 6 heat, 7 gas, 8 cold and 9 hot water
type obis [6]int

// parseOBIS reads a code whose groups are 0 to 255 and have no leading zeros. The
// group F is 255 where it is left out.
func parseOBIS(code string) (obis, bool) {
	o := obis{5: 255}
	rest := code
	for group, mark := range []byte("-:..*") {
		n := 0
		for n < len(rest) && IsDigit(rest[n]) {
			n++
		}
		var ok bool
		if o[group], ok = parseGroup(rest[:n]); !ok {
			return o, false
		}
		rest = rest[n:]
		if group == 4 && rest == "" {
			return o, true
		}
		if rest == "" || rest[0] != mark {
			return o, false
		}
		rest = rest[1:]
	}
	var ok bool
	o[5], ok = parseGroup(rest)
	return o, ok
}

// parseGroup reads one group of a code.
func parseGroup(digits string) (int, bool) {
	n, err := strconv.ParseUint(digits, 10, 8)
	return int(n), err == nil && (len(digits) == 1 || digits[0] != '0')
}

// identifies reports whether the code names a meter, a customer or a household:
// x-x:0.0.x, x-x:96.1.x, 0-x:42.0.x and 41.0.x. Only Belgium uses one of them,
// 0-0:96.1.4, for a version.
func (o obis) identifies() bool {
	switch {
	case o[2] == 96 && o[3] == 1:
		return o != obis{0, 0, 96, 1, 4, 255}
	case o[3] == 0 && (o[2] == 0 || o[0] == 0 && (o[2] == 41 || o[2] == 42)):
		return true
	}
	return false
}

// class is a sort of quantity: which units it has.
type class int

const (
	active class = iota
	reactive
	apparent
	voltage
	current
	factor
	frequency
)

// classes are the units and the nouns of a quantity, and of its integral over time.
var classes = [...]struct{ unit, integral, noun, summed string }{
	active:    {"kW", "kWh", "power", "energy"},
	reactive:  {"kvar", "kvarh", "reactive power", "reactive energy"},
	apparent:  {"kVA", "kVAh", "apparent power", "apparent energy"},
	voltage:   {"V", "Vh", "voltage", "volt hours"},
	current:   {"A", "Ah", "current", "ampere hours"},
	factor:    {"", "", "power factor", ""},
	frequency: {"Hz", "", "frequency", ""},
}

// quantity is what the group C stands for.
type quantity struct {
	name  string // import
	title string // "# from the grid": # stands for the noun of the class
	class class
}

// quantities are those of the sum of the phases, from C = 1 on. 20 more is the
// same of L1, 40 of L2, 60 of L3 (IEC 62056-61 §5.4, table 10).
var quantities = [20]quantity{
	{"import", "# from the grid", active},
	{"export", "# to the grid", active},
	{"reactive_import", "# from the grid", reactive},
	{"reactive_export", "# to the grid", reactive},
	{"reactive_q1", "#, quadrant 1", reactive},
	{"reactive_q2", "#, quadrant 2", reactive},
	{"reactive_q3", "#, quadrant 3", reactive},
	{"reactive_q4", "#, quadrant 4", reactive},
	{"apparent_import", "# from the grid", apparent},
	{"apparent_export", "# to the grid", apparent},
	{"current", "#", current},
	{"voltage", "#", voltage},
	{"power_factor", "#", factor},
	{"frequency", "#", frequency},
	{"combined", "# from and to the grid together", active},
	{"net", "# from the grid less # to the grid", active},
	{"active_q1", "#, quadrant 1", active},
	{"active_q2", "#, quadrant 2", active},
	{"active_q3", "#, quadrant 3", active},
	{"active_q4", "#, quadrant 4", active},
}

// quantityOf returns what the group C stands for, its phase included.
func quantityOf(c int) (quantity, bool) {
	switch {
	case c >= 1 && c <= 80:
		q := quantities[(c-1)%20]
		if phase := (c - 1) / 20; phase > 0 {
			q.name += fmt.Sprintf("_l%d", phase)
			q.title += fmt.Sprintf(", L%d", phase)
		}
		return q, true
	case c == 84:
		return quantity{"power_factor_export", "# to the grid", factor}, true
	case c >= 85 && c <= 87:
		return quantity{fmt.Sprintf("power_factor_export_l%d", c-84), fmt.Sprintf("# to the grid, L%d", c-84), factor}, true
	case c == 90:
		return quantity{"current_sum", "#, sum of the phases", current}, true
	case c == 91:
		return quantity{"current_n", "#, neutral", current}, true
	case c == 92:
		return quantity{"voltage_n", "#, neutral", voltage}, true
	}
	return quantity{}, false
}

// result is what sort of number comes of a processing.
type result int

const (
	same     result = iota // in the unit of the quantity
	integral               // its sum over time
	count                  // a number of events
	seconds                // a duration
)

// process is what the group D stands for.
type process struct {
	name  string // what is added to the quantity's
	title string
	gives result
	kind  Kind
}

// processes are those of the group D (IEC 62056-61 §5.4, table 13) that are none of
// schemes and limits.
var processes = [...]process{
	0:  {"billing_avg", "mean of the last billing period", same, Instant},
	7:  {"", "", same, Instant},
	8:  {"", "", integral, Register},
	9:  {"period", "since the billing period began", integral, Instant},
	10: {"excess", "above the threshold", integral, Register},
	29: {"interval", "in the recording interval", integral, Instant},
	30: {"interval2", "in the recording interval, scheme 2", integral, Instant},
	46: {"contracted", "as agreed in the contract", same, Switch},
}

// schemes are the processes of an averaging scheme.
var schemes = [...]process{
	1: {"cumulative_min", "sum of the lowest means", same, Register},
	2: {"cumulative_max", "sum of the highest means", same, Register},
	3: {"min", "lowest mean", same, Instant},
	4: {"avg", "mean of the running period", same, Instant},
	5: {"last_avg", "mean of the last period", same, Instant},
	6: {"max", "highest mean", same, Instant},
}

// processOf returns what the group D stands for.
func processOf(d int, c class) (process, bool) {
	switch {
	case d < len(processes) && processes[d].kind != Text:
		return processes[d], true
	case d <= 26:
		return schemeProcess(d, c)
	case d >= 31 && d <= 42:
		return limitProcess(d, c), true
	}
	return process{}, false
}

// schemeProcess returns the processing of one of three averaging schemes: D is 1
// to 6 for the first, 11 to 16 for the second, 21 to 26 for the third.
func schemeProcess(d int, c class) (process, bool) {
	if d%10 >= len(schemes) || d%10 == 0 {
		return process{}, false
	}
	p := schemes[d%10]
	if c <= apparent { // the mean of a power has a name of its own
		p.name = strings.Replace(p.name, "avg", "demand", 1)
	}
	if n := d/10 + 1; n > 1 {
		p.name += strconv.Itoa(n)
		p.title += fmt.Sprintf(", scheme %d", n)
	}
	return p, true
}

// limitProcess returns the processing of values out of bounds: D is 31 to 34
// below a limit, 35 to 38 above one, 39 to 42 missing.
func limitProcess(d int, c class) process {
	name, one, many := "under", "value below the limit", "values below the limit"
	switch below := d <= 34; {
	case d >= 39:
		name, one, many = "missing", "missing value", "values missing"
	case below && c == voltage:
		name, one, many = "sag", "sag", "sags"
	case c == voltage:
		name, one, many = "swell", "swell", "swells"
	case !below:
		name, one, many = "over", "value above the limit", "values above the limit"
	}
	switch (d - 31) % 4 {
	case 0:
		return process{name + "_threshold", "threshold of " + many, same, Switch}
	case 1:
		if c == voltage && d < 39 {
			return process{many, many, count, Register}
		}
		return process{name + "_count", many, count, Register}
	case 2:
		return process{name + "_time", "duration of the last " + one, seconds, Switch}
	}
	return process{name + "_magnitude", "magnitude of the last " + one, same, Switch}
}

// electricity names a code of the medium 1 by the meanings of its groups.
func electricity(o obis) (Meaning, bool) {
	q, ok := quantityOf(o[2])
	if !ok {
		return Meaning{}, false
	}
	p, ok := processOf(o[3], q.class)
	if !ok {
		return Meaning{}, false
	}
	m := Meaning{Name: q.name, Kind: p.kind}
	of := classes[q.class]
	noun := of.noun
	switch p.gives {
	case same:
		m.Unit = of.unit
	case integral:
		if m.Unit, noun = of.integral, of.summed; m.Unit == "" {
			return Meaning{}, false
		}
	case seconds:
		m.Unit = "s"
	}
	if p.name != "" {
		m.Name += "_" + p.name
	}
	m.Title = strings.ReplaceAll(q.title, "#", noun)
	if p.title != "" {
		m.Title += ", " + p.title
	}
	m.specify(o, q.class)
	return m, true
}

// specify adds what the groups B, E and F say.
func (m *Meaning) specify(o obis, c class) {
	add := func(name, title string, n int) {
		m.Name += fmt.Sprintf("_%s%d", name, n)
		m.Title += fmt.Sprintf(", %s %d", title, n)
	}
	switch e := o[4]; {
	case e == 0:
	case o[3] == 7 && (c == voltage || c == current) && e <= 120:
		add("h", "harmonic", e)
	case e <= 63:
		add("t", "tariff", e)
	default:
		add("e", "group E", e)
	}
	if o[1] > 0 {
		add("ch", "channel", o[1])
	}
	if o[5] != 255 {
		add("f", "billing period", o[5])
	}
}
