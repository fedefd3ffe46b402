package sim

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"testing"
)

// lineTally is what became of the characters of many telegrams.
type lineTally struct{ sent, hits, spoilt, struck int }

func tallyOf(t *testing.T, query string) lineTally {
	t.Helper()
	var c lineTally
	for _, x := range simulate(t, query) {
		c.sent += len(x.Sent)
		c.hits += x.Hits
		c.spoilt += x.Spoilt
		c.struck += x.Struck
	}
	return c
}

// bits is so many bit times at 115200 baud in µs, as a query has them.
func bits115200(n float64) string { return fmt.Sprintf("%.6g", n*1e6/115200) }

// What is read when edges scatter, as it was simulated apart from this package: the
// characters that are wrong in Dutch telegrams, the slips that begin there included.
// A slip ends after 17 characters on average, so n of them give a share that is off by
// 1/√(n/17); the shares are given to one or two digits.
func TestScatterOfEdges(t *testing.T) {
	for _, c := range []struct {
		noise     string
		scatter   float64 // bit times
		want      float64 // share of the characters
		tolerance float64 // as a factor
	}{
		{"noise=jitter&scatter=", 0.08, 0.0005, 1.8},
		{"noise=jitter&scatter=", 0.10, 0.013, 1.2},
		{"noise=jitter&scatter=", 0.12, 0.08, 1.15},
		{"noise=jitter&scatter=", 0.20, 0.57, 1.05},
		// Common to the data edges of a character, against its start edge. The first of
		// these shares stood on three or four slips.
		{"noise=jitter&shift=", 0.12, 0.0002, 3.5},
		{"noise=jitter&shift=", 0.20, 0.056, 1.2},
		{"noise=clock&clock-error=2&scatter=", 0.05, 0.0008, 1.8},
	} {
		query := c.noise + bits115200(c.scatter) + "&meter=nl&telegrams=300"
		got := tallyOf(t, query)
		within(t, query, got.spoilt, got.sent, c.want/c.tolerance, c.want*c.tolerance)
	}
}

// A clock that is off by 3 % does nothing by itself; nor by 4.2 %, which is still less
// than half a bit in 9.5 bits with a sixteenth of a bit to spare; one that is slower
// by 5.0 % does.
func TestClockAlone(t *testing.T) {
	for _, c := range []struct {
		percent string
		harms   bool
	}{{"3", false}, {"-3", false}, {"4.2", false}, {"-4.2", false}, {"5", true}} {
		got := tallyOf(t, "noise=clock&scatter=0&meter=nl&telegrams=40&clock-error="+c.percent)
		if harms := got.spoilt > 0; harms != c.harms {
			t.Errorf("a clock off by %s %%: %d of %d characters wrong", c.percent, got.spoilt, got.sent)
		}
	}
}

// Where a slip ends: after 17 characters on average if the receiver waits for an edge,
// after 3 if it takes a low stop bit for a start bit. One that takes any low level for
// a start goes on until a pause.
func TestWhereSlipsEnd(t *testing.T) {
	const query = "noise=slip&rate=1&meter=nl&telegrams=600&resync="
	for _, c := range []struct {
		resync    string
		low, high float64
	}{{"edge", 16, 19}, {"low", 2.7, 3.5}} {
		got := tallyOf(t, query+c.resync)
		if mean := float64(got.spoilt) / 600; mean < c.low || mean > c.high {
			t.Errorf("resync=%s: a slip takes %.1f characters, want %g to %g", c.resync, mean, c.low, c.high)
		}
	}
	for _, x := range simulate(t, query+"level") {
		if tail := string(x.Sent[len(x.Sent)-4:]); strings.HasSuffix(string(x.Received), tail) {
			t.Fatalf("resync=level: telegram %d ends %q: the slip was over", x.Seq, tail)
		}
	}
}

