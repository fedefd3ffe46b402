package unwrap

import "bytes"

// Control characters as # and three octal digits, as rsyslog writes those that it receives
// (its parameter parser.escapeControlCharactersOnReceive).
//
//	1-0:1.8.0(008234.524*kWh)#015␊
//	                         └──┘ CR
//
// A "#015" of the meter's own looks the same.
func octalForm() form {
	return form{
		name: "octal control characters", live: true,
		says: "control characters are written as # and octal digits: read back",
		look: func(s *sample) maker {
			return s.readBack(func(line []byte) bool { return bytes.HasSuffix(line, []byte("#015")) }, unoctal)
		},
	}
}

// unoctal returns the bytes that a line stands for.
func unoctal(line []byte) []byte {
	const width = 4
	out := make([]byte, 0, len(line))
	for len(line) > 0 {
		if line[0] == '#' && len(line) >= width {
			if v := octalValue(line[1:width]); v >= 0 && v < ' ' || v == 0x7F {
				out, line = append(out, byte(v)), line[width:]
				continue
			}
		}
		out, line = append(out, line[0]), line[1:]
	}
	return out
}
