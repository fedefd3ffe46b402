package frame_test

import (
	"bytes"
	"io"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// withParity is a text of seven bits as 8N1 reads it when it is sent as 7E1.
func withParity(text string) string {
	b := []byte(text)
	for i := range b {
		b[i] |= byte(bits.OnesCount8(b[i])&1) << 7
	}
	return string(b)
}

func withoutParity(text []byte) []byte {
	b := bytes.Clone(text)
	for i := range b {
		b[i] &= 0x7F
	}
	return b
}

// simulatedLog returns what a simulated log holds.
func simulatedLog(t testing.TB, query string) []byte {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	data, err := io.ReadAll(s)
	must(t, err)
	return data
}

// withoutReceived returns the records with the text of seven bits in place of
// what was received.
func (c *collector) withoutReceived() []record.Record {
	var list []record.Record
	for _, r := range c.records {
		switch r := r.(type) {
		case *record.Telegram:
			x := *r
			x.ReceivedRaw = nil
			list = append(list, &x)
		case *record.Noise:
			x := *r
			x.Data = withoutParity(r.Data)
			list = append(list, &x)
		}
	}
	return list
}

// A clean stream gives the same records with parity bits and without.
func TestParityIsRemoved(t *testing.T) {
	for _, name := range []string{"be", "dsmr3", "nl", "se"} {
		query := "telegrams=20&meter=" + name
		log := simulatedLog(t, query+"&parity=even")
		got, want := frameBytes(t, log), frameBytes(t, simulatedLog(t, query))
		if !reflect.DeepEqual(got.withoutReceived(), want.records) {
			t.Errorf("%s: other records than without parity:\ngot  %s\nwant %s", name, got.statuses(), want.statuses())
		}
		if !bytes.Equal(got.received(t), log) {
			t.Errorf("%s: the records joined are not the log", name)
		}
		for _, x := range got.telegrams() {
			if !bytes.Equal(withoutParity(x.ReceivedRaw), x.Raw) || bytes.Equal(x.ReceivedRaw, x.Raw) {
				t.Fatalf("%s: received %q\nraw      %q", name, x.ReceivedRaw, x.Raw)
			}
		}
	}
}

// Wherever a stream begins or ends, parity does not change what is a telegram.
func TestParityFromAnywhereToAnywhere(t *testing.T) {
	tel := sent(t, "meter=dsmr3", 4)
	plain := strings.Join(tel, "")
	wire := withParity(plain)
	check := func(from, to int) {
		t.Helper()
		got, want := frameBytes(t, []byte(wire[from:to])), frameBytes(t, []byte(plain[from:to]))
		if !reflect.DeepEqual(got.withoutReceived(), want.records) {
			t.Errorf("bytes %d to %d, %q…: got %s, want %s", from, to, plain[from:min(from+20, to)], got.statuses(), want.statuses())
		}
		if string(got.received(t)) != wire[from:to] {
			t.Fatalf("bytes %d to %d: the records joined are not the stream", from, to)
		}
	}
	for n := range len(tel[0]) {
		check(n, len(plain))
		check(0, n)
	}
}

// The port may be set otherwise, or the meter changed, at any time: after a pause, or
// after a telegram that was cut off, if not in the middle of so long a line that what
// follows it without a pause is the smaller part.
func TestParityChangesInAStream(t *testing.T) {
	const changed = 3
	for _, name := range []string{"dsmr4", "nl", "se"} {
		tel := sent(t, "meter="+name, 2*changed)
		before, after := strings.Join(tel[:changed], ""), strings.Join(tel[changed:], "")
		for _, cut := range []int{0, 1, len(tel[0]) / 3, len(tel[0]) / 2, len(tel[0]) - 8} {
			half := tel[0][:cut]
			plain := before + half + after + half + before
			for _, wire := range []string{
				before + half + withParity(after+half) + before,
				withParity(before+half) + after + half + withParity(before),
			} {
				got := frameBytes(t, []byte(wire))
				if string(got.received(t)) != wire {
					t.Fatalf("%s: the records joined are not the stream", name)
				}
				var ok, want []string
				for _, x := range got.telegrams() {
					if x.Status == record.OK {
						ok = append(ok, string(x.Raw))
					}
				}
				for _, x := range frameBytes(t, []byte(plain)).telegrams() {
					if x.Status == record.OK {
						want = append(want, string(x.Raw))
					}
				}
				if len(want) != 3*changed || !reflect.DeepEqual(ok, want) {
					t.Errorf("%s, cut off at %q: %d telegrams are ok, %d without parity", name, half[max(len(half)-20, 0):], len(ok), len(want))
				}
			}
		}
	}
}

// An ordinary stream is never taken for one with parity, wherever it begins and
// whatever the line does to it.
func TestOrdinaryStreamsHaveNoParity(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	noises := append(sim.Noises(), "burst&rate=0.5", "slip&rate=1", "slip&rate=1&resync=pause",
		"flip&rate=0.01", "late&rate=0.02", "slow-fall&rate=0.1", "slow-rise&rate=0.1")
	for _, name := range sim.Meters() {
		for _, noise := range noises {
			query := "telegrams=12&meter=" + name + "&noise=" + noise
			log := simulatedLog(t, query)
			for range longtest.Pick(2, 20, 20) {
				from := dice.IntN(len(log) / 2)
				for _, x := range frameBytes(t, log[from:]).telegrams() {
					if x.ReceivedRaw != nil && x.Cipher == "" {
						t.Fatalf("%s from %d: parity was removed from %q", query, from, x.ReceivedRaw)
					}
				}
			}
		}
	}
}

// The message of Hungarian meters holds 1,024 bytes of even parity; even alone,
// and with bit 7 of the text in front of it hit, it is no text with parity.
func TestFillerIsNoParity(t *testing.T) {
	tel := sent(t, "meter=hu", 3)
	message := tel[0][strings.Index(tel[0], "0-0:96.13.0("):]
	hit := strings.Replace(message, "13.0(", "\xB13.0(", 1)
	blanks := strings.ReplaceAll(message, "\xFF", "\xA0")
	for _, stream := range []string{message, hit, message + tel[1], hit + tel[1], hit + hit + hit, blanks + tel[1]} {
		got := frameBytes(t, []byte(stream))
		for _, x := range got.telegrams() {
			if x.ReceivedRaw != nil {
				t.Errorf("parity was removed from %q", x.ReceivedRaw)
			}
		}
		if strings.HasSuffix(stream, tel[1]) && !strings.HasSuffix(got.statuses(), " ok") {
			t.Errorf("the telegram after it is not ok: %s", got.statuses())
		}
	}
}

// One line tells, if it holds an OBIS code and enough bytes of one kind.
func TestParityOfALine(t *testing.T) {
	const import1 = "1-0:1.8.1(02345.678*kWh)\r\n" // parity changes 14 of its bytes, 12 it does not
	hit := func(line string, places ...int) string {
		b := []byte(withParity(line))
		for _, at := range places {
			b[at] ^= 0x80
		}
		return string(b)
	}
	cases := []struct {
		name, line string
		want       bool
	}{
		{"plain", import1, false},
		{"parity", hit(import1), true},
		{"the shortest line", withParity("0-0:96.13.1()\r\n"), true},
		{"words before it", "Welcome to minicom 2.8\r\n\r\n" + hit(import1), true},
		{"no OBIS line", withParity("(01234.567)\r\n"), false},
		{"few bytes are hit", hit(import1, 10, 16), true},
		{"many bytes are hit", hit(import1, 10, 11, 12, 13, 14, 15, 16), false},
		{"too little to tell", "\xB1-0:96.3.0(\xB1", false},
		{"bit 7 of a plain line is hit", "\xB1-0:1.8.1(02345.678*kWh)\r\n", false},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			got := frameBytes(t, []byte(x.line))
			found := false
			for _, tel := range got.telegrams() {
				found = found || tel.ReceivedRaw != nil
			}
			if found != x.want || string(got.received(t)) != x.line {
				t.Errorf("parity removed: %v, want %v; %s", found, x.want, got.statuses())
			}
		})
	}
}

