package nonsense

import (
	"slices"
	"strings"
)

// A reading is the last right one of a code.
type reading struct {
	n       int64
	at      int64 // by the meter's clock, or by the device's
	before  int64 // what it read before its last step
	stepped bool
	demand  int64 // what power has called for since, in units of the last digit × seconds × 1/3600
	fastest int64 // the most that it has gained in an hour, in last digits
}

// A judge knows all earlier right telegrams of a meter. It contradicts what it can, and
// only that.
type judge struct {
	last  map[string]reading
	by    map[string]int64 // the last telegram's powers by code, W
	most  int64            // the highest ever, W
	clock int64            // the last one
	limit int64            // of the connection, W
}

const (
	usualLimit = 55_000 // W: 3 × 80 A × 230 V
	gasLimit   = 6_000  // l/h: a G4 gas meter
	slackUnits = 2
	lostUnits  = 6 // one more than a judge may wait for: it may add up power in another way
)

// frame takes what a right telegram states of power, and the time that has passed.
func (j *judge) frame(now int64, m message) {
	seconds := now - j.clock
	if j.clock == 0 {
		seconds = 0
	}
	by := map[string]int64{}
	for _, line := range m {
		switch {
		case isPower(line):
			x, _ := readNumber(line)
			by[codeOf(line)] = x.n
			j.most = max(j.most, x.n)
		case isLimiter(line):
			j.limit = limitOf(line)
		}
	}
	for code, r := range j.last {
		power := powerOf(code)
		r.demand += min(by[power], j.by[power]) * seconds
		j.last[code] = r
	}
	j.by, j.clock = by, now
}

// limitOf reads a limiter; one of 999 kW limits nothing, and 9999 no more.
func limitOf(line string) int64 {
	x, _ := readNumber(line)
	for range 3 - x.decimals {
		x.n *= 10
	}
	if x.n >= 999_000 {
		return 0
	}
	return x.n
}

// powerOf is the code of the power that a register adds up.
func powerOf(code string) string {
	channel, _, _ := strings.Cut(code, ".")
	return channel + ".7.0"
}

// believe takes a right line.
func (j *judge) believe(line string, now int64) {
	x, ok := readNumber(line)
	if !ok {
		return
	}
	old, known := j.last[codeOf(line)]
	r := reading{n: x.n, at: now, before: old.before, stepped: old.stepped, fastest: old.fastest}
	if stamp := unix(stampOf(line)); stamp != 0 {
		r.at = stamp
	}
	if known && x.n != old.n {
		r.before, r.stepped = old.n, x.n > old.n
	}
	if known && x.n > old.n && r.at > old.at {
		r.fastest = max(r.fastest, (x.n-old.n)*3600/(r.at-old.at))
	}
	j.last[codeOf(line)] = r
}

// against says what contradicts a line that is not right: fall, gain, date, sum, frozen,
// or nothing. Stands is true of a kind by which registers stand still.
func (j *judge) against(line string, now int64, stands bool) string {
	if isClock(line) {
		return map[bool]string{true: "date"}[unix(stampOf(line)) == 0]
	}
	x, ok := readNumber(line)
	r, known := j.last[codeOf(line)]
	stamp := stampOf(line)
	switch {
	case stamp != "" && unix(stamp) == 0:
		return "date"
	case !ok || !known:
		return ""
	case x.n < r.n:
		return "fall"
	case x.n > r.n+j.bound(line, r, now):
		return "gain"
	case stands && x.n == r.n && r.demand > lostUnits*3600:
		return "frozen"
	}
	return ""
}

// bound is the most that a register can have gained since its last right reading. A
// device's readings are an hour apart at most, and may have been taken at either end.
func (j *judge) bound(line string, r reading, now int64) int64 {
	seconds := now - r.at
	if isDevice(line) {
		return max(gasLimit, r.fastest)*(seconds+3600)/3600 + slackUnits
	}
	watts := j.limit
	if watts == 0 {
		watts = usualLimit
	}
	return max(watts, j.most*3/2, r.fastest)*seconds/3600 + slackUnits
}

// The sums that Hungarian meters send: what stands first is the sum of the others, to the
// last digit. That of 15.8.0 is none: it has a fraction of its own, and steps before or
// after 1.8.0 and 2.8.0.
var sums = [][]string{
	{"1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:1.8.3", "1-0:1.8.4"},
	{"1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2", "1-0:2.8.3", "1-0:2.8.4"},
	{"1-0:3.8.0", "1-0:5.8.0", "1-0:6.8.0"},
	{"1-0:4.8.0", "1-0:7.8.0", "1-0:8.8.0"},
}

// partners are the lines of a telegram, from 1, that form a sum with one of its codes.
func partners(code string, m message) (list []int) {
	i := slices.IndexFunc(sums, func(s []string) bool { return slices.Contains(s, code) })
	if i < 0 {
		return nil
	}
	present := byCode(m)
	if present[sums[i][0]] == "" || present[sums[i][1]] == "" {
		return nil
	}
	for n, line := range m {
		if other := codeOf(line); other != code && slices.Contains(sums[i], other) {
			list = append(list, n+1)
		}
	}
	return list
}

// forget lets a code be one that was never read.
func (j *judge) forget(code string) { delete(j.last, code) }
