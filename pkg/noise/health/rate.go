package health

import "time"

const (
	window   = 5 * time.Minute
	slot     = 5 * time.Second
	slots    = int(window / slot)
	shortest = time.Minute // a rate over less says nothing
)

// rate counts the telegrams of the last five minutes, in slots of five seconds.
type rate struct {
	number [slots]int64 // of the slot since 1970 that is counted there
	count  [slots]int64
}

func slotOf(at time.Time) int64 { return at.Unix() / int64(slot/time.Second) }

func (r *rate) add(at time.Time) {
	n := slotOf(at)
	i := int((n%int64(slots) + int64(slots)) % int64(slots)) // a time before 1970 is one too
	if r.number[i] != n {
		r.number[i], r.count[i] = n, 0
	}
	r.count[i]++
}

// over is what the rate is over: the last five minutes, or since the beginning where
// that is less, but a minute at least.
func over(now, began time.Time) time.Duration {
	return min(max(now.Sub(began), shortest), window)
}

// perMinute is the rate.
func (r *rate) perMinute(now, began time.Time) float64 {
	n := slotOf(now)
	sum := int64(0)
	for i, number := range r.number {
		if number > n-int64(slots) && number <= n {
			sum += r.count[i]
		}
	}
	return float64(sum) / over(now, began).Minutes()
}
