package unwrap

import (
	"bytes"
	"slices"
)

// Control characters by their names in ASCII (ISO/IEC 646), as terminals show them that are
// made for looking at ports, or by their escapes in C, as HTerm does (ndokter/dsmr_parser's
// issue 81).
//
//	1-0:1.8.0(008234.524*kWh)<CR><LF>␍␊
//	                         └─ ␍␊ ─┘
//	1-0:1.8.0(008234.524*kWh)<\r><\n>␍␊
//
// A "<CR>" of the meter's own looks the same.
func asciiForm() form {
	return form{
		name: "named control characters", live: true,
		says: "control characters are written as <CR>, <LF> and the like: read back",
		look: func(s *sample) maker {
			ended := func(line []byte) bool {
				return slices.ContainsFunc(namedEnds, func(end string) bool { return bytes.HasSuffix(line, []byte(end)) })
			}
			return s.readBack(ended, unname)
		},
	}
}

// namedEnds are what a line ends in.
var namedEnds = []string{"<CR>", "<LF>", `<\r>`, `<\n>`}

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
			if c, ok := controlNamed(string(line[1:max(end, 1)])); ok {
				out, line = append(out, c), line[end+1:]
				continue
			}
		}
		out, line = append(out, line[0]), line[1:]
	}
	return out
}

// controlNamed returns the control character of a name, CR or \r.
func controlNamed(name string) (c byte, ok bool) {
	if len(name) == 2 && name[0] == '\\' {
		c, ok = short[name[1]]
		return c, ok && c < ' '
	}
	n := slices.Index(controls[:], name)
	return byte(n), n >= 0
}
