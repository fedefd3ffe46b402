// Package align takes expected and received bytes and gives the fewest differences
// that explain the one by the other.
//
// It walks along the diagonals of the edit matrix (Ukkonen 1985, Landau and Vishkin
// 1986): reach[e][k] is how many expected bytes can be explained with e differences
// on the diagonal k, where k = received − expected. The time grows with the square
// of the differences, not with the length of the texts.
//
// Of two texts of one length, which most often differ in few places only, [NextChange]
// finds these places.
package align

// Op says how one expected byte and one received byte go together.
type Op byte

// The ways in which they can.
const (
	Same  Op = iota // the received byte can be the expected one
	Other           // another byte was received
	Lost            // nothing was received for the expected byte
	Added           // the received byte was not sent
)

// Max is how many differences an alignment may have: more than that is no damaged
// telegram of this shape.
const Max = 200

// Bytes finds the fewest differences between n expected and m received bytes,
// where allows(i, j) says that received byte j can be expected byte i. It
// returns nil where there are more than [Max].
func Bytes(n, m int, allows func(i, j int) bool) []Op { return Runs(n, m, each(n, m, allows)) }

// Head is Bytes where only the beginning of what was expected was received: bytes
// expected after the last received one are no differences, and have no Op.
func Head(n, m int, allows func(i, j int) bool) []Op { return HeadWithin(Max, n, m, allows) }

// HeadWithin is Head where more than so many differences are of no use.
func HeadWithin(most, n, m int, allows func(i, j int) bool) []Op {
	return walk(most, n, m, each(n, m, allows), func(i, k int) bool { return i+k == m })
}

// Within is Bytes where more than so many differences are of no use.
func Within(most, n, m int, allows func(i, j int) bool) []Op {
	return runs(most, n, m, each(n, m, allows))
}

// Runs is Bytes where run(i, j) says how many bytes in a row, from expected byte i
// and received byte j on, can be each other.
func Runs(n, m int, run func(i, j int) int) []Op { return runs(Max, n, m, run) }

func runs(most, n, m int, run func(i, j int) int) []Op {
	if n-m > most || m-n > most {
		return nil // one difference at least for each byte that the one has more
	}
	return walk(most, n, m, run, func(i, k int) bool { return i == n && k == m-n })
}

// each makes runs of single bytes.
func each(n, m int, allows func(i, j int) bool) func(i, j int) int {
	return func(i, j int) int {
		from := i
		for i < n && j < m && allows(i, j) {
			i++
			j++
		}
		return i - from
	}
}

// Common is how many bytes two texts begin with in common.
func Common(a, b []byte) int {
	n := min(len(a), len(b))
	return NextChange(a[:n], b[:n], 0)
}

// walk adds differences, most of them at most, until done(i, k) says that i expected
// bytes on the diagonal k are all there is to explain.
func walk(most, n, m int, run func(i, j int) int, done func(i, k int) bool) []Op {
	reach := make([][]int, 0, 16)
	for e := 0; e <= most; e++ {
		row := make([]int, 2*e+1)
		for k := -e; k <= e; k++ {
			i := furthest(reach, e, k, n, m)
			if i >= 0 && i < n && i+k >= 0 && i+k < m {
				i += run(i, i+k)
			}
			row[k+e] = i
			if i >= 0 && done(i, k) {
				return trace(append(reach, row), i, k)
			}
		}
		reach = append(reach, row)
	}
	return nil
}

const unreached = -1 << 30

// at returns reach[e][k], or unreached.
func at(reach [][]int, e, k int) int {
	if e < 0 || k < -e || k > e {
		return unreached
	}
	return reach[e][k+e]
}

// furthest returns how far one difference more leads on the diagonal k.
func furthest(reach [][]int, e, k, n, m int) int {
	if e == 0 {
		return 0
	}
	i := max(at(reach, e-1, k)+1, at(reach, e-1, k+1)+1, at(reach, e-1, k-1))
	i = min(i, n, m-k)
	if i < 0 || i+k < 0 {
		return unreached
	}
	return i
}

// trace goes back from i expected bytes on the diagonal k and collects the
// differences.
func trace(reach [][]int, i, k int) []Op {
	ops := make([]Op, 0, i+len(reach))
	for e := len(reach) - 1; e > 0; e-- {
		sub, del, ins := at(reach, e-1, k)+1, at(reach, e-1, k+1)+1, at(reach, e-1, k-1)
		from := max(sub, del, ins)
		for ; i > from; i-- {
			ops = append(ops, Same)
		}
		switch {
		case sub == from && i > 0 && i+k > 0:
			ops = append(ops, Other)
			i--
		case del == from && i > 0:
			ops = append(ops, Lost)
			i--
			k++
		default:
			ops = append(ops, Added)
			k--
		}
	}
	for ; i > 0; i-- {
		ops = append(ops, Same)
	}
	for a, b := 0, len(ops)-1; a < b; a, b = a+1, b-1 {
		ops[a], ops[b] = ops[b], ops[a]
	}
	return ops
}
