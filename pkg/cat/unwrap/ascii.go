package unwrap

import (
	"bytes"
	"slices"
)

// Control characters by their names in ASCII (ISO/IEC 646), as terminals show them that are
// made for looking at ports.
//
//	1-0:1.8.0(008234.524*kWh)<CR><LF>␍␊
//	                         └─ ␍␊ ─┘
//
// A "<CR>" of the meter's own looks the same.
func asciiForm() form {
	return form{
		name: "named control characters", live: true,
		says: "control characters are written as <CR>, <LF> and the like: read back",
		look: func(s *sample) maker {
			ended := func(line []byte) bool {
				return bytes.HasSuffix(line, []byte("<CR>")) || bytes.HasSuffix(line, []byte("<LF>"))
			}
			return s.readBack(ended, unname)
		},
	}
}

// controls are the names of the control characters, in their order.
var controls = [...]string{
	"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
	"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
}

// unname returns the bytes that a line stands for.
func unname(line []byte) []byte {
	const longest = len("<DC1>")
	out := make([]byte, 0, len(line))
	for len(line) > 0 {
		if line[0] == '<' {
			end := bytes.IndexByte(line[:min(longest, len(line))], '>')
			if c := slices.Index(controls[:], string(line[1:max(end, 1)])); c >= 0 {
				out, line = append(out, byte(c)), line[end+1:]
				continue
			}
		}
		out, line = append(out, line[0]), line[1:]
	}
	return out
}
