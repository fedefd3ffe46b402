package expect

// Belief is what is expected of a value before any telegram has told it: −ln of the
// probability of a text, which is the number or time n, up to what is the same for all.
type Belief func(text []byte, n int64) float64

// Free is a place of a text where a meter that has never been seen may send any of some
// bytes, for all that is known.
type Free struct {
	At      int
	Letters string // that may stand there, the likeliest first
	Number  bool   // it is a digit of a number or a time, and free only where that is none
}

// NewPrescribed returns the shape of a telegram that nobody has seen yet: a text that is as it
// is likely to be, and the places, in order, where it may be otherwise.
func NewPrescribed(text []byte, free []Free) *Shape {
	s := NewShape(text)
	s.dropNamed(free)
	s.Letters = make([]string, len(text))
	words := make([]Field, 0, len(free))
	for _, f := range free {
		if f.At >= s.end() || s.FieldAt[f.At] >= 0 {
			continue
		}
		s.Letters[f.At] = f.Letters
		if n := len(words); n > 0 && words[n-1].End == f.At && f.At-words[n-1].Start < maxWord {
			words[n-1].End++
		} else {
			words = append(words, Field{Start: f.At, End: f.At + 1, Kind: Word})
		}
	}
	s.setFields(merge(s.Fields, words))
	s.Sums = proposeSums(s)
	return s
}

// dropNamed makes values that are names no numbers, although all of their letters are digits.
func (s *Shape) dropNamed(free []Free) {
	named := make([]bool, len(s.Fields))
	for _, f := range free {
		if k := s.FieldAt[f.At]; k >= 0 && !f.Number {
			named[k] = true
		}
	}
	numbers := make([]Field, 0, len(s.Fields))
	for k, f := range s.Fields {
		if !named[k] {
			numbers = append(numbers, f)
		}
	}
	s.setFields(numbers)
}

// BelieveSums makes the sums of a prescribed shape count, of registers whose totals are exactly
// those of their parts.
func (s *Shape) BelieveSums() {
	for i := range s.Sums {
		if sum := &s.Sums[i]; s.code(sum.Total) != "1-0:15.8.0" {
			sum.seen = believed
		}
	}
}

// BelieveSum makes a field of a prescribed shape the sum of others.
func (s *Shape) BelieveSum(total int, parts ...int) {
	s.Sums = append(s.Sums, Sum{Total: total, Parts: parts, seen: believed})
}

// maxWord is how long a Word may be: the values of long ones would be too many.
const maxWord = 8

// merge merges two lists of fields that are in order.
func merge(a, b []Field) []Field {
	list := make([]Field, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0].Start < b[0].Start {
			list, a = append(list, a[0]), a[1:]
		} else {
			list, b = append(list, b[0]), b[1:]
		}
	}
	return list
}

// Believe says what is expected of the value of a field as long as no telegram tells.
func (s *Shape) Believe(field int, b Belief) { s.Fields[field].belief = b }

// Belief returns what is expected of the value of a field as long as no telegram tells; nil
// where nothing is said of it.
func (f *Field) Belief() Belief { return f.belief }
