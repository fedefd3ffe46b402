package uart

// Phase is where a receiver stands when a character begins: at 0 it is in step, or looks
// for a start edge, which comes now; else this is the position in the byte that it reads,
// of which the next bit is taken.
type Phase uint8

// Phases of a receiver that was in step and misses the start edge of the character:
// because the start bit does not show, or because nobody looked when it began. Phases is how
// many there are: with a gap of one bit between two characters, which is the longest, position
// 10 is that of an idle bit.
const (
	Missed Phase = 11 + iota
	Unseen
	Phases = 13
)

// A Piece is the part of a byte that a receiver reads of one character.
type Piece struct {
	Mask, Bits byte // the data bits that it takes of this character, and their levels
	Begins     bool // the byte begins here
	Ends, Stop bool // its stop bit is taken here, and is 1
}

// Pass follows a receiver through a character, and the idle bit after it if there is one, and returns what
// it reads of it, at most two pieces, and its phase at the next character.
//
//	sent  └─ '0' 0x30 ──────┘ └─ '0' 0x30 ──────┘ └─ '.' 0x2E ──────┘
//	line  0 0 0 0 0 1 1 0 0 1 0 0 0 0 0 1 1 0 0 1 0 0 1 1 1 0 1 0 0 1
//	      Unseen        └─────────┴ ends: 0x82      └─┴ ends: 0x72
func (r Receiver) Pass(at Phase, sent byte) (pieces [2]Piece, n int, end Phase) {
	const looks, takesLow = 40, 41 // beside the positions in a byte
	size := 10 + r.Gap
	levels := levelsOf(sent) | 1<<10
	k, before := at, true
	switch {
	case at == Missed:
		levels |= 1
		k = looks
	case at == Unseen:
		k, before = looks, false
	case at > 0 && at <= 9:
		n = 1 // a byte that has begun
	}
	for b := range size {
		high := levels>>b&1 == 1
		begins := false
		switch {
		case k == 0:
			begins = true
		case k == looks:
			begins = before && !high
		case k == takesLow:
			begins, k = !high, looks
		case k < 9:
			p := &pieces[n-1]
			p.Mask |= 1 << (k - 1)
			if high {
				p.Bits |= 1 << (k - 1)
			}
			k++
		case k == 9:
			pieces[n-1].Ends, pieces[n-1].Stop = true, high
			switch k = looks; {
			case r.CountsOn:
				k = Phase(10 % size)
			case !high && r.Restarts:
				begins = true
			case !high && r.TakesLow:
				k = takesLow
			}
		default:
			if k++; int(k) >= size {
				k = 0
			}
		}
		if begins {
			k = 1
			pieces[n].Begins = true
			n++
		}
		before = high
	}
	if k == looks || k == takesLow {
		k = 0
	}
	return pieces, n, k
}

// Idle is what a receiver reads of the rest of a byte where the line idles after the character
// before: only ones. Of a phase after the stop bit nothing is left.
func (p Phase) Idle() (rest Piece, any bool) {
	if p == 0 || p > 9 {
		return Piece{}, false
	}
	mask := byte(0xFF) << (p - 1)
	if p == 9 {
		mask = 0
	}
	return Piece{Mask: mask, Bits: mask, Ends: true, Stop: true}, true
}
