package yield

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const layout = "%-5s %-34s %8s %8s %8s %8s %6s %7s %9s %8s %8s %9s %8s %s\n"

// Heading is the first line of the table.
func Heading() string {
	return fmt.Sprintf(layout, "meter", "channel", "sent", "damaged", "right", "refused",
		"wrong", "by luck", "share", "floor", "asked", "repairs/s", "µs each", "")
}

// String is the row's line of the table.
func (r Result) String() string {
	floor, asked, note := "", "", ""
	if r.Row.Floor > 0 {
		floor, asked = fmt.Sprintf("%.2f %%", r.Row.Floor*100), fmt.Sprintf("%.2f %%", r.Row.Asked*100)
		if r.Share() < r.Row.Floor {
			note = "BELOW"
		}
	}
	if r.Row.Fixed {
		note += fmt.Sprintf(" share of %d in fixed text", r.InFixed)
	}
	if r.LineEnd > 0 {
		note += fmt.Sprintf(" %d wrong in the line end only", r.LineEnd)
	}
	if r.Salvaged > 0 {
		note += fmt.Sprintf(" %d salvaged, %d of %d lines wrong", r.Salvaged, r.TrustedWrong, r.Trusted)
	}
	if r.Suspect > 0 {
		note += fmt.Sprintf(" %d right doubted", r.Suspect)
	}
	return fmt.Sprintf(layout, r.Row.Meter, r.Row.Channel, fmt.Sprint(r.Telegrams), fmt.Sprint(r.Damaged),
		fmt.Sprint(r.Right), fmt.Sprint(r.Refused), fmt.Sprint(r.Wrong), fmt.Sprint(r.ByLuck),
		fmt.Sprintf("%.2f %%", r.Share()*100), floor, asked,
		rate(float64(r.Repaired), r.Elapsed.Seconds()),
		rate(float64(r.Elapsed.Microseconds()), float64(r.Damaged)), strings.TrimSpace(note))
}

// rate is a number per another, or nothing where there is none.
func rate(n, per float64) string {
	if n == 0 || per == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", n/per)
}

// Why lists where telegrams went wrong and why others were refused, the most
// frequent reason first.
func (r Result) Why() string {
	reasons := slices.SortedFunc(maps.Keys(r.Reasons), func(a, b string) int {
		return cmp.Or(r.Reasons[b].Count-r.Reasons[a].Count, strings.Compare(a, b))
	})
	var s strings.Builder
	for _, m := range r.Mistakes {
		fmt.Fprintf(&s, "%14s   %s\n", "wrong:", m)
	}
	for _, reason := range reasons {
		x := r.Reasons[reason]
		fmt.Fprintf(&s, "%14d × %s (the first is telegram %d)\n", x.Count, reason, x.First)
	}
	return s.String()
}
