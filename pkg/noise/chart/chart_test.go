package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/noise/chart"
	"p1/pkg/noise/chart/charttest"
	"p1/pkg/noise/diagnose"
)

// every calls check with each picture of each report in both widths.
func every(t *testing.T, check func(t *testing.T, p *chart.Picture)) {
	for name, r := range charttest.Reports() {
		for _, k := range chart.Kinds() {
			for _, width := range []int{chart.Narrow, chart.Wide} {
				t.Run(name+"/"+string(k)+"/"+strconv.Itoa(width), func(t *testing.T) {
					check(t, chart.Draw(r, k, width))
				})
			}
		}
	}
	for _, name := range []string{"holes", "nothing", "stranger"} {
		e := charttest.Houses()[name].Evidence()
		for i := range e.Meters {
			for _, width := range []int{chart.Narrow, chart.Wide} {
				for n, p := range append(chart.VoltageOverTime(&e.Meters[i], &e.Limits, width), chart.VoltageHours(&e.Meters[i], &e.Limits, width)) {
					t.Run(fmt.Sprint(name, "/", n, "/", width), func(t *testing.T) { check(t, p) })
				}
			}
		}
	}
}

// Limits of a picture that a browser shows at once.
const (
	maxElements = 4000
	maxBytes    = 400 << 10
)

// Each picture is well-formed XML of few kinds of elements, without scripts, styles in
// attributes, or anything to load; no number in it is none; it says what it shows.
func TestSVG(t *testing.T) {
	kinds := map[string]bool{"svg": true, "title": true, "desc": true, "path": true, "text": true, "style": true}
	every(t, func(t *testing.T, p *chart.Picture) {
		var file bytes.Buffer
		if err := p.WriteSVG(&file); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{p.SVG(), file.String()} {
			elements := 0
			d := xml.NewDecoder(strings.NewReader(text))
			for {
				token, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%v in %.300q", err, text)
				}
				e, ok := token.(xml.StartElement)
				if !ok {
					continue
				}
				elements++
				if !kinds[e.Name.Local] {
					t.Errorf("element %s", e.Name.Local)
				}
				for _, a := range e.Attr {
					if n := a.Name.Local; n == "style" || n == "href" || strings.HasPrefix(n, "on") {
						t.Errorf("attribute %s=%q", n, a.Value)
					}
					if a.Name.Local != "aria-label" && strings.ContainsAny(a.Value, "NI") && (strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf")) {
						t.Errorf("%s=%q", a.Name.Local, a.Value)
					}
				}
				if e.Name.Local == "svg" && (attribute(e, "role") != "img" || attribute(e, "aria-label") == "") {
					t.Errorf("%v", e)
				}
			}
			if elements > maxElements || len(text) > maxBytes {
				t.Errorf("%d elements, %d bytes", elements, len(text))
			}
		}
	})
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Every text is where it can be seen: within the picture's width, and no smaller than
// 11 pixels at the width that it is made for.
func TestTextIsInside(t *testing.T) {
	every(t, func(t *testing.T, p *chart.Picture) {
		d := xml.NewDecoder(strings.NewReader(p.SVG()))
		for {
			token, err := d.Token()
			if err != nil {
				return
			}
			e, ok := token.(xml.StartElement)
			if !ok || e.Name.Local != "text" {
				continue
			}
			x, length, size := value(t, e, "x"), value(t, e, "textLength"), value(t, e, "font-size")
			if x < 0 || x+length > float64(p.Width) {
				t.Errorf("a text reaches from %.1f to %.1f of %d", x, x+length, p.Width)
			}
			if size < 11 {
				t.Errorf("a text is %.1f pixels tall", size)
			}
		}
	})
}

func value(t *testing.T, e xml.StartElement, name string) float64 {
	v, err := strconv.ParseFloat(attribute(e, name), 64)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return v
}

// A PNG can be made of what a report can hold, too.
func TestPNG(t *testing.T) {
	for _, name := range []string{"noisy", "empty", "numbers"} {
		r := charttest.Reports()[name]
		for _, k := range chart.Kinds() {
			var b bytes.Buffer
			if err := chart.Draw(r, k, chart.Wide).WritePNG(&b); err != nil {
				t.Fatalf("%s, %s: %v", name, k, err)
			}
			if image, err := png.Decode(&b); err != nil || image.Bounds().Dx() != 2*chart.Wide {
				t.Errorf("%s, %s: %v", name, k, err)
			}
		}
	}
}

