package crc

import "math"

// Parted is a telegram from '/' to '!' without what was replaced in it: that stood behind
// each of its parts but the last. Sum is the CRC that was received after it.
type Parted struct {
	Parts [][]byte
	Sum   uint16
}

// maxFill is how many bytes an identifier has at most.
const maxFill = 96

// FindFill finds how many bytes stood between the parts of telegrams before they were
// replaced by fewer or more. The parts are as long in all of them; there are two or three.
//
//	/SIM5  0-0:1.0.0(260104162515W)  0-0:96.1.1(4530…3737)  1-0:1.8.1(003340.003*kWh)  !0C33   34 bytes
//	/SIM5  0-0:1.0.0(260104162515W)  0-0:96.1.1(XXXX)       1-0:1.8.1(003340.003*kWh)  !0C33   in the log
//
// What stands before, the clock, counts with another power of x then, so that the CRCs do not
// move by one word. They do with as many bytes of filler as there were bytes, whatever the
// filler. It reports false where no number of them makes four telegrams agree so that it is no
// accident.
func FindFill(list []Parted, filler byte) (lengths []int, ok bool) {
	if len(list) < fewMoved {
		return nil, false
	}
	gaps := len(list[0].Parts) - 1
	tried := triedMoved() + float64(gaps)*math.Log2(maxFill)
	for _, k := range Kinds() {
		if lengths, ok := k.fill(list, filler, tried); ok {
			return lengths, true
		}
	}
	return nil, false
}

// fill tries all numbers of bytes for one kind: the state of each telegram after its first
// part goes on by a byte of filler at a time.
func (k Kind) fill(list []Parted, filler byte, tried float64) (lengths []int, ok bool) {
	first := make([]State, len(list))
	for i, p := range list {
		first[i] = k.Start().After(p.Parts[0])
	}
	one := []byte{filler}
	for a := 1; a <= maxFill; a++ {
		behind := make([]State, len(list))
		for i := range list {
			first[i] = first[i].After(one)
			behind[i] = first[i].After(list[i].Parts[1])
		}
		if len(list[0].Parts) == 2 {
			if k.agree(list, behind, tried) {
				return []int{a}, true
			}
			continue
		}
		for b := 1; b <= maxFill; b++ {
			last := make([]State, len(list))
			for i := range list {
				behind[i] = behind[i].After(one)
				last[i] = behind[i].After(list[i].Parts[2])
			}
			if k.agree(list, last, tried) {
				return []int{a, b}, true
			}
		}
	}
	return nil, false
}

// agree reports whether the CRCs of so many telegrams have moved by the same that it is no
// accident.
func (k Kind) agree(list []Parted, states []State, tried float64) bool {
	votes, most := map[uint16]int{}, 0
	for i, p := range list {
		by := states[i].Sum() ^ p.Sum
		votes[by]++
		most = max(most, votes[by])
	}
	return most >= fewMoved && certain([]agreement{{n: most, of: len(list)}}, tried)
}
