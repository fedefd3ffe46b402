package prescribed

import (
	"bytes"
	"math"
	"strings"

	"p1/pkg/fix/expect"
	"p1/pkg/telegram"
)

// believe says of each value of a shape what is likely of it: how large registers and powers of
// houses are, when a clock is, what a switch says. What is not said is any value.
func believe(s *expect.Shape) {
	clock := int64(0)
	for k := range s.Fields {
		if f := &s.Fields[k]; f.Kind == expect.Clock {
			clock, _ = f.Value(f.Of(s.Text))
		}
	}
	for k := range s.Fields {
		f := &s.Fields[k]
		switch f.Kind {
		case expect.Word:
			s.Believe(k, wordBelief(s, f))
		case expect.Clock:
			s.Believe(k, func(text []byte, n int64) float64 { return someTime(n) + seasonCost(text) })
		case expect.Stamp:
			s.Believe(k, func(text []byte, n int64) float64 { return stampCost(text, n, clock) + seasonCost(text) })
		default:
			s.Believe(k, numberBelief(s, k))
		}
	}
}

// wordBelief is that of letters and digits: those of a hex identifier go by pairs.
func wordBelief(s *expect.Shape, f *expect.Field) expect.Belief {
	open := bytes.LastIndexByte(s.Text[:f.Start], '(')
	start := bytes.LastIndexByte(s.Text[:f.Start], '\n') + 1
	end := f.Start
	for end < len(s.Text) && s.Letters[end] != "" {
		end++
	}
	identifier := open > start && isHexText(s.Text[open+1:end]) && end < len(s.Text) && s.Text[end] == ')'
	whole := s.Text[open+1 : end]
	code := open < start && s.Text[start] != '/'
	from, letters := f.Start, s.Letters
	return func(text []byte, _ int64) float64 {
		cost := 0.0
		for i, b := range text {
			first := strings.IndexByte(letters[from+i], b)
			switch {
			case identifier && (from+i-open-1)%2 == 0:
				cost += pairs(whole, b)
			case identifier:
				cost += 2.3
			case code:
				cost += cell{class: codeDigit}.entropy(b)
			default:
				cost += cell{class: sign}.entropy(b)
			}
			if first < 0 {
				cost += 8
			}
		}
		return cost
	}
}

func isHexText(text []byte) bool {
	for _, c := range text {
		if !telegram.IsHex(c) {
			return false
		}
	}
	return len(text) >= 8 && len(text)%2 == 0
}

// year2000 and day are in seconds.
const (
	year2000 = 946684800
	day      = 86400
	year     = 365.25 * day
)

// someTime is the cost of a time of a meter: they have clocks since 2008, and one that was never
// set says so.
func someTime(n int64) float64 {
	if y := float64(n-year2000) / year; y >= 8 && y < 30 {
		return math.Log(22 * year)
	}
	return math.Log(22*year) + 8
}

// stampCost is the cost of a time stamp in a telegram of a time: a reading of the last hours,
// mostly at a full hour or five minutes; a month's end or a demand's quarter; or any time before.
func stampCost(text []byte, n, clock int64) float64 {
	if clock == 0 || n > clock+3600 {
		return someTime(n) + 2
	}
	p := 0.02 * math.Exp(-someTime(n))
	age := clock - n
	if age < 2*3600 {
		p += 0.15 / 7200
		if n%300 == 0 {
			p += 0.5 / 24
		}
	}
	const quarter = 900
	if age < 400*day && n%quarter == 0 {
		p += 0.2 / (400 * day / quarter)
	}
	if bytes.Equal(text[4:12], []byte("01000000")) && age < 500*day {
		p += 0.2 / 14 // the end of a month
	}
	if n%3600 == 0 && age < 400*day {
		p += 0.1 / (400 * 24)
	}
	return -math.Log(p)
}

// seasonCost doubts an S in winter and a W in summer (summer time is from the last Sunday of
// March to that of October).
func seasonCost(text []byte) float64 {
	const another = 4
	if len(text) != 13 {
		return 0
	}
	month := int(text[2]-'0')*10 + int(text[3]-'0')
	switch summer := month > 3 && month < 10; {
	case month == 3 || month == 10, summer == (text[12]|0x20 == 's'):
		return 0
	}
	return another
}

// scale says how large the values of a unit are: the share of 0, and the shares of values with so
// many digits before the point, from none on.
type scale struct {
	zero  float64
	sizes []float64
}

