package nonsense

import (
	"fmt"
	"time"
)

// Clean lists ten captures without any nonsense, of so many telegrams each, as queries of
// the demo. A seed is for all ten; they have what a hasty judge takes for some: five at the meter's own pace,
// around the change of the clock in spring or autumn, and five with a telegram in five minutes, which is a
// year if they are 100,000, or else what is around the day on which something happens.
//
//	car=22      an electric car, from the first night on: ten times what the meter has shown
//	limiter=90  of a connection that is used: 80 kW, more than 3 × 80 A
//	off         nobody has listened for five days, and the meter went on
//	failure     the power was off for five days
//	pv          sun: registers of both directions, and of hours in which one stands still
func Clean(telegrams int, seed uint64) []string {
	const pace = 300 // seconds
	year := func(month time.Month, day int) string {
		begin := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
		if telegrams < 100_000 {
			begin = time.Date(2026, month, day, 0, 0, -telegrams/2*pace, 0, time.UTC)
		}
		return fmt.Sprintf("&start=%s&every=%ds", begin.Format("2006-01-02T15:04:05"), pace)
	}
	spring, autumn := time.Date(2026, time.March, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, time.October, 25, 1, 0, 0, 0, time.UTC)
	around := func(change time.Time, period int) string {
		begin := change.Add(-time.Duration(telegrams/2*period) * time.Second)
		ahead := map[time.Time]time.Duration{spring: time.Hour, autumn: 2 * time.Hour}[change]
		return "&start=" + begin.Add(ahead).Format("2006-01-02T15:04:05")
	}
	var list []string
	for i, query := range []string{
		"meter=hu&car=22" + around(spring, 10),
		"meter=se&car=22" + around(autumn, 10),
		"meter=dsmr4&car=80&limiter=90&mbus=gas%2Bwater%2Bheat" + around(spring, 10),
		"meter=nl&car=22" + around(autumn, 1),
		"meter=be&car=22&pv=false" + around(spring, 1),
		"meter=nl&car=22&off=2026-07-10T07:00:00/432000&mbus=gas%2Bwater%2Bslave" + year(time.July, 10),
		"meter=be&car=22&failure=2026-08-01T12:00:00/432000" + year(time.August, 1),
		"meter=se&car=22&off=2026-02-11T19:00:00/432000" + year(time.February, 11),
		"meter=hu&car=80&off=2026-11-02T03:00:00/432000" + year(time.November, 2),
		"meter=dsmr4&car=22&pv=false&off=2026-05-20T10:00:00/432000" + year(time.May, 20),
	} {
		list = append(list, fmt.Sprintf("%s&telegrams=%d&seed=%d&logger=raw", query, telegrams, 10*seed+uint64(i)))
	}
	return list
}
