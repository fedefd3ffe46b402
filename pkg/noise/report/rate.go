package report

import (
	"fmt"
	"math"

	"p1/pkg/noise/words"
	"p1/pkg/telegram"
)

// percent returns failed/total in per cent, rounded half up to two significant
// digits; 100 has three. All of it is whole numbers, exact up to 10^15
// telegrams: with a float the step that a prediction promises may come one
// telegram early or late.
func percent(failed, total int64) telegram.Decimal {
	if failed <= 0 || total <= 0 {
		return telegram.Decimal{}
	}
	n, scale := 100*failed, 0
	for n < 10*total {
		n *= 10
		scale++
	}
	digits := (2*n + total) / (2 * total)
	if digits == 100 && scale > 0 {
		digits, scale = 10, scale-1
	}
	return telegram.Decimal{Digits: digits, Scale: scale}
}

// percentText writes a rate as people read it: 84 %, 0.13 %, 0.0021 %.
func percentText(failed, total int64) string { return percent(failed, total).String() + " %" }

// cleanUntilStep returns the least number of further telegrams, all of them
// clean, after which the rounded rate is lower; 0 where it is zero already.
//
// A rate of m×10^-s % is left when 100×failed/total falls below
// (m-½)×10^-s, that is when total exceeds 200×failed×10^s/(2m-1). Below 10 the
// next rate is 9.9: there m is 100 and s one more.
func cleanUntilStep(failed, total int64) int64 {
	if failed <= 0 || total <= 0 {
		return 0
	}
	rate := percent(failed, total)
	if rate.Digits == 10 {
		rate.Digits, rate.Scale = 100, rate.Scale+1
	}
	n := 200 * failed
	for range rate.Scale {
		n *= 10
	}
	return n/(2*rate.Digits-1) + 1 - total
}

// Nines says how few of the telegrams fail, as -log10 of their share: 99.9 % good
// ones are three nines.
//
// Where none has failed, bound is true, and the rule of three gives the nines that so
// many telegrams can show: of n telegrams without a failure, fewer than 3/n fail in
// the long run, with 95 % confidence, since (1-3/n)^n is about 0.05. Up to three
// telegrams show none.
func Nines(failed, total int64) (nines float64, bound bool) {
	if failed > 0 {
		return max(math.Log10(float64(total)/float64(failed)), 0), false
	}
	return max(math.Log10(float64(total)/3), 0), true
}

// Reliability writes [Nines] for people.
func Reliability(failed, total int64) string {
	nines, bound := Nines(failed, total)
	switch {
	case !bound:
		return fmt.Sprintf("%.1f nines", nines)
	case total <= 3:
		return fmt.Sprintf("no failure in %s, too few to say more", words.Count(total))
	}
	// Rounded down; the hair is for the logarithm of 1000, which is below 3.
	tenths := math.Floor(10*nines + 1e-9)
	return fmt.Sprintf("no failure in %s: to show more than %.1f nines, more telegrams are needed", words.Count(total), tenths/10)
}

// hoursText writes how long n telegrams take at one every pace seconds.
func hoursText(n, pace int64) string {
	switch tenths := (n*pace + 180) / 360; {
	case tenths == 0:
		return "under 0.1 hours"
	case tenths < 1000:
		return fmt.Sprintf("%d.%d hours", tenths/10, tenths%10)
	default:
		return fmt.Sprintf("%d hours", (tenths+5)/10)
	}
}
