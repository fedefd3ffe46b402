package diagnose

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"

	"p1/pkg/noise/words"
)

// Text of a program that stands between telegrams, such as a debug log, is none of the
// line's doing. It is told by what a line never makes:
//
//	2026-11-29 14:00:00,123 DEBUG [parser] telegram received
//	           └ a time with two colons   └─────────────── two words with a blank between
//
// and by coming again, but for its digits.

// clockOrWords is a time of day, or two words of letters beside each other. Units stand
// behind '*' and before ')': they are no words here.
var clockOrWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\b|(?:^|[ \t])[A-Za-z]?[a-z]{2,}[:,.]? [A-Za-z]?[a-z]{2,}(?:[ ,.:;!]|$)`)
})

// leastText is how short a text can be that comes again.
const leastText = 3

// programText reports whether bytes are what a program writes: printable, with a time or
// words in it.
func programText(data []byte) bool {
	return printableText(data) && clockOrWords().Match(data)
}

// printableText reports whether nineteen of twenty bytes are printable, or parts of UTF-8.
func printableText(data []byte) bool {
	odd := 0
	for _, r := range string(data) {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7F || r == '\uFFFD' {
			odd++
		}
	}
	return len(data) >= leastText && 20*odd <= len(data)
}

// formOf is a text with each run of digits as one 0: what is the same each time that a
// program writes it.
func formOf(data []byte) string {
	return string(digitRuns().ReplaceAll(data[:min(len(data), maxForm)], []byte("0")))
}

var digitRuns = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9]+`) })

const (
	maxForm  = 2048 // bytes of a text that are looked at
	maxForms = 64   // how many are kept apart
	again    = 3    // how often a text comes that is a program's
)

// between is a text that came between telegrams.
type between struct {
	times int64
	as    Signature // what it was counted as
}

// takenForText reports whether bytes between telegrams are a program's, and takes back
// what the same text was counted as before that was known.
func (d *Diagnoser) takenForText(data []byte, as Signature) bool {
	data = data[:min(len(data), maxForm)] // the beginning shows it
	if programText(data) {
		d.sayText(data)
		return true
	}
	if !printableText(data) || as == Cut || d.likeHeader(data) {
		return false
	}
	form := formOf(data)
	if _, known := d.between[form]; len(form) < leastText || !known && len(d.between) >= maxForms {
		return false
	}
	b := d.between[form]
	b.times++
	if b.times == again {
		d.runs[b.as] -= again - 1
		d.totals.Events -= again - 1
		d.beside = max(d.beside-(again-1), 0)
		d.program += again - 1
	}
	if b.times == 1 {
		b.as = as
	}
	d.between[form] = b
	if b.times >= again {
		d.sayText(data)
	}
	return b.times >= again
}

// likeHeader reports whether bytes begin as a telegram of a known meter does: they are what
// is left of one, however often the line leaves the same.
func (d *Diagnoser) likeHeader(data []byte) bool {
	const enough = 5 // bytes: '/', three letters, a digit
	for _, r := range d.references {
		if len(r.last.Raw) >= enough && bytes.HasPrefix(data, r.last.Raw[:enough]) {
			return true
		}
	}
	return false
}

// sayText keeps the first text of a program, to be shown, and counts.
func (d *Diagnoser) sayText(data []byte) {
	if d.programSays == "" {
		text := bytes.TrimSpace(data)
		d.programSays = visible(text[:min(len(text), maxSaid)])
	}
	d.program++
}

// maxSaid is how much of a program's text is repeated.
const maxSaid = 60

// programNote says what a program wrote.
func (d *Diagnoser) programNote() string {
	what := "blanks"
	if d.programSays != "" {
		what = fmt.Sprintf("such as %q", d.programSays)
	}
	return fmt.Sprintf("A program has written between the telegrams (%s), %s. The line did not do that; p1cat logs the bytes alone.", words.Plural(d.program, "time"), what)
}