// parityNoise is a stream with parity and every kind of damage.
func parityNoise(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{"dsmr3", "nl"} {
		for _, noise := range sim.Noises() {
			all = append(all, simulatedLog(t, "parity=even&telegrams=12&meter="+name+"&noise="+noise)...)
		}
	}
	return all
}

func TestParityAnyChunking(t *testing.T) {
	stream := parityNoise(t)
	want := frameBytes(t, stream)
	if !bytes.Equal(want.received(t), stream) {
		t.Error("the records joined are not the stream")
	}
	readers := map[string]io.Reader{
		"one byte": iotest.OneByteReader(bytes.NewReader(stream)),
		"half":     iotest.HalfReader(bytes.NewReader(stream)),
		"random":   &randomReader{bytes.NewReader(stream), rand.New(rand.NewPCG(5, 6))},
	}
	for name, r := range readers {
		if got := frameReader(t, r, 3000); !reflect.DeepEqual(got.records, want.records) {
			t.Errorf("%s: other records than in one piece", name)
		}
	}
}

// A byte whose parity is wrong is damaged: without a CRC the telegram is bad,
// with one that holds over the text it is ok.
func TestWrongParity(t *testing.T) {
	hit := func(telegram string, mask byte) string {
		b := []byte(telegram)
		b[strings.Index(telegram, "(\x30")+1] ^= mask // a digit 0 of a value
		return string(b)
	}
	var old, new []string
	for _, s := range sent(t, "meter=dsmr3", 4) {
		old = append(old, withParity(s))
	}
	for _, s := range sent(t, "meter=nl", 3) {
		new = append(new, withParity(s))
	}
	cases := []framedCase{
		{"bit 7, no CRC", old[0] + hit(old[1], 0x80) + old[2] + old[3], "unchecked bad unchecked unchecked"},
		{"a data bit, no CRC", old[0] + hit(old[1], 0x01) + old[2] + old[3], "unchecked bad unchecked unchecked"},
		{"two bits, no CRC: not seen", old[0] + hit(old[1], 0x03) + old[2] + old[3], "unchecked unchecked unchecked unchecked"},
		{"bit 7 before it is known", hit(old[0], 0x80) + old[1] + old[2] + old[3], "bad unchecked unchecked unchecked"},
		{"bit 7 among the first: there is no CRC all the same", hit(old[0], 0x80) + hit(old[1], 0x80) + old[2], "bad bad unchecked"},
		{"bit 7 of an LF", old[0] + strings.Replace(old[1], "\n", "\x8A", 1) + old[2] + old[3], "unchecked bad unchecked unchecked"},
		{"bit 7 of a '/'", old[0] + "/" + old[1][1:] + old[2] + old[3], "unchecked bad unchecked unchecked"},
		{"bit 7, CRC", new[0] + hit(new[1], 0x80) + new[2], "ok ok ok"},
		{"a data bit, CRC", new[0] + hit(new[1], 0x01) + new[2], "ok bad ok"},
	}
	checkFramed(t, cases)
}

