package sources

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// reach says how far back a message is looked for that may have come before.
type reach int

const (
	nowhere reach = iota // of two lines that are equal, each is one
	last                 // what follows itself is the same telegram again
	ever
)

// reachOf is how far back a message is looked for by what is in it: a telegram that says
// when it was sent is sent once. One that does not may be sent again, when the house is
// quiet.
func reachOf(text []byte) reach {
	switch {
	case !isTelegram(text):
		return nowhere
	case bytes.Contains(text, []byte("\n0-0:1.0.0(")):
		return ever
	}
	return last
}

// isTelegram reports whether a message is a telegram, and no line of one.
func isTelegram(text []byte) bool {
	n := bytes.LastIndexByte(text, '!')
	return n > 0 && text[0] == '/' && bytes.IndexByte(text[:n], '\n') > 0
}

// remembered is how many messages are remembered: a broker that was killed may hand out
// again what it has saved last, by default of mosquitto half an hour ago, and a telegram
// comes each second at most.
const remembered = 4096

// seen remembers messages by their hashes.
type seen struct {
	seed   maphash.Seed
	hashes []uint64
	newest int // its place in hashes
}

func newSeen() *seen { return &seen{seed: maphash.MakeSeed()} }

// isNew reports whether a message has not come before, as far back as it is looked for,
// and remembers it.
func (s *seen) isNew(text []byte, back reach) bool {
	h := maphash.Bytes(s.seed, text)
	switch {
	case back == ever && slices.Contains(s.hashes, h),
		back == last && len(s.hashes) > 0 && s.hashes[s.newest] == h:
		return false
	case len(s.hashes) < remembered:
		s.hashes = append(s.hashes, h)
		s.newest = len(s.hashes) - 1
	default:
		s.newest = (s.newest + 1) % remembered
		s.hashes[s.newest] = h
	}
	return true
}