// scales are those of a house. Registers count for years; a phase gives up to 63 A.
var scales = map[string]scale{
	"energy":  {0.15, []float64{0.05, 0.04, 0.08, 0.2, 0.4, 0.2, 0.01, 0.001}},
	"volume":  {0.05, []float64{0.04, 0.06, 0.15, 0.35, 0.4, 0.03, 0.001}},
	"power":   {0.25, []float64{0.5, 0.27, 0.03, 0.002}},
	"current": {0.25, []float64{0.25, 0.45, 0.1, 0.002}},
	"watts":   {0.2, []float64{0.01, 0.02, 0.1, 0.5, 0.25, 0.03, 0.001}},
	"wh":      {0.1, []float64{0.01, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3, 0.4, 0.05, 0.001}},
	"number":  {0.3, []float64{0.05, 0.3, 0.25, 0.15, 0.05, 0.02, 0.02, 0.02, 0.02, 0.02}},
}

// scaleOf names the scale of a unit.
func scaleOf(unit string) string {
	switch strings.ToLower(unit) {
	case "kwh", "kvarh", "kvah", "gj":
		return "energy"
	case "wh", "varh":
		return "wh"
	case "m3":
		return "volume"
	case "kw", "kvar", "kva":
		return "power"
	case "w", "var", "va":
		return "watts"
	case "a":
		return "current"
	}
	return "number"
}

// numberBelief is that of a number.
func numberBelief(s *expect.Shape, k int) expect.Belief {
	f := &s.Fields[k]
	text := f.Of(s.Text)
	unit := unitAt(s.Text, f.End)
	decimals := 0
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		decimals = len(text) - point - 1
	}
	unitOne := int64(math.Pow10(decimals))
	switch code := s.Code(k); {
	case unit == "V":
		return near(230*unitOne, 9*unitOne, 0.04, len(text))
	case unit == "Hz":
		return near(50*unitOne, max(unitOne/20, 1), 0.001, len(text))
	case code == "0-0:96.14.0":
		return oneOf(len(text), 2, 1, 3, 4)
	case strings.HasSuffix(code, ":96.3.10"), strings.HasSuffix(code, ":24.4.0"):
		return oneOf(len(text), 1, 0, 2)
	case strings.HasSuffix(code, ":24.1.0"):
		return oneOf(len(text), 3, 7, 4, 2, 6)
	case strings.HasSuffix(code, ":17.0.0") || strings.HasSuffix(code, ":31.4.0"):
		return nines(text)
	}
	sc := scales[scaleOf(unit)]
	total := len(text)
	if decimals > 0 {
		total--
	}
	costs := make([]float64, total+1)
	for d := range costs {
		costs[d] = sc.cost(d, decimals)
	}
	return func(_ []byte, n int64) float64 { return costs[min(digits(n), total)] }
}

// cost is that of each value of so many digits, so many of which stand behind the point.
func (sc scale) cost(d, decimals int) float64 {
	if d == 0 {
		return -math.Log(sc.zero)
	}
	values := 9 * math.Pow10(d-1)
	if whole := d - decimals; whole > 0 {
		share := 0.0002
		if whole < len(sc.sizes) {
			share = sc.sizes[whole]
		}
		return -math.Log(share / values)
	}
	// Below 1 each digit less is as much rarer as there are fewer values.
	share := sc.sizes[0] * math.Pow(0.25, float64(decimals-d))
	return -math.Log(share / values)
}

// digits counts those of a number; 0 has none.
func digits(n int64) (d int) {
	for ; n > 0; n /= 10 {
		d++
	}
	return d
}

// near is the belief in values about a mean, and in 0.
func near(mean, deviation int64, zero float64, width int) expect.Belief {
	anything := math.Log(1000) + float64(width)*math.Ln10
	scale := math.Log(float64(deviation) * math.Sqrt(2*math.Pi))
	return func(_ []byte, n int64) float64 {
		if n == 0 {
			return -math.Log(zero)
		}
		x := float64(n-mean) / float64(deviation)
		return min(x*x/2+scale, anything)
	}
}

// oneOf is the belief in some values, each four times as likely as the next.
func oneOf(width int, values ...int64) expect.Belief {
	return func(_ []byte, n int64) float64 {
		for i, v := range values {
			if n == v {
				return 0.3 + 1.4*float64(i)
			}
		}
		return 6 + float64(width)*math.Ln10/2
	}
}

// nines is the belief in a limit: most often there is none, which is all nines.
func nines(text []byte) expect.Belief {
	width := float64(len(text)-1) * math.Ln10
	return func(text []byte, _ int64) float64 {
		for i, c := range text {
			if c != '9' && c != '.' && !(i == 0 && c == '0') {
				return 0.7 + width
			}
		}
		return 0.7
	}
}

// unitAt is the unit behind a value.
func unitAt(text []byte, end int) string {
	if end >= len(text) || text[end] != '*' {
		return ""
	}
	n := bytes.IndexByte(text[end:], ')')
	if n < 0 {
		return ""
	}
	return string(text[end+1 : end+n])
}