// The highest column of the places is the one that is hit most, and twice the rate is
// twice the height.
func TestColumnsAreToScale(t *testing.T) {
	r := &diagnose.Report{BinSize: 16, Places: []diagnose.Place{{Offset: 0, Rate: 0.2}, {Offset: 16, Rate: 0.4}, {Offset: 320, Rate: 0.1}}}
	heights := boxes(t, chart.Draw(r, chart.Positions, chart.Wide).SVG(), "f-bad")
	heights = heights[1:] // the first is the swatch of the key
	if len(heights) != 3 {
		t.Fatalf("%d columns", len(heights))
	}
	if d := heights[1] - 2*heights[0]; d > 0.3 || d < -0.3 {
		t.Errorf("%.1f for 0.2, %.1f for 0.4", heights[0], heights[1])
	}
	if d := heights[0] - 2*heights[2]; d > 0.3 || d < -0.3 {
		t.Errorf("%.1f for 0.2, %.1f for 0.1", heights[0], heights[2])
	}
}

// boxes returns the heights of the rectangles of a class.
func boxes(t *testing.T, svg, class string) []float64 {
	t.Helper()
	var heights []float64
	for line := range strings.Lines(svg) {
		_, path, ok := strings.Cut(line, `<path class="`+class+`" d="M`)
		if !ok {
			continue
		}
		low, high := 1e9, -1e9
		for _, point := range strings.Split(strings.TrimSuffix(strings.TrimSpace(path), `Z"/>`), "L") {
			_, y, _ := strings.Cut(point, " ")
			v, err := strconv.ParseFloat(y, 64)
			if err != nil {
				t.Fatal(err)
			}
			low, high = min(low, v), max(high, v)
		}
		heights = append(heights, high-low)
	}
	return heights
}

// Days are joined until there are few enough rows, and time without any is one row.
func TestRowsOfHours(t *testing.T) {
	decade := charttest.Decade().Grid
	for days, unit := range map[int]string{1: "day", 48: "day", 49: "week", 330: "week", 400: "month", 1400: "month", 1600: "quarter", 4000: "quarter"} {
		r := &diagnose.Report{Grid: decade[:days]}
		p := chart.Draw(r, chart.Hours, chart.Wide)
		if !strings.Contains(p.Unit, "by "+unit+" and hour") {
			t.Errorf("%d days: %s", days, p.Unit)
		}
	}
}

func TestHoleInTime(t *testing.T) {
	grid := charttest.Decade().Grid
	r := &diagnose.Report{Grid: append(append([]diagnose.Day{}, grid[1000:1003]...), grid[10:12]...)}
	p := chart.Draw(r, chart.Hours, chart.Wide)
	if !strings.Contains(p.Words, "5 days from 2026-11-30 to 2029-08-18") {
		t.Error(p.Words)
	}
	ys := map[string]bool{}
	for line := range strings.Lines(p.SVG()) {
		if _, rest, ok := strings.Cut(line, `<text class="f-muted" x="`); ok && strings.Contains(rest, ">20") {
			_, y, _ := strings.Cut(rest, ` y="`)
			y, _, _ = strings.Cut(y, `"`)
			ys[y] = true
		}
	}
	if len(ys) != 5 {
		t.Errorf("%d rows have a date", len(ys))
	}
}

// A change stands at its time, of whatever zone the clock is, and only if there is that
// time in the picture.
func TestChangesStandAtTheirTime(t *testing.T) {
	for at, want := range map[string]bool{
		"2026-11-20T18:00:00+01:00": true, "2026-11-20T18:00:00": true, "2026-11-21T18:00:00": false, "evening": false,
	} {
		r := charttest.Noisy()
		r.Compared[0].At = at
		svg := chart.Draw(r, chart.Reliability, chart.Wide).SVG()
		x := ""
		for line := range strings.Lines(svg) {
			if _, rest, ok := strings.Cut(line, `<path class="s-mark"`); ok {
				_, rest, _ = strings.Cut(rest, ` d="M`)
				x, _, _ = strings.Cut(rest, " ")
			}
		}
		if (x != "") != want {
			t.Errorf("%s: drawn at %q", at, x)
		}
		if !want {
			continue
		}
		left, width := 46.0, float64(chart.Wide-46-4) // of the plot: the labels are at its left
		if v, err := strconv.ParseFloat(x, 64); err != nil || v < left+width*0.73 || v > left+width*0.77 {
			t.Errorf("%s: drawn at %s, 18:00 is three quarters of the day", at, x)
		}
	}
}

