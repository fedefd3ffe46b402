package usage

import "time"

// quarter is a quarter of an hour in seconds.
const quarter = 15 * 60

// quarters are the quarters of an hour in which there was a telegram, in whatever order they
// come: a day of 96 of them, by its number since 1970. There are no more days than in the months
// that are told apart.
type quarters struct {
	days  map[int64]*[12]byte
	taken int64 // how many there are
}

// take notes that there was a telegram at a time.
func (q *quarters) take(at int64) {
	if at < 0 {
		return
	}
	number := at / quarter
	day := q.days[number/96]
	if day == nil {
		if q.days == nil {
			q.days = map[int64]*[12]byte{}
		}
		day = &[12]byte{}
		q.days[number/96] = day
	}
	in, bit := number%96/8, byte(1)<<(number%8)
	if day[in]&bit == 0 {
		day[in] |= bit
		q.taken++
	}
}

func (q *quarters) has(number int64) bool {
	day := q.days[number/96]
	return day != nil && day[number%96/8]&(1<<(number%8)) != 0
}

// hole are quarters of an hour without a telegram.
type hole struct {
	all     int64 // how many from the first telegram to the last
	longest int64 // how many of them follow each other at most
	after   int64 // where these begin, in seconds since 1970
}

// between is what is missing between two times.
func (q *quarters) between(first, last time.Time) (h hole) {
	run := int64(0)
	for n := max(first.Unix(), 0) / quarter; n <= last.Unix()/quarter; n++ {
		if n%96 == 0 && q.days[n/96] == nil && n+96 <= last.Unix()/quarter {
			run, h.all, n = run+96, h.all+96, n+95 // a whole day
		} else if !q.has(n) {
			run, h.all = run+1, h.all+1
		} else {
			run = 0
		}
		if run > h.longest {
			h.longest, h.after = run, (n+1-run)*quarter
		}
	}
	return h
}