// Falling edges that are late by more than half a bit, that of the start bit among
// them, make the last 0 before a 1 a 1, and bit 7, which the stop bit follows: '0' is
// read as B8. A start bit before a 1 is over before its middle.
func TestAllFallingEdgesLate(t *testing.T) {
	late := func(c []character) {
		slowFall(newDice(1, forLine), settings{rate: 1, first: 1, spell: 1, late: 0.6}, c)
	}
	if got := through(uart{clock: looks}, []byte("000"), late); string(got) != "\xB8\xB8\xB8" {
		t.Errorf("000 is read as % X", got)
	}
	for b := 0; b < 256; b += 2 {
		want := byte(b) | byte(b)>>1 | 0x80
		if got := through(uart{clock: looks}, []byte{byte(b)}, late); len(got) != 1 || got[0] != want {
			t.Errorf("%02X is read as % X, want %02X", b, got, want)
		}
	}
	if got := through(uart{clock: looks}, []byte("\xFF"), late); len(got) != 0 {
		t.Errorf("FF is read as % X", got)
	}
}

// What shows is lateness against its scatter: these lines give the same share of errors.
func TestLatenessAgainstScatter(t *testing.T) {
	var shares []float64
	for _, late := range [][2]float64{{0.30, 0.042}, {0.36, 0.030}, {0.42, 0.018}} {
		got := tallyOf(t, fmt.Sprintf("meter=nl&telegrams=1000&noise=slow-rise&rate=1&late=%s&scatter=%s", bits115200(late[0]), bits115200(late[1])))
		if got.struck != got.sent {
			t.Errorf("%d of %d characters are struck by a systematic line", got.struck, got.sent)
		}
		shares = append(shares, float64(got.hits)/float64(got.sent))
	}
	t.Log(shares)
	for _, s := range shares[1:] {
		if r := s / shares[0]; !(r > 0.6 && r < 1.7) { // some 150 hits each
			t.Errorf("shares of %.6f, want all alike", shares)
		}
	}
}

// The microseconds of an option are bit times of the meter's own line: at 9600 baud
// what is half a bit at 115200 is next to nothing.
func TestMicrosecondsOfASlowerLine(t *testing.T) {
	const query = "noise=slow-rise&rate=1&late=6&scatter=0.1&telegrams=10&meter="
	if got := tallyOf(t, query+"nl"); got.spoilt < got.sent*9/10 {
		t.Errorf("115200 baud: %d of %d characters are wrong", got.spoilt, got.sent)
	}
	for _, meter := range []string{"dsmr2", "dsmr3", "q3d"} {
		if got := tallyOf(t, query+meter); got.spoilt != 0 || got.struck != got.sent {
			t.Errorf("%s, 9600 baud: %d of %d characters are wrong, %d struck", meter, got.spoilt, got.sent, got.struck)
		}
		if got := tallyOf(t, strings.ReplaceAll(query, "late=6", "late=72")+meter); got.spoilt < got.sent*9/10 {
			t.Errorf("%s, twelve times as late: %d of %d characters are wrong", meter, got.spoilt, got.sent)
		}
	}
}

// A spell begins with the rate that is given, and lasts up to as long as is given.
func TestSpells(t *testing.T) {
	d := newDice(1, forLine)
	chars := make([]character, 200_000)
	for i := range chars {
		chars[i] = sentAs('0')
	}
	jitter(d, settings{rate: 0.001, first: 0.001, spell: 9, scatter: 0.1}, chars)
	begun, long, longest := 0, 0, 0
	for i := range chars {
		if !chars[i].hit {
			long = 0
			continue
		}
		if long == 0 {
			begun++
		}
		long++
		longest = max(longest, long)
	}
	if begun < 155 || begun > 245 || longest < 8 || longest > 27 {
		t.Errorf("%d spells, the longest of %d characters", begun, longest)
	}
}

