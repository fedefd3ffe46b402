package sim

import "slices"

// A Drive is what a meter sends of a text, as the level of the line over time.
// The line idles high (logic 1) before it, in its pauses, and after it.
type Drive struct {
	Edges  []Edge
	Starts []float64 // when the start bit of each byte begins, s
	End    float64   // when the last stop bit is over, s
}

// An Edge is a change of a line's level at a time in s.
type Edge struct {
	Time float64
	High bool // a logic 1 from then on
}

// NewDrive returns the levels for a text of 8N1 characters at a speed in bits per
// second. Before the first one, and before those at the offsets in pauses, the line
// idles for so many bit times.
func NewDrive(baud float64, text []byte, pauses []int, idle int) Drive {
	paused := map[int]bool{0: true}
	for _, p := range pauses {
		paused[p] = true
	}
	tick := 1 / (baud * bitTime)
	var d Drive
	var w wave
	begin := 0
	for i, b := range text {
		if paused[i] {
			begin += idle * bitTime
		}
		c := sentAs(b)
		w = w.draw(&c, begin)
		d.Starts = append(d.Starts, float64(begin)*tick)
		begin += 10 * bitTime
	}
	for _, e := range w {
		d.Edges = append(d.Edges, Edge{float64(e.at) * tick, e.high})
	}
	d.End = float64(begin) * tick
	return d
}

// A Volt is the voltage of a line at a time.
type Volt struct {
	Time float64 // s
	V    float64
}

// A Sampler makes bytes of a voltage, as the UART of a receiver does: it waits for
// the edge of a start bit, looks half a bit later whether that was one, and takes a
// level in the middle of each bit time.
type Sampler struct {
	Baud        float64 // bits per second
	Low, High   float64 // in V: the input is low once below Low, high once above High
	Inverted    bool    // a low voltage is a logic 1
	DropFraming bool    // bytes whose stop bit is 0 are thrown away
	// Clock is how often in a bit time the UART looks at the line, mostly 16: a
	// start edge counts from the next time on. With 0 it is seen at once.
	Clock int
}

// A Sampled is a byte that the receiver made of a line.
type Sampled struct {
	Value byte
	Start float64 // when the edge of its start bit came, s
	Stop  bool    // the stop bit is 1; otherwise this is a framing error
}

// Edges returns the changes of the logic level that the input sees of a voltage,
// whose points stand in order of time; between them it runs straight. A line that
// begins with a logic 0 counts from its first 1 on, as no start bit can be known
// before.
func (s Sampler) Edges(line []Volt) []Edge {
	first := slices.IndexFunc(line, func(v Volt) bool { return v.V < s.Low || v.V > s.High })
	if first < 0 {
		return nil
	}
	up := line[first].V > s.High
	var edges []Edge
	for i := first + 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		limit, passed := s.High, b.V > s.High
		if up {
			limit, passed = s.Low, b.V < s.Low
		}
		if !passed {
			continue
		}
		up = !up
		if high := up != s.Inverted; !high || len(edges) > 0 {
			edges = append(edges, Edge{crossing(a, b, limit), high})
		}
	}
	return edges
}

// crossing is when the straight line from a to b passes a voltage between theirs.
func crossing(a, b Volt, limit float64) float64 {
	return a.Time + (limit-a.V)/(b.V-a.V)*(b.Time-a.Time)
}

// Receive returns the bytes that the receiver makes of a voltage.
func (s Sampler) Receive(line []Volt) []Sampled {
	ticks := s.Baud * bitTime
	u := uart{dropFraming: s.DropFraming, clock: s.Clock}
	for _, e := range s.Edges(line) {
		u.wave = u.wave.set(int(e.Time*ticks), e.High)
	}
	var out []Sampled
	for at, found := u.startBit(); found; {
		value, stop := u.sample(at.seen, false)
		if stop || !s.DropFraming {
			out = append(out, Sampled{value, float64(at.edge) / ticks, stop})
		}
		at, found = u.nextStart(at, stop)
	}
	return out
}
