package pseudonym

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// kept keeps the records that it gets.
type kept struct{ all []record.Record }

func (k *kept) Write(r record.Record) error { k.all = append(k.all, r); return nil }
func (k *kept) Flush() error                { return nil }

// sent is a telegram of one meter.
func sent(reading int) []byte {
	text := fmt.Sprintf("/TST57776772044\r\n\r\n0-0:1.0.0(260301%06dW)\r\n0-0:42.0.0(AUX1047776772044)\r\n"+
		"0-0:96.1.0(7776772044)\r\n1-0:1.8.0(%010.3f*kWh)\r\n0-1:96.1.0(4730303737353033303632)\r\n!", reading, float64(reading)/1000)
	return fmt.Appendf(nil, "%s%04X\r\n", text, crc.ARC.Sum([]byte(text)))
}

// secretOf are what must not be left of it.
var secretOf = secrets{"777677": true, "776772": true, "767720": true, "677204": true, "772044": true, "775030": true, "373735303330": true}

func ok(offset int64, raw []byte) *record.Telegram {
	at := bytes.LastIndexByte(raw, '!')
	return &record.Telegram{
		Origin: record.Origin{Source: "p1.log", Offset: offset}, Status: record.OK, CRC: record.CRCARC,
		CRCSent: string(raw[at+1 : at+5]), CRCCalc: string(raw[at+1 : at+5]), Raw: raw,
	}
}

func bad(offset int64, raw []byte) *record.Telegram {
	return &record.Telegram{Origin: record.Origin{Source: "p1.log", Offset: offset}, Status: record.Bad, CRC: record.CRCARC, Raw: raw}
}

// given returns what a Writer makes of records.
func given(t testing.TB, records ...record.Record) []record.Record {
	t.Helper()
	out := &kept{}
	w := New(out, Options{})
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(out.all) != len(records) {
		t.Fatalf("%d records become %d", len(records), len(out.all))
	}
	return out.all
}

// A valid telegram does not wait; a damaged one waits until its names are known.
func TestWaiting(t *testing.T) {
	out := &kept{}
	w := New(out, Options{})
	write := func(r record.Record, want int) {
		t.Helper()
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
		if len(out.all) != want {
			t.Errorf("%d records are handed on, want %d", len(out.all), want)
		}
	}
	write(&record.Noise{Origin: record.Origin{Source: "a"}, Data: []byte("log\r\n")}, 0)
	damaged := bad(5, sent(1)[3:])
	damaged.Source = "a"
	write(damaged, 0)
	whole := ok(200, sent(2))
	whole.Source = "a"
	write(whole, 3)
	write(damaged, 4)
	write(&record.Gap{Origin: record.Origin{Source: "b"}}, 4)
	for i := range maxHeld - 2 {
		damaged := bad(int64(i), sent(i)[3:])
		damaged.Source = "b"
		write(damaged, 4)
	}
	damaged = bad(1000, sent(3)[3:])
	damaged.Source = "b"
	write(damaged, 4+maxHeld)
	write(&record.Other{Type: "x", Line: []byte("{}")}, 5+maxHeld)
	write(&record.Gap{Origin: record.Origin{Source: "c"}}, 5+maxHeld)
	if err := w.Close(); err != nil || len(out.all) != 6+maxHeld {
		t.Errorf("%d records in all, %v", len(out.all), err)
	}
	for _, r := range out.all {
		if data, err := record.Received(r); err != nil || secretOf.in(data) {
			t.Errorf("%v, %q", err, data)
		}
	}
}

// What is damaged anywhere becomes pseudonyms that are damaged there.
func TestEveryByteDamaged(t *testing.T) {
	clean := sent(7)
	want := given(t, ok(0, clean))[0].(*record.Telegram).Raw
	damages := []string{"", "~", "~~~", " ", "0"}
	for at := range clean {
		for _, change := range longtest.Pick([]string{"", "~"}, damages, damages) {
			for _, n := range []int{0, 1, 4} {
				from, to := at, min(at+n, len(clean))
				if n == 0 && change == "" {
					continue
				}
				damaged := append(append(bytes.Clone(clean[:from]), change...), clean[to:]...)
				got := given(t, ok(0, clean), bad(300, damaged))[1].(*record.Telegram).Raw
				// What was put in is damaged in its own way, if it is a digit's: the
				// rest is that of the pseudonyms.
				if len(got) != len(damaged) {
					t.Fatalf("%q becomes %q", damaged, got)
				}
				if secretOf.in(got) {
					t.Fatalf("%q leaves %q", damaged, got)
				}
				if bytes.Contains(got, []byte("???")) {
					t.Fatalf("%q is overwritten: %q", damaged, got)
				}
				head, tail := longestEnds(got, want)
				if head+tail < len(clean)-n-12 {
					t.Fatalf("%q becomes\n%q, not like\n%q", damaged, got, want)
				}
			}
		}
	}
}

// longestEnds returns how much two texts have in common at both ends.
func longestEnds(a, b []byte) (head, tail int) {
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}

