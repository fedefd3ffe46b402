package sim

import (
	"bytes"
	"math/bits"
	"testing"
)

// through sends text through a UART after change had its way with the characters.
func through(u uart, text []byte, change func([]character)) []byte {
	chars := make([]character, len(text))
	for i, b := range text {
		chars[i] = sentAs(b)
	}
	change(chars)
	var out []byte
	for _, h := range u.receive(chars, 0, nil) {
		out = append(out, h.value)
	}
	return out
}

func everyByte() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

func TestUARTReadsACleanLine(t *testing.T) {
	for gap := range 4 {
		got := through(uart{gap: gap, dropFraming: true}, everyByte(), func([]character) {})
		if !bytes.Equal(got, everyByte()) {
			t.Errorf("gap %d: received % X", gap, got)
		}
	}
}

// lateEdges delays the given edges of a character by more than half a bit.
func lateEdges(c *character, edges uint16) {
	for k := range c.late {
		if edges>>k&1 == 1 {
			c.late[k] = bitTime * 6 / 10
		}
	}
}

// What is read when the first 1 after every run of 0s is lost.
func TestSlowRiseReadsOnesAsZeros(t *testing.T) {
	for sent, want := range map[byte]byte{
		'0': ' ', '1': ' ', '2': ' ', '3': '"', '4': ' ', '5': ' ', '6': '$', '7': '&', '8': '0', '9': '0',
		':': '0', 'k': 'B', 'h': '@', 'r': '`', 'v': 'd', '/': 0x0E, '(': 0x00, ')': 0x00, '.': 0x0C,
		'*': 0x00, '-': 0x08, '\r': 0x08, '\n': 0x00, 'W': 0x06, 'A': 0x00,
	} {
		got := through(uart{}, []byte{sent, 'U'}, func(c []character) { lateEdges(&c[0], c[0].rising()) })
		if !bytes.Equal(got, []byte{want, 'U'}) {
			t.Errorf("%q received as % X, want %02X and an untouched 55", sent, got, want)
		}
	}
}

// A late stop bit is a framing error, and does not disturb the next byte.
func TestLateStopBit(t *testing.T) {
	late := func(c []character) { lateEdges(&c[1], 1<<9) }
	if got := through(uart{}, []byte("123"), late); string(got) != "123" {
		t.Errorf("kept: %q", got)
	}
	if got := through(uart{dropFraming: true}, []byte("123"), late); string(got) != "13" {
		t.Errorf("dropped: %q", got)
	}
}

// What is read when the first 0 after every run of 1s is lost.
func TestSlowFallReadsZerosAsOnes(t *testing.T) {
	for sent, want := range map[byte]byte{'0': 'p', '8': 'x', '.': '~', 'A': 0xC3, 'U': 0xFF, '(': 'x', 0xFF: 0xFF} {
		got := through(uart{}, []byte{sent, 'U'}, func(c []character) { lateEdges(&c[0], c[0].falling()&^1) })
		if !bytes.Equal(got, []byte{want, 'U'}) {
			t.Errorf("%q received as % X, want %02X and an untouched 55", sent, got, want)
		}
	}
	// Filler has no other falling edge than its start bit: it vanishes.
	got := through(uart{}, []byte{0xFF, 0xFF, 'U'}, func(c []character) { lateEdges(&c[0], 1) })
	if !bytes.Equal(got, []byte{0xFF, 'U'}) {
		t.Errorf("filler with a late start bit received as % X", got)
	}
	// In a text the receiver gets out of step.
	got = through(uart{}, []byte("1000"), func(c []character) { lateEdges(&c[0], 1) })
	if string(got) == "1000" || !bytes.Contains(got, []byte{0x82}) {
		t.Errorf("text with a late start bit received as % X", got)
	}
}

