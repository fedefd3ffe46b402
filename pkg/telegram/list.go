package telegram

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// mbusChannels is how many M-Bus channels a meter has (P1 companion standard
// 5.0.2 §6.10).
const mbusChannels = 4

// fieldCodes are the codes of electricity that are met in the field and mean what
// their groups say: 1-0:C.D.E, each C of a row with each D.E.
var fieldCodes = []struct {
	quantities []int
	ways       string
}{
	{[]int{1, 2, 3, 4}, "2.0 4.0 5.0 6.0 6.1 6.2 7.0 8.0 8.1 8.2 8.3 8.4 24.0"},
	{[]int{5, 6, 7, 8, 9, 10}, "7.0 8.0 8.1 8.2 8.3 8.4"},
	{[]int{11, 12, 13, 14, 91, 92}, "7.0"},
	{[]int{15, 16}, "7.0 8.0 8.1 8.2 8.3 8.4 24.0"},
	{[]int{21, 22, 41, 42, 61, 62}, "7.0 8.0"},
	{[]int{23, 24, 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36}, "7.0"},
	{[]int{43, 44, 45, 46, 47, 48, 49, 50, 51, 53, 54, 55, 56}, "7.0"},
	{[]int{63, 64, 65, 66, 67, 68, 69, 70, 71, 73, 74, 75, 76}, "7.0"},
	{[]int{32, 52, 72}, "4.0 7.0 24.0 32.0 33.0 34.0 36.0 37.0 38.0"},
}

// rows are those of the dictionary and the meanings of fieldCodes, sorted by code.
var rows = sync.OnceValue(func() []Meaning {
	var all []Meaning
	for _, r := range dictionary {
		all = append(all, Meaning{Code: r.Code, Name: r.Name, Title: r.Title, Unit: r.Unit, Kind: r.Kind})
	}
	for _, f := range fieldCodes {
		for _, c := range f.quantities {
			for way := range strings.FieldsSeq(f.ways) {
				code := fmt.Sprintf("1-0:%d.%s", c, way)
				o, _ := parseOBIS(code)
				m, _ := electricity(o)
				m.Code = code
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b Meaning) int { return cmp.Compare(a.Code, b.Code) })
	return all
})

// Meanings returns what is met in the field, by code, the codes of M-Bus devices
// for each channel. [Lookup] names more than these.
func Meanings() []Meaning {
	var all []Meaning
	for _, m := range rows() {
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
