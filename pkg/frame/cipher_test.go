package frame_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/dlms"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// ciphers writes the records as a short text: noise (one word for several in a row,
// since ciphertext may hold what looks like the end of a line), a status, or what
// became of a frame with its status.
func (c *collector) ciphers() string {
	var words []string
	for _, r := range c.records {
		switch r := r.(type) {
		case *record.Telegram:
			word := string(r.Status)
			if r.Cipher != "" {
				word = r.Cipher + ":" + word
			}
			words = append(words, word)
		case *record.Noise:
			if len(words) == 0 || words[len(words)-1] != "noise" {
				words = append(words, "noise")
			}
		}
	}
	return strings.Join(words, " ")
}

func demoKeys(t testing.TB) *dlms.Keys {
	t.Helper()
	key, err := hex.DecodeString(sim.DemoKey)
	must(t, err)
	k, err := dlms.NewKeys(key, nil)
	must(t, err)
	return k
}

func wrongKeys(t testing.TB) *dlms.Keys {
	t.Helper()
	k, err := dlms.NewKeys([]byte("another meter's."), nil)
	must(t, err)
	return k
}

// sealedBy seals a text as a meter does; with another security control than 30 it
// leaves the tag away.
func sealedBy(t testing.TB, title, text string, counter uint32, control byte) string {
	t.Helper()
	key, err := hex.DecodeString(sim.DemoKey)
	must(t, err)
	block, err := aes.NewCipher(key)
	must(t, err)
	gcm, err := cipher.NewGCMWithTagSize(block, 12)
	must(t, err)
	number := binary.BigEndian.AppendUint32(nil, counter)
	auth, _ := hex.DecodeString("00112233445566778899AABBCCDDEEFF")
	body := gcm.Seal(nil, append([]byte(title), number...), []byte(text), append([]byte{control}, auth...))
	if control != 0x30 {
		body = body[:len(text)]
	}
	n := 5 + len(body)
	return "\xDB\x08" + title + "\x82" + string([]byte{byte(n >> 8), byte(n), control}) + string(number) + string(body)
}

// transmissions returns the frames of a simulated meter and the texts in them.
func transmissions(t testing.TB, query string, n int) (frames, texts []string) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	o.Telegrams = n
	s, err := sim.New(o)
	must(t, err)
	for range n {
		x, _ := s.Next()
		frames, texts = append(frames, string(x.Sent)), append(texts, string(x.Plain))
	}
	return frames, texts
}

// frameWith frames a stream in chunks of size bytes, and returns what was said.
func frameWith(t testing.TB, o frame.Options, stream []byte, size int) (*collector, []string, error) {
	t.Helper()
	var said []string
	o.Say = func(text string) { said = append(said, text) }
	c := &collector{}
	f := frame.New(c, o)
	for at := 0; at < len(stream); at += size {
		must(t, f.Take(&record.Chunk{
			Origin: record.Origin{Source: "test", Offset: int64(at)}, Data: bytes.Clone(stream[at:min(at+size, len(stream))]),
		}))
	}
	err := f.Close()
	return c, said, err
}

// Each frame of a clean stream is the telegram in it.
func TestEncrypted(t *testing.T) {
	for _, name := range []string{"lu", "at"} {
		frames, texts := transmissions(t, "meter="+name, 5)
		got, said, err := frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(strings.Join(frames, "")), record.MaxData)
		if err != nil || len(said) > 0 || len(got.telegrams()) != 5 {
			t.Fatalf("%s: %s, said %q, %v", name, got.ciphers(), said, err)
		}
		for i, x := range got.telegrams() {
			if x.Status != record.OK || x.Cipher != "verified" || x.CRC != record.CRCARC || x.Why != "" ||
				string(x.Raw) != texts[i] || string(x.ReceivedRaw) != frames[i] || x.Seq != int64(i+1) {
				t.Errorf("%s: telegram %d: %s %s %s", name, i+1, x.Status, x.CRC, x.Cipher)
			}
		}
		if string(got.received(t)) != strings.Join(frames, "") {
			t.Error("the records joined are not the stream")
		}
	}
}

