package forms

// clocks has the ways in which a meter tells the time.
var clocks = []form{
	{"clock", "P1 companion standard 5.0.2, §6.4: YYMMDDhhmmssX; owners: x small, or none",
		"0-0:1.0.0(260104162515W)", func(c *composer) part { return c.clock() }},
	{"clock in two lines", "IEC 62056-61: local time 0.9.1 and date 0.9.2",
		"1-0:0.9.1(203805) 1-0:0.9.2(220910)", func(c *composer) part { return c.clockInTwo() }},
	{"no clock", "DSMR P1 3.0", "", func(*composer) part { return func(*page) {} }},
}

func (c *composer) clock() part {
	if c.taken["clock"] {
		return nil
	}
	c.taken["clock"] = true
	return func(p *page) {
		written, meant := c.stamp(p.now)
		p.line("0-0:1.0.0("+written+")", Fact{Kind: Clock, Code: "0-0:1.0.0", Time: meant})
	}
}

func (c *composer) clockInTwo() part {
	if c.taken["clock"] {
		return nil
	}
	c.taken["clock"] = true
	ab := []string{"0-0", c.meter}[c.IntN(2)]
	turned := c.IntN(2) == 0
	return func(p *page) {
		time, date := ab+":0.9.1("+p.now.Format("150405")+")", ab+":0.9.2("+p.now.Format("060102")+")"
		if turned {
			time, date = date, time
		}
		p.mute(time)
		p.line(date, Fact{Kind: Clock, Code: "0.9.1", Time: p.now.Format("2006-01-02T15:04:05")})
	}
}
