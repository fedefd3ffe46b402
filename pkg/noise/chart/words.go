package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"p1/pkg/noise/diagnose"
)

// unknown stands for a number that is none.
const unknown = "–"

// Percent writes a share, 1 being all, with two digits that count, also near 1: 46 %,
// 0.17 %, 99.94 %. What is smaller than a thousandth of a per cent says so.
func Percent(share float64) string {
	if !finite(share) || share < 0 {
		return unknown
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
func Interval(s diagnose.Share) string {
	low, high := Percent(s.Low), Percent(s.High)
	if low == high {
		return low
	}
	return low + " to " + high
}

// Number writes a number that is no share to three digits: 1,240, 24.1, 0.0031.
func Number(v float64) string {
	switch {
	case !finite(v):
		return unknown
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

// Plural writes a number with its noun: 1 telegram, 2 telegrams.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}