// Parity and a log without CR together.
func TestParityWithoutCR(t *testing.T) {
	for _, name := range []string{"nl", "dsmr3"} {
		tel := sent(t, "meter="+name, 3)
		stream := strings.ReplaceAll(withParity(strings.Join(tel, "")), "\x8D", "")
		got := frameBytes(t, []byte(stream))
		for i, x := range got.telegrams() {
			if x.EOL != record.EOLLF || !x.Status.Valid() || string(x.Raw) != tel[i] {
				t.Errorf("%s: telegram %d: eol %q, status %s, raw %q", name, i+1, x.EOL, x.Status, x.Raw)
			}
		}
		if string(got.received(t)) != stream || len(got.telegrams()) != 3 {
			t.Errorf("%s: %s, and the records joined may not be the stream", name, got.statuses())
		}
	}
}

// What was found out holds after a gap; another source, and a logger's header,
// make it open again.
func TestParityOfEachStream(t *testing.T) {
	tel := sent(t, "meter=nl", 4)
	const logger = "=~=~=~=~= PuTTY log 2026.03.01 00:00:00 =~=~=~=~=\r\n"
	wire := withParity(tel[1])
	tail := wire[strings.LastIndex(wire, "("):] // no OBIS code: it shows nothing
	chunk := func(source string, offset int, text string) record.Record {
		return &record.Chunk{Origin: record.Origin{Source: source, Offset: int64(offset)}, Data: []byte(text)}
	}
	cases := []struct {
		name    string
		records []record.Record
		want    string // E for a telegram with received, - for one without
	}{
		{"sources", []record.Record{chunk("a", 0, wire), chunk("b", 0, tel[0]), chunk("a", len(wire), wire)}, "E-E"},
		{"gap", []record.Record{
			chunk("a", 0, wire), &record.Gap{Origin: record.Origin{Source: "a", Offset: 5000}, Why: record.GapOverrun},
			chunk("a", 5000, "0-0:96.3.0(0\n"+tail), // and a line that is the same with parity and without
		}, "EE"},
		{"logger's header", []record.Record{chunk("a", 0, logger+tel[0]+logger+wire+logger+tel[2])}, "-E-"},
		{"no parity any more", []record.Record{chunk("a", 0, wire+tel[0])}, "E-"},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			c := &collector{}
			f := frame.New(c, frame.Options{})
			for _, r := range x.records {
				must(t, f.Take(r))
			}
			must(t, f.Close())
			got := ""
			for _, tel := range c.telegrams() {
				if tel.ReceivedRaw != nil {
					got += "E"
				} else {
					got += "-"
				}
			}
			if got != x.want {
				t.Errorf("got %s, want %s: %s", got, x.want, c.statuses())
			}
		})
	}
}

