package repair

// op says how one expected byte and one received byte go together.
type op byte

const (
	same  op = iota // the received byte can be the expected one
	other           // another byte was received
	lost            // nothing was received for the expected byte
	added           // the received byte was not sent
)

// maxOps is how many differences an alignment may have: more than that is no
// damaged telegram of this shape.
const maxOps = 200

// align finds the fewest differences between n expected and m received bytes,
// where allows(i, j) says that received byte j can be expected byte i. It
// returns nil where there are more than maxOps.
func align(n, m int, allows func(i, j int) bool) []op {
	return alignRuns(n, m, func(i, j int) int {
		from := i
		for i < n && j < m && allows(i, j) {
			i++
			j++
		}
		return i - from
	})
}

// common is how many bytes two texts begin with in common.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	const stride = 64
	i := 0
	for i+stride <= n && string(a[i:i+stride]) == string(b[i:i+stride]) {
		i += stride
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// alignRuns is align where run(i, j) says how many bytes in a row, from expected
// byte i and received byte j on, can be each other.
//
// It walks along the diagonals of the edit matrix (Ukkonen 1985, Landau and
// Vishkin 1986): reach[e][k] is how many expected bytes can be explained with e
// differences on the diagonal k, where k = received − expected.
func alignRuns(n, m int, run func(i, j int) int) []op {
	reach := make([][]int, 0, 16)
	for e := 0; e <= maxOps; e++ {
		row := make([]int, 2*e+1)
		for k := -e; k <= e; k++ {
			i := furthest(reach, e, k, n, m)
			if i >= 0 && i < n && i+k >= 0 && i+k < m {
				i += run(i, i+k)
			}
			row[k+e] = i
			if k == m-n && i == n {
				return trace(append(reach, row), n, m)
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

// trace goes back from the end and collects the differences.
func trace(reach [][]int, n, m int) []op {
	ops := make([]op, 0, n+maxOps)
	i, k := n, m-n
	for e := len(reach) - 1; e > 0; e-- {
		sub, del, ins := at(reach, e-1, k)+1, at(reach, e-1, k+1)+1, at(reach, e-1, k-1)
		from := max(sub, del, ins)
		for ; i > from; i-- {
			ops = append(ops, same)
		}
		switch {
		case sub == from && i > 0 && i+k > 0:
			ops = append(ops, other)
			i--
		case del == from && i > 0:
			ops = append(ops, lost)
			i--
			k++
		default:
			ops = append(ops, added)
			k--
		}
	}
	for ; i > 0; i-- {
		ops = append(ops, same)
	}
	for a, b := 0, len(ops)-1; a < b; a, b = a+1, b-1 {
		ops[a], ops[b] = ops[b], ops[a]
	}
	return ops
}