// hit changes a byte of a text.
func hit(text string, at int) string {
	return text[:at] + string([]byte{text[at] ^ 0x40}) + text[at+1:]
}

// lengthened gives a frame another length by the head.
func lengthened(text string, by int) string {
	n := (int(text[11])<<8 | int(text[12])) + by
	return text[:11] + string([]byte{byte(n >> 8), byte(n)}) + text[13:]
}

// resigned gives a telegram a CRC that holds.
func resigned(text string) string {
	end := strings.LastIndexByte(text, '!') + 1
	return text[:end] + fmt.Sprintf("%04X\r\n", crc.ARC.Sum([]byte(text[:end])))
}

// inMessage puts bytes into the message of a Hungarian telegram, in place of filler.
func inMessage(text, message string) string {
	at := strings.Index(text, "\xFF\xFF") + 100
	return resigned(text[:at] + message + text[at+len(message):])
}

// encryptedStreams are what a line leaves of encrypted and of other telegrams.
func encryptedStreams(t testing.TB) []struct{ name, stream, want string } {
	f, texts := transmissions(t, "meter=lu", 4)
	a, b, c := f[0], f[1], f[2]
	other, _ := transmissions(t, "meter=at", 1)
	hu := sent(t, "meter=hu", 3)
	head := a[:18]
	const ok = "verified:ok"
	return []struct{ name, stream, want string }{
		{"clean", a + b + c, ok + " " + ok + " " + ok},
		{"line ends between", a + "\r\n" + b + "\r\n" + c + "\r\n", ok + " noise " + ok + " noise " + ok + " noise"},
		{"starts in the middle", a[500:] + b, "noise " + ok},
		{"ciphertext hit", a + hit(b, 300) + c, ok + " failed:bad " + ok},
		{"counter hit", a + hit(b, 15) + c, ok + " failed:bad " + ok},
		{"tag hit", a + hit(b, len(b)-1) + c, ok + " failed:bad " + ok},
		{"a byte lost", a + b[:300] + b[301:] + c, ok + " truncated:bad " + ok},
		{"the last byte lost", a + b[:len(b)-1] + c, ok + " truncated:bad " + ok},
		{"the last byte lost, line ends between", a + b[:len(b)-1] + "\r\n" + c, ok + " failed:bad noise " + ok},
		{"many bytes lost", a + b[:300] + b[500:] + c, ok + " truncated:bad " + ok},
		{"cut in its head", a + b[:9] + c, ok + " noise " + ok},
		{"a byte added", a + b[:300] + "x" + b[300:] + c, ok + " failed:bad noise " + ok},
		{"ends in the middle", a + b[:400], ok + " truncated:bad"},
		{"ends in the head", a + b[:9], ok + " noise"},
		{"the first is cut", a[:400] + b, "truncated:bad " + ok},
		{"length too long", a + lengthened(b, 256) + c, ok + " truncated:bad " + ok},
		{"length much too long, first of all", lengthened(a, 0x4000) + b + c, "truncated:bad " + ok + " " + ok},
		{"length too short", a + lengthened(b, -256) + c, ok + " failed:bad noise " + ok},
		{"length past the end", a + lengthened(b, 0x4000), ok + " truncated:bad"},
		{"no length", a + hit(b, 10) + c, ok + " noise " + ok},
		{"begin hit", a + hit(b, 0) + c, ok + " noise " + ok},
		{"title hit", a + hit(b, 6) + c, ok + " failed:bad " + ok},
		{"control hit", a + hit(b, 13) + c, ok + " noise " + ok},
		{"two meters", a + other[0] + b, ok + " " + ok + " " + ok},
		{"a head alone", head, "truncated:bad"},
		{"heads alone", head + head + a, "truncated:bad truncated:bad " + ok},
		{"plain before", hu[0] + a + b, "ok " + ok + " " + ok},
		{"plain after", a + b + hu[0] + hu[1], ok + " " + ok + " ok ok"},
		{"plain between", a + hu[0] + b + hu[1], ok + " ok " + ok + " ok"},
		{"plain without its line end before", strings.TrimSpace(hu[0]) + a, "ok " + ok},
		{"plain cut before", hu[0] + hu[1][:500] + a + b, "ok bad " + ok + " " + ok},
		{"plain cut in its header before", hu[0] + hu[1][:9] + a + b, "ok noise " + ok + " " + ok},
		{"plain cut, known meter", a + hu[1][:500] + b, ok + " bad " + ok},
		{"cut, plain after", a[:500] + hu[0] + b, "truncated:bad ok " + ok},
		{"the last bytes lost, plain after", a + b[:len(b)-5] + hu[0], ok + " truncated:bad ok"},
		{"head in a message", inMessage(hu[0], head) + hu[1], "ok ok"},
		{"head in a message, a digit hit", hu[0] + hit(inMessage(hu[1], head), strings.Index(hu[1], "kWh")-3) + hu[2], "ok bad ok"},
		{"head in a message, a line broken", hu[0] + hit(inMessage(hu[1], head), strings.Index(hu[1], "kWh")+3) + hu[2], "ok bad ok"},
		{"DB 08 in a message", inMessage(hu[0], "\xDB\x08\r\n\xDB\x08SAG\xDB\x08SAG12345\x82\x10") + hu[1], "ok ok"},
		{"DB in a line", hu[0] + strings.Replace(hu[1], "1.8.1(0", "1.8.1(\xDB\x08", 1) + hu[2], "ok bad ok"},
		{"DB at the end", hu[0] + "\xDB", "ok noise"},
		{"DB before /", hu[0] + "\xDB\x08\xDB" + hu[1], "ok noise ok"},
		{"text without CRC", sealedBy(t, "ABC12345", texts[0][:len(texts[0])-6]+"\r\n", 1, 0x30), "verified:unchecked"},
		{"text with a wrong CRC", sealedBy(t, "ABC12345", texts[0][:len(texts[0])-6]+"0000\r\n", 1, 0x30), "verified:bad"},
		{"no telegram in it", sealedBy(t, "ABC12345", "something else", 1, 0x30), "verified:bad"},
		{"no tag", sealedBy(t, "ABC12345", texts[0], 1, 0x20), "failed:bad"},
	}
}

