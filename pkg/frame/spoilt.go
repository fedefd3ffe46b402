package frame

import (
	"bytes"
	"math"
)

// spoilt counts the bytes of noise, by which encrypted telegrams are told that nothing can open any
// more, since the logger has not kept all bytes. In ciphertext each byte is as frequent as any
// other, and in what a logger has left of it each of those that it leaves:
//
//	DB 08 53 41 47 67 70 05 8D 1C 82 04 1B 30 …    as the meter sent it
//	   08 53 41 47 67 70 05    1C    04 1B 30 …    without what is above 7F
//	      53 41 47 67 70                   30 …    printable characters only
type spoilt struct {
	counts [256]int
	n      int
}

func (s *spoilt) add(data []byte) {
	if bytes.HasPrefix(data, []byte("=~=~=")) {
		return // a logger's header
	}
	for _, b := range data {
		s.counts[b]++
	}
	s.n += len(data)
}

// enoughSpoilt is how many bytes tell that each is as frequent as any other.
const enoughSpoilt = 2000

// flat reports whether of the bytes from low to high nearly each is about as frequent as any other.
// Those that stand in each frame may be more so.
func (s *spoilt) flat(low, high int) bool {
	n := 0
	for b := low; b <= high; b++ {
		n += s.counts[b]
	}
	mean := float64(n) / float64(high-low+1)
	odd := 0
	for b := low; b <= high; b++ {
		if math.Abs(float64(s.counts[b])-mean) > 4*math.Sqrt(mean) {
			odd++
		}
	}
	return mean >= 5 && odd <= (high-low+1)/8
}

// share is how many of the bytes are those from low to high.
func (s *spoilt) share(low, high int) float64 {
	n := 0
	for b := low; b <= high; b++ {
		n += s.counts[b]
	}
	return float64(n) / float64(s.n)
}

// kept says what the logger has made of ciphertext; empty where the bytes are not what any leaves of it.
func (s *spoilt) kept() string {
	const most = 0.02
	switch {
	case s.n < enoughSpoilt:
	case s.share(0x20, 0x7E)+s.share('\r', '\r')+s.share('\n', '\n') == 1:
		if s.flat(0x20, 0x7E) {
			return "kept printable characters only"
		}
	case s.share(0x80, 0xFF) == 0 && s.flat(0x00, 0x3E):
		if s.share('?', '?') > 0.3 {
			return "written ? for all bytes above 7F"
		}
		if s.flat(0x40, 0x7F) {
			return "dropped all bytes above 7F, or their highest bit"
		}
	case s.share(0xC2, 0xC3) > 0.2 && s.share(0xC4, 0xFF) < most && s.flat(0x00, 0x7F):
		return "taken the bytes for characters and written those as UTF-8"
	case s.share(0xEF, 0xEF) > 0.1 && s.flat(0x00, 0x7F):
		return "written U+FFFD for all bytes above 7F"
	}
	return ""
}

// saySpoilt says at the end of a stream in which there is no telegram that its logger has spoilt
// encrypted ones.
func (f *Framer) saySpoilt() {
	if s := &f.stream; s.seq == 0 {
		if did := s.spoilt.kept(); did != "" {
			f.say("this is what is left of encrypted telegrams where the logger has " + did + ": they cannot be opened any more; set it to log all bytes (PuTTY: All session output; a terminal program: raw or binary), or let p1cat read the port")
		}
	}
}
