package main

import (
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"p1/hardware/circuit"
	"p1/pkg/sim"
)

var colours = []color.Color{
	color.RGBA{0x1b, 0x6c, 0xa8, 0xff}, color.RGBA{0x3a, 0x8f, 0x4f, 0xff},
	color.RGBA{0xd0, 0x8a, 0x10, 0xff}, color.RGBA{0xb8, 0x32, 0x32, 0xff},
	color.RGBA{0x7a, 0x4f, 0xa3, 0xff},
}

// plotMargins draws the smaller margin of each pull-up, a line for each output of a
// meter. The line ends where edges are missing.
func plotMargins(dir string, s circuit.Sweep, results []circuit.Result) error {
	p := plot.New()
	p.Title.Text = s.Title + ", the worst of 0.5 and 20 m"
	p.Title.Padding = vg.Points(6)
	p.X.Label.Text, p.Y.Label.Text = "pull-up, kΩ", "smaller margin, µs"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.ConstantTicks(ticks(0.68, 1, 1.5, 2.2, 3.3, 4.7, 10))
	p.Add(plotter.NewGrid())
	names, lines := smaller(s, results)
	for i, name := range names {
		line, points, err := plotter.NewLinePoints(lines[name])
		if err != nil {
			return err
		}
		line.Color, points.Color = colours[i%len(colours)], colours[i%len(colours)]
		line.Width = vg.Points(1.5)
		p.Add(line, points)
		p.Legend.Add(name, line)
	}
	p.Legend.Left, p.Legend.XOffs, p.Legend.YOffs = true, vg.Points(10), vg.Points(10)
	p.X.Min, p.X.Max = 0.65, 11
	p.Y.Min, p.Y.Max = -4.4, 4.5
	return p.Save(16*vg.Centimeter, 10*vg.Centimeter, filepath.Join(dir, "margin-"+s.Name+".svg"))
}

// smaller returns the smaller margin over the pull-up in kΩ, for each column of the
// sweep, which are named in order.
func smaller(s circuit.Sweep, results []circuit.Result) (names []string, lines map[string]plotter.XYs) {
	lines = map[string]plotter.XYs{}
	for i, point := range s.Points {
		x, y := point.PullUp/1000, math.Min(results[i].Late, results[i].Early)*1e6
		line := lines[point.Column]
		switch n := len(line); {
		case n > 0 && line[n-1].X == x: // another cable
			line[n-1].Y = math.Min(line[n-1].Y, y)
			continue
		case n == 0:
			names = append(names, point.Column)
		}
		lines[point.Column] = append(line, plotter.XY{X: x, Y: y})
	}
	for name, line := range lines {
		lines[name] = slices.DeleteFunc(line, func(p plotter.XY) bool { return math.IsNaN(p.Y) })
	}
	return slices.DeleteFunc(names, func(name string) bool { return len(lines[name]) == 0 }), lines
}

func ticks(at ...float64) []plot.Tick {
	var list []plot.Tick
	for _, x := range at {
		list = append(list, plot.Tick{Value: x, Label: fmt.Sprint(x)})
	}
	return list
}

// A wave is a circuit whose voltages are drawn.
type wave struct {
	name, title string
	values      circuit.Values
}

func waves() []wave {
	built := circuit.Built()
	direct := built[3]
	direct.Sink, direct.Tau = circuit.StrongPullUp.Sink, circuit.StrongPullUp.Tau
	return []wave{
		{"wave-collector-10k", "Transistor, 10 kΩ and 550 pF at its collector", circuit.WeakCollector},
		{"wave-transistor", "Transistor, as built", built[0]},
		{"wave-pullup-1k", "Direct, 1 kΩ against 4 mA", circuit.StrongPullUp},
		{"wave-direct", "Direct, as built, against 4 mA", direct},
	}
}

// plotWave draws the beginning of a telegram: what the meter drives, the voltage of
// the UART's input, its limit, and where it samples.
func plotWave(dir string, w wave, text []byte, d sim.Drive) error {
	lines, err := w.values.Simulate(d)
	if err != nil {
		return err
	}
	from, to := d.Starts[0]-2*circuit.Bit, d.Starts[1]+10*circuit.Bit
	p := plot.New()
	heard := w.values.Sampler().Receive(lines.UART)
	p.Title.Text = fmt.Sprintf("%s: %q is read as %s", w.title, text[:2], asText(heard))
	p.Title.Padding = vg.Points(6)
	p.X.Label.Text, p.Y.Label.Text = "µs", "V at the UART"
	limit := (w.values.Low + w.values.High) / 2
	level, err := plotter.NewLine(plotter.XYs{{X: 0, Y: limit}, {X: (to - from) * 1e6, Y: limit}})
	if err != nil {
		return err
	}
	level.Color, level.Dashes = color.Gray{0x80}, []vg.Length{vg.Points(3), vg.Points(3)}
	voltage, err := plotter.NewLine(cut(lines.UART, from, to))
	if err != nil {
		return err
	}
	voltage.Color, voltage.Width = colours[0], vg.Points(1.5)
	var at plotter.XYs
	for _, h := range heard {
		for k := range 10 {
			if t := h.Start + (float64(k)+0.5)*circuit.Bit; t > from && t < to && h.Start < to-9*circuit.Bit {
				at = append(at, plotter.XY{X: (t - from) * 1e6, Y: limit})
			}
		}
	}
	p.Add(plotter.NewGrid(), level, voltage)
	if len(at) > 0 {
		samples, err := plotter.NewScatter(at)
		if err != nil {
			return err
		}
		samples.Color = colours[3]
		p.Add(samples)
	}
	p.Y.Min, p.Y.Max = -0.3, 5.6
	return p.Save(18*vg.Centimeter, 7*vg.Centimeter, filepath.Join(dir, w.name+".svg"))
}

// asText is what was read of the first two bytes.
func asText(heard []sim.Sampled) string {
	var hex []string
	for _, h := range heard[:min(2, len(heard))] {
		hex = append(hex, fmt.Sprintf("%02X", h.Value))
	}
	if len(hex) == 0 {
		return "nothing"
	}
	return strings.Join(hex, " ")
}

// cut is the part of a line from one time to another, from which it counts, in µs.
func cut(line []sim.Volt, from, to float64) plotter.XYs {
	var part plotter.XYs
	last := math.Inf(-1)
	for _, v := range line {
		if v.Time >= from && v.Time <= to && v.Time-last > 0.1e-6 {
			part = append(part, plotter.XY{X: (v.Time - from) * 1e6, Y: v.V})
			last = v.Time
		}
	}
	return part
}
