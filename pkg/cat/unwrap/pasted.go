package unwrap

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"

	"p1/pkg/crc"
)

// Text as it is typed into a forum, an issue or a comment, or as that is stored: with the
// escapes of Markdown (CommonMark 0.31, §2.4 and §6.7), or as a piece of HTML without a page
// around it.
//
//	1-0:1.8.1(007054.890\*kWh)␠␠␊       Markdown; a backslash or blanks end a line there
//	1-0:1.8.1(12345.678*kWh)<br>␊       HTML
//	1-0:1.8.1&#40;12345.678&ast;kWh)␊
//
// So they stand in READMEs (two blanks and \*) and in comments of Java (<br>). Bytes that
// look so can be a meter's, and damage: /ISK5\2M550T-1012 is a header. What proves it is a
// telegram whose CRC holds when they are read back, where none holds as it stands. Where
// meters send no CRC, each line must be so.

func htmlForm() form {
	return form{
		name: "HTML",
		says: "text is written as HTML, as with <br> or &amp;: read back",
		look: func(s *sample) maker {
			begin := func() layer { return &pageLayer{} }
			if !s.told && (!s.hasBreaks() && !s.hasEntities() || !s.proves(begin, broken)) {
				return nil
			}
			return begin
		},
	}
}

// broken is a line that ends in a break.
var broken = regexp.MustCompile(`<[bB][rR] */?>[ \t]*\r?$`)

// hasBreaks reports whether most lines end in a break, or would if there were any lines.
func (s *sample) hasBreaks() bool {
	n := max(bytes.Count(s.data, []byte("<br")), bytes.Count(s.data, []byte("<BR")))
	return n >= fewLines && 2*n >= len(s.lines)
}

// entity is the name of a character.
var entity = regexp.MustCompile(`&#?[A-Za-z0-9]{2,8};`)

// hasEntities reports whether one of the marks that each telegram has is written by its name
// wherever it stands. What else is so written, damage or a text may have made.
func (s *sample) hasEntities() bool {
	if bytes.IndexByte(s.data, '&') < 0 {
		return false
	}
	for _, name := range entity.FindAll(s.data[:min(len(s.data), enoughBytes)], -1) {
		c := html.UnescapeString(string(name))
		if strings.Contains("/!()*", c) && !bytes.Contains(s.data, []byte(c)) {
			return true
		}
	}
	return false
}

func markdownForm() form {
	return form{
		name: "Markdown",
		says: "characters are escaped as in Markdown, such as \\*: read back",
		look: func(s *sample) maker {
			if !s.told && (!bytes.Contains(s.data, []byte(`\*`)) || !s.proves(markdownLayer, starred)) {
				return nil
			}
			return markdownLayer
		},
	}
}

// starred is a line without a value whose unit stands behind a bare asterisk.
var starred = regexp.MustCompile(`^(?:[^*]|\\\*)*$`)

// markdownLayer reads the escapes of Markdown back: a backslash before a mark, and what ends
// a line. A character up to U+00FF is one byte of the meter, as in JSON.
func markdownLayer() layer {
	l := &lined{}
	l.each = func(p stamped, out sink) {
		text, end := cutEnd(p.data)
		text = bytes.TrimRight(text, " ")
		read := make([]byte, 0, len(p.data))
		for i := 0; i < len(text); i++ {
			if text[i] == '\\' && i+1 < len(text) && isMark(text[i+1]) {
				i++
			} else if text[i] == '\\' && i+1 == len(text) {
				break
			}
			read = append(read, text[i])
		}
		p.data = append(meterBytes(string(read)), end...)
		out(p)
	}
	return l
}

// isMark reports whether a character is one of those that Markdown escapes.
func isMark(c byte) bool {
	return c > ' ' && c < 0x7F && !isLetter(c) && (c < '0' || c > '9')
}

// proves reports whether telegrams are whole behind a layer that are not so before it: their
// CRC holds, or where they have none, nine of ten lines are of the form.
func (s *sample) proves(begin maker, line *regexp.Regexp) bool {
	if holds, _ := wholeTelegrams(s.data); holds > 0 {
		return false
	}
	holds, unsigned := wholeTelegrams(through(begin(), s.data))
	return holds > 0 || unsigned > 0 && s.share(line.Match)
}

// wholeTelegrams counts the telegrams in a text whose CRC holds with the line ends that a meter sends,
// and those that have none.
func wholeTelegrams(text []byte) (holds, unsigned int) {
	var telegram []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case isHeader(line):
			telegram = append(append(telegram[:0], line...), "\r\n\r\n"...)
		case len(telegram) == 0 || len(line) == 0:
		case line[0] != '!':
			telegram = append(append(telegram, line...), "\r\n"...)
		case len(bytes.TrimSpace(line)) == 1:
			unsigned++
			telegram = telegram[:0]
		default:
			telegram = append(telegram, '!')
			for _, k := range crc.Kinds() {
				if string(bytes.ToUpper(bytes.TrimSpace(line[1:]))) == k.Digits(telegram) {
					holds++
				}
			}
			telegram = telegram[:0]
		}
	}
	return holds, unsigned
}

// unproved is the form that bytes look to be of, which are not read back: no CRC holds then,
// as in telegrams that somebody has masked. It is "" for none.
func unproved(data []byte) string {
	stars := bytes.Count(data, []byte(`\*`))
	breaks := bytes.Contains(data, []byte("<br")) || bytes.Contains(data, []byte("<BR"))
	if stars < fewLines && !breaks {
		return ""
	}
	s := newSample(data, true)
	switch {
	case !s.hasP1():
	case stars >= fewLines && stars == bytes.Count(data, []byte("*")):
		return markdownForm().name
	case s.hasBreaks():
		return htmlForm().name
	}
	return ""
}

// Unproved names what is taken off, and within it the form that the bytes look to be of and
// that is left as it is, since nothing proves it; nil where there is none.
func (s *Stream) Unproved() []string {
	if s.unproved == "" {
		return nil
	}
	return append(slices.Clone(s.names), s.unproved)
}
