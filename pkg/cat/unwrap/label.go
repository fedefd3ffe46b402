package unwrap

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"p1/pkg/telegram"
)

// Log levels, names of modules and other words before each line.
//
//	DEBUG:p1:1-0:1.8.0(008234.524*kWh)␍␊
//	raspberrypi p1[812]: 1-0:1.8.0(008234.524*kWh)␍␊
//	[D][uart_debug:158]: <<< "1-0:1.8.0(008234.524*kWh)\r\n"
//	└──────── label ───────┘ └───────── taken on ─────────┘
//
// It is the same in all lines but for its digits. Where a log holds lines of several
// modules, as that of ESPHome does, the label behind which a meter speaks is taken off, and
// the lines of the others are left out.
func labelForm() form {
	return form{
		name: "label", live: true,
		says: "each line begins with the words of a log: taken off",
		look: lookLabel,
	}
}

func lookLabel(s *sample) maker {
	label, all := bestLabel(s)
	if label == "" {
		return nil
	}
	return func() layer {
		l := &labelLayer{label: label, others: all}
		l.each = l.line
		return l
	}
}

// labelLayer takes a label off.
type labelLayer struct {
	lined
	label  string
	others bool // lines with other labels are those of other modules
}

func (l *labelLayer) line(p stamped, out sink) {
	n := labelled(p.data, l.label)
	switch {
	case n >= 0:
		p.data = p.data[n:]
		out(p)
	case l.others && isLogLine(p.data):
	default:
		l.pass(p, out)
	}
}

// kept says what becomes of other lines.
func (l *labelLayer) kept(*zoning) string {
	if l.others {
		return ", and lines of other modules are left out"
	}
	return ""
}

// bestLabel returns the label behind which most lines make sense, with 0 for each run of
// digits, and whether the lines of other modules are none of the meter's.
func bestLabel(s *sample) (label string, others bool) {
	groups := map[string][][]byte{}
	logs := 0
	for _, line := range s.lines {
		if isPlain(line) {
			continue
		}
		if isLogLine(line) {
			logs++
		}
		for _, n := range labels(line) {
			form := string(masked(line[:n]))
			groups[form] = append(groups[form], line[n:])
		}
	}
	few := 1
	if !s.live && !s.alone {
		few = fewLines
	}
	var forms []string
	for form, rests := range groups {
		fits := s.fits(len(rests), len(s.lines)) || s.fits(logs, len(s.lines)) && isLogLine([]byte(form))
		if fits && hasLetter(form) && (len(rests) >= few || s.told) {
			forms = append(forms, form)
		}
	}
	slices.SortFunc(forms, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	untold := *s
	untold.told = false // a person names the form, not the label
	for _, form := range forms {
		if untold.makesSense(groups[form]) {
			return form, isLogLine([]byte(form))
		}
	}
	return "", false
}

func hasLetter(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < 0x80 && isLetter(byte(r)) })
}

// labels returns where the words that a line begins with end: each place behind a word is
// one, and the last one is where something begins that is no word.
func labels(line []byte) []int {
	const mostWords = 12
	var ends []int
	at := 0
	for len(ends) < mostWords {
		n := wordLen(line[at:])
		if n == 0 {
			break
		}
		at += n
		ends = append(ends, at)
	}
	return ends
}

// wordLen returns how long the word of a log is that text begins with, with what stands
// behind it; 0 if there is none.
//
//	[uart_debug:158]:_    (MainThread)_    DEBUG_    DEBUG:    p1[812]:_    <<<_    ->_
func wordLen(text []byte) int {
	n := 0
	switch {
	case len(text) == 0:
		return 0
	case text[0] == '[' || text[0] == '(' || text[0] == '<' && len(text) > 1 && isLetter(text[1]):
		closing := map[byte]byte{'[': ']', '(': ')', '<': '>'}[text[0]]
		end := bytes.IndexByte(text[:min(len(text), maxWord)], closing)
		if end < 2 || !isLetter(text[1]) || telegram.CodeLen(text[1:]) > 0 {
			return 0
		}
		n = end + 1
	case isLetter(text[0]):
		for n < len(text) && (isLetter(text[n]) || telegram.IsDigit(text[n]) || bytes.IndexByte([]byte("._-@/"), text[n]) >= 0) {
			n++
		}
		if n < len(text) && text[n] == '[' { // the number of a process
			if end := bytes.IndexByte(text[n:], ']'); end > 0 && end < 12 {
				n += end + 1
			}
		}
		if n > maxWord || n == len(text) || bytes.IndexByte([]byte(" \t:=|>,"), text[n]) < 0 {
			return 0
		}
	case bytes.IndexByte([]byte("<>-=|:@"), text[0]) >= 0:
		for n < len(text) && bytes.IndexByte([]byte("<>-=|:@"), text[n]) >= 0 {
			n++
		}
	default:
		return 0
	}
	for n < len(text) && bytes.IndexByte([]byte(" \t:"), text[n]) >= 0 {
		n++
	}
	return n
}

// maxWord is how long a word of a log can be.
const maxWord = 64

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

// isLogLine reports whether a line begins as one of a log with levels and modules does:
// with a level.
func isLogLine(line []byte) bool {
	if wordLen(line) == 0 {
		return false
	}
	word := bytes.TrimRight(line[:wordLen(line)], " \t:|-")
	if len(word) == 0 {
		return false
	}
	if word[0] == '[' { // [D], and the module may follow at once
		word = word[1 : len(word)-1]
		if len(word) == 1 {
			return bytes.IndexByte([]byte("CDEIVW"), word[0]) >= 0
		}
	}
	for _, level := range []string{"DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL", "TRACE", "NOTICE", "VERBOSE"} {
		if bytes.EqualFold(word, []byte(level)) {
			return true
		}
	}
	return false
}

// masked returns a text with 0 in place of each run of digits.
func masked(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i, c := range text {
		switch {
		case !telegram.IsDigit(c):
			out = append(out, c)
		case i == 0 || !telegram.IsDigit(text[i-1]):
			out = append(out, '0')
		}
	}
	return out
}

// labelled returns where a line goes on behind a label; -1 if it begins otherwise. The
// blanks at the end of the label may be gone where nothing follows.
func labelled(line []byte, label string) int {
	at := 0
	for i := 0; i < len(label); i++ {
		switch {
		case label[i] == '0':
			n := at
			for n < len(line) && telegram.IsDigit(line[n]) {
				n++
			}
			if n == at {
				return -1
			}
			at = n
		case at < len(line) && line[at] == label[i]:
			at++
		default:
			text, _ := cutEnd(line)
			if at == len(text) && len(bytes.TrimSpace([]byte(label[i:]))) == 0 {
				return at
			}
			return -1
		}
	}
	return at
}
