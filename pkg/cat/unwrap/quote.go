package unwrap

import "bytes"

// Quote marks, indents and comments: the same blanks, tabs, '>', '|', '*' or '#' before each line.
//
//	> 1-0:1.8.0(008234.524*kWh)␍␊
//	# 1-0:1.8.0(008234.524*kWh)␍␊
//	    1-0:1.8.0(008234.524*kWh)␍␊
//	└─┘ taken off
//
// It is what most lines begin with, and no more: on a bad line a 0 may become a blank.
func quoteForm() form {
	return form{
		name: "quote marks", live: true,
		says: "each line is quoted or indented: taken off",
		look: func(s *sample) maker {
			marks := commonMarks(s)
			if marks == "" {
				return nil
			}
			var lines [][]byte
			for _, line := range s.lines {
				if n := marked(line, marks); n >= 0 {
					line = line[n:]
				}
				lines = append(lines, line)
			}
			if !s.makesSense(lines) {
				return nil
			}
			return func() layer {
				l := &lined{}
				l.each = func(p stamped, out sink) {
					n := marked(p.data, marks)
					if n < 0 {
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

// commonMarks returns the longest run of marks that enough lines begin with.
func commonMarks(s *sample) string {
	const longest = 32
	runs := map[string]bool{}
	for _, line := range s.first() {
		n := 0
		for n < len(line) && bytes.IndexByte([]byte(" \t>|*#"), line[n]) >= 0 {
			n++
		}
		for i := 1; i <= min(n, longest); i++ {
			runs[string(line[:i])] = true
		}
	}
	best := ""
	for run := range runs {
		longer := len(run) > len(best) || len(run) == len(best) && run < best
		if longer && s.share(func(line []byte) bool { return marked(line, run) >= 0 }) {
			best = run
		}
	}
	return best
}

// marked returns where a line goes on behind its marks; -1 where it has none. An editor may
// have taken the blanks away that an empty line ends in.
func marked(line []byte, marks string) int {
	if bytes.HasPrefix(line, []byte(marks)) {
		return len(marks)
	}
	text, _ := cutEnd(line)
	if string(text) == string(bytes.TrimRight([]byte(marks), " \t")) {
		return len(text)
	}
	return -1
}
