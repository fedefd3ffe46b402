package crc

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Params describe a CRC of 16 bits by the convention of R. Williams ("A painless guide to
// CRC error detection algorithms", 1993, section 15), and over which bytes of the telegram
// it goes. A name holds them all:
//
//	CRC16:poly=3D65,init=0000,xor=FFFF,refin,refout,swapped,no/,no!
type Params struct {
	Poly, Init, Xor uint16 // without x16; the highest power first
	RefIn           bool   // the least significant bit of each byte comes first
	RefOut          bool   // so does that of the CRC, before Xor
	Swapped         bool   // the meter writes the low byte first
	NoSlash, NoBang bool   // '/' or '!' does not belong to it
}

// prefix begins the name of parameters.
const prefix = "CRC16:"

// flags are the names of what is so or not.
func (p *Params) flags() map[string]*bool {
	return map[string]*bool{"refin": &p.RefIn, "refout": &p.RefOut, "swapped": &p.Swapped, "no/": &p.NoSlash, "no!": &p.NoBang}
}

// flagNames are these names in the order in which they are written.
func flagNames() []string { return []string{"refin", "refout", "swapped", "no/", "no!"} }

// Name is how records write the parameters.
func (p Params) Name() string {
	name := fmt.Sprintf("%spoly=%04X,init=%04X,xor=%04X", prefix, p.Poly, p.Init, p.Xor)
	flags := p.flags()
	for _, flag := range flagNames() {
		if *flags[flag] {
			name += "," + flag
		}
	}
	return name
}

// ParseParams reads a name as [Params.Name] writes it. The polynomial has the term 1,
// since one without it is one of fewer bits.
func ParseParams(name string) (Params, bool) {
	var p Params
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return p, false
	}
	flags := p.flags()
	numbers := map[string]*uint16{"poly": &p.Poly, "init": &p.Init, "xor": &p.Xor}
	for _, part := range strings.Split(rest, ",") {
		key, value, _ := strings.Cut(part, "=")
		if number := numbers[key]; number != nil {
			n, err := strconv.ParseUint(value, 16, 16)
			if err != nil {
				return p, false
			}
			*number = uint16(n)
		} else if flag := flags[part]; flag != nil {
			*flag = true
		}
	}
	return p, p.Name() == name && p.Poly&1 == 1
}

// most is how many CRCs a program may meet; each takes 9 kB.
const most = 1024

// made holds the kinds of parameters that have been met, so that the same parameters are
// the same kind, and their tables are made once.
var made = struct {
	sync.Mutex
	kinds map[Params]Kind
}{kinds: map[Params]Kind{}}

// Kind returns the kind of these parameters, one of [Kinds] if it is one. It is ARC where
// too many others have been met.
func (p Params) Kind() (Kind, bool) {
	for _, k := range Kinds() {
		if k.of().Params == p {
			return k, true
		}
	}
	made.Lock()
	defer made.Unlock()
	k, ok := made.kinds[p]
	if !ok && len(made.kinds) < most {
		k, ok = Kind{newAlgebra(p.Name(), p)}, true
		made.kinds[p] = k
	}
	return k, ok
}

// SamePolynomial reports whether two CRCs differ in their start value and final XOR only.
func (k Kind) SamePolynomial(other Kind) bool {
	a, b := k.of().Params, other.of().Params
	a.Init, a.Xor, a.NoSlash = b.Init, b.Xor, b.NoSlash
	return a == b
}
