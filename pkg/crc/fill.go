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
	const most = 255 // that can be counted
	if list = list[:min(len(list), most)]; len(list) < fewMoved {
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
// part goes on by a byte of filler at a time. What stands last need not be gone through each
// time: a word that is the same after it is the same before it.
func (k Kind) fill(list []Parted, filler byte, tried float64) (lengths []int, ok bool) {
	now, want := make([]State, len(list)), make([]State, len(list))
	for i, p := range list {
		now[i] = k.Start().After(p.Parts[0])
		want[i] = k.Ending(p.Sum).Before(p.Parts[len(p.Parts)-1])
	}
	behind := make([]State, len(list))
	var votes ballot
	for a := 1; a <= maxFill; a++ {
		goOn(now, filler)
		if len(list[0].Parts) == 2 {
			if votes.agree(now, want, tried) {
				return []int{a}, true
			}
			continue
		}
		for i, p := range list {
			behind[i] = now[i].After(p.Parts[1])
		}
		for b := 1; b <= maxFill; b++ {
			if goOn(behind, filler); votes.agree(behind, want, tried) {
				return []int{a, b}, true
			}
		}
	}
	return nil, false
}

// goOn lets a byte of filler pass.
func goOn(states []State, filler byte) {
	for i, s := range states {
		states[i] = s.Step(filler)
	}
}

// ballot counts the votes for each word. It is swept after each vote.
type ballot [1 << 16]uint8

// agree reports whether so many states are off by the same word that it is no accident.
func (b *ballot) agree(states, want []State, tried float64) bool {
	most := 0
	for i, s := range states {
		by := s.register ^ want[i].register
		b[by]++
		most = max(most, int(b[by]))
	}
	for i, s := range states {
		b[s.register^want[i].register] = 0
	}
	return most >= fewMoved && certain([]agreement{{n: most, of: len(states)}}, tried)
}