func TestMostTelling(t *testing.T) {
	noisy := charttest.Noisy()
	if k := chart.Most(noisy); k != chart.Marks {
		t.Errorf("%s with a change", k)
	}
	noisy.Compared = nil
	if k := chart.Most(noisy); k != chart.Causes {
		t.Errorf("%s with damage", k)
	}
	if k := chart.Most(charttest.Clean()); k != chart.Reliability {
		t.Errorf("%s of a clean line", k)
	}
}

// A change at nine stands at the label of nine, and one within a gap within the gap.
func TestChangesStandAtTheirLabels(t *testing.T) {
	var morning, later diagnose.Day
	morning.Date, later.Date = "2026-11-20", "2026-11-24"
	for h := 7; h < 11; h++ {
		morning.Hours[h] = diagnose.Tally{Telegrams: 360, Damaged: 3}
		later.Hours[h] = morning.Hours[h]
	}
	for at, want := range map[string]struct{ from, to string }{
		"2026-11-20T09:00:00": {"09:00", "09:00"},
		"2026-11-24T07:00:00": {"07:00", "07:00"},
		"2026-11-22T12:00:00": {"09:00", "07:00"},
	} {
		r := &diagnose.Report{Grid: []diagnose.Day{morning, later}, Compared: []diagnose.Comparison{{Mark: "x", At: at}}}
		svg := chart.Draw(r, chart.Reliability, chart.Wide).SVG()
		x := -1.0
		labels := map[string][]float64{}
		for line := range strings.Lines(svg) {
			if _, rest, ok := strings.Cut(line, `<path class="s-mark"`); ok {
				_, rest, _ = strings.Cut(rest, ` d="M`)
				first, _, _ := strings.Cut(rest, " ")
				x, _ = strconv.ParseFloat(first, 64)
			}
			for _, name := range []string{want.from, want.to} {
				if strings.Contains(line, ">"+name+"<") {
					labels[name] = append(labels[name], middle(t, line))
				}
			}
		}
		from, to := labels[want.from], labels[want.to]
		if x < 0 || len(from) == 0 || len(to) == 0 {
			t.Fatalf("%s: mark at %v, labels %v", at, x, labels)
		}
		near := func(v float64, all []float64) bool {
			return slices.ContainsFunc(all, func(l float64) bool { return l-v < 1.5 && v-l < 1.5 })
		}
		if want.from == want.to && !near(x, from) {
			t.Errorf("%s: drawn at %.1f, the label is at %v", at, x, from)
		}
		if want.from != want.to && (x <= from[0] || x >= to[len(to)-1]) {
			t.Errorf("%s: drawn at %.1f, not between %v and %v", at, x, from, to)
		}
	}
}

// middle is where the middle of a text stands.
func middle(t *testing.T, line string) float64 {
	t.Helper()
	return field(t, line, "x") + field(t, line, "textLength")/2
}

// field is the number in an attribute.
func field(t *testing.T, line, name string) float64 {
	t.Helper()
	_, rest, _ := strings.Cut(line, " "+name+`="`)
	text, _, _ := strings.Cut(rest, `"`)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return v
}

