package display

import (
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// Meant says which of the known names somebody probably meant by one that is not among
// them, with a blank before it; nothing where none is like it.
//
//	there is no table "recrods" (did you mean records?)
func Meant(name string, known []string) string {
	const most = 5 // names; more are no answer
	near := nearest(name, known)
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + Listed(near[:min(len(near), most)], "or") + "?)"
}

// nearest returns those of the known names that are most like one, the shortest first.
func nearest(name string, known []string) (near []string) {
	const longest = 100 // no name is that long, and to compare takes its square
	if len(name) == 0 || len(name) > longest {
		return nil
	}
	least := max(len(name)/3, min(len(name), 3)-1) // what is farther away is another name
	for _, n := range known {
		switch far := distance(strings.ToLower(name), strings.ToLower(n)); {
		case far > least || far > 0 && far >= len(n):
		case far < least:
			least, near = far, []string{n}
		default:
			near = append(near, n)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return len(a) - len(b) })
	return slices.Compact(near)
}

// distance is how many characters differ, where none of the two is the beginning of the
// other: that is what people write who know no more of it.
func distance(a, b string) int {
	if n := min(len(a), len(b)); n >= 3 && a != b && a[:n] == b[:n] {
		return 1
	}
	return smetrics.WagnerFischer(a, b, 1, 1, 1)
}

// Listed joins names, with a word before the last one: a, b and c.
func Listed(names []string, word string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