func TestGlitchFlipsOneBit(t *testing.T) {
	for b := range 256 {
		for k := 1; k <= 8; k++ {
			got := through(uart{}, []byte{byte(b), 'U'}, func(c []character) { c[0].glitch = 1 << k })
			if want := []byte{byte(b) ^ 1<<(k-1), 'U'}; !bytes.Equal(got, want) {
				t.Fatalf("%02X with bit %d inverted received as % X", b, k-1, got)
			}
		}
	}
	start := func(c []character) { c[0].glitch = 1 }
	if got := through(uart{}, []byte{0xFF, 'U'}, start); !bytes.Equal(got, []byte{0xFF, 'U'}) && !bytes.Equal(got, []byte{'U'}) {
		t.Errorf("filler with a glitch in its start bit received as % X", got)
	}
	stop := func(c []character) { c[0].glitch = 1 << 9 }
	if got := through(uart{}, []byte("0U"), stop); string(got) != "0U" {
		t.Errorf("a glitch in the stop bit, kept: % X", got)
	}
	if got := through(uart{dropFraming: true}, []byte("0U"), stop); string(got) != "U" {
		t.Errorf("a glitch in the stop bit, dropped: % X", got)
	}
}

// A receiver that has missed a start edge locks onto the edge within the next
// digits and stays there: it reads '0' as 82, '1' as 8A, '.' as 72 and '-' as
// 6A, or with an idle bit between characters '0' as 06, '1' as 16, '.' as E6.
func TestSlipSignatures(t *testing.T) {
	miss := func(c []character) { c[0].mute = true }
	for _, c := range []struct {
		gap  int
		sent string
		want []byte
	}{
		{0, "00.0-010", []byte{0x98, 0x72, 0x82, 0x6A, 0x82, 0x8A, 0x82, 0xFE}},
		{1, "10.010", []byte{0xCC, 0xE6, 0x06, 0x16, 0x06, 0xFE}},
		{1, "0U", []byte{'0'>>1 | 0x80, 'U'}}, // a single slip
		{0, "\xFF\xFFU", []byte{0xFF, 'U'}},   // filler brings it back into step
	} {
		if got := through(uart{gap: c.gap}, []byte(c.sent), miss); !bytes.Equal(got, c.want) {
			t.Errorf("gap %d: %q received as % X, want % X", c.gap, c.sent, got, c.want)
		}
	}
}

// A receiver that counts on stays out of step over CR and LF, which otherwise
// bring it back.
func TestSlipUntilThePause(t *testing.T) {
	const sent = "00)\r\n1-0:00)\r\n000"
	miss := func(c []character) { c[0].mute = true }
	back := through(uart{}, []byte(sent), miss)
	if !bytes.HasSuffix(back, []byte("\r\n000")) {
		t.Errorf("waiting for edges: received as % X", back)
	}
	for gap := range 3 {
		got := through(uart{gap: gap, resync: "pause"}, []byte(sent), miss)
		if n := len(got) - len(sent); n < -1 || n > 0 || bytes.Contains(got, []byte("0")) {
			t.Errorf("counting on, gap %d: received as % X", gap, got)
		}
		if clean := through(uart{gap: gap, resync: "pause"}, everyByte(), func([]character) {}); !bytes.Equal(clean, everyByte()) {
			t.Errorf("counting on, gap %d: in step received as % X", gap, clean)
		}
	}
	for _, x := range simulate(t, "noise=slip&rate=1&resync=pause&telegrams=50") {
		from := 0
		for x.Received[from] == x.Sent[from] {
			from++
		}
		next := len(x.Sent)
		for _, p := range x.Pauses {
			if p > from {
				next = min(next, p)
			}
		}
		if tail := x.Sent[next:]; !bytes.HasSuffix(x.Received, tail) {
			t.Fatalf("telegram %d, hit at %d: damaged after the pause at %d", x.Seq, from, next)
		}
		if x.Hits < (next-from)*4/5-2 {
			t.Errorf("telegram %d, hit at %d: %d hits up to the pause at %d", x.Seq, from, x.Hits, next)
		}
	}
}

