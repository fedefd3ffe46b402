package report

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"p1/pkg/display"
	"p1/pkg/noise/verdict"
	"p1/pkg/noise/words"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// changes writes the edits of a telegram, positions being bytes of the repaired
// telegram from 0:
//
//	7 1-0:1.8.0 20->2E; 11 1-0:1.8.0 ->30; 20 1-0:1.8.0 7E->
func changes(edits []record.Edit, parts *telegram.Telegram) string {
	var b strings.Builder
	for i, e := range edits {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%d %s %s->%s", e.At, lineName(parts, e.At), hexRun(e.Got), hexRun(e.Now))
		if e.By == record.ByLogger {
			b.WriteString(" (logger)")
		}
	}
	return b.String()
}

// lineName says which line of the telegram holds the byte at offset at: by its
// OBIS code, as "header" or "!", else by its number from 1.
func lineName(parts *telegram.Telegram, at int) string {
	// The search is by halves, since a hostile telegram may have as many lines
	// and edits as it has bytes.
	n := sort.Search(len(parts.Lines), func(i int) bool { return parts.Lines[i].Start > at })
	if n == 0 {
		return "line 1"
	}
	l := parts.Lines[n-1]
	text := l.Of(parts.Raw)
	switch {
	case l.Code.End > 0:
		return string(l.Code.Of(parts.Raw))
	case n == 1 && bytes.HasPrefix(text, []byte{'/'}):
		return "header"
	case bytes.HasPrefix(text, []byte{'!'}):
		return "!"
	}
	return fmt.Sprintf("line %d", n)
}

// hexRun writes bytes in hex, and a run of one repeated byte as FFx1024, of a
// character of several bytes as C3BFx1024.
func hexRun(data []byte) string {
	for size := 1; size <= utf8.UTFMax && size < len(data); size++ {
		if n := len(data) / size; n*size == len(data) && bytes.Equal(data, bytes.Repeat(data[:size], n)) {
			return fmt.Sprintf("%Xx%d", data[:size], n)
		}
	}
	return fmt.Sprintf("%X", data)
}

// with appends a reason, if there is one.
func with(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// conclusion says in words what became of a telegram.
func conclusion(t *record.Telegram, parts *telegram.Telegram) string {
	var said []string
	why := display.Text(t.Why)
	switch t.Status {
	case record.OK, record.Unchecked:
	case record.Repaired:
		said = append(said, repairConclusion(t))
	case record.Salvaged:
		n, of := trustedLines(t, parts)
		said = append(said, fmt.Sprintf("salvaged: %d of %d lines can be trusted", n, of))
		if why != "" {
			said = append(said, "not repaired: "+why)
		}
	case record.Lost:
		said = append(said, with("lost", why))
	default:
		if why == "" {
			said = append(said, visible(t, parts))
		} else {
			said = append(said, "not repaired: "+why)
		}
	}
	if t.Suspect != "" {
		said = append(said, with("suspect", display.Text(t.Suspect)))
	}
	for i, d := range t.Doubted {
		if i == maxDoubted {
			said = append(said, fmt.Sprintf("%d more lines doubted", len(t.Doubted)-i))
			break
		}
		said = append(said, with("doubted "+display.Text(d.Code), display.Text(d.Why)))
	}
	return strings.Join(said, "; ")
}

// maxDoubted is how many doubted lines of a telegram are told.
const maxDoubted = 5

func repairConclusion(t *record.Telegram) string {
	said := "repaired"
	if verdict.LoggerOnly(t) {
		said = "put back what the logger left out"
	}
	if t.Confidence >= record.MinConfidence {
		said += ", confidence " + record.Confidence(t.Confidence).String()
	}
	return said
}

// trustedLines counts the lines that carry data, those between the header and
// the end line that are not empty, and how many of them are trusted.
func trustedLines(t *record.Telegram, parts *telegram.Telegram) (n, of int) {
	trusted := make(map[int]bool, len(t.Trusted))
	for _, line := range t.Trusted {
		trusted[line.Line] = true
	}
	for i, l := range parts.Lines {
		text := l.Of(t.Raw)
		if len(text) == 0 || text[0] == '!' || i == 0 && text[0] == '/' {
			continue
		}
		of++
		if trusted[i+1] {
			n++
		}
	}
	return n, of
}

// visible says what is wrong on the face of a telegram that p1fix has not seen.
func visible(t *record.Telegram, parts *telegram.Telegram) string {
	var said []string
	if !bytes.HasPrefix(t.Raw, []byte{'/'}) {
		said = append(said, "begins without '/'")
	}
	switch {
	case t.CRCSent == "" && !hasEnd(parts):
		said = append(said, "ends without '!'")
	case t.CRCSent == "":
		said = append(said, "CRC cannot be read")
	case t.CRC == record.CRCUnknown:
		said = append(said, "no known CRC holds in this stream")
	case t.CRCSent != t.CRCCalc:
		said = append(said, "CRC does not hold")
	case len(said) == 0:
		said = append(said, "damaged")
	}
	return strings.Join(said, ", ")
}

// hasEnd reports whether the last line holds the '!' before the CRC. It need
// not begin with it: a damaged byte that reads '!' ends a telegram too.
func hasEnd(parts *telegram.Telegram) bool {
	n := len(parts.Lines)
	return n > 0 && bytes.IndexByte(parts.Lines[n-1].Of(parts.Raw), '!') >= 0
}

// noiseConclusion says how many bytes belong to no telegram, and shows the
// first ones.
func noiseConclusion(data []byte) string {
	n := words.Plural(int64(len(data)), "byte")
	switch {
	case len(data) == 0:
		return n + " between telegrams"
	case verdict.LoggerHeader(data):
		return "logger header, " + n + ": " + excerpt(data)
	}
	return n + " between telegrams: " + excerpt(data)
}
