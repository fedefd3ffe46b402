package report

import (
	"fmt"
	"math"
	"sort"

	"p1/pkg/telegram"
)

// percent returns failed/total in per cent, rounded half up to two digits that count: of
// what it is, or of what is missing to 100, whichever is less (46, 3.1, 0.17, 94.4, 99.94),
// as [words.Percent] does. All of it is whole numbers, exact up to 10^15 telegrams: with a
// float the step that a prediction promises may come one telegram early or late.
func percent(failed, total int64) telegram.Decimal {
	switch {
	case failed <= 0 || total <= 0:
		return telegram.Decimal{}
	case failed >= total:
		return telegram.Decimal{Digits: 100}
	}
	intact := total - failed
	n, scale, all := 100*min(failed, intact), 0, int64(100)
	for n < 10*total {
		n *= 10
		all *= 10
		scale++
	}
	digits := (2*n + total) / (2 * total)
	if intact < failed {
		digits = all - (2*n+total-1)/(2*total) // what is half goes up, too
	}
	for scale > 0 && digits%10 == 0 {
		digits, scale = digits/10, scale-1
	}
	return telegram.Decimal{Digits: digits, Scale: scale}
}

// percentText writes a rate as people read it: 84 %, 0.13 %, 0.0021 %, 99.4 %.
func percentText(failed, total int64) string { return percent(failed, total).String() + " %" }

// cleanUntilStep returns the least number of further telegrams, all of them
// clean, after which the rounded rate is lower; 0 where it is zero already. As a rate has
// two digits that count, a fifth more telegrams always is enough.
func cleanUntilStep(failed, total int64) int64 {
	if failed <= 0 || total <= 0 {
		return 0
	}
	now := percent(failed, total)
	return 1 + int64(sort.Search(int(total/5+1), func(n int) bool { return percent(failed, total+1+int64(n)) != now }))
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

// Reliability writes [Nines] for people: 2.2 nines.
func Reliability(failed, total int64) string {
	nines, bound := Nines(failed, total)
	switch {
	case !bound:
		return fmt.Sprintf("%.1f nines", nines)
	case total <= 3:
		return "too few to say more"
	}
	// Rounded down; the hair is for the logarithm of 1000, which is below 3.
	return fmt.Sprintf("%.1f nines or more", math.Floor(10*nines+1e-9)/10)
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