// A character that is sampled a bit time early is shifted by one; its bit 7 is
// read as the stop bit, and the next character is read as it was sent.
func TestLateBytes(t *testing.T) {
	early := func(c []character) { c[1].early = true }
	for b := range 256 {
		sent := []byte{'0', byte(b), 'U'}
		if got := through(uart{}, sent, early); !bytes.Equal(got, []byte{'0', byte(b << 1), 'U'}) {
			t.Fatalf("%02X kept as % X", b, got)
		}
		want := []byte{'0', byte(b << 1), 'U'}
		if b < 0x80 {
			want = []byte("0U")
		}
		if got := through(uart{dropFraming: true}, sent, early); !bytes.Equal(got, want) {
			t.Fatalf("%02X dropped as % X", b, got)
		}
	}
	shifted, sent := 0, 0
	for _, x := range simulate(t, "meter=nl&noise=late&rate=0.01&telegrams=120") {
		sent += len(x.Sent)
		for i, b := range x.Received {
			if b == x.Sent[i]<<1 {
				shifted++
			}
		}
	}
	within(t, "shifted", shifted, sent, 0.0095, 0.0105)
}

// firstOnesLost is the byte in which the first 1 of each run of 1s is lost.
func firstOnesLost(b byte) byte { return b & (b << 1) }

// tally counts what became of sent bytes that arrived one for one.
type tally struct {
	bytes, hit, full, partial, other int
}

func (c *tally) add(sent, received byte) {
	c.bytes++
	lost := sent &^ received
	switch {
	case sent == received:
		return
	case received == firstOnesLost(sent):
		c.full++
	case received&^sent == 0 && lost&^(sent&^(sent<<1)) == 0:
		c.partial++
	default:
		c.other++
	}
	c.hit++
}

func within(t *testing.T, what string, part, whole int, low, high float64) {
	t.Helper()
	share := float64(part) / float64(whole)
	t.Logf("%s: %d of %d = %.4f", what, part, whole, share)
	if share < low || share > high {
		t.Errorf("%s: %d of %d = %.4f, want %g to %g", what, part, whole, share, low, high)
	}
}

// The shares measured on a real line of this kind: 0.17 % of the bytes, 20 to
// 25 % of those after a pause; of the hits to fixed text 92 % read as the first
// 1s lost, half of these no longer printable (fewer among the digits of numbers).
func TestSlowRiseFrequencies(t *testing.T) {
	var inside, afterPause, several tally
	unprintable, text, partial := 0, 0, 0
	for _, x := range simulate(t, "noise=slow-rise&logger=raw&telegrams=120") {
		if len(x.Received) != len(x.Sent) {
			t.Fatalf("telegram %d: %d bytes of %d", x.Seq, len(x.Received), len(x.Sent))
		}
		diffs, pauses := 0, x.Pauses
		for i, sent := range x.Sent {
			got := x.Received[i]
			if got != sent {
				diffs++
			}
			if len(pauses) > 0 && i == pauses[0] {
				afterPause.add(sent, got)
				pauses = pauses[1:]
				continue
			}
			inside.add(sent, got)
			if bits.OnesCount8(sent&^(sent<<1)) > 1 {
				several.add(sent, got)
			}
			if got == sent || sent == 0xFF {
				continue
			}
			text++
			switch r := firstOnesLost(sent); {
			case got != r:
				partial++
			case r < 0x20 || r > 0x7E:
				unprintable++
			}
		}
		if diffs != x.Hits {
			t.Fatalf("telegram %d: %d bytes differ, %d hits", x.Seq, diffs, x.Hits)
		}
	}
	within(t, "hit", inside.hit, inside.bytes, 0.0015, 0.0019)
	within(t, "hit after a pause", afterPause.hit, afterPause.bytes, 0.20, 0.25)
	within(t, "some of several edges", several.partial, several.hit, 0.04, 0.12)
	within(t, "partial in the text", partial, text, 0.04, 0.1)
	within(t, "unprintable in the text", unprintable, text, 0.28, 0.5)
	if n := inside.other + afterPause.other; n > 0 {
		t.Errorf("%d bytes changed in other ways", n)
	}
}

// The edge to the stop bit is a rising one too. Where the lateness is common to a
// character, a driver that throws away framing errors deletes nearly each one that is
// hit; where each edge is late for itself, as many as the edges to stop bits are among
// all that rise.
func TestSlowRiseDeletesWhereFramingErrorsAreDropped(t *testing.T) {
	hits, lost := 0, 0
	for _, x := range simulate(t, "meter=nl&noise=slow-rise&rate=0.05&framing=drop&telegrams=60") {
		hits += x.Hits
		lost += len(x.Sent) - len(x.Received)
	}
	within(t, "deleted, common lateness", lost, hits, 0.9, 1)
	hits, lost = 0, 0
	edges, stops := 0, 0
	for _, x := range simulate(t, "meter=nl&noise=slow-rise&rate=1&late=3.12&scatter=0.36&framing=drop&telegrams=300") {
		hits += x.Hits
		lost += len(x.Sent) - len(x.Received)
		for _, b := range x.Sent {
			stops++
			edges += 1 + bits.OnesCount8(b&^(b<<1))
		}
	}
	share := float64(stops) / float64(edges)
	within(t, "deleted, edges on their own", lost, hits, share*0.75, share*1.25)
}

