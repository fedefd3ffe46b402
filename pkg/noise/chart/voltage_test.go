package chart

import (
	"testing"
	"time"

	"p1/pkg/noise/chart/charttest"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
)

// drawn keeps what is filled, by colour.
type drawn struct {
	letters
	filled map[Colour][][]point
}

func (d *drawn) fill(c Colour, corners ...point) { d.filled[c] = append(d.filled[c], corners) }
func (d *drawn) disc(Colour, point, float64)     {}
func (d *drawn) stroke(line, ...point)           {}
func (d *drawn) text(style, point, string)       {}
func (d *drawn) count(c Colour) (n int)          { return len(d.filled[c]) }
func (d *drawn) covers(c Colour, x float64) (n int) { // how often
	for _, corners := range d.filled[c] {
		from, to := 1e9, -1e9
		for _, p := range corners {
			from, to = min(from, p.x), max(to, p.x)
		}
		if x > from && x < to {
			n++
		}
	}
	return n
}

// drawPlane draws a picture without its keys.
func drawPlane(p *Picture) (*drawn, *plane) {
	d := &drawn{letters{}, map[Colour][][]point{}}
	p.plane.draw(d, margin, margin, float64(p.Width)-margin, p.plane.tall)
	return d, p.plane
}

// What is missing is drawn as missing, what is too high as too high, and only that: looked
// at for each ten minutes of what the house did.
func TestVoltageOverTime(t *testing.T) {
	e := charttest.House{Days: 3, Volts: charttest.Holes, Phases: 3}.Evidence()
	m := &e.Meters[0]
	tl := timelineOf(m, 440)
	if tl.grain.length != 10*time.Minute {
		t.Fatalf("three days are drawn by the %s", tl.grain.name)
	}
	seen := map[string]int{}
	for n, p := range VoltageOverTime(m, &e.Limits, Wide) {
		d, pl := drawPlane(p)
		for i, bar := range tl.bars {
			at := bar.start.Add(5 * time.Minute)
			x := pl.across(float64(i))
			third := at.Day() == 17 && at.Hour() == 8
			hole := bar.hole || !third && charttest.Holes(at, n) < 0
			high := !hole && tl.phases[n][i].high > 253
			for _, c := range []struct {
				what   string
				colour Colour
				want   bool
			}{
				{"a hole", absent(), hole}, {"a mean", inside(), !hole && !third}, {"incomplete", incomplete(), third}, {"too high", tooHigh(), high},
			} {
				got := d.covers(c.colour, x) > 0
				if c.what == "too high" && !c.want {
					continue // one beside it may be as wide as two
				}
				if got != c.want {
					t.Errorf("L%d at %s: %s is drawn: %v", n+1, at.Format(time.DateTime), c.what, got)
				}
				if got {
					seen[c.what]++
				}
			}
		}
		above := 0
		for _, one := range tl.phases[n] {
			if one.above > 0 {
				above++
			}
		}
		if d.count(tooHigh()) != above || d.count(tooLow()) != 0 && n != 2 {
			t.Errorf("L%d: %d and %d bars are too high and too low, want %d", n+1, d.count(tooHigh()), d.count(tooLow()), above)
		}
	}
	for _, what := range []string{"a hole", "a mean", "incomplete", "too high"} {
		if seen[what] == 0 {
			t.Errorf("%s was never looked at", what)
		}
	}
}

// The hour that the clock leaves out in spring is no hole, at any grain; what is missing
// beside it is one.
func TestClockPutForwardIsNoHole(t *testing.T) {
	change := time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC) // by winter's clock
	for _, c := range []struct {
		days  int
		lost  time.Duration // before the change; of its first ten minutes some seconds are known
		holes int
	}{{1, 0, 0}, {8, 0, 0}, {1, 20 * time.Minute, 1}} {
		e := charttest.House{Days: c.days, Phases: 1, Begin: time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC),
			Summer: func(winter time.Time) bool { return !winter.Before(change) },
			Volts: func(at time.Time, _ int) float64 {
				if at.Before(change) && at.Add(c.lost).After(change) {
					return -1
				}
				return 230
			}}.Evidence()
		holes := 0
		for _, bar := range timelineOf(&e.Meters[0], 440).bars {
			if bar.hole {
				holes++
			}
		}
		if holes != c.holes {
			t.Errorf("%d days, %v lost: %d bars of a hole, want %d", c.days, c.lost, holes, c.holes)
		}
	}
}

