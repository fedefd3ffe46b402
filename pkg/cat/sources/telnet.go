package sources

// A bridge that speaks telnet (ser2net, RFC 2217) puts negotiation between the
// meter's bytes and doubles those that are 0xFF; one that does not sends 0xFF as it
// is, and the Hungarian telegram has 1,024 of them. Which of the two it is shows
// at the very beginning: a telnet server opens with an offer or a request, and a
// meter's line does not begin with 0xFF and such a byte.
//
//	FF FB 03  FF FB 00  FF FA 2C … FF F0  2F 41 55 58 …  FF FF …      (RFC 854)
//	└─ IAC WILL SGA     └─ IAC SB … IAC SE └─ /AUX        └─ one 0xFF
type speech int

const (
	unknownSpeech speech = iota // told by the first bytes
	speaksTelnet
	speaksRaw
)

const (
	iac  = 0xFF
	dont = 0xFE
	do   = 0xFD
	wont = 0xFC
	will = 0xFB
	sb   = 0xFA
	se   = 0xF0

	optionBinary  = 0
	optionGoAhead = 3 // that is, none
)

// telnet takes what a server adds out of a stream of bytes.
type telnet struct {
	speech speech
	state  telnetState
	held   bool // while it is unknown: the first byte, an IAC

	verb   byte    // of the option that comes next
	mine   [4]bool // options that this side has agreed to use
	theirs [4]bool // options that the other side uses with our consent
	cr     bool    // the last byte was a CR
}

type telnetState int

const (
	atData    telnetState = iota
	atCommand             // after an IAC
	atOption              // after WILL, WONT, DO or DONT
	inside                // a subnegotiation
	insideIAC             // after an IAC in there
)

// decode leaves the meter's bytes of p in place, n of them, and returns what to
// answer. Where a byte was held back, it may be one more: p must have the room.
func (t *telnet) decode(p []byte) (n int, answer []byte) {
	if t.speech == unknownSpeech && len(p) > 0 {
		p = t.listen(p)
	}
	if t.speech != speaksTelnet {
		return len(p), nil
	}
	for _, b := range p {
		if data, ok := t.take(b, &answer); ok {
			p[n] = data
			n++
		}
	}
	return n, answer
}

// listen decides by the first two bytes what is spoken.
func (t *telnet) listen(p []byte) []byte {
	first := p
	if t.held {
		first = []byte{iac, p[0]}
	}
	switch {
	case first[0] != iac:
		t.speech = speaksRaw
		return p
	case len(first) == 1:
		t.held = true
		return nil
	case first[1] >= sb && first[1] <= dont:
		t.speech = speaksTelnet
	default:
		t.speech = speaksRaw
	}
	if !t.held {
		return p
	}
	t.held = false
	if t.speech == speaksTelnet {
		t.state = atCommand
		return p
	}
	p = p[:len(p)+1]
	copy(p[1:], p)
	p[0] = iac
	return p
}

// rest puts a byte that was held back after the n bytes of p: the stream ends.
func (t *telnet) rest(p []byte, n int) int {
	if t.held && n < len(p) {
		p[n] = iac
		t.held = false
		n++
	}
	return n
}

// take takes one byte; ok tells that it is one of the meter's.
func (t *telnet) take(b byte, answer *[]byte) (data byte, ok bool) {
	switch t.state {
	case atData:
		if b == iac {
			t.state = atCommand
			return 0, false
		}
		// Where eight bits were not agreed on, a lone CR is sent as CR NUL.
		padding := t.cr && b == 0 && !t.theirs[optionBinary]
		t.cr = b == '\r'
		return b, !padding
	case atCommand:
		switch {
		case b == iac:
			t.state, t.cr = atData, false
			return iac, true
		case b >= will:
			t.verb, t.state = b, atOption
		case b == sb:
			t.state = inside
		default:
			t.state = atData
		}
	case atOption:
		t.state = atData
		*answer = append(*answer, t.reply(b)...)
	case inside:
		if b == iac {
			t.state = insideIAC
		}
	case insideIAC:
		t.state = inside
		if b == se {
			t.state = atData
		}
	}
	return 0, false
}

// reply answers a request: eight bits and no go-aheads are agreed to, all else is
// refused. What changes nothing is not answered, else two sides could go on for
// ever (RFC 854).
func (t *telnet) reply(option byte) []byte {
	used, yes, no := &t.theirs, byte(do), byte(dont)
	if t.verb == do || t.verb == dont {
		used, yes, no = &t.mine, will, wont
	}
	asked := t.verb == will || t.verb == do
	known := option == optionBinary || option == optionGoAhead
	switch {
	case !known && asked:
		return []byte{iac, no, option}
	case !known || used[option] == asked:
		return nil
	}
	used[option] = asked
	if asked {
		return []byte{iac, yes, option}
	}
	return []byte{iac, no, option}
}