func TestEncryptedSymptoms(t *testing.T) {
	for _, x := range encryptedStreams(t) {
		t.Run(x.name, func(t *testing.T) {
			got, _, _ := frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(x.stream), record.MaxData)
			if s := got.ciphers(); s != x.want {
				t.Errorf("got  %s\nwant %s", s, x.want)
			}
			if string(got.received(t)) != x.stream {
				t.Error("the records joined are not the stream")
			}
			for _, x := range got.telegrams() {
				checkSealed(t, x)
			}
		})
	}
}

// checkSealed checks what holds for every record of a frame without text: p1fix tells
// it by received and why.
func checkSealed(t *testing.T, x *record.Telegram) {
	t.Helper()
	why := map[string]string{"no key": "encrypted: no key", "truncated": "truncated frame"}[x.Cipher]
	switch x.Cipher {
	case "no key", "truncated", "failed":
		if x.Status != record.Bad || x.CRC != record.CRCUnknown || x.CRCSent+x.CRCCalc != "" || x.Why == "" ||
			!bytes.Equal(x.Raw, x.ReceivedRaw) || why != "" && x.Why != why {
			t.Errorf("%s: %s %s %q", x.Cipher, x.Status, x.CRC, x.Why)
		}
	}
}

// Whatever the pieces, and whatever is known of the key, the records are the same.
func TestEncryptedAnyChunking(t *testing.T) {
	var all string
	streams := encryptedStreams(t)
	for _, x := range streams {
		all += x.stream
	}
	dice := rand.New(rand.NewPCG(8, 9))
	for _, o := range []frame.Options{{}, {Keys: demoKeys(t)}, {Keys: wrongKeys(t)}, {Keys: demoKeys(t), AllowUnverified: true}} {
		want, said, _ := frameWith(t, o, []byte(all), record.MaxData)
		if string(want.received(t)) != all {
			t.Fatal("the records joined are not the stream")
		}
		for _, size := range []int{1, 2, 3, 13, 700, 5000, 1 + dice.IntN(3000)} {
			got, also, _ := frameWith(t, o, []byte(all), size)
			if !reflect.DeepEqual(got.records, want.records) || !reflect.DeepEqual(said, also) {
				t.Errorf("pieces of %d bytes give other records: %s", size, got.ciphers())
			}
		}
		for _, x := range streams {
			whole, _, _ := frameWith(t, o, []byte(x.stream), record.MaxData)
			pieces, _, _ := frameWith(t, o, []byte(x.stream), 1)
			if !reflect.DeepEqual(whole.records, pieces.records) {
				t.Errorf("%s: bytes one by one give %s, not %s", x.name, pieces.ciphers(), whole.ciphers())
			}
		}
	}
}