// Interference: what a pulse of one bit time does around the middle of bit 4.
func TestPulses(t *testing.T) {
	for _, c := range []struct {
		sent byte
		high bool
		want byte
	}{{'0', false, ' '}, {'0', true, '0'}, {' ', true, '0'}, {' ', false, ' '}, {'U', false, 'E'}, {'U', true, 'U'}} {
		hold := func(chars []character) {
			chars[0].pull = pull{at: 5*bitTime + bitTime/8, long: bitTime * 3 / 4, high: c.high}
		}
		if got := through(uart{clock: looks}, []byte{c.sent, 'U'}, hold); string(got) != string([]byte{c.want, 'U'}) {
			t.Errorf("%q pulled, high %v: read as % X, want %02X", c.sent, c.high, got, c.want)
		}
	}
	// A start bit that is pulled up is none; a pulse in the pause makes a byte.
	up := func(chars []character) { chars[0].pull = pull{long: bitTime, high: true} }
	if got := through(uart{clock: looks}, []byte{0xFF, 'U'}, up); string(got) != "U" {
		t.Errorf("without its start bit: % X", got)
	}
	early := func(chars []character) { chars[0].pull = pull{at: -20 * bitTime, long: bitTime * 2} }
	if got := through(uart{clock: looks}, []byte("0U"), early); string(got) != "\xFE0U" {
		t.Errorf("pulled down in the pause: % X", got)
	}
}

// A pulse pulls one way, or either; in a pause it adds a byte, which is counted.
func TestPulsesThroughTheLine(t *testing.T) {
	for _, way := range []string{"down", "up", "either"} {
		lost, won := 0, 0 // ones
		for _, x := range simulate(t, "meter=se&telegrams=200&noise=pulse&rate=0.002&longest=4&pull="+way) {
			if len(x.Received) != len(x.Sent) || x.Hits > 1 {
				continue // the start bit was hit, or several
			}
			for i, b := range x.Received {
				lost += bits.OnesCount8(x.Sent[i] &^ b)
				won += bits.OnesCount8(b &^ x.Sent[i])
			}
		}
		if (lost > 0) != (way != "up") || (won > 0) != (way != "down") {
			t.Errorf("pull=%s: %d ones lost, %d zeros", way, lost, won)
		}
	}
	added := 0
	for _, x := range simulate(t, "meter=se&telegrams=200&noise=pulse&rate=0.00001&pause-rate=1&pull=down&longest=30") {
		if strings.HasSuffix(string(x.Received), string(x.Sent)) && len(x.Received) > len(x.Sent) {
			added++
			if x.Hits != len(x.Received)-len(x.Sent) || x.Spoilt != 0 {
				t.Errorf("telegram %d: %d bytes added, %d hits, %d spoilt", x.Seq, len(x.Received)-len(x.Sent), x.Hits, x.Spoilt)
			}
		}
	}
	if added == 0 {
		t.Error("no byte was added in a pause")
	}
}

// The three receivers after a stop bit that is low: the line is held low for 12 bit
// times, and is high from then on until the next character begins at 20.
func TestLowStopBit(t *testing.T) {
	low := func(chars []character) { chars[0].pull = pull{long: 12 * bitTime} }
	for _, c := range []struct {
		resync string
		want   []byte
	}{
		{"edge", []byte{0x00, 'U'}},
		{"low", []byte{0x00, 0xFC, 'U'}},   // a start bit with its middle at 9.5: bit 0 at 10.5, bit 1 at 11.5
		{"level", []byte{0x00, 0xFE, 'U'}}, // a start bit that begins at 10: bit 0 at 11.5
	} {
		if got := through(uart{clock: looks, resync: c.resync}, []byte("\x00\xFFU"), low); string(got) != string(c.want) {
			t.Errorf("%s: read as % X, want % X", c.resync, got, c.want)
		}
	}
}

