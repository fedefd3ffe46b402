// Package words takes numbers and gives them as p1noise writes them for people, in its
// texts, pictures and pages.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Unknown stands for a number that is none.
const Unknown = "–"

// Percent writes a share, 1 being all, with two digits that count, also near 1: 46 %,
// 0.17 %, 99.94 %. What is smaller than a thousandth of a per cent says so.
func Percent(share float64) string {
	if !Finite(share) || share < 0 {
		return Unknown
	}
	p := 100 * share
	switch {
	case p == 0:
		return "0 %"
	case p < 0.001:
		return "< 0.001 %"
	case p < 100 && p > 99.999:
		return "> 99.999 %"
	case p > 1e6:
		return Number(p) + " %"
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
	if p >= 1 && p <= 90 {
		digits = min(digits, 1)
	}
	return trimmed(strconv.FormatFloat(p, 'f', digits, 64)) + " %"
}

// trimmed removes zeros at the end of a fraction.
func trimmed(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Interval writes the interval of a share: 92 % to 96 %.
func Interval(low, high float64) string {
	if Percent(low) == Percent(high) {
		return Percent(low)
	}
	return Percent(low) + " to " + Percent(high)
}

// Part writes a share within a sentence, where a decimal is enough: 46 %, 3.1 %, less
// than 0.1 %. One below 0 is not known.
func Part(share float64) string {
	if share < 0 {
		return "an unknown part"
	}
	switch p := 100 * share; {
	case p == 0:
		return "0 %"
	case p < 0.1:
		return "less than 0.1 %"
	case p < 10:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
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

// Finite reports whether a number is one that can be written.
func Finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
