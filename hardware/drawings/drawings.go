// Package drawings holds the circuits of hardware/README.md, as text, and gives pictures
// of them.
package drawings

import (
	"embed"
	"fmt"

	"p1/hardware/drawing"
)

//go:embed *.txt
var texts embed.FS

// SVG draws the circuit NAME.txt with a ring around a part of it: all of it, and so much
// of it around that part as a phone is wide.
func SVG(name, part string) (all, near []byte, err error) {
	text, err := texts.ReadFile(name + ".txt")
	if err != nil {
		return nil, nil, err
	}
	d, err := drawing.Parse(string(text))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if !d.Ring(part) {
		return nil, nil, fmt.Errorf("%s: there is no %s", name, part)
	}
	const phone = 400 // pixels; shown at four fifths
	return d.SVG(), d.Around(part, phone), nil
}
