package tool

import (
	"os"
	"slices"
	"strings"
)

// Zones lists the time zones that this system knows by their names, for completion; none where it
// has no list of them. Each line of the list names one in its third column:
//
//	NL	+5222+00454	Europe/Amsterdam
func Zones() []string {
	text, _ := os.ReadFile("/usr/share/zoneinfo/zone.tab")
	var all []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 2 && line[0] != '#' {
			all = append(all, words[2])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