// What the SVG has is in the PNG too: within what an element covers there is a pixel of
// its colour, unless another colour shines through it.
func TestPNGShowsTheSame(t *testing.T) {
	light, _ := chart.Properties()
	checked := map[string]int{}
	for _, k := range chart.Kinds() {
		p := chart.Draw(charttest.Noisy(), k, chart.Wide)
		var svg, file bytes.Buffer
		if err := errors.Join(p.WriteSVG(&svg), p.WritePNG(&file)); err != nil {
			t.Fatal(err)
		}
		shown, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(svg.String()) {
			class, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(line, "<path "), "<text "), `" `)
			class, isShape := strings.CutPrefix(class, `class="`)
			if !ok || !isShape || strings.Contains(rest, "-opacity=") || strings.HasPrefix(class, "p1c") || class == "f-paper" {
				continue
			}
			_, colour, _ := strings.Cut(light, "--"+class[2:]+":#")
			if pixels(t, shown, covers(t, line), colour[:6]) == 0 {
				t.Errorf("%s: nothing of %s", k, line)
			}
			checked[line[:5]+" "+class[:1]]++
		}
	}
	if checked["<text f"] < 100 || checked["<path f"] < 100 || checked["<path s"] < 10 {
		t.Errorf("only %v were looked at", checked)
	}
}

// box is a part of a picture.
type box struct{ left, top, right, bottom float64 }

// covers returns what an element covers.
func covers(t *testing.T, line string) box {
	t.Helper()
	if strings.HasPrefix(line, "<text ") {
		x, y, long, size := field(t, line, "x"), field(t, line, "y"), field(t, line, "textLength"), field(t, line, "font-size")
		return box{x, y - size, x + long, y + size/4}
	}
	_, path, _ := strings.Cut(line, ` d="`)
	path, _, _ = strings.Cut(path, `"`)
	all := box{1e9, 1e9, -1e9, -1e9}
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("MLAZ", r) }) {
		numbers := strings.Fields(step) // of an arc the last two
		x, errX := strconv.ParseFloat(numbers[len(numbers)-2], 64)
		y, errY := strconv.ParseFloat(numbers[len(numbers)-1], 64)
		if errX != nil || errY != nil {
			t.Fatalf("%s in %s", step, line)
		}
		all = box{min(all.left, x), min(all.top, y), max(all.right, x), max(all.bottom, y)}
	}
	return all
}

// pixels counts those of about a colour within a box, or beside it.
func pixels(t *testing.T, shown image.Image, b box, colour string) int {
	t.Helper()
	want, err := strconv.ParseUint(colour, 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	near := func(have uint32, shift int) bool {
		d := int(have>>8) - int(want>>shift&0xFF)
		return d < 24 && d > -24
	}
	n := 0
	for y := int(2*b.top) - 1; y <= int(2*b.bottom)+1; y++ {
		for x := int(2*b.left) - 1; x <= int(2*b.right)+1; x++ {
			if red, green, blue, _ := shown.At(x, y).RGBA(); near(red, 16) && near(green, 8) && near(blue, 0) {
				n++
			}
		}
	}
	return n
}

// A line of a PNG is as wide as the SVG says, also where it is bent: it colours as many
// pixels as it covers, but for those at its edges, which are mixed with what is beside it.
func TestPNGLines(t *testing.T) {
	p := chart.Draw(charttest.Noisy(), chart.Edge, chart.Wide)
	var file bytes.Buffer
	if err := p.WritePNG(&file); err != nil {
		t.Fatal(err)
	}
	shown, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	light, _ := chart.Properties()
	_, colour, _ := strings.Cut(light, "--bad:#")
	all := box{0, 0, float64(shown.Bounds().Dx()) / 2, float64(shown.Bounds().Dy()) / 2}
	const sign = 20 * 20 // the key
	n := pixels(t, shown, all, colour[:6]) - sign
	_, path, _ := strings.Cut(p.SVG(), `<path class="s-bad" stroke-width="2" d="M`)
	path, _, _ = strings.Cut(path, `"`)
	long, lastX, lastY := 0.0, 0.0, 0.0
	for i, corner := range strings.Split(path, "L") {
		var x, y float64
		if _, err := fmt.Sscan(corner, &x, &y); err != nil {
			t.Fatalf("%v in %q", err, path)
		}
		if i > 0 {
			long += math.Hypot(x-lastX, y-lastY)
		}
		lastX, lastY = x, y
	}
	if area := 4 * 2 * long; float64(n) < 0.6*area || float64(n) > 1.05*area {
		t.Errorf("%d pixels, and %.0f are covered by a line of %.0f", n, area, long)
	}
}