// Live, a telegram with parity is out at the pause after its last byte.
func TestParityLive(t *testing.T) {
	chunk := func(offset int, text string) *record.Chunk {
		return &record.Chunk{
			Origin: record.Origin{Source: "tty", Session: "s", Offset: int64(offset)},
			Live:   true, End: record.EndPause, Data: []byte(text),
		}
	}
	for _, name := range []string{"nl", "dsmr3"} {
		c := &collector{}
		f := frame.New(c, frame.Options{})
		offset := 0
		for i, x := range sent(t, "meter="+name, 5) {
			text := strings.TrimSuffix(withParity(x), "\x8D\n")
			must(t, f.Take(chunk(offset, text)))
			offset += len(text)
			if want := i + 1; len(c.telegrams()) != want && (name == "nl" || i >= 3) {
				t.Errorf("%s: %d telegrams after %d, %s", name, len(c.telegrams()), want, c.statuses())
			}
			must(t, f.Expire())
		}
	}
}

// judged counts the telegrams without CRC of a noisy line.
type judged struct{ hit, seen, missed int }

// judge frames what a line delivers, and compares the telegrams that are
// unchecked with what was sent.
func judge(t *testing.T, query string) judged {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	var log []byte
	sentAt := map[int64]sim.Transmission{}
	j := judged{}
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		sentAt[int64(len(log))] = x
		log = append(log, x.Logged...)
		if x.Hits > 0 {
			j.hit++
		}
	}
	got := frameBytes(t, log)
	if !bytes.Equal(got.received(t), log) {
		t.Errorf("%s: the records joined are not the log", query)
	}
	for _, x := range got.telegrams() {
		switch from := sentAt[x.Offset]; {
		case x.Status != record.Unchecked:
			j.seen++
		case !bytes.Equal(x.Raw, from.Sent):
			j.missed++
			checkEvenDamage(t, from, x)
		}
	}
	return j
}

// checkEvenDamage checks that no byte of an unchecked telegram is damaged in a
// way that its parity shows.
func checkEvenDamage(t *testing.T, sent sim.Transmission, got *record.Telegram) {
	t.Helper()
	if len(sent.Received) != len(sent.Sent) {
		return // bytes are lost or added; which of them is not known
	}
	wire := withParity(string(sent.Sent))
	for i, b := range sent.Received {
		if bits.OnesCount8(b^wire[i])&1 == 1 && got.ReceivedRaw != nil {
			t.Errorf("telegram %d is unchecked, but byte %d arrived as %02X for %02X", sent.Seq, i, b, wire[i])
		}
	}
}

// Parity shows nearly all damage in streams without CRC. What it cannot show is
// an even number of hit bits in a byte, and a byte that is gone.
func TestParityShowsDamage(t *testing.T) {
	for _, x := range []struct {
		noise string
		most  int // telegrams of 400 that are unchecked and wrong
	}{
		{"clean", 0}, {"flip", 0}, {"flip&rate=0.0005", 0}, {"slow-rise", 21}, {"slow-fall", 16},
		{"late", 8}, {"burst", 0}, {"slip", 0}, {"cut", 0}, {"delete", 18}, {"overrun", 25},
	} {
		query := "meter=dsmr3&telegrams=400&logger=raw&noise=" + x.noise
		with, without := judge(t, query+"&parity=even"), judge(t, query)
		t.Logf("%-20s with parity %+v, without %+v", x.noise, with, without)
		if x.noise != "clean" && with.hit == 0 {
			t.Errorf("%s: no telegram is hit", x.noise)
		}
		if with.missed > x.most || with.missed > without.missed {
			t.Errorf("%s: %d wrong telegrams are unchecked, %d without parity", x.noise, with.missed, without.missed)
		}
	}
}
