package record

import (
	"encoding/json"
	"math"
	"strconv"
)

// RoundFigures rounds the figures of a JSON text to the digits that carry meaning:
// six, or where there are more before the point, all of those. What stands behind them
// depends on the machine, since some processors round once where others do twice (a
// product that is added to something). Whole numbers and strings stay as they are.
//
// Two machines whose figures differ by a share of d write different digits where the
// boundary between two roundings is just between them: once in 1/(d·10⁶) figures or
// more seldom, and d is mostly 10⁻¹⁵, 10⁻¹² at worst. A half such as 0.0009765625 would
// be on that boundary, and halves are frequent, so a hair is added to all figures.
func RoundFigures(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := tokenLength(text[i:])
		if token := text[i : i+n]; isFigure(token) {
			out = append(out, roundFigure(token)...)
		} else {
			out = append(out, token...)
		}
		i += n
	}
	return out
}

// tokenLength is the length of the string or number at the beginning, or 1.
func tokenLength(text []byte) int {
	n := 1
	switch c := text[0]; {
	case c == '"':
		for ; n < len(text) && text[n] != '"'; n++ {
			if text[n] == '\\' {
				n++
			}
		}
		return min(n+1, len(text))
	case isNumber(c):
		for n < len(text) && isNumber(text[n]) {
			n++
		}
	}
	return n
}

// isNumber reports whether a byte stands in numbers; outside of strings the e of true
// does so too.
func isNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// isFigure reports whether a token is a number with a fraction or an exponent.
func isFigure(token []byte) bool {
	if c := token[0]; c != '-' && (c < '0' || c > '9') {
		return false
	}
	for _, c := range token {
		if c == '.' || c == 'e' || c == 'E' {
			return true
		}
	}
	return false
}

// roundFigure returns the token where it is no number that can be rounded.
func roundFigure(token []byte) []byte {
	const digits, least = 6, 1e5 // from which on all digits stand before the point
	x, err := strconv.ParseFloat(string(token), 64)
	if err != nil {
		return token
	}
	if math.Abs(x) >= least {
		x = math.Round(x + math.Copysign(1e-5, x))
	} else if x, err = strconv.ParseFloat(strconv.FormatFloat(x*(1+1e-11), 'e', digits-1, 64), 64); err != nil {
		return token
	}
	text, err := json.Marshal(x)
	if err != nil {
		return token
	}
	return text
}
