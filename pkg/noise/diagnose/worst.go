package diagnose

import (
	"cmp"
	"slices"
	"sort"

	"p1/pkg/display"
	"p1/pkg/noise/verdict"
	"p1/pkg/record"
)

// MaxWorst is how many of the worst telegrams a report has at most.
const MaxWorst = 10

// Bounds of what is drawn of them.
const (
	maxWorstLines = 40
	around        = 24 // intact bytes shown beside a hit
)

// worst keeps the telegrams with the most damage.
type worst struct{ list []WorstTelegram }

// offer takes a telegram in if it is among the worst; sent is what the meter sent, as
// far as it is known.
func (w *worst) offer(t *record.Telegram, sent []byte, events []event, hits int, own verdict.Moment) {
	if hits == 0 || len(w.list) == MaxWorst && w.list[MaxWorst-1].Events >= hits {
		return
	}
	one := WorstTelegram{
		Source: display.Short(t.Source, maxQuoted), Offset: t.Offset, Status: display.Short(string(t.Status), maxQuoted),
		Confidence: record.Confidence(t.Confidence), Why: display.Short(t.Why, maxQuoted), Events: hits,
	}
	if own.Known {
		one.Time = own.String()
	}
	one.Lines = draw(sent, events)
	w.list = append(w.list, one)
	slices.SortStableFunc(w.list, func(a, b WorstTelegram) int { return cmp.Compare(b.Events, a.Events) })
	w.list = w.list[:min(len(w.list), MaxWorst)]
}

// draw lists the damaged lines of a telegram that was sent as raw.
func draw(raw []byte, events []event) []WorstLine {
	byPlace := map[int][]hit{}
	var places []int
	for _, e := range events {
		for _, h := range e.hits {
			if byPlace[h.at] == nil {
				places = append(places, h.at)
			}
			byPlace[h.at] = append(byPlace[h.at], h)
		}
	}
	l := layoutOf(raw)
	var lines []WorstLine
	for len(places) > 0 && len(lines) < maxWorstLines {
		s := l.find(places[0])
		begin := places[0] - s.column
		end := l.lineEnd(begin)
		n := 1
		for n < len(places) && places[n] < end {
			n++
		}
		from := max(begin, places[0]-around)
		to := min(end, places[n-1]+around+1)
		lines = append(lines, WorstLine{display.Text(s.code), cells(raw, from, min(to, from+maxCells), byPlace)})
		places = places[n:]
	}
	return lines
}

// maxCells is how much of a line is drawn.
const maxCells = 160

// lineEnd is where the line that begins there ends.
func (l *layout) lineEnd(begin int) int {
	n := sort.SearchInts(l.starts, begin+1)
	if n < len(l.starts) {
		return l.starts[n]
	}
	return l.end
}

func cells(raw []byte, from, to int, hits map[int][]hit) []Cell {
	var out []Cell
	for at := from; at < to || at == to && at == len(raw); at++ {
		arrived := at < len(raw)
		for _, h := range hits[at] {
			c := Cell{Sent: int(h.sent), Got: h.got, Hit: true}
			if h.sent == anyDigit {
				c.Sent = -2
			}
			arrived = arrived && h.sent == nothing
			out = append(out, c)
		}
		if arrived {
			out = append(out, Cell{Sent: int(raw[at]), Got: int(raw[at])})
		}
	}
	return out
}
