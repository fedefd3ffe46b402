package telegram

import (
	"strconv"
	"strings"
)

// mbusChannels is how many M-Bus channels a meter has (P1 companion standard
// 5.0.2 §6.10).
const mbusChannels = 4

// Meanings returns what the dictionary lists, by code, the codes of M-Bus
// devices for each channel. [Lookup] names more than these.
func Meanings() []Meaning {
	var all []Meaning
	for _, m := range dictionary {
		rest, mbus := strings.CutPrefix(m.Code, "0-n")
		if !mbus {
			all = append(all, m)
			continue
		}
		for channel := 1; channel <= mbusChannels; channel++ {
			all = append(all, Lookup("0-"+strconv.Itoa(channel)+rest))
		}
	}
	return all
}
