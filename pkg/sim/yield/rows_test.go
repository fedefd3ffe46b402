package yield

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"

	"p1/pkg/sim"
)

// A Row is one meter after one line and one logger.
type Row struct {
	Number     int // counted from 1 in the order of Rows
	Meter      string
	Channel    string  // its name in the table
	Options    string  // the options of the simulation that make it
	Asked      float64 // the least share that was asked to be right; 0: none was
	Floor      float64 // the least share that must be right: what is asked, if it can be reached
	Fixed      bool    // both are for damage in fixed text only
	Damage     *Damage // laid over the telegrams; nil: that of the simulated line
	Unverified bool    // tags that do not verify are accepted
	all        bool    // every meter stands after this channel
}

// Name names the row for people and for [Select].
func (r Row) Name() string { return r.Meter + "/" + r.Channel }

// channels are the rows of each meter. Of the first part a share is asked. There the
// slow edges hit a byte after a pause like any other; the second part has the
// share of a real line, on which every fifth of those is hit, and other lines of
// which none is asked.
//
// What is asked of a receiver that is out of step until the line pauses is out of
// reach: it loses two bits of each character, and in half of the phases thirty digits
// differ in these, which leaves more open than 15 bits of CRC can tell (see the
// notebook of pkg/fix/repair). Of 1,300 telegrams of each meter 64.69 (be), 67.15 (se),
// 66.38 (nl) and 72.00 % (hu) were right with seed 1, and 61.92 % at least with seed 200
// (2026-11-22, 2026-11-29). So the floor is 60 %, and stands beside what is asked.
var channels = []Row{
	{Channel: "slow-rise 0.1 %", Options: "noise=slow-rise&rate=0.001&pause-rate=0.001", Floor: 0.995, all: true},
	{Channel: "slow-rise 0.4 %", Options: "noise=slow-rise&rate=0.004&pause-rate=0.004", Floor: 0.97, all: true},
	{Channel: "slow-rise 0.1 % printable", Options: "noise=slow-rise&rate=0.001&pause-rate=0.001&logger=printable", Floor: 0.99, all: true},
	{Channel: "slow-fall 0.1 %", Options: "noise=slow-fall&rate=0.001&pause-rate=0.001", Floor: 0.97, all: true},
	{Channel: "overrun 0.03 %", Options: "noise=overrun&rate=0.0003", Floor: 0.85},
	{Channel: "slip every 2nd", Options: "noise=slip&rate=0.5", Floor: 0.95},
	{Channel: "slip every 2nd to pause", Options: "noise=slip&rate=0.5&resync=pause", Asked: 0.95, Floor: 0.60},
	{Channel: "flip 0.01 %", Options: "noise=flip&rate=0.0001", Floor: 0.95, all: true},
	{Channel: "burst in each", Options: "noise=burst&rate=1", Floor: 0.95, Fixed: true},

	{Channel: "clean", Options: "noise=clean"},
	{Channel: "clean printable", Options: "noise=clean&logger=printable"},
	{Channel: "slow-rise 0.1 % pauses", Options: "noise=slow-rise&rate=0.001"},
	{Channel: "slow-rise 0.17 % pauses printable", Options: "noise=slow-rise&logger=printable"},
	{Channel: "slow-rise 0.1 % lf", Options: "noise=slow-rise&rate=0.001&pause-rate=0.001&logger=lf"},
	{Channel: "slow-rise 0.1 % framing dropped", Options: "noise=slow-rise&rate=0.001&pause-rate=0.001&framing=drop"},
	{Channel: "slow-fall 0.1 % printable", Options: "noise=slow-fall&rate=0.001&pause-rate=0.001&logger=printable"},
	{Channel: "delete 0.03 %", Options: "noise=delete&rate=0.0003"},
	{Channel: "late 0.03 %", Options: "noise=late&rate=0.0003"},
	{Channel: "slip every 2nd to pause, idle bit", Options: "noise=slip&rate=0.5&gap=1&resync=pause"},
	{Channel: "slip every 2nd printable", Options: "noise=slip&rate=0.5&logger=printable"},
	{Channel: "cut every 20th", Options: "noise=cut&rate=0.05"},
	{Channel: "slow-rise and overrun", Options: "noise=slow-rise%2Boverrun"},
}

// Meters are the simulated meters that stand after every channel.
func Meters() []string { return []string{"be", "hu", "nl", "se"} }

// others are all other meters that sign their telegrams with a CRC that is known.
// They come after those in the table, since the number of a row is its seed.
func others() []string {
	return slices.DeleteFunc(sim.Meters(), func(m string) bool {
		signs := sim.Signs(m)
		return signs != "ARC" && signs != "X25" || slices.Contains(Meters(), m)
	})
}

// Rows lists all rows: the meters after every channel, then the others after
// some.
func Rows() []Row {
	var rows []Row
	add := func(m string, list []Row) {
		for _, r := range list {
			r.Meter, r.Number = m, len(rows)+1
			r.Asked = cmp.Or(r.Asked, r.Floor)
			rows = append(rows, r)
		}
	}
	for _, m := range Meters() {
		add(m, channels)
	}
	some := slices.DeleteFunc(slices.Clone(channels), func(r Row) bool { return !r.all })
	for _, m := range others() {
		add(m, some)
	}
	return rows
}

// WithFloor lists those of the rows that have a floor.
func WithFloor(rows []Row) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Floor == 0 })
}

// Select lists the rows whose name a regular expression matches.
func Select(rows []Row, expr string) ([]Row, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("yield: which rows: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !re.MatchString(r.Name()) }), nil
}

// Simulate opens the row's capture. Each row has a house of its own, at a time of
// its own; both come from the seed and the row's number.
func (r Row) Simulate(telegrams int, seed uint64) (Source, error) {
	seed += uint64(r.Number)
	source, err := simulate(fmt.Sprintf("meter=%s&%s&telegrams=%d&seed=%d", r.Meter, r.Options, telegrams, seed))
	if err != nil || r.Damage == nil {
		return source, err
	}
	return r.Damage.over(source, seed)
}

// simulate opens a capture. Its seed says when it begins: at any hour of the day
// and any season.
func simulate(query string) (Source, error) {
	o, err := sim.ParseOptions(query)
	if err != nil {
		return nil, err
	}
	later := time.Duration(o.Seed%1000) * (101*time.Hour + 13*time.Minute + 7*time.Second)
	o.Start = o.Start.Add(later)
	return sim.New(o)
}
