package health

import (
	"fmt"
	"strings"
	"time"

	"p1/pkg/noise/words"
)

// Text says for people how the capture is.
func (h *Health) Text() string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	now := h.now()
	var b strings.Builder
	fmt.Fprintf(&b, "health at %s, %s since the start\n", now.Format(time.RFC3339), lasted(now.Sub(h.began)))
	if len(h.sources) == 0 {
		b.WriteString("nothing has come yet\n")
	}
	for _, c := range h.sources {
		c.write(&b, now, h.began)
	}
	if len(h.problems) > 0 {
		b.WriteString("the last problems\n")
	}
	for _, p := range h.problems {
		fmt.Fprintf(&b, "  %s  %s at %d: %s\n", p.at.In(now.Location()).Format(time.DateTime), p.source, p.offset, p.words)
	}
	return b.String()
}

func (c *counts) write(b *strings.Builder, now, began time.Time) {
	line := func(name, text string) { fmt.Fprintf(b, "  %-15s %s\n", name, text) }
	fmt.Fprintf(b, "%s\n", c.source)
	line("telegrams", parts(c.telegrams, statuses()))
	line("  a minute", fmt.Sprintf("%.1f over the last %s", c.rate.perMinute(now, began), lasted(over(now, began))))
	line("  the last", ago(c.last, now))
	line("  last valid", ago(c.lastValid, now))
	line("suspect", fmt.Sprint(c.suspect))
	line("edits", fmt.Sprintf("%d (line %d, logger %d)", c.byLine+c.byLogger, c.byLine, c.byLogger))
	line("noise", fmt.Sprintf("%d %s", c.noiseBytes, words.Noun(c.noiseBytes, "byte")))
	line("gaps", parts(c.gaps, whys()))
}

// parts writes a sum and what it is made of: 7 (ok 5, repaired 2).
func parts(of map[string]int64, names []string) string {
	sum := int64(0)
	var list []string
	for _, name := range names {
		if n := of[name]; n > 0 {
			sum += n
			list = append(list, fmt.Sprintf("%s %d", name, n))
		}
	}
	if sum == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", sum, strings.Join(list, ", "))
}

func ago(at, now time.Time) string {
	if at.IsZero() {
		return "none yet"
	}
	return lasted(age(at, now)) + " ago"
}

// age is never negative: the clock may have been put back.
func age(at, now time.Time) time.Duration { return max(now.Sub(at), 0) }

func lasted(d time.Duration) string { return d.Round(time.Second).String() }
