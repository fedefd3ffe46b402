package chart

import (
	"fmt"
	"image/color"
	"strings"
)

// Colour is a colour by what it stands for. As a [color.Color] it is that of the light
// palette; the SVG names the role and leaves the palette to style sheets.
type Colour struct {
	role    role
	opacity float64 // 0 to 1
}

type role int

// The roles. Orange and blue are told apart by nearly everybody.
const (
	paper role = iota
	text
	muted
	grid
	bad
	good
	mark
	roles // how many there are
)

func solid(r role) Colour { return Colour{r, 1} }

// faint returns the colour of a role at an opacity from 0 to 1.
func faint(r role, opacity float64) Colour { return Colour{r, min(max(opacity, 0), 1)} }

// absent is the colour of time without telegrams.
func absent() Colour { return faint(grid, 0.45) }

// RGBA gives the colour of the light palette.
func (i Colour) RGBA() (r, g, b, a uint32) {
	c := palettes[i.role]
	c.light.A = uint8(255 * i.opacity)
	return c.light.RGBA()
}

// palettes are what the roles look like on light and dark ground.
var palettes = [roles]struct {
	name        string
	light, dark color.NRGBA
}{
	paper: {"paper", rgb(0xffffff), rgb(0x14171a)},
	text:  {"text", rgb(0x1c2126), rgb(0xe8ebee)},
	muted: {"muted", rgb(0x56606b), rgb(0xa3adb8)},
	grid:  {"grid", rgb(0xd9dee3), rgb(0x39414a)},
	bad:   {"bad", rgb(0xc2410c), rgb(0xff8f5e)},
	good:  {"good", rgb(0x1668a8), rgb(0x6bb4f5)},
	mark:  {"mark", rgb(0x7b3fb3), rgb(0xcaa0f5)},
}

func rgb(c uint32) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255}
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Properties gives the palettes as custom properties of CSS, --paper, --text, …, for
// the page around a picture: those of a light page, and those of a dark one.
func Properties() (light, dark string) {
	var l, d strings.Builder
	for _, p := range palettes {
		fmt.Fprintf(&l, "--%s:%s;", p.name, hex(p.light))
		fmt.Fprintf(&d, "--%s:%s;", p.name, hex(p.dark))
	}
	return l.String(), d.String()
}

// Style gives the style sheet of inline pictures, which uses [Properties].
func Style() string {
	return rules(func(r role) string { return "var(--" + palettes[r].name + ")" })
}

// ownStyle is the style sheet of a picture that is a file of its own. Programs that
// know no media queries take the light palette.
func ownStyle() string {
	return rules(func(r role) string { return hex(palettes[r].light) }) +
		"@media (prefers-color-scheme:dark){" + rules(func(r role) string { return hex(palettes[r].dark) }) + "}"
}

func rules(colour func(role) string) string {
	var b strings.Builder
	b.WriteString(".p1c{font-family:'Liberation Sans',Arial,Helvetica,sans-serif}")
	for r := range roles {
		fmt.Fprintf(&b, ".f-%s{fill:%s}.s-%s{fill:none;stroke:%s}", palettes[r].name, colour(r), palettes[r].name, colour(r))
	}
	return b.String()
}
