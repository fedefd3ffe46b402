package chart

// tag names a place on the horizontal axis.
type tag struct {
	at   float64
	text string
}

// tags draws a line at each place that is on the axis, a sign on top of it, and the name
// beside it as far as there is room.
func tags(all []tag, rule line) shape {
	const levels, step, beside = 3, 14, 7
	return func(c canvas, p *plane) {
		s := style{colour: solid(mark), size: textSize - 1}
		var taken [levels]float64 // how far to the right names reach
		for _, one := range sortedBy(all, func(one tag) float64 { return one.at }) {
			if one.at < p.x.from || one.at > p.x.to {
				continue
			}
			at, width, level := p.across(one.at), c.width(s, one.text), 0
			left := at + beside
			if left+width > p.right {
				left = at - beside - width
			}
			for level < levels && left < taken[level] {
				level++
			}
			sign := p.top + 6
			if level < levels {
				sign += float64(level) * step
				c.text(s, point{left, sign + rise*s.size}, one.text)
				taken[level] = left + width + 12
			}
			tip(solid(mark))(c, point{at, sign})
			c.stroke(rule, point{at, p.bottom}, point{at, sign + 4})
		}
	}
}

// tip is the sign of a place: it points down.
func tip(i Colour) sign {
	return func(c canvas, at point) {
		c.fill(i, point{at.x - 4, at.y - 3}, point{at.x + 4, at.y - 3}, point{at.x, at.y + 4})
	}
}
