package drawing

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"p1/hardware/circuit"
)

func load(t *testing.T, name string) *Drawing {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../drawings", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(string(text))
	if err != nil {
		t.Fatal(name, err)
	}
	return d
}

// The pictures are drawn from their texts, and are well-formed.
func TestPictures(t *testing.T) {
	files, err := filepath.Glob("../drawings/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d drawings, %v", len(files), err)
	}
	for _, file := range files {
		d := load(t, strings.TrimSuffix(filepath.Base(file), ".txt"))
		picture, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(picture, d.SVG()) {
			t.Errorf("%s has changed: go run ./hardware/draw hardware/drawings/*.txt", file)
		}
		for x := xml.NewDecoder(bytes.NewReader(picture)); ; {
			if _, err := x.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
	}
}

// What hardware/README.md says, pin by pin. The pin without a number is one that
// stays open.
func TestNets(t *testing.T) {
	transistor := "J1.2 JP1 | J1.3 J2.GND Q1.e R3 R5 | J1.5 R1 R2 | J2.5V JP1 R1 R4 | J2.RXD Q1.c R4 R5 | Q1.b R2 R3"
	for name, want := range map[string]string{
		"transistor":       transistor,
		"transistor-board": transistor, // the board joins what the circuit joins
		"schmitt":          "C1 J1.3 J2.GND R4 U1.3 U1.7 | C1 J2.5V JP1 R1 U1.14 | J1.2 JP1 | J1.5 R1 R2 | J2.RXD R3 R4 | R2 U1.1 | R3 U1.2",
		"direct":           "J1.2 JP1 | J1.3 J2.GND | J1.5 R1 R2 | J2.5V JP1 R1 | J2.RXD R2",
		"esp32":            "J1.2 JP1 | J1.3 J2.GND | J1.5 R1 R2 | J2.3V3 R1 | J2.5V JP1 | J2.RX R2",
	} {
		var nets []string
		for _, net := range load(t, name).Nets() {
			if joined := strings.Join(net, " "); joined != "J1. " {
				nets = append(nets, joined)
			}
		}
		if got := strings.Join(nets, " | "); got != want {
			t.Errorf("%s joins\n%s, want\n%s", name, got, want)
		}
	}
}

// ohms reads "1.5 kΩ".
func ohms(t *testing.T, text string) float64 {
	t.Helper()
	number, kilo := strings.CutSuffix(text, " kΩ")
	x, err := strconv.ParseFloat(strings.TrimSuffix(number, " Ω"), 64)
	if err != nil {
		t.Fatal(err)
	}
	if kilo {
		x *= 1000
	}
	return x
}

// What is drawn is what has been simulated.
func TestDrawnAsSimulated(t *testing.T) {
	built := circuit.Built()
	a, b, c, e := built[0], built[1], built[3], built[4]
	for name, want := range map[string]map[string]float64{
		"transistor":       {"R1": a.PullUp, "R2": a.Base, "R3": a.Bleed, "R4": a.Out, "R5": a.Divide},
		"transistor-board": {"R1": a.PullUp, "R2": a.Base, "R3": a.Bleed, "R4": a.Out, "R5": a.Divide},
		"schmitt":          {"R1": b.PullUp, "R2": b.Series, "R3": b.Out, "R4": b.Divide},
		"direct":           {"R1": c.PullUp, "R2": c.Series},
		"esp32":            {"R1": e.PullUp, "R2": e.Series},
	} {
		got := map[string]float64{}
		for part, value := range load(t, name).values {
			if strings.HasPrefix(part, "R") {
				got[part] = ohms(t, value)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: drawn %v, simulated %v", name, got, want)
		}
	}
}

func TestJoins(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"resistor R1 x 0,0 4,0\nresistor R2 x 4,0 8,0", "R1|R1 R2|R2"},
		{"resistor R1 x 0,0 4,0\nwire 4,0 6,0\nresistor R2 x 6,0 8,0", "R1|R1 R2|R2"},
		// Wires that cross are joined by a dot only.
		{"wire 0,2 4,2\nwire 2,0 2,4\nresistor R1 x 4,2 8,2\nresistor R2 x 2,4 2,8", "R1|R1|R2|R2"},
		{"wire 0,2 4,2\nwire 2,0 2,4\ndot 2,2\nresistor R1 x 4,2 8,2\nresistor R2 x 2,4 2,8", "R1|R1 R2|R2"},
		// Supplies of one name are one.
		{"supply +5V 0,0\nsupply +5V 9,9\nresistor R1 x 0,0 4,0\nresistor R2 x 9,9 4,9", "+5V R1 R2|R1|R2"},
		{"ground 0,0\nground 9,9\nresistor R1 x 0,0 4,0\nresistor R2 x 9,9 4,9", "R1|R1 R2 ground|R2"},
		{"strip 0,0 8,0\nresistor R1 x 0,0 0,4\nresistor R2 x 8,0 8,4", "R1|R1 R2|R2"},
	} {
		d, err := Parse("size 9,9\n" + c.text)
		if err != nil {
			t.Fatal(c.text, err)
		}
		var nets []string
		for _, net := range d.Nets() {
			nets = append(nets, strings.Join(net, " "))
		}
		if got := strings.Join(nets, "|"); got != c.want {
			t.Errorf("%s\njoins %s, want %s", c.text, got, c.want)
		}
	}
}

func TestBadDrawings(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "there is no size",
		"size 9":                          "line 1: size wants",
		"size 9,9\nhose 1,1":              `line 2: "hose" is no known word`,
		"size 9,9\nresistor R1 1,1 2,1":   "line 2: resistor wants",
		"size 9,9\nwire 1,1 2,2":          "neither horizontal nor vertical",
		`size 9,9` + "\n" + `text 1,1 "a`: "is not closed",
		"size 9,9\nplug J1 x 1,1 up 1:a":  "left or right",
		"size 9,9\nstrip 5,1 1,1":         "from left to right",
		"size 9,9\nresistor R1 x 0,0 4,0\nresistor R1 x 0,4 4,4": "R1 is there twice",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// A text of the drawing is no part of the picture's code.
func TestEscaped(t *testing.T) {
	d, err := Parse("size 9,9\ntext 1,1 <script>&\nresistor <b> <i> 0,0 4,0\nplug <u> <s> 5,5 left 1:<p> 2:q")
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"<script", "<b>", "<i>", "<u>", "<s>", "<p>"} {
		if strings.Contains(string(d.SVG()), tag) {
			t.Errorf("%s stands in the picture", tag)
		}
	}
}

// The ring is around the part that is named, and what is drawn around a part holds it.
func TestRing(t *testing.T) {
	d, err := Parse("size 80,30\nresistor R1 \"1 kΩ\" 10,4 10,14\nresistor R2 \"1 kΩ\" 60,4 60,14\n")
	if err != nil {
		t.Fatal(err)
	}
	if d.Ring("R3") {
		t.Error("there is no R3")
	}
	if !d.Ring("R2") || !strings.Contains(string(d.SVG()), `<rect x="589" y="40" width="22" height="100"`) {
		t.Errorf("no ring from 589 to 611: %s", d.SVG())
	}
	for part, want := range map[string]string{"R1": `viewBox="0 0 400 300"`, "R2": `viewBox="400 0 400 300"`} {
		if svg := string(d.Around(part, 400)); !strings.Contains(svg, want) {
			t.Errorf("around %s: %.200s, want %s", part, svg, want)
		}
	}
}
