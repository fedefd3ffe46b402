// Package report takes the records of p1fix or p1frame and gives what the noise
// was: a CSV line for each damaged telegram, noise record and gap ([Log]), or
// one text with the counts, the reliability and a prediction ([Summary]).
//
// Times are the meter's own. A telegram whose clock cannot be trusted lies
// between two that can: the telegrams before and after it, in the same source
// and session, that are valid and not suspect, or salvaged with a trusted clock
// line.
//
// Text that comes from the stream loses its control characters before it is
// written, so that no log can send escapes to a terminal.
package report

import "fmt"

// maxExcerpt is the most characters that an excerpt has between its quotes.
const maxExcerpt = 40

// excerpt quotes the beginning of data, every byte that is not printable ASCII
// as \x00.
func excerpt(data []byte) string {
	text := make([]byte, 0, maxExcerpt+4)
	cut := 0 // the longest prefix of text that leaves room for the ellipsis
	for _, c := range data {
		switch {
		case c == '"' || c == '\\':
			text = append(text, '\\', c)
		case c < ' ' || c > '~':
			text = fmt.Appendf(text, `\x%02X`, c)
		default:
			text = append(text, c)
		}
		if len(text) > maxExcerpt {
			return `"` + string(text[:cut]) + `…"`
		}
		if len(text) < maxExcerpt {
			cut = len(text)
		}
	}
	return `"` + string(text) + `"`
}