func TestFlipRate(t *testing.T) {
	single, sent := 0, 0
	for _, x := range simulate(t, "meter=nl&noise=flip&telegrams=120") {
		sent += len(x.Sent)
		if len(x.Sent) == len(x.Received) {
			for i := range x.Sent {
				if bits.OnesCount8(x.Sent[i]^x.Received[i]) == 1 {
					single++
				}
			}
		}
	}
	within(t, "flipped data bits", single, sent*8, 0.00006, 0.00012)
}

// longestLoss is the length of what is missing from sent, if a single run is.
func longestLoss(sent, received []byte) (lost int, single bool) {
	head := 0
	for head < len(received) && sent[head] == received[head] {
		head++
	}
	lost = len(sent) - len(received)
	return lost, bytes.Equal(sent[head+lost:], received[head:])
}

func TestLosses(t *testing.T) {
	for _, c := range []struct {
		query   string
		longest int
	}{
		{"noise=delete&rate=0.0005", 1},
		{"noise=overrun&rate=0.0005", 16},
	} {
		seen := 0
		for _, x := range simulate(t, c.query+"&meter=nl&telegrams=120") {
			lost := len(x.Sent) - len(x.Received)
			if lost != x.Hits {
				t.Fatalf("%s: %d bytes lost, %d hits", c.query, lost, x.Hits)
			}
			if n, single := longestLoss(x.Sent, x.Received); single && n > 0 {
				seen = max(seen, n)
			}
		}
		// Now and then two runs stand side by side and look like one.
		if seen < c.longest || seen > c.longest*2 {
			t.Errorf("%s: the longest run lost is %d, want %d", c.query, seen, c.longest)
		}
	}
}

func TestBurstStaysInPlace(t *testing.T) {
	hit := 0
	for _, x := range simulate(t, "meter=nl&noise=burst&telegrams=120") {
		if len(x.Received) != len(x.Sent) || x.Hits > 30 {
			t.Fatalf("telegram %d: %d hits, %d bytes", x.Seq, x.Hits, len(x.Received))
		}
		if x.Hits > 0 {
			hit++
		}
	}
	within(t, "telegrams with a burst", hit, 120, 0.05, 0.15)
}

func TestCut(t *testing.T) {
	ends, beginnings := 0, 0
	for _, x := range simulate(t, "meter=nl&noise=cut&rate=0.5&telegrams=120") {
		switch {
		case x.Hits == 0:
		case bytes.HasPrefix(x.Sent, x.Received):
			ends++
		case bytes.HasSuffix(x.Sent, x.Received):
			beginnings++
		default:
			t.Fatalf("telegram %d is not a piece of what was sent", x.Seq)
		}
	}
	within(t, "cut", ends+beginnings, 120, 0.4, 0.6)
	within(t, "cut at the beginning", beginnings, ends+beginnings, 0.15, 0.35)
}

// A slip ends at the next pause: what comes after it is untouched.
func TestSlipEndsAtAPause(t *testing.T) {
	slipped := 0
	for _, x := range simulate(t, "noise=slip&rate=1&telegrams=50") {
		if bytes.IndexByte(x.Received, 0x82) >= 0 {
			slipped++
		}
		last := x.Sent[x.Pauses[2]:]
		if head := x.Sent[:x.Pauses[2]]; !bytes.HasPrefix(x.Received, head) && !bytes.HasSuffix(x.Received, last) {
			t.Fatalf("telegram %d: damage on both sides of a pause", x.Seq)
		}
	}
	if slipped < 25 {
		t.Errorf("the signature of a slip shows in %d of 50 telegrams", slipped)
	}
}
