package unwrap

import "bytes"

// Quote marks and indents: the same blanks, tabs, '>', '|' or '*' before each line.
//
//	> 1-0:1.8.0(008234.524*kWh)␍␊
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
	runs := map[string]int{}
	of := 0
	for _, line := range s.first() {
		n := 0
		for n < len(line) && bytes.IndexByte([]byte(" \t>|*"), line[n]) >= 0 {
			n++
		}
		if n == len(line) {
			continue // an empty line, whose blanks may be gone
		}
		of++
		for i := 1; i <= min(n, 32); i++ {
			runs[string(line[:i])]++
		}
	}
	best := ""
	for run, n := range runs {
		if s.believed(n, of) && (len(run) > len(best) || len(run) == len(best) && run < best) {
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