// Means that no CRC has verified are not of the colour of those that are.
func TestUnverifiedVoltages(t *testing.T) {
	for _, status := range []record.Status{record.OK, record.Unchecked} {
		e := charttest.House{Days: 1, Volts: charttest.Steady, Phases: 1, Status: status}.Evidence()
		d, _ := drawPlane(VoltageOverTime(&e.Meters[0], &e.Limits, Wide)[0])
		if verified := d.count(inside()) > 0; verified != (status == record.OK) || d.count(inside())+d.count(unverified()) == 0 {
			t.Errorf("%s: the means look verified: %v", status, verified)
		}
	}
}

// A cell of the map has the shade of the worst mean of its hour and phase: none where there
// are no telegrams, and its own where nothing is judged.
func TestVoltageHours(t *testing.T) {
	e := charttest.House{Days: 7, Volts: charttest.Holes, Phases: 3}.Evidence()
	d, _ := drawPlane(VoltageHours(&e.Meters[0], &e.Limits, Wide))
	type cell struct {
		day, hour, phase int
	}
	want := map[Colour]map[cell]bool{}
	for n, ph := range e.Meters[0].Phases {
		hours := map[cell]*means{}
		ph.Intervals(func(at time.Time, i voltage.Interval) {
			c := cell{at.YearDay(), at.Hour(), n}
			if hours[c] == nil {
				hours[c] = &means{}
			}
			hours[c].add(i)
		})
		for c, m := range hours {
			shade := clean()
			switch { // of 230 V: 5 and 8 % are 241.5, 248.4, 218.5 and 211.6 V
			case m.interrupted > 0:
				shade = interrupted()
			case m.judged == 0:
				shade = incomplete()
			case m.high > 253:
				shade = tooHigh()
			case m.low < 207:
				shade = tooLow()
			case m.high > 248.4:
				shade = faint(bad, 0.45)
			case m.low < 211.6:
				shade = faint(mark, 0.45)
			case m.high > 241.5:
				shade = faint(bad, 0.2)
			case m.low < 218.5:
				shade = faint(mark, 0.2)
			}
			if want[shade] == nil {
				want[shade] = map[cell]bool{}
			}
			want[shade][c] = true
		}
	}
	for shade, cells := range want {
		if d.count(shade) != len(cells) {
			t.Errorf("%v: %d cells are drawn, want %d", shade, d.count(shade), len(cells))
		}
	}
	if len(want) < 7 {
		t.Errorf("only %d shades were looked at", len(want))
	}
	if d.count(absent()) != 1 {
		t.Errorf("the two days without telegrams are %d rows, want one", d.count(absent()))
	}
}

// Ten years, a clock that was a century off for a while and telegrams once a day take no
// more bars and rows than there is room for.
func TestVoltagesOfManyYears(t *testing.T) {
	c, err := voltage.NewCounter(voltage.Nominal)
	if err != nil {
		t.Fatal(err)
	}
	c.Draw()
	for day := range 3600 {
		for s := range 3 {
			at := time.Date(2026+day%2*40, 1, 1, 0, 0, 10*s, 0, time.UTC).AddDate(0, 0, day/7*7)
			raw := "/AUX59912345678\r\n\r\n0-0:1.0.0(" + at.Format("060102150405") + "W)\r\n1-0:32.7.0(230.0*V)\r\n!0000\r\n"
			_ = c.Take(&record.Telegram{Status: record.OK, CRC: record.CRCARC, Raw: record.Bytes(raw)})
		}
	}
	e := c.Evidence()
	for _, width := range []int{Narrow, Wide} {
		tl := timelineOf(&e.Meters[0], 220)
		if len(tl.bars) == 0 || len(tl.bars) > 220 {
			t.Errorf("%d bars", len(tl.bars))
		}
		p := VoltageHours(&e.Meters[0], &e.Limits, width)
		if rows := len(p.plane.y.ticks); rows == 0 || rows > 48 {
			t.Errorf("%d rows", rows)
		}
	}
}
