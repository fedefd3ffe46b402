package prescribed

import (
	"slices"

	"p1/pkg/telegram"
)

// Group B of a code is the channel that a value was measured on, and which of them a meter of
// several gives the electricity is its maker's choice (IEC 62056-61, value group B): where the
// tables have 1-0:1.8.1, some have 1-1:1.8.1.

const channelLen = len("1-0:")

// otherChannels lists the channels on which two undamaged lines or more stand that the tables
// have on another one. One alone may be damaged.
func (c *chooser) otherChannels() (list []string) {
	counts := map[string]int{}
	for j := range c.segs {
		seg := c.text(j)
		if c.claimed[j] || telegram.CodeLen(seg) == 0 || len(seg) <= channelLen || seg[0] != '1' {
			continue
		}
		code := codeOf(seg)
		known := slices.ContainsFunc(all().lines, func(l *line) bool {
			return len(l.code) == len(code) && l.code[0] == code[0] && l.code[channelLen:] == code[channelLen:]
		})
		if known && code[channelLen-1] == ':' {
			c.claimed[j] = true
			channel := code[:channelLen]
			if counts[channel]++; counts[channel] == 2 {
				list = append(list, channel)
			}
		}
	}
	return list
}

// on returns a line of electricity as it stands on another channel; nil if it is none or on that
// one.
func (l *line) on(channel string) *line {
	if len(l.code) <= channelLen || l.code[0] != '1' || l.code[:channelLen] == channel {
		return nil
	}
	as := *l
	as.code = channel + l.code[channelLen:]
	return &as
}
