package forms

import (
	"fmt"
	"time"
)

// failures has the log of long power failures: when each ended and how long it was.
var failures = []form{
	{"failure log", "P1 companion standard 5.0.2, §6.12: up to ten entries",
		"1-0:99.97.0(2)(0-0:96.7.19)(170604203937S)(0000006234*s)(170101120000W)(0000000240*s)", func(c *composer) part { return c.failures(0) }},
	{"failure log, clock not set", "owners: ended in 2000, or lasted 2^31-1 s",
		"1-0:99.97.0(1)(0-0:96.7.19)(000101000001W)(2147483647*s)", func(c *composer) part { return c.failures(1) }},
}

// longest is what meters show for a duration that they do not know.
const longest = 1<<31 - 1

// failures writes a log. Where the clock may not be set, every second entry is such.
func (c *composer) failures(unset int) part {
	code := "1-0:99.97.0"
	if c.meter != "1-0" || !c.take(code) {
		return nil
	}
	n := c.IntN(11)
	if unset > 0 {
		n = max(n, 1)
	}
	line := fmt.Sprintf("%s(%d)(0-0:96.7.19)", code, n)
	f := Fact{Kind: Failures, Code: "1-0:99.97.0"}
	for i := range n {
		end := c.begin.AddDate(0, 0, -1-i-c.IntN(2)).Add(-time.Duration(c.IntN(3600)) * time.Second)
		seconds := int64(180 + c.IntN(8000))
		set := true
		if unset > 0 && i%2 == 0 {
			set = false
			if c.IntN(2) == 0 {
				end = time.Date(2000, 1, 1, 0, 0, 1+i, 0, time.UTC)
			} else {
				seconds = longest
			}
		}
		written, meant := c.stamp(end)
		cut := Cut{End: meant, Seconds: seconds}
		if set {
			_, cut.Start = c.stamp(end.Add(-time.Duration(seconds) * time.Second))
		}
		line += fmt.Sprintf("(%s)(%010d*s)", written, seconds)
		f.Cuts = append(f.Cuts, cut)
	}
	return func(p *page) { p.line(line, f) }
}
