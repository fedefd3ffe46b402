// Package words takes numbers and gives them as p1noise writes them for people, in its
// texts, pictures and pages.
package words

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Unknown stands for a number that is none.
const Unknown = "–"

// Percent writes a share, 1 being all, with two digits that count of what it is, or of
// what is missing to 100, whichever is less: 46 %, 3.1 %, 0.17 %, 94.4 %, 99.94 %. What is
// too near to nothing or to all says so.
func Percent(share float64) string {
	if !Finite(share) || share < 0 {
		return Unknown
	}
	p := 100 * share
	switch {
	case p == 0:
		return "0 %"
	case p < nearly:
		return fmt.Sprintf("less than %g %%", nearly)
	case math.Abs(p-100) < 1e-9:
		return "100 %"
	case p < 100 && p > 100-nearly:
		return fmt.Sprintf("more than %g %%", 100-nearly)
	case p >= 1000:
		return Number(p) + " %"
	}
	small := p
	if p > 50 && p < 100 {
		small = 100 - p
	}
	digits := 0
	for small < 10*(1-1e-9) && digits < 4 {
		small *= 10
		digits++
	}
	return trimmed(strconv.FormatFloat(p, 'f', digits, 64)) + " %"
}

// nearly is up to how many per cent are next to nothing.
const nearly = 0.001

// Ratio writes a part of a number of things as [Percent] does; of none there is no part.
func Ratio(part, all int64) string {
	if all <= 0 {
		return Unknown
	}
	return Percent(float64(part) / float64(all))
}

// PerMillion writes how many of a million such things were one of a part.
func PerMillion(part, all int64) string {
	if all <= 0 {
		return Unknown
	}
	return Number(1e6 * float64(part) / float64(all))
}

// trimmed removes zeros at the end of a fraction.
func trimmed(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Interval writes the interval of a share: 92 % to 96 %. Where both ends read alike, or one
// is next to nothing or to all and the other no further away, it is one of them.
func Interval(low, high float64) string {
	from, to := Percent(low), Percent(high)
	switch {
	case from == to, to == "100 %" && strings.HasPrefix(from, "more"):
		return from
	case from == "0 %" && strings.HasPrefix(to, "less"):
		return to
	}
	return from + " to " + to
}

// Number writes a number that is no share to three digits: 1,240, 24.1, 0.0031.
func Number(v float64) string {
	switch {
	case !Finite(v):
		return Unknown
	case v < 0:
		return "-" + Number(-v)
	case v >= 1e15:
		return strconv.FormatFloat(v, 'e', 1, 64)
	case v >= 100 || v == math.Trunc(v):
		return Count(int64(math.Round(v)))
	case v < 0.0001:
		return "< 0.0001"
	}
	digits := 2
	for u := v; u < 1; u *= 10 {
		digits++
	}
	if v >= 10 {
		digits = 1
	}
	return trimmed(strconv.FormatFloat(v, 'f', min(digits, 5), 64))
}

// Count writes a whole number with commas between its thousands, from 10^15 on its
// magnitude.
func Count(n int64) string {
	if n <= -1e15 || n >= 1e15 {
		return strconv.FormatFloat(float64(n), 'e', 1, 64)
	}
	if n < 0 {
		return "-" + Count(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return Count(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// Plural writes a number with its noun: 1 telegram, 2,000 telegrams.
func Plural(n int64, noun ...string) string { return Count(n) + " " + Noun(n, noun...) }

// Noun is one of a noun, or several of it: byte, bytes. A plural that has more than an
// s is given too.
func Noun(n int64, noun ...string) string {
	switch {
	case n == 1:
		return noun[0]
	case len(noun) > 1:
		return noun[1]
	}
	return noun[0] + "s"
}

// Capital begins a text with a capital letter.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Finite reports whether a number is one that can be written.
func Finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Joined puts a blank that no line is broken at between each number and its unit.
func Joined(text string) string { return unit().ReplaceAllString(text, "$1\u00a0$2") }

var unit = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([0-9]) (%|µs|ms|kΩ|Ω|V|mA|pF|bit|baud|nines|byte)`)
})
