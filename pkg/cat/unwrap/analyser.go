package unwrap

import "regexp"

// The list of a logic analyser that has decoded the line: one byte a row, in hex.
//
//	"Async Serial","data",0.100000000,0.00008,0x2F,␊      Saleae Logic 2
//	0.100000000000000,0x2F,,␊                             Saleae Logic 1
//	0-80 uart-1: RX: 2F␊                                  sigrok, with the samples' numbers
//	                 └┘ the meter's
//
// It is only looked for where nothing is P1 as it stands.
func analyserForm() form {
	return form{
		name: "logic analyser",
		says: "each row is a byte that a logic analyser has decoded: read back",
		look: func(s *sample) maker {
			if s.hasP1() && !s.told || !s.share(func(line []byte) bool { return oneByte(line) >= 0 }) {
				return nil
			}
			var data []byte
			for _, line := range s.lines {
				if c := oneByte(line); c >= 0 {
					data = append(data, byte(c))
				}
			}
			if !s.meters(data) {
				return nil
			}
			return func() layer {
				l := &lined{}
				l.each = func(p stamped, out sink) {
					text, _ := cutEnd(p.data)
					c := oneByte(text)
					if c < 0 {
						l.pass(p, out)
						return
					}
					p.data = []byte{byte(c)}
					out(p)
				}
				return l
			}
		},
	}
}

// row is one of a logic analyser; its byte is in one of the groups.
var row = regexp.MustCompile(`^(?:(?:[^,]*,)+"?0x([0-9A-Fa-f]{2})"?,?[^,]*,?[^,]*|[0-9]+-[0-9]+ [A-Za-z][^:]*:(?: [A-Za-z ]+:)? ([0-9A-Fa-f]{2}))$`)

// oneByte returns the byte of a row; -1 where it is none.
func oneByte(line []byte) int {
	at := row.FindSubmatch(line)
	if at == nil {
		return -1
	}
	return hexValue(append(at[1], at[2]...))
}
