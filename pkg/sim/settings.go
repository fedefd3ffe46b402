package sim

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// settings say what a noise is like. Times are in bit times of the meter's line.
type settings struct {
	rate, first float64 // how often it hits; the same for the first character after a pause
	spell       int     // characters that it goes on for, at most
	late        float64 // the mean lateness of edges
	scatter     float64 // standard deviation, of each edge's own
	common      float64 // the same, of all edges of one direction in a character
	shift       float64 // the same, of all edges of a character but its start edge
	longest     float64 // of pulses
	pull        string  // to which level they pull the line
	slow        float64 // by what share the receiver's bit times are too long
}

// given holds settings as they were asked for, by the name of their parameter.
type given map[string]string

// parameters are what can be said of a noise. In a query times are in µs, and a noise
// has a bit of so many µs to make them bit times.
var parameters = []struct {
	name string
	read func(s *settings, value string, bit float64) error
}{
	{"clock-error", func(s *settings, v string, _ float64) error { return readPercent(&s.slow, v) }},
	{"common", func(s *settings, v string, bit float64) error { return readMicros(&s.common, v, bit) }},
	{"late", func(s *settings, v string, bit float64) error { return readMicros(&s.late, v, bit) }},
	{"longest", func(s *settings, v string, bit float64) error { return readMicros(&s.longest, v, bit) }},
	{"pause-rate", func(s *settings, v string, _ float64) error { return readRate(&s.first, v) }},
	{"pull", readPull},
	{"rate", func(s *settings, v string, _ float64) error { return readRate(&s.rate, v) }},
	{"scatter", func(s *settings, v string, bit float64) error { return readMicros(&s.scatter, v, bit) }},
	{"shift", func(s *settings, v string, bit float64) error { return readMicros(&s.shift, v, bit) }},
	{"spell", readSpells},
}

// scatters are the parameters of which those that are not given are 0 once one of
// them is.
var scatters = []string{"common", "scatter", "shift"}

// What is too long for a setting.
const (
	mostMicros  = 10_000 // ten characters at 9600 baud
	mostPercent = 5
	mostSpell   = 100_000
)

func readMicros(to *float64, value string, bit float64) error {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= 0 && v <= mostMicros) {
		return fmt.Errorf("want µs from 0 to %d", mostMicros)
	}
	*to = v / bit
	return nil
}

func readPercent(to *float64, value string) error {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= -mostPercent && v <= mostPercent) {
		return fmt.Errorf("want percent from -%d to %d", mostPercent, mostPercent)
	}
	*to = v / 100
	return nil
}

// pulls are the levels to which pulses may pull the line.
func pulls() []string { return []string{"down", "either", "up"} }

func readPull(s *settings, value string, _ float64) error {
	if !slices.Contains(pulls(), value) {
		return fmt.Errorf("known: %s", strings.Join(pulls(), ", "))
	}
	s.pull = value
	return nil
}

func readSpells(s *settings, value string, _ float64) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > mostSpell {
		return fmt.Errorf("want a whole number of characters from 1 to %d", mostSpell)
	}
	s.spell = n
	return nil
}

// with is the settings after those that were asked for, on a line with bits of so many
// µs.
func (s settings) with(g given, bit float64) (settings, error) {
	if slices.ContainsFunc(scatters, func(name string) bool { return g[name] != "" }) {
		s.common, s.scatter, s.shift = 0, 0, 0
	}
	for _, p := range parameters {
		if g[p.name] == "" {
			continue
		}
		if err := p.read(&s, g[p.name], bit); err != nil {
			return settings{}, fmt.Errorf("meter: %s=%s: %w", p.name, g[p.name], err)
		}
	}
	if g["pause-rate"] == "" {
		s.first = max(s.first, s.rate)
	}
	return s, nil
}

// A chosenNoise is one of those that an option names, with what was said of it.
type chosenNoise struct {
	noise
	given given
}

// takes says whether a parameter has a meaning for the noise.
func (n *noise) takes(parameter string) bool {
	switch parameter {
	case "rate":
		return n.usual.rate > 0 && !n.always
	case "pause-rate":
		return n.spells
	}
	return slices.Contains(n.has, parameter)
}

// findNoises looks up names joined by '+', which a query turns into a blank. After a
// name may stand what is said of this noise alone: slow-rise:rate=1:late=3.12.
func findNoises(list string) ([]chosenNoise, error) {
	var found []chosenNoise
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == '+' || r == ' ' }) {
		name, rest, _ := strings.Cut(item, ":")
		i := slices.IndexFunc(noises, func(n noise) bool { return n.name == name })
		if i < 0 {
			return nil, unknown("noise", name, Noises())
		}
		c := chosenNoise{noises[i], given{}}
		for _, said := range strings.FieldsFunc(rest, func(r rune) bool { return r == ':' }) {
			key, value, _ := strings.Cut(said, "=")
			if !c.takes(key) || value == "" {
				return nil, fmt.Errorf("meter: noise %s: %q is nothing that it takes", name, said)
			}
			c.given[key] = value
		}
		found = append(found, c)
	}
	if len(found) == 0 {
		return nil, unknown("noise", list, Noises())
	}
	return found, nil
}

// noises looks up the noises, and adds to each what the other options say of it.
func (o Options) noises() ([]chosenNoise, error) {
	found, err := findNoises(o.Noise)
	if err != nil {
		return nil, err
	}
	said, err := url.ParseQuery(o.Line)
	if err != nil {
		return nil, fmt.Errorf("meter: %q is not a query such as late=3.12&scatter=0.26: %w", o.Line, err)
	}
	if o.Rate > 0 {
		said.Set("rate", strconv.FormatFloat(o.Rate, 'g', -1, 64))
	}
	if o.PauseRate > 0 {
		said.Set("pause-rate", strconv.FormatFloat(o.PauseRate, 'g', -1, 64))
	}
	for _, key := range slices.Sorted(maps.Keys(said)) {
		taken := 0
		for _, n := range found {
			if !n.takes(key) {
				continue
			}
			taken++
			if n.given[key] == "" {
				n.given[key] = said.Get(key)
			}
		}
		if err := checkTaken(o.Noise, key, said.Get(key), taken); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// checkTaken refuses a parameter that none of the noises takes, and a rate for several.
func checkTaken(list, key, value string, taken int) error {
	switch {
	case key == "rate" && taken != 1:
		return fmt.Errorf("meter: rate %s belongs to one noise, and the noise is %q", value, list)
	case taken > 0:
		return nil
	}
	var belongs []string
	for _, n := range noises {
		if n.takes(key) {
			belongs = append(belongs, n.name)
		}
	}
	return fmt.Errorf("meter: %s %s belongs to %s, and the noise is %q", key, value, strings.Join(belongs, ", "), list)
}
