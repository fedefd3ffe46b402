package expect

import (
	"bytes"
	"strings"
)

// Sum says that one register is the sum of others, give or take.
type Sum struct {
	Total int   // field
	Parts []int // fields
	Off   int64 // Total − ΣParts in the last telegram
	Near  int64 // by how much Off has been seen to move at most

	seen   int
	broken int
}

const (
	// believed is how many telegrams a sum must have held in to count in a
	// repair, and proven, to doubt a register of a telegram whose CRC holds.
	believed = 3
	proven   = 20
)

// Known reports whether the sum has held often enough, and never broken, to be
// counted on.
func (s *Sum) Known() bool { return s.seen >= believed && s.broken == 0 }

// Proven reports whether it has held so often that where it does not a register is
// wrong.
func (s *Sum) Proven() bool { return s.seen >= proven && s.broken == 0 }

// Holds reports whether the sum holds among the values: to the digit where it
// always did, within what rounding may do where it has an offset or has moved.
func (s *Sum) Holds(values []int64) bool { return s.HoldsAt(s.Apart(values)) }

// HoldsAt is Holds where the total is that much apart from its parts.
func (s *Sum) HoldsAt(apart int64) bool {
	near := int64(0)
	if s.Off != 0 || s.Near != 0 {
		near = MostNear
	}
	d := apart - s.Off
	return d <= near && d >= -near
}

// Apart returns Total − ΣParts among the values.
func (s *Sum) Apart(values []int64) int64 {
	d := values[s.Total]
	for _, p := range s.Parts {
		d -= values[p]
	}
	return d
}

// Solve returns the value of field i that makes the sum hold; false where the
// field has no part in it.
func (s *Sum) Solve(i int, values []int64) (int64, bool) {
	d := s.Apart(values) - s.Off
	if i == s.Total {
		return values[i] - d, true
	}
	for _, p := range s.Parts {
		if i == p {
			return values[i] + d, true
		}
	}
	return 0, false
}

// MostNear is the largest movement of a sum that still is one, in last digits: rounding.
const MostNear = 3

// Learn follows a telegram whose values are believed.
func (s *Sum) Learn(values []int64) { s.LearnAt(s.Apart(values)) }

// LearnAt is Learn where the total is that much apart from its parts.
func (s *Sum) LearnAt(off int64) {
	if s.seen > 0 {
		move := off - s.Off
		if move < 0 {
			move = -move
		}
		if move > MostNear {
			s.broken++
		} else {
			s.Near = max(s.Near, move)
		}
	}
	s.Off = off
	s.seen++
}

// sums that meters keep: the codes' value groups (IEC 62056-61). Whether a meter
// keeps one of them is learned from its telegrams.
var sums = [][]string{
	{"1.8.0", "1.8.1", "1.8.2", "1.8.3", "1.8.4"},
	{"2.8.0", "2.8.1", "2.8.2", "2.8.3", "2.8.4"},
	{"3.8.0", "5.8.0", "6.8.0"},
	{"4.8.0", "7.8.0", "8.8.0"},
	{"15.8.0", "1.8.0", "2.8.0"},
}

// proposeSums returns the sums whose registers the shape has.
func proposeSums(s *Shape) []Sum {
	codes := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		if f.Kind == Register {
			codes[i] = s.code(i)
		}
	}
	return ProposeSums(codes, s.decimals)
}

// ProposeSums returns the sums that may hold among registers that have as many decimals,
// given the code of each.
func ProposeSums(registers []string, decimals func(register int) int) []Sum {
	at := map[string]int{}
	for i, code := range registers {
		if _, groups, ok := strings.Cut(code, ":"); ok {
			at[groups] = i
		}
	}
	var found []Sum
	for _, codes := range sums {
		total, ok := at[codes[0]]
		sum := Sum{Total: total}
		for _, code := range codes[1:] {
			if p, has := at[code]; has && decimals(p) == decimals(total) {
				sum.Parts = append(sum.Parts, p)
			}
		}
		if ok && len(sum.Parts) >= 2 {
			found = append(found, sum)
		}
	}
	return found
}

// Code returns the OBIS code of the line that a field is in, or "".
func (s *Shape) Code(i int) string {
	start := s.Fields[i].Start
	line := s.Text[bytes.LastIndexByte(s.Text[:start], '\n')+1 : start]
	if n := bytes.IndexByte(line, '('); n >= 0 {
		return string(line[:n])
	}
	return ""
}

// code returns the OBIS code of a field that is the first value of its line, or
// "".
func (s *Shape) code(i int) string {
	start := s.Fields[i].Start
	line := s.Text[bytes.LastIndexByte(s.Text[:start], '\n')+1 : start]
	code, ok := strings.CutSuffix(string(line), "(")
	if !ok || strings.Contains(code, "(") {
		return ""
	}
	return code
}

func (s *Shape) decimals(i int) int {
	text := s.Fields[i].Of(s.Text)
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		return len(text) - point - 1
	}
	return 0
}
