package unwrap

import "bytes"

// Colours, as ESPHome and other programs write them for terminals: control sequences
// (ECMA-48 §5.4).
//
//	␛[0;36m[14:00:00][D][dsmr:033]: …␛[0m␍␊
//	└─────┘                         └──┘
func colourForm() form {
	return form{
		name: "colours", live: true,
		says: "each line is coloured for a terminal: taken off",
		look: func(s *sample) maker {
			if !s.share(func(line []byte) bool { return bytes.Contains(line, escapeBegin) }) {
				return nil
			}
			var lines [][]byte
			for _, line := range s.lines {
				lines = append(lines, withoutColours(line))
			}
			if !s.makesSense(lines) {
				return nil
			}
			return func() layer {
				return &lined{each: func(p stamped, out sink) {
					p.data = withoutColours(p.data)
					out(p)
				}}
			}
		},
	}
}

var escapeBegin = []byte("\x1b[")

// withoutColours takes all control sequences out of a line.
func withoutColours(line []byte) []byte {
	var out []byte
	for {
		at := bytes.Index(line, escapeBegin)
		if at < 0 {
			return append(out, line...)
		}
		out = append(out, line[:at]...)
		n := at + len(escapeBegin)
		for n < len(line) && line[n] >= 0x20 && line[n] < 0x40 {
			n++
		}
		if n == len(line) || line[n] < 0x40 || line[n] > 0x7E {
			out = append(out, line[at:n]...) // it has no end, so it is none
			line = line[n:]
			continue
		}
		line = line[n+1:]
	}
}
