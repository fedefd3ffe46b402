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

// SVG draws the circuit NAME.txt, with a ring around a part of it.
func SVG(name, part string) ([]byte, error) {
	text, err := texts.ReadFile(name + ".txt")
	if err != nil {
		return nil, err
	}
	d, err := drawing.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !d.Ring(part) {
		return nil, fmt.Errorf("%s: there is no %s", name, part)
	}
	return d.SVG(), nil
}
