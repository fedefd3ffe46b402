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
	ab := []string{"0-0", c.own("1-0:")[:3]}[c.IntN(2)]
	turned := c.IntN(2) == 0
	return func(p *page) {
		time, date := p.now.Format("150405"), p.now.Format("060102")
		lines := []string{ab + ":0.9.1(" + time + ")", ab + ":0.9.2(" + date + ")"}
		if turned {
			lines[0], lines[1] = lines[1], lines[0]
		}
		p.line(lines[0], Fact{Kind: Aside, Code: "0.9.1", Text: time})
		p.line(lines[1], Fact{Kind: Aside, Code: "0.9.2", Text: date})
		p.Facts = append(p.Facts, Fact{Kind: Clock, Form: p.form, Line: lines[0], Code: "0.9.1", Time: p.now.Format("2006-01-02T15:04:05")})
	}
}