// Edits lead from what would have been received to the new raw.
func TestEdits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	raw := sent(9)
	for range longtest.Pick(500, 2000, 2000) {
		r := ok(0, raw)
		r.Status = []record.Status{record.Repaired, record.Salvaged}[rng.IntN(2)]
		for at := rng.IntN(40); at < len(raw)-5; at += rng.IntN(60) {
			e := record.Edit{At: at, Now: bytes.Clone(raw[at : at+rng.IntN(4)]), Got: record.Bytes{}}
			for range rng.IntN(4) {
				e.Got = append(e.Got, byte(rng.Uint32()))
			}
			if r.Edits = append(r.Edits, e); len(e.Now) > 0 {
				at += len(e.Now)
			}
		}
		g := given(t, ok(0, raw), r)[1].(*record.Telegram)
		before, err := r.Received()
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Received()
		if err != nil || len(got) != len(before) || len(g.Edits) != len(r.Edits) {
			t.Fatalf("%v: %d bytes received become %d", err, len(before), len(got))
		}
		if back, err := record.Apply(got, g.Edits); err != nil || !bytes.Equal(back, g.Raw) {
			t.Fatalf("%v: the edits lead to %q, not %q", err, back, g.Raw)
		}
		if secretOf.in(g.Raw) {
			t.Fatalf("%q", g.Raw)
		}
	}
}

// Parity bits are right where they were right.
func TestParity(t *testing.T) {
	raw := sent(11)
	wire := bytes.Clone(raw)
	for i := range wire {
		wire[i] |= byte(bits.OnesCount8(wire[i])&1) << 7
	}
	wrong := bytes.Index(raw, []byte("7776772044)"))
	wire[wrong] ^= 0x80
	r := ok(0, raw)
	r.ReceivedRaw = wire
	g := given(t, r)[0].(*record.Telegram)
	for i, b := range g.ReceivedRaw {
		if b&0x7F != g.Raw[i] || (bits.OnesCount8(b)&1 == 1) != (i == wrong) {
			t.Errorf("byte %d is %#x of %q", i, b, g.Raw[i])
		}
	}
	if g.Raw[wrong] == raw[wrong] {
		t.Errorf("byte %d is in no identifier", wrong)
	}
}

// Of what came encrypted the text is shared, or the frame without the meter's number.
func TestEncrypted(t *testing.T) {
	frame := []byte("\xDB\x08SAGgp\x05\x8D\x1C\x82\x04\x1B0\x00\x00\xA3\xF1")
	frame = append(frame, bytes.Repeat([]byte{0xA5}, 500)...)
	open := ok(0, sent(12))
	open.ReceivedRaw = frame
	open.Cipher = "verified"
	sealed := bad(int64(len(frame)), frame)
	sealed.ReceivedRaw, sealed.Cipher = frame, "no key"
	noise := &record.Noise{Origin: record.Origin{Source: "p1.log", Offset: 2 * int64(len(frame))}, Data: bytes.Clone(frame[:30])}
	at := int64(0)
	for i, r := range given(t, open, sealed, noise) {
		data, err := record.Received(r)
		if err != nil || r.Where().Offset != at {
			t.Errorf("record %d at %d, want %d; %v", i, r.Where().Offset, at, err)
		}
		at += int64(len(data))
		if secretOf.in(data) || bytes.Contains(data, []byte("gp\x05\x8D\x1C")) {
			t.Errorf("record %d holds %q", i, data)
		}
		if i == 1 && (len(data) != len(frame) || !bytes.HasPrefix(data, []byte("\xDB\x08SAG\x00\x00\x00\x00\x00\x82"))) {
			t.Errorf("the frame is %q", data)
		}
	}
}

// Words are said once, and only where nothing was found.
func TestWords(t *testing.T) {
	var said []string
	w := New(&kept{}, Options{Say: func(text string) { said = append(said, text) }})
	for i := range 3 {
		if err := w.Write(&record.Noise{Origin: record.Origin{Source: "a", Offset: int64(i)}, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(ok(0, sent(1))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil || len(said) != 1 || !strings.HasPrefix(said[0], "a: no telegram") {
		t.Errorf("%q, %v", said, err)
	}
}

// Whatever is received, it keeps its length, and stays as it is when it is shared
// once more.
func FuzzDamaged(f *testing.F) {
	clean := sent(5)
	for i := range clean {
		f.Add(clean[:i])
		flipped := bytes.Clone(clean)
		flipped[i] ^= 1 << (i % 8)
		f.Add(flipped)
	}
	f.Add(append(bytes.Clone(clean[:80]), clean...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4096 {
			return
		}
		noise := &record.Noise{Origin: record.Origin{Source: "p1.log"}, Data: raw}
		records := []record.Record{ok(0, clean), bad(0, raw), noise}
		once := given(t, records...)
		for i, r := range once {
			before, _ := record.Received(records[i])
			data, err := record.Received(r)
			if err != nil || len(data) != len(before) {
				t.Fatalf("%v: %d bytes become %d", err, len(before), len(data))
			}
		}
		given(t, records[1:]...) // with nothing known
		for i, r := range given(t, once...) {
			first, _ := record.Received(once[i])
			if again, _ := record.Received(r); !bytes.Equal(again, first) {
				t.Errorf("record %d of\n%q becomes\n%q, and then\n%q", i, raw, first, again)
			}
		}
	})
}