// Stray bytes that look like the beginning of a frame damage the telegram that they
// are in, and no other one.
func TestStrayHeads(t *testing.T) {
	dice := rand.New(rand.NewPCG(10, 11))
	tel := sent(t, "meter=nl", 40)
	for round := range 20 {
		var stream []byte
		var want []string
		for i, text := range tel {
			b := []byte(text)
			if i%2 == 1 {
				for range 1 + dice.IntN(6) {
					at := 20 + dice.IntN(len(b)-60)
					stray := []string{"\xDB\x08ABC12345\x8201200", "\xDB\x08ABC1234500"}[dice.IntN(2)] // lengths in digits
					copy(b[at:], stray[:1+dice.IntN(len(stray))])
				}
			}
			stream = append(stream, b...)
			want = append(want, []string{"ok", "bad"}[i%2])
		}
		got := frameBytes(t, stream)
		if s := got.ciphers(); s != strings.Join(want, " ") {
			t.Fatalf("round %d: %s", round, s)
		}
	}
}

// Random noise in a stream of frames: nothing is lost, the cut does not matter, and a
// frame that was not touched is read, unless one before it was.
func TestEncryptedNoise(t *testing.T) {
	dice := rand.New(rand.NewPCG(12, 13))
	frames, texts := transmissions(t, "meter=lu", 30)
	o := frame.Options{Keys: demoKeys(t)}
	for round := range 30 {
		var stream []byte
		want := map[string]bool{}
		for i, text := range frames {
			b := []byte(text)
			switch dice.IntN(4) {
			case 0:
				b[dice.IntN(len(b))] ^= 1 << dice.IntN(8)
			case 1:
				at := dice.IntN(len(b))
				b = append(b[:at], b[min(at+1+dice.IntN(20), len(b)):]...)
			case 2:
				b = append(b, randomBytes(dice.IntN(200))...)
				fallthrough
			default:
				want[texts[i]] = true
			}
			stream = append(stream, b...)
		}
		got, _, _ := frameWith(t, o, stream, record.MaxData)
		pieces, _, _ := frameWith(t, o, stream, 1+dice.IntN(100))
		if !bytes.Equal(got.received(t), stream) || !reflect.DeepEqual(got.records, pieces.records) {
			t.Fatalf("round %d: lost bytes, or other records in pieces", round)
		}
		for _, x := range got.telegrams() {
			checkSealed(t, x)
			if x.Status == record.OK && !want[string(x.Raw)] {
				t.Fatalf("round %d: read what was damaged", round)
			}
			delete(want, string(x.Raw))
		}
		if len(want) > 0 {
			t.Errorf("round %d: %d undamaged frames are not read: %s", round, len(want), got.ciphers())
		}
	}
}

