package prescribed

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"p1/pkg/channel"
	"p1/pkg/telegram"
)

// members are the bytes of each class; a literal has none.
var members = sync.OnceValue(func() *[classes]string {
	printable := ""
	for c := byte(' '); c <= '~'; c++ {
		printable += string(rune(c))
	}
	return &[classes]string{
		digit: "0123456789", season: "SW", nibble: "0123456789ABCDEF", high: "3451267089ABCDEF",
		maker: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", sign: printable, raw: printable,
		codeDigit: "0123456789", crcDigit: "0123456789ABCDEFabcdef",
	}
})

// takes reports whether a byte may stand in a cell.
func (c cell) takes(b byte) bool {
	switch c.class {
	case literal:
		return b == c.c
	case digit, codeDigit:
		return telegram.IsDigit(b)
	case season:
		return b == 'S' || b == 'W'
	case nibble, high, crcDigit:
		return telegram.IsHex(b)
	case maker:
		return b|0x20-'a' < 26
	case sign:
		return b >= ' ' && b <= '~' && b != '(' && b != ')'
	}
	return b != '\r' && b != '\n' && b != ')'
}

// entropy is the cost of not knowing which byte of a class it is: −ln of the share of one. In
// text, half of them are digits.
func (c cell) entropy(b byte) float64 {
	const zero = 1.2 // of three digits one is a 0: most numbers are written wider than they are
	if c.class == raw || c.class == sign {
		switch {
		case telegram.IsDigit(b):
			return 2.9
		case b-'A' < 26:
			return 4
		}
		return 5.5
	}
	if c.class == digit && b == '0' {
		return zero
	}
	return [classes]float64{
		digit: 2.6, season: 0.7, nibble: 2.8, high: 1.5, maker: 3.5, codeDigit: 0.8, crcDigit: 2.8,
	}[c.class]
}

// letterCost says how much rarer a byte is than the usual ones of its class.
func (c class) letterCost(b byte) float64 {
	switch {
	case c == maker && b >= 'a', c == nibble && b >= 'a' && b <= 'f', c == high && b >= 'a' && b <= 'f':
		return 4
	case c == sign || c == raw:
		if !(telegram.IsDigit(b) || b|0x20-'a' < 26) {
			return 2
		}
	}
	return 0
}

// pairs says how usual a first digit of a hex pair is: most identifiers are hex of letters and
// digits, and one that is seen to be so is so everywhere.
func pairs(text []byte, b byte) float64 {
	ascii, others := 1.0, 0.2
	for i := 0; i+1 < len(text); i += 2 {
		switch {
		case text[i] == '3' || text[i] == '4' || text[i] == '5':
			ascii++
		case telegram.IsHex(text[i]):
			others++
		}
	}
	p := ascii / (ascii + others)
	share := (1 - p) / 13
	switch b {
	case '3':
		share = 0.85 * p
	case '4':
		share = 0.1 * p
	case '5':
		share = 0.05 * p
	}
	return -math.Log(share)
}

// reading is the cost of reading a byte where a cell is, as another one of its class was sent.
func (c cell) reading(b byte, costs *channel.Costs) float64 {
	if c.class == literal {
		return float64(costs.Reading(c.c, b))
	}
	least := float64(channel.Never)
	list := members()[c.class]
	for i := range len(list) {
		least = min(least, float64(costs.Reading(list[i], b))+c.class.letterCost(list[i]))
	}
	return least
}

// vanish is the cost of reading nothing where a cell is.
func (c cell) vanish(costs *channel.Costs) float64 {
	b := c.c
	if b == 0 {
		b = '0'
	}
	return float64(costs.Vanish(b))
}

// letters returns what may have been sent in a cell if a byte was read, the likeliest first.
func (c cell) letters(b byte, read bool, costs *channel.Costs) string {
	const farthest = 16 // of the costs that matter
	list := []byte(members()[c.class])
	price := func(x byte) float64 {
		cost := c.class.letterCost(x)
		if read && x != b {
			cost += float64(costs.Reading(x, b))
		}
		return cost
	}
	slices.SortStableFunc(list, func(x, y byte) int { return cmp.Compare(price(x), price(y)) })
	whole := read && c.takes(b)
	var out []byte
	if whole {
		out = append(out, b) // which may be none that is usual
	}
	for _, x := range list {
		if x != b && (!whole || price(x) < farthest) {
			out = append(out, x)
		}
	}
	return string(out)
}
