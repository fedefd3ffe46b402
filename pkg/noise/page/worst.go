package page

import (
	"fmt"
	"strings"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// worst is a telegram with much damage.
type worst struct {
	Title, Time, Source, Offset string
	Lines                       []drawn
	More                        string
}

// drawn is a damaged line: blocks of what was received, each over what was sent.
type drawn struct {
	Code   string
	Words  string // for who cannot see it
	Blocks []block
}

// block is a run of bytes that came as they were sent, or one that did not. A part
// that is empty was not there.
type block struct {
	Class     string // of the style sheet: same, hit or skip
	Got, Sent cell
	Hint      string
}

// cell is what stands in a place.
type cell struct{ Text, Class string }

// Limits of what is drawn of a telegram.
const (
	maxWorst = 10
	maxDrawn = 10 // lines
	maxHits  = 60 // bytes in a line
	around   = 12 // undamaged bytes on either side of damaged ones
	chunk    = 6  // of them in a block, between which a line can be broken
)

func worstOf(r *diagnose.Report) []worst {
	var all []worst
	for i, t := range r.Worst[:min(len(r.Worst), maxWorst)] {
		w := worst{
			Title:  fmt.Sprintf("%d. %s, %s", i+1, words.Plural(int64(t.Events), "hit"), verdict(t)),
			Time:   t.Time,
			Source: t.Source,
			Offset: words.Count(t.Offset),
		}
		for _, l := range t.Lines[:min(len(t.Lines), maxDrawn)] {
			w.Lines = append(w.Lines, drawLine(l))
		}
		if n := len(t.Lines) - len(w.Lines); n > 0 {
			w.More = "and " + words.Plural(int64(n), "more line") + " with damage"
		}
		all = append(all, w)
	}
	return all
}

func verdict(t diagnose.WorstTelegram) string {
	words := t.Status
	if t.Confidence > 0 && t.Confidence <= 1 {
		words += " with confidence " + t.Confidence.String()
	}
	if t.Why != "" {
		words += ": " + t.Why
	}
	return words
}

func drawLine(l diagnose.WorstLine) drawn {
	d := drawn{Code: l.Code}
	cells := withoutEnd(l.Cells)
	var said []string
	hits := 0
	for i := 0; i < len(cells); {
		if !cells[i].Hit {
			end := i
			for end < len(cells) && !cells[end].Hit {
				end++
			}
			d.Blocks = append(d.Blocks, same(cells[i:end], i == 0, end == len(cells))...)
			i = end
			continue
		}
		if hits == maxHits {
			d.Blocks = append(d.Blocks, block{Class: "skip", Got: cell{Text: "… " + words.Plural(int64(len(cells)-i), "more byte")}})
			break
		}
		c := cells[i]
		hint := fmt.Sprintf("sent %s, received %s", byteName(c.Sent), byteName(c.Got))
		if hits < 20 {
			said = append(said, hint)
		}
		d.Blocks = append(d.Blocks, block{"hit", cellOf(c.Got), cellOf(c.Sent), hint})
		hits++
		i++
	}
	if strings.HasPrefix(sentText(cells), l.Code) {
		d.Code = "" // it is to be seen
	}
	d.Words = fmt.Sprintf("%s: %s changed: %s", l.Code, words.Plural(int64(hits), "byte"), strings.Join(said, "; "))
	return d
}

// sentText returns the printable beginning of what was sent.
func sentText(cells []diagnose.Cell) string {
	var text []byte
	for _, c := range cells {
		if c.Sent == -1 {
			continue
		}
		if c.Sent < ' ' || c.Sent > '~' {
			break
		}
		text = append(text, byte(c.Sent))
	}
	return string(text)
}

// withoutEnd leaves out a line end that came as it was sent.
func withoutEnd(cells []diagnose.Cell) []diagnose.Cell {
	for n := len(cells); n > 0 && !cells[n-1].Hit && (cells[n-1].Got == '\r' || cells[n-1].Got == '\n'); n = len(cells) {
		cells = cells[:n-1]
	}
	return cells
}

// same draws undamaged bytes; of a long run only what is next to damage.
func same(cells []diagnose.Cell, first, last bool) []block {
	before, after := around, around // how many are drawn at either end
	if first {
		before = 2 * around // the line's code
	}
	if last {
		after = 0
	}
	if len(cells) <= before+after+chunk {
		return runs(cells)
	}
	blocks := append(runs(cells[:before]), block{Class: "skip", Got: cell{Text: fmt.Sprintf("… %s …", words.Count(int64(len(cells)-before-after)))}})
	return append(blocks, runs(cells[len(cells)-after:])...)
}

// runs draws undamaged bytes in blocks.
func runs(cells []diagnose.Cell) []block {
	var blocks []block
	text := ""
	end := func() {
		if text != "" {
			blocks = append(blocks, block{Class: "same", Got: cell{Text: text}, Sent: cell{Text: text}})
		}
		text = ""
	}
	for _, c := range cells {
		if c.Got < ' ' || c.Got > '~' {
			end()
			blocks = append(blocks, block{Class: "same", Got: cellOf(c.Got), Sent: cellOf(c.Sent)})
			continue
		}
		text += string(rune(c.Got))
		if len(text) == chunk {
			end()
		}
	}
	end()
	return blocks
}

func cellOf(b int) cell {
	switch {
	case b == -1:
		return cell{"\u00a0", "none"}
	case b < 0 || b > 0xFF:
		return cell{"?", "none"}
	case b == ' ':
		return cell{"␣", ""}
	case b < ' ' || b > '~':
		return cell{fmt.Sprintf("%02X", b), "hex"}
	}
	return cell{string(rune(b)), ""}
}
