package sources

import (
	"strings"

	"p1/pkg/foreign"
)

// naming finds out whether the bytes of a log are a meter's, and names what they are if they
// are not.
type naming struct {
	head  []byte
	meter bool // a line of a telegram has come
	done  bool
}

// maxNamed is how many bytes are looked at.
const maxNamed = 16 << 10

// take listens to bytes, and returns what is to be said of them once that is known; "" for
// nothing.
func (n *naming) take(data []byte) string {
	if n.done {
		return ""
	}
	n.meter = n.meter || hasMeterLine(data)
	n.head = append(n.head, data[:min(len(data), maxNamed-len(n.head))]...)
	if len(n.head) < maxNamed {
		return ""
	}
	return n.end()
}

// end returns what is to be said at the end of the log.
func (n *naming) end() string {
	if n.done {
		return ""
	}
	n.done = true
	k := foreign.Content(n.head)
	if p, _ := foreign.Protocol(n.head); p != nil && (!n.meter || p.Covers(n.head)) && !p.Readable() {
		k = p
	}
	n.head = nil
	if k == nil {
		return ""
	}
	return sentence(k)
}

// sentence says what bytes are, and what is to be done.
func sentence(k *foreign.Kind) string {
	text := "this is no P1: " + strings.TrimPrefix(k.Name, "this is no P1: ")
	if k.Who != "" {
		text += "; " + k.Who
	}
	return text + ". " + k.Do
}