// A text whose tag does not verify is taken only where that is allowed, and says so.
func TestUnverified(t *testing.T) {
	frames, texts := transmissions(t, "meter=lu&tag=wrong", 5)
	frames[2] = hit(frames[2], 300)
	stream := []byte(strings.Join(frames, ""))
	got, said, err := frameWith(t, frame.Options{Keys: demoKeys(t)}, stream, record.MaxData)
	if s := got.ciphers(); err != nil || s != strings.TrimSpace(strings.Repeat("failed:bad ", 5)) {
		t.Errorf("not allowed: %s, %v", s, err)
	}
	if len(said) != 1 || !strings.Contains(said[0], "--allow-unverified") || !strings.HasPrefix(said[0], "test: the tag does not verify") {
		t.Errorf("said %q", said)
	}
	for _, x := range got.telegrams() {
		if x.Why != "tag not verified" {
			t.Errorf("why %q", x.Why)
		}
	}

	o := frame.Options{Keys: demoKeys(t), AllowUnverified: true}
	got, said, err = frameWith(t, o, stream, record.MaxData)
	want := "unverified:ok unverified:ok unverified:bad unverified:ok unverified:ok"
	if s := got.ciphers(); err != nil || s != want || len(said) > 0 {
		t.Errorf("allowed: %s, said %q, %v", s, said, err)
	}
	for i, x := range got.telegrams() {
		if string(x.ReceivedRaw) != frames[i] || (string(x.Raw) == texts[i]) != (i != 2) {
			t.Errorf("telegram %d is not the text", i+1)
		}
	}
	broken := hit(frames[1], 14) // the counter: nothing that can be read
	got, _, _ = frameWith(t, o, []byte(frames[0]+broken), record.MaxData)
	if x := got.telegrams()[1]; x.Cipher != "failed" || x.Why != "wrong key or damaged frame" || string(x.Raw) != broken {
		t.Errorf("a damaged counter: %s %q", x.Cipher, x.Why)
	}
}

// Without a tag the text is taken where that is allowed too.
func TestNoTag(t *testing.T) {
	_, texts := transmissions(t, "meter=lu", 4)
	var stream string
	for i, text := range texts {
		stream += sealedBy(t, "ABC12345", text, uint32(i), 0x20)
	}
	got, said, err := frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(stream), record.MaxData)
	if err != nil || got.telegrams()[0].Why != "no tag" || len(said) != 1 || !strings.Contains(said[0], "carry no tag") {
		t.Errorf("%s, said %q, %v", got.ciphers(), said, err)
	}
	got, said, err = frameWith(t, frame.Options{Keys: demoKeys(t), AllowUnverified: true}, []byte(stream), record.MaxData)
	if s := got.ciphers(); err != nil || len(said) > 0 || s != "unverified:ok unverified:ok unverified:ok unverified:ok" {
		t.Errorf("%s, said %q, %v", s, said, err)
	}
}

// Without a key, and with one that fits nothing, that is said once.
func TestKeyWords(t *testing.T) {
	frames, _ := transmissions(t, "meter=lu", 8)
	all := []byte(strings.Join(frames, ""))
	got, said, err := frameWith(t, frame.Options{}, all, 100)
	if err != nil || len(said) != 1 || said[0] != "test: these telegrams are encrypted: give the key of the meter with --key-file (from the grid operator)" {
		t.Errorf("no key: said %q, %v", said, err)
	}
	for _, x := range got.telegrams() {
		checkSealed(t, x)
	}

	var wrong *frame.KeyError
	o := frame.Options{Keys: wrongKeys(t)}
	got, said, err = frameWith(t, o, all, 100)
	if !errors.As(err, &wrong) || !wrong.Said || wrong.Frames != 8 || len(said) != 1 || !strings.Contains(said[0], "the key opens none of the first 3") {
		t.Errorf("wrong key: said %q, %v", said, err)
	}
	if len(got.telegrams()) != 8 || string(got.received(t)) != string(all) {
		t.Error("the records are not written")
	}
	_, said, err = frameWith(t, o, []byte(frames[0]), 100)
	if !errors.As(err, &wrong) || wrong.Said || wrong.Hint() == "" || len(said) != 0 {
		t.Errorf("wrong key, one frame: said %q, %v", said, err)
	}
	// A few damaged frames among good ones are no wrong key, nor is no frame at all.
	if _, said, err = frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(hit(frames[0], 300)+frames[1]), 100); err != nil || len(said) > 0 {
		t.Errorf("damaged: said %q, %v", said, err)
	}
	plain := strings.Join(sent(t, "meter=hu", 2), "")
	if _, said, err = frameWith(t, o, []byte(plain+frames[0][:300]), 100); err != nil || len(said) > 0 {
		t.Errorf("not encrypted: said %q, %v", said, err)
	}
}