// However bad the line, and whatever the receiver, what comes out is counted right.
func TestHopelessLines(t *testing.T) {
	noises := []string{
		"slow-rise&rate=1&late=10000&scatter=10000", "slow-fall&rate=1&late=9&common=9", "jitter&shift=3000", "jitter&scatter=40&spell=3&rate=0.1",
		"pulse&rate=1&longest=10000", "pulse&rate=1&pull=down&longest=200", "clock&clock-error=5&scatter=20", "clock+jitter+pulse+slow-rise+slow-fall+slip+flip+late",
	}
	for _, noise := range noises {
		for _, receiver := range []string{"resync=edge", "resync=low&gap=1", "resync=level&gap=2", "resync=level&framing=drop", "resync=low&parity=even"} {
			query := "meter=se&telegrams=3&noise=" + noise + "&" + receiver
			for _, x := range simulate(t, query) {
				if x.Hits < x.Spoilt || x.Spoilt > len(x.Sent) || x.Struck > len(x.Sent) {
					t.Errorf("%s: %d hits, %d spoilt, %d struck of %d", query, x.Hits, x.Spoilt, x.Struck, len(x.Sent))
				}
				if added := len(x.Received) - len(x.Sent); added > x.Hits || -added > x.Spoilt {
					t.Errorf("%s: %d bytes of %d, %d hits", query, len(x.Received), len(x.Sent), x.Hits)
				}
			}
		}
	}
}

// The normal distribution: mean, spread, and how much lies beyond 2, 3 and 4 σ.
func TestGauss(t *testing.T) {
	const n = 2_000_000
	d := newDice(3, forLine)
	sum, squares := 0.0, 0.0
	var beyond [5]int
	for range n {
		x := d.gauss()
		sum += x
		squares += x * x
		for k := range beyond {
			if math.Abs(x) > float64(k) {
				beyond[k]++
			}
		}
	}
	if mean := sum / n; math.Abs(mean) > 0.003 {
		t.Errorf("mean %g", mean)
	}
	if v := squares / n; math.Abs(v-1) > 0.005 {
		t.Errorf("variance %g", v)
	}
	for k, want := range []float64{1, 0.3173, 0.0455, 0.0027, 0.0000633} { // erfc(k/√2)
		if expect := want * n; math.Abs(float64(beyond[k])-expect) > 4*math.Sqrt(expect)+1 {
			t.Errorf("beyond %d σ: %d of %d, want %.0f", k, beyond[k], n, expect)
		}
	}
}

// An edge that comes after the next one has no pulse before it: both vanish.
func TestEdgesStayOrdered(t *testing.T) {
	d := newDice(5, forLine)
	chars := make([]character, 3000)
	for i := range chars {
		chars[i] = sentAs(byte(d.below(256)))
	}
	jitter(d, settings{rate: 1, first: 1, spell: 1, scatter: 0.6, shift: 0.5, common: 0.5}, chars)
	pulse(d, settings{rate: 0.3, first: 0.3, longest: 12, pull: "either"}, chars)
	u := uart{clock: looks}
	u.show(chars)
	for i := 1; i < len(u.wave); i++ {
		if a, b := u.wave[i-1], u.wave[i]; b.at < a.at || b.high == a.high {
			t.Fatalf("edge %d: %v after %v", i, b, a)
		}
	}
}

// A line of which every edge is late makes more than 1 MB a second.
func BenchmarkSystematicLine(b *testing.B) {
	for _, noise := range []string{"clean", "slow-rise", "slow-rise&rate=1&late=3.12&scatter=0.26"} {
		b.Run(noise, func(b *testing.B) {
			o, err := ParseOptions("meter=hu&telegrams=1000000&noise=" + noise)
			if err != nil {
				b.Fatal(err)
			}
			s, err := New(o)
			if err != nil {
				b.Fatal(err)
			}
			x, _ := s.Next()
			b.SetBytes(int64(len(x.Sent)))
			for b.Loop() {
				s.Next()
			}
		})
	}
}
