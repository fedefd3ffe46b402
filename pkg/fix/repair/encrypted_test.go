package repair_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"

	"p1/pkg/dlms"
	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

func demoKeys(t testing.TB) *dlms.Keys {
	t.Helper()
	key, err := hex.DecodeString(sim.DemoKey)
	if err != nil {
		t.Fatal(err)
	}
	k, err := dlms.NewKeys(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sealedStream is what a meter that encrypts sends.
func sealedStream(t testing.TB, query string) (frames, texts [][]byte) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		frames, texts = append(frames, bytes.Clone(x.Sent)), append(texts, bytes.Clone(x.Plain))
	}
	return frames, texts
}

// list keeps what is written.
type sealedList []record.Record

func (l *sealedList) Write(r record.Record) error { *l = append(*l, record.Keep(r)); return nil }
func (l *sealedList) Flush() error                { return nil }

// opened sends bytes through framing and repair with the demo's key.
func opened(t testing.TB, log []byte, o frame.Options, lookahead int, live bool) sealedList {
	t.Helper()
	var framed, fixed sealedList
	o.Keys = demoKeys(t)
	f := frame.New(&framed, o)
	for at := 0; at < len(log); at += record.MaxData {
		c := &record.Chunk{Origin: record.Origin{Source: "log", Offset: int64(at)}, Live: live, Data: log[at:min(at+record.MaxData, len(log))]}
		if err := f.Take(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Log(err) // the key opens none of them
	}
	x := repair.New(&fixed, repair.Options{MinConfidence: 0.999, Keys: o.Keys, Lookahead: lookahead})
	for _, r := range framed {
		if err := x.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return fixed
}

// checkSealed checks that every byte is in a record, that telegrams are counted, and that what
// can be used is what the meter sent; it returns how many can.
func checkSealed(t testing.TB, list sealedList, log []byte, texts [][]byte) (usable int) {
	t.Helper()
	var all []byte
	seq := int64(0)
	for _, r := range list {
		if at := r.Where().Offset; at != int64(len(all)) {
			t.Fatalf("a record at %d, and the one before it ends at %d", at, len(all))
		}
		data, err := record.Received(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
		x, ok := r.(*record.Telegram)
		if !ok {
			continue
		}
		if seq++; x.Seq != seq {
			t.Fatalf("telegram %d has number %d", seq, x.Seq)
		}
		if !x.Status.Valid() {
			continue
		}
		usable++
		if !slices.ContainsFunc(texts, func(text []byte) bool { return bytes.Equal(text, x.Raw) }) {
			t.Errorf("telegram %d is %s (%s), and nothing that was sent", seq, x.Status, x.Cipher)
		}
	}
	if !bytes.Equal(all, log) {
		t.Fatal("bytes are lost")
	}
	return usable
}

// Whatever becomes of the bytes of frames, they are all in records, and nothing is made of them
// that was not sent.
func TestSealedHits(t *testing.T) {
	frames, texts := sealedStream(t, "meter=at&telegrams=9")
	dice := rand.New(rand.NewPCG(19, 1))
	usable, of := 0, 0
	for round := range 60 {
		var log []byte
		for i, f := range frames {
			f = bytes.Clone(f)
			if i > 0 {
				f = hitFrame(f, dice)
			}
			log = append(log, f...)
		}
		lookahead, live := 0, round%3 == 0
		if round%3 == 1 {
			lookahead = repair.NoLookahead
		}
		n := checkSealed(t, opened(t, log, frame.Options{}, lookahead, live), log, texts)
		usable, of = usable+n, of+len(frames)
	}
	if share := float64(usable) / float64(of); share < 0.8 {
		t.Errorf("%d of %d telegrams can be used", usable, of)
	}
}

// hitFrame does to a frame what lines and programs do.
func hitFrame(f []byte, dice *rand.Rand) []byte {
	at := dice.IntN(len(f))
	if dice.IntN(2) == 0 {
		at = dice.IntN(20) // of its head
	}
	n := 1 + dice.IntN(4)
	switch dice.IntN(6) {
	case 0:
		return f
	case 1:
		return slices.Delete(f, at, min(at+n, len(f)))
	case 2:
		return slices.Insert(f, at, make([]byte, n)...)
	case 3:
		for i := at; i < min(at+3*n, len(f)); i++ {
			f[i] = byte(dice.UintN(256))
		}
		return f
	}
	for range n {
		f[dice.IntN(len(f))] ^= 1 << dice.IntN(8)
	}
	return f
}

// seal is a frame around a text by the stdlib's GCM, with the key and the authentication key of the
// demo's meters.
func seal(t testing.TB, title []byte, counter uint32, text []byte) []byte {
	t.Helper()
	key, _ := hex.DecodeString(sim.DemoKey)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCMWithTagSize(block, 12)
	if err != nil {
		t.Fatal(err)
	}
	frame := append([]byte{0xDB, 8}, title...)
	frame = binary.BigEndian.AppendUint16(append(frame, 0x82), uint16(5+len(text)+12))
	frame = binary.BigEndian.AppendUint32(append(frame, 0x30), counter)
	nonce := binary.BigEndian.AppendUint32(bytes.Clone(title), counter)
	also, _ := hex.DecodeString("3000112233445566778899AABBCCDDEEFF")
	return gcm.Seal(frame, nonce, text, also)
}

// Where a counter steps, or begins anew, frames are opened whose counter cannot be read, and whose
// text is damaged as well; of frames that come again nothing is lost and nothing invented.
func TestSealedCounters(t *testing.T) {
	frames, texts := sealedStream(t, "meter=at&telegrams=30")
	title := frames[0][2:10]
	for _, x := range []struct {
		name  string
		count func(i int) uint32
	}{
		{"steps", func(i int) uint32 { return 1000 + 7*uint32(i) }},
		{"leaps", func(i int) uint32 { return 1000 + 450*uint32(i) }},
		{"anew", func(i int) uint32 { return uint32(90000+i) - uint32(i/12)*89990 }},
		{"over", func(i int) uint32 { return uint32(i) - 12 }},
	} {
		var log []byte
		for i, text := range texts {
			f := seal(t, title, x.count(i), text)
			if i%3 == 2 {
				for k := 14; k < 18; k++ {
					f[k] ^= 0x5A
				}
				f[100+i] ^= 0x10
			}
			log = append(log, f...)
		}
		if n := checkSealed(t, opened(t, log, frame.Options{}, 0, false), log, texts); n != len(texts) {
			t.Errorf("%s: %d of %d can be used", x.name, n, len(texts))
		}
	}
	again := bytes.Join(append(frames[:20:20], frames[5:15]...), nil)
	if n := checkSealed(t, opened(t, again, frame.Options{}, 0, false), again, texts); n != 30 {
		t.Errorf("frames that come again: %d of 30 can be used", n)
	}
}

// Of a meter whose tags never verify the CRC decides, if that was allowed; else nothing is repaired.
func TestSealedUnverified(t *testing.T) {
	frames, texts := sealedStream(t, "meter=lu&telegrams=12&tag=wrong")
	var log []byte
	for i, f := range frames {
		if i%3 == 1 {
			f[200+i] ^= 0x04
		}
		log = append(log, f...)
	}
	for allow, want := range map[bool]int{true: 12, false: 0} {
		list := opened(t, log, frame.Options{AllowUnverified: allow}, 0, false)
		if n := checkSealed(t, list, log, texts); n != want {
			t.Errorf("allowed %v: %d of 12 can be used, want %d", allow, n, want)
		}
		for _, r := range list {
			if x, ok := r.(*record.Telegram); ok && x.Cipher == "verified" {
				t.Errorf("telegram %d is said to be verified", x.Seq)
			}
		}
	}
}

// inMBus puts a frame into M-Bus frames (EN 13757-2, -3).
func inMBus(frame []byte) (wire []byte) {
	for k := 0; len(frame) > 0; k++ {
		piece := frame[:min(245, len(frame))]
		frame = frame[len(piece):]
		user := append([]byte{0x53, 0xFF, byte(k), 0x01, 0x67}, piece...)
		sum := byte(0)
		for _, b := range user {
			sum += b
		}
		wire = append(append(append(wire, 0x68, byte(len(user)), byte(len(user)), 0x68), user...), sum, 0x16)
	}
	return wire
}

// What stands between the pieces of a frame is in nobody's way, damaged or not.
func TestSealedWrapped(t *testing.T) {
	frames, texts := sealedStream(t, "meter=lu&telegrams=40")
	dice := rand.New(rand.NewPCG(5, 1))
	var log []byte
	for i, f := range frames {
		wire := inMBus(f)
		if i%2 == 1 {
			for range 3 {
				wire[dice.IntN(len(wire))] ^= 1 << dice.IntN(8)
			}
		}
		log = append(log, wire...)
	}
	if n := checkSealed(t, opened(t, log, frame.Options{}, 0, false), log, texts); n < len(texts)-1 {
		t.Errorf("%d of %d can be used", n, len(texts))
	}
}

// FuzzSealed: whatever stands between two frames of a meter, no byte of it is lost, and nothing
// but what the meter sent is made of it.
func FuzzSealed(f *testing.F) {
	frames, texts := sealedStream(f, "meter=at&telegrams=3")
	for n := 0; n < len(frames[1]); n += 40 {
		f.Add(frames[1][:n])
		f.Add(frames[1][n:])
		hit := bytes.Clone(frames[1])
		hit[n] ^= 0x10
		f.Add(hit)
	}
	f.Fuzz(func(t *testing.T, between []byte) {
		if len(between) > 4096 {
			return
		}
		log := slices.Concat(frames[0], between, frames[2])
		checkSealed(t, opened(t, log, frame.Options{}, 0, false), log, texts)
	})
}
