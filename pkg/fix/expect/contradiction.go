package expect

import "fmt"

// Contradiction returns why a telegram cannot follow another one of its meter: a
// clock that runs backwards, a register that falls, a sum that no longer holds.
// It is empty where nothing is wrong.
func (s *Shape) Contradiction(before, now *Observed) string {
	for i, f := range s.Fields {
		a, b := before.Values[i], now.Values[i]
		switch {
		case f.Kind == Clock && b < a:
			return fmt.Sprintf("the clock went back by %d s", a-b)
		case f.Kind == Register && b < a && s.code(i) != "":
			return "register " + s.code(i) + " fell"
		}
	}
	for i := range s.Sums {
		if sum := &s.Sums[i]; sum.Proven() && !sum.Holds(now.Values) {
			return "register " + s.code(sum.Total) + " is not the sum of its parts"
		}
	}
	return ""
}
