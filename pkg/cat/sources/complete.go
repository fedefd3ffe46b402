package sources

import (
	"strings"

	"p1/pkg/sim"
)

// schemes are how the names of sources begin that are no files.
func schemes() []string {
	return []string{demoScheme, serialScheme, tcpScheme, telnetScheme, httpScheme, httpsScheme, mqttScheme, mqttsScheme}
}

// Complete returns what a name may become of which the beginning is typed, but for files: the
// serial ports of this machine, schemes, and what the simulated meter can be asked for.
func Complete(typed string) []string {
	if query, ok := strings.CutPrefix(typed, demoScheme); ok {
		var all []string
		for _, q := range sim.Complete(query) {
			all = append(all, demoScheme+q)
		}
		return all
	}
	ports, _ := Ports() // where they cannot be listed, there are none to offer
	var all []string
	for _, p := range ports {
		all = append(all, p.Name)
		if p.Link != "" {
			all = append(all, p.Link)
		}
	}
	return append(all, schemes()...)
}
