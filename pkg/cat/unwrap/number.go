package unwrap

import (
	"bytes"
	"strconv"
)

// The number of each line before it, as cat -n and nl write it.
//
//	     7\t1-0:1.8.0(008234.524*kWh)␍␊
//	└──────┘
func numberForm() form {
	return form{
		name: "line numbers",
		says: "each line begins with its number: taken off",
		look: func(s *sample) maker {
			last := int64(-1)
			counted := func(line []byte) bool {
				v, n := lineNumber(line)
				follows := n > 0 && (last < 0 || v == last+1)
				last = v
				return follows
			}
			if !s.share(counted) {
				return nil
			}
			var rests [][]byte
			for _, line := range s.lines {
				_, n := lineNumber(line)
				rests = append(rests, line[n:])
			}
			if !s.makesSense(rests) {
				return nil
			}
			return func() layer {
				l := &lined{}
				l.each = func(p stamped, out sink) {
					_, n := lineNumber(p.data)
					if n == 0 {
						l.pass(p, out)
						return
					}
					p.data = p.data[n:]
					out(p)
				}
				return l
			}
		},
	}
}

// lineNumber reads the number that a line begins with, and returns where the line goes on;
// 0 if there is none.
func lineNumber(line []byte) (v int64, n int) {
	const longest = 12
	tab := bytes.IndexByte(line[:min(longest, len(line))], '\t')
	if tab < 0 {
		return -1, 0
	}
	v, err := strconv.ParseInt(string(bytes.TrimLeft(line[:tab], " ")), 10, 64)
	if err != nil || v < 0 {
		return -1, 0
	}
	return v, tab + 1
}