// Of several sources each is told of, and the key has to fit one of them.
func TestKeyWordsOfSeveralSources(t *testing.T) {
	ours, _ := transmissions(t, "meter=lu", 1)
	theirs := strings.Replace(ours[0], "SAG", "GAS", 1)
	for _, x := range []struct {
		streams []string
		said    int
		fails   bool
	}{
		{[]string{ours[0], theirs}, 1, false},
		{[]string{theirs, ours[0]}, 1, false},
		{[]string{theirs, theirs}, 1, true}, // the second one is told by the error
		{[]string{theirs, "noise"}, 1, true},
	} {
		var said []string
		f := frame.New(&collector{}, frame.Options{Keys: demoKeys(t), Say: func(text string) { said = append(said, text) }})
		for i, text := range x.streams {
			must(t, f.Take(&record.Chunk{Origin: record.Origin{Source: fmt.Sprint(i)}, Data: []byte(text)}))
		}
		if err := f.Close(); (err != nil) != x.fails || len(said) != x.said {
			t.Errorf("%.3q: said %q, %v", x.streams, said, err)
		}
	}
}

// Live, a frame is out with its last byte, and one without its end after a silence;
// the arrival time of its first byte stands beside it.
func TestEncryptedLive(t *testing.T) {
	frames, _ := transmissions(t, "meter=lu", 2)
	const t0, t1 = "2026-03-01T00:00:00Z", "2026-03-01T00:00:10Z"
	c := &collector{}
	f := frame.New(c, frame.Options{Keys: demoKeys(t)})
	offset := 0
	take := func(at, text string) {
		t.Helper()
		must(t, f.Take(&record.Chunk{
			Origin: record.Origin{Source: "tty", Session: "s", Offset: int64(offset)},
			Live:   true, Time: at, End: record.EndPause, Data: []byte(text),
		}))
		offset += len(text)
	}
	take(t0, frames[0][:len(frames[0])-1])
	if len(c.records) > 0 || f.Wait() != frame.Silence {
		t.Fatalf("out too early: %s, wait %v", c.ciphers(), f.Wait())
	}
	take("2026-03-01T00:00:00.3Z", frames[0][len(frames[0])-1:])
	if x := c.telegrams(); len(x) != 1 || x[0].Status != record.OK || x[0].Time != t0 || !x[0].Live || f.Wait() != 0 {
		t.Fatalf("not out with its last byte: %s", c.ciphers())
	}
	take(t1, frames[1][:700])
	must(t, f.Expire())
	if x := c.telegrams(); len(x) != 2 || x[1].Cipher != "truncated" || x[1].Time != t1 || f.Wait() != 0 {
		t.Fatalf("not out when the line stayed silent: %s", c.ciphers())
	}
	take(t1, frames[1])
	if s := c.ciphers(); s != "verified:ok truncated:bad verified:ok" {
		t.Errorf("got %s", s)
	}
}

// A meter of the old kind, with parity bits, may be followed by one that encrypts.
func TestFrameBehindParity(t *testing.T) {
	frames, _ := transmissions(t, "meter=lu", 3)
	old := withParity(strings.Join(sent(t, "meter=nl", 3), ""))
	stream := old + strings.Join(frames, "") + old
	got, _, _ := frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(stream), record.MaxData)
	if s := got.ciphers(); s != "ok ok ok verified:ok verified:ok verified:ok ok ok ok" {
		t.Error(s)
	}
	if string(got.received(t)) != stream {
		t.Error("the records joined are not the stream")
	}
}

