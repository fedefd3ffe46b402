package page

import (
	"fmt"
	"html/template"

	"p1/pkg/noise/chart"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// line is a line of the telegram with the damage to it.
type line struct {
	Offset, Text, More string
	Events, PerByte    string
	Bar                template.HTML
	Pauses             []string
	Skipped            string // says how many lines without a hit stand here
}

// Limits of the telegram that is shown.
const (
	maxLines = 160
	maxText  = 64 // characters of a line
)

// lines lays the telegram out line by line, those without a hit joined; more is how many
// are left out. Bars are as long as the rates are high, which do not depend on how long a
// line is.
func lines(r *diagnose.Report) (all []line, more int) {
	damage := map[int]diagnose.LineDamage{}
	highest := 0.0
	for _, l := range r.Lines {
		damage[l.Offset] = l
		if words.Finite(l.Rate) && l.Events > 0 {
			highest = max(highest, l.Rate)
		}
	}
	n := min(len(r.Sample), len(r.Offsets))
	unhit := int64(0)
	for i := range n {
		end := 1 << 30
		if i+1 < n {
			end = r.Offsets[i+1]
		}
		d, pauses := damage[r.Offsets[i]], pausesIn(r.Pauses, r.Offsets[i], end)
		if d.Events <= 0 && len(pauses) == 0 {
			unhit++
			continue
		}
		if len(all) >= maxLines {
			return all, n - i
		}
		all, unhit = skipped(all, unhit), 0
		text, rest := beginning(r.Sample[i], end-r.Offsets[i])
		l := line{Offset: words.Count(int64(r.Offsets[i])), Text: text, More: rest, Pauses: pauses}
		if d.Events > 0 {
			l.Events, l.PerByte = words.Count(d.Events), words.Number(1e6*d.Rate)
			l.Bar = template.HTML(chart.Bar(diagnose.Share{Value: d.Rate / highest}))
		}
		all = append(all, l)
	}
	return skipped(all, unhit), 0
}

// skipped stands for so many lines without a hit, if any.
func skipped(all []line, n int64) []line {
	if n == 0 {
		return all
	}
	return append(all, line{Skipped: words.Plural(n, "line") + " without a hit"})
}

// beginning cuts a line off where it gets too long, and says how many bytes it has.
func beginning(text string, length int) (begin, rest string) {
	chars := []rune(text)
	if len(chars) <= maxText {
		return text, ""
	}
	rest = "…"
	if length < 1<<20 { // the last line has no known end
		rest = fmt.Sprintf("… %s bytes", words.Count(int64(length)))
	}
	return string(chars[:maxText-20]), rest
}

// pausesIn describes the pauses inside a line.
func pausesIn(all []diagnose.Place, begin, end int) []string {
	var said []string
	for _, p := range all {
		if p.Offset < begin || p.Offset >= end || len(said) == 4 {
			continue
		}
		where := "before this line"
		if p.Offset > begin {
			where = "in this line, before its byte " + words.Count(int64(p.Offset-begin))
		}
		said = append(said, fmt.Sprintf("stands out %s: %s of telegrams are hit there, as after a pause", where, words.Percent(p.Rate)))
	}
	return said
}

// row is a line of a small table.
type row struct{ Name, Second, Third, Fourth string }

// wrongBits lists the kinds of bits, and how many of each were read wrong.
func wrongBits(t *diagnose.BitTable) []row {
	if !t.Any() {
		return nil
	}
	var all []row
	for _, k := range t.Kinds() {
		wrong, sent := k.Totals()
		all = append(all, row{k.Name, words.Count(wrong), words.Count(sent), words.PerMillion(wrong, sent)})
	}
	return all
}

func pairs(r *diagnose.Report) []row {
	var all []row
	for _, p := range r.Pairs[:min(len(r.Pairs), maxRows)] {
		all = append(all, row{Name: byteName(p.Sent), Second: byteName(p.Got), Third: words.Count(p.Events)})
	}
	return all
}

func values(r *diagnose.Report) []row {
	var all []row
	for _, b := range r.Bytes[:min(len(r.Bytes), maxRows)] {
		rate := "–"
		if b.Rate <= 1 {
			rate = words.Percent(b.Rate)
		}
		all = append(all, row{byteName(b.Byte), words.Count(b.Changed), words.Count(b.Vanished), rate})
	}
	return all
}

// byteName writes a byte for people: a character between quotes, or its hex digits.
func byteName(b int) string {
	switch {
	case b == -1:
		return "nothing"
	case b == -2:
		return "a digit"
	case b < 0 || b > 0xFF:
		return "?"
	case b == '\r':
		return "CR"
	case b == '\n':
		return "LF"
	case b < ' ' || b > '~':
		return fmt.Sprintf("0x%02X", b)
	case b == ' ':
		return "blank"
	}
	return "‘" + string(rune(b)) + "’"
}
