package sim

import (
	"slices"
	"strings"
)

// optionNames are the keys that ParseOptions knows, sorted.
func optionNames() []string {
	var known []string
	for _, c := range choices {
		known = append(known, c.name)
	}
	for _, k := range queryKeys {
		known = append(known, k.name)
	}
	for _, p := range parameters {
		if !slices.Contains(known, p.name) {
			known = append(known, p.name)
		}
	}
	slices.Sort(known)
	return known
}

// optionWords are the words that an option may have, and what joins several of them; none of
// one that is a number, a time or a text.
func optionWords(name string) (words []string, joint string) {
	switch name {
	case "meter":
		return Meters(), ""
	case "noise":
		return Noises(), "+"
	case "logger":
		return Loggers(), ""
	case "mbus":
		return append(mediaNames(), "none"), "+"
	case "pull":
		return pulls(), ""
	case "pv":
		return []string{"false", "true"}, ""
	}
	for _, c := range choices {
		if c.name == name {
			return c.known, ""
		}
	}
	return nil, ""
}

// Complete returns what a query may become that is typed so far, for who types it:
//
//	?meter=hu&noi        ?meter=hu&noise=
//	?meter=n             ?meter=nl  ?meter=nl2 …
//	?meter=hu            ?meter=hu&  and the meters that begin so
func Complete(query string) (all []string) {
	if query == "" {
		query = "?"
	}
	done, last := "", strings.TrimPrefix(query, "?")
	if at := strings.LastIndexByte(last, '&') + 1; at > 0 {
		done, last = last[:at], last[at:]
	}
	begun := query[:len(query)-len(last)]
	name, value, isValue := strings.Cut(last, "=")
	if !isValue {
		for _, known := range optionNames() {
			if strings.HasPrefix(known, name) && !strings.Contains("&"+done, "&"+known+"=") {
				all = append(all, begun+known+"=")
			}
		}
		return all
	}
	words, joint := optionWords(name)
	part := value
	if joint != "" {
		part = value[strings.LastIndex(value, joint)+1:]
	}
	for _, w := range words {
		if strings.HasPrefix(w, part) {
			all = append(all, strings.TrimSuffix(query, part)+w)
		}
	}
	if value != "" && (words == nil || slices.Contains(words, part)) {
		all = append(all, query+"&")
	}
	return all
}