// Counters that go back or come again, and a key that opens nothing any more, are said once each;
// every byte is in a record all the same.
func TestCounterWords(t *testing.T) {
	frames, _ := transmissions(t, "meter=lu", 12)
	other, _ := transmissions(t, "meter=lu&seed=2", 4)
	for _, x := range []struct {
		log, says string
	}{
		{strings.Join(frames, ""), ""},
		{frames[0] + frames[2] + frames[7], ""},
		{frames[0] + frames[1] + other[0] + frames[2] + other[1], ""}, // two meters
		{frames[0] + frames[1] + frames[1] + frames[2] + frames[2], "comes again"},
		{frames[0] + frames[5] + frames[1] + frames[2] + frames[1], "goes back from"},
		{strings.Join(frames[:4], "") + rekeyed(t, frames[4:]), "none of the last 6"},
		{strings.Join(frames[8:], "") + rekeyed(t, frames[:8]), "none of the last 6"},                           // and its counter begins anew
		{frames[0] + hit(frames[1], 200) + hit(frames[2], 300) + hit(frames[3], 400) + hit(frames[4], 100), ""}, // damaged
	} {
		got, said, err := frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(x.log), 100)
		must(t, err)
		if x.says == "" && len(said) > 0 || x.says != "" && (len(said) != 1 || !strings.Contains(said[0], x.says)) {
			t.Errorf("said %q, want %q", said, x.says)
		}
		if string(got.received(t)) != x.log {
			t.Error("bytes are lost")
		}
	}
}

// rekeyed are frames as another key makes them: of the ciphertext nothing is left.
func rekeyed(t *testing.T, frames []string) (all string) {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	for _, f := range frames {
		b := []byte(f)
		for i := 18; i < len(b); i++ {
			b[i] ^= byte(dice.UintN(256))
		}
		all += string(b)
	}
	return all
}

// mbus puts a frame into M-Bus frames (EN 13757-2, -3), and hdlc into one of HDLC; of that, what
// stands around the frame is enough.
func mbus(frame string) (wire string) {
	for k := 0; frame != ""; k++ {
		piece := frame[:min(245, len(frame))]
		frame = frame[len(piece):]
		user := "\x53\xFF" + string(rune(k)) + "\x01\x67" + piece
		if frame == "" {
			user = "\x53\xFF" + string(rune(k|0x10)) + "\x01\x67" + piece
		}
		sum := byte(0)
		for i := range len(user) {
			sum += user[i]
		}
		n := string([]byte{byte(len(user))})
		wire += "\x68" + n + n + "\x68" + user + string([]byte{sum, 0x16})
	}
	return wire
}

func hdlc(frame string) string {
	n := len(frame) + 14
	return string([]byte{0x7E, 0xA8 | byte(n>>8), byte(n)}) + "\xCE\xFF\x03\x13\xEE\xE1\xE6\xE7\x00" + frame + "\x9A\x4C\x7E"
}

// Frames in M-Bus or HDLC frames are read, in whatever chunks they come, and every byte is kept.
func TestWrappedFrames(t *testing.T) {
	for _, meter := range []string{"at", "lu"} {
		frames, texts := transmissions(t, "meter="+meter, 6)
		for name, wrap := range map[string]func(string) string{"M-Bus": mbus, "HDLC": hdlc} {
			wire := ""
			for _, f := range frames {
				wire += wrap(f)
			}
			for _, size := range []int{1, 100, len(wire)} {
				got, _, err := frameWith(t, frame.Options{Keys: demoKeys(t)}, []byte(wire), size)
				must(t, err)
				list := got.telegrams()
				if len(list) != len(texts) || string(got.received(t)) != wire {
					t.Fatalf("%s in %s, chunks of %d: %d telegrams of %d", meter, name, size, len(list), len(texts))
				}
				for i, x := range list {
					if x.Status != record.OK || x.Cipher != "verified" || string(x.Raw) != texts[i] {
						t.Errorf("%s in %s: telegram %d is %s, %s", meter, name, i+1, x.Status, x.Cipher)
					}
				}
			}
		}
	}
}
